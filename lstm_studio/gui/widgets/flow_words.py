"""Gradients through time in words, and moment by moment."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.widgets.flow_chart import size_words
from lstm_studio.training.events import LayerFlow


def states(layer: LayerFlow) -> list[tuple[str, np.ndarray]]:
    """("h", norms) and, with a memory, ("c", norms)."""
    return [("h", layer.h), *([("c", layer.c)] if layer.c is not None else [])]


def by_moment(
    layers: Sequence[LayerFlow], scaled: Callable[[np.ndarray, int], np.ndarray]
) -> tuple[dict[str, np.ndarray], int]:
    """One row for each moment of the same layer: "h" and perhaps "c" -> float [R, T], NaN where a row has no step; and
    how many steps from the answer the first column is. ``scaled`` is given the norms and the place of the answer."""
    first = min(-layer.answer for layer in layers)
    last = max(len(layer.h) - layer.answer for layer in layers)
    maps = {key: np.full((len(layers), last - first), np.nan) for key, _ in states(layers[-1])}
    for row, layer in enumerate(layers):
        start = -layer.answer - first
        for key, values in states(layer):
            if key in maps:
                maps[key][row, start : start + len(values)] = scaled(values, layer.answer)
    return maps, first


def course(layer: LayerFlow, beside: str = "") -> str:
    """What becomes of the gradient from the answer to the far end of the text; empty where that is the same step.

    ``beside`` is the cell of a run that is set beside another one.
    """
    far, steps = _farthest(layer)
    if not steps:
        return ""
    state, values = states(layer)[-1]
    change = _change(values, layer.answer, far)
    if beside:
        return tr("Beside it ({cell}) that of {state} {change}.", cell=beside, state=state, change=change)
    counted = ntr("{n} step", "{n} steps", steps)
    return tr("Over {steps} that of {state} {change}.", steps=counted, state=state, change=change)


def _farthest(layer: LayerFlow) -> tuple[int, int]:
    """The end of the text that is farthest from the answer in the order of reading, and how many steps away."""
    far = len(layer.h) - 1 if layer.direction == "backward" else 0
    return far, abs(far - layer.answer)


def _change(values: np.ndarray, answer: int, far: int) -> str:
    """What becomes of a norm on the way, in words."""
    near, there = float(values[min(answer, len(values) - 1)]), float(values[far])
    if near <= 0 or there <= 0 or not math.isfinite(near) or not math.isfinite(there):
        return tr("vanishes altogether")
    ratio = there / near
    if ratio < 0.9:
        return tr("falls to 1/{times}", times=_times(1 / ratio))
    if ratio > 1.1:
        return tr("grows {times} times", times=_times(ratio))
    return tr("stays as it is")


def _times(ratio: float) -> str:
    if ratio >= 1e5:
        return size_words(ratio)
    digits = 1 if ratio < 10 else 0
    shown = round(ratio, 1 - math.floor(math.log10(ratio))) if ratio >= 10 else ratio
    return f"{shown:,.{digits}f}"
