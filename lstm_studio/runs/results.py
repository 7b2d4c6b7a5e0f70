"""What a run's best weights got right and wrong, as ``results.json`` of its folder tells it. Needs no torch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lstm_studio.data.figures import FIGURES, shown
from lstm_studio.runs.folder import RESULTS, VOCABULARY
from lstm_studio.runs.results_base import Results, figures_of, number_of, text_of
from lstm_studio.runs.results_texts import TextsResults, is_texts, texts_part
from lstm_studio.runs.results_written import WrittenResults, is_written, written_part

__all__ = [
    "ClassFigures",
    "Mistake",
    "PartResults",
    "Results",
    "TextsResults",
    "WrittenResults",
    "evaluated",
    "part_of",
    "read_facts",
    "read_results",
]

PARTS = ("validation", "test")
NOTHING = ""
"""Stands among the classes of tagging for no span at all."""
Marks = tuple[tuple[int, int, str], ...]
Cell = tuple[int, int]


@dataclass(frozen=True)
class ClassFigures:
    """One class: the first three in 0..1, and how many of it the data hold."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Mistake:
    """A sentence or text that was read wrongly.

    Attributes:
        index: Its place in the part.
        words: Of a sentence its words, of a text what stands between white space.
        cells: Which cells of the confusion it counts in: (true class, read class).
        truth, predicted: Spans (first word, word after the last, type); none for texts.
        predicate: The word whose roles were asked for.
        label, read: True and read class of a text.
        probability: How sure the network was of it; None for sentences.
    """

    index: int
    words: tuple[str, ...]
    cells: frozenset[Cell]
    truth: Marks = ()
    predicted: Marks = ()
    predicate: int | None = None
    label: str = ""
    read: str = ""
    probability: float | None = None


@dataclass(frozen=True, eq=False)
class PartResults(Results):
    """Figures over one part of the data, of networks that choose among classes.

    Attributes:
        classes: K names. In tagging the last is "": nothing, for missed and invented spans.
        confusion: Counts int64 [K, K]; rows are true, columns predicted.
        per_class: Figures of each class.
        worst: The worst first; None if the run did not keep them.
        labels: In tagging all types of the run in its order, which gives them their colours.
        spaced: Whether there are spaces between words.
    """

    classes: tuple[str, ...]
    confusion: np.ndarray
    per_class: dict[str, ClassFigures]
    worst: tuple[Mistake, ...] | None = None
    labels: tuple[str, ...] = ()
    spaced: bool = True

    @property
    def nothing(self) -> int | None:
        """The place among the classes that stands for no span; None where texts have classes."""
        return len(self.classes) - 1 if self.classes and self.classes[-1] == NOTHING else None

    @property
    def usual(self) -> tuple[str, ...]:
        """F1 of spans, accuracy of texts."""
        return ("f1", "accuracy") if self.nothing is not None else ("accuracy", "f1")

    def lines(self) -> list[str]:
        """A row each class."""
        rows: list[tuple[str, ...]] = [("class", "precision", "recall", "f1", "support")]
        for name, own in self.per_class.items():
            shares = (shown("f1", share) for share in (own.precision, own.recall, own.f1))
            rows.append((name, *shares, f"{own.support:,}"))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        padded = (
            (row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])) for row in (rows if len(rows) > 1 else ())
        )
        return ["  ".join(cells) for cells in padded]


def read_results(folder: str | Path) -> dict[str, Results]:
    """The parts that a run was checked with: "validation" and perhaps "test". Nothing for a run that has no such file
    yet; a part that is damaged is left out."""
    folder = Path(folder)
    found = _json(folder / RESULTS)
    if not found:
        return {}
    facts = read_facts(folder)
    parts = {}
    for name in PARTS:
        if name in found:
            part = part_of(found[name], facts)
            if part is not None:
                parts[name] = part
    return parts


def read_facts(folder: str | Path) -> dict[str, Any]:
    """Content of a run's ``vocabulary.json``; nothing if it cannot be read."""
    return _json(Path(folder) / VOCABULARY)


