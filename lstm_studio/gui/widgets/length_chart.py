"""How well texts are written, by the length of their sources."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstm_studio.gui.i18n import ntr, number, tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.metrics import shown_metric
from lstm_studio.gui.widgets.tips import show_tip
from lstm_studio.runs.results_written import ByLength

_AXIS, _LEFT, _ROOM = 18.0, 28.0, 8.0
_FEW = 5
"""Groups with fewer texts are pale: their mean says little."""


class LengthChart(QWidget):
    """A bar for each group of lengths; all bars are equally wide, and the edges between them are written below."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: ByLength | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(72)
        self.setAccessibleName(tr("chrF by length of the source"))
        theme_notifier().changed.connect(self.update)

    def set_lengths(self, lengths: ByLength | None) -> None:
        """Show these; None for nothing."""
        self._shown = lengths
        groups = range(len(lengths.counts)) if lengths is not None else ()
        self.setAccessibleDescription("; ".join(self.words(group) for group in groups))
        self.update()

    def words(self, group: int) -> str:
        """A bar as a sentence."""
        shown = self._shown
        assert shown is not None
        low, high = shown.edges[group], shown.edges[group + 1] - 1
        span = number(low) if high <= low else f"{number(low)} – {number(high)}"
        texts = ntr("{n} text", "{n} texts", shown.counts[group])
        tokens = tr("{n} tokens", n=span)
        return tr("{tokens}: chrF {score}, {texts}", tokens=tokens, score=self._score(group), texts=texts)

    def _score(self, group: int) -> str:
        return shown_metric("chrf", self._shown.scores[group]) if self._shown is not None else ""

    def sizeHint(self) -> QSize:
        return QSize(320, 120)

    def _plot(self) -> QRectF:
        return QRectF(_LEFT, _ROOM, max(1.0, self.width() - _LEFT), max(1.0, self.height() - _AXIS - _ROOM))

    def _top(self) -> float:
        """The next round figure above all bars."""
        scores = [score for score in self._shown.scores if math.isfinite(score)] if self._shown is not None else []
        most = max(scores, default=0.0)
        return next((top for top in (10.0, 20.0, 40.0, 60.0, 80.0) if most <= top), 100.0)

    def paintEvent(self, event: QPaintEvent) -> None:
        shown = self._shown
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("small", tabular=True))
        colors, plot, top = theme(), self._plot(), self._top()
        if shown is None:
            painter.setPen(colors.color("text_muted"))
            words = tr("Long and short sources are compared here once texts were written.")
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(QRectF(self.rect()), flags, words)
            painter.end()
            return
        for share in (0.0, 0.5, 1.0):
            y = plot.bottom() - share * plot.height()
            painter.setPen(QPen(colors.color("grid" if share else "border"), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(colors.color("text_muted"))
            box = QRectF(0, y - 8, _LEFT - 6, 16)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box, int(right), f"{share * top:.0f}")
        wide = plot.width() / len(shown.counts)
        painter.setPen(Qt.PenStyle.NoPen)
        for group, (score, count) in enumerate(zip(shown.scores, shown.counts, strict=True)):
            if not math.isfinite(score):
                continue
            tall = max(1.5, plot.height() * max(0.0, min(1.0, score / top)))
            painter.setBrush(colors.color("accent", 0.35 if count < _FEW else 0.85))
            gap = min(4.0, wide / 8)
            bar = QRectF(plot.left() + group * wide + gap, plot.bottom() - tall, max(1.0, wide - 2 * gap), tall)
            painter.drawRoundedRect(bar, 1.5, 1.5)
        self._axis(painter, plot, wide)
        painter.end()

    def _axis(self, painter: QPainter, plot: QRectF, wide: float) -> None:
        """Edges below the bars, as many as there is room for; the last one says what they are."""
        shown = self._shown
        assert shown is not None
        painter.setPen(theme().color("text_muted"))
        metrics = painter.fontMetrics()
        last = tr("{n} tokens", n=number(shown.edges[-1] - 1))
        end = self.width() - metrics.horizontalAdvance(last)
        painter.drawText(QPointF(end, self.height() - 4), last)
        reached = 0.0
        for place, edge in enumerate(shown.edges[:-1]):
            words = number(edge)
            long = metrics.horizontalAdvance(words)
            left = plot.left() + place * wide - (long / 2 if place else 0)
            if left >= reached and left + long + 10 <= end:
                painter.drawText(QPointF(left, self.height() - 4), words)
                reached = left + long + 8

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            show_tip(event, self.tip(event.pos().x()), self)
            return True
        return super().event(event)

    def tip(self, x: float) -> str:
        """What stands at this place."""
        plot = self._plot()
        if self._shown is None or not plot.left() <= x < plot.right():
            return ""
        return self.words(int((x - plot.left()) / plot.width() * len(self._shown.counts)))
