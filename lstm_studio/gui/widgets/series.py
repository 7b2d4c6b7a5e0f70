"""What curves are made of: smoothing that grows with the data, thinning to pixels, ranges without outliers."""

from __future__ import annotations

import numpy as np

_BLOCK = 256


class Smoother:
    """Exponential moving average with bias correction, as TensorBoard draws it, extended as values arrive.

    y[t] = m[t] / (1 - weight^(t+1)),  m[t] = weight m[t-1] + (1 - weight) x[t].  NaN and infinity are stepped over.
    """

    def __init__(self, weight: float = 0.9) -> None:
        self.weight = float(weight)
        self._values = np.empty(1024)
        self._count = 0
        self._mean = 0.0
        self._mass = 0.0

    def restart(self, weight: float | None = None) -> None:
        """Forget everything; with another weight if given (0 <= weight < 1)."""
        if weight is not None:
            self.weight = float(weight)
        self._count, self._mean, self._mass = 0, 0.0, 0.0

    def extend(self, values: np.ndarray) -> np.ndarray:
        """The smoothed curve of all of ``values``; only those beyond the last call are computed."""
        if len(values) < self._count:
            self.restart()
        if len(values) > len(self._values):
            grown = np.empty(max(len(values), 2 * len(self._values)))
            grown[: self._count] = self._values[: self._count]
            self._values = grown
        for start in range(self._count, len(values), _BLOCK):
            part = np.asarray(values[start : start + _BLOCK], float)
            self._values[start : start + len(part)] = self._block(part)
        self._count = len(values)
        return self._values[: self._count]

    def _block(self, part: np.ndarray) -> np.ndarray:
        weight = self.weight
        if weight <= 0:
            return part
        known = np.isfinite(part)
        # powers[t]: what is left of the state before the block after the known values up to t
        powers = weight ** np.cumsum(known)
        if weight < 0.5:  # powers underflow within a block: step by step
            return self._stepwise(part, known)
        gains = np.where(known, (1 - weight) / powers, 0.0)
        mean = powers * (self._mean + np.cumsum(gains * np.where(known, part, 0.0)))
        mass = powers * (self._mass + np.cumsum(gains))
        self._mean, self._mass = float(mean[-1]), float(mass[-1])
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(mass > 0, mean / mass, np.nan)

    def _stepwise(self, part: np.ndarray, known: np.ndarray) -> np.ndarray:
        out = np.full(len(part), np.nan)
        for index, value in enumerate(part.tolist()):
            if known[index]:
                self._mean = self.weight * self._mean + (1 - self.weight) * value
                self._mass = self.weight * self._mass + (1 - self.weight)
            if self._mass > 0:
                out[index] = self._mean / self._mass
        return out


class Extremes:
    """The lowest and the highest value of a curve that grows: only what came since the last call is looked at."""

    def __init__(self) -> None:
        self._seen = 0
        self._ends: tuple[float, ...] = ()
        self._above_zero = False
        self._found = np.empty(0)

    def of(self, x: np.ndarray, y: np.ndarray, *, above_zero: bool = False) -> np.ndarray:
        """[2], or [0] where there is no finite value (``above_zero``: none above zero).

        A curve counts as the one of the last call, grown, where it begins with the same point and has the same one at
        the place where it ended.
        """
        seen = self._seen
        if not seen or len(x) < seen or self._ends_at(x, y, seen) != self._ends or above_zero != self._above_zero:
            seen, self._found, self._above_zero = 0, np.empty(0), above_zero
        part = y[seen:]
        part = part[np.isfinite(part) & (part > 0)] if above_zero else part[np.isfinite(part)]
        if len(part):
            both = np.append(self._found, part)
            self._found = np.array([both.min(), both.max()])
        self._seen = len(x)
        self._ends = self._ends_at(x, y, len(x)) if len(x) else ()
        return self._found

    @staticmethod
    def _ends_at(x: np.ndarray, y: np.ndarray, count: int) -> tuple[float, ...]:
        return float(x[0]), float(y[0]), float(x[count - 1]), float(y[count - 1])


def visible(x: np.ndarray, low: float, high: float) -> slice:
    """The part of ascending ``x`` within [low, high], and one neighbour on each side so that lines leave the frame."""
    first = int(np.searchsorted(x, low, "left")) - 1
    last = int(np.searchsorted(x, high, "right")) + 1
    return slice(max(0, first), min(len(x), last))


def thin_extremes(x: np.ndarray, y: np.ndarray, pixels: int) -> tuple[np.ndarray, np.ndarray]:
    """At most two points per pixel: the smallest and the largest of each group, so that no spike is lost."""
    size = len(x) // max(1, pixels)
    if size < 3:
        return x, y
    groups = len(x) // size
    cut = groups * size
    block = y[:cut].reshape(groups, size)
    with np.errstate(invalid="ignore"):
        low, high = np.fmin.reduce(block, axis=1), np.fmax.reduce(block, axis=1)
    out_y = np.empty(2 * groups)
    out_y[0::2], out_y[1::2] = low, high
    out_x = np.repeat(x[:cut].reshape(groups, size)[:, size // 2].astype(float), 2)
    return np.append(out_x, x[cut:]), np.append(out_y, y[cut:])


def thin_evenly(x: np.ndarray, y: np.ndarray, pixels: int) -> tuple[np.ndarray, np.ndarray]:
    """Every n-th point and the last: enough for a curve that is smooth already."""
    size = len(x) // max(1, pixels)
    if size < 2:
        return x, y
    keep = np.append(np.arange(0, len(x) - 1, size), len(x) - 1)
    return x[keep], y[keep]


def value_range(curves: list[np.ndarray], *, ignore_outliers: bool, logarithmic: bool) -> tuple[float, float] | None:
    """Lowest and highest value to show, or None when there is none. Without outliers: the 1st to 99th percentile."""
    parts = [curve[np.isfinite(curve)] for curve in curves]
    if logarithmic:
        parts = [part[part > 0] for part in parts]
    parts = [part for part in parts if part.size]
    if not parts:
        return None
    if ignore_outliers:
        # per curve, so that the few points of a validation curve weigh as much as the thousands of steps
        pairs = [np.percentile(part, (1, 99)) if part.size >= 20 else (part.min(), part.max()) for part in parts]
    else:
        pairs = [(part.min(), part.max()) for part in parts]
    return float(min(low for low, _ in pairs)), float(max(high for _, high in pairs))
