"""What the tagged samples share: templates with named gaps, filled at random, tagged as they are filled."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Tagged(NamedTuple):
    """Words of a sentence, and spans (first word, the one behind the last, type)."""

    words: list[str]
    spans: list[tuple[int, int, str]]


def fill(template: str, lists: Mapping[str, Sequence[str]], chance: random.Random) -> Tagged:
    """Fill one template.

    ``{type}`` is replaced by an entry of the list of that name and becomes a span; ``{list:type}`` names the two
    apart; ``{list:}`` is replaced and not marked; ``(a|b|)`` is one of the parts at random, inner ones first.
    """
    while (end := template.find(")")) >= 0:
        start = template.rindex("(", 0, end)
        template = template[:start] + chance.choice(template[start + 1 : end].split("|")) + template[end + 1 :]
    words: list[str] = []
    spans: list[tuple[int, int, str]] = []
    for piece in template.split():
        if not piece.startswith("{"):
            words.append(piece)
            continue
        name, colon, kind = piece[1:-1].partition(":")
        own = chance.choice(lists[name]).split()
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


def distinct(make: object, rows: int, chance: random.Random) -> list[Tagged]:
    """So many sentences, each of them once as long as there are new ones."""
    assert callable(make)
    found: list[Tagged] = []
    seen: set[tuple[str, ...]] = set()
    tries = 0
    while len(found) < rows:
        one: Tagged = make(chance)
        tries += 1
        if tuple(one.words) not in seen or tries > 20 * rows:
            seen.add(tuple(one.words))
            found.append(one)
    return found
