"""One run from several seeds: what it comes to in the mean, and how far chance alone moves it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QSpinBox, QStackedWidget, QVBoxLayout, QWidget

from lstm_studio.data.figures import figure
from lstm_studio.errors import StudioError
from lstm_studio.gui.i18n import error_text, ntr, tr
from lstm_studio.gui.notify import Notice
from lstm_studio.gui.session_seeds import USUAL
from lstm_studio.gui.theme import S1, S2
from lstm_studio.gui.widgets.basic import (
    Button,
    Card,
    EmptyState,
    Headline,
    Muted,
    PrimaryButton,
    describe,
    set_enabled,
    tidy,
)
from lstm_studio.gui.widgets.metrics import metric_title
from lstm_studio.gui.widgets.outcome_table import OutcomeTable
from lstm_studio.gui.widgets.panel_head import PanelHead
from lstm_studio.runs import ablation, seeds
from lstm_studio.runs.ablation import MOST_SEEDS, Lab
from lstm_studio.runs.seeds import SeedSeries

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session


class SeedsPanel(QWidget):
    """``session.seeds`` does the work."""

    closed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session, self.room = session, session.seeds
        self._all: list[SeedSeries] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S2)
        column.addLayout(self._head())
        column.addWidget(self._results(), 1)
        tidy(self)
        self.room.changed.connect(self.refresh)
        session.run_changed.connect(self.refresh)
        session.config_changed.connect(self.refresh)
        self.refresh()

    def _head(self) -> PanelHead:
        about = tr("Back to the list of runs; the seeds go on being trained.")
        which = tr("Several seeds"), tr("What was trained before, the newest first.")
        head = PanelHead(tr("Several seeds"), about, self.closed.emit, which, self._choose)
        self.which = head.which
        self.count = QSpinBox()
        self.count.setRange(2, MOST_SEEDS)
        self.count.setValue(USUAL)
        describe(self.count, tr("Seeds"), tr("How often each is trained, each time from other random numbers."))
        self.count.valueChanged.connect(self.refresh)
        self.start = PrimaryButton("", "play", callback=self.train)
        head.addWidget(self.count)
        head.addWidget(self.start)
        return head

    def _results(self) -> Card:
        self.card = Card(tr("Results"))
        self.halt = Button(tr("Stop"), "stop", self.room.halt)
        describe(self.halt, tr("Stop"), tr("Stops the run that trains, keeps it, and begins no other one."))
        self.more = Button(tr("Go on"), "play", self._go_on)
        describe(
            self.more, tr("Go on"), tr("Trains the seeds that are left; a run that was stopped is taken up again.")
        )
        self.card.header.addWidget(self.more)
        self.card.header.addWidget(self.halt)
        self.stack = QStackedWidget()
        self.stack.addWidget(
            EmptyState(
                "compare",
                tr("How much of it is chance?"),
                tr(
                    "The same settings are trained from several seeds. Their mean and spread will stand here: two "
                    "networks that differ by less than the spread may be equally good."
                ),
            )
        )
        place = QWidget()
        inner = QVBoxLayout(place)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(S1)
        self.mean = Headline()
        self.words = Muted("")
        self.table = OutcomeTable()
        self.table.hide_change()
        inner.addWidget(self.mean)
        inner.addWidget(self.words)
        inner.addWidget(self.table, 1)
        inner.addWidget(Muted(tr("Dots: seeds; stroke: their mean; bar: one standard deviation to either side.")))
        self.stack.addWidget(place)
        self.card.body.addWidget(self.stack, 1)
        return self.card

    def open(self) -> None:
        """The panel has come to the front: look what was trained before."""
        store = self.session.store

        def done(found: list[SeedSeries]) -> None:
            self._all = found
            if self.room.lab is None and found:
                self.room.show(found[0])
            self.refresh()

        self.session.jobs.start(lambda progress: seeds.all_series(store), done=done, channel="seeds")

    def train(self) -> bool:
        """Train the present settings from several seeds."""
        try:
            begun = self.room.train(self.session.config, self.count.value())
        except StudioError as error:
            self.session.notice.emit(Notice("warning", error_text(error), key="seeds"))
            return False
        return begun

    def _go_on(self) -> None:
        if self.room.lab is not None:
            self.room.retry()
            self.room.begin(self.room.lab)

    def _choose(self, place: int) -> None:
        if 0 <= place < len(self._all):
            self.room.show(self._all[place])

    @Slot()
    def refresh(self) -> None:
        """Follow the series."""
        lab = self.room.lab
        words = ntr("Train with {n} seed", "Train with {n} seeds", self.count.value())
        self.start.setText(words)
        describe(self.start, words, tr("Trains the present settings so often, each time from other random numbers."))
        why = self.session.why_not_start() or self.room.why_not()
        set_enabled(self.start, not why, why)
        self.halt.setVisible(self.room.working)
        waits = lab is not None and any(trial.state != "done" for trial in lab.trials)
        self.more.setVisible(waits and not self.room.working)
        why = self.room.why_not()
        set_enabled(self.more, not why, why)
        self._list(lab)
        self.stack.setCurrentIndex(0 if lab is None else 1)
        self.card.set_title(lab.title if lab is not None else tr("Results"))
        if lab is not None:
            self._show(lab)

    def _list(self, lab: Lab | None) -> None:
        if isinstance(lab, SeedSeries) and all(one.title != lab.title for one in self._all):
            self._all.insert(0, lab)
        self.which.clear()
        self.which.addItems([one.title for one in self._all])
        if lab is not None:
            self.which.setCurrentIndex(next((n for n, one in enumerate(self._all) if one.title == lab.title), -1))
        self.which.setVisible(bool(self._all))
        set_enabled(self.which, not self.room.working, tr("The lab is working already."))

    def _show(self, lab: Lab) -> None:
        outcomes = ablation.outcomes(lab, figure(lab.metric).higher_is_better)
        now = "whole" if self.room.place is not None else ""
        each = [
            replace(one, variant=replace(one.variant, title=tr("Seed {n}", n=one.variant.key.removeprefix("seed"))))
            for one in seeds.one_by_one(lab)
        ]
        self.table.set_outcomes((*outcomes, *each), lab.metric, now)
        done = len(outcomes[0].values) if outcomes else 0
        text = tr("No run of it has ended yet.")
        if outcomes and outcomes[0].mean is not None:
            text = f"{metric_title(lab.metric)} {figure(lab.metric).shown(outcomes[0].mean)}"
            if outcomes[0].spread is not None:
                shown = seeds.spread_words(lab.metric, outcomes[0].mean, outcomes[0].spread)
                text = f"{metric_title(lab.metric)} {shown}"
        self.mean.setText(text)
        self.words.setText(tr("{n} of {all} runs are done", n=done, all=len(lab.trials)))
