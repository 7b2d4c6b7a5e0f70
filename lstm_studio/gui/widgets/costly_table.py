"""The tokens that cost a language model most, a row each."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, QSortFilterProxyModel, Qt
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QResizeEvent

from lstm_studio.gui.i18n import number, tr
from lstm_studio.gui.theme import font
from lstm_studio.gui.widgets.axes import percent
from lstm_studio.gui.widgets.basic import describe
from lstm_studio.gui.widgets.row_table import RowTable
from lstm_studio.gui.widgets.tips import plain_tip
from lstm_studio.gui.widgets.token_axis import visible_token
from lstm_studio.runs.results_texts import LINE_ENDS, TextsResults

Index = QModelIndex | QPersistentModelIndex
TOKEN, COUNT, LOSS, SHARE = range(4)
_ROW = 28
_NARROW = 250
_SORT = Qt.ItemDataRole.UserRole


class CostlyModel(QAbstractTableModel):
    """Rows of CostlyToken."""

    def __init__(self) -> None:
        super().__init__()
        self._part: TextsResults | None = None

    def fill(self, part: TextsResults) -> None:
        """Those of a part."""
        self.beginResetModel()
        self._part = part
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        inside = parent is not None and parent.isValid()
        return 0 if inside or self._part is None else len(self._part.costly)

    def columnCount(self, parent: Index | None = None) -> int:
        return 4

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (tr("Token"), tr("Count"), tr("Loss"), tr("Of all"))[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if section == TOKEN else Qt.AlignmentFlag.AlignRight
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            return (
                "",
                tr("How often the token stands in this part of the data."),
                tr("How surprised the network is by it on average."),
                tr("The share of the whole loss that comes from this token; it is in this order at first."),
            )[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or self._part is None:
            return None
        one, column = self._part.costly[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            name = LINE_ENDS[0] if one.token in LINE_ENDS else visible_token(one.token)
            return (name, number(one.count), f"{one.loss:.2f}", percent(self._part.share(one)))[column]
        if role == _SORT:
            return (one.token.casefold(), one.count, one.loss, one.cost)[column]
        if role == Qt.ItemDataRole.TextAlignmentRole and column != TOKEN:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.FontRole and column != TOKEN:
            return font("body", tabular=True)
        if role == Qt.ItemDataRole.ToolTipRole and column == TOKEN:
            return plain_tip(one.token) if len(one.token) > 12 else None
        if role == Qt.ItemDataRole.AccessibleTextRole and column:
            said = self.headerData(column, Qt.Orientation.Horizontal)
            return f"{self.data(self.index(index.row(), TOKEN))}, {said}: {self.data(index)}"
        return None


class CostlyTable(RowTable):
    """A click on a title sorts by it."""

    def __init__(self) -> None:
        self.figures = CostlyModel()
        self.sorted = QSortFilterProxyModel()
        self.sorted.setSourceModel(self.figures)
        self.sorted.setSortRole(_SORT)
        super().__init__(self.sorted, _ROW, TOKEN)
        self.setSortingEnabled(True)
        self.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.setMinimumHeight(3 * _ROW)
        describe(
            self,
            tr("Costliest tokens"),
            tr("The tokens that make up most of the loss; click a title, or press 1 to 4, to sort by it."),
            "Alt+S",
        )
        self.setToolTip("")

    def show_part(self, part: TextsResults) -> None:
        """Show the costliest tokens of a part."""
        self.figures.fill(part)
        titles, cells = QFontMetricsF(font("small", bold=True)), QFontMetricsF(font("body", tabular=True))
        count = number(max((one.count for one in part.costly), default=0))
        for column, words in ((COUNT, count), (LOSS, "10.00"), (SHARE, percent(0.1))):
            title = str(self.figures.headerData(column, Qt.Orientation.Horizontal))
            wide = max(titles.horizontalAdvance(title) + 22, cells.horizontalAdvance(words) + 24)
            self.setColumnWidth(column, math.ceil(wide))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """In a narrow window the counts stay away."""
        self.setColumnHidden(COUNT, self.viewport().width() < _NARROW)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        column = event.key() - Qt.Key.Key_1
        if 0 <= column < 4:
            header = self.horizontalHeader()
            falling = header.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
            again = header.sortIndicatorSection() == column
            order = Qt.SortOrder.AscendingOrder if again and falling else Qt.SortOrder.DescendingOrder
            self.sortByColumn(column, order)
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(300, 160)
