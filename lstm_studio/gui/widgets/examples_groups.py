"""The examples in groups that are compared, or by what was taken for what; a group or a cell can be listed alone."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QStackedWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.widgets.basic import Card, SegmentedControl, describe
from lstm_studio.gui.widgets.confusion_table import ConfusionTable
from lstm_studio.gui.widgets.slice_table import SliceTable
from lstm_studio.inspection.examples import Examples, Query, Slice, SliceKind

CELLS = "cells"
"""Beside the kinds of slices: the table of confusions."""


class GroupsCard(Card):
    """A switch, and below it a table of groups or the table of confusions."""

    by_chosen = Signal(object)
    """Other groups are to be shown."""
    picked = Signal(object)
    """A Slice is to be listed alone; None: no longer."""
    cell_picked = Signal(int, int)
    """So is what is of the first class and was read as the second."""

    def __init__(self) -> None:
        super().__init__(tr("Groups"))
        self.by = SegmentedControl([], name=tr("Groups"))
        self.by.changed.connect(self.by_chosen)
        self.by.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.body.addWidget(self.by)
        self.slices = SliceTable()
        self.slices.picked.connect(self.picked)
        self.confusion = ConfusionTable()
        describe(
            self.confusion.table,
            tr("Table of confusions"),
            tr("Rows are the truth, columns what the network read; choose a cell to list its examples."),
            "Alt+C",
        )
        self.confusion.table.setToolTip("")  # each cell has its own
        self.confusion.cell_clicked.connect(self.cell_picked)
        self.confusion.cell_marked.connect(self.cell_picked)
        self.stack = QStackedWidget()
        for widget in (self.slices, self.confusion):
            self.stack.addWidget(widget)
        self.body.addWidget(self.stack, 1)

    @property
    def kind(self) -> SliceKind | None:
        """Which groups are shown; None for the table of confusions."""
        found = self.by.value()
        return None if found == CELLS else found

    def offer(self, examples: Examples, wanted: str) -> None:
        """Offer what such examples can be grouped by; nothing is emitted."""
        kinds: list[tuple[str, str, str]] = [
            ("length", tr("Length"), tr("Short and long examples are compared.")),
            ("unknown", tr("Unknown"), tr("Examples are compared by the share of tokens without a vector.")),
        ]
        if any(examples.classes):
            kinds.insert(0, ("class", tr("Class"), tr("Examples are compared by what is true of them.")))
            kinds.append((CELLS, tr("Mix-ups"), tr("What was taken for what; a cell lists its examples.")))
            nothing = examples.classes.index("") if "" in examples.classes else None
            self.confusion.set_matrix(
                [name or tr("(nothing)") for name in examples.classes],
                examples.confusion(),
                title_rows=tr("In the data"),
                title_columns=tr("Read as"),
                nothing=nothing,
                unit="sentence" if nothing is None else "span",
            )
        names = [name for name, *_ in kinds]
        self.by.set_options(kinds, wanted if wanted in names else names[0])

    def show_groups(self, found: Sequence[Slice] | None, examples: Examples, query: Query) -> None:
        """Show groups, or the table of confusions where there are none; what is listed alone is marked."""
        self.stack.setCurrentWidget(self.confusion if found is None else self.slices)
        if found is not None:
            self.slices.set_slices(found, examples.classes, examples.figure, query.part)

    def mark(self, query: Query) -> None:
        """What is listed alone is another one."""
        self.slices.choose(query.part)
        if query.truth is None or query.said is None:
            self.confusion.table.clearSelection()
        else:
            self.confusion.table.setCurrentIndex(self.confusion.table.counts.index(query.truth, query.said))
