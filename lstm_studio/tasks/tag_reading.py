"""A typed sentence, read exactly as the training sentences were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lstm_studio.config import TaggingData
from lstm_studio.data.encoded_words import EncodedSentences, Spellings
from lstm_studio.data.mending import rewriter
from lstm_studio.data.prepare_tags import TagInventory, spell
from lstm_studio.data.spelling import normal
from lstm_studio.data.tokenize import tokenizer
from lstm_studio.errors import StudioError
from lstm_studio.nn.tagger import Spelling
from lstm_studio.tasks.reading import Reading

MOST_WORDS = 2_000
"""Words of a typed text that are read."""


@dataclass(frozen=True, eq=False)
class SentenceReading(Reading):
    """One sentence as the network reads it.

    Attributes:
        predicates: Words whose roles are asked for; (-1,) where the run knows no predicates.
        spelled: Its words letter by letter.
        spaced: Whether words are parted by spaces.
    """

    predicates: tuple[int, ...] = (-1,)
    spelled: Spellings | None = None
    spaced: bool = True


@dataclass
class WordBatch:
    """``ids``, ``tags`` [B, T] on the device, ``lengths`` [B] on the CPU; ``known`` [B]: all tags are the run's.

    ``spelling`` and ``marks`` for networks that read them.
    """

    ids: Tensor
    lengths: Tensor
    tags: Tensor
    known: Tensor
    spelling: Spelling | None
    marks: Tensor | None


class SentenceReader:
    """Tokenizer, vocabulary and spelling of a run. ``data`` must be complete."""

    def __init__(self, data: TaggingData, inventory: TagInventory) -> None:
        self.inventory = inventory
        self._data = data
        self._rewrite = rewriter(data.remedies)
        self._cut = tokenizer(data.tokenizer or "treebank", False)
        self._key = normal(data.lowercase, data.same_digits, data.normalize_width)

    def read(self, text: str, *, words: Sequence[str] | None = None, predicate: int | None = None) -> SentenceReading:
        """Words and ids of a sentence.

        Args:
            text: As it was typed.
            words: Its words, where they are known.
            predicate: The word whose roles are asked for, counted from 0; None for all verbs that are found.

        Raises:
            StudioError: there is nothing to read, or no such word.
        """
        if self._rewrite is not None and words is not None:
            words = [new if len((new := self._rewrite(word)).split()) == 1 else word for word in words]
        elif self._rewrite is not None:
            text = self._rewrite(text)
        tokens = list(words) if words is not None else [token for token in self._cut(text) if not token.isspace()]
        if not tokens:
            raise StudioError("The text is empty", todo="Type a sentence")
        cut = max(0, len(tokens) - MOST_WORDS)
        tokens = tokens[:MOST_WORDS]
        keys = [self._key(token) for token in tokens]
        vocabulary = self.inventory.vocabulary
        return SentenceReading(
            text,
            tuple(tokens),
            tuple(key in vocabulary for key in keys),
            vocabulary.encode(keys).astype(np.int64),
            cut,
            self._predicates(tokens, predicate),
            spell(tokens, self.inventory.characters, self._data.same_digits, self._data.normalize_width),
            self.inventory.spaced,
        )

    def _predicates(self, tokens: Sequence[str], predicate: int | None) -> tuple[int, ...]:
        if self.inventory.predicates is None:
            if predicate is not None:
                raise StudioError("This run knows no predicates", todo="Leave the predicate out")
            return (-1,)
        if predicate is None:
            return tuple(self.inventory.predicates.find(tokens))
        if not 0 <= predicate < len(tokens):
            raise StudioError(
                f"There is no word {predicate}", todo=f"Name one from 0 to {len(tokens) - 1} as the predicate"
            )
        return (predicate,)


def collate(part: EncodedSentences, chosen: np.ndarray, spelled: bool, marked: bool, device: torch.device) -> WordBatch:
    """Read sentences into padded tensors."""
    starts, lengths = part.offsets[chosen], part.lengths[chosen]
    columns = np.arange(int(lengths.max(initial=1)))
    filled = columns < lengths[:, None]
    flat = (starts[:, None] + columns)[filled]
    ids = np.zeros(filled.shape, np.int64)
    tags = np.zeros(filled.shape, np.int64)
    ids[filled], tags[filled] = part.ids[flat], part.tags[flat]
    spelling = marks = None
    if spelled:
        forms, inverse = np.unique(part.forms[flat], return_inverse=True)
        letters, sizes = part.spellings.padded(forms)
        places = np.zeros(filled.shape, np.int64)
        places[filled] = inverse.reshape(-1)
        spelling = Spelling(
            torch.from_numpy(letters).to(device), torch.from_numpy(sizes), torch.from_numpy(places).to(device)
        )
    if marked:
        at = (columns[None, :] == part.predicates[chosen][:, None]).astype(np.int64)
        marks = torch.from_numpy(at).to(device)
    return WordBatch(
        torch.from_numpy(ids).to(device, non_blocking=True),
        torch.from_numpy(lengths.astype(np.int64)),
        torch.from_numpy(tags).to(device, non_blocking=True),
        torch.from_numpy(~part.strange[chosen]),
        spelling,
        marks,
    )


def batch_of(
    readings: Sequence[tuple[SentenceReading, int]], spelled: bool, marked: bool, device: torch.device
) -> WordBatch:
    """Sentences with a predicate each (-1 for none) as one batch."""
    offsets = np.cumsum([0, *(len(reading.ids) for reading, _ in readings)])
    letters: list[np.ndarray] = []
    ends: list[np.ndarray] = [np.zeros(1, np.int64)]
    total = 0
    for reading, _ in readings:
        own = reading.spelled
        assert own is not None
        letters.append(own.letters)
        ends.append(own.offsets[1:] + total)
        total += len(own.letters)
    words = int(offsets[-1])
    part = EncodedSentences(
        np.concatenate([reading.ids for reading, _ in readings]),
        np.zeros(words, np.int32),
        np.arange(words, dtype=np.int32),
        offsets.astype(np.int64),
        np.array([predicate for _, predicate in readings], np.int32),
        np.zeros(len(readings), bool),
        (),
        Spellings(np.concatenate(letters), np.concatenate(ends)),
    )
    return collate(part, np.arange(len(readings)), spelled, marked, device)
