"""A network that writes, at a glance: what is read on the left, what is written on the right, who looks where above."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from lstm_studio.config import ModelConfig
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme

_LEFT, _BETWEEN, _RIGHT = 78.0, 52.0, 8.0
_WORDS = 20.0
_ABOVE, _LIFT, _STEEP = 52.0, 9.0, 26.0
"""Room above the layers: the words that are written, lines of attention below them, the states that look back."""
_NARROWEST, _FEWEST, _MOST = 46.0, 2, 5
_NODE, _CLOSE = 4.5, 13.5
_NEAR, _FAR = 0.85, 0.3
"""How strongly lines of attention are drawn: to the word at the same place, and to the others."""


class WriterPicture:
    """Where everything stands, for one size of the widget; paints when asked to."""

    def __init__(
        self,
        config: ModelConfig,
        rows: Sequence[tuple[int, bool]],
        tokens: Sequence[str],
        written: Sequence[str],
        width: float,
        height: float,
    ) -> None:
        self.config, self.rows = config, list(rows)
        room = width - _LEFT - _BETWEEN - _RIGHT
        most = max(_FEWEST, min(_MOST, int(room / 2 / _NARROWEST)))
        self.tokens, self.written = list(tokens[:most]) or ["…"], list(written[:most]) or ["…"]
        self.step = room / (len(self.tokens) + len(self.written))
        start = _LEFT + self.step * len(self.tokens) + _BETWEEN
        self.reads = [_LEFT + self.step * (index + 0.5) for index in range(len(self.tokens))]
        self.writes = [start + self.step * (index + 0.5) for index in range(len(self.written))]
        self.bottom = height - _WORDS
        self.pitch = min(28.0, (self.bottom - _ABOVE - 6) / len(self.rows))
        self.cell = max(3.0, min(16.0, self.pitch - 5))
        self.half = min(16.0, self.step * 0.28)
        # Of what is free a part goes to the lines of attention, the rest stands around all of it.
        free = self.bottom - _ABOVE - 6 - self.pitch * len(self.rows)
        lowest = self.bottom - 7 - self.cell / 2 - min(12.0, free / 4)
        self.heights = [lowest - self.pitch * index for index in range(len(self.rows))]
        self.layers = sorted({layer for layer, _ in self.rows})
        self.top = self.heights[-1] - self.cell / 2
        self.nodes = max(_WORDS + _LIFT + _NODE, self.top - 12 - min(_STEEP, free / 2))

    def height_of(self, layer: int) -> float:
        """Where a layer that writes stands: beside those that read."""
        beside = [y for y, (one, _) in zip(self.heights, self.rows, strict=True) if one == layer]
        return sum(beside) / len(beside)

    def paint(self, painter: QPainter) -> None:
        """All of it."""
        looks = self.config.attention != "none"
        if looks:
            self._attention(painter)
        for y, (layer, backward) in zip(self.heights, self.rows, strict=True):
            last = layer == self.layers[-1]
            ends = {0 if backward else len(self.reads) - 1}
            filled = (set(range(len(self.reads))) if looks else ends) if last else set()
            self._cells(painter, self.reads, y, filled, backward)
            self._row_name(painter, y, layer, backward)
        for layer in self.layers:
            filled = set(range(len(self.writes))) if layer == self.layers[-1] else set()
            self._cells(painter, self.writes, self.height_of(layer), filled, False)
            self._bridge(painter, layer, thick=not looks and layer == self.layers[-1])
        self._upright(painter)
        self._states(painter)
        if self.config.input_feeding:
            self._feeding(painter)
        self._words(painter)

    # -- parts ----------------------------------------------------------------------------------------------

    def _cells(self, painter: QPainter, xs: Sequence[float], y: float, filled: set[int], backward: bool) -> None:
        ink = theme().color("border_strong" if backward else "accent")
        for place, x in enumerate(xs):
            fill = QColor(ink)
            fill.setAlphaF(0.85 if place in filled else 0.12)
            painter.setBrush(fill)
            painter.setPen(QPen(ink, 1.4))
            radius = min(4.0, self.cell / 3)
            painter.drawRoundedRect(QRectF(x - self.half, y - self.cell / 2, 2 * self.half, self.cell), radius, radius)
        for one, two in pairwise(xs):
            ends = (one + self.half + 2, two - self.half - 2)
            begin, end = reversed(ends) if backward else ends
            arrow(painter, QPointF(begin, y), QPointF(end, y), ink)

    def _row_name(self, painter: QPainter, y: float, layer: int, backward: bool) -> None:
        painter.setFont(font("small"))
        painter.setPen(theme().color("text_muted"))
        words = tr("Layer {n}", n=layer + 1) + (" ←" if backward else " →")
        if self.config.bidirectional and self.pitch < _CLOSE:  # two names would stand on each other
            if backward:
                return
            words, y = tr("Layer {n}", n=layer + 1) + " ⇄", self.height_of(layer)
        painter.drawText(QRectF(0, y - 9, _LEFT - 6, 18), Qt.AlignmentFlag.AlignVCenter, words)

    def _bridge(self, painter: QPainter, layer: int, thick: bool) -> None:
        """What was read last becomes the writer's first state."""
        ink = theme().color("text_muted" if thick else "border_strong")
        pen = QPen(ink, 3.0 if thick else 1.4)
        y, start = self.height_of(layer), self.reads[-1] + self.half + 4
        middle, end = start + (_BETWEEN + self.step - 2 * self.half) * 0.45, self.writes[0] - self.half - 3
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for height, (one, _) in zip(self.heights, self.rows, strict=True):
            if one == layer:
                path = QPainterPath(QPointF(start, height))
                path.cubicTo(QPointF(start + 12, height), QPointF(middle - 10, y), QPointF(middle, y))
                painter.setPen(pen)
                painter.drawPath(path)
        arrow(painter, QPointF(middle, y), QPointF(end, y), ink, 3.0 if thick else 1.4)

    def _upright(self, painter: QPainter) -> None:
        """Thin lines from the words through the layers to the states that look back."""
        painter.setPen(QPen(theme().color("border_strong"), 1.2))
        above = self.cell / 2 + 1
        reading = [[y for y, (one, _) in zip(self.heights, self.rows, strict=True) if one == layer]
                   for layer in self.layers]  # fmt: skip
        for xs, levels in ((self.reads, reading), (self.writes, [[self.height_of(one)] for one in self.layers])):
            for x in xs:
                painter.drawLine(QPointF(x, self.bottom + 1), QPointF(x, levels[0][0] + above))
                for lower, upper in pairwise(levels):
                    painter.drawLine(QPointF(x, lower[-1] - above), QPointF(x, upper[0] + above))
        top = self.height_of(self.layers[-1]) - above
        for x in self.writes:
            painter.drawLine(QPointF(x, top), QPointF(x, self.nodes + _NODE + 1))

    def _states(self, painter: QPainter) -> None:
        colors = theme()
        painter.setPen(QPen(colors.color("accent"), 1.4))
        painter.setBrush(colors.color("surface"))
        for x in self.writes:
            painter.drawEllipse(QPointF(x, self.nodes), _NODE, _NODE)
        painter.setPen(QPen(colors.color("border_strong"), 1.2))
        for x in self.writes:
            painter.drawLine(QPointF(x, self.nodes - _NODE - 1), QPointF(x, self.nodes - _NODE - _LIFT + 2))

    def _attention(self, painter: QPainter) -> None:
        """From each state to each word that was read."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        steep = self.top - 2 - self.nodes
        for place, x in enumerate(self.writes):
            nearest = round(place * (len(self.reads) - 1) / max(1, len(self.writes) - 1))
            for read, end in enumerate(self.reads):
                near = read == nearest
                painter.setPen(QPen(theme().color("accent", _NEAR if near else _FAR), 1.6 if near else 1.0))
                path = QPainterPath(QPointF(x - _NODE, self.nodes))
                path.cubicTo(
                    QPointF(x - 0.35 * (x - end), self.nodes - _LIFT),
                    QPointF(end + 0.1 * (x - end), self.nodes - _LIFT),
                    QPointF(end, self.nodes + steep),
                )
                painter.drawPath(path)

    def _feeding(self, painter: QPainter) -> None:
        """Where a step has looked is read by the next one."""
        ink = theme().color("text_muted")
        low = self.bottom - 2
        for one, two in pairwise(self.writes):
            x = (one + self.half + two - self.half) / 2
            path = QPainterPath(QPointF(one + _NODE + 1, self.nodes))
            path.lineTo(x - 5, self.nodes)
            path.quadTo(x, self.nodes, x, self.nodes + 5)
            path.lineTo(x, low - 4)
            path.quadTo(x, low, x + 4, low)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            pen = QPen(ink, 1.2)
            pen.setDashPattern([3, 2])
            painter.setPen(pen)
            painter.drawPath(path)
            arrow(painter, QPointF(x + 3, low), QPointF(two - 3, low), ink, 1.2)

    def _words(self, painter: QPainter) -> None:
        colors = theme()
        painter.setFont(font("small"))
        metrics = painter.fontMetrics()
        start = ["<s>", *self.written[:-1]]

        def write(xs: Sequence[float], words: Sequence[str], top: float, role: str) -> None:
            painter.setPen(colors.color(role))
            for x, word in zip(xs, words, strict=True):
                shown = metrics.elidedText(word, Qt.TextElideMode.ElideRight, int(self.step - 4))
                rect = QRectF(x - self.step / 2, top, self.step, _WORDS)
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, shown)

        write(self.reads, self.tokens, self.bottom, "text_muted")
        write(self.writes, start, self.bottom, "text_muted")
        write(self.writes, self.written, self.nodes - _NODE - _LIFT - _WORDS + 3, "text")


def arrow(painter: QPainter, start: QPointF, end: QPointF, ink: QColor, width: float = 1.4) -> None:
    """A level line with a head."""
    way = 1 if end.x() > start.x() else -1
    long, broad = 4 + (width - 1.4), 3 + (width - 1.4) * 0.8
    painter.setPen(QPen(ink, width))
    painter.drawLine(start, QPointF(end.x() - way * (width - 1.4) * 1.6, end.y()))
    head = QPainterPath(QPointF(end.x() + way, end.y()))
    head.lineTo(end.x() - long * way, end.y() - broad)
    head.lineTo(end.x() - long * way, end.y() + broad)
    head.closeSubpath()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    painter.drawPath(head)
