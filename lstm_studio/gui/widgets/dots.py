"""Round marks at the points of a curve, drawn with one call; pyqtgraph's own cost more than the curve they stand on."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF


class Dots(pg.GraphicsObject):
    """Marks in the coordinates of the chart, of one size on the screen."""

    def __init__(self, size: float) -> None:
        super().__init__()
        self._size = size
        self._points = QPolygonF()
        self._rectangle = QRectF()
        self._pen = QPen()

    def set_look(self, color: QColor, ratio: float) -> None:
        """Another colour, or another number of the screen's dots to one pixel."""
        # A point drawn with a round pen is a disc; a cosmetic one keeps its size, in dots, whatever the scale.
        self._pen = QPen(color, self._size * ratio, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        self._pen.setCosmetic(True)
        self.update()

    def set_data(self, x: np.ndarray, y: np.ndarray) -> None:
        """Where the marks stand; those that are not finite are left out."""
        there = np.isfinite(x) & np.isfinite(y)
        x, y = x[there], y[there]
        self.prepareGeometryChange()
        self._points = QPolygonF([QPointF(*place) for place in zip(x.tolist(), y.tolist(), strict=True)])
        self._rectangle = QRectF()
        if len(x):
            self._rectangle.setCoords(float(x.min()), float(y.min()), float(x.max()), float(y.max()))
        self.update()

    def boundingRect(self) -> QRectF:
        width, height = self.pixelVectors()
        if width is None or height is None:
            return self._rectangle
        right, up = self._size * abs(width.x()), self._size * abs(height.y())
        return self._rectangle.adjusted(-right, -up, right, up)

    def viewTransformChanged(self) -> None:
        self.prepareGeometryChange()

    def paint(self, painter: QPainter, *_: object) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._pen)
        painter.drawPoints(self._points)
