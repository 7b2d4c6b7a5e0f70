"""A folder of texts, by label or side by side, and Parquet."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from pathlib import Path

import pyarrow as pa

from lstm_studio.data.decode import Decoded, decode
from lstm_studio.data.progress import Progress
from lstm_studio.data.raw import Note, Raw, cell_of, unique_names
from lstm_studio.errors import StudioError

_SUFFIXES = {".txt", ".text", ""}
_FILES_EVERY = 100
_WORD = re.compile(r"[a-z]+")
_TODO = "Choose a folder with .txt files; with labels, each label's in a sub-folder that bears its name"


def read_folder(path: Path, encoding: str | None, progress: Progress) -> tuple[Raw, str]:
    """One text a file, one label a sub-folder; hidden files are left out.

    A folder whose .txt files stand side by side has the columns file and text, and no labels.

    Returns:
        The rows, and the SHA-256 of all names and bytes, hex.

    Raises:
        StudioError: there are no such files, or one cannot be read.
    """
    try:
        inner = sorted(entry for entry in path.iterdir() if not entry.name.startswith("."))
        folders = [entry for entry in inner if entry.is_dir()]
        files = [(file, folder.name) for folder in folders for file in _texts(folder)]
        beside = [] if files else _texts(path)
    except OSError as error:
        raise StudioError("The folder cannot be read", where=path, why=error.strerror or str(error)) from None
    if any(file.suffix for file in beside):
        notes = _parts(beside)
        texts, names, digest = _read([(file, file.name) for file in beside], path, encoding, progress, notes)
        return Raw(["file", "text"], [names, texts], None, notes), digest
    _check(path, folders, files)
    notes = []
    stray = len(inner) - len(folders)
    if stray:
        words = (
            "One file stands outside the sub-folders and is"
            if stray == 1
            else (f"{stray:,} files stand outside the sub-folders and are")
        )
        notes.append(Note("info", f"{words} not read."))
    without = sorted({folder.name for folder in folders} - {label for _, label in files})
    if without:
        notes.append(
            Note("info", f"No .txt files are in {', '.join(without[:3])}{' and others' * (len(without) > 3)}.")
        )
    named = [(file, file.relative_to(path).as_posix()) for file, _ in files]
    texts, names, digest = _read(named, path, encoding, progress, notes)
    return Raw(["text", "label", "file"], [texts, [label for _, label in files], names], None, notes), digest


def _read(
    files: list[tuple[Path, str]], path: Path, encoding: str | None, progress: Progress, notes: list[Note]
) -> tuple[list[str], list[str], str]:
    """Texts and names of files, and the SHA-256 of all of them; what is odd is added to ``notes``."""
    digest = hashlib.sha256()
    texts: list[str] = []
    encodings: Counter[str] = Counter()
    odd: list[str] = []
    for number, (file, name) in enumerate(files, 1):
        try:
            raw = file.read_bytes()
        except OSError as error:
            raise StudioError("The file cannot be read", where=file, why=error.strerror or str(error)) from None
        digest.update(name.encode("utf-8", "surrogateescape") + b"\0" + hashlib.sha256(raw).digest())
        decoded = decode(raw, file, encoding) if raw else Decoded("", "utf-8", "")
        encodings[decoded.encoding] += 1
        if decoded.odd_lines or decoded.nul_bytes:
            odd.append(name)
        texts.append(decoded.text.strip())
        if number % _FILES_EVERY == 0:
            progress(number / len(files), f"Reading: {number:,} of {len(files):,} files")
    if not any(texts):
        raise StudioError("The files of the folder hold no text", where=path, todo="Choose another folder")
    if len(encodings) > 1:
        shown = ", ".join(f"{count:,} in {name.upper()}" for name, count in encodings.most_common())
        notes.append(Note("info", f"The files are in different encodings: {shown}."))
    if odd:
        words = f"{odd[0]} holds" if len(odd) == 1 else f"{len(odd):,} files (the first is {odd[0]}) hold"
        notes.append(Note("warning", f"{words} bytes that do not fit the encoding."))
    return texts, [name for _, name in files], digest.hexdigest()


def _parts(files: list[Path]) -> list[Note]:
    """A remark where files look like the parts of one data set."""
    by_part = {word: file.name for file in files for word in _WORD.findall(file.stem.lower())}
    train = next((by_part[word] for word in ("train", "training") if word in by_part), None)
    if train is None or not by_part.keys() & {"test", "dev", "valid", "val", "validation"}:
        return []
    words = f"Its files look like parts for training and for testing: to learn from {train} alone, open it by itself."
    return [Note("warning", words)]


def _texts(folder: Path) -> list[Path]:
    found = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(parent, name)
            if not name.startswith(".") and file.suffix.lower() in _SUFFIXES and file.is_file():
                found.append(file)
    return found


def _check(path: Path, folders: list[Path], files: list[tuple[Path, str]]) -> None:
    """Refuse folders that are not one of texts by label, and say what they look like."""
    if not files:
        raise StudioError("The folder holds no .txt files", where=path, todo=_TODO)
    parts = {folder.name.lower() for folder in folders}
    deep = {(label, file.parent) for file, label in files if file.parent != path / label}
    if deep and parts & {"train", "training"} and parts & {"test", "dev", "valid", "validation"}:
        train = next(folder.name for folder in folders if folder.name.lower() in {"train", "training"})
        raise StudioError(
            "The folder holds parts for training and for testing, not labels",
            where=path,
            todo=f"Open its sub-folder {train}; the others can be named as validation and test data",
        )


def read_parquet(raw: bytes, path: Path, progress: Progress) -> Raw:
    """All columns of a Parquet file as text; structures are flattened with dots.

    Raises:
        StudioError: the file is damaged or has no rows.
    """
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(pa.BufferReader(raw))
        while any(pa.types.is_struct(column.type) for column in table.columns):
            table = table.flatten()
    except (pa.ArrowException, OSError, ValueError) as error:
        why = str(error).split("\n", 1)[0][:200]
        raise StudioError("This is not a valid Parquet file, or a damaged one", where=path, why=why) from None
    if table.num_columns == 0 or table.num_rows == 0:
        raise StudioError("The file has no rows", where=path, todo="Choose a file with texts")
    cells = []
    for index, column in enumerate(table.columns):
        progress(index / table.num_columns, f"Reading column {table.column_names[index]}")
        cells.append(text_cells(column))
    notes: list[Note] = []
    return Raw(unique_names(list(table.column_names), notes), cells, None, notes)


def text_cells(column: pa.ChunkedArray) -> pa.Array | list[str]:
    """A column of any type as text."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return pa.concat_arrays(column.cast(pa.large_string()).fill_null("").chunks)
    return [cell_of(value) for value in column.to_pylist()]
