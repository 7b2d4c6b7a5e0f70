"""Symbols with subscripts and places in time, drawn as a mathematician would: W_{xi} x[t], c[t-1]."""

from __future__ import annotations

import re
from dataclasses import dataclass

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

_PART = re.compile(r"_\{(?P<sub>[^}]*)\}|\[(?P<time>[^\]]*)\]|_(?P<short>\w+)")
_LOWER = 0.24
"""How far below the line a subscript stands, in units of the font's height."""


@dataclass(frozen=True)
class Piece:
    """Some letters in one font on one height."""

    text: str
    lowered: bool = False
    slanted: bool = False


def pieces(text: str) -> list[Piece]:
    """Split ``W_{xi} x[t-1]`` into letters and subscripts. Single Latin letters are variables and stand slanted."""
    found: list[Piece] = []
    at = 0
    for match in _PART.finditer(text):
        found += _plain(text[at : match.start()])
        lowered = match["sub"] or match["time"] or match["short"] or ""
        found.append(Piece(lowered.replace("-", "−"), lowered=True))
        at = match.end()
    return found + _plain(text[at:])


def _plain(text: str) -> list[Piece]:
    text = text.replace(" - ", " − ").replace("∘", "⊙")
    parts = re.split(r"(?<![A-Za-z])([A-Za-z])(?![A-Za-z])", text)
    return [Piece(part, slanted=index % 2 == 1) for index, part in enumerate(parts) if part]


class MathText:
    """Measures and draws such symbols in one size."""

    def __init__(self, font: QFont) -> None:
        self._plain = QFont(font)
        self._slanted = QFont(font)
        self._slanted.setItalic(True)
        self._small = QFont(font)
        size = font.pixelSize() if font.pixelSize() > 0 else 14
        self._small.setPixelSize(max(9, round(size * 0.74)))
        self._metrics = {id(one): QFontMetricsF(one) for one in (self._plain, self._slanted, self._small)}
        self.height = self._metrics[id(self._plain)].height()
        self.ascent = self._metrics[id(self._plain)].ascent()

    def _font(self, piece: Piece) -> QFont:
        return self._small if piece.lowered else self._slanted if piece.slanted else self._plain

    def width(self, text: str) -> float:
        """Width of a text on one line."""
        return sum(self._metrics[id(self._font(piece))].horizontalAdvance(piece.text) for piece in pieces(text))

    def draw(self, painter: QPainter, x: float, baseline: float, text: str, color: QColor) -> float:
        """Draw from ``x`` on; returns where it ends."""
        painter.setPen(color)
        for piece in pieces(text):
            font = self._font(piece)
            painter.setFont(font)
            y = baseline + (self.height * _LOWER if piece.lowered else 0.0)
            painter.drawText(QPointF(x, y), piece.text)
            x += self._metrics[id(font)].horizontalAdvance(piece.text)
        return x

    def draw_centred(self, painter: QPainter, x: float, middle: float, text: str, color: QColor) -> None:
        """Draw around a point."""
        metrics = self._metrics[id(self._plain)]
        lowered = any(piece.lowered for piece in pieces(text))
        baseline = middle + metrics.xHeight() / 2 + (0 if not lowered else -1)
        self.draw(painter, x - self.width(text) / 2, baseline, text, color)
