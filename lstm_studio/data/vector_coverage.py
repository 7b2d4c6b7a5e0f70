"""How many of a file's words have a pretrained vector, before there is a run."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from lstm_studio.data.kinds import kind_of
from lstm_studio.data.progress import Progress, silent
from lstm_studio.data.start_vectors import READ
from lstm_studio.data.table import Table
from lstm_studio.data.tokenize import read_as
from lstm_studio.data.vectors import Coverage, assign, read_vectors
from lstm_studio.data.vocabulary import Vocabulary

_ROWS = 50_000
"""Of a longer file evenly chosen rows say enough."""
_CELL = 20_000
_EVERY = 500
_FIRST = 2


def look_coverage(
    table: Table, data: Any, path: str | Path, progress: Progress = silent, *, side: str = READ
) -> Coverage:
    """Which words of the text would start with a vector of a file.

    Args:
        table: The open file.
        data: Its section, complete.
        path: The file of vectors.
        progress: May raise Cancelled.
        side: Whose words: those that are read, or those that are written.

    Raises:
        StudioError: the file holds no word vectors.
        Cancelled: ``progress`` asked for it.
    """
    kind = kind_of(data)
    role, cut = (kind.roles[0], kind.tokens) if side == READ or kind.writes is None else (kind.roles[1], kind.writes)
    column = table.position(getattr(data, role.field))
    counts: Counter[str] = Counter()
    rows = range(0, table.num_rows, -(-table.num_rows // _ROWS) or 1)
    for done, row in enumerate(rows):
        if done % _EVERY == 0:
            progress(0.5 * done / len(rows), "Counting the words of your data")
        counts.update(cut(table.cell(row, column)[:_CELL], data))
    vocabulary = Vocabulary.build(counts, data.vocabulary_size, max(1, data.min_count))
    words = vocabulary.tokens
    found = read_vectors(
        path,
        words[_FIRST:],
        fill=max(0, data.vocabulary_size + _FIRST - len(words)) if side == READ and kind.widens(data) else 0,
        progress=lambda share, text: progress(0.5 + 0.5 * max(0.0, share), text),
    )
    coverage = assign(words, found, first=_FIRST, counts=[counts[word] for word in words])[2]
    there = set(words)
    joins = (word == read_as(word, data.lowercase, data.normalize_width) for word in found.words if word not in there)
    return replace(coverage, more=sum(joins))
