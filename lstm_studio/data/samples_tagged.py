"""What the tagged samples share: templates with named gaps, filled at random, tagged as they are filled."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class Chance:
    """Random numbers that stay the same: of all that ``random`` offers, ``random()`` alone is promised to."""

    def __init__(self, seed: int) -> None:
        self._source = random.Random(seed)

    def random(self) -> float:
        """From 0 to 1, 1 not included."""
        return self._source.random()

    def choice(self, choices: Sequence[T]) -> T:
        return choices[int(self.random() * len(choices))]

    def number(self, first: int, last: int) -> int:
        """A whole number, both ends included."""
        return first + int(self.random() * (last - first + 1))

    def mixed(self, things: Sequence[T]) -> list[T]:
        """The same in another order."""
        return [things[at] for at in sorted(range(len(things)), key=[self.random() for _ in things].__getitem__)]


class Tagged(NamedTuple):
    """Words of a sentence, and spans (first word, the one behind the last, type)."""

    words: list[str]
    spans: list[tuple[int, int, str]]


def fill(template: str, lists: Mapping[str, Sequence[str]], chance: Chance) -> Tagged:
    """Fill one template.

    ``{type}`` is replaced by an entry of the list of that name and becomes a span; ``{list:type}`` names the two
    apart; ``{list:}`` is replaced and not marked; ``(a|b|)`` is one of the parts at random, inner ones first. An entry
    comes once in a sentence, whatever the lists: nobody flies from Boston to Boston.
    """
    while (end := template.find(")")) >= 0:
        start = template.rindex("(", 0, end)
        template = template[:start] + chance.choice(template[start + 1 : end].split("|")) + template[end + 1 :]
    words: list[str] = []
    spans: list[tuple[int, int, str]] = []
    used: set[str] = set()
    for piece in template.split():
        if not piece.startswith("{"):
            words.append(piece)
            continue
        name, colon, kind = piece[1:-1].partition(":")
        entry = chance.choice([entry for entry in lists[name] if entry not in used])
        used.add(entry)
        own = entry.split()
        if kind or not colon:
            spans.append((len(words), len(words) + len(own), kind or name))
        words += own
    return Tagged(words, spans)


def tags_of(length: int, spans: Sequence[tuple[int, int, str]], scheme: str) -> list[str]:
    """One tag a word, in IOB2 or BMES."""
    tags = ["O"] * length
    for start, end, kind in spans:
        for place in range(start, end):
            if scheme == "BMES":
                letter = "S" if end - start == 1 else "B" if place == start else "E" if place == end - 1 else "M"
            else:
                letter = "B" if place == start else "I"
            tags[place] = f"{letter}-{kind}"
    return tags


def distinct(make: Callable[[Chance], Tagged], rows: int, chance: Chance) -> list[Tagged]:
    """So many sentences, each of them once as long as there are new ones."""
    found: list[Tagged] = []
    seen: set[tuple[str, ...]] = set()
    tries = 0
    while len(found) < rows:
        one = make(chance)
        tries += 1
        if tuple(one.words) not in seen or tries > 20 * rows:
            seen.add(tuple(one.words))
            found.append(one)
    return found
