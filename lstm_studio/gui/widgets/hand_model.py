"""The rows of a set that is written by hand, as the table shows them: all or some, as typed or sorted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from lstm_studio.data.handmade import HandSet
from lstm_studio.data.handmade_changes import Change, Splice
from lstm_studio.data.handmade_words import hand_words, join, spans_of
from lstm_studio.errors import StudioError
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.widgets.preview_table import one_line, tip

Index = QModelIndex | QPersistentModelIndex
_SHORT = 40


@dataclass(frozen=True)
class Shown:
    """Which rows are shown: with these words, with this label ("" for none; None for all), sorted by a column."""

    words: str = ""
    name: str | None = None
    sort: int | None = None
    descending: bool = False


class HandModel(QAbstractTableModel):
    """All rows that ``shown`` asks for, and below them an empty one to write in.

    A row that is given another label stays where it is until other rows are asked for.
    """

    refused = Signal(object)
    """A StudioError: what was typed cannot be kept."""
    rebuilt = Signal(int)
    """Rows came, went or changed places; look at this one (its place in the set, -1 for any)."""
    edited = Signal()
    """Anything changed."""

    def __init__(self, content: HandSet) -> None:
        super().__init__()
        self.content = content
        self.shown = Shown()
        self._places = list(range(len(content.rows)))
        content.listeners.append(self._changed)

    # -- places ---------------------------------------------------------------------------------------------

    def row_of(self, place: int) -> int:
        """Where a shown row stands in the set; behind the last for the empty one."""
        return self._places[place] if 0 <= place < len(self._places) else len(self.content.rows)

    def place_of(self, row: int) -> int:
        """Where a row of the set is shown; the empty row for one that is not."""
        if row < len(self._places) and self._places[row] == row:
            return row
        try:
            return self._places.index(row)
        except ValueError:
            return len(self._places)

    def is_empty_row(self, place: int) -> bool:
        """Whether this is the row to write in."""
        return place >= len(self._places)

    def show_rows(self, shown: Shown) -> None:
        """Show others, or in another order."""
        self.shown = shown
        self.beginResetModel()
        self._places = self._wanted()
        self.endResetModel()

    def _wanted(self) -> list[int]:
        rows, kind, shown = self.content.rows, self.content.kind, self.shown
        keep: Callable[[int], bool] = lambda row: True  # noqa: E731 - the usual case costs nothing
        if shown.name == "":
            keep = lambda row: self.content.lacks_label(rows[row])  # noqa: E731
        elif (name := shown.name) is not None:
            keep = lambda row: name in kind.names_in(rows[row])  # noqa: E731
        words = shown.words.casefold()
        found = [
            row for row in range(len(rows)) if keep(row) and (not words or words in "\n".join(rows[row]).casefold())
        ]
        if shown.sort is not None and shown.sort < len(kind.columns):
            column = shown.sort
            if column == kind.labelled and not kind.marks:
                order = {name: at for at, name in enumerate(self.content.classes)}
                found.sort(key=lambda row: order.get(rows[row][column], len(order)), reverse=shown.descending)
            else:
                found.sort(key=lambda row: rows[row][column].casefold(), reverse=shown.descending)
        return found

    def _changed(self, change: Change) -> None:
        steps = [step for step in change.steps if isinstance(step, Splice)]
        if not steps:
            last = self.index(self.rowCount() - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)
        else:
            # Rows are in the set already; the model tells of them by its own list of places.
            before = sum(len(step.old) - len(step.new) for step in steps) + len(self.content.rows)
            appended = len(steps) == 1 and not steps[0].old and steps[0].at == before
            if appended:
                self._append(len(steps[0].new))
            else:
                self.beginResetModel()
                self._places = self._wanted()
                self.endResetModel()
                first = change.first_row
                self.rebuilt.emit(-1 if first is None else first)
        self.edited.emit()

    def _append(self, count: int) -> None:
        """The empty row has become the first new one; below it there is another."""
        at, total = len(self._places), len(self.content.rows)
        self.beginInsertRows(QModelIndex(), at + 1, at + count)
        self._places += range(total - count, total)
        self.endInsertRows()
        self.dataChanged.emit(self.index(at, 0), self.index(at, self.columnCount() - 1))
        self.headerDataChanged.emit(Qt.Orientation.Vertical, at, at + count)

    # -- Qt -------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._places) + 1

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.content.kind.columns)

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.isValid() and self.content.kind.columns[index.column()].holds != "tags":
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def cell(self, place: int, column: int) -> str:
        """The whole cell, "" in the empty row."""
        return "" if self.is_empty_row(place) else self.content.rows[self._places[place]][column]

    def words_of(self, place: int, column: int) -> str:
        """A cell as it is read: of tags, the marked words and their types."""
        text = self.cell(place, column)
        if not text or self.content.kind.columns[column].holds != "tags":
            return text
        words = hand_words(self.cell(place, 0))
        said = [f"{join(words[span.start : span.end])}: {span.type}" for span in spans_of(text)]
        return "   ".join(said)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.EditRole:
            return self.cell(index.row(), index.column())
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        text = self.words_of(index.row(), index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return one_line(text)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            title = tr(self.content.kind.columns[index.column()].title)
            return f"{title}: {one_line(text)}" if text else tr("{column}: empty", column=title)
        return tip(text) if len(text) > _SHORT or "\n" in text else None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if not index.isValid() or role != Qt.ItemDataRole.EditRole:
            return False
        try:
            self.content.set_cell(self.row_of(index.row()), index.column(), str(value))
        except StudioError as error:
            self.refused.emit(error)
            return False
        return True

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Vertical:
            if role == Qt.ItemDataRole.DisplayRole:
                return "+" if self.is_empty_row(section) else f"{self.row_of(section) + 1:,}"
            return None
        if section >= self.columnCount():
            return None
        column = self.content.kind.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return tr(column.title)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{tr(column.help)} {tr('Click to sort; a third click shows the rows as they were typed.')}"
        return None

    def forget(self) -> None:
        """The set has another model now."""
        self.content.listeners.remove(self._changed)
