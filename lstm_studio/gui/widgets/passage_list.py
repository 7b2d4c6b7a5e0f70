"""Passages one below the other, each with its perplexity and its first words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from lstm_studio.data.units import UnitKind
from lstm_studio.gui.i18n import number, tr
from lstm_studio.gui.theme import font
from lstm_studio.gui.widgets.basic import Label, describe
from lstm_studio.gui.widgets.metrics import metric_title, shown_metric
from lstm_studio.gui.widgets.preview_table import one_line
from lstm_studio.gui.widgets.row_table import RowTable
from lstm_studio.gui.widgets.tips import plain_tip
from lstm_studio.runs.results_texts import Passage, running

Index = QModelIndex | QPersistentModelIndex
PERPLEXITY, WORDS = range(2)
_ROW, _SHOWN, _TIP = 30, 200, 1500


class PassageModel(QAbstractTableModel):
    """Rows of Passage."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Passage] = []
        self._texts: list[str] = []

    def fill(self, rows: Sequence[Passage], units: UnitKind) -> None:
        """Other passages."""
        self.beginResetModel()
        self.rows = list(rows)
        self._texts = [running(row.tokens, units) for row in rows]
        self.endResetModel()

    def text(self, row: int) -> str:
        """A passage as a text to be read."""
        return self._texts[row]

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 2

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (metric_title("perplexity"), tr("Begins with"))[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section == PERPLEXITY else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole and section == PERPLEXITY:
            return tr("Of this passage alone: among how many tokens the network was as good as torn.")
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        one, text = self.rows[row], self._texts[row]
        if role == Qt.ItemDataRole.DisplayRole:
            return (shown_metric("perplexity", one.perplexity), one_line(text.strip(), _SHOWN))[column]
        if role == Qt.ItemDataRole.TextAlignmentRole and column == PERPLEXITY:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.FontRole and column == PERPLEXITY:
            return font("body", tabular=True)
        if role == Qt.ItemDataRole.ToolTipRole and column == WORDS:
            return plain_tip(text[:_TIP])
        if role == Qt.ItemDataRole.AccessibleTextRole:
            said = self.headerData(column, Qt.Orientation.Horizontal)
            return f"{said}: {self.data(index) if column == PERPLEXITY else text[:_TIP]}"
        return None


class _View(RowTable):
    """Enter or a double click opens a row."""

    opened = Signal()

    def __init__(self, model: PassageModel) -> None:
        super().__init__(model, _ROW, WORDS, clickable=False)
        self.doubleClicked.connect(lambda _: self.opened.emit())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
        else:
            super().keyPressEvent(event)


class PassageList(QWidget):
    """One passage is chosen as long as there is one."""

    chosen = Signal(object)
    """A Passage, or None."""
    opened = Signal()
    """Somebody wants to see the network read the chosen one."""

    def __init__(self) -> None:
        super().__init__()
        self.passages = PassageModel()
        self.view = _View(self.passages)
        describe(
            self.view,
            tr("Passages"),
            tr("Passages of this part; Enter or a double click shows the network while it reads one."),
            "Alt+W",
        )
        self.view.setToolTip("")  # each cell has its own
        self.empty = Label(tr("There is no passage: the text is too short."), tone="muted", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setMargin(16)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.view)
        self.setFocusProxy(self.view)
        self.view.selectionModel().currentRowChanged.connect(lambda *_: self.chosen.emit(self.current()))
        self.view.opened.connect(self.opened)

    def set_rows(self, rows: Sequence[Passage], units: UnitKind, fresh: bool) -> None:
        """Show other passages; the chosen one stays chosen if it is still there and not ``fresh``."""
        before = None if fresh else self.current()
        self.passages.fill(rows, units)
        self._stack.setCurrentWidget(self.view if rows else self.empty)
        metrics = self.view.horizontalHeader().fontMetrics()
        title = metrics.horizontalAdvance(metric_title("perplexity"))
        self.view.setColumnWidth(PERPLEXITY, max(84, title + 24))
        wanted = [place for place, row in enumerate(rows) if before is not None and row.place == before.place]
        index = self.passages.index(wanted[0] if wanted else 0, 0)
        self.view.setCurrentIndex(index)
        if index.isValid():
            self.view.scrollTo(index)
        self.chosen.emit(self.current())

    def current(self) -> Passage | None:
        """The chosen one."""
        index = self.view.currentIndex()
        return self.passages.rows[index.row()] if index.isValid() else None

    def text(self) -> str:
        """The chosen one as a text to be read."""
        index = self.view.currentIndex()
        return self.passages.text(index.row()) if index.isValid() else ""

    def sizeHint(self) -> QSize:
        return QSize(400, 360)


def where(passage: Passage) -> str:
    """Which tokens of the part a passage is."""
    last = passage.place + len(passage.tokens)
    return tr("Tokens {first} to {last}", first=number(passage.place + 1), last=number(last))
