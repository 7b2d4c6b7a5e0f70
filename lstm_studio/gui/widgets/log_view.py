"""What the run has said, line by line, to be read and copied."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font
from lstm_studio.gui.widgets.basic import describe


class LogView(QPlainTextEdit):
    """Read only. New lines appear at the end; the view follows them unless the person has scrolled up."""

    def __init__(self) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setFont(font("small"))
        self.setMaximumBlockCount(6_000)
        self.setTabChangesFocus(True)
        self.setPlaceholderText(tr("What the run reports will stand here: the data, each epoch, how it ended."))
        describe(self, tr("Log"), tr("What the run reported; select a part or copy all of it."))
        self._shown: list[str] = []
        self._follows = True
        self.verticalScrollBar().rangeChanged.connect(self._grown)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)

    def set_lines(self, lines: Sequence[str]) -> None:
        """Show these lines; only what is new is added when they continue those shown."""
        if len(lines) >= len(self._shown) and lines[: len(self._shown)] == self._shown:
            new = list(lines[len(self._shown) :])
        else:
            self.clear()
            new = list(lines)
        self._shown = list(lines)
        if not new:
            return
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        text = "\n".join(new)
        cursor.insertText(text if self.document().isEmpty() else f"\n{text}")

    def _grown(self, _low: int, high: int) -> None:
        if self._follows:
            self.verticalScrollBar().setValue(high)

    def _scrolled(self, value: int) -> None:
        self._follows = value >= self.verticalScrollBar().maximum() - 2

    def copy_all(self) -> None:
        """Put the whole log on the clipboard."""
        QGuiApplication.clipboard().setText("\n".join(self._shown))
