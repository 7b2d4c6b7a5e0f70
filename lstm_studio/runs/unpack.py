"""Opening a packed run that may come from anybody: looked at first, unpacked beside, renamed into place."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import Any

from lstm_studio.config import parse, save
from lstm_studio.config.run import RunConfig
from lstm_studio.data.progress import Progress, silent
from lstm_studio.errors import StudioError
from lstm_studio.runs.card import with_folder
from lstm_studio.runs.files import umask, write_text
from lstm_studio.runs.folder import CARD, CONFIG, RunFolder
from lstm_studio.runs.pack_rules import (
    AT_ONCE,
    MANIFEST,
    MOST_MANIFEST,
    check_content,
    check_directory,
    check_entries,
    check_listed,
    read_manifest,
)
from lstm_studio.runs.store import RunStore

MARGIN = 100_000_000
"""Bytes that stay free on the disk."""


def unpack_run(
    path: str | Path, store: RunStore | None = None, *, out: str | Path | None = None, progress: Progress = silent
) -> Path:
    """Open a packed run.

    Args:
        path: What ``pack.pack_run`` wrote.
        store: Where it goes; the program's own when None. A name that is taken gets a number.
        out: A folder of its own instead, which must not exist or be empty.
        progress: May raise Cancelled; nothing is left then.

    Returns:
        The run's folder.

    Raises:
        StudioError: there is no such file, it is not a sound run, or there is no room for it; nothing is left then.
    """
    path = Path(path)
    store = store or RunStore()
    parent = store.folder if out is None else Path(out).absolute().parent
    if out is not None and (Path(out).is_file() or (Path(out).is_dir() and any(Path(out).iterdir()))):
        raise StudioError("The folder for the run is not empty", where=out, todo="Name a new folder")
    try:
        with path.open("rb") as file:
            check_directory(file, path)
            with zipfile.ZipFile(file) as archive:
                return _unpack(archive, path, store, parent, out, progress)
    except FileNotFoundError:
        raise StudioError("There is no such file", where=path) from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise StudioError(
            "The packed run is damaged", where=path, why=str(error), todo="Copy the file again, or pack the run again"
        ) from None
    except OSError as error:
        raise StudioError(
            "The packed run cannot be opened", where=error.filename or path, why=error.strerror or str(error)
        ) from None


def _unpack(
    archive: zipfile.ZipFile, path: Path, store: RunStore, parent: Path, out: str | Path | None, progress: Progress
) -> Path:
    entries = archive.infolist()
    check_entries(entries, path)
    by_name = {entry.filename: entry for entry in entries}
    if MANIFEST not in by_name:
        raise StudioError("This ZIP file is no packed run", where=path, todo="Open one that LSTM Studio has packed")
    with archive.open(by_name[MANIFEST]) as source:
        name, listed = read_manifest(source.read(MOST_MANIFEST), path)
    check_listed(entries, listed, path)
    total = sum(size for size, _ in listed.values())
    parent.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(parent).free < total + MARGIN:
        raise StudioError("There is not enough room for the run", where=parent, todo="Free some space on the disk")
    # A name with a dot in front is no run for anybody who lists them.
    beside = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=parent))
    try:
        done = 0
        for file, (size, summed) in sorted(listed.items()):
            progress(0.9 * done / max(1, total), f"Unpacking {file}")
            _write(archive, by_name[file], beside / file, (size, summed), path, _within(progress, done, size, total))
            check_content(beside / file, file, path)
            done += size
        progress(0.9, "Looking at the run")
        _look_at(beside, path)
        found = _in_place(beside, store, name, out)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    progress(1.0, "Opened")
    return found


def _write(
    archive: zipfile.ZipFile,
    entry: zipfile.ZipInfo,
    target: Path,
    listed: tuple[int, str],
    where: Path,
    progress: Progress,
) -> None:
    """Unpack one file, and not a byte more than was announced."""
    size, summed = listed
    target.parent.mkdir(exist_ok=True)
    found, written = hashlib.sha256(), 0
    with archive.open(entry) as source, target.open("xb") as file:
        while block := source.read(AT_ONCE):
            written += len(block)
            if written > size:
                break
            found.update(block)
            file.write(block)
            progress(written / max(1, size), f"Unpacking {entry.filename}")
    if written != size or found.hexdigest() != summed:
        raise StudioError(
            "The packed run was changed after it was packed, or is damaged",
            where=where,
            why=f"{entry.filename} is not what its list of files says",
            todo="Copy the file again, or pack the run again",
        )


def _within(progress: Progress, done: int, size: int, total: int) -> Progress:
    """For a file of ``size`` bytes, after so many of all."""
    return lambda share, words: progress(0.9 * (done + share * size) / max(1, total), words)


def _look_at(folder: Path, where: Path) -> None:
    """Whether settings, words and weights fit each other; addresses of other computers leave the settings."""
    try:
        run = RunFolder(folder)
        config = _at_home(run.config)
        if config != run.config:
            save(config, folder / CONFIG)
        from lstm_studio.runs.predictor import Predictor

        Predictor(folder)
    except StudioError as error:
        raise StudioError(
            "The packed run cannot be used", where=where, why=f"{error.what} {error.why}".strip()
        ) from None


def _at_home(config: RunConfig) -> RunConfig:
    """Without paths that lead to another computer (//server/share): merely looking at one may send it a password."""
    values = {"schema_version": config.schema_version, "task": config.task, **config.model_dump(exclude_none=True)}
    changed = _local(values)
    return config if changed == values else parse(changed)


def _local(values: Any) -> Any:
    if isinstance(values, dict):
        return {name: _local(value) for name, value in values.items()}
    if isinstance(values, (list, tuple)):
        return type(values)(_local(value) for value in values)
    if isinstance(values, str) and values.replace("\\", "/").startswith("//"):
        return re.split(r"[\\/]", values)[-1]
    return values


def _in_place(beside: Path, store: RunStore, name: str, out: str | Path | None) -> Path:
    folder = RunFolder(beside)
    name = _free_name(_plain(folder.info.name or name) or "run", [] if out is not None else _names(store))
    folder.update(name=name)
    # mkdtemp makes folders for their owner only.
    beside.chmod(0o777 & ~umask())
    target = store.new_place(name) if out is None else Path(out).absolute()
    card = beside / CARD
    if card.is_file():
        write_text(card, with_folder(card.read_text(encoding="utf-8"), target))
    if target.is_dir():
        target.rmdir()
    os.replace(beside, target)
    return target


def _names(store: RunStore) -> list[str]:
    return [run.name for run in store.list()]


def _free_name(name: str, taken: list[str]) -> str:
    known = {other.casefold() for other in taken}
    number, found = 1, name
    while found.casefold() in known:
        number += 1
        found = f"{name} ({number})"
    return found


def _plain(name: str) -> str:
    """A name that fits a line: no control characters, at most 180 characters."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())[:180].strip()
