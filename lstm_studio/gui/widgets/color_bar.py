"""The scale of a heatmap: a strip of its colours with the values at its ends."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.raster import colour_table, to_colours

_STRIP = 56
_THICK = 8


class ColorBar(QWidget):
    """A lying strip, ``low`` on its left and ``high`` on its right."""

    def __init__(self, signed: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._signed = signed
        self._low, self._high = (-1.0, 1.0) if signed else (0.0, 1.0)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme_notifier().changed.connect(self.update)
        self._say()

    def set_limits(self, low: float, high: float) -> None:
        """Values at the ends."""
        if (low, high) != (self._low, self._high):
            self._low, self._high = low, high
            self._say()
            self.updateGeometry()
            self.update()

    def _say(self) -> None:
        words = tr("Colours stand for values from {low} to {high}.", low=_short(self._low), high=_short(self._high))
        if self._signed:
            words += " " + tr("Larger ones look like the ends; zero looks like the page.")
        self.setAccessibleName(tr("Colour scale"))
        self.setAccessibleDescription(words)
        self.setToolTip(words)

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(font("small", tabular=True))
        ends = metrics.horizontalAdvance(_short(self._low)) + metrics.horizontalAdvance(_short(self._high))
        return QSize(int(ends) + _STRIP + 10, int(metrics.height()) + 2)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        face = font("small", tabular=True)
        metrics = QFontMetricsF(face)
        painter.setFont(face)
        painter.setPen(theme().color("text_muted"))
        low, high = _short(self._low), _short(self._high)
        left, right = metrics.horizontalAdvance(low) + 4, metrics.horizontalAdvance(high) + 4
        full = QRectF(self.rect())
        painter.drawText(full, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), low)
        painter.drawText(full, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), high)
        table = theme().diverging() if self._signed else theme().sequential()
        pixels = to_colours(np.linspace(0.0, 1.0, 256)[None, :], 0.0, 1.0, colour_table(table, (0, 0, 0)))
        image = QImage(pixels.data, 256, 1, 1024, QImage.Format.Format_RGB32)
        strip = QRectF(left, (self.height() - _THICK) / 2, max(8.0, self.width() - left - right), _THICK)
        painter.drawImage(strip, image)
        painter.setPen(QPen(theme().color("border"), 1))
        painter.drawRect(strip)
        painter.end()


def _short(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".") if abs(value) < 100 else f"{value:.0f}"
    return text.replace("-", "−") or "0"
