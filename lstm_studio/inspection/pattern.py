"""The query of LSTMVis: units that are on over a range, and the places in the data where the same ones are on.

Strobelt, Gehrmann, Pfister & Rush, "LSTMVis: a tool for visual analysis of hidden state dynamics in recurrent neural
networks", 2018 (https://arxiv.org/abs/1606.07461). There a unit is on where its value reaches a threshold. The sign of
a unit means nothing by itself, so here one that falls to minus the threshold is on too, in its own sign.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lstm_studio.inspection.index import UnitIndex
from lstm_studio.inspection.units import Context, context

MATCHES = 60
_LOOKED_AT = 400
"""The best windows of which the other units are counted too."""


@dataclass(frozen=True, eq=False)
class Pattern:
    """Units that are on.

    Attributes:
        units: Their numbers, int64 [S]; those that go furthest first.
        signs: 1 where a unit is on above the threshold, -1 below minus it: int64 [S].
        length: Tokens of the range.
        threshold: Above 0.
        exact: Whether they are off just before and behind it.
    """

    units: np.ndarray
    signs: np.ndarray
    length: int
    threshold: float
    exact: bool


@dataclass(frozen=True, eq=False)
class Match:
    """A place where units of a pattern are on.

    Attributes:
        context: The range with what stands around it; its values are how many units of the pattern are on, as a share.
        shared: Units of the pattern that are on throughout.
        ends: How many times one of them is off just before, or just behind.
        others: Units that are on throughout and do not belong to the pattern.
    """

    context: Context
    shared: int
    ends: int
    others: int


@dataclass(frozen=True, eq=False)
class Matches:
    """Places, the best first, and at how many all units of the pattern are on."""

    found: tuple[Match, ...]
    whole: int


def pattern(values: np.ndarray, start: int, stop: int, threshold: float, *, exact: bool = True) -> Pattern:
    """The units that are on over a range, and where ``exact`` off just before and just behind it.

    Args:
        values: A state over a text, [T, H].
        start, stop: The range; 0 <= start < stop <= T. At the ends of the text nothing need be off.
        threshold: Above 0.

    Raises:
        ValueError: there is no such range, or the threshold is not above 0.
    """
    if not 0 <= start < stop <= len(values) or not threshold > 0:
        raise ValueError("a range inside the text and a threshold above 0 are needed")
    low, high = values[start:stop].min(0), values[start:stop].max(0)
    signs = np.where(low >= threshold, 1, np.where(high <= -threshold, -1, 0))
    if exact:
        for outside in (start - 1, stop):
            if 0 <= outside < len(values):
                signs = np.where(values[outside] * signs >= threshold, 0, signs)
    units = np.flatnonzero(signs)
    reach = np.where(signs[units] > 0, low[units], -high[units])
    units = units[np.argsort(-reach, kind="stable")]
    return Pattern(units, signs[units], stop - start, threshold, exact)


def on_counts(wanted: Pattern, values: np.ndarray) -> np.ndarray:
    """How many units of a pattern are on at each token of a text: values [T, H] -> int64 [T]."""
    own = values[:, wanted.units] * wanted.signs
    found: np.ndarray = (own >= wanted.threshold).sum(1)
    return found


def matches(index: UnitIndex, state: str, wanted: Pattern, *, once: bool = True, most: int = MATCHES) -> Matches:
    """Where in the data the units of a pattern are on for as long.

    Ranked by how many are on over the whole range; then, for an exact pattern, by how many of these are off just before
    and behind it; then by how few others are on. Ranges do not overlap.

    Args:
        index: States of many tokens.
        state: "h" or "c".
        wanted: With S units.
        once: At most one range an example.
    """
    total, length, size = len(index), wanted.length, len(wanted.units)
    windows = total - length + 1
    if not size or windows < 1:
        return Matches((), 0)
    example = index.example_of
    shared, ends = np.zeros(windows, np.int32), np.zeros(windows, np.int32)
    at_once = np.zeros(total, np.int32)
    first, last = _ends(example, windows, length, index.running)
    for unit, sign in zip(wanted.units.tolist(), wanted.signs.tolist(), strict=True):
        own = index.column(state, unit)
        on = own >= wanted.threshold if sign > 0 else own <= -wanted.threshold
        at_once += on
        count = np.concatenate([[0], np.cumsum(on, dtype=np.int32)])
        through = count[length:] - count[:windows] == length
        shared += through
        if wanted.exact:
            ends += through & (first | ~np.concatenate([[False], on[: windows - 1]]))
            ends += through & (last | ~np.concatenate([on[length:], [False]]))
    inside = np.ones(windows, bool) if index.running else example[:windows] == example[length - 1 :]
    rank = np.where(inside & (shared > 0), shared * (2 * size + 1) + ends, 0)
    chosen = _apart(rank, example, length, once)
    others = _others(index, state, wanted, chosen, shared)
    order = np.lexsort((chosen, others, -rank[chosen]))[:most]
    share = (at_once / size).astype(np.float32)
    found = tuple(
        Match(
            context(index, share, place, place + length),
            int(shared[place]),
            int(ends[place]),
            int(other),
        )
        for place, other in zip(chosen[order].tolist(), others[order].tolist(), strict=True)
    )
    return Matches(found, int((inside & (shared == size)).sum()))


def _ends(example: np.ndarray, windows: int, length: int, running: bool) -> tuple[np.ndarray, np.ndarray]:
    """Whether a text begins where a window does, and whether it ends there: nothing stands outside. bool [windows]."""
    first, last = np.zeros(windows, bool), np.zeros(windows, bool)
    if not running:
        first[1:] = example[1:windows] != example[: windows - 1]
        last[:-1] = example[length:] != example[length - 1 : -1]
    first[0] = last[-1] = True
    return first, last


def _apart(rank: np.ndarray, example: np.ndarray, length: int, once: bool) -> np.ndarray:
    """The best windows that do not overlap, or of which no two are of one example: int64."""
    order = np.argsort(-rank, kind="stable")
    order = order[: np.count_nonzero(rank)]
    taken = np.zeros(len(rank) + length, bool)
    seen: set[int] = set()
    found: list[int] = []
    for place in order.tolist():
        own = int(example[place])
        if taken[place : place + length].any() or (once and own in seen):
            continue
        taken[place : place + length] = True
        seen.add(own)
        found.append(place)
        if len(found) == _LOOKED_AT:
            break
    return np.array(found, np.int64)


def _others(index: UnitIndex, state: str, wanted: Pattern, chosen: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """Units besides the pattern's that are on throughout, for each window: int64."""
    if not len(chosen):
        return np.zeros(0, np.int64)
    low = high = None
    for step in range(wanted.length):
        values = np.asarray(index.states[state][:, chosen + step], np.float32)
        low = values if low is None else np.minimum(low, values)
        high = values if high is None else np.maximum(high, values)
    assert low is not None
    assert high is not None
    on = (low >= wanted.threshold) | (high <= -wanted.threshold)
    return on.sum(0) - shared[chosen]
