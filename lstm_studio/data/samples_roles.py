"""A sample for semantic roles: who does what to whom, when and where, in English."""

from __future__ import annotations

from typing import NamedTuple

from lstm_studio.data.samples_tagged import Chance, Tagged

# The second kind has no clause with "who" behind it.
_PEOPLE = (
    "the teacher|my sister|a tall guard|the young engineer|two students|the mayor of the town|our neighbours|"
    "the committee|a man in a red coat|the pilot|the children|a woman from Vienna|the oldest of the guests"
).split("|")
_NAMES = "Maria|Tom|old Mr. Finch".split("|")
# What can be given, found or hidden; broken; painted; opened. Places and years stand in things too.
_PORTABLE = (
    "the letter|a silver key|three books|the broken clock|the report on the bridge|some bread|an old map|the tickets|"
    "her violin|a box of apples|the blue bicycle|the photographs of the hill|last year 's plans"
)
_BREAKABLE = "the kitchen window|the garden gate|her violin|the blue bicycle|an old chair|the station clock|two lamps"
_PAINTED = "the kitchen window|the garden gate|the blue bicycle|an old boat|the hall behind the library|two chairs"
_OPENED = "the letter|the garden gate|a box of apples|the kitchen window|a bottle of wine|the doors on the left"
_PLACES = "in the kitchen|at the station|near the river|on the hill|behind the library|in Vienna|at the market".split(
    "|"
)
_TIMES = "on Monday|after lunch|before the storm|in May|at noon|at the last minute|every morning".split("|")
_PAST_TIMES = "yesterday|last winter|two days ago".split("|")
_MANNERS = "quickly|with great care|in silence|gladly|without a word|by hand".split("|")
_WHY = "because of the rain|for a good reason|out of pity".split("|")
_NOT = ("not", "never")


class _Verb(NamedTuple):
    """Its forms, what it is done to, and whether somebody receives it."""

    base: str
    past: str
    participle: str
    things: tuple[str, ...]
    receiver: bool = False


def _verbs(lines: str, things: str, receiver: bool = False) -> list[_Verb]:
    forms = (line.split() for line in lines.split("|"))
    return [_Verb(base, past, participle, tuple(things.split("|")), receiver) for base, past, participle in forms]


_GIVING = _verbs(
    "give gave given|send sent sent|show showed shown|sell sold sold|offer offered offered|hand handed handed|"
    "lend lent lent",
    _PORTABLE,
    True,
)
_DOING = [
    *_verbs("find found found|carry carried carried|hide hid hidden|steal stole stolen|take took taken", _PORTABLE),
    *_verbs("break broke broken|repair repaired repaired", _BREAKABLE),
    *_verbs("paint painted painted|admire admired admired", _PAINTED),
    *_verbs("open opened opened|close closed closed", _OPENED),
]
_VERBS = _GIVING + _DOING
_SAYING = ("said", "believed", "wrote", "knew")

Piece = tuple[str, str]


def roles(rows: int, seed: int) -> list[tuple[list[str], int, Tagged]]:
    """So many examples: words, place of the predicate, and its roles; a sentence has one for each of its predicates."""
    chance = Chance(seed)
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


def _sentence(chance: Chance) -> list[tuple[list[str], int, Tagged]]:
    kind = chance.random()
    if kind < 0.3:
        return [_laid(_active(chance))]
    if kind < 0.5:
        return [_laid(_passive(chance))]
    if kind < 0.65:
        return _subject_relative(chance)
    if kind < 0.8:
        return _object_relative(chance)
    if kind < 0.92:
        return _saying(chance)
    return _both(chance)


def _person(chance: Chance, unlike: str = "", named: bool = True) -> str:
    choices = _PEOPLE + _NAMES if named else _PEOPLE
    return chance.choice([one for one in choices if one != unlike])


def _extras(chance: Chance, times: list[str]) -> list[Piece]:
    """When, where, how and why, each of them or not, in any order."""
    found = [
        (kind, chance.choice(words))
        for kind, words, share in (
            ("AM-MNR", _MANNERS, 0.3),
            ("AM-LOC", _PLACES, 0.4),
            ("AM-TMP", times, 0.5),
            ("AM-CAU", _WHY, 0.15),
        )
        if chance.random() < share
    ]
    return chance.mixed(found)


def _active(chance: Chance, who: str = "", clause: str = "", beside: str = "") -> list[Piece]:
    """A clause; with ``who`` given the subject stands first, ``clause`` behind it. ``beside`` is a thing that must not
    come again."""
    verb = chance.choice(_VERBS)
    thing = chance.choice([one for one in verb.things if one != beside])
    kind = chance.random()
    middle: list[Piece] = [("V", verb.past)]
    if kind < 0.1:
        middle = [("", "did"), ("AM-NEG", "not"), ("V", verb.base)]
    elif kind < 0.2:
        middle = [("AM-NEG", "never"), ("V", verb.past)]
    elif kind < 0.4:
        middle = [("AM-MOD", chance.choice(("will", "must", "may"))), ("V", verb.base)]
        if chance.random() < 0.2:
            middle.insert(1, ("AM-NEG", chance.choice(_NOT)))
    extras = _extras(chance, _TIMES if middle[0][0] == "AM-MOD" else _TIMES + _PAST_TIMES)
    before: list[Piece] = []
    if not who and extras and chance.random() < 0.3:
        before = [extras.pop(), ("", ",")]
    who = who or _person(chance)
    both: list[Piece] = [("A1", thing)]
    if verb.receiver:
        to = _person(chance, unlike=who)
        both = [("A2", to), *both] if chance.random() < 0.5 else [*both, ("A2", f"to {to}")]
    return [*before, ("A0", f"{who} {clause}"), *middle, *both, *extras]


