"""The files that word vectors come in: text with or without a first line of sizes, word2vec's binary form."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

import numpy as np

from lstm_studio.data.decode import MAGIC
from lstm_studio.data.progress import Progress
from lstm_studio.errors import StudioError

_FASTTEXT_MAGIC = 793712314
_EVERY = 20_000
_LONGEST_WORD = 4_000
_LONGEST_LINE = 2_000_000
_SAMPLE = 20
"""Rows looked at to find out how many numbers each holds."""
_GZIP = b"\x1f\x8b"
_HEADER = re.compile(rb"\s*(\d{1,15})\s+(\d{1,15})\s*")
_DECIMAL_END = re.compile(rb" [-+]?\d*\.\d+(e[-+]?\d+)?$", re.IGNORECASE)
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_OTHERS = {".npy", ".npz", ".pt", ".pth", ".pkl", ".pickle", ".h5", ".model"}
TODO = (
    "Choose a file of GloVe, word2vec or fastText vectors (.txt, .vec, .bin), or of a matrix and words (.safetensors)"
)


class Entries:
    """Words one after the other, each with its vector while it is the last one.

    Attributes:
        size, format: Numbers in a vector; what kind of file it is.
        unit: What ``odd_line`` counts: "line", or "word" where there are no lines.
        rows: Words seen so far.
        odd, odd_line, odd_why: Rows passed over because they do not hold ``size`` finite numbers, where the first is,
            and what it holds instead.
        promised: How many rows the first line says there are; None if it does not.
        repeated: Words that stand there again, counted by who reads.
    """

    unit = "line"

    def __init__(self, size: int, format: str) -> None:
        self.size, self.format = size, format
        self.rows = self.odd = self.odd_line = self.repeated = self.undecodable = 0
        self.odd_why = ""
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
            where = f"{self.unit} {self.odd_line:,}"
            found.append(
                f"{count} of the word vectors without {self.size} numbers passed over ({where}): {self.odd_why}."
            )
        if self.promised is not None and self.promised != self.rows:
            found.append(
                f"The file of vectors says that it has {self.promised:,} words, and has {self.rows:,} (line 1)."
            )
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

    def _strange(self, place: int, why: str) -> None:
        """Count a row that is passed over."""
        self.odd += 1
        if not self.odd_line:
            self.odd_line, self.odd_why = place, why

    def _finite(self, found: np.ndarray, place: int) -> np.ndarray | None:
        """The vector, unless some of it is no number."""
        if np.isfinite(found).all():
            return found
        column = int(np.flatnonzero(~np.isfinite(found))[0])
        self._strange(place, f"number {column + 1:,} is {'NaN' if np.isnan(found[column]) else 'infinite'}")
        return None


class _Text(Entries):
    """Lines of a word and its numbers.

    Args:
        file: Stands behind ``lines``.
        lines: Those already read, without a first line of sizes.
        before: Lines of the file before them.
        size: Numbers in a vector.
        promised: Rows that the first line says there are; None without such a line.
        raw: The file on the disk, for how far it is read.
        path: For messages.
    """

    def __init__(
        self,
        file: BinaryIO,
        lines: list[bytes],
        before: int,
        size: int,
        promised: int | None,
        raw: BinaryIO,
        path: Path,
    ) -> None:
        super().__init__(size, "GloVe text" if promised is None else "word2vec or fastText text")
        self.promised = promised
        self._file, self._lines, self._line, self._raw, self._path = file, lines, before, raw, path
        self._loose = any(b"\t" in line or b"  " in line.strip() for line in lines)
        self._cells: list[bytes] = []

    def words(self, progress: Progress) -> Iterator[str]:
        total = max(1, self._path.stat().st_size)
        try:
            for line in chain(self._lines, self._file):
                self._line += 1
                if self._line % _EVERY == 0:
                    progress(min(0.99, self._raw.tell() / total), f"{self.rows:,} word vectors")
                if not line.strip():
                    continue
                if self._loose:
                    line = b" ".join(line.split())
                self.rows += 1
                # A word may hold spaces: the numbers are the last cells.
                cells = line.rstrip(b"\r\n ").rsplit(b" ", self.size)
                word = cells[0]
                if len(cells) != self.size + 1 or not word or (b" " in word and _DECIMAL_END.search(word)):
                    self._strange(self._line, f"it holds {_numbers(line):,}")
                    continue
                self._cells = cells[1:]
                yield self.decode(word)
        except (EOFError, OSError, zlib.error) as error:
            raise StudioError("The file of word vectors is damaged", where=self._path, why=str(error)) from None

    def vector(self) -> np.ndarray | None:
        try:
            with np.errstate(over="ignore"):
                found = np.array(self._cells, dtype=np.float32)
        except ValueError:
            self._strange(self._line, "not all of it are numbers")
            return None
        return self._finite(found, self._line)


class _Binary(Entries):
    unit = "word"

    def __init__(self, file: BinaryIO, count: int, size: int, path: Path) -> None:
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
            todo="Download it again, or choose another one",
        )

    def vector(self) -> np.ndarray | None:
        return self._finite(np.frombuffer(self._raw, dtype="<f4").astype(np.float32), self.rows)


@contextmanager
def opened(path: Path) -> Iterator[Entries]:
    """A file of word vectors, its kind found out.

    Raises:
        StudioError: it holds none, or cannot be read.
    """
    if path.suffix.lower() in _OTHERS and not path.is_dir():
        raise no_vectors(path, f"Files that end in {path.suffix} are not read")
    if path.suffix.lower() == ".safetensors" and path.is_file():
        from lstm_studio.data.vectors_tensors import opened_tensors

        with opened_tensors(path) as entries:
            yield entries
        return
    try:
        with path.open("rb") as raw:
            packed = path.suffix.lower() == ".gz" or raw.peek(2).startswith(_GZIP)
            # GzipFile hands over single bytes slowly.
            file = io.BufferedReader(gzip.GzipFile(fileobj=raw)) if packed else raw
            yield _entries(file, raw, path)
    except FileNotFoundError:
        raise StudioError("There is no such file of word vectors", where=path, todo=TODO) from None
    except IsADirectoryError:
        raise _folder(path) from None
    except (OSError, EOFError, zlib.error) as error:
        if path.is_dir():  # Windows says that access is denied
            raise _folder(path) from None
        why = getattr(error, "strerror", None) or str(error)
        raise StudioError("The file of word vectors cannot be read", where=path, why=why) from None


def wrong_rows(odd: int, size: int, where: str) -> StudioError:
    """Too many rows to pass over do not fit."""
    count = "One row does" if odd == 1 else f"{odd:,} rows do"
    return StudioError(
        f"{count} not hold {size} numbers",
        where=where,
        why="A file of word vectors has equally many in each row",
        todo="Choose another file",
    )


def too_many(odd: int, rows: int) -> bool:
    """Whether so many odd rows are no accident: more than three and 0.1 %, or more than two thirds."""
    return odd > max(3, rows // 1000) or 3 * odd > 2 * rows


def _entries(file: BinaryIO, raw: BinaryIO, path: Path) -> Entries:
    before = 0
    while (first := file.readline(_LONGEST_LINE)) in (b"\n", b"\r\n"):
        before += 1
    if first[:4] == struct.pack("<i", _FASTTEXT_MAGIC):
        raise no_vectors(path, "It is a fastText model", "Take the .vec file that comes with it")
    first = first.removeprefix(codecs.BOM_UTF8)
    if not first.strip():
        raise StudioError("The file of word vectors is empty", where=path, todo=TODO)
    _refuse(first, path)
    header = _HEADER.fullmatch(first)
    if header is None:
        return _text(file, [first], before, None, raw, path)
    count, size = int(header[1]), int(header[2])
    if count < 1 or not 1 <= size <= 100_000:
        raise no_vectors(f"{path}, line {before + 1}", f"Its first line says {count:,} words of {size:,} numbers")
    place = file.tell()
    row = file.readline(_LONGEST_LINE)
    file.seek(place)
    start = file.read(4 * size + 4_000)
    file.seek(place)
    if _numbers(row) < size and _NO_TEXT.search(start):
        return _Binary(file, count, size, path)
    return _text(file, [], before + 1, (count, size), raw, path)


def _text(
    file: BinaryIO, lines: list[bytes], before: int, header: tuple[int, int] | None, raw: BinaryIO, path: Path
) -> Entries:
    """How many numbers a row holds is what most of the first rows hold: one of them may be damaged."""
    lines += islice(iter(lambda: file.readline(_LONGEST_LINE), b""), _SAMPLE - len(lines))
    found = [(number, _numbers(line)) for number, line in enumerate(lines, before + 1) if line.strip()]
    usual = Counter(count for _, count in found if count > (1 if header is None else 0)).most_common(1)
    if not usual:
        if header is not None and not found:
            raise no_vectors(path, "It has a first line that says how many there are, and nothing else")
        raise no_vectors(path, "Its rows are not words and numbers")
    size = usual[0][0] if header is None else header[1]
    odd = [number for number, count in found if count != size]
    if 3 * len(odd) > 2 * len(found):
        if header is not None and usual[0][0] != size:
            why = f"Its first line says {size:,} numbers a word, but its rows hold {usual[0][0]:,}"
            raise no_vectors(f"{path}, line {before}", why)
        raise wrong_rows(len(odd), size, f"{path}, line {odd[0]}")
    return _Text(file, lines, before, size, header and header[0], raw, path)


def _refuse(first: bytes, path: Path) -> None:
    """Raise where the first line says that this is no text and no word2vec file."""
    for magic, name, advice in MAGIC:
        if first.startswith(magic):
            # The other advice there is about tables.
            todo = "Unpack it first" if "archive" in name else advice if "Git LFS" in name else TODO
            raise no_vectors(path, f"It is {name}, not a file of vectors", todo)
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise no_vectors(path, "It is written in UTF-16", "Save it as UTF-8")
    if _NO_TEXT.search(first):
        raise no_vectors(path, "Its first line is not a word and numbers")
    if b"\r" in first.rstrip(b"\r\n"):
        raise no_vectors(path, "Its lines end as those of an old Macintosh do", "Save it with Unix line ends")
    if len(first) == _LONGEST_LINE:
        raise no_vectors(path, "Its first line has no end")


def _numbers(line: bytes) -> int:
    """How many numbers stand at the end of a row, behind its word."""
    size = 0
    for cell in reversed(line.split()[1:]):
        try:
            float(cell)
        except ValueError:
            break
        size += 1
    return size


def _folder(path: Path) -> StudioError:
    return StudioError("This is a folder, not a file of word vectors", where=path, todo=TODO)


def no_vectors(path: Path | str, why: str, todo: str = TODO) -> StudioError:
    """For a file that is something else."""
    return StudioError("This file holds no word vectors that can be read", where=path, why=why, todo=todo)
