"""Groups of the examples with their figure and their count; one can be chosen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from lstm_studio.data.figures import figure as figure_named
from lstm_studio.gui.i18n import number, tr
from lstm_studio.gui.theme import font, theme
from lstm_studio.gui.widgets.basic import describe
from lstm_studio.gui.widgets.bidi import isolated
from lstm_studio.gui.widgets.metrics import metric_title, shown_metric
from lstm_studio.gui.widgets.row_table import RowTable
from lstm_studio.gui.widgets.token_axis import visible_token
from lstm_studio.inspection.examples import Slice

Index = QModelIndex | QPersistentModelIndex
NAME, VALUE, COUNT = range(3)
_ROW = 30
_FEW = 10


def slice_words(part: Slice, classes: Sequence[str]) -> str:
    """What a slice holds, in a few words."""
    if part.kind == "class":
        return visible_token(classes[int(part.low)])
    if part.kind == "length":
        span = number(part.low) if part.low == part.high else f"{number(part.low)} – {number(part.high)}"
        return tr("{n} tokens", n=span)
    if part.high <= 0:
        return tr("All tokens known")
    low, high = round(100 * part.low), round(100 * part.high)
    return tr("{low} – {high} % unknown", low=low, high=high) if low else tr("Up to {high} % unknown", high=high)


class SliceModel(QAbstractTableModel):
    """Rows of Slice."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Slice] = []
        self.classes: tuple[str, ...] = ()
        self.figure = "accuracy"

    def fill(self, rows: Sequence[Slice], classes: Sequence[str], figure: str) -> None:
        """Other slices."""
        self.beginResetModel()
        self.rows, self.classes, self.figure = list(rows), tuple(classes), figure
        self.endResetModel()

    def share(self, row: int) -> float:
        """The figure as the length of a bar, 0..1."""
        value, kind = self.rows[row].value, figure_named(self.figure).kind
        if not math.isfinite(value):
            return 0.0
        if kind == "plain":
            most = max((one.value for one in self.rows if math.isfinite(one.value)), default=1.0)
            return value / most if most > 0 else 0.0
        return value if kind == "share" else value / 100

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 3

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (tr("Group"), metric_title(self.figure), tr("Count"))[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section == COUNT else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        one, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return (slice_words(one, self.classes), shown_metric(self.figure, one.value), number(one.count))[column]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column == COUNT else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.FontRole and column != NAME:
            return font("body", tabular=True)
        if role == Qt.ItemDataRole.AccessibleTextRole and column:
            said = self.headerData(column, Qt.Orientation.Horizontal)
            return f"{self.data(self.index(index.row(), NAME))}, {said}: {self.data(index)}"
        return None


class _Cells(QStyledItemDelegate):
    """A bar over the figure that lets it through, pale for groups that say little."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        option.text = isolated(option.text)
        option.state &= ~QStyle.StateFlag.State_HasFocus

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        model = index.model()
        if index.column() == VALUE and isinstance(model, SliceModel):
            rect = QRectF(option.rect).adjusted(2, 5, -6, -5)
            rect.setWidth(max(2.0, rect.width() * min(1.0, model.share(index.row()))))
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("accent", 0.12 if model.rows[index.row()].count < _FEW else 0.28))
            painter.drawRoundedRect(rect, 3, 3)
            painter.restore()


class SliceTable(RowTable):
    """A click, or Enter, chooses a slice; the same once more lets go of it."""

    picked = Signal(object)
    """A Slice, or None."""

    def __init__(self) -> None:
        self.slices = SliceModel()
        super().__init__(self.slices, _ROW, VALUE, clickable=False)
        self.chosen: Slice | None = None
        self.setItemDelegate(_Cells(self))
        self.setMinimumHeight(3 * _ROW)
        describe(
            self, tr("Groups"), tr("Choose a group to list its examples alone; once more to list all again."), "Alt+G"
        )
        self.setToolTip("")
        self.clicked.connect(lambda index: self._pick(index.row()))

    def set_slices(self, rows: Sequence[Slice], classes: Sequence[str], figure: str, chosen: Slice | None) -> None:
        """Show other slices; ``chosen`` is the one whose examples are listed."""
        self.slices.fill(rows, classes, figure)
        self.chosen = chosen
        self._mark()
        self._fit()

    def choose(self, part: Slice | None) -> None:
        """Mark a slice as the chosen one."""
        self.chosen = part
        self._mark()

    def _mark(self) -> None:
        if self.chosen in self.slices.rows:
            self.selectRow(self.slices.rows.index(self.chosen))
        else:
            self.clearSelection()

    def _pick(self, row: int) -> None:
        if not 0 <= row < len(self.slices.rows):
            return
        part = self.slices.rows[row]
        self.choose(None if part == self.chosen else part)
        self.picked.emit(self.chosen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._pick(self.currentIndex().row())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        cells, titles = QFontMetricsF(font("body")), QFontMetricsF(font("small", bold=True))
        names = [slice_words(one, self.slices.classes) for one in self.slices.rows]
        wide = max((cells.horizontalAdvance(name) for name in names), default=60.0) + 24
        self.setColumnWidth(NAME, int(min(max(wide, 90.0), 0.5 * self.viewport().width())))
        counts = max((cells.horizontalAdvance(number(one.count)) for one in self.slices.rows), default=0.0)
        self.setColumnWidth(COUNT, int(max(counts, titles.horizontalAdvance(tr("Count"))) + 24))

    def sizeHint(self) -> QSize:
        return QSize(320, 8 * _ROW)
