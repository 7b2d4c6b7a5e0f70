"""Batches of texts of similar length, so that little padding is computed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lstm_studio.data.encoded import EncodedTexts
from lstm_studio.data.split import random_keys
from lstm_studio.data.vocabulary import Vocabulary

_POOL = 100
"""Batches whose texts are sorted together: few enough that each epoch mixes texts anew, enough for little padding."""
_JITTER = 0.1
"""Lengths are taken for up to this share longer, at random, so that texts of one length meet others."""


@dataclass(frozen=True)
class Batch:
    """What one step of training reads. B texts, the longest with T tokens.

    Attributes:
        inputs: Token ids, int64 [B, T]; id 0 after the end of a text.
        lengths: Tokens of each text, int64 [B], at least 1.
        targets: Class of each text, int64 [B]; None where it is not known.
        indices: Which text each row is, int64 [B].
    """

    inputs: np.ndarray
    lengths: np.ndarray
    targets: np.ndarray | None
    indices: np.ndarray

    def __len__(self) -> int:
        return len(self.lengths)


def count_batches(texts: int, batch_size: int) -> int:
    """How many batches ``bucketed`` makes."""
    return -(-texts // batch_size)


def bucketed(lengths: np.ndarray, batch_size: int, seed: int, epoch: int, *, shuffle: bool = True) -> list[np.ndarray]:
    """Divide texts into batches of similar length; a pure function of its arguments.

    All batches have the same size to within one text, at most ``batch_size``: there is no tiny last batch whose
    gradient would count as much as the others.

    Args:
        lengths: Tokens of each text [N].
        batch_size: Most texts in a batch, at least 1.
        seed, epoch: Which shuffle; another epoch brings other texts together, in another order.
        shuffle: False for reading without learning: longest texts first, always the same.

    Returns:
        Indices of each batch, int64, the longest text first; together each index once.
    """
    lengths = np.asarray(lengths)
    texts = len(lengths)
    count = count_batches(texts, batch_size)
    if count == 0:
        return []
    if not shuffle:
        order = np.argsort(-lengths, kind="stable")
        return np.array_split(order.astype(np.int64), count)
    shuffled = np.argsort(random_keys(texts, seed, epoch, 1), kind="stable")
    pools = max(1, round(count / _POOL))
    pool_of_batch = np.arange(count) * pools // count
    pool = np.repeat(pool_of_batch, _sizes(texts, count))
    # 53 random bits as a fraction in [0, 1)
    fraction = (random_keys(texts, seed, epoch, 2) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    key = lengths[shuffled] * (1.0 + _JITTER * fraction) + fraction
    order = shuffled[np.lexsort((key, pool))]
    # Longest first within each batch, as recurrent layers want them: they need not sort.
    order = order[np.lexsort((-lengths[order], np.repeat(np.arange(count), _sizes(texts, count))))]
    batches = np.array_split(order.astype(np.int64), count)
    turn = np.argsort(random_keys(count, seed, epoch, 3), kind="stable")
    return [batches[number] for number in turn]


def _sizes(texts: int, count: int) -> np.ndarray:
    """Sizes that ``numpy.array_split`` gives."""
    sizes = np.full(count, texts // count)
    sizes[: texts % count] += 1
    return sizes


def collate(encoded: EncodedTexts, indices: np.ndarray, pad_to: int | None = None) -> Batch:
    """Read texts into one array.

    A text without any token is read as one unknown token. Where ``encoded.padded_to`` is set, padding counts as read.

    Args:
        encoded: The texts.
        indices: Which of them [B].
        pad_to: T, if it is to be more than the longest text here.
    """
    indices = np.asarray(indices, np.int64)
    starts = encoded.offsets[indices]
    tokens = encoded.token_lengths[indices]
    lengths = np.maximum(tokens, 1) if encoded.padded_to is None else np.full(len(indices), encoded.padded_to)
    width = max(int(lengths.max(initial=1)), pad_to or 0)
    columns = np.arange(width)
    filled = columns < tokens[:, None]
    inputs = np.full((len(indices), width), Vocabulary.PADDING_ID, np.int64)
    inputs[filled] = encoded.ids[(starts[:, None] + columns)[filled]]
    inputs[tokens == 0, 0] = Vocabulary.UNKNOWN_ID
    targets = None if encoded.labels is None else encoded.labels[indices].astype(np.int64)
    return Batch(inputs, lengths.astype(np.int64), targets, indices)
