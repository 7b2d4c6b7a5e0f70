"""Texts that were written badly, a row each: score, source, what was written, what would have been right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QTextLayout, QTextOption
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import S1, font, theme
from lstm_studio.gui.widgets.basic import Label, describe
from lstm_studio.gui.widgets.metrics import shown_metric
from lstm_studio.gui.widgets.preview_table import one_line
from lstm_studio.gui.widgets.tips import plain_tip
from lstm_studio.runs.results_written import WrittenMistake

Index = QModelIndex | QPersistentModelIndex
SCORE, SOURCE, WRITTEN, RIGHT = range(4)
_SORT = Qt.ItemDataRole.UserRole
_SHOWN, _TIP = 300, 1500
_LINES, _PITCH, _TOP = 2, 20, 5
_ROW = _LINES * _PITCH + 2 * _TOP


class WrittenModel(QAbstractTableModel):
    """Rows of WrittenMistake."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[WrittenMistake] = []
        self._haystacks: list[str] = []

    def fill(self, rows: Sequence[WrittenMistake]) -> None:
        """Other texts."""
        self.beginResetModel()
        self.rows = list(rows)
        self._haystacks = ["\n".join((row.source, row.written, *row.references)).casefold() for row in rows]
        self.endResetModel()

    def holds(self, row: int, words: str) -> bool:
        """Whether any text of a row holds these words, in lower case."""
        return words in self._haystacks[row]

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 4

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (tr("chrF"), tr("Source"), tr("Written"), tr("Right answer"))[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole and section == SCORE:
            return tr("What was written and the right answer have in common, by characters, from 0 to 100.")
        return None

    def text(self, row: int, column: int) -> str:
        """The whole text of a cell."""
        one = self.rows[row]
        right = one.references[0] if one.references else ""
        return (shown_metric("chrf", one.score), one.source, one.written, right)[column]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return one_line(self.text(row, column), _SHOWN) or ("–" if column != SCORE else "")
        if role == _SORT:
            return self.rows[row].score if column == SCORE else self.text(row, column)[:_SHOWN].casefold()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column == SCORE else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignTop
        if role == Qt.ItemDataRole.FontRole and column == SCORE:
            return font("body", tabular=True)
        if role == Qt.ItemDataRole.ToolTipRole and column != SCORE:
            text = self.text(row, column)
            return plain_tip(text[:_TIP] + ("…" if len(text) > _TIP else "")) if len(text) > 40 else None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.headerData(column, Qt.Orientation.Horizontal)}: {self.text(row, column)[:_TIP]}"
        return None


class _Found(QSortFilterProxyModel):
    """The rows that hold what is searched for, in the order that was asked for."""

    def __init__(self, texts: WrittenModel) -> None:
        super().__init__()
        self._texts = texts
        self.words = ""
        self.setSourceModel(texts)
        self.setSortRole(_SORT)

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        return not self.words or self._texts.holds(row, self.words)


