"""What the present settings cost on this machine: weights, memory, time."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from lstm_studio.gui.i18n import compact, duration, number, size, tr
from lstm_studio.gui.session_types import Estimate
from lstm_studio.gui.theme import S3
from lstm_studio.gui.widgets.basic import Label, Stat, vertical_line


class EstimatePanel(QWidget):
    """Four figures; or a sentence while there is nothing to reckon with."""

    def __init__(self) -> None:
        super().__init__()
        self._epochs = 1
        self._estimate: Estimate | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S3)
        self.parameters = Stat(
            tr("Parameters"), tooltip=tr("Numbers that training adjusts: the embedding, all weights and biases.")
        )
        self.memory = Stat(
            tr("RAM"), tooltip=tr("About what training needs: weights, gradients and what a batch leaves behind.")
        )
        self.epoch = Stat(
            tr("One epoch"), tooltip=tr("Time to read all training texts once, from a few steps timed on this machine.")
        )
        self.whole = Stat(tr("Whole training"), tooltip=tr("All epochs, if it is not stopped early."))
        self.sentence = Label("", tone="muted", wrap=True)
        self._stats = (self.parameters, self.memory, self.epoch, self.whole)
        self._lines = []
        for stat in self._stats:
            if stat is not self.parameters:
                line = vertical_line()
                self._lines.append(line)
                row.addWidget(line)
            stat.setMinimumWidth(96)
            row.addWidget(stat, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.sentence, 1)
        row.addStretch(1)
        self.show_sentence("")

    def show_sentence(self, words: str) -> None:
        """Say why there are no figures; with an empty sentence the figures are shown."""
        self.sentence.setText(words)
        self.sentence.setVisible(bool(words))
        for widget in (*self._stats, *self._lines):
            widget.setVisible(not words)

    def set_epochs(self, epochs: int) -> None:
        """How many epochs the whole training has."""
        self._epochs = epochs
        self._show()

    def set_estimate(self, estimate: Estimate | None, measuring: bool = True) -> None:
        """Show figures. ``measuring``: the time, if it is missing, is on its way."""
        self._estimate = estimate
        self._waiting = tr("measuring…") if measuring else "–"
        self._show()

    _waiting = "–"

    def _show(self) -> None:
        estimate = self._estimate
        if estimate is None:
            for stat in self._stats:
                stat.set_value("–")
            return
        self.parameters.set_value(compact(estimate.parameters))
        self.parameters.setToolTip(
            tr("Numbers that training adjusts: the embedding, all weights and biases.")
            + " "
            + tr("Exactly {n}.", n=number(estimate.parameters))
        )
        self.memory.set_value(size(estimate.memory_bytes))
        seconds = estimate.seconds_per_epoch
        if seconds is None:
            for stat in (self.epoch, self.whole):
                stat.set_value(self._waiting, "muted")
            return
        self.epoch.set_value(about(seconds))
        self.whole.set_value(about(seconds * self._epochs))


def about(seconds: float) -> str:
    """A time nobody should take to the second: "about 9 s", "about 2 min"."""
    if seconds < 1:
        return tr("under 1 s")
    if seconds >= 120:
        seconds = round(seconds / 60) * 60
        if seconds < 3600:
            return tr("about {n} min", n=round(seconds / 60))
    elif seconds >= 20:
        seconds = round(seconds / 5) * 5
    return tr("about {time}", time=duration(seconds))
