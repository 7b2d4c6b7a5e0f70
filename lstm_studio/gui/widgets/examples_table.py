"""Examples in a table, a row each; which rows stand in it, and in which order, is worked out elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import theme_notifier
from lstm_studio.gui.widgets.axes import percent
from lstm_studio.gui.widgets.basic import Label
from lstm_studio.gui.widgets.example_rows import Index, RowsModel, RowsView
from lstm_studio.gui.widgets.metrics import metric_help, metric_title, shown_metric
from lstm_studio.inspection.examples import Examples, Sort

_NONE: np.ndarray = np.empty(0, np.int64)
_FIGURES = ("score", "confidence", "loss")


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


class ExamplesModel(RowsModel):
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

    def title(self, place: int) -> str:
        return title_of(self.examples, self.columns[place]) if self.examples is not None else ""

    def help(self, place: int) -> str:
        return help_of(self.examples, self.columns[place]) if self.examples is not None else ""

    def heading_side(self, place: int) -> Qt.AlignmentFlag:
        return Qt.AlignmentFlag.AlignLeft  # the arrow of sorting stands on the right

    def text(self, row: int, place: int) -> str:
        of = self.examples
        assert of is not None
        at = int(self.rows[row])
        match self.columns[place]:
            case "text":
                return of.texts[at]
            case "truth":
                return of.truths[at] or "–"
            case "said":
                return of.said[at] or "–"
            case "score":
                return shown_metric(of.figure, float(of.score[at]))
            case "confidence":
                return percent(float(of.confidence[at]))
            case "loss":
                return shown_metric("loss", float(of.loss[at]))
        return ""

    def is_figure(self, place: int) -> bool:
        return self.columns[place] in _FIGURES

    def is_right(self, row: int, place: int) -> bool | None:
        told = self.examples is not None and self.examples.told and self.columns[place] == "said"
        return bool(self.examples.right[self.rows[row]]) if told and self.examples is not None else None

    def names(self, place: int) -> Sequence[str] | None:
        of = self.examples
        return of.classes if of is not None and of.figure == "accuracy" and self.columns[place] != "text" else None


class _View(RowsView):
    """A click on a title, or its number as a key, sorts."""

    sorted = Signal(str, bool)
    """By which column, and whether the largest stand first."""

    def __init__(self, model: ExamplesModel) -> None:
        super().__init__(model)
        self.of = model
        self.sort: tuple[Sort, bool] = ("loss", True)
        header = self.horizontalHeader()
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.sectionClicked.connect(self._title_clicked)

    def _title_clicked(self, section: int) -> None:
        column = self.of.columns[section]
        falling = not self.sort[1] if column == self.sort[0] else column in _FIGURES
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
        if 0 <= column < len(self.of.columns):
            self._title_clicked(column)
        else:
            super().keyPressEvent(event)


class ExamplesTable(QWidget):
    """The table, or a sentence where nothing is listed."""

    opened = Signal(int)
    """Somebody wants to see the network read this example; its row in ``Examples``."""

    def __init__(self) -> None:
        super().__init__()
        self.model = ExamplesModel()
        self.view = _View(self.model)
        self.empty = Label("", tone="muted", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setMargin(16)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self.view)
        self._stack.addWidget(self.empty)
        self.setFocusProxy(self.view)
        self.view.row_opened.connect(lambda row: self.opened.emit(int(self.model.rows[row])))
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

    def sizeHint(self) -> QSize:
        return QSize(560, 360)
