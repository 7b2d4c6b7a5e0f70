"""Texts that differ in a few characters only, found without comparing all with all.

MinHash over character n-grams (Broder 1997, "On the resemblance and containment of documents") and bands of hashes
(Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", 3.4); that texts count as near from a Jaccard similarity
of 0.8 is what Lee et al. 2022, "Deduplicating training data makes language models better", do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from lstm_studio.data.progress import Progress, silent

NEAR = 0.8
"""Share of the n-grams of two texts that both have, from which on they are near-duplicates."""
_GRAM, _WIDE_GRAM = 5, 3
_SHORTEST, _WIDE_SHORTEST = 24, 12
"""Characters of a text below which it can well be like another one."""
_BANDS, _ROWS = 12, 4
_HASHES = _BANDS * _ROWS
_AT_MOST = 12_000_000
"""Characters that are hashed; of more texts only so many at the start of each."""
_LEAST = 200
_COMPARED = 20_000
_CHUNK = 1_000_000
_LIKELY = NEAR - 0.15
_MARKS = re.compile(r"[\W_]+")
_WIDE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\u3040-\u30ff]")
_REMEMBERED = 4
_known: dict[tuple[int, int], np.ndarray] = {}
"""What was found lately: the same texts are asked about again with most settings that change."""
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def near_duplicates(texts: Sequence[str], progress: Progress = silent) -> np.ndarray:
    """Pairs of near-duplicates among texts; equal ones are none.

    A pair with a similarity of 0.8 is missed in one of 500 cases; what is returned is compared exactly.

    Args:
        texts: In any language.
        progress: Told fractions of the whole; may raise ``Cancelled``.

    Returns:
        Earlier and later text of each pair, by position: int64 [P, 2], ordered by the later one.
    """
    key = len(texts), hash(tuple(texts))
    known = _known.get(key)
    if known is None:
        known = _compared(texts, progress)
        for old in list(_known)[: max(0, len(_known) - _REMEMBERED + 1)]:
            _known.pop(old, None)
        _known[key] = known
    return known


def _compared(texts: Sequence[str], progress: Progress) -> np.ndarray:
    unique: dict[str, int] = {}
    for place, text in enumerate(texts):
        unique.setdefault(text, place)
    wide = sum(_WIDE.search(text) is not None for text in list(unique)[:1000]) > 0.3 * min(1000, len(unique))
    gram, shortest = (_WIDE_GRAM, _WIDE_SHORTEST) if wide else (_GRAM, _SHORTEST)
    plain, places = [], []
    for text, place in unique.items():
        bare = _MARKS.sub(" ", text[:_COMPARED].casefold()).strip()
        if len(bare) >= shortest:
            plain.append(bare)
            places.append(place)
    if len(plain) < 2:
        return np.zeros((0, 2), np.int64)
    signatures = _signatures(plain, gram, progress)
    progress(0.8, "Comparing texts that look alike")
    likely = _candidates(signatures)
    known: dict[int, frozenset[str]] = {}

    def grams(place: int) -> frozenset[str]:
        if place not in known:
            text = plain[place]
            known[place] = frozenset(text[start : start + gram] for start in range(len(text) - gram + 1))
        return known[place]

    found = []
    for number, (one, other) in enumerate(likely.tolist()):
        if number % 2000 == 0:
            progress(0.8 + 0.2 * number / len(likely), "Comparing texts that look alike")
            if len(known) > 20_000:
                known.clear()
        left, right = grams(one), grams(other)
        both = len(left & right)
        if both >= NEAR * (len(left) + len(right) - both):
            found.append((places[one], places[other]))
    pairs = np.array(found, np.int64).reshape(-1, 2)
    return pairs[np.lexsort((pairs[:, 0], pairs[:, 1]))]


def _mixed(values: np.ndarray) -> np.ndarray:
    """Well-mixed 64 bits of each number (the finaliser of SplitMix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: np.ndarray = values ^ (values >> np.uint64(31))
    return mixed


def _signatures(texts: Sequence[str], gram: int, progress: Progress) -> np.ndarray:
    """The smallest of each hash over the n-grams of each text: uint32 [N, 48]."""
    most = max(_LEAST, _AT_MOST // len(texts))
    numbers = np.arange(1, _HASHES + 1, dtype=np.uint64)
    factors, shifts = _mixed(numbers * _GOLDEN) | np.uint64(1), _mixed((numbers + np.uint64(_HASHES)) * _GOLDEN)
    found = np.empty((len(texts), _HASHES), np.uint32)
    start = 0
    while start < len(texts):
        end, size = start, 0
        while end < len(texts) and (size < _CHUNK or end == start):
            size += min(most, len(texts[end]))
            end += 1
        progress(0.8 * start / len(texts), f"Looking for near-duplicates: {start:,} of {len(texts):,}")
        cut = [text[:most] for text in texts[start:end]]
        lengths = np.fromiter(map(len, cut), np.int64, len(cut))
        letters = np.frombuffer("".join(cut).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
        hashes = np.zeros(len(letters) - gram + 1, np.uint64)
        for place in range(gram):
            hashes = hashes * np.uint64(1_000_003) + letters[place : len(hashes) + place]
        inside = np.ones(len(letters), bool)
        ends = np.cumsum(lengths)
        for place in range(1, gram):
            inside[ends - place] = False  # they would reach into the next text
        hashes = _mixed(hashes[inside[: len(hashes)]])
        first = np.concatenate([[0], np.cumsum(lengths - gram + 1)[:-1]])
        for number in range(_HASHES):
            values = ((hashes * factors[number] + shifts[number]) >> np.uint64(32)).astype(np.uint32)
            found[start:end, number] = np.minimum.reduceat(values, first)
        start = end
    return found


def _candidates(signatures: np.ndarray) -> np.ndarray:
    """Pairs that share a band and much of their signatures: int64 [P, 2], the earlier one first.

    In a band each text is compared with the first one of its group and with the one before it, so that their number
    stays proportional to the texts.
    """
    count = len(signatures)
    keys = []
    for band in range(_BANDS):
        value = np.zeros(count, np.uint64)
        for row in range(_ROWS):
            value = _mixed(value * _GOLDEN + signatures[:, band * _ROWS + row])
        order = np.argsort(value, kind="stable")
        ordered = value[order]
        fresh = np.concatenate([[True], ordered[1:] != ordered[:-1]])
        heads = order[np.maximum.accumulate(np.where(fresh, np.arange(count), 0))]
        later = np.flatnonzero(~fresh)
        keys.append(heads[later] * count + order[later])
        keys.append(order[later - 1] * count + order[later])
    unique = np.unique(np.concatenate(keys))
    one, other = unique // count, unique % count
    likely = np.zeros(len(unique), bool)
    for start in range(0, len(unique), 100_000):
        piece = slice(start, start + 100_000)
        likely[piece] = (signatures[one[piece]] == signatures[other[piece]]).mean(1) >= _LIKELY
    pairs: np.ndarray = np.stack([one[likely], other[likely]], 1)
    return pairs
