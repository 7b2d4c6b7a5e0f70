"""Batches: every text once an epoch, little padding, the same again from the same numbers."""

from __future__ import annotations

import time

import numpy as np
import pytest

from lstm_studio.data.batches import bucketed, collate, count_batches
from lstm_studio.data.encoded import EncodedTexts


def skewed(texts: int) -> np.ndarray:
    return np.random.default_rng(1).gamma(2.0, 10.0, texts).astype(np.int64) + 1


def padding(lengths: np.ndarray, batches: list[np.ndarray]) -> float:
    return sum(int(lengths[batch].max()) * len(batch) for batch in batches) / int(lengths.sum())


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize(("texts", "size"), [(0, 32), (1, 32), (31, 32), (32, 32), (33, 32), (1000, 7), (5000, 1)])
def test_every_text_comes_once_and_no_batch_is_tiny(texts: int, size: int, shuffle: bool) -> None:
    batches = bucketed(skewed(texts), size, 0, 0, shuffle=shuffle)
    assert len(batches) == count_batches(texts, size)
    assert sorted(np.concatenate([np.zeros(0, np.int64), *batches])) == list(range(texts))
    sizes = {len(batch) for batch in batches}
    assert not sizes or (max(sizes) <= size and max(sizes) - min(sizes) <= 1)


def test_a_pure_function_of_seed_and_epoch() -> None:
    lengths = skewed(3000)
    again = [np.concatenate(bucketed(lengths, 32, 7, 2)) for _ in range(2)]
    assert np.array_equal(*again)
    for seed, epoch in ((7, 3), (8, 2)):
        assert not np.array_equal(again[0], np.concatenate(bucketed(lengths, 32, seed, epoch)))


@pytest.mark.parametrize("texts", [2000, 20_000])
def test_little_padding_but_other_company_each_epoch(texts: int) -> None:
    lengths = skewed(texts)
    first, second = (bucketed(lengths, 32, 0, epoch) for epoch in (0, 1))
    random = np.array_split(np.random.default_rng(0).permutation(texts), len(first))
    assert padding(lengths, random) > 2.0
    assert padding(lengths, first) < 1.12
    company = {int(index): set(batch.tolist()) for batch in first for index in batch}
    shared = [len(company[int(index)] & set(batch.tolist())) / len(batch) for batch in second for index in batch]
    assert np.mean(shared) < 0.4


def test_the_order_of_batches_is_random() -> None:
    lengths = skewed(5000)
    means = [lengths[batch].mean() for batch in bucketed(lengths, 32, 0, 0)]
    assert abs(np.corrcoef(means, np.arange(len(means)))[0, 1]) < 0.25


def test_without_shuffling_the_longest_come_first() -> None:
    lengths = skewed(500)
    order = np.concatenate(bucketed(lengths, 32, 0, 0, shuffle=False))
    assert (np.diff(lengths[order]) <= 0).all()


def test_within_a_batch_too() -> None:
    lengths = skewed(3000)
    for batch in bucketed(lengths, 32, 3, 1):
        assert (np.diff(lengths[batch]) <= 0).all()


def test_equal_lengths_are_no_trouble() -> None:
    batches = bucketed(np.full(1000, 100), 32, 0, 0)
    assert len({tuple(sorted(batch.tolist())) for batch in batches}) == 32


def test_a_million_texts_are_quick() -> None:
    lengths = skewed(1_000_000)
    began = time.perf_counter()
    bucketed(lengths, 32, 0, 0)
    assert time.perf_counter() - began < 5


def texts() -> EncodedTexts:
    return EncodedTexts(
        np.array([5, 6, 7, 8, 9], np.int32), np.array([0, 2, 2, 5], np.int64), np.array([0, 1, 2], np.int32)
    )


def test_collate() -> None:
    batch = collate(texts(), np.array([2, 0]))
    assert batch.inputs.tolist() == [[7, 8, 9], [5, 6, 0]]
    assert batch.lengths.tolist() == [3, 2]
    assert batch.targets is not None
    assert batch.targets.tolist() == [2, 0]
    assert batch.indices.tolist() == [2, 0]
    assert {array.dtype for array in (batch.inputs, batch.lengths, batch.targets)} == {np.dtype(np.int64)}


def test_a_text_without_tokens_is_one_unknown_token() -> None:
    batch = collate(texts(), np.array([1, 2]))
    assert batch.inputs.tolist() == [[1, 0, 0], [7, 8, 9]]
    assert batch.lengths.tolist() == [1, 3]
    assert collate(texts(), np.array([1])).inputs.tolist() == [[1]]


def test_padding_on_request_and_padding_that_is_read() -> None:
    wide = collate(texts(), np.array([0]), pad_to=4)
    assert wide.inputs.tolist() == [[5, 6, 0, 0]]
    assert wide.lengths.tolist() == [2]
    read = collate(texts().padded(4), np.array([0]))
    assert read.inputs.tolist() == [[5, 6, 0, 0]]
    assert read.lengths.tolist() == [4]
