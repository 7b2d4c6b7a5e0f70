"""The session's run room: starts, steers and ends the one run that lives in the window, and reads old ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, QTimer, Slot

from lstm_studio.config import RunConfig
from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.gui.i18n import error_text, tr
from lstm_studio.gui.jobs import Progress
from lstm_studio.gui.notify import Notice, hub
from lstm_studio.gui.session_history import History
from lstm_studio.gui.session_types import ActiveRun
from lstm_studio.gui.training_worker import Mailbox, TrainingWorker
from lstm_studio.runs.trackers import Choice
from lstm_studio.training.control import RunControl
from lstm_studio.training.events import EpochEnded, RunFailed, RunFinished, RunStarted, StepEnded, TrainingEvent

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session

TICK = 50
"""Milliseconds between two looks into the mailbox."""


class RunRoom(QObject):
    """Owner of the training thread."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._thread: QThread | None = None
        self._worker: TrainingWorker | None = None
        self._mailbox = Mailbox()
        self._held: list[TrainingEvent] = []
        self._closed = False
        self._timer = QTimer(self)
        self._timer.setInterval(TICK)
        self._timer.timeout.connect(self._tick)

    @property
    def threads(self) -> int:
        """Training threads that live: 0 or 1."""
        return 0 if self._thread is None else 1

    # -- starting -------------------------------------------------------------------------------------------

    def start(
        self,
        config: RunConfig,
        resume: Path | None = None,
        name: str | None = None,
        control: RunControl | None = None,
        listener: Callable[[TrainingEvent], None] | None = None,
    ) -> bool:
        """Start a run, or go on with one. False (and a sentence) while another one lives.

        Args:
            config, resume, name: What to train, or to go on with, and what to call it.
            control: Its own when None.
            listener: Hears all but the end on the training thread.
        """
        session = self._session
        if self._thread is not None:
            words = tr("A run is already training. Pause or stop it before you start another one.")
            session.notice.emit(Notice("warning", words, key="run"))
            return False
        session.jobs.cancel("estimate")
        session.jobs.cancel("find-value")
        self._mailbox, self._held = Mailbox(), []
        control = control or RunControl()
        active = ActiveRun(config, control, path=resume, resumed=resume is not None)
        session.active = active
        thread = QThread(self)
        thread.setObjectName("training")
        settings = session.settings
        trackers = Choice(settings.tensorboard, settings.mlflow, settings.experiment)
        worker = TrainingWorker(config, control, self._mailbox, settings.runs, resume, name, listener, trackers)
        worker.moveToThread(thread)
        thread.started.connect(worker.run)
        worker.folder_ready.connect(self._folder_ready)
        worker.ended.connect(self._ended)
        worker.said.connect(self._tracker_said)
        self._thread, self._worker = thread, worker
        if resume is not None:
            active.history = History()
            session._select(resume)
        else:
            session.selected_run = None
            session.history = active.history
            session.selected_run_changed.emit()
        self._timer.start()
        thread.start()
        session.run_changed.emit()
        return True

    @Slot(object)
    def _folder_ready(self, path: Path) -> None:
        session, active = self._session, self._session.active
        if active is None or self._closed:
            return
        active.path = path
        session.selected_run = path
        session.history = active.history
        session.settings.run = str(path)
        session.save_soon()
        session.selected_run_changed.emit()
        session.run_changed.emit()
        session.runs_changed.emit()

    @Slot(str)
    def _tracker_said(self, words: str) -> None:
        if not self._closed:
            self._session.notice.emit(Notice("warning", tr(words), key="tracker"))

    # -- steering -------------------------------------------------------------------------------------------

    def steer(self, verb: str) -> None:
        """pause, resume, stop or cancel; nothing when no run lives."""
        active = self._session.active
        if active is not None and active.living:
            getattr(active.control, verb)()
            self._say_state()

    @Slot()
    def _tick(self, final: bool = False) -> None:
        session, active = self._session, self._session.active
        if active is None:
            return
        active.tick()
        events = [*self._held, *self._mailbox.take()]
        self._held = []
        if not final and events and isinstance(events[-1], (RunFinished, RunFailed)):
            # The end is told when the thread has ended too, so that whoever hears of it can start another run.
            self._held = [events.pop()]
        for event in events:
            active.history.add(event)
            match event:
                case StepEnded():
                    active.step, active.epoch, active.loss = event.step, event.epoch, event.loss
                case EpochEnded():
                    active.epoch = event.epoch
                case RunStarted():
                    active.started, active.step = event, event.step
                case RunFinished() | RunFailed():
                    active.finished = event
        snapshot = self._mailbox.take_snapshot()
        progress = self._mailbox.take_progress()
        if progress is not None and active.started is None:
            active.preparing = progress
        if events:
            session.events_arrived.emit(events)
        if snapshot is not None:
            active.history.add_snapshot(snapshot)
            session.snapshot_arrived.emit(snapshot)
        self._say_state()
        session.run_ticked.emit()

    def _say_state(self) -> None:
        session, active = self._session, self._session.active
        if active is not None and (state := active.true_state()) != active.state:
            active.state = state
            session.run_changed.emit()

    # -- ending ---------------------------------------------------------------------------------------------

    @Slot()
    def _ended(self) -> None:
        if self._closed:
            return
        active = self._session.active
        self._timer.stop()
        self._drop_thread()
        self._tick(final=True)
        if active is None:
            return
        session = self._session
        if active.path is None or not active.path.is_dir():  # cancelled, or it failed before it began
            active.path = None
            session.selected_run, session.history = None, None
            session.settings.run = None
            session.save_soon()
            session.selected_run_changed.emit()
            session.history_changed.emit()
        elif active.config == session.config and (speed := active.steps_per_second()):
            session._estimate.learn(1 / speed)
        active.state = "ended"
        session.run_changed.emit()
        session.runs_changed.emit()
        if isinstance(active.finished, RunFailed):
            self._say_failure(active, active.finished)

    def _say_failure(self, active: ActiveRun, failure: RunFailed) -> None:
        session = self._session
        if failure.kind == "bug":
            hub().report(failure.report or failure.message)
        elif failure.kind == "memory":
            smaller = failure.suggested_batch_size or max(1, active.config.training.batch_size // 2)

            def again() -> None:
                session.change(**{"training.batch_size": smaller})
                session.start_training()

            action = tr("Try batches of {n}", n=smaller)
            session.notice.emit(Notice("error", tr(failure.message), action, again, key="run"))
        else:
            session.notice.emit(Notice("error", tr(failure.message), key="run"))

    def _drop_thread(self) -> None:
        """The one way in which the training thread goes: quit, wait, drop."""
        thread, worker = self._thread, self._worker
        if thread is None or worker is None:
            return
        thread.quit()
        thread.wait()
        # The worker's thread has no event loop any more that could delete it later: dropping it is what deletes it.
        self._thread = self._worker = None
        del worker
        thread.deleteLater()

    def close(self) -> None:
        """End the run, keeping the best and a checkpoint to resume from, and wait for its thread."""
        active = self._session.active
        if self._thread is None or active is None:
            return
        # Deaf from here on. Disconnecting instead would take Qt's lock while the worker, about to emit, holds Python's.
        self._closed = True
        active.control.stop()
        self._timer.stop()
        self._drop_thread()
        for event in (*self._held, *self._mailbox.take()):
            active.history.add(event)
            if isinstance(event, (RunFinished, RunFailed)):
                active.finished, active.state = event, "ended"

    # -- old runs -------------------------------------------------------------------------------------------

    def read_history(self, path: Path) -> None:
        """Read what a saved run has said; ``history_changed`` follows."""
        session = self._session

        def work(progress: Progress) -> History:
            from lstm_studio.runs.folder import RunFolder

            history = History()
            for event in RunFolder(path).events():
                progress(-1, "")
                history.add(event)
            return history

        def done(history: History) -> None:
            if session.selected_run == path and not session.showing_active:
                session.history = history
                session.history_changed.emit()

        def failed(error: Exception) -> None:
            if isinstance(error, StudioError):
                session.notice.emit(Notice("warning", error_text(error), key="history"))
            elif not isinstance(error, Cancelled):
                hub().fail(error)

        session.jobs.start(work, done=done, failed=failed, channel="history")
