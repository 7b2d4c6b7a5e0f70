"""What is known of a run, in a form that a run in training and a saved one both have, and what is said of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from lstm_studio.config import RunConfig
from lstm_studio.training.events import EpochEnded, GateSnapshot, RunFailed, RunFinished, RunStarted, StepEnded

Severity = Literal["fault", "warning", "hint"]
SEVERITIES: tuple[Severity, ...] = ("fault", "warning", "hint")


@dataclass(frozen=True)
class Words:
    """What a rule says, with placeholders; all are keys of the catalogues."""

    title: str
    sentence: str
    remedy: str = ""


@dataclass(frozen=True)
class Finding:
    """One remark of a tutor.

    Attributes:
        key: Of the rule.
        severity: "fault" spoils the run, "warning" costs something, "hint" is worth a thought.
        words: What is said, without its numbers.
        values: Placeholder -> number or name, as it is written.
        named: Placeholders whose values are words of this program, to be translated.
        remedy: Changes of the run's settings, "training.epochs" -> 16; None where no setting helps.
    """

    key: str
    severity: Severity
    words: Words
    values: Mapping[str, str] = field(default_factory=dict)
    named: tuple[str, ...] = ()
    remedy: Mapping[str, Any] | None = None

    @property
    def title(self) -> str:
        """In English, with its numbers."""
        return self.words.title.format(**self.values)

    @property
    def sentence(self) -> str:
        """In English, with its numbers."""
        return self.words.sentence.format(**self.values)

    @property
    def advice(self) -> str:
        """What to do, in English."""
        return self.words.remedy.format(**self.values)


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is known of a run; what is not known is empty or None, and rules that need it are silent.

    Attributes:
        config: The run.
        losses, norms: Of each step, [N]: mean loss, length of the gradient before clipping.
        epochs: Those that have ended.
        steps_per_epoch: 0 while unknown.
        reason: How it ended: as of RunFinished, "failed", or "" while it trains.
        broken: It failed since its numbers ran out of bounds.
        looks: Texts run through the network as it is now.
        classes, confusion: Of the validation: int64 [K, K], rows are true, columns predicted; a class called "" stands
            for none.
        unknown: Share of the validation tokens that the vocabulary lacks.
        vocabulary: Tokens known.
        unmoved: Share of the word vectors that are still the random numbers they began as.
    """

    config: RunConfig
    losses: np.ndarray = field(default_factory=lambda: np.empty(0))
    norms: np.ndarray = field(default_factory=lambda: np.empty(0))
    epochs: Sequence[EpochEnded] = ()
    steps_per_epoch: int = 0
    reason: str = ""
    broken: bool = False
    looks: Sequence[GateSnapshot] = ()
    classes: Sequence[str] = ()
    confusion: np.ndarray | None = None
    unknown: float | None = None
    vocabulary: int = 0
    unmoved: float | None = None

    @classmethod
    def of(cls, config: RunConfig, events: Iterable[Any]) -> Evidence:
        """The course of a run, from what it said; a resumed run's repeated steps count once."""
        losses: list[float] = []
        norms: list[float] = []
        epochs: list[EpochEnded] = []
        started: RunStarted | None = None
        ended: RunFinished | RunFailed | None = None
        for event in events:
            match event:
                case StepEnded():
                    losses.append(event.loss)
                    norms.append(event.gradient_norm)
                case EpochEnded():
                    epochs.append(event)
                case RunStarted():
                    started, ended = event, None
                    del losses[event.step :], norms[event.step :]
                    epochs = [epoch for epoch in epochs if epoch.step <= event.step]
                case RunFinished() | RunFailed():
                    ended = event
        return cls.course(config, np.array(losses), np.array(norms), epochs, started, ended)

    @classmethod
    def course(
        cls,
        config: RunConfig,
        losses: np.ndarray,
        norms: np.ndarray,
        epochs: Sequence[EpochEnded],
        started: RunStarted | None,
        ended: RunFinished | RunFailed | None,
    ) -> Evidence:
        """The same from what has been collected already."""
        failed = isinstance(ended, RunFailed)
        return cls(
            config,
            losses,
            norms,
            tuple(epochs),
            started.steps_per_epoch if started is not None else 0,
            reason="failed" if failed else "" if ended is None else ended.reason,  # type: ignore[union-attr]
            broken=isinstance(ended, RunFailed) and "no longer a number" in ended.message,
            vocabulary=started.vocabulary_size if started is not None else 0,
        )

    @property
    def thirds(self) -> tuple[np.ndarray, np.ndarray]:
        """Gradient norms of the first and of the last third of the steps, those that are numbers."""
        third = max(1, len(self.norms) // 3)
        return _numbers(self.norms[:third]), _numbers(self.norms[-third:])


Rule = Callable[[Evidence], Finding | None]


def _numbers(values: np.ndarray) -> np.ndarray:
    return values[np.isfinite(values)]


def percent(share: float) -> str:
    """A share as it is written: "3 %", "0.4 %"."""
    return f"{100 * share:.0f} %" if share >= 0.0095 else f"{100 * share:.1g} %"


def figure(value: float) -> str:
    """A number with three digits that count: "0.693", "12.3", "1,520"."""
    if not math.isfinite(value):
        return "–"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def rounded(value: float) -> float:
    """A number with one digit that counts, for a learning rate that is proposed: 0.00067 -> 0.0007."""
    return float(f"{value:.1g}")
