"""Two runs, or two epochs of one, beside each other: on one text, and on all examples that both were checked with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from lstm_studio.data.kinds import KINDS
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.jobs import Progress
from lstm_studio.gui.theme import S1, S2
from lstm_studio.gui.widgets.basic import Chip, EmptyState, Muted, SegmentedControl, describe
from lstm_studio.gui.widgets.compare_examples import CompareExamples
from lstm_studio.gui.widgets.compare_text import CompareText
from lstm_studio.gui.widgets.network_choice import EpochChoice, Network
from lstm_studio.training.events import EpochEnded
from lstm_studio.training.kept import kept_epochs

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.runs.store import RunSummary

_AGAIN = 2_000
"""Milliseconds between two looks at a run that trains."""


@dataclass(frozen=True)
class _Kept:
    """A run of the list, and the epochs that it has kept."""

    summary: RunSummary
    epochs: tuple[int, ...]

    @classmethod
    def of(cls, summary: RunSummary) -> _Kept:
        return cls(summary, kept_epochs(summary.path))

    @property
    def path(self) -> Path:
        return self.summary.path

    @property
    def task(self) -> str:
        return self.summary.task


class CompareMode(QWidget):
    """See ``inspect_modes.MODES``. Run A is the one that the window looks at; B is any one, the same one too if it has
    kept epochs."""

    name = "compare"
    sentence_asked = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.runs: list[_Kept] = []
        self.bar = QWidget()
        self._build_bar()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S2)
        column.addLayout(self._what_row())
        self.pages = QStackedWidget()
        column.addWidget(self.pages)
        self.empty = EmptyState(
            "compare", "", "", [(tr("Go to the runs"), lambda: session.page_requested.emit("runs"), False)]
        )
        self.text, self.examples = CompareText(session), CompareExamples(session)
        for page in (self.empty, self.text, self.examples):
            self.pages.addWidget(page)
        self.examples.sentence_asked.connect(self.sentence_asked)
        session.selected_run_changed.connect(self.look)
        session.runs_changed.connect(self.look)
        session.events_arrived.connect(self._learned)
        self._soon = QTimer(self, singleShot=True, interval=_AGAIN)
        self._soon.timeout.connect(self.look)

    @staticmethod
    def title() -> str:
        """One or two words."""
        return tr("Compare")

    @staticmethod
    def help() -> str:
        """One sentence."""
        return tr(
            "Two runs, or two epochs of one, side by side: their answers, their gates, and the examples that only one "
            "gets right."
        )

    def _build_bar(self) -> None:
        row = QHBoxLayout(self.bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S1)
        self.first, self.second = QComboBox(), QComboBox()
        for letter, box, about in (
            ("A", self.first, tr("The first run: the one that the whole window looks at.")),
            ("B", self.second, tr("The second run, which the first one is compared with.")),
        ):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(12)
            box.setMaximumWidth(300)
            box.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
            describe(box, tr("Run {letter}", letter=letter), about, f"Alt+{letter}")
            row.addWidget(Chip(letter, "accent"))
            row.addWidget(box, 4)
            row.addSpacing(S1)
        self.first.activated.connect(self._first_chosen)
        self.second.activated.connect(self._second_chosen)
        row.addStretch(1)
        self.bar.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def _what_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(S2)
        self._helps = {
            "text": tr("What both say of the same text, and what happens inside."),
            "examples": tr("Which validation texts only one of them gets right."),
        }
        titles = {"text": tr("One text"), "examples": tr("All examples")}
        self.what = SegmentedControl(
            [(name, title, self._helps[name]) for name, title in titles.items()],
            self.session.settings.noted("inspect", "compare", "text"),
            tr("What is compared"),
        )
        self.what.changed.connect(self._what_chosen)
        self.about = Muted("", wrap=False)
        row.addWidget(self.what)
        row.addWidget(self.about, 1)
        self.first_epoch, self.second_epoch = EpochChoice("A", "Alt+E"), EpochChoice("B", "Alt+F")
        for epoch in (self.first_epoch, self.second_epoch):
            epoch.box.activated.connect(self._show)
            row.addWidget(epoch)
        return row

    # -- following the session ------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self.text.line.text.toPlainText().strip():
            self.text.line.text.setPlainText(str(self.session.settings.noted("inspect", "text", "") or ""))
        self.look()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._soon.stop()
        self.text.leave()
        self.examples.leave()

    @Slot()
    def look(self) -> None:
        """Find out which runs there are."""
        if not self.isVisible():
            return
        store, selected = self.session.store, self.session.selected_run

        def work(progress: Progress) -> list[_Kept]:
            found = [_Kept.of(run) for run in store.list() if run.has_weights or run.path == selected]
            if selected is not None and all(run.path != selected for run in found):
                summary = store.summary(selected)  # it lies in another folder
                found = [*([_Kept.of(summary)] if summary is not None else []), *found]
            return found

        self.session.jobs.start(work, done=self._found, channel="compare-runs")

    @Slot(list)
    def _learned(self, events: list[object]) -> None:
        """A run has perhaps kept another epoch."""
        if self.isVisible() and not self._soon.isActive() and any(isinstance(event, EpochEnded) for event in events):
            self._soon.start()

    def _found(self, runs: list[_Kept]) -> None:
        self.runs = runs
        selected = self.session.selected_run
        self._fill(self.first, self.runs, selected)
        own = self._task(selected)
        others = [run for run in self.runs if run.path != selected]
        others.sort(key=lambda run: run.task != own)  # those that can be compared first; else the newest first
        same = [run for run in self.runs if run.path == selected and run.epochs]
        wanted = self.session.settings.noted("inspect", "other", "")
        fitting = [run for run in (*others, *same) if run.task == own]
        chosen = next((run for run in fitting if str(run.path) == wanted), next(iter(fitting or others), None))
        self._fill(self.second, [*others, *same], chosen.path if chosen is not None else None)
        self._show()

    @staticmethod
    def _fill(box: QComboBox, runs: list[_Kept], chosen: Path | None) -> None:
        if [(run.summary.name, run.path) for run in runs] != [
            (box.itemText(place), box.itemData(place)) for place in range(box.count())
        ]:
            box.clear()
            for run in runs:
                task = tr(KINDS[run.task].title) if run.task in KINDS else run.task
                box.addItem(run.summary.name, run.path)
                box.setItemData(box.count() - 1, f"{run.summary.name} · {task}", 3)  # Qt.ToolTipRole
        places = [place for place, run in enumerate(runs) if run.path == chosen]
        box.setCurrentIndex(places[0] if places else -1)
        box.setEnabled(bool(runs))

    def _run(self, path: Path | None) -> _Kept | None:
        return next((run for run in self.runs if run.path == path), None)

    def _task(self, path: Path | None) -> str:
        run = self._run(path)
        return run.task if run is not None else ""

    def _name(self, path: Path | None) -> str:
        run = self._run(path)
        return run.summary.name if run is not None else ""

    def _offer_epochs(self) -> None:
        """What may be chosen of each run; of one run B is another moment than A."""
        first, second = self.session.selected_run, self.second.currentData()
        for box, path in ((self.first_epoch, first), (self.second_epoch, second)):
            run = self._run(path)
            epochs = run.epochs if run is not None else ()
            learning = path is not None and path == first and self.session.showing_active and self.session.training
            apart = box is self.second_epoch and first == second and self.first_epoch.epoch is None
            other = epochs[0] if apart and epochs else None
            best = run.summary.info.best_epoch if run is not None else 0
            box.offer(path, epochs, best, learning=learning, other=other)

    # -- what a person does ---------------------------------------------------------------------------------

    def _first_chosen(self, _place: int) -> None:
        path = self.first.currentData()
        if path is not None and path != self.session.selected_run:
            self.session.select_run(path)

    def _second_chosen(self, _place: int) -> None:
        self.session.settings.note("inspect", other=str(self.second.currentData()))
        self.session.save_soon()
        self._show()

    def _what_chosen(self, what: str) -> None:
        self.session.settings.note("inspect", compare=what)
        self.session.save_soon()
        self._show()

    # -- showing --------------------------------------------------------------------------------------------

    @Slot()
    def _show(self) -> None:
        first, second = self.session.selected_run, self.second.currentData()
        self._offer_epochs()
        epochs = self.first_epoch.epoch, self.second_epoch.epoch
        same = first == second and epochs[0] == epochs[1]
        comparable = first is not None and second is not None and self._task(first) == self._task(second) and not same
        for widget in (self.what, self.about):
            widget.setVisible(comparable)
        self.about.setText(self._helps[self.what.value()])
        if first is None or second is None:
            self._say(
                tr("There is no second run to compare with"),
                tr("Train the same data again with other settings, such as another cell; then both stand here. A run "
                   "that keeps epochs (Model page, advanced settings) can be compared with what it was earlier."),
            )  # fmt: skip
            return
        if same:
            self._say(
                tr("A and B are the same network"), tr("Choose another epoch for one of them, or another run for B.")
            )
            return
        if self._task(first) != self._task(second):
            self._say(
                tr("These two runs do different things"),
                tr("Only runs of one task can be compared: {a} and {b} have nothing in common.",
                   a=self._named(first), b=self._named(second)),
            )  # fmt: skip
            return
        page = self.text if self.what.value() == "text" else self.examples
        if page is not self.pages.currentWidget():
            for other in (self.text, self.examples):
                other.leave()
            self.pages.setCurrentWidget(page)
        networks = Network(first, epochs[0]), Network(second, epochs[1])
        if first == second:
            names = self.first_epoch.box.currentText(), self.second_epoch.box.currentText()
        else:
            names = networks[0].named(self._name(first)), networks[1].named(self._name(second))
        page.set_networks(networks, names)

    def _named(self, path: Path | None) -> str:
        task = self._task(path)
        return f"{self._name(path)} ({tr(KINDS[task].title) if task in KINDS else task})"

    def _say(self, title: str, text: str) -> None:
        self.text.leave()
        self.examples.leave()
        self.empty.title.setText(title)
        self.empty.text.setText(text)
        self.pages.setCurrentWidget(self.empty)
