"""A sample for translation: German sentences with the same in English, from a grammar of both.

German cuts verbs in two ("ruft ... an"), puts them last in clauses that depend on others, and turns them round after
whatever comes first; articles and adjectives have endings for gender and case, and nouns are glued together (Haustür,
front door). A network that translates word by word fails; one with attention can be watched as it jumps.
"""

from __future__ import annotations

from collections.abc import Callable

from lstm_studio.data import samples_german_words as words
from lstm_studio.data.samples_clauses import (
    HABEN,
    PRONOUNS,
    RELATIVES,
    SEIN,
    Clause,
    Order,
    Pair,
    Phrase,
    by_gender,
    phrase,
)
from lstm_studio.data.samples_german_parts import (
    ACTING,
    PEOPLE,
    clause_of,
    described,
    replaced,
    subject_of,
    tense_of,
    thing,
    time_of,
)
from lstm_studio.data.samples_german_words import Verb
from lstm_studio.data.samples_pairs import distinct
from lstm_studio.data.samples_tagged import Chance

_LAY = Verb("", "legen", "legt", "gelegt", False, "put", "put", "put", "npf", "dip")
_LIE = Verb("", "liegen", "liegt", "gelegen", False, "lie", "lay", "lain", "n", "")
_IT = Phrase("es", "es", "ihm", "it")
# Where to, where, and both in English; what is put there.
_SPOTS = (
    ("auf den Tisch", "auf dem Tisch", "on the table", "on the table", "Buch Brief Schlüssel Zeitung Brot Handschuhe"),
    ("in den Kühlschrank", "im Kühlschrank", "into the refrigerator", "in the refrigerator", "Käse Flasche Äpfel"),
    ("in den Koffer", "im Koffer", "into the suitcase", "in the suitcase", "Schuhe Jacke Wörterbuch Regenschirm"),
    ("unter das Bett", "unter dem Bett", "under the bed", "under the bed", "Koffer Schuhe Paket"),
    ("neben die Lampe", "neben der Lampe", "beside the lamp", "beside the lamp", "Uhr Buch Postkarte Brief"),
    ("hinter die Haustür", "hinter der Haustür", "behind the front door", "behind the front door", "Koffer Paket"),
)
_THAT = (
    "Ich weiß, dass=I know that|Ich glaube, dass=I believe that|Wir hoffen, dass=We hope that|Es ist schön, dass=It is "
    "nice that|Anna sagt, dass=Anna says that|Paul glaubt, dass=Paul believes that|Wir wissen nicht, ob=We do not know "
    "whether|Ich frage mich, ob=I wonder whether|Maria fragt, ob=Maria asks whether|Es ist schade, dass=It is a pity "
    "that"
)
_REASONS = {
    # Why somebody did something, did not, and must.
    "did": "es geregnet hat=it rained|das Wetter schön war=the weather was nice|es Sonntag war=it was Sunday|"
    "+ Zeit hatte=+ had time",
    "not": "es geregnet hat=it rained|es zu spät war=it was too late|"
    "der Zug zu spät gekommen ist=the train came too late|"
    "+ müde war=+ was tired|+ krank war=+ was sick|+ keine Zeit hatte=+ had no time",
    "will": "das Wetter schön ist=the weather is nice|bald Gäste kommen=guests are coming soon|+ Zeit hat=+ has time",
}
_WHENEVER = (
    "es regnet=it rains|das Wetter schön ist=the weather is nice|Gäste kommen=guests come|+ müde ist=+ is tired|"
    "+ Zeit hat=+ has time|+ nach Hause kommt=+ comes home|+ keine Zeit hat=+ has no time"
)
_WHEN = (
    "Als + nach Hause gekommen ist=When + came home|Bevor + ins Bett gegangen ist=Before + went to bed|"
    "Als die Gäste angekommen sind=When the guests arrived|Bevor + abgereist ist=Before + left|"
    "Als + aufgestanden ist=When + got up|Während es geregnet hat=While it was raining"
)
# As others than he and she say it.
_AGREE = {
    "1s": "ist=bin hat=habe kommt=komme is=am has=have comes=come",
    "1p": "war=waren hatte=hatten ist=sind hat=haben kommt=kommen was=were is=are has=have comes=come",
    "3s": "",
}
_AGREE["3p"] = _AGREE["1p"]
_TO = (
    "hat vergessen=forgot|hat versucht=tried|hat angefangen=began|hat beschlossen=decided|hat versprochen=promised|"
    "hat keine Zeit=has no time|hat oft versucht=often tried"
)
_NICE = "schwer=hard|leicht=easy|wichtig=important|nicht schwer=not hard"


