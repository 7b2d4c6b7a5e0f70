"""How a unit's values are spread at the tokens of each label: one curve a label, all of the same area."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstm_studio.gui.i18n import number, tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.context_list import label_words, signed
from lstm_studio.gui.widgets.tips import show_tip
from lstm_studio.gui.widgets.token_axis import quoted

if TYPE_CHECKING:
    from lstm_studio.inspection.units import Histogram, LabelDensity

_AXIS, _LINE, _SQUARE = 20.0, 18.0, 10.0
_LONGEST = 120.0


class DensityChart(QWidget):
    """Curves over the values that occur; the labels stand above them, the best separated one first."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: Histogram | None = None
        self._meaning = "label"
        self._keys: list[tuple[QRectF, LabelDensity]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(110)
        self.setAccessibleName(tr("Values by label"))
        theme_notifier().changed.connect(self.update)

    def set_histogram(self, seen: Histogram | None, meaning: str = "label") -> None:
        """Show distributions; labels of texts have the colours of classes, others those of their rank."""
        self._seen, self._meaning = seen, meaning
        curves = self._curves()
        self.setAccessibleDescription("; ".join(self.words(one) for one, _ in curves))
        self.update()

    def words(self, one: LabelDensity) -> str:
        """A curve as a sentence."""
        name = quoted(label_words(one.name, self._meaning)) if one.number >= 0 else tr("all other tokens")
        return tr("{label}: mean {mean} at {n} tokens", label=name, mean=signed(one.mean), n=number(one.count))

    def sizeHint(self) -> QSize:
        return QSize(360, 190)

    def _curves(self) -> list[tuple[LabelDensity, QColor]]:
        if self._seen is None:
            return []
        found = [
            (one, theme().class_color(one.number if self._meaning == "label" else rank))
            for rank, one in enumerate(self._seen.labels)
        ]
        if self._seen.rest is not None:
            found.append((self._seen.rest, theme().color("text_muted")))
        return found

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("small", tabular=True))
        curves, seen = self._curves(), self._seen
        if seen is not None and curves:
            above = self._paint_keys(painter, curves)
            plot = QRectF(4, above + 4, self.width() - 8, max(20.0, self.height() - above - 4 - _AXIS))
            self._paint_axis(painter, plot, seen.edges)
            top = max(float(one.density.max()) for one, _ in curves) or 1.0
            for one, color in reversed(curves):
                self._paint_curve(painter, plot, one, color, top)
        painter.end()

    def _paint_keys(self, painter: QPainter, curves: list[tuple[LabelDensity, QColor]]) -> float:
        """Which colour is which label; returns how tall that is."""
        metrics = QFontMetricsF(font("small"))
        x, y = 0.0, 0.0
        self._keys = []
        for one, color in curves:
            name = label_words(one.name, self._meaning) if one.number >= 0 else tr("other")
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, _LONGEST)
            wide = _SQUARE + 5 + metrics.horizontalAdvance(text) + 14
            if x and x + wide > self.width():
                x, y = 0.0, y + _LINE
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawRoundedRect(QRectF(x, y + (_LINE - _SQUARE) / 2, _SQUARE, _SQUARE), 2, 2)
            painter.setPen(theme().color("text"))
            box = QRectF(x + _SQUARE + 5, y, wide, _LINE)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)
            self._keys.append((QRectF(x, y, wide, _LINE), one))
            x += wide
        return y + _LINE

    @staticmethod
    def _paint_axis(painter: QPainter, plot: QRectF, edges: np.ndarray) -> None:
        colours, low, high = theme(), float(edges[0]), float(edges[-1])
        painter.setPen(QPen(colours.color("border"), 1))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        painter.setPen(colours.color("text_muted"))
        ticks = [low, high] if not low < 0 < high else [low, 0.0, high]
        written: list[QRectF] = []
        for value in (low, high, *ticks[1:-1]):
            x = plot.left() + (value - low) / (high - low) * plot.width()
            text = f"{value:.2f}".rstrip("0").rstrip(".").replace("-", "−") or "0"
            wide = QFontMetricsF(painter.font()).horizontalAdvance(text) + 8
            box = QRectF(min(max(x - wide / 2, 0.0), plot.right() + 4 - wide), plot.bottom() + 2, wide, _AXIS - 2)
            if any(box.intersects(other) for other in written):
                continue
            written.append(box)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), "0" if text in ("−0", "") else text)
        if low < 0 < high:
            x = plot.left() - low / (high - low) * plot.width()
            painter.setPen(QPen(colours.color("grid"), 1))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))

    @staticmethod
    def _paint_curve(painter: QPainter, plot: QRectF, one: LabelDensity, color: QColor, top: float) -> None:
        bins = len(one.density)
        step = plot.width() / bins
        line = QPolygonF()
        for place, value in enumerate(one.density.tolist()):
            y = plot.bottom() - value / top * (plot.height() - 4)
            line.append(QPointF(plot.left() + place * step, y))
            line.append(QPointF(plot.left() + (place + 1) * step, y))
        area = QPolygonF(line)
        area.append(plot.bottomRight())
        area.append(plot.bottomLeft())
        thin = QColor(color)
        thin.setAlphaF(0.10)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(thin)
        painter.drawPolygon(area)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color, 1.6))
        painter.drawPolyline(line)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = QPointF(event.pos())
            said = next((self.words(one) for box, one in self._keys if box.contains(at)), "")
            whole = tr("Each curve holds all tokens of a label; its height says how often the unit has such a value.")
            show_tip(event, said or whole, self)
            return True
        return super().event(event)
