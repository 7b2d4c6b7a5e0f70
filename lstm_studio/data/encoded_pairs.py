"""Texts and what is to be written for them as numbers: two flat arrays of ids, mapped into memory."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lstm_studio.data.encoded_words import check_offsets, load_array

_ARRAYS = ("source_ids", "source_offsets", "target_ids", "target_offsets")


@dataclass(eq=False)
class EncodedPairs:
    """N pairs.

    Attributes:
        source_ids, target_ids: All tokens one after the other, without marks: int32.
        source_offsets, target_offsets: Pair n holds the ids from ``offsets[n]`` to ``offsets[n + 1]``: int64 [N + 1].
            No source is empty; a target may be.
        sources: The texts as they were written.
        answers: The right targets of each, as JSON lists; see ``references``.
    """

    source_ids: np.ndarray
    source_offsets: np.ndarray
    target_ids: np.ndarray
    target_offsets: np.ndarray
    sources: Any
    answers: Any

    def __post_init__(self) -> None:
        self.source_lengths: np.ndarray = np.diff(self.source_offsets)
        """Tokens of each source: int64 [N]."""
        self.target_lengths: np.ndarray = np.diff(self.target_offsets)
        """Tokens of each target, without the end mark: int64 [N]."""

    def __len__(self) -> int:
        return len(self.source_offsets) - 1

    @property
    def lengths(self) -> np.ndarray:
        """What a pair costs to read and write: int64 [N]."""
        return self.source_lengths + self.target_lengths

    def source(self, index: int) -> str:
        """What is read, as it was written."""
        return str(self.sources[index])

    def references(self, index: int) -> tuple[str, ...]:
        """What would be right to write; the first is the one that is learned."""
        return tuple(json.loads(self.answers[index]))

    def padded(self, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Some pairs, filled up with 0: sources int64 [B, S], lengths [B], targets int64 [B, U], lengths [B]."""
        source = padded(self.source_ids, self.source_offsets, indices)
        target = padded(self.target_ids, self.target_offsets, indices)
        return source, self.source_lengths[indices], target, self.target_lengths[indices]

    def save(self, folder: Path) -> None:
        """Write one .npy file an array; the texts go elsewhere."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in _ARRAYS:
            np.save(folder / f"{name}.npy", np.asarray(getattr(self, name)), allow_pickle=False)

    @classmethod
    def load(cls, folder: Path, source_size: int, target_size: int, sources: Any, answers: Any) -> EncodedPairs:
        """Map what ``save`` wrote.

        Raises:
            ValueError, OSError: it is damaged.
        """
        arrays = {name: load_array(folder / f"{name}.npy") for name in _ARRAYS}
        for name in ("source_offsets", "target_offsets"):
            arrays[name] = np.array(arrays[name])
        found = cls(**arrays, sources=sources, answers=answers)
        for ids, offsets, limit in (
            (found.source_ids, found.source_offsets, source_size),
            (found.target_ids, found.target_offsets, target_size),
        ):
            check_offsets(offsets, len(ids))
            if len(ids) and not 0 <= int(ids.min()) <= int(ids.max()) < limit:
                raise ValueError("numbers that mean nothing")
        if not len(found.target_lengths) == len(found) == len(sources) == len(answers):
            raise ValueError("the sides do not fit each other")
        if len(found) and int(found.source_lengths.min()) < 1:
            raise ValueError("a source without tokens")
        return found


def padded(ids: np.ndarray, offsets: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """Texts of different lengths side by side, filled up with 0: int64 [B, longest]."""
    starts = offsets[indices]
    sizes = offsets[indices + 1] - starts
    columns = np.arange(int(sizes.max(initial=0)))
    filled = columns < sizes[:, None]
    found = np.zeros(filled.shape, np.int64)
    found[filled] = ids[(starts[:, None] + columns)[filled]]
    return found


def flat(rows: Sequence[Sequence[int]]) -> tuple[np.ndarray, np.ndarray]:
    """Lists of ids -> int32 [M] and offsets int64 [N + 1]."""
    offsets = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(row) for row in rows], out=offsets[1:])
    return np.fromiter((number for row in rows for number in row), np.int32, int(offsets[-1])), offsets
