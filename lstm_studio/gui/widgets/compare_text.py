"""One text through two networks: what each says, and a gate of each with the difference."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.gui.i18n import error_text, tr
from lstm_studio.gui.notify import hub
from lstm_studio.gui.theme import S1, S2, theme_notifier
from lstm_studio.gui.widgets.basic import Banner, Card, Chip, ElidedLabel, Label, Muted, SegmentedControl
from lstm_studio.gui.widgets.compare_maps import CompareMaps
from lstm_studio.gui.widgets.compare_words import difference_words, marked_difference
from lstm_studio.gui.widgets.gates import kinds
from lstm_studio.gui.widgets.inspect_text import TextLine, TextRead
from lstm_studio.gui.widgets.layer_choice import LayerChoice
from lstm_studio.gui.widgets.network_choice import Network, ask

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.inspection.trace import TextTrace
    from lstm_studio.runs.predictor import Predictor
    from lstm_studio.training.events import LayerGates

_TYPING = 250
_LONGEST = 20_000
_CHANNELS = ("compare-first", "compare-second")


class _Side(QWidget):
    """What one of the networks reads and says."""

    def __init__(self, letter: str) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S1)
        row = QHBoxLayout()
        row.setSpacing(S1)
        self.name = ElidedLabel()
        row.addWidget(Chip(letter, "accent"))
        row.addWidget(self.name, 1)
        column.addLayout(row)
        self.read = TextRead()
        column.addWidget(self.read)
        self.written = Label("", wrap=True)
        self.written.setTextFormat(Qt.TextFormat.RichText)
        column.addWidget(self.written)
        self.written.hide()
        column.addStretch(1)


class CompareText(QWidget):
    """A text line, both answers, heatmaps."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.traces: list[TextTrace | None] = [None, None]
        self._networks: tuple[Network, Network] | None = None
        self._names = ("", "")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S2)
        column.addWidget(self._answers_card())
        column.addWidget(self._maps_card(), 1)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING)
        self._typing.timeout.connect(self.ask)
        theme_notifier().changed.connect(self._show_answers)

    def _answers_card(self) -> Card:
        card = Card()
        self.line = TextLine(self.session)
        self.line.typed.connect(self._typed)
        self.line.failed.connect(self._failed)
        card.body.addWidget(self.line)
        self.problem = Banner("warning")
        self.problem.hide()
        card.body.addWidget(self.problem)
        row = QHBoxLayout()
        row.setSpacing(S2)
        self.sides = (_Side("A"), _Side("B"))
        for side in self.sides:
            row.addWidget(side, 1)
        card.body.addLayout(row)
        self.difference = Muted("")
        card.body.addWidget(self.difference)
        return card

    def _maps_card(self) -> Card:
        card = Card(tr("Gates"))
        self.layers = LayerChoice()
        self.layers.changed.connect(self._show_maps)
        self.gate = SegmentedControl([], name=tr("Gate or state"))
        self.gate.changed.connect(self._gate_chosen)
        card.header.addWidget(self.layers)
        card.header.addWidget(self.gate)
        self.maps = CompareMaps()
        self.note = Muted("")
        card.body.addWidget(self.maps, 1)
        card.body.addWidget(self.note)
        return card

    # -- asking ---------------------------------------------------------------------------------------------

    def set_networks(self, networks: tuple[Network, Network], names: tuple[str, str]) -> None:
        """Compare other networks."""
        if networks != self._networks:
            self.traces = [None, None]
            self.maps.clear()
        self._networks, self._names = networks, names
        for side, name in zip(self.sides, names, strict=True):
            side.name.setText(name)
        self.ask()

    def _typed(self) -> None:
        self._typing.start()

    @Slot()
    def ask(self) -> None:
        """Have both networks read the text."""
        self._typing.stop()
        networks = self._networks
        if networks is None or not self.isVisible():
            return
        given, text = self.line.given, self.line.text.toPlainText()[:_LONGEST]
        asked: dict[str, Any] = {}
        if given is not None and given.words is not None:
            text, asked = given.text[:_LONGEST], {"words": given.words, "predicate": given.predicate}
        if not text.strip():
            self._show(0, None)
            self._show(1, None)
            return
        self.problem.hide()
        self.traces = [None, None]  # what is shown stays until both have read the text

        def read(predictor: Predictor) -> TextTrace:
            return predictor.trace(text, **asked)

        for number, channel in enumerate(_CHANNELS):
            ask(self.session, networks[number], read, partial(self._show, number), self._failed, channel)

    def leave(self) -> None:
        """Nobody waits any more."""
        self._typing.stop()
        for channel in _CHANNELS:
            self.session.jobs.cancel(channel)

    @Slot(object)
    def _failed(self, error: Exception) -> None:
        if isinstance(error, StudioError):
            self.problem.show_message("warning", error_text(error))
            self.problem.show()
        elif not isinstance(error, Cancelled):
            hub().fail(error)

    # -- showing --------------------------------------------------------------------------------------------

    def _show(self, number: int, trace: TextTrace | None) -> None:
        self.traces[number] = trace
        self.sides[number].read.show_trace(trace)
        first, second = self.traces
        if trace is None:
            self.maps.clear()
            self._show_answers()
        elif first is not None and second is not None:
            self._show_answers()
            self.layers.set_layers(first.layers)
            self._show_maps()

    @Slot()
    def _show_answers(self) -> None:
        first, second = self.traces
        both = first is not None and second is not None
        self.difference.setText(difference_words(first, second) if first is not None and second is not None else "")
        self.difference.setVisible(bool(self.difference.text()))
        wrote = both and any(trace is not None and not trace.classes and trace.output for trace in self.traces)
        for number, side in enumerate(self.sides):
            side.written.setVisible(wrote)
            side.read.verdict.setHidden(wrote)  # it stands below, whole
            if wrote and first is not None and second is not None:
                own, other = (first, second) if number == 0 else (second, first)
                side.written.setText(marked_difference(own.verdict, other.verdict))

    def _layers(self) -> tuple[LayerGates | None, LayerGates | None]:
        """The chosen layer of the first network, and the same one of the second if it has it."""
        first, second = self.traces
        if first is None or second is None:
            return None, None
        own = self.layers.of(first.layers)
        same = [layer for layer in second.layers if own is not None and layer.name == own.name]
        return own, same[0] if same else None

    def _gate_chosen(self, gate: str) -> None:
        self.session.settings.note("inspect", gate=gate)
        self.session.save_soon()
        self._show_maps()

    @Slot()
    def _show_maps(self) -> None:
        first, second = self.traces
        own, other = self._layers()
        if first is None or second is None or own is None:
            return
        if other is None:
            self.maps.clear()
            self.gate.hide()
            self.note.setText(tr("The second network has no such layer; choose another one."))
            return
        common = [kind for kind in kinds(own.values) if kind.key in other.values]
        options = [(kind.key, kind.key, f"{tr(kind.title)}: {tr(kind.help)}") for kind in common]
        wanted = self.gate.value() or self.session.settings.noted("inspect", "gate", "c")
        self.gate.set_options(options, wanted if wanted in {kind.key for kind in common} else common[-1].key)
        self.gate.setVisible(len(common) > 1)
        kind = next(kind for kind in common if kind.key == self.gate.value())
        values: tuple[np.ndarray, np.ndarray] = (own.values[kind.key], other.values[kind.key])
        self.maps.set_values(kind, self._names, (first.tokens_of(own), second.tokens_of(other)), values)
        self.note.setText(f"{tr(kind.title)} · {self._why(first.tokens_of(own), second.tokens_of(other), values)}")

    def _why(self, one: Any, other: Any, values: tuple[np.ndarray, np.ndarray]) -> str:
        """What the difference says, or why there is none."""
        units = [array.shape[1] for array in values]
        if units[0] != units[1]:
            return tr("There is no difference to show: A has {a} units in this layer, B {b}.", a=units[0], b=units[1])
        if tuple(one) != tuple(other):
            return tr("There is no difference to show: the two networks cut or write the text differently.")
        if self._networks is not None and self._networks[0].run == self._networks[1].run:
            return tr("Both are the same network at two times: the difference is what each unit has learned between.")
        return tr(
            "Unit 5 of A is unit 5 of B only if both began with the same weights, as runs of one cell, size and seed "
            "do; else only the first two maps say something."
        )
