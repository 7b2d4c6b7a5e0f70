"""Running text for language models: a file, a folder of files or a column of a table as documents, kept to the letter.

Unlike a ``Table``, documents keep their line ends, indents and blank lines. A text is held once: a document is a place
in it, and is cut out when it is asked for.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol, overload

import numpy as np

from lstm_studio.data.decode import Decoded, decode
from lstm_studio.data.places import is_corpus, located
from lstm_studio.data.progress import Progress, silent
from lstm_studio.data.raw import EVERY, Note
from lstm_studio.data.source import JSON_SUFFIXES, TABLE_SUFFIXES, read_bytes
from lstm_studio.data.table import Table, open_table
from lstm_studio.errors import StudioError

Cut = Literal["whole", "paragraphs", "lines"]
"""What is one document: all of a file, what stands between blank lines, or a line."""
TABLES = {"csv", "tsv", "jsonl", "parquet"}
_SUFFIXES = {".txt", ".text", ""}
_TABLE_SUFFIXES = TABLE_SUFFIXES | JSON_SUFFIXES | {".parquet", ".pq"}
_FILES_EVERY = 100
_BLANK_START = re.compile(r"(?:[^\S\n]*\n)*")
_BLANK_LINES = re.compile(r"\n\s*\n")
_LINE = re.compile(r"[^\n]+")
_TODO = "Choose a text file, or a folder that holds .txt files"


class Texts(Protocol):
    """Texts by number: a list of them, or what makes them when they are asked for."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> str: ...


class Documents(Sequence[str]):
    """N documents in the order of their text.

    Args:
        path: Where they come from.
        texts: What was read, S texts; each document is a piece of one.
        spans: Text, start and end of each document: int64 [N, 3].
        names: Of the texts: files of a folder, rows of a table.
        content_hash: SHA-256 of the bytes that were read, hex.
        notes: What was odd.
    """

    def __init__(
        self,
        path: Path,
        texts: Texts,
        spans: np.ndarray,
        names: Texts = (),
        content_hash: str = "",
        notes: Sequence[Note] = (),
    ) -> None:
        self.path, self.content_hash, self.notes = path, content_hash, tuple(notes)
        self._texts, self._names = texts, names
        self.spans = spans

    @classmethod
    def of(cls, texts: Sequence[str], path: str | Path = "") -> Documents:
        """Texts that are in memory already, each a document."""
        spans = array("q")
        for number, text in enumerate(texts):
            spans.extend((number, 0, len(text)))
        return cls(Path(path), texts, _spans(spans))

    def __len__(self) -> int:
        return len(self.spans)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Documents: ...
    def __getitem__(self, index: int | slice) -> str | Documents:
        if isinstance(index, slice):
            return self.at(self.spans[index])
        text, start, end = self.spans[range(len(self))[index]].tolist()
        return self._texts[text][start:end]

    def __iter__(self) -> Iterator[str]:
        return (self[index] for index in range(len(self)))

    def at(self, spans: np.ndarray) -> Documents:
        """Other pieces of the same texts; nothing is copied."""
        return Documents(self.path, self._texts, spans, self._names, self.content_hash, self.notes)

    @property
    def characters(self) -> np.ndarray:
        """Characters of each document, line ends among them: int64 [N]."""
        return self.spans[:, 2] - self.spans[:, 1]

    def where(self, index: int, character: int = 0) -> str:
        """File and line of a character of a document, for a message; the row of a table."""
        text, start, _ = self.spans[range(len(self))[index]].tolist()
        name = f"{self.path}, {self._names[text]}" if self._names else str(self.path)
        if isinstance(self._texts, _Cells):
            return name
        return f"{name}, line {self._texts[text].count(chr(10), 0, start + character) + 1}"

    def line(self, index: int) -> int | None:
        """Line of the file on which a document begins, from 1; None for what has none, and for files of a folder."""
        text, start, _ = self.spans[range(len(self))[index]].tolist()
        if isinstance(self._texts, _Cells):
            return self._texts.table.line_number(text)
        return None if self._names else self._texts[text].count("\n", 0, start) + 1


