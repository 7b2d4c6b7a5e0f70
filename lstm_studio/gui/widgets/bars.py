"""A few bars that are equally wide, over an axis that each kind of chart writes itself."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.tips import show_tip

_AXIS, _LEFT, _ROOM = 18.0, 28.0, 8.0
_CAPTION = 16.0


class Bars(QWidget):
    """N bars; pointing at one says what it is."""

    def __init__(self, name: str, nothing: str) -> None:
        """``nothing`` stands where there are no bars."""
        super().__init__()
        self._nothing = nothing
        self._heights: list[float] = []
        self._pale: list[bool] = []
        self._captions: list[str] = []
        self._top = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(72)
        self.setAccessibleName(name)
        theme_notifier().changed.connect(self.update)

    def set_bars(
        self, heights: Sequence[float], pale: Sequence[bool], top: float, captions: Sequence[str] = ()
    ) -> None:
        """Show N bars.

        Args:
            heights: From 0 to ``top``; no bar is drawn for what is not a number.
            pale: Those that say little.
            top: The upper end of the axis.
            captions: What is written above each, if anything.
        """
        self._heights, self._pale, self._top, self._captions = list(heights), list(pale), top, list(captions)
        self.setAccessibleDescription("; ".join(self.words(bar) for bar in range(len(heights))))
        self.update()

    def words(self, bar: int) -> str:
        """A bar as a sentence."""
        raise NotImplementedError

    def paint_axis(self, painter: QPainter, plot: QRectF, wide: float) -> None:
        """Write below the bars, each of which has ``wide`` pixels."""
        raise NotImplementedError

    def sizeHint(self) -> QSize:
        return QSize(320, 120)

    def plot(self) -> QRectF:
        """Where the bars stand."""
        above = _ROOM + (_CAPTION if self._captions else 0.0)
        return QRectF(_LEFT, above, max(1.0, self.width() - _LEFT), max(1.0, self.height() - _AXIS - above))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("small", tabular=True))
        colors, plot, top = theme(), self.plot(), self._top
        if not self._heights:
            painter.setPen(colors.color("text_muted"))
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(QRectF(self.rect()), flags, self._nothing)
            painter.end()
            return
        for share in (0.0, 0.5, 1.0):
            y = plot.bottom() - share * plot.height()
            painter.setPen(QPen(colors.color("grid" if share else "border"), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(colors.color("text_muted"))
            box = QRectF(0, y - 8, _LEFT - 6, 16)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box, int(right), f"{share * top:g}")
        wide = plot.width() / len(self._heights)
        for bar, height in enumerate(self._heights):
            if not math.isfinite(height):
                continue
            tall = max(1.5, plot.height() * max(0.0, min(1.0, height / top)))
            gap = min(4.0, wide / 8)
            box = QRectF(plot.left() + bar * wide + gap, plot.bottom() - tall, max(1.0, wide - 2 * gap), tall)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("accent", 0.35 if self._pale[bar] else 0.85))
            painter.drawRoundedRect(box, 1.5, 1.5)
            if self._captions:
                painter.setPen(colors.color("text"))
                above = QRectF(box.center().x() - wide, box.top() - _CAPTION, 2 * wide, _CAPTION)
                painter.drawText(above, int(Qt.AlignmentFlag.AlignCenter), self._captions[bar])
        self.paint_axis(painter, plot, wide)
        painter.end()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            show_tip(event, self.tip(event.pos().x()), self)
            return True
        return super().event(event)

    def tip(self, x: float) -> str:
        """What stands at this place."""
        plot = self.plot()
        if not self._heights or not plot.left() <= x < plot.right():
            return ""
        return self.words(int((x - plot.left()) / plot.width() * len(self._heights)))
