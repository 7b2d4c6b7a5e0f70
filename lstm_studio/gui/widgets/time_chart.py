"""How many units remember for how long."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.theme import font, theme
from lstm_studio.gui.widgets.bars import Bars
from lstm_studio.inspection.memory import BOUNDS, histogram


class TimeChart(Bars):
    """Units by their time constant in tokens, on an axis that doubles from bar to bar."""

    def __init__(self) -> None:
        super().__init__(
            tr("Units by their time constant"),
            tr("This cell has no gate that says how much of the old state is kept."),
        )
        self._counts: np.ndarray = np.zeros(0, np.int64)

    def set_constants(self, constants: np.ndarray | None) -> None:
        """Show time constants [H]; None: the cell has none."""
        self._counts = np.zeros(0, np.int64) if constants is None else histogram(constants)
        most = float(max(self._counts, default=0))
        captions = [str(count) if count else "" for count in self._counts]
        heights = [float(count) if count else math.nan for count in self._counts]
        self.set_bars(heights, [False] * len(heights), 2.0 * math.ceil(max(1.0, most) / 2), captions)

    def words(self, bar: int) -> str:
        low, high = BOUNDS[bar], BOUNDS[bar + 1]
        count = ntr("{n} unit", "{n} units", int(self._counts[bar]))
        if bar == 0:
            return tr("{units} keep 1/e of their memory for less than a token", units=count)
        if math.isinf(high):
            return tr("{units} keep 1/e of their memory for {low:g} tokens or more", units=count, low=low)
        return tr("{units} keep 1/e of their memory for {low:g} to {high:g} tokens", units=count, low=low, high=high)

    def paint_axis(self, painter: QPainter, plot: QRectF, wide: float) -> None:
        painter.setFont(font("small", tabular=True))
        painter.setPen(theme().color("text_muted"))
        for edge in range(1, len(BOUNDS) - 1):  # at the edges, as the axis goes on without an end
            x = plot.left() + edge * wide
            box = QRectF(x - wide / 2, plot.bottom() + 2, wide, 16)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), f"{BOUNDS[edge]:g}")
        metrics = painter.fontMetrics()
        unit = tr("tokens")
        if metrics.horizontalAdvance(unit) < wide:
            painter.drawText(QPointF(plot.right() - metrics.horizontalAdvance(unit), plot.bottom() + 14), unit)


def constant_words(constant: float) -> str:
    """A time constant with its unit."""
    if math.isnan(constant):
        return "–"
    if constant > 1000:
        return tr("over 1,000 tokens")
    return tr("{n} tokens", n=f"{constant:.1f}" if constant < 100 else f"{constant:.0f}")
