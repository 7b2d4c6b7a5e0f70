"""Which of a network's answers to a text is asked about: of the whole text, at a token, or of a token that it wrote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import S1
from lstm_studio.gui.widgets.basic import Muted, describe
from lstm_studio.gui.widgets.token_axis import quoted, visible_token
from lstm_studio.gui.widgets.token_strip import NONE

if TYPE_CHECKING:
    from lstm_studio.inspection.trace import TextTrace

_LONGEST = 18


class AnswerChoice(QWidget):
    """A token and a class to choose, each only where there is something to choose."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S1)
        self.caption = Muted(tr("Answer"), wrap=False)
        self.words = QComboBox()
        describe(self.words, tr("Token of the answer"), tr("The token whose answer is looked at."))
        self.classes = QComboBox()
        describe(self.classes, tr("Class"), tr("The class whose log-odds are looked at, whether it was chosen or not."))
        for widget in (self.caption, self.words, self.classes):
            row.addWidget(widget)
        for box in (self.words, self.classes):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.setMaximumWidth(230)
            box.setMaxVisibleItems(16)
            box.activated.connect(lambda _: self.changed.emit())
        self._offered: tuple[tuple[str, ...], tuple[str, ...]] | None = None
        self._given: tuple[str, ...] = ()
        self.hide()

    @property
    def label(self) -> str | None:
        """The chosen class; None for the network's own answer."""
        found = self.classes.currentData()
        return None if found is None else str(found)

    @property
    def word(self) -> int | None:
        """The chosen token; None for the most telling one."""
        found = self.words.currentData()
        return None if found is None else int(found)

    @property
    def by_token(self) -> bool:
        """Whether the tokens of the text have answers of their own."""
        return self._given != () and self._given[0] == "token"

    def set_trace(self, trace: TextTrace | None) -> None:
        """Offer the answers to a text; what was chosen stays while the same ones are offered. Nothing is emitted."""
        if trace is None:
            self._offered = None
            self.hide()
            return
        kind = ""
        own: tuple[str, ...] = ()
        first = tr("First that was found")
        if trace.output:
            kind, own, first = "output", trace.output, tr("First that was written")
        elif not trace.classes:
            kind, own, first = "token", trace.tokens, tr("What comes next")
        elif trace.probabilities is None:
            kind, own = "token", trace.tokens
        offered = ((kind, *own), trace.classes)
        if offered == self._offered:
            return
        if self._offered is None or offered[0] != self._offered[0]:
            self._fill(self.words, first, [(f"{n + 1} · {_short(token)}", n) for n, token in enumerate(own)], None)
        if self._offered is None or offered[1] != self._offered[1]:
            self._fill(
                self.classes,
                tr("Predicted"),
                [(_short(name), name) for name in trace.classes],
                self.label,
            )
        self._offered, self._given = offered, (kind,)
        self.words.setVisible(bool(own))
        self.classes.setVisible(len(trace.classes) > 1)
        self.setVisible(bool(own) or len(trace.classes) > 1)

    def pick(self, word: int) -> None:
        """Ask about this token, as if it were chosen in the list."""
        place = self.words.findData(word)
        if place >= 0 and place != self.words.currentIndex():
            self.words.setCurrentIndex(place)
            self.changed.emit()

    @staticmethod
    def _fill(box: QComboBox, first: str, items: Sequence[tuple[str, object]], keep: object) -> None:
        box.clear()
        box.addItem(first, None)
        for words, value in items:
            box.addItem(words, value)
        place = box.findData(keep) if keep is not None else 0
        box.setCurrentIndex(max(0, place))


def answer_name(label: str, trace: TextTrace) -> str:
    """An answer for use inside a sentence; words that belong to nothing have no type."""
    return tr("nothing") if label == NONE and trace.classes and trace.probabilities is None else quoted(label)


def _short(token: str) -> str:
    shown = visible_token(token)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"
