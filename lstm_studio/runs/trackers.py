"""Other programs that follow runs: each hears the same events, on a thread of its own, and none can hold up a run."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from lstm_studio.errors import StudioError
from lstm_studio.training.events import GateSnapshot, RunFailed, RunFinished, RunStarted, StepEnded, TrainingEvent

WAITING = 20_000
"""Events that wait for a slow tracker; after that steps are left out."""
TOGETHER = 1.0
"""Seconds in which events are gathered before they are handed over."""
PATIENCE = 60.0
"""Seconds that the end of a run waits for trackers."""
Say = Callable[[str], object]
"""Tells the person a sentence."""


@dataclass(frozen=True)
class Choice:
    """Which trackers are told of a run; all empty: none.

    Attributes:
        tensorboard: Folder for TensorBoard's event files; each run has one of its own in it.
        mlflow: Address of an MLflow server, or of a store of its own (sqlite:///mlflow.db).
        experiment: Where runs stand there; "LSTM Studio" when empty.
    """

    tensorboard: str = ""
    mlflow: str = ""
    experiment: str = ""

    def __bool__(self) -> bool:
        return bool(self.tensorboard or self.mlflow)


class Tracker(Protocol):
    """One program. All calls come on one thread; whatever is raised ends the tracking, not the run."""

    name: str

    def begin(self, started: RunStarted) -> None:
        """A run has begun, or goes on after ``started.step`` steps."""

    def take(self, events: Sequence[TrainingEvent]) -> None:
        """What has happened since, in order; the end may be among it."""

    def close(self) -> None:
        """Nothing more will come."""


def chosen(choice: Choice) -> list[Tracker]:
    """The trackers of a choice. Nothing of them is imported before the run begins."""
    found: list[Tracker] = []
    if choice.tensorboard:
        from lstm_studio.runs.trackers_tensorboard import TensorBoard

        found.append(TensorBoard(choice.tensorboard))
    if choice.mlflow:
        from lstm_studio.runs.trackers_mlflow import MLflow

        found.append(MLflow(choice.mlflow, choice.experiment))
    return found


class Tracking:
    """Tells trackers of one run. A context manager around the training; ``tell`` is a sink that never waits.

    Args:
        trackers: Who is told.
        say: Gets a sentence when one of them fails; called on another thread. The run goes on without that one.
    """

    def __init__(self, trackers: Sequence[Tracker], say: Say) -> None:
        self._say = say
        self._over = False
        self._apart = self._next_gates = 0.0
        self._lines = [_Line(tracker, self._sentence) for tracker in trackers]

    def __enter__(self) -> Tracking:
        for line in self._lines:
            line.start()
        return self

    def tell(self, event: TrainingEvent) -> None:
        """The sink. Of the gates, which somebody at the window may look at more often, as many as the run's settings
        ask for."""
        if isinstance(event, RunStarted):
            self._apart = event.config.training.probe_seconds
        elif isinstance(event, GateSnapshot):
            now = time.monotonic()
            if now < self._next_gates:
                return
            self._next_gates = now + self._apart
        for line in self._lines:
            line.put(event)

    def __exit__(self, *_: Any) -> None:
        until = time.monotonic() + PATIENCE
        for line in self._lines:
            line.end()
        for line in self._lines:
            line.thread.join(max(0.0, until - time.monotonic()))
            if line.thread.is_alive():
                self._sentence(f"{line.tracker.name} does not answer; the last of the run may be missing there.")
        self._over = True

    def _sentence(self, words: str) -> None:
        if not self._over:
            self._say(words)


class _Line:
    """The queue to one tracker, and the thread that empties it."""

    def __init__(self, tracker: Tracker, say: Say) -> None:
        self.tracker, self._say = tracker, say
        self._queue: queue.SimpleQueue[TrainingEvent | None] = queue.SimpleQueue()
        self._ending = threading.Event()
        self._broken = False
        self.thread = threading.Thread(target=self._run, name=f"tracker-{tracker.name}", daemon=True)

    def start(self) -> None:
        self.thread.start()

    def put(self, event: TrainingEvent) -> None:
        """Never waits. What there are many of is left out for who cannot follow."""
        if self._broken or (isinstance(event, (StepEnded, GateSnapshot)) and self._queue.qsize() >= WAITING):
            return
        self._queue.put(event)
        if isinstance(event, (RunFinished, RunFailed)):
            self._ending.set()

    def end(self) -> None:
        """Nothing more will come."""
        self._queue.put(None)
        self._ending.set()

    def _run(self) -> None:
        begun = False
        try:
            while True:
                events, last = self._gathered()
                if not begun:
                    started = next((event for event in events if isinstance(event, RunStarted)), None)
                    if started is not None:
                        self.tracker.begin(started)
                        begun = True
                if begun and events:
                    self.tracker.take(events)
                if last:
                    break
            if begun:
                self.tracker.close()
        except Exception as error:  # noqa: BLE001 - a tracker must never break a run
            self._broken = True
            self._say(_sentence(self.tracker.name, error))

    def _gathered(self) -> tuple[list[TrainingEvent], bool]:
        """What came within a while, and whether it is all."""
        events: list[TrainingEvent] = []
        event = self._queue.get()
        self._ending.wait(TOGETHER)
        while event is not None:
            events.append(event)
            try:
                event = self._queue.get_nowait()
            except queue.Empty:
                return events, False
        return events, True


def _sentence(name: str, error: Exception) -> str:
    if isinstance(error, StudioError):
        return f"{error.message()} The run goes on without {name}."
    why = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return f"{name} is not told of this run: {why[:200].rstrip('.')}. The run goes on without it."


def settings_of(started: RunStarted) -> dict[str, str]:
    """The run's configuration, dotted name -> value, with what is known of data and machine."""
    config = started.config
    found = {"task": config.task}
    for section in ("data", "model", "training"):
        for name, value in getattr(config, section).model_dump(exclude_none=True).items():
            found[f"{section}.{name}"] = str(value)
    counted = ("train_examples", "validation_examples", "vocabulary_size", "parameters", "device")
    return found | {f"run.{name}": str(getattr(started, name)) for name in counted}