def read_documents(
    path: str | Path,
    *,
    cut: Cut = "whole",
    format: str | None = None,
    column: str | int | None = None,
    encoding: str | None = None,
    progress: Progress = silent,
) -> Documents:
    """Read a text file, a folder of .txt files (with its sub-folders, sorted by name) or a column of a table.

    Args:
        path: A file or a folder.
        cut: What is one document. A document of "paragraphs" or "lines" ends without a line end; blank ones are none.
        format: "txt", "folder" or one of ``TABLES``; by the path when None.
        column: Of a table: name, or position counted from 0; the one with most text when None. A cell that holds a
            JSON list of texts, as a poem's verses, is one text with a line for each.
        encoding: A name that Python knows; found out for each file when None.
        progress: Told how far it is; may raise ``Cancelled``.

    Raises:
        StudioError: it cannot be read, or holds no text; says what, where and what to do.
        Cancelled: ``progress`` asked for it.
    """
    progress(0.0, "Opening")
    if is_corpus(path):
        whole = read_documents(
            located(path, progress), cut=cut, format=format, column=column, encoding=encoding, progress=progress
        )
        whole.path = Path(path)
        return whole
    source = Path(path)
    if not str(path).strip():
        raise StudioError("No file is chosen", todo="Name a file or a folder")
    if _is_folder(source, format):
        found = _read_folder(source, cut, encoding, progress)
    elif format in TABLES or (format is None and (column is not None or source.suffix.lower() in _TABLE_SUFFIXES)):
        found = _read_table(source, cut, format, column, encoding, progress)
    elif format in {None, "txt"}:
        found = _read_file(source, cut, encoding, progress)
    else:
        todo = "Read it as lines of text (data.format = txt), or choose another file"
        raise StudioError(f"A language model does not read the format {format!r}", where=source, todo=todo)
    if not len(found):
        raise StudioError("There is no text", where=source, why="It holds nothing but white space", todo=_TODO)
    progress(1.0, "Open")
    return found


# -- files -----------------------------------------------------------------------------------------------------


def _is_folder(path: Path, format: str | None) -> bool:
    try:
        folder = path.is_dir()
    except ValueError:
        raise StudioError("There is no such file", where=repr(str(path)), todo="Check the path") from None
    if folder and format not in {None, "folder"}:
        raise StudioError("This is a folder, not a file", where=path, todo="Set data.format to folder")
    if format == "folder" and not folder:
        what = "This is a file, not a folder" if path.exists() else "There is no such folder"
        raise StudioError(what, where=path, todo="Check the path")
    return folder


def _read_file(path: Path, cut: Cut, encoding: str | None, progress: Progress) -> Documents:
    raw = read_bytes(path)
    content_hash = hashlib.sha256(raw).hexdigest()
    progress(0.05, "Finding out the encoding")
    decoded = decode(raw, path, encoding)
    del raw
    found = array("q")
    for number, (start, end) in enumerate(_pieces(decoded.text, cut), 1):
        found.extend((0, start, end))
        if number % EVERY == 0:
            progress(0.2 + 0.75 * end / len(decoded.text), f"Reading: {number:,} documents")
    return Documents(path, [decoded.text], _spans(found), (), content_hash, _notes([(path.name, decoded)]))


def _read_folder(path: Path, cut: Cut, encoding: str | None, progress: Progress) -> Documents:
    """Hidden files and those of other kinds are left out."""
    files = list(_files(path))
    if not files:
        raise StudioError("The folder holds no .txt files", where=path, todo=_TODO)
    whole = hashlib.sha256()
    texts: list[str] = []
    names: list[str] = []
    found = array("q")
    read: list[tuple[str, Decoded]] = []
    blank: list[str] = []
    for number, file in enumerate(files, 1):
        try:
            raw = file.read_bytes()
        except OSError as error:
            raise StudioError("The file cannot be read", where=file, why=error.strerror or str(error)) from None
        name = file.relative_to(path).as_posix()
        whole.update(name.encode("utf-8", "surrogateescape") + b"\0" + hashlib.sha256(raw).digest())
        decoded = decode(raw, file, encoding) if raw else Decoded("", "utf-8", "")
        del raw
        before = len(found)
        for start, end in _pieces(decoded.text, cut):
            found.extend((len(texts), start, end))
        if len(found) > before:
            texts.append(decoded.text)
            names.append(name)
            read.append((name, replace(decoded, text="")))
        else:
            blank.append(name)
        if number % _FILES_EVERY == 0 or number == len(files):
            progress(0.95 * number / len(files), f"Reading: {number:,} of {len(files):,} files")
    notes = _notes(read)
    if blank:
        words = f"{blank[0]} holds" if len(blank) == 1 else f"{len(blank):,} files (the first is {blank[0]}) hold"
        notes.append(Note("info", f"{words} no text and {'is' if len(blank) == 1 else 'are'} left out."))
    return Documents(path, texts, _spans(found), names, whole.hexdigest(), notes)


