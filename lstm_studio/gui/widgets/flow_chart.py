"""Norms of gradients along a text on a logarithmic axis, counted in steps from where the answer is taken."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.axes import logarithmic_ticks
from lstm_studio.gui.widgets.class_marks import paint_mark
from lstm_studio.gui.widgets.raster import ticks
from lstm_studio.gui.widgets.token_axis import TokenAxis

_LEFT, _RIGHT, _TOP, _HEAD = 58.0, 24.0, 44.0, 20.0
_MARKS = {"c": 1}
"""Points of the memory are squares, others round."""
_DECADES = 16
"""Below so many powers of ten less than the largest value the axis ends."""


@dataclass(frozen=True, eq=False)
class Curve:
    """Values [T] at steps ``first`` to ``first + T`` from the answer, below 0 before it in the text.

    ``key`` is the state whose colour it has, ``words`` its line of the legend; ``dashed`` for another run.
    """

    key: str
    words: str
    first: int
    values: np.ndarray
    dashed: bool = False


class FlowChart(QWidget):
    """Follows the tokens of a text; a value of 0 has no place on the axis and is left out."""

    step_pointed = Signal(object)
    """Steps from the answer that are pointed at, or None."""

    def __init__(self) -> None:
        super().__init__()
        self._curves: tuple[Curve, ...] = ()
        self._tokens: tuple[str, ...] = ()
        self._first = 0
        self._axis = TokenAxis((), font("small"))
        self._cursor: int | None = None
        self._x = (0, 1)
        self._y = (-1.0, 0.0)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Gradient through time"))
        theme_notifier().changed.connect(self.update)

    def set_curves(self, curves: Sequence[Curve], tokens: Sequence[str], first: int) -> None:
        """Show curves over tokens, of which token 0 is ``first`` steps from the answer."""
        self._curves = tuple(curves)
        ends = [(curve.first, curve.first + len(curve.values)) for curve in curves]
        low, high = min((end[0] for end in ends), default=0), max((end[1] for end in ends), default=1)
        self._x = (low, high)
        shown = [tokens[at - first] if 0 <= at - first < len(tokens) else "·" for at in range(low, high)]
        self._tokens, self._first = tuple(tokens), first
        self._axis = TokenAxis(shown, font("small"))
        sizes = np.concatenate([curve.values for curve in curves]) if curves else np.empty(0)
        sizes = np.log10(sizes[np.isfinite(sizes) & (sizes > 0)])
        if sizes.size:
            top = float(sizes.max())
            bottom = max(float(sizes.min()), top - _DECADES)
            room = max(0.06 * (top - bottom), 0.08)
            self._y = (bottom - room, top + room)
        self.setAccessibleDescription("; ".join(map(_said, curves)))
        self.update()

    def set_cursor(self, step: int | None) -> None:
        """Mark a step; nothing is emitted."""
        if step != self._cursor:
            self._cursor = step
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(600, 240)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, 140)

    # -- painting -------------------------------------------------------------------------------------------

    def _plot(self) -> QRectF:
        width = self.width() - _LEFT - _RIGHT
        below = self._axis.height(0, max(1, self._x[1] - self._x[0]), width) + 2
        return QRectF(_LEFT, _TOP, width, max(20.0, self.height() - _TOP - below))

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._curves:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plot = self._plot()
        self._paint_frame(painter, plot)
        self._paint_legend(painter)
        painter.setClipRect(plot.adjusted(-4, -2, 4, 2))
        for curve in self._curves:
            self._paint_curve(painter, plot, curve)
        painter.end()

    def _place(self, plot: QRectF, step: float) -> float:
        return plot.left() + (step + 0.5 - self._x[0]) * plot.width() / max(1, self._x[1] - self._x[0])

    def _height(self, plot: QRectF, value: float) -> float:
        low, high = self._y
        return plot.bottom() - (math.log10(value) - low) / (high - low) * plot.height()

    def _paint_frame(self, painter: QPainter, plot: QRectF) -> None:
        colours = theme()
        face = font("small", tabular=True)
        metrics = QFontMetricsF(face)
        painter.setFont(face)
        cell = plot.width() / max(1, self._x[1] - self._x[0])
        if self._cursor is not None and self._x[0] <= self._cursor < self._x[1]:
            band = QRectF(self._place(plot, self._cursor) - cell / 2, plot.top(), cell, plot.height())
            painter.fillRect(band, colours.color("surface_raised"))
        middle = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for tick in logarithmic_ticks(*self._y, max(2, int(plot.height() // 30))):
            y = self._height(plot, 10.0**tick)
            painter.setPen(QPen(colours.color("grid"), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(colours.color("text_muted"))
            painter.drawText(QRectF(0, y - 9, _LEFT - 8, 18), middle, size_words(10.0**tick))
        at = self._place(plot, 0)
        if self._x[0] <= 0 < self._x[1]:
            painter.setPen(QPen(colours.color("border_strong"), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(at, plot.top()), QPointF(at, plot.bottom()))
        centre = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom)
        painter.setPen(colours.color("text_muted"))
        wide = metrics.horizontalAdvance("0000") + 8
        for step in ticks(self._x[0], self._x[1], max(2, int(plot.width() // max(wide, 1)) // 2)):
            if step:
                x = self._place(plot, step)
                painter.drawText(QRectF(x - 40, _HEAD, 80, _TOP - _HEAD - 4), centre, f"{step:+d}".replace("-", "−"))
        words = tr("answer")
        half = metrics.horizontalAdvance(words) / 2 + 2
        x = min(max(at, half), self.width() - half)
        painter.setPen(colours.color("text"))
        painter.fillRect(QRectF(x - half, _HEAD + 2, 2 * half, _TOP - _HEAD - 4), colours.color("surface"))
        painter.drawText(QRectF(x - half, _HEAD, 2 * half, _TOP - _HEAD - 4), centre, words)
        below = QRectF(plot.left(), plot.bottom() + 1, plot.width(), self.height() - plot.bottom())
        marked = None if self._cursor is None else self._cursor - self._x[0]
        self._axis.paint(
            painter, below, 0, self._x[1] - self._x[0], colours.color("text_muted"),
            marked=marked, marked_color=colours.color("text"),
        )  # fmt: skip

    def _paint_legend(self, painter: QPainter) -> None:
        face = font("small")
        metrics = QFontMetricsF(face)
        painter.setFont(face)
        x = _LEFT
        for curve in self._curves:
            painter.setPen(self._pen(curve))
            painter.drawLine(QPointF(x, 9), QPointF(x + 22, 9))
            painter.setPen(QPen(theme().gate(curve.key), 1.5))
            painter.setBrush(theme().color("surface") if curve.dashed else theme().gate(curve.key))
            paint_mark(painter, _MARKS.get(curve.key, 0), QPointF(x + 11, 9), 5)
            words = metrics.elidedText(curve.words, Qt.TextElideMode.ElideRight, 280)
            painter.setPen(theme().color("text"))
            painter.drawText(QRectF(x + 28, 0, 300, 18), int(Qt.AlignmentFlag.AlignVCenter), words)
            x += 28 + metrics.horizontalAdvance(words) + 20

    def _pen(self, curve: Curve) -> QPen:
        pen = QPen(theme().gate(curve.key), 2)
        if curve.dashed:
            pen.setDashPattern([3, 2.2])
        return pen

    def _paint_curve(self, painter: QPainter, plot: QRectF, curve: Curve) -> None:
        points: list[QPointF] = []
        cell = plot.width() / max(1, self._x[1] - self._x[0])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for index, value in enumerate([*curve.values.tolist(), math.nan]):
            if math.isfinite(value) and value > 0:
                points.append(QPointF(self._place(plot, curve.first + index), self._height(plot, value)))
                continue
            painter.setPen(self._pen(curve))
            if len(points) > 1:
                painter.drawPolyline(QPolygonF(points))
            if len(points) == 1 or cell >= 10:
                painter.setPen(QPen(theme().gate(curve.key), 1.5))
                painter.setBrush(theme().color("surface") if curve.dashed else theme().gate(curve.key))
                for point in points:
                    paint_mark(painter, _MARKS.get(curve.key, 0), point, 5)
                painter.setBrush(Qt.BrushStyle.NoBrush)
            points = []

    # -- mouse ----------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        plot = self._plot()
        share = (event.position().x() - plot.left()) / max(1.0, plot.width())
        inside = bool(self._curves) and 0 <= share < 1
        self.step_pointed.emit(self._x[0] + int(share * (self._x[1] - self._x[0])) if inside else None)

    def leaveEvent(self, event: QEvent) -> None:
        self.step_pointed.emit(None)


def _said(curve: Curve) -> str:
    """A curve in words: its least and its largest value and where it ends."""
    values = curve.values[np.isfinite(curve.values)]
    if not values.size:
        return curve.words
    low, high, last = (size_words(float(value)) for value in (values.min(), values.max(), values[-1]))
    return tr("{curve}: from {low} to {high}, at the end {last}", curve=curve.words, low=low, high=high, last=last)


def size_words(value: float) -> str:
    """A norm in few figures: 0.31, 0.002, 3e-7."""
    if value <= 0 or not math.isfinite(value):
        return "0" if value == 0 else "–"
    if 1e-3 <= value < 1e4:
        return f"{value:.2g}" if value < 100 else f"{value:.0f}"
    return f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e").replace("-", "−")
