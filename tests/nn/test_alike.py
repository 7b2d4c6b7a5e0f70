"""Texts that share a part with a base text: the same outputs and states as if each were read alone."""

from __future__ import annotations

import pytest
import torch

from lstm_studio.nn.alike import read_alike, sharing
from lstm_studio.nn.recurrent import Recurrent

CELLS = [
    {"peephole": "none"},
    {"peephole": "diagonal"},
    {"peephole": "full", "output_gate_sees": "current"},
    {"variant": "coupled"},
    {"cell": "gru"},
    {"cell": "rnn"},
]
T = 7


def stack(bidirectional: bool, **model: object) -> Recurrent:
    torch.manual_seed(0)
    return Recurrent(3, 4, layers=3, bidirectional=bidirectional, **model).double().eval().requires_grad_(False)


def hidden_one_by_one() -> torch.Tensor:
    """The text itself, all hidden, each token hidden in turn; one of them was unknown anyway. [T + 2, T, 3]"""
    x = torch.randn(T, 3, dtype=torch.float64)
    x[4] = 0
    rows = x.repeat(T + 2, 1, 1)
    rows[1] = 0
    rows[torch.arange(2, T + 2), torch.arange(T)] = 0
    return rows


def same(found: tuple, expected: tuple) -> None:
    torch.testing.assert_close(found[0], expected[0], rtol=0, atol=1e-12)
    torch.testing.assert_close(found[1].h, expected[1].h, rtol=0, atol=1e-12)
    assert (found[1].c is None) == (expected[1].c is None)
    if expected[1].c is not None:
        torch.testing.assert_close(found[1].c, expected[1].c, rtol=0, atol=1e-12)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("model", CELLS)
def test_texts_with_hidden_tokens_and_beginnings(model: dict, bidirectional: bool) -> None:
    layers, rows = stack(bidirectional, **model), hidden_one_by_one()
    everywhere = torch.ones(len(rows), T, dtype=torch.bool)
    same(read_alike(layers, rows[0], rows, everywhere), layers(rows, torch.full((len(rows),), T)))
    for first, last in ((0, T), (2, 5)):
        lengths = torch.arange(first + 1, last + 1)
        there = torch.arange(T) < lengths.unsqueeze(1)
        traces = layers(rows[:1], torch.tensor([T]), trace=True)[2]
        expected = layers(rows[0].expand(last - first, T, 3), lengths)
        same(read_alike(layers, rows[0], None, there), expected)
        same(read_alike(layers, rows[0], None, there, traces), expected)


def test_any_texts_in_any_order() -> None:
    layers = stack(True)
    rows = hidden_one_by_one()[torch.randperm(T + 2)]
    rows[3] = torch.randn(T, 3, dtype=torch.float64)
    lengths = torch.tensor([T, 3, 5, T, 1, 2, T, 6, 4])
    there = torch.arange(T) < lengths.unsqueeze(1)
    same(read_alike(layers, rows[6], rows, there), layers(rows, lengths))


def test_layers_share_while_they_are_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    layers, rows = stack(False), hidden_one_by_one()
    lengths = torch.full((len(rows),), T)
    expected, uneven = layers(rows, lengths), layers(rows, lengths - 1)
    with sharing(layers):
        same(layers(rows, lengths), expected)
        same(layers(rows, lengths - 1), uneven)
        same(layers(rows, lengths, state=None, memory=False), expected)
        assert layers(rows, lengths, trace=True)[2] is not None
    assert not layers._forward_hooks
    assert not layers._forward_pre_hooks
