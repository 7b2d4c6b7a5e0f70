"""In which order the units of a heatmap stand, so that the eye finds patterns."""

from __future__ import annotations

from typing import Literal

import numpy as np

Order = Literal["number", "activity", "similarity"]

_DENSE = 512
"""Up to this many units the eigenvector is computed directly; above, by iteration without the H x H matrix."""


def unit_order(values: np.ndarray, how: Order = "similarity") -> np.ndarray:
    """Positions of the units, first row of the picture first.

    Args:
        values: [T, H], one gate or state over a text.
        how: "number" leaves them as they are, "activity" puts the liveliest first, "similarity" neighbours alike.

    Returns:
        int64 [H], a permutation.

    Raises:
        ValueError: not a matrix, or no such order.
    """
    if np.ndim(values) != 2:
        raise ValueError("values must be [T, H]")
    match how:
        case "number":
            return np.arange(values.shape[1])
        case "activity":
            return by_activity(values)
        case "similarity":
            return by_similarity(values)
    raise ValueError(f"no order called {how!r}")


def by_activity(values: np.ndarray) -> np.ndarray:
    """Units that move most over the text first; among those that do not move, the ones farthest from zero.

    Args:
        values: [T, H].

    Returns:
        int64 [H], ties in the order of their numbers.
    """
    values = _finite(values)
    moves = values.std(0) if len(values) else np.zeros(values.shape[1])
    level = np.abs(values).mean(0) if len(values) else moves
    # Rounded, so that noise in the last bits does not shuffle units that stand still.
    return np.lexsort((np.arange(values.shape[1]), -np.round(level, 6), -np.round(moves, 6)))


def by_similarity(values: np.ndarray) -> np.ndarray:
    """Spectral seriation: units sorted along the Fiedler vector of their similarity graph, so that units which rise
    and fall together stand together (Atkins, Boman & Hendrickson, "A spectral algorithm for seriation and the
    consecutive ones problem", 1998).

    Similarity is (1 + correlation over time) / 2. The direction, which the method leaves open, is the one that puts
    units with high values first. Units that never change stand at the end.

    Args:
        values: [T, H].

    Returns:
        int64 [H].
    """
    values = _finite(values)
    steps, units = values.shape
    centred = values - values.mean(0) if steps else values
    size = np.sqrt((centred**2).sum(0))
    moving = np.flatnonzero(size > 1e-6 * max(1.0, float(np.sqrt(steps))))
    still = np.setdiff1d(np.arange(units), moving)
    if steps:
        still = still[np.argsort(-values[:, still].mean(0), kind="stable")]
    if len(moving) > 2:
        rows = (centred[:, moving] / size[moving]).T
        along = _fiedler_dense(rows) if len(moving) <= _DENSE else _fiedler_iterated(rows)
        order = np.argsort(np.round(along, 9), kind="stable")
        if _level(values, moving[order], first=True) < _level(values, moving[order], first=False):
            order = order[::-1]
        moving = moving[order]
    elif len(moving) == 2 and values[:, moving[0]].mean() < values[:, moving[1]].mean():
        moving = moving[::-1]
    return np.concatenate([moving, still]).astype(np.int64)


def _finite(values: np.ndarray) -> np.ndarray:
    return np.nan_to_num(np.asarray(values, np.float64), posinf=0.0, neginf=0.0)


def _level(values: np.ndarray, order: np.ndarray, *, first: bool) -> float:
    half = len(order) // 2
    return float(values[:, order[:half] if first else order[-half:]].mean())


def _fiedler_dense(rows: np.ndarray) -> np.ndarray:
    """Eigenvector of the second smallest eigenvalue of D - S; rows [H, T] of length 1."""
    similarity = (1 + rows @ rows.T) / 2
    laplacian = np.diag(similarity.sum(1)) - similarity
    return np.linalg.eigh(laplacian)[1][:, 1]


def _fiedler_iterated(rows: np.ndarray, rounds: int = 300) -> np.ndarray:
    """The same by power iteration on bound * 1 - L, with the constant vector taken out: O(H T) a round."""
    units = len(rows)
    total = rows.sum(0)
    degrees = (units + rows @ total) / 2
    bound = 2 * float(degrees.max())
    vector = rows @ np.linalg.svd(rows - rows.mean(0), full_matrices=False)[2][0]
    for _ in range(rounds):
        vector = vector - vector.mean()
        applied = degrees * vector - rows @ (rows.T @ vector) / 2
        following = bound * vector - applied
        following /= max(float(np.linalg.norm(following)), 1e-300)
        if np.abs(following - vector).max() < 1e-9:
            return following
        vector = following
    return vector - vector.mean()
