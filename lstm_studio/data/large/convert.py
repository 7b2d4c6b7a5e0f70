"""A large file as a table on disk: its rows in an Arrow file that is mapped into memory, made once and kept."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from lstm_studio.data.cache import Cache, digest, key_of
from lstm_studio.data.large.survey import Lines, Survey, survey
from lstm_studio.data.places import cache_folder
from lstm_studio.data.progress import Progress
from lstm_studio.data.raw import Batch, Limits, Note, Raw, unique_names
from lstm_studio.data.readers import reader_for
from lstm_studio.data.readers_json import are_lines
from lstm_studio.data.readers_other import text_cells
from lstm_studio.data.source import PARQUET_FORMAT, SourceFormat, detect_text, is_parquet
from lstm_studio.data.table import Stored, Table, decoding_notes, text_array
from lstm_studio.errors import StudioError
from lstm_studio.version import __version__

LIMITS = Limits(32_768, 8_000_000)
"""Of one block of rows."""
TABLE, LINES = "table.arrow", "lines.npy"
_FORMAT = 1
_STREAMED = {"csv", "tsv", "jsonl", "fasttext", "labelled", "txt"}


def open_large(
    path: Path,
    kind: str | None,
    *,
    encoding: str | None,
    delimiter: str | None,
    quoting: bool | None,
    header: bool | None,
    progress: Progress,
) -> Table | None:
    """Open a file without holding it in memory; None where its layout does not allow that.

    Args:
        path: A regular file.
        kind: Its layout, if that is known.
        encoding, delimiter, quoting, header: As in ``open_table``.
        progress: May raise ``Cancelled``.

    Raises:
        StudioError: it cannot be read, or there is no room on the disk for what is made of it.
    """
    store = Cache(cache_folder() / "tables")
    with path.open("rb") as file:
        parquet = is_parquet(file.read(16), kind)
    found = None
    if parquet:
        content_hash, layout = digest(path), PARQUET_FORMAT
    else:
        found = survey(path, encoding, progress)
        content_hash = found.content_hash
        layout = detect_text(found.head, path, kind, delimiter=delimiter, quoting=quoting, header=header)
        if layout.kind not in _STREAMED or (layout.kind == "jsonl" and not are_lines(found.head.text)):
            return None
    given = [kind, encoding, delimiter, quoting, header, path.suffix.lower()]
    key = key_of([_FORMAT, __version__, content_hash, given])
    if (opened := store.open(key)) is not None:
        try:
            progress(0.95, "Opening what was read before")
            return _table(path, *opened, key)
        except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
            store.remove(key)
    facts: dict[str, Any] = {"hash": content_hash, "format": asdict(layout)}

    def fill(folder: Path) -> None:
        writer = _Writer(folder)
        if found is None:
            facts["columns"], facts["kept"], notes = _parquet(path, writer, progress)
        else:
            facts["columns"], facts["kept"], notes = _text(path, found, layout, writer, progress)
        writer.close()
        facts["notes"] = [asdict(note) for note in notes]
        if not writer.rows:
            raise StudioError("The file has no rows below its header", where=path, todo="Choose a file with texts")

    if not store.write(key, facts, fill):
        raise StudioError(
            "There is no room for what is read of this large file",
            where=store.folder,
            why="It is read into a table on disk that is about as large as the file",
            todo="Make room on that disk, or move the folder (LSTM_STUDIO_HOME)",
        )
    return _table(path, store.folder / key, facts, key)


class _Writer:
    """Blocks of rows into an Arrow file, and the lines on which rows begin into an array."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sink: Any = None
        self._file: Any = None
        self._lines = array("q")
        self.rows = 0

    def write(self, cells: list[Any], lines: list[int] | None) -> None:
        arrays = [text_array(column, pa.string()) for column in cells]
        batch = pa.record_batch(arrays, [str(place) for place in range(len(arrays))])
        if self._file is None:
            self._sink = pa.OSFile(str(self._folder / TABLE), "wb")
            self._file = pa.ipc.new_file(self._sink, batch.schema)
        self._file.write_batch(batch)
        self.rows += batch.num_rows
        if lines is not None:
            self._lines.extend(lines)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._sink.close()
        if self._lines:
            np.save(self._folder / LINES, np.frombuffer(self._lines, np.int64), allow_pickle=False)