def sentences(rows: int, seed: int) -> list[tuple[str, str]]:
    """So many German sentences with the English ones; the same seed makes the same ones."""
    return distinct(_one, rows, Chance(seed))


def _one(chance: Chance) -> tuple[str, str]:
    german, english = chance.choice(_KINDS)(chance)
    mark = "" if german.endswith("?") else "."
    return german[0].upper() + german[1:] + mark, english[0].upper() + english[1:] + mark


def _plain(chance: Chance) -> Pair:
    clause = clause_of(chance, subject_of(chance))
    return Pair(clause.german(), clause.english())


def _fronted(chance: Chance) -> Pair:
    """Yesterday has the man ..."""
    clause = clause_of(chance, subject_of(chance), timed=1.0)
    if clause.when.english in {"never*", "always*"}:  # which do not begin English sentences
        return Pair(clause.german(), clause.english())
    return Pair(clause.german("fronted"), clause.english("fronted"))


def _negated(chance: Chance) -> Pair:
    clause = clause_of(chance, subject_of(chance), "ppf", negated=True, timed=0.5)
    return Pair(clause.german(), clause.english())


def _question(chance: Chance) -> Pair:
    clause = clause_of(chance, subject_of(chance), timed=0.5)
    return Pair(clause.german("question") + "?", clause.english("question") + "?")


def _asked(chance: Chance) -> Pair:
    """When, why, and who."""
    draw = chance.random()
    if draw < 0.35:
        clause = clause_of(chance, subject_of(chance), "ppf", timed=0.0)
        asked = Pair("wann", "when")
    elif draw < 0.7:
        clause = clause_of(chance, subject_of(chance), "ppf", negated=chance.random() < 0.5, timed=0.4)
        asked = Pair("warum", "why")
    else:
        clause = clause_of(chance, Phrase("wer", "wen", "wem", "who"), "ppf")
        return Pair(clause.german() + "?", clause.english() + "?")
    return Pair(f"{asked.german} {clause.german('question')}?", f"{asked.english} {clause.english('question')}?")


def _that(chance: Chance) -> Pair:
    german, english = chance.choice(_THAT.split("|")).split("=")
    while (subject := subject_of(chance)).nominative == german.split()[0]:
        pass
    clause = clause_of(chance, subject, "hppf", negated=False)
    return Pair(f"{german} {clause.german('last')}", f"{english} {clause.english()}")


def _reason(chance: Chance) -> Pair:
    """Because it rained, stayed the man at home; or the other way round."""
    kind = chance.choice(list(_REASONS))
    subject = subject_of(chance)
    clause = clause_of(chance, subject, "f" if kind == "will" else "p", negated=kind == "not", timed=0.0, frames=ACTING)
    fronted = chance.random() < 0.4
    why = _stated(chance, _REASONS[kind], subject, named=fronted)
    if fronted:
        clause = clause.by(PRONOUNS[subject.gender]) if why.english.startswith(subject.english) else clause
        return Pair(
            f"weil {why.german}, {clause.german('question')}",
            f"because {why.english}, {clause.english()}",
        )
    return Pair(f"{clause.german()}, weil {why.german}", f"{clause.english()} because {why.english}")


