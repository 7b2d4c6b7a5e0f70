"""Rows out of files, kind by kind. Each reader gives columns, rows, line numbers and notes on what was odd."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lstm_studio.data.decode import decode
from lstm_studio.data.progress import Progress
from lstm_studio.data.source import SourceFormat, parse_rows
from lstm_studio.errors import StudioError

EVERY = 20_000
MOST_COLUMNS = 10_000


@dataclass(frozen=True)
class Note:
    """Something a person may want to know of a file; ``line`` counts from 1."""

    severity: str
    text: str
    line: int | None = None


@dataclass
class Raw:
    """What a reader found, column by column."""

    columns: list[str]
    cells: list[list[str]]
    lines: list[int] | None = None
    notes: list[Note] = field(default_factory=list)


def read_text(text: str, format: SourceFormat, path: Path, progress: Progress) -> Raw:
    """Read decoded text by its layout.

    Raises:
        StudioError: the text does not fit the layout; says in which line.
    """
    readers: dict[str, Callable[[str, SourceFormat, Path, Progress], Raw]] = {
        "csv": _separated,
        "tsv": _separated,
        "jsonl": _json,
        "fasttext": _fasttext,
        "labelled": _labelled,
        "txt": _lines,
    }
    return readers[format.kind](text, format, path, progress)


# -- separated values ------------------------------------------------------------------------------------------


def _separated(text: str, format: SourceFormat, path: Path, progress: Progress) -> Raw:
    reader = parse_rows(text, format.delimiter or ",", format.quoting, format.escape)
    notes: list[Note] = []
    header: list[str] | None = None
    width = 0
    cells: list[list[str]] = []
    lines: list[int] = []
    ragged: list[tuple[int, int]] = []
    blank: list[int] = []
    total = max(1, len(text))
    seen = 0
    line = 1
    try:
        for row in reader:
            start, line = line, reader.line_num + 1
            if not row or (len(row) == 1 and not row[0].strip()):
                blank.append(start)
                continue
            if header is None:
                width = _width(text, format, row)
                header = row if format.header else [f"column {n}" for n in range(1, width + 1)]
                if len(header) > MOST_COLUMNS:
                    raise StudioError(
                        f"The file has {len(header):,} columns", where=path, todo="Choose another separator"
                    )
                header = (header + [f"column {n}" for n in range(len(header) + 1, width + 1)])[
                    : max(width, len(header))
                ]
                width = len(header)
                cells = [[] for _ in header]
                if format.header:
                    continue
            if len(row) != width:
                ragged.append((start, len(row)))
                row = _fit(row, width, format.delimiter or ",")
            for column, cell in zip(cells, row, strict=True):
                column.append(cell)
            lines.append(start)
            seen += 1
            if seen % EVERY == 0:
                progress(min(0.99, reader.line_num / max(reader.line_num, total / 60)), f"Reading: {seen:,} rows")
    except csv.Error as error:
        raise StudioError(
            f"The row cannot be read: {error}",
            where=f"{path}, line {line}",
            todo="Mend the quotes there, or say that quotes are plain characters (data.quoting = false)",
        ) from None
    if header is None:
        raise StudioError("The file is empty", where=path, why="It has no rows")
    _quote_notes(text, format, cells, lines, notes)
    if ragged:
        first, count = ragged[0]
        words = f"Line {first} has {count} {'column' if count == 1 else 'columns'} instead of {width}"
        if len(ragged) > 1:
            words += f", and {len(ragged) - 1:,} more {'line is' if len(ragged) == 2 else 'lines are'} uneven"
        notes.append(Note("warning", f"{words}; missing cells are empty, surplus ones were joined to the last.", first))
    if blank and blank[0] <= (lines[-1] if lines else 0):
        words = (
            f"Line {blank[0]} is empty"
            if len(blank) == 1
            else f"{len(blank):,} lines are empty (the first is line {blank[0]})"
        )
        notes.append(
            Note("info", f"{words} and was left out." if len(blank) == 1 else f"{words} and were left out.", blank[0])
        )
    return Raw(_names(header, notes), cells, lines, notes)


def _width(text: str, format: SourceFormat, first: list[str]) -> int:
    """The usual number of columns; with a header, never fewer than it names."""
    counts: Counter[int] = Counter()
    for index, row in enumerate(parse_rows(text, format.delimiter or ",", format.quoting, format.escape)):
        if row and any(cell.strip() for cell in row):
            counts[len(row)] += 1
        if index >= 500:
            break
    usual = counts.most_common(1)[0][0] if counts else len(first)
    return len(first) if format.header else max(usual, 1)


def _fit(row: list[str], width: int, delimiter: str) -> list[str]:
    if len(row) < width:
        return row + [""] * (width - len(row))
    surplus = row[width - 1 :]
    while len(surplus) > 1 and not surplus[-1].strip():
        surplus.pop()
    return [*row[: width - 1], delimiter.join(surplus)]


def _names(header: list[str], notes: list[Note]) -> list[str]:
    """Column names that differ from each other; empty ones get a number."""
    names: list[str] = []
    taken: set[str] = set()
    for number, given in enumerate(header, 1):
        name = " ".join(given.split()) or f"column {number}"
        if name in taken:
            copy = 2
            while f"{name} ({copy})" in taken:
                copy += 1
            notes.append(
                Note("warning", f"Two columns are called {name!r}; the second is shown as '{name} ({copy})'.", 1)
            )
            name = f"{name} ({copy})"
        taken.add(name)
        names.append(name)
    return names


def _quote_notes(text: str, format: SourceFormat, cells: list[list[str]], lines: list[int], notes: list[Note]) -> None:
    if not lines or not cells:
        return
    if not format.quoting:
        for row, line in enumerate(lines):
            for column in cells:
                cell = column[row]
                if cell.startswith('"') and not (len(cell) > 1 and cell.endswith('"')):
                    notes.append(
                        Note("info", f"Line {line} has a quote that never closes; quotes are read as characters.", line)
                    )
                    return
    elif cells[-1] and "\n" in cells[-1][-1] and text.count('"') % 2 == 1:
        words = f"The quote that opens in line {lines[-1]} never closes; all that follows it became one cell."
        notes.append(Note("warning", words, lines[-1]))


# -- JSON ------------------------------------------------------------------------------------------------------


def _json(text: str, format: SourceFormat, path: Path, progress: Progress) -> Raw:
    notes: list[Note] = []
    order: dict[str, int] = {}
    cells: list[list[str]] = []
    lines: list[int] = []
    odd: list[tuple[int, str]] = []
    for line, value in _values(text, path, progress):
        if not isinstance(value, dict):
            odd.append((line, _kind_of(value)))
            continue
        flat: dict[str, str] = {}
        _flatten(value, "", flat)
        for name in flat:
            if name not in order:
                if len(order) >= MOST_COLUMNS:
                    raise StudioError("The objects have too many different fields", where=f"{path}, line {line}")
                order[name] = len(order)
                cells.append([""] * len(lines))
        for name, index in order.items():
            cells[index].append(flat.get(name, ""))
        lines.append(line)
        if len(lines) % EVERY == 0:
            progress(-1, f"Reading: {len(lines):,} objects")
    if odd:
        line, kind = odd[0]
        more = f" (and {len(odd) - 1:,} more do not hold one)" if len(odd) > 1 else ""
        notes.append(Note("warning", f"Line {line} holds {kind} instead of an object{more}; left out.", line))
    if not lines:
        raise StudioError(
            "The file holds no JSON objects", where=path, todo='Each line should be {"text": ..., "label": ...}'
        )
    if not order:
        raise StudioError(
            "The JSON objects are empty", where=path, todo='Each line should be {"text": ..., "label": ...}'
        )
    return Raw(_names(list(order), notes), cells, lines, notes)


def _values(text: str, path: Path, progress: Progress) -> Iterator[tuple[int, Any]]:
    """(line, value) of JSON lines, of one array, or of objects that simply follow each other."""
    stripped = text.lstrip()
    first_line = stripped.split("\n", 1)[0].strip()
    try:
        json.loads(first_line)
        by_lines = not (first_line.startswith("[") and "\n" not in stripped.strip())
    except RecursionError:
        raise _too_deep(path) from None
    except ValueError:
        by_lines = '"' in first_line and not first_line.endswith(("[", "{", ",")) and first_line.endswith("}")
    if by_lines:
        yield from _json_lines(text, path)
        return
    decoder = json.JSONDecoder()
    place, whitespace = 0, re.compile(r"[\s,]*")
    while True:
        place = whitespace.match(text, place).end()  # type: ignore[union-attr]
        if place >= len(text):
            return
        line = text.count("\n", 0, place) + 1 if place < 2_000_000 else 0
        try:
            value, end = decoder.raw_decode(text, place)
        except json.JSONDecodeError as error:
            raise StudioError(f"This is not valid JSON: {error.msg}", where=f"{path}, line {error.lineno}") from None
        except RecursionError:
            raise _too_deep(path) from None
        if isinstance(value, list):
            for item in value:
                yield line, item
        else:
            yield line, value
        place = end


def _json_lines(text: str, path: Path) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield number, json.loads(line)
        except RecursionError:
            raise _too_deep(path) from None
        except ValueError as error:
            reason = getattr(error, "msg", str(error))
            raise StudioError(
                f"This is not valid JSON: {reason}", where=f"{path}, line {number}", todo="Mend or remove that line"
            ) from None


def _too_deep(path: Path) -> StudioError:
    return StudioError(
        "The JSON is nested too deeply", where=path, todo='Each line should be {"text": ..., "label": ...}'
    )


def _kind_of(value: Any) -> str:
    return {list: "a list", str: "a piece of text", bool: "true or false", type(None): "null"}.get(
        type(value), "a number"
    )


def _flatten(value: dict[str, Any], prefix: str, into: dict[str, str], depth: int = 0) -> None:
    for key, inner in value.items():
        name = f"{prefix}{key}"
        if isinstance(inner, dict) and inner and depth < 20:
            _flatten(inner, f"{name}.", into, depth + 1)
        else:
            into[name] = cell_of(inner)


def cell_of(value: Any) -> str:
    """Any JSON or Parquet value as the text of a cell; None is empty."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, list, dict, tuple)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


