"""Contributions below each other, each with a bar to the right (for the answer) or to the left (against it)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme, theme_notifier

_ROW, _FIGURE, _GAP = 24, 58, 8


@dataclass(frozen=True)
class Part:
    """One row. ``strong`` ones stand out, ``inner`` ones are parts of the row above."""

    words: str
    value: float
    strong: bool = False
    inner: bool = False


class PhraseBars(QWidget):
    """Bars of one scale around a common zero."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: tuple[Part, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Contributions"))
        theme_notifier().changed.connect(self.update)

    def set_parts(self, parts: Sequence[Part]) -> None:
        """Show these rows."""
        self._parts = tuple(parts)
        self.setAccessibleDescription("; ".join(f"{part.words} {signed(part.value)}" for part in parts))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(280, _ROW * len(self._parts))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, _ROW * len(self._parts))

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._parts:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme()
        most = max(abs(part.value) for part in self._parts) or 1.0
        name = self.width() * 0.42
        room = QRectF(name + _GAP, 0, self.width() - name - _FIGURE - 2 * _GAP, self.height())
        low = min(0.0, *(part.value for part in self._parts)) if len(self._parts) > 1 else min(0, self._parts[0].value)
        high = max(0.0, *(part.value for part in self._parts)) if len(self._parts) > 1 else max(0, self._parts[0].value)
        scale = room.width() / ((high - low) or most)
        zero = room.left() - low * scale
        painter.setPen(QPen(colours.color("border_strong"), 1))
        painter.drawLine(int(zero), 0, int(zero), self.height())
        for row, part in enumerate(self._parts):
            y = row * _ROW
            face = font("small", bold=part.strong)
            painter.setFont(face)
            painter.setPen(colours.color("text_muted" if part.inner else "text"))
            left = 14.0 if part.inner else 0.0
            words = QFontMetricsF(face).elidedText(part.words, Qt.TextElideMode.ElideRight, name - left)
            middle = int(Qt.AlignmentFlag.AlignVCenter)
            painter.drawText(QRectF(left, y, name - left, _ROW), middle | int(Qt.AlignmentFlag.AlignLeft), words)
            painter.setFont(font("small", tabular=True, bold=part.strong))
            painter.drawText(
                QRectF(self.width() - _FIGURE, y, _FIGURE, _ROW),
                middle | int(Qt.AlignmentFlag.AlignRight),
                signed(part.value),
            )
            colour = colours.color("success" if part.value > 0 else "danger", 0.55 if part.inner else 1.0)
            thick = 12.0 if part.strong else 8.0
            wide = abs(part.value) * scale
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            left_end = zero if part.value > 0 else zero - wide
            painter.drawRoundedRect(QRectF(left_end, y + (_ROW - thick) / 2, max(wide, 1.0), thick), 2, 2)
        painter.end()


def signed(value: float) -> str:
    """With its sign and two decimals, three for small values: +1.20, −0.35, +0.012."""
    shown = f"{value:+.3f}" if abs(value) < 0.0995 else f"{value:+.2f}"
    return (shown if float(shown) else "0.00").replace("-", "−")
