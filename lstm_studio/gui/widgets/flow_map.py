"""How the gradient through time came to be while a network learned: training step by distance from the answer."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstm_studio.gui.i18n import number, tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.flow_chart import size_words
from lstm_studio.gui.widgets.raster import colour_table, ticks, to_colours

_LEFT, _GAP, _TOP, _BOTTOM, _BAR = 58.0, 28.0, 22.0, 24.0, 150.0
_DECADES = 10
"""Powers of ten that the colours tell apart, from the largest value down."""


class FlowMap(QWidget):
    """One heatmap for each state (h, c), the newest moment at the bottom, colours of one logarithmic scale."""

    pointed = Signal(str)
    """The cell that is pointed at, in words; empty for none."""

    def __init__(self) -> None:
        super().__init__()
        self._maps: dict[str, np.ndarray] = {}
        self._steps: np.ndarray = np.empty(0)
        self._first = 0
        self._range = (-1.0, 0.0)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Gradient through time while the network learned"))
        theme_notifier().changed.connect(self.update)

    def set_rows(self, steps: Sequence[int], maps: dict[str, np.ndarray], first: int) -> None:
        """Show norms.

        Args:
            steps: Training step of each of R rows, ascending.
            maps: "h" and perhaps "c" -> float [R, T].
            first: Steps from the answer of the first column.
        """
        self._steps, self._first = np.asarray(steps), first
        self._maps = {}
        sizes = np.concatenate([values[np.isfinite(values) & (values > 0)] for values in maps.values()] or [[]])
        top = math.log10(float(sizes.max())) if sizes.size else 0.0
        low = max(math.log10(float(sizes.min())) if sizes.size else -1.0, top - _DECADES)
        low = math.floor(2 * low) / 2  # in halves of a decade, so that the scale moves seldom
        self._range = (low, max(math.ceil(2 * top) / 2, low + 0.5))
        with np.errstate(divide="ignore"):
            for key, values in maps.items():
                logs = np.log10(values)
                self._maps[key] = np.where(np.isneginf(logs), self._range[0], logs)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(600, 240)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, 140)

    def _areas(self) -> dict[str, QRectF]:
        count = max(1, len(self._maps))
        wide = (self.width() - _LEFT - _GAP * (count - 1) - 8) / count
        tall = max(20.0, self.height() - _TOP - _BOTTOM)
        return {key: QRectF(_LEFT + n * (wide + _GAP), _TOP, wide, tall) for n, key in enumerate(self._maps)}

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = theme()
        missing = colours.color("surface_raised")
        table = colour_table(colours.sequential(), (missing.red(), missing.green(), missing.blue()))
        face = font("small", tabular=True)
        metrics = QFontMetricsF(face)
        for place, (key, area) in enumerate(self._areas().items()):
            values = self._maps[key]
            pixels = to_colours(values, *self._range, table)
            rows, columns = pixels.shape
            image = QImage(pixels.data, columns, rows, columns * 4, QImage.Format.Format_RGB32)
            painter.drawImage(area, image)
            painter.setPen(QPen(colours.color("border"), 1))
            painter.drawRect(area)
            painter.setFont(font("small", bold=True))
            painter.setPen(colours.gate(key))
            painter.drawText(QRectF(area.left(), 0, 60, _TOP - 2), int(Qt.AlignmentFlag.AlignVCenter), f"∂L/∂{key}")
            painter.setFont(face)
            painter.setPen(colours.color("text_muted"))
            if place == 0:
                self._paint_steps(painter, area, metrics)
            cell = area.width() / columns
            centre = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter)
            for step in ticks(self._first, self._first + columns, max(2, int(area.width() // 60))):
                x = area.left() + (step - self._first + 0.5) * cell
                words = tr("answer") if step == 0 else f"{step:+d}".replace("-", "−")
                half = metrics.horizontalAdvance(words) / 2
                x = min(max(x, area.left() + half), area.right() - half + 6)
                painter.drawText(QRectF(x - 40, area.bottom() + 2, 80, _BOTTOM - 4), centre, words)
        if self._maps:
            self._paint_bar(painter, table, face, metrics)
        painter.end()

    def _paint_steps(self, painter: QPainter, area: QRectF, metrics: QFontMetricsF) -> None:
        rows = len(self._steps)
        most = max(2, int(area.height() // (metrics.height() * 1.8)))
        shown = np.unique(np.linspace(0, rows - 1, min(rows, most)).round().astype(int))
        for row in shown.tolist():
            y = area.top() + (row + 0.5) * area.height() / rows
            y = min(max(y, area.top() + 8), area.bottom() - 8)
            box = QRectF(0, y - 9, _LEFT - 8, 18)
            painter.drawText(
                box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), number(int(self._steps[row]))
            )

    def _paint_bar(self, painter: QPainter, table: np.ndarray, face: object, metrics: QFontMetricsF) -> None:
        """The scale at the upper right."""
        low, high = (size_words(10.0**end) for end in self._range)
        right = self.width() - 8 - metrics.horizontalAdvance(high) - 6
        strip = QRectF(right - _BAR / 2, 6, _BAR / 2, 8)
        pixels = to_colours(np.linspace(0.0, 1.0, 128)[None, :], 0.0, 1.0, table)
        painter.drawImage(strip, QImage(pixels.data, 128, 1, 512, QImage.Format.Format_RGB32))
        painter.setPen(QPen(theme().color("border"), 1))
        painter.drawRect(strip)
        painter.setPen(theme().color("text_muted"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(strip.right() + 6, 0, 80, 20), int(middle | Qt.AlignmentFlag.AlignLeft), high)
        painter.drawText(QRectF(strip.left() - 86, 0, 80, 20), int(middle | Qt.AlignmentFlag.AlignRight), low)

    # -- mouse ----------------------------------------------------------------------------------------------

    def words_at(self, position: QPointF) -> str:
        """The cell under a point in words; empty where there is none."""
        for key, area in self._areas().items():
            if area.contains(position) and area.height() > 0:
                rows, columns = self._maps[key].shape
                row = min(rows - 1, int((position.y() - area.top()) / area.height() * rows))
                column = min(columns - 1, int((position.x() - area.left()) / area.width() * columns))
                value = float(self._maps[key][row, column])
                if math.isnan(value):
                    return ""
                return tr(
                    "After {step} training steps: ∂L/∂{key} {value} at {distance} steps from the answer",
                    step=number(int(self._steps[row])),
                    key=key,
                    value=size_words(10.0**value),
                    distance=f"{self._first + column:+d}".replace("-", "−"),
                )
        return ""

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointed.emit(self.words_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit("")
