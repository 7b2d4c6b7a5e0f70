"""Axes of the charts: round figures in the studio's type, lines behind the curves, ranges that move seldom."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from lstm_studio.gui.i18n import number
from lstm_studio.gui.theme import font, theme

Format = Callable[[float], str]
AxisFormat = Callable[[float, float], str]
"""(value, distance between figures) -> text."""


AIRY = 2.0
"""Heights of a line from one figure of a left axis to the next, where not all of them are needed."""


def plain(value: float) -> str:
    """Three or four figures: 0.431, 12.31, 0.0432, 1.2e-05."""
    if not math.isfinite(value):
        return "–"
    size = abs(value)
    if size and (size < 1e-3 or size >= 1e5):
        return f"{value:.2g}"
    return f"{value:.{4 if size < 0.1 else 3 if size < 10 else 2}f}"


def percent(value: float) -> str:
    """A share as 81.3 %."""
    return f"{100 * value:.1f} %" if math.isfinite(value) else "–"


class Axis(pg.AxisItem):
    """Figures in the studio's type, with separators and without prefixes."""

    def __init__(self, orientation: str, shown: AxisFormat | None = None) -> None:
        super().__init__(orientation=orientation)
        self.shown = shown
        self._finest = 1.0
        self.setCacheMode(self.CacheMode.DeviceCoordinateCache)  # a curve that grows beside it draws it again
        self.enableAutoSIPrefix(False)
        self.setStyle(tickFont=font("small", tabular=True), tickLength=0, tickTextOffset=6, autoExpandTextSpace=False)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        if self.logMode:
            return [(1.0, logarithmic_ticks(low, high, max(2, int(size // 24))))]
        levels = super().tickValues(low, high, size)[:2]
        self._finest = float(levels[-1][0]) if levels else 1.0
        return levels

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if self.logMode:
            values = [10.0**value for value in values]
            return [f"{value:.0e}".replace("e-0", "e-") if value < 1e-3 else f"{value:.4g}" for value in values]
        if self.orientation == "bottom":
            return [number(value) if value == int(value) else "" for value in values]
        spacing = min(spacing, self._finest)
        if self.shown is not None:
            return [self.shown(value, spacing) for value in values]
        places = max(0, math.ceil(-math.log10(spacing) - 1e-9)) if spacing > 0 else 0
        return [f"{value:.1e}" if places > 4 else f"{value:.{places}f}" for value in values]

    def generateDrawSpecs(self, p: QPainter) -> tuple[Any, Any, Any] | None:
        """The line and the figures. pyqtgraph's own does more than is needed here, in three times the time."""
        bounds, room = self.mapRectFromParent(self.geometry()), self.boundingRect()
        upright = self.orientation == "left"
        length = bounds.height() if upright else bounds.width()
        low, high = self.range
        if length <= 0 or not high > low:
            return None
        measure = QFontMetricsF(self.style["tickFont"])
        height, apart = 0.8 * measure.height(), self.style["tickTextOffset"][0 if upright else 1]
        flags = Qt.TextFlag.TextDontClip | (
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            if upright
            else Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        )
        texts: list[tuple[QRectF, Qt.TextFlag, str]] = []
        filled = 0.0
        for level, (spacing, values) in enumerate(self.tickValues(low, high, length)):
            inside = [value for value in values if low <= value <= high]
            written = self.tickStrings(inside, self.scale, spacing)
            widths = [measure.horizontalAdvance(text) for text in written]
            filled += (0.7 * height * len(written) if upright else sum(widths)) / length
            if level and upright and len(texts) >= 2 and spacing / (high - low) * length < AIRY * height:
                break  # three figures are read sooner than eighteen
            limits = self.style["textFillLimits"]
            if level and any(len(texts) >= count and filled >= limit for count, limit in limits):
                break
            for value, text, width in zip(inside, written, widths, strict=True):
                share = (value - low) / (high - low)
                if upright:
                    middle = bounds.bottom() - share * length
                    place = QRectF(bounds.right() - apart - width, middle - height / 2, width, height)
                else:
                    place = QRectF(bounds.left() + share * length - width / 2, bounds.top() + apart, width, height)
                if room & place == place:  # "contains" stumbles over rounding
                    texts.append((place, flags, text))
        corner = bounds.topRight() + QPointF(-1, -1) if upright else bounds.topLeft() + QPointF(-1, 1)
        end = bounds.bottomRight() + QPointF(-1, 1) if upright else bounds.topRight() + QPointF(1, 1)
        return (self.pen(), corner, end), (), texts


class Grid(pg.GraphicsObject):
    """Lines at the major figures of the left axis. pyqtgraph's own grid costs more than all curves together."""

    def __init__(self, axis: pg.AxisItem, box: pg.ViewBox) -> None:
        super().__init__()
        self._axis, self._of = axis, box
        self.setZValue(-20)
        self.setCacheMode(self.CacheMode.DeviceCoordinateCache)
        box.sigYRangeChanged.connect(lambda *_: self.update())

    def boundingRect(self) -> QRectF:
        return self._of.viewRect()

    def viewRangeChanged(self) -> None:
        self.prepareGeometryChange()

    def paint(self, painter: QPainter, *_: object) -> None:
        (left, right), (low, high) = self._of.viewRange()
        levels = self._axis.tickValues(low, high, self._of.height())
        painter.setPen(pg.mkPen(theme().color("grid"), width=1))
        shown = next((values for _, values in levels if len(values)), ())
        for value in shown if len(shown) < 20 else ():
            painter.drawLine(QPointF(left, value), QPointF(right, value))


def logarithmic_ticks(low: float, high: float, most: int) -> list[float]:
    """Logarithms of round figures between 10^low and 10^high, at most about ``most``: the densest of all that fit."""
    decades = range(math.floor(low), math.ceil(high) + 1)
    found: list[float] = []
    for stride, digits in ((10, (1,)), (5, (1,)), (2, (1,)), (1, (1,)), (1, (1, 3)), (1, (1, 2, 5)), (1, range(1, 10))):
        ticks = [decade + math.log10(digit) for decade in decades if decade % stride == 0 for digit in digits]
        ticks = [tick for tick in ticks if low <= tick <= high]
        gap = min((b - a for a, b in itertools.pairwise(ticks)), default=high - low)
        if gap * most < high - low:
            break
        found = ticks
    if len(found) >= 2:
        return found
    bottom, top = 10.0**low, 10.0**high  # less than a decade: evenly spaced figures
    step = 10.0 ** math.floor(math.log10(max(top - bottom, 1e-300)))
    while (top - bottom) / step > most:
        step *= 2
    if (top - bottom) / step < 2:
        step /= 5
    first = math.ceil(bottom / step)
    return [math.log10(number * step) for number in range(first, math.floor(top / step) + 1) if number > 0]


def settled(
    now: tuple[float, float] | None, low: float, high: float, room: float, *, both_ends: bool = True
) -> tuple[float, float]:
    """The range to show for data in [low, high]: the present one while the data fits and fills most of it, else one
    with some room at its end. Axes that move seldom are quick to draw and pleasant to read."""
    if now is not None and now[0] <= low and high <= now[1] and high - low >= 0.8 * (now[1] - now[0]):
        return now
    if now is None:
        return low, high
    wider = room * (high - low)
    below = wider if now[0] > low and both_ends else 0.0
    return low - below, (high if high <= now[1] else high + wider)


def nearest(x: np.ndarray, at: float) -> int:
    """Index of the value of ascending ``x`` (not empty) that is closest to ``at``."""
    after = int(np.searchsorted(x, at))
    if after <= 0:
        return 0
    if after >= len(x):
        return len(x) - 1
    return after if x[after] - at < at - x[after - 1] else after - 1
