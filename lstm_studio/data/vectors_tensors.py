"""Word vectors in a safetensors file: one matrix [W, size], and its W words.

The matrix is the tensor called "vectors", or the only one of two dimensions, in float16, float32 or float64. The words
are, in this order: a tensor "words" of uint8 that holds UTF-8 text, one word a line; the metadata's "words", a JSON
list; or a file beside it, NAME.words.txt for NAME.safetensors, one word a line. Rows are read one by one from the disk,
only those that are wanted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open

from lstm_studio.data.progress import Progress
from lstm_studio.data.vectors_formats import Entries, no_vectors
from lstm_studio.errors import StudioError

MATRIX, WORDS = "vectors", "words"
_EVERY = 20_000
_FLOATS = {"F16", "F32", "F64"}


class _Rows(Entries):
    unit = "row"

    def __init__(self, matrix: Any, words: list[str]) -> None:
        super().__init__(matrix.get_shape()[1], "safetensors")
        self._matrix, self._words = matrix, words

    def words(self, progress: Progress) -> Iterator[str]:
        for word in self._words:
            self.rows += 1
            if self.rows % _EVERY == 0:
                progress(self.rows / len(self._words), f"{self.rows:,} word vectors")
            self.undecodable += "\ufffd" in word
            yield word

    def vector(self) -> np.ndarray | None:
        with np.errstate(over="ignore"):
            found = self._matrix[self.rows - 1 : self.rows][0].astype(np.float32)
        return self._finite(found, self.rows)


@contextmanager
def opened_tensors(path: Path) -> Iterator[Entries]:
    """A safetensors file of word vectors.

    Raises:
        StudioError: it holds none, or is damaged.
    """
    try:
        with safe_open(path, "np") as file:
            name = _matrix_of(file, path)
            matrix = file.get_slice(name)
            words = _words_of(file, path)
            rows = matrix.get_shape()[0]
            if len(words) != rows:
                raise no_vectors(path, f"It has {len(words):,} words and {rows:,} rows of numbers")
            yield _Rows(matrix, words)
    except (SafetensorError, OSError) as error:
        why = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise StudioError("The file of word vectors is damaged", where=path, why=why) from None


def _matrix_of(file: Any, path: Path) -> str:
    shapes = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
    flat = [name for name, part in shapes.items() if len(part.get_shape()) == 2]
    found = MATRIX if MATRIX in flat else flat[0] if len(flat) == 1 else None
    if found is None:
        raise no_vectors(path, f"It holds {len(flat)} matrices; one of them must be called {MATRIX!r}")
    shape, kind = shapes[found].get_shape(), shapes[found].get_dtype()
    if kind not in _FLOATS or 0 in shape:
        raise no_vectors(path, f"Its matrix {found!r} holds {shape[0]:,} times {shape[1]:,} numbers of type {kind}")
    return found


def _words_of(file: Any, path: Path) -> list[str]:
    beside = path.with_suffix(".words.txt")
    if WORDS in file.keys():  # noqa: SIM118 - not a mapping
        raw = file.get_tensor(WORDS)
        if raw.ndim != 1 or raw.dtype != np.uint8:
            raise no_vectors(path, f"Its tensor {WORDS!r} is no text: it must hold bytes (uint8)")
        return _lines(raw.tobytes())
    listed = (file.metadata() or {}).get(WORDS)
    if listed is not None:
        try:
            words = json.loads(listed)
        except (ValueError, RecursionError):
            words = None
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise no_vectors(path, f"Its metadata {WORDS!r} is no JSON list of words")
        return words
    if beside.exists():
        return _lines(beside.read_bytes())
    todo = f"Put the words, one a line, into {beside.name} beside it"
    raise no_vectors(path, "It does not say which words its rows belong to", todo)


def _lines(raw: bytes) -> list[str]:
    text = raw.decode("utf-8-sig", "replace")
    words = text.split("\n")
    return [word.removesuffix("\r") for word in (words[:-1] if words[-1] == "" else words)]
