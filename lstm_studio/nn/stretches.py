"""Rows of unequal length, longest first: runs of steps in which the same number of rows is active."""

from __future__ import annotations

import torch
from torch import Tensor

Stretch = tuple[int, int, int]
"""Steps from, up to, and how many rows run in them."""


def stretches_of(active: list[int] | None, steps: int, rows: int) -> list[Stretch]:
    """From the number of rows that run at each step; None when all run to the end."""
    if active is None:
        return [(0, steps, rows)]
    starts = [t for t in range(steps) if t == 0 or active[t] != active[t - 1]]
    return [(start, stop, active[start]) for start, stop in zip(starts, [*starts[1:], steps], strict=True)]


def last_steps(stretches: list[Stretch], rows: int) -> Tensor:
    """How many steps each row runs, int64 [rows]."""
    last = [0] * rows
    for _, stop, n in stretches:
        last[:n] = [stop] * n
    return torch.tensor(last)


def final(values: Tensor, stretches: list[Stretch]) -> Tensor:
    """The values [T + 1, B, H], the initial ones first, after each row's last step: [B, H]."""
    if len(stretches) == 1:
        return values[-1]
    rows = values.shape[1]
    return values[last_steps(stretches, rows), torch.arange(rows)]


def add_final(gradient: Tensor, ends: Tensor, stretches: list[Stretch]) -> None:
    """The way back of ``final``: adds ends [B, H] to gradient [T, B, H] at each row's last step."""
    if len(stretches) == 1:
        gradient[-1] += ends
        return
    rows = gradient.shape[1]
    gradient[last_steps(stretches, rows) - 1, torch.arange(rows)] += ends
