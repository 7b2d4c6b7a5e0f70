"""How the rows of a set that is written by hand are shown: columns, colours, the cursor, and what is chosen."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.basic import describe
from lstm_studio.gui.widgets.hand_model import HandModel, Shown
from lstm_studio.gui.widgets.label_colors import LabelColors, colors_of

_ROW = 32
_LABEL, _MARKS = 190, 0.4
"""Pixels of a column of labels; share of the width of a column of marks."""


class HandView(QTableView):
    """A quiet table over a HandModel; what is done by keys is HandTable's."""

    row_changed = Signal(int)
    """The row of the set that the cursor is in."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hand: HandModel | None = None
        self.typing_over = False
        self._colors = LabelColors()
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        rows = self.verticalHeader()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(_ROW)
        rows.setMinimumWidth(44)
        rows.setHighlightSections(False)
        rows.setFont(font("small", tabular=True))
        rows.setStyleSheet("QHeaderView::section { border: none; font-weight: 400; padding-right: 10px; }")
        rows.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        rows.setToolTip(tr("Click to choose whole rows; Delete removes them."))
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionsClickable(True)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.sectionClicked.connect(self._sort)
        describe(self, tr("Rows of the set"), "")
        self.setAccessibleDescription(
            tr("Type to write, F2 changes a cell, Enter goes down, Tab to the right, figures and first letters label.")
        )
        theme_notifier().changed.connect(self.viewport().update)

    # -- content --------------------------------------------------------------------------------------------

    def set_hand(self, model: HandModel) -> None:
        """Show another set."""
        old = self.hand
        self.hand = model
        self.setModel(model)
        model.rebuilt.connect(self._look_at)
        model.edited.connect(self.recolor)
        self.selectionModel().currentChanged.connect(self._moved)
        if old is not None:
            old.deleteLater()
        self.recolor()
        self._size_columns()
        self.horizontalHeader().setSortIndicatorShown(False)
        self.go_to(0, 0)

    def ink(self, name: str) -> QColor:
        """The colour of a label."""
        return self._colors.of(name) or theme().color("accent")

    def recolor(self) -> None:
        """Labels may be other ones."""
        if self.hand is not None:
            self._colors = colors_of(self.hand.content)
            self.viewport().update()

    def show_rows(self, shown: Shown) -> None:
        """Show some rows only, or sorted; the cursor stays on its row where that is shown."""
        model = self.hand
        if model is None or shown == model.shown:
            return
        row, column = model.row_of(self.currentIndex().row()), max(0, self.currentIndex().column())
        model.show_rows(shown)
        head = self.horizontalHeader()
        head.setSortIndicatorShown(shown.sort is not None)
        if shown.sort is not None:
            order = Qt.SortOrder.DescendingOrder if shown.descending else Qt.SortOrder.AscendingOrder
            head.setSortIndicator(shown.sort, order)
        place = model.place_of(row)
        self.go_to(0 if model.is_empty_row(place) else place, column)

    def _sort(self, column: int) -> None:
        if self.hand is None:
            return
        now = self.hand.shown
        if now.sort != column:
            after = Shown(now.words, now.name, column)
        else:
            after = Shown(now.words, now.name, None if now.descending else column, not now.descending)
        self.show_rows(after)

    def _look_at(self, row: int) -> None:
        """After rows have come or gone: the cursor goes where that happened."""
        if self.hand is not None:
            self.go_to(self.hand.place_of(row) if row >= 0 else 0, self._column)

    _column = 0

    def _moved(self, now: QModelIndex, before: QModelIndex) -> None:
        if self.hand is not None and now.isValid():
            self._column = now.column()
            if now.row() != before.row() or not before.isValid():
                self.row_changed.emit(self.hand.row_of(now.row()))

    def go_to(self, place: int, column: int) -> None:
        """Put the cursor into a shown cell and choose that alone, whatever key is held down."""
        if self.hand is not None:
            place = max(0, min(place, self.hand.rowCount() - 1))
            index = self.hand.index(place, column)
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.scrollTo(index)

    # -- what is chosen -------------------------------------------------------------------------------------

    def chosen_places(self) -> list[int]:
        """The shown rows that have a chosen cell, without the empty one."""
        model = self.hand
        if model is None:
            return []
        parts = self.selectionModel().selection()
        places: set[int] = set()
        for number in range(parts.count()):
            places.update(range(parts.at(number).top(), parts.at(number).bottom() + 1))
        places = places or {self.currentIndex().row()}
        return sorted(place for place in places if place >= 0 and not model.is_empty_row(place))

    def chosen_rows(self) -> list[int]:
        """The same as rows of the set."""
        model = self.hand
        return [model.row_of(place) for place in self.chosen_places()] if model is not None else []

    def whole_rows(self) -> bool:
        """Whether all cells of the chosen rows are chosen."""
        model = self.hand
        places = self.chosen_places()
        return (
            model is not None
            and bool(places)
            and all(self.selectionModel().isRowSelected(place, QModelIndex()) for place in places)
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._size_columns()

    def _size_columns(self) -> None:
        """Labels need little, texts share the rest."""
        model = self.hand
        if model is None:
            return
        room = self.viewport().width()
        columns = model.content.kind.columns
        fixed = {
            place: min(_LABEL, room // 3) if column.holds == "label" else round(_MARKS * room)
            for place, column in enumerate(columns)
            if column.holds != "text"
        }
        texts = len(columns) - len(fixed)
        for place in range(len(columns)):
            self.setColumnWidth(place, fixed.get(place, (room - sum(fixed.values())) // max(1, texts)))
