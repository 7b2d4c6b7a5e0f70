"""How large the cells of an attention matrix are, and how much room its labels get."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize
from PySide6.QtGui import QFontMetricsF

from lstm_studio.gui.theme import font
from lstm_studio.gui.widgets.token_axis import SLANT

NARROW, LOW = 18.0, 18.0
"""Least width of a column and height of a row, for labels that can be read."""
_WIDE, _HIGH, _LEVEL = 34.0, 28.0, 96.0
"""Most of them; the last where labels stand level above their column."""
LONGEST, _SHORTEST = 104.0, 44.0
"""Pixels of a label; those on top are the shorter the less room there is."""
PAD, GAP = 6.0, 4.0


@dataclass(frozen=True)
class Layout:
    """In pixels.

    Attributes:
        left, top: Room for the labels of rows and columns.
        wide, high: Of a cell.
        level: Whether the labels of the columns lie flat; else they are slanted.
        above: The longest of them.
        across, down: How far can be scrolled.
    """

    left: float = 0.0
    top: float = 0.0
    wide: float = NARROW
    high: float = LOW
    level: bool = True
    above: float = LONGEST
    across: int = 0
    down: int = 0


def lay_out(source: Sequence[str], written: Sequence[str], whole: QSize, bar: int) -> Layout:
    """Cells as large as there is room for; scrolling where the smallest do not fit.

    Args:
        source: Labels of the columns.
        written: Labels of the rows.
        whole: Room while there is no scroll bar.
        bar: Thickness of a scroll bar.
    """
    rows, columns = max(1, len(written)), max(1, len(source))
    metrics = QFontMetricsF(font("small"))
    line, turn = metrics.height(), math.radians(SLANT)
    beside = max((metrics.horizontalAdvance(token[:40]) for token in written), default=0.0)
    left = math.ceil(min(LONGEST, beside) + 2 * PAD + GAP)
    most = min(LONGEST, max(_SHORTEST, 0.3 * whole.height()))
    above = [min(most, metrics.horizontalAdvance(token[:40])) for token in source]
    widest = max(above, default=0.0)
    # the last labels lean out over the right edge
    lean = [wide * math.cos(turn) + line / 2 - (columns - at - 0.5) * NARROW for at, wide in enumerate(above)]
    across = down = False
    level, top, right = True, 0, GAP
    for _ in range(3):  # a bar takes room, for which the other one may be needed
        level = widest + 6 <= max((whole.width() - bar * down - left - GAP) / columns, NARROW)
        top = math.ceil(line + 6 if level else widest * math.sin(turn) + line * math.cos(turn) + 6)
        right = GAP if level else max(GAP, *lean)
        across = columns * NARROW > whole.width() - bar * down - left - right
        down = rows * LOW > whole.height() - bar * across - top - GAP
    width = whole.width() - bar * down - left - right
    height = whole.height() - bar * across - top - GAP
    broadest = min(_LEVEL, max(_WIDE, widest + 12)) if level else _WIDE
    wide, high = min(max(NARROW, width / columns), broadest), min(max(LOW, height / rows), _HIGH)
    return Layout(
        left,
        top,
        wide,
        high,
        level,
        most,
        math.ceil(max(0.0, columns * wide - width)) if across else 0,
        math.ceil(max(0.0, rows * high - height)) if down else 0,
    )
