"""What came of each variant of a lab: a table in which one column is a dot plot, with its axis below."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from lstm_studio.data.figures import figure
from lstm_studio.gui.i18n import duration, number, tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.basic import describe
from lstm_studio.gui.widgets.metrics import metric_title
from lstm_studio.runs.ablation import Outcome

Index = QModelIndex | QPersistentModelIndex
NAME, DOTS, MEAN, CHANGE, RUNS, SIZE, TIME = range(7)
_ROW = 34
_SIDE = 14.0
_AXIS = 22
_WIDE, _NARROW = 960, 620


class OutcomeModel(QAbstractTableModel):
    """A row each variant."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[Outcome, ...] = ()
        self.metric = ""
        self.now = ""
        """Key of the variant that trains."""

    def set_outcomes(self, rows: Sequence[Outcome], metric: str, now: str = "") -> None:
        """Show these; those of the same variants are changed in place."""
        same = [row.variant.key for row in rows] == [row.variant.key for row in self.rows]
        if not same:
            self.beginResetModel()
        self.rows, self.metric, self.now = tuple(rows), metric, now
        if not same:
            self.endResetModel()
        elif self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, TIME))
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, DOTS, DOTS)

    def range(self) -> tuple[float, float]:
        """What the axis of the dots spans."""
        values = [value for row in self.rows for value in row.values]
        if not values:
            return 0.0, 1.0
        spreads = [(row.mean, row.spread) for row in self.rows if row.mean is not None and row.spread is not None]
        low = min(min(values), *(mean - spread for mean, spread in spreads), max(values))
        high = max(max(values), *(mean + spread for mean, spread in spreads), min(values))
        room = 0.08 * (high - low) or max(0.01, 0.02 * abs(high))
        share = figure(self.metric).kind == "share"
        return (max(0.0, low - room), min(1.0, high + room)) if share else (low - room, high + room)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return TIME + 1

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.ToolTipRole:
            return {
                DOTS: tr("A dot each seed; the stroke is their mean, the bar one standard deviation to either side."),
                MEAN: tr("Mean over the seeds, and their standard deviation."),
                CHANGE: tr("Mean minus that of the whole LSTM. Arrow: every seed is on that side of every seed of it."),
                TIME: tr("Of a whole run, in the mean."),
            }.get(section)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        titles = (
            tr("Network"),
            metric_title(self.metric) if self.metric else tr("Result"),
            tr("Mean ± spread"),
            tr("Difference"),
            tr("Runs"),
            tr("Parameters"),
            tr("Time"),
        )
        return titles[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.words(row, column)
        if role == Qt.ItemDataRole.UserRole:
            return row
        if role == Qt.ItemDataRole.FontRole:
            return font("body", bold=True) if column == NAME else font("body", tabular=True)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole) and column == DOTS:
            return ", ".join(self.shown(value) for value in row.values) or tr("No run of it has ended yet.")
        if role == Qt.ItemDataRole.ToolTipRole and column == NAME:
            heads = [self.headerData(other, Qt.Orientation.Horizontal) for other in (RUNS, SIZE, TIME)]
            return "\n".join(
                f"{head}: {self.words(row, other)}" for head, other in zip(heads, (RUNS, SIZE, TIME), strict=True)
            )
        if role == Qt.ItemDataRole.ToolTipRole and column == CHANGE and row.apart:
            better = tr("Every seed is better than every seed of the whole LSTM.")
            return better if row.apart > 0 else tr("Every seed is worse than every seed of the whole LSTM.")
        return None

    def shown(self, value: float) -> str:
        """A value of the compared figure, as it is written."""
        return figure(self.metric).shown(value)

    def words(self, row: Outcome, column: int) -> str:
        """A cell in words."""
        match column:
            case 0:
                return tr(row.variant.title)
            case 2:
                return self._mean(row)
            case 3:
                return self._change(row)
            case 4:
                total = len(row.values) + row.waiting + row.failed
                done = tr("{n} of {all}", n=len(row.values), all=total)
                failed = tr("{n} failed", n=row.failed) if row.failed else ""
                now = tr("training") if self.now == row.variant.key else ""
                return " · ".join(part for part in (done, failed, now) if part)
            case 5:
                return number(row.parameters) if row.parameters else "–"
            case 6:
                return duration(row.seconds) if row.values else "–"
        return ""

    def _mean(self, row: Outcome) -> str:
        if row.mean is None:
            return "–"
        about = figure(self.metric)
        if row.spread is None:
            return about.shown(row.mean)
        scale = 100 if about.kind == "share" else 1
        unit = " %" if about.kind == "share" else ""
        return f"{scale * row.mean:.{about.decimals}f} ± {scale * row.spread:.{about.decimals}f}{unit}"

    def _change(self, row: Outcome) -> str:
        if row.difference is None:
            return ""
        about = figure(self.metric)
        scale = 100 if about.kind == "share" else 1
        text = f"{scale * row.difference:+.{about.decimals}f}".replace("-", "−")
        side = row.apart if about.higher_is_better else -row.apart
        return f"{text} {'▲' if side > 0 else '▼'}" if row.apart else text


