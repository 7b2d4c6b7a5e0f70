"""Setting the last parts of a text aside for validation and test."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from lstm_studio.data.documents import Documents
from lstm_studio.errors import StudioError

_NEAR = 0.1
"""How far, as a share of the smallest part, a border may lie from where it was asked for to fall on a document's."""
_WINDOW, _HALF = 10_000, 0.4
"""Characters in which the end of a line or a space is looked for, and their largest share of the smallest part."""
_SPACE = re.compile(r"\s")


@dataclass(frozen=True)
class TextParts:
    """The parts of a text, in its order.

    Attributes:
        train, validation, test: The documents of each; test is None where none was asked for.
        inside: Whether a border lies inside of a document, because there are too few of them.
    """

    train: Documents
    validation: Documents
    test: Documents | None
    inside: bool


def split_text(documents: Documents, validation: float, test: float = 0.0) -> TextParts:
    """Set the last parts of a text aside; nothing is shuffled, the same text is always divided alike.

    A border falls between two documents where one is near, and so it is with poems or articles. A single text, or a
    few long ones, are cut inside: after the nearest line end, else at the nearest white space, else where it is.
    Which side of a border is larger is counted in characters.

    Args:
        documents: In order.
        validation, test: Shares of the characters, at least 0 and together less than 1. Without a part for
            validation its documents are none; without one for test it is None.

    Raises:
        StudioError: the text is too short to be divided.
    """
    ends = np.cumsum(documents.characters)
    total = int(ends[-1]) if len(ends) else 0
    shares = [share for share in (validation, test) if share > 0]
    if not shares:
        return TextParts(documents, documents[:0], None, False)
    near = _NEAR * min(shares) * total
    wanted = [total * (1 - validation - test), total * (1 - test)]
    window = int(min(_WINDOW, _HALF * min(shares) * total))
    borders = [_border(documents, ends, place, near, window) for place in wanted]
    spans = documents.spans
    one = _before(spans, borders[1])
    train, middle, last = _before(one, borders[0]), _after(one, borders[0]), _after(spans, borders[1])
    if validation <= 0:
        middle = middle[:0]
    if test <= 0:
        last = last[:0]
    found = [documents.at(part) for part in (train, middle, last)]
    needed = [found[0], *(part for part, share in zip(found[1:], (validation, test), strict=True) if share > 0)]
    if any(not any(text.strip() for text in part) for part in needed):
        raise StudioError(
            "The text is too short to set a part of it aside",
            where=documents.path,
            todo="Add more text, set a larger part aside, or name a file of its own for it",
        )
    return TextParts(found[0], found[1], found[2] if test > 0 else None, any(inside for _, inside in borders))


_Border = tuple[tuple[int, int], bool]
"""Document and character in it before which the border lies, and whether that is inside of the document."""


def _border(documents: Documents, ends: np.ndarray, place: float, near: float, window: int) -> _Border:
    nearest = int(np.argmin(np.abs(ends - place)))
    if abs(float(ends[nearest]) - place) <= near:
        return (nearest + 1, 0), False
    index = int(np.searchsorted(ends, place, side="right"))
    before = int(ends[index - 1]) if index else 0
    text = documents[index]
    return (index, _near(text, min(len(text), round(place) - before), window)), True


def _near(text: str, place: int, window: int) -> int:
    """The nearest line end or white space to a place of a text; the border lies after it."""
    low, high = max(0, place - window), min(len(text), place + window)
    before, after = text.rfind("\n", low, place), text.find("\n", place, high)
    if before < 0 and after < 0:
        piece = text[low:place]
        spaces = [match.start() for match in _SPACE.finditer(piece)]
        before = low + spaces[-1] if spaces else -1
        found = _SPACE.search(text, place, high)
        after = found.start() if found else -1
    choices = [mark + 1 for mark in (before, after) if mark >= 0 and mark + 1 < len(text)]
    return min(choices, key=lambda border: abs(border - place), default=place)


def _before(spans: np.ndarray, border: _Border) -> np.ndarray:
    (index, character), _ = border
    found = spans[: index + (character > 0)].copy()
    if character:
        found[-1, 2] = found[-1, 1] + character
    return found


def _after(spans: np.ndarray, border: _Border) -> np.ndarray:
    (index, character), _ = border
    found = spans[index:].copy()
    if character and len(found):
        found[0, 1] += character
    return found
