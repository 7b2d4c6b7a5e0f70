"""What is known of a data set before anything is trained."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

FEW = 5
"""Line numbers that are kept of each kind."""


@dataclass(frozen=True)
class Example:
    """A row that shows what is meant: its line, from 1, where its file has lines, and the beginning of its text."""

    line: int | None
    text: str


@dataclass(frozen=True)
class Mended:
    """What a remedy did: how many rows it changed or dropped, and that in a sentence."""

    remedy: str
    count: int
    text: str


@dataclass(frozen=True)
class HealthWarning:
    """Something to act on.

    Attributes:
        text: What is the matter, one sentence.
        todo: What to do about it, one sentence.
        fix: Settings that mend it: field of [data], or dotted name as in "training.class_weights" -> value.
        severity: "info", "warning", or "error" when training would refuse the data.
        examples: A few rows.
        offers: Remedies that mend it, as they stand in [data]; each would do.
    """

    text: str
    todo: str = ""
    fix: dict[str, Any] | None = None
    severity: str = "warning"
    examples: tuple[Example, ...] = ()
    offers: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Health:
    """Figures of a data set, for the columns and settings that were chosen. Lines count from 1; at most ``FEW`` each.

    Attributes:
        rows, used_rows: All, and those with both a text and a label.
        empty_rows, empty_lines: How many lack one.
        duplicate_rows: Rows beyond the first with the same text and label.
        conflicting_rows: Texts that stand there with more than one label.
        classes: (label, rows), the largest first.
        edges, counts: Histogram of tokens a text: counts [n], edges [n + 1]; the last bar holds all longer texts.
        quantiles: Share of the texts -> tokens, for 0.5, 0.9, 0.99, 1.
        cut_fraction: Share of the texts longer than max_length.
        vocabulary_size: Tokens that get a vector of their own, without the two special ones.
        coverage, unknown_share: Share of the validation tokens that the vocabulary knows, and does not.
        leaked_rows: Validation texts that stand in the training part too.
        train_rows, validation_rows: What the two parts hold that training will use: texts; tokens of running text.
        tokens: In all texts, before any are cut.
        unknown_labels: Labels of the validation file that the training file lacks.
        duplicate_lines, conflicting_lines: Lines of the training file.
        leaked_lines: Lines of the validation file, or of the training file without one.
        warnings: What to act on, the gravest first.
        outputs: Different tags, or tokens to write, that are learned; 0 where they are the classes.
        characters: Different ones that words are spelled with; 0 where words are single characters.
        marks: Marks that a word can carry: 2 where there are predicates.
        target_edges, target_counts: Histogram of the targets' tokens, where a text is written for each row.
        target_cut: Share of the targets longer than max_target_length.
        target_quantiles: Like ``quantiles``.
        special: Vectors that a network has besides: of what it reads, and of what it writes.
        mended: What the remedies of the run did; the other figures are those of mended rows.
        examples: A few rows that are "duplicate", "conflicting" or "leaked".
    """

    rows: int
    used_rows: int
    empty_rows: int
    empty_lines: tuple[int, ...]
    duplicate_rows: int
    conflicting_rows: int
    classes: list[tuple[str, int]]
    edges: np.ndarray
    counts: np.ndarray
    quantiles: dict[float, int]
    cut_fraction: float
    vocabulary_size: int
    coverage: float
    unknown_share: float
    leaked_rows: int
    train_rows: int
    validation_rows: int
    tokens: int
    unknown_labels: tuple[str, ...] = ()
    duplicate_lines: tuple[int, ...] = ()
    conflicting_lines: tuple[int, ...] = ()
    leaked_lines: tuple[int, ...] = ()
    warnings: list[HealthWarning] = field(default_factory=list)
    outputs: int = 0
    characters: int = 0
    marks: int = 0
    target_edges: np.ndarray | None = None
    target_counts: np.ndarray | None = None
    target_cut: float = 0.0
    target_quantiles: dict[float, int] = field(default_factory=dict)
    special: tuple[int, int] = (2, 0)
    mended: list[Mended] = field(default_factory=list)
    examples: dict[str, tuple[Example, ...]] = field(default_factory=dict)
