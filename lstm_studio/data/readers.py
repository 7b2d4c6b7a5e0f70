"""Rows out of decoded text, kind by kind. Each reader gives columns, cells, line numbers and notes on what was odd."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from lstm_studio.data.progress import Progress
from lstm_studio.data.raw import EVERY, Batch, BatchReader, Limits, Note, Raw, Told
from lstm_studio.data.readers_columns import read_columns
from lstm_studio.data.readers_conllu import read_conllu
from lstm_studio.data.readers_json import JsonReader
from lstm_studio.data.readers_separated import SeparatedReader
from lstm_studio.data.source import SourceFormat


def read_text(text: str, format: SourceFormat, path: Path, progress: Progress) -> Raw:
    """Read decoded text by its layout.

    Raises:
        StudioError: the text does not fit the layout; says in which line.
        Cancelled: ``progress`` asked for it.
    """
    if format.kind == "conll":
        return read_columns(text, format, path, progress)
    if format.kind == "conllu":
        return read_conllu(text, format, path, progress)
    told = teller(format.kind, text.count("\n") + 1, progress)
    reader = reader_for(format, text, path)
    if isinstance(reader, JsonReader):
        batch = reader.whole(text, told)
    else:
        batch = next(reader.batches(io.StringIO(text, newline="\n"), told))
    columns, kept, notes = reader.finish()
    return Raw(columns, [batch.cells[place] for place in kept], batch.lines, notes)


def reader_for(format: SourceFormat, head: str, path: Path) -> BatchReader:
    """The reader of a layout whose rows follow each other, by the beginning of its text.

    Raises:
        KeyError: it has none.
    """
    if format.kind in {"csv", "tsv"}:
        return SeparatedReader(head, format, path)
    if format.kind == "jsonl":
        return JsonReader(path)
    columns, cells, odd = _LINES[format.kind]
    return LineReader(columns, cells, odd)


def teller(kind: str, last_line: int, progress: Progress) -> Told:
    """What tells a reader's progress in words."""
    if kind in {"csv", "tsv"}:
        return lambda line, rows: progress(line / last_line, f"Reading: {rows:,} rows")
    if kind == "jsonl":
        return lambda line, rows: progress(line / last_line, f"Reading: {rows:,} objects")
    return lambda line, rows: progress(line / last_line, f"Reading: {line:,} lines")


class LineReader:
    """One row a line; blank lines are none.

    Args:
        columns: Their names.
        cells: Makes a row's cells of a line without white space around it, and says what was odd: a key of ``odd``.
        odd: What is told of lines that were odd, to follow "Line 7 has".
    """

    def __init__(
        self, columns: list[str], cells: Callable[[str], tuple[tuple[str, ...], str]], odd: dict[str, str] | None = None
    ) -> None:
        self._columns, self._cells = columns, cells
        self._odd: dict[str, tuple[str, list[int]]] = {name: (words, []) for name, words in (odd or {}).items()}

    def batches(self, lines: Iterable[str], told: Told, most: Limits | None = None) -> Iterator[Batch]:
        """See ``BatchReader``."""
        batch, rows, characters = Batch([[] for _ in self._columns], []), 0, 0
        for number, line in enumerate(lines, 1):
            stripped = line.strip()
            if number % EVERY == 0:
                told(number, rows)
            if not stripped:
                continue
            cells, odd = self._cells(stripped)
            if odd:
                self._odd[odd][1].append(number)
            for column, cell in zip(batch.cells, cells, strict=True):
                column.append(cell)
            batch.lines.append(number)
            rows += 1
            characters += len(stripped)
            if most is not None and (len(batch.lines) >= most.rows or characters >= most.characters):
                yield batch
                batch, characters = Batch([[] for _ in self._columns], []), 0
        if batch.lines or not rows:
            yield batch

    def finish(self) -> tuple[list[str], list[int], list[Note]]:
        """See ``BatchReader``."""
        notes = [
            Note("warning", f"{_lines_have(lines)} {words}.", lines[0]) for words, lines in self._odd.values() if lines
        ]
        return list(self._columns), list(range(len(self._columns))), notes


def _fasttext(line: str) -> tuple[tuple[str, ...], str]:
    """``__label__A __label__B text``: the first label counts."""
    rest, found = line, []
    while rest.startswith("__label__"):
        first, _, rest = rest.partition(" ") if "\t" not in rest.split(" ", 1)[0] else rest.partition("\t")
        found.append(first.removeprefix("__label__"))
        rest = rest.lstrip()
    odd = "several" if len(found) > 1 else "" if found else "none"
    return (rest, found[0] if found else ""), odd


def _labelled(line: str) -> tuple[tuple[str, ...], str]:
    """``COARSE:fine text``, as in TREC's question types."""
    label, _, rest = line.partition(" ")
    head, colon, tail = label.partition(":")
    if head and colon and tail:
        return (rest.strip(), head, label), ""
    return (line, "", ""), "none"


_Cells = Callable[[str], tuple[tuple[str, ...], str]]
_LINES: dict[str, tuple[list[str], _Cells, dict[str, str]]] = {
    "fasttext": (
        ["text", "label"],
        _fasttext,
        {"several": "several labels; the first of each was taken", "none": "no label"},
    ),
    "labelled": (["text", "label", "fine label"], _labelled, {"none": "no label"}),
    "txt": (["text"], lambda line: ((line,), ""), {}),
}


def _lines_have(lines: list[int]) -> str:
    if len(lines) == 1:
        return f"Line {lines[0]} has"
    return f"{len(lines):,} lines (the first is line {lines[0]}) have"
