"""JSON lines, a JSON array, objects one after another, and the two ways in which tables are written as one object."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from lstm_studio.data.raw import EVERY, MOST_COLUMNS, Batch, Limits, Note, Told, cell_of, unique_names
from lstm_studio.errors import StudioError

_EXAMPLE = 'Each line should be {"text": ..., "label": ...}'
_DEEPEST = 20
MOST_LATE = 5
"""Fields that are named when they come up too late to be columns."""
_BLANK = re.compile(r"\s*")


class JsonReader:
    """Objects as rows: inner objects become columns with dotted names, other values their text.

    Fields become columns as they come up; in batches those of the first one alone do.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._order: dict[str, int] = {}
        self._notes: list[Note] = []
        self._odd: list[tuple[int, str]] = []
        self._late: dict[str, int] = {}
        self._rows = 0

    def batches(self, lines: Iterable[str], told: Told, most: Limits | None = None) -> Iterator[Batch]:
        """See ``BatchReader``; for JSON lines alone.

        Raises:
            StudioError: not JSON (with the line), nested too deeply.
        """
        return self.rows(_json_lines(lines, self._path), told, most)

    def whole(self, text: str, told: Told) -> Batch:
        """All rows of a text of any of the layouts.

        Raises:
            StudioError: not JSON (with the line), nested too deeply, or no objects.
        """
        return next(self.rows(_unwrapped(_values(text, self._path), self._notes), told, None))

    def rows(self, values: Iterable[tuple[int, Any]], told: Told, most: Limits | None) -> Iterator[Batch]:
        """The rows of values that stand in a line each."""
        order, first = self._order, True
        batch = Batch([], [])
        characters = 0
        for line, value in values:
            if not isinstance(value, dict):
                self._odd.append((line, _kind_of(value)))
                continue
            flat: dict[str, str] = {}
            _flatten(value, "", flat)
            for name in flat:
                if name in order:
                    continue
                if not first:
                    self._late.setdefault(name, line)
                    continue
                if len(order) >= MOST_COLUMNS:
                    raise StudioError("The objects have too many different fields", where=f"{self._path}, line {line}")
                order[name] = len(order)
                batch.cells.append([""] * len(batch.lines))
            for name, column in zip(order, batch.cells, strict=True):
                column.append(flat.get(name, ""))
            batch.lines.append(line)
            self._rows += 1
            if self._rows % EVERY == 0:
                told(line, self._rows)
            if most is not None:
                characters += sum(map(len, flat.values()))
                if len(batch.lines) >= most.rows or characters >= most.characters:
                    yield batch
                    batch, characters, first = Batch([[] for _ in order], []), 0, False
        if batch.lines or not self._rows:
            yield batch

    def finish(self) -> tuple[list[str], list[int], list[Note]]:
        """See ``BatchReader``. Raises StudioError where there is no object."""
        notes, odd = list(self._notes), self._odd
        if odd:
            line, kind = odd[0]
            more = f", as do {len(odd) - 1:,} more" if len(odd) > 2 else ", as does one more" if len(odd) == 2 else ""
            left = "they were left out" if len(odd) > 1 else "it was left out"
            notes.append(Note("warning", f"Line {line} holds {kind} instead of an object{more}; {left}.", line))
        for name, line in list(self._late.items())[:MOST_LATE]:
            words = f"The field '{name}' first comes up in line {line:,}, far into a large file; it was left out."
            notes.append(Note("warning", words, line))
        if not self._rows:
            raise StudioError("The file holds no JSON objects", where=self._path, todo=_EXAMPLE)
        if not self._order:
            raise StudioError("The JSON objects are empty", where=self._path, todo=_EXAMPLE)
        return unique_names(list(self._order), notes), list(range(len(self._order))), notes


def are_lines(head: str) -> bool:
    """Whether the beginning of a text is JSON lines."""
    try:
        return isinstance(json.loads(head.lstrip().split("\n", 1)[0]), dict)
    except (ValueError, RecursionError):
        return False


def _unwrapped(values: Iterator[tuple[int, Any]], notes: list[Note]) -> Iterator[tuple[int, Any]]:
    """The values; a single object that holds a table is taken apart into its rows."""
    first = next(values, None)
    if first is None:
        return
    second = next(values, None)
    line, value = first
    if second is None and isinstance(value, dict) and (rows := _table_inside(value, notes)):
        yield from ((line, row) for row in rows)
        return
    yield first
    if second is not None:
        yield second
        yield from values


