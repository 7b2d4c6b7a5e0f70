"""A file as rows and columns of text, held compactly."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from lstm_studio.config import DataConfig
from lstm_studio.data.decode import Decoded, decode
from lstm_studio.data.partners import partner_for, partner_of
from lstm_studio.data.places import is_corpus, located
from lstm_studio.data.progress import Progress, silent
from lstm_studio.data.raw import Note, Raw
from lstm_studio.data.readers import read_text
from lstm_studio.data.readers_other import read_folder, read_parquet
from lstm_studio.data.readers_parallel import read_parallel
from lstm_studio.data.source import (
    BESIDE,
    FOLDER,
    PARQUET_FORMAT,
    SourceFormat,
    detect_text,
    is_parquet,
    kind_of_path,
    read_bytes,
)
from lstm_studio.errors import StudioError

__all__ = ["LARGE", "Note", "Stored", "Table", "open_for", "open_table"]

LARGE = 64 * 2**20
"""Bytes from which on a file is not held in memory, where its layout allows that."""


@dataclass(frozen=True)
class Stored:
    """Where the rows of a table lie on disk: an Arrow file, the columns there, a name for its content."""

    file: Path
    key: str
    columns: tuple[int, ...]

    def blocks(self, first: int = 0, step: int = 1) -> Iterator[pa.RecordBatch]:
        """The blocks of rows in the file, or each ``step``-th of them; read, not mapped: one at a time is in memory."""
        with pa.OSFile(str(self.file), "rb") as source:
            opened = pa.ipc.open_file(source)
            for number in range(first, opened.num_record_batches, step):
                yield opened.get_batch(number)

    @cached_property
    def ends(self) -> np.ndarray:
        """Row after the last one of each block: int64."""
        with pa.memory_map(str(self.file)) as source:
            opened = pa.ipc.open_file(source)
            sizes = [opened.get_batch(number).num_rows for number in range(opened.num_record_batches)]
        return np.cumsum(sizes, dtype=np.int64)


class Table:
    """Rows and columns of text.

    Attributes:
        path: Where it comes from.
        format: How it was read.
        columns: Names, different from each other.
        notes: What was odd.
        content_hash: SHA-256 of the bytes that were read, hex.
        stored: The file on disk behind it where the table is too large for memory; else None.
    """

    def __init__(
        self, path: Path, format: SourceFormat, raw: Raw, content_hash: str, stored: Stored | None = None
    ) -> None:
        self.path, self.format, self.content_hash, self.stored = path, format, content_hash, stored
        self.columns = raw.columns
        self.notes = raw.notes
        self._cells = [text_array(column) for column in raw.cells]
        self._lines = np.asarray(raw.lines, np.int64) if raw.lines is not None else None
        self._word_lines = raw.word_lines

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        return len(self._cells[0]) if self._cells else 0

    def cell(self, row: int, column: int) -> str:
        """One cell by position."""
        return str(self._cells[column][row].as_py())

    def row(self, index: int) -> list[str]:
        """All cells of a row."""
        return [self.cell(index, column) for column in range(len(self.columns))]

    def rows(self, start: int, stop: int) -> list[list[str]]:
        """Rows ``start`` to ``stop``, the last not included."""
        parts = [column.slice(start, max(0, stop - start)).to_pylist() for column in self._cells]
        return [list(row) for row in zip(*parts, strict=True)]

    def position(self, name: str | int) -> int:
        """Position of a column given by name or by position.

        Raises:
            StudioError: there is none; names those that there are.
        """
        if isinstance(name, int) and not isinstance(name, bool):
            if 0 <= name < len(self.columns):
                return name
        elif name in self.columns:
            return self.columns.index(str(name))
        elif isinstance(name, str) and name.isdigit() and int(name) < len(self.columns):
            return int(name)
        known = ", ".join(map(repr, self.columns[:20])) + (", ..." if len(self.columns) > 20 else "")
        raise StudioError(
            f"There is no column {name!r}", where=self.path, why=f"The columns are {known}", todo="Choose one of them"
        )

    def column(self, name: str | int) -> list[str]:
        """All cells of a column, by name or position. Raises StudioError when there is no such column."""
        return list(self._cells[self.position(name)].to_pylist())

    def sample(self, name: str | int, most: int) -> list[str]:
        """At most so many cells of a column, evenly spread."""
        cells = self._cells[self.position(name)]
        if len(cells) <= most:
            return list(cells.to_pylist())
        (found,) = self._taken([self.position(name)], spread(len(cells), most))
        return found

    def some(self, most: int) -> Table:
        """At most so many rows, evenly spread and in order, in memory; all of them where there are no more."""
        if self.num_rows <= most:
            return self
        rows = spread(self.num_rows, most)
        cells = self._taken(range(len(self._cells)), rows)
        lines = self._lines[rows] if self._lines is not None else None
        words = [self._word_lines[row] for row in rows.tolist()] if self._word_lines is not None else None
        raw = Raw(self.columns, cells, lines, self.notes, words)
        return Table(self.path, self.format, raw, self.content_hash)

    def _taken(self, columns: Sequence[int], rows: np.ndarray) -> list[list[str]]:
        """Cells of ascending rows, column by column."""
        if self.stored is None:
            return [self._cells[place].take(pa.array(rows)).to_pylist() for place in columns]
        found: list[list[str]] = [[] for _ in columns]
        start = 0
        for block in self.stored.blocks():
            stop = start + block.num_rows
            own = pa.array(rows[np.searchsorted(rows, start) : np.searchsorted(rows, stop)] - start)
            for place, into in zip(columns, found, strict=True):
                into.extend(block.column(self.stored.columns[place]).take(own).to_pylist())
            start = stop
        return found

    def line_number(self, row: int) -> int | None:
        """Line of the file on which a row starts, counted from 1; None for Parquet and folders."""
        return None if self._lines is None else int(self._lines[row])

    def word_line(self, row: int, word: int) -> int | None:
        """Line of the file on which a word of a row stands, counted from 1; None where it is not known."""
        if self._word_lines is None:
            return self.line_number(row)
        lines = self._word_lines[row]
        return int(lines[word]) if 0 <= word < len(lines) else self.line_number(row)

    def place(self, row: int, word: int = 0) -> str:
        """Where a row, or a word of it, stands: "line 7", or "row 6" of what has no lines."""
        line = self.word_line(row, word)
        return f"row {row + 1}" if line is None else f"line {line}"

    def where(self, row: int, word: int = 0) -> str:
        """The same with the file, for a message."""
        return f"{self.path}, {self.place(row, word)}"


def open_table(
    path: str | Path,
    *,
    format: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    quoting: bool | None = None,
    header: bool | None = None,
    parallel: str | Path | None = None,
    progress: Progress = silent,
) -> Table:
    """Open a file, a folder or a corpus; what is not given is found out. ``parallel`` is the file whose lines belong to
    its lines.

    Raises:
        StudioError: it cannot be read; says what, where and what to do.
        Cancelled: ``progress`` asked for it.
    """
    progress(0.0, "Opening")
    if is_corpus(path):
        table = open_table(
            located(path, progress),
            format=format,
            encoding=encoding,
            delimiter=delimiter,
            quoting=quoting,
            header=header,
            parallel=parallel,
            progress=progress,
        )
        table.path = Path(path)  # a person knows it by this name
        return table
    source = Path(path)
    kind = kind_of_path(source, format) if parallel is None else _parallel(source, format)
    if kind == "parallel":
        partner = Path(parallel) if parallel is not None else None
        raw, found, content_hash, read = read_parallel(source, partner, encoding, progress)
        raw.notes[:0] = [note for decoded in read for note in decoding_notes(decoded)]
        progress(1.0, "Open")
        return Table(source, found, raw, content_hash)
    if kind == "folder":
        raw, content_hash = read_folder(source, encoding, progress)
        found = FOLDER if "label" in raw.columns else BESIDE
        if encoding is not None:
            found = replace(found, encoding=encoding)
        return Table(source, found, raw, content_hash)
    if is_large(source) and kind not in {"conll", "conllu"}:
        from lstm_studio.data.large.convert import open_large

        large = open_large(
            source,
            kind,
            encoding=encoding,
            delimiter=delimiter,
            quoting=quoting,
            header=header,
            progress=progress,
        )
        if large is not None:
            progress(1.0, "Open")
            return large
    data = read_bytes(source)
    content_hash = hashlib.sha256(data).hexdigest()
    if is_parquet(data, kind):
        return Table(source, PARQUET_FORMAT, read_parquet(data, source, progress), content_hash)
    progress(0.05, "Finding out the encoding")
    decoded = decode(data, source, encoding)
    del data
    progress(0.1, "Finding out the layout")
    layout = detect_text(decoded, source, kind, delimiter=delimiter, quoting=quoting, header=header)
    raw = read_text(decoded.text, layout, source, lambda share, text: progress(0.1 + 0.85 * max(0.0, share), text))
    raw.notes[:0] = decoding_notes(decoded)
    table = Table(source, layout, raw, content_hash)
    if table.num_rows == 0:
        raise StudioError("The file has no rows below its header", where=source, todo="Choose a file with texts")
    progress(1.0, "Open")
    return table


def open_for(config: DataConfig, path: str | None = None, progress: Progress = silent) -> Table:
    """Open the file of a configuration, or another one in the same way: then with a parallel file of its own."""
    source = path if path is not None else config.path
    parallel: str | Path | None = config.parallel
    if Path(source) != Path(config.path) and (parallel is not None or config.format == "parallel"):
        named = Path(parallel) if parallel is not None else None
        parallel, usual = partner_for(Path(source), Path(config.path), named), partner_of(Path(source))
        if parallel is None and usual is not None:
            raise StudioError(
                "No second file was found whose lines belong to this one",
                where=source,
                why=f"{usual.name} is in another language than {named.name if named is not None else config.path}",
                todo="Choose files in the same two languages",
            )
        parallel = parallel if parallel != usual else None  # it is found by its name
    return open_table(
        source,
        format="parallel" if config.parallel is not None and config.format is None else config.format,
        encoding=config.encoding,
        delimiter=config.delimiter,
        quoting=config.quoting,
        header=config.header,
        parallel=parallel,
        progress=progress,
    )


def is_large(path: Path) -> bool:
    """Whether a file is too large to be held in memory without need."""
    try:
        return path.is_file() and path.stat().st_size >= LARGE
    except (OSError, ValueError):
        return False


def _parallel(path: Path, format: str | None) -> str:
    """The layout of a file that has a partner."""
    if format not in {None, "parallel"}:
        raise StudioError(
            "A parallel file goes with the format parallel only",
            where=path,
            why=f"data.format is {format}",
            todo="Take data.parallel away, or set data.format to parallel",
        )
    return "parallel"


def text_array(cells: list[str] | pa.Array | pa.ChunkedArray, kind: pa.DataType | None = None) -> Any:
    """Cells as an Arrow array; those that are one already stay, or are cast to a type that is asked for."""
    if isinstance(cells, (pa.Array, pa.ChunkedArray)):
        return cells if kind is None else cells.cast(kind)
    kind = kind if kind is not None else pa.large_string()
    try:
        return pa.array(cells, kind)
    except UnicodeEncodeError:  # lone surrogates, which JSON can smuggle in
        return pa.array([cell.encode("utf-8", "replace").decode("utf-8") for cell in cells], kind)


def spread(count: int, most: int) -> np.ndarray:
    """At most so many of ``count`` places, evenly spread: int64, ascending."""
    return np.arange(count) if count <= most else np.linspace(0, count - 1, most).astype(np.int64)


def decoding_notes(decoded: Decoded) -> list[Note]:
    notes = []
    if decoded.odd_lines:
        first, count = decoded.odd_lines[0], len(decoded.odd_lines)
        which = f"Line {first} holds" if count == 1 else f"{count:,} lines (the first is line {first}) hold"
        words = f"{which} bytes that are not valid {decoded.encoding.upper()}; {decoded.odd_how}."
        notes.append(Note("warning", words, first))
    if decoded.nul_bytes:
        words = "One NUL byte was" if decoded.nul_bytes == 1 else f"{decoded.nul_bytes:,} NUL bytes were"
        notes.append(Note("warning", f"{words} left out."))
    return notes
