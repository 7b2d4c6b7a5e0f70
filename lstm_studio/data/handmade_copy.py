"""An opened file as a set to be edited by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lstm_studio.data.handmade import MOST_CELL, MOST_LABEL, MOST_ROWS, HandSet, clean
from lstm_studio.data.handmade_kinds import HAND_KINDS, HandKind, Row
from lstm_studio.data.handmade_words import projected
from lstm_studio.data.kinds import kind_of
from lstm_studio.data.progress import Progress, silent
from lstm_studio.data.table import Table
from lstm_studio.data.tags import find_scheme, spans
from lstm_studio.data.words import words_of
from lstm_studio.errors import StudioError


def why_not(table: Table, data: Any) -> str:
    """Why the rows of a file cannot be edited by hand, one sentence; "" if they can."""
    if kind_of(data).task not in HAND_KINDS:
        return "Running text is not edited in rows; change it in the file itself."
    if getattr(data, "predicate", None) is not None:
        return "Roles of a predicate cannot be edited by hand; change them in the file itself."
    if table.num_rows > MOST_ROWS:
        return "The file has more rows than can be edited by hand."
    return ""


def copy_of(table: Table, data: Any, title: str, progress: Progress = silent) -> HandSet:
    """The columns of a table that are used, as a set. The file stays as it is.

    Raises:
        StudioError: there are too many rows or too long ones, or the columns are not chosen.
        Cancelled: ``progress`` asked for it.
    """
    if problem := why_not(table, data):
        raise StudioError(problem, where=table.path)
    kind = HAND_KINDS[kind_of(data).task]
    names = [getattr(data, column.field, None) for column in kind.columns]
    if any(name is None for name in names):
        raise StudioError("The columns are not chosen yet", where=table.path, todo="Choose them first")
    columns = [table.column(name) for name in names if name is not None]
    if kind.marks:
        return HandSet(kind, title, _sentences(columns[0], columns[1], data, progress))
    rows: list[Row] = []
    for count, cells in enumerate(zip(*columns, strict=True)):
        rows.append(_row(cells, kind, table, count))
        if count % 2000 == 0:
            progress(count / max(1, table.num_rows), f"Reading: {count:,} rows")
    return HandSet(kind, title, rows)


def _row(cells: tuple[str, ...], kind: HandKind, table: Table, place: int) -> Row:
    shown = [clean(cell).strip("\n") for cell in cells]
    for at, column in enumerate(kind.columns):
        if column.holds == "label":
            shown[at] = " ".join(shown[at].split())
        most = MOST_LABEL if column.holds == "label" else MOST_CELL
        if len(shown[at]) > most:
            raise StudioError(
                f"A cell has {len(shown[at]):,} characters",
                where=table.where(place),
                why=f"In a set that is written by hand it may have {most:,}",
                todo="Change it in the file itself",
            )
    return tuple(shown)


def _sentences(words: list[str], tags: list[str], data: Any, progress: Progress) -> list[Row]:
    """Sentences with their marks, in IOB2, whatever the scheme of the file."""
    given = [words_of(cell) for cell in tags]
    scheme = data.scheme or find_scheme(given).scheme
    rows: list[Row] = []
    for count, (cell, marked) in enumerate(zip(words, given, strict=True)):
        found = words_of(cell)
        inside = [span for span in spans(marked, scheme) if span.end <= len(found)]
        rows.append(projected(found, [replace(span, type="_".join(span.type.split()) or "_") for span in inside]))
        if count % 500 == 0:
            progress(count / max(1, len(words)), f"Reading: {count:,} rows")
    return rows
