"""Setting a part of the rows aside for validation."""

from __future__ import annotations

import numpy as np


def random_keys(count: int, *seeds: int) -> np.ndarray:
    """One random number for each of ``count`` rows: uint64 [count].

    Raw output of PCG64 is the same on every machine and in every NumPy version, which NumPy does not promise of
    ``permutation`` and ``shuffle``. Sorting by the numbers shuffles.
    """
    # The count comes first: a seed sequence ignores zeros at its end.
    bits = np.random.PCG64(np.random.SeedSequence([len(seeds), *(seed & 0xFFFFFFFFFFFFFFFF for seed in seeds)]))
    return np.asarray(bits.random_raw(count), dtype=np.uint64)


def stratified_split(labels: np.ndarray, fraction: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Split rows so that every class has the same share on both sides.

    The total set aside is ``fraction`` of the rows, rounded; classes share it by largest remainder. A class of two or
    more rows has at least one row on both sides; a class of one row goes to training.

    Args:
        labels: Class of each row: integers [N], or anything that ``numpy.unique`` can tell apart.
        fraction: Share of the rows to set aside, between 0 and 1.
        seed: The same number sets the same rows aside.

    Returns:
        Training rows and validation rows, int64, each ascending.
    """
    labels = np.asarray(labels)
    rows = len(labels)
    if rows == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    _, classes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    wanted = _share(counts, fraction)
    order = np.lexsort((random_keys(rows, seed), classes))
    starts = np.cumsum(counts) - counts
    place = np.arange(rows) - np.repeat(starts, counts)
    aside = place < np.repeat(wanted, counts)
    return np.sort(order[~aside]).astype(np.int64), np.sort(order[aside]).astype(np.int64)


def _share(counts: np.ndarray, fraction: float) -> np.ndarray:
    exact = counts * fraction
    share = np.floor(exact).astype(np.int64)
    missing = round(float(counts.sum()) * fraction) - int(share.sum())
    if missing > 0:
        largest_remainder = np.lexsort((np.arange(len(counts)), -(exact - share)))
        share[largest_remainder[:missing]] += 1
    return np.clip(share, np.minimum(1, counts - 1), np.maximum(counts - 1, 0))
