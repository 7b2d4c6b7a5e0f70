"""A scroll area that is no taller than what is in it, so that what belongs below follows at once."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.widgets.basic import reachable

STRETCH = 100


class FittingArea(QScrollArea):
    """Shows a widget whose height depends on its width; scrolls when there is not enough room for it.

    Put it into a box with ``STRETCH`` and a plain stretch at the box's end: it takes the room until it fits. Its size
    hint stays small, for a layout that lacks room takes it from all hints alike and heeds no stretch.
    """

    def __init__(self, content: QWidget, least: int = 32) -> None:
        super().__init__()
        self._least = least
        self._content = content
        content.setObjectName("content")  # see-through, so that the card shows
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setWidget(content)
        content.installEventFilter(self)
        reachable(self, content.accessibleName() or tr("Scrolling part"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def needed(self) -> int:
        """Height in pixels that the content has at this width."""
        width = max(1, self.viewport().width())
        content = self._content
        tall = content.heightForWidth(width) if content.hasHeightForWidth() else content.sizeHint().height()
        return max(tall, content.minimumSizeHint().height(), content.minimumHeight())

    def sizeHint(self) -> QSize:
        return QSize(400, self._least)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self._least)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._content and event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        frame = self.height() - self.maximumViewportSize().height()
        most = max(self._least, self.needed()) + frame
        if most != self.maximumHeight():
            self.setMaximumHeight(most)
