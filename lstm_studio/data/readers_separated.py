"""Separated values: rows, uneven ones mended with a note, line numbers that count embedded line breaks."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from lstm_studio.data.dialect import END, parse_lines, parse_rows
from lstm_studio.data.raw import EVERY, MOST_COLUMNS, Batch, Limits, Note, Told, unique_names
from lstm_studio.data.source import SourceFormat
from lstm_studio.errors import StudioError

_Uneven = tuple[int, int, list[str]]
"""Row, line, cells."""
_FEWEST, _MOST = 16, 4096
"""Rows that are taken at once."""


class _Held:
    """Rows of a batch."""

    def __init__(self, width: int) -> None:
        self.cells: list[list[str]] = [[] for _ in range(width)]
        self.lines: list[int] = []
        self.short: list[_Uneven] = []
        self.long: list[_Uneven] = []
        self.characters = 0

    def extend(self, rows: list[list[str]], line: int, after: int) -> None:
        """Even rows, which stand from a line on up to another one."""
        if after - line == len(rows):
            self.lines.extend(range(line, after))
        else:
            for row in rows:
                self.lines.append(line)
                line += 1 + sum(cell.count("\n") for cell in row)
        for column, cells in zip(self.cells, zip(*rows, strict=True), strict=True):
            column.extend(cells)
            self.characters += sum(map(len, cells))

    def append(self, row: list[str], line: int) -> None:
        """A row of any width, filled up or cut."""
        width = len(self.cells)
        if len(row) != width:
            (self.short if len(row) < width else self.long).append((len(self.lines), line, row))
            row = [*row[:width], *[""] * (width - len(row))]
        for column, cell in zip(self.cells, row, strict=True):
            column.append(cell)
        self.lines.append(line)
        self.characters += sum(map(len, row))

    def next_size(self) -> int:
        """So many rows that come to about a million characters, as far as those here tell."""
        if not self.lines:
            return _FEWEST
        return min(_MOST, max(_FEWEST, 1_000_000 * len(self.lines) // max(1, self.characters)))


class SeparatedReader:
    """Rows of a table.

    Args:
        head: The beginning of its text, which says names and number of columns.
        format: Its layout.
        path: For messages.

    Raises:
        StudioError: there are absurdly many columns.
    """

    def __init__(self, head: str, format: SourceFormat, path: Path) -> None:
        self._format, self._path = format, path
        self._delimiter = format.delimiter or ","
        self._names, self._width = _header(head, format, self._delimiter, path)
        self._notes = _UnevenNotes(self._width)
        self._late = self._open = 0
        self._blank: list[int] = []
        self._last_row = 0
        self._filled = [False] * self._width

    def batches(self, lines: Iterable[str], told: Told, most: Limits | None = None) -> Iterator[Batch]:
        """See ``BatchReader``. Uneven rows are mended by what their batch holds.

        Raises:
            StudioError: a quote never closes.
        """
        held = _Held(self._width)
        reader = parse_lines(lines, self._delimiter, self._format.quoting, self._format.escape)
        expect_header, ended = self._format.header, False
        line, rows, size = 1, 0, _FEWEST if most is None else min(_FEWEST, most.rows)
        while not ended and (chunk := self._next(reader, size)):
            after = reader.line_num + 1
            ended = chunk[-1][-1:] != [] and chunk[-1][-1][-1:] == END
            before = rows
            if not ended and not expect_header and self._width > 1 and set(map(len, chunk)) == {self._width}:
                held.extend(chunk, line, after)
                rows += len(chunk)
                line = after
            else:
                for row in chunk:
                    start, line = line, line + 1 + sum(cell.count("\n") for cell in row)
                    if not row or (len(row) == 1 and not row[0].strip()):
                        self._blank.append(start)
                    elif row[-1][-1:] == END:
                        if row != [END]:
                            raise _never_closed(self._path, start)
                    elif expect_header:
                        expect_header = False
                    else:
                        held.append(row, start)
                        rows += 1
            if rows // EVERY > before // EVERY:
                told(line, rows)
            if most is not None:
                size = held.next_size()
                if len(held.lines) >= most.rows or held.characters >= most.characters:
                    yield self._mended(held)
                    held = _Held(self._width)
                size = min(size, most.rows - len(held.lines))
            else:
                size = _MOST
        if held.lines or not rows:
            yield self._mended(held)

    def _next(self, reader: Any, size: int) -> list[list[str]]:
        try:
            return list(islice(reader, size))
        except csv.Error as error:
            where = f"{self._path}, line {reader.line_num}"
            raise StudioError(f"The row cannot be read: {error}", where=where) from None

    def _mended(self, held: _Held) -> Batch:
        cells, lines, short, long = held.cells, held.lines, held.short, held.long
        late = [at for _, at, row in (*short, *long) if any("\n" in cell for cell in row)]
        if late:
            self._late = min(late) if not self._late else min(self._late, *late)
        self._notes.add("missing cells are empty", short)
        _mend(long, cells, self._delimiter, self._notes)
        if self._format.quoting is False and not self._open:
            self._open = _open_quote(cells, lines)
        if lines:
            self._last_row = lines[-1]
        self._filled = [had or any(column) for had, column in zip(self._filled, cells, strict=True)]
        return Batch(cells, lines)

    def finish(self) -> tuple[list[str], list[int], list[Note]]:
        """See ``BatchReader``. Columns without name and content are left out, as spreadsheets append them."""
        notes: list[Note] = []
        if self._late:
            words = f"The quote that opens in line {self._late} closes too late: lines that seem to be rows became one."
            notes.append(Note("warning", words, self._late))
        notes += self._notes.notes()
        if self._open:
            words = f"The quote that opens in line {self._open} does not close there;"
            words += " quotes are read as plain characters."
            notes.append(Note("info", words, self._open))
        _note_blank([number for number in self._blank if number < self._last_row], notes)
        names, kept = [name.strip() for name in self._names], list(range(self._width))
        if self._format.header:
            named = [place for place in kept if names[place] or self._filled[place]]
            if 0 < len(named) < len(kept):
                gone = len(kept) - len(named)
                words = (
                    "One column has neither name nor content and was"
                    if gone == 1
                    else f"{gone:,} columns have neither name nor content and were"
                )
                notes.append(Note("info", f"{words} left out.", 1))
                names, kept = [names[place] for place in named], named
        return unique_names(names, notes), kept, notes


def _never_closed(path: Path, line: int) -> StudioError:
    return StudioError(
        "The quote that opens in this row never closes",
        where=f"{path}, line {line}",
        why="All that follows it would become one cell",
        todo="Close it there, or say that quotes are plain characters (data.quoting = false)",
    )


def _header(text: str, format: SourceFormat, delimiter: str, path: Path) -> tuple[list[str], int]:
    """Names of the columns and how many there are: what the header names, else the usual number."""
    first: list[str] = []
    counts: Counter[int] = Counter()
    for row in islice(parse_rows(text[:200_000], delimiter, format.quoting, format.escape), 500):
        if any(cell.strip(" \t\0") for cell in row):
            first = first or [cell.removesuffix(END) for cell in row]
            counts[len(row)] += 1
    if not first:  # a cell longer than the beginning that was looked at
        rows = parse_rows(text, delimiter, format.quoting, format.escape)
        first = next((row for row in rows if any(map(str.strip, row))), [""])
        counts[len(first)] += 1
    width = len(first) if format.header else counts.most_common(1)[0][0]
    if width > MOST_COLUMNS:
        raise StudioError(f"The file has {width:,} columns", where=path, todo="Choose another separator")
    return (first if format.header else [f"column {number}" for number in range(1, width + 1)]), width


# -- uneven rows -----------------------------------------------------------------------------------------------


class _UnevenNotes:
    """What was done about rows of the wrong length: of each kind the first one, and how many there are."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._told: dict[str, list[int]] = {what: [0, 0, 0] for what in ("missing cells are empty", *_LONG)}

    def add(self, what: str, rows: list[_Uneven]) -> None:
        if rows:
            told = self._told[what]
            if not told[2]:
                _, told[0], row = rows[0]
                told[1] = len(row)
            told[2] += len(rows)

    def notes(self) -> list[Note]:
        return [
            Note("warning", f"{_uneven(line, count, self._width, rows)}; {what}.", line)
            for what, (line, count, rows) in self._told.items()
            if rows
        ]