def _passive(chance: Chance, thing: str = "", clause: str = "", unlike: str = "") -> list[Piece]:
    """A clause whose subject is what is acted on, with ``clause`` behind it where ``thing`` is given. ``unlike`` is
    the past tense of a verb that must not come again."""
    verb = chance.choice([one for one in _VERBS if (not thing or thing in one.things) and one.past != unlike])
    thing = thing or chance.choice(verb.things)
    found: list[Piece] = [("A1", f"{thing} {clause}"), ("", "were" if _several(thing) else "was")]
    if chance.random() < 0.2:
        found.append(("AM-NEG", chance.choice(_NOT)))
    found.append(("V", verb.participle))
    tail: list[Piece] = []
    by = _person(chance)
    if verb.receiver:
        tail.append(("A2", f"to {_person(chance, unlike=by)}"))
    if chance.random() < 0.6:
        tail.append(("A0", f"by {by}"))
    return [*found, *chance.mixed(tail), *_extras(chance, _TIMES + _PAST_TIMES)]


def _several(thing: str) -> bool:
    return thing.split()[0] in {"two", "three"} or thing.split()[1] in {"tickets", "photographs", "doors", "year"}


def _unmarked(pieces: list[Piece]) -> list[Piece]:
    return [("", words) for _, words in pieces]


def _subject_relative(chance: Chance) -> list[tuple[list[str], int, Tagged]]:
    """The teacher who broke the clock sold a map: the subject of one verb is longer than that of the other."""
    inner = chance.choice(_DOING)
    who, thing = _person(chance, named=False), chance.choice(inner.things)
    outer = _active(chance, who, f"who {inner.past} {thing}", thing)
    alone: list[Piece] = [("A0", who), ("R-A0", "who"), ("V", inner.past), ("A1", thing)]
    return [_laid(outer), _laid([*alone, *_unmarked(outer[1:])])]


def _object_relative(chance: Chance) -> list[tuple[list[str], int, Tagged]]:
    """The map that the teacher hid was stolen by Tom: who stands beside the second verb has nothing to do with it."""
    inner = chance.choice(_DOING)
    thing, who = chance.choice(inner.things), _person(chance)
    outer = _passive(chance, thing, f"that {who} {inner.past}", inner.past)
    alone: list[Piece] = [("A1", thing), ("R-A1", "that"), ("A0", who), ("V", inner.past)]
    return [_laid(outer), _laid([*alone, *_unmarked(outer[1:])])]


def _saying(chance: Chance) -> list[tuple[list[str], int, Tagged]]:
    """Maria said that the key was stolen: a whole clause is what was said."""
    said, who = chance.choice(_SAYING), _person(chance)
    clause = _passive(chance) if chance.random() < 0.5 else _active(chance)
    text = " ".join(words for _, words in clause)
    return [
        _laid([("A0", who), ("V", said), ("A1", f"that {text}")]),
        _laid([("", who), ("", said), ("", "that"), *clause]),
    ]


def _both(chance: Chance) -> list[tuple[list[str], int, Tagged]]:
    """Tom found the map and hid it: one subject for two verbs."""
    one = chance.choice(_DOING)
    thing = chance.choice(one.things)
    two = chance.choice([verb for verb in _DOING if thing in verb.things and verb != one])
    who, again = _person(chance), "them" if _several(thing) else "it"
    first: list[Piece] = [("A0", who), ("V", one.past), ("A1", thing)]
    rest: list[Piece] = [("V", two.past), ("A1", again), ("AM-TMP", chance.choice(_TIMES + _PAST_TIMES))]
    return [
        _laid([*first, ("", "and"), *_unmarked(rest)]),
        _laid([first[0], *_unmarked(first[1:]), ("", "and"), *rest]),
    ]


def _laid(pieces: list[Piece]) -> tuple[list[str], int, Tagged]:
    """Pieces as words with a full stop, the place of the predicate, and spans."""
    words: list[str] = []
    spans: list[tuple[int, int, str]] = []
    predicate = 0
    for kind, text in [*pieces, ("", ".")]:
        own = text.split()
        if kind == "V":
            predicate = len(words)
        if kind:
            spans.append((len(words), len(words) + len(own), kind))
        words += own
    words[0] = words[0][:1].upper() + words[0][1:]
    return words, predicate, Tagged(words, spans)
