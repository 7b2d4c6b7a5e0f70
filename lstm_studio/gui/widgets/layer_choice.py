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
    """Reader or writer, layer, direction: switches that are there only when there is something to choose."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S1)
        self.part = SegmentedControl([], name=tr("Part of the network"))
        self.layer = SegmentedControl([], name=tr("Layer"))
        self.direction = SegmentedControl([], name=tr("Direction"))
        self._offered: tuple[tuple[str, int, str], ...] = ()
        self._parts: tuple[str, ...] = ()
        self._layers: tuple[int, ...] = ()
        self._directions: tuple[str, ...] = ()
        for switch in (self.part, self.layer, self.direction):
            row.addWidget(switch)
            switch.hide()
        self.part.changed.connect(self._part_chosen)
        self.layer.changed.connect(lambda _: self.changed.emit())
        self.direction.changed.connect(lambda _: self.changed.emit())

    def set_layers(self, layers: Sequence[LayerGates]) -> None:
        """Offer what this network has; the choice stays where it can."""
        self._offered = tuple((layer.part, layer.layer, layer.direction) for layer in layers)
        parts = tuple(sorted({part for part, _, _ in self._offered}))
        if parts != self._parts:
            words = {
                "": (tr("Reads"), tr("The layers that read the text.")),
                "decoder": (tr("Writes"), tr("The layers that write the answer, one token a step.")),
            }
            self.part.set_options([(part, *words[part]) for part in parts], self.part.value())
            self._parts = parts
            self.part.setVisible(len(parts) > 1)
        self._offer()

    def _part_chosen(self, _part: str) -> None:
        self._offer()
        self.changed.emit()

    def _offer(self) -> None:
        """Layers and directions of the chosen part."""
        own = [(number, direction) for part, number, direction in self._offered if part == self.part.value()]
        numbers = tuple(sorted({number for number, _ in own}))
        directions = tuple(sorted({direction for _, direction in own}, reverse=True))
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
        chosen = (self.part.value(), self.layer.value(), self.direction.value())
        for layer in layers:
            if (layer.part, layer.layer, layer.direction) == chosen:
                return layer
        return layers[0] if layers else None
