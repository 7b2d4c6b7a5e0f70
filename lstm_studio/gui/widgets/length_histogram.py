"""How long the texts are, and what the longest length would cut."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from lstm_studio.gui.i18n import ntr, number, tr
from lstm_studio.gui.theme import font, theme, theme_notifier

_AXIS = 18.0
_ROOM = 16.0
"""Above the bars, for the words at the cut."""


class LengthHistogram(QWidget):
    """Bars of token counts; those beyond the cut are pale, and a line says where it is."""

    def __init__(self) -> None:
        super().__init__()
        self._edges = np.array([0, 1])
        self._counts = np.array([0])
        self._cut: int | None = None
        self._share = 0.0
        self._counted = ("{n} text", "{n} texts")
        self._dropped = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Lengths of the texts"))
        theme_notifier().changed.connect(self.update)

    def set_lengths(
        self,
        edges: np.ndarray,
        counts: np.ndarray,
        cut: int | None,
        share: float,
        counted: tuple[str, str] = ("{n} text", "{n} texts"),
        *,
        dropped: bool = False,
    ) -> None:
        """Show a histogram: counts [n] between edges [n + 1]; ``share`` of the texts is longer than ``cut``.

        ``counted`` is what one and many of them are called, with their number; with ``dropped`` those beyond the cut
        are left out as a whole.
        """
        self._counted, self._dropped = counted, dropped
        self._edges, self._counts, self._cut, self._share = edges, counts, cut, share
        self.setAccessibleDescription(self.words())
        self.update()

    def words(self) -> str:
        """What the cut does, as a sentence."""
        if self._cut is None:
            return ""
        if self._share <= 0:
            return tr("None is longer than {n} tokens.", n=number(self._cut))
        share = 100 * self._share
        shown = f"{share:.1f}" if share >= 0.05 else "< 0.1"
        return tr("{share} % are longer than {n} tokens.", share=shown, n=number(self._cut))

    def sizeHint(self) -> QSize:
        return QSize(280, 96)

    def _plot(self) -> QRectF:
        return QRectF(0, _ROOM, self.width(), self.height() - _AXIS - _ROOM)

    def _x(self, tokens: float) -> float:
        plot = self._plot()
        low, high = float(self._edges[0]), float(self._edges[-1])
        return plot.left() + plot.width() * (tokens - low) / max(1e-9, high - low)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors, plot = theme(), self._plot()
        top = max(1, int(self._counts.max(initial=0)))
        painter.setPen(Qt.PenStyle.NoPen)
        for low, high, count in zip(self._edges, self._edges[1:], self._counts, strict=False):
            if not count:
                continue
            left, right = self._x(low), self._x(high)
            tall = max(1.5, plot.height() * count / top)
            beyond = self._cut is not None and low > self._cut
            painter.setBrush(colors.color("accent", 0.28 if beyond else 0.85))
            gap = 1.0 if right - left > 3 else 0.0
            painter.drawRoundedRect(QRectF(left, plot.bottom() - tall, right - left - gap, tall), 1.5, 1.5)
        painter.setPen(QPen(colors.color("border"), 1))
        painter.drawLine(QPointF(0, plot.bottom() + 0.5), QPointF(self.width(), plot.bottom() + 0.5))
        self._axis(painter, plot)
        self._mark(painter, plot)
        painter.end()

    def _axis(self, painter: QPainter, plot: QRectF) -> None:
        painter.setFont(font("small", tabular=True))
        painter.setPen(theme().color("text_muted"))
        metrics = painter.fontMetrics()
        low, high = int(self._edges[0]), int(self._edges[-1])
        step = _nice((high - low) / 4)
        ticks = list(range(low, high + 1, step))
        last = tr("{n} tokens", n=number(ticks[-1]))
        for tick in ticks:
            words = last if tick == ticks[-1] and len(ticks) > 1 else number(tick)
            wide = metrics.horizontalAdvance(words)
            x = min(max(0.0, self._x(tick) - wide / 2), self.width() - wide)
            painter.drawText(QPointF(x, self.height() - 4), words)

    def _mark(self, painter: QPainter, plot: QRectF) -> None:
        if self._cut is None or self._cut >= self._edges[-1]:
            return
        colors = theme()
        x = min(self._x(self._cut + 0.5), self.width() - 1.0)
        pen = QPen(colors.color("plot_validation"), 1.4)
        pen.setDashPattern([3, 2.4])
        painter.setPen(pen)
        painter.drawLine(QPointF(x, 2), QPointF(x, plot.bottom()))
        painter.setFont(font("small", tabular=True))
        painter.setPen(colors.color("plot_validation"))
        words = tr("up to {n}", n=number(self._cut)) if self._dropped else tr("cut at {n}", n=number(self._cut))
        wide = painter.fontMetrics().horizontalAdvance(words)
        left = x - wide - 5 if x - wide - 5 > 0 else x + 5
        painter.drawText(QPointF(left, 12), words)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            for low, high, count in zip(self._edges, self._edges[1:], self._counts, strict=False):
                if self._x(low) <= event.pos().x() < self._x(high):
                    last = high == self._edges[-1]
                    span = tr("{n} tokens and more", n=number(low)) if last else None
                    if span is None:
                        span = number(low) if high - low == 1 else f"{number(low)} – {number(high - 1)}"
                        span = tr("{n} tokens", n=span)
                    QToolTip.showText(event.globalPos(), f"{span}: {ntr(*self._counted, int(count))}", self)
                    break
            return True
        return super().event(event)


def _nice(step: float) -> int:
    """The next round number that is not smaller."""
    for power in range(7):
        for factor in (1, 2, 5):
            if factor * 10**power >= step:
                return int(factor * 10**power)
    return max(1, int(step))