_Found = tuple[list[str], list[int], list[Note]]
"""Names of the columns, their places in the Arrow file, what was odd."""


def _text(path: Path, found: Survey, layout: SourceFormat, writer: _Writer, progress: Progress) -> _Found:
    reader = reader_for(layout, found.head.text, path)
    with Lines(found) as lines:

        def told(_line: int, rows: int) -> None:
            progress(0.2 + 0.75 * lines.share, f"Reading: {rows:,} rows")

        for batch in reader.batches(lines, told, LIMITS):
            if batch.lines:
                writer.write(batch.cells, batch.lines)
        notes = decoding_notes(lines.decoded())
    columns, kept, odd = reader.finish()
    return columns, kept, notes + odd


def _parquet(path: Path, writer: _Writer, progress: Progress) -> _Found:
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            total, names = file.metadata.num_rows, []
            for batch in file.iter_batches(LIMITS.rows):
                rows = pa.Table.from_batches([batch])
                while any(pa.types.is_struct(column.type) for column in rows.columns):
                    rows = rows.flatten()
                names = list(rows.column_names)
                for part in _bounded([text_cells(column) for column in rows.columns]):
                    writer.write(part, None)
                progress(0.2 + 0.75 * writer.rows / max(1, total), f"Reading: {writer.rows:,} rows")
    except (pa.ArrowException, OSError, ValueError) as error:
        why = str(error).split("\n", 1)[0][:200]
        raise StudioError("This is not a valid Parquet file, or a damaged one", where=path, why=why) from None
    notes: list[Note] = []
    return unique_names(names, notes), list(range(len(names))), notes


def _bounded(cells: list[Any]) -> Iterator[list[Any]]:
    """Rows in blocks that are not too large."""
    rows = len(cells[0]) if cells else 0
    characters = sum(column.nbytes if isinstance(column, pa.Array) else sum(map(len, column)) for column in cells)
    step = rows if characters <= LIMITS.characters else max(1, rows * LIMITS.characters // characters)
    for start in range(0, rows, max(1, step)):
        yield [column[start : start + step] for column in cells]


def _table(path: Path, folder: Path, facts: dict[str, Any], key: str) -> Table:
    file = folder / TABLE
    with pa.memory_map(str(file)) as source:
        whole = pa.ipc.open_file(source).read_all()
    kept = [int(place) for place in facts["kept"]]
    cells = [whole.column(place) for place in kept]
    lines = np.load(folder / LINES, mmap_mode="r", allow_pickle=False) if (folder / LINES).exists() else None
    notes = [Note(**note) for note in facts["notes"]]
    layout = facts["format"]
    layout = SourceFormat(**{**layout, "why": tuple(layout["why"])})
    raw = Raw([str(name) for name in facts["columns"]], cells, lines, notes)
    return Table(path, layout, raw, str(facts["hash"]), Stored(file, key, tuple(kept)))


def store(table: Table) -> Table:
    """A table in memory as one on disk, for what goes through blocks of rows.

    Raises:
        StudioError: there is no room on the disk.
    """
    if table.stored is not None:
        return table
    key = key_of([_FORMAT, __version__, table.content_hash, table.columns, table.num_rows, "memory"])
    kept = Cache(cache_folder() / "tables")
    places = list(range(len(table.columns)))
    facts = {"hash": table.content_hash, "format": asdict(table.format), "columns": table.columns, "kept": places}
    facts["notes"] = [asdict(note) for note in table.notes]

    def fill(folder: Path) -> None:
        writer = _Writer(folder)
        for start in range(0, table.num_rows, LIMITS.rows):
            stop = min(table.num_rows, start + LIMITS.rows)
            columns = [list(column) for column in zip(*table.rows(start, stop), strict=True)]
            numbers = [table.line_number(row) for row in range(start, stop)]
            lines = [number for number in numbers if number is not None]
            writer.write(columns, lines if len(lines) == len(numbers) else None)
        writer.close()

    opened = kept.open(key)
    if opened is None and not kept.write(key, facts, fill):
        raise StudioError("There is no room for the table", where=kept.folder, todo="Make room on that disk")
    return _table(table.path, kept.folder / key, facts, key)


__all__ = ["LIMITS", "Batch", "open_large", "store"]
