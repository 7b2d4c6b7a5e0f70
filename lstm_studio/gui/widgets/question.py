"""A question that has to be answered before the window goes on: two buttons, of which Enter and Escape take the
harmless one."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from lstm_studio.gui.theme import S1, S2, S3
from lstm_studio.gui.widgets.basic import Button, IconLabel, Label, Title, describe
from lstm_studio.gui.widgets.dialog_body import DialogBody, fit

WIDE = 460
Answer = tuple[str, str]
"""Words of a button and its tooltip."""


class Question(QDialog):
    """``exec`` is true where the consequence was accepted.

    Args:
        title: What is asked.
        text: What becomes of what.
        yes, no: The answers, verbs, and what each does.
        danger: Whether "yes" cannot be undone.
    """

    def __init__(
        self, title: str, text: str, yes: Answer, no: Answer, *, danger: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAccessibleDescription(text)
        column = QVBoxLayout(self)
        column.setContentsMargins(S3, S3, S3, S3)
        column.setSpacing(S2)
        head = QHBoxLayout()
        head.setSpacing(S1)
        head.addWidget(IconLabel("warning", 24, "warning"))
        heading = Title(title)
        heading.setWordWrap(True)
        head.addWidget(heading, 1)
        column.addLayout(head)
        body = DialogBody(title)
        body.box.addWidget(Label(text, wrap=True))
        body.box.addStretch(1)
        column.addWidget(body, 1)
        row = QHBoxLayout()
        row.setSpacing(S1)
        row.addStretch(1)
        self.yes = Button(yes[0], callback=self.accept)
        self.no = Button(no[0], callback=self.reject)
        if danger:
            self.yes.setObjectName("danger")
            self.yes.icon_role = "danger"
            self.yes.set_icon("trash")
        for button, (words, tip) in ((self.yes, yes), (self.no, no)):
            describe(button, words, tip)
            row.addWidget(button)
        column.addLayout(row)
        self.no.setDefault(True)
        self.no.setFocus()
        fit(self, WIDE)
