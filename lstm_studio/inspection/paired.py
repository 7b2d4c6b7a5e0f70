"""Two networks on the same examples: where only one of them is right. Needs no torch."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lstm_studio.inspection.examples import Examples

Outcome = Literal["both", "first", "second", "neither"]
OUTCOMES: tuple[Outcome, ...] = ("both", "first", "second", "neither")


@dataclass(frozen=True, eq=False)
class Paired:
    """Examples that both networks answered, in the order of the first one's table.

    Attributes:
        one, other: The tables.
        rows, others: Rows of each that are the same example: int64 [N].
        told: Whether answers are right or wrong. If not, an example counts for the network that it surprises less, and
            for "both" where that is the same.
        outcome: Place in ``OUTCOMES`` of each: int64 [N].
        p: Of McNemar's exact test.
    """

    one: Examples
    other: Examples
    rows: np.ndarray
    others: np.ndarray
    told: bool
    outcome: np.ndarray
    p: float

    def __len__(self) -> int:
        return len(self.rows)

    def count(self, outcome: Outcome) -> int:
        """How many examples ended so."""
        return int((self.outcome == OUTCOMES.index(outcome)).sum())

    def places(self, outcome: Outcome) -> np.ndarray:
        """Which examples ended so, those first in which the losses differ most: int64 [n]."""
        found = np.flatnonzero(self.outcome == OUTCOMES.index(outcome))
        gap = np.abs(self.one.loss[self.rows[found]] - self.other.loss[self.others[found]])
        return found[np.argsort(-gap, kind="stable")]


def pair(one: Examples, other: Examples) -> Paired:
    """Join two tables by text and truth; of equal texts the first belongs to the first, and so on."""
    waiting: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in range(len(other) - 1, -1, -1):
        waiting[other.texts[row], other.truths[row]].append(row)
    joined = []
    for row, key in enumerate(zip(one.texts, one.truths, strict=True)):
        left = waiting.get(key)
        if left:
            joined.append((row, left.pop()))
    rows, others = np.array(joined, np.int64).reshape(-1, 2).T
    told = one.told and other.told
    if told:
        first, second = one.right[rows], other.right[others]
        outcome = np.where(first, np.where(second, 0, 1), np.where(second, 2, 3))
    else:
        first, second = one.loss[rows], other.loss[others]
        outcome = np.where(first < second, 1, np.where(second < first, 2, 0))
    return Paired(
        one, other, rows, others, told, outcome, mcnemar(int((outcome == 1).sum()), int((outcome == 2).sum()))
    )


def mcnemar(first: int, second: int) -> float:
    """How often chance alone divides the examples that only one of two networks gets right at least as unevenly, if
    both are equally good: the two-sided exact binomial test with probability 1 / 2.

    McNemar 1947, "Note on the sampling error of the difference between correlated proportions or percentages",
    Psychometrika 12; exact as in Dietterich 1998, "Approximate statistical tests for comparing supervised
    classification learning algorithms", section 3.1, which has the approximation.

    Args:
        first, second: How many only the first, and only the second gets right.
    """
    total, least = first + second, min(first, second)
    if total == 0 or first == second:
        return 1.0
    # log C(n, k) by the ratio of neighbours, so that no number overflows.
    steps = np.arange(1, least + 1)
    logs = np.concatenate([[0.0], np.cumsum(np.log((total - steps + 1) / steps))]) - total * math.log(2)
    top = float(logs.max())
    return min(1.0, 2 * math.exp(top + math.log(float(np.exp(logs - top).sum()))))
