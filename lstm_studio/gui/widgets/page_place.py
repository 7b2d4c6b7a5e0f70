"""The room of a page in the window."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from lstm_studio.gui import text_size

LEAST = 690
"""Pixels of height that a page may ask for; what wants more is squeezed."""
NARROW = 930
"""Pixels of width that a page may ask for at the usual text size in a window that has them, as the smallest one on an
ordinary screen does. Where there are fewer, it has to be scrolled anyway, and gets all that it needs."""


class PagePlace(QScrollArea):
    """Scrolls up and down where a low window has less room than its page needs; sideways where a screen is too small
    for the smallest window, or the text is larger than usual, for then nothing may be squeezed.

    A page belongs into ``box``, as a child of ``room`` from the start.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.room = _Room()
        self.box = _Box(self.room)
        self.box.setContentsMargins(0, 0, 0, 0)
        self.setWidget(self.room)


class _Room(QWidget):
    def minimumSizeHint(self) -> QSize:
        least = super().minimumSizeHint()
        around = self.parentWidget()
        narrow = around is not None and around.width() < NARROW
        wide = least.width() if narrow or text_size.now() > 100 else min(NARROW, least.width())
        return QSize(wide, min(LEAST, least.height()))


class _Box(QVBoxLayout):
    def hasHeightForWidth(self) -> bool:
        return False  # or the area would give a page all the height that it likes best
