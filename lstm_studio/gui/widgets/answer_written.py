"""The answer of a network that writes: its text, other versions, where it looked, and what mattered for a token."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from lstm_studio.config import ModelConfig
from lstm_studio.config.describe import OptionInfo, options
from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.theme import S1, S2
from lstm_studio.gui.widgets.alignment_map import AlignmentMap
from lstm_studio.gui.widgets.answer_view import AnswerColumn, AnswerView, known_to
from lstm_studio.gui.widgets.basic import Button, Card, Label, Muted, describe, restyle, set_enabled
from lstm_studio.gui.widgets.fitting_area import STRETCH
from lstm_studio.gui.widgets.number_edit import NumberEdit
from lstm_studio.gui.widgets.probability_bars import percent
from lstm_studio.gui.widgets.token_axis import END, shown_piece, visible_token
from lstm_studio.gui.widgets.version_list import VersionList
from lstm_studio.gui.widgets.why_card import WhyCard
from lstm_studio.gui.widgets.written_text import WrittenEdit

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.runs.predictor import Predictor
    from lstm_studio.tasks.written import Version, WrittenText

VERSIONS = 4
"""Versions that are asked for."""
MOST_BEAMS = 16
"""More take long while a person waits; a run that has more of its own may use them."""


@dataclass(frozen=True)
class WrittenFacts:
    """Of a run: how it searches for the best text, and whether it looks back at what it read."""

    beams: int
    length_penalty: float
    attention: bool


class WrittenAnswerView(AnswerView):
    """The text above, the attention matrix and the words that mattered below; one written token is chosen in all."""

    task = "translation"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._facts: WrittenFacts | None = None
        self._search: dict[str, Any] = {}
        self._found: WrittenText | None = None
        self._version = 0
        self._token = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S2)
        column.addWidget(self._answer_card())
        below = QHBoxLayout()
        below.setSpacing(S2)
        self.look = Card(tr("Where it looked"))
        self.map = AlignmentMap()
        self.map.row_chosen.connect(self._choose)
        self.look.body.addWidget(self.map, 1)
        below.addWidget(self.look, 3)
        self.why = WhyCard()
        below.addWidget(self.why, 2)
        column.addLayout(below, 1)
        self.clear()

    def _answer_card(self) -> Card:
        self.answer = Card(tr("Answer"))
        known = {option.name: option for option in options(ModelConfig)}
        self.beams = self._number(replace(known["beams"], maximum=MOST_BEAMS))
        self.penalty = self._number(known["length_penalty"])
        self.copy = Button(tr("Copy"), "copy", self._copy)
        describe(self.copy, tr("Copy"), tr("Puts the written text on the clipboard."), "Ctrl+Shift+C")
        self.answer.header.addWidget(self.copy)
        self.hint = Label("", tone="muted", wrap=True)
        self.text = WrittenEdit()
        self.text.token_chosen.connect(self._choose)
        self.versions = VersionList()
        self.versions.chosen.connect(self._look_at)
        self.note = Muted("")
        self.answer.body.addWidget(self.hint)
        self.answer.body.addWidget(self.text, STRETCH)
        self.answer.body.addWidget(self.versions)
        self.answer.body.addWidget(self.note)
        return self.answer

    def _number(self, option: OptionInfo) -> NumberEdit:
        """A control of the search, with its name, in the card's head."""
        edit = NumberEdit(option)
        edit.setFixedWidth(80)
        describe(edit, tr(option.title), tr(option.help))
        edit.edited.connect(lambda value: self._search_with(edit, value))
        self.answer.header.addWidget(Muted(tr(option.title), wrap=False))
        self.answer.header.addWidget(edit)
        self.answer.header.addSpacing(S1)
        return edit

    # -- as every view ---------------------------------------------------------------------------------------

    @staticmethod
    def facts(predictor: Predictor) -> WrittenFacts:
        model = predictor.config.model
        return WrittenFacts(model.beams, model.length_penalty, model.attention != "none")

    def new_run(self) -> None:
        self._facts, self._search = None, {}

    def set_facts(self, facts: WrittenFacts) -> None:
        if facts == self._facts:
            return
        self._facts = facts
        self._search = {"beams": facts.beams, "length_penalty": facts.length_penalty}
        self.beams.option = replace(self.beams.option, maximum=max(MOST_BEAMS, facts.beams))
        for edit in (self.beams, self.penalty):
            edit.set_number(self._search[edit.option.name])
            restyle(edit, invalid=False)
        self.clear()

    def asked(self) -> dict[str, Any]:
        return dict(self._search)

    @staticmethod
    def question(facts: WrittenFacts, texts: int, chosen: Mapping[str, Any]) -> dict[str, Any]:
        """Several texts are a table of their best versions."""
        beams = chosen.get("beams", facts.beams)
        return {**chosen, "best": min(beams, VERSIONS)} if texts == 1 else dict(chosen)

    def show_answer(self, answer: WrittenText) -> None:
        before = self._found
        same = before is not None and before.text == answer.text and before.best.tokens == answer.best.tokens
        self._found = answer
        if not same:
            self._token = 0
        self._version = 0
        self.versions.set_versions([version.text for version in answer.versions], shares(answer.versions))
        self._render()

    def clear(self) -> None:
        self._found, self._version, self._token = None, 0, 0
        self.session.jobs.cancel("explain")
        self.text.set_written("", (), ())
        self.text.hide()
        self.versions.set_versions([], [])
        self.note.hide()
        self.hint.setText(tr("What the network writes will stand here, its words tinted by how sure it is of them."))
        self.hint.show()
        set_enabled(self.copy, False, tr("There is nothing to copy yet; type a text first."))
        self.map.set_empty(self._map_words())
        self.map.set_alignment((), (), None)
        self.why.clear(tr("The words that mattered for a written word will stand here; choose it in the answer."))

    def columns(self) -> Sequence[AnswerColumn]:
        return AnswerColumn(tr("Written"), wide=True), AnswerColumn(tr("Probability of a token"), figures=True)

    def row(self, answer: WrittenText) -> Sequence[str]:
        return self.in_short(answer), percent(sureness(answer.best))

    def in_short(self, answer: WrittenText) -> str:
        return answer.best.text or tr("Nothing was written")

    def about_files(self) -> str:
        return tr("For every row of a file the text that is written about it stands in a new file.")

    # -- showing ---------------------------------------------------------------------------------------------

    def _render(self) -> None:
        """The version that is looked at, in all places."""
        found = self._found
        if found is None:
            return
        version = found.versions[self._version]
        self.hint.setText(tr("The network wrote nothing: it ended its answer at once."))
        self.hint.setVisible(not version.text)
        self.text.set_written(version.text, version.tokens, version.probabilities, version.copied)
        self.text.setVisible(bool(version.text))
        set_enabled(self.copy, bool(version.text), tr("There is nothing to copy: the answer is empty."))
        notes = self._notes(found, version)
        self.note.setText(" ".join(notes))
        self.note.setVisible(bool(notes))
        self.map.set_empty(self._map_words())
        self.map.set_alignment(found.tokens, (*version.tokens, END), version.attention, version.probabilities)
        self._choose(min(self._token, len(version.tokens)))

    def _map_words(self) -> str:
        if self._facts is not None and not self._facts.attention:
            return tr(
                "This network has no attention: it writes from one state alone and never looks back at the words it "
                "has read. Train one with attention to see here where it looks."
            )
        return tr("Each written token will have a row here that shows where in the text it looked.")

    @staticmethod
    def _notes(found: WrittenText, version: Version) -> list[str]:
        notes = [tr("The stronger the tint, the surer the network was.")] if version.tokens else []
        copied = sum(version.copied)
        if copied:
            notes.append(
                ntr(
                    "{n} token is copied from the text (dashed).",
                    "{n} tokens are copied from the text (dashed).",
                    copied,
                )
            )
        unknown = sum(found.unknown)
        if unknown:
            notes.append(
                ntr(
                    "{n} token of the text is unknown to this network.",
                    "{n} tokens of the text are unknown to this network.",
                    unknown,
                )
            )
        if found.cut:
            notes.append(
                ntr("{n} token too many was not read.", "{n} tokens too many were not read.", found.cut),
            )
        return notes

    def _look_at(self, version: int) -> None:
        self._version, self._token = version, 0
        self._render()

    def _copy(self) -> None:
        if self._found is not None:
            QGuiApplication.clipboard().setText(self._found.versions[self._version].text)

    # -- searching -------------------------------------------------------------------------------------------

    def _search_with(self, edit: NumberEdit, value: object) -> None:
        """Ask again with another number, or say what is wrong with it."""
        option = edit.option
        low, high = option.minimum or 0, option.maximum or 0
        whole = option.kind != "integer" or isinstance(value, int)
        fits = isinstance(value, (int, float)) and whole and low <= value <= high
        if bool(edit.property("invalid")) == fits:
            restyle(edit, invalid=not fits)
        if not fits:
            self.note.setText(
                tr(
                    "{option}: a number from {low} to {high}.",
                    option=tr(option.title),
                    low=f"{low:g}",
                    high=f"{high:g}",
                )
            )
            self.note.show()
            return
        if self._found is not None:
            self.note.setText(" ".join(self._notes(self._found, self._found.versions[self._version])))
        else:
            self.note.hide()
        if self._search.get(option.name) != value:
            self._search[option.name] = value
            self.again.emit()

    # -- why -------------------------------------------------------------------------------------------------

    def _choose(self, token: int) -> None:
        """Mark a written token everywhere, and ask which words mattered for it."""
        found = self._found
        if found is None:
            return
        self._token = token
        version = found.versions[self._version]
        self.text.set_token(token if token < len(version.tokens) else None)
        self.map.set_row(token)
        if self._version:
            self.session.jobs.cancel("explain")
            self.why.clear(tr("The words that mattered are found out for the first version; choose that one."))
            return
        self.why.set_title(tr("Words that mattered for “{word}”", word=_title((*version.tokens, END)[token])))
        read = [shown_piece(piece) for piece in found.tokens]
        self.why.set_words(read, found.unknown, None)
        # as the answer was asked for, so that it is the same one
        asked = self.question(self._facts, 1, self._search) if self._facts is not None else {}
        self.session.with_predictor(
            lambda predictor: [
                float(weight)
                for weight in predictor.attribution(found.text, word=token, **known_to(predictor, asked)).weights
            ],
            done=lambda weights: self._explained(found, token, weights),
            failed=self.failed.emit,
            channel="explain",
        )

    def _explained(self, found: WrittenText, token: int, weights: Sequence[float]) -> None:
        if self._found is found and not self._version and self._token == token:
            self.why.words.set_words([shown_piece(piece) for piece in found.tokens], found.unknown, weights)


def shares(versions: Sequence[Version]) -> list[float]:
    """Of each version in the probability of all of them together."""
    most = max(version.log_probability for version in versions)
    sizes = [math.exp(version.log_probability - most) if most > -math.inf else 1.0 for version in versions]
    return [size / sum(sizes) for size in sizes]


def sureness(version: Version) -> float:
    """The geometric mean of the probabilities of its tokens, the end mark among them."""
    return math.exp(version.log_probability / max(1, len(version.probabilities)))


def _title(token: str) -> str:
    words = visible_token(token)
    return words if len(words) <= 40 else words[:39] + "…"
