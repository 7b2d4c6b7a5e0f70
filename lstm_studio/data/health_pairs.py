"""What pairs of texts are, and what is wrong with them, before anything is trained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from lstm_studio.config import TranslationData
from lstm_studio.data.findings import near_findings, text_findings
from lstm_studio.data.health import histogram, lines, quantiles
from lstm_studio.data.health_pair_warnings import Odd, refusal, sorted_by_gravity, warnings_of
from lstm_studio.data.health_types import Health, HealthWarning
from lstm_studio.data.pair_units import learned_units
from lstm_studio.data.pairs import Pairs, same_source
from lstm_studio.data.prepare_pairs import as_measured, read_pairs, split_parts
from lstm_studio.data.progress import Progress, silent
from lstm_studio.data.remedies import mend_other_pairs, mend_pairs
from lstm_studio.data.subwords import SPECIAL, UNKNOWN_ID, Units
from lstm_studio.data.table import Table
from lstm_studio.errors import StudioError

_AT_ONCE = 5_000
_CUTTING = "Cutting texts into tokens"
_ENOUGH = 50
"""Pairs below which nobody can say what is usual."""
_TIMES, _DEVIATIONS = 3.0, 6.0
"""Lengths are odd that differ three times as much as usual, and by so many deviations."""
_SHORT = 10
"""Tokens; where both sides have fewer, one is easily three times as long."""
_RELATED = 0.15
"""Correlation of the lengths of translations; that of texts that do not belong together is 0."""


def examine(
    table: Table, data: TranslationData, progress: Progress = silent, validation_table: Table | None = None
) -> Health:
    """Look at all pairs of a table under complete settings; the parts are those that training will use.

    What training would refuse is told as a warning of severity "error".

    Raises:
        Cancelled: ``progress`` asked for it.
    """
    progress(0.0, "Reading the pairs")
    problems: list[HealthWarning] = []
    try:
        pairs = read_pairs(table, data, [])
    except StudioError as error:
        return _health(table, None, warnings=[refusal(error)])
    separate: Pairs | None = None
    if data.validation is not None and validation_table is not None:
        try:
            separate = mend_other_pairs(read_pairs(validation_table, data, []), data)
        except StudioError as error:
            problems.append(refusal(error))
    progress(0.05, "Looking for duplicates")
    raw = pairs
    try:
        others = [separate] if separate is not None else []
        pairs, mended = mend_pairs(raw, data, others, lambda share, words: progress(0.05, words))
    except StudioError as error:
        return _health(table, None, warnings=[refusal(error)])
    train, held = pairs, None
    try:
        parts = split_parts(pairs, data, table)
        train, held = parts["train"], parts.get("validation")
    except StudioError as error:
        problems.append(refusal(error))
    if separate is not None:
        held = as_measured(separate, separate.table)
    health = replace(
        _health(table, raw, **_repeated(pairs), **_leaked(train, held)), used_rows=len(pairs), mended=mended
    )
    progress(0.1, "Learning the vocabulary")
    odd = Odd(*_equal(pairs))
    try:
        units = learned_units(table, train.sources, train.firsts, data)
    except StudioError as error:
        problems.append(refusal(error))
    else:
        sides = _lengths(pairs, units, _within(progress, 0.4, 0.4))
        learned = sides[1][np.searchsorted(pairs.rows, train.rows)] <= (data.max_target_length or np.inf)
        known = _known(held, units, _within(progress, 0.8, 0.15))
        health = replace(health, train_rows=int(learned.sum()), **_counted(*sides, units, data), **known)
        odd = Odd(odd.equal, odd.equal_lines, *_far(pairs, *sides), data.purpose == "translation" and _apart(*sides))
    noticed = _noticed(table, pairs, held, lambda share, words: progress(0.95 + 0.05 * share, words))
    progress(1.0, "")
    return replace(health, warnings=sorted_by_gravity([*problems, *warnings_of(health, data, odd), *noticed]))


def _noticed(table: Table, pairs: Pairs, held: Pairs | None, progress: Progress) -> list[HealthWarning]:
    """What is odd about the texts of both sides; of sources alone whether they nearly repeat each other."""
    same = held is not None and held.table is pairs.table
    aside = {same_source(source) for source in held.sources} if held is not None and same else set()
    other = held.sources if held is not None and not same else []
    part = np.array([*(same_source(source) in aside for source in pairs.sources), *([True] * len(other))], bool)
    rows = np.concatenate([pairs.rows, np.full(len(other), -1)])
    both = [f"{source}\n{target}" for source, target in zip(pairs.sources, pairs.firsts, strict=True)]
    odd = text_findings(table, pairs.rows, both, "translation", ("fix_mojibake", "strip_html", "strip_invisible"))
    return [*odd, *near_findings(table, rows, [*pairs.sources, *other], part, progress)]


def _within(progress: Progress, start: float, width: float) -> Callable[[float], None]:
    return lambda share: progress(start + width * share, _CUTTING)


def _health(table: Table, pairs: Pairs | None, **figures: Any) -> Health:
    """Figures of rows; those of tokens are empty unless they are given."""
    edges, bars = histogram(np.zeros(0, np.int64))
    unused = np.setdiff1d(np.arange(table.num_rows), pairs.rows) if pairs is not None else np.zeros(0, np.int64)
    known: dict[str, Any] = {
        "duplicate_rows": 0,
        "conflicting_rows": 0,
        "leaked_rows": 0,
        "train_rows": 0,
        "validation_rows": 0,
        "edges": edges,
        "counts": bars,
        "quantiles": quantiles(np.zeros(0, np.int64)),
        "cut_fraction": 0.0,
        "vocabulary_size": 0,
        "coverage": 1.0,
        "unknown_share": 0.0,
        "tokens": 0,
    }
    return Health(
        rows=table.num_rows,
        used_rows=len(pairs) if pairs is not None else 0,
        empty_rows=len(unused),
        empty_lines=lines(table, unused),
        classes=[],
        **{**known, **figures},
    )


# -- rows ------------------------------------------------------------------------------------------------------


def _repeated(pairs: Pairs) -> dict[str, Any]:
    """Rows that repeat an earlier one, and sources that have several targets in several rows."""
    first: dict[str, int] = {}
    targets: dict[str, set[tuple[str, ...]]] = {}
    again = []
    for place, (source, several) in enumerate(zip(pairs.sources, pairs.targets, strict=True)):
        key = same_source(source)
        if first.setdefault(key, place) == place:
            continue
        known = targets.setdefault(key, {pairs.targets[first[key]]})
        if several in known:
            again.append(place)
        known.add(several)
    many = sorted(first[key] for key, known in targets.items() if len(known) > 1)
    return {
        "duplicate_rows": len(again),
        "duplicate_lines": lines(pairs.table, pairs.rows[again]),
        "conflicting_rows": len(many),
        "conflicting_lines": lines(pairs.table, pairs.rows[many]),
    }


def _leaked(train: Pairs, held: Pairs | None) -> dict[str, Any]:
    """Sources of the validation part that are learned from too."""
    if held is None:
        return {}
    there = {same_source(source) for source in train.sources}
    places = [place for place, source in enumerate(held.sources) if same_source(source) in there]
    return {
        "validation_rows": len(held),
        "leaked_rows": len(places),
        "leaked_lines": lines(held.table, held.rows[places]),
    }


def _equal(pairs: Pairs) -> tuple[int, tuple[int, ...]]:
    """Rows in which the target is the source."""
    sides = zip(pairs.sources, pairs.targets, strict=True)
    places = [place for place, (source, targets) in enumerate(sides) if source == targets[0]]
    return len(places), lines(pairs.table, pairs.rows[places])


# -- tokens ----------------------------------------------------------------------------------------------------


def _lengths(pairs: Pairs, units: tuple[Units, Units], told: Callable[[float], None]) -> tuple[np.ndarray, np.ndarray]:
    """Tokens of each source and of each target that is learned from: int64 [N]. Raises Cancelled."""
    one, _ = _cut(pairs.sources, units[0], lambda share: told(share / 2))
    other, _ = _cut(pairs.firsts, units[1], lambda share: told(0.5 + share / 2))
    return one, other


def _cut(texts: list[str], units: Units, told: Callable[[float], None]) -> tuple[np.ndarray, int]:
    """Tokens of each text, int64 [N], and how many of all are unknown."""
    lengths, unknown = np.zeros(len(texts), np.int64), 0
    for start in range(0, len(texts), _AT_ONCE):
        told(start / len(texts))
        for place, ids in enumerate(units.encode_batch(texts[start : start + _AT_ONCE]), start):
            lengths[place] = len(ids)
            unknown += ids.count(UNKNOWN_ID)
    return lengths, unknown


def _counted(
    sources: np.ndarray, targets: np.ndarray, units: tuple[Units, Units], data: TranslationData
) -> dict[str, Any]:
    edges, bars = histogram(sources)
    target_edges, target_bars = histogram(targets)
    return {
        "edges": edges,
        "counts": bars,
        "quantiles": quantiles(sources),
        "cut_fraction": float((sources > (data.max_length or np.inf)).mean()),
        "target_edges": target_edges,
        "target_counts": target_bars,
        "target_quantiles": quantiles(targets),
        "target_cut": float((targets > (data.max_target_length or np.inf)).mean()),
        "vocabulary_size": len(units[0]) - len(SPECIAL),
        "outputs": len(units[1]) - len(SPECIAL),
        "special": (len(SPECIAL), len(SPECIAL)),
        "tokens": int(sources.sum() + targets.sum()),
    }


def _known(held: Pairs | None, units: tuple[Units, Units], told: Callable[[float], None]) -> dict[str, Any]:
    """Share of the validation tokens, of both sides, that have a vector of their own."""
    if held is None:
        return {}
    one, strange = _cut(held.sources, units[0], lambda share: told(share / 2))
    other, odd = _cut(held.firsts, units[1], lambda share: told(0.5 + share / 2))
    share = (strange + odd) / max(1, int(one.sum() + other.sum()))
    return {"coverage": 1.0 - share, "unknown_share": share}


def _far(pairs: Pairs, sources: np.ndarray, targets: np.ndarray) -> tuple[int, tuple[int, ...]]:
    """Rows whose sides differ in length by far more than is usual here, the oddest first."""
    if len(pairs) < _ENOUGH:
        return 0, ()
    ratio = np.log((targets + 1) / (sources + 1))
    away = np.abs(ratio - np.median(ratio))
    limit = max(np.log(_TIMES), _DEVIATIONS * 1.4826 * float(np.median(away)))
    odd = np.flatnonzero((away > limit) & (np.maximum(sources, targets) > _SHORT))
    return len(odd), lines(pairs.table, pairs.rows[odd[np.argsort(-away[odd], kind="stable")]])


def _apart(sources: np.ndarray, targets: np.ndarray) -> bool:
    """Whether the lengths of the two sides have nothing to do with each other."""
    if len(sources) < 2 * _ENOUGH or not sources.std() or not targets.std():
        return False
    return float(np.corrcoef(np.log1p(sources), np.log1p(targets))[0, 1]) < _RELATED