class _Cells(QStyledItemDelegate):
    """Whole lines of text, two at most, from the top; Qt's own would show half of a third one."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        option.state &= ~QStyle.StateFlag.State_HasFocus
        option.text = ""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        if index.column() == SCORE:
            option.rect.adjust(0, 0, -S1, 0)
        room = QRectF(option.rect).adjusted(S1, _TOP, -S1, 0)
        text, face = str(index.data() or ""), index.data(Qt.ItemDataRole.FontRole) or option.font
        way = QTextOption(Qt.AlignmentFlag(index.data(Qt.ItemDataRole.TextAlignmentRole)))
        way.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        painter.save()
        painter.setFont(face)
        painter.setPen(theme().color("text"))
        layout = QTextLayout(text, face)
        layout.setTextOption(way)
        layout.beginLayout()
        for number in range(_LINES):
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(room.width())
            box = QRectF(room.left(), room.top() + number * _PITCH, room.width(), _PITCH)
            start, end = line.textStart(), line.textStart() + line.textLength()
            shown = text[start:end].rstrip()
            if number == _LINES - 1 and end < len(text):
                shown = QFontMetricsF(face).elidedText(text[start:], Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(box, shown, way)
        layout.endLayout()
        painter.restore()


class _View(QTableView):
    """Rows of two lines; Enter or a double click opens one, the figures 1 to 4 sort."""

    opened = Signal()
    moved = Signal()

    def __init__(self, found: _Found) -> None:
        super().__init__()
        self.setModel(found)
        self.setItemDelegate(_Cells(self))
        self.setSortingEnabled(True)
        self.sortByColumn(SCORE, Qt.SortOrder.AscendingOrder)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(64)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(SCORE, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(SCORE, 72)
        self.doubleClicked.connect(lambda _: self.opened.emit())
        self.selectionModel().currentRowChanged.connect(lambda *_: self.moved.emit())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        column = event.key() - Qt.Key.Key_1
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
        elif 0 <= column < 4:
            header = self.horizontalHeader()
            rising = header.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder
            again = header.sortIndicatorSection() == column
            self.sortByColumn(column, Qt.SortOrder.DescendingOrder if again and rising else Qt.SortOrder.AscendingOrder)
        else:
            super().keyPressEvent(event)


class WrittenTable(QWidget):
    """A table that can be searched and sorted; one row is chosen as long as there is one."""

    chosen = Signal(object)
    """A WrittenMistake, or None."""
    opened = Signal(object)
    """A WrittenMistake: somebody wants to see the network read its source."""

    def __init__(self) -> None:
        super().__init__()
        self.texts = WrittenModel()
        self.found = _Found(self.texts)
        self.view = _View(self.found)
        describe(
            self.view,
            tr("The worst first"),
            tr("What was written worst; Enter or a double click shows the network while it reads the source."),
            "Alt+W",
        )
        self.view.setToolTip("")  # each cell has its own
        self.empty = Label("", tone="muted", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setMargin(16)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.view)
        self.setFocusProxy(self.view)
        self.view.moved.connect(lambda: self.chosen.emit(self.current()))
        self.view.opened.connect(self._open)

    def set_rows(self, rows: Sequence[WrittenMistake], fresh: bool) -> None:
        """Show other texts; the chosen one stays chosen if it is still there and not ``fresh``."""
        before = None if fresh else self.current()
        self.texts.fill(rows)
        places = [place for place, row in enumerate(rows) if before is not None and row.index == before.index]
        self._settle(places[0] if places else None)

    def search(self, words: str) -> None:
        """List only what holds these words, in whatever case."""
        before = self.current()
        self.found.words = words.strip().casefold()
        self.found.invalidate()
        self._settle(self.texts.rows.index(before) if before is not None else None)

    @property
    def listed(self) -> list[WrittenMistake]:
        """What is shown, from the top."""
        places = (self.found.mapToSource(self.found.index(row, 0)).row() for row in range(self.found.rowCount()))
        return [self.texts.rows[place] for place in places]

    def current(self) -> WrittenMistake | None:
        """The chosen one."""
        place = self.found.mapToSource(self.view.currentIndex())
        return self.texts.rows[place.row()] if place.isValid() else None

    def _settle(self, wanted: int | None) -> None:
        """Choose a row of the model, or the first one that is listed."""
        index = self.found.mapFromSource(self.texts.index(wanted, 0)) if wanted is not None else QModelIndex()
        if not index.isValid():
            index = self.found.index(0, 0)
        there = index.isValid()
        searched = bool(self.found.words) and bool(self.texts.rows)
        self.empty.setText(tr("None holds these words.") if searched else tr("No text was written for these figures."))
        self._stack.setCurrentWidget(self.view if there else self.empty)
        if there:
            self.view.setCurrentIndex(index)
            self.view.scrollTo(index)
        self.chosen.emit(self.current())

    def _open(self) -> None:
        if (one := self.current()) is not None:
            self.opened.emit(one)

    def sizeHint(self) -> QSize:
        return QSize(560, 360)
