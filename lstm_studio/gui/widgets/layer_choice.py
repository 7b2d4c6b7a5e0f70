"""Which layer and direction of the network to look at."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import S1
from lstm_studio.gui.widgets.basic import SegmentedControl
from lstm_studio.training.events import LayerGates


class LayerChoice(QWidget):
    """Two switches; each is there only when there is something to choose."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S1)
        self.layer = SegmentedControl([], name=tr("Layer"))
        self.direction = SegmentedControl([], name=tr("Direction"))
        row.addWidget(self.layer)
        row.addWidget(self.direction)
        self._layers: tuple[int, ...] = ()
        self._directions: tuple[str, ...] = ()
        self.layer.changed.connect(lambda _: self.changed.emit())
        self.direction.changed.connect(lambda _: self.changed.emit())
        self.layer.hide()
        self.direction.hide()

    def set_layers(self, layers: Sequence[LayerGates]) -> None:
        """Offer what this network has; the choice stays where it can."""
        numbers = tuple(sorted({layer.layer for layer in layers}))
        directions = tuple(sorted({layer.direction for layer in layers}, reverse=True))
        if numbers != self._layers:
            help_ = tr("Layer 1 reads the words; each further layer reads the states of the one before.")
            options = [(number, tr("Layer {n}", n=number + 1), help_) for number in numbers]
            self.layer.set_options(options, self.layer.value())
            self._layers = numbers
            self.layer.setVisible(len(numbers) > 1)
        if directions != self._directions:
            words = {
                "forward": (tr("Forward"), tr("The network that reads the text from its start.")),
                "backward": (tr("Backward"), tr("The network that reads the text from its end.")),
            }
            self.direction.set_options([(name, *words[name]) for name in directions],
                                       self.direction.value())  # fmt: skip
            self._directions = directions
            self.direction.setVisible(len(directions) > 1)

    def of(self, layers: Sequence[LayerGates]) -> LayerGates | None:
        """The chosen one of these."""
        for layer in layers:
            if layer.layer == self.layer.value() and layer.direction == self.direction.value():
                return layer
        return layers[0] if layers else None