# -- plain lines -----------------------------------------------------------------------------------------------


def _fasttext(text: str, format: SourceFormat, path: Path, progress: Progress) -> Raw:
    texts, labels, lines, notes = [], [], [], []
    several = without = 0
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        words = line.split()
        found = []
        while words and words[0].startswith("__label__"):
            found.append(words.pop(0).removeprefix("__label__"))
        several += len(found) > 1
        without += not found
        labels.append(found[0] if found else "")
        texts.append(" ".join(words))
        lines.append(number)
        if number % EVERY == 0:
            progress(-1, f"Reading: {number:,} lines")
    if several:
        notes.append(Note("warning", f"{several:,} lines have several labels; the first of each was taken."))
    if without:
        notes.append(Note("warning", f"{without:,} lines have no label."))
    return Raw(["text", "label"], [texts, labels], lines, notes)


def _labelled(text: str, format: SourceFormat, path: Path, progress: Progress) -> Raw:
    texts, coarse, fine, lines = [], [], [], []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        label, _, rest = line.strip().partition(" ")
        head, colon, _ = label.partition(":")
        coarse.append(head if colon else "")
        fine.append(label if colon else "")
        texts.append(rest.strip() if colon else line.strip())
        lines.append(number)
        if number % EVERY == 0:
            progress(-1, f"Reading: {number:,} lines")
    return Raw(["text", "label", "fine label"], [texts, coarse, fine], lines)


