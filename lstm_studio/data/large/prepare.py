"""Labelled texts of files larger than memory made ready for training: what ``data.prepare`` does, block by block."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from lstm_studio.config import ClassificationData
from lstm_studio.data.encoded import EncodedTexts
from lstm_studio.data.health_types import Mended
from lstm_studio.data.large.blocks import Cutting
from lstm_studio.data.large.convert import store
from lstm_studio.data.large.cutting import Tokens, cut_column
from lstm_studio.data.large.encode import encode
from lstm_studio.data.large.remedies import mend, mend_other, rewriting
from lstm_studio.data.large.rows import LargeRows, labelled
from lstm_studio.data.large.texts import LargeTexts
from lstm_studio.data.progress import Progress
from lstm_studio.data.rows import named_classes, nothing_aside
from lstm_studio.data.split import stratified_split
from lstm_studio.data.table import Table
from lstm_studio.data.vocabulary import Vocabulary

LargeParts = tuple[dict[str, EncodedTexts], dict[str, LargeTexts], tuple[str, ...], Vocabulary]
"""Encoded parts, their texts, the classes, the vocabulary."""


def build_large(
    tables: Mapping[str, Table],
    data: ClassificationData,
    vocabulary_of: Callable[[Mapping[str, int]], Vocabulary],
    notes: list[str],
    progress: Progress,
) -> LargeParts:
    """Split and encode tables of which one at least is on disk.

    Args:
        tables: "train", and "validation" and "test" where they are files of their own.
        data: Complete settings.
        vocabulary_of: The vocabulary for how often each token occurs in the training part.
        notes: What was left out and mended is added.
        progress: May raise ``Cancelled``.

    Raises:
        StudioError: the data cannot be learned from; says what to do.
    """
    assert data.text is not None
    stored = {name: store(table) for name, table in tables.items()}
    found: dict[str, LargeRows] = {}
    said: list[str] = []
    for name, table in stored.items():
        found[name] = labelled(table, data, notes if name == "train" else said, _within(progress, 0.0, 0.1))
    others = {name: rows for name, rows in found.items() if name != "train"}
    fresh = [mend_other(rows, data.remedies, None) for rows in others.values()]
    rows, mended = mend(found["train"], data.remedies, fresh, _within(progress, 0.1, 0.1))
    notes += [*_told(mended), *said]
    classes = named_classes(rows.counts(), rows.table.path, data)
    parts: dict[str, LargeRows] = {}
    if "validation" in others:
        parts["train"] = rows
    else:
        train, validation = stratified_split(rows.numbered(classes), data.validation_fraction, data.split_seed)
        if not len(validation):
            raise nothing_aside(rows.table.path)
        parts["train"], parts["validation"] = rows.take(train), rows.take(validation)
    parts |= {name: mend_other(part, data.remedies, classes) for name, part in others.items()}
    targets = {name: part.numbered(classes) for name, part in parts.items()}
    cutting = Cutting(data.tokenizer or "whitespace", data.lowercase, data.normalize_width, rewriting(data.remedies))
    tokens: dict[int, Tokens] = {}
    for part in parts.values():
        if id(part.table) not in tokens:
            start = 0.2 + 0.5 * len(tokens) / len(stored)
            told = _within(progress, start, 0.5 / len(stored))
            tokens[id(part.table)] = cut_column(part.table, data.text, cutting, told)
    encoded, vocabulary = encode(
        {name: (tokens[id(part.table)], part) for name, part in parts.items()},
        targets,
        data.max_length or np.iinfo(np.int32).max,
        data.cut,
        vocabulary_of,
        _within(progress, 0.7, 0.3),
    )
    texts = {}
    for name, part in parts.items():
        assert part.table.stored is not None
        texts[name] = LargeTexts(
            part.table.stored.file, part.column, part.rows, cutting.remedies, keep=encoded[name].texts
        )
    return encoded, texts, classes, vocabulary


def _told(mended: list[Mended]) -> list[str]:
    return [one.text for one in mended if one.count]


def _within(progress: Progress, start: float, width: float) -> Progress:
    return lambda share, words: progress(start + width * max(0.0, share), words)
