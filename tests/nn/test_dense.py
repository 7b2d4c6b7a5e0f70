"""Dense layers and the loss of a large vocabulary against torch's own."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from lstm_studio.nn import dense
from lstm_studio.nn.dense import linear, softmax_loss
from lstm_studio.nn.matmul import borrow


def numbers(*shape: int, seed: int = 0, kind: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.randn(*shape, dtype=kind, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("bias", [None, numbers(3, seed=2)])
def test_linear_and_its_gradients(bias):
    x, weight = numbers(2, 5, 4).requires_grad_(), numbers(3, 4, seed=1).requires_grad_()
    if bias is not None:
        bias = bias.requires_grad_()
    torch.testing.assert_close(linear(x, weight, bias), functional.linear(x, weight, bias))
    assert torch.autograd.gradcheck(linear, (x, weight, bias))


def test_large_products_agree_with_torch():
    x, weight, bias = (numbers(*shape, kind=torch.float32).requires_grad_() for shape in ((300, 64), (500, 64), (500,)))
    grad = numbers(300, 500, seed=5, kind=torch.float32)
    own = torch.autograd.grad((linear(x, weight, bias) * grad).sum(), (x, weight, bias))
    other = torch.autograd.grad((functional.linear(x, weight, bias) * grad).sum(), (x, weight, bias))
    for left, right in zip(own, other, strict=True):
        torch.testing.assert_close(left, right, atol=1e-3, rtol=1e-4)


@pytest.mark.parametrize("room", [1, 40, 1 << 22])
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 1.0])
def test_the_loss_is_that_of_torch(smoothing, room, monkeypatch):
    monkeypatch.setattr(dense, "SCORES", room)
    states, weight, bias = numbers(7, 4).requires_grad_(), numbers(9, 4).requires_grad_(), numbers(9).requires_grad_()
    gold = torch.tensor([0, 8, 3, 3, 1, 5, 2])
    total, each = softmax_loss(states, weight, bias, gold, smoothing)
    scores = functional.linear(states, weight, bias)
    wanted = functional.cross_entropy(scores, gold, label_smoothing=smoothing, reduction="sum")
    torch.testing.assert_close(total, wanted, atol=1e-12, rtol=0)
    torch.testing.assert_close(
        each, functional.cross_entropy(scores, gold, reduction="none").detach(), atol=1e-12, rtol=0
    )
    assert not each.requires_grad
    own = torch.autograd.grad(total * 3, (states, weight, bias))
    other = torch.autograd.grad(wanted * 3, (states, weight, bias))
    for left, right in zip(own, other, strict=True):
        torch.testing.assert_close(left, right, atol=1e-12, rtol=0)


def test_the_loss_of_hopeless_words_and_of_none():
    states, weight = torch.tensor([[1000.0]]), torch.tensor([[1.0], [-1.0]])
    total, each = softmax_loss(states, weight, torch.zeros(2), torch.tensor([1]))
    assert float(total) == float(each) == 2000
    states = torch.zeros(0, 1, requires_grad=True)
    nothing, each = softmax_loss(states, weight.requires_grad_(), torch.zeros(2), torch.zeros(0, dtype=torch.int64))
    nothing.backward()
    assert float(nothing.detach()) == 0
    assert each.shape == (0,)
    assert float(weight.grad.abs().sum()) == 0


def test_a_buffer_made_while_predicting_serves_training():
    like = torch.zeros(1)
    with torch.inference_mode():
        first = borrow("test of modes", like, (4,))
    again = borrow("test of modes", like, (4,))
    assert not again.is_inference()
    assert first.data_ptr() == again.data_ptr()
    again.add_(1)
