"""A sample of running text: Chinese quatrains of five or seven characters a line, from a grammar of their own.

What there is to learn, from near to far: which characters make words; that all lines of a poem have one length, and the
marks between; what belongs to a season and a place, as the title names them; that the second and fourth line rhyme,
and which lines are built alike. Tones are not minded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lstm_studio.data import samples_verse_words as words
from lstm_studio.data.samples_tagged import Chance
from lstm_studio.data.samples_verse_words import Word


class _Line(NamedTuple):
    """What a line begins with, if it is long; a thing; what it does."""

    lead: str
    thing: Word
    does: Word

    @property
    def text(self) -> str:
        return self.lead + self.thing.text + self.does.text


def quatrains(rows: int, seed: int) -> str:
    """So many poems, a blank line between them; the same seed makes the same ones."""
    chance = Chance(seed)
    return "\n\n".join(_one(chance) for _ in range(rows)) + "\n"


def _one(chance: Chance) -> str:
    season = words.SEASONS[chance.choice(tuple(words.SEASONS))]
    place = chance.choice(tuple(words.PLACES))
    parting, long = chance.random() < 0.25, chance.random() < 0.5
    title = _parting(chance) if parting else "".join(chance.mixed((place, chance.choice(season.times))))
    things = chance.mixed((*season.sights, *words.PLACES[place], *words.PLACES[place]))
    rhymes = words.RHYMES[chance.choice(tuple(words.RHYMES))]
    poem = _Poem(chance, things, long)
    # Line 1 rhymes or not; one of the two couplets is built alike, and the third line may tell of the one who writes.
    alike = chance.random() < 0.5
    first = poem.line(rhymes if chance.random() < (0.6 if long else 0.2) else words.OTHERS)
    second = poem.line(rhymes, like=first if alike else None)
    if not alike:
        third = poem.line(words.OTHERS)
        fourth = poem.line(rhymes, like=third).text
        last = f"{third.text}，{fourth}。"
    else:
        last = f"{_of_oneself(chance, parting, long)}，{poem.line(rhymes).text}。"
    return f"《{title}》\n{first.text}，{second.text}。\n{last}"


class _Poem:
    """Makes the lines of a poem, in which nothing comes twice."""

    def __init__(self, chance: Chance, things: list[Word], long: bool) -> None:
        self.chance, self.things, self.long = chance, things, long
        self.used: set[str] = set()

    def line(self, ends: Sequence[Word], like: _Line | None = None) -> _Line:
        """A line that ends with one of ``ends``, built ``like`` another one if it can be."""
        alike = ends if like is None else [end for end in ends if end.shape == like.does.shape]
        found = self._pair(alike) or self._pair(ends)
        while found is None:  # so seldom that something may come twice
            self.used.clear()
            found = self._pair(ends)
        thing, does = found
        lead = self._lead(like.lead if like else "") if self.long else ""
        self.used |= {thing.text, lead, *does.text}
        return _Line(lead, thing, does)

    def _pair(self, ends: Sequence[Word]) -> tuple[Word, Word] | None:
        """A thing and what it does."""
        ends = [end for end in ends if self.used.isdisjoint(end.text)]
        for thing in self.chance.mixed(self.things):
            fitting = [
                end for end in ends if not set(thing.kinds).isdisjoint(end.kinds) and thing.text[1] not in end.text
            ]
            if thing.text not in self.used and fitting:
                return thing, self.chance.choice(fitting)
        return None

    def _lead(self, like: str) -> str:
        kinds = [kind for kind in words.LEADS.values() if like in kind] or list(words.LEADS.values())
        return self.chance.choice([lead for lead in self.chance.choice(kinds) if lead not in self.used])


def _parting(chance: Chance) -> str:
    who = chance.choice(words.FRIENDS) + chance.choice(words.RANKS)
    return f"送{who}{chance.choice('之归往')}{chance.choice(words.GOALS)}"


def _of_oneself(chance: Chance, parting: bool, long: bool) -> str:
    acts, ends = (words.PARTINGS, words.ENDS_OF_PARTINGS) if parting else (words.ACTS, words.ENDS_OF_ACTS)
    return (chance.choice(words.LONG_ACTS) if long else "") + chance.choice(acts) + chance.choice(ends)
