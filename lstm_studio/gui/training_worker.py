"""The one object that trains, on its own thread, and the mailbox through which it talks to the window."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from lstm_studio.config import RunConfig
from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.runs.trackers import Choice, Tracking, chosen
from lstm_studio.training.control import RunControl, RunState
from lstm_studio.training.events import GateSnapshot, RunFailed, RunFinished, TrainingEvent


class Mailbox:
    """Scalar events in a lossless queue, the newest snapshot and the newest progress in a slot each.

    The trainer writes without ever waiting; the window's timer reads. A signal for each step would halve the speed of
    training.
    """

    def __init__(self) -> None:
        self._events: queue.SimpleQueue[TrainingEvent] = queue.SimpleQueue()
        self._snapshot: GateSnapshot | None = None
        self._progress: tuple[float, str] | None = None
        self._lock = threading.Lock()

    def put(self, event: TrainingEvent) -> None:
        """The sink that training is given."""
        if isinstance(event, GateSnapshot):
            with self._lock:
                self._snapshot = event
        else:
            self._events.put(event)

    def put_progress(self, fraction: float, words: str) -> None:
        """How far the preparation is."""
        self._progress = (fraction, words)

    def take(self) -> list[TrainingEvent]:
        """All events since the last call, in order."""
        taken: list[TrainingEvent] = []
        while True:
            try:
                taken.append(self._events.get_nowait())
            except queue.Empty:
                return taken

    def take_snapshot(self) -> GateSnapshot | None:
        """The newest snapshot, once."""
        with self._lock:
            snapshot, self._snapshot = self._snapshot, None
        return snapshot

    def take_progress(self) -> tuple[float, str] | None:
        """The newest progress, once."""
        progress, self._progress = self._progress, None
        return progress


class TrainingWorker(QObject):
    """Trains one run. Lives on a QThread; ``run`` is called once by the thread's start."""

    folder_ready = Signal(object)
    ended = Signal()
    said = Signal(str)
    """A sentence about a tracker that is not told any more; from another thread."""
    # ``listener`` hears all but the end on the training thread, and must not raise.

    def __init__(
        self,
        config: RunConfig,
        control: RunControl,
        mailbox: Mailbox,
        runs: Path,
        resume: Path | None = None,
        name: str | None = None,
        listener: Callable[[TrainingEvent], None] | None = None,
        trackers: Choice | None = None,
    ) -> None:
        super().__init__()
        self._tracking = Tracking(chosen(trackers or Choice()), self.said.emit)
        self._config, self._control, self._mailbox = config, control, mailbox
        self._runs, self._resume, self._name = runs, resume, name
        self._listener = listener
        self._said_end = False

    @Slot()
    def run(self) -> None:
        """Train to the end. Whatever happens, the mailbox's last event says how it ended, and ``ended`` follows."""
        try:
            self._train()
        except Cancelled:
            self._end(RunFinished(self._resume, "cancelled"))
        except StudioError as error:
            self._end(RunFailed(error.message(), "input"))
        except BaseException as error:  # noqa: BLE001 - the report is shown in the window
            from lstm_studio.gui import crash

            self._end(RunFailed(f"{type(error).__name__}: {error}", "bug", crash.report_of(error)))
        finally:
            self._control.set_state(RunState.ENDED)
            if not self._said_end:
                self._end(RunFinished(self._resume, "stopped"))
            self.ended.emit()

    def _train(self) -> None:
        from lstm_studio.runs.start import start
        from lstm_studio.runs.store import RunStore
        from lstm_studio.training.trial import ALONE

        with ALONE:  # what is being tried has been cancelled, and ends after its step
            pass
        folder = self._resume or RunStore(self._runs).new_folder(self._config, self._name)
        self.folder_ready.emit(folder)
        with self._tracking:
            start(
                self._config,
                self._sink,
                self._control,
                folder=folder,
                resume=self._resume is not None,
                progress=self._progress,
            )

    def _progress(self, fraction: float, words: str) -> None:
        from lstm_studio.training.control import Order

        if self._control.order in (Order.CANCEL, Order.STOP):
            raise Cancelled
        self._mailbox.put_progress(fraction, words)

    def _sink(self, event: TrainingEvent) -> None:
        if isinstance(event, (RunFinished, RunFailed)):
            self._said_end = True
        elif self._listener is not None:
            self._listener(event)
        self._tracking.tell(event)
        self._mailbox.put(event)

    def _end(self, event: RunFinished | RunFailed) -> None:
        if not self._said_end:
            self._sink(event)