def _whenever(chance: Chance) -> Pair:
    """When it rains, reads the woman a book."""
    subject = subject_of(chance)
    when = _stated(chance, _WHENEVER, subject, named=True)
    clause = clause_of(chance, subject, "h", timed=0.0)
    clause = clause.by(PRONOUNS[subject.gender]) if when.english.startswith(subject.english) else clause
    return Pair(f"wenn {when.german}, {clause.german('question')}", f"when {when.english}, {clause.english()}")


def _when(chance: Chance) -> Pair:
    """When, before and after something was done, something else was."""
    subject = replaced(chance)
    if chance.random() < 0.45:
        first = clause_of(chance, subject, "p", timed=0.0, frames=ACTING[:15])
        first = Clause(subject, first.verb, "before", first.receiver, first.things)
        when = Pair(f"nachdem {first.german('last')}", f"after {first.english()}")
        named = True
    else:
        chosen = chance.choice(_WHEN.split("|"))
        when, named = _agreeing(chosen, subject), "+" in chosen
    clause = clause_of(chance, PRONOUNS[subject.gender] if named else subject, "p", timed=0.0, frames=ACTING)
    return Pair(f"{when.german}, {clause.german('question')}", f"{when.english}, {clause.english()}")


def _stated(chance: Chance, choices: str, subject: Phrase, *, named: bool) -> Pair:
    """One of several states, with the subject or a pronoun for the plus."""
    fitting = [choice for choice in choices.split("|") if subject.gender or "+" not in choice]
    chosen = chance.choice(fitting)
    return _agreeing(chosen, subject if named or "+" not in chosen else PRONOUNS[subject.gender])


def _agreeing(state: str, subject: Phrase) -> Pair:
    """A state with somebody in it, and its verb as it fits them."""
    forms = dict(entry.split("=") for entry in _AGREE[subject.person].split())
    german, english = (
        " ".join(forms.get(word, word) if "+" in side else word for word in side.split()) for side in state.split("=")
    )
    return Pair(german.replace("+", subject.nominative), english.replace("+", subject.english))


def _relative(chance: Chance) -> Pair:
    if chance.random() < 0.5:  # the coat that my sister bought was expensive
        subject = subject_of(chance)
        clause = clause_of(chance, subject, "p", frames=(words.DOING,))
        noun = words.NOUNS[chance.choice(clause.verb.objects)]
        what = phrase(noun, "der")
        clause = Clause(subject, clause.verb, "past", when=clause.when, where=clause.where)
        was = chance.choice([one for one in words.ADJECTIVES[noun.kind] if one.german not in {"rot", "blau"}])
        several = noun.gender == "p"
        return Pair(
            f"{what.nominative}, {by_gender(RELATIVES['accusative'], noun.gender)} {clause.german('last')}, "
            f"{'waren' if several else 'war'} sehr {was.german}",
            f"{what.english} that {clause.english()} {'were' if several else 'was'} very {was.english}",
        )
    noun = chance.choice(PEOPLE)
    who = described(chance, noun, "der", 0.25)
    pronoun = Phrase(by_gender(RELATIVES["nominative"], noun.gender), "", "", "who", who.person, who.gender)
    clause = clause_of(chance, pronoun, "npf")
    german, english = clause.german("last"), clause.english()
    draw = chance.random()
    if draw < 0.4:
        return Pair(f"ich kenne {who.accusative}, {german}", f"I know {who.english} {english}")
    if draw < 0.7:
        is_, are = ("sind", "those are") if noun.gender == "p" else ("ist", "that is")
        return Pair(f"das {is_} {who.nominative}, {german}", f"{are} {who.english} {english}")
    has = Pair(HABEN[who.person], "has" if who.person == "3s" else "have")
    return Pair(
        f"{who.nominative}, {german}, {has.german} heute keine Zeit",
        f"{who.english} {english} {has.english} no time today",
    )


