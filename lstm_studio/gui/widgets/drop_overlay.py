"""What a page shows while a file is held over it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme


class DropOverlay(QWidget):
    """Covers its parent and lets everything through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def appear(self) -> None:
        """Lie over everything."""
        parent = self.parentWidget()
        assert parent is not None
        self.setGeometry(parent.rect())
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors = theme()
        painter.fillRect(self.rect(), colors.color("background", 0.82))
        pen = QPen(colors.color("accent"), 2)
        pen.setDashPattern([5, 4])
        painter.setPen(pen)
        painter.setBrush(colors.color("accent_soft", 0.6))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(12, 12, -12, -12), 12, 12)
        painter.setFont(font("title"))
        painter.setPen(colors.color("accent"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, tr("Let go to open it"))
        painter.end()
