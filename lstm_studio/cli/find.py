"""``find-rate`` and ``find-batch``: values that suit a run, measured before it."""

from __future__ import annotations

import argparse

from lstm_studio.cli.console import ProgressLine, say, say_json
from lstm_studio.cli.train import configure
from lstm_studio.data.places import cache_folder

_MB = 1e6


def find_rate(given: argparse.Namespace) -> int:
    """``find-rate [CONFIG.toml] [--data FILE] [--set ...] [--steps N] [--from R] [--to R] [--json]``."""
    config = configure(given)
    from lstm_studio.training.range_test import FIRST, LAST, RUNS_AWAY, STEPS, Point
    from lstm_studio.training.range_test import find_rate as find

    line = ProgressLine()

    def told(point: Point) -> None:
        if given.json:
            say_json({"event": "rate_tried", "learning_rate": point.rate, "loss": point.loss})
        line.show(f"Learning rate {point.rate:.1e}: loss {point.loss:.3f}")

    try:
        found = find(
            config,
            line.progress,
            cache=cache_folder() / "prepared",
            told=told,
            first=FIRST if given.first is None else given.first,
            last=LAST if given.last is None else given.last,
            steps=STEPS if given.steps is None else given.steps,
        )
    finally:
        line.clear()
    if given.json:
        say_json(
            {
                "event": "rate_found",
                "suggestion": found.suggestion,
                "steepest": found.steepest,
                "diverged": found.diverged,
                "rises": found.rises,
                "learning_rate": found.rates.tolist(),
                "loss": found.losses.tolist(),
                "smoothed": found.smoothed.tolist(),
            }
        )
        return 0
    lowest = int(found.smoothed.argmin())
    if found.suggestion is None:
        say("The loss did not fall at any learning rate that was tried: look at the data, or try more steps.")
        return 0
    if found.steepest is None:
        say(f"So few steps taught the network nothing yet; from {found.rises:.1e} on the loss rises.")
    else:
        say(
            f"The loss fell from {found.smoothed[0]:.3f} to {found.smoothed[lowest]:.3f}, "
            f"fastest at a learning rate of {found.steepest:.1e}."
        )
    if found.diverged is not None:
        say(f"At {found.diverged:.1e} it came to {RUNS_AWAY:g} times its best, or was no number any more.")
    say(f"Suggested: --set training.learning_rate={found.suggestion:g}")
    return 0


def find_batch(given: argparse.Namespace) -> int:
    """``find-batch [CONFIG.toml] [--data FILE] [--set ...] [--json]``."""
    config = configure(given)
    from lstm_studio.training.batch_test import ENDS, Size, find_batch_size

    line = ProgressLine()

    def told(size: Size) -> None:
        if given.json:
            say_json({"event": "batch_tried", **size.__dict__})
        else:
            line.clear()
            speed = f"{size.per_second:>9,.0f} texts/s  {size.tokens_per_second:>9,.0f} tokens/s"
            steps = f"{size.steps_per_epoch:>7,} steps an epoch"
            say(f"{size.batch_size:>5} texts  {speed}  {size.bytes / _MB:>8,.0f} MB  {steps}")

    try:
        found = find_batch_size(config, line.progress, cache=cache_folder() / "prepared", told=told)
    finally:
        line.clear()
    if given.json:
        sizes = [size.__dict__ for size in found.sizes]
        say_json(
            {
                "event": "batch_found",
                "suggestion": found.suggestion,
                "ended": found.ended,
                "free_bytes": found.free,
                "device": found.device,
                "sizes": sizes,
            }
        )
        return 0
    say(ENDS[found.ended])
    say(f"Suggested: --set training.batch_size={found.suggestion}")
    return 0
