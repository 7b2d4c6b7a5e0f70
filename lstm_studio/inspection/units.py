"""What a unit reacts to: where in the data it is highest, which labels it separates, which tokens it likes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lstm_studio.inspection.index import UnitIndex

CONTEXTS, BINS, LABELS, TOKENS = 60, 48, 6, 10
REACH = {"none": 60}
"""Tokens on both sides of a place that are shown, by spacing; else ``_WORDS``."""
_WORDS = 16
_LEAST = 5
"""Of a label or token, so that its mean says something."""


@dataclass(frozen=True, eq=False)
class Context:
    """A place in the data with what stands around it.

    Attributes:
        start, stop: The places that are meant, in the index.
        tokens: What stands from some places before them to some behind, K of it.
        values: The unit's, float32 [K].
        mark: Which of the tokens are meant: the first, and the one behind the last.
        label: Of the last of them.
        value: Of the unit there.
        note: What else there is to say.
    """

    start: int
    stop: int
    tokens: tuple[str, ...]
    values: np.ndarray
    mark: tuple[int, int]
    label: str
    value: float
    note: str = ""


@dataclass(frozen=True, eq=False)
class LabelDensity:
    """A unit's values at the tokens of one label.

    Attributes:
        number, name: Of the label.
        count: Tokens.
        mean: Of the values.
        density: Per bin, integrating to 1: float64 [BINS].
        apart: How far the mean lies from that of all other tokens, in pooled standard deviations (Cohen's d).
    """

    number: int
    name: str
    count: int
    mean: float
    density: np.ndarray
    apart: float


@dataclass(frozen=True, eq=False)
class Histogram:
    """Distributions by label.

    Attributes:
        edges: float64 [BINS + 1].
        labels: At most ``LABELS``, the ones that the unit separates best; best first.
        rest: All other tokens as one, where some labels are left out; else None.
        mean: Of all tokens.
    """

    edges: np.ndarray
    labels: tuple[LabelDensity, ...]
    rest: LabelDensity | None
    mean: float


@dataclass(frozen=True)
class TokenMean:
    """A token and the unit's mean value at it."""

    token: str
    mean: float
    count: int


@dataclass(frozen=True, eq=False)
class Liking:
    """How far the token itself says what the unit does.

    Attributes:
        highest, lowest: Tokens with the highest and lowest mean, of those that occur often enough.
        share: Of the variance that the token explains: Kelley's epsilon squared, 0..1.
        least: How often a token had to occur.
    """

    highest: tuple[TokenMean, ...]
    lowest: tuple[TokenMean, ...]
    share: float
    least: int


@dataclass(frozen=True, eq=False)
class Reaction:
    """All of it for one unit."""

    unit: int
    state: str
    highest: tuple[Context, ...]
    lowest: tuple[Context, ...]
    histogram: Histogram
    liking: Liking


def react(index: UnitIndex, state: str, unit: int, *, once: bool = True) -> Reaction:
    """What a unit reacts to.

    Args:
        index: States of many tokens.
        state: "h" or "c".
        unit: From 0.
        once: At most one context an example.

    Raises:
        StudioError: there is no such state or unit.
    """
    values = index.column(state, unit)
    return Reaction(
        unit,
        state,
        contexts(index, values, extreme(index, values, once=once)),
        contexts(index, values, extreme(index, -values, once=once)),
        histogram(index, values),
        liking(index, values),
    )


def extreme(index: UnitIndex, values: np.ndarray, *, once: bool, most: int = CONTEXTS) -> np.ndarray:
    """The places with the highest values [N], highest first: int64, at most ``most``; of equal ones the earlier."""
    if once:
        peaks = np.maximum.reduceat(values, index.offsets[:-1])
        examples = _largest(peaks, most)
        pairs = zip(index.offsets[examples], index.offsets[examples + 1], strict=True)
        return np.array([start + int(values[start:stop].argmax()) for start, stop in pairs], np.int64)
    return _largest(values, most)


def _largest(values: np.ndarray, most: int) -> np.ndarray:
    if most < len(values):
        bar = np.partition(values, len(values) - most)[len(values) - most]
        # All that reach the bar, so that among equals the earlier ones come first.
        found = np.flatnonzero(values >= bar)
    else:
        found = np.arange(len(values))
    return found[np.argsort(-values[found], kind="stable")][:most]


def contexts(index: UnitIndex, values: np.ndarray, places: np.ndarray) -> tuple[Context, ...]:
    """Places, each with what stands around it; ``values`` are a unit's [N]."""
    return tuple(context(index, values, place, place + 1) for place in places.tolist())


def context(index: UnitIndex, values: np.ndarray, start: int, stop: int, note: str = "") -> Context:
    """Some places in a row with what stands around them."""
    reach = REACH.get(index.spacing, _WORDS)
    low, high = index.around(start, reach)[0], index.around(stop - 1, reach)[1]
    return Context(
        start,
        stop,
        index.words_at(low, high),
        values[low:high],
        (start - low, stop - low),
        index.names[int(index.labels[stop - 1])],
        float(values[stop - 1]),
        note,
    )


def histogram(index: UnitIndex, values: np.ndarray) -> Histogram:
    """A unit's values [N] by label."""
    low, high = float(values.min()), float(values.max())
    if high - low < 1e-6:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, BINS + 1)
    bins = np.minimum(((values - low) * (BINS / (high - low))).astype(np.int64), BINS - 1)
    kinds, total = len(index.names), len(values)
    counts = np.bincount(index.labels, minlength=kinds)
    wide = values.astype(np.float64)
    sums = np.bincount(index.labels, wide, kinds)
    squares = np.bincount(index.labels, wide * wide, kinds)
    apart = separation(counts, sums, squares, float(wide.sum()), float((wide * wide).sum()))
    often = counts >= min(_LEAST, max(1, int(counts.max())))
    order = np.lexsort((-counts, -np.abs(apart)))
    shown = [int(label) for label in order if often[label]][:LABELS]

    def density(chosen: np.ndarray) -> np.ndarray:
        found = np.bincount(bins[chosen], minlength=BINS).astype(np.float64)
        return found / (max(1, len(chosen)) * (edges[1] - edges[0]))

    labels = tuple(
        LabelDensity(
            label,
            index.names[label],
            int(counts[label]),
            float(sums[label] / counts[label]),
            density(np.flatnonzero(index.labels == label)),
            float(apart[label]),
        )
        for label in shown
    )
    left = np.flatnonzero(~np.isin(index.labels, shown))
    rest = None
    if len(left):
        rest = LabelDensity(-1, "", len(left), float(wide[left].mean()), density(left), 0.0)
    return Histogram(edges, labels, rest, float(wide.sum() / total))


