"""Examples that two networks answered, in a table; and how often only one of them is right."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QGridLayout,
    QHeaderView,
    QPushButton,
    QSizePolicy,
    QTableView,
    QWidget,
)

from lstm_studio.gui.i18n import number, tr
from lstm_studio.gui.theme import S1, font, theme
from lstm_studio.gui.widgets.basic import Label, describe
from lstm_studio.gui.widgets.examples_table import title_of
from lstm_studio.gui.widgets.metrics import shown_metric
from lstm_studio.gui.widgets.preview_table import one_line
from lstm_studio.gui.widgets.tips import plain_tip
from lstm_studio.inspection.paired import Outcome, Paired

Index = QModelIndex | QPersistentModelIndex
TEXT, TRUTH, FIRST, SECOND = range(4)
_ROW, _SHOWN, _TIP = 30, 300, 1500


class FourCounts(QWidget):
    """A table of four counts, A down and B across; a click lists the examples behind one. Two counts for texts that are
    only foretold."""

    picked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(S1)
        self._heads: dict[tuple[int, int], Label] = {}
        for place, words in {
            (0, 1): tr("B right"),
            (0, 2): tr("B wrong"),
            (1, 0): tr("A right"),
            (2, 0): tr("A wrong"),
        }.items():
            self._heads[place] = Label(words, "small", "small")
            grid.addWidget(self._heads[place], *place, Qt.AlignmentFlag.AlignCenter)
        self.buttons: dict[Outcome, QPushButton] = {}
        self._group = QButtonGroup(self)
        places: dict[Outcome, tuple[int, int]] = {
            "both": (1, 1),
            "first": (1, 2),
            "second": (2, 1),
            "neither": (2, 2),
        }
        for outcome, (row, column) in places.items():
            button = QPushButton()
            button.setCheckable(True)
            button.setAutoDefault(False)
            button.setFont(font("title", tabular=True))
            button.setMinimumHeight(52)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.clicked.connect(lambda _=False, outcome=outcome: self.picked.emit(outcome))
            self._group.addButton(button)
            self.buttons[outcome] = button
            grid.addWidget(button, row, column)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(2, 1)

    def show_counts(self, paired: Paired, chosen: Outcome) -> None:
        """Show the counts, and which examples are listed."""
        told = paired.told
        for head in self._heads.values():
            head.setVisible(told)
        for outcome, button in self.buttons.items():
            words = self.words(outcome, told)
            count = number(paired.count(outcome))
            button.setText(count if told else f"{words}: {count}")
            button.setFont(font("title" if told else "body", tabular=True))
            button.setVisible(told or outcome in ("first", "second"))
            describe(button, f"{words}: {count}", tr("{words}; click to list them.", words=words))
        self.buttons[chosen].setChecked(True)

    @staticmethod
    def words(outcome: Outcome, told: bool) -> str:
        """What became of such examples."""
        if not told:
            return {
                "both": tr("Both are surprised alike"),
                "first": tr("A is surprised less"),
                "second": tr("B is surprised less"),
                "neither": "",
            }[outcome]
        return {
            "both": tr("Both are right"),
            "first": tr("Only A is right"),
            "second": tr("Only B is right"),
            "neither": tr("Both are wrong"),
        }[outcome]


class PairedModel(QAbstractTableModel):
    """Some of the examples of two tables."""

    def __init__(self) -> None:
        super().__init__()
        self.paired: Paired | None = None
        self.places: np.ndarray = np.empty(0, np.int64)

    def fill(self, paired: Paired | None, places: np.ndarray) -> None:
        """Other examples."""
        self.beginResetModel()
        self.paired, self.places = paired, places
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.places)

    def columnCount(self, parent: Index | None = None) -> int:
        return 4

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or self.paired is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            one = self.paired.one
            answer = title_of(one, "said") if self.paired.told else title_of(one, "score")
            return (title_of(one, "text"), title_of(one, "truth"), f"A · {answer}", f"B · {answer}")[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._side(section)
        return None

    def _side(self, column: int) -> Qt.AlignmentFlag:
        right = self.paired is not None and not self.paired.told and column >= FIRST
        return (Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter

    def text(self, row: int, column: int) -> str:
        """A cell, whole."""
        paired = self.paired
        assert paired is not None
        place = self.places[row]
        own, other = int(paired.rows[place]), int(paired.others[place])
        if column == TEXT:
            return paired.one.texts[own]
        if column == TRUTH:
            return paired.one.truths[own] or "–"
        of, at = (paired.one, own) if column == FIRST else (paired.other, other)
        return (of.said[at] or "–") if paired.told else shown_metric(of.figure, float(of.score[at]))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or self.paired is None:
            return None
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return one_line(self.text(row, column).strip(), _SHOWN)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._side(column)
        if role == Qt.ItemDataRole.ForegroundRole and column >= FIRST and self.paired.told:
            place = self.places[row]
            of, at = (
                (self.paired.one, self.paired.rows[place])
                if column == FIRST
                else (self.paired.other, self.paired.others[place])
            )
            return None if of.right[at] else theme().color("danger")
        if role == Qt.ItemDataRole.ToolTipRole:
            text = self.text(row, column)
            return plain_tip(text[:_TIP] + ("…" if len(text) > _TIP else "")) if len(text) > 20 else None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.headerData(column, Qt.Orientation.Horizontal)}: {self.text(row, column)[:_TIP]}"
        return None


class PairedTable(QTableView):
    """Enter or a double click opens a row."""

    opened = Signal(int)
    """A place in the first network's table."""

    def __init__(self) -> None:
        super().__init__()
        self.pairs = PairedModel()
        self.setModel(self.pairs)
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
        header.setSectionsClickable(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        describe(
            self,
            tr("Examples"),
            tr("Enter or a double click shows the network while it reads an example."),
            "Alt+W",
        )
        self.setToolTip("")
        self.doubleClicked.connect(lambda _: self._open())

    def show_places(self, paired: Paired | None, places: np.ndarray) -> None:
        """List these examples."""
        self.pairs.fill(paired, places)
        self.fit()
        if len(places):
            self.setCurrentIndex(self.pairs.index(0, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open()
        else:
            super().keyPressEvent(event)

    def _open(self) -> None:
        index, paired = self.currentIndex(), self.pairs.paired
        if index.isValid() and paired is not None:
            self.opened.emit(int(paired.rows[self.pairs.places[index.row()]]))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Class names and figures have what they need; texts share the rest."""
        paired = self.pairs.paired
        if paired is None:
            return
        self.setColumnHidden(TRUTH, not paired.told)
        room, texts = self.viewport().width(), [TEXT, TRUTH, FIRST, SECOND]
        if paired.one.figure in ("accuracy", "perplexity"):
            metrics, titles = QFontMetricsF(font("body")), QFontMetricsF(font("small", bold=True))
            names = max((metrics.horizontalAdvance(name) for name in paired.one.classes[:500]), default=0.0) + 24
            for column in (TRUTH, FIRST, SECOND):
                title = titles.horizontalAdvance(str(self.pairs.headerData(column, Qt.Orientation.Horizontal))) + 24
                wide = int(min(max(title, names), 180))
                self.setColumnWidth(column, wide)
                room -= 0 if self.isColumnHidden(column) else wide
            texts = [TEXT]
        for place, column in enumerate(texts):
            self.setColumnWidth(column, max(80, room // (len(texts) - place)))
            room -= self.columnWidth(column)

    def sizeHint(self) -> QSize:
        return QSize(560, 320)