def _files(path: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        raise StudioError("The folder cannot be read", where=path, why=error.strerror or str(error)) from None

    for parent, folders, names in os.walk(path, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(parent, name)
            if not name.startswith(".") and file.suffix.lower() in _SUFFIXES and file.is_file():
                yield file


def _notes(read: Sequence[tuple[str, Decoded]]) -> list[Note]:
    """What is worth telling of the encodings of files."""
    notes: list[Note] = []
    encodings = Counter(decoded.encoding for _, decoded in read)
    if len(encodings) > 1:
        shown = ", ".join(f"{count:,} in {name.upper()}" for name, count in encodings.most_common())
        notes.append(Note("info", f"The files are in different encodings: {shown}."))
    odd = [(name, decoded) for name, decoded in read if decoded.odd_lines]
    if odd:
        name, decoded = odd[0]
        which = f"{name} holds" if len(odd) == 1 else f"{len(odd):,} files (the first is {name}) hold"
        words = f"{which} bytes that are not valid {decoded.encoding.upper()}; {decoded.odd_how}."
        notes.append(Note("warning", words, decoded.odd_lines[0]))
    nul = sum(decoded.nul_bytes for _, decoded in read)
    if nul:
        notes.append(Note("warning", f"{'One NUL byte was' if nul == 1 else f'{nul:,} NUL bytes were'} left out."))
    return notes


def _pieces(text: str, cut: Cut) -> Iterator[tuple[int, int]]:
    """Start and end of the documents of a text; none of them is blank."""
    if cut == "whole":
        if text and not text.isspace():
            yield 0, len(text)
    elif cut == "lines":
        for line in _LINE.finditer(text):
            if not line[0].isspace():
                yield line.span()
    else:
        begin = _BLANK_START.match(text).end()  # type: ignore[union-attr]
        for gap in _BLANK_LINES.finditer(text, begin):
            yield begin, gap.start()
            begin = gap.end()
        end = len(text) - (text.endswith("\n"))
        if not (rest := text[begin:end]).isspace() and rest:
            yield begin, end


# -- tables ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Cells:
    """A column of a table as texts, each taken out of it when it is asked for."""

    table: Table
    column: int

    def __len__(self) -> int:
        return self.table.num_rows

    def __getitem__(self, index: int) -> str:
        return as_text(self.table.cell(index, self.column))


@dataclass(frozen=True)
class _Rows:
    """Where each row stands."""

    table: Table

    def __len__(self) -> int:
        return self.table.num_rows

    def __getitem__(self, index: int) -> str:
        return self.table.place(index)


def _read_table(
    path: Path, cut: Cut, format: str | None, column: str | int | None, encoding: str | None, progress: Progress
) -> Documents:
    table = open_table(
        path, format=format, encoding=encoding, progress=lambda share, text: progress(max(0.0, share) * 0.7, text)
    )
    return table_documents(table, column, cut, lambda share, text: progress(0.7 + 0.25 * share, text))


def table_documents(
    table: Table, column: str | int | None = None, cut: Cut = "whole", progress: Progress = silent
) -> Documents:
    """A column of a table that is open; see ``read_documents``. Raises StudioError where there is no such column."""
    place = table.position(column) if column is not None else longest_column(table)
    notes = list(table.notes)
    if column is None and len(table.columns) > 1:
        notes.append(Note("info", f"The texts are those of the column '{table.columns[place]}', which has most text."))
    cells = _Cells(table, place)
    found = array("q")
    blank = 0
    for row in range(len(cells)):
        before = len(found)
        for start, end in _pieces(cells[row], cut):
            found.extend((row, start, end))
        blank += len(found) == before
        if (row + 1) % EVERY == 0:
            progress((row + 1) / len(cells), f"Reading: {row + 1:,} of {len(cells):,} rows")
    if blank:
        notes.append(Note("info", f"{'One row has' if blank == 1 else f'{blank:,} rows have'} no text; left out."))
    return Documents(table.path, cells, _spans(found), _Rows(table), table.content_hash, notes)


def longest_column(table: Table) -> int:
    """The column with most characters in a sample of its rows."""
    sizes = [sum(map(len, table.sample(column, 1_000))) for column in range(len(table.columns))]
    return sizes.index(max(sizes))


def as_text(cell: str) -> str:
    """A cell; of a JSON list of texts, as a poem's verses, a line each."""
    if cell.startswith("["):
        try:
            lines = json.loads(cell)
        except (ValueError, RecursionError):
            return cell
        if isinstance(lines, list) and all(isinstance(line, str) for line in lines):
            return "\n".join(lines)
    return cell


def _spans(found: array[int]) -> np.ndarray:
    return np.frombuffer(found, np.int64).reshape(-1, 3)