_WHOLE, _DROPPED, _JOINED = _LONG = (
    "the text was split at separators inside it and is whole again",
    "the surplus ones were left out",
    "the surplus ones were joined to the last",
)


def _mend(long: list[_Uneven], cells: list[list[str]], delimiter: str, notes: _UnevenNotes) -> None:
    """Put the surplus cells of long rows where they belong."""
    width = len(cells)
    done: dict[str, list[_Uneven]] = {what: [] for what in _LONG}
    known, at = _known_values(long, cells) if long else ({}, 0)
    for place, line, given in long:
        row = list(given)
        while len(row) > width and not row[-1].strip():
            row.pop()
        if len(row) == width:
            continue  # only empty cells too many
        fitting = _join(row, width, at, delimiter)
        what = _WHOLE if known and _fits(fitting, known) else _DROPPED if known and _fits(row, known) else _JOINED
        done[what].append((place, line, row))
        if what == _DROPPED:
            continue
        if what == _JOINED:
            fitting = _join(row, width, width - 1, delimiter)
        for column, cell in zip(cells, fitting, strict=True):
            column[place] = cell
    for what, rows in done.items():
        notes.add(what, rows)


def _known_values(long: list[_Uneven], cells: list[list[str]]) -> tuple[dict[int, set[str]], int]:
    """Values of the columns that hold labels (few, short ones), and the column that holds the longest texts."""
    width = len(cells)
    uneven = {place for place, _, _ in long}
    even = [place for place in range(len(cells[0])) if place not in uneven]
    known: dict[int, set[str]] = {}
    sizes: list[int] = []
    for index, column in enumerate(cells):
        values = [column[place].strip() for place in even] if len(even) >= 5 else []
        ends = not values and index in {0, width - 1}
        if ends:  # hardly any row is even: look at the two ends of the others
            values = [row[0 if index == 0 else -1].strip() for _, _, row in long]
        distinct = set(values)
        if ends and len(distinct) == 1:  # how all texts begin or end, not a label
            sizes.append(sum(len(cell) for _, _, row in long for cell in row))
            continue
        if len(values) >= 5 and len(distinct) <= max(2, len(values) // 5) and max(map(len, distinct)) <= 60:
            known[index] = distinct
        sizes.append(sum(map(len, distinct)))
    text = max(range(width), key=sizes.__getitem__)
    known.pop(text, None)
    return known, text


def _join(row: list[str], width: int, at: int, delimiter: str) -> list[str]:
    """Make a row as long as the others by joining the cells from ``at`` on."""
    end = at + 1 + len(row) - width
    return [*row[:at], delimiter.join(row[at:end]), *row[end:]]


def _fits(row: list[str], known: dict[int, set[str]]) -> bool:
    return all(row[index].strip() in values for index, values in known.items())


def _uneven(line: int, count: int, width: int, rows: int) -> str:
    words = f"Line {line} has {count} {'column' if count == 1 else 'columns'} instead of {width}"
    if rows > 1:
        words += f", and {rows - 1:,} more {'line is' if rows == 2 else 'lines are'} like it"
    return words


# -- notes -----------------------------------------------------------------------------------------------------


def _open_quote(cells: list[list[str]], lines: list[int]) -> int:
    """Line in which a quote opens a cell and does not end it; 0 for none."""
    for line, *row in zip(lines, *cells, strict=True):
        if any(cell[:1] == '"' and not (len(cell) > 1 and cell[-1] == '"') for cell in row):
            return line
    return 0


def _note_blank(blank: list[int], notes: list[Note]) -> None:
    if len(blank) == 1:
        notes.append(Note("info", f"Line {blank[0]} is empty and was left out.", blank[0]))
    elif blank:
        words = f"{len(blank):,} lines are empty (the first is line {blank[0]}) and were left out."
        notes.append(Note("info", words, blank[0]))
