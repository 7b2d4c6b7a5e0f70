"""What the session holds: the dataset, the run that lives, estimates. Pages read these and change nothing in them."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from lstm_studio.config import DataConfig, RunConfig
from lstm_studio.gui.session_history import History
from lstm_studio.training.control import Order, RunControl, RunState
from lstm_studio.training.events import RunFailed, RunFinished, RunStarted

if TYPE_CHECKING:
    from lstm_studio.data.guess_types import Guess
    from lstm_studio.data.health import Health
    from lstm_studio.data.kinds import Kind
    from lstm_studio.data.table import Table

State = Literal["preparing", "running", "pausing", "paused", "stopping", "ended"]


@dataclass
class Dataset:
    """An opened file. ``data`` is complete: everything that was left open has been guessed."""

    path: Path
    title: str
    table: Table
    data: DataConfig
    guess: Guess
    notes: list[str] = field(default_factory=list)
    health: Health | None = None
    sample: str | None = None

    @property
    def rows(self) -> int:
        """Rows of the file."""
        return self.table.num_rows

    @property
    def kind(self) -> Kind:
        """What is known of such data: columns, words for its rows."""
        from lstm_studio.data.kinds import kind_of

        return kind_of(self.data)

    def column(self, field: str) -> int | None:
        """Position of the column that a field of [data] names."""
        name = getattr(self.data, field, None)
        return None if name is None else self.table.position(name)


@dataclass
class Loading:
    """A file on its way in. ``fraction`` is -1 while it is unknown."""

    title: str
    fraction: float = -1.0
    words: str = ""


@dataclass(frozen=True)
class Estimate:
    """What a configuration costs. ``seconds_per_epoch`` is None until it was measured on this machine."""

    parameters: int
    memory_bytes: int
    seconds_per_epoch: float | None
    device: str = "cpu"


@dataclass
class ActiveRun:
    """A run that lives in this window, or has just ended in it."""

    config: RunConfig
    control: RunControl
    path: Path | None = None
    resumed: bool = False
    state: State = "preparing"
    """What the run does, or is about to do because it was asked to; ``run_changed`` follows each change."""
    started: RunStarted | None = None
    finished: RunFinished | RunFailed | None = None
    step: int = 0
    epoch: int = 0
    loss: float | None = None
    preparing: tuple[float, str] = (-1.0, "")
    history: History = field(default_factory=History)
    _marks: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=600))
    _clock: float = 0.0
    _seen: float = 0.0

    def true_state(self) -> State:
        """What the loop says at this very moment; ``state`` takes it over at the session's next look."""
        if self.finished is not None:
            return "ended"
        order, state = self.control.order, self.control.state
        if state is RunState.ENDED or order in (Order.STOP, Order.CANCEL):
            return "stopping"
        if self.started is None:
            return "preparing"
        if order is Order.PAUSE:
            return "paused" if state is RunState.PAUSED else "pausing"
        return "running"

    @property
    def living(self) -> bool:
        """Whether it has not ended."""
        return self.finished is None

    @property
    def total_steps(self) -> int:
        """Steps of the whole run; 0 while unknown."""
        return self.started.total_steps if self.started else 0

    @property
    def epochs(self) -> int:
        """Epochs of the whole run."""
        return self.config.training.epochs

    def tick(self) -> None:
        """Let the run's own clock go on; it stands still while the run is paused."""
        now = time.monotonic()
        if self._seen and self.state in ("running", "pausing"):
            self._clock += now - self._seen
        self._seen = now
        if self.started is not None and (not self._marks or self._marks[-1][1] != self.step):
            self._marks.append((self._clock, self.step))

    def steps_per_second(self) -> float | None:
        """Over the last half minute, validation and all; None before there is enough to go by."""
        if len(self._marks) < 2:
            return None
        last_time, last_step = self._marks[-1]
        first_time, first_step = next((mark for mark in self._marks if last_time - mark[0] <= 30), self._marks[-2])
        if last_step <= first_step or self._clock - first_time < 0.5:
            return None
        return (last_step - first_step) / (self._clock - first_time)

    def seconds_left(self) -> float | None:
        """Time to the last epoch's end at today's speed; None while unknown."""
        speed = self.steps_per_second()
        if not speed or not self.total_steps:
            return None
        return max(0.0, (self.total_steps - self.step) / speed)
