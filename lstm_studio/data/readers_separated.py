"""Separated values: rows, uneven ones mended with a note, line numbers that count embedded line breaks."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from lstm_studio.data.dialect import END, parse_lines, parse_rows
from lstm_studio.data.raw import EVERY, MOST_COLUMNS, Batch, Limits, Note, Told, unique_names
from lstm_studio.data.source import SourceFormat
from lstm_studio.errors import StudioError

_Uneven = tuple[int, int, list[str]]
"""Row, line, cells."""


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
        path, width = self._path, self._width
        cells: list[list[str]] = [[] for _ in range(width)]
        add = [column.append for column in cells]
        starts: list[int] = []
        short: list[_Uneven] = []
        long: list[_Uneven] = []
        rows = characters = 0
        reader = parse_lines(lines, self._delimiter, self._format.quoting, self._format.escape)
        expect_header = self._format.header
        line = 1
        try:
            for row in reader:
                start, line = line, reader.line_num + 1
                if not row or (len(row) == 1 and not row[0].strip()):
                    self._blank.append(start)
                    continue
                if row[-1][-1:] == END:
                    if row != [END]:
                        raise _never_closed(path, start)
                    break
                if expect_header:
                    expect_header = False
                    continue
                if len(row) != width:
                    (short if len(row) < width else long).append((len(starts), start, row))
                    row = [*row[:width], *[""] * (width - len(row))]
                for put, cell in zip(add, row, strict=True):
                    put(cell)
                starts.append(start)
                rows += 1
                if rows % EVERY == 0:
                    told(start, rows)
                if most is not None:
                    characters += sum(map(len, row))
                    if len(starts) >= most.rows or characters >= most.characters:
                        yield self._mended(cells, starts, short, long)
                        cells = [[] for _ in range(width)]
                        add = [column.append for column in cells]
                        starts, short, long, characters = [], [], [], 0
        except csv.Error as error:
            raise StudioError(f"The row cannot be read: {error}", where=f"{path}, line {line}") from None
        if starts or not rows:
            yield self._mended(cells, starts, short, long)

    def _mended(self, cells: list[list[str]], lines: list[int], short: list[_Uneven], long: list[_Uneven]) -> Batch:
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
