"""What the cards of the settings are made of: a name beside a control, a folder with its buttons, a complaint."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from lstm_studio.gui.theme import S1, S3
from lstm_studio.gui.widgets.basic import ElidedLabel, Label

_NAME = 96


class Complaint(Label):
    """Why something could not be set; hidden while there is nothing to say."""

    def __init__(self) -> None:
        super().__init__("", tone="danger", wrap=True)
        self.hide()

    def say(self, words: str) -> None:
        """A sentence, or "" for none."""
        self.setText(words)
        self.setVisible(bool(words))


class FolderLine(QHBoxLayout):
    """A folder, and the buttons that were given for it."""

    def __init__(self, folder: str | Path, *buttons: QWidget) -> None:
        super().__init__()
        self.setSpacing(S1)
        self.folder = ElidedLabel(str(folder), Qt.TextElideMode.ElideMiddle)
        self.folder.setMinimumSize(QSize(220, 24))
        self.addWidget(self.folder, 1)
        for button in buttons:
            self.addWidget(button)


def name(text: str) -> Label:
    """The name of a control, as wide as all of them."""
    label = Label(text, tone="muted")
    label.setMinimumWidth(_NAME)
    return label


def named(text: str, what: QWidget | QHBoxLayout) -> QHBoxLayout:
    """A control with its name before it."""
    row = QHBoxLayout()
    row.addWidget(name(text))
    row.addSpacing(S3)
    if isinstance(what, QWidget):
        row.addWidget(what, 1)
    else:
        row.addLayout(what, 1)
    return row
