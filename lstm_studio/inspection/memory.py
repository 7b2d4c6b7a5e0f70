"""How long units remember, and how often their gates stand wide open or shut."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

LEFT, RIGHT = 0.1, 0.9
"""Below and above, a gate is saturated."""
BOUNDS = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, np.inf)
"""Of the bars of time constants, in tokens: each but the first and last begins at twice the one before."""


@dataclass(frozen=True, eq=False)
class Saturation:
    """Of one gate: the share of tokens at which each unit is left-saturated (below 0.1) or right-saturated (above
    0.9), [H] each; over ``tokens`` tokens.

    Karpathy, Johnson & Fei-Fei, "Visualizing and understanding recurrent networks", 2016, section 4.2
    (https://arxiv.org/abs/1506.02078).
    """

    left: np.ndarray
    right: np.ndarray
    tokens: int


def saturation(values: np.ndarray) -> Saturation:
    """Of a gate's values [T, H] in 0..1; of no tokens all shares are 0."""
    count = max(1, len(values))
    return Saturation((values < LEFT).sum(0) / count, (values > RIGHT).sum(0) / count, len(values))


def keeping_gate(values: Mapping[str, np.ndarray]) -> str | None:
    """The gate that says how much of the old state is kept: f of an LSTM, z of a GRU; None for a plain RNN."""
    return next((key for key in ("f", "z") if key in values), None)


def time_constants(kept: np.ndarray) -> np.ndarray:
    """How many tokens it takes until 1/e of a memory is left: tau = -1 / ln(mean of the gate), [T, H] -> [H].

    A memory that is multiplied by f at every token decays as exp(-t / tau) (Tallec & Ollivier, "Can recurrent neural
    networks warp time?", 2018, section 1; https://arxiv.org/abs/1804.11188). A gate at 0 gives 0, one at 1 infinity;
    no tokens, NaN.
    """
    if not len(kept):
        return np.full(kept.shape[1], np.nan)
    return constants_of(kept.astype(np.float64).mean(0))


def constants_of(mean: np.ndarray) -> np.ndarray:
    """The same from the means, [H]."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found: np.ndarray = -1 / np.log(np.clip(mean, 0, 1))
    found[mean <= 0] = 0.0
    found[mean >= 1] = np.inf
    return found


def histogram(constants: np.ndarray) -> np.ndarray:
    """How many units have a time constant between each two of ``BOUNDS``, int64 [8]; NaN is left out."""
    known = constants[~np.isnan(constants)]
    places = np.clip(np.searchsorted(np.array(BOUNDS[1:-1]), known, "right"), 0, len(BOUNDS) - 2)
    return np.bincount(places, minlength=len(BOUNDS) - 1)


@dataclass(eq=False)
class Tally:
    """Sums over many texts of what is asked of one layer: added up text by text, so that nothing long is kept.

    Attributes:
        tokens: How many were read.
        left, right, total: By gate: how often below 0.1, how often above 0.9, the sum; [H] each.
    """

    tokens: int
    left: dict[str, np.ndarray]
    right: dict[str, np.ndarray]
    total: dict[str, np.ndarray]

    @classmethod
    def empty(cls) -> Tally:
        """Of no texts."""
        return cls(0, {}, {}, {})

    def add(self, values: Mapping[str, np.ndarray]) -> None:
        """The gates of one more text, [T, H] each; states are passed over."""
        for key in gates_in(values):
            array = values[key]
            zeros = np.zeros(array.shape[1])
            for sums, more in (
                (self.left, (array < LEFT).sum(0)),
                (self.right, (array > RIGHT).sum(0)),
                (self.total, array.sum(0, dtype=np.float64)),
            ):
                sums[key] = sums.get(key, zeros) + more
        self.tokens += len(next(iter(values.values()))) if values else 0

    def saturation(self, key: str) -> Saturation:
        """Of one gate."""
        count = max(1, self.tokens)
        return Saturation(self.left[key] / count, self.right[key] / count, self.tokens)

    def time_constants(self) -> np.ndarray | None:
        """Of each unit, [H]; None for cells without a gate that keeps."""
        key = keeping_gate(self.total)
        return None if key is None or not self.tokens else constants_of(self.total[key] / self.tokens)


def gates_in(values: Mapping[str, np.ndarray]) -> list[str]:
    """Those that lie in 0..1: i, f, o of an LSTM; r, z of a GRU."""
    return [key for key in "iforz" if key in values]
