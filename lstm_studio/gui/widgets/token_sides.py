"""The texts of a row as tokens, each under its name: what is read, and what is to be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import S1
from lstm_studio.gui.widgets.basic import Label, Muted, empty
from lstm_studio.gui.widgets.token_row import LINES, TokenRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lstm_studio.data.reading import Reading

_NAME, _SHORT = 128, 72


class TokenSides(QWidget):
    """Two lines of tokens for each text, or one."""

    def __init__(self) -> None:
        super().__init__()
        self._lines = LINES
        self.sides: list[Side] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(S1)

    def set_sides(self, found: Sequence[Reading]) -> None:
        """Show the texts of a row."""
        if len(found) != len(self.sides):
            empty(self._column)
            self.sides = [Side() for _ in found]
            for side in self.sides:
                self._column.addWidget(side)
                side.set_lines(self._lines)
        for side, reading in zip(self.sides, found, strict=True):
            side.set_reading(reading)

    def set_lines(self, lines: int) -> None:
        """How many lines of tokens each text has at most; one leaves no room for its length."""
        self._lines = lines
        for side in self.sides:
            side.set_lines(lines)


class Side(QWidget):
    """One text: its name and length, and beside them its tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(S1)
        grid.setVerticalSpacing(0)
        self.name = Label("", "small")
        self.count = Muted("", wrap=False)
        self.tokens = TokenRow()
        grid.addWidget(self.name, 0, 0)
        grid.addWidget(self.count, 1, 0)
        grid.setRowStretch(2, 1)
        grid.addWidget(self.tokens, 0, 1, 3, 1)
        grid.setColumnStretch(1, 1)
        self.set_lines(LINES)

    def set_lines(self, lines: int) -> None:
        """How many lines of tokens there are at most."""
        self.tokens.set_lines(lines)
        self.count.setVisible(lines > 1)
        for label in (self.name, self.count):
            label.setFixedWidth(_NAME if lines > 1 else _SHORT)

    def set_reading(self, found: Reading) -> None:
        """Show a text as tokens."""
        problem = tr(found.problem)
        self.tokens.set_tokens(list(found.tokens), found.count, found.most)
        self.tokens.setAccessibleName(" ".join([tr(found.title), problem]).strip())
        self.tokens.setToolTip(
            tr("Tokens of this row; those that are struck out are not read, and ▁ stands for a space.")
        )
        self.name.setText(tr(found.title))
        self.name.setToolTip(self.tokens.words())
        self.count.setText(self.tokens.words())
        self.count.set_tone("warning" if problem else "small")
        self.count.setToolTip(problem)
