"""Figures of tagging: whole entities, counted as the CoNLL script conlleval counts them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lstm_studio.data.tags import Scheme, spans
from lstm_studio.tasks.metrics import per_class


class TypeFigures(NamedTuple):
    """One type: the first three in 0..1, and how many entities of it the truth holds."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class EntityFigures:
    """What a tagger got right. Shares are in 0..1, and 0 where they are undefined.

    Attributes:
        precision: Share of the predicted entities that are true, in both ends and in type.
        recall: Share of the true entities that were predicted.
        f1: Harmonic mean of the two, over all entities together (micro).
        per_type: The same for each type that occurs in truth or prediction, by name.
        accuracy: Share of the tokens with the right tag, O among them.
        types: The names of the rows and columns of ``confusion``, sorted.
        confusion: Counts int64 [K + 1, K + 1]: row is the true type, column the predicted one, of entities with the
            same two ends. The last column counts true entities that were missed, the last row predicted ones that were
            invented; an entity with a wrong end counts in both.
    """

    precision: float
    recall: float
    f1: float
    per_type: dict[str, TypeFigures]
    accuracy: float
    types: list[str]
    confusion: np.ndarray


def entity_figures(truth: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]], scheme: Scheme) -> EntityFigures:
    """Compare tags with tags, sentence by sentence.

    With the scheme "none" every token whose tag is not O is an entity of its own, so that F1 is the micro mean over
    tokens; where O does not occur, as in parts of speech, it equals the accuracy.

    Raises:
        ValueError: numbers of sentences, or of tokens in a sentence, differ.
    """
    cells: Counter[tuple[str | None, str | None]] = Counter()
    tokens = right = 0
    for true_tags, guessed_tags in zip(truth, predicted, strict=True):
        right += sum(one == other for one, other in zip(true_tags, guessed_tags, strict=True))
        tokens += len(true_tags)
        there = {(span.start, span.end): span.type for span in spans(true_tags, scheme)}
        guessed = {(span.start, span.end): span.type for span in spans(guessed_tags, scheme)}
        cells.update((there.get(ends), guessed.get(ends)) for ends in there.keys() | guessed.keys())
    types = sorted({kind for cell in cells for kind in cell if kind is not None})
    place: dict[str | None, int] = {kind: index for index, kind in enumerate(types)}
    place[None] = len(types)
    confusion = np.zeros((len(types) + 1, len(types) + 1), np.int64)
    for (true_type, guessed_type), times in cells.items():
        confusion[place[true_type], place[guessed_type]] = times
    hits = int(np.trace(confusion))
    precision, recall = _share(hits, int(confusion[:, :-1].sum())), _share(hits, int(confusion[:-1].sum()))
    columns = [figures.tolist() for figures in (*per_class(confusion), confusion.sum(1))]
    return EntityFigures(
        precision=precision,
        recall=recall,
        f1=_share(2 * precision * recall, precision + recall),
        # The last row, the invented ones, has no figures of its own.
        per_type={kind: TypeFigures(*figures) for kind, *figures in zip(types, *columns, strict=False)},
        accuracy=_share(right, tokens),
        types=types,
        confusion=confusion,
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def span_counts(
    truth: Sequence[str], predicted: np.ndarray, names: Sequence[str], scheme: Scheme, given: int = -1
) -> np.ndarray:
    """Of one sentence that was read in K ways: spans that are right, that were predicted, and that are true.

    Args:
        truth: Its T tags.
        predicted: int [K, T], places in ``names``.
        names: The tags.
        given: A word that counts as nothing: the predicate.

    Returns:
        int64 [K, 3]; of several sentences they are added up, and F1 is 2 right / (predicted + true).
    """

    def found(tags: list[str]) -> set[tuple[int, int, str]]:
        if given >= 0:
            tags[given] = "O"
        return {(span.start, span.end, span.type) for span in spans(tags, scheme)}

    there = found(list(truth))
    # Most of the K read the sentence alike.
    different, which = np.unique(predicted, axis=0, return_inverse=True)
    counts = []
    for row in different:
        guessed = found([names[number] for number in row])
        counts.append((len(there & guessed), len(guessed), len(there)))
    return np.array(counts, np.int64)[which.reshape(-1)]
