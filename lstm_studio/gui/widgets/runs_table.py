"""The list of runs: a table model, and the drawing of its status dots and sparklines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme
from lstm_studio.gui.widgets.metrics import best_place, metric_title, shown_metric

if TYPE_CHECKING:
    from lstm_studio.runs.store import RunSummary

Index = QModelIndex | QPersistentModelIndex
NAME, STATUS, BEST, CURVE, TASK, DATA, DATE = range(7)
_NARROW = 720
ROLES = {
    "running": "success",
    "paused": "warning",
    "finished": "accent",
    "stopped": "text_muted",
    "interrupted": "warning",
    "failed": "danger",
    "new": "text_muted",
}


def status_words(status: str) -> str:
    """A status in the person's language."""
    return {
        "new": tr("New"),
        "running": tr("Training"),
        "paused": tr("Paused"),
        "finished": tr("Finished"),
        "stopped": tr("Stopped"),
        "interrupted": tr("Interrupted"),
        "failed": tr("Failed"),
    }.get(status, status)


def metric_value(name: str, value: float | None) -> str:
    """A figure as it is shown, in one line; a dash for none."""
    return "–" if value is None else shown_metric(name, value).replace(" ", "\u00a0")


def when_words(when: datetime) -> str:
    """Today's runs by the hour, others by the day."""
    local = when.astimezone()
    now = datetime.now().astimezone()
    if local.date() == now.date():
        return tr("Today {time}", time=f"{local:%H:%M}")
    return f"{local:%Y-%m-%d %H:%M}"


@dataclass(frozen=True)
class RunRow:
    """One run and the figure after each of its epochs."""

    run: RunSummary
    curve: tuple[float, ...]


class RunsModel(QAbstractTableModel):
    """Rows of RunRow. A run's name can be edited in place; ``renamed`` is called with row and name."""

    def __init__(self, renamed: Any) -> None:
        super().__init__()
        self.rows: list[RunRow] = []
        self._renamed = renamed

    def set_rows(self, rows: Sequence[RunRow]) -> None:
        """Show other rows; a change in place keeps the selection."""
        same = [row.run.path for row in rows] == [row.run.path for row in self.rows]
        if same:
            self.rows = list(rows)
            if self.rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, DATE))
            return
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return DATE + 1

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        titles = (tr("Name"), tr("Status"), tr("Best"), tr("Validation"), tr("Task"), tr("Data"), tr("Date"))
        return titles[section]

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == NAME else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], index.column()
        run = row.run
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._words(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(row, column)
        if role == Qt.ItemDataRole.UserRole:
            return row
        if role == Qt.ItemDataRole.FontRole and column == NAME:
            return font("body", bold=True)
        if role == Qt.ItemDataRole.FontRole and column in (BEST, DATE):
            return font("body", tabular=True)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{run.name}, {self.headerData(column, Qt.Orientation.Horizontal)}: {self._tip(row, column)}"
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        name = str(value).strip()
        if role != Qt.ItemDataRole.EditRole or not name or name == self.rows[index.row()].run.name:
            return False
        return bool(self._renamed(self.rows[index.row()].run.path, name))

    def _words(self, row: RunRow, column: int) -> str:
        run = row.run
        match column:
            case 0:
                return run.name
            case 1:
                return tr("Pruned") if run.info.pruned and run.status == "stopped" else status_words(run.status)
            case 2:
                return f"{metric_value(run.metric, run.value)}" if run.value is not None else "–"
            case 4:
                from lstm_studio.data.kinds import KINDS

                return tr(KINDS[run.task].title) if run.task in KINDS else run.task
            case 5:
                return run.data
            case 6:
                return when_words(run.created)
        return ""

    def _tip(self, row: RunRow, column: int) -> str:
        run = row.run
        if column == STATUS and run.info.message:
            return run.info.message
        if column == STATUS and run.info.pruned:
            return tr("{sweep} ended it early, since other trials did better.", sweep=run.info.sweep)
        if column == BEST and run.value is not None:
            return tr(
                "{metric} on the validation texts, best epoch {epoch}",
                metric=metric_title(run.metric),
                epoch=run.info.best_epoch,
            )
        if column == CURVE:
            values = ", ".join(metric_value(run.metric, value) for value in row.curve[-12:])
            return values or tr("No epoch has ended yet")
        if column == DATA:
            return run.data_path
        if column == NAME:
            return str(run.path)
        return self._words(row, column)


class RunDelegate(QStyledItemDelegate):
    """Draws the status with its dot, and the sparkline; everything else as usual."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        row = index.data(Qt.ItemDataRole.UserRole)
        if not isinstance(row, RunRow):
            return
        rect = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.column() == STATUS:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color(ROLES.get(row.run.status, "text_muted")))
            painter.drawEllipse(QPointF(rect.left() + 14, rect.center().y() + 0.5), 4, 4)
        elif index.column() == CURVE:
            self._spark(painter, rect.adjusted(10, 9, -10, -9), row)
        painter.restore()

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        option.state &= ~QStyle.StateFlag.State_HasFocus
        if index.column() == STATUS:
            option.text = f"    {option.text}"

    @staticmethod
    def _spark(painter: QPainter, rect: QRectF, row: RunRow) -> None:
        values = row.curve
        if not values:
            return
        colours = theme()
        low, high = min(values), max(values)
        span = (high - low) or 1.0

        def place(number: int, value: float) -> QPointF:
            x = rect.left() + (rect.width() * number / (len(values) - 1) if len(values) > 1 else rect.width() / 2)
            y = rect.bottom() - rect.height() * ((value - low) / span if high > low else 0.5)
            return QPointF(x, y)

        points = [place(number, value) for number, value in enumerate(values)]
        painter.setPen(QPen(colours.color("plot_validation"), 1.5))
        painter.drawPolyline(QPolygonF(points))
        best = best_place(row.run.metric, values) or 0
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.color("plot_best"))
        painter.drawEllipse(points[best], 3, 3)


class RunsView(QTableView):
    """Beside a comparison it is narrow: then names keep their room, and what the name says too is left out."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        width = self.viewport().width()
        self.setColumnHidden(DATA, width < _NARROW)
        for column, usual, least in ((CURVE, 150, 100), (STATUS, 130, 104)):
            self.setColumnWidth(column, usual if width >= _NARROW else least)
