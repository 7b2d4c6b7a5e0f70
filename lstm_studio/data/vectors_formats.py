"""The files that word vectors come in: text with or without a first line of sizes, word2vec's binary form."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np

from lstm_studio.data.progress import Progress
from lstm_studio.errors import StudioError

_FASTTEXT_MAGIC = 793712314
_EVERY = 20_000
_LONGEST_WORD = 4_000
_OTHERS = {".npy", ".npz", ".pt", ".pth", ".pkl", ".pickle", ".safetensors", ".h5", ".model"}
_TODO = "Choose a file of GloVe, word2vec or fastText vectors (.txt, .vec, .bin)"


class Entries:
    """Words one after the other, each with its vector while it is the last one.

    Attributes:
        size, format: Numbers in a vector; what kind of file it is.
        rows: Words seen so far.
        odd, odd_line: Rows passed over because they do not hold ``size`` finite numbers, and where the first is.
        promised: How many rows the first line says there are; None if it does not.
        repeated: Words that stand there again, counted by who reads.
    """

    def __init__(self, size: int, format: str) -> None:
        self.size, self.format = size, format
        self.rows = self.odd = self.odd_line = self.repeated = self.undecodable = 0
        self.promised: int | None = None

    def words(self, progress: Progress) -> Iterator[str]:
        """All words in order."""
        raise NotImplementedError

    def vector(self) -> np.ndarray | None:
        """Of the last word: float32 [size]; None where the row is odd."""
        raise NotImplementedError

    def notes(self) -> list[str]:
        """What was odd, a sentence each."""
        found = []
        if self.odd:
            count = "One row" if self.odd == 1 else f"{self.odd:,} rows"
            found.append(f"{count} of the word vectors without {self.size} numbers passed over (line {self.odd_line}).")
        if self.promised is not None and self.promised != self.rows:
            found.append(f"The file of vectors says that it has {self.promised:,} words, and has {self.rows:,}.")
        if self.repeated:
            count = "One word stands" if self.repeated == 1 else f"{self.repeated:,} words stand"
            found.append(f"{count} in the file of vectors twice; the first vector counts.")
        if self.undecodable:
            count = "One word" if self.undecodable == 1 else f"{self.undecodable:,} words"
            found.append(f"Not UTF-8 in the file of vectors: {count.lower()}.")
        return found

    def decode(self, raw: bytes) -> str:
        """A word; what is not UTF-8 is replaced, and counted."""
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            self.undecodable += 1
            return raw.decode("utf-8", "replace")


class _Text(Entries):
    def __init__(self, file: IO[bytes], first: bytes, path: Path) -> None:
        cells = first.split()
        header = len(cells) == 2 and all(cell.isdigit() for cell in cells)
        size = int(cells[1]) if header else _size_of(first, path)
        if size < 1:
            raise _no_vectors(path, "Its first line says that a vector has no numbers")
        super().__init__(size, "word2vec or fastText text" if header else "GloVe text")
        self._file, self._path = file, path
        self.promised = int(cells[0]) if header else None
        self._line = 1 if header else 0
        self._pending = None if header else first
        self._cells: list[bytes] = []

    def words(self, progress: Progress) -> Iterator[str]:
        total = max(1, self._path.stat().st_size)
        done = 0
        lines = iter(self._file) if self._pending is None else _with(self._pending, self._file)
        try:
            for line in lines:
                self._line += 1
                done += len(line)
                # A word may hold spaces: the numbers are the last cells.
                cells = line.rstrip(b"\r\n ").rsplit(b" ", self.size)
                if len(cells) != self.size + 1 and b"\t" in line:
                    cells = line.rstrip(b"\r\n\t ").replace(b"\t", b" ").rsplit(b" ", self.size)
                if not line.strip():
                    continue
                self.rows += 1
                if len(cells) != self.size + 1 or not cells[0]:
                    self._strange()
                    continue
                self._cells = cells[1:]
                if self.rows % _EVERY == 0:
                    progress(min(0.99, done / total), f"{self.rows:,} word vectors")
                yield self.decode(cells[0])
        except (EOFError, OSError) as error:
            raise StudioError("The file of word vectors is damaged", where=self._path, why=str(error)) from None

    def vector(self) -> np.ndarray | None:
        try:
            found = np.array(self._cells, dtype=np.float32)
        except ValueError:
            self._strange()
            return None
        if not np.isfinite(found).all():
            self._strange()
            return None
        return found

    def _strange(self) -> None:
        self.odd += 1
        self.odd_line = self.odd_line or self._line


class _Binary(Entries):
    def __init__(self, file: IO[bytes], count: int, size: int, path: Path) -> None:
        super().__init__(size, "word2vec binary")
        self._file, self._count, self._path = file, count, path
        self._raw = b""

    def words(self, progress: Progress) -> Iterator[str]:
        for number in range(1, self._count + 1):
            word = self._word(number)
            self._raw = self._file.read(4 * self.size)
            if len(self._raw) != 4 * self.size:
                raise self._truncated(number)
            self.rows = number
            if number % _EVERY == 0:
                progress(number / self._count, f"{number:,} word vectors")
            yield self.decode(word)

    def _word(self, number: int) -> bytes:
        letters = bytearray()
        while True:
            letter = self._file.read(1)
            if not letter or len(letters) > _LONGEST_WORD:
                raise self._truncated(number)
            if letter == b" ":
                return bytes(letters).lstrip(b"\n")
            letters += letter

    def _truncated(self, number: int) -> StudioError:
        return StudioError(
            f"The file of word vectors ends in word {number:,} of {self._count:,}",
            where=self._path,
            todo="Load it down again, or choose another one",
        )

    def vector(self) -> np.ndarray | None:
        found = np.frombuffer(self._raw, dtype="<f4").astype(np.float32)
        if not np.isfinite(found).all():
            self.odd += 1
            self.odd_line = self.odd_line or self.rows
            return None
        return found


@contextmanager
def opened(path: Path) -> Iterator[Entries]:
    """A file of word vectors, its kind found out.

    Raises:
        StudioError: it holds none, or cannot be read.
    """
    if path.is_dir():
        raise StudioError("This is a folder, not a file of word vectors", where=path, todo=_TODO)
    if path.suffix.lower() in _OTHERS:
        raise _no_vectors(path, f"Files that end in {path.suffix} are not read")
    try:
        with gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb") as file:
            yield _entries(file, path)  # type: ignore[arg-type]
    except FileNotFoundError:
        raise StudioError("There is no such file of word vectors", where=path, todo=_TODO) from None
    except (OSError, EOFError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise StudioError("The file of word vectors cannot be read", where=path, why=why) from None


def _entries(file: IO[bytes], path: Path) -> Entries:
    first = file.readline(2_000_000)
    if first[:4] == struct.pack("<i", _FASTTEXT_MAGIC):
        raise _no_vectors(path, "It is a fastText model", "Take the .vec file that comes with it")
    if not first.strip():
        raise StudioError("The file of word vectors is empty", where=path, todo=_TODO)
    cells = first.split()
    if len(cells) == 2 and all(cell.isdigit() for cell in cells):
        count, size = int(cells[0]), int(cells[1])
        if count < 1 or not 1 <= size <= 100_000:
            raise _no_vectors(path, f"Its first line says {count:,} words of {size:,} numbers")
        place = file.tell()
        row = file.readline(2_000_000)
        file.seek(place)
        if row.strip() and not _is_row(row, size):
            return _Binary(file, count, size, path)
    return _Text(file, first, path)


def _is_row(line: bytes, size: int) -> bool:
    cells = line.split()
    if len(cells) < size + 1:
        return False
    try:
        np.array(cells[-size:], dtype=np.float32)
    except ValueError:
        return False
    return True


def _size_of(line: bytes, path: Path) -> int:
    """Numbers at the end of a row."""
    cells = line.split()
    size = 0
    for cell in reversed(cells[1:]):
        try:
            float(cell)
        except ValueError:
            break
        size += 1
    if size < 2 or b"\x00" in line:
        raise _no_vectors(path, "Its first line is not a word and numbers")
    return size


def _with(first: bytes, rest: IO[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _no_vectors(path: Path, why: str, todo: str = _TODO) -> StudioError:
    return StudioError("This file holds no word vectors that can be read", where=path, why=why, todo=todo)
