"""Counted parameters are those of the network, for every task."""

from __future__ import annotations

import itertools

import pytest
import torch

from lstm_studio.config import ClassificationData, ModelConfig, RunConfig, TaggingData
from lstm_studio.data.kinds import KINDS
from lstm_studio.nn.parameters import Sizes, count, memory
from lstm_studio.tasks import registry

SECTIONS = {"classification": ClassificationData, "tagging": TaggingData}


@pytest.mark.parametrize("task", sorted(SECTIONS))
def test_counted_and_rehearsed(task: str) -> None:
    settings = itertools.product(("lstm", "gru"), (1, 2), (True, False), (True, False), ("auto", "lstm", "none"))
    for cell, layers, bidirectional, crf, spelling in settings:
        model = ModelConfig(
            cell=cell, layers=layers, bidirectional=bidirectional, crf=crf, spelling=spelling, hidden_size=7,
            embedding_size=5, spelling_size=4, mark_size=3,
        )  # fmt: skip
        for sizes in (Sizes(30, 5, 6), Sizes(30, 5, 6, characters=12), Sizes(30, 5, 6, characters=12, marks=2)):
            config = RunConfig(task=task, data=SECTIONS[task](), model=model, training={"batch_size": 3})
            network, batch, extra = registry.get(task).rehearse(config, sizes)
            assert count(task, model, sizes) == sum(p.numel() for p in network.parameters()), (model, sizes)
            assert memory(task, model, sizes, 3) > 4 * 4 * count(task, model, sizes)
    loss = registry.get(task).loss(network, batch, extra)
    assert torch.isfinite(loss.value)
    assert (loss.examples, loss.tokens) == (3, 18)


@pytest.mark.parametrize("task", ["classification", "tagging", "translation", "generation"])
@pytest.mark.parametrize("sizes", [Sizes(2, 1, 1), Sizes(2, 0, 1), Sizes(1, 2, 3, characters=2, marks=1)])
def test_data_that_hold_next_to_nothing_can_be_rehearsed(task: str, sizes: Sizes) -> None:
    config = RunConfig(task=task, data=KINDS[task].section(), training={"batch_size": 2})
    network, batch, extra = registry.get(task).rehearse(config, sizes)
    loss = registry.get(task).loss(network, batch, extra).value
    loss.backward()
    assert torch.isfinite(loss)


def test_a_crf_over_many_tags_needs_memory_for_their_pairs() -> None:
    sizes = Sizes(100, 200, 30)
    with_crf, without = (memory("tagging", ModelConfig(crf=crf), sizes, 32) for crf in (True, False))
    assert with_crf - without > 4 * 32 * 30 * 200**2
