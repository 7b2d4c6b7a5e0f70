"""Curves and bars of a report as inline SVG. Only numbers and words of the program's own go in; colours are classes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lstm_studio.runs.report_html import escaped

WIDE, HIGH = 480.0, 220.0
LEFT, RIGHT, TOP, BOTTOM = 56.0, 12.0, 10.0, 26.0
_POINTS = 600
"""Most points of a curve that are drawn."""
Shown = Callable[[float], str]


@dataclass(frozen=True, eq=False)
class Line:
    """One curve: x ascending and y, [N] each. ``kind``: "faint", "train", or "check" (points that are joined)."""

    kind: str
    x: np.ndarray
    y: np.ndarray


def smoothed(values: np.ndarray, weight: float) -> np.ndarray:
    """Exponential moving average with the correction for its start of Kingma & Ba (Adam, 2014), [N] -> [N]; values that
    are not finite are passed over."""
    found = np.empty(len(values))
    mean = norm = 0.0
    for place, value in enumerate(values.tolist()):
        if math.isfinite(value):
            mean = weight * mean + (1 - weight) * value
            norm = weight * norm + (1 - weight)
        found[place] = mean / norm if norm else math.nan
    return found


def chart(title: str, lines: Sequence[Line], shown: Shown, best: tuple[float, float] | None = None) -> str:
    """Curves over steps.

    Args:
        title: What it shows, for those who cannot see it.
        lines: From the back to the front.
        shown: How a value is written at the axis.
        best: A point that is marked.

    Returns:
        An ``svg`` element; nothing where no line has a point.
    """
    lines = [_thinned(_finite(line)) for line in lines]
    lines = [line for line in lines if len(line.x)]
    if not lines:
        return ""
    every = np.concatenate([line.y for line in lines])
    # One wild batch must not press everything else flat.
    low, high = np.quantile(every, (0.002, 0.998) if len(every) > 200 else (0.0, 1.0)).tolist()
    for line in lines:
        if line.kind == "check":
            low, high = min(low, float(line.y.min())), max(high, float(line.y.max()))
    room = 0.05 * (high - low) or max(abs(high), 1.0) * 0.05
    low, high = low - room, high + room
    first, last = 0.0, max(float(line.x[-1]) for line in lines)
    last = last if last > first else first + 1.0

    def at(x: float, y: float) -> tuple[float, float]:
        share = min(max((y - low) / (high - low), 0.0), 1.0)
        return (
            LEFT + (x - first) / (last - first) * (WIDE - LEFT - RIGHT),
            HIGH - BOTTOM - share * (HIGH - TOP - BOTTOM),
        )

    parts = []
    for value in ticks(low, high, 4):
        y = at(first, value)[1]
        parts.append(f'<line class="grid-line" x1="{LEFT:g}" x2="{WIDE - RIGHT:g}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{LEFT - 6:g}" y="{y + 4:.1f}" text-anchor="end">{escaped(shown(value))}</text>')
    for value in ticks(first, last, 4):
        x = at(value, low)[0]
        parts.append(f'<text x="{x:.1f}" y="{HIGH - 8:g}" text-anchor="middle">{value:,.0f}</text>')
    base = HIGH - BOTTOM
    parts.append(f'<path class="axis" d="M{LEFT:g} {TOP:g}V{base:g}H{WIDE - RIGHT:g}"/>')
    if best is not None and math.isfinite(best[1]):
        x, y = at(*best)
        parts.append(f'<line class="best-line" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP:g}" y2="{base:g}"/>')
    for line in lines:
        points = [at(x, y) for x, y in zip(line.x.tolist(), line.y.tolist(), strict=True)]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        parts.append(f'<path class="{line.kind}" d="M{path}"/>')
        if line.kind == "check" and len(points) <= 60:
            parts += [f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>' for x, y in points]
    if best is not None and math.isfinite(best[1]):
        parts.append(f'<circle class="best" cx="{at(*best)[0]:.1f}" cy="{at(*best)[1]:.1f}" r="5"/>')
    return _svg(title, WIDE, HIGH, parts)


def bars(title: str, heights: Sequence[float], names: Sequence[str], pale: Sequence[bool], shown: Shown) -> str:
    """A bar each, from 0 up; none for what is not a number.

    Args:
        title: What it shows, for those who cannot see it.
        heights: [N].
        names: What stands below each.
        pale: Those that say little.
        shown: How a height is written above its bar.
    """
    known = [height for height in heights if math.isfinite(height)]
    if not known:
        return ""
    top = max(known) or 1.0
    wide = (WIDE - 16) / len(heights)
    base = HIGH - BOTTOM
    parts = [f'<path class="axis" d="M8 {base:g}H{WIDE - 8:g}"/>']
    for place, (height, name) in enumerate(zip(heights, names, strict=True)):
        middle = 8 + (place + 0.5) * wide
        parts.append(f'<text x="{middle:.1f}" y="{HIGH - 8:g}" text-anchor="middle">{escaped(name)}</text>')
        if not math.isfinite(height):
            continue
        tall = max(1.5, height / top * (base - TOP - 18))
        box = f'x="{middle - 0.4 * wide:.1f}" y="{base - tall:.1f}" width="{0.8 * wide:.1f}" height="{tall:.1f}" rx="2"'
        look = "pale" if pale[place] else "bar"
        parts.append(f'<rect class="{look}" {box}/>')
        above = f'x="{middle:.1f}" y="{base - tall - 5:.1f}" text-anchor="middle"'
        parts.append(f"<text {above}>{escaped(shown(height))}</text>")
    return _svg(title, WIDE, HIGH, parts)


def ticks(low: float, high: float, wanted: int) -> list[float]:
    """About so many round numbers between two."""
    rough = (high - low) / max(1, wanted)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]


def _svg(title: str, wide: float, high: float, parts: Sequence[str]) -> str:
    box = f"0 0 {wide:g} {high:g}"
    inside = "".join(parts)
    return f'<svg viewBox="{box}" role="img" aria-label="{escaped(title)}">{inside}</svg>'


def _finite(line: Line) -> Line:
    kept = np.isfinite(line.x) & np.isfinite(line.y)
    return Line(line.kind, line.x[kept], line.y[kept])


def _thinned(line: Line) -> Line:
    """At most so many points; of a faint curve the lowest and highest of each stretch, so that its width stays."""
    count = len(line.x)
    if count <= _POINTS or line.kind == "check":
        return line
    if line.kind != "faint":
        kept = np.linspace(0, count - 1, _POINTS).round().astype(int)
        return Line(line.kind, line.x[kept], line.y[kept])
    edges = np.linspace(0, count, _POINTS // 2 + 1).astype(int)
    places: list[int] = []
    for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        part = line.y[first:last]
        places += sorted({first + int(part.argmin()), first + int(part.argmax())})
    return Line(line.kind, line.x[places], line.y[places])
