"""Curves on two logarithmic axes as an SVG, with nothing but the standard library."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

WIDE, HIGH, LEFT, TOP, BELOW = 300, 200, 84, 44, 48
COLOURS = ("#0072b2", "#d55e00", "#009e73")


@dataclass(frozen=True)
class Panel:
    """One picture: points (x, y) above 0 by the name of their curve; ``slope``: a dashed line of this exponent."""

    title: str
    unit: str
    curves: dict[str, Sequence[tuple[float, float]]]
    slope: float | None = None


def write(path: Path, panels: Sequence[Panel], below: str) -> None:
    """All panels beside each other; ``below`` names the horizontal axis."""
    width, height = len(panels) * (WIDE + LEFT) + 40, HIGH + TOP + BELOW
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" '
        f'font-size="12"><rect width="100%" height="100%" fill="white"/>'
    ]
    for number, panel in enumerate(panels):
        parts += _panel(panel, number * (WIDE + LEFT) + LEFT, below)
    path.write_text("\n".join([*parts, "</svg>\n"]), encoding="utf-8")


def _panel(panel: Panel, left: float, below: str) -> list[str]:
    xs = [x for points in panel.curves.values() for x, _ in points]
    ys = [y for points in panel.curves.values() for _, y in points]
    x_low, x_high = math.floor(math.log10(min(xs))), max(math.ceil(math.log10(max(xs))), 1)
    y_low, y_high = math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys)) + 1e-9)

    def at(x: float, y: float) -> tuple[float, float]:
        across = (math.log10(x) - x_low) / max(1, x_high - x_low)
        up = (math.log10(y) - y_low) / max(1, y_high - y_low)
        return left + across * WIDE, TOP + HIGH - up * HIGH

    parts = [_text(left, 16, panel.title, weight="bold")]
    for power in range(y_low, y_high + 1):
        y = at(1, 10.0**power)[1]
        parts.append(f'<path d="M{left} {y:.1f}h{WIDE}" stroke="#ddd"/>')
        parts.append(_text(left - 6, y + 4, f"{10.0**power:,g} {panel.unit}", anchor="end"))
    for power in range(x_low, x_high + 1):
        x = at(10.0**power, 10.0**y_low)[0]
        parts.append(f'<path d="M{x:.1f} {TOP}v{HIGH}" stroke="#ddd"/>')
        parts.append(_text(x, TOP + HIGH + 18, f"{10**power:,}" if power >= 0 else f"{10.0**power:g}", anchor="middle"))
    parts.append(_text(left + WIDE / 2, TOP + HIGH + 36, below, anchor="middle"))
    for place, (name, points) in enumerate(panel.curves.items()):
        colour = COLOURS[place % len(COLOURS)]
        drawn = [at(x, y) for x, y in points]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in drawn)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in drawn]
        parts.append(_text(left + place * WIDE / max(2, len(panel.curves)), 34, name, colour=colour))
        if panel.slope is not None and place == 0:
            (x0, _), (x1, y1) = points[0], points[-1]
            y0 = y1 * (x0 / x1) ** panel.slope
            if y0 >= 10.0**y_low:
                (a, b), (c, d) = at(x0, y0), at(x1, y1)
                parts.append(f'<path d="M{a:.1f} {b:.1f}L{c:.1f} {d:.1f}" stroke="#888" stroke-dasharray="4 4"/>')
    return parts


def _text(x: float, y: float, text: str, *, anchor: str = "start", colour: str = "#222", weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-weight="{weight}">'
        f"{escape(text)}</text>"
    )
