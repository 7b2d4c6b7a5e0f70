"""Cells of a heatmap are held at a value; the answer stands beside the usual one at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import S1, S2
from lstm_studio.gui.widgets.answer_change import AnswerChange
from lstm_studio.gui.widgets.basic import Button, Label, Muted, SegmentedControl, describe, reachable, set_enabled
from lstm_studio.gui.widgets.clamp_list import ClampList, fitting, same_layer
from lstm_studio.gui.widgets.flow_row import FlowRow
from lstm_studio.gui.widgets.gate_choice import GateChoice, ValueChoice
from lstm_studio.gui.widgets.inside_view import Seen
from lstm_studio.gui.widgets.map_row import MapRow
from lstm_studio.gui.widgets.select_heatmap import Cells, SelectHeatmap
from lstm_studio.inspection.clamps import Clamp

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.inspection.interventions import Intervention

SIDE = 336
_WAIT = 60
"""Milliseconds in which further changes are asked about together."""


class ClampPane(QWidget):
    """The gates as they are and what the clamps change of them; clamps and answers at the side."""

    unit_asked = Signal(int)
    failed = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.clamps: list[Clamp] = []
        self.active: int | None = None
        self.found: Intervention | None = None
        self._picked: Cells | None = None
        self._seen: Seen | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S1)
        column.addLayout(self._controls())
        row = QHBoxLayout()
        row.setSpacing(S2)
        hint = tr("What the clamps change of this gate will stand here.")
        self.maps = MapRow([tr("As it is"), tr("What changes")], hint, pick=True)
        first = self.maps.maps[0]
        assert isinstance(first, SelectHeatmap)
        self.map = first
        self.map.picked.connect(self._pick)
        self.maps.view.chosen_changed.connect(self._unit_chosen)
        row.addWidget(self.maps, 1)
        row.addWidget(self._side())
        column.addLayout(row, 1)
        self._asking = QTimer(self, singleShot=True, interval=_WAIT)
        self._asking.timeout.connect(self._ask)
        self._show_clamps()

    def _controls(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(S1)
        self.gates = GateChoice()
        self.gates.changed.connect(self._gate_chosen)
        self.value = ValueChoice()
        self.value.changed.connect(lambda value: self._change(value=value))
        self.tokens = SegmentedControl(
            [
                ("these", tr("These tokens"), tr("Only at the tokens that are picked in the heatmap.")),
                ("all", tr("All tokens"), tr("At every step, from the first to the last.")),
            ],
            name=tr("At which tokens"),
        )
        self.units = SegmentedControl(
            [
                ("these", tr("These units"), tr("Only in the units that are picked in the heatmap.")),
                ("all", tr("All units"), tr("In every unit of this layer and direction.")),
            ],
            name=tr("In which units"),
        )
        self.tokens.changed.connect(lambda _: self._change())
        self.units.changed.connect(lambda _: self._change())
        for widget in (self.gates, Muted(tr("held at"), wrap=False), self.value, self.tokens, self.units):
            row.addWidget(widget)
        row.addStretch(1)
        return row

    def _side(self) -> QWidget:
        side = QWidget()
        side.setFixedWidth(SIDE)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S1)
        head = QHBoxLayout()
        head.setSpacing(S1)
        self.count = Label(tr("Clamps"))
        self.another = Button(tr("Add another"), "plus", self._another)
        describe(self.another, self.another.text(), tr("What you pick next is held too, beside what is held now."))
        self.clear = Button(tr("Remove all"), None, self.remove_all)
        describe(self.clear, self.clear.text(), tr("Nothing is held any more."))
        head.addWidget(self.count, 1)
        head.addWidget(self.another)
        head.addWidget(self.clear)
        column.addLayout(head)
        self.ideas = QWidget()
        ideas = QVBoxLayout(self.ideas)
        ideas.setContentsMargins(0, 0, 0, 0)
        ideas.setSpacing(S1)
        ideas.addWidget(Muted(tr("Pick cells in the heatmap with the mouse, or begin with one of these:")))
        buttons = QWidget()
        self._flow = FlowRow()
        buttons.setLayout(self._flow)
        ideas.addWidget(buttons)
        column.addWidget(self.ideas)
        self.list = ClampList()
        self.list.chosen.connect(self._take)
        self.list.removed.connect(self._remove)
        column.addWidget(self.list)
        self.change = AnswerChange()
        inner = QWidget()
        inner.setObjectName("content")
        own = QVBoxLayout(inner)
        own.setContentsMargins(0, S1, S1, 0)
        own.addWidget(self.change)
        own.addStretch(1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(inner)
        reachable(area, tr("What the clamps change"))
        column.addWidget(area, 1)
        return side

    # -- following ------------------------------------------------------------------------------------------

    def show_seen(self, seen: Seen | None) -> None:
        """Follow the text, the layer and the unit."""
        before, self._seen = self._seen, seen
        if seen is None:
            self.found = None
            self.maps.set_maps("f", (), (None, None))
            self.change.clear()
            return
        fresh = before is None or before.trace is not seen.trace
        if fresh or before is None or before.layer is not seen.layer:
            self.gates.set_gates(seen.layer.values)
            self.value.set_gate(self.gates.value())
            self._offer_ideas()
        if fresh:
            kept = fitting(self.clamps, seen.trace)
            if len(kept) < len(self.clamps):
                self.active, self._picked = None, None
            self.clamps = kept
        if fresh or (before is not None and before.asked != seen.asked):
            self._asking.start()
        if before is None or before.unit != seen.unit:
            self.maps.view.choose(seen.unit)
            self._offer_ideas()
        if fresh or before is None or before.layer is not seen.layer:
            self._show_maps()
        self._show_clamps()
        if seen.token is not None and not self.map.underMouse():
            row = seen.unit if seen.unit is not None else 0
            if seen.token < self.maps.view.tokens and row < self.maps.view.units:
                self.maps.view.set_cursor((seen.token, row))

    def leave(self) -> None:
        """Nobody looks any more."""
        self._asking.stop()
        self.session.jobs.cancel("whatif")

    # -- clamps ---------------------------------------------------------------------------------------------

    def _pick(self, cells: Cells) -> None:
        """Cells were picked: they are what is held now."""
        if self._seen is None:
            return
        self._picked = cells
        if self.active is None:
            self.clamps.append(self._made())
            self.active = len(self.clamps) - 1
        else:
            self.clamps[self.active] = self._made()
        self._changed()

    def _made(self) -> Clamp:
        """A clamp of what is picked and chosen."""
        assert self._seen is not None
        layer, cells = self._seen.layer, self._picked
        tokens = cells.tokens if cells is not None and self.tokens.value() == "these" else None
        units = cells.units if cells is not None and self.units.value() == "these" else None
        return Clamp(layer.layer, layer.direction, self.gates.value(), self.value.value(), units, tokens, layer.part)

    def _change(self, **changes: Any) -> None:
        """Another value, or other ends, for the clamp in hand."""
        if self.active is None or self._seen is None:
            return
        clamp = self.clamps[self.active]
        cells = self._picked or Cells(clamp.tokens, clamp.units)
        tokens = cells.tokens if self.tokens.value() == "these" else None
        units = cells.units if self.units.value() == "these" else None
        self.clamps[self.active] = replace(clamp, tokens=tokens, units=units, **changes)
        self._changed()

    def hold(self, *clamps: Clamp) -> None:
        """Hold something, as the buttons of the ideas do; the first of them is in hand then."""
        place = len(self.clamps)
        self.clamps += clamps
        self._take(place)
        self._changed()

    def _gate_chosen(self, gate: str) -> None:
        """Another gate is looked at; what is picked next is a clamp of its own."""
        if self.active is not None and self.clamps[self.active].gate != gate:
            self.active, self._picked = None, None
        self.value.set_gate(gate)
        self._show_maps()
        self._show_clamps()

    def _another(self) -> None:
        self.active, self._picked = None, None
        self._show_clamps()

    def _take(self, place: int) -> None:
        """Take a clamp in hand: what is chosen above is its own."""
        clamp = self.clamps[place]
        self.active, self._picked = place, Cells(clamp.tokens, clamp.units)
        if self._seen is not None and clamp.gate in self._seen.layer.values:
            self.gates.set_value(clamp.gate)
            self.value.set_gate(clamp.gate)
            self._show_maps()
        self.value.set_value(clamp.value)
        self.tokens.set_value("all" if clamp.tokens is None else "these")
        self.units.set_value("all" if clamp.units is None else "these")
        self._show_clamps()

    def _remove(self, place: int) -> None:
        del self.clamps[place]
        if self.active is not None and self.active >= place:
            self.active = None if self.active == place else self.active - 1
        self._picked = None if self.active is None else self._picked
        self._changed()

    def remove_all(self) -> None:
        """Nothing is held any more."""
        self.clamps, self.active, self._picked = [], None, None
        self._changed()

    def _changed(self) -> None:
        self._show_clamps()
        self._asking.start()

    def _unit_chosen(self) -> None:
        unit = self.maps.view.chosen
        if unit is not None and self._seen is not None and unit != self._seen.unit:
            self.unit_asked.emit(unit)

    def _offer_ideas(self) -> None:
        """What is worth trying with this cell."""
        self._flow.clear()
        if self._seen is None:
            return
        layer, unit = self._seen.layer, self._seen.unit
        ideas: list[tuple[str, str, str, float, tuple[int, ...] | None]] = []
        if "f" in layer.values:
            ideas.append((tr("Forget nothing"), tr("Every forget gate is held at 1."), "f", 1.0, None))
            ideas.append((tr("Remember nothing"), tr("Every forget gate is held at 0."), "f", 0.0, None))
        if "i" in layer.values:
            ideas.append((tr("Take in nothing"), tr("Every input gate is held at 0."), "i", 0.0, None))
        if "z" in layer.values:
            ideas.append((tr("Remember nothing"), tr("Every update gate is held at 0."), "z", 0.0, None))
        if unit is not None:
            ideas.append((tr("Silence unit {n}", n=unit), tr("What this unit lets out is 0."), "h", 0.0, (unit,)))
        for words, help_, gate, value, units in ideas:
            button = Button(words, callback=self._idea(gate, value, units))
            describe(button, words, help_)
            self._flow.addWidget(button)
            button.show()

    def _idea(self, gate: str, value: float, units: tuple[int, ...] | None) -> Callable[[], object]:
        """What a button does: hold a unit of this layer; or a gate, in all layers and directions that read or write."""

        def use() -> None:
            if self._seen is None:
                return
            own = self._seen.layer
            others = () if units is not None else self._seen.trace.layers
            layers = [own, *(one for one in others if one is not own and one.part == own.part and gate in one.values)]
            self.hold(*(Clamp(one.layer, one.direction, gate, value, units, None, one.part) for one in layers))

        return use

    # -- asking ---------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        seen = self._seen
        if seen is None:
            return
        text, asked, clamps = seen.trace.text, dict(seen.asked), list(self.clamps)
        self.session.with_predictor(
            lambda predictor: (predictor.config.task, predictor.predict_clamped(text, clamps, **asked)),
            done=self._answered,
            failed=self.failed.emit,
            channel="whatif",
        )

    def _answered(self, found: tuple[str, Intervention]) -> None:
        task, self.found = found
        held = bool(self.found.clamps)
        self.change.show_change(
            task, self.found.before, self.found.after if held else None, (tr("As it is"), tr("With the clamps"))
        )
        self._show_maps()

    # -- showing --------------------------------------------------------------------------------------------

    def _show_maps(self) -> None:
        """The gate of the layer that is looked at, and by how much the clamps change it where both have the token."""
        seen = self._seen
        if seen is None:
            return
        gate, found = self.gates.value(), self.found
        if gate not in seen.layer.values:
            return
        before, difference = seen.layer.values[gate], None
        if found is not None and found.before.trace.tokens == seen.trace.tokens:
            one, other = same_layer(found.before.trace, seen.layer), same_layer(found.after.trace, seen.layer)
            if one is not None and len(one.values[gate]) == len(before):
                before = one.values[gate]
            if found.clamps and one is not None and other is not None and len(one.values[gate]) == len(before):
                both = min(len(before), len(other.values[gate]))
                difference = before * float("nan")
                difference[:both] = other.values[gate][:both] - before[:both]
        self.maps.set_maps(gate, seen.tokens, (before, difference))

    def _show_clamps(self) -> None:
        seen = self._seen
        tokens = seen.tokens if seen is not None else ()
        self.list.set_clamps(self.clamps, self.active, tokens)
        self.list.setVisible(bool(self.clamps))
        self.ideas.setVisible(not self.clamps)
        self.count.setText(tr("Nothing is held") if not self.clamps else tr("Held"))
        set_enabled(self.clear, bool(self.clamps), tr("Nothing is held yet."))
        set_enabled(self.another, self.active is not None, tr("Pick cells in the heatmap: they are held at the value."))
        self.another.setVisible(bool(self.clamps))
        self.clear.setVisible(bool(self.clamps))
        if seen is None:
            return
        layer = seen.layer
        where = (layer.part, layer.layer, layer.direction, self.gates.value())
        self.map.set_marks(
            [
                Cells(clamp.tokens, clamp.units, place == self.active)
                for place, clamp in enumerate(self.clamps)
                if (clamp.part, clamp.layer, clamp.direction, clamp.gate) == where
            ]
        )
