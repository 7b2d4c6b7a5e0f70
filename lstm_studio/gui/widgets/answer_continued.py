"""What a language model writes behind a beginning: as it comes, with how sure it was and what it copied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QHideEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout

from lstm_studio.errors import Cancelled
from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.theme import S1, S2
from lstm_studio.gui.widgets.answer_view import AnswerColumn, AnswerView, known_to
from lstm_studio.gui.widgets.basic import Banner, Button, Card, Label, Muted, PrimaryButton, describe, set_enabled
from lstm_studio.gui.widgets.continued_text import ContinuedEdit
from lstm_studio.gui.widgets.continued_words import copied_words, joined, notes, sureness
from lstm_studio.gui.widgets.fitting_area import STRETCH
from lstm_studio.gui.widgets.probability_bars import percent
from lstm_studio.gui.widgets.writing import Writing
from lstm_studio.gui.widgets.writing_controls import SEED, WritingControls

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.runs.predictor import Predictor
    from lstm_studio.tasks.continued import Continuation

TICK, LONGEST_TICK = 33, 250
"""Milliseconds between two looks at what was written, and where the text takes long to paint."""
_REST = 5
"""Of the time that painting takes, from one look to the next: Python runs one thread at a time, and one writes."""
CHANNEL = "write"
_SEEDS = int(SEED.maximum or 0) + 1
_FURTHER = 1_000_003
"""From the seed of a part to that of the part behind it."""
_BUTTON = 104


@dataclass(frozen=True)
class ContinuedFacts:
    """How a run writes by itself."""

    temperature: float
    top_k: int
    top_p: float
    longest: int


class ContinuedAnswerView(AnswerView):
    """Settings and the button that writes above; below them beginning and continuation, and what is to be said of it.

    A text may be written in several parts: "Go on" asks for another one behind what is there.
    """

    task = "generation"
    asks_itself = True

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._facts: ContinuedFacts | None = None
        self._beginning = ""
        self._parts: list[Continuation] = []
        self._writing: Writing | None = None
        self._until, self._mark = "end", ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S2)
        column.addWidget(self._controls())
        column.addWidget(self._card(), 1)
        self._timer = QTimer(self, interval=TICK)
        self._timer.timeout.connect(self._drain)
        jobs = session.jobs
        self.destroyed.connect(lambda: jobs.cancel(CHANNEL))
        self.clear()

    def _controls(self) -> WritingControls:
        self.controls = WritingControls()
        self.controls.edited.connect(self._say_state)
        self.write = PrimaryButton(tr("Write"), "type", callback=self._write)
        describe(self.write, tr("Write"), tr("Has the network write on from the text above."), "Ctrl+Return")
        self.stop = Button(tr("Stop"), "stop", self._stop)
        describe(self.stop, tr("Stop"), tr("Ends the writing here; what was written stays."), "Esc")
        self.buttons = QStackedWidget()  # one in place of the other: nothing moves
        self.buttons.setFixedSize(_BUTTON, 36)
        for button in (self.write, self.stop):
            self.buttons.addWidget(button)
        self.controls.row.addWidget(self.buttons, 0, Qt.AlignmentFlag.AlignBottom)
        return self.controls

    def _card(self) -> Card:
        card = self.card = Card(tr("What it writes"))
        self.again_button = Button(tr("Again"), "refresh", self._again)
        describe(self.again_button, tr("Again"), tr("Writes another text, with the next seed."), "Ctrl+R")
        self.go_on = Button(tr("Go on"), "arrow_right", self._go_on)
        describe(self.go_on, tr("Go on"), tr("Writes on from the end of what stands here."), "Ctrl+G")
        self.copy = Button(tr("Copy"), "copy", self._copy)
        describe(self.copy, tr("Copy"), tr("Puts beginning and continuation on the clipboard."), "Ctrl+Shift+C")
        card.header.addWidget(Muted(tr("Seed"), wrap=False))
        card.header.addWidget(self.controls.seed)
        card.header.addSpacing(S1)
        for button in (self.again_button, self.go_on, self.copy):
            card.header.addWidget(button)
        self.hint = Label("", tone="muted", wrap=True)
        self.text = ContinuedEdit()
        self.text.token_chosen.connect(self._choose)
        self.token = Label("", "small", wrap=True)
        self.copied = Banner("warning")
        self.note = Muted("")
        card.body.addWidget(self.hint)
        card.body.addWidget(self.text, STRETCH)
        card.body.addStretch(1)
        card.body.addWidget(self.token)
        card.body.addWidget(self.copied)
        card.body.addWidget(self.note)
        return card

    # -- as every view ---------------------------------------------------------------------------------------

    @staticmethod
    def facts(predictor: Predictor) -> ContinuedFacts:
        model = predictor.config.model
        return ContinuedFacts(model.temperature, model.top_k, model.top_p, model.longest)

    def about_text(self) -> tuple[str, str]:
        return (
            tr("Type a beginning; the network writes on. Left empty, it begins by itself."),
            tr("The beginning that the network writes on from, line ends and all."),
        )

    def new_run(self) -> None:
        self._facts = None
        self.clear()

    def set_facts(self, facts: ContinuedFacts) -> None:
        if facts == self._facts:
            return
        self._facts = facts
        self.controls.set_defaults(vars(facts))
        self._say_state()

    def set_text(self, text: str) -> None:
        self._beginning = text

    def leave(self) -> None:
        if self._writing is not None:
            self._writing.halt()
            self.session.jobs.cancel(CHANNEL)
            self._ended()
            self._say_state()

    def show_answer(self, answer: Continuation) -> None:
        self.text.begin(answer.text)
        self._parts = []
        self._take_part(answer)

    def clear(self) -> None:
        self.leave()
        self._parts = []
        self.text.begin("")
        self._render()

    def columns(self) -> Sequence[AnswerColumn]:
        return AnswerColumn(tr("Written"), wide=True), AnswerColumn(tr("Probability of a token"), figures=True)

    def row(self, answer: Continuation) -> Sequence[str]:
        return self.in_short(answer), percent(sureness(answer.probabilities))

    def in_short(self, answer: Continuation) -> str:
        return answer.written.strip() or tr("Nothing was written")

    def about_files(self) -> str:
        return tr("Every row of a file is a beginning; what the network writes behind it stands in a new file.")

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody sees any more what is written."""
        super().hideEvent(event)
        if not event.spontaneous():
            self._stop()

    # -- writing ---------------------------------------------------------------------------------------------

    def _write(self) -> None:
        if self._can_write():
            self._parts = []
            self.text.begin(self._beginning)
            self._start(self._beginning, self._seed())

    def _again(self) -> None:
        """The same beginning with the next seed."""
        if self._parts and self._can_write():
            beginning = self._parts[0].text
            self.controls.seed.set_number((self._seed() + 1) % _SEEDS)
            self._parts = []
            self.text.begin(beginning)
            self._start(beginning, self._seed())

    def _go_on(self) -> None:
        if self._parts and self._can_write():
            last = self._parts[-1]
            # What ended the part, a line's end, is not in it; without it the next one would end at once.
            between = "\n" if last.ended == "stop" and not self._marked and self._until == "line" else ""
            self.text.go_on(between)
            self._start(last.whole + between, (self._seed() + len(self._parts) * _FURTHER) % _SEEDS)

    def _seed(self) -> int:
        seed = self.controls.seed.number()
        return seed if isinstance(seed, int) else 0

    def _can_write(self) -> bool:
        ready = not self.controls.check() and self._writing is None and self._facts is not None
        self._say_state()
        return ready

    def _start(self, text: str, seed: int) -> None:
        chosen = self.controls.chosen()
        writing = self._writing = Writing({**chosen, "seed": seed})
        self._until, self._mark = chosen["until"], chosen["stop"]
        self._timer.start()
        self._render()
        writing.job = self.session.with_predictor(
            lambda predictor: predictor.write(text, writing.put, **known_to(predictor, writing.asked)),
            done=lambda found: self._written(writing, found),
            failed=lambda error: self._not_written(writing, error),
            channel=CHANNEL,
            long=True,
        )

    @property
    def _marked(self) -> bool:
        """Whether the last part came to the text that was to end it."""
        return bool(self._mark) and self._mark in self._parts[-1].written

    @property
    def _over(self) -> bool:
        """Whether the network has ended its text, so that it would end it again at once."""
        still = self.controls.until.currentData() == "end"
        return self._parts[-1].ended == "stop" and self._until != "line" and not self._marked and still

    def _drain(self) -> None:
        """Show what has come."""
        writing = self._writing
        if writing is not None and (tokens := writing.take()):
            self.text.take(tokens)
            self._show_progress(writing)
            self._timer.setInterval(min(LONGEST_TICK, max(TICK, round(1000 * _REST * self.text.painting))))

    def _show_progress(self, writing: Writing) -> None:
        longest = writing.asked["longest"]
        self.note.setText(
            ntr("{n} token of at most {most}", "{n} tokens of at most {most}", writing.count, most=f"{longest:,}")
            if writing.count
            else tr("The beginning is being read.")
        )

    def _written(self, writing: Writing, found: Continuation) -> None:
        if self._writing is writing:
            self._drain()
            self._ended()
            self._take_part(found)
            self.answered.emit(joined(self._parts))

    def _not_written(self, writing: Writing, error: Exception) -> None:
        if self._writing is writing:
            self._ended()
            self._render()
            if not isinstance(error, Cancelled):
                self.failed.emit(error)

    def _ended(self) -> None:
        self._timer.stop()
        self._writing = None

    def _stop(self) -> None:
        if self._writing is not None:
            self._writing.halt()
            self._say_state()

    # -- showing ---------------------------------------------------------------------------------------------

    def _take_part(self, found: Continuation) -> None:
        self._parts.append(found)
        self.text.complete(found)
        self._render()

    def _render(self) -> None:
        """All but the text itself."""
        writing, there = self._writing, bool(self._parts)
        self.token.hide()
        words = ""
        if writing is None and not there:
            words = tr(
                "What the network writes will stand here, behind your beginning, its words tinted by how sure it is "
                "of them."
            )
        elif writing is None and not any(part.output for part in self._parts):
            words = tr("The network wrote nothing: it ended the text at once.")
        self.hint.setText(words)
        self.hint.setVisible(bool(words))
        self.text.setVisible(there or writing is not None)
        found = joined(self._parts) if there else None
        copied = copied_words(self._parts) if writing is None else ""
        self.copied.show_message("warning", copied)
        self.copied.setVisible(bool(copied))
        if writing is not None:
            self._show_progress(writing)
        elif found is not None:
            self.note.setText(" ".join(notes(found, self._parts)))
        self.note.setVisible(there or writing is not None)
        self._say_state()

    def _say_state(self) -> None:
        """What can be done now."""
        writing, wrong = self._writing, self.controls.wrong
        self.buttons.setCurrentWidget(self.write if writing is None else self.stop)
        set_enabled(self.stop, writing is None or not writing.halted, tr("It ends after the word that it is at."))
        busy = tr("The network is writing; stop it first.") if writing is not None else ""
        nothing = "" if self._parts else tr("Nothing is written yet.")
        set_enabled(self.write, not wrong and self._facts is not None, wrong or tr("The network is being read."))
        sure = self.controls.temperature.number() == 0 or self.controls.top_k.number() == 1
        same = tr("Always the likeliest word is taken, so that nothing is drawn: it would be the same text.")
        why = busy or nothing or wrong or (same if sure else "")
        set_enabled(self.again_button, not why, why)
        why = busy or nothing or wrong
        if not why and self._over:
            why = tr("The network ended its text here. Choose “Nothing” for “Ends at” to have it go on all the same.")
        set_enabled(self.go_on, not why, why)
        why = busy or (nothing and tr("There is nothing to copy yet."))
        set_enabled(self.copy, not why, why)

    def _choose(self, token: int) -> None:
        self.text.set_token(token)
        self.token.setText(self.text.token_words(token).replace("\n", " · "))
        self.token.show()

    def _copy(self) -> None:
        if self._parts:
            QGuiApplication.clipboard().setText(joined(self._parts).whole)
