"""Examples in a table, a row each; which rows stand in it, and in which order, is worked out elsewhere."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QResizeEvent
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
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.axes import percent
from lstm_studio.gui.widgets.basic import Label, describe
from lstm_studio.gui.widgets.metrics import metric_help, metric_title, shown_metric
from lstm_studio.gui.widgets.preview_table import one_line
from lstm_studio.gui.widgets.tips import plain_tip
from lstm_studio.inspection.examples import Examples, Sort

Index = QModelIndex | QPersistentModelIndex
_ROW, _SHOWN, _TIP = 30, 300, 1500
_NAMES = 170
_NONE: np.ndarray = np.empty(0, np.int64)


def columns_of(examples: Examples) -> tuple[Sort, ...]:
    """What stands in the table of such examples."""
    if not examples.told:
        return ("text", "score", "loss")
    if examples.figure == "accuracy":
        return ("text", "truth", "said", "confidence", "loss")
    return ("text", "truth", "said", "score", "confidence", "loss")


def title_of(examples: Examples, column: Sort) -> str:
    """What a column is called."""
    kind = examples.figure
    match column:
        case "text":
            return {
                "f1": tr("Sentence"),
                "chrf": tr("Source"),
                "perplexity": tr("Passage"),
            }.get(kind, tr("Text"))
        case "truth":
            return tr("Right answer") if kind == "chrf" else tr("In the data")
        case "said":
            return tr("Written") if kind == "chrf" else tr("Found by the network") if kind == "f1" else tr("Read as")
        case "score":
            return metric_title(kind)
        case "confidence":
            return tr("Confidence")
        case "loss":
            return tr("Loss")
    return ""


def help_of(examples: Examples, column: Sort) -> str:
    """What a column says, in one sentence."""
    if column == "confidence":
        return {
            "accuracy": tr("The probability that the network gave its answer."),
            "f1": tr("The mean probability of the tags that the network chose."),
        }.get(examples.figure, tr("The mean probability of the tokens that the network wrote (geometric)."))
    if column == "loss":
        if examples.decides == "text":
            return tr("How surprised the network was by the truth.")
        return tr("How surprised the network was by the truth, on average a word or token.")
    return metric_help(examples.figure, spans=True) if column == "score" else ""


class ExamplesModel(QAbstractTableModel):
    """``rows`` of a table of examples, in this order."""

    def __init__(self) -> None:
        super().__init__()
        self.examples: Examples | None = None
        self.rows: np.ndarray = _NONE
        self.columns: tuple[Sort, ...] = ()

    def fill(self, examples: Examples | None, rows: np.ndarray) -> None:
        """Other examples."""
        self.beginResetModel()
        self.examples, self.rows = examples, rows
        self.columns = columns_of(examples) if examples is not None else ()
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or self.examples is None or section >= len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return title_of(self.examples, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            # The arrow of sorting stands on the right.
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            return help_of(self.examples, column) or None
        return None

    def text(self, row: int, column: Sort) -> str:
        """A cell, whole."""
        of = self.examples
        assert of is not None
        place = int(self.rows[row])
        match column:
            case "text":
                return of.texts[place]
            case "truth":
                return of.truths[place] or "–"
            case "said":
                return of.said[place] or "–"
            case "score":
                return shown_metric(of.figure, float(of.score[place]))
            case "confidence":
                return percent(float(of.confidence[place]))
            case "loss":
                return shown_metric("loss", float(of.loss[place]))
        return ""

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or self.examples is None:
            return None
        row, column = index.row(), self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return one_line(self.text(row, column).strip(), _SHOWN)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(column)
        if role == Qt.ItemDataRole.ForegroundRole and column == "said":
            wrong = self.examples.told and not self.examples.right[self.rows[row]]
            return theme().color("danger") if wrong else None
        if role == Qt.ItemDataRole.FontRole and column in ("score", "confidence", "loss"):
            return font("body", tabular=True)
        if role == Qt.ItemDataRole.ToolTipRole and column in ("text", "truth", "said"):
            text = self.text(row, column)
            return plain_tip(text[:_TIP] + ("…" if len(text) > _TIP else "")) if len(text) > 20 else None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            said = f"{title_of(self.examples, column)}: {self.text(row, column)[:_TIP]}"
            if column == "said" and self.examples.told:
                return f"{said}, {tr('right') if self.examples.right[self.rows[row]] else tr('wrong')}"
            return said
        return None


def _side(column: Sort) -> Qt.AlignmentFlag:
    right = column in ("score", "confidence", "loss")
    return (Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter


class _Cells(QStyledItemDelegate):
    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        option.state &= ~QStyle.StateFlag.State_HasFocus


class _View(QTableView):
    """A click on a title, or its number as a key, sorts; Enter or a double click opens a row."""

    opened = Signal()
    sorted = Signal(str, bool)
    """By which column, and whether the largest stand first."""

    def __init__(self, model: ExamplesModel) -> None:
        super().__init__()
        self.of = model
        self.sort: tuple[Sort, bool] = ("loss", True)
        self.setModel(model)
        self.setItemDelegate(_Cells(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(_ROW)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setMinimumSectionSize(48)
        header.sectionClicked.connect(self._title_clicked)
        self.doubleClicked.connect(lambda _: self.opened.emit())

    def _title_clicked(self, section: int) -> None:
        column = self.of.columns[section]
        falling = not self.sort[1] if column == self.sort[0] else column in ("loss", "confidence", "score")
        self.sort = (column, falling)
        self.show_sort()
        self.sorted.emit(column, falling)

    def show_sort(self) -> None:
        """The arrow beside the title that is sorted by."""
        column, falling = self.sort
        if column in self.of.columns:
            order = Qt.SortOrder.DescendingOrder if falling else Qt.SortOrder.AscendingOrder
            self.horizontalHeader().setSortIndicator(self.of.columns.index(column), order)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        column = event.key() - Qt.Key.Key_1
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
        elif 0 <= column < len(self.of.columns):
            self._title_clicked(column)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Figures have the room that they need, class names what they need and no more; texts share the rest."""
        examples = self.of.examples
        if examples is None:
            return
        titles, cells = QFontMetricsF(font("small", bold=True)), QFontMetricsF(font("body", tabular=True))
        room, texts = self.viewport().width(), []
        for place, column in enumerate(self.of.columns):
            title = titles.horizontalAdvance(title_of(examples, column)) + 34
            if column in ("score", "confidence", "loss"):
                wide = math.ceil(max(title, cells.horizontalAdvance("100.00 %") + 20))
            elif column != "text" and examples.figure == "accuracy":
                names = max((cells.horizontalAdvance(name) for name in examples.classes[:500]), default=0.0) + 24
                wide = math.ceil(min(max(title, names), _NAMES))
            else:
                texts.append(place)
                continue
            self.setColumnWidth(place, wide)
            room -= wide
        for number, place in enumerate(texts):
            self.setColumnWidth(place, max(80, room // (len(texts) - number)))
            room -= self.columnWidth(place)


class ExamplesTable(QWidget):
    """The table, or a sentence where nothing is listed."""

    opened = Signal(int)
    """Somebody wants to see the network read this example; its row in ``Examples``."""

    def __init__(self) -> None:
        super().__init__()
        self.model = ExamplesModel()
        self.view = _View(self.model)
        describe(
            self.view,
            tr("Examples"),
            tr("Enter or a double click shows the network while it reads an example."),
            "Alt+W",
        )
        self.view.setToolTip("")
        self.empty = Label("", tone="muted", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setMargin(16)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self.view)
        self._stack.addWidget(self.empty)
        self.setFocusProxy(self.view)
        self.view.opened.connect(self._open)
        theme_notifier().changed.connect(self.view.viewport().update)

    def set_rows(self, examples: Examples | None, rows: np.ndarray, nothing: str = "") -> None:
        """List these; the chosen example stays chosen if it is still listed. ``nothing`` is said where none is."""
        before = self.current() if examples is self.model.examples else None
        self.model.fill(examples, rows)
        self.empty.setText(nothing)
        self._stack.setCurrentWidget(self.view if len(rows) else self.empty)
        self.view.fit()
        self.view.show_sort()
        if not len(rows):
            return
        found = np.flatnonzero(rows == before) if before is not None else rows[:0]
        index = self.model.index(int(found[0]) if len(found) else 0, 0)
        self.view.setCurrentIndex(index)
        self.view.scrollTo(index)

    def current(self) -> int | None:
        """The chosen example, by its row in ``Examples``."""
        index = self.view.currentIndex()
        return int(self.model.rows[index.row()]) if index.isValid() and index.row() < len(self.model.rows) else None

    def _open(self) -> None:
        row = self.current()
        if row is not None:
            self.opened.emit(row)

    def sizeHint(self) -> QSize:
        return QSize(560, 360)
