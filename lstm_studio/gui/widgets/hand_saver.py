"""Keeps a set that is written by hand as it is typed: soon after each change, off the window's thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from lstm_studio.data.handmade import HandSet
from lstm_studio.data.handmade_files import HandFiles
from lstm_studio.data.handmade_kinds import HandKind, Row
from lstm_studio.errors import StudioError

if TYPE_CHECKING:
    from lstm_studio.gui.jobs import JobPool

SOON = 300
"""Milliseconds after a change."""


class HandSaver(QObject):
    """One set at a time. What is older than what was kept already is never written."""

    kept = Signal()
    failed = Signal(object)
    """A StudioError: it could not be kept."""

    def __init__(self, files: HandFiles, jobs: JobPool, parent: QObject) -> None:
        super().__init__(parent)
        self.files, self._jobs = files, jobs
        self._content: HandSet | None = None
        self._lock = threading.Lock()
        self._number = self._written = 0
        self._dirty = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SOON)
        self._timer.timeout.connect(self._save)

    @property
    def path(self) -> Path | None:
        """Where the set is kept."""
        return self.files.path(self._content.title) if self._content is not None else None

    @property
    def pending(self) -> bool:
        """Whether something is not kept yet."""
        return self._dirty

    def follow(self, content: HandSet | None) -> None:
        """Keep another set from now on; what is pending of the last one is kept first."""
        self.flush()
        self._content = content

    def soon(self) -> None:
        """The set has changed."""
        if self._content is not None:
            self._dirty = True
            self._timer.start()

    def flush(self) -> None:
        """Keep what is pending at once."""
        self._timer.stop()
        if self._dirty:
            write = self._writing()
            try:
                write()
            except StudioError as error:
                self.failed.emit(error)
            else:
                self.kept.emit()

    def rename(self, title: str) -> str:
        """Call the set otherwise; what it is called then. Raises StudioError where that cannot be."""
        content = self._content
        assert content is not None
        old = self.files.path(content.title)
        self.flush()
        if old.exists():
            content.title = self.files.rename(old, title).stem
        else:
            content.title = self.files.free_title(title)
        return content.title

    def _writing(self) -> Callable[[], Path | None]:
        """What writes the set as it is now."""
        content = self._content
        assert content is not None
        self._dirty = False
        self._number += 1
        number, title, kind = self._number, content.title, content.kind
        rows, classes = list(content.rows), list(content.classes)
        return lambda: self._write(number, title, kind, rows, classes)

    def _write(self, number: int, title: str, kind: HandKind, rows: list[Row], classes: list[str]) -> Path | None:
        with self._lock:
            if number < self._written:
                return None
            self._written = number
            return self.files.save(title, kind, rows, classes)

    def _save(self) -> None:
        if not self._dirty:
            return
        write = self._writing()

        def failed(error: Exception) -> None:
            if not isinstance(error, StudioError):
                raise error
            self._dirty = True  # the next change, or leaving, tries again
            self.failed.emit(error)

        self._jobs.start(lambda progress: write(), done=lambda _: self.kept.emit(), failed=failed)
