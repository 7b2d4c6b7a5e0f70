"""What is pasted into a set that is written by hand: lines, or a table from a spreadsheet or a file."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lstm_studio.data.dialect import DELIMITERS, KNOWN_HEADERS
from lstm_studio.data.handmade import MOST_CELL, MOST_ROWS, clean
from lstm_studio.data.handmade_kinds import HandKind
from lstm_studio.data.progress import Progress, silent
from lstm_studio.errors import StudioError

MOST_PASTED = 20_000_000
"""Characters that are looked at."""
_LABELS = frozenset(
    "label labels class classes category sentiment topic tag intent rating polarity "
    "标签 类别 分类 情感 情绪 主题 標籤 類別 etiqueta etikett kategorie klasse étiquette classe target".split()
)
_SPACED = 0.5
"""Share of separators with a space behind them from which on they are punctuation."""


@dataclass(frozen=True)
class Pasted:
    """Rows of at most as many cells as the set has columns, and a sentence on each thing that was done to them."""

    rows: list[list[str]]
    notes: list[str]

    @property
    def width(self) -> int:
        """The most cells of a row."""
        return max(map(len, self.rows), default=0)


def read_pasted(text: str, kind: HandKind, progress: Progress = silent) -> Pasted:
    """Take pasted text apart: by tabs, by commas or semicolons where they part columns, else by lines.

    A first row that names columns is left out, and tells which column is which.

    Raises:
        StudioError: there are too many rows, or a cell is too long.
        Cancelled: ``progress`` asked for it.
    """
    if len(text) > MOST_PASTED:
        raise StudioError(
            "This is too much to be pasted",
            why=f"It has {len(text):,} characters",
            todo="Save it as a file, and open that",
        )
    csv.field_size_limit(2**31 - 1)
    whole = clean(text).strip("\n")
    wide = len(kind.columns)
    separator = _separator(whole, wide)
    progress(-1.0, "Reading what was pasted")
    if separator is None:
        rows = [[line.strip()] for line in whole.split("\n")]
        rows = [row for row in rows if row[0]]
    else:
        rows = _cells(whole, separator, progress)
    if len(rows) > MOST_ROWS:
        raise StudioError(
            f"This would be {len(rows):,} rows",
            why=f"A set that is written by hand may have {MOST_ROWS:,}",
            todo="Save it as a file, and open that",
        )
    longest = max((len(cell) for row in rows for cell in row), default=0)
    if longest > MOST_CELL:
        where = next(at for at, row in enumerate(rows, 1) if max(map(len, row)) > MOST_CELL)
        raise StudioError(
            f"The pasted row {where:,} has a cell of {longest:,} characters",
            why=f"It may have {MOST_CELL:,}",
            todo="Shorten it, or open such texts as a file",
        )
    if separator is None or not rows:
        return Pasted(rows, [])
    return _fitted(rows, separator, kind)


def _separator(text: str, wide: int) -> str | None:
    """What parts columns; None for plain lines."""
    head = text[:200_000]
    if "\t" in head:
        return "\t"
    if wide < 2:
        return None
    for separator in (",", ";"):
        rows = [row for row in csv.reader(io.StringIO(head), delimiter=separator) if any(cell.strip() for cell in row)]
        if len(head) < len(text):
            rows = rows[:-1]
        count = head.count(separator)
        if not rows or not count:
            continue
        usual, times = Counter(map(len, rows)).most_common(1)[0]
        named = len(rows[0]) >= 2 and _names_columns(rows)
        even = usual >= 2 and times >= 0.9 * len(rows)
        spaced = head.count(separator + " ") > _SPACED * count and '"' not in head
        if even and usual <= max(wide, len(rows[0]) if named else wide) and (named or not spaced):
            return separator
    return None


def _cells(text: str, separator: str, progress: Progress) -> list[list[str]]:
    """Rows that are not blank. Quotes enclose cells only where all of them close."""
    quoted = f"\n{text}".count('\n"') + text.count(f'{separator}"') > 0
    rows: list[list[str]] = []
    reader = csv.reader(
        io.StringIO(text, newline="\n"),
        delimiter=separator,
        quoting=csv.QUOTE_MINIMAL if quoted and text.count('"') % 2 == 0 else csv.QUOTE_NONE,
    )
    for count, row in enumerate(reader):
        if any(cell.strip() for cell in row):
            rows.append([cell.strip() for cell in row])
        if count % 2000 == 0:
            progress(-1.0, f"Reading: {count:,} rows")
        if len(rows) > 50 * MOST_ROWS:
            break
    return rows


def _fitted(rows: list[list[str]], separator: str, kind: HandKind) -> Pasted:
    """As many columns as the set has, in its order."""
    wide, notes = len(kind.columns), []
    header = rows[0] if _names_columns(rows) else None
    usual = Counter(map(len, rows)).most_common(1)[0][0]
    order = list(range(min(wide, max(usual, 1))))
    if header is not None:
        rows = rows[1:]
        order = _named_order(header, kind) or order
        notes.append("The first row was read as the names of the columns.")
    elif wide == 2 and kind.columns[1].holds == "label" and _labels_first(rows):
        order = [1, 0]
        notes.append("The labels stood first; they are in their own column now.")
    dropped = max(len(row) for row in rows) - len(order)
    if separator != "\t":
        notes.insert(0, f"It was read as a table with the separator {DELIMITERS[separator]}.")
    short = sum(len(row) <= max(order) for row in rows)
    if short and usual > 1:
        one = "One row has fewer cells than the others; they are empty."
        notes.append(one if short == 1 else f"{short:,} rows have fewer cells than the others; they are empty.")
    if dropped > 0:
        some = "One column was left out." if dropped == 1 else f"{dropped:,} columns were left out."
        notes.append(some)
    return Pasted([[row[at] if at < len(row) else "" for at in order] for row in rows], notes)


def _names_columns(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: by well-known names only, for a row that is lost is hard to miss."""
    names = [cell.strip().casefold() for cell in rows[0]]
    known = [at for at, name in enumerate(names) if name in KNOWN_HEADERS or name in _LABELS]
    if len(rows) < 2 or not known or any(len(name) > 40 for name in names):
        return False
    return not any(row[at].strip().casefold() == names[at] for row in rows[1:] for at in known if at < len(row))


def _named_order(header: Sequence[str], kind: HandKind) -> list[int]:
    """Where each column of the set stands by the names; empty where they do not tell."""
    names = [name.strip().casefold() for name in header]
    found: list[int] = []
    for column in kind.columns:
        wanted = _LABELS if column.holds == "label" else frozenset([column.field, column.title.casefold()])
        place = next((at for at, name in enumerate(names) if name in wanted and at not in found), None)
        if place is None:
            place = next((at for at, name in enumerate(names) if at not in found and name not in _LABELS), None)
        if place is None:
            return []
        found.append(place)
    return found


def _labels_first(rows: Sequence[Sequence[str]]) -> bool:
    """Whether of two columns the first holds few short names and the second what is said of them."""
    if len(rows) < 4 or any(len(row) != 2 for row in rows):
        return False
    first, second = [row[0] for row in rows], [row[1] for row in rows]
    few = len(set(first)) <= max(2, len(rows) // 3) and len(set(second)) > len(set(first))
    return few and max(map(len, first)) <= 30 and sum(map(len, second)) > 2 * sum(map(len, first))