def part_of(content: Any, facts: Mapping[str, Any] | None = None) -> Results | None:
    """What one part of ``results.json`` or an evaluation says; None if it is damaged.

    Args:
        content: {"metrics": {...}, "classes": [...], "confusion": [[...]], ...}; see ``tasks.base.Evaluation``. What
            it holds tells the kind: classes, texts that were written, or running text that was predicted.
        facts: See ``read_facts``; gives the labels their order.
    """
    try:
        if is_texts(content):
            return texts_part(content)
        return written_part(content) if is_written(content) else _part(content, facts or {})
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError, IndexError):
        return None


def evaluated(found: Mapping[str, Any], facts: Mapping[str, Any] | None = None) -> Results | None:
    """What ``Predictor.evaluate`` found, where figures and what is told beside them stand side by side."""
    metrics = {name: figure for name, figure in found.items() if name in FIGURES and isinstance(figure, float)}
    return part_of({**found, "metrics": metrics}, facts)


def _part(content: Any, facts: Mapping[str, Any]) -> PartResults:
    classes = tuple(text_of(name) for name in content["classes"])
    confusion = np.array(content["confusion"] or np.zeros((0, 0)), np.int64).reshape(len(classes), len(classes))
    if len(set(classes)) < len(classes) or (confusion < 0).any():
        raise ValueError("the confusion is damaged")
    place = {name: number for number, name in enumerate(classes)}
    worst = content.get("worst")
    return PartResults(
        metrics=figures_of(content["metrics"]),
        classes=classes,
        confusion=confusion,
        per_class={text_of(name): _figures(own) for name, own in content["per_class"].items()},
        examples=int(content["examples"]),
        worst=None if worst is None else tuple(_mistake(entry, place) for entry in worst),
        labels=_labels(facts, classes),
        spaced=bool(facts.get("spaced", True)),
    )


def _figures(own: Mapping[str, Any]) -> ClassFigures:
    shares = [number_of(own[name]) for name in ("precision", "recall", "f1")]
    return ClassFigures(shares[0], shares[1], shares[2], int(own["support"]))


def _mistake(entry: Mapping[str, Any], place: Mapping[str, int]) -> Mistake:
    index, words = int(entry["index"]), tuple(text_of(word) for word in entry["words"])
    if "probability" in entry:
        label, read = text_of(entry["truth"]), text_of(entry["predicted"])
        cells = frozenset([(place[label], place[read])])
        return Mistake(index, words, cells, label=label, read=read, probability=float(entry["probability"]))
    truth, predicted = _marks(entry["truth"], len(words)), _marks(entry["predicted"], len(words))
    predicate = int(entry.get("predicate", -1))
    if predicate >= len(words):
        raise ValueError("there is no such predicate")
    # As tasks.entities counts them: by their two ends.
    there = {(start, end): kind for start, end, kind in truth}
    guessed = {(start, end): kind for start, end, kind in predicted}
    pairs = {(there.get(ends, NOTHING), guessed.get(ends, NOTHING)) for ends in there.keys() | guessed.keys()}
    cells = frozenset((place[true], place[other]) for true, other in pairs)
    return Mistake(index, words, cells, truth, predicted, predicate if predicate >= 0 else None)


def _marks(spans: Any, words: int) -> Marks:
    found = tuple((int(start), int(end), text_of(kind)) for start, end, kind in spans)
    if any(not 0 <= start < end <= words for start, end, _ in found):
        raise ValueError("a span is outside its sentence")
    return found


def _labels(facts: Mapping[str, Any], classes: tuple[str, ...]) -> tuple[str, ...]:
    if not isinstance(facts.get("tags"), list):
        return tuple(name for name in classes if name != NOTHING)
    from lstm_studio.data.prepare_tags import types_of

    return types_of((text_of(tag) for tag in facts["tags"]), facts["learned_scheme"])


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
