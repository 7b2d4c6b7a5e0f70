"""Texts of a table as numbers of tokens, remembered while the table is open: most settings change none of them."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from lstm_studio.config import ClassificationData
from lstm_studio.data.large.blocks import Numbers
from lstm_studio.data.progress import Progress
from lstm_studio.data.rows import Rows
from lstm_studio.data.table import Table
from lstm_studio.data.tokenize import tokenizer

_CHARACTERS_EVERY = 200_000
_ROWS_EVERY = 2_000


@dataclass(frozen=True, eq=False)
class CountedTokens:
    """Tokens of N texts.

    Attributes:
        names: What each number stands for.
        ids: int32, the texts one after another.
        ends: int64 [N + 1], where each begins, and the end.
    """

    names: list[str]
    ids: np.ndarray
    ends: np.ndarray

    def lengths(self) -> np.ndarray:
        """Tokens of each text: int64 [N]."""
        return np.diff(self.ends)

    def take(self, mask: np.ndarray) -> CountedTokens:
        """The texts where a mask [N] is true."""
        if mask.all():
            return self
        lengths = self.lengths()
        ends = np.zeros(int(mask.sum()) + 1, np.int64)
        np.cumsum(lengths[mask], out=ends[1:])
        return CountedTokens(self.names, self.ids[np.repeat(mask, lengths)], ends)

    def counts(self, most: int, cut: str) -> dict[str, int]:
        """How often each token occurs when texts are cut to ``most`` tokens at their "end" or "start"."""
        lengths = self.lengths()
        ids = self.ids
        if lengths.max(initial=0) > most:
            place = np.arange(len(ids)) - np.repeat(self.ends[:-1], lengths)
            ids = ids[place < most if cut == "end" else place >= np.repeat(lengths - most, lengths)]
        found = np.bincount(ids, minlength=len(self.names)).tolist()
        return {name: count for name, count in zip(self.names, found, strict=True) if count}


_Key = tuple[int, int, str, bool, bool, int]
_remembered: WeakKeyDictionary[Table, tuple[_Key, CountedTokens]] = WeakKeyDictionary()


def counted_tokens(rows: Rows, data: ClassificationData, progress: Progress, start: float, end: float) -> CountedTokens:
    """The tokens of all used rows of a table.

    Args:
        rows: Those with a text and a label, in order.
        data: Complete settings.
        progress: Told fractions between ``start`` and ``end``; may raise ``Cancelled``.
    """
    table, kind = rows.table, data.tokenizer or "treebank"
    assert data.text is not None
    assert data.label is not None
    asked = hash(tuple(rows.texts)) if data.remedies else 0
    key = (table.position(data.text), table.position(data.label), kind, data.lowercase, data.normalize_width, asked)
    found = _remembered.get(table)
    if found is not None and found[0] == key:
        return found[1]
    cut = tokenizer(kind, data.lowercase, data.normalize_width)
    numbers = Numbers()
    ids, ends = array("i"), array("q", [0])
    total, characters = len(rows.texts), 0
    for place, text in enumerate(rows.texts, 1):
        ids.extend(map(numbers.__getitem__, cut(text)))
        ends.append(len(ids))
        characters += len(text)
        if characters > _CHARACTERS_EVERY or place % _ROWS_EVERY == 0:
            characters = 0
            words = f"Cutting texts into tokens: {place:,} of {total:,}"
            progress(start + (end - start) * place / total, words)
    tokens = CountedTokens(list(numbers), np.array(ids, np.int32), np.array(ends, np.int64))
    _remembered[table] = key, tokens
    return tokens
