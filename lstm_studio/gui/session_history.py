"""All that a run has said, as arrays ready to be drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np

from lstm_studio.data.figures import figure, shown
from lstm_studio.data.kinds import KINDS
from lstm_studio.gui.i18n import duration, language, ntr, number, tr
from lstm_studio.training.events import (
    CheckpointSaved,
    EpochEnded,
    GateSnapshot,
    RunFailed,
    RunFinished,
    RunStarted,
    StepEnded,
    TrainingEvent,
)

SNAPSHOTS = 400
SNAPSHOT_BYTES = 256 * 2**20
"""A long probe on a large network would otherwise fill the memory with pictures of itself."""
LOG_LINES = 5_000


class Series:
    """A float array that grows at its end in amortised constant time."""

    def __init__(self) -> None:
        self._values = np.empty(256, np.float64)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def append(self, value: float) -> None:
        """One more value."""
        if self._size == len(self._values):
            self._values = np.concatenate([self._values, np.empty_like(self._values)])
        self._values[self._size] = value
        self._size += 1

    @property
    def array(self) -> np.ndarray:
        """float64 [N], a view that stays valid; not to be written to."""
        view = self._values[: self._size]
        view.flags.writeable = False
        return view

    def cut(self, size: int) -> None:
        """Keep only the first values."""
        self._size = min(self._size, size)


class History:
    """Curves, epochs, snapshots and log of one run.

    A resumed run repeats the steps after its checkpoint; what the earlier attempt said of them is dropped.
    """

    def __init__(self) -> None:
        self._steps, self._losses, self._rates = Series(), Series(), Series()
        self._norms, self._speeds = Series(), Series()
        self.epochs: list[EpochEnded] = []
        self.snapshots: list[GateSnapshot] = []
        self._lines: list[Callable[[], str]] = []
        self._said: tuple[str, list[str]] = ("", [])
        self.started: RunStarted | None = None
        self.ended: RunFinished | RunFailed | None = None
        self._gap = 0

    @property
    def steps(self) -> np.ndarray:
        """float64 [N]: number of each step, from 1."""
        return self._steps.array

    @property
    def losses(self) -> np.ndarray:
        """float64 [N]: mean loss over each step's batch."""
        return self._losses.array

    @property
    def learning_rates(self) -> np.ndarray:
        """float64 [N]."""
        return self._rates.array

    @property
    def gradient_norms(self) -> np.ndarray:
        """float64 [N], before clipping."""
        return self._norms.array

    @property
    def tokens_per_second(self) -> np.ndarray:
        """float64 [N]."""
        return self._speeds.array

    @property
    def best(self) -> EpochEnded | None:
        """The best epoch so far."""
        return next((epoch for epoch in reversed(self.epochs) if epoch.best), None)

    @property
    def log(self) -> list[str]:
        """What was said, line by line, in the language of now."""
        name, said = self._said
        if name != language():
            said = []
        said += [line() for line in self._lines[len(said) :]]
        self._said = (language(), said)
        return said

    def extend(self, events: Iterable[TrainingEvent]) -> None:
        """Take in events in their order."""
        for event in events:
            self.add(event)

    def add(self, event: TrainingEvent) -> None:
        """Take in one event."""
        match event:
            case StepEnded():
                self._steps.append(event.step)
                self._losses.append(event.loss)
                self._rates.append(event.learning_rate)
                self._norms.append(event.gradient_norm)
                self._speeds.append(event.tokens / event.seconds if event.seconds > 0 else 0.0)
            case EpochEnded():
                self.epochs.append(event)
                self._say(partial(_epoch_words, event))
            case GateSnapshot():
                self.add_snapshot(event)
            case RunStarted():
                self.started, self.ended = event, None
                self._rewind(event.step)
                self._say_started(event)
            case RunFinished():
                self.ended = event
                self._say(partial(_finished_words, event))
            case RunFailed():
                self.ended = event
                self._say(partial(tr, event.message))
            case CheckpointSaved():
                pass

    def add_snapshot(self, snapshot: GateSnapshot) -> None:
        """Keep at most 400, or as many as 256 MB hold, evenly over the run; the newest always stays."""
        shots = self.snapshots
        if shots and shots[-1].step == snapshot.step:
            shots[-1] = snapshot
            return
        if len(shots) >= 2 and shots[-1].step - shots[-2].step < self._gap:
            shots[-1] = snapshot
        else:
            shots.append(snapshot)
        most = min(SNAPSHOTS, max(4, SNAPSHOT_BYTES // max(1, _bytes(snapshot))))
        if len(shots) > most:
            self.snapshots = [*shots[:-1:2], shots[-1]]
            self._gap = max(1, 2 * (shots[-1].step - shots[0].step) // most)

    def _rewind(self, step: int) -> None:
        kept = int(np.searchsorted(self._steps.array, step, side="right"))
        for series in (self._steps, self._losses, self._rates, self._norms, self._speeds):
            series.cut(kept)
        self.epochs = [epoch for epoch in self.epochs if epoch.step <= step]
        self.snapshots = [shot for shot in self.snapshots if shot.step <= step]

    def _say(self, line: Callable[[], str]) -> None:
        self._lines.append(line)
        if len(self._lines) > LOG_LINES:
            del self._lines[: LOG_LINES // 10]
            self._said = ("", [])

    def _say_started(self, event: RunStarted) -> None:
        if event.step:
            self._say(lambda: tr("Resumed after step {step}.", step=number(event.step)))
        self._say(partial(_sizes_words, event))
        self._say(partial(_device_words, event))
        for note in event.notes:
            self._say(partial(tr, note))


def _sizes_words(event: RunStarted) -> str:
    return tr(
        "{texts} to learn from, {validation} to check with; {vocabulary} tokens; {parameters} weights.",
        texts=ntr(*KINDS[event.config.task].counted_examples, event.train_examples),
        validation=number(event.validation_examples),
        vocabulary=number(event.vocabulary_size),
        parameters=number(event.parameters),
    )


def _device_words(event: RunStarted) -> str:
    threads = ntr("{n} thread", "{n} threads", event.threads)
    return tr("Computing on {device} with {threads}.", device=event.device, threads=threads)


def _epoch_words(event: EpochEnded) -> str:
    taken = {name: value for name, value in event.metrics.items() if name != "loss"}
    figures = ", ".join(f"{tr(figure(name).title)} {shown(name, value)}" for name, value in taken.items())
    words = tr(
        "Epoch {epoch}: training loss {train:.4f}, validation loss {validation:.4f}, {figures}, {seconds:.1f} s",
        epoch=event.epoch,
        train=event.train_loss,
        validation=event.validation_loss,
        figures=figures,
        seconds=event.seconds,
    )
    return f"{words} {tr('(best so far)')}" if event.best else words


def _finished_words(event: RunFinished) -> str:
    reason = {
        "completed": tr("All epochs done."),
        "early_stopped": tr("Stopped early: no more improvement."),
        "stopped": tr("Stopped on request; the best weights are kept."),
        "cancelled": tr("Cancelled; the run is discarded."),
    }[event.reason]
    took = tr("It took {time}.", time=duration(event.seconds)) if event.seconds else ""
    return f"{reason} {took}".strip()


def _bytes(snapshot: GateSnapshot) -> int:
    return sum(values.nbytes for layer in snapshot.layers for values in layer.values.values())
