"""Colours of labels: the theme's class colours first, then more of them that stay apart for the colour-blind too."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtGui import QColor

from lstm_studio.gui.theme import Theme

CONTRAST = 4.6
"""Of a colour, as text, to every surface: above the 4.5 of WCAG 2.1 level AA."""
_SURFACES = ("background", "surface", "surface_raised")
# How far the class colours move towards black (light theme) or white (dark theme): the least that lets them be read as
# text and keeps any two apart in OKLab, also as seen with protanopia, deuteranopia and tritanopia (Machado, Oliveira
# and Fernandes 2009).
_TOWARDS = {
    False: (0.04, 0.40, 0.16, 0.00, 0.08, 0.36, 0.00, 0.52),
    True: (0.00, 0.00, 0.08, 0.00, 0.00, 0.24, 0.20, 0.08),
}
# (light, dark). Each was the candidate farthest, by the same measure, from all before it, of a grid of hues, chromas
# and lightnesses.
_MORE = (
    ("#55120b", "#d58679"),
    ("#583224", "#fbcbba"),
    ("#430960", "#dcaefe"),
    ("#595d69", "#999eab"),
    ("#3d375a", "#d6d2fd"),
    ("#643185", "#b589d6"),
    ("#425430", "#dbf1c7"),
    ("#144738", "#b1e5d1"),
    ("#162072", "#819ae9"),
    ("#472027", "#c08f96"),
    ("#655f35", "#bab387"),
    ("#584948", "#f5e3e2"),
    ("#70355e", "#f0abd9"),
    ("#652900", "#f9b189"),
    ("#7f3e8e", "#d398e0"),
    ("#4f314c", "#efcaeb"),
)
DISTINCT = len(_TOWARDS[False]) + len(_MORE)
"""So many labels have a colour of their own; those beyond repeat them, hatched."""


class SpanColors:
    """Gives each label of one list its colour, by its place in the list; unknown labels follow in order of asking."""

    def __init__(self, labels: Sequence[str]) -> None:
        self._places = {label: place for place, label in enumerate(dict.fromkeys(labels))}

    def of(self, label: str, dark: bool) -> QColor:
        """The colour of a label: readable as text on every surface of that theme, and the ink of its stretch."""
        return QColor(_palette(dark)[self.place(label) % DISTINCT])

    def hatched(self, label: str) -> bool:
        """Whether the label shares its colour with an earlier one, so that its stretch is hatched in turn."""
        return self.place(label) // DISTINCT % 2 == 1

    def place(self, label: str) -> int:
        """The place of a label in the list."""
        return self._places.setdefault(label, len(self._places))


def contrast(one: QColor, other: QColor) -> float:
    """Contrast ratio of WCAG 2.1, from 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def readable(color: QColor, dark: bool) -> QColor:
    """The colour, made darker or brighter until it can be read as text on every surface of a theme."""
    return QColor(_readable(color.rgb(), dark))


def over(color: QColor, alpha: float, ground: QColor) -> QColor:
    """What is seen when a colour lies with an opacity of ``alpha`` (0..1) on a ground."""
    pairs = zip(_parts(color), _parts(ground), strict=True)
    return QColor.fromRgbF(*(alpha * upper + (1 - alpha) * lower for upper, lower in pairs))


@lru_cache(maxsize=2)
def _theme(dark: bool) -> Theme:
    return Theme("dark" if dark else "light")


@lru_cache(maxsize=2)
def _palette(dark: bool) -> tuple[QColor, ...]:
    end = QColor("#FFFFFF" if dark else "#000000")
    moved = (over(end, share, _theme(dark).class_color(index)) for index, share in enumerate(_TOWARDS[dark]))
    classes = (readable(color, dark) for color in moved)
    return (*classes, *(QColor(pair[dark]) for pair in _MORE))


@lru_cache(maxsize=512)
def _readable(rgb: int, dark: bool) -> int:
    color, grounds = QColor(rgb), [_theme(dark).color(surface) for surface in _SURFACES]
    towards = QColor("#FFFFFF" if dark else "#000000")
    for step in range(26):
        mixed = over(towards, step / 25, color)
        if min(contrast(mixed, ground) for ground in grounds) >= CONTRAST:
            return int(mixed.rgb())
    return int(towards.rgb())


def _parts(color: QColor) -> tuple[float, float, float]:
    return color.redF(), color.greenF(), color.blueF()


def _luminance(color: QColor) -> float:
    linear = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in _parts(color))
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
