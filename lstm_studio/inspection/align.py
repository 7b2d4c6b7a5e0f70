"""Two texts side by side: which token of the one stands where which of the other does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np

_EXACT = 400
"""Tokens up to which frequent ones are compared like others."""


@dataclass(frozen=True, eq=False)
class Aligned:
    """Two texts in N columns.

    Attributes:
        first, second: The place of each column's token in its text, int64 [N]; -1 where the text has none.
        equal: Whether both texts have the same token there, bool [N].
        labels: What is written below each column: the token, or both where they differ.
    """

    first: np.ndarray
    second: np.ndarray
    equal: np.ndarray
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def edits(self) -> int:
        """Columns in which the texts differ."""
        return int((~self.equal).sum())


def align(first: Sequence[str], second: Sequence[str]) -> Aligned:
    """Equal tokens share a column; of a stretch that was replaced, tokens stand below each other as far as both go.

    Longest matching blocks (Ratcliff & Metzener, "Pattern matching: the gestalt approach", 1988).
    """
    busy = max(len(first), len(second)) > _EXACT
    left: list[int] = []
    right: list[int] = []
    equal: list[bool] = []
    labels: list[str] = []
    for tag, start, end, low, high in SequenceMatcher(None, first, second, autojunk=busy).get_opcodes():
        for place in range(max(end - start, high - low)):
            one = start + place if start + place < end else -1
            other = low + place if low + place < high else -1
            left.append(one)
            right.append(other)
            equal.append(tag == "equal")
            shown = [first[one] if one >= 0 else "", second[other] if other >= 0 else ""]
            labels.append(shown[0] if tag == "equal" else " → ".join(text or "∅" for text in shown))
    return Aligned(np.array(left, np.int64), np.array(right, np.int64), np.array(equal, bool), tuple(labels))


def spread(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Values [T, H] in columns: float32 [N, H], not a number where ``places`` has -1."""
    found = np.full((len(places), values.shape[1]), np.nan, np.float32)
    there = places >= 0
    found[there] = values[places[there]]
    return found


def side_by_side(
    aligned: Aligned, first: Mapping[str, np.ndarray], second: Mapping[str, np.ndarray], gate: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One gate over both texts and what the second has more than the first, each float32 [N, H]."""
    one, other = spread(first[gate], aligned.first), spread(second[gate], aligned.second)
    return one, other, other - one
