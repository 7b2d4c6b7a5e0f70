"""The bar at the foot of every page while a run lives: how far, how long, how well, and how to steer it."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QProgressBar, QSizePolicy

from lstm_studio.gui import icons
from lstm_studio.gui.i18n import duration, tr
from lstm_studio.gui.session import ActiveRun, Session
from lstm_studio.gui.theme import S2, S3
from lstm_studio.gui.widgets.basic import Button, IconButton, Label, describe, restyle, set_enabled

HEIGHT = 56


class RunBar(QFrame):
    """Hidden while no run lives."""

    discard_asked = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("runbar")
        self.setFixedHeight(HEIGHT)
        self.session = session
        row = QHBoxLayout(self)
        row.setContentsMargins(S3, 0, S2, 0)
        row.setSpacing(S2)
        self.epoch = Label(tabular=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.bar.setMinimumWidth(80)
        self.bar.setAccessibleName(tr("Progress of the run"))
        self.left = Label(tone="muted", tabular=True)
        self.loss = Label(tabular=True)
        self.pause = Button(tr("Pause"), "pause", self._toggle)
        describe(
            self.pause,
            tr("Pause"),
            tr("Halt before the next batch; the network stays in memory and can be asked"),
            "F9",
        )
        self.stop = Button(tr("Stop"), "stop", session.stop)
        describe(self.stop, tr("Stop"), tr("End the run and keep the best weights"), "Shift+F9")
        self.more = IconButton("more", tr("More"), tr("Other ways to end this run"), callback=self._open_menu)
        self.menu = QMenu(self)
        self.discard = QAction(icons.icon("cancel", "danger"), tr("Cancel and discard this run…"), self)
        self.discard.triggered.connect(self.discard_asked)
        self.menu.addAction(self.discard)
        for widget in (self.epoch, self.bar, self.left, self.loss, self.pause, self.stop, self.more):
            row.addWidget(widget, 1 if widget is self.bar else 0)
        row.setSpacing(S2)
        session.run_changed.connect(self._show_state)
        session.run_ticked.connect(self._tick)
        self._show_state()

    def _toggle(self) -> None:
        active = self.session.active
        if active is not None:
            (self.session.resume if active.state in ("paused", "pausing") else self.session.pause)()

    def _open_menu(self) -> None:
        corner = self.more.mapToGlobal(self.more.rect().topRight())
        hint = self.menu.sizeHint()
        corner.setX(corner.x() - hint.width())
        corner.setY(corner.y() - hint.height() - 4)
        self.menu.popup(corner)

    @Slot()
    def _show_state(self) -> None:
        active = self.session.active
        living = active is not None and active.living
        self.setVisible(living)
        if active is None or not living:
            return
        state = active.state
        halted = state in ("paused", "pausing")
        words = tr("Resume") if halted else tr("Pause")
        if self.pause.text() != words:
            self.pause.setText(words)
            self.pause.set_icon("play" if halted else "pause")
            tooltip = (
                tr("Go on with the next batch")
                if halted
                else tr("Halt before the next batch; the network stays in memory and can be asked")
            )
            describe(self.pause, words, tooltip, "F9")
        stopping = state == "stopping"
        why = tr("The run is ending: its best weights are being saved.")
        preparing = tr("The texts are still being prepared.")
        set_enabled(self.pause, not stopping and state != "preparing", why if stopping else preparing)
        set_enabled(self.stop, not stopping, why)
        set_enabled(self.more, not stopping, why)
        restyle(self.bar, paused="true" if halted else "false")
        self._tick()

    @Slot()
    def _tick(self) -> None:
        active = self.session.active
        if active is None or not active.living or not self.isVisibleTo(self.window()):
            return
        fraction, words, left = _words(active)
        if fraction < 0:
            self.bar.setRange(0, 0)
        else:
            self.bar.setRange(0, 1000)
            self.bar.setValue(round(1000 * fraction))
        self.epoch.setText(words)
        self.left.setText(left)
        self.loss.setText(tr("loss {value:.3f}", value=active.loss) if active.loss is not None else "")


def _words(active: ActiveRun) -> tuple[float, str, str]:
    """Fraction done (-1 unknown), what is being done, and how long it will take."""
    state = active.state
    if active.started is None:
        fraction, words = active.preparing
        shown = tr("Stopping") if state == "stopping" else (tr(words) if words else tr("Preparing the texts"))
        return fraction, shown, ""
    fraction = active.step / active.total_steps if active.total_steps else 0.0
    words = tr("Epoch {epoch} of {epochs}", epoch=max(1, active.epoch), epochs=active.epochs)
    if state == "paused":
        return fraction, words, tr("Paused")
    if state == "pausing":
        return fraction, words, tr("Pausing")
    if state == "stopping":
        return fraction, words, tr("Saving the best weights")
    seconds = active.seconds_left()
    left = tr("{time} left", time=duration(seconds)) if seconds is not None else tr("Measuring the time left")
    return fraction, words, left
