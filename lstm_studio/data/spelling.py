"""How words are read: as keys of the vocabulary, and letter by letter."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable

from lstm_studio.data.tokenize import read_as

LONGEST_WORD = 40
"""Of a longer word the letters at both ends are read."""
MOST_CHARACTERS = 5_000
_DIGITS = re.compile(r"\d")


def normal(lowercase: bool, same_digits: bool, narrow: bool = False) -> Callable[[str], str]:
    """The form in which a word stands in the vocabulary."""

    def key(word: str) -> str:
        word = read_as(word, lowercase, narrow)
        return _DIGITS.sub("0", word) if same_digits else word

    return key


def letters_of(word: str, same_digits: bool, narrow: bool = False) -> str:
    """The letters that are read of a word: never none, at most ``LONGEST_WORD``."""
    if len(word) > LONGEST_WORD:
        half = LONGEST_WORD // 2
        word = word[:half] + word[-half:]
    word = read_as(word, False, narrow)
    return (_DIGITS.sub("0", word) if same_digits else word) or " "


def known_characters(words: Iterable[str], same_digits: bool, narrow: bool = False) -> tuple[str, ...]:
    """The characters of words, the most frequent first, ties in the order of their code points."""
    counts: Counter[str] = Counter()
    for word, times in Counter(words).items():
        for character in letters_of(word, same_digits, narrow):
            counts[character] += times
    return tuple(sorted(counts, key=lambda character: (-counts[character], character))[:MOST_CHARACTERS])
