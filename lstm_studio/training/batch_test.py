"""Which batch size suits the machine: batches twice as large each time, until the memory is short."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch

from lstm_studio.config import RunConfig
from lstm_studio.data.progress import Progress, silent
from lstm_studio.errors import StudioError
from lstm_studio.training import memory
from lstm_studio.training.device import out_of_memory
from lstm_studio.training.trial import Trial, behind, trying

SMALLEST, LARGEST = 8, 4096
MARGIN = 0.8
"""Of the free memory, what a step may take: other programs want some too."""
ENOUGH = 0.9
"""The smallest batch with this share of the best speed is suggested: larger ones only make the weights move less
often."""
SLOWER = 0.9
"""Where two sizes in a row reach less than this share of the best speed, no larger one is tried."""
LEAST_STEPS = 20
"""Steps an epoch should have at least."""
ENDS = {
    "memory": "A larger batch would need more memory than there is.",
    "speed": "Larger batches are slower here.",
    "data": "There are no more texts.",
    "largest": "Larger batches are not tried.",
}
"""Why no larger one was tried, for people."""
_DOUBLINGS = 10
_TIMED = 5
_SECONDS = 2.0
"""Most time that is spent on the speed of one size."""


@dataclass(frozen=True)
class Size:
    """One batch size.

    Attributes:
        batch_size: Texts; of running text, stretches.
        bytes: Most that a step on the longest texts holds at one moment, weights and optimiser not counted.
        per_second: Texts (or stretches) of usual batches read in a second, gradients and all.
        tokens_per_second: The same in tokens.
        steps_per_epoch: Batches that an epoch has.
    """

    batch_size: int
    bytes: int
    per_second: float
    tokens_per_second: float
    steps_per_epoch: int


@dataclass(frozen=True)
class BatchTest:
    """What was measured.

    Attributes:
        sizes: Ascending; not empty.
        ended: Why no larger one was tried, a key of ``ENDS``.
        free: Bytes there were to have, None if unknown.
        suggestion: The batch size to use.
        device: "cpu", "cuda" or "mps".
    """

    sizes: tuple[Size, ...]
    ended: str
    free: int | None
    suggestion: int
    device: str


def find_batch_size(
    config: RunConfig,
    progress: Progress = silent,
    *,
    cache: Path | None = None,
    told: Callable[[Size], object] | None = None,
    smallest: int = SMALLEST,
    largest: int = LARGEST,
) -> BatchTest:
    """Measure memory and speed of ever larger batches, with the network that a run would begin with.

    On a computer's own memory no size is tried that is expected, from the one before, to need more than there is; on a
    GPU the memory may run full, which does no harm there.

    Args:
        progress: May raise Cancelled, between two steps.
        cache: Where prepared data is kept between runs.
        told: Receives each size as it was measured.
        smallest, largest: Sizes to begin and to end with.

    Raises:
        StudioError: the configuration or the data cannot be used, or not even the smallest batch fits.
    """
    sizes: list[Size] = []
    ended = "largest"
    with trying(config, progress, cache) as trial:
        free = memory.free_bytes(trial.device)
        meter = memory.Meter(trial.device)
        size = smallest
        while size <= largest:
            words = f"Trying batches of {size}"
            progress(behind(len(sizes) / _DOUBLINGS), words)
            if sizes and (sizes[-1].batch_size >= _examples(trial) or sizes[-1].steps_per_epoch <= 1):
                ended = "data"
                break
            if sizes and free is not None and trial.device.type == "cpu" and _expected(sizes) > MARGIN * free:
                ended = "memory"
                break
            if len(sizes) > 2 and max(one.per_second for one in sizes[-2:]) < SLOWER * max(_speeds(sizes)):
                ended = "speed"
                break
            try:
                sizes.append(_measured(trial, size, meter, partial(progress, -1, words)))
            except (RuntimeError, MemoryError) as error:
                if not out_of_memory(error) or not sizes:
                    raise
                error.__traceback__ = None  # it holds the batch that was too large
                if trial.device.type == "cuda":
                    torch.cuda.empty_cache()
                ended = "memory"
                break
            if told is not None:
                told(sizes[-1])
            size *= 2
        kind = trial.device.type
    progress(1.0, "Trying batches")
    return BatchTest(tuple(sizes), ended, free, suggested(sizes, free), kind)


def suggested(sizes: Sequence[Size], free: int | None = None) -> int:
    """The smallest size that is nearly as quick as the quickest of those that fit and leave an epoch enough steps."""
    fitting = [size for size in sizes if free is None or size.bytes <= MARGIN * free] or [sizes[0]]
    fitting = [size for size in fitting if size.steps_per_epoch >= LEAST_STEPS] or [fitting[0]]
    best = max(_speeds(fitting))
    return next(size.batch_size for size in fitting if size.per_second >= ENOUGH * best)


def _examples(trial: Trial) -> int:
    return len(trial.part)


def _speeds(sizes: Sequence[Size]) -> list[float]:
    return [size.per_second for size in sizes]


def _expected(sizes: Sequence[Size]) -> int:
    """Bytes of a batch of twice the last size: what it takes grows with the texts, and a part stays the same."""
    return 2 * sizes[-1].bytes


def _measured(trial: Trial, size: int, meter: memory.Meter, between: Callable[[], object]) -> Size:
    config = trial.config.replace(**{"training.batch_size": size})
    trial = Trial(trial.task, config, trial.prepared, trial.part, trial.model, trial.device)
    stepper = trial.stepper(1000)
    order = trial.order(1)
    # Batches of one epoch differ in length: every so many of them is a fair choice.
    chosen = [order[index * len(order) // _TIMED] for index in range(min(_TIMED, len(order)))]
    longest = trial.order(1, shuffle=False)
    number = 0

    def step(handle: Any) -> tuple[int, int]:
        nonlocal number
        between()
        done = stepper.step(trial.part, handle, number)
        number += 1
        return done.examples, done.tokens

    try:
        step(chosen[0])  # what is made once: the optimiser's memory, compiled code
        peak = meter.peak(lambda: step(longest[0]))
        examples = tokens = 0
        began = time.perf_counter()
        for handle in chosen:
            read, seen = step(handle)
            examples, tokens = examples + read, tokens + seen
            if trial.device.type == "cuda":
                torch.cuda.synchronize(trial.device)
            if time.perf_counter() - began > _SECONDS:
                break
    except StudioError:
        raise StudioError(
            "The loss is no longer a number", todo="Lower training.learning_rate before you look for a batch size"
        ) from None
    seconds = max(1e-9, time.perf_counter() - began)
    return Size(size, peak, examples / seconds, tokens / seconds, len(order))
