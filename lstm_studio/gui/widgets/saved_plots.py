"""How each of the program's plots is saved: what it is called, how it is painted, which numbers are behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme
from lstm_studio.gui.widgets.alignment_grid import AlignmentGrid
from lstm_studio.gui.widgets.basic import Card
from lstm_studio.gui.widgets.cell_drawing import CellDrawing
from lstm_studio.gui.widgets.curves import CurveChart
from lstm_studio.gui.widgets.gate_panel import GateGrid
from lstm_studio.gui.widgets.heatmap import Heatmap
from lstm_studio.gui.widgets.network_strip import NetworkStrip
from lstm_studio.gui.widgets.saveable import Arrays, Saveable, Saved, painter_of
from lstm_studio.gui.widgets.saved_figures import FIGURES
from lstm_studio.gui.widgets.saved_inside import INSIDE
from lstm_studio.gui.widgets.saved_tables import saved_table
from lstm_studio.gui.widgets.token_strip import TokenStrip
from lstm_studio.gui.widgets.unit_trace import UnitTrace
from lstm_studio.gui.widgets.word_weights import WordWeights

_LEGEND = 24
_MOSTLY = 0.6
"""A plot that takes so much of a view is the view."""
_OURS = "lstm_studio.gui.widgets."
_SMALL = QSize(120, 56)


def saved_at(widget: QWidget | None) -> Saved | None:
    """How the nearest thing that can be saved, from a widget outwards, is saved: a plot with its numbers, else a table,
    else the card around it as it stands on the screen."""
    around: list[QWidget] = []
    while widget is not None:
        around.append(widget)
        if isinstance(widget, Card):
            break
        widget = widget.parentWidget()
    for how in (_known, _other):
        for each in around:
            found = how(each)
            if found is not None:
                return found
    return _screen(around[-1]) if around and isinstance(around[-1], Card) else None


def saved_of(widget: QWidget) -> Saved | None:
    """How just this widget is saved; None if it is no plot, or an empty one."""
    return _known(widget) or _other(widget)


def _known(widget: QWidget) -> Saved | None:
    if isinstance(widget, Saveable):
        return widget.saveable()
    for kind, how in _KINDS:
        if isinstance(widget, kind):
            found: Saved | None = how(widget)
            return found
    return None


def _other(widget: QWidget) -> Saved | None:
    if isinstance(widget, tuple(kind for kind, _ in _KINDS)):
        return None  # an empty one
    return saved_table(widget) or (_drawing(widget) if _draws(widget) else None)


def _draws(widget: QWidget) -> bool:
    """Whether a widget is a drawing of the program's own: large, named, painted by hand."""
    small = widget.width() < _SMALL.width() or widget.height() < _SMALL.height()
    if small or not widget.accessibleName() or isinstance(widget, QAbstractButton):
        return False
    return any("paintEvent" in kind.__dict__ for kind in type(widget).__mro__ if kind.__module__.startswith(_OURS))


def saved_in(view: QWidget) -> Saved:
    """How a view of several parts is saved: as its one large plot, else as a picture of the whole with the numbers of
    all its parts, each under a number of its own."""
    own = saved_of(view)
    if own is not None:
        return own
    found: list[tuple[QWidget, Saved]] = []
    for child in view.findChildren(QWidget):
        inside = any(outer.isAncestorOf(child) for outer, _ in found)
        if child.isVisibleTo(view) and not inside and (saved := saved_of(child)) is not None:
            found.append((child, saved))
    area = view.width() * view.height()
    if len(found) == 1 and found[0][0].width() * found[0][0].height() > _MOSTLY * area:
        return found[0][1]
    parts = [saved for _, saved in found if saved.numbers is not None]

    def merged(table: bool) -> Arrays:
        whole: dict[str, np.ndarray] = {}
        for place, part in enumerate(parts, 1):
            numbers = (part.columns or part.numbers) if table else part.numbers
            assert numbers is not None
            whole |= {f"{place}.{name}" if len(parts) > 1 else name: array for name, array in numbers().items()}
        return whole

    picture = _screen(view)
    if not parts:
        return picture
    return replace(picture, numbers=lambda: merged(False), columns=lambda: merged(True))


# -- curves and gates -------------------------------------------------------------------------------------------------


