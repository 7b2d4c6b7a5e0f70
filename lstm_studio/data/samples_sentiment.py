"""Short reviews whose verdict hangs on negation and contrast, not on which words occur.

A review has one main clause; its polarity is the label. The clause says it plainly ("the food was delicious"), by a
negation that may stand far from the word it turns round ("I cannot say that the food, for which we waited almost an
hour, was bland"), by a double negation, or with words that look like negation and are none ("nothing short of
delicious"). Most reviews put a clause of the other polarity beside it, which loses: "although ..., ...", "..., but
...", "... despite the ...". Sentences about other matters carry polar words that have no part in the verdict.

Measured on the default 9,000 reviews, a part set aside: logistic regression on the words 0.64, on words and pairs of
neighbouring words 0.65 (tests/data/test_samples.py), the studio's default network after ten epochs 0.92. 3 % of the
labels are wrong on purpose, so no network can be always right.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

from lstm_studio.data import samples_words as words

NOISE = 0.03
"""Share of the labels that are the wrong way round, so that no network can be always right."""

T = TypeVar("T")

_PLAIN = (
    "{np} {was} {degree}{adj}",
    "{np} {was} {degree}{adj}",
    "I found {np} {degree}{adj}",
    "{np} struck {person} as {degree}{adj}",
    "{np} turned out to be {degree}{adj}",
    "{np}, {aside}, {was} {degree}{adj}",
    "{np}, {aside}, struck {person} as {adj}",
    "what stayed with {person} is how {adj} {np} {was}",
    "{np} {was} {adj} and {adj2}",
)
_SEEMING_NEGATIONS = (
    "{np} {was} nothing short of {adj}",
    "{np} {was} never less than {adj}",
    "{np} could not have been more {adj}",
    "{np} could hardly have been more {adj}",
    "{np} {was} not only {adj} but also {adj2}",
    "there is no denying that {np}, {aside}, {was} {adj}",
    "nobody {group} failed to notice how {adj} {np} {was}",
    "it is no exaggeration to call {np} {adj}",
)
_NEGATIONS = (
    "{np} {was} not {not_degree}{adj}",
    "{np} {wasnt} {not_degree}{adj}",
    "{np} {was} hardly {adj}",
    "{np} {was} never {adj}",
    "{np} {was} far from {adj}",
    "{np} {was} anything but {adj}",
    "{np} {was} neither {adj} nor {adj2}",
    "{np} {was} by no means {adj}",
    "I would not call {np} {adj}",
    "I cannot say that {np}, {aside}, {was} {adj}",
    "nobody {group} found {np} {adj}",
    "nobody {group} thought that {np}, {aside}, {was} {adj}",
    "at no point did {np}, {aside}, seem {adj}",
    "not once, {aside}, did {np} seem {adj}",
    "{np}, {aside}, {was} not what I would call {adj}",
    "it would be wrong to call {np} {adj}",
    "I never had the feeling, {aside}, that {np} {was} {adj}",
    "few people {group} would say that {np} {was} {adj}",
)
_DOUBLE_NEGATIONS = (
    "it is not true that {np} {was} not {adj}",
    "I never thought that {np} {was} anything but {adj}",
    "nobody {group} would say that {np} {was} not {adj}",
    "I cannot claim that {np}, {aside}, {was} not {adj}",
)
_VERBS = (
    "I {verbed} {thing}",
    "I {verbed} every bit of {thing}",
    "{group_all} {verbed} {thing}",
    "in the end I {verbed} {thing}, {aside}",
)
_NEGATED_VERBS = (
    "I did not {verb} {thing}",
    "I could never {verb} {thing}",
    "nobody {group} {verbed} {thing}",
    "I do not know anybody who would {verb} {thing}",
    "I cannot imagine, {aside}, that anyone will {verb} {thing}",
)
# {main} wins; {other_clause} has the other polarity.
_CONTRASTS = (
    "although {other_clause}, {main}",
    "even though {other_clause}, {main}",
    "while {other_clause}, {main}",
    "{main}, although {other_clause}",
    "{main}, even though {other_clause}",
    "{other_clause}, but {main}",
    "{other_clause}, but {main}",
    "{other_clause}, and yet {main}",
    "{other_clause}; however, {main}",
    "granted, {other_clause}, but {main}",
    "{other_clause}. Still, {main}",
    "{main}, and never mind that {other_clause}",
    "despite the {other_adj} {other_noun}, {main}",
    "{main}, despite the {other_adj} {other_noun}",
    "{main}, for all the {other_adj} {other_noun}",
    "in spite of the {other_adj} {other_noun}, {main}",
)


class _Writer:
    """Writes one review after the other from one stream of random numbers."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def pick(self, choices: Sequence[T]) -> T:
        # random() alone is promised to stay the same in every version of Python.
        return choices[int(self.random.random() * len(choices))]

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def review(self, positive: bool) -> str:
        """One review with that verdict."""
        domain = self.pick(words.DOMAINS)
        thing = self.pick(domain.things)
        sentences = []
        if self.chance(0.3):
            sentences.append(self.pick(domain.openings).replace("{thing}", thing))
        if self.chance(0.2):
            sentences.append(self.distraction(words.OPINIONS_OF_OTHERS))
        sentences.append(self.verdict(domain, thing, positive))
        if self.chance(0.2):
            sentences.append(self.distraction(words.OTHER_MATTERS))
        if self.chance(0.15):
            sentences.append(self.pick(words.CLOSINGS))
        return " ".join(_sentence(text) for text in sentences)

    def distraction(self, templates: Sequence[str]) -> str:
        other = self.pick(words.PRAISE if self.chance(0.5) else words.BLAME)
        return _article(self.pick(templates).replace("{other}", other))

    def verdict(self, domain: words.Domain, thing: str, positive: bool) -> str:
        aspects = list(domain.aspects)
        aspect = aspects.pop(int(self.random.random() * len(aspects)))
        main = self.clause(domain, aspect, thing, positive)
        if not self.chance(0.45):
            if self.chance(0.2):
                return f"{main}, and {self.clause(domain, self.pick(aspects), thing, positive)}"
            return main
        template = self.pick(_CONTRASTS)
        loser = self.pick(aspects)
        values = {"main": main}
        if "{other_clause}" in template:
            values["other_clause"] = self.clause(domain, loser, thing, not positive)
        else:
            values.update(other_adj=self.adjective(loser, not positive), other_noun=loser.noun)
        return template.format(**values)

    def clause(self, domain: words.Domain, aspect: words.Aspect, thing: str, positive: bool) -> str:
        """A clause of that polarity, without a capital or a full stop."""
        turned = self.chance(0.2)
        word_positive = positive != turned
        if self.chance(0.15):
            template = self.pick(_NEGATED_VERBS if turned else _VERBS)
        elif turned:
            template = self.pick(_NEGATIONS)
        else:
            kind = self.random.random()
            template = self.pick(_PLAIN if kind < 0.78 else _SEEMING_NEGATIONS if kind < 0.94 else _DOUBLE_NEGATIONS)
        adjective = self.adjective(aspect, word_positive)
        group = self.pick(domain.groups)
        values = {
            "np": f"the {aspect.noun}",
            "was": "were" if aspect.plural else "was",
            "wasnt": "weren't" if aspect.plural else "wasn't",
            "adj": adjective,
            "adj2": self.adjective(aspect, word_positive, unlike=adjective),
            "degree": self.degree(),
            "not_degree": self.pick(words.NEGATED_DEGREES),
            "person": self.pick(words.PEOPLE),
            "aside": self.pick(domain.asides if self.chance(0.5) else words.ASIDES),
            "group": group,
            "group_all": f"everybody {group}",
            "thing": self.pick((f"the {thing}", f"this {thing}")),
            "verb": self.pick(words.LOVE if word_positive else words.HATE),
            "verbed": self.pick(words.LOVED if word_positive else words.HATED),
        }
        return template.format(**values)

    def adjective(self, aspect: words.Aspect, positive: bool, unlike: str = "") -> str:
        own, common = (aspect.praise, words.PRAISE) if positive else (aspect.blame, words.BLAME)
        while (found := self.pick(own if self.chance(0.5) else common)) == unlike:
            pass
        return found

    def degree(self) -> str:
        kind = self.random.random()
        if kind < 0.35:
            return self.pick(words.STRONGER) + " "
        return self.pick(words.WEAKER) + " " if kind < 0.5 else ""


