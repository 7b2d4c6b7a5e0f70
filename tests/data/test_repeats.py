"""Repeats of the training text, against a search that looks everywhere."""

from __future__ import annotations

import time

import numpy as np
import pytest

from lstm_studio.data.repeats import RepeatIndex
from lstm_studio.data.suffixes import suffix_array
from lstm_studio.errors import Cancelled


def by_hand(sample: list[int], text: list[int]) -> list[int]:
    """Longest match from each place of a sample."""
    found = []
    for start in range(len(sample)):
        best = 0
        for place in range(len(text)):
            length = 0
            while start + length < len(sample) and place + length < len(text):
                if sample[start + length] != text[place + length]:
                    break
                length += 1
            best = max(best, length)
        found.append(best)
    return found


@pytest.mark.parametrize("values", [1, 2, 3, 50, 2**31 - 2])
def test_suffixes_are_sorted(values):
    chance = np.random.default_rng(values)
    for size in (1, 2, 3, 10, 200):
        ids = chance.integers(0, values, size).astype(np.int32)
        rows = ids.tolist()
        assert suffix_array(ids).tolist() == sorted(range(size), key=lambda place: rows[place:])


@pytest.mark.parametrize("chunk", [10_000, 64])
@pytest.mark.parametrize("values", [1, 2, 4, 30])
def test_as_by_hand(values, chunk):
    chance = np.random.default_rng(values)
    for _ in range(8):
        text = chance.integers(4, 4 + values, chance.integers(1, 300)).astype(np.int32)
        sample = chance.integers(4, 5 + values, chance.integers(1, 40))
        if len(text) > 60:
            sample[3:20] = text[40 : 40 + len(sample[3:20])]
        index = RepeatIndex.build(text, chunk=chunk, overlap=40)
        lengths, places = index.matches(sample)
        assert lengths.tolist() == by_hand(sample.tolist(), text.tolist())
        for start, (length, place) in enumerate(zip(lengths, places, strict=True)):
            assert np.array_equal(sample[start : start + length], text[place : place + length])
        repeat = index.longest_repeat(sample)
        assert repeat.length == lengths.max()
        assert repeat.start == lengths.argmax()


def test_a_stretch_that_crosses_chunks_is_found_whole():
    text = np.arange(1000, dtype=np.int32)
    index = RepeatIndex.build(text, chunk=100, overlap=50)
    assert index.longest_repeat(text[70:120]).length == 50
    assert index.longest_repeat(text[280:520]).length == 240  # longer than the overlap: followed in the text itself


def test_nothing_to_find():
    index = RepeatIndex.build(np.array([5, 6, 7], np.int32))
    assert index.longest_repeat([]).length == 0
    assert index.longest_repeat([9, 8]).length == 0
    assert RepeatIndex.build(np.zeros(0, np.int32)).longest_repeat([5]).length == 0


def test_there_and_back(tmp_path):
    text = np.random.default_rng(0).integers(4, 9, 500).astype(np.int32)
    made = RepeatIndex.build(text, chunk=200, overlap=30)
    made.save(tmp_path)
    index = RepeatIndex.load(tmp_path, text)
    assert isinstance(index.order, np.memmap)
    sample = text[190:220]
    assert index.longest_repeat(sample) == made.longest_repeat(sample)
    with pytest.raises(ValueError, match="another text"):
        RepeatIndex.load(tmp_path, text[::-1].copy())
    with pytest.raises(ValueError, match="another text"):
        RepeatIndex.load(tmp_path, text[:-1])
    order, facts = np.load(tmp_path / "repeats.npy"), np.load(tmp_path / "repeats_of.npy")
    for damaged in (order[:-1], order + 300, order - 1, order.astype(np.int64), order[None]):
        np.save(tmp_path / "repeats.npy", damaged)
        with pytest.raises(ValueError, match="damaged"):
            RepeatIndex.load(tmp_path, text)
    np.save(tmp_path / "repeats.npy", order)
    for place, value in ((1, 0), (1, -5), (2, -1)):
        wrong = facts.copy()
        wrong[place] = value
        np.save(tmp_path / "repeats_of.npy", wrong)
        with pytest.raises(ValueError, match="damaged"):
            RepeatIndex.load(tmp_path, text)


def test_progress_and_cancelling():
    text = np.full(5_000, 5, np.int32)
    seen = []
    RepeatIndex.build(text, chunk=2_000, overlap=100, progress=lambda share, words: seen.append(share))
    assert seen == sorted(seen)
    assert len(seen) > 10
    assert 0 <= seen[0] < seen[-1] <= 1

    def progress(share, words):
        if share > 0.4:
            raise Cancelled

    with pytest.raises(Cancelled):
        RepeatIndex.build(text, chunk=2_000, overlap=100, progress=progress)


def test_what_is_usual_of_unseen_text():
    chance = np.random.default_rng(0)
    text = chance.integers(4, 30, 20_000).astype(np.int32)
    index = RepeatIndex.build(text)
    usual = index.usual(chance.integers(4, 30, 5_000), 100, count=20)
    assert len(usual) == 20
    assert (np.diff(usual) >= 0).all()
    assert 3 <= usual[0] <= usual[-1] <= 8
    assert len(index.usual(text[:50], 100)) == 0


@pytest.mark.parametrize("copied", [True, False])
def test_a_million_tokens_are_searched_at_once(copied):
    chance = np.random.default_rng(1)
    words = (chance.zipf(1.3, 1_000_000) % 9_000 + 4).astype(np.int32)
    index = RepeatIndex.build(words)
    sample = words[500_000:500_300] if copied else chance.permutation(words)[:300]
    times = []
    for _ in range(5):
        began = time.perf_counter()
        repeat = index.longest_repeat(sample)
        times.append(time.perf_counter() - began)
    assert (repeat.length == 300) == copied
    assert min(times) < 0.05
