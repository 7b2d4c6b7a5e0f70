"""How a network should write: how daring, how long, what ends it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from lstm_studio.config import ModelConfig
from lstm_studio.config.describe import OptionInfo, options
from lstm_studio.gui.forms import Choice
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import S1
from lstm_studio.gui.widgets.basic import Label, Muted, describe, restyle
from lstm_studio.gui.widgets.number_edit import NumberEdit

SEED = OptionInfo("seed", "Seed", "", "integer", 0, minimum=0, maximum=2**31 - 1)
_LONGEST_STOP = 200


class WritingControls(QWidget):
    """A row of fields with their names above, and below them a sentence where a value cannot be used.

    Attributes:
        row: The fields; whoever uses the controls may put buttons at its end.
        seed: To be placed by whoever uses the controls.
        edited: A value was changed, to a good one or not.
    """

    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._numbers: dict[NumberEdit, str] = {}
        self._wrong: dict[str, str] = {}
        known = {option.name: option for option in options(ModelConfig)}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S1)
        self.row = QHBoxLayout()
        self.row.setSpacing(S1)
        self.temperature = self._number(known["temperature"], tr("Temperature"), 88)
        self.top_k = self._number(known["top_k"], tr("Top-k"), 88)
        self.top_p = self._number(known["top_p"], tr("Top-p"), 88)
        self.longest = self._number(known["longest"], tr("At most"), 124)
        self.until = Choice()
        for value, words in (("end", tr("End of text")), ("line", tr("End of line")), ("never", tr("Nothing"))):
            self.until.addItem(words, value)
        describe(
            self.until,
            tr("Ends at"),
            tr("What ends the writing before it is at its longest, if the network comes to it."),
        )
        self.until.currentIndexChanged.connect(lambda _: self.edited.emit())
        self._named(tr("Ends at"), self.until, 144)
        self.stop = QLineEdit()
        self.stop.setMaxLength(_LONGEST_STOP)
        self.stop.setPlaceholderText(tr("any text"))
        describe(self.stop, tr("Or at"), tr("The writing ends as soon as it has written this; empty for nothing."))
        self.stop.textEdited.connect(lambda _: self.edited.emit())
        self._named(tr("Or at"), self.stop, 96)
        self.row.addStretch(1)
        self.seed = NumberEdit(SEED)
        self.seed.setFixedWidth(96)
        describe(
            self.seed, tr("Seed"), tr("What is drawn hangs on this number: the same one writes the same text again.")
        )
        self._listen(self.seed, tr("Seed"))
        self.problem = Label("", "small", "danger", wrap=True)
        self.problem.hide()
        column.addLayout(self.row)
        column.addWidget(self.problem)

    def set_defaults(self, values: Mapping[str, Any]) -> None:
        """Show what a run writes with by itself."""
        for edit in self._numbers:
            edit.set_number(values.get(edit.option.name, 0))
            restyle(edit, invalid=False)
        self.until.setCurrentIndex(0)
        self.stop.clear()
        self._wrong.clear()
        self._say()

    def chosen(self) -> dict[str, Any]:
        """All values but the seed, by the names that they are asked with; to be used while ``wrong`` is empty."""
        return {
            **{edit.option.name: edit.number() for edit in self._numbers if edit is not self.seed},
            "until": self.until.currentData(),
            "stop": self.stop.text(),
        }

    def check(self) -> str:
        """Take in what was typed this moment; a sentence about what cannot be used, or nothing."""
        for edit, title in self._numbers.items():
            self._check(edit, title, edit.number())
        return self.wrong

    @property
    def wrong(self) -> str:
        """What cannot be used, in sentences."""
        return " ".join(self._wrong.values())

    # -- inside ---------------------------------------------------------------------------------------------

    def _number(self, option: OptionInfo, title: str, width: int) -> NumberEdit:
        edit = NumberEdit(option)
        describe(edit, title, tr(option.help))
        self._listen(edit, title)
        self._named(title, edit, width)
        return edit

    def _listen(self, edit: NumberEdit, title: str) -> None:
        self._numbers[edit] = title
        edit.edited.connect(lambda value: self._check(edit, title, value))

    def _named(self, title: str, editor: QWidget, width: int) -> None:
        editor.setFixedWidth(width)
        place = QVBoxLayout()
        place.setSpacing(2)
        name = Muted(title, wrap=False)
        name.setBuddy(editor)
        place.addWidget(name)
        place.addWidget(editor)
        self.row.addLayout(place)

    def _check(self, edit: NumberEdit, title: str, value: object) -> None:
        option = edit.option
        low, high = option.minimum or 0, option.maximum or 0
        whole = option.kind == "integer"
        fits = isinstance(value, int if whole else (int, float)) and low <= value <= high
        if fits and option.minimum_open and value == low:
            fits = False
        if fits:
            self._wrong.pop(option.name, None)
        else:
            words = (
                tr("{option}: a number above {low}, up to {high}.")
                if option.minimum_open
                else tr("{option}: a whole number from {low} to {high}.")
                if whole
                else tr("{option}: a number from {low} to {high}.")
            )
            self._wrong[option.name] = words.format(option=title, low=f"{low:g}", high=_plain(high))
        if bool(edit.property("invalid")) == fits:
            restyle(edit, invalid=not fits)
        self._say()
        self.edited.emit()

    def _say(self) -> None:
        self.problem.setText(self.wrong)
        self.problem.setVisible(bool(self._wrong))


def _plain(number: float) -> str:
    return f"{number:,.0f}" if number == int(number) else f"{number:g}"
