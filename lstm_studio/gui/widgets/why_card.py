"""The words that mattered for an answer, with a line that says how to read them."""

from __future__ import annotations

from collections.abc import Sequence

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.widgets.basic import Card, Muted
from lstm_studio.gui.widgets.fitting_area import STRETCH, FittingArea
from lstm_studio.gui.widgets.word_weights import LINE, WordWeights


class WhyCard(Card):
    """Words with their weights above a line of explanation."""

    def __init__(self) -> None:
        super().__init__(tr("Words that mattered"))
        self.words = WordWeights()
        self.legend = Muted("")
        self.area = FittingArea(self.words, LINE)
        self.body.addWidget(self.area, STRETCH)
        self.body.addWidget(self.legend)
        self.body.addStretch(1)
        self.clear()

    def set_words(
        self, tokens: Sequence[str], unknown: Sequence[bool], weights: Sequence[float] | None, note: str = ""
    ) -> None:
        """Show words; ``weights`` is None while they are computed. ``note`` is said after how to read the bars."""
        self.words.set_words(tokens, unknown, weights)
        self.area.show()
        self.legend.setText(" ".join(part for part in (reading(), note) if part))

    def clear(self, hint: str = "") -> None:
        """No words; ``hint`` says what will be here."""
        self.set_title(tr("Words that mattered"))
        self.words.set_words([], [], None)
        self.area.hide()
        self.legend.setText(hint or reading())


def reading() -> str:
    """How the bars are read."""
    return tr("Bar above a word: it spoke for the answer. Below: against it. Dotted: unknown word.")
