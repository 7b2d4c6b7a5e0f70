"""Type or paste rows: a text, a tab, a label."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit

from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.theme import S1, font
from lstm_studio.gui.widgets.basic import Button, Card, Label, Muted, PrimaryButton, describe, set_enabled


class TypePanel(Card):
    """Counts while one types, and says which line lacks its label."""

    accepted = Signal(str)
    left = Signal()

    def __init__(self) -> None:
        super().__init__(tr("Type your own"))
        self.body.addWidget(
            Muted(
                tr(
                    "One text a line, then a tab, then its label. Two columns copied from a spreadsheet can be pasted "
                    "as they are."
                )
            )
        )
        self.edit = QPlainTextEdit()
        self.edit.setFont(font("body"))
        self.edit.setPlaceholderText(
            tr("The film was not good\tnegative\nI would watch it again\tpositive").replace("\t", "  ⇥  ")
        )
        self.edit.setTabStopDistance(32)
        self.edit.installEventFilter(self)
        describe(
            self.edit,
            tr("Texts and labels"),
            tr("The Tab key sets a tab after a text; elsewhere it moves on to the buttons."),
        )
        self.body.addWidget(self.edit, 1)
        row = QHBoxLayout()
        row.setSpacing(S1)
        self.count = Label("", tone="muted", wrap=True)
        row.addWidget(self.count, 1)
        self.back = Button(tr("Back"), "chevron_left", self.left.emit)
        describe(self.back, tr("Back"), tr("Leaves without using these texts; they stay here."), "Esc")
        self.use = PrimaryButton(tr("Use these texts"), "arrow_right", callback=self._use)
        describe(self.use, tr("Use these texts"), tr("Keeps the texts as a file and opens it."), "Ctrl+Return")
        for button in (self.back, self.use):
            button.setMinimumHeight(36)
            row.addWidget(button)
        self.body.addLayout(row)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(150)
        self._timer.timeout.connect(self._count)
        self.edit.textChanged.connect(self._timer.start)
        self._count()

    def rows(self) -> tuple[list[tuple[str, str]], list[int]]:
        """(text, label) of every good line, and the numbers of the lines that are not."""
        good, bad = [], []
        for place, line in enumerate(self.edit.toPlainText().split("\n"), 1):
            if not line.strip():
                continue
            text, tab, label = line.rpartition("\t")
            if tab and text.strip() and label.strip():
                good.append((text.strip(), label.strip()))
            else:
                bad.append(place)
        return good, bad

    def _count(self) -> None:
        good, bad = self.rows()
        labels = Counter(label for _, label in good)
        if not good and not bad:
            words = tr("Nothing typed yet.")
        else:
            words = ntr("{n} text", "{n} texts", len(good)) + ", " + ntr("{n} label", "{n} labels", len(labels)) + "."
        if bad:
            shown = ", ".join(map(str, bad[:5])) + (" …" if len(bad) > 5 else "")
            words += " " + ntr("Line {lines} has no tab and label.", "Lines {lines} have no tab and label.",
                               len(bad), lines=shown)  # fmt: skip
        self.count.setText(words)
        self.count.set_tone("danger" if bad else "muted")
        why = ""
        if bad:
            why = tr("Give every line a tab and a label first.")
        elif len(labels) < 2 or len(good) < 4:
            why = tr("Type at least four texts with two different labels.")
        set_enabled(self.use, not why, why)

    def _use(self) -> None:
        self._count()
        good, bad = self.rows()
        if self.use.isEnabled() and not bad:
            clean = [(text.replace("\t", " "), label.replace("\t", " ")) for text, label in good]
            self.accepted.emit("text\tlabel\n" + "\n".join("\t".join(row) for row in clean))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tab writes a tab where one is missing, and else moves the focus: the keyboard is never trapped."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Tab:
            cursor = self.edit.textCursor()
            line = cursor.block().text()
            if line.strip() and "\t" not in line and not event.modifiers():
                cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
                cursor.insertText("\t")
                self.edit.setTextCursor(cursor)
            else:
                self.focusNextChild()
            return True
        return super().eventFilter(watched, event)
