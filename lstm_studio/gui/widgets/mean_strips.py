"""The mean of each gate over all units, token by token: a strip a gate above the text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.gates import kinds
from lstm_studio.gui.widgets.raster import binned_mean, bins, colour_table, to_colours
from lstm_studio.gui.widgets.tips import show_tip
from lstm_studio.gui.widgets.token_axis import TokenAxis, quoted
from lstm_studio.inspection.memory import gates_in

_ROW, _GAP, _RIGHT, _WIDE = 16.0, 3.0, 8.0, 30.0
_TOLD = 50
"""So many tokens stand in the description."""


class MeanStrips(QWidget):
    """Colours from 0 to 1 as in the heatmaps, and the number where there is room for it."""

    token_asked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._tokens: list[str] = []
        self._rows: list[tuple[str, np.ndarray]] = []
        self._cursor: int | None = None
        self._axis = TokenAxis((), font("small"), level=True)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Mean of each gate at each token"))
        theme_notifier().changed.connect(self.update)

    def set_gates(self, tokens: Sequence[str], values: Mapping[str, np.ndarray]) -> None:
        """Show the means over the units of arrays [T, H]."""
        if list(tokens) != self._tokens:
            self._tokens = list(tokens)
            self._axis = TokenAxis(self._tokens, font("small"), level=True)
        self._rows = [(key, values[key].mean(1)) for key in gates_in(values)]
        told = range(min(_TOLD, len(tokens)) if self._rows else 0)
        self.setAccessibleDescription(". ".join(map(self.words, told)))
        self.updateGeometry()
        self.update()

    def set_cursor(self, token: int | None) -> None:
        """Outline a token; nothing is emitted."""
        if token != self._cursor:
            self._cursor = token
            self.update()

    def words(self, token: int) -> str:
        """A token and its means."""
        said = ", ".join(f"{tr(kinds([key])[0].title)} {mean[token]:.2f}" for key, mean in self._rows)
        return tr("“{token}”: on average {said}", token=quoted(self._tokens[token]), said=said)

    def sizeHint(self) -> QSize:
        tall = len(self._rows) * (_ROW + _GAP) + QFontMetricsF(font("small")).height() + 6
        return QSize(600, math.ceil(tall) if self._rows else 0)

    def minimumSizeHint(self) -> QSize:
        return QSize(300, self.sizeHint().height())

    def _left(self) -> float:
        metrics = QFontMetricsF(font("small", bold=True))
        return max((metrics.horizontalAdvance(tr(kinds([k])[0].title)) for k, _ in self._rows), default=0.0) + 8

    def _area(self) -> QRectF:
        left = self._left()
        return QRectF(left, 0, max(1.0, self.width() - left - _RIGHT), len(self._rows) * (_ROW + _GAP))

    def token_at(self, x: float) -> int | None:
        """The token at a place."""
        area = self._area()
        if not self._tokens or not self._rows or not area.left() <= x < area.right():
            return None
        return int((x - area.left()) / area.width() * len(self._tokens))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area, colors, count = self._area(), theme(), len(self._tokens)
        if not count or not self._rows:
            painter.end()
            return
        missing = colors.color("surface_raised")
        table = colour_table(colors.sequential(), (missing.red(), missing.green(), missing.blue()))
        edges = bins(0, count, int(area.width() * self.devicePixelRatioF()), count)
        cell = area.width() / count
        for place, (key, mean) in enumerate(self._rows):
            top = place * (_ROW + _GAP)
            shown = binned_mean(mean[None, :], np.array([0, 1]), edges)
            pixels = to_colours(shown, 0.0, 1.0, table)
            image = QImage(pixels.data, pixels.shape[1], 1, pixels.shape[1] * 4, QImage.Format.Format_RGB32)
            painter.drawImage(QRectF(area.left(), top, area.width(), _ROW), image)
            painter.setFont(font("small", bold=True))
            painter.setPen(colors.gate(key))
            box = QRectF(0, top, area.left() - 8, _ROW)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter),
                             tr(kinds([key])[0].title))  # fmt: skip
            if cell >= _WIDE:
                self._paint_numbers(painter, area, top, mean, cell, pixels[0])
        below = QRectF(area.left(), area.bottom(), area.width(), self.height() - area.bottom())
        self._axis.paint(painter, below, 0, count, colors.color("text_muted"), marked=self._cursor,
                         marked_color=colors.color("text"))  # fmt: skip
        if self._cursor is not None and self._cursor < count:
            painter.setPen(QPen(colors.color("text"), 1))
            painter.drawRect(QRectF(area.left() + self._cursor * cell, 0, max(3.0, cell), area.height() - _GAP))
        painter.end()

    @staticmethod
    def _paint_numbers(
        painter: QPainter, area: QRectF, top: float, mean: np.ndarray, cell: float, pixels: np.ndarray
    ) -> None:
        painter.setFont(font("small", tabular=True))
        for token, value in enumerate(mean):
            ground = QColor.fromRgb(int(pixels[token]) if len(pixels) == len(mean) else 0)
            dark = 0.299 * ground.redF() + 0.587 * ground.greenF() + 0.114 * ground.blueF() < 0.5
            painter.setPen(QColor("#FFFFFF" if dark else "#000000"))
            box = QRectF(area.left() + token * cell, top, cell, _ROW)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), f"{value:.2f}")

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        token = self.token_at(event.position().x())
        if token is not None:
            self.token_asked.emit(token)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            token = self.token_at(QPointF(event.pos()).x())
            show_tip(event, "" if token is None else self.words(token), self)
            return True
        return super().event(event)
