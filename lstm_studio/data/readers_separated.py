"""Separated values: rows, uneven ones mended with a note, line numbers that count embedded line breaks."""

from __future__ import annotations

import csv
from collections import Counter
from itertools import islice
from pathlib import Path

from lstm_studio.data.dialect import END, parse_rows
from lstm_studio.data.progress import Progress
from lstm_studio.data.raw import EVERY, MOST_COLUMNS, Note, Raw, unique_names
from lstm_studio.data.source import SourceFormat
from lstm_studio.errors import StudioError

_Uneven = tuple[int, int, list[str]]
"""Row, line, cells."""


def read_separated(text: str, format: SourceFormat, path: Path, progress: Progress) -> Raw:
    """Read a table.

    Raises:
        StudioError: a quote never closes, or there are absurdly many columns.
    """
    delimiter = format.delimiter or ","
    header, width = _header(text, format, delimiter, path)
    notes: list[Note] = []
    cells: list[list[str]] = [[] for _ in range(width)]
    lines: list[int] = []
    short: list[_Uneven] = []
    long: list[_Uneven] = []
    blank: list[int] = []
    last_line = text.count("\n") + 1
    reader = parse_rows(text, delimiter, format.quoting, format.escape)
    add = [column.append for column in cells]
    expect_header = format.header
    line = 1
    try:
        for row in reader:
            start, line = line, reader.line_num + 1
            if not row or (len(row) == 1 and not row[0].strip()):
                blank.append(start)
                continue
            if row[-1][-1:] == END:
                if row != [END]:
                    raise _never_closed(path, start)
                break
            if expect_header:
                expect_header = False
                continue
            if len(row) != width:
                (short if len(row) < width else long).append((len(lines), start, row))
                row = [*row[:width], *[""] * (width - len(row))]
            for put, cell in zip(add, row, strict=True):
                put(cell)
            lines.append(start)
            if len(lines) % EVERY == 0:
                progress(start / last_line, f"Reading: {len(lines):,} rows")
    except csv.Error as error:
        raise StudioError(f"The row cannot be read: {error}", where=f"{path}, line {line}") from None
    late = [at for _, at, row in (*short, *long) if any("\n" in cell for cell in row)]
    if late:
        words = f"The quote that opens in line {min(late)} closes too late: lines that seem to be rows became one."
        notes.append(Note("warning", words, min(late)))
    _mend(short, long, cells, delimiter, notes)
    if format.quoting is False:
        _note_open_quote(cells, lines, notes)
    _note_blank([number for number in blank if lines and number < lines[-1]], notes)
    names = [name.strip() for name in header]
    if format.header:
        names, cells = _without_nothing(names, cells, notes)
    return Raw(unique_names(names, notes), cells, lines, notes)


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
        first = next(
            row for row in parse_rows(text, delimiter, format.quoting, format.escape) if any(map(str.strip, row))
        )
        counts[len(first)] += 1
    width = len(first) if format.header else counts.most_common(1)[0][0]
    if width > MOST_COLUMNS:
        raise StudioError(f"The file has {width:,} columns", where=path, todo="Choose another separator")
    return (first if format.header else [f"column {number}" for number in range(1, width + 1)]), width


# -- uneven rows -----------------------------------------------------------------------------------------------


def _mend(short: list[_Uneven], long: list[_Uneven], cells: list[list[str]], delimiter: str, notes: list[Note]) -> None:
    """Put the surplus cells of long rows where they belong, and say what was done about all uneven rows."""
    width = len(cells)
    if short:
        _, line, row = short[0]
        notes.append(Note("warning", f"{_uneven(line, len(row), width, len(short))}; missing cells are empty.", line))
    whole: list[_Uneven] = []
    dropped: list[_Uneven] = []
    joined: list[_Uneven] = []
    known, at = _known_values(long, cells) if long else ({}, 0)
    for place, line, given in long:
        row = list(given)
        while len(row) > width and not row[-1].strip():
            row.pop()
        if len(row) == width:
            continue  # only empty cells too many
        fitting = _join(row, width, at, delimiter)
        if known and _fits(fitting, known):
            whole.append((place, line, row))
        elif known and _fits(row, known):
            dropped.append((place, line, row))
            continue
        else:
            fitting = _join(row, width, width - 1, delimiter)
            joined.append((place, line, row))
        for column, cell in zip(cells, fitting, strict=True):
            column[place] = cell
    for rows, what in (
        (whole, "the text was split at separators inside it and is whole again"),
        (dropped, "the surplus ones were left out"),
        (joined, "the surplus ones were joined to the last"),
    ):
        if rows:
            _, line, row = rows[0]
            notes.append(Note("warning", f"{_uneven(line, len(row), width, len(rows))}; {what}.", line))


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


def _note_open_quote(cells: list[list[str]], lines: list[int], notes: list[Note]) -> None:
    """Say where a quote opens a cell and does not end it, when quotes are read as plain characters."""
    for line, *row in zip(lines, *cells, strict=True):
        for cell in row:
            if cell[:1] == '"' and not (len(cell) > 1 and cell[-1] == '"'):
                words = (
                    f"The quote that opens in line {line} does not close there; quotes are read as plain characters."
                )
                notes.append(Note("info", words, line))
                return


def _note_blank(blank: list[int], notes: list[Note]) -> None:
    if len(blank) == 1:
        notes.append(Note("info", f"Line {blank[0]} is empty and was left out.", blank[0]))
    elif blank:
        words = f"{len(blank):,} lines are empty (the first is line {blank[0]}) and were left out."
        notes.append(Note("info", words, blank[0]))


def _without_nothing(names: list[str], cells: list[list[str]], notes: list[Note]) -> tuple[list[str], list[list[str]]]:
    """Leave out columns that have neither name nor content, as spreadsheets append them."""
    kept = [index for index, name in enumerate(names) if name or any(cells[index])]
    gone = len(names) - len(kept)
    if not gone or not kept:
        return names, cells
    words = (
        "One column has neither name nor content and was"
        if gone == 1
        else (f"{gone:,} columns have neither name nor content and were")
    )
    notes.append(Note("info", f"{words} left out.", 1))
    return [names[index] for index in kept], [cells[index] for index in kept]
