"""Watch the gates learn: a slider back through the snapshots of a run."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from lstm_studio.gui.i18n import number, tr
from lstm_studio.gui.theme import S1
from lstm_studio.gui.widgets.basic import Button, IconButton, Label, describe, set_enabled
from lstm_studio.training.events import GateSnapshot

_SECONDS = 8.0
_FASTEST = 50
_SLOWEST = 400


class Replay(QWidget):
    """Emits the snapshot to show. While it is live the newest one is shown as it comes."""

    shown = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._shots: list[GateSnapshot] = []
        self._live = True
        self._total = 0
        self._running = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S1)
        self.play = IconButton("play", tr("Play"), "", "Ctrl+Shift+P", callback=self.toggle, role="text")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setPageStep(5)
        describe(self.slider, tr("Moment of the run"), tr("Goes back to how the gates were at an earlier step."))
        self.slider.valueChanged.connect(self._moved)
        self.label = Label("", "small", "small", tabular=True)
        self.label.setMinimumWidth(self.label.fontMetrics().horizontalAdvance(tr("step {n} of {all}", n="000,000", all="000,000")))  # fmt: skip # noqa: E501
        self.back = Button(tr("Latest"), callback=self.go_live)
        describe(self.back, tr("Latest"), tr("Follows the newest look at the network again."))
        row.addWidget(self.play)
        row.addWidget(self.slider, 1)
        row.addWidget(self.label)
        row.addWidget(self.back)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._advance)
        self._say()

    # -- content --------------------------------------------------------------------------------------------

    def set_snapshots(self, shots: Sequence[GateSnapshot], total_steps: int = 0, running: bool = False) -> None:
        """The run's snapshots in order. Only those of the newest one's text can be compared and are offered."""
        newest = shots[-1] if shots else None
        kept = [shot for shot in shots if newest is not None and shot.tokens == newest.tokens]
        current = self.current
        self._shots, self._total, self._running = kept, total_steps, running
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(0, len(kept) - 1))
        if self._live or current is None or not kept or current.tokens != kept[-1].tokens:
            self._live = True
            self._pause()
            self.slider.setValue(self.slider.maximum())
        else:  # thinning may have dropped the shown one: the nearest takes its place
            steps = [abs(shot.step - current.step) for shot in kept]
            self.slider.setValue(steps.index(min(steps)))
        self.slider.blockSignals(False)
        self._say()

    @property
    def current(self) -> GateSnapshot | None:
        """The snapshot to be shown."""
        if not self._shots:
            return None
        return self._shots[-1] if self._live else self._shots[min(self.slider.value(), len(self._shots) - 1)]

    @property
    def snapshots(self) -> list[GateSnapshot]:
        """Those that the slider offers."""
        return self._shots

    @property
    def live(self) -> bool:
        """Whether the newest one is followed."""
        return self._live

    @property
    def playing(self) -> bool:
        """Whether the film runs."""
        return self._timer.isActive()

    # -- moving ---------------------------------------------------------------------------------------------

    @Slot()
    def toggle(self) -> None:
        """Play from here, from the start if at the end; or halt."""
        if self.playing:
            self._pause()
            self._say()
            return
        if len(self._shots) < 2:
            return
        if self._live or self.slider.value() >= self.slider.maximum():
            self._live = False
            self.slider.setValue(0)
            self._moved(0)
        each = int(1000 * _SECONDS / len(self._shots))
        self._timer.start(min(max(each, _FASTEST), _SLOWEST))
        self._say()

    @Slot()
    def go_live(self) -> None:
        """Follow the newest one again."""
        self._pause()
        self._live = True
        self.slider.blockSignals(True)
        self.slider.setValue(self.slider.maximum())
        self.slider.blockSignals(False)
        self._say()
        self.shown.emit(self.current)

    def _pause(self) -> None:
        self._timer.stop()

    @Slot()
    def _advance(self) -> None:
        if self.slider.value() >= self.slider.maximum():
            self.go_live()
        else:
            self.slider.setValue(self.slider.value() + 1)

    @Slot(int)
    def _moved(self, value: int) -> None:
        if not self._shots:
            return
        if not self.playing:
            self._live = value >= self.slider.maximum()
        self._say()
        self.shown.emit(self.current)

    def hideEvent(self, event: QHideEvent) -> None:
        self._pause()
        super().hideEvent(event)

    def _say(self) -> None:
        shot = self.current
        enough = len(self._shots) > 1
        why = tr("There is only one look at the network so far; more come while it trains.")
        set_enabled(self.slider, enough, why)
        words = tr("Halt") if self.playing else tr("Watch the gates learn")
        tooltip = (
            tr("Halts the film.") if self.playing else tr("Plays all looks at the network from the first step on.")
        )
        self.play.set_icon("pause" if self.playing else "play")
        set_enabled(self.play, enough, why, tooltip)
        self.play.setAccessibleName(words)
        set_enabled(self.back, not self._live, tr("This is the latest look at the network."))
        self.back.setText(tr("Live") if self._running else tr("Latest"))
        if shot is None:
            self.label.setText("")
        elif self._total:
            self.label.setText(tr("step {n} of {all}", n=number(shot.step), all=number(self._total)))
        else:
            self.label.setText(tr("step {n}", n=number(shot.step)))
        self.slider.setAccessibleDescription(self.label.text())
