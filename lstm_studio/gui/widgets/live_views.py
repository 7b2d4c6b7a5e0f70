"""Two ways to watch a network learn that writes: its gates, and its texts."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.widgets.basic import SegmentedControl
from lstm_studio.gui.widgets.live_gates import LiveGates
from lstm_studio.gui.widgets.samples_panel import SamplesPanel


class LiveViews(QStackedWidget):
    """One of two cards, with a switch in the head of both; for networks that do not write there is no switch."""

    chosen = Signal(str)
    """The person has chosen "gates" or "texts"."""

    def __init__(self, gates: LiveGates, texts: SamplesPanel, wanted: str = "texts") -> None:
        super().__init__()
        self.gates, self.texts = gates, texts
        self._wanted = wanted if wanted in ("gates", "texts") else "texts"
        self._offered = False
        self.switches: list[SegmentedControl] = []
        for card in (gates, texts):
            switch = SegmentedControl(
                [
                    ("gates", tr("Gates"), tr("Shows the gates over the probe sentence.")),
                    ("texts", tr("Texts"), tr("Shows what the network writes after each epoch.")),
                ],
                self._wanted,
                tr("What to watch"),
            )
            switch.changed.connect(self._choose)
            card.header.insertWidget(0, switch)
            self.switches.append(switch)
            self.addWidget(card)
        self._show()

    @property
    def shown(self) -> str:
        """What is in sight: "gates" or "texts"."""
        return "texts" if self.currentWidget() is self.texts else "gates"

    def offer(self, texts: bool) -> None:
        """Whether there are texts to watch, now or soon."""
        if texts != self._offered:
            self._offered = texts
            self._show()

    def _choose(self, value: object) -> None:
        self._wanted = str(value)
        self._show()
        # The button that was used is out of sight now; the keyboard goes on at its twin.
        self.switches[self.currentIndex()].buttons[self.currentIndex()].setFocus(Qt.FocusReason.OtherFocusReason)
        self.chosen.emit(self._wanted)

    def _show(self) -> None:
        for switch, card in zip(self.switches, (self.gates, self.texts), strict=True):
            switch.set_value(self._wanted)
            switch.setVisible(self._offered)
            card.title.setVisible(not self._offered)
        self.setCurrentWidget(self.texts if self._offered and self._wanted == "texts" else self.gates)
