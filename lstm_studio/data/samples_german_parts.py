"""Drawn at random for the German sentences: who, to whom, what, when and where, so that they fit each other."""

from __future__ import annotations

from lstm_studio.data import samples_german_words as words
from lstm_studio.data.samples_clauses import MODALS, NOTHING, OWN, WE, Case, Clause, I, Pair, Phrase, phrase
from lstm_studio.data.samples_german_words import Noun, Verb
from lstm_studio.data.samples_tagged import Chance

Frames = tuple[tuple[Verb, ...], ...]

# As often as they stand here.
ACTING: Frames = (*(words.DOING,) * 12, *(words.MEETING,) * 3, *(words.GIVING,) * 3)
_FRAMES: Frames = (*ACTING, *(words.HELPING,) * 2, words.WAITING, *(words.BEING,) * 2, words.GOING)
# What children do not do.
_GROWN = frozenset("arbeiten fahren verkaufen reparieren reisen".split())
_CHILDREN = frozenset("boy girl child children".split())
PEOPLE = [noun for noun in words.NOUNS.values() if noun.kind in {"person", "child"}]
_KIN = [noun for noun in words.NOUNS.values() if noun.kind == "kin"]
_NAMED = {"h": "habit", "n": "now", "p": "past"}


def described(chance: Chance, noun: Noun, determiner: str, share: float = 0.35, *, theirs: bool = False) -> Phrase:
    adjective = chance.choice(words.ADJECTIVES[noun.kind]) if chance.random() < share else None
    return phrase(noun, determiner, adjective, theirs=theirs)


def subject_of(chance: Chance) -> Phrase:
    draw = chance.random()
    if draw < 0.12:
        return chance.choice((I, WE))
    if draw < 0.27:
        name = chance.choice(list(words.NAMES))
        return Phrase(name, name, name, name, "3s", words.NAMES[name])
    if draw < 0.5:
        return described(chance, chance.choice(_KIN), chance.choice(("mein", "unser")))
    return _stranger(chance)


def _stranger(chance: Chance) -> Phrase:
    noun = chance.choice(PEOPLE)
    one = "zwei" if noun.gender == "p" else "ein"
    return described(chance, noun, chance.choice(("der", "der", "der", "der", "dieser", one)))


def replaced(chance: Chance) -> Phrase:
    """A subject that a pronoun can stand for."""
    while not (found := subject_of(chance)).gender:
        pass
    return found


def _met(chance: Chance, subject: Phrase) -> Phrase:
    """Somebody else: a relative of the subject's, a stranger, a name, or me and us."""
    own = subject.gender in {"ich", "wir"}
    while True:
        if chance.random() < 0.3 and subject.gender:
            noun = chance.choice(_KIN)
            found = described(chance, noun, OWN[subject.gender], theirs=subject.gender == "p")
        else:
            found = subject_of(chance)
        if found.nominative.split()[-1] != subject.nominative.split()[-1] and not (own and found in {I, WE}):
            return Phrase(*found[:3], {"I": "me", "we": "us"}.get(found.english, found.english), *found[4:])


def thing(chance: Chance, verb: Verb, subject: Phrase, negated: bool) -> tuple[Phrase, bool]:
    """What it is done to, and whether it already says that it is not."""
    noun = words.NOUNS[chance.choice(verb.objects)]
    kind = chance.choice(verb.determiners)
    if kind == "p" and subject.gender:
        return described(chance, noun, OWN[subject.gender], theirs=subject.gender == "p"), False
    if kind == "i" and negated:
        return described(chance, noun, "kein"), True
    if kind == "i":
        return described(chance, noun, "" if noun.mass or noun.gender == "p" else "ein"), False
    return described(chance, noun, "dieser" if kind == "t" and not noun.mass else "der"), False


def tense_of(chance: Chance, letter: str) -> str:
    return _NAMED.get(letter) or ("future" if chance.random() < 0.5 else chance.choice(MODALS))


def time_of(chance: Chance, tense: str) -> Pair:
    """A time that fits; nobody must do anything soon."""
    return Pair(*chance.choice(words.TIMES.get(tense, words.TIMES["future"][1:])))


def clause_of(
    chance: Chance,
    subject: Phrase,
    tenses: str = "hnpf",
    *,
    negated: bool = False,
    timed: float = 0.75,
    placed: float = 0.3,
    frames: Frames = _FRAMES,
) -> Clause:
    """What somebody does. Habits and what is going on now have a time, where ``timed`` is not 0."""
    while True:
        frame = chance.choice(frames)
        verb = chance.choice(frame)
        if verb.stem in _GROWN and subject.english.split()[-1] in _CHILDREN:
            continue
        if found := [letter for letter in tenses if letter in verb.tenses]:
            break
    letter = chance.choice(found)
    tense = tense_of(chance, letter)
    receiver, things, goal, nicht = NOTHING, NOTHING, NOTHING, negated
    if frame is words.DOING or frame is words.GIVING:
        what, kein = thing(chance, verb, subject, negated)
        things, nicht = what.as_object("accusative"), negated and not kein
    elif frame is words.WAITING:
        what, kein = thing(chance, verb, subject, False)
        goal = Pair(f"auf {what.accusative}", what.english)
    elif frame is words.GOING:
        goal = Pair(*chance.choice(list(words.GOALS.items())))
    if frame in {words.MEETING, words.HELPING, words.GIVING}:
        case: Case = "accusative" if frame is words.MEETING else "dative"
        other = _met(chance, subject)
        whom = other.as_object(case)
        if frame is words.GIVING:
            whom = Pair(whom.german, f"to {whom.english}")
        if other.gender in {"ich", "wir"}:
            receiver = whom
        else:
            things = Pair(f"{whom.german} {things.german}".strip(), f"{things.english} {whom.english}".strip())
        if receiver.english.startswith("to "):  # the book to me
            receiver, things = Pair(receiver.german), Pair(things.german, f"{things.english} {receiver.english}")
    when, where = NOTHING, NOTHING
    if timed and (letter in "hn" or chance.random() < timed):
        when = time_of(chance, tense)
    if verb.places and (chance.random() < placed or verb.stem == "bleiben") and (not negated or verb.stem == "bleiben"):
        place = chance.choice(verb.places)
        where = Pair(place, words.PLACES[place])
    return Clause(subject, verb, tense, receiver, things, when, where, goal, negated, nicht)
