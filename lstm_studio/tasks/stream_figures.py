"""What a language model found easy and hard in a part of the data: by frequency, token by token, passage by passage."""

from __future__ import annotations

from typing import Any

import numpy as np

from lstm_studio.data.text_units import TextUnits
from lstm_studio.data.units import SPECIAL, UNKNOWN_ID

COSTLY, HARD, TYPICAL = 100, 30, 30
_WINDOW, _OF_CHARACTERS = 60, 160
"""Tokens of a passage; characters say less each."""
_LONGEST = 60
"""Letters of a token that are kept."""
_MOST = 700.0
"""Nats that a token costs at most; exp of more is no number."""
_AT_ONCE = 1 << 20


class StreamFigures:
    """Collects what each token cost, in any order. Keeps 4 bytes a token.

    Args:
        ids: Tokens of the part: int32 [M], perhaps memory-mapped.
        units: What they are.
    """

    def __init__(self, ids: np.ndarray, units: TextUnits) -> None:
        self._ids, self._units = ids, units
        # Not a number: not seen, as the first token where nothing stands before it.
        self._losses: np.ndarray = np.full(len(ids), np.nan, np.float32)

    def see(self, places: np.ndarray, losses: np.ndarray) -> None:
        """Some tokens.

        Args:
            places: Where they stand: int64 [N].
            losses: Negative natural logarithm of the probability of each: float32 [N].
        """
        self._losses[places] = np.minimum(losses, _MOST)

    def details(self) -> dict[str, Any]:
        """As ``results.json`` holds it.

        "kind" is "texts"; "units" what tokens are; "examples" M; "unknown" the share of tokens that the network does
        not know. "bands": from the "first" to the "last" of the vocabulary by frequency, how many "tokens" of the part
        are these, and their mean "loss"; none for pieces of words, which have no such order, and the line's end of
        words stands in none. "costly": those that cost most in all. "passages": stretches of about 60 words or pieces,
        160 characters, at a "place", the hardest first and then some that are spread evenly over the part, with the
        loss of each token, or None where it was not predicted. All losses are means in nats.
        """
        counts, sums, unknown = self._by_token()
        return {
            "kind": "texts",
            "units": self._units.kind,
            "examples": len(self._ids),
            "unknown": round(unknown / max(1, len(self._ids)), 6),
            "bands": self._bands(counts, sums),
            "costly": self._costly(counts, sums),
            "passages": self._passages(),
        }

    def _by_token(self) -> tuple[np.ndarray, np.ndarray, int]:
        """How often each unit was predicted [V], what it cost in all [V], and how many tokens are unknown."""
        size, unknown = len(self._units), 0
        counts, sums = np.zeros(size, np.int64), np.zeros(size)
        for start in range(0, len(self._ids), _AT_ONCE):
            ids, losses = (each[start : start + _AT_ONCE] for each in (self._ids, self._losses))
            unknown += int((ids == UNKNOWN_ID).sum())
            seen = ~np.isnan(losses)
            counts += np.bincount(ids[seen], minlength=size)
            sums += np.bincount(ids[seen], losses[seen], size)
        return counts, sums, unknown

    def _bands(self, counts: np.ndarray, sums: np.ndarray) -> list[dict[str, Any]]:
        units = self._units
        if units.kind == "bpe":
            return []
        own_end = units.line_id == len(units) - 1  # behind the words, whatever its frequency
        ranked = slice(len(SPECIAL), len(units) - (units.kind == "word" and own_end))
        counts, sums = counts[ranked], sums[ranked]
        found, first, last = [], 1, 10
        while first <= len(counts):
            if 2 * last > len(counts):  # no band of a few that are left over
                last = len(counts)
            tokens, cost = int(counts[first - 1 : last].sum()), float(sums[first - 1 : last].sum())
            found.append({"first": first, "last": last, "tokens": tokens, "loss": round(cost / max(1, tokens), 4)})
            first, last = last + 1, 10 * last
        return found

    def _costly(self, counts: np.ndarray, sums: np.ndarray) -> list[dict[str, Any]]:
        order = np.argsort(-sums, kind="stable")[:COSTLY]
        order = order[counts[order] > 0]
        tokens = self._shown(order)
        return [
            {"token": token, "count": int(counts[unit]), "loss": round(float(sums[unit] / counts[unit]), 4)}
            for unit, token in zip(order, tokens, strict=True)
        ]

    def _passages(self) -> list[dict[str, Any]]:
        total = len(self._ids)
        if not total:
            return []
        long = _OF_CHARACTERS if self._units.kind == "character" else _WINDOW
        edges = np.arange(max(1, round(total / long)) + 1) * total // max(1, round(total / long))
        means = self._means(edges)
        there = np.flatnonzero(~np.isnan(means))
        hard = there[np.argsort(-means[there], kind="stable")[:HARD]]
        evenly = np.linspace(0, len(there) - 1, TYPICAL + 2)[1:-1] if len(there) > TYPICAL else np.arange(len(there))
        typical = there[np.unique(np.rint(evenly).astype(np.int64))]
        return [
            self._passage(int(edges[window]), int(edges[window + 1]), is_hard)
            for windows, is_hard in ((hard, True), (typical, False))
            for window in windows
        ]

    def _means(self, edges: np.ndarray) -> np.ndarray:
        """Mean loss of each window, float64 [W]; not a number where nothing was predicted."""
        windows = len(edges) - 1
        sums, counts = np.zeros(windows), np.zeros(windows, np.int64)
        step = max(1, _AT_ONCE // int(edges[1]))
        for start in range(0, windows, step):
            some = edges[start : start + step + 1]
            losses = self._losses[some[0] : some[-1]]
            seen = ~np.isnan(losses)
            here = slice(start, start + len(some) - 1)
            sums[here] = np.add.reduceat(np.where(seen, losses, 0.0), some[:-1] - some[0])
            counts[here] = np.add.reduceat(seen.astype(np.int64), some[:-1] - some[0])
        return np.divide(sums, counts, out=np.full(windows, np.nan), where=counts > 0)

    def _passage(self, start: int, end: int, hard: bool) -> dict[str, Any]:
        losses = [None if loss != loss else round(loss, 3) for loss in self._losses[start:end].tolist()]
        return {"place": start, "hard": hard, "tokens": self._shown(self._ids[start:end]), "losses": losses}

    def _shown(self, ids: np.ndarray) -> list[str]:
        tokens = self._units.tokens(ids.tolist())
        return [token if len(token) <= _LONGEST else token[: _LONGEST - 1] + "…" for token in tokens]
