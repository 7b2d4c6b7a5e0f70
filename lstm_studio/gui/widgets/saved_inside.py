"""How the plots of the inside of a network are saved; see ``saved_plots`` for all others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtWidgets import QWidget

from lstm_studio.gui.widgets.calibration_chart import CalibrationChart
from lstm_studio.gui.widgets.change_bars import ChangeBars
from lstm_studio.gui.widgets.density_chart import DensityChart
from lstm_studio.gui.widgets.flow_chart import FlowChart
from lstm_studio.gui.widgets.flow_map import FlowMap
from lstm_studio.gui.widgets.mean_strips import MeanStrips
from lstm_studio.gui.widgets.saveable import Arrays, Saved, painter_of


def _named(widget: QWidget, numbers: Callable[[], Arrays], columns: Callable[[], Arrays] | None = None) -> Saved:
    return Saved(widget.accessibleName(), widget.size(), painter_of(widget), numbers, columns)


def _calibration(chart: CalibrationChart) -> Saved | None:
    shown = chart.shown
    if shown is None:
        return None
    edges = np.linspace(0.0, 1.0, len(shown.counts) + 1)

    def numbers() -> Arrays:
        return {
            "from": edges[:-1],
            "to": edges[1:],
            "count": shown.counts,
            "mean_confidence": shown.sure,
            "share_right": shown.right,
        }

    return _named(chart, numbers)


def _density(chart: DensityChart) -> Saved | None:
    seen = chart._seen
    if seen is None:
        return None
    every = [*seen.labels, *([seen.rest] if seen.rest is not None else [])]

    def numbers() -> Arrays:
        names = np.array([one.name for one in every], np.str_)
        return {"edges": seen.edges, "labels": names, "density": np.stack([one.density for one in every])}

    def columns() -> Arrays:
        named = {one.name or "–": one.density for one in every}
        return {"from": seen.edges[:-1], "to": seen.edges[1:], **named}

    return _named(chart, numbers, columns)


def _flow(chart: FlowChart) -> Saved | None:
    curves = chart._curves
    if not curves:
        return None

    def numbers() -> Arrays:
        found: dict[str, np.ndarray] = {"token": np.array(chart._tokens, np.str_)}
        for place, curve in enumerate(curves, 1):
            found[f"{place}_{curve.key}_step"] = np.arange(curve.first, curve.first + len(curve.values))
            found[f"{place}_{curve.key}_norm"] = curve.values
        return found

    def columns() -> Arrays:
        found: dict[str, np.ndarray] = {}
        for curve in curves:
            found[f"{curve.words}: t"] = np.arange(curve.first, curve.first + len(curve.values))
            found[curve.words] = curve.values
        return found

    return _named(chart, numbers, columns)


def _flow_map(chart: FlowMap) -> Saved | None:
    if not chart._maps:
        return None

    def numbers() -> Arrays:
        logs = {f"log10_norm_{key}": values for key, values in chart._maps.items()}
        return {"training_step": chart._steps, **logs}

    return _named(chart, numbers)


def _strips(strips: MeanStrips) -> Saved | None:
    rows = strips._rows
    if not rows:
        return None
    return _named(strips, lambda: {"token": np.array(strips._tokens, np.str_), **dict(rows)})


def _changes(bars: ChangeBars) -> Saved | None:
    rows = bars._rows
    if not rows:
        return None

    def numbers() -> Arrays:
        names, before, now = zip(*rows, strict=True)
        after = [np.nan if value is None else value for value in now]
        return {"class": np.array(names, np.str_), "before": np.array(before), "now": np.array(after)}

    return _named(bars, numbers)


INSIDE: tuple[tuple[type[QWidget], Callable[[Any], Saved | None]], ...] = (
    (CalibrationChart, _calibration),
    (DensityChart, _density),
    (FlowChart, _flow),
    (FlowMap, _flow_map),
    (MeanStrips, _strips),
    (ChangeBars, _changes),
)
"""Types of widgets, and what is saved of them."""