def _infinitive(chance: Chance) -> Pair:
    """Forgot the window to close."""
    if chance.random() < 0.25:
        german, english = chance.choice(_NICE.split("|")).split("=")
        start, subject = Pair(f"es ist {german}", f"it is {english}"), _IT
    else:
        subject = subject_of(chance)
        start = _agreeing("=".join(f"+ {side}" for side in chance.choice(_TO.split("|")).split("=")), subject)
    while (clause := clause_of(chance, subject, "f", timed=0.0, placed=0.2, frames=ACTING)).verb.stem == "finden":
        pass
    what = clause.infinitive()
    return Pair(f"{start.german}, {what.german}", f"{start.english} {what.english}")


def _compared(chance: Chance) -> Pair:
    kind = chance.choice(list(words.COMPARED))
    nouns = [noun for noun in words.NOUNS.values() if noun.kind == kind]
    if kind == "kin":  # one pair of them is of the same age
        at = 2 * chance.number(0, 2)
        nouns = nouns[at : at + 2]
    one, other = chance.mixed(nouns)[:2]
    determiner = chance.choice(("mein", "unser") if kind == "kin" else ("der", "dieser"))
    first = phrase(one, determiner)
    second = phrase(other, chance.choice(("mein", "unser") if kind == "kin" else ("der",)))
    german, english = chance.choice(words.COMPARED[kind])
    several = one.gender == "p"
    return Pair(
        f"{first.nominative} {SEIN[first.person]} {german} als {second.nominative}",
        f"{first.english} {'are' if several else 'is'} {english} than {second.english}",
    )


def _put(chance: Chance) -> Pair:
    """Onto the table, and lying on it: two cases of one word."""
    goal, place, into, at, things = chance.choice(_SPOTS)
    noun = words.NOUNS[chance.choice(things.split())]
    if chance.random() < 0.35:
        clause = Clause(described(chance, noun, "der"), _LIE, "now", where=Pair(place, at))
        return Pair(clause.german(), clause.english())
    subject = subject_of(chance)
    tense = tense_of(chance, chance.choice("npf"))
    what, _ = thing(chance, _LAY._replace(objects=(noun.german,)), subject, False)
    when = time_of(chance, tense)
    clause = Clause(subject, _LAY, tense, things=what.as_object("accusative"), when=when, goal=Pair(goal, into))
    order: Order = "main" if chance.random() < 0.5 else "fronted"
    return Pair(clause.german(order), clause.english(order))


def _there(chance: Chance) -> Pair:
    """There is one, and there is none."""
    place, english, things = chance.choice(
        (
            ("im Garten", "in the garden", "Apfelbaum Brunnen"),
            ("in der Küche", "in the kitchen", "Lampe Fenster Uhr Waschmaschine"),
            ("im Keller", "in the cellar", "Fahrrad Lampe Fenster Waschmaschine"),
            ("auf dem Markt", "at the market", "Brot Äpfel Käse Kartoffeln Kaffee"),
        )
    )
    noun = words.NOUNS[chance.choice(things.split())]
    none = chance.random() < 0.3
    bare = "" if noun.mass or noun.gender == "p" else "ein"
    adjective = chance.choice(words.ADJECTIVES[noun.kind]) if chance.random() < 0.5 else None
    german = phrase(noun, "kein" if none else bare, adjective).accusative
    is_ = "are" if noun.gender == "p" else "is"
    what = f"no {phrase(noun, '', adjective).english}" if none else phrase(noun, bare, adjective).english
    return Pair(f"{place} gibt es {german}", f"{english} there {is_} {what}")


# As often as they stand here.
_KINDS: tuple[Callable[[Chance], Pair], ...] = (
    *(_plain,) * 14,
    *(_fronted,) * 14,
    *(_negated,) * 9,
    *(_question,) * 8,
    *(_asked,) * 7,
    *(_that,) * 11,
    *(_reason,) * 9,
    *(_whenever,) * 4,
    *(_when,) * 6,
    *(_relative,) * 7,
    *(_infinitive,) * 6,
    *(_compared,) * 2,
    *(_put,) * 4,
    *(_there,) * 2,
)
