"""What a reader hands over: names, cells, line numbers, notes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

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
