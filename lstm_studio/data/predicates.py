"""Which words of a typed sentence are predicates, learned from those that training marks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_ENDING = 3
_LIKELY = 0.5
_ENOUGH = 5


@dataclass(frozen=True)
class PredicateWords:
    """Words, and endings of unknown words, that are predicates more often than not.

    Attributes:
        words: Lower-cased words that are.
        others: Lower-cased words that training knows and that are not.
        endings: The last three letters of words that mostly are.
    """

    words: frozenset[str]
    others: frozenset[str]
    endings: frozenset[str]

    @classmethod
    def learn(cls, sentences: Sequence[Sequence[str]], predicates: Sequence[int]) -> PredicateWords:
        """Count over the different sentences, each of which stands there once for each of its predicates."""
        marked: defaultdict[tuple[str, ...], set[int]] = defaultdict(set)
        for words, predicate in zip(sentences, predicates, strict=True):
            marked[tuple(words)].update([predicate] if predicate >= 0 else [])
        seen: Counter[str] = Counter()
        meant: Counter[str] = Counter()
        for sentence, places in marked.items():
            lowered = [word.lower() for word in sentence]
            seen.update(lowered)
            meant.update(lowered[place] for place in places)
        endings: Counter[str] = Counter()
        ended: Counter[str] = Counter()
        for word, times in seen.items():
            if len(word) > _ENDING:
                endings[word[-_ENDING:]] += times
                ended[word[-_ENDING:]] += meant[word]
        return cls(
            frozenset(word for word, times in meant.items() if times >= _LIKELY * seen[word]),
            frozenset(word for word, times in seen.items() if meant[word] < _LIKELY * times),
            frozenset(
                end for end, times in ended.items() if endings[end] >= _ENOUGH and times >= _LIKELY * endings[end]
            ),
        )

    def find(self, words: Sequence[str]) -> list[int]:
        """Places of the words that are likely predicates."""
        found = []
        for place, word in enumerate(words):
            lowered = word.lower()
            unknown = lowered not in self.others and len(lowered) > _ENDING
            if lowered in self.words or (unknown and lowered[-_ENDING:] in self.endings):
                found.append(place)
        return found

    def to_facts(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {"words": sorted(self.words), "others": sorted(self.others), "endings": sorted(self.endings)}

    @classmethod
    def from_facts(cls, facts: dict[str, Any]) -> PredicateWords:
        """Read back ``to_facts``. Raises KeyError or TypeError on damage."""
        return cls(*(frozenset(map(str, facts[name])) for name in ("words", "others", "endings")))
