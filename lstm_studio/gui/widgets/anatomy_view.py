"""Anatomy of a step: the equations of one unit with their numbers, walked through token by token."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from lstm_studio.errors import StudioError
from lstm_studio.gui.i18n import error_text, tr
from lstm_studio.gui.notify import hub
from lstm_studio.gui.theme import S1, S2
from lstm_studio.gui.widgets.basic import IconButton, Label, Muted, set_enabled, vertical_line
from lstm_studio.gui.widgets.inside_view import InsideView, Seen
from lstm_studio.gui.widgets.probability_bars import ProbabilityBars
from lstm_studio.gui.widgets.step_lines import Figures, blank_lines, lines_of
from lstm_studio.gui.widgets.step_view import StepView
from lstm_studio.gui.widgets.token_axis import quoted
from lstm_studio.gui.widgets.verdicts import percent, verdicts_of

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.inspection.anatomy import Anatomy

_SIDE = 232
_SHARE = 20
"""While the run trains, this may take one part in so many of its time."""


class AnatomyView(InsideView):
    """Steps stand between the state before the first token and the last token; arrow keys walk along them."""

    name = "anatomy"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.anatomy: Anatomy | None = None
        self._seen: Seen | None = None
        self._asked: tuple[Any, ...] = ()
        self._began = self._took = 0.0
        self._token = 0
        self._pointed: int | None = None
        self.at_start = False
        """Whether nothing is read yet."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S1)
        column.addLayout(self._controls())
        self.steps = StepView()
        self.steps.stepped.connect(self.walk)
        self.steps.unit_stepped.connect(self.walk_units)
        self.steps.ended.connect(lambda way: self.walk(way * 10**9))
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.steps.setObjectName("content")  # see-through, so that the card shows
        area.setWidget(self.steps)
        self.line, self.side = vertical_line(), self._side()
        row = QHBoxLayout()
        row.setSpacing(S2)
        row.addWidget(area, 1)
        row.addWidget(self.line)
        row.addWidget(self.side)
        column.addLayout(row, 1)
        self._show()

    @staticmethod
    def title() -> str:
        return tr("Anatomy")

    @staticmethod
    def help() -> str:
        return tr("One unit at one token in numbers: what each gate adds up, and what becomes of it.")

    def _controls(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(S1)
        left = tr("The step before; Left arrow in the equations.")
        right = tr("The step after; Right arrow in the equations.")
        self.before = IconButton("chevron_left", tr("Token before"), left, callback=lambda: self.walk(-1))
        self.after = IconButton("chevron_right", tr("Token after"), right, callback=lambda: self.walk(1))
        self.said = Label("", wrap=True)
        row.addWidget(self.before)
        row.addWidget(self.after)
        row.addWidget(self.said, 1)
        return row

    def _side(self) -> QWidget:
        side = QWidget()
        side.setFixedWidth(_SIDE)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S1)
        self.asked = Label("", wrap=True)
        self.bars = ProbabilityBars()
        self.came = Muted("")
        for widget in (self.asked, self.bars, self.came):
            column.addWidget(widget)
        column.addStretch(1)
        return side

    # -- following ------------------------------------------------------------------------------------------

    def show_seen(self, seen: Seen | None) -> None:
        before, self._seen = self._seen, seen
        if seen is None:
            self.leave()
            self.anatomy = None
            self._show()
            return
        if seen.token != self._pointed:
            self._pointed = seen.token
            if seen.token is not None:
                self._token, self.at_start = seen.token, False
        elif before is None or before.tokens != seen.tokens:
            self._token, self.at_start = len(seen.tokens) - 1 if seen.layer.direction == "forward" else 0, False
        wanted = (seen.trace, seen.layer.name)
        if wanted != self._asked:
            again = bool(self._asked) and seen.layer.name == self._asked[1] and seen.trace.tokens == self._text
            if again and time.monotonic() - self._began < _SHARE * self._took and self.session.training:
                self._show()  # the run has just been held up for this
                return
            if not again:
                self.anatomy = None
            self._ask(wanted)
        self._show()

    _text: tuple[str, ...] = ()

    def _ask(self, wanted: tuple[Any, str]) -> None:
        seen = self._seen
        assert seen is not None
        self._asked, self._began, self._text = wanted, time.monotonic(), seen.trace.tokens
        text, name, asked = seen.trace.text, wanted[1], dict(seen.asked)

        def done(found: Anatomy) -> None:
            self._took = time.monotonic() - self._began
            self.anatomy = found
            self._show()

        def failed(error: Exception) -> None:
            self.anatomy = None
            self._show()
            if isinstance(error, StudioError):
                self.said.setText(error_text(error))
            else:
                hub().fail(error)

        self.session.with_predictor(
            lambda predictor: predictor.anatomy(text, name, **asked), done, failed, "inspect-anatomy"
        )

    def leave(self) -> None:
        self._asked = ()
        self.session.jobs.cancel("inspect-anatomy")

    # -- walking --------------------------------------------------------------------------------------------

    def walk(self, tokens: int) -> None:
        """So many steps to the right; beyond the first token that is read stands the state before it."""
        anatomy = self.anatomy
        if anatomy is None:
            return
        last = len(anatomy.tokens) - 1
        low, high = (0, last + 1) if anatomy.backward else (-1, last)
        now = (high if anatomy.backward else low) if self.at_start else self._token
        now = min(max(now + tokens, low), high)
        self.at_start = not 0 <= now <= last
        if self.at_start:
            self._pointed = None
            self.token_asked.emit(-1)
        else:
            self._token = self._pointed = now
            self.token_asked.emit(now)
        self._show()

    def walk_units(self, units: int) -> None:
        """So many units on, by their numbers."""
        if self.anatomy is not None and self._seen is not None and self._seen.unit is not None:
            self.unit_asked.emit(min(max(self._seen.unit + units, 0), self.anatomy.units - 1))

    # -- showing --------------------------------------------------------------------------------------------

    def _show(self) -> None:
        anatomy, seen = self.anatomy, self._seen
        ready = anatomy is not None and seen is not None and seen.unit is not None and seen.unit < anatomy.units
        for button in (self.before, self.after):
            set_enabled(button, ready, tr("There is no text to step through."))
        if not ready:
            waits = seen is not None and seen.unit is None
            self.said.setText(tr("Choose a unit in the gates.") if waits else "")
            self.steps.set_lines([])
            self._show_side(None)
            return
        assert anatomy is not None
        assert seen is not None
        assert seen.unit is not None
        self._token = min(max(self._token, 0), len(anatomy.tokens) - 1)
        if self.at_start:
            self.steps.set_lines(blank_lines(anatomy), anatomy.reach(seen.unit))
            self.said.setText(self._start_words(anatomy, seen.unit))
        else:
            self.steps.set_lines(lines_of(anatomy, seen.unit, self._token), anatomy.reach(seen.unit))
            self.said.setText(
                tr(
                    "Unit {unit} at “{token}”, token {n} of {all}: each sum, what it is squeezed to, and the new "
                    "state. Arrow keys: left and right step through the text, up and down change the unit.",
                    unit=seen.unit,
                    token=quoted(anatomy.tokens[self._token]),
                    n=self._token + 1,
                    all=len(anatomy.tokens),
                )
            )
        self._show_side(None if self.at_start else self._token)

    @staticmethod
    def _start_words(anatomy: Anatomy, unit: int) -> str:
        write = Figures(3)
        h, c = anatomy.start(unit)
        state = f"h = {write(h)}" if c is None else f"c = {write(c)}, h = {write(h)}"
        if anatomy.name.startswith("decoder"):
            return tr(
                "Before the first token unit {unit} has what the reader hands over: {state}.", unit=unit, state=state
            )
        if anatomy.lead and anatomy.backward:
            return tr("Before the last token unit {unit} has read the padding behind the text: {state}.", unit=unit,
                      state=state)  # fmt: skip
        if anatomy.lead:
            return tr("Before the first token unit {unit} has read the mark that begins a text: {state}.", unit=unit,
                      state=state)  # fmt: skip
        if anatomy.backward:
            return tr("Unit {unit} reads from the end; before the last token it starts from nothing: {state}.",
                      unit=unit, state=state)  # fmt: skip
        return tr("Before the first token unit {unit} starts from nothing: {state}.", unit=unit, state=state)

    def _show_side(self, token: int | None) -> None:
        """What the network says there."""
        seen = self._seen
        found = verdicts_of(seen.trace, seen.layer) if seen is not None else None
        there = found is not None and token is not None and token < len(found)
        self.side.setVisible(found is not None)
        self.line.setVisible(found is not None)
        if not there or found is None or token is None or seen is None:
            self.asked.setText(tr("Nothing is read yet."))
            self.bars.set_probabilities({})
            self.came.setText("")
            return
        self.asked.setText(found.title(seen.tokens[token]))
        self.bars.set_probabilities(found.likeliest(token))
        came = "" if found.came is None or found.came[token] != found.came[token] else percent(float(found.came[token]))
        self.came.setText(
            tr("“{token}” was expected at {share}.", token=quoted(seen.tokens[token]), share=came) if came else ""
        )
