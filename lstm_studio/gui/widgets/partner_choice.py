"""Another run to set beside the one that is looked at; or one click trains it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.jobs import Progress
from lstm_studio.gui.theme import S1
from lstm_studio.gui.widgets.basic import Button, Muted, describe, set_enabled

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.runs.partners import Partner

CELLS = {"lstm": "LSTM", "gru": "GRU", "rnn": "RNN"}
_NOTHING = ""


class PartnerChoice(QWidget):
    """Runs of the same task. One that differs in nothing but its cell is taken by itself."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._run: Path | None = None
        self._partners: list[Partner] = []
        self._chosen: dict[Path, str] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S1)
        row.addWidget(Muted(tr("Beside"), wrap=False))
        self.box = QComboBox()
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.box.setMaximumWidth(280)
        self.box.setMaxVisibleItems(16)
        describe(self.box, tr("Another run"), tr("Its gradient is drawn dashed on the same axis."))
        self.box.activated.connect(self._activated)
        row.addWidget(self.box)
        self.train = Button(tr("Train a plain RNN"), "play", self._train)
        describe(
            self.train,
            self.train.text(),
            tr("Trains a plain tanh RNN of the same size on the same data, as a run to set beside this one."),
        )
        row.addWidget(self.train)
        session.runs_changed.connect(self._look_again)
        session.run_changed.connect(self._say_whether)
        self._fill()

    @property
    def partner(self) -> Partner | None:
        """The chosen run."""
        path = self.box.currentData()
        return next((partner for partner in self._partners if str(partner.path) == path), None)

    def follow(self) -> None:
        """Offer partners of the run that is looked at."""
        run = self.session.selected_run
        if run != self._run:
            self._run, self._partners = run, []
            self._fill()
            self._look()

    def leave(self) -> None:
        """What was asked for is not wanted."""
        self.session.jobs.cancel("inspect-partners")
        self._run = None

    @Slot()
    def _look_again(self) -> None:
        if self._run is not None and self.isVisible():
            self._look()

    def _look(self) -> None:
        run = self._run
        if run is None:
            return
        store = self.session.store

        def work(progress: Progress) -> list[Partner]:
            from lstm_studio.runs.partners import partners

            return partners(store, run)

        def done(found: list[Partner]) -> None:
            if self._run == run:
                self._partners = found
                self._fill()
                self.changed.emit()

        # A run that cannot be read has no partners; that it cannot is told by those who ask it.
        self.session.jobs.start(work, done=done, failed=lambda error: None, channel="inspect-partners")

    def _fill(self) -> None:
        self.box.clear()
        self.box.addItem(tr("Nothing"), _NOTHING)
        for partner in self._partners:
            name = partner.name if len(partner.name) <= 24 else f"{partner.name[:23]}…"
            words = f"{name} · {CELLS.get(partner.cell, partner.cell)} {partner.units}"
            self.box.addItem(words, str(partner.path))
        twin = next((str(partner.path) for partner in self._partners if partner.twin), _NOTHING)
        wanted = self._chosen.get(self._run, twin) if self._run is not None else _NOTHING
        self.box.setCurrentIndex(max(0, self.box.findData(wanted)))
        set_enabled(self.box, bool(self._partners), tr("There is no other run of this task yet."))
        self._say_whether()

    def _activated(self, _: int) -> None:
        if self._run is not None:
            self._chosen[self._run] = self.box.currentData()
        self.changed.emit()

    def offer(self, cell: str) -> None:
        """Whether a plain RNN would be something new: the run has another ``cell`` and no such twin."""
        there = cell == "rnn" or any(partner.twin and partner.cell == "rnn" for partner in self._partners)
        self.train.setVisible(not there)
        self._say_whether()

    @Slot()
    def _say_whether(self) -> None:
        why = tr("A run is already training. Pause or stop it before you start another one.")
        set_enabled(self.train, not self.session.training, why)

    def _train(self) -> None:
        if self._run is not None:
            self.session.train_variant(self._run, **{"model.cell": "rnn"})
