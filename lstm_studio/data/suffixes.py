"""Suffix arrays of integers: all places of a text in the order of what follows them, to be searched by halving."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

_KEY_BITS = 62
_WIDTHS = (8, 32, 128)
"""Tokens that are compared at once: most matches are short."""


def suffix_array(ids: np.ndarray, told: Callable[[int], None] = lambda compared: None) -> np.ndarray:
    """Places of a text, sorted by the tokens from there to its end: int32 [n].

    Prefix doubling (Manber and Myers 1993, "Suffix arrays: a new method for on-line string searches") in which only
    places that are not told apart yet are sorted on (Larsson and Sadakane 2007, "Faster suffix sorting"). Takes 33
    bytes a token while it runs, up to 84 for a text that repeats itself, and the logarithm of the longest repeat in
    rounds.

    Args:
        ids: int [n], at least 0, fewer than 2**31 of them.
        told: Called before each round with the number of tokens by which places are told apart so far; may raise.
    """
    count = len(ids)
    told(0)
    key, depth = _packed(ids)
    order = np.argsort(key)
    key = key[order]
    opens = np.ones(count, bool)
    """Whether a place in the order begins with other tokens than the one before."""
    opens[1:] = key[1:] != key[:-1]
    del key
    rank = np.empty(count, np.int64)
    rank[order] = np.maximum.accumulate(np.where(opens, np.arange(count), 0))
    while True:
        alone = opens.copy()
        alone[:-1] &= opens[1:]
        slots = np.flatnonzero(~alone)
        if not len(slots):
            return order.astype(np.int32)
        told(depth)
        places = order[slots]
        after = places + depth
        # What is shorter comes first: the end of the text ranks below all that is in it.
        second = np.where(after < count, rank[np.minimum(after, count - 1)] + 1, 0)
        key = rank[places] * (count + 1) + second
        turn = np.argsort(key)
        places, key = places[turn], key[turn]
        fresh = np.ones(len(slots), bool)
        fresh[1:] = key[1:] != key[:-1]
        order[slots] = places
        opens[slots] = fresh
        rank[places] = np.maximum.accumulate(np.where(fresh, slots, 0))
        depth *= 2


def _packed(ids: np.ndarray) -> tuple[np.ndarray, int]:
    """As many tokens from each place on as go into one number: int64 [n], and how many these are."""
    bits = max(1, (int(ids.max(initial=0)) + 1).bit_length())
    depth = max(1, _KEY_BITS // bits)
    key = np.zeros(len(ids), np.int64)
    for offset in range(depth):
        key <<= bits
        key[: max(0, len(ids) - offset)] += np.asarray(ids[offset:], np.int64) + 1
    return key, depth


def longest_matches(sample: np.ndarray, ids: np.ndarray, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far each place of a sample goes on as some place of a text does.

    All places are searched at once; a comparison begins where both neighbours are known to agree (Manber and Myers).

    Args:
        sample: int [S].
        ids: The text: int [n].
        order: Its suffix array: int [n].

    Returns:
        Length of the longest match from each place: int64 [S], 0 for tokens that the text lacks, and one of its places
        in the text: int64 [S].
    """
    size, count = len(sample), len(ids)
    low, high = np.full(size, -1, np.int64), np.full(size, count, np.int64)
    low_common, high_common = np.zeros(size, np.int64), np.zeros(size, np.int64)
    rows = np.arange(size)
    while len(rows := rows[high[rows] - low[rows] > 1]):
        middle = (low[rows] + high[rows]) // 2
        place = order[middle].astype(np.int64)
        common = common_prefix(sample, rows, ids, place, np.minimum(low_common[rows], high_common[rows]))
        in_sample, in_text = rows + common, place + common
        # The sample goes after the place when the text ends first, or has the smaller token where they part.
        ended = in_sample >= size
        after = ~ended & (in_text >= count)
        both = ~ended & ~after
        after[both] = sample[in_sample[both]] > ids[in_text[both]]
        low[rows[after]], low_common[rows[after]] = middle[after], common[after]
        high[rows[~after]], high_common[rows[~after]] = middle[~after], common[~after]
    left = low_common >= high_common
    nearest = np.clip(np.where(left, low, high), 0, max(0, count - 1))
    places = order[nearest].astype(np.int64) if count else np.zeros(size, np.int64)
    return np.maximum(low_common, high_common), places


def common_prefix(
    sample: np.ndarray, starts: np.ndarray, ids: np.ndarray, places: np.ndarray, known: np.ndarray
) -> np.ndarray:
    """Tokens that agree from ``starts`` in a sample and ``places`` in a text on, of which so many are known: int64."""
    common = known.copy()
    rows = np.arange(len(starts))
    turn = 0
    while len(rows):
        width = _WIDTHS[min(turn, len(_WIDTHS) - 1)]
        columns = np.arange(width)
        one, other = starts[rows] + common[rows], places[rows] + common[rows]
        inside = np.minimum(len(sample) - one, len(ids) - other)
        in_sample = np.minimum(one[:, None] + columns, len(sample) - 1)
        in_text = np.minimum(other[:, None] + columns, len(ids) - 1)
        same = (sample[in_sample] == ids[in_text]) & (columns < inside[:, None])
        agree = np.where(same.all(1), width, same.argmin(1))
        common[rows] += agree
        rows = rows[agree == width]
        turn += 1
    return common
