"""Where two texts differ, by words; by characters in writing that has no spaces."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

Stretch = tuple[int, int]
"""Characters [start, end) of a text."""

_UNSPACED = "\u2e80-\u303f\u3040-\u30ff\u31f0-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\u0e00-\u0eff"
_PIECE = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+|[^\w\s]")
_EXACT, _MOST = 400, 4000
"""Pieces that are compared exactly, and in a hurry (frequent ones alone match nothing); all beyond is left out."""


def differences(one: str, other: str, *, fold: bool = False) -> tuple[list[Stretch], list[Stretch]]:
    """Stretches of each text that the other one does not have at that place.

    Args:
        one, other: Texts.
        fold: Whether capitals count for nothing.
    """
    left, right = _cut(one), _cut(other)
    words, others = _words(one, left, fold), _words(other, right, fold)
    matcher = SequenceMatcher(None, words, others, autojunk=max(len(words), len(others)) > _EXACT)
    found: tuple[list[Stretch], list[Stretch]] = ([], [])
    for tag, start, end, low, high in matcher.get_opcodes():
        if tag == "equal":
            continue
        if end > start:
            found[0].append((left[start][0], left[end - 1][1]))
        if high > low:
            found[1].append((right[low][0], right[high - 1][1]))
    return found


def nearest(text: str, others: Sequence[str], *, fold: bool = False) -> int:
    """Which of several texts has most in common with one; the first if none has anything."""
    own = _bag(text, fold)

    def common(place: int) -> float:
        bag = _bag(others[place], fold)
        return (own & bag).total() / max(1, own.total() + bag.total())

    return max(range(len(others)), key=common)


def _cut(text: str) -> list[Stretch]:
    found: list[Stretch] = []
    for match in _PIECE.finditer(text):
        found.append(match.span())
        if len(found) == _MOST:
            break
    return found


def _bag(text: str, fold: bool) -> Counter[str]:
    return Counter(_words(text, _cut(text), fold))


def _words(text: str, cut: Sequence[Stretch], fold: bool) -> list[str]:
    found = [text[start:end] for start, end in cut]
    return [word.casefold() for word in found] if fold else found
