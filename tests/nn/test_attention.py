"""Attention against a loop over every pair of query and memory."""

from __future__ import annotations

import pytest
import torch

from lstm_studio.nn import attention as module
from lstm_studio.nn.attention import KINDS, Attention, Memory

LENGTHS = torch.tensor([4, 1, 6])


def make(kind: str, query: int = 5, key: int = 5, size: int = 3) -> Attention:
    torch.manual_seed(0)
    return Attention(kind, query, key, size).double()


def values(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def score(attention: Attention, query: torch.Tensor, key: torch.Tensor) -> torch.Tensor:
    """Of one pair, straight from the papers."""
    if attention.kind == "luong_dot":
        return query @ key
    if attention.kind == "luong_general":
        return query @ (attention.project_key @ key)
    return attention.combine @ torch.tanh(attention.project_query @ query + attention.project_key @ key)


def by_loop(attention: Attention, queries: torch.Tensor, memory: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    context = torch.zeros(*queries.shape[:2], memory.shape[2], dtype=queries.dtype)
    weights = torch.zeros(*queries.shape[:2], memory.shape[1], dtype=queries.dtype)
    for row, length in enumerate(LENGTHS.tolist()):
        for step, query in enumerate(queries[row]):
            scores = torch.stack([score(attention, query, key) for key in memory[row, :length]])
            shares = torch.exp(scores) / torch.exp(scores).sum()
            weights[row, step, :length] = shares
            context[row, step] = sum(share * key for share, key in zip(shares, memory[row, :length], strict=True))
    return context, weights


@pytest.mark.parametrize("block", [20, 80, 1 << 17])
@pytest.mark.parametrize("kind", KINDS)
def test_it_equals_the_loop(kind, block, monkeypatch):
    monkeypatch.setattr(module, "BLOCK", block)
    size = 5 if kind == "luong_dot" else 4
    attention = make(kind, 5, size)
    queries, memory = values(3, 7, 5), values(3, 6, size, seed=2)
    context, weights = attention(queries, attention.prepare(memory, LENGTHS))
    wanted, shares = by_loop(attention, queries, memory)
    torch.testing.assert_close(context, wanted, atol=1e-12, rtol=0)
    torch.testing.assert_close(weights, shares, atol=1e-12, rtol=0)
    assert float(weights.detach()[0, :, 4:].abs().sum() + weights.detach()[1, :, 1:].abs().sum()) == 0
    torch.testing.assert_close(weights.sum(2), torch.ones(3, 7, dtype=torch.float64), atol=1e-12, rtol=0)


@pytest.mark.parametrize("kind", KINDS)
def test_one_query_at_a_time_gives_the_same(kind):
    attention = make(kind)
    queries, memory = values(3, 7, 5), attention.prepare(values(3, 6, 5, seed=2), LENGTHS)
    context, weights = attention(queries, memory)
    for step in range(7):
        here, looked = attention(queries[:, step : step + 1], memory)
        torch.testing.assert_close(here[:, 0], context[:, step], atol=1e-12, rtol=0)
        torch.testing.assert_close(looked[:, 0], weights[:, step], atol=1e-12, rtol=0)


@pytest.mark.parametrize("block", [1, 1 << 17])
@pytest.mark.parametrize("kind", KINDS)
def test_gradients(kind, block, monkeypatch):
    monkeypatch.setattr(module, "BLOCK", block)
    attention = make(kind)
    weights = dict(attention.named_parameters())

    def found(queries, memory, *numbers):
        given = dict(zip(weights, numbers, strict=True))
        return torch.func.functional_call(
            _Whole(attention), {f"inner.{k}": v for k, v in given.items()}, (queries, memory)
        )

    inputs = (values(3, 2, 5).requires_grad_(), values(3, 6, 5, seed=2).requires_grad_(), *weights.values())
    assert torch.autograd.gradcheck(found, inputs)


class _Whole(torch.nn.Module):
    def __init__(self, inner: Attention) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, queries, memory):
        return self.inner(queries, self.inner.prepare(memory, LENGTHS))


@pytest.mark.parametrize("kind", KINDS)
def test_what_stands_at_padding_changes_nothing(kind):
    attention = make(kind)
    queries, memory = values(3, 7, 5), values(3, 6, 5, seed=2)
    before = attention(queries, attention.prepare(memory, LENGTHS))
    wild = memory.clone()
    wild[0, 4:], wild[1, 1:] = float("nan"), float("inf")
    wild.requires_grad_()
    after = attention(queries, attention.prepare(wild, LENGTHS))
    for left, right in zip(before, after, strict=True):
        torch.testing.assert_close(left, right, atol=0, rtol=0)
    after[0].sum().backward()
    assert bool(wild.grad.isfinite().all())
    assert float(wild.grad[0, 4:].abs().sum() + wild.grad[1, 1:].abs().sum()) == 0
    alone, shares = attention(queries[:1], attention.prepare(memory[:1, :4], LENGTHS[:1]))
    torch.testing.assert_close(alone[0], before[0][0], atol=1e-12, rtol=0)
    torch.testing.assert_close(shares[0], before[1][0, :, :4], atol=1e-12, rtol=0)


def test_rows_can_be_chosen():
    attention = make("bahdanau")
    queries, memory = values(3, 7, 5), attention.prepare(values(3, 6, 5, seed=2), LENGTHS)
    order = torch.tensor([2, 2, 0])
    chosen = memory.select(order)
    assert isinstance(chosen, Memory)
    torch.testing.assert_close(attention(queries[order], chosen)[0], attention(queries, memory)[0][order])


def test_huge_scores_stay_numbers():
    for kind in KINDS:
        attention = make(kind).float()
        queries, memory = values(3, 2, 5).float() * 1e4, values(3, 6, 5, seed=2).float() * 1e4
        context, weights = attention(queries, attention.prepare(memory, LENGTHS))
        assert bool(context.isfinite().all())
        torch.testing.assert_close(weights.sum(2), torch.ones(3, 2))


def test_what_cannot_work_is_told():
    with pytest.raises(ValueError, match="5 numbers and the memory 4"):
        Attention("luong_dot", 5, 4, 3)
    with pytest.raises(ValueError, match="bahdanau, luong_dot"):
        Attention("cosine", 5, 5, 3)
