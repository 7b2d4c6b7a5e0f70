"""The ablation lab: choose what is left out, over how many seeds; train it all; see what each part is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from lstm_studio.config import RunConfig
from lstm_studio.data.figures import figure
from lstm_studio.errors import StudioError
from lstm_studio.gui.i18n import duration, error_text, ntr, tr
from lstm_studio.gui.notify import Notice
from lstm_studio.gui.theme import S1, S2
from lstm_studio.gui.widgets.basic import (
    Button,
    Card,
    EmptyState,
    Label,
    Muted,
    PrimaryButton,
    describe,
    line,
    reachable,
    set_enabled,
    tidy,
)
from lstm_studio.gui.widgets.outcome_table import OutcomeTable
from lstm_studio.gui.widgets.panel_head import PanelHead
from lstm_studio.gui.widgets.train_stage import network
from lstm_studio.runs import ablation
from lstm_studio.runs.ablation import MOST_SEEDS, VARIANTS, Lab

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session

_SETUP = 272
_SEEDS = 3


class LabPanel(QWidget):
    """Set-up on the left, results on the right. ``session.lab`` does the work."""

    closed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session, self.room = session, session.lab
        self._base: RunConfig | None = None
        self._named = ""
        self._labs: list[Lab] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S2)
        column.addLayout(self._head())
        row = QHBoxLayout()
        row.setSpacing(S2)
        row.addWidget(self._setup())
        row.addWidget(self._results(), 1)
        column.addLayout(row, 1)
        tidy(self)
        self.room.changed.connect(self.refresh)
        session.run_changed.connect(self.refresh)
        session.run_ticked.connect(self._tick)
        session.config_changed.connect(self._base_changed)
        session.selected_run_changed.connect(self._base_changed)
        self.refresh()

    # -- building --------------------------------------------------------------------------------------------

    def _head(self) -> PanelHead:
        about = tr("Back to the list of runs; the lab goes on working.")
        which = tr("Lab"), tr("Labs that were trained before, the newest first.")
        head = PanelHead(tr("Ablation lab"), about, self.closed.emit, which, self._choose)
        self.which = head.which
        self.forget = head.add_forget(tr("Removes the lab from this list; its runs stay among all runs."), self._forget)
        return head

    def _setup(self) -> Card:
        card = Card(tr("What to train"))
        card.setFixedWidth(_SETUP)
        self.base = Label("", tone="muted", wrap=True)
        inside = QWidget()
        inside.setObjectName("content")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(4)
        column.addWidget(self.base)
        column.addSpacing(4)
        column.addWidget(line())
        self.boxes: dict[str, QCheckBox] = {}
        for variant in VARIANTS:
            box = QCheckBox(tr(variant.title))
            box.setChecked(True)
            box.toggled.connect(self._count)
            self.boxes[variant.key] = box
            column.addWidget(box)
        set_enabled(self.boxes["whole"], False, tr("The others are compared with it."))
        column.addWidget(line())
        column.addSpacing(4)
        form = QFormLayout()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignVCenter)
        form.setHorizontalSpacing(S2)
        form.setVerticalSpacing(S1)
        self.seeds = QSpinBox()
        self.seeds.setRange(1, MOST_SEEDS)
        self.seeds.setValue(_SEEDS)
        self.epochs = QSpinBox()
        self.epochs.setRange(1, 10_000)
        for spin, title, help_ in (
            (self.seeds, tr("Seeds"), tr("How often each is trained, each time from other random numbers.")),
            (self.epochs, tr("Epochs"), tr("How often each reads all training texts.")),
        ):
            describe(spin, title, help_)
            spin.valueChanged.connect(self._count)
            form.addRow(title, spin)
        column.addLayout(form)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        reachable(area, tr("What to train"))
        card.body.addWidget(area, 1)
        self.cost = Muted("")
        card.body.addWidget(self.cost)
        self.start = PrimaryButton(tr("Train all of them"), "play", callback=self._start)
        describe(
            self.start,
            self.start.text(),
            tr("Trains one run after the other; each is an ordinary run, named by what it is."),
        )
        card.body.addWidget(self.start)
        return card

    def _results(self) -> Card:
        card = Card(tr("Results"))
        self.card = card
        self.words = Muted("")
        self.go_on = Button(tr("Go on with the lab"), "play", self._go_on)
        describe(
            self.go_on,
            tr("Go on with the lab"),
            tr("Trains what is left of this lab; a run that was stopped is taken up again."),
        )
        self.halt = Button(tr("Stop the lab"), "stop", self.room.halt)
        describe(self.halt, self.halt.text(), tr("Stops the run that trains, keeps it, and begins no other one."))
        card.header.addWidget(self.go_on)
        card.header.addWidget(self.halt)
        self.stack = QStackedWidget()
        self.empty = EmptyState(
            "compare",
            tr("What is each part of an LSTM good for?"),
            tr(
                "The same network is trained with a part left out, over several seeds. Its results will stand here as "
                "dots, one a seed, beside those of the whole LSTM: a difference smaller than their spread is chance."
            ),
        )
        self.table = OutcomeTable()
        place = QWidget()
        inner = QVBoxLayout(place)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.words)
        inner.addWidget(self.table, 1)
        self.legend = Muted(
            tr("Dots: seeds; stroke: their mean; bar: one standard deviation to either side; dashed: the whole LSTM.")
        )
        inner.addWidget(self.legend)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(place)
        self.stack.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        card.body.addWidget(self.stack, 1)
        return card

    # -- what it is about ------------------------------------------------------------------------------------

    def open(self) -> None:
        """The panel has come to the front: look which labs there are."""
        store = self.session.store

        def done(found: list[Lab]) -> None:
            self._labs = found
            if self.room.lab is None and found:
                self.room.show(found[0])
            self._list()

        self.session.jobs.start(lambda progress: ablation.labs(store), done=done, channel="labs")
        self._base_changed()

    @Slot()
    def _base_changed(self) -> None:
        """Take the selected run's settings as the base; without one the present settings."""
        if not self.isVisible() or self.room.working:
            return
        session, run = self.session, self.session.selected_run
        if run is None:
            self._take(session.config if session.dataset is not None else None, tr("the present settings"))
            return

        def work(progress: object) -> tuple[RunConfig, str]:
            from lstm_studio.runs.folder import RunFolder

            folder = RunFolder(run)
            return folder.config, folder.name

        session.jobs.start(
            work,
            done=lambda found: self._take(*found),
            failed=lambda error: self._take(None, ""),
            channel="lab-base",
        )

    def _take(self, config: RunConfig | None, name: str) -> None:
        self._base = config
        if config is None:
            self.base.setText(tr("Select a run, or open a file: its settings are what all of them have in common."))
        else:
            self.base.setText(
                tr(
                    "As {run}: {network}. All settings but the one that is left out are the same.",
                    run=name,
                    network=network(config.model),
                )
            )
            if name != self._named:  # what a person has set stays
                self.epochs.setValue(config.training.epochs)
            there = {variant.key for variant in ablation.possible(config)}
            for key, box in self.boxes.items():
                box.setVisible(key in there)
        self._named = name
        self._count()

    def _chosen(self) -> list[str]:
        return [key for key, box in self.boxes.items() if box.isChecked() and not box.isHidden()]

    def _count(self) -> None:
        runs = len(self._chosen()) * self.seeds.value()
        self.cost.setText(ntr("{n} run in all.", "{n} runs in all.", runs))
        why = self.room.why_not()
        if self._base is None:
            why = tr("Select a run first, or open a file.")
        elif len(self._chosen()) < 2:
            why = tr("Choose at least one part to leave out.")
        set_enabled(self.start, not why, why)

    # -- what is done ----------------------------------------------------------------------------------------

    def _start(self) -> None:
        if self._base is None:
            return
        try:
            lab = ablation.plan(self._base, self._chosen(), self.seeds.value(), self.epochs.value(), self.session.store)
        except StudioError as error:
            self.session.notice.emit(Notice("warning", error_text(error), key="lab"))
            return
        if self.room.begin(lab):
            self._labs.insert(0, lab)
            self._list()

    def _go_on(self) -> None:
        if self.room.lab is not None:
            self.room.retry()
            self.room.begin(self.room.lab)

    def _choose(self, place: int) -> None:
        if 0 <= place < len(self._labs):
            self.room.show(self._labs[place])

    def _forget(self) -> None:
        lab = self.room.lab
        if lab is None or self.room.working:
            return
        try:
            ablation.remove(lab, self.session.store)
        except OSError as error:
            self.session.notice.emit(Notice("warning", error_text(error), key="lab"))
            return
        self._labs = [other for other in self._labs if other.title != lab.title]
        self.room.show(self._labs[0] if self._labs else None)
        self._list()

    # -- what is shown ---------------------------------------------------------------------------------------

    def _list(self) -> None:
        self.which.clear()
        self.which.addItems([lab.title for lab in self._labs])
        if self.room.lab is not None:
            self.which.setCurrentIndex(
                next((n for n, lab in enumerate(self._labs) if lab.title == self.room.lab.title), -1)
            )
        self.which.setVisible(bool(self._labs))
        self.forget.setVisible(bool(self._labs))
        set_enabled(self.which, not self.room.working, tr("The lab is working already."))
        set_enabled(self.forget, not self.room.working, tr("The lab is working already."))

    @Slot()
    def refresh(self) -> None:
        """Follow the lab."""
        lab = self.room.lab
        self.stack.setCurrentIndex(0 if lab is None else 1)
        self.halt.setVisible(self.room.working)
        waits = lab is not None and any(trial.state != "done" for trial in lab.trials)
        self.go_on.setVisible(waits and not self.room.working)
        why = self.room.why_not()
        set_enabled(self.go_on, not why, why)
        self._count()
        self._list()
        self.card.set_title(lab.title if lab is not None else tr("Results"))
        if lab is None:
            return
        about = figure(lab.metric)
        now = lab.trials[self.room.place].variant if self.room.place is not None else ""
        self.table.set_outcomes(ablation.outcomes(lab, about.higher_is_better), lab.metric, now)
        self._tick()

    @Slot()
    def _tick(self) -> None:
        """Say how far the lab is."""
        lab = self.room.lab
        if lab is None or not self.isVisible():
            return
        done = [trial for trial in lab.trials if trial.state == "done"]
        parts = [tr("{n} of {all} runs are done", n=len(done), all=len(lab.trials))]
        if self.room.place is not None:
            parts.append(tr("now: {run}", run=lab.name_of(lab.trials[self.room.place]).partition(": ")[2]))
        waiting = sum(trial.state == "waiting" for trial in lab.trials)
        if self.room.working and done:
            left = waiting * sum(trial.seconds for trial in done) / len(done)
            parts.append(tr("about {time} left", time=duration(left)))
        words = " · ".join(parts)
        if words != self.words.text():
            self.words.setText(words)

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self.refresh()
