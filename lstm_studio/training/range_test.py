"""The learning-rate range test (Smith 2017, 'Cyclical Learning Rates for Training Neural Networks', section 3.3).

A fresh network takes a hundred steps or so, each with a higher rate than the one before. Rates that are too low change
nothing, those that are too high make the loss run away; where it falls fastest in between is a good rate.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lstm_studio.config import RunConfig
from lstm_studio.data.progress import Progress, silent
from lstm_studio.errors import StudioError
from lstm_studio.training.schedules import Schedule
from lstm_studio.training.trial import behind, trying

FIRST, LAST, STEPS = 1e-6, 2.0, 150
RUNS_AWAY = 4.0
"""The test ends where the smoothed loss is so many times its best."""
SAFETY = 10.0
"""What is suggested stays below the rate at which the loss ran away by this factor."""
_FADING = 0.9
"""Of the running mean that tells when to end: it knows only what came before."""
_WIDTH = 0.25
"""Standard deviation, in decades of the rate, of the weights that smooth the curve that is shown."""
_LEAST_FALL = 0.02
"""A loss that falls by a smaller share than this has not been seen to fall."""
_LEAST_RISE = 0.05
"""A loss has risen that is larger by this share than at first."""


@dataclass(frozen=True)
class Point:
    """One step: its rate, and the loss of its batch before it."""

    rate: float
    loss: float


@dataclass(frozen=True, eq=False)
class RangeTest:
    """What the steps have shown.

    Attributes:
        rates, losses: Of each step, float64 [N], rates ascending.
        smoothed: The losses without the noise of single batches, float64 [N].
        suggestion: The rate to use, of two figures; None where the loss neither fell nor rose.
        diverged: The rate at which the loss ran away; None where it did not.
        steepest: The rate at which the loss fell fastest; None where it fell at none, as happens where so few steps
            teach nothing.
        rises: Then, the rate from which on the loss rises; None where it does not.
    """

    rates: np.ndarray
    losses: np.ndarray
    smoothed: np.ndarray
    suggestion: float | None
    diverged: float | None
    steepest: float | None
    rises: float | None = None


class _Ramp(Schedule):
    """The same factor from each step to the next."""

    def __init__(self, config: RunConfig, first: float, last: float, steps: int) -> None:
        super().__init__(config.training, steps)
        self._first, self._ratio = first, (last / first) ** (1 / max(1, steps - 1))

    def rate(self, step: int) -> float:
        """first · (last / first)^(step / (steps - 1))."""
        return self._first * self._ratio**step


def find_rate(
    config: RunConfig,
    progress: Progress = silent,
    *,
    cache: Path | None = None,
    told: Callable[[Point], object] | None = None,
    first: float = FIRST,
    last: float = LAST,
    steps: int = STEPS,
) -> RangeTest:
    """Take steps of ever higher rates with the network that a run would begin with.

    Optimiser, clipping, batch size and precision are those of the run. The run itself is not touched: no file is
    written but the cache of prepared data, and random numbers are as before.

    Args:
        progress: How far it is, told before each step; may raise Cancelled.
        cache: Where prepared data is kept between runs.
        told: Receives each point as it comes.
        first, last: The rates of the first step and of the last.
        steps: How many, at most.

    Raises:
        StudioError: the configuration or the data cannot be used, the loss is no number at the lowest rate already, or
            the memory is too small.
    """
    if not (0 < first < last <= 10 and 10 <= steps <= 10_000):
        raise StudioError(
            "These rates cannot be tried",
            todo="The first must lie above 0 and below the last, the last at most at 10; 10 to 10,000 steps",
        )
    points: list[Point] = []
    diverged: float | None = None
    with trying(config, progress, cache) as trial:
        ramp = _Ramp(trial.config, first, last, steps)
        stepper = trial.stepper(steps, ramp)
        epoch, place, order = 1, 0, trial.order(1)
        mean, best = 0.0, math.inf
        for number in range(steps):
            progress(behind(number / steps), "Trying learning rates")
            if place == len(order):
                epoch, place = epoch + 1, 0
                order = trial.order(epoch)
            handle = order[place]
            place += 1
            try:
                done = stepper.step(trial.part, handle, number)
            except StudioError:
                if not points:
                    raise
                diverged = ramp.rate(number)
                break
            points.append(Point(ramp.rate(number), done.loss))
            if told is not None:
                told(points[-1])
            mean = _FADING * mean + (1 - _FADING) * done.loss
            now = mean / (1 - _FADING ** (number + 1))
            best = min(best, now)
            if now > RUNS_AWAY * best:
                diverged = ramp.rate(number)
                break
    progress(1.0, "Trying learning rates")
    return judged(points, diverged)


def judged(points: Sequence[Point], diverged: float | None) -> RangeTest:
    """Smooth the losses and choose a rate: where the loss falls fastest over the logarithm of the rate, but no more
    than a tenth of the rate at which it ran away; where it fell at none, a tenth of the rate from which on it rises."""
    rates = np.array([point.rate for point in points])
    losses = np.array([point.loss for point in points])
    even = smooth(np.log10(rates), losses)
    steepest = None
    lowest = int(np.argmin(even))
    if lowest > 0 and even[0] - even[lowest] >= _LEAST_FALL * abs(even[0]):
        slopes = np.gradient(even, np.log10(rates))
        steepest = float(rates[int(np.argmin(slopes[: lowest + 1]))])
    suggestion, rises = steepest, None
    if steepest is None:
        low = np.flatnonzero(even <= (1 + _LEAST_RISE) * even[0])
        if len(low) and low[-1] + 1 < len(rates):
            rises = float(rates[low[-1] + 1])
            suggestion = rises / SAFETY
    elif diverged is not None:
        suggestion = min(steepest, diverged / SAFETY)
    rounded = None if suggestion is None else _two_figures(suggestion)
    return RangeTest(rates, losses, even, rounded, diverged, steepest, rises)


def smooth(places: np.ndarray, values: np.ndarray) -> np.ndarray:
    """A mean of the values around each place, weighed by a normal density of ``_WIDTH``: nothing is put off to later
    places, as a running mean would. [N], [N] -> [N]."""
    weights = np.exp(-0.5 * ((places[:, None] - places[None, :]) / _WIDTH) ** 2)
    return np.asarray(weights @ values / weights.sum(1))


def _two_figures(value: float) -> float:
    """Rounded down, so that no bound is crossed: 0.00327 -> 0.0032."""
    unit = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{math.floor(value / unit + 1e-9) * unit:.2g}")
