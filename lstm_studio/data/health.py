"""What the data is, and what is wrong with it, before anything is trained."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lstm_studio.config import ClassificationData
from lstm_studio.data.progress import Progress, silent
from lstm_studio.data.split import stratified_split
from lstm_studio.data.table import Table
from lstm_studio.data.tokenize import tokenizer

EVERY = 500
BARS = 40
FEW = 5
UNBALANCED = 10.0
"""A class this many times rarer than the largest deserves a word."""


@dataclass(frozen=True)
class HealthWarning:
    """Something to act on. ``fix`` are settings that mend it, by field of [data] or dotted name."""

    text: str
    todo: str = ""
    fix: dict[str, Any] | None = None
    severity: str = "warning"


@dataclass(frozen=True)
class Health:
    """Figures of a data set, for the columns and settings that were chosen.

    Attributes:
        rows, used_rows: All, and those with both a text and a label.
        empty_rows, empty_lines: How many lack one, and the first of their lines.
        duplicate_rows: Rows beyond the first with the same text and label.
        conflicting_rows: Texts that stand there with more than one label.
        classes: (label, rows), the largest first.
        edges, counts: Histogram of tokens a text: counts [n], edges [n + 1].
        quantiles: Share of the texts -> tokens, for 0.5, 0.9, 0.99, 1.
        cut_fraction: Share of the texts longer than max_length.
        vocabulary_size: Different tokens of the training part that get a vector.
        coverage: Share of the validation tokens that the vocabulary knows.
        leaked_rows: Validation texts that stand in the training part too.
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
    warnings: list[HealthWarning] = field(default_factory=list)


def examine(
    table: Table,
    data: ClassificationData,
    progress: Progress = silent,
    validation_table: Table | None = None,
) -> Health:
    """Look at all rows of a table under complete settings.

    Raises:
        StudioError: a column does not exist.
        Cancelled: ``progress`` asked for it.
    """
    assert data.text is not None
    assert data.label is not None
    texts = table.column(data.text)
    labels = [label.strip() for label in table.column(data.label)]
    used = [row for row, (text, label) in enumerate(zip(texts, labels, strict=True)) if label and text.strip()]
    blank = sorted(set(range(len(texts))) - set(used))
    empty_lines = tuple(line for row in blank[:FEW] if (line := table.line_number(row)) is not None)
    pairs = Counter((texts[row], labels[row]) for row in used)
    by_text: dict[str, set[str]] = defaultdict(set)
    for text, label in pairs:
        by_text[text].add(label)
    progress(0.1, "Cutting texts into tokens")
    kept = list(dict.fromkeys((texts[row], labels[row]) for row in used)) if data.drop_duplicates else None
    rows_text = [text for text, _ in kept] if kept is not None else [texts[row] for row in used]
    rows_label = [label for _, label in kept] if kept is not None else [labels[row] for row in used]
    counts = Counter(rows_label)
    train, validation, other = _parts(rows_text, rows_label, data, validation_table)
    tokens = _tokens(rows_text, data, progress, 0.1, 0.8 if other is None else 0.6)
    lengths = np.array([len(row) for row in tokens], np.int64)
    most = data.max_length or int(lengths.max(initial=1))
    first, last = (0, most) if data.cut == "end" else (-most, None)
    train_counts: Counter[str] = Counter()
    for place in train:
        train_counts.update(tokens[place][first:last])
    vocabulary = {token for token, count in train_counts.most_common(data.vocabulary_size) if count >= data.min_count}
    if other is None:
        held_texts = [rows_text[place] for place in validation]
        held_tokens = [tokens[place] for place in validation]
    else:
        held_texts = other
        held_tokens = _tokens(other, data, progress, 0.6, 0.8)
    known = total = 0
    for row in held_tokens:
        total += len(row[first:last])
        known += sum(token in vocabulary for token in row[first:last])
    coverage = known / total if total else 1.0
    trained = {rows_text[place] for place in train}
    progress(0.95, "Counting")
    edges, histogram = _histogram(lengths)
    health = Health(
        rows=table.num_rows,
        used_rows=len(used),
        empty_rows=len(blank),
        empty_lines=empty_lines,
        duplicate_rows=sum(pairs.values()) - len(pairs),
        conflicting_rows=sum(len(found) > 1 for found in by_text.values()),
        classes=counts.most_common(),
        edges=edges,
        counts=histogram,
        quantiles={share: int(np.quantile(lengths, share)) if len(lengths) else 0 for share in (0.5, 0.9, 0.99, 1.0)},
        cut_fraction=float((lengths > most).mean()) if len(lengths) else 0.0,
        vocabulary_size=len(vocabulary),
        coverage=coverage,
        unknown_share=1 - coverage,
        leaked_rows=sum(text in trained for text in held_texts),
        train_rows=len(train),
        validation_rows=len(held_texts),
        tokens=int(lengths.sum()),
    )
    health.warnings.extend(_warnings(health, data, table))
    progress(1.0, "")
    return health