def _table_inside(value: dict[str, Any], notes: list[Note]) -> list[dict[str, Any]]:
    """Rows of {"data": [{...}, ...]}, {"text": [...], "label": [...]} or {"text": {"0": ...}, "label": {"0": ...}}."""
    lists = {name: inner for name, inner in value.items() if isinstance(inner, list) and len(inner) > 1}
    for name, inner in lists.items():
        if all(isinstance(item, dict) for item in inner):
            notes.append(Note("info", f"The rows are the objects in '{name}'."))
            return inner
    columns = list(value.values())
    if len(columns) < 2:
        return []
    if len(lists) == len(columns) and len({len(inner) for inner in columns}) == 1:
        return [dict(zip(value, row, strict=True)) for row in zip(*columns, strict=True)]
    if all(isinstance(inner, dict) and len(inner) > 1 for inner in columns):
        keys = list(columns[0])
        if all(list(inner) == keys for inner in columns) and all(key.isdigit() for key in keys):
            return [{name: inner[key] for name, inner in value.items()} for key in keys]
    return []


def _values(text: str, path: Path) -> Iterator[tuple[int, Any]]:
    """(line, value), one for each line of JSON lines, else for each element of arrays and each value between them."""
    stripped = text.strip()
    first = stripped.split("\n", 1)[0].strip()
    try:
        json.loads(first)
        by_lines = not (first.startswith("[") and "\n" not in stripped)
    except RecursionError:
        raise _too_deep(path) from None
    except ValueError as error:
        broken = getattr(error, "msg", "") != "Extra data"  # else several objects stand in one line
        by_lines = broken and first.startswith("{") and first.endswith("}")
    return _json_lines(text.split("\n"), path) if by_lines else _scan(text, path)


def _json_lines(lines: Iterable[str], path: Path) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(lines, 1):
        if not line or line.isspace():
            continue
        try:
            yield number, json.loads(line)
        except RecursionError:
            raise _too_deep(path) from None
        except ValueError as error:
            raise _invalid(path, number, getattr(error, "msg", str(error))) from None


def _scan(text: str, path: Path) -> Iterator[tuple[int, Any]]:
    decode = json.JSONDecoder().raw_decode
    place, counted, line, inside, comma = 0, 0, 1, False, True
    while True:
        place = _BLANK.match(text, place).end()  # type: ignore[union-attr]
        line, counted = line + text.count("\n", counted, place), place
        mark = text[place : place + 1]
        if not mark:
            if inside:
                raise _invalid(path, line, "the list that was opened is not closed")
            return
        if inside and mark in ",]":
            inside, comma = mark == ",", True
            place += 1
            continue
        if not inside and mark == ",":  # objects that someone joined with commas
            place += 1
            continue
        if not inside and mark == "[":
            inside, comma, place = True, True, place + 1
            continue
        if inside and not comma:
            raise _invalid(path, line, "a comma is missing")
        try:
            value, place = decode(text, place)
        except RecursionError:
            raise _too_deep(path) from None
        except json.JSONDecodeError as error:
            raise _invalid(path, error.lineno, error.msg) from None
        except ValueError as error:  # a number with more digits than Python takes
            raise _invalid(path, line, str(error)) from None
        comma = False
        yield line, value


def _invalid(path: Path, line: int, reason: str) -> StudioError:
    return StudioError(
        f"This is not valid JSON: {reason}", where=f"{path}, line {line}", todo="Mend or remove what stands there"
    )


def _too_deep(path: Path) -> StudioError:
    return StudioError("The JSON is nested too deeply", where=path, todo=_EXAMPLE)


def _kind_of(value: Any) -> str:
    names = {list: "a list", str: "a piece of text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _flatten(value: dict[str, Any], prefix: str, into: dict[str, str], depth: int = 0) -> None:
    for key, inner in value.items():
        name = f"{prefix}{key}"
        if isinstance(inner, dict) and inner and depth < _DEEPEST:
            _flatten(inner, f"{name}.", into, depth + 1)
        else:
            into[name] = cell_of(inner)
