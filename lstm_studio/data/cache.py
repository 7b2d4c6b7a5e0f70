"""Prepared data kept on disk, so that the second run on the same texts starts at once.

An entry is a folder named by a hash of all that it depends on, complete from the moment it is there: it is written
beside and renamed. Nothing in it is trusted: sizes and check sums are compared, and a damaged entry is made anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

_MOST_ENTRIES = 100
_MOST_BYTES = 4 * 2**30
_ABANDONED = 24 * 3600.0


_REMEMBERED_BYTES = 64 * 2**20
_digests: dict[Path, tuple[tuple[int, int, int], str]] = {}
"""Of large files: while their size and times stay, they are not read again."""


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes, or of the names and bytes of all files in a folder, as hexadecimal digits.

    Raises:
        OSError: something cannot be read.
    """
    if path.is_dir():
        whole = hashlib.sha256(b"folder")
        for file in sorted(inner for inner in path.rglob("*") if inner.is_file()):
            whole.update(f"\0{file.relative_to(path).as_posix()}\0{digest(file)}".encode("utf-8", "surrogatepass"))
        return whole.hexdigest()
    seen = stamp(path)
    if (known := _digests.get(path)) is not None and known[0] == seen:
        return known[1]
    with path.open("rb") as stream:
        return learned(path, seen, hashlib.file_digest(stream, "sha256").hexdigest())


def stamp(path: Path) -> tuple[int, int, int]:
    """What changes when a file is written to: size, time of writing, time of any change."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns


def learned(path: Path, seen: tuple[int, int, int], value: str) -> str:
    """Remember the digest of a large file as it was ``seen`` before it was read."""
    if seen[0] >= _REMEMBERED_BYTES and stamp(path) == seen:
        _digests[path] = seen, value
    return value


def key_of(values: Any) -> str:
    """A short name for anything that JSON can hold; equal values have the same name."""
    text = json.dumps(values, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def linked(source: Path, target: Path) -> None:
    """The same file under another name, as a copy where the disk cannot link. Neither may be written to later."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


class TextStore:
    """Many texts as one array of UTF-8 bytes.

    Args:
        data: All texts one after the other: uint8 [bytes].
        offsets: Where each begins, and the end: int64 [N + 1].
    """

    def __init__(self, data: np.ndarray, offsets: np.ndarray) -> None:
        self.data, self.offsets = data, offsets

    @classmethod
    def of(cls, texts: list[str]) -> TextStore:
        """Store texts."""
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
        offsets = np.zeros(len(encoded) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded)), out=offsets[1:])
        return cls(np.frombuffer(b"".join(encoded), np.uint8), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> str:
        index = range(len(self))[index]
        piece = self.data[self.offsets[index] : self.offsets[index + 1]]
        return piece.tobytes().decode("utf-8", "surrogatepass")

    def save(self, folder: Path, name: str) -> None:
        """Write ``NAME.npy`` and ``NAME_offsets.npy``."""
        np.save(folder / f"{name}.npy", self.data, allow_pickle=False)
        np.save(folder / f"{name}_offsets.npy", self.offsets, allow_pickle=False)

    @classmethod
    def load(cls, folder: Path, name: str) -> TextStore:
        """Map what ``save`` wrote. Never empty: a part that holds no text is not saved."""
        data = np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
        return cls(data, np.load(folder / f"{name}_offsets.npy", allow_pickle=False))


class Cache:
    """Entries of a folder. A failing disk never stops a run: it only costs the time that the cache would have saved.

    Args:
        folder: Where the entries lie; made when the first one is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open(self, key: str) -> tuple[Path, dict[str, Any]] | None:
        """Folder and facts of an entry; None if there is none. A damaged one is removed."""
        entry = self.folder / key
        if not entry.is_dir():
            return None
        try:
            values = json.loads((entry / "entry.json").read_text(encoding="utf-8"))
            for name, (size, checksum) in values["files"].items():
                if (entry / name).stat().st_size != size or _checksum(entry / name) != checksum:
                    raise ValueError(name)
            facts: dict[str, Any] = values["facts"]
            os.utime(entry)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            self.remove(key)
            return None
        return entry, facts

    def write(self, key: str, facts: dict[str, Any], fill: Callable[[Path], None]) -> bool:
        """Make an entry.

        Args:
            key: Its name.
            facts: What JSON can hold and ``open`` gives back.
            fill: Writes the files into the folder that it is given.

        Returns:
            Whether it is there now, written by this call or by another program at the same moment.
        """
        beside: Path | None = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            beside = Path(tempfile.mkdtemp(prefix=".new-", dir=self.folder))
            fill(beside)
            files = {
                file.relative_to(beside).as_posix(): (file.stat().st_size, _checksum(file))
                for file in sorted(beside.rglob("*"))
                if file.is_file()
            }
            (beside / "entry.json").write_text(json.dumps({"files": files, "facts": facts}), encoding="utf-8")
            os.replace(beside, self.folder / key)
        except OSError:
            return self.open(key) is not None
        finally:
            if beside is not None:
                shutil.rmtree(beside, ignore_errors=True)
        self._tidy(keep=key)
        return True

    def remove(self, key: str) -> None:
        """Take an entry away, whether or not another program has it open."""
        try:
            aside = Path(tempfile.mkdtemp(prefix=".old-", dir=self.folder))
            os.replace(self.folder / key, aside / "entry")
        except OSError:
            return
        shutil.rmtree(aside, ignore_errors=True)

    def remember(self, key: str, facts: dict[str, Any]) -> None:
        """Write a small answer down."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".new-", dir=self.folder)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(facts, file)
            os.replace(name, self.folder / f"{key}.json")
        except OSError:
            return

    def recall(self, key: str) -> dict[str, Any] | None:
        """What ``remember`` wrote, or None."""
        try:
            facts = json.loads((self.folder / f"{key}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return facts if isinstance(facts, dict) else None

    def _tidy(self, keep: str) -> None:
        """Drop what was not used for longest once there is too much, and what killed programs left behind."""
        entries: list[tuple[float, int, Path]] = []
        now = time.time()
        try:
            for path in self.folder.iterdir():
                used = path.stat().st_mtime
                if path.name.startswith((".new-", ".old-")):
                    if now - used > _ABANDONED:
                        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
                elif path.name != keep:
                    entries.append((used, _size(path), path))
            total, count = _size(self.folder / keep), 1
            for _, size, path in sorted(entries, key=lambda entry: -entry[0]):
                total, count = total + size, count + path.is_dir()
                if total > _MOST_BYTES or count > _MOST_ENTRIES:
                    self.remove(path.name)
        except OSError:
            return


def _checksum(path: Path) -> int:
    value = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            value = zlib.crc32(block, value)
    return value


def _size(path: Path) -> int:
    if not path.is_dir():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
