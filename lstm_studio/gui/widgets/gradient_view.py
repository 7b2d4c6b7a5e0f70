"""Gradient through time: how much of it reaches each step, here and in another run, and how that came to be."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from lstm_studio.errors import StudioError
from lstm_studio.gui.i18n import error_text, tr
from lstm_studio.gui.jobs import Progress
from lstm_studio.gui.notify import hub
from lstm_studio.gui.theme import S1
from lstm_studio.gui.widgets.answer_choice import AnswerChoice, answer_name
from lstm_studio.gui.widgets.basic import ElidedLabel, Label, SegmentedControl
from lstm_studio.gui.widgets.flow_chart import Curve, FlowChart, size_words
from lstm_studio.gui.widgets.flow_map import FlowMap
from lstm_studio.gui.widgets.flow_words import by_moment, course, states
from lstm_studio.gui.widgets.inside_view import InsideView, Seen
from lstm_studio.gui.widgets.partner_choice import CELLS, PartnerChoice
from lstm_studio.gui.widgets.token_axis import quoted
from lstm_studio.training.events import GateSnapshot, LayerFlow

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.inspection.gradients import GradientFlow

_LONG = 100
"""Tokens of a text above which a run in training does not stand still for it."""
_SHARE = 50
"""While the run trains, the gradient may take one part in so many of its time."""


class GradientView(InsideView):
    """Curves of this moment, or a heatmap of all moments that were looked at while the run trained."""

    name = "gradient"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.flow: GradientFlow | None = None
        self.beside: GradientFlow | None = None
        self._seen: Seen | None = None
        self._asked: tuple[Any, ...] = ()
        self._began = self._took = 0.0
        self._problem = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S1)
        column.addLayout(self._controls())
        self.said = Label("", wrap=True)
        column.addWidget(self.said)
        self.chart, self.map = FlowChart(), FlowMap()
        self.chart.step_pointed.connect(self._pointed)
        self.map.pointed.connect(self._say_cell)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.chart)
        self.stack.addWidget(self.map)
        column.addWidget(self.stack, 1)
        self.status = ElidedLabel("", size="small", tone="small")
        column.addWidget(self.status)
        session.snapshot_arrived.connect(self._learned)

    @staticmethod
    def title() -> str:
        return tr("Gradient")

    @staticmethod
    def help() -> str:
        return tr("How much of an answer's gradient comes back to each step: whether it fades or grows on the way.")

    def _controls(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(S1)
        self.when = SegmentedControl(
            [
                ("now", tr("Now"), tr("The gradient of the network as it is, for the text above.")),
                (
                    "course",
                    tr("As it learned"),
                    tr("The gradient over the probe sentence at many moments of the training, one row each."),
                ),
            ],
            "now",
            tr("Moment"),
        )
        self.when.changed.connect(self._when_chosen)
        self.scale = SegmentedControl(
            [
                ("norm", tr("Norm"), tr("The length of the gradient as it is.")),
                ("share", tr("Share"), tr("As a share of what it is at the answer, so that networks can be compared.")),
            ],
            self.session.settings.noted("inspect", "gradient", "norm"),
            tr("Scale"),
        )
        self.scale.changed.connect(self._scale_chosen)
        self.answer = AnswerChoice()
        self.answer.changed.connect(self._ask)
        self.partner = PartnerChoice(self.session)
        self.partner.changed.connect(self._ask_partner)
        row.addWidget(self.when)
        row.addWidget(self.scale)
        self.question = QWidget()
        asked = QHBoxLayout(self.question)
        asked.setContentsMargins(0, 0, 0, 0)
        asked.setSpacing(S1)
        asked.addWidget(self.answer)
        asked.addStretch(1)
        asked.addWidget(self.partner)
        row.addWidget(self.question, 1)
        row.addStretch(0)
        return row

    # -- following ------------------------------------------------------------------------------------------

    def show_seen(self, seen: Seen | None) -> None:
        before = self._seen
        self._seen = seen
        if seen is None:
            self.leave()
            self.flow = self.beside = None
            self.answer.set_trace(None)
            self._show()
            return
        self.partner.follow()
        self._offer_course()
        if before is not None and before.trace is seen.trace and self._asked:
            if before.layer is not seen.layer:
                self._show()
            self._show_cursor()
            return
        self.answer.set_trace(seen.trace)
        same = before is not None and before.trace.tokens == seen.trace.tokens and self._asked
        if not same:
            self.flow = self.beside = None
        elif self._training and time.monotonic() - self._began < _SHARE * self._took:
            return
        self._ask()

    def leave(self) -> None:
        self._asked = ()
        for channel in ("inspect-gradient", "inspect-gradient-beside"):
            self.session.jobs.cancel(channel)
        self.partner.leave()

    @property
    def _training(self) -> bool:
        return self.session.training and self.session.showing_active

    # -- asking ---------------------------------------------------------------------------------------------

    @Slot()
    def _ask(self) -> None:
        seen = self._seen
        if seen is None:
            return
        trace, label, word = seen.trace, self.answer.label, self.answer.word
        asked = self._asked = (trace, label, word)
        self._began = time.monotonic()

        def done(flow: GradientFlow) -> None:
            if self._asked != asked:
                return
            self._took = time.monotonic() - self._began
            self.flow, self._problem = flow, ""
            self.partner.offer(flow.cell)
            self._show()
            self._ask_partner()

        self.session.with_predictor(
            lambda predictor: predictor.gradients(trace.text, label, word, **seen.asked),
            done=done,
            failed=self._failed,
            channel="inspect-gradient",
            long=len(trace.tokens) > _LONG,
        )

    @Slot()
    def _ask_partner(self) -> None:
        """The same question to the other run; where it has no such answer, its own."""
        partner, seen, flow = self.partner.partner, self._seen, self.flow
        if flow is not None:
            self.partner.offer(flow.cell)
        if partner is None or seen is None or flow is None:
            self.session.jobs.cancel("inspect-gradient-beside")
            if self.beside is not None:
                self.beside = None
                self._show()
            return
        trace, session = seen.trace, self.session
        label = flow.label if trace.classes else None
        word = None if trace.output and self.answer.word is None else flow.word

        def work(progress: Progress) -> GradientFlow:
            other = session.saved_predictor(partner.path)
            known = {name: value for name, value in seen.asked.items() if name in other.answers.asked}
            try:
                return other.gradients(trace.text, label, word, **known)
            except StudioError:
                return other.gradients(trace.text, **known)

        def done(beside: GradientFlow) -> None:
            if self.partner.partner == partner and self.flow is flow:
                self.beside, self._problem = beside, ""
                self._show()

        def failed(error: Exception) -> None:
            self.beside = None
            if isinstance(error, StudioError):
                self._problem = f"{partner.name}: {error_text(error)}"
                self._show()
            else:
                hub().fail(error)

        session.jobs.start(work, done=done, failed=failed, channel="inspect-gradient-beside")

    def _failed(self, error: Exception) -> None:
        self.flow = self.beside = None
        self._show()
        if isinstance(error, StudioError):
            self.said.setText(error_text(error))
        else:
            hub().fail(error)

    # -- now ------------------------------------------------------------------------------------------------

    def _layer(self, flow: GradientFlow | None) -> LayerFlow | None:
        seen = self._seen
        return None if flow is None or seen is None else flow.layer(seen.layer.name)

    def _show(self) -> None:
        self.stack.setCurrentIndex(1 if self.when.value() == "course" and self.when.isVisibleTo(self) else 0)
        if self.stack.currentIndex() == 1:
            self._show_course()
            return
        seen, own = self._seen, self._layer(self.flow)
        self.status.setText("")
        if seen is None or self.flow is None or own is None:
            self.chart.set_curves((), (), 0)
            waits = seen is not None and self.flow is None
            idle = tr("This layer plays no part in this answer.") if seen is not None else ""
            self.said.setText(tr("The gradient is on its way back.") if waits else idle)
            return
        curves = self._curves(own, CELLS[self.flow.cell], dashed=False)
        other = self._layer(self.beside)
        if self.beside is not None and other is not None:
            curves += self._curves(other, CELLS[self.beside.cell], dashed=True)
        self.chart.set_curves(curves, seen.tokens, -own.answer)
        self.said.setText(self._sentence(self.flow, own, other))
        self._show_cursor()

    def _curves(self, layer: LayerFlow, cell: str, *, dashed: bool) -> list[Curve]:
        found = []
        partner = self.partner.partner
        whose = partner.name if dashed and partner is not None else tr("this run")
        for key, values in (("h", layer.h), ("c", layer.c)):
            if values is not None:
                words = f"∂L/∂{key} · {whose} ({cell})"
                found.append(Curve(key, words, -layer.answer, self._scaled(values, layer.answer), dashed))
        return found

    def _scaled(self, values: np.ndarray, answer: int) -> np.ndarray:
        if self.scale.value() == "norm":
            return values
        at = values[answer] if answer < len(values) and values[answer] > 0 else np.nan
        return np.asarray(values / at)

    def _sentence(self, flow: GradientFlow, own: LayerFlow, other: LayerFlow | None) -> str:
        """What one looks at, and what it comes to."""
        answer = answer_name(flow.label, self._seen.trace) if self._seen is not None else flow.label
        parts = [tr("The gradient of the log-odds of “{answer}” at every step.", answer=answer), course(own)]
        if other is not None and self.beside is not None:
            parts.append(course(other, CELLS[self.beside.cell]))
        elif self.beside is not None:
            parts.append(tr("The other run has no such layer."))
        if self._problem:
            parts.append(self._problem)
        return " ".join(part for part in parts if part)

    # -- the cursor -----------------------------------------------------------------------------------------

    def _show_cursor(self) -> None:
        seen, own = self._seen, self._layer(self.flow)
        if seen is None or own is None or self.stack.currentIndex() == 1:
            return
        self._mark(None if seen.token is None else seen.token - own.answer)

    @Slot(object)
    def _pointed(self, step: int | None) -> None:
        seen, own = self._seen, self._layer(self.flow)
        if seen is None or own is None:
            return
        token = None if step is None else step + own.answer
        if token is not None and 0 <= token < len(seen.tokens):
            self.token_asked.emit(token)
        self._mark(step)

    def _mark(self, step: int | None) -> None:
        self.chart.set_cursor(step)
        seen, own = self._seen, self._layer(self.flow)
        if step is None or seen is None or own is None:
            self.status.setText("")
            return
        place = step + own.answer
        there = 0 <= place < len(seen.tokens)
        token = quoted(seen.tokens[place]) if there else "·"
        figures = self._figures(own, place)
        other = self._layer(self.beside)
        if other is not None and self.beside is not None:
            told = self._figures(other, step + other.answer)
            figures += [f"{CELLS[self.beside.cell]}: {', '.join(told)}"] if told else []
        where = f"{step:+d}".replace("-", "−") if step else tr("answer")
        self.status.setText(f"“{token}” · {where} · {' · '.join(figures)}")

    def _figures(self, layer: LayerFlow, place: int) -> list[str]:
        """What the curves say at a step."""
        if not 0 <= place < len(layer.h):
            return []
        return [f"{key} {size_words(float(self._scaled(v, layer.answer)[place]))}" for key, v in states(layer)]

    # -- as it learned --------------------------------------------------------------------------------------

    def _shots(self) -> Sequence[GateSnapshot]:
        """Moments at which the gradient over the latest probe sentence was followed back, a snapshot of each."""
        history = self.session.history
        shots = [shot for shot in history.snapshots if shot.flow] if history is not None else []
        moments = {shot.flow_step: shot for shot in shots if shot.text == shots[-1].text}
        return list(moments.values())

    def _offer_course(self) -> None:
        self.when.setVisible(len(self._shots()) >= 2)

    @Slot(object)
    def _learned(self, _shot: GateSnapshot) -> None:
        if not self.isVisible() or not self.session.showing_active:
            return
        self._offer_course()
        if self.stack.currentIndex() == 1:
            self._show_course()

    def _show_course(self) -> None:
        seen, shots = self._seen, self._shots()
        name = seen.layer.name if seen is not None else ""
        rows = [(shot, layer) for shot in shots for layer in shot.flow if layer.name == name]
        if not rows:
            self.map.set_rows((), {}, 0)
            self.said.setText(tr("This layer plays no part in this answer."))
            return
        maps, first = by_moment([layer for _, layer in rows], self._scaled)
        self.map.set_rows([shot.flow_step for shot, _ in rows], maps, first)
        text = " ".join(rows[-1][0].text.split())
        text = text if len(text) <= 60 else f"{text[:59].rstrip()}…"
        self.said.setText(
            tr(
                "One row for each moment of the training, the latest at the bottom: the gradient of the answer to "
                "“{probe}” by steps from the answer.",
                probe=f"\u2068{text}\u2069",
            )
        )

    @Slot(str)
    def _say_cell(self, words: str) -> None:
        self.status.setText(words)

    @Slot(object)
    def _when_chosen(self, _when: object) -> None:
        self.question.setVisible(self.when.value() != "course")
        self._show()

    @Slot(object)
    def _scale_chosen(self, scale: object) -> None:
        self.session.settings.note("inspect", gradient=scale)
        self.session.save_soon()
        self._show()