def _chart(chart: CurveChart) -> Saved | None:
    curves = [curve for curve in chart.curves.values() if len(curve.x)]
    if not curves:
        return None
    size = chart.plot.viewport().size()
    named = [curve.spec for curve in curves if curve.spec.style != "faint" and curve.spec.title]

    def paint(painter: QPainter) -> None:
        x = 0.0
        painter.setFont(font("small"))
        for spec in named:
            painter.setPen(QPen(theme().color(spec.role), 2))
            painter.drawLine(QPointF(x, 9), QPointF(x + 16, 9))
            painter.setPen(theme().color("text_muted"))
            painter.drawText(QPointF(x + 22, 13), tr(spec.title))
            x += 22 + painter.fontMetrics().horizontalAdvance(tr(spec.title)) + 20
        items = [item for item in chart.plot.scene().items() if hasattr(item, "setExportMode")]
        for item in items:  # marks are painted as shapes then, and not from a sheet of pixels
            item.setExportMode(True, {"antialias": True, "resolutionScale": 1.0, "painter": painter})
        chart.plot.render(painter, QRectF(0, _LEGEND, size.width(), size.height()), chart.plot.viewport().rect())
        for item in items:
            item.setExportMode(False)

    def numbers() -> Arrays:
        found = {}
        for curve in curves:
            found[f"{curve.spec.key}_step"] = np.asarray(curve.x, float)
            found[f"{curve.spec.key}_value"] = np.asarray(curve.y, float)
        return found

    def columns() -> Arrays:
        found = {}
        for curve in curves:
            name = tr(curve.spec.title) or curve.spec.key
            found[f"{name}: {tr('step')}"] = np.asarray(curve.x, float)
            found[name] = np.asarray(curve.y, float)
        return found

    whole = QSize(size.width(), size.height() + _LEGEND)
    return Saved(chart.plot.accessibleName(), whole, paint, numbers, columns)


def _grid(grid: GateGrid) -> Saved | None:
    layer = grid.layer
    if layer is None or not grid.tokens:
        return None
    tokens, values = list(grid.tokens), {key: map_._values for map_ in grid.maps if (key := map_.kind.key)}

    def paint(painter: QPainter) -> None:
        grid.paint_gates(painter)

    def numbers() -> Arrays:
        return {
            "token": np.array(tokens, np.str_),
            **{key: np.asarray(array, np.float32) for key, array in values.items() if array is not None},
        }

    words = tr("Gates of {layer}", layer=layer.name)
    return Saved(words, grid.size(), paint, numbers)


def _heatmap(map_: Heatmap) -> Saved | None:
    parent = map_.parentWidget()
    if isinstance(parent, GateGrid):
        return _grid(parent)
    values, tokens = map_._values, list(map_._tokens)
    if values is None:
        return None

    def numbers() -> Arrays:
        assert values is not None
        return {"token": np.array(tokens, np.str_), map_.kind.key: np.asarray(values, np.float32)}

    return Saved(tr(map_.kind.title), map_.size(), painter_of(map_), numbers)


def _unit(trace: UnitTrace) -> Saved | None:
    curves = trace._curves
    if not curves:
        return None

    def numbers() -> Arrays:
        return {"token": np.array(trace._axis.labels, np.str_), **curves}

    title = trace.accessibleName() if trace.unit is None else tr("Unit {n}", n=trace.unit)
    return Saved(title, trace.size(), painter_of(trace), numbers)


# -- texts ------------------------------------------------------------------------------------------------------------


def _tokens(strip: TokenStrip) -> Saved | None:
    if not strip._tokens:
        return None

    def numbers() -> Arrays:
        found = {"token": np.array(strip._tokens, np.str_)}
        if len(strip._known) == len(strip._tokens):
            found["known"] = np.array(strip._known, bool)
        if strip._after is not None:
            found["classes"] = np.array(strip._classes, np.str_)
            found["probabilities"] = strip._after
        return found

    def columns() -> Arrays:
        found = {name: array for name, array in numbers().items() if name not in ("classes", "probabilities")}
        if strip._after is not None:
            found |= dict(zip(strip._classes, strip._after.T, strict=True))
        return found

    return Saved(strip.accessibleName(), strip.size(), painter_of(strip), numbers, columns)


def _weights(words: WordWeights) -> Saved | None:
    weights = words._weights
    if not words._tokens or weights is None:
        return None

    def numbers() -> Arrays:
        return {"token": np.array(words._tokens, np.str_), "weight": np.array(weights, float)}

    return Saved(words.accessibleName(), words.size(), painter_of(words), numbers)


def _alignment(grid: AlignmentGrid) -> Saved | None:
    weights = grid._weights
    if weights is None or not weights.size:
        return None
    source, written = list(grid._source), list(grid._written)

    def numbers() -> Arrays:
        return {"read": np.array(source, np.str_), "written": np.array(written, np.str_), "weights": weights}

    def columns() -> Arrays:
        named = {f"{place} {token}": weights[:, place - 1] for place, token in enumerate(source, 1)}
        return {tr("written"): np.array(written, np.str_), **named}

    view = grid.viewport()
    return Saved(grid.accessibleName(), view.size(), painter_of(view), numbers, columns)


# -- what is a picture only -------------------------------------------------------------------------------------------


def _drawing(widget: QWidget) -> Saved:
    return Saved(widget.accessibleName(), widget.size(), painter_of(widget))


def _screen(widget: QWidget) -> Saved:
    """A copy of the screen, in its colours."""
    title = widget.accessibleName() or widget.window().windowTitle() or tr("Picture")
    return Saved(title, widget.size(), painter_of(widget), recolours=False)


_KINDS: tuple[tuple[type[QWidget], Callable[[Any], Saved | None]], ...] = (
    (CurveChart, _chart),
    (GateGrid, _grid),
    (Heatmap, _heatmap),
    (UnitTrace, _unit),
    *FIGURES,
    (TokenStrip, _tokens),
    (WordWeights, _weights),
    (AlignmentGrid, _alignment),
    (CellDrawing, _drawing),
    (NetworkStrip, _drawing),
    *INSIDE,
)
