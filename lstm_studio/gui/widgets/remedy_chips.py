"""The remedies of a data set as chips that can be taken away, and the way back from the last change of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from lstm_studio.config import DataConfig
from lstm_studio.config.remedies import parted
from lstm_studio.gui.i18n import number, tr
from lstm_studio.gui.widgets.basic import Button, LinkButton, Muted, describe
from lstm_studio.gui.widgets.flow_row import FlowRow

if TYPE_CHECKING:
    from lstm_studio.data.health_types import Mended

_LONGEST = 14
_SCRIPTS = {
    "latin": "Latin",
    "cjk": "Chinese characters",
    "hiragana": "Japanese kana",
    "hangul": "Korean",
    "cyrillic": "Cyrillic",
    "greek": "Greek",
    "arabic": "Arabic",
    "hebrew": "Hebrew",
    "devanagari": "Devanagari",
    "thai": "Thai",
}
"""The alphabets of a remedy that keeps one, for people."""
_CHIP = (
    "QPushButton { min-height: 22px; max-height: 22px; padding: 0 6px 0 10px; border-radius: 12px; font-size: 12px; }"
)


class RemedyChips(QWidget):
    """Hidden while there are none and none were taken away. The option "Drop duplicates" is one of them."""

    changed = Signal(dict)
    """Dotted names of [data] to values."""

    def __init__(self) -> None:
        super().__init__()
        self._data: DataConfig | None = None
        self._past: list[list[str]] = []
        self._file = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self.words = Muted("")
        column.addWidget(self.words)
        place = QWidget()
        self.chips = FlowRow(6)
        place.setLayout(self.chips)
        column.addWidget(place)
        self.undo = LinkButton(tr("Undo"), "undo", self._undo)
        self.undo.setStyleSheet("padding-left: 0px; font-size: 12px;")
        describe(self.undo, tr("Undo"), tr("Takes the last change of the remedies back."))
        column.addWidget(self.undo, 0, Qt.AlignmentFlag.AlignLeft)
        self.buttons: dict[str, Button] = {}
        self.hide()

    def set_data(self, data: DataConfig, mended: Sequence[Mended]) -> None:
        """Show the remedies of settings, each with what it did."""
        if data.path != self._file:
            self._file, self._past = data.path, []
        self._data = data
        counts = {one.remedy: one for one in mended}
        chosen = data.remedies
        self.chips.clear()
        self.buttons = {}
        for remedy in chosen:
            chip = self._chip(remedy, counts.get(remedy))
            self.buttons[remedy] = chip
            self.chips.addWidget(chip)
        self.words.setText(
            tr("Rows are mended each time they are read, also when the run is repeated; the file stays as it is.")
            if chosen
            else tr("No remedy is used any more.")
        )
        self.undo.setVisible(bool(self._past))
        self.setVisible(bool(chosen or self._past))

    def add(self, remedy: str) -> None:
        """Use one more."""
        if self._data is not None:
            self._change([*self._data.remedies, remedy])

    def _chip(self, remedy: str, done: Mended | None) -> Button:
        title, tip = remedy_words(remedy)
        words = title if done is None else f"{title} · {number(done.count)}"
        chip = Button(words, "close", lambda: self._remove(remedy))
        chip.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the cross behind the words
        chip.setStyleSheet(_CHIP)
        said = f"{tr(done.text)} {tip}" if done is not None and done.count else tip
        describe(chip, tr("Remove {name}", name=words), f"{said} {tr('Click to take it away.')}")
        return chip

    def _remove(self, remedy: str) -> None:
        if self._data is not None:
            self._change([name for name in self._data.remedies if name != remedy])

    def _change(self, remedies: list[str]) -> None:
        assert self._data is not None
        self._past.append([*self._data.remedies])
        self.changed.emit({"data.remedies": remedies})

    def _undo(self) -> None:
        if self._past:
            self.changed.emit({"data.remedies": self._past.pop()})


def remedy_words(remedy: str) -> tuple[str, str]:
    """Title of a remedy with its argument, and what it does."""
    known, argument = parted(remedy)
    title = tr(known.title)
    if argument is not None:
        shown = tr(_SCRIPTS.get(argument, "")) or str(argument)
        short = shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"
        title = tr("{remedy}: {what}", remedy=title, what=short)
    return title, tr(known.help)
