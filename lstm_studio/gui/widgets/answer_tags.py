"""The answer to a sentence whose words are tagged: entities and slots, or who did what to whom for each verb."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.theme import S1, S2
from lstm_studio.gui.widgets.answer_chips import TypeLegend, VerbChips
from lstm_studio.gui.widgets.answer_view import AnswerColumn, AnswerView
from lstm_studio.gui.widgets.basic import Card, Label, Muted
from lstm_studio.gui.widgets.bidi import isolated
from lstm_studio.gui.widgets.fitting_area import STRETCH, FittingArea
from lstm_studio.gui.widgets.span_colors import SpanColors
from lstm_studio.gui.widgets.span_text import SpanMark, SpanText
from lstm_studio.gui.widgets.token_axis import visible_token
from lstm_studio.gui.widgets.why_card import WhyCard

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.runs.predictor import Predictor
    from lstm_studio.tasks.tag_answers import Frame, TaggedText, TagSpan

AROUND = 100
"""Words before and after the one that is explained."""
MOST_WORDS = 2_400
"""Words painted for all verbs together; a text of very many verbs is looked at verb by verb."""
IN_SHORT = 12
"""Spans told in a line."""


@dataclass(frozen=True)
class TagFacts:
    """Of a run: its types in order, for their colours, and whether its answers belong to a verb each."""

    labels: tuple[str, ...]
    predicates: bool


class TagAnswerView(AnswerView):
    """The sentence with its spans above, the words that mattered for one of them below.

    Without predicates a click on a word asks which words mattered for its tag. With predicates a click on a word asks
    for the roles that belong to it; the verbs that were found are offered as chips.
    """

    task = "tagging"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._facts = TagFacts((), False)
        self._colors = SpanColors(())
        self._found: TaggedText | None = None
        self._frames: dict[int | None, Frame] = {}
        self._choice: int | None = None
        self._asked: tuple[int | None, int] | None = None
        self.texts: list[SpanText] = []

        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S2)
        self.answer = Card(tr("Answer"))
        self.chips = VerbChips()
        self.chips.chosen.connect(self._choose)
        self.hint = Label("", tone="muted", wrap=True)
        inside = QWidget()
        self._sentences = QVBoxLayout(inside)
        self._sentences.setContentsMargins(0, 0, S1, 0)
        self._sentences.setSpacing(S2)
        self.area = FittingArea(inside)
        self.legend = TypeLegend()
        self.legend.chosen.connect(self._next_of)
        self.note = Muted("")
        self.answer.body.addWidget(self.chips)
        self.answer.body.addWidget(self.hint)
        self.answer.body.addWidget(self.area, STRETCH)
        self.answer.body.addWidget(self.legend)
        self.answer.body.addWidget(self.note)
        self.answer.body.addStretch(1)
        column.addWidget(self.answer, 3)
        self.why = WhyCard()
        column.addWidget(self.why, 2)
        self.clear()

    # -- as every view ---------------------------------------------------------------------------------------

    @staticmethod
    def facts(predictor: Predictor) -> TagFacts:
        answers: Any = predictor.answers
        return TagFacts(tuple(answers.classes), answers.inventory.predicates is not None)

    def set_facts(self, facts: TagFacts) -> None:
        if facts == self._facts:
            return
        self._facts = facts
        self._colors = SpanColors(facts.labels)
        self.legend.set_colors(self._colors, facts.labels)
        self.clear()

    def show_answer(self, answer: TaggedText) -> None:
        before, chosen = self._found, self._choice
        self._found = answer
        self._frames = {frame.predicate: frame for frame in answer.frames}
        self._choice, self._asked = None, None
        if len(self._frames) == 1:
            self._choice = next(iter(self._frames))
        same = before is not None and (before.text, before.words) == (answer.text, answer.words)
        if same and chosen in self._frames:
            self._choice = chosen
        self._render()
        if same and chosen is not None and chosen not in self._frames:
            self._choose(chosen)

    def clear(self) -> None:
        self._found, self._frames, self._choice, self._asked = None, {}, None, None
        for text in self.texts:
            text.hide()
        self.chips.set_verbs([], None)
        self.legend.set_counts({})
        self.area.hide()
        self.note.hide()
        self.hint.setText(
            tr("For each verb the sentence will stand here with its roles: who did what to whom.")
            if self._facts.predicates
            else tr("Your text will stand here, and what is found in it is coloured and labelled.")
        )
        self.hint.show()
        self.why.clear(self._why_hint())

    def columns(self) -> Sequence[AnswerColumn]:
        return (AnswerColumn(tr("What was found"), wide=True),)

    def row(self, answer: TaggedText) -> Sequence[str]:
        return (self.in_short(answer),)

    def in_short(self, answer: TaggedText) -> str:
        parts = []
        for frame in answer.frames[:IN_SHORT]:
            told = [tr("{label}: {words}", label=span.type, words=isolated(answer.part(span))) for span in roles(frame)]
            if len(told) > IN_SHORT:
                told = [*told[:IN_SHORT], "…"]
            if frame.predicate is None:
                parts += told
            elif told:
                verb = isolated(answer.words[frame.predicate])
                parts.append(tr("{verb} ({spans})", verb=verb, spans=" · ".join(told)))
        return " · ".join(parts) or tr("Nothing found")

    def about_files(self) -> str:
        return tr("Every sentence of a file gets its tags, and the spans they mark, in a new file.")

    # -- the sentence ----------------------------------------------------------------------------------------

    def _render(self) -> None:
        found = self._found
        if found is None:
            return
        self.chips.set_verbs([(at, found.words[at]) for at in sorted(p for p in self._frames if p is not None)], None)
        self.chips.set_choice(self._choice)
        shown = self._shown()
        most = max(1, MOST_WORDS // max(1, len(found.words)))
        within = shown[:most]
        focused = self.window().focusWidget() in self.texts
        if within:
            self._fill([(frame.predicate, marks(frame)) for frame in within])
        else:
            self._fill([(None, [])])
        if focused and self.window().focusWidget() not in self.texts[: len(within) or 1]:
            self.texts[0].setFocus()
        counted = Counter(span.type for frame in shown for span in roles(frame))
        self.legend.set_counts(counted)
        self._say(shown, len(within), sum(counted.values()))
        if self._asked is None:
            self._explain_first()

    def _shown(self) -> list[Frame]:
        """The frames to look at: the chosen one, or all in the order of the words."""
        if self._choice is not None:
            return [self._frames[self._choice]]
        return sorted(self._frames.values(), key=lambda frame: -1 if frame.predicate is None else frame.predicate)

    def _fill(self, sentences: Sequence[tuple[int | None, list[SpanMark]]]) -> None:
        """One widget a sentence; those that are there are used again."""
        found = self._found
        assert found is not None
        unknown = [place for place, strange in enumerate(found.unknown) if strange]
        while len(self.texts) < len(sentences):
            text = SpanText()
            text.word_clicked.connect(self._clicked)
            self.texts.append(text)
            self._sentences.addWidget(text)
        for text, (predicate, own) in zip(self.texts, sentences, strict=False):
            text.set_colors(self._colors)
            text.set_sentence(
                found.words,
                own,
                clickable=range(len(found.words)),
                marked=predicate,
                spaced=found.spaced,
                unknown=unknown,
            )
            verb = found.words[predicate] if predicate is not None else ""
            text.setAccessibleName(tr("Roles of “{verb}”", verb=verb) if verb else tr("Sentence with its spans"))
            text.setVisible(True)
        for text in self.texts[len(sentences) :]:
            text.hide()
        self.area.show()

    def _say(self, shown: Sequence[Frame], within: int, spans: int) -> None:
        """What is to be said besides the picture."""
        found = self._found
        assert found is not None
        words = ""
        if not shown:
            words = tr("No verb was found. Click the word whose roles you want to see.")
        elif not spans and self._choice is not None:
            words = tr("No roles were found for “{verb}”.", verb=shorter(found.words[self._choice], 32))
        elif not spans:
            words = tr("Nothing was found in this text.")
        self.hint.setText(words)
        self.hint.setVisible(bool(words))
        notes = []
        if len(shown) > within:
            notes.append(
                ntr(
                    "{n} verb more: choose it above or click it in the text.",
                    "{n} verbs more: choose one above or click it in the text.",
                    len(shown) - within,
                )
            )
        elif self._facts.predicates and shown:
            notes.append(tr("Click any word to see the roles that belong to it."))
        unknown = sum(found.unknown)
        if unknown:
            notes.append(
                ntr(
                    "{n} word is unknown to this network (dotted).",
                    "{n} words are unknown to this network (dotted).",
                    unknown,
                )
            )
        if found.cut:
            notes.append(ntr("{n} word too many was cut away.", "{n} words too many were cut away.", found.cut))
        self.note.setText(" ".join(notes))
        self.note.setVisible(bool(notes))

    def _clicked(self, word: int) -> None:
        if self._facts.predicates:
            self._choose(word)
        else:
            self._explain(None, word)

    def _choose(self, predicate: int | None) -> None:
        """Look at one verb, or at all of them; a word that was not found as a verb is asked for."""
        found = self._found
        if found is None:
            return
        if predicate is None or predicate in self._frames:
            self._choice, self._asked = predicate, None
            self._render()
            return
        self.session.with_predictor(
            lambda predictor: predictor.predict([found.text], predicate=predicate)[0],
            done=lambda answer: self._framed(found, predicate, answer),
            failed=self.failed.emit,
            channel="predict-word",
        )

    def _framed(self, found: TaggedText, predicate: int, answer: TaggedText) -> None:
        if self._found is found:
            self._frames[predicate] = answer.frames[0]
            self._choose(predicate)

    # -- why -------------------------------------------------------------------------------------------------

    def _spans(self) -> list[tuple[int | None, TagSpan]]:
        return [(frame.predicate, span) for frame in self._shown() for span in roles(frame)]

    def _explain_first(self) -> None:
        spans = self._spans()
        if spans:
            self._explain(spans[0][0], spans[0][1].start)
        else:
            self.session.jobs.cancel("explain")
            self.why.clear(self._why_hint())

    def _why_hint(self) -> str:
        if self._facts.predicates:
            return tr("The words that mattered for a role will stand here; choose the role below the sentence.")
        return tr("Click a word of the answer, and the words that mattered for its label stand here.")

    def _next_of(self, label: str) -> None:
        """Explain the next span of a type after the one in hand."""
        own = [(predicate, span.start) for predicate, span in self._spans() if span.type == label]
        if own:
            after = own.index(self._asked) + 1 if self._asked in own else 0
            self._explain(*own[after % len(own)])

    def _explain(self, predicate: int | None, word: int) -> None:
        """Ask which words mattered for the tag of one word."""
        found = self._found
        if found is None:
            return
        self._asked = (predicate, word)
        self.why.set_title(self._why_title(found, predicate, word))
        first = max(0, word - AROUND)
        here = slice(first, word + AROUND)
        note = tr("Only the words around it are shown.") if len(found.words) > len(found.words[here]) else ""
        if self._facts.predicates:
            note = " ".join(part for part in (tr("Choose a role above for others."), note) if part)
        self.why.set_words(found.words[here], found.unknown[here], None, note)
        asked: dict[str, Any] = {} if predicate is None else {"predicate": predicate}
        self.session.with_predictor(
            lambda predictor: [float(w) for w in predictor.attribution(found.text, word=word, **asked).weights[here]],
            done=lambda weights: self._explained(found, (predicate, word), here, weights),
            failed=self.failed.emit,
            channel="explain",
        )

    def _explained(
        self, found: TaggedText, asked: tuple[int | None, int], here: slice, weights: Sequence[float]
    ) -> None:
        if self._found is found and self._asked == asked:
            self.why.words.set_words(found.words[here], found.unknown[here], weights)

    def _why_title(self, found: TaggedText, predicate: int | None, word: int) -> str:
        spans = self._frames[predicate].spans if predicate in self._frames else ()
        span = next((span for span in spans if span.start <= word < span.end), None)
        said = shorter(found.part(span) if span is not None else found.words[word], 40)
        label = shorter(span.type, 24) if span is not None else tr("no label")
        if predicate is None:
            return tr("Words that mattered for “{words}” ({label})", words=said, label=label)
        verb = shorter(found.words[predicate], 20)
        return tr("Words that mattered for “{words}” ({label} of “{verb}”)", words=said, label=label, verb=verb)


def roles(frame: Frame) -> list[TagSpan]:
    """Spans of a frame but for the predicate itself."""
    return [span for span in frame.spans if not span.start == frame.predicate == span.end - 1]


def marks(frame: Frame) -> list[SpanMark]:
    """Spans as they are painted; the tooltip tells the probability."""
    return [SpanMark(span.start, span.end, span.type, strength=span.probability) for span in roles(frame)]


def shorter(words: str, most: int) -> str:
    """Words that fit into a title."""
    words = visible_token(words[: 4 * most])
    return words if len(words) <= most else words[: most - 1] + "…"
