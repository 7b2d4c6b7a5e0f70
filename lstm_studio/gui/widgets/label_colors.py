"""The colour of each label of a data set: the same where rows are written by hand, previewed and counted.

Labels are in the order in which a network has its classes, so that its answers keep the colours.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtGui import QColor

from lstm_studio.data.handmade import HandSet
from lstm_studio.gui.theme import theme
from lstm_studio.gui.widgets.span_colors import DISTINCT, SpanColors

_DIGITS = 18
_CLASSES = 8
"""So many have the colours of classes; more have those of spans, of which there are more."""


def label_order(names: Iterable[str]) -> list[str]:
    """Labels in the order of their characters; whole numbers by their size."""
    found = sorted(set(names))
    digits = [name.removeprefix("-") for name in found]
    if all(one.isascii() and one.isdigit() and len(one) <= _DIGITS for one in digits):
        found.sort(key=int)
    return found


class LabelColors:
    """Colours of some labels.

    Args:
        names: All labels in the order of their colours.
        marks: Whether they are types of words: these have the colours of spans, which can be read as text.
    """

    def __init__(self, names: Iterable[str] = (), marks: bool = False) -> None:
        self.names = list(dict.fromkeys(names))
        self._places = {name: place for place, name in enumerate(self.names)}
        self._spans = SpanColors(self.names) if marks or len(self.names) > _CLASSES else None

    def __eq__(self, other: object) -> bool:
        same = isinstance(other, LabelColors) and self.names == other.names
        return same and (self._spans is None) == (other._spans is None)  # type: ignore[attr-defined]

    __hash__ = None  # type: ignore[assignment]

    def of(self, name: str) -> QColor | None:
        """The colour of a label in the theme of the moment; None where there are too many to tell colours apart."""
        place = self._places.get(name)
        if place is None or len(self.names) > DISTINCT:
            return None
        return theme().class_color(place) if self._spans is None else self._spans.of(name, theme().dark)


def colors_of(content: HandSet) -> LabelColors:
    """The colours of a set that is written by hand: those that it has as a data set, where labels without rows are
    none, so that these come last."""
    counts = content.counts()
    used = label_order(name for name in content.classes if counts.get(name))
    return LabelColors((*used, *label_order(name for name in content.classes if name not in used)), content.kind.marks)