def _lines(text: str, format: SourceFormat, path: Path, progress: Progress) -> Raw:
    texts, lines = [], []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            texts.append(line)
            lines.append(number)
    return Raw(["text"], [texts], lines)


# -- folders and Parquet ---------------------------------------------------------------------------------------


def read_folder(path: Path, encoding: str | None, progress: Progress) -> tuple[Raw, list[Path]]:
    """One text a file, one label a sub-folder; hidden files are left out. Also returns the files that were read."""
    folders = sorted(p for p in path.iterdir() if p.is_dir() and not p.name.startswith("."))
    files = [
        (f, folder.name) for folder in folders for f in sorted(folder.rglob("*.txt")) if not f.name.startswith(".")
    ]
    if not files:
        raise StudioError(
            "The folder holds no sub-folders with .txt files",
            where=path,
            todo="Put the texts of each label into a sub-folder that bears the label's name",
        )
    notes: list[Note] = []
    stray = sum(1 for p in path.iterdir() if p.is_file() and not p.name.startswith("."))
    if stray:
        words = "One file stands" if stray == 1 else f"{stray:,} files stand"
        notes.append(
            Note(
                "info",
                f"{words} outside the sub-folders and is not read."
                if stray == 1
                else f"{words} outside the sub-folders and are not read.",
            )
        )
    texts, labels, names = [], [], []
    for number, (file, label) in enumerate(files, 1):
        try:
            raw = file.read_bytes()
        except OSError as error:
            raise StudioError("The file cannot be read", where=file, why=error.strerror or "") from None
        texts.append(decode(raw, file, encoding).text.strip() if raw else "")
        labels.append(label)
        names.append(str(file.relative_to(path)))
        if number % 500 == 0:
            progress(number / len(files), f"Reading: {number:,} of {len(files):,} files")
    return Raw(["text", "label", "file"], [texts, labels, names], None, notes), [file for file, _ in files]


def read_parquet(path: Path, progress: Progress) -> Raw:
    """All columns of a Parquet file as text; structures are flattened with dots."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
        while any(pa.types.is_struct(column.type) for column in table.columns):
            table = table.flatten()
    except FileNotFoundError:
        raise StudioError("There is no such file", where=path, todo="Check the path") from None
    except (pa.ArrowException, OSError) as error:
        why = str(error).splitlines()[0][:200]
        raise StudioError("This is not a valid Parquet file", where=path, why=why) from None
    if table.num_columns == 0 or table.num_rows == 0:
        raise StudioError("The file has no rows", where=path)
    cells = []
    for index, column in enumerate(table.columns):
        progress(index / table.num_columns, f"Reading column {table.column_names[index]}")
        cells.append([cell_of(value) for value in column.to_pylist()])
    notes: list[Note] = []
    return Raw(_names(list(table.column_names), notes), cells, None, notes)
