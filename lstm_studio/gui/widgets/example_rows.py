"""The base of tables whose rows are examples: how cells are written, how wide columns are, how a row is opened."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme
from lstm_studio.gui.widgets.basic import describe
from lstm_studio.gui.widgets.bidi import isolated
from lstm_studio.gui.widgets.preview_table import one_line
from lstm_studio.gui.widgets.row_table import RowTable
from lstm_studio.gui.widgets.tips import plain_tip

Index = QModelIndex | QPersistentModelIndex
_ROW, _SHOWN, _TIP = 30, 300, 1500
_NAMES, _NAMED = 180, 500
_MIDDLE = Qt.AlignmentFlag.AlignVCenter


class RowsModel(QAbstractTableModel):
    """What stands in a cell is said by those that derive from it."""

    def text(self, row: int, place: int) -> str:
        """A cell, whole, by its row and the place of its column."""
        raise NotImplementedError

    def title(self, place: int) -> str:
        """What a column is called."""
        raise NotImplementedError

    def help(self, place: int) -> str:
        """What a column says, in one sentence."""
        return ""

    def is_figure(self, place: int) -> bool:
        """Whether numbers stand in a column."""
        return False

    def is_right(self, row: int, place: int) -> bool | None:
        """Whether an answer is right; None where the cell is no answer, or one that is neither."""
        return None

    def names(self, place: int) -> Sequence[str] | None:
        """What may stand in a column of short names; None for columns of texts and figures."""
        return None

    def heading_side(self, place: int) -> Qt.AlignmentFlag:
        """On which side a title stands."""
        return Qt.AlignmentFlag.AlignRight if self.is_figure(place) else Qt.AlignmentFlag.AlignLeft

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < self.columnCount():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.title(section)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.heading_side(section) | _MIDDLE
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.help(section) or None
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, place = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return one_line(self.text(row, place).strip(), _SHOWN)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return (Qt.AlignmentFlag.AlignRight if self.is_figure(place) else Qt.AlignmentFlag.AlignLeft) | _MIDDLE
        if role == Qt.ItemDataRole.ForegroundRole:
            return theme().color("danger") if self.is_right(row, place) is False else None
        if role == Qt.ItemDataRole.FontRole and self.is_figure(place):
            return font("body", tabular=True)
        if role == Qt.ItemDataRole.ToolTipRole and not self.is_figure(place):
            text = self.text(row, place)
            return plain_tip(text[:_TIP] + ("…" if len(text) > _TIP else "")) if len(text) > 20 else None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            said, right = f"{self.title(place)}: {self.text(row, place)[:_TIP]}", self.is_right(row, place)
            return said if right is None else f"{said}, {tr('right') if right else tr('wrong')}"
        return None


class _Cells(QStyledItemDelegate):
    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        option.text = isolated(option.text)
        option.state &= ~QStyle.StateFlag.State_HasFocus


class RowsView(RowTable):
    """Enter or a double click opens a row."""

    row_opened = Signal(int)
    """A row of the model."""

    def __init__(self, rows: RowsModel) -> None:
        super().__init__(rows, _ROW, clickable=False)
        self._rows = rows
        self.setItemDelegate(_Cells(self))
        about = tr("Enter or a double click shows the network while it reads an example.")
        describe(self, tr("Examples"), about, "Alt+W")
        self.setToolTip("")  # cells have their own
        self.doubleClicked.connect(lambda _: self._open())

    def _open(self) -> None:
        index = self.currentIndex()
        if index.isValid():
            self.row_opened.emit(index.row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Figures have the room that they need, names what they need and no more; texts share the rest."""
        titles, cells = QFontMetricsF(font("small", bold=True)), QFontMetricsF(font("body", tabular=True))
        arrow = 34 if self.horizontalHeader().isSortIndicatorShown() else 24
        room, texts = self.viewport().width(), []
        for place in range(self._rows.columnCount()):
            if self.isColumnHidden(place):
                continue
            title, names = titles.horizontalAdvance(self._rows.title(place)) + arrow, self._rows.names(place)
            if self._rows.is_figure(place):
                wide = math.ceil(max(title, cells.horizontalAdvance("100.00 %") + 20))
            elif names is not None:
                longest = max((cells.horizontalAdvance(name) for name in names[:_NAMED]), default=0.0) + 24
                wide = math.ceil(min(max(title, longest), _NAMES))
            else:
                texts.append(place)
                continue
            self.setColumnWidth(place, wide)
            room -= wide
        for number, place in enumerate(texts):
            self.setColumnWidth(place, max(80, room // (len(texts) - number)))
            room -= self.columnWidth(place)

    def sizeHint(self) -> QSize:
        return QSize(560, 320)
