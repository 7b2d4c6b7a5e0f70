"""One clause in German and in English: phrases with cases and endings, verbs in two parts, the order of the words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from lstm_studio.data.samples_german_words import Adjective, Noun, Verb

Case = Literal["nominative", "accusative", "dative"]
Order = Literal["main", "fronted", "question", "last"]

_GENDERS = "mfnp"
_DER = {"nominative": "der die das die", "accusative": "den die das die", "dative": "dem der dem den"}
_DIES = {"nominative": "er e es e", "accusative": "en e es e", "dative": "em er em en"}
_EIN = {"nominative": "- e - e", "accusative": "en e - e", "dative": "em er em en"}
# Endings of adjectives behind der and dieser, behind ein and kein, and behind neither.
_WEAK = {"nominative": "e e e en", "accusative": "en e e en", "dative": "en en en en"}
_MIXED = {"nominative": "er e es en", "accusative": "en e es en", "dative": "en en en en"}
_STRONG = {"nominative": "er e es e", "accusative": "en e es e", "dative": "em er em en"}
_ENGLISH = {"mein": "my", "unser": "our", "sein": "his", "ihr": "her", "zwei": "two"}

HABEN = {"1s": "habe", "3s": "hat", "1p": "haben", "3p": "haben"}
SEIN = {"1s": "bin", "3s": "ist", "1p": "sind", "3p": "sind"}
_BE = {"1s": "am", "3s": "is", "1p": "are", "3p": "are"}
_WERDEN = {"1s": "werde", "3s": "wird", "1p": "werden", "3p": "werden"}
_MODALS = {"müssen": "muss", "können": "kann", "wollen": "will", "dürfen": "darf", "sollen": "soll"}
MODALS = tuple(_MODALS)
# What stands before the English verb, and the same with "not".
_ENGLISH_MODALS = {"können": ("can", "cannot"), "dürfen": ("may", "must not"), "sollen": ("should", "should not")}
_HAVING = {"müssen": "have to", "wollen": "want to"}
_DOUBLED = frozenset("get put".split())


class Pair(NamedTuple):
    """The same in German and English."""

    german: str = ""
    english: str = ""


NOTHING = Pair()


class Phrase(NamedTuple):
    """Who or what, in the three cases; ``gender`` decides on pronouns, "" where none fits."""

    nominative: str
    accusative: str
    dative: str
    english: str
    person: str = "3s"
    gender: str = ""

    def as_object(self, case: Case) -> Pair:
        return Pair(getattr(self, case), self.english)


I = Phrase("ich", "mich", "mir", "I", "1s", "ich")  # noqa: E741 - as it is written
WE = Phrase("wir", "uns", "uns", "we", "1p", "wir")
PRONOUNS = {
    "ich": I,
    "wir": WE,
    "m": Phrase("er", "ihn", "ihm", "he", "3s", "m"),
    "f": Phrase("sie", "sie", "ihr", "she", "3s", "f"),
    "p": Phrase("sie", "sie", "ihnen", "they", "3p", "p"),
}
# Genders -> whose it is.
OWN = {"ich": "mein", "wir": "unser", "m": "sein", "f": "ihr", "p": "ihr"}
RELATIVES = {"nominative": "der die das die", "accusative": "den die das die"}


def by_gender(forms: str, gender: str) -> str:
    """One of four forms, for masculine, feminine, neuter and plural; "" for a dash."""
    found = forms.split()[_GENDERS.index(gender)]
    return "" if found == "-" else found


def phrase(noun: Noun, determiner: str, adjective: Adjective | None = None, *, theirs: bool = False) -> Phrase:
    """A noun with what stands before it.

    Args:
        noun: From the list.
        determiner: "der", "dieser", "ein", "kein", "zwei", a possessive, or "" for none.
        adjective: Behind it.
        theirs: Whether ihr is their, and not her.
    """
    forms = []
    for case in ("nominative", "accusative", "dative"):
        match determiner:
            case "der":
                before, endings = by_gender(_DER[case], noun.gender), _WEAK
            case "dieser":
                before, endings = "dies" + by_gender(_DIES[case], noun.gender), _WEAK
            case "" | "zwei":
                before, endings = determiner, _STRONG
            case _:
                before, endings = determiner + by_gender(_EIN[case], noun.gender), _MIXED
        described = adjective.stem + by_gender(endings[case], noun.gender) if adjective else ""
        if noun.gender == "p":
            named = noun.oblique if case == "dative" else noun.german
        else:
            named = noun.german if case == "nominative" else noun.oblique
        forms.append(" ".join(part for part in (before, described, named) if part))
    words = f"{adjective.english} {noun.english}" if adjective else noun.english
    person = "3p" if noun.gender == "p" else "3s"
    gender = "" if noun.gender == "n" else noun.gender
    nominative, accusative, dative = forms
    return Phrase(nominative, accusative, dative, _english(noun, determiner, words, theirs), person, gender)


def _english(noun: Noun, determiner: str, words: str, theirs: bool) -> str:
    several = noun.gender == "p" or noun.mass
    match determiner:
        case "der":
            return f"the {words}"
        case "dieser":
            return f"{'these' if noun.gender == 'p' else 'this'} {words}"
        case "":
            return words
        case "kein" if several:
            return f"any {words}"
        case "ein" | "kein":
            return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"
        case "ihr" if theirs:
            return f"their {words}"
    return f"{_ENGLISH[determiner]} {words}"


@dataclass(frozen=True)
class Clause:
    """Who does what, when and where.

    Attributes:
        subject, verb: Of it.
        tense: "present", "habit", "now", "past", "before" (had done), "future", or the infinitive of a modal.
        receiver: A pronoun that stands before the time.
        things: Objects in their cases.
        when: The time; an English one that ends in * stands before the verb.
        where: The place; behind "nicht".
        goal: Where to; behind "nicht".
        negated: Whether English says not.
        nicht: Whether German says nicht; it may say kein instead.
    """

    subject: Phrase
    verb: Verb
    tense: str
    receiver: Pair = NOTHING
    things: Pair = NOTHING
    when: Pair = NOTHING
    where: Pair = NOTHING
    goal: Pair = NOTHING
    negated: bool = False
    nicht: bool = False

    def by(self, subject: Phrase) -> Clause:
        """The same with another subject."""
        return replace(self, subject=subject)

    # -- German ------------------------------------------------------------------------------------------------

    def german(self, order: Order = "main") -> str:
        """Without the stop: subject first, time first, verb first, or verb last. Without a subject (an empty one)
        whatever stands before a question is the caller's."""
        finite, end = self._german_verb()
        fronted = order == "fronted"
        rest = self._middle(when=not fronted)
        subject = self.subject.nominative
        match order:
            case "main":
                parts = [subject, finite, *rest, end]
            case "fronted":
                parts = [self.when.german, finite, subject, *rest, end]
            case "question":
                parts = [finite, subject, *rest, end]
            case "last":
                joined = end + finite if end and end == self.verb.prefix else f"{end} {finite}"
                parts = [subject, *rest, joined.strip()]
        return " ".join(part for part in parts if part)

    def infinitive(self) -> Pair:
        """Things to do: "das Fenster zuzumachen", "to close the window"."""
        verb = self.verb
        last = f"{verb.prefix}zu{verb.stem}" if verb.prefix else f"zu {verb.stem}"
        german = " ".join(part for part in (*self._middle(), last) if part)
        return Pair(german, _joined("to", self.verb.base, *self._english_rest()))

    def _middle(self, when: bool = True) -> list[str]:
        return [
            self.receiver.german,
            self.when.german if when else "",
            "" if self.nicht else self.where.german,
            self.things.german,
            "nicht" if self.nicht else "",
            self.where.german if self.nicht else "",
            self.goal.german,
        ]

    def _german_verb(self) -> tuple[str, str]:
        """The form that agrees with the subject, and what stands at the end."""
        verb, person = self.verb, self.subject.person
        match self.tense:
            case "present" | "habit" | "now":
                first = verb.stem.removesuffix("n").removesuffix("e") + "e"
                return {"1s": first, "3s": verb.third}.get(person, verb.stem), verb.prefix
            case "past":
                return (SEIN if verb.moves else HABEN)[person], verb.participle
            case "before":
                had = "war" if verb.moves else "hatte"
                return had + ("" if person in {"1s", "3s"} else "en" if verb.moves else "n"), verb.participle
            case "future":
                return _WERDEN[person], verb.prefix + verb.stem
        return _MODALS[self.tense] if person in {"1s", "3s"} else self.tense, verb.prefix + verb.stem

    # -- English -----------------------------------------------------------------------------------------------

    def english(self, order: Order = "main") -> str:
        """Without the stop; "last" is the same as "main"."""
        fronted = order == "fronted"
        when = self.when.english
        often = when.removesuffix("*") if when.endswith("*") else ""
        asked = order == "question"
        helper, verb = self._english_verb(asked or self.negated)
        negation = "not" if self.negated else ""
        if self.negated and not asked and self.tense in _ENGLISH_MODALS:
            helper, negation = _ENGLISH_MODALS[self.tense][1], ""
        subject = self.subject.english
        head = [helper, subject, negation] if asked else [subject, helper, negation]
        rest = self._english_rest(when=not fronted)
        if fronted and not often:
            return _joined(when, *head, verb, *rest)
        if fronted:
            return _joined(often, *head, verb, *rest)
        return _joined(*head, often, verb, *rest)

    def _english_rest(self, when: bool = True) -> list[str]:
        time = self.when.english if when and not self.when.english.endswith("*") else ""
        return [self.receiver.english, self.things.english, self.goal.english, self.where.english, time]

    def _english_verb(self, apart: bool) -> tuple[str, str]:
        """What goes before the verb, needed where there is a question or "not", and the verb."""
        verb, person = self.verb, self.subject.person
        match self.tense:
            case "now":
                return _BE[person], inflected(verb.base, ing)
            case "past":
                return ("did", verb.base) if apart else ("", verb.past)
            case "before":
                return "had", verb.done
            case "future":
                return "will", verb.base
            case "können" | "dürfen" | "sollen":
                return _ENGLISH_MODALS[self.tense][0], verb.base
        base = f"{_HAVING[self.tense]} {verb.base}" if self.tense in _HAVING else verb.base
        if apart:
            return ("does" if person == "3s" else "do"), base
        return "", inflected(base, with_s) if person == "3s" else base


def inflected(words: str, form: object) -> str:
    """The first word in another form."""
    first, _, rest = words.partition(" ")
    return f"{form(first)} {rest}".strip()  # type: ignore[operator]


def with_s(verb: str) -> str:
    """As he and she say it."""
    if verb == "have":
        return "has"
    if verb.endswith(("s", "sh", "ch", "o", "x")):
        return verb + "es"
    return verb[:-1] + "ies" if verb.endswith("y") and verb[-2] not in "aeiou" else verb + "s"


def ing(verb: str) -> str:
    """As it is happening."""
    if verb.endswith("ie"):
        return verb[:-2] + "ying"
    if verb.endswith("e") and not verb.endswith("ee"):
        return verb[:-1] + "ing"
    return verb + (verb[-1] if verb in _DOUBLED else "") + "ing"


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)
