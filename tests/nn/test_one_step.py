"""One token at a time, with weights laid out once."""

from __future__ import annotations

import pytest
import torch

from lstm_studio.nn import peephole_cpu, sampling
from lstm_studio.nn.one_step import OneStep
from lstm_studio.nn.recurrent import Recurrent
from lstm_studio.nn.sampling import Sampler, generate
from lstm_studio.nn.types import LSTMState
from tests.nn.test_sampling import make

ONES = torch.ones(3, dtype=torch.int64)


def stack(**more):
    torch.manual_seed(4)
    return Recurrent(5, 24, layers=2, **more).eval()


@pytest.mark.skipif(peephole_cpu.library is None, reason="the steps are not compiled here")
@pytest.mark.parametrize("sees", ["previous", "current"])
def test_the_same_numbers_to_the_last_bit(sees):
    layers = stack(output_gate_sees=sees)
    quick = OneStep.of(layers)
    state = again = LSTMState(torch.randn(2, 3, 24), torch.randn(2, 3, 24))
    for _ in range(4):
        x = torch.randn(3, 5)
        with torch.no_grad():
            outputs, state, _ = layers(x.unsqueeze(1), ONES, state)
        found, again = quick(x, again)
        assert torch.equal(found, outputs.squeeze(1))
        assert torch.equal(again.h, state.h)
        assert torch.equal(again.c, state.c)


@pytest.mark.parametrize(
    "other",
    [
        {"peephole": "none"},
        {"peephole": "full"},
        {"cell": "gru"},
        {"bidirectional": True},
        {"variant": "coupled"},
    ],
    ids=str,
)
def test_other_layers_do_it_themselves(other):
    assert OneStep.of(stack(**other)) is None


def test_layers_that_learn_or_are_held_do_it_themselves(monkeypatch):
    assert OneStep.of(stack().train()) is None
    held = stack()
    held.holds = object()
    assert OneStep.of(held) is None
    assert OneStep.of(stack().double()) is None
    monkeypatch.setattr(peephole_cpu, "library", None)
    assert OneStep.of(stack()) is None


def test_texts_are_the_same_with_and_without(monkeypatch):
    model = make(layers=2)
    quick = generate(model, [4, 5], 30, Sampler(seed=3), samples=2)
    monkeypatch.setattr(sampling.OneStep, "of", lambda _: None)
    assert generate(model, [4, 5], 30, Sampler(seed=3), samples=2) == quick
