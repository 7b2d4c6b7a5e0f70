"""Rows of a table as texts and labels: what is empty left out, what cannot be used refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lstm_studio.config import ClassificationData, DataConfig
from lstm_studio.data.progress import Progress
from lstm_studio.data.table import Table, open_for
from lstm_studio.errors import StudioError

_MOST_NOTES = 20


@dataclass(frozen=True)
class Rows:
    """Texts with labels, and where they stand.

    Attributes:
        texts, labels: As in the file, labels without white space around them.
        rows: Row of the table, one each.
        table: Where they come from.
    """

    texts: list[str]
    labels: list[str]
    rows: np.ndarray
    table: Table

    def take(self, chosen: np.ndarray) -> Rows:
        """Some of the rows, by position here."""
        places = chosen.tolist()
        return Rows(
            [self.texts[place] for place in places],
            [self.labels[place] for place in places],
            self.rows[chosen],
            self.table,
        )

    def where(self, place: int) -> str:
        """File and line of one row, for a message."""
        return self.table.where(int(self.rows[place]))


def labelled_rows(table: Table, data: ClassificationData, notes: list[str]) -> Rows:
    """The rows that have both a text and a label; what is left out is added to ``notes``.

    Raises:
        StudioError: there is no such column, or no row is left.
    """
    text, label = columns_of(table, data)
    texts, labels = table.column(text), [cell.strip() for cell in table.column(label)]
    if not texts:
        raise StudioError("The file has no rows", where=table.path, todo="Choose a file that holds labelled texts")
    used = [place for place, (text, label) in enumerate(zip(texts, labels, strict=True)) if label and text.strip()]
    if not used:
        raise no_row(table, data)
    if len(used) < len(texts):
        notes.append(left_out(table, np.array(used, np.int64)))
        texts, labels = [texts[row] for row in used], [labels[row] for row in used]
    return Rows(texts, labels, np.array(used, np.int64), table)


def columns_of(table: Table, data: ClassificationData) -> tuple[str | int, str | int]:
    """The columns of text and label. Raises StudioError where they are not two of the file."""
    if data.text is None or data.label is None or data.text == data.label:
        raise StudioError(
            "The text and the label must be two columns of the file",
            where=table.path,
            why=f"It has the columns {', '.join(map(repr, table.columns))}",
            todo="Name them in data.text and data.label, or choose a file with labels",
        )
    return data.text, data.label


def no_row(table: Table, data: ClassificationData) -> StudioError:
    """The error where no row can be used."""
    return StudioError(
        "No row has both a text and a label",
        where=table.path,
        why=f"Text was looked for in column {data.text!r} and the label in column {data.label!r}",
        todo="Choose the right columns",
    )


def left_out(table: Table, used: np.ndarray) -> str:
    """What is said of the rows that are not among the used ones, ascending, where there are such."""
    empty = table.num_rows - len(used)
    odd = np.flatnonzero(used != np.arange(len(used)))
    place = table.place(int(odd[0]) if len(odd) else len(used))
    if empty == 1:
        return f"{table.path.name}: one row without text or label was left out ({place})."
    return f"{table.path.name}: {empty:,} rows without text or label were left out (the first is {place})."


def classes_of(rows: Rows, data: ClassificationData) -> tuple[str, ...]:
    """The labels, in the order of their numbers or letters.

    Raises:
        StudioError: there is only one, or one for each row.
    """
    return named_classes(Counter(rows.labels), rows.table.path, data)


def named_classes(counts: Counter[str], path: Path, data: ClassificationData) -> tuple[str, ...]:
    """``classes_of`` by how many rows have each label."""
    if len(counts) < 2:
        raise StudioError(
            f"All rows have the same label, {next(iter(counts))!r}",
            where=path,
            why=f"Labels were read from column {data.label!r}; there is nothing to tell apart",
            todo="Choose another label column, or a file with at least two labels",
        )
    if len(counts) == counts.total() and len(counts) > 20:
        raise StudioError(
            "Every row has a label of its own",
            where=path,
            why=f"Labels were read from column {data.label!r}, which does not look like one of classes",
            todo="Choose another label column",
        )
    return tuple(sorted(counts, key=_by_number) if all(map(_is_number, counts)) else sorted(counts))


def _is_number(label: str) -> bool:
    digits = label.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) <= 18


def _by_number(label: str) -> tuple[int, str]:
    return int(label), label


def numbered(rows: Rows, classes: Sequence[str]) -> np.ndarray:
    """Position among the classes of each row's label: int32 [N].

    Raises:
        StudioError: a label is not among them; names it and the line.
    """
    numbers = {name: number for number, name in enumerate(classes)}
    try:
        return np.fromiter(map(numbers.__getitem__, rows.labels), np.int32, len(rows.labels))
    except KeyError:
        place = next(place for place, label in enumerate(rows.labels) if label not in numbers)
        raise unknown_label(rows.labels[place], rows.where(place), classes) from None


def unknown_label(label: str, where: str, classes: Sequence[str]) -> StudioError:
    """The error for a label that the training part does not have."""
    shown = ", ".join(classes[:8]) + (", and others" if len(classes) > 8 else "")
    return StudioError(
        f"The label {label!r} does not occur in the training texts",
        where=where,
        why=f"Their labels are {shown}",
        todo="Remove such rows, add some to the training file, or choose another file or label column",
    )


def nothing_aside(path: Path) -> StudioError:
    """The error where no row can be set aside for validation."""
    return StudioError(
        "There are too few rows to set some aside for validation",
        where=path,
        why="Every label stands in one row only",
        todo="Use a file with several texts of each label",
    )


def notes_of(table: Table) -> list[str]:
    """What was odd about a file, not more than a person reads."""
    notes = [note.text for note in table.notes[:_MOST_NOTES]]
    if len(table.notes) > _MOST_NOTES:
        notes.append(f"{len(table.notes) - _MOST_NOTES:,} more notes on {table.path.name}.")
    return notes


def open_other(data: DataConfig, path: str, progress: Progress) -> Table:
    """Open the validation or test file: laid out like the training file, or else as is found out.

    Raises:
        StudioError: it cannot be read either way.
    """
    alone = data.model_copy(update={"format": None, "encoding": None, "delimiter": None, "quoting": None})
    if Path(path).suffix.lower() != Path(data.path).suffix.lower() or Path(path).is_dir() != Path(data.path).is_dir():
        return open_for(alone, path, progress)
    try:
        return open_for(data, path, progress)
    except StudioError as first:
        try:
            return open_for(alone, path, progress)
        except StudioError:
            raise first from None