def reviews(rows: int, seed: int) -> list[tuple[str, str]]:
    """Texts and labels, all texts different, as many positive as negative ones, in random order."""
    writer = _Writer(seed)
    found: list[tuple[str, bool]] = []
    seen: set[str] = set()
    while len(found) < rows:
        positive = len(found) % 2 == 0
        text = writer.review(positive)
        if text not in seen:
            seen.add(text)
            found.append((text, positive))
    # The same number of wrong labels on both sides keeps the classes equal.
    wrong = round(rows * NOISE / 2) * 2
    chosen = [index for side in (0, 1) for index in _some(writer, range(side, rows, 2), wrong // 2)]
    for index in chosen:
        found[index] = (found[index][0], not found[index][1])
    order = sorted(range(rows), key=[writer.random.random() for _ in range(rows)].__getitem__)
    return [(found[index][0], "positive" if found[index][1] else "negative") for index in order]


def _some(writer: _Writer, indices: range, count: int) -> list[int]:
    return sorted(indices, key={index: writer.random.random() for index in indices}.__getitem__)[:count]


def _sentence(text: str) -> str:
    text = text[0].upper() + text[1:]
    return text if text.endswith(".") else text + "."


def _article(text: str) -> str:
    for vowel in "aeiou":
        text = text.replace(f" a {vowel}", f" an {vowel}")
    return text
