"""A small shape for each class beside its colour, so that colour is never the only sign."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPolygonF

GLYPHS = "●■▲◆▼★✚⬢"
"""The shapes as characters, by the place of the class; they repeat as the colours do."""
_TURNED = {2: (3, -90.0), 3: (4, -90.0), 4: (3, 90.0), 7: (6, 0.0)}
"""Corners, and the angle of the first one, of regular shapes."""


def glyph(place: int) -> str:
    """The shape of a class as a character."""
    return GLYPHS[place % len(GLYPHS)]


def paint_mark(painter: QPainter, place: int, middle: QPointF, size: float) -> None:
    """Paint the shape of a class, ``size`` across, with the painter's brush."""
    shape, half = place % len(GLYPHS), size / 2
    if shape == 0:
        painter.drawEllipse(middle, half, half)
    elif shape == 1:
        painter.drawRect(QRectF(middle.x() - 0.88 * half, middle.y() - 0.88 * half, 1.76 * half, 1.76 * half))
    elif shape == 6:
        arm = size / 3
        painter.drawRect(QRectF(middle.x() - half, middle.y() - arm / 2, size, arm))
        painter.drawRect(QRectF(middle.x() - arm / 2, middle.y() - half, arm, size))
    elif shape == 5:
        painter.drawPolygon(_star(middle, 1.2 * half))
    else:
        corners, first = _TURNED[shape]
        painter.drawPolygon(QPolygonF([_at(middle, 1.15 * half, first + 360 * k / corners) for k in range(corners)]))


def _star(middle: QPointF, radius: float) -> QPolygonF:
    return QPolygonF([_at(middle, radius * (1.0, 0.45)[k % 2], -90 + 36 * k) for k in range(10)])


def _at(middle: QPointF, radius: float, degrees: float) -> QPointF:
    angle = math.radians(degrees)
    return QPointF(middle.x() + radius * math.cos(angle), middle.y() + radius * math.sin(angle))
