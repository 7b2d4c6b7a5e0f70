"""A column of a table on disk, cut into tokens by all cores, and kept; what is there already is not done again."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import lstm_studio.version
from lstm_studio.data.cache import key_of
from lstm_studio.data.large.blocks import Block, Cutting
from lstm_studio.data.large.worker import block_file, cut_blocks
from lstm_studio.data.places import cache_folder
from lstm_studio.data.progress import Progress
from lstm_studio.data.table import Table
from lstm_studio.errors import StudioError

MOST_WORKERS = 16
_FORMAT = 1
_MOST_FOLDERS = 6
_MOST_BYTES = 8 * 2**30
_ABANDONED = 24 * 3600.0
_WAIT = 0.1


@dataclass(frozen=True)
class Tokens:
    """Tokens of all rows of a table.

    Attributes:
        folder: Where they lie, a file for each block of rows.
        table: The table.
        column: The column of its file.
        cutting: How it was cut.
    """

    folder: Path
    table: Table
    column: int
    cutting: Cutting

    def blocks(self) -> Iterator[Block]:
        """Block after block; a damaged one is cut anew."""
        assert self.table.stored is not None
        for number in range(len(self.table.stored.ends)):
            path = block_file(self.folder, number)
            try:
                yield Block.load(path)
            except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
                path.unlink(missing_ok=True)
                rows = next(self.table.stored.blocks(number))
                block = Block.of(rows.column(self.column).to_pylist(), self.cutting.function())
                block.save(path)
                yield block


def cut_column(table: Table, name: str | int, cutting: Cutting, progress: Progress) -> Tokens:
    """Cut all texts of a column.

    Args:
        table: One on disk.
        name: The column.
        cutting: How.
        progress: Told of blocks that are done; may raise ``Cancelled``: then what is done stays for the next time.

    Raises:
        StudioError: there is no room on the disk.
        Cancelled: ``progress`` asked for it.
    """
    stored = table.stored
    assert stored is not None
    column = stored.columns[table.position(name)]
    versions = [lstm_studio.version.__version__, _version("nltk")]
    if cutting.tokenizer == "chinese words":
        versions.append(_version("rjieba"))
    key = key_of([_FORMAT, versions, stored.key, column, cutting.values()])
    root = cache_folder() / "tokens"
    folder = root / key
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)
        with contextlib.suppress(OSError):  # another program may tidy up at the same moment
            _tidy(root, folder)
        tokens = Tokens(folder, table, column, cutting)
        total = len(stored.ends)
        missing = [number for number in range(total) if not block_file(folder, number).exists()]
        if missing:
            _cut(tokens, total, len(missing), progress)
    except OSError as error:
        raise StudioError(
            "The tokens of this large file cannot be kept",
            where=folder,
            why=error.strerror or str(error),
            todo="Make room on that disk, or move the folder (LSTM_STUDIO_HOME)",
        ) from None
    return tokens


def _cut(tokens: Tokens, total: int, missing: int, progress: Progress) -> None:
    """All blocks that are missing, by as many processes as there are cores; alone where none can be started."""
    stored = tokens.table.stored
    assert stored is not None
    rows = int(stored.ends[-1])

    def tell() -> int:
        done = sum(block_file(tokens.folder, number).exists() for number in range(total))
        at = int(stored.ends[done - 1]) if done else 0
        progress(done / total, f"Cutting texts into tokens: {at:,} of {rows:,}")
        return done

    workers = min(cores(), missing, MOST_WORKERS)
    with tempfile.TemporaryDirectory(prefix="lstm-studio-") as place:
        running: list[subprocess.Popen[bytes]] = []
        try:
            for number in range(workers if workers > 1 else 0):
                told = {
                    "table": str(stored.file),
                    "column": tokens.column,
                    "cutting": tokens.cutting.values(),
                    "folder": str(tokens.folder),
                    "first": number,
                    "step": workers,
                }
                file = Path(place, f"{number}.json")
                file.write_text(json.dumps(told), encoding="utf-8")
                running.append(_start(file))
            while any(worker.poll() is None for worker in running):
                tell()
                time.sleep(_WAIT)
        except OSError:  # no further process may be started: what is missing is done here
            pass
        finally:
            for worker in running:
                worker.kill()
                worker.communicate()
    # What a process could not do shows here what is the matter with it.
    for number in range(total):
        if not block_file(tokens.folder, number).exists():
            cut_blocks(stored, tokens.column, tokens.cutting, tokens.folder, number, total)
            tell()


def _start(file: Path) -> subprocess.Popen[bytes]:
    if getattr(sys, "frozen", False):
        command = [sys.executable, "--cut-blocks", str(file)]
    else:
        command = [sys.executable, "-m", "lstm_studio.data.large.worker", str(file)]
    package = str(Path(lstm_studio.version.__file__).parents[1])
    paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
    hidden = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows opens a console otherwise
    return subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        creationflags=hidden,
    )


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _tidy(root: Path, keep: Path) -> None:
    """Tokens that were not asked for lately go, for they can be cut again; and what killed programs left behind."""
    folders = sorted((path for path in root.iterdir() if path.is_dir()), key=lambda path: -path.stat().st_mtime)
    total = 0
    for number, path in enumerate(folders):
        total += sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
        if path != keep and (number >= _MOST_FOLDERS or total > _MOST_BYTES):
            shutil.rmtree(path, ignore_errors=True)
    for path in (*keep.glob(".ids-*"), *keep.glob(".new-*")):
        if time.time() - path.stat().st_mtime > _ABANDONED:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "bundled"