class DotsDelegate(QStyledItemDelegate):
    """Draws the seeds of a variant as dots on the axis that all rows share."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(220, _ROW) if index.column() == DOTS else super().sizeHint(option, index)

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        option.state &= ~QStyle.StateFlag.State_HasFocus

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        row, model = index.data(Qt.ItemDataRole.UserRole), index.model()
        if index.column() != DOTS or not isinstance(row, Outcome) or not isinstance(model, OutcomeModel):
            return
        rect, colors = QRectF(option.rect), theme()
        low, high = model.range()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

        def x(value: float) -> float:
            return place(value, low, high, rect)

        painter.setPen(QPen(colors.color("grid"), 1))
        for tick in ticks(low, high):
            painter.drawLine(QPointF(x(tick), rect.top()), QPointF(x(tick), rect.bottom()))
        whole = next((other.mean for other in model.rows if other.variant.key == "whole"), None)
        if whole is not None:
            painter.setPen(QPen(colors.color("text_muted"), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x(whole), rect.top()), QPointF(x(whole), rect.bottom()))
        middle = rect.center().y()
        ink = "accent" if row.variant.key != "whole" else "text"
        if row.mean is not None and row.spread is not None:
            left, right = (min(max(x(row.mean + s * row.spread), rect.left()), rect.right()) for s in (-1, 1))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color(ink, 0.18))
            painter.drawRoundedRect(QRectF(left, middle - 6, max(2.0, right - left), 12), 3, 3)
        painter.setBrush(colors.color(ink, 0.55))
        painter.setPen(QPen(colors.color("surface"), 1))
        for value in row.values:
            painter.drawEllipse(QPointF(x(value), middle), 4.5, 4.5)
        if row.mean is not None and len(row.values) > 1:
            painter.setPen(QPen(colors.color(ink), 2))
            painter.drawLine(QPointF(x(row.mean), middle - 9), QPointF(x(row.mean), middle + 9))
        painter.restore()


class DotsAxis(QWidget):
    """The figures below the dots, under their column."""

    def __init__(self, table: QTableView, model: OutcomeModel) -> None:
        super().__init__()
        self._table, self._model = table, model
        self.setFixedHeight(_AXIS)
        table.horizontalHeader().sectionResized.connect(lambda *_: self.update())
        table.horizontalScrollBar().valueChanged.connect(lambda _: self.update())
        theme_notifier().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not any(row.values for row in self._model.rows):
            return
        painter = QPainter(self)
        painter.setFont(font("small", tabular=True))
        left = self._table.viewport().x() + self._table.columnViewportPosition(DOTS)
        rect = QRectF(left, 0, self._table.columnWidth(DOTS), self.height())
        low, high = self._model.range()
        painter.setPen(theme().color("text_muted"))
        for tick in ticks(low, high):
            at = place(tick, low, high, rect)
            box = QRectF(at - 40, 2, 80, 18)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), self._words(tick, low, high))
        painter.end()

    def _words(self, tick: float, low: float, high: float) -> str:
        share = figure(self._model.metric).kind == "share"
        step = _step(low, high) * (100 if share else 1)
        places = max(0, -math.floor(math.log10(step) + 1e-9))
        return f"{100 * tick:.{places}f} %" if share else f"{tick:.{places}f}"


class OutcomeTable(QWidget):
    """The table with its axis."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.model = OutcomeModel()
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setItemDelegate(DotsDelegate(self.table))
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(_ROW)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(DOTS, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(48)
        describe(self.table, tr("Results of the lab"), "")
        self.table.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.axis = DotsAxis(self.table, self.model)
        column.addWidget(self.table, 100)  # as tall as its rows, if there is room
        column.addWidget(self.axis)
        column.addStretch(1)

    def set_outcomes(self, rows: Sequence[Outcome], metric: str, now: str = "") -> None:
        """Show what came of each variant so far; ``now`` is the one that trains."""
        self.model.set_outcomes(rows, metric, now)
        self.table.setMaximumHeight(self.table.horizontalHeader().sizeHint().height() + _ROW * len(rows) + 4)
        self.axis.update()

    def hide_change(self) -> None:
        """There is nothing to compare with."""
        self.table.setColumnHidden(CHANGE, True)

    def sizeHint(self) -> QSize:
        return QSize(700, 420)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The dots need room more than parameters and time do; the tooltip of the name has them."""
        super().resizeEvent(event)
        for column, least in ((SIZE, _WIDE), (TIME, _WIDE), (RUNS, _NARROW)):
            self.table.setColumnHidden(column, self.width() < least)


def place(value: float, low: float, high: float, rect: QRectF) -> float:
    """Where a value stands on the axis."""
    return rect.left() + _SIDE + (rect.width() - 2 * _SIDE) * (value - low) / max(high - low, 1e-12)


def ticks(low: float, high: float) -> list[float]:
    """Two to five round figures."""
    step = _step(low, high)
    return [step * k for k in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def _step(low: float, high: float) -> float:
    span = max(high - low, 1e-9)
    unit: float = 10.0 ** math.floor(math.log10(span))
    return next(unit * part for part in (0.2, 0.5, 1.0, 2.0) if span / (unit * part) <= 6)
