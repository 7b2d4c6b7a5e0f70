"""Where a sweep keeps its trials: Optuna's journal in a file, or any storage of its; what goes wrong as a sentence."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lstm_studio.errors import StudioError
from lstm_studio.runs.files import FolderLock


def open_storage(address: str) -> Any:
    """An Optuna storage by its URL, or a journal by its path. Raises whatever the storage does."""
    if "://" in address:
        return address
    from optuna.storages.journal import JournalFileBackend, JournalStorage

    lock: Any = _JournalLock(f"{address}.lock")
    return JournalStorage(JournalFileBackend(address, lock_obj=lock))


class _JournalLock:
    """Who writes into a journal. Optuna's own locks outlive a process that is killed, and then cost half a minute."""

    def __init__(self, path: str) -> None:
        self._lock, self._mine = FolderLock(Path(path)), threading.Lock()

    def acquire(self) -> bool:
        """Wait for it.

        Raises:
            OSError: it cannot be had for a minute.
        """
        self._mine.acquire()
        if not self._lock.acquire(60.0):
            self._mine.release()
            raise TimeoutError("another process does not let go of the journal")
        return True

    def release(self) -> None:
        """Let go."""
        self._lock.release()
        self._mine.release()


@contextlib.contextmanager
def told(what: str, where: object) -> Iterator[None]:
    """Turn whatever a storage raises into a sentence."""
    try:
        yield
    except StudioError:
        raise
    except Exception as error:  # noqa: BLE001 - each kind of storage has errors of its own
        why = (str(error).strip() or type(error).__name__).splitlines()[0]
        todo = f"Install {error.name}" if isinstance(error, ImportError) and error.name else "Check its address"
        if isinstance(error, ImportError) and getattr(sys, "frozen", False):  # the bundle brings no SQLAlchemy
            todo = "Name no storage: a journal beside the sweep's file then keeps the trials"
        raise StudioError(what, where=str(where), why=why, todo=todo) from None
