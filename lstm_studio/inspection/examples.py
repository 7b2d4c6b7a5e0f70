"""Examples of a part of the data as a network answered them: a table that is sorted, filtered and summed up.

Needs no torch. Functions here may take longer than a moment for many examples; call them off the window's thread.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from lstm_studio.data.progress import Progress, silent
from lstm_studio.tasks.checked import CheckedRow, Checking, Figure

BINS = 15
"""Of a calibration, as in Guo et al. 2017."""
GROUPS = 6
"""Of lengths, at most."""
_UNKNOWN = (0.0, 0.1, 0.25, 0.5, 1.0)
_LONGEST = 20_000
"""Characters of a text that are kept."""

Sort = Literal["place", "text", "truth", "said", "score", "confidence", "loss"]
Answers = Literal["all", "right", "wrong"]
SliceKind = Literal["length", "unknown", "class"]


@dataclass(frozen=True)
class Slice:
    """Some of the examples, and their figure.

    Attributes:
        kind: By what they are chosen: tokens ``low`` to ``high``; a share of unknown tokens above ``low`` and up to
            ``high``; a true class, the number ``low``.
        count: How many they are.
        value: Their figure.
    """

    kind: SliceKind
    low: float
    high: float
    count: int
    value: float


@dataclass(frozen=True)
class Query:
    """What is listed of a table, in which order. Classes are numbers; None for any. ``falling``: the largest first."""

    words: str = ""
    answers: Answers = "all"
    truth: int | None = None
    said: int | None = None
    part: Slice | None = None
    sort: Sort = "loss"
    falling: bool = True


@dataclass(frozen=True, eq=False)
class Calibration:
    """How often a network is right that says how sure it is, in M groups of equal width.

    Attributes:
        counts: Decisions in each group: int64 [M].
        sure, right: Their mean confidence and the share that is right: float64 [M]; not numbers in empty groups.
        error: Expected calibration error, 0..1; not a number without decisions.
    """

    counts: np.ndarray
    sure: np.ndarray
    right: np.ndarray
    error: float

    @property
    def total(self) -> int:
        """Decisions in all."""
        return int(self.counts.sum())


@dataclass(eq=False)
class Examples:
    """N examples, column by column, in the order of the part. See ``tasks.checked.CheckedRow`` for the columns.

    Attributes:
        part: Which part of the data.
        parts: Those there are.
        places: int64 [N].
        loss, score, weight, confidence: float64 [N].
        right: bool [N].
        length, unknown: int64 [N].
        cells: int64 [C, 2], those of example ``cell_rows`` [C].
        sure, hits: Decisions of all examples, [P]; those of example n stand from ``ends[n]`` to ``ends[n + 1]``.
        figure, classes, decides, told, ask: As of ``tasks.checked.Checking``.
    """

    part: str
    parts: tuple[str, ...]
    figure: Figure
    classes: tuple[str, ...]
    decides: str
    told: bool
    ask: Callable[[int], dict[str, Any]]
    texts: list[str]
    truths: list[str]
    said: list[str]
    places: np.ndarray
    loss: np.ndarray
    score: np.ndarray
    weight: np.ndarray
    confidence: np.ndarray
    right: np.ndarray
    length: np.ndarray
    unknown: np.ndarray
    cells: np.ndarray
    cell_rows: np.ndarray
    sure: np.ndarray
    hits: np.ndarray
    ends: np.ndarray
    _ranks: dict[str, np.ndarray] = field(default_factory=dict, repr=False)
    _haystacks: list[str] = field(default_factory=list, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __len__(self) -> int:
        return len(self.texts)

    def question(self, row: int) -> dict[str, Any]:
        """An example as it is asked of a network."""
        return self.ask(int(self.places[row]))

    def value(self, rows: np.ndarray | None = None) -> float:
        """The figure of these examples, of all when None; not a number where there are none."""
        score, weight = (self.score, self.weight) if rows is None else (self.score[rows], self.weight[rows])
        there = np.isfinite(score) & (weight > 0)
        total = float(weight[there].sum())
        if not total:
            # Sentences without any span, all of them read rightly, have an F1 of 1 each and no weight.
            return float(score[np.isfinite(score)].mean()) if np.isfinite(score).any() else float("nan")
        if self.figure == "perplexity":
            return float(np.exp((np.log(score[there]) * weight[there]).sum() / total))
        return float((score[there] * weight[there]).sum() / total)

    def calibration(self, rows: np.ndarray | None = None, bins: int = BINS) -> Calibration:
        """Of the decisions in these examples, of all when None."""
        if rows is None:
            return calibration(self.sure, self.hits, bins)
        chosen = np.zeros(len(self), bool)
        chosen[rows] = True
        on = np.repeat(chosen, np.diff(self.ends))
        return calibration(self.sure[on], self.hits[on], bins)

    def confusion(self) -> np.ndarray:
        """How often what was taken for what: int64 [K, K], a row for each true class."""
        counts = np.zeros((len(self.classes), len(self.classes)), np.int64)
        np.add.at(counts, (self.cells[:, 0], self.cells[:, 1]), 1)
        return counts

    def haystacks(self) -> list[str]:
        """All words of each example, in lower case."""
        with self._lock:
            if not self._haystacks:
                columns = zip(self.texts, self.truths, self.said, strict=True)
                self._haystacks = ["\n".join(column).casefold() for column in columns]
            return self._haystacks

    def ranks(self, column: Literal["text", "truth", "said"]) -> np.ndarray:
        """Which place each example would have by alphabet, equal ones the same: int64 [N]."""
        with self._lock:
            if column not in self._ranks:
                texts = {"text": self.texts, "truth": self.truths, "said": self.said}[column]
                keys = [text[:200].casefold() for text in texts]
                number = {key: place for place, key in enumerate(sorted(set(keys)))}
                self._ranks[column] = np.fromiter((number[key] for key in keys), np.int64, len(keys))
            return self._ranks[column]


def collect(
    checking: Checking,
    part: str = "validation",
    parts: Sequence[str] = (),
    progress: Progress = silent,
    lock: AbstractContextManager[Any] | None = None,
) -> Examples:
    """Have a network answer all examples of a part.

    Args:
        checking: What the task's answers make of the part.
        part, parts: Kept with the table.
        progress: Told how far it is; may raise ``Cancelled``.
        lock: Held while the network computes, and let go between two steps.
    """
    found: list[CheckedRow] = []
    rows = iter(checking.rows)
    for step in range(checking.steps):
        progress(step / max(1, checking.steps), "Reading the examples")
        with lock if lock is not None else nullcontext():
            found += next(rows, [])
    found.sort(key=lambda row: row.place)

    def column(name: str, kind: type) -> np.ndarray:
        return np.fromiter((getattr(row, name) for row in found), kind, len(found))

    sizes = np.fromiter((len(row.sure) for row in found), np.int64, len(found))
    counts = np.fromiter((len(row.cells) for row in found), np.int64, len(found))
    cells = np.array([cell for row in found for cell in row.cells], np.int64).reshape(-1, 2)
    made = Examples(
        part=part,
        parts=tuple(parts) or (part,),
        figure=checking.figure,
        classes=checking.classes,
        decides=checking.decides,
        told=checking.told,
        ask=checking.ask,
        texts=[row.text[:_LONGEST] for row in found],
        truths=[row.truth[:_LONGEST] for row in found],
        said=[row.said[:_LONGEST] for row in found],
        places=column("place", np.int64),
        loss=column("loss", np.float64),
        score=column("score", np.float64),
        weight=column("weight", np.float64),
        confidence=column("confidence", np.float64),
        right=column("right", np.bool_),
        length=column("length", np.int64),
        unknown=column("unknown", np.int64),
        cells=cells,
        cell_rows=np.repeat(np.arange(len(found)), counts),
        sure=np.concatenate([row.sure for row in found]) if found else np.empty(0, np.float32),
        hits=np.concatenate([row.hits for row in found]) if found else np.empty(0, bool),
        ends=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
    )
    progress(1.0, "")
    return made


def calibration(sure: np.ndarray, hits: np.ndarray, bins: int = BINS) -> Calibration:
    """Confidence beside accuracy, and the expected calibration error

        ECE = sum_m |B_m| / n * |acc(B_m) - conf(B_m)|

    where B_m holds the decisions whose confidence lies in ((m - 1) / M, m / M] (Guo, Pleiss, Sun & Weinberger 2017, "On
    calibration of modern neural networks", https://arxiv.org/abs/1706.04599, section 2).

    Args:
        sure: The probability of what was decided, 0..1: [P].
        hits: Whether it was right: bool [P].
        bins: M.
    """
    sure = np.asarray(sure, np.float64)
    group = np.clip(np.ceil(sure * bins).astype(np.int64) - 1, 0, bins - 1)
    counts = np.bincount(group, minlength=bins)
    total = len(sure)
    with np.errstate(invalid="ignore"):
        mean = np.bincount(group, sure, bins) / counts
        right = np.bincount(group, np.asarray(hits, np.float64), bins) / counts
    error = float(np.nansum(counts * np.abs(right - mean)) / total) if total else float("nan")
    return Calibration(counts, mean, right, error)


def chosen(examples: Examples, query: Query) -> np.ndarray:
    """Which examples a query lists, in its order: int64 [n]. What is not a number stands last."""
    on: np.ndarray = np.ones(len(examples), bool)
    if query.answers != "all":
        on &= examples.right == (query.answers == "right")
    if query.truth is not None or query.said is not None:
        cells = np.ones(len(examples.cells), bool)
        if query.truth is not None:
            cells &= examples.cells[:, 0] == query.truth
        if query.said is not None:
            cells &= examples.cells[:, 1] == query.said
        there = np.zeros(len(examples), bool)
        there[examples.cell_rows[cells]] = True
        on &= there
    if query.part is not None:
        on &= members(examples, query.part)
    rows = np.flatnonzero(on)
    words = query.words.strip().casefold()
    if words:
        haystacks = examples.haystacks()
        rows = np.array([row for row in rows.tolist() if words in haystacks[row]], np.int64)
    keys = _keys(examples, query.sort)[rows]
    return rows[np.argsort(-keys if query.falling else keys, kind="stable")]


def _keys(examples: Examples, sort: Sort) -> np.ndarray:
    match sort:
        case "text" | "truth" | "said":
            return examples.ranks(sort)
        case "score":
            return examples.score
        case "confidence":
            return examples.confidence
        case "loss":
            return examples.loss
    return examples.places


def members(examples: Examples, part: Slice) -> np.ndarray:
    """Which examples belong to a slice: bool [N]."""
    if part.kind == "class":
        found = np.zeros(len(examples), bool)
        found[examples.cell_rows[examples.cells[:, 0] == int(part.low)]] = True
        return found
    if part.kind == "length":
        return (examples.length >= part.low) & (examples.length <= part.high)
    share = _shares(examples)
    return (share > part.low) & (share <= part.high)


def slices(examples: Examples, kind: SliceKind) -> list[Slice]:
    """The examples divided by length into groups of about equal count, by share of unknown tokens, or by true class;
    an example with several classes belongs to each. Empty groups are left out."""
    edges: list[tuple[float, float]] = []
    if kind == "class":
        edges = [(place, place) for place, name in enumerate(examples.classes) if name]
    elif kind == "length" and len(examples):
        starts = np.unique(examples.length)
        if len(starts) > GROUPS:
            cuts = np.quantile(examples.length, np.linspace(0, 1, GROUPS + 1), method="lower")
            starts = np.unique(cuts[:-1])
        ends = np.append(starts[1:] - 1, examples.length.max())
        edges = [(float(low), float(high)) for low, high in zip(starts, ends, strict=True)]
    elif kind == "unknown":
        # None at all is a group of its own.
        edges = [(-1.0, 0.0), *itertools.pairwise(_UNKNOWN)]
    found = []
    for low, high in edges:
        part = Slice(kind, low, high, 0, float("nan"))
        rows = np.flatnonzero(members(examples, part))
        if len(rows):
            found.append(Slice(kind, low, high, len(rows), examples.value(rows)))
    return found


def _shares(examples: Examples) -> np.ndarray:
    return examples.unknown / np.maximum(examples.length, 1)
