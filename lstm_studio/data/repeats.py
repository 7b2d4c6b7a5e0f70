"""Whether a text that a network wrote stands in its training text: the longest stretch that is the same, and where."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lstm_studio.data.encoded_words import load_array
from lstm_studio.data.progress import Progress, silent
from lstm_studio.data.suffixes import common_prefix, longest_matches, suffix_array

CHUNK = 4_000_000
"""Tokens that are sorted together: 130 MB while it is done, at worst 340."""
OVERLAP = 4_096
"""Tokens of the next chunk that are sorted with one, so that no repeat of this length is cut in two."""
_ROUNDS = 24
"""Rounds of sorting at most, as far as progress knows."""


@dataclass(frozen=True)
class Repeat:
    """A stretch of a sample that stands in the training text.

    Attributes:
        start: Where it begins in the sample.
        length: How many tokens are the same; 0 when not one stands there.
        place: Where it begins in the training text; one of several places perhaps.
    """

    start: int
    length: int
    place: int


class RepeatIndex:
    """An index over a training text, from which repeats are found to the token.

    Args:
        ids: The text: int32 [M], perhaps mapped into memory.
        order: Suffix arrays of its chunks one after the other, each by places within its chunk: int32.
        chunk, overlap: How it was divided.
    """

    def __init__(self, ids: np.ndarray, order: np.ndarray, chunk: int = CHUNK, overlap: int = OVERLAP) -> None:
        self.ids, self.order, self.chunk, self.overlap = ids, order, chunk, overlap

    @classmethod
    def build(
        cls, ids: np.ndarray, *, progress: Progress = silent, chunk: int = CHUNK, overlap: int = OVERLAP
    ) -> RepeatIndex:
        """Sort a text: about a second for a million tokens, 4 bytes a token when it is done.

        Args:
            ids: int32 [M].
            progress: Told how far it is; may raise ``Cancelled``.
            chunk, overlap: Tokens that are sorted together, and how many of them belong to the next chunk.
        """
        bounds = _bounds(len(ids), chunk, overlap)
        order = np.empty(sum(end - start for start, end in bounds), np.int32)
        at = 0
        for number, (start, end) in enumerate(bounds):
            rounds = 0

            def told(compared: int, number: int = number) -> None:
                nonlocal rounds
                share = (number + min(1.0, rounds / _ROUNDS)) / len(bounds)
                progress(share, f"Sorting the training text: by {max(1, compared):,} tokens")
                rounds += 1

            order[at : at + end - start] = suffix_array(np.asarray(ids[start:end]), told)
            at += end - start
        return cls(ids, order, chunk, overlap)

    def matches(self, sample: Sequence[int] | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How long a stretch of the training text begins at each token of a sample, and where it stands there.

        Exact for stretches of up to ``overlap`` tokens; a longer one that crosses the border of two chunks is found,
        but perhaps not where it is longest.

        Returns:
            Lengths and places: int64 [S] each.
        """
        tokens = np.asarray(sample, np.int64)
        lengths, places = np.zeros(len(tokens), np.int64), np.zeros(len(tokens), np.int64)
        at = 0
        for start, end in _bounds(len(self.ids), self.chunk, self.overlap):
            order = self.order[at : at + end - start]
            found, where = longest_matches(tokens, self.ids[start:end], order)
            better = found > lengths
            lengths[better], places[better] = found[better], where[better] + start
            at += end - start
        if len(tokens) > self.overlap:
            lengths = common_prefix(tokens, np.arange(len(tokens)), self.ids, places, lengths)
        return lengths, places

    def longest_repeat(self, sample: Sequence[int] | np.ndarray) -> Repeat:
        """The longest stretch of a sample that stands in the training text; the first of several."""
        lengths, places = self.matches(sample)
        if not len(lengths):
            return Repeat(0, 0, 0)
        start = int(lengths.argmax())
        return Repeat(start, int(lengths[start]), int(places[start]))

    def usual(self, unseen: np.ndarray, length: int, count: int = 100) -> np.ndarray:
        """What repeats are to be expected without copying: the longest one in each of some samples of text that was
        not trained on, ascending: int64 [at most ``count`` and one sample for every ``length`` tokens].

        Args:
            unseen: Ids of the validation part.
            length: Tokens of a sample, as many as a written text has.
            count: Samples, evenly spread.
        """
        starts = np.arange(0, len(unseen) - length + 1, length)
        if len(starts) > count:
            starts = starts[np.linspace(0, len(starts) - 1, count).astype(np.int64)]
        found = [self.longest_repeat(unseen[start : start + length]).length for start in starts.tolist()]
        return np.sort(np.array(found, np.int64))

    def save(self, folder: Path) -> None:
        """Write ``repeats.npy`` and ``repeats_of.npy``; the text goes elsewhere."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "repeats.npy", np.asarray(self.order, np.int32), allow_pickle=False)
        facts = [len(self.ids), self.chunk, self.overlap, _checksum(self.ids)]
        np.save(folder / "repeats_of.npy", np.array(facts, np.int64), allow_pickle=False)

    @classmethod
    def load(cls, folder: Path, ids: np.ndarray) -> RepeatIndex:
        """Map what ``save`` wrote; ``ids`` is the same text.

        Raises:
            ValueError, OSError: it is damaged, or belongs to another text.
        """
        order, facts = load_array(folder / "repeats.npy"), load_array(folder / "repeats_of.npy")
        if facts.shape != (4,) or facts.dtype != np.int64 or order.dtype != np.int32 or order.ndim != 1:
            raise ValueError("the index of repeats is damaged")
        tokens, chunk, overlap, checksum = facts.tolist()
        if tokens != len(ids) or checksum != _checksum(ids):
            raise ValueError("the index of repeats belongs to another text")
        bounds = _bounds(tokens, max(1, chunk), max(0, overlap))
        if chunk < 1 or overlap < 0 or len(order) != sum(end - start for start, end in bounds):
            raise ValueError("the index of repeats is damaged")
        at = 0
        for start, end in bounds:
            part = order[at : at + end - start]
            if not 0 <= int(part.min()) <= int(part.max()) < end - start:
                raise ValueError("the index of repeats is damaged")
            at += end - start
        return cls(ids, order, chunk, overlap)


def _bounds(tokens: int, chunk: int, overlap: int) -> list[tuple[int, int]]:
    """Start and end of each chunk, the overlap included."""
    return [(start, min(tokens, start + chunk + overlap)) for start in range(0, tokens, chunk)]


def _checksum(ids: np.ndarray) -> int:
    return zlib.crc32(np.ascontiguousarray(ids, np.int32).data)
