"""Remedies that drop rows or give them another label, each a function of all rows of a training file."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lstm_studio.data.languages import alphabet_of
from lstm_studio.data.mending import damaged
from lstm_studio.data.near_duplicates import near_duplicates
from lstm_studio.data.pairs import same_source
from lstm_studio.data.progress import Progress

OTHER = "other"
"""The class that rare ones are merged into."""


@dataclass
class Items:
    """N rows as remedies see them.

    Attributes:
        texts: What is read.
        keys: Equal for rows with the same question.
        answers: What is learned for each.
        places: Where each stands among the rows there were.
        others: Texts of the validation and the test file.
        progress: May raise ``Cancelled``.
    """

    texts: list[str]
    keys: list[Hashable]
    answers: list[Hashable]
    places: np.ndarray
    others: list[str]
    progress: Progress

    def kept(self, mask: np.ndarray) -> int:
        """Keep the rows where a mask [N] is true; how many are dropped."""
        chosen = np.flatnonzero(mask).tolist()
        dropped = len(self.texts) - len(chosen)
        if dropped:
            self.texts = [self.texts[place] for place in chosen]
            self.keys = [self.keys[place] for place in chosen]
            self.answers = [self.answers[place] for place in chosen]
            self.places = self.places[chosen]
        return dropped

    def dropped(self, wrong: Callable[[str], bool]) -> int:
        """Drop rows by their text; how many."""
        return self.kept(np.array([not wrong(text) for text in self.texts], bool))


def _short(items: Items, least: int) -> int:
    return items.dropped(lambda text: len(text.strip()) < least)


def _long(items: Items, most: int) -> int:
    return items.dropped(lambda text: len(text.strip()) > most)


def _script(items: Items, name: str) -> int:
    return items.dropped(lambda text: alphabet_of(text) not in {"", name.upper()})


def _label_case(items: Items, _: None) -> int:
    counts = Counter(items.answers)
    chosen: dict[str, Hashable] = {}
    for label, _count in counts.most_common():
        chosen.setdefault(str(label).casefold(), label)
    return _relabelled(items, [chosen[str(label).casefold()] for label in items.answers])


def _relabelled(items: Items, answers: list[Hashable]) -> int:
    changed = sum(new != old for new, old in zip(answers, items.answers, strict=True))
    items.answers = answers
    return changed


def _several(items: Items) -> dict[Hashable, Counter[Hashable]]:
    """Questions with more than one answer, and how often each answer is given."""
    counts: defaultdict[Hashable, Counter[Hashable]] = defaultdict(Counter)
    for key, answer in zip(items.keys, items.answers, strict=True):
        counts[key][answer] += 1
    return {key: found for key, found in counts.items() if len(found) > 1}


def _merge_conflicts(items: Items, _: None) -> int:
    several = _several(items)
    winners: dict[Hashable, Hashable] = {}
    for key, found in several.items():
        (first, most), (_second, next_most), *_rest = found.most_common()
        if most > next_most:
            winners[key] = first
    changed = _relabelled(
        items, [winners.get(key, answer) for key, answer in zip(items.keys, items.answers, strict=True)]
    )
    return changed + items.kept(np.array([key not in several or key in winners for key in items.keys], bool))


def _drop_conflicts(items: Items, _: None) -> int:
    several = _several(items)
    return items.kept(np.array([key not in several for key in items.keys], bool))


def _duplicates(items: Items, _: None) -> int:
    seen: set[Hashable] = set()
    fresh = []
    for both in zip(items.keys, items.answers, strict=True):
        fresh.append(both not in seen)
        seen.add(both)
    return items.kept(np.array(fresh, bool))


def _leaked(items: Items, _: None) -> int:
    there = {same_source(text) for text in items.others}
    return items.dropped(lambda text: same_source(text) in there) if there else 0


def _near(items: Items, _: None) -> int:
    """Of each group of near texts the first stays; none that is near one of another file, or the same."""
    unique = list(dict.fromkeys([*items.others, *items.texts]))
    fixed = len(set(items.others))
    gone: set[int] = set()
    for one, other in near_duplicates(unique, items.progress).tolist():
        if other >= fixed and one not in gone:
            gone.add(other)
    out = {unique[place] for place in gone} | set(items.others)
    return items.dropped(lambda text: text in out)


def _rare(items: Items, least: int) -> set[Hashable]:
    return {label for label, count in Counter(items.answers).items() if count < least}


def _merge_rare(items: Items, least: int) -> int:
    rare = _rare(items, least)
    return _relabelled(items, [OTHER if label in rare else label for label in items.answers])


def _drop_rare(items: Items, least: int) -> int:
    rare = _rare(items, least)
    return items.kept(np.array([label not in rare for label in items.answers], bool))


def _damaged(items: Items, _: None) -> int:
    return items.dropped(damaged)


STEPS: dict[str, Callable[[Items, Any], int]] = {
    "drop_damaged": _damaged,
    "drop_short": _short,
    "drop_long": _long,
    "keep_script": _script,
    "merge_label_case": _label_case,
    "merge_conflicts": _merge_conflicts,
    "drop_conflicts": _drop_conflicts,
    "drop_duplicates": _duplicates,
    "drop_leaked": _leaked,
    "drop_near_duplicates": _near,
    "merge_rare_classes": _merge_rare,
    "drop_rare_classes": _drop_rare,
}
