"""What the data is, and what is wrong with it, before anything is trained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lstm_studio.config import ClassificationData
from lstm_studio.data.counted import counted_tokens
from lstm_studio.data.findings import examples_of, leak_findings, near_findings, text_findings
from lstm_studio.data.health_types import FEW, Example, Health, HealthWarning, Mended
from lstm_studio.data.health_warnings import warnings_of
from lstm_studio.data.progress import Progress, silent
from lstm_studio.data.remedies import mend_other_rows, mend_rows
from lstm_studio.data.rows import Rows, classes_of, numbered
from lstm_studio.data.split import stratified_split
from lstm_studio.data.table import Table
from lstm_studio.data.vocabulary import Vocabulary
from lstm_studio.errors import StudioError

__all__ = ["Health", "HealthWarning", "examine"]

BARS = 40
"""Most bars of the histogram."""


def examine(
    table: Table,
    data: ClassificationData,
    progress: Progress = silent,
    validation_table: Table | None = None,
) -> Health:
    """Look at all rows of a table under complete settings.

    The parts are those that training will use: the same split, or ``validation_table`` where ``data.validation``
    names a file.

    Raises:
        StudioError: a column does not exist.
        Cancelled: ``progress`` asked for it.
    """
    assert data.text is not None
    assert data.label is not None
    progress(0.0, "Looking at the rows")
    raw = _used_rows(table, data)
    empty = np.setdiff1d(np.arange(table.num_rows), raw.rows, assume_unique=True)
    separate = _used_rows(validation_table, data) if data.validation is not None and validation_table else None
    progress(0.04, "Looking for duplicates")
    used, mended = _mended(raw, separate, data, _within(progress, 0.04, 0.04))
    if separate is not None and separate.texts and used.texts:
        separate = mend_other_rows(separate, data, sorted(set(used.labels)))
    duplicates, conflicting = _repeated(used)
    kept = used
    progress(0.08, "Cutting texts into tokens")
    all_tokens = counted_tokens(used, data, progress, 0.08, 0.8 if separate is None else 0.6)
    own = all_tokens if kept is used else all_tokens.take(np.isin(used.rows, kept.rows, assume_unique=True))
    if separate is None:
        train, held = _split(kept, data)
        held_rows, held_tokens = kept.take(held), own.take(_mask(held, len(kept.texts)))
    else:
        train = np.arange(len(kept.texts))
        held_rows, held_tokens = separate, counted_tokens(separate, data, progress, 0.6, 0.8)
    progress(0.85, "Counting tokens")
    lengths = own.lengths()
    most = data.max_length or max(1, int(lengths.max(initial=1)))
    train_counts = own.take(_mask(train, len(kept.texts))).counts(most, data.cut)
    vocabulary = Vocabulary.build(train_counts, data.vocabulary_size, max(1, data.min_count))
    held_counts = held_tokens.counts(most, data.cut)
    total = sum(held_counts.values())
    known = sum(count for token, count in held_counts.items() if token in vocabulary)
    progress(0.95, "Looking for texts that stand in both parts")
    trained = {kept.texts[place] for place in train.tolist()}
    leaked = [place for place, text in enumerate(held_rows.texts) if text in trained]
    edges, bars = histogram(lengths)
    classes = Counter(kept.labels).most_common()
    labels = {label for label, _ in classes}
    part = np.zeros(len(kept.texts), bool)
    part[held if separate is None else []] = True
    apart = separate.texts if separate is not None else []
    found = [
        *leak_findings(table, kept.rows, kept.texts, kept.labels, own),
        *text_findings(table, kept.rows, kept.texts, "classification"),
        *near_findings(
            table,
            np.concatenate([kept.rows, np.full(len(apart), -1)]),
            [*kept.texts, *apart],
            np.concatenate([part, np.ones(len(apart), bool)]),
            _within(progress, 0.95, 0.05),
        ),
    ]
    coverage = known / total if total else 1.0
    health = Health(
        rows=table.num_rows,
        used_rows=len(used.texts),
        empty_rows=len(empty),
        empty_lines=lines(table, empty),
        duplicate_rows=len(duplicates),
        conflicting_rows=len(conflicting),
        classes=classes,
        edges=edges,
        counts=bars,
        quantiles=quantiles(lengths),
        cut_fraction=float((lengths > most).mean()) if len(lengths) else 0.0,
        vocabulary_size=len(vocabulary) - 2,
        coverage=coverage,
        unknown_share=1.0 - coverage,
        leaked_rows=len(leaked),
        train_rows=len(train),
        validation_rows=len(held_rows.texts),
        tokens=int(lengths.sum()),
        unknown_labels=tuple(sorted(set(held_rows.labels) - labels)),
        duplicate_lines=lines(table, used.rows[duplicates]),
        conflicting_lines=lines(table, used.rows[conflicting]),
        leaked_lines=lines(held_rows.table, held_rows.rows[leaked]),
        mended=mended,
        examples={
            "duplicate": _shown(used, duplicates),
            "conflicting": _shown(used, conflicting),
            "leaked": _shown(held_rows, leaked),
        },
    )
    progress(1.0, "")
    return replace(health, warnings=warnings_of(health, data, found))


def _within(progress: Progress, start: float, width: float) -> Progress:
    return lambda share, words: progress(start + width * max(0.0, share), words)


# -- rows ------------------------------------------------------------------------------------------------------


def _used_rows(table: Table, data: ClassificationData) -> Rows:
    """The rows with a text and a label, as training takes them; there may be none."""
    assert data.text is not None
    assert data.label is not None
    texts, labels = table.column(data.text), [label.strip() for label in table.column(data.label)]
    used = [row for row, (text, label) in enumerate(zip(texts, labels, strict=True)) if label and text.strip()]
    return Rows([texts[row] for row in used], [labels[row] for row in used], np.array(used, np.int64), table)


def _mended(
    raw: Rows, separate: Rows | None, data: ClassificationData, progress: Progress
) -> tuple[Rows, list[Mended]]:
    """What training makes of the rows by the remedies of the run; none where they leave none."""
    if not raw.texts:
        return raw, []
    others = [mend_other_rows(separate, data, None)] if separate is not None and separate.texts else []
    try:
        return mend_rows(raw, data, others, progress)
    except StudioError:
        return raw.take(np.zeros(0, np.int64)), []


def _shown(rows: Rows, places: Sequence[int]) -> tuple[Example, ...]:
    few = list(places[:FEW])
    return examples_of(rows.table, rows.rows[few], [f"{rows.labels[place]}: {rows.texts[place]}" for place in few])


def _repeated(rows: Rows) -> tuple[list[int], list[int]]:
    """Places of rows that repeat an earlier one, and of the first rows of texts that have several labels."""
    first: dict[str, int] = {}
    labels: dict[str, set[str]] = {}
    duplicates = []
    for place, (text, label) in enumerate(zip(rows.texts, rows.labels, strict=True)):
        earlier = first.setdefault(text, place)
        if earlier == place:
            continue
        found = labels.setdefault(text, {rows.labels[earlier]})
        if label in found:
            duplicates.append(place)
        found.add(label)
    return duplicates, sorted(first[text] for text, found in labels.items() if len(found) > 1)


def _split(rows: Rows, data: ClassificationData) -> tuple[np.ndarray, np.ndarray]:
    """The places that training and validation will have."""
    if not rows.texts:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    try:
        classes: Sequence[str] = classes_of(rows, data)
    except StudioError:  # one class only or one a row: training would refuse, but figures are wanted here
        classes = sorted(set(rows.labels))
    return stratified_split(numbered(rows, classes), data.validation_fraction, data.split_seed)


def _mask(places: np.ndarray, count: int) -> np.ndarray:
    mask = np.zeros(count, bool)
    mask[places] = True
    return mask


def lines(table: Table, rows: Sequence[int] | np.ndarray) -> tuple[int, ...]:
    """Lines of the first few rows; none of what has no lines."""
    numbers = (table.line_number(int(row)) for row in rows[:FEW])
    return tuple(number for number in numbers if number is not None)


def histogram(lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Edges and counts: up to ``BARS`` bars over 0 .. the 99.5 % quantile; the last one holds all that is longer."""
    if not len(lengths):
        return np.array([0, 1]), np.array([0])
    top = max(1, int(np.quantile(lengths, 0.995, method="higher")))
    width = max(1, -(-(top + 1) // BARS))
    edges = np.arange(0, top + width + 1, width)
    counts, _ = np.histogram(np.minimum(lengths, edges[-1] - 1), edges)
    return edges, counts


def quantiles(lengths: np.ndarray) -> dict[float, int]:
    """Share of the texts -> tokens that they do not exceed."""
    shares = (0.5, 0.9, 0.99, 1.0)
    if not len(lengths):
        return dict.fromkeys(shares, 0)
    return {share: int(np.quantile(lengths, share, method="higher")) for share in shares}
