"""The trials of a sweep as a table that is kept up to date while they train."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPointF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from lstm_studio.config.describe import OptionInfo
from lstm_studio.gui.i18n import duration, tr
from lstm_studio.gui.theme import font, theme
from lstm_studio.gui.widgets.basic import describe
from lstm_studio.gui.widgets.metrics import metric_title, shown_metric
from lstm_studio.gui.widgets.row_table import RowTable
from lstm_studio.gui.widgets.sweep_fields import value_words
from lstm_studio.runs.sweep_rows import TrialRow

Index = QModelIndex | QPersistentModelIndex
NUMBER, STATE, VALUE, EPOCH, TIME, FIRST = range(6)
_ROW = 30
_WIDTHS = {NUMBER: 68, STATE: 104, VALUE: 84, EPOCH: 64, TIME: 84}
ROLES = {"running": "success", "done": "accent", "pruned": "text_muted", "failed": "danger", "stopped": "warning"}


def state_words(state: str) -> str:
    """What has become of a trial, in the person's language."""
    return {
        "waiting": tr("Waiting"),
        "running": tr("Training"),
        "done": tr("Finished"),
        "pruned": tr("Pruned"),
        "failed": tr("Failed"),
        "stopped": tr("Stopped"),
    }.get(state, state)


class SweepModel(QAbstractTableModel):
    """A row each trial, the newest first or sorted by a column; a column each setting that is varied."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[TrialRow] = []
        self.fields: dict[str, OptionInfo] = {}
        self.metric = ""
        self.best: int | None = None
        self.picked: frozenset[int] | None = None
        """Numbers of the trials that a brush has picked; None for all."""
        self._sorted: tuple[int, bool] = (NUMBER, True)

    def set_rows(
        self, rows: Sequence[TrialRow], fields: Mapping[str, OptionInfo], metric: str, best: int | None
    ) -> None:
        """Show these; the same trials are changed in place."""
        ordered = self._order(rows)
        same = dict(fields) == self.fields and [row.number for row in ordered] == [row.number for row in self.rows]
        if not same:
            self.beginResetModel()
        self.rows, self.fields, self.metric, self.best = ordered, dict(fields), metric, best
        if not same:
            self.endResetModel()
        elif self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, self.columnCount() - 1))

    def set_picked(self, picked: frozenset[int] | None) -> None:
        """Make the others pale."""
        if picked != self.picked:
            self.picked = picked
            if self.rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, self.columnCount() - 1))

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.beginResetModel()
        self._sorted = (column, order == Qt.SortOrder.DescendingOrder)
        self.rows = self._order(self.rows)
        self.endResetModel()

    def _order(self, rows: Sequence[TrialRow]) -> list[TrialRow]:
        column, down = self._sorted

        def key(row: TrialRow) -> tuple[bool, Any]:
            found: Any = (row.number, row.state, row.value, row.epoch, row.seconds)[column] if column < FIRST else None
            if column >= FIRST and column - FIRST < len(self.fields):
                found = row.values.get(list(self.fields)[column - FIRST])
            missing = found is None
            if isinstance(found, str):
                return missing != down, (1, 0.0, found)
            return missing != down, (0, float(found or 0), "")

        return sorted(rows, key=key, reverse=down)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return FIRST + len(self.fields)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        if section >= FIRST:
            return tr(list(self.fields.values())[section - FIRST].title)
        metric = metric_title(self.metric) if self.metric else tr("Result")
        return (tr("Trial"), tr("State"), metric, tr("Epoch"), tr("Time"))[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.words(row, column)
        if role == Qt.ItemDataRole.UserRole:
            return row
        if role == Qt.ItemDataRole.FontRole:
            bold = row.number == self.best and column in (NUMBER, VALUE)
            return font("body", tabular=True, bold=bold)
        if role == Qt.ItemDataRole.ForegroundRole and self.picked is not None and row.number not in self.picked:
            return theme().color("text_disabled")
        if role == Qt.ItemDataRole.ToolTipRole and column == STATE:
            return tr(row.message) or {
                "pruned": tr("It was ended early, since other trials did better."),
                "stopped": tr("It was stopped; another trial goes on with it."),
            }.get(row.state)
        return None

    def words(self, row: TrialRow, column: int) -> str:
        """A cell in words."""
        if column >= FIRST:
            name, option = list(self.fields.items())[column - FIRST]
            return value_words(option, row.values[name]) if name in row.values else "–"
        return (
            str(row.number + 1),
            state_words(row.state),
            shown_metric(self.metric, row.value) if row.value is not None else "–",
            str(row.epoch) if row.epoch else "–",
            duration(row.seconds) if row.state != "waiting" else "–",
        )[column]


class _StateDelegate(QStyledItemDelegate):
    """A dot before the state."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        option.state &= ~QStyle.StateFlag.State_HasFocus
        if index.column() == STATE:
            option.text = f"    {option.text}"

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        row = index.data(Qt.ItemDataRole.UserRole)
        if index.column() == STATE and isinstance(row, TrialRow):
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color(ROLES.get(row.state, "text_muted")))
            painter.drawEllipse(QPointF(option.rect.left() + 14, option.rect.center().y() + 0.5), 4, 4)
            painter.restore()


class SweepTable(RowTable):
    """Trials; its model keeps them in order."""

    def __init__(self) -> None:
        self.trials = SweepModel()
        super().__init__(self.trials, _ROW)
        self.setItemDelegate(_StateDelegate(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setSortingEnabled(True)
        self.horizontalHeader().setSortIndicator(NUMBER, Qt.SortOrder.DescendingOrder)
        describe(
            self, tr("Trials"), tr("The trials of the sweep; double-click one to look into its run, or press Enter.")
        )
        self.setToolTip("")
        self.trials.modelReset.connect(self._size)

    def _size(self) -> None:
        header = self.horizontalHeader()
        for column in range(self.trials.columnCount()):
            if column >= FIRST:
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
            else:
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
                header.resizeSection(column, _WIDTHS[column])
        header.setMinimumSectionSize(68)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)

    def number(self) -> int | None:
        """Of the trial that is selected."""
        rows = self.selectionModel().selectedRows()
        return self.trials.rows[rows[0].row()].number if rows else None

    def select_number(self, number: int) -> None:
        """Select a trial and bring it into sight."""
        for place, row in enumerate(self.trials.rows):
            if row.number == number:
                self.selectRow(place)
                self.scrollTo(self.trials.index(place, 0))
