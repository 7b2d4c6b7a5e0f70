"""The trials of a sweep: a table, and below it all settings together or one at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from lstm_studio.config.describe import OptionInfo
from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.theme import S1
from lstm_studio.gui.widgets.basic import Card, EmptyState, LinkButton, Muted, SegmentedControl, describe, reachable
from lstm_studio.gui.widgets.parallel_axes import ParallelAxes
from lstm_studio.gui.widgets.sweep_scale import scale_of, scale_of_metric
from lstm_studio.gui.widgets.sweep_slices import SweepSlices
from lstm_studio.gui.widgets.sweep_table import SweepTable
from lstm_studio.runs.sweep_rows import TrialRow

if TYPE_CHECKING:
    from lstm_studio.runs.sweep import Sweep

_TOGETHER, _APART = "together", "apart"


class SweepResults(Card):
    """What is selected or picked in one of them shows in the others."""

    opened = Signal(int)
    """Number of a trial whose run is to be opened."""
    selected = Signal()

    def __init__(self) -> None:
        super().__init__(tr("Results"))
        self.words = Muted("")
        self.stack = QStackedWidget()
        self.empty = EmptyState(
            "compare",
            tr("Which settings are best?"),
            tr(
                "Choose settings and ranges on the left. Each trial trains a network with other values; what they "
                "came to will stand here, with the settings that mattered."
            ),
        )
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self._content())
        self.body.addWidget(self.stack, 1)

    def _content(self) -> QWidget:
        self.table = SweepTable()
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._selected())
        self.table.doubleClicked.connect(lambda index: self.opened.emit(self.table.trials.rows[index.row()].number))
        self.axes, self.slices = ParallelAxes(), SweepSlices()
        self.axes.picked.connect(self._pick)
        for chart in (self.axes, self.slices):
            chart.chosen.connect(self.table.select_number)
        self.which = SegmentedControl(
            [
                (_TOGETHER, tr("All settings together"), tr("Each line is a trial, from setting to setting.")),
                (
                    _APART,
                    tr("One setting at a time"),
                    tr("How good the trials were by each setting, and what matters."),
                ),
            ],
            _TOGETHER,
            tr("Charts of the sweep"),
        )
        self.which.changed.connect(self._turn)
        self.caption = Muted("")
        self.all = LinkButton(tr("Show all"), "close", self._show_all)
        describe(self.all, tr("Show all"), tr("Takes back what was picked on the axes."))
        self.all.hide()
        bar = QHBoxLayout()
        bar.setSpacing(S1)
        bar.addWidget(self.which)
        bar.addWidget(self.all)
        bar.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.slices)
        self.slices.setObjectName("content")
        reachable(scroll, tr("One setting at a time"))
        self.charts = QStackedWidget()
        self.charts.addWidget(self.axes)
        self.charts.addWidget(scroll)
        below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(0, S1, 0, 0)
        column.setSpacing(S1)
        column.addLayout(bar)
        column.addWidget(self.charts, 1)
        column.addWidget(self.caption)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(below)
        split.setStretchFactor(0, 2)
        split.setStretchFactor(1, 3)
        split.setSizes([230, 330])
        place = QWidget()
        outer = QVBoxLayout(place)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.words)
        outer.addWidget(split, 1)
        self._turn(_TOGETHER)
        return place

    def clear(self) -> None:
        """No sweep is chosen."""
        self.stack.setCurrentIndex(0)

    def say(self, words: str) -> None:
        """How far it is."""
        if words != self.words.text():
            self.words.setText(words)

    def show_trials(
        self,
        rows: Sequence[TrialRow],
        fields: Mapping[str, OptionInfo],
        sweep: Sweep,
        importance: Mapping[str, float],
        why: str,
    ) -> None:
        """Show a sweep's trials.

        Args:
            rows, fields: The trials, and the settings that are varied.
            sweep: Names the ranges and the watched figure.
            importance, why: Of each setting; or why it cannot be told.
        """
        self.stack.setCurrentIndex(1)
        number = self.table.number()
        done = [row for row in rows if row.state == "done" and row.value is not None]
        sign = 1 if sweep.higher_is_better else -1
        best = max(done, key=lambda row: sign * (row.value or 0.0)).number if done else None
        self.table.trials.set_rows(rows, fields, sweep.metric, best)
        if number is not None and self.table.number() != number:
            self.table.select_number(number)
        ranges = sweep.config.fields
        scales = [scale_of(name, option, ranges[name]) for name, option in fields.items()]
        scales.append(scale_of_metric(sweep.metric, rows))
        self._why = why
        self.slices.set_trials(scales, rows, sweep.metric, importance)
        self.axes.set_trials(scales, rows, sweep.metric)
        self._caption()

    def row(self) -> TrialRow | None:
        """The trial that is selected."""
        number = self.table.number()
        return next((row for row in self.table.trials.rows if row.number == number), None)

    _why = ""

    def _selected(self) -> None:
        number = self.table.number()
        self.axes.mark_trial(number)
        self.slices.mark_trial(number)
        self.selected.emit()

    def _pick(self, picked: frozenset[int] | None) -> None:
        self.table.trials.set_picked(picked)
        self.slices.set_picked(picked)
        self.all.setVisible(picked is not None)
        if picked is not None:
            self.all.setText(tr("Show all") + " · " + ntr("{n} trial is picked", "{n} trials are picked", len(picked)))

    def _show_all(self) -> None:
        self.axes.brushes = {}
        self.axes.brush(0, None)

    def _turn(self, which: object) -> None:
        self.charts.setCurrentIndex(0 if which == _TOGETHER else 1)
        self._caption()

    def _caption(self) -> None:
        if self.charts.currentIndex() == 0:
            words = tr(
                "Each line is a trial, the better the stronger; dashed: pruned. Drag along an axis to pick trials."
            )
        elif self.slices.importance:
            words = tr(
                "Each dot is a trial; rings were pruned. The bar: how much of what sets good trials apart it explains."
            )
        else:
            words = " ".join(part for part in (tr("Each dot is a trial; rings were pruned."), self._why) if part)
        self.caption.setText(words)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.table.hasFocus():
            number = self.table.number()
            if number is not None:
                self.opened.emit(number)
                return
        super().keyPressEvent(event)
