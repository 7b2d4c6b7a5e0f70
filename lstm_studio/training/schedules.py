"""The learning rate over a run, as a function of the step: nothing to save but what the plateau remembers."""

from __future__ import annotations

import math
from typing import Any

from lstm_studio.config import TrainingConfig

RISE = 0.3
START, END = 1 / 25, 1e-4
"""One cycle: share of the run in which the rate rises, and where it starts and ends, relative to the peak."""


class Schedule:
    """Constant, cosine (Loshchilov & Hutter 2017, one period), one cycle (Smith & Topin 2018) or plateau.

    Args:
        config: The [training] section.
        total_steps: Optimiser steps of the whole run.
    """

    def __init__(self, config: TrainingConfig, total_steps: int) -> None:
        self.config = config
        self.total = max(1, total_steps)
        self.factor = 1.0
        self.waited = 0

    def rate(self, step: int) -> float:
        """Learning rate of the step with this number, counted from 0."""
        config, share = self.config, step / self.total
        peak = config.learning_rate
        if config.schedule == "plateau":
            return peak * self.factor
        if config.schedule == "one_cycle":
            if share < RISE:
                return peak * (START + (1 - START) * share / RISE)
            return peak * (END + (1 - END) * _half_cosine((share - RISE) / (1 - RISE)))
        warmup = config.warmup_fraction
        if share < warmup:
            return peak * (step + 1) / max(1.0, warmup * self.total)
        if config.schedule == "cosine":
            return peak * _half_cosine((share - warmup) / max(1e-9, 1 - warmup))
        return peak

    def epoch_ended(self, improved: bool) -> None:
        """Tell the plateau whether the watched figure is the best so far."""
        self.waited = 0 if improved else self.waited + 1
        if self.config.schedule == "plateau" and self.waited > self.config.plateau_patience:
            self.factor *= self.config.plateau_factor
            self.waited = 0

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"factor": self.factor, "waited": self.waited}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from ``state()``."""
        self.factor, self.waited = state["factor"], state["waited"]


def _half_cosine(share: float) -> float:
    return 0.5 * (1 + math.cos(math.pi * min(1.0, max(0.0, share))))
