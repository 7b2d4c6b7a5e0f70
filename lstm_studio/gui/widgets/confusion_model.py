"""Counts of what was taken for what, as a table's model; each cell can be said in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from lstm_studio.gui.i18n import compact, ntr, tr
from lstm_studio.gui.widgets.tips import plain_tip
from lstm_studio.gui.widgets.token_axis import quoted, visible_token

Index = QModelIndex | QPersistentModelIndex
Unit = Literal["span", "sentence"]


def cell_words(names: Sequence[str], truth: int, predicted: int) -> str:
    """A cell in a few words; the name "" stands for nothing at all."""
    one, other = visible_token(names[truth][:200]), visible_token(names[predicted][:200])
    if not names[predicted]:
        return tr("{truth} missed", truth=one)
    if not names[truth]:
        return tr("{predicted} invented", predicted=other)
    if truth == predicted:
        return tr("{truth} read rightly", truth=one)
    return tr("{truth} read as {predicted}", truth=one, predicted=other)


class ConfusionModel(QAbstractTableModel):
    """Counts int64 [K, K] under K names."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.counts = np.zeros((0, 0), np.int64)
        self.shares = np.zeros((0, 0))
        self.nothing: int | None = None
        self.unit: Unit = "span"

    def fill(self, names: Sequence[str], counts: np.ndarray, nothing: int | None, unit: Unit) -> None:
        """Other names and counts."""
        self.beginResetModel()
        self.names, self.counts, self.nothing, self.unit = list(names), counts, nothing, unit
        self.shares = counts / np.maximum(1, counts.sum(1, keepdims=True))
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.names)

    def columnCount(self, parent: Index | None = None) -> int:
        return self.rowCount(parent)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return visible_token(self.names[section])
        return plain_tip(self.names[section][:500]) if role == Qt.ItemDataRole.ToolTipRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return compact(int(self.counts[row, column]))
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self.words(row, column)) if self.words(row, column) else None
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return self.words(row, column)
        return None

    def words(self, row: int, column: int) -> str:
        """A cell in a sentence: "17 spans of 'location' were read as 'person'."."""
        n, names = int(self.counts[row, column]), [quoted(name[:200]) for name in self.names]
        said = {"truth": names[row], "predicted": names[column]}
        spans = self.unit == "span"
        if row == self.nothing and column == self.nothing:
            return ""
        if row == self.nothing:
            return ntr(
                "{n} span was read as '{predicted}' where the data have none.",
                "{n} spans were read as '{predicted}' where the data have none.",
                n,
                predicted=names[column],
            )
        share = tr("{share} % of this row", share=f"{100 * self.shares[row, column]:.0f}") if n else ""
        if column == self.nothing:
            text = ntr("{n} span of '{truth}' was missed.", "{n} spans of '{truth}' were missed.", n, truth=names[row])
        elif row == column and spans:
            text = ntr(
                "{n} span of '{truth}' was read rightly.",
                "{n} spans of '{truth}' were read rightly.",
                n,
                truth=names[row],
            )
        elif row == column:
            text = ntr(
                "{n} sentence of '{truth}' was read rightly.",
                "{n} sentences of '{truth}' were read rightly.",
                n,
                truth=names[row],
            )
        elif spans:
            text = ntr(
                "{n} span of '{truth}' was read as '{predicted}'.",
                "{n} spans of '{truth}' were read as '{predicted}'.",
                n,
                **said,
            )
        else:
            text = ntr(
                "{n} sentence of '{truth}' was read as '{predicted}'.",
                "{n} sentences of '{truth}' were read as '{predicted}'.",
                n,
                **said,
            )
        return f"{text} {share}".strip()
