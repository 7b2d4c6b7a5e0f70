"""Keeps the history of a run that another process trains up to date, off the window's thread."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.gui.jobs import Progress
from lstm_studio.gui.notify import hub
from lstm_studio.gui.session_history import History

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.runs.watch import Look, RunWatch

_LIVE = ("running", "paused")
EVERY = 1000
"""Milliseconds between two looks."""


class WatchRoom(QObject):
    """Looks at the selected run's folder every second, as long as somebody watches and it is being written.

    Attributes:
        look: What the last look found, its events aside; None where no other process writes the selected run.
    """

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.look: Look | None = None
        self._watching = False
        self._path: Path | None = None
        self._watch: RunWatch | None = None
        self._history = History()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(EVERY)
        self._timer.timeout.connect(self._ask)
        session.selected_run_changed.connect(self._other)
        session.run_changed.connect(self._other)
        self._other()

    def watch(self, on: bool) -> None:
        """Whether somebody is there to see it; else nothing is read."""
        self._watching = on
        if on:
            self._ask()
        else:
            self._timer.stop()

    @Slot()
    def _other(self) -> None:
        path = None if self.session.showing_active else self.session.selected_run
        if path == self._path:
            return
        self._path, self._watch, self._history = path, None, History()
        self._timer.stop()
        self._say(None)
        if self._watching:
            self._ask()

    @Slot()
    def _ask(self) -> None:
        path, watch, history = self._path, self._watch, self._history
        if path is None or not self._watching:
            return

        def work(progress: Progress) -> tuple[RunWatch, Look, History] | None:
            from lstm_studio.runs.store import RunStore
            from lstm_studio.runs.watch import RunWatch

            first = watch is None
            if first and (found := RunStore(path.parent).summary(path)) is not None and found.info.status not in _LIVE:
                return None
            reader = watch or RunWatch(path)
            look = reader.look()
            if not first and not look.again:
                return reader, look, history
            # All of it: taken in here, for it may be long. The window has not seen this history yet.
            whole = History()
            whole.extend(look.events)
            return reader, look, whole

        def done(found: tuple[RunWatch, Look, History] | None) -> None:
            if found is not None and path == self._path and history is self._history:
                self._take(*found)

        self.session.jobs.start(work, done=done, failed=self._failed, channel="watch-run")

    def _take(self, watch: RunWatch, look: Look, history: History) -> None:
        begins = history is not self._history
        if begins and not look.writing and self._watch is None:
            return  # an old run; what it said is read elsewhere, once
        self._watch, self._history = watch, history
        if not begins:
            history.extend(look.events)
        if self.session.history is not history:
            self.session.history = history
            self.session.history_changed.emit()
        elif look.events:
            self.session.events_arrived.emit(list(look.events))
        ended = self.look is not None and self.look.writing and not look.writing
        self._say(look)
        if self._watching and look.info.status != "finished":  # another one may be resumed
            self._timer.start()
        if ended:
            self.session.runs_changed.emit()

    def _failed(self, error: Exception) -> None:
        self._say(None)
        if not isinstance(error, (StudioError, Cancelled)):
            hub().fail(error)

    def _say(self, look: Look | None) -> None:
        if look is not self.look:
            self.look = look
            self.changed.emit()
