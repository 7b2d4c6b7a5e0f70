"""The text and an edited copy of it: one gate over both, their difference, and both answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from lstm_studio.errors import StudioError
from lstm_studio.gui.i18n import error_text, ntr, tr
from lstm_studio.gui.notify import hub
from lstm_studio.gui.theme import S1, S2
from lstm_studio.gui.widgets.answer_change import AnswerChange
from lstm_studio.gui.widgets.basic import Button, Label, describe, reachable
from lstm_studio.gui.widgets.gate_choice import GateChoice
from lstm_studio.gui.widgets.inside_view import Seen
from lstm_studio.gui.widgets.map_row import MapRow
from lstm_studio.gui.widgets.whatif_clamp import SIDE
from lstm_studio.inspection.align import align, side_by_side

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.inspection.interventions import Spoken
    from lstm_studio.runs.predictor import Predictor

_TYPING = 250
_LONGEST = 20_000


class TextsPane(QWidget):
    """A second line of text below the page's own; three heatmaps; answers at the side."""

    unit_asked = Signal(int)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._seen: Seen | None = None
        self._own = ""
        self.found: tuple[str, Spoken, Spoken] | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S1)
        row = QHBoxLayout()
        row.setSpacing(S1)
        self.gates = GateChoice()
        self.gates.changed.connect(lambda _: self._show())
        self.text = QLineEdit()
        self.text.setPlaceholderText(tr("Type another text to compare with the one above"))
        self.text.setMaxLength(_LONGEST)
        describe(
            self.text, tr("Second text"), tr("Change, insert or delete words; what that changes inside is shown below.")
        )
        self.text.textChanged.connect(self._typed)
        self.copy = Button(tr("Copy the text above"), "copy", self.copy_text)
        describe(self.copy, self.copy.text(), tr("Begins again with a copy of the text above."))
        row.addWidget(self.gates)
        row.addWidget(self.text, 1)
        row.addWidget(self.copy)
        column.addLayout(row)
        self.note = Label("", "small", wrap=True)
        column.addWidget(self.note)
        row = QHBoxLayout()
        row.setSpacing(S2)
        hint = tr("Change a word in the second text: what it changes will stand here.")
        self.maps = MapRow([tr("Text above"), tr("Second text"), tr("Difference")], hint)
        self.maps.view.chosen_changed.connect(self._unit_chosen)
        row.addWidget(self.maps, 1)
        self.change = AnswerChange()
        inner = QWidget()
        inner.setObjectName("content")
        own = QVBoxLayout(inner)
        own.setContentsMargins(0, 0, S1, 0)
        own.addWidget(self.change)
        own.addStretch(1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(inner)
        reachable(area, tr("What the second text changes"))
        side = QWidget()
        side.setFixedWidth(SIDE)
        beside = QVBoxLayout(side)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(area, 1)
        row.addWidget(side)
        column.addLayout(row, 1)
        self._asking = QTimer(self, singleShot=True, interval=_TYPING)
        self._asking.timeout.connect(self._ask)

    def show_seen(self, seen: Seen | None) -> None:
        """Follow the text, the layer and the unit; a copy that nobody has edited follows too."""
        before, self._seen = self._seen, seen
        if seen is None:
            self.found = None
            self._show()
            return
        self.gates.set_gates(seen.layer.values)
        if before is None or before.unit != seen.unit:
            self.maps.view.choose(seen.unit)
        if before is None or before.trace is not seen.trace or before.asked != seen.asked:
            if self.text.text() in ("", self._own):
                self.copy_text()
            self._asking.start(0)
        elif before.layer is not seen.layer:
            self._show()

    def leave(self) -> None:
        """Nobody looks any more."""
        self._asking.stop()
        self.session.jobs.cancel("whatif-texts")

    def copy_text(self) -> None:
        """Begin with the text above."""
        if self._seen is not None:
            self.text.setText(self._seen.trace.text)
            self.text.setCursorPosition(0)
            self._own = self.text.text()

    def _typed(self) -> None:
        self._asking.start(_TYPING)

    def _unit_chosen(self) -> None:
        unit = self.maps.view.chosen
        if unit is not None and self._seen is not None and unit != self._seen.unit:
            self.unit_asked.emit(unit)

    def _ask(self) -> None:
        self._asking.stop()
        seen, other = self._seen, self.text.text()
        if seen is None:
            return
        if not other.strip():
            self.found = None
            self._show()
            return
        text, asked = seen.trace.text, dict(seen.asked)
        same = other == self._own

        def work(predictor: Predictor) -> tuple[str, Spoken, Spoken]:
            first = predictor.spoken(text, **asked)
            if same:
                return predictor.config.task, first, first
            second = predictor.spoken(other)  # words that were given are those of the first text
            at = _same_token(first, second, asked.get("predicate"))
            return predictor.config.task, first, second if at is None else predictor.spoken(other, predicate=at)

        self.session.with_predictor(work, done=self._answered, failed=self._failed, channel="whatif-texts")

    def _answered(self, found: tuple[str, Spoken, Spoken]) -> None:
        self.found = found
        self._show()

    def _failed(self, error: Exception) -> None:
        self.found = None
        self._show()
        if isinstance(error, StudioError):
            self.note.setText(error_text(error))
            self.note.set_tone("danger")
        else:
            hub().fail(error)

    # -- showing --------------------------------------------------------------------------------------------

    def _show(self) -> None:
        seen, found = self._seen, self.found
        self.note.set_tone("small")
        if seen is None or found is None:
            self.note.setText("")
            self.maps.set_maps("f", (), (None, None, None))
            self.change.clear()
            return
        task, first, second = found
        self.change.show_change(task, first, second, (tr("Text above"), tr("Second text")))
        where = (seen.layer.part, seen.layer.layer, seen.layer.direction)
        layers = [
            next((own for own in one.trace.layers if (own.part, own.layer, own.direction) == where), None)
            for one in (first, second)
        ]
        gate = self.gates.value()
        one, other = layers
        if one is None or other is None or gate not in one.values:
            self.maps.set_maps("f", (), (None, None, None))
            return
        texts = first.trace.tokens_of(one), second.trace.tokens_of(other)
        aligned = align(*texts)
        maps = side_by_side(aligned, one.values, other.values, gate)
        own = [
            [tokens[place] if place >= 0 else "" for place in places]
            for tokens, places in zip(texts, (aligned.first, aligned.second), strict=True)
        ]
        self.maps.set_maps(gate, aligned.labels, maps, own)
        same = first.trace.tokens == second.trace.tokens
        self.note.setText(_said(aligned.edits, maps[2], same))


def _same_token(first: Spoken, second: Spoken, place: int | None) -> int | None:
    """Where a token of the first text stands in the second; None where it has been taken out, or there is none."""
    if place is None:
        return None
    aligned = align(first.trace.tokens, second.trace.tokens)
    found = [there for here, there in zip(aligned.first, aligned.second, strict=True) if here == place]
    return int(found[0]) if found and found[0] >= 0 else None


def _said(edits: int, difference: np.ndarray, same: bool) -> str:
    """How much the texts differ, and the gate over the tokens that both have."""
    if same:
        return tr("Both texts are the same: change, insert or delete a word in the second one.")
    there = difference[np.isfinite(difference)]
    words = ntr("{n} token differs.", "{n} tokens differ.", edits) if edits else tr("The same was written for both.")
    if not there.size:
        return words
    mean, most = float(np.abs(there).mean()), float(np.abs(there).max())
    return f"{words} " + tr(
        "Where both have a token, this gate moves by {mean} on average and by {most} at most.",
        mean=f"{mean:.3f}",
        most=f"{most:.2f}",
    )
