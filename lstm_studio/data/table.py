"""A file as rows and columns of text, held compactly."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

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

__all__ = ["Note", "Table", "open_for", "open_table"]


class Table:
    """Rows and columns of text.

    Attributes:
        path: Where it comes from.
        format: How it was read.
        columns: Names, different from each other.
        notes: What was odd.
        content_hash: SHA-256 of the bytes that were read, hex.
    """

    def __init__(self, path: Path, format: SourceFormat, raw: Raw, content_hash: str) -> None:
        self.path, self.format, self.content_hash = path, format, content_hash
        self.columns = raw.columns
        self.notes = raw.notes
        self._cells = [_array(column) for column in raw.cells]
        self._lines = np.array(raw.lines, np.int64) if raw.lines is not None else None
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
        return list(cells.take(pa.array(np.linspace(0, len(cells) - 1, most).astype(np.int64))).to_pylist())

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
        raw.notes[:0] = [note for decoded in read for note in _decoding_notes(decoded)]
        progress(1.0, "Open")
        return Table(source, found, raw, content_hash)
    if kind == "folder":
        raw, content_hash = read_folder(source, encoding, progress)
        found = FOLDER if "label" in raw.columns else BESIDE
        if encoding is not None:
            found = replace(found, encoding=encoding)
        return Table(source, found, raw, content_hash)
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
    raw.notes[:0] = _decoding_notes(decoded)
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


def _array(cells: list[str] | pa.Array) -> pa.Array:
    if isinstance(cells, pa.Array):
        return cells
    try:
        return pa.array(cells, pa.large_string())
    except UnicodeEncodeError:  # lone surrogates, which JSON can smuggle in
        return pa.array([cell.encode("utf-8", "replace").decode("utf-8") for cell in cells], pa.large_string())


def _decoding_notes(decoded: Decoded) -> list[Note]:
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
