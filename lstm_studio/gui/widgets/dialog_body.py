"""The inside of a dialog: as large as it likes to be where the screen has room, else it scrolls."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QFrame, QScrollArea, QVBoxLayout, QWidget

from lstm_studio.gui import text_size
from lstm_studio.gui.widgets.basic import reachable

_LEAST = QSize(280, 120)


class DialogBody(QScrollArea):
    """Put widgets into ``box``."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._content = QWidget()
        self._content.setObjectName("content")  # see-through
        self.box = QVBoxLayout(self._content)
        self.box.setContentsMargins(1, 1, 1, 1)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setWidget(self._content)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is in it takes the focus, and is scrolled into sight
        reachable(self, name)

    def sizeHint(self) -> QSize:
        content = self._content
        hint = content.sizeHint()
        tall = content.heightForWidth(hint.width()) if content.hasHeightForWidth() else hint.height()
        return QSize(hint.width() + 4, max(tall, hint.height()) + 4)

    def minimumSizeHint(self) -> QSize:
        return _LEAST.boundedTo(self.sizeHint())


def fit(dialog: QDialog, width: int) -> None:
    """Make a dialog as wide as wished and as tall as its content, at most as the screen."""
    room = text_size.room(dialog)
    wide = min(width, room.width())
    dialog.setMinimumWidth(wide)
    dialog.resize(wide, min(dialog.sizeHint().height(), room.height()))
