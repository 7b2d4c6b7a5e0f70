"""Tokens written below a picture: level, slanted or left out, whatever still can be read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPaintEngine, QPainter, QPixmap, QTextOption

from lstm_studio.data.units import END_ID, MARK, SPECIAL
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.widgets.bidi import isolated

END = SPECIAL[END_ID]
"""What stands among written tokens where the text ends."""
SLANT = 60.0
_LONGEST = 58.0
_REACH = 60
"""Pixels that labels may reach beyond the picture at either side."""
_STRIPS = 2
"""Painted strips that are kept."""
_INVISIBLE = {" ": "␣", "\n": "⏎", "\r": "⏎", "\t": "⇥", "\u3000": "␣", "\xa0": "␣", "": "∅"}


def shown_piece(token: str) -> str:
    """A piece of a text that is read or written, without the mark of a space before it; the end mark is named."""
    if token == END:
        return tr("⏎ end")
    return token[1:] or " " if token.startswith(MARK) else token


def visible_token(token: str) -> str:
    """The token as it can be shown: blanks and line ends get a sign of their own."""
    token = shown_piece(token)
    if token in _INVISIBLE:
        return _INVISIBLE[token]
    if token.isspace():
        return "␣" * min(3, len(token))
    return isolated("".join(character if character.isprintable() else "·" for character in token))


def quoted(token: str) -> str:
    """The token for use inside a sentence; isolated, so that its script does not turn the sentence around."""
    return f"\u2068{visible_token(token)}\u2069"


class TokenAxis:
    """Lays out and paints the labels of tokens [x0, x1) under ``width`` pixels.

    Level if every label fits its cell, slanted while a line of text fits a cell, and of the rest every n-th.
    With ``level`` they are never slanted, which needs the least height.
    """

    def __init__(self, tokens: Sequence[str], font: QFont, *, level: bool = False) -> None:
        self._level = level
        self.font = font
        self.metrics = QFontMetricsF(font)
        self.labels = [visible_token(token) for token in tokens]
        self._widths = [min(_LONGEST, self.metrics.horizontalAdvance(label[:24])) for label in self.labels]
        self._short: dict[int, tuple[str, float]] = {}
        self._strips: dict[tuple[object, ...], QPixmap] = {}

    def height(self, x0: float, x1: float, width: float) -> float:
        """Pixels that the labels need."""
        level, _ = self._layout(x0, x1, width)
        line = self.metrics.height()
        if level:
            return line + 4
        widest = max(self._widths[int(x0) : math.ceil(x1)], default=0.0)
        return math.ceil(widest * math.sin(math.radians(SLANT)) + line * math.cos(math.radians(SLANT))) + 4

    def paint(
        self, painter: QPainter, area: QRectF, x0: float, x1: float, color: QColor, *,
        marked: int | None = None, marked_color: QColor | None = None,
    ) -> None:  # fmt: skip
        """Paint into ``area`` (its top is the edge of the picture). The ``marked`` token is always written.

        On a screen what was painted is kept for the other pictures that show the same tokens.
        """
        if x1 <= x0 or not self.labels:
            return
        ratio = painter.deviceTransform().m11()
        if painter.paintEngine().type() != QPaintEngine.Type.Raster or ratio <= 0 or area.height() <= 0:
            self._write(painter, area, x0, x1, color, marked, marked_color)
            return
        size = (math.ceil((area.width() + 2 * _REACH) * ratio), math.ceil(area.height() * ratio))
        last = marked_color.rgba() if marked is not None and marked_color else None
        key = (x0, x1, area.width(), *size, ratio, color.rgba(), marked, last)
        strip = self._strips.get(key)
        if strip is None:
            strip = QPixmap(*size)
            strip.setDevicePixelRatio(ratio)
            strip.fill(Qt.GlobalColor.transparent)
            into = QPainter(strip)
            self._write(into, QRectF(_REACH, 0, area.width(), area.height()), x0, x1, color, marked, marked_color)
            into.end()
            while len(self._strips) >= _STRIPS:
                del self._strips[next(iter(self._strips))]
            self._strips[key] = strip
        painter.drawPixmap(QPointF(area.left() - _REACH, area.top()), strip)

    def _write(
        self, painter: QPainter, area: QRectF, x0: float, x1: float, color: QColor,
        marked: int | None, marked_color: QColor | None,
    ) -> None:  # fmt: skip
        level, step = self._layout(x0, x1, area.width())
        cell = area.width() / (x1 - x0)
        painter.setFont(self.font)
        shown = [
            index
            for index in range(max(0, math.floor(x0)), min(len(self.labels), math.ceil(x1)))
            if (index % step == 0 or index == marked) and x0 <= index + 0.5 <= x1
        ]
        if marked in shown:
            shown = [index for index in shown if index == marked or abs(index - marked) >= step or step == 1]
        for index in shown:
            x = area.left() + (index + 0.5 - x0) * cell
            painter.setPen(marked_color if index == marked and marked_color else color)
            if level:
                self._paint_level(painter, self.labels[index], x, area, max(cell * step, 1.0))
            else:
                self._paint_slanted(painter, index, x, area)

    def _layout(self, x0: float, x1: float, width: float) -> tuple[bool, int]:
        cell = width / max(x1 - x0, 1e-9)
        line = self.metrics.height()
        widest = max(self._widths[max(0, int(x0)) : math.ceil(x1)], default=0.0)
        if cell >= min(widest, _LONGEST) + 6:
            return True, 1
        if widest <= line * 1.2:  # single characters stay upright, only thinner
            return True, math.ceil((widest + 3) / cell)
        if self._level:
            return True, math.ceil((widest + 8) / cell)
        return False, max(1, math.ceil(line * 0.8 / math.sin(math.radians(SLANT)) / cell))

    def _paint_level(self, painter: QPainter, label: str, x: float, area: QRectF, room: float) -> None:
        text = self.metrics.elidedText(label, Qt.TextElideMode.ElideRight, max(room - 4, self.metrics.height()))
        box = QRectF(x - room / 2 - 20, area.top() + 3, room + 40, self.metrics.height())
        painter.drawText(box, text, _centred())

    def _paint_slanted(self, painter: QPainter, index: int, x: float, area: QRectF) -> None:
        if index not in self._short:
            text = self.metrics.elidedText(self.labels[index], Qt.TextElideMode.ElideRight, _LONGEST)
            self._short[index] = (text, self.metrics.horizontalAdvance(text))
        text, width = self._short[index]
        painter.save()
        painter.translate(QPointF(x + self.metrics.ascent() * 0.45, area.top() + 4))
        painter.rotate(-SLANT)
        painter.drawText(QPointF(-width, self.metrics.ascent() * 0.75), text)
        painter.restore()


def shared_axis(tokens: Sequence[str], font: QFont) -> TokenAxis:
    """The axis of these tokens that several pictures of one text share, with what it has painted."""
    return _shared(tuple(tokens), font.toString(), tr("⏎ end"))


@lru_cache(maxsize=8)
def _shared(tokens: tuple[str, ...], font: str, end: str) -> TokenAxis:
    described = QFont()
    described.fromString(font)
    return TokenAxis(tokens, described)


def _centred() -> QTextOption:
    option = QTextOption(Qt.AlignmentFlag.AlignCenter)
    option.setWrapMode(QTextOption.WrapMode.NoWrap)
    return option
