"""From a matrix of activations to pixels: limits of the scale, means over cells, colours. NumPy only, no Qt."""

from __future__ import annotations

import math

import numpy as np

_KEPT = 8
"""Sizes of groups for which a matrix stays coloured."""
_MOST_KEPT = 1_000_000
"""Groups; of larger matrices only what is in sight is coloured."""
_NICE = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0)


def robust_limit(values: np.ndarray, quantile: float = 0.995) -> float:
    """The size below which ``quantile`` of all finite |values| lie; 0 when there is none.

    A single saturated unit must not wash out the other thousand.
    """
    sizes = np.abs(values[np.isfinite(values)])
    if sizes.size == 0:
        return 0.0
    place = min(sizes.size - 1, math.ceil(quantile * (sizes.size - 1)))
    return float(np.partition(sizes, place)[place])


def nice_limit(limit: float) -> float:
    """The next round number at or above ``limit``, so that a scale moves rarely and reads well."""
    if not math.isfinite(limit) or limit <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(limit))
    for nice in _NICE:
        if nice * power >= limit * (1 - 1e-9):
            return nice * power
    return 10.0 * power


def bins(first: int, last: int, pixels: int, count: int) -> np.ndarray:
    """Edges of the groups in which cells ``first`` (included) to ``last`` (excluded) of ``count`` are drawn.

    At most about one group a pixel, all of one size but the last one of the data. Groups start at multiples of their
    size, so that panning does not make them shimmer.
    """
    size = max(1, math.ceil((last - first) / max(1, pixels)))
    edges = np.arange((first // size) * size, last + size, size)
    edges = edges[: int(np.searchsorted(edges, last, "left")) + 1]
    return np.minimum(edges, count)


def binned_mean(values: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Mean of ``values`` [R, C] over the blocks between the edges ``rows`` and ``columns``; NaN is left out.

    Returns:
        float array [len(rows) - 1, len(columns) - 1]; a block of nothing but NaN is NaN.
    """
    block = values[rows[0] : rows[-1], columns[0] : columns[-1]]
    row_starts, column_starts = rows[:-1] - rows[0], columns[:-1] - columns[0]
    if len(row_starts) == block.shape[0] and len(column_starts) == block.shape[1]:
        return block
    known = np.isfinite(block)
    whole = bool(known.all())
    sums = _blocks(block if whole else np.where(known, block, 0.0), row_starts, column_starts)
    if whole:
        return sums / np.outer(np.diff(rows), np.diff(columns))
    counts = _blocks(known.astype(np.float32), row_starts, column_starts)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(counts > 0, sums / counts, np.nan)


def _blocks(values: np.ndarray, row_starts: np.ndarray, column_starts: np.ndarray) -> np.ndarray:
    if len(row_starts) < values.shape[0]:
        values = _sums(values, row_starts)
    if len(column_starts) < values.shape[1]:
        values = _sums(values.T, column_starts).T
    return values


def _sums(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Sums of neighbouring rows, [R, C] -> [len(starts), C]."""
    size = int(starts[1] - starts[0]) if len(starts) > 1 else 0
    if not size or (np.diff(starts) != size).any() or len(values) - starts[-1] > size:
        return np.add.reduceat(values, starts, axis=0)
    # Groups of one size but the last: adding every n-th row is several times as fast.
    found = values[::size].copy()
    for place in range(1, size):
        more = values[place::size]
        found[: len(more)] += more
    return found


def colour_table(table: np.ndarray, missing: tuple[int, int, int]) -> np.ndarray:
    """uint8 [256, 3 or 4] -> uint32 [257] of 0xffRRGGBB; entry 256 stands for NaN."""
    wide = np.empty((257, 3), np.uint32)
    wide[:256] = table[:, :3]
    wide[256] = missing
    return (0xFF000000 | (wide[:, 0] << 16) | (wide[:, 1] << 8) | wide[:, 2]).astype(np.uint32)


def to_colours(values: np.ndarray, low: float, high: float, colours: np.ndarray) -> np.ndarray:
    """Values -> uint32 colours (contiguous), clipped at ``low`` and ``high``; NaN takes the entry after the last."""
    span = max(high - low, 1e-12)
    missing = np.isnan(values)
    scaled = np.clip((values - low) * (255.0 / span), 0.0, 255.0)
    if missing.any():
        scaled = np.where(missing, 256.0, scaled)
    return np.ascontiguousarray(colours[(scaled + 0.5).astype(np.uint16)])


class Coloured:
    """Colours of a matrix [R, C] in groups of cells. The whole of it is coloured once for each size of group, so that
    panning, which shows other parts of the same, only cuts.

    Args:
        values: What is shown; must not be changed afterwards.
    """

    def __init__(self, values: np.ndarray) -> None:
        self._values = values
        self._scale: tuple[object, ...] = ()
        self._whole: dict[tuple[int, int], np.ndarray] = {}

    def part(
        self, rows: np.ndarray, columns: np.ndarray, low: float, high: float, colours: np.ndarray
    ) -> tuple[memoryview, int, int, int]:
        """The groups between edges as ``bins`` makes them.

        Returns:
            colours uint32 row by row, height, width, and the bytes from one row to the next.
        """
        height, width = len(rows) - 1, len(columns) - 1
        sizes = int(rows[1] - rows[0]), int(columns[1] - columns[0])
        groups = math.ceil(self._values.shape[0] / sizes[0]) * math.ceil(self._values.shape[1] / sizes[1])
        if groups > _MOST_KEPT or rows[0] % sizes[0] or columns[0] % sizes[1]:
            found = to_colours(binned_mean(self._values, rows, columns), low, high, colours)
            return found.data, height, width, 4 * width
        if self._scale != (low, high, id(colours)):
            self._scale, self._colours = (low, high, id(colours)), colours
            self._whole.clear()
        whole = self._whole.get(sizes)
        if whole is None:
            if len(self._whole) == _KEPT:
                del self._whole[next(iter(self._whole))]
            edges = (_edges(count, size) for count, size in zip(self._values.shape, sizes, strict=True))
            whole = self._whole[sizes] = to_colours(binned_mean(self._values, *edges), low, high, colours)
        first = int(rows[0]) // sizes[0] * whole.shape[1] + int(columns[0]) // sizes[1]
        return whole.reshape(-1)[first:].data, height, width, 4 * whole.shape[1]


def _edges(count: int, size: int) -> np.ndarray:
    return np.minimum(np.arange(0, count + size, size), count)


def ticks(first: float, last: float, most: int) -> list[int]:
    """Round whole numbers in [first, last), at most ``most`` of them."""
    if most < 1 or last <= first:
        return []
    step = 1
    while math.floor((last - first) / step) + 1 > most:
        digits = str(step)
        step = int({"1": "2", "2": "5", "5": "10"}[digits[0]] + digits[1:])
    return list(range(math.ceil(first / step) * step, math.ceil(last), step))
