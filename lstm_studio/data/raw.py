"""What a reader hands over: names, cells, line numbers, notes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

EVERY = 20_000
"""Rows between two calls of ``progress``."""
MOST_COLUMNS = 10_000
_MOST_NAMED = 3


@dataclass(frozen=True)
class Note:
    """Something a person may want to know of a file: ``severity`` is "info" or "warning", ``line`` counts from 1."""

    severity: str
    text: str
    line: int | None = None


@dataclass
class Raw:
    """What a reader found.

    Attributes:
        columns: Names, different from each other.
        cells: Column by column: lists of str, or Arrow arrays of them.
        lines: Line of the file (from 1) on which each row begins; None where there are no lines.
        notes: What was odd.
        word_lines: Line of the file of each word of each row, where every word stands on a line of its own.
    """

    columns: list[str]
    cells: list[Any]
    lines: list[int] | None = None
    notes: list[Note] = field(default_factory=list)
    word_lines: list[Sequence[int]] | None = None


Told = Callable[[int, int], object]
"""Called now and then with the line that is reached and the number of rows so far; may raise ``Cancelled``."""


@dataclass
class Batch:
    """Rows that follow each other: their cells column by column, and the line (from 1) on which each begins."""

    cells: list[list[str]]
    lines: list[int]


@dataclass(frozen=True)
class Limits:
    """How much of a file is held at once: so many rows, and after so many characters no further one."""

    rows: int
    characters: int


class BatchReader(Protocol):
    """Reads rows from lines, a batch at a time; what is odd is told at the end."""

    def batches(self, lines: Iterable[str], told: Told, most: Limits | None = None) -> Iterator[Batch]:
        """The rows of ``lines``, each with its line end but perhaps the last; all in one batch without ``most``.

        Raises:
            StudioError: the text does not fit the layout; says in which line.
        """

    def finish(self) -> tuple[list[str], list[int], list[Note]]:
        """Once all is read: names of the columns, which of those of the batches they are, what was odd."""


def unique_names(given: Sequence[str], notes: list[Note]) -> list[str]:
    """Column names that differ from each other; empty ones get a number, repeated ones too, with a note."""
    names: list[str] = []
    taken: set[str] = {" ".join(name.split()) for name in given}
    seen: set[str] = set()
    renamed: list[tuple[str, str]] = []
    for number, raw in enumerate(given, 1):
        name = " ".join(raw.split())
        base = name or f"column {number}"
        if name in seen or (not name and base in taken | seen):
            copy = 2
            while (fresh := f"{base} ({copy})") in taken or fresh in seen:
                copy += 1
            if name:
                renamed.append((name, fresh))
            base = fresh
        seen.add(base)
        names.append(base)
    for name, fresh in renamed[:_MOST_NAMED]:
        notes.append(Note("warning", f"Two columns are called '{name}'; the later one is shown as '{fresh}'.", 1))
    if len(renamed) > _MOST_NAMED:
        notes.append(Note("warning", f"{len(renamed) - _MOST_NAMED:,} more columns had the name of another one.", 1))
    return names


def cell_of(value: Any) -> str:
    """Any JSON or Parquet value as the text of a cell; None is empty."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, (bytes, bytearray)):
        return value.decode("utf-8", "replace")
    if isinstance(value, (bool, list, dict, tuple)):
        return json.dumps(value, ensure_ascii=False, default=cell_of)
    return str(value)
