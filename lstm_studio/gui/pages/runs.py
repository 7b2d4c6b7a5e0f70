"""Runs: everything that was trained, to open, compare, rename, repeat, delete and take back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from lstm_studio.errors import StudioError
from lstm_studio.gui.help_pages import mark
from lstm_studio.gui.i18n import error_text, language, ntr, tr
from lstm_studio.gui.jobs import Progress
from lstm_studio.gui.notify import hub
from lstm_studio.gui.pages.base import Page
from lstm_studio.gui.theme import S1, S2, theme_notifier
from lstm_studio.gui.widgets.basic import Banner, Button, Card, EmptyState, Muted, PrimaryButton, describe, set_enabled
from lstm_studio.gui.widgets.compare_panel import MOST, ComparePanel
from lstm_studio.gui.widgets.lab_panel import LabPanel
from lstm_studio.gui.widgets.move_button import MoveButton
from lstm_studio.gui.widgets.runs_table import CURVE, DATA, NAME, STATUS, TASK, RunDelegate, RunRow, RunsModel, RunsView
from lstm_studio.gui.widgets.saveable import file_stem
from lstm_studio.gui.widgets.seeds_panel import SeedsPanel
from lstm_studio.gui.widgets.sweep_panel import SweepPanel

if TYPE_CHECKING:
    from lstm_studio.config import RunConfig
    from lstm_studio.gui.session import Session
    from lstm_studio.runs.store import RunSummary

ROW_HEIGHT = 40
REFRESH = 2000


class RunsPage(Page):
    """A table of runs; one selected is what Inspect and Predict look at, two or three are compared."""

    name = "runs"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._following = True
        self._lab: LabPanel | None = None
        self._panels: dict[str, LabPanel | SweepPanel | SeedsPanel] = {}
        self._undo_banner = Banner(closable=True)
        self._undo_banner.hide()
        self._empty = EmptyState(
            "runs",
            tr("No runs yet"),
            tr("Every training is kept here with its settings, curves and weights. Start one to fill this page."),
            [
                (tr("Go to the data"), lambda: session.page_requested.emit("data"), True),
                (tr("Try a sample"), lambda: self._try_sample(), False),
                (tr("Open a packed run"), lambda: self.moves.ask_packed(), False),
                (tr("Ablation lab"), lambda: self.open_lab(), False),
                (tr("Sweep"), lambda: self.open_sweep(), False),
            ],
        )
        self._content = QWidget()
        self.layout_.addWidget(self._undo_banner)
        self.layout_.addWidget(self._empty)
        self.layout_.addWidget(self._content)
        self._build()
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH)
        self._timer.timeout.connect(self._refresh)
        session.runs_changed.connect(self._refresh)
        session.panel_requested.connect(self._panel_asked)
        session.run_changed.connect(self._refresh)
        session.selected_run_changed.connect(self._show_selected)
        theme_notifier().changed.connect(self._table.viewport().update)
        self._content.hide()
        self._refresh()

    # -- building --------------------------------------------------------------------------------------------

    def _build(self) -> None:
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S2)
        bar = QHBoxLayout()
        bar.setSpacing(S1)
        self._open = PrimaryButton(tr("Look inside"), "inspect", callback=lambda: self._go("inspect"))
        describe(self._open, tr("Look inside"), tr("Show the gates of the selected run on the Inspect page."))
        self._predict = Button(tr("Predict with it"), "predict", lambda: self._go("predict"))
        describe(self._predict, tr("Predict with it"), tr("Ask the selected run about texts of yours."))
        self._curves = Button(tr("Show curves"), "train", lambda: self._go("train"))
        describe(self._curves, tr("Show curves"), tr("Show how the selected run learned, on the Train page."))
        self._resume = Button(tr("Resume"), "play", self._resume_run)
        describe(self._resume, tr("Resume"), tr("Go on with the selected run from its last checkpoint."))
        self._duplicate = Button(tr("Use its settings"), "duplicate", self._duplicate_run)
        describe(
            self._duplicate, tr("Use its settings"), tr("Take the selected run's data and settings for a new run.")
        )
        self._rename = Button(tr("Rename"), "rename", self._rename_run)
        describe(self._rename, tr("Rename"), tr("Give the selected run another name."), "F2")
        self._reveal = Button(tr("Open folder"), "folder", self._reveal_run)
        describe(self._reveal, tr("Open folder"), tr("Show the run's files in the system's file manager."))
        self._report = Button(tr("Save a report"), "save", self._ask_report)
        describe(
            self._report,
            tr("Save a report"),
            tr("Writes settings, curves, results and examples of the selected run into one file for any browser."),
        )
        mark(self._report, "runs.report")
        self.moves = MoveButton(self.session, self._single)
        self._delete = Button(tr("Delete"), "trash", self._delete_runs)
        describe(self._delete, tr("Delete"), tr("Remove the selected runs; this can be undone."), "Del")
        first = (self._open, self._predict, self._curves, self._resume)
        for button in (*first, self._duplicate, self._rename, self._reveal, self._delete):
            bar.addWidget(button)
        bar.addStretch(1)
        column.addLayout(bar)

        self._model = RunsModel(self._renamed)
        self._table = RunsView()
        self._table.setWordWrap(False)
        self._table.setModel(self._model)
        self._table.setItemDelegate(RunDelegate(self._table))
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self._table.setShowGrid(False)
        self._table.setTabKeyNavigation(False)
        self._table.verticalHeader().hide()
        self._table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        header = self._table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for number, width in ((CURVE, 150), (STATUS, 130), (DATA, 140)):
            header.setSectionResizeMode(number, QHeaderView.ResizeMode.Interactive)
            header.resizeSection(number, width)
        tip = tr("Your runs, the newest first. Double-click one to look inside; select two or three to compare them.")
        describe(self._table, tr("Runs"), tip)
        self._table.setToolTip("")
        self._table.selectionModel().selectionChanged.connect(lambda *_: self._selection_changed())
        self._table.doubleClicked.connect(lambda _: self._go("inspect"))
        self._compare = ComparePanel()
        self._compare.hide()
        split = QSplitter()
        split.setChildrenCollapsible(False)
        framed = Card()
        framed.body.addWidget(self._table)
        split.addWidget(framed)
        split.addWidget(self._compare)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        split.setSizes([680, 420])
        column.addWidget(split, 1)
        self._hint = Muted(tr("Select two or three runs to compare them."))
        below = QHBoxLayout()
        below.addWidget(self._hint, 1)
        below.addStretch(0)
        self._lab_button = Button(tr("Ablation lab"), "compare", self.open_lab)
        describe(
            self._lab_button,
            tr("Ablation lab"),
            tr("Trains the same network with parts left out, over several seeds, to see what each part is worth."),
        )
        self._sweep_button = Button(tr("Sweep"), "compare", self.open_sweep)
        describe(self._sweep_button, tr("Sweep"), tr("Tries ranges of settings, and shows which ones are best."))
        self._seeds_button = Button(tr("Several seeds"), "duplicate", self.open_seeds)
        describe(
            self._seeds_button,
            tr("Several seeds"),
            tr("Trains the same settings from several seeds, to see how much of a result is chance."),
        )
        below.addWidget(self._report, 0, Qt.AlignmentFlag.AlignRight)
        below.addWidget(self.moves, 0, Qt.AlignmentFlag.AlignRight)
        below.addWidget(self._lab_button, 0, Qt.AlignmentFlag.AlignRight)
        below.addWidget(self._sweep_button, 0, Qt.AlignmentFlag.AlignRight)
        below.addWidget(self._seeds_button, 0, Qt.AlignmentFlag.AlignRight)
        column.addLayout(below)

    # -- the lab ---------------------------------------------------------------------------------------------

    def open_lab(self) -> None:
        """Show the ablation lab in the place of the list."""
        self._open_panel("lab", LabPanel)
        found = self._panels["lab"]
        self._lab = found if isinstance(found, LabPanel) else None

    def open_sweep(self) -> None:
        """Show the sweep in the place of the list."""
        self._open_panel("sweep", SweepPanel)

    def open_seeds(self) -> None:
        """Show what several seeds come to in the place of the list."""
        self._open_panel("seeds", SeedsPanel)

    def _open_panel(self, name: str, made: type[LabPanel] | type[SweepPanel] | type[SeedsPanel]) -> None:
        if name not in self._panels:
            panel = made(self.session)
            mark(panel, f"runs.{name}")
            panel.closed.connect(self._close_panels)
            self._panels[name] = panel
            self.layout_.addWidget(panel)
        self._content.hide()
        self._empty.hide()
        for other, panel in self._panels.items():
            panel.setVisible(other == name)
        self._panels[name].open()

    def _panel_asked(self, name: str) -> None:
        {"lab": self.open_lab, "sweep": self.open_sweep, "seeds": self.open_seeds}[name]()

    def _close_panels(self) -> None:
        for panel in self._panels.values():
            panel.hide()
        self._content.setVisible(self._model.rowCount() > 0)
        self._empty.setVisible(self._model.rowCount() == 0)
        self._refresh()

    # -- the list --------------------------------------------------------------------------------------------

    def on_shown(self) -> None:
        """Look at the disk again: another program may train there."""
        self._refresh()
        self._timer.start()

    def on_hidden(self) -> None:
        """Nobody looks."""
        self._timer.stop()

    def _refresh(self) -> None:
        store = self.session.store

        def work(progress: object) -> list[RunRow]:
            from lstm_studio.runs.compare import validation_curve

            return [RunRow(run, tuple(validation_curve(run.path, run.metric))) for run in store.list()]

        self.session.jobs.start(work, done=self._listed, failed=self._failed, channel="runs-list")

    def _listed(self, rows: list[RunRow]) -> None:
        chosen = {run.path for run in self._chosen()}
        self._model.set_rows(rows)
        in_lab = any(not panel.isHidden() for panel in self._panels.values())
        self._empty.setVisible(not rows and not in_lab)
        self._content.setVisible(bool(rows) and not in_lab)
        if chosen and not self._chosen():
            self._select(chosen)
        elif not chosen:
            self._show_selected()
        self._selection_changed()

    def _chosen(self) -> list[RunSummary]:
        indexes = self._table.selectionModel().selectedRows()
        return [self._model.rows[index.row()].run for index in sorted(indexes, key=lambda i: i.row())]

    def _single(self) -> RunSummary | None:
        chosen = self._chosen()
        return chosen[0] if len(chosen) == 1 else None

    def _select(self, paths: set[Path]) -> None:
        selection = self._table.selectionModel()
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        self._following = False
        selection.clearSelection()
        for number, row in enumerate(self._model.rows):
            if row.run.path in paths:
                selection.select(self._model.index(number, 0), flags)
                selection.setCurrentIndex(self._model.index(number, 0), QItemSelectionModel.SelectionFlag.NoUpdate)
        self._following = True

    def _show_selected(self) -> None:
        run = self.session.selected_run
        if run is not None and [item.path for item in self._chosen()] != [run] and len(self._chosen()) < 2:
            self._select({run})
            self._selection_changed()

    def _selection_changed(self) -> None:
        chosen = self._chosen()
        if self._following and len(chosen) == 1:
            self.session.select_run(chosen[0].path)
        one = tr("Select one run first.")
        single = chosen[0] if len(chosen) == 1 else None
        set_enabled(self._curves, single is not None, one, self._name_curves(single))
        for button in (self._duplicate, self._rename, self._reveal, self._report):
            set_enabled(button, single is not None, one)
        ready = single is not None and (single.has_weights or single.status == "running")
        why = one if single is None else tr("This run has no trained network yet.")
        set_enabled(self._open, ready, why)
        set_enabled(self._predict, ready, why)
        resumable = single is not None and single.can_resume and not self.session.training
        why = one if single is None else tr("Only a stopped or interrupted run can go on, while no other run trains.")
        set_enabled(self._resume, resumable, why)
        running = any(run.status == "running" for run in chosen)
        why = tr("A run that trains must be stopped first.") if running else tr("Select runs first.")
        set_enabled(self._delete, bool(chosen) and not running, why)
        self._compare_runs(chosen)

    def _name_curves(self, run: RunSummary | None) -> str:
        """The curves of a run that another program trains grow while one looks; returns its tooltip."""
        active = self.session.active
        elsewhere = run is not None and run.status == "running" and (active is None or active.path != run.path)
        words = tr("Watch") if elsewhere else tr("Show curves")
        tip = tr("Show how the selected run learned, on the Train page.")
        if elsewhere:
            tip = tr("Watch how the selected run learns while another program trains it, on the Train page.")
        if words != self._curves.text():
            self._curves.setText(words)
            self._curves.setAccessibleName(words)
            self._curves.setAccessibleDescription(tip)
        return tip

    def _compare_runs(self, chosen: list[RunSummary]) -> None:
        self._compare.setVisible(2 <= len(chosen) <= MOST)
        self._table.setColumnHidden(TASK, 2 <= len(chosen) <= MOST)
        self._hint.setVisible(len(self._model.rows) > 1 and not self._compare.isVisibleTo(self))
        if not 2 <= len(chosen) <= MOST:
            return

        def work(progress: object) -> tuple[list[RunConfig], list[tuple[str, str, list[object]]]]:
            from lstm_studio.runs.compare import differences
            from lstm_studio.runs.folder import RunFolder

            configs = [RunFolder(run.path).config for run in chosen]
            return configs, differences(configs)

        self.session.jobs.start(
            work,
            done=lambda found: self._compare.show_runs(chosen, found[0], found[1]),
            failed=self._failed,
            channel="compare",
        )

    # -- what can be done ------------------------------------------------------------------------------------

    def _go(self, page: str) -> None:
        chosen = self._chosen()
        if len(chosen) == 1:
            self.session.select_run(chosen[0].path)
            self.session.page_requested.emit(page)

    def _resume_run(self) -> None:
        chosen = self._chosen()
        if len(chosen) == 1:
            self.session.resume_run(chosen[0].path)

    def _duplicate_run(self) -> None:
        chosen = self._chosen()
        if len(chosen) == 1:
            self.session.duplicate_run(chosen[0].path)

    def _rename_run(self) -> None:
        indexes = self._table.selectionModel().selectedRows()
        if len(indexes) == 1:
            self._table.edit(self._model.index(indexes[0].row(), NAME))

    def _renamed(self, path: Path, name: str) -> bool:
        try:
            self.session.store.rename(path, name)
        except StudioError as error:
            self._say("warning", error_text(error))
            return False
        self.session.runs_changed.emit()
        return True

    def _reveal_run(self) -> None:
        chosen = self._chosen()
        if len(chosen) == 1 and not QDesktopServices.openUrl(QUrl.fromLocalFile(str(chosen[0].path))):
            self._say("info", tr("The folder is {path}", path=chosen[0].path))

    def _ask_report(self) -> None:
        chosen = self._chosen()
        if len(chosen) != 1:
            return
        start = Path.home() / f"{file_stem(chosen[0].name)}.html"
        name, _ = QFileDialog.getSaveFileName(self, tr("Save a report"), str(start), "HTML (*.html)")
        if name:
            self.save_report(chosen[0].path, Path(name))

    def save_report(self, run: Path, target: Path) -> None:
        """Write a run's report in the window's language; the button says how far it is."""
        words = language()

        def work(progress: Progress) -> Path:
            from lstm_studio.runs.report import save_report
            from lstm_studio.runs.report_words import LANGUAGES

            return save_report(run, target, language=words if words in LANGUAGES else "en", progress=progress)

        def progress(share: float, _words: str) -> None:
            self._report.setText(tr("Writing, {percent} %", percent=f"{100 * max(0.0, share):.0f}"))

        def done(path: Path) -> None:
            self._report.setText(tr("Save a report"))
            self._say(
                "success",
                tr("Saved as {file}.", file=str(path)),
                tr("Open"),
                lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))),
            )

        def failed(error: Exception) -> None:
            self._report.setText(tr("Save a report"))
            self._failed(error)

        self.session.jobs.start(work, done=done, failed=failed, progress=progress, channel="report")

    def _delete_runs(self) -> None:
        deleted: list[Path] = []
        chosen = self._chosen()
        for run in chosen:
            try:
                deleted.append(self.session.store.delete(run.path))
            except StudioError as error:
                self._say("warning", error_text(error))
                break
            if self.session.selected_run == run.path:
                self.session.select_run(None)
        if deleted:
            if len(deleted) == 1:
                words = tr("{run} was deleted.", run=chosen[0].name)
            else:
                words = ntr("{n} run was deleted.", "{n} runs were deleted.", len(deleted))
            self._say("info", words, tr("Undo"), lambda: self._undo(deleted))
        self.session.runs_changed.emit()

    def _undo(self, deleted: list[Path]) -> None:
        self._undo_banner.hide()
        try:
            back = {self.session.store.undo(path) for path in deleted}
        except StudioError as error:
            self._say("warning", error_text(error))
            return
        if len(back) == 1:
            self.session.select_run(next(iter(back)))
        self.session.runs_changed.emit()

    def _try_sample(self) -> None:
        self.session.open_sample("sentiment-contrast")
        self.session.page_requested.emit("data")

    def _say(self, severity: str, words: str, action: str = "", callback: object = None) -> None:
        self._undo_banner.show_message(severity, words, action, callback)  # type: ignore[arg-type]
        self._undo_banner.show()

    def _failed(self, error: Exception) -> None:
        if isinstance(error, StudioError):
            self._say("warning", error_text(error))
        else:
            hub().fail(error)
