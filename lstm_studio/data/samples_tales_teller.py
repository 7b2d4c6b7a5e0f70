"""Who tells the tales: one who knows the hero and the others, and says what all tales have."""

from __future__ import annotations

from typing import Any

from lstm_studio.data import samples_tales_words as words
from lstm_studio.data.samples_pairs import filled
from lstm_studio.data.samples_tagged import Chance
from lstm_studio.data.samples_tales_words import Someone

_LOW = set("and the of a an in was that with at to without for it".split())


class Teller:
    """Tells one tale, a paragraph a line.

    Attributes:
        lines: What was told.
        hero, friend: Who it is about; every template knows them.
        others: Four more who may come by.
        facts: What templates know besides.
    """

    def __init__(self, chance: Chance) -> None:
        self.chance = chance
        self.lines: list[str] = []
        self._known: set[str] = set()
        self._places = chance.mixed(words.MEETING)
        self.hero, self.friend, *self.others = words.company(chance, 6)
        self.facts: dict[str, Any] = {
            "hero": self.hero,
            "friend": self.friend,
            "month": chance.choice(words.MONTHS),
            "season": chance.choice(words.SEASONS),
            "village": (village := chance.choice(words.VILLAGES)),
            "home": f"{chance.choice(words.HOMES)} {village}",
        }

    def say(self, template: str, **facts: Any) -> str:
        """A template with its gaps filled."""
        return filled(template, {**self.facts, **facts}, self.chance)

    def one_of(self, *templates: str) -> str:
        """One of several, not filled yet."""
        return self.chance.choice(templates)

    def perhaps(self, template: str, share: float = 0.5) -> str:
        """The template, or nothing."""
        return template if self.chance.random() < share else ""

    def tell(self, *templates: str, **facts: Any) -> None:
        """A paragraph; empty templates are left out."""
        self.lines.append(" ".join(self.say(template, **facts) for template in templates if template))

    def title(self, what: str) -> None:
        """Such as "# Tilda and the Blue Lantern": the mark says where a tale begins."""
        rest = [word if word in _LOW else word[0].upper() + word[1:] for word in what.split()]
        self.lines.append(" ".join(["#", self.hero.name, *rest]))

    def when(self) -> str:
        """Such as "One cold evening", to begin a sentence with."""
        return self.say(self.chance.choice(words.TIMES))

    def opening(self) -> None:
        """Who it is about, and where."""
        habit, other = self.chance.mixed(words.HABITS)[:2]
        neighbour = "{hero.Her} neighbour was {friend.a} called {friend.name}, and on Sundays they {habit} together."
        then = self.one_of(
            "Every (morning|evening) {hero.she} {habit}(, and then| before) {hero.she} {other}.",
            "In {season} {hero.she} {habit} (each day|every morning), and (nobody disturbed {hero.him}|{hero.she} was "
            "content).",
            neighbour,
            "",
        )
        if then == neighbour:
            self._known.add(self.friend.name)
        self.tell(
            self.one_of(
                "Once upon a time there was {hero.a} called {hero.name}, who lived {home}.",
                "There once lived {hero.a} {home}, and {hero.her} name was {hero.name}.",
                "Long ago, (when the moon was young|before there were roads|when the woods were deep), {hero.a} lived "
                "{home}. {hero.Her} name was {hero.name}.",
                "{hero.name} was {hero.a} who lived {home}, with (a clock|a stove|an old chair) for company.",
            ),
            then,
            habit=habit,
            other=other,
        )

    def place(self) -> str:
        """Where nobody was met yet."""
        return self._places.pop()

    def meet(self, other: Someone) -> None:
        """Come upon somebody, who is described only where nobody has heard of them yet."""
        where = self.place()
        known = other.name in self._known
        self._known.add(other.name)
        self.tell(
            "{Where} {hero.she} met {other.name}."
            if known
            else self.one_of(
                "{Where} {hero.she} met {other.a} called {other.name}.",
                "{Where} sat {other.a}, and {other.her} name was {other.name}.",
                "{Where} {hero.name} saw {other.a}. It was {other.name}, who (was whistling|had time|was half asleep).",
                "Before long {hero.she} came upon {other.a} called {other.name}, who was resting {where}.",
            ),
            where=where,
            Where=where.capitalize(),
            other=other,
        )

    def ask(self, other: Someone, question: str, answer: str, **facts: Any) -> None:
        """Meet somebody, ask and hear."""
        self.meet(other)
        self.tell(
            self.one_of(
                f'"Good (morning|day)," said {{hero.name}}. "{question}"',
                f'"{question}" (asked|said) {{hero.name}}.',
                f'"Dear {{other.name}}," said {{hero.name}}, "(listen|forgive me|tell me). {question}"',
            ),
            other=other,
            **facts,
        )
        self.tell(answer, other=other, **facts)

    def ending(self, last: str = "", **facts: Any) -> None:
        """All is well."""
        self.tell(
            last,
            self.one_of(
                "{hero.name} slept (well|soundly|as never before) that night.",
                "From that day on {hero.name} and {friend.name} were (the best of friends|never seen apart).",
                "(Perhaps|They say that|I think that) {hero.she} still lives {home}.",
                "{hero.name} (laughed|smiled|sang), and {friend.name} (laughed|smiled|sang) (with {hero.him}|too).",
                "Then {hero.she} (lit the lamp|closed the door|put the kettle on), and (all was well|it was warm).",
                "In {village} they still (talk about|sing of) {hero.name} {hero.the}.",
            ),
            self.perhaps(self.one_of(*words.MORALS), 0.2),
            **facts,
        )


def listed(parts: list[str]) -> str:
    """One, two and three."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
