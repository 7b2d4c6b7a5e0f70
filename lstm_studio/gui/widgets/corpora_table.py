"""All corpora in a table: what each is for, how large it is, and whether it is here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QResizeEvent

from lstm_studio.data.corpora_catalogue import CATALOGUE, Corpus
from lstm_studio.data.kinds import KINDS
from lstm_studio.gui.i18n import number, size, tr
from lstm_studio.gui.session_corpora import Presence
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.row_table import RowTable

Index = QModelIndex | QPersistentModelIndex
TITLE, TASK, LANGUAGE, ROWS, SIZE, LICENCE, HERE = range(7)
_WIDTHS = {TASK: 136, LANGUAGE: 142, ROWS: 72, SIZE: 72, LICENCE: 144, HERE: 90}
_NUMBERS = (ROWS, SIZE)
_NARROW = {LICENCE: 820, LANGUAGE: 680, SIZE: 480}
"""Below this width a column is left to the description: whether a corpus is here matters more."""
_ROW = 32
_LANGUAGE = " language"
"""The name of the language alone is what the window calls itself in it."""


class CorporaModel(QAbstractTableModel):
    """A row each corpus."""

    def __init__(self) -> None:
        super().__init__()
        self.known: Mapping[str, Presence] = {}
        self.fetching = ""
        """Name of the corpus that is being fetched."""

    def show(self, known: Mapping[str, Presence], fetching: str) -> None:
        """What is here now."""
        if known == self.known and fetching == self.fetching:
            return
        self.known, self.fetching = known, fetching
        self.dataChanged.emit(self.index(0, 0), self.index(len(CATALOGUE) - 1, HERE))

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(CATALOGUE)

    def columnCount(self, parent: Index | None = None) -> int:
        return HERE + 1

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section in _NUMBERS else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            return {
                ROWS: tr("Of all its parts. Where nothing stands it is known once the corpus is here."),
                SIZE: tr("What is downloaded."),
            }.get(section)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return (tr("Corpus"), tr("Task"), tr("Language"), tr("Rows"), tr("Size"), tr("Licence"), "")[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        corpus, column = CATALOGUE[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.words(corpus, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column in _NUMBERS else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.FontRole:
            return font("body", bold=True) if column == TITLE else font("body", tabular=True)
        if role == Qt.ItemDataRole.ForegroundRole:
            if column == HERE:
                return QColor(theme().color("success" if self.is_here(corpus) else "accent"))
            return None if column == TITLE else QColor(theme().color("text_muted"))
        if role == Qt.ItemDataRole.ToolTipRole and column == TITLE:
            return tr(corpus.help)
        return None

    def is_here(self, corpus: Corpus) -> bool:
        """Whether it can be opened."""
        known = self.known.get(corpus.name)
        return known is not None and known.here

    def rows_of(self, corpus: Corpus) -> int | None:
        """How many rows it has, as far as is known."""
        known = self.known.get(corpus.name)
        return known.rows if known is not None else corpus.rows

    def words(self, corpus: Corpus, column: int) -> str:
        """A cell in words."""
        match column:
            case 0:
                return tr(corpus.title)
            case 1:
                return tr(corpus.kind) if corpus.task != "generation" else tr(KINDS[corpus.task].title)
            case 2:
                return language(corpus)
            case 3:
                rows = self.rows_of(corpus)
                return "" if rows is None else number(rows)
            case 4:
                return size(corpus.size)
            case 5:
                return tr(corpus.licence)
        if corpus.name == self.fetching:
            return tr("On its way")
        return tr("Is here") if self.is_here(corpus) else ""


def language(corpus: Corpus) -> str:
    """Its languages in words."""
    return ", ".join(tr(one + _LANGUAGE).removesuffix(_LANGUAGE) for one in corpus.language.split(", "))


class CorporaTable(RowTable):
    """Choose one; Return opens or fetches it, which is the panel's."""

    def __init__(self) -> None:
        self.corpora = CorporaModel()
        super().__init__(self.corpora, _ROW, TITLE, clickable=False)
        self.setObjectName("plain")
        self.setAccessibleName(tr("Corpora"))
        self.setAccessibleDescription(tr("What each corpus is, how large, and whether it is here already."))
        for column, width in _WIDTHS.items():
            self.setColumnWidth(column, width)
        theme_notifier().changed.connect(self.viewport().update)
        self.selectRow(0)

    def chosen(self) -> Corpus:
        """The corpus that is chosen."""
        return CATALOGUE[max(0, self.currentIndex().row())]

    def choose(self, name: str) -> None:
        """Choose one by its name."""
        self.selectRow(next(row for row, corpus in enumerate(CATALOGUE) if corpus.name == name))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for column, width in _NARROW.items():
            self.setColumnHidden(column, self.width() < width)
