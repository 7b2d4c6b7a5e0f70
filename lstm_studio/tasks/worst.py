"""The sentences of a part that a tagger got wrong most."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from typing import Any

from lstm_studio.data.tags import Scheme, Span, spans

MOST = 200
"""Sentences that are kept."""


class Worst:
    """Keeps those with the most wrong spans; of equals those in which a larger share is wrong, then the earlier."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._heap: list[tuple[int, float, int, dict[str, Any]]] = []

    def see(
        self,
        place: int,
        words: Callable[[], Sequence[str]],
        truth: Sequence[str],
        predicted: Sequence[str],
        scheme: Scheme,
        predicate: int = -1,
    ) -> None:
        """One sentence with its tags; its words are asked for if it is bad enough."""
        if truth == predicted:
            return
        there, guessed = spans(truth, scheme), spans(predicted, scheme)
        wrong = len(set(there) ^ set(guessed))
        if not wrong:
            return
        rank = (wrong, wrong / len(truth), -place)
        full = len(self._heap) >= self._most
        if full and rank < self._heap[0][:3]:
            return
        content = {
            "index": place,
            "words": list(words()),
            "wrong": wrong,
            "predicate": predicate,
            "truth": [_plain(span) for span in there],
            "predicted": [_plain(span) for span in guessed],
        }
        (heapq.heapreplace if full else heapq.heappush)(self._heap, (*rank, content))

    def sentences(self) -> list[dict[str, Any]]:
        """The worst first: place in the part, words, how many spans are wrong, true and predicted ones."""
        return [content for _, _, _, content in sorted(self._heap, key=lambda item: item[:3], reverse=True)]


def _plain(span: Span) -> list[Any]:
    return [span.start, span.end, span.type]
