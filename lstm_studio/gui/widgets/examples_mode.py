"""Every example of a part in a table: sorted, filtered, searched, with calibration and groups beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.gui.i18n import error_text, number, tr
from lstm_studio.gui.jobs import Job, Progress
from lstm_studio.gui.notify import hub
from lstm_studio.gui.session_types import Loading
from lstm_studio.gui.theme import S2
from lstm_studio.gui.widgets.axes import percent
from lstm_studio.gui.widgets.basic import Card, EmptyState, Muted, describe
from lstm_studio.gui.widgets.calibration_chart import CalibrationChart, Caption
from lstm_studio.gui.widgets.examples_filter import ExamplesBar, ExamplesFilter
from lstm_studio.gui.widgets.examples_groups import GroupsCard
from lstm_studio.gui.widgets.examples_reader import ExamplesReader
from lstm_studio.gui.widgets.examples_table import ExamplesTable
from lstm_studio.gui.widgets.loading_strip import LoadingStrip
from lstm_studio.gui.widgets.metrics import shown_metric
from lstm_studio.gui.widgets.network_choice import Network
from lstm_studio.gui.widgets.results_body import Given
from lstm_studio.inspection.examples import Calibration, Examples, Query, Slice, SliceKind, chosen, slices

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session

_TYPING = 150


class ExamplesMode(QWidget):
    """See ``inspect_modes.MODES``."""

    name = "examples"
    sentence_asked = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.reader = ExamplesReader.of(session)
        self.examples: Examples | None = None
        """What is shown."""
        self.rows: np.ndarray = np.empty(0, np.int64)
        """Which of them are listed."""
        self.query = Query()
        self._run: Path | None = None
        self._stopped = False
        self._job: Job | None = None
        self._slices: dict[SliceKind, list[Slice]] = {}
        self._cell: tuple[Path | None, str, str, str] | None = None
        """What is to be listed as soon as the examples are there: run, part, true class, answer."""
        self.bar = ExamplesBar()
        self.bar.part_chosen.connect(self._part_chosen)
        self.bar.again.clicked.connect(self._read)
        self._build()
        self._typing = QTimer(self, singleShot=True, interval=_TYPING)
        self._typing.timeout.connect(self._list)
        session.selected_run_changed.connect(self.look)
        session.run_changed.connect(self._network_moved)
        session.events_arrived.connect(self._network_moved)

    @staticmethod
    def title() -> str:
        """One or two words."""
        return tr("Examples")

    @staticmethod
    def help() -> str:
        """One sentence."""
        return tr("Every text that the network was checked with, in a table: what it says, how sure, how wrong.")

    # -- building -------------------------------------------------------------------------------------------

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S2)
        self.loading = LoadingStrip(self._stop)
        describe(self.loading.cancel, tr("Cancel"), tr("Stops reading the examples; nothing of them is kept."), "Alt+C")
        column.addWidget(self.loading)
        self.pages = QStackedWidget()
        column.addWidget(self.pages, 1)
        self.empty = EmptyState("table", "", "", [(tr("Read the examples"), self._read, False)])
        self.pages.addWidget(self.empty)
        self.content = QSplitter(Qt.Orientation.Horizontal)
        self.content.setChildrenCollapsible(False)
        self.content.setHandleWidth(S2)
        self.content.addWidget(self._table_card())
        right = QSplitter(Qt.Orientation.Vertical)
        right.setChildrenCollapsible(False)
        right.setHandleWidth(S2)
        right.addWidget(self._calibration_card())
        right.addWidget(self._groups_card())
        right.setMinimumWidth(376)
        self.content.addWidget(right)
        self.content.setStretchFactor(0, 5)
        self.content.setStretchFactor(1, 2)
        self.content.setSizes([780, 420])
        self.pages.addWidget(self.content)
        back = QShortcut(QKeySequence(Qt.Key.Key_Escape), self.content, self.show_all)
        back.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _table_card(self) -> Card:
        card = Card(tr("Examples"))
        card.setMinimumWidth(480)
        self.count = Muted("", wrap=False)
        card.header.addWidget(self.count)
        self.filter = ExamplesFilter()
        self.filter.changed.connect(self._filter_changed)
        self.filter.typed.connect(self._typed)
        self.table = ExamplesTable()
        self.table.view.sorted.connect(self._sorted)
        self.table.opened.connect(self._open)
        card.body.addWidget(self.filter)
        card.body.addWidget(self.table, 1)
        return card

    def _calibration_card(self) -> Card:
        card = self.calibration_card = Card(tr("Calibration"))
        self.error = Muted("", wrap=False)
        self.error.setToolTip(
            tr("The mean distance between how sure the network is and how often it is right; 0 is perfect (Guo 2017).")
        )
        card.header.addWidget(self.error)
        self.calibration = CalibrationChart()
        self.about = Caption("")
        card.body.addWidget(self.calibration, 1)
        card.body.addWidget(self.about)
        return card

    def _groups_card(self) -> GroupsCard:
        card = self.groups = GroupsCard()
        card.by_chosen.connect(self._by_chosen)
        card.picked.connect(lambda part: self._follow(part=part))
        card.cell_picked.connect(self._cell_picked)
        self.by, self.slice_table, self.confusion = card.by, card.slices, card.confusion
        return card

    # -- following the session ------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._typing.stop()
        if self._job is not None:
            self._job.cancel()
            self._job = None
            self.loading.show_loading(None)

    @Slot()
    def look(self) -> None:
        """Show the selected run's examples; read them if that has not been done yet and nobody has stopped it."""
        run = self.session.selected_run
        if run is None or not self.isVisible():
            return
        if run != self._run:
            if self._job is not None:
                self._job.cancel()
                self._job = None
                self.loading.show_loading(None)
            self._run, self._stopped, self.query = run, False, Query()
            self.table.view.sort = (self.query.sort, self.query.falling)
            self._show(None)
        part, network = self._wanted(), Network(run)
        known = self.reader.known(network, part)
        if known is None and part != "validation":
            part = "validation"
            known = self.reader.known(network, part)
        if known is not None and known is not self.examples:
            self._show(known)
        # What was read while it trains stays until somebody wants it anew; a saved network has changed for good.
        wanted = not self.reader.fresh(network, part) and (known is None or self.reader.stamp(network)[0] == "saved")
        if wanted and self._job is None and not self._stopped:
            self._read()
        self._network_moved()

    @Slot()
    def _network_moved(self) -> None:
        """Offer to read again what the network has gone beyond."""
        if not self.isVisible() or self._run is None or self._run != self.session.selected_run:
            return
        stale = self.examples is not None and not self.reader.fresh(Network(self._run), self.examples.part)
        self.bar.again.setVisible(stale and self._job is None)

    def _wanted(self) -> str:
        return str(self.session.settings.noted("inspect", "part", "validation"))

    def _part_chosen(self, part: str) -> None:
        self.session.settings.note("inspect", part=part)
        self.session.save_soon()
        self._stopped = False
        self.query = replace(self.query, part=None)
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self.look()

    # -- reading --------------------------------------------------------------------------------------------

    def _read(self) -> None:
        run = self.session.selected_run
        if run is None:
            return
        self._stopped = False
        part = self._wanted()
        if self.examples is not None and part not in self.examples.parts:
            part = "validation"
        title = self.session.run_name(run)
        self.loading.show_loading(Loading(title))

        def ended() -> bool:
            self._job = None
            self.loading.show_loading(None)
            return self.session.selected_run == run

        def done(examples: Examples) -> None:
            if ended():
                self._show(examples)

        def failed(error: Exception) -> None:
            if not ended():
                return
            self._cell = None
            if isinstance(error, StudioError):
                if part != "validation" and self.examples is None:  # another run has had such a part
                    self.session.settings.note("inspect", part="validation")
                    self._read()
                    return
                self._stopped = True
                self._show(None, error_text(error))
            elif not isinstance(error, Cancelled):
                hub().fail(error)

        def progress(share: float, words: str) -> None:
            self.loading.show_loading(Loading(title, share, words))

        self._job = self.reader.read(Network(run), part, done, failed, progress, "examples")
        self._show_empty()
        self._network_moved()

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._job, self._stopped, self._cell = None, True, None
        self.loading.show_loading(None)
        self._show_empty()
        self._network_moved()

    # -- showing --------------------------------------------------------------------------------------------

    def _show(self, examples: Examples | None, problem: str = "") -> None:
        before, self.examples = self.examples, examples
        self._slices = {}
        if examples is None:
            self.rows = self.rows[:0]
            self.bar.show_examples(None)
            self._show_empty(problem)
            return
        if before is None or before.classes != examples.classes or before.part != examples.part:
            self.query = replace(self.query, truth=None, said=None, part=None)
        else:
            self.query = replace(self.query, part=None)
        self._take_cell()
        self.bar.show_examples(examples)
        self.pages.setCurrentWidget(self.content)
        self.groups.offer(examples, self.session.settings.noted("inspect", "groups", "class"))
        self._follow()

    def _show_empty(self, problem: str = "") -> None:
        if self.examples is not None:
            return
        self.pages.setCurrentWidget(self.empty)
        reading = self._job is not None
        self.empty.buttons[0].setVisible(not reading)
        self.empty.title.setText(tr("The examples are being read") if reading else tr("No examples have been read yet"))
        self.empty.text.setText(
            problem
            or tr("Each text of the validation part stands here with what is true, what the network says of it, how "
                  "sure it is and how wrong; groups of them are compared.")
        )  # fmt: skip
        if problem:
            self.empty.title.setText(tr("The examples cannot be read"))

    def _list(self) -> None:
        """Find out what is to be listed, and its figures."""
        self._typing.stop()
        examples, query = self.examples, self.query
        if examples is None:
            return
        by = self.groups.kind
        known = self._slices.get(by) if by is not None else None

        def work(progress: Progress) -> tuple[np.ndarray, float, Calibration, list[Slice] | None]:
            rows = chosen(examples, query)
            found = slices(examples, by) if known is None and by is not None else known
            return rows, examples.value(rows), examples.calibration(rows), found

        def done(found: tuple[np.ndarray, float, Calibration, list[Slice] | None]) -> None:
            if examples is not self.examples:
                return
            self.rows, value, calibration, own = found
            if by is not None and own is not None:
                self._slices[by] = own
            self.table.set_rows(examples, self.rows, tr("No example is like this."))
            listed, every = number(len(self.rows)), number(len(examples))
            self.count.setText(every if listed == every else tr("{n} of {all}", n=listed, all=every))
            self.bar.show_value(shown_metric(examples.figure, value), len(self.rows))
            self._show_calibration(examples, calibration)
            if self.groups.kind == by:
                self.groups.show_groups(own, examples, query)

        self.session.jobs.start(work, done=done, channel="examples-list")

    def _show_calibration(self, examples: Examples, found: Calibration) -> None:
        self.calibration.set_calibration(found, examples.decides)
        self.error.setText(tr("Calibration error {share}", share=percent(found.error)) if found.total else "")
        said = {
            "text": tr("Bars: how many texts were read rightly."),
            "word": tr("Bars: how many words got the right tag."),
            "token": tr("Bars: how often the likeliest next token was the true one."),
        }[examples.decides]
        line = tr("On the line the network is as sure as it is right; red is what it is too sure.")
        self.about.setText(f"{said} {line}")

    # -- what a person does ---------------------------------------------------------------------------------

    def _typed(self, words: str) -> None:
        self.query = replace(self.query, words=words)
        self._typing.start()

    def _filter_changed(self, values: dict[str, Any]) -> None:
        self._follow(**values)

    def _follow(self, **values: Any) -> None:
        """List something else."""
        self.query = replace(self.query, **values)
        self.groups.mark(self.query)
        if self.examples is not None:
            self.filter.show_query(self.query, self.examples)
        self._list()

    def _sorted(self, column: Any, falling: bool) -> None:
        self.query = replace(self.query, sort=column, falling=falling)
        self._list()

    def _by_chosen(self, kind: str) -> None:
        self.session.settings.note("inspect", groups=kind)
        self.session.save_soon()
        self._list()

    def _cell_picked(self, truth: int, said: int) -> None:
        again = (self.query.truth, self.query.said) == (truth, said)
        self._follow(truth=None if again else truth, said=None if again else said)

    def show_cell(self, part: str, truth: str, said: str) -> None:
        """List the examples of a part of which ``truth`` is true and ``said`` was read, by names of classes; "" is
        nothing at all. They are read first where that has not been done."""
        self._cell, self._stopped = (self.session.selected_run, part, truth, said), False
        if part != self._wanted():
            self._part_chosen(part)
        else:
            self.look()
        if self._take_cell():
            self._follow()

    def _take_cell(self) -> bool:
        """Ask for what was wanted before the examples were there; whether there was something."""
        examples = self.examples
        if self._cell is None or examples is None or (self._run, examples.part) != self._cell[:2]:
            return False
        (_, _, *names), self._cell = self._cell, None
        if all(name in examples.classes for name in names):
            truth, said = (examples.classes.index(name) for name in names)
            self.query = Query(truth=truth, said=said, sort=self.query.sort, falling=self.query.falling)
        return True

    @Slot()
    def show_all(self) -> None:
        """End all filters."""
        self.query = Query(sort=self.query.sort, falling=self.query.falling)
        self._follow(part=None)

    def _open(self, row: int) -> None:
        examples = self.examples
        if examples is None:
            return
        # The text lies on disk: it is read where that may take its time.
        self.session.jobs.start(
            lambda progress: examples.question(row),
            done=lambda asked: self.sentence_asked.emit(Given(**asked)),
            channel="examples-open",
        )
