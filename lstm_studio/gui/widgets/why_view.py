"""Why: what each token adds to an answer, whether that adds up, and what a phrase says that its words do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from lstm_studio.data.units import MARK
from lstm_studio.errors import StudioError
from lstm_studio.gui.i18n import error_text, tr
from lstm_studio.gui.notify import hub
from lstm_studio.gui.theme import S1, S2
from lstm_studio.gui.widgets.answer_choice import AnswerChoice, answer_name
from lstm_studio.gui.widgets.basic import Label, Muted, SegmentedControl, vertical_line
from lstm_studio.gui.widgets.fitting_area import STRETCH, FittingArea
from lstm_studio.gui.widgets.inside_view import InsideView, Seen
from lstm_studio.gui.widgets.phrase_bars import Part, PhraseBars, signed
from lstm_studio.gui.widgets.phrase_words import PhraseWords
from lstm_studio.gui.widgets.token_axis import quoted, visible_token
from lstm_studio.gui.widgets.why_card import reading
from lstm_studio.gui.widgets.word_weights import LINE

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.inspection.attribution import Attribution, Method
    from lstm_studio.inspection.decomposition import Phrase
    from lstm_studio.inspection.trace import TextTrace

_LONG = 100
"""Tokens of a text above which a run in training does not stand still for it."""
_ALONE = 6
"""Tokens of a phrase that are shown one by one."""
_PANEL = 320


class WhyView(InsideView):
    """The text with weights on the left; on the right what the chosen phrase contributes."""

    name = "why"
    uses_layers = False

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.found: Attribution | None = None
        self.phrase: Phrase | None = None
        self._seen: Seen | None = None
        self._asked: tuple[Any, ...] = ()
        self._wanted: Method | None = session.settings.noted("inspect", "method", None)
        """What a person chose; None for what suits the network."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S1)
        column.addLayout(self._controls())
        self.said = Label("", wrap=True)
        column.addWidget(self.said)
        row = QHBoxLayout()
        row.setSpacing(S2)
        row.addLayout(self._text(), 1)
        row.addWidget(vertical_line())
        row.addWidget(self._phrase_panel())
        column.addLayout(row, 1)
        self._show()

    @staticmethod
    def title() -> str:
        return tr("Why")

    @staticmethod
    def help() -> str:
        return tr("What each token adds to the answer or takes from it, and what phrases say together.")

    # -- building -------------------------------------------------------------------------------------------

    def _controls(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(S1)
        self.method = SegmentedControl(
            [
                (
                    "integrated gradients",
                    tr("Integrated gradients"),
                    tr("Adds up the gradient on the way from no words to the text; the parts add up to the answer."),
                ),
                (
                    "occlusion",
                    tr("Occlusion"),
                    tr("Puts the unknown word in the place of each token in turn and sees what the answer loses."),
                ),
            ],
            self._wanted or "integrated gradients",
            tr("Method"),
        )
        self.method.changed.connect(self._method_chosen)
        self.answer = AnswerChoice()
        self.answer.changed.connect(self._ask)
        row.addWidget(self.method)
        row.addSpacing(S1)
        row.addWidget(self.answer)
        row.addStretch(1)
        self.sum = Label("", "small", "small", tabular=True)
        row.addWidget(self.sum)
        return row

    def _text(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(S1)
        self.words = PhraseWords()
        self.words.picked.connect(self._picked)
        self.words.phrase_chosen.connect(self._ask_phrase)
        self.area = FittingArea(self.words, LINE)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column.addWidget(self.area, STRETCH)
        self.legend = Muted(reading())
        column.addWidget(self.legend)
        column.addStretch(1)
        return column

    def _phrase_panel(self) -> QWidget:
        panel = QWidget()
        panel.setFixedWidth(_PANEL)
        column = QVBoxLayout(panel)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S1)
        self.phrase_title = Label(tr("A phrase"))
        self.phrase_title.setWordWrap(True)
        self.bars = PhraseBars()
        self.phrase_said = Muted("")
        for widget in (self.phrase_title, self.bars, self.phrase_said):
            column.addWidget(widget)
        column.addStretch(1)
        return panel

    # -- following ------------------------------------------------------------------------------------------

    def show_seen(self, seen: Seen | None) -> None:
        before = self._seen
        self._seen = seen
        if seen is None:
            self.leave()
            self.found = self.phrase = None
            self.answer.set_trace(None)
            self.words.set_words([], [], None)
            self._show()
            return
        if before is not None and before.trace is seen.trace and self._asked:
            return
        trace = seen.trace
        if before is None or before.trace.tokens != trace.tokens:
            self.found = self.phrase = None
            self.words.set_words(trace.tokens, [not known for known in trace.known], None)
        self.answer.set_trace(trace)
        self._ask()

    def leave(self) -> None:
        self._asked = ()
        for channel in ("inspect-why", "inspect-phrase"):
            self.session.jobs.cancel(channel)

    # -- asking ---------------------------------------------------------------------------------------------

    def _method_chosen(self, method: Method) -> None:
        self._wanted = method
        self.session.settings.note("inspect", method=method)
        self.session.save_soon()
        self._ask()

    @Slot()
    def _ask(self) -> None:
        seen = self._seen
        if seen is None:
            return
        trace, label, word, method = seen.trace, self.answer.label, self.answer.word, self._wanted
        asked = self._asked = (trace, label, word, method)
        if self.words.phrase is not None:
            self._ask_phrase(self.words.phrase)

        def ask(quick: bool) -> None:
            self.session.with_predictor(
                lambda predictor: predictor.attribution(trace.text, label, word, method, quick=quick, **seen.asked),
                done=done,
                failed=self._failed,
                channel="inspect-why",
                long=len(trace.tokens) > _LONG,
            )

        def done(found: Attribution) -> None:
            if self._asked == asked:
                self.found = found
                self.method.set_value(found.method)
                self._show()
                if found.rough:  # a coarse answer comes at once; where that does not do, the whole one follows
                    ask(False)

        ask(True)

    @Slot(object)
    def _ask_phrase(self, chosen: tuple[int, int] | None) -> None:
        seen = self._seen
        if chosen is None or seen is None:
            self.session.jobs.cancel("inspect-phrase")
            self.phrase = None
            self._show_phrase()
            return
        trace, label, word, (start, end) = seen.trace, self.answer.label, self.answer.word, chosen

        def done(found: Phrase) -> None:
            if self.words.phrase == chosen and self._seen is not None and self._seen.trace.tokens == trace.tokens:
                self.phrase = found
                self._show_phrase()

        def failed(error: Exception) -> None:
            self.phrase = None
            self._show_phrase()
            if isinstance(error, StudioError):
                self.phrase_said.setText(error_text(error))
            else:
                hub().fail(error)

        self.session.with_predictor(
            lambda predictor: predictor.phrase(trace.text, start, end, label, word, **seen.asked),
            done=done,
            failed=failed,
            channel="inspect-phrase",
            long=len(trace.tokens) > _LONG,
        )

    def _failed(self, error: Exception) -> None:
        self.found = None
        self._show()
        if isinstance(error, StudioError):
            self.said.setText(error_text(error))
        else:
            hub().fail(error)

    @Slot(int)
    def _picked(self, word: int) -> None:
        """Where tokens have answers of their own a click asks about one; elsewhere it is a phrase of one word."""
        if self.answer.by_token:
            self.answer.pick(word)
        else:
            self.words.set_phrase((word, word + 1))
            self._ask_phrase(self.words.phrase)

    # -- showing --------------------------------------------------------------------------------------------

    def _show(self) -> None:
        found, seen = self.found, self._seen
        if found is None or seen is None:
            self.said.setText("" if seen is None else tr("The tokens are being weighed."))
            self.sum.setText("")
            self.legend.hide()
            self._show_phrase()
            return
        trace = seen.trace
        self.words.set_words(found.tokens, [not known for known in trace.known], found.contributions.tolist())
        by_token = self.answer.by_token
        self.words.set_answer(found.word if by_token else None)
        first = tr("This is a first look; the exact figures follow.") if found.coarse else ""
        self.said.setText(" ".join(part for part in (self._sentence(found, trace), first) if part))
        gap = found.total - found.difference
        self.sum.setText(
            tr(
                "All tokens {sum} · text {odds} less no words {base}: {difference} · gap {gap}",
                sum=signed(found.total),
                odds=signed(found.odds),
                base=signed(found.baseline),
                difference=signed(found.difference),
                gap=f"{abs(gap):.3f}",
            )
        )
        self.sum.setToolTip(self._about_sum(found))
        more = tr("Click a word to ask about its answer.") if by_token else ""
        self.legend.setText(" ".join(part for part in (reading(), more) if part))
        self.legend.show()
        self._show_phrase()

    def _sentence(self, found: Attribution, trace: TextTrace) -> str:
        answer = answer_name(found.label, trace)
        if found.word is None:
            return tr("What each token adds to the log-odds of “{answer}”, or takes from them.", answer=answer)
        if not self.answer.by_token:
            return tr(
                "What each token of the text adds to the log-odds of writing “{answer}” as token {n}.",
                answer=answer,
                n=found.word + 1,
            )
        token = found.tokens[found.word] if found.word < len(found.tokens) else ""
        if not trace.classes:
            return tr("What each token before adds to the log-odds that “{answer}” comes there.", answer=answer)
        return tr(
            "What each token adds to the log-odds of “{answer}” at “{token}”.", answer=answer, token=quoted(token)
        )

    @staticmethod
    def _about_sum(found: Attribution) -> str:
        words = tr("Log-odds are the logarithm of the answer's probability against all others; 0 is even.")
        if found.method == "occlusion":
            return f"{words} {tr('Occlusion need not add up: the gap is what words say only together.')}"
        said = tr("Integrated gradients add up to the difference; the gap is the error of the sum along the way.")
        if abs(found.padding) >= 0.005:
            said += " " + tr("Padding that is read has a part in it: {part}.", part=signed(found.padding))
        return f"{words} {said}"

    def _show_phrase(self) -> None:
        phrase, found = self.phrase, self.found
        self.bars.setVisible(phrase is not None)
        if phrase is None or self._seen is None:
            self.phrase_title.setText(tr("A phrase"))
            self.phrase_said.setText(tr("Drag over words to see what they say together."))
            return
        tokens = [visible_token(token) for token in self._seen.trace.tokens[phrase.start : phrase.end]]
        raw = "".join(self._seen.trace.tokens[phrase.start : phrase.end])
        named = raw.replace(MARK, " ").strip() if MARK in raw else " ".join(tokens)
        named = named if len(named) <= 60 else f"{named[:59].rstrip()}…"
        self.phrase_title.setText(f"“\u2068{named}\u2069”")
        parts = [Part(tr("Together"), phrase.together, strong=True)]
        if len(phrase.alone) > 1:
            parts.append(Part(tr("One by one, summed"), float(phrase.alone.sum())))
            if len(tokens) <= _ALONE:
                parts += [
                    Part(token, float(value), inner=True) for token, value in zip(tokens, phrase.alone, strict=True)
                ]
        if found is not None:
            words = tr("By gradients") if found.method != "occlusion" else tr("By occlusion")
            parts.append(Part(words, float(found.contributions[phrase.start : phrase.end].sum())))
        parts.append(Part(tr("Rest of the text"), phrase.rest))
        self.bars.set_parts(parts)
        self.phrase_said.setText(self._about_phrase(phrase))
        self.phrase_said.setToolTip(
            tr("Contextual decomposition (Murdoch, Liu & Yu, 2018) splits every state into what the phrase alone has "
               "brought about and all the rest. Phrase and rest together are exactly the answer.")
        )  # fmt: skip

    @staticmethod
    def _about_phrase(phrase: Phrase) -> str:
        adds = tr(
            "Phrase {phrase} and rest {rest} make up the log-odds {odds}, less {nothing} for nothing read.",
            phrase=signed(phrase.together),
            rest=signed(phrase.rest),
            odds=signed(phrase.odds),
            nothing=signed(phrase.nothing),
        )
        if len(phrase.alone) < 2:
            return adds
        gap = phrase.together - float(phrase.alone.sum())
        if abs(gap) < 0.1 * max(abs(phrase.together), float(np.abs(phrase.alone).sum())):
            return f"{tr('The words say together what they say one by one.')} {adds}"
        more = tr("Together they say {gap} besides what they say one by one.", gap=signed(gap))
        return f"{more} {adds}"
