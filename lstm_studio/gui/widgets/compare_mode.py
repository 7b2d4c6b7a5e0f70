"""Two runs beside each other: on one text, and on all examples that both were checked with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from lstm_studio.data.kinds import KINDS
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.jobs import Progress
from lstm_studio.gui.theme import S1, S2
from lstm_studio.gui.widgets.basic import Chip, EmptyState, Muted, SegmentedControl, describe
from lstm_studio.gui.widgets.compare_examples import CompareExamples
from lstm_studio.gui.widgets.compare_text import CompareText

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.runs.store import RunSummary


class CompareMode(QWidget):
    """See ``inspect_modes.MODES``. Run A is the one that the window looks at; B is any other one."""

    name = "compare"
    sentence_asked = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.runs: list[RunSummary] = []
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

    @staticmethod
    def title() -> str:
        """One or two words."""
        return tr("Compare")

    @staticmethod
    def help() -> str:
        """One sentence."""
        return tr("Two runs side by side: their answers, their gates, and the examples that only one gets right.")

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
        return row

    # -- following the session ------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self.text.line.text.toPlainText().strip():
            self.text.line.text.setPlainText(str(self.session.settings.noted("inspect", "text", "") or ""))
        self.look()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.text.leave()
        self.examples.leave()

    @Slot()
    def look(self) -> None:
        """Find out which runs there are."""
        if not self.isVisible():
            return
        store, selected = self.session.store, self.session.selected_run

        def work(progress: Progress) -> list[RunSummary]:
            return [run for run in store.list() if run.has_weights or run.path == selected]

        self.session.jobs.start(work, done=self._found, channel="compare-runs")

    def _found(self, runs: list[RunSummary]) -> None:
        self.runs = runs
        selected = self.session.selected_run
        if selected is not None and all(run.path != selected for run in runs):
            summary = self.session.store.summary(selected)  # it lies in another folder
            self.runs = [*([summary] if summary is not None else []), *runs]
        self._fill(self.first, self.runs, selected)
        own = self._task(selected)
        others = [run for run in self.runs if run.path != selected]
        others.sort(key=lambda run: run.task != own)  # those that can be compared first; else the newest first
        wanted = self.session.settings.noted("inspect", "other", "")
        chosen = next((run for run in others if str(run.path) == wanted), None)
        if chosen is None or chosen.task != own:
            chosen = others[0] if others else None
        self._fill(self.second, others, chosen.path if chosen is not None else None)
        self._show()

    @staticmethod
    def _fill(box: QComboBox, runs: list[RunSummary], chosen: Path | None) -> None:
        box.clear()
        for run in runs:
            task = tr(KINDS[run.task].title) if run.task in KINDS else run.task
            box.addItem(run.name, run.path)
            box.setItemData(box.count() - 1, f"{run.name} · {task}", 3)  # Qt.ToolTipRole
        places = [place for place, run in enumerate(runs) if run.path == chosen]
        box.setCurrentIndex(places[0] if places else -1)
        box.setEnabled(bool(runs))

    def _task(self, path: Path | None) -> str:
        return next((run.task for run in self.runs if run.path == path), "")

    def _name(self, path: Path | None) -> str:
        return next((run.name for run in self.runs if run.path == path), "")

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

    def _show(self) -> None:
        first, second = self.session.selected_run, self.second.currentData()
        comparable = second is not None and self._task(first) == self._task(second)
        for widget in (self.what, self.about):
            widget.setVisible(comparable)
        self.about.setText(self._helps[self.what.value()])
        if second is None:
            self._say(
                tr("There is no second run to compare with"),
                tr("Train the same data again with other settings, such as another cell; then both stand here."),
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
        page.set_runs((first, second), (self._name(first), self._name(second)))

    def _named(self, path: Path | None) -> str:
        task = self._task(path)
        return f"{self._name(path)} ({tr(KINDS[task].title) if task in KINDS else task})"

    def _say(self, title: str, text: str) -> None:
        self.text.leave()
        self.examples.leave()
        self.empty.title.setText(title)
        self.empty.text.setText(text)
        self.pages.setCurrentWidget(self.empty)
