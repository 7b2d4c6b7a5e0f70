"""The answer to a text as a whole: bars for the classes, and the words that mattered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout

from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.theme import S2
from lstm_studio.gui.widgets.answer_view import AnswerColumn, AnswerView
from lstm_studio.gui.widgets.basic import Card, Label
from lstm_studio.gui.widgets.bidi import isolated
from lstm_studio.gui.widgets.probability_bars import ProbabilityBars, percent
from lstm_studio.gui.widgets.why_card import WhyCard

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.runs.predictor import Prediction


class TextAnswerView(AnswerView):
    """Probabilities of the classes above, words with their weights below."""

    task = "classification"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._shown: Prediction | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S2)
        answer = Card(tr("Answer"))
        self.bars = ProbabilityBars()
        self.hint = Label(tr("The probability of each class will stand here."), tone="muted", wrap=True)
        answer.body.addWidget(self.hint)
        answer.body.addWidget(self.bars)
        column.addWidget(answer)
        self.why = WhyCard()
        column.addWidget(self.why, 1)
        self.clear()

    def show_answer(self, answer: Prediction) -> None:
        self._shown = answer
        self.bars.set_probabilities(answer.probabilities)
        self.bars.show()
        self.hint.hide()
        unknown = sum(answer.unknown)
        notes = []
        if unknown:
            notes.append(ntr("{n} word is unknown to this network.", "{n} words are unknown to this network.", unknown))
        if answer.cut:
            notes.append(ntr("{n} word too many was cut away.", "{n} words too many were cut away.", answer.cut))
        self.why.set_words(answer.tokens, answer.unknown, None, " ".join(notes))
        self.session.with_predictor(
            lambda predictor: predictor.explain(answer.text),
            done=lambda weights: self._explained(answer, weights),
            failed=self.failed.emit,
            channel="explain",
        )

    def _explained(self, answer: Prediction, weights: list[float]) -> None:
        if self._shown is answer:
            self.why.words.set_words(answer.tokens, answer.unknown, weights)

    def clear(self) -> None:
        self._shown = None
        self.bars.set_probabilities({})
        self.bars.hide()
        self.hint.show()
        self.why.clear()

    def columns(self) -> Sequence[AnswerColumn]:
        return AnswerColumn(tr("Answer")), AnswerColumn(tr("Probability"), figures=True)

    def row(self, answer: Prediction) -> Sequence[str]:
        return answer.label, percent(answer.probabilities[answer.label])

    def in_short(self, answer: Prediction) -> str:
        return " ".join(map(isolated, self.row(answer)))

    def about_files(self) -> str:
        return tr("Every row of a file gets a prediction and its probability in a new file.")
