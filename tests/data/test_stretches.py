"""Stretches: every token once an epoch, in order, carried on from stretch to stretch."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from lstm_studio.data.stretches import longest_stretch, read_stretch, stretches
from lstm_studio.data.units import END_ID


@pytest.mark.parametrize("vary", [False, True])
@pytest.mark.parametrize("length", [1, 2, 5, 35])
@pytest.mark.parametrize("rows", [1, 2, 7, 20])
@pytest.mark.parametrize("tokens", [0, 1, 2, 6, 7, 8, 41, 139, 140, 141, 3000])
def test_every_token_is_a_target_once(tokens, rows, length, vary):
    ids = np.arange(10, 10 + tokens, dtype=np.int32)
    found = stretches(tokens, rows, length, 3, 1, vary=vary)
    assert sum(stretch.tokens for stretch in found) == tokens
    streams = [[] for _ in range(min(rows, tokens))]
    for number, stretch in enumerate(found):
        batch = read_stretch(ids, stretch)
        assert batch.inputs.shape == batch.targets.shape == (len(streams), stretch.lengths.max())
        assert batch.lengths.min() >= 1
        assert batch.starts.tolist() == [number == 0] * len(batch)
        assert batch.lengths.max() <= longest_stretch(length, vary=vary)
        assert batch.lengths.max() - batch.lengths.min() <= (number == len(found) - 1)
        for row, many in enumerate(batch.lengths):
            targets, inputs = batch.targets[row, :many], batch.inputs[row, :many]
            assert not batch.targets[row, many:].any()
            assert not batch.inputs[row, many:].any()
            streams[row] += targets.tolist()
            before = np.where(targets > 10, targets - 1, END_ID)  # each token's number is one more than the last one's
            assert np.array_equal(inputs, before)
    assert [token for stream in streams for token in stream] == ids.tolist()


def test_stretches_go_on_where_the_last_ones_ended():
    found = stretches(103, 4, 10)
    for one, other in pairwise(found):
        assert np.array_equal(one.begins + one.lengths, other.begins)
    assert [int(stretch.lengths[0]) for stretch in found] == [10, 10, 6]
    assert found[-1].lengths.tolist() == [6, 6, 6, 5]
    assert [int(stretch.lengths[0]) for stretch in stretches(4 * 10 * 3 + 1, 4, 10)] == [10, 10, 11]


def test_what_is_read_first():
    batch = read_stretch(np.array([7, 8, 9, 10], np.int32), stretches(4, 2, 5)[0])
    assert batch.inputs.tolist() == [[END_ID, 7], [8, 9]]
    assert batch.targets.tolist() == [[7, 8], [9, 10]]
    assert {array.dtype for array in (batch.inputs, batch.targets, batch.lengths)} == {np.dtype(np.int64)}
    assert read_stretch(np.array([7], np.int32), stretches(1, 2, 5)[0], lead=2).inputs.tolist() == [[2]]


def lengths_of(**arguments) -> list[int]:
    return [int(stretch.lengths[0]) for stretch in stretches(2_000_000, 1, 70, vary=True, **arguments)]


def test_varied_lengths_are_those_of_the_paper():
    drawn = np.array(lengths_of(seed=1, epoch=0)[:-1])
    around_half = drawn < 50
    assert around_half.mean() == pytest.approx(0.05, abs=0.01)
    assert drawn[~around_half].mean() == pytest.approx(69.5, abs=0.2)  # drawn numbers are cut to whole ones
    assert drawn[~around_half].std() == pytest.approx(5, abs=0.1)
    assert drawn[around_half].mean() == pytest.approx(34.5, abs=0.5)
    assert drawn.min() >= 5


def test_varied_lengths_depend_on_seed_and_epoch_alone():
    first = lengths_of(seed=1, epoch=2)
    assert first == lengths_of(seed=1, epoch=2)
    assert first[:20] != lengths_of(seed=1, epoch=3)[:20]
    assert first[:20] != lengths_of(seed=2, epoch=2)[:20]
    # The same on every machine: raw random bits and sums of integers.
    drawn = [int(stretch.lengths[0]) for stretch in stretches(500, 1, 35, 0, 0, vary=True)]
    assert drawn == [44, 35, 31, 14, 29, 35, 32, 33, 33, 33, 33, 42, 33, 41, 31, 1]
    assert stretches(500, 1, 35, 0)[3].lengths.tolist() == stretches(500, 1, 35, 9, 9)[3].lengths.tolist()
