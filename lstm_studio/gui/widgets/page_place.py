"""The room of a page in the window."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from lstm_studio.gui import text_size

LEAST = 640
"""Pixels of height that a page may ask for; what wants more is squeezed."""


class PagePlace(QScrollArea):
    """Scrolls up and down where a low window has less room than its page needs; sideways only where the text is larger
    than usual, for then nothing may be squeezed.

    A page belongs into ``box``, as a child of ``room`` from the start.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        if text_size.now() <= 100:
            self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.room = _Room()
        self.box = _Box(self.room)
        self.box.setContentsMargins(0, 0, 0, 0)
        self.setWidget(self.room)


class _Room(QWidget):
    def minimumSizeHint(self) -> QSize:
        least = super().minimumSizeHint()
        return QSize(least.width() if text_size.now() > 100 else 0, min(LEAST, least.height()))


class _Box(QVBoxLayout):
    def hasHeightForWidth(self) -> bool:
        return False  # or the area would give a page all the height that it likes best
