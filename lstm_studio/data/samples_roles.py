"""A sample for semantic roles: who does what to whom, when and where, in English."""

from __future__ import annotations

import random
from typing import NamedTuple

from lstm_studio.data.samples_tagged import Tagged

_PEOPLE = (
    "the teacher|my sister|a tall guard|the young engineer|Maria|old Mr. Finch|two students|the mayor of the town|"
    "our neighbours|the committee|a man in a red coat|the pilot|Tom|the children"
).split("|")
_THINGS = (
    "the letter|a silver key|three books|the broken clock|the report on the bridge|some bread|an old map|the tickets|"
    "the garden gate|her violin|a box of apples|the blue bicycle"
).split("|")
_PLACES = "in the kitchen|at the station|near the river|on the hill|behind the library|in Vienna|at the market".split(
    "|"
)
_TIMES = "yesterday|on Monday|after lunch|last winter|every morning|before the storm|in May|at noon".split("|")
_MANNERS = "quickly|with great care|in silence|gladly|without a word|by hand".split("|")
_WHY = "because of the rain|for a good reason|out of pity".split("|")
_NOT = ("not", "never")


class _Verb(NamedTuple):
    base: str
    third: str
    past: str
    participle: str
    receiver: bool


def _verbs(lines: str, receiver: bool) -> list[_Verb]:
    return [_Verb(base, third, past, part, receiver) for base, third, past, part in map(str.split, lines.split("|"))]


_VERBS = [
    *_verbs(
        "give gives gave given|send sends sent sent|show shows showed shown|sell sells sold sold|"
        "offer offers offered offered|hand hands handed handed|lend lends lent lent",
        True,
    ),
    *_verbs(
        "break breaks broke broken|find finds found found|paint paints painted painted|carry carries carried carried|"
        "hide hides hid hidden|steal steals stole stolen|repair repairs repaired repaired|open opens opened opened|"
        "take takes took taken",
        False,
    ),
]
_SAYING = [_Verb("say", "says", "said", "said", False), _Verb("believe", "believes", "believed", "believed", False)]

Piece = tuple[str, str]


def roles(rows: int, seed: int) -> list[tuple[list[str], int, Tagged]]:
    """So many examples: words, place of the predicate, and its roles; a sentence has one for each of its predicates."""
    chance = random.Random(seed)
    found: list[tuple[list[str], int, Tagged]] = []
    seen: set[tuple[str, ...]] = set()
    while len(found) < rows:
        examples = _sentence(chance)
        key = tuple(examples[0][0])
        if key in seen:
            continue
        seen.add(key)
        found += examples
    return found[:rows]


def _sentence(chance: random.Random) -> list[tuple[list[str], int, Tagged]]:
    kind = chance.random()
    if kind < 0.3:
        return [_laid([(*_active(chance), ("", "."))])]
    if kind < 0.55:
        return [_laid([(*_passive(chance), ("", "."))])]
    if kind < 0.75:
        return _relative(chance)
    if kind < 0.9:
        return _saying(chance)
    return _both(chance)


def _extras(chance: random.Random) -> list[Piece]:
    found = [
        (kind, chance.choice(words))
        for kind, words, share in (
            ("AM-MNR", _MANNERS, 0.3),
            ("AM-LOC", _PLACES, 0.4),
            ("AM-TMP", _TIMES, 0.5),
            ("AM-CAU", _WHY, 0.15),
        )
        if chance.random() < share
    ]
    chance.shuffle(found)
    return found


def _active(chance: random.Random, subject: Piece | None = None) -> list[Piece]:
    verb = chance.choice(_VERBS)
    thing, extras = chance.choice(_THINGS), _extras(chance)
    before: list[Piece] = []
    if subject is None and extras and chance.random() < 0.3:
        before = [extras.pop(), ("", ",")]
    who = subject or ("A0", chance.choice(_PEOPLE))
    middle: list[Piece] = [("V", verb.past)]
    if chance.random() < 0.2:
        refused = chance.choice(_NOT)
        middle = [("", "did"), ("AM-NEG", "not"), ("V", verb.base)] if refused == "not" else [
            ("AM-NEG", "never"), ("V", verb.past)]  # fmt: skip
    elif chance.random() < 0.25:
        middle = [("AM-MOD", chance.choice(("will", "must", "may"))), ("V", verb.base)]
    to = chance.choice(_PEOPLE)
    if verb.receiver:
        both: list[Piece] = (
            [("A2", to), ("A1", thing)] if chance.random() < 0.5 else [("A1", thing), ("A2", f"to {to}")]
        )
    else:
        both = [("A1", thing)]
    return [*before, who, *middle, *both, *extras]


