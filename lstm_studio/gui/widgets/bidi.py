"""Words of scripts that run to the left, such as Arabic and Hebrew, among others that run to the right."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from PySide6.QtCore import QRectF

from lstm_studio.data.languages import is_right_to_left

__all__ = ["is_right_to_left", "isolated", "mirrored", "turned_mark"]

_TO_THE_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")


def isolated(text: str) -> str:
    """The text with a direction of its own, whatever it stands in: from its first letter that has one.

    What holds no letter that runs to the left stays as it is.
    """
    return f"\u2068{text}\u2069" if _TO_THE_LEFT.search(text) else text


def turned_mark(token: str) -> str:
    """A token of a text that runs to the left: brackets open to the left."""
    return token if any(unicodedata.bidirectional(one) in ("L", "R", "AL") for one in token) else f"\u2067{token}\u2069"


def mirrored(places: Sequence[QRectF], width: float) -> list[QRectF]:
    """Places of words that flow from the left, flowing from the right of ``width`` pixels."""
    return [QRectF(width - place.right(), place.top(), place.width(), place.height()) for place in places]
