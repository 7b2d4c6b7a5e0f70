"""The gates over one probe sentence, moving while the network learns, and the film of how they came to be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import S2
from lstm_studio.gui.widgets.basic import Card, Chip, EmptyState, describe
from lstm_studio.gui.widgets.gate_panel import GateGrid, GateStatus, limit_of
from lstm_studio.gui.widgets.layer_choice import LayerChoice
from lstm_studio.gui.widgets.replay import Replay
from lstm_studio.training.events import GateSnapshot, LayerGates

_LOOKS = 12
_VERDICT = 28
"""Letters of a verdict that there is room for."""
_PROBE = 240
"""Pixels that the probe sentence needs before a verdict stands beside it."""


class LiveGates(Card):
    """Six heatmaps in place; scales only ever widen over a run, so that moments can be compared."""

    probe_changed = Signal(str)
    on_screen = Signal(bool)

    def __init__(self) -> None:
        super().__init__(tr("Gates over"))
        self._classes: tuple[str, ...] = ()
        self._limits: dict[tuple[str, str], float] = {}
        self._text = ""
        self._shown: GateSnapshot | None = None
        self.layers = LayerChoice()
        self.layers.changed.connect(self._layer_changed)
        self.probe = QLineEdit()
        self.probe.setPlaceholderText(tr("Type a sentence to watch"))
        self.probe.setMaxLength(4000)
        describe(
            self.probe,
            tr("Probe sentence"),
            tr("The network reads this sentence again and again while it learns; press Enter to watch another one."),
            "Ctrl+L",
        )
        self.probe.editingFinished.connect(self._probe_edited)
        self.verdict = Chip()
        self.verdict.hide()
        self.header.takeAt(self.header.count() - 1)  # the sentence takes the room beside the title
        self.header.addWidget(self.probe, 1)
        self.header.addWidget(self.verdict)
        self.header.addWidget(self.layers)
        self.grid = GateGrid()
        self.status = GateStatus(self.grid)
        self.replay = Replay()
        self.replay.shown.connect(self._show)
        place = QWidget()
        column = QVBoxLayout(place)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.grid, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.status, 2)
        foot.addWidget(self.replay, 3)
        column.addLayout(foot)
        self.stack = QStackedWidget()
        self.stack.addWidget(place)
        self.empty = EmptyState(
            "inspect",
            tr("The gates will open and close here"),
            tr("Input, forget and output gate, candidate, memory and output of every unit at every word, "
               "drawn anew while the network learns."),
        )  # fmt: skip
        self.stack.addWidget(self.empty)
        self.body.addWidget(self.stack, 1)
        self.stack.setCurrentIndex(1)
        self._pending = False
        self._said = False

    # -- content --------------------------------------------------------------------------------------------

    def set_probe(self, text: str) -> None:
        """The sentence that is watched; what is being typed is left alone."""
        if not self.probe.hasFocus() and text != self.probe.text():
            self.probe.setText(text)
            self.probe.setCursorPosition(0)
        self._text = text

    def set_snapshots(
        self, shots: Sequence[GateSnapshot], classes: Sequence[str] = (), total_steps: int = 0, running: bool = False
    ) -> None:
        """All looks at the network so far, the newest last. Nothing is drawn while this is hidden."""
        self._classes = tuple(classes)
        self.replay.set_snapshots(shots, total_steps, running)
        if not shots:
            self._limits.clear()
            self._shown = None
            self._said = False
            self.grid.set_gates([], None)
            self.verdict.hide()
            self.stack.setCurrentIndex(1)
            return
        self.stack.setCurrentIndex(0)
        self.layers.set_layers(shots[-1].layers)
        self._widen(shots[-1])
        self.set_probe(shots[-1].text)
        self._show(self.replay.current)

    def set_empty_words(self, title: str, text: str) -> None:
        """What stands here while there are no snapshots."""
        self.empty.title.setText(title)
        self.empty.text.setText(text)

    # -- inside ---------------------------------------------------------------------------------------------

    @Slot(object)
    def _show(self, shot: GateSnapshot | None) -> None:
        if shot is None:
            return
        if not self.isVisible():
            self._pending = True
            return
        self._pending = False
        if self._shown is None or shot.tokens != self._shown.tokens:
            self._limits.clear()
        self._shown = shot
        layer = self.layers.of(shot.layers)
        tokens = shot.tokens_of(layer) if layer is not None else ()
        self.grid.set_gates(tokens, layer, limits=self._limits_of(layer))
        self._show_verdict(shot)

    def _show_verdict(self, shot: GateSnapshot) -> None:
        known = shot.probabilities is not None and len(shot.probabilities) == len(self._classes)
        self._said = known or bool(shot.verdict and shot.probabilities is None)
        if shot.probabilities is None and shot.verdict:
            words = shot.verdict if len(shot.verdict) <= _VERDICT else shot.verdict[: _VERDICT - 1] + "…"
            self.verdict.set_chip(words)
            self.verdict.setToolTip(tr("What the network finds in the probe sentence at this step."))
        if known and shot.probabilities is not None:
            best = int(np.argmax(shot.probabilities))
            share = 100 * float(shot.probabilities[best])
            self.verdict.set_chip(
                tr("says {label} · {percent} %", label=self._classes[best][:24], percent=f"{share:.0f}")
            )
            self.verdict.setToolTip(tr("What the network says of the probe sentence at this step."))
        self._fit_head()

    def _fit_head(self) -> None:
        """In a narrow window the verdict gives way to the sentence."""
        room = self.width() - 2 * S2
        for place in range(self.header.count()):
            item = self.header.itemAt(place)
            widget = item.widget() if item is not None else None
            if widget is not None and widget not in (self.probe, self.verdict) and not widget.isHidden():
                room -= widget.sizeHint().width() + self.header.spacing()
        room -= self.verdict.sizeHint().width() + self.header.spacing()
        self.verdict.setVisible(self._said and room >= _PROBE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_head()

    def _limits_of(self, layer: LayerGates | None) -> dict[str, float]:
        if layer is None:
            return {}
        signed = [map_.kind.key for map_ in self.grid.maps if map_.kind.signed and map_.kind.key in layer.values]
        keys = signed or [key for key in "gcnh" if key in layer.values]
        for key in keys:
            if (layer.name, key) not in self._limits:
                self._limits[layer.name, key] = self._measure(layer.name, key)
        return {key: self._limits[layer.name, key] for key in keys}

    def _measure(self, name: str, key: str) -> float:
        """Over a few moments of the whole film."""
        shots = self.replay.snapshots
        found = [1e-3]
        for shot in [*shots[:: max(1, len(shots) // _LOOKS)], *shots[-1:]]:
            found += [
                limit_of(layer.values[key]) for layer in shot.layers if layer.name == name and key in layer.values
            ]
        return max(found)

    def _widen(self, shot: GateSnapshot) -> None:
        for layer in shot.layers:
            for key, values in layer.values.items():
                if (layer.name, key) in self._limits:
                    self._limits[layer.name, key] = max(self._limits[layer.name, key], limit_of(values))

    def _layer_changed(self) -> None:
        self._show(self._shown or self.replay.current)

    def _probe_edited(self) -> None:
        text = self.probe.text().strip()
        if not text:
            self.probe.setText(self._text)
        elif text != self._text:
            self._text = text
            self.probe_changed.emit(text)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.on_screen.emit(True)
        if self._pending:
            self._show(self.replay.current)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.on_screen.emit(False)