def _passive(chance: random.Random) -> list[Piece]:
    verb = chance.choice(_VERBS)
    extras = _extras(chance)
    thing = chance.choice(_THINGS)
    be = "were" if thing.split()[0] in {"three", "some"} or thing == "the tickets" else "was"
    found: list[Piece] = [("A1", thing), ("", be)]
    if chance.random() < 0.2:
        found.append(("AM-NEG", chance.choice(_NOT)))
    found.append(("V", verb.participle))
    tail: list[Piece] = []
    if verb.receiver:
        tail.append(("A2", f"to {chance.choice(_PEOPLE)}"))
    if chance.random() < 0.6:
        tail.append(("A0", f"by {chance.choice(_PEOPLE)}"))
    chance.shuffle(tail)
    return [*found, *tail, *extras]


def _relative(chance: random.Random) -> list[tuple[list[str], int, Tagged]]:
    """The teacher who broke the clock sold a map: the subject of one verb is longer than that of the other."""
    inner = chance.choice([verb for verb in _VERBS if not verb.receiver])
    who, thing = chance.choice(_PEOPLE), chance.choice(_THINGS)
    rest = _active(chance, ("A0", f"{who} who {inner.past} {thing}"))
    last: Piece = ("", ".")
    alone = [("A0", who), ("R-A0", "who"), ("V", inner.past), ("A1", thing)]
    others: list[Piece] = [("", words) for _, words in rest[1:]]
    return [_laid([(*rest, last)]), _laid([(*alone, *others, last)])]


def _saying(chance: random.Random) -> list[tuple[list[str], int, Tagged]]:
    """Maria said that the key was stolen: a whole clause is what was said."""
    said, who = chance.choice(_SAYING), chance.choice(_PEOPLE)
    clause = _passive(chance) if chance.random() < 0.5 else _active(chance)
    text = " ".join(words for _, words in clause)
    last: Piece = ("", ".")
    first: list[Piece] = [("A0", who), ("V", said.past), ("A1", f"that {text}"), last]
    second: list[Piece] = [("", who), ("", said.past), ("", "that"), *clause, last]
    return [_laid([tuple(first)]), _laid([tuple(second)])]


def _both(chance: random.Random) -> list[tuple[list[str], int, Tagged]]:
    """Tom found the map and hid it: one subject for two verbs."""
    one, two = chance.sample([verb for verb in _VERBS if not verb.receiver], 2)
    who, thing, when = chance.choice(_PEOPLE), chance.choice(_THINGS), chance.choice(_TIMES)
    last: Piece = ("", ".")
    first: list[Piece] = [
        ("A0", who),
        ("V", one.past),
        ("A1", thing),
        ("", "and"),
        ("", two.past),
        ("", "it"),
        ("", when),
    ]
    second: list[Piece] = [("A0", who), ("", one.past), ("", thing), ("", "and"), ("V", two.past), ("A1", "it"),
                           ("AM-TMP", when)]  # fmt: skip
    return [_laid([(*first, last)]), _laid([(*second, last)])]


def _laid(parts: list[tuple[Piece, ...]]) -> tuple[list[str], int, Tagged]:
    """Pieces as words, the place of the predicate, and spans."""
    words: list[str] = []
    spans: list[tuple[int, int, str]] = []
    predicate = 0
    for kind, text in (piece for part in parts for piece in part):
        own = text.split()
        if kind == "V":
            predicate = len(words)
        if kind:
            spans.append((len(words), len(words) + len(own), kind))
        words += own
    words[0] = words[0][:1].upper() + words[0][1:]
    return words, predicate, Tagged(words, spans)