def _parts(
    texts: list[str], labels: list[str], data: ClassificationData, validation_table: Table | None
) -> tuple[list[int], list[int], list[str] | None]:
    """Positions for training and validation, or the texts of the validation file."""
    if data.validation is not None and validation_table is not None:
        assert data.text is not None
        other = [text for text in validation_table.column(data.text) if text.strip()]
        return list(range(len(texts))), [], other
    if not labels:
        return [], [], None
    names = {name: number for number, name in enumerate(sorted(set(labels)))}
    numbers = np.array([names[label] for label in labels], np.int32)
    train, validation = stratified_split(numbers, data.validation_fraction, data.split_seed)
    return train.tolist(), validation.tolist(), None


def _tokens(
    texts: list[str], data: ClassificationData, progress: Progress, start: float, end: float
) -> list[list[str]]:
    cut = tokenizer(data.tokenizer or "treebank", data.lowercase)
    rows = []
    for number, text in enumerate(texts):
        rows.append(cut(text))
        if number % EVERY == 0:
            share = start + (end - start) * number / len(texts)
            progress(share, f"Cutting texts into tokens: {number:,} of {len(texts):,}")
    return rows


def _histogram(lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Up to 40 bars over 0 .. the 99.5 % quantile; the last bar holds all that is longer."""
    if not len(lengths):
        return np.array([0, 1]), np.array([0])
    top = max(1, int(np.quantile(lengths, 0.995)))
    width = max(1, -(-(top + 1) // BARS))
    edges = np.arange(0, top + width + 1, width)
    counts, _ = np.histogram(np.minimum(lengths, edges[-1] - 1), edges)
    return edges, counts


def _warnings(health: Health, data: ClassificationData, table: Table) -> list[HealthWarning]:
    found: list[HealthWarning] = []
    add = found.append
    if health.used_rows == 0:
        add(HealthWarning("No row has both a text and a label.", "Choose other columns.", severity="error"))
        return found
    if len(health.classes) == 1:
        name = health.classes[0][0]
        add(HealthWarning(f"All rows have the same label, {name}.", "Choose another label column.", severity="error"))
    if health.empty_rows:
        where = f" (line {health.empty_lines[0]})" if len(health.empty_lines) == health.empty_rows == 1 else ""
        words = "1 row lacks" if health.empty_rows == 1 else f"{health.empty_rows:,} rows lack"
        add(HealthWarning(f"{words} a text or a label{where}.", "They are left out.", severity="info"))
    if health.duplicate_rows and not data.drop_duplicates:
        words = "1 row repeats" if health.duplicate_rows == 1 else f"{health.duplicate_rows:,} rows repeat"
        add(
            HealthWarning(
                f"{words} an earlier one.", "Drop them, so that no text counts twice.", {"drop_duplicates": True}
            )
        )
    if health.conflicting_rows:
        words = "1 text stands" if health.conflicting_rows == 1 else f"{health.conflicting_rows:,} texts stand"
        add(
            HealthWarning(
                f"{words} there with more than one label.", "Correct them in the file: nobody can learn them."
            )
        )
    if health.leaked_rows:
        words = (
            "1 validation text stands" if health.leaked_rows == 1 else f"{health.leaked_rows:,} validation texts stand"
        )
        fix = {"drop_duplicates": True} if not data.drop_duplicates and data.validation is None else None
        todo = "Drop duplicates; validation is too hopeful otherwise." if fix else "Remove them from one of the two."
        add(HealthWarning(f"{words} in the training part too.", todo, fix))
    largest = health.classes[0][1]
    rare = [name for name, count in health.classes if count * UNBALANCED < largest]
    if rare and len(health.classes) > 1:
        shown = ", ".join(rare[:3]) + (f" and {len(rare) - 3:,} more" if len(rare) > 3 else "")
        verb = "is" if len(rare) == 1 else "are"
        add(
            HealthWarning(
                f"{shown} {verb} more than {UNBALANCED:.0f} times rarer than {health.classes[0][0]}.",
                "Let every class count the same.",
                {"training.class_weights": "balanced"},
            )
        )
    single = [name for name, count in health.classes if count < 2]
    if single:
        words = f"{single[0]} has" if len(single) == 1 else f"{len(single):,} classes have"
        add(
            HealthWarning(
                f"{words} a single text, which cannot be both learned and checked.", "Add texts or merge labels."
            )
        )
    if health.used_rows < 50:
        words = "text is" if health.used_rows == 1 else "texts are"
        add(HealthWarning(f"{health.used_rows} {words} few to learn from.", "A few hundred a class are a good start."))
    if health.cut_fraction > 0.05:
        longer = health.quantiles[0.99]
        add(
            HealthWarning(
                f"{100 * health.cut_fraction:.0f} of 100 texts are cut to {data.max_length} tokens.",
                f"{longer} tokens would cover 99 of 100.",
                {"max_length": longer},
            )
        )
    if health.coverage < 0.85 and health.validation_rows:
        add(
            HealthWarning(
                f"{100 * health.unknown_share:.0f} % of the validation tokens are unknown words.",
                "Characters as tokens know nearly every text.",
                {"tokenizer": "character"} if data.tokenizer != "character" else None,
            )
        )
    return found
