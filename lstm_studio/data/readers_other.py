"""A folder of texts by label, and Parquet."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from pathlib import Path

from lstm_studio.data.decode import Decoded, decode
from lstm_studio.data.progress import Progress
from lstm_studio.data.raw import Note, Raw, cell_of, unique_names
from lstm_studio.errors import StudioError

_SUFFIXES = {".txt", ".text", ""}
_FILES_EVERY = 100
_TODO = "Put the texts of each label into a sub-folder that bears the label's name"


def read_folder(path: Path, encoding: str | None, progress: Progress) -> tuple[Raw, str]:
    """One text a file, one label a sub-folder; hidden files are left out.

    Returns:
        The rows, and the SHA-256 of all names and bytes, hex.

    Raises:
        StudioError: there are no such files, or one cannot be read.
    """
    try:
        inner = sorted(entry for entry in path.iterdir() if not entry.name.startswith("."))
        folders = [entry for entry in inner if entry.is_dir()]
        files = [(file, folder.name) for folder in folders for file in _texts(folder)]
    except OSError as error:
        raise StudioError("The folder cannot be read", where=path, why=error.strerror or str(error)) from None
    _check(path, folders, files, len(inner) - len(folders))
    notes: list[Note] = []
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
    digest = hashlib.sha256()
    texts, labels, names = [], [], []
    encodings: Counter[str] = Counter()
    odd: list[str] = []
    for number, (file, label) in enumerate(files, 1):
        try:
            raw = file.read_bytes()
        except OSError as error:
            raise StudioError("The file cannot be read", where=file, why=error.strerror or str(error)) from None
        name = file.relative_to(path).as_posix()
        digest.update(name.encode("utf-8", "surrogateescape") + b"\0" + hashlib.sha256(raw).digest())
        decoded = decode(raw, file, encoding) if raw else Decoded("", "utf-8", "")
        encodings[decoded.encoding] += 1
        if decoded.odd_lines or decoded.nul_bytes:
            odd.append(name)
        texts.append(decoded.text.strip())
        labels.append(label)
        names.append(name)
        if number % _FILES_EVERY == 0:
            progress(number / len(files), f"Reading: {number:,} of {len(files):,} files")
    if len(encodings) > 1:
        shown = ", ".join(f"{count:,} in {name.upper()}" for name, count in encodings.most_common())
        notes.append(Note("info", f"The files are in different encodings: {shown}."))
    if odd:
        words = f"{odd[0]} holds" if len(odd) == 1 else f"{len(odd):,} files (the first is {odd[0]}) hold"
        notes.append(Note("warning", f"{words} bytes that do not fit the encoding."))
    return Raw(["text", "label", "file"], [texts, labels, names], None, notes), digest.hexdigest()


def _texts(folder: Path) -> list[Path]:
    found = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(parent, name)
            if not name.startswith(".") and file.suffix.lower() in _SUFFIXES and file.is_file():
                found.append(file)
    return found


def _check(path: Path, folders: list[Path], files: list[tuple[Path, str]], stray: int) -> None:
    """Refuse folders that are not one of texts by label, and say what they look like."""
    if not files:
        why = "Its files stand side by side, so nothing says their labels" if stray and not folders else ""
        raise StudioError("The folder holds no sub-folders with .txt files", where=path, why=why, todo=_TODO)
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
    import pyarrow as pa
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
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            cells.append(pa.concat_arrays(column.cast(pa.large_string()).fill_null("").chunks))
        else:
            cells.append([cell_of(value) for value in column.to_pylist()])
    notes: list[Note] = []
    return Raw(unique_names(list(table.column_names), notes), cells, None, notes)
