"""What can be written by hand: the columns of each task's rows, when there are enough of them, and its file.

The window knows such sets by these alone; a task that can be written by hand adds its own here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from lstm_studio.data.handmade_words import hand_words, renamed_type, types_of
from lstm_studio.data.kinds import KINDS
from lstm_studio.data.tags import OUTSIDE

Row = tuple[str, ...]
LEAST = 4
"""Rows to begin with: fewer cannot be split into a part to learn from and one to check with."""


@dataclass(frozen=True)
class HandColumn:
    """A column of rows that are written by hand. ``field`` is the one of [data] that names it.

    Attributes:
        holds: A free text; one name out of a few; or tags of the words of the first column, IOB2 with spaces between.
        example: What may stand in it, for an empty set.
    """

    field: str
    title: str
    help: str
    holds: Literal["text", "label", "tags"] = "text"
    example: str = ""


@dataclass(frozen=True)
class HandKind:
    """Rows of one task.

    Attributes:
        task: Its name in KINDS.
        says: What one writes, a few words.
        columns: The first is the one that is read.
        names: What the labels are called, one and many; None where there are none.
        suffix: Ending of the file that is trained on.
        write: That file's text from complete rows.
        reads: Settings of [data] under which the file is read as it was written.
        lacks: What a set lacks to be used, one sentence; "" if nothing.
    """

    task: str
    says: str
    columns: tuple[HandColumn, ...]
    names: tuple[str, str] | None
    suffix: str
    write: Callable[[Sequence[Row]], str]
    reads: Mapping[str, Any]
    lacks: Callable[[Sequence[Row]], str]

    @property
    def title(self) -> str:
        """What people call the task."""
        return KINDS[self.task].title

    @cached_property
    def labelled(self) -> int | None:
        """Position of the column that holds labels or tags; None where there is none."""
        return next((place for place, column in enumerate(self.columns) if column.holds != "text"), None)

    @cached_property
    def marks(self) -> bool:
        """Whether words of the first column are marked, instead of a label for the whole."""
        return any(column.holds == "tags" for column in self.columns)

    def names_in(self, row: Row) -> Iterable[str]:
        """The labels of a row, one for each time that it occurs."""
        place = self.labelled
        if place is None or not row[place]:
            return ()
        return types_of(row[place]) if self.marks else (row[place],)

    def renamed(self, cell: str, old: str, new: str) -> str:
        """The labelled cell with a label called otherwise; "" takes it away."""
        if self.marks:
            return renamed_type(cell, old, new)
        return new if cell == old else cell

    def complete(self, row: Row) -> bool:
        """Whether a row can be learned from. A sentence in which nothing is marked can."""
        return bool(row[0].strip()) and (self.marks or all(cell.strip() for cell in row[1:]))


def as_csv(rows: Iterable[Sequence[str]], header: Sequence[str]) -> str:
    """A table as CSV (RFC 4180, with \\n line ends): commas, quotes where they are needed, a header."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def as_conll(rows: Iterable[Row]) -> str:
    """A word and its tag a line with a tab between them, a blank line after each sentence."""
    parts: list[str] = []
    for text, marked in rows:
        words = hand_words(text)
        given = marked.split()
        for place, word in enumerate(words):
            parts.append(f"{word}\t{given[place] if place < len(given) else OUTSIDE}\n")
        parts.append("\n")
    return "".join(parts)


def _texts_lack(rows: Sequence[Row]) -> str:
    few = len(rows) < LEAST or len({label for _, label in rows}) < 2
    return "Write at least four texts with two different labels." if few else ""


def _sentences_lack(rows: Sequence[Row]) -> str:
    few = len(rows) < LEAST or not any(types_of(row[1]) for row in rows)
    return "Write at least four sentences, and mark words in some of them." if few else ""


def _pairs_lack(rows: Sequence[Row]) -> str:
    return "Write at least four pairs of texts." if len(rows) < LEAST else ""


def _csv_of(*fields: str) -> Callable[[Sequence[Row]], str]:
    return lambda rows: as_csv(rows, fields)


_CSV = {"format": "csv", "encoding": "utf-8", "delimiter": ",", "quoting": True, "header": True}

HAND_KINDS: dict[str, HandKind] = {
    kind.task: kind
    for kind in (
        HandKind(
            "classification",
            "Texts, each with a label",
            (
                HandColumn("text", "Text", "A sentence or a few.", example="The film was not good"),
                HandColumn("label", "Label", "What the text is.", "label", "negative"),
            ),
            ("{n} label", "{n} labels"),
            ".csv",
            _csv_of("text", "label"),
            {**_CSV, "text": "text", "label": "label"},
            _texts_lack,
        ),
        HandKind(
            "tagging",
            "Sentences with marked words",
            (
                HandColumn("word", "Sentence", "Its words can be marked below.", example="Wake me at seven on Monday"),
                HandColumn("tag", "Marked words", "The marked words and their types.", "tags", "seven: time"),
            ),
            ("{n} type", "{n} types"),
            ".conll",
            as_conll,
            {"format": "conll", "encoding": "utf-8", "word": "column 1", "tag": "column 2"},
            _sentences_lack,
        ),
        HandKind(
            "translation",
            "Pairs of texts",
            (
                HandColumn("source", "Source", "The text that is read.", example="Wo ist der Bahnhof?"),
                HandColumn("target", "Target", "The text that is written.", example="Where is the station?"),
            ),
            None,
            ".csv",
            _csv_of("source", "target"),
            {**_CSV, "source": "source", "target": "target"},
            _pairs_lack,
        ),
    )
}
