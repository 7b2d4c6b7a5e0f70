"""Rows of a table on disk as labels and places; their texts are read when they are needed, a block at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from lstm_studio.config import ClassificationData
from lstm_studio.data.progress import Progress
from lstm_studio.data.rows import columns_of, left_out, no_row, unknown_label
from lstm_studio.data.table import Table
from lstm_studio.errors import StudioError

_MOST_LABELS = 100_000


@dataclass(frozen=True, eq=False)
class LargeRows:
    """N rows with a text and a label.

    Attributes:
        table: One on disk.
        column: Where the texts stand in its file.
        rows: Row of the table of each, ascending: int64 [N].
        codes: Place among ``names`` of its label: int32 [N].
        names: Labels, without white space around them.
    """

    table: Table
    column: int
    rows: np.ndarray
    codes: np.ndarray
    names: list[str]

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, chosen: np.ndarray) -> LargeRows:
        """Some of them, by ascending place here."""
        return LargeRows(self.table, self.column, self.rows[chosen], self.codes[chosen], self.names)

    def texts(self) -> Iterator[list[str]]:
        """Their texts, block after block."""
        for block, own in blocks_of(self.table, self.rows):
            if len(own):
                yield block.column(self.column).take(own).to_pylist()

    def counts(self) -> Counter[str]:
        """How many rows each label has."""
        found = np.bincount(self.codes, minlength=len(self.names)).tolist()
        counts: Counter[str] = Counter()
        for name, count in zip(self.names, found, strict=True):
            if count:
                counts[name] += count
        return counts

    def numbered(self, classes: Sequence[str]) -> np.ndarray:
        """Place among the classes of each row's label: int32 [N].

        Raises:
            StudioError: a label is not among them; names it and the line.
        """
        numbers = {name: number for number, name in enumerate(classes)}
        exchange = np.array([numbers.get(name, -1) for name in self.names], np.int32)
        found = exchange[self.codes]
        odd = np.flatnonzero(found < 0)
        if len(odd):
            first = int(odd[0])
            where = self.table.where(int(self.rows[first]))
            raise unknown_label(self.names[int(self.codes[first])], where, classes)
        return found


def blocks_of(table: Table, rows: np.ndarray) -> Iterator[tuple[pa.RecordBatch, np.ndarray]]:
    """Each block of a table on disk, and which of its rows are among some ascending ones: int64 places in the block."""
    assert table.stored is not None
    start = 0
    for block in table.stored.blocks():
        stop = start + block.num_rows
        yield block, rows[np.searchsorted(rows, start) : np.searchsorted(rows, stop)] - start
        start = stop


def labelled(table: Table, data: ClassificationData, notes: list[str], progress: Progress) -> LargeRows:
    """The rows that have both a text and a label; what is left out is added to ``notes``.

    Raises:
        StudioError: there is no such column, no row is left, or the labels are texts of their own.
        Cancelled: ``progress`` asked for it.
    """
    stored = table.stored
    assert stored is not None
    text, label = (stored.columns[table.position(name)] for name in columns_of(table, data))
    numbers: dict[str, int] = {}
    codes, used = [], []
    start = 0
    for block in stored.blocks():
        labels = [cell.strip() for cell in block.column(label).to_pylist()]
        texts = block.column(text).to_pylist()
        here = [place for place, (one, other) in enumerate(zip(labels, texts, strict=True)) if one and other.strip()]
        for place in here:
            numbers.setdefault(labels[place], len(numbers))
        if len(numbers) > _MOST_LABELS:
            raise StudioError(
                f"More than {_MOST_LABELS:,} different labels",
                where=table.path,
                why=f"Labels were read from column {data.label!r}, which does not look like one of classes",
                todo="Choose another label column",
            )
        codes.append(np.array([numbers[labels[place]] for place in here], np.int32))
        used.append(np.array(here, np.int64) + start)
        start += block.num_rows
        progress(start / max(1, table.num_rows), f"Reading the labels: {start:,} of {table.num_rows:,} rows")
    pa.default_memory_pool().release_unused()
    rows = np.concatenate(used) if used else np.zeros(0, np.int64)
    if not len(rows):
        raise no_row(table, data)
    if len(rows) < table.num_rows:
        notes.append(left_out(table, rows))
    return LargeRows(table, text, rows, np.concatenate(codes), list(numbers))
