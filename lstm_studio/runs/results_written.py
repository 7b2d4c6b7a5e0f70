"""Results of networks that write texts: the figures, how they were computed, and what was written worst."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lstm_studio.data.figures import shown
from lstm_studio.runs.results_base import Results, figures_of, number_of, text_of


@dataclass(frozen=True)
class WrittenMistake:
    """A text that was written badly.

    Attributes:
        index: Its place in the part.
        source: What was read.
        references: What would have been right.
        written: What the network wrote.
        score: How much the last two have in common, 0..100 (chrF).
    """

    index: int
    source: str
    references: tuple[str, ...]
    written: str
    score: float


@dataclass(frozen=True)
class ByLength:
    """Mean chrF of texts whose sources are about equally long: N groups between N + 1 edges.

    ``scores`` are not numbers where ``counts`` are 0.
    """

    edges: tuple[float, ...]
    scores: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class WrittenResults(Results):
    """Figures over texts that were written for one part of the data.

    Attributes:
        written: How many texts were written for the figures; the loss is over all examples.
        signature: Name -> how the figure was computed, as sacrebleu puts it.
        intervals: See ``ranges``.
        worst: The worst first.
        lengths: None where the run did not keep it.
        watched: The figure that says most; "" where the run did not say.
        baseline: What it is beside, and figures of that; None without.
    """

    written: int = 0
    signature: Mapping[str, str] | None = None
    intervals: Mapping[str, tuple[float, float]] | None = None
    worst: tuple[WrittenMistake, ...] = ()
    lengths: ByLength | None = None
    watched: str = ""
    baseline: tuple[str, Mapping[str, float]] | None = None

    @property
    def usual(self) -> tuple[str, ...]:
        """What was watched; else BLEU, unless it was not taken."""
        return (*([self.watched] if self.watched else []), "bleu", "chrf")

    @property
    def ranges(self) -> Mapping[str, tuple[float, float]]:
        """What was drawn by bootstrap."""
        return self.intervals or {}

    def lines(self) -> list[str]:
        """What the figures are to be seen beside, and how they were computed."""
        found = []
        if self.baseline is not None:
            title, figures = self.baseline
            found.append(
                f"{title} alone reaches {', '.join(f'{name} {shown(name, figures[name])}' for name in figures)}"
            )
        return [*found, *(f"{name} as {signature}" for name, signature in (self.signature or {}).items())]

    @property
    def folded(self) -> bool:
        """Whether capitals count for nothing in the figures."""
        return "case:lc" in (self.signature or {}).get("bleu", "")


def is_written(content: Any) -> bool:
    """Whether a part of ``results.json`` is about texts that were written."""
    return isinstance(content, Mapping) and "classes" not in content and "written" in content


def written_part(content: Mapping[str, Any]) -> WrittenResults:
    """What one part says. Raises KeyError, ValueError, TypeError and their like if it is damaged."""
    lengths = content.get("lengths")
    intervals = content.get("intervals") or {}
    baseline = content.get("baseline")
    return WrittenResults(
        metrics=figures_of(content["metrics"]),
        examples=int(content["examples"]),
        written=int(content["written"]),
        signature={str(name): text_of(value) for name, value in (content.get("signature") or {}).items()},
        intervals={str(name): (number_of(low), number_of(high)) for name, (low, high) in intervals.items()},
        worst=tuple(_mistake(entry) for entry in content["worst"]),
        lengths=None if lengths is None else _lengths(lengths),
        watched=text_of(content.get("watched", "")),
        baseline=None if baseline is None else (text_of(baseline["title"]), figures_of(baseline["metrics"])),
    )


def _mistake(entry: Mapping[str, Any]) -> WrittenMistake:
    references = entry["references"]
    if not isinstance(references, list):
        raise TypeError("no list of references")
    return WrittenMistake(
        int(entry["index"]),
        text_of(entry["source"]),
        tuple(text_of(one) for one in references),
        text_of(entry["written"]),
        number_of(entry["score"]),
    )


def _lengths(content: Mapping[str, Any]) -> ByLength | None:
    edges = tuple(number_of(edge) for edge in content["edges"])
    counts = tuple(int(count) for count in content["counts"])
    scores = tuple(
        number_of(score) if count else math.nan for score, count in zip(content["scores"], counts, strict=True)
    )
    if not counts:
        return None
    if len(edges) != len(counts) + 1 or list(edges) != sorted(set(edges)) or min(counts) < 0:
        raise ValueError("the lengths are damaged")
    return ByLength(edges, scores, counts)