def separation(counts: np.ndarray, sums: np.ndarray, squares: np.ndarray, total: float, square: float) -> np.ndarray:
    """How far the mean of each label lies from that of all other tokens, in pooled standard deviations: Cohen,
    "Statistical power analysis for the behavioral sciences", 1988, d with s^2 = (SS_1 + SS_2) / (n_1 + n_2 - 2).

    Args:
        counts: Tokens of each label [K].
        sums, squares: Of the values of each label, and of their squares [K].
        total, square: The same over all labels.

    Returns:
        float64 [K]; 0 where a label has none or all of the tokens.
    """
    everything = counts.sum()
    others = everything - counts
    with np.errstate(divide="ignore", invalid="ignore"):
        mean, rest = sums / counts, (total - sums) / others
        within = (squares - sums * mean) + ((square - squares) - (total - sums) * rest)
        found = (mean - rest) / np.sqrt(np.maximum(within, 0) / (everything - 2))
    return np.where((counts > 0) & (others > 0) & (within > 1e-9 * max(square, 1e-30)), found, 0.0)


def liking(index: UnitIndex, values: np.ndarray) -> Liking:
    """Mean of a unit's values [N] by token, and how much of their variance the token explains.

    Epsilon squared (Kelley, "An unbiased correlation ratio measure", 1935): (SS_between - (K - 1) MS_within) /
    SS_total, for K different tokens; unlike eta squared it is not fooled by tokens that occur once.
    """
    kinds, total = len(index.words), len(values)
    wide = values.astype(np.float64)
    counts = np.bincount(index.tokens, minlength=kinds)
    means = np.bincount(index.tokens, wide, kinds) / np.maximum(counts, 1)
    whole = float(((wide - wide.mean()) ** 2).sum())
    between = float((counts * (means - wide.mean()) ** 2).sum())
    there = int((counts > 0).sum())
    share = 0.0
    if whole > 1e-12 and total > there:
        share = (between - (there - 1) * (whole - between) / (total - there)) / whole
    least = max(1, min(_LEAST, int(np.sort(counts)[-min(TOKENS, kinds)])))
    often = np.flatnonzero(counts >= least)
    order = often[np.argsort(-means[often], kind="stable")]

    def of(tokens: np.ndarray) -> tuple[TokenMean, ...]:
        return tuple(TokenMean(index.words[token], float(means[token]), int(counts[token])) for token in tokens)

    return Liking(of(order[:TOKENS]), of(order[::-1][:TOKENS]), min(1.0, max(0.0, share)), least)


@dataclass(frozen=True)
class Telling:
    """A unit that tells a label from all others: by how many standard deviations its mean is higher there."""

    unit: int
    label: str
    apart: float


def telling(index: UnitIndex, state: str, most: int = 5) -> tuple[Telling, ...]:
    """The units that separate some label best from all others, best first; see ``separation``."""
    counts = np.bincount(index.labels, minlength=len(index.names))
    often = np.flatnonzero(counts >= _LEAST)
    if not len(often) or (len(often) == 1 and counts[often[0]] == len(index)):
        return ()
    present = np.flatnonzero(counts)
    place = np.searchsorted(present, index.labels)  # of each label among those that are there
    kept = np.isin(present, often)
    found: list[tuple[float, int, int]] = []
    for unit in range(index.units):
        own = index.column(state, unit).astype(np.float64)
        square = own * own
        sums, squares = np.bincount(place, own, len(present)), np.bincount(place, square, len(present))
        apart = separation(counts[present], sums, squares, float(own.sum()), float(square.sum()))
        label = int(np.abs(np.where(kept, apart, 0)).argmax())
        found.append((float(apart[label]), unit, int(present[label])))
    found.sort(key=lambda one: -abs(one[0]))
    return tuple(Telling(unit, index.names[label], apart) for apart, unit, label in found[:most])
