"""Texts as ids on disk: one flat array and the place where each text begins, mapped into memory."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from lstm_studio.data.cache import linked
from lstm_studio.data.vocabulary import Vocabulary
from lstm_studio.errors import StudioError

_LONGEST_HEADER = 1024
_PIECE = 1 << 22
"""Numbers of a mapped file that are looked at at a time."""


class EncodedTexts:
    """N encoded texts of different lengths.

    Args:
        ids: All texts one after the other: int32 [total].
        offsets: Text n is ``ids[offsets[n] : offsets[n + 1]]``: int64 [N + 1].
        labels: Class of each text: int32 [N], or None.
        padded_to: Every text reads as this many tokens, filled up with padding; nothing is stored for that.
        texts: The original texts by number, where they are known; ``save`` leaves them out.

    Raises:
        StudioError: the arrays do not fit each other.
    """

    def __init__(
        self,
        ids: np.ndarray,
        offsets: np.ndarray,
        labels: np.ndarray | None = None,
        *,
        padded_to: int | None = None,
        texts: Any = None,
    ) -> None:
        self.ids, self.offsets, self.labels = ids, offsets, labels
        self.padded_to, self.texts = padded_to, texts
        self._check()
        self.token_lengths: np.ndarray = np.diff(offsets)
        """Tokens of each text, without padding: int64 [N]."""
        if padded_to is not None and len(self) and int(self.token_lengths.max()) > padded_to:
            raise StudioError(f"A text is longer than the {padded_to} tokens that all texts are padded to")

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> np.ndarray:
        """Ids of one text, as the network reads it: int32 [length]."""
        index = range(len(self))[index]
        ids = np.array(self.ids[self.offsets[index] : self.offsets[index + 1]], np.int32)
        if self.padded_to is None:
            return ids
        return np.concatenate([ids, np.full(self.padded_to - len(ids), Vocabulary.PADDING_ID, np.int32)])

    @property
    def lengths(self) -> np.ndarray:
        """How many ids the network reads of each text: int64 [N]."""
        return self.token_lengths if self.padded_to is None else np.full(len(self), self.padded_to, np.int64)

    def padded(self, length: int | None) -> EncodedTexts:
        """The same texts, filled up with padding that is read; None for no filling."""
        return EncodedTexts(self.ids, self.offsets, self.labels, padded_to=length, texts=self.texts)

    def check_ranges(self, vocabulary_size: int, classes: int) -> None:
        """Make sure that no id or label is outside a vocabulary or the classes.

        Raises:
            StudioError: one is.
        """
        for values, limit in ((self.ids, vocabulary_size), (self.labels, classes)):
            if values is None or not len(values):
                continue
            low, high = _range(values)
            if not 0 <= low <= high < limit:
                raise StudioError("The encoded texts hold numbers that mean nothing")

    def save(self, folder: str | Path) -> Path:
        """Write ``ids.npy``, ``offsets.npy`` and ``labels.npy``; the folder is there complete, or as it was before."""
        folder = Path(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            _keep(self.ids, np.int32, beside / "ids.npy")
            _keep(self.offsets, np.int64, beside / "offsets.npy")
            if self.labels is not None:
                _keep(self.labels, np.int32, beside / "labels.npy")
            if folder.exists():
                aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
                folder.rename(aside / "old")
                beside.rename(folder)
                shutil.rmtree(aside, ignore_errors=True)
            else:
                beside.rename(folder)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
        return folder

    @classmethod
    def load(cls, folder: str | Path) -> EncodedTexts:
        """Map what ``save`` wrote.

        Raises:
            StudioError: a file is missing or damaged.
        """
        folder = Path(folder)
        try:
            ids, offsets = _map(folder / "ids.npy", np.int32), _map(folder / "offsets.npy", np.int64)
            labels = _map(folder / "labels.npy", np.int32) if (folder / "labels.npy").exists() else None
        except (OSError, ValueError, EOFError) as error:
            raise StudioError("The encoded texts cannot be read", where=folder, why=str(error)) from None
        try:
            # The offsets are small and touched all the time; the ids stay on disk.
            return cls(ids, np.array(offsets), labels)
        except StudioError as error:
            raise StudioError(error.what, where=folder) from None

    def _check(self) -> None:
        offsets = self.offsets
        good = (
            self.ids.ndim == 1
            and offsets.ndim == 1
            and len(offsets) >= 1
            and int(offsets[0]) == 0
            and int(offsets[-1]) == len(self.ids)
            and bool(np.all(offsets[1:] >= offsets[:-1]))
            and (self.labels is None or self.labels.shape == (len(offsets) - 1,))
        )
        if not good:
            raise StudioError("The encoded texts are damaged", why="Their parts do not fit each other")


def _keep(values: np.ndarray, dtype: type, path: Path) -> None:
    """Write an array; one that is a whole file already is not read again."""
    file = getattr(values, "filename", None)
    if file is not None and Path(file).name == path.name and values.dtype == dtype:
        whole = np.load(file, mmap_mode="r", allow_pickle=False)
        if whole.shape == values.shape:
            linked(Path(file), path)
            return
    np.save(path, np.asarray(values, dtype), allow_pickle=False)


def _range(values: np.ndarray) -> tuple[int, int]:
    """Least and greatest number; of a mapped file piece by piece, so that it does not come into memory as a whole."""
    file = getattr(values, "filename", None)
    start = Path(file).stat().st_size - values.nbytes if file is not None else 0
    if file is None or len(values) < _PIECE or start > _LONGEST_HEADER:
        return int(values.min()), int(values.max())
    low, high = int(values[0]), int(values[0])
    for place in range(0, len(values), _PIECE):
        count = min(_PIECE, len(values) - place)
        piece = np.fromfile(file, values.dtype, count, offset=start + place * values.itemsize)
        low, high = min(low, int(piece.min())), max(high, int(piece.max()))
    return low, high


def _map(path: Path, dtype: type) -> np.ndarray:
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError:
        array = np.load(path, allow_pickle=False)  # an empty array cannot be mapped
    if not isinstance(array, np.ndarray) or array.dtype != dtype:
        raise ValueError(f"{path.name} does not hold {np.dtype(dtype)} numbers")
    return array
