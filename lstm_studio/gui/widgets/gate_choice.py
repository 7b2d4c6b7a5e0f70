"""One of the gates and states of a layer, by its letter; and a value that it can have."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import S1
from lstm_studio.gui.widgets.basic import SegmentedControl, describe, tidy
from lstm_studio.gui.widgets.gates import kinds


class GateChoice(SegmentedControl):
    """The letters i, f, o ...; the names are in their tooltips."""

    def __init__(self) -> None:
        super().__init__([], name=tr("Gate or state"))
        self._keys: tuple[str, ...] = ()

    def set_gates(self, keys: Iterable[str]) -> None:
        """Offer what a layer has; the choice stays where it can, else it is what forgets."""
        found = kinds(keys)
        if tuple(kind.key for kind in found) == self._keys:
            return
        before = self.value()
        self._keys = tuple(kind.key for kind in found)
        usual = next((key for key in "fz" if key in self._keys), self._keys[-1] if self._keys else None)
        options = [(kind.key, kind.key, f"{tr(kind.title)}: {tr(kind.help)}") for kind in found]
        self.set_options(options, before if before in self._keys else usual)


class ValueChoice(QWidget):
    """The usual values of a gate as buttons, any other one in a field."""

    changed = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S1 // 2)
        self.usual = SegmentedControl([], name=tr("Value"))
        self.field = QDoubleSpinBox()
        self.field.setDecimals(2)
        self.field.setSingleStep(0.1)
        self.field.setFixedWidth(84)
        self.field.setKeyboardTracking(False)
        describe(self.field, tr("Value"), tr("What the gate or state is held at instead of being computed."))
        row.addWidget(self.usual)
        row.addWidget(self.field)
        tidy(self)
        self._gate = ""
        self.usual.changed.connect(self._picked)
        self.field.valueChanged.connect(self._typed)
        self.set_gate("f")

    def set_gate(self, gate: str) -> None:
        """The bounds and the usual values of another gate; its value is one of them."""
        if gate == self._gate:
            return
        self._gate = gate
        signed = kinds([gate])[0].signed
        values = (-1.0, 0.0, 1.0) if signed else (0.0, 1.0)
        options = [(value, f"{value:g}".replace("-", "−"), tr("Hold it at this value.")) for value in values]
        most = 100.0 if gate == "c" else 1.0
        self.field.blockSignals(True)
        self.field.setRange(-most if signed else 0.0, most)
        self.field.blockSignals(False)
        self.usual.set_options(options)
        self.set_value({"f": 1.0, "z": 1.0}.get(gate, 0.0))

    def value(self) -> float:
        """What it is held at."""
        return round(self.field.value(), 2)

    def set_value(self, value: float) -> None:
        """Show a value; nothing is emitted."""
        self.field.blockSignals(True)
        self.field.setValue(value)
        self.field.blockSignals(False)
        self._mark(value)

    def _picked(self, value: float) -> None:
        self.set_value(value)
        self.changed.emit(value)

    def _typed(self, value: float) -> None:
        self._mark(value)
        self.changed.emit(round(value, 2))

    def _mark(self, value: float) -> None:
        """The button of the value, or none."""
        group = self.usual.buttons[0].group()
        group.setExclusive(False)
        for button in self.usual.buttons:
            button.setChecked(False)
        group.setExclusive(True)
        self.usual.set_value(round(value, 2))
