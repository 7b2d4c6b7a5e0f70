"""Writing files so that a kill at any moment leaves the old one or the new one, and locks that die with us."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from lstm_studio.errors import StudioError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


def with_ending(path: str | Path, ending: str, what: str) -> Path:
    """The path of a file that has one ending.

    Raises:
        StudioError: it ends in something else; ``what`` says what is expected.
    """
    path = Path(path)
    if path.suffix.lower() != ending or not path.stem:
        raise StudioError(what, where=path, todo=f"Choose a name that ends in {ending}")
    return path


@contextlib.contextmanager
def replacing(path: Path, mode: str = "w", **options: Any) -> Iterator[IO[Any]]:
    """Open a new file beside ``path``; it takes its place when the block ends well, and vanishes otherwise.

    Args:
        path: The file to be; its folder is made.
        mode: "w" for UTF-8 text, "wb" for bytes.
        options: For ``open``, e.g. ``newline``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".part", dir=path.parent)
    if "b" not in mode:
        options = {"encoding": "utf-8", "newline": "\n", **options}
    try:
        with os.fdopen(handle, mode, **options) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _make_readable(Path(name))
        _replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Put UTF-8 text at ``path``, whole or not at all."""
    with replacing(path) as file:
        file.write(text)


@contextlib.contextmanager
def writing_output(path: Path) -> Iterator[None]:
    """Turn the system's refusal to write a person's file into a sentence."""
    try:
        yield
    except OSError as error:
        raise StudioError(
            "The file cannot be written",
            where=path,
            why=error.strerror or str(error),
            todo="Choose another place, or close the program that has it open",
        ) from None


def _make_readable(path: Path) -> None:
    # mkstemp makes files for their owner only; a person's output should follow his umask.
    if sys.platform != "win32":
        path.chmod(0o666 & ~umask())


def umask() -> int:
    """What the system takes from the rights of new files."""
    # There is no way to ask without setting it; the kernel's own table needs no such race.
    try:
        for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("Umask:"):
                return int(line.split()[1], 8)
    except (OSError, ValueError, IndexError):
        pass
    return 0o022


def _replace(name: str, path: Path) -> None:
    # On Windows a virus scanner or an indexer may hold the old file for a moment.
    _patiently(lambda: os.replace(name, path))


def _patiently(function: Callable[[], None], seconds: float = 2.0) -> None:
    end = time.monotonic() + (seconds if sys.platform == "win32" else 0.0)
    while True:
        try:
            return function()
        except PermissionError:
            if time.monotonic() >= end:
                raise
            time.sleep(0.05)


class FolderLock:
    """Held by the process that trains in a folder. The system lets go of it when the process dies, however it dies.

    Args:
        path: The lock file; it stays, empty of meaning, when nobody holds it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[bytes] | None = None

    def acquire(self, seconds: float = 0.5) -> bool:
        """Take it; False when somebody else has it. Waits a little, since a look at it holds it for a moment."""
        end = time.monotonic() + seconds
        while True:
            file = open(self.path, "ab")  # noqa: SIM115 - open as long as the lock is held
            if _lock(file, exclusive=True):
                self._file = file
                return True
            file.close()
            if time.monotonic() >= end:
                return False
            time.sleep(0.02)

    def release(self) -> None:
        """Let go; harmless when it is not held."""
        if self._file is not None:
            _unlock(self._file)
            self._file.close()
            self._file = None

    def held_by_somebody(self) -> bool:
        """Whether any process, this one included, holds it now."""
        if self._file is not None:
            return True
        try:
            with open(self.path, "rb") as file:
                if not _lock(file, exclusive=False):
                    return True
                _unlock(file)
                return False
        except OSError:
            return False


if sys.platform == "win32":

    def _lock(file: IO[bytes], *, exclusive: bool) -> bool:
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(file: IO[bytes]) -> None:
        file.seek(0)
        with contextlib.suppress(OSError):
            msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:

    def _lock(file: IO[bytes], *, exclusive: bool) -> bool:
        try:
            fcntl.flock(file.fileno(), (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True  # a file system without locks: better to train than to refuse
        return True

    def _unlock(file: IO[bytes]) -> None:
        with contextlib.suppress(OSError):
            fcntl.flock(file.fileno(), fcntl.LOCK_UN)
