"""Dense layers on the fast matrix products, and a loss over large vocabularies that never keeps its scores.

On a processor the products go where ``matmul`` finds them fastest; on a GPU they are torch's own, so that half
precision works as everywhere.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.nn import functional

from lstm_studio.nn.matmul import affine, borrow, product

SCORES = 1 << 22
"""Scores that the loss holds at once: enough for fast products, and little memory."""


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x [..., I] times the transpose of weight [O, I], plus bias [O] -> [..., O]."""
    if x.device.type != "cpu":
        return functional.linear(x, weight, bias)
    flat = x.reshape(-1, x.shape[-1])
    return _Linear.apply(flat, weight, bias).view(*x.shape[:-1], len(weight))


def softmax_loss(
    states: Tensor, weight: Tensor, bias: Tensor, gold: Tensor, smoothing: float = 0.0
) -> tuple[Tensor, Tensor]:
    """Cross-entropy of a softmax over V words, with label smoothing.

    Szegedy et al., "Rethinking the Inception architecture", 2016, section 7: the truth is 1 - smoothing at the right
    word plus smoothing / V at each word. As ``cross_entropy`` of torch computes it; but scores and their gradient are
    made block by block, so that N * V numbers never stand in memory, and the backward pass costs nothing more.

    Args:
        states: [N, A].
        weight, bias: Of the output layer, [V, A] and [V].
        gold: The right words, int64 [N].
        smoothing: 0..1.

    Returns:
        The sum over all N, to be differentiated; and -log p of each right word, [N], without smoothing or gradient.
    """
    if states.device.type != "cpu":
        scores = functional.linear(states, weight, bias).float()
        total = functional.cross_entropy(scores, gold, label_smoothing=smoothing, reduction="sum")
        return total, functional.cross_entropy(scores.detach(), gold, reduction="none")
    return _SoftmaxLoss.apply(states, weight, bias, gold, smoothing)


class _Linear(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(x, weight)
        return product(x, weight) if bias is None else affine(x, weight, bias)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Any) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        needs, grad = ctx.needs_input_grad, grads[0]
        return (
            product(grad, weight.t()) if needs[0] else None,
            product(grad.t(), x.t()) if needs[1] else None,
            grad.sum(0) if needs[2] else None,
        )


class _SoftmaxLoss(Function):
    @staticmethod
    def forward(
        ctx: Any, states: Tensor, weight: Tensor, bias: Tensor, gold: Tensor, smoothing: float
    ) -> tuple[Tensor, Tensor]:
        words = len(weight)
        learns = any(ctx.needs_input_grad)
        each = states.new_empty(len(states))
        total = states.new_zeros(())
        grad_states = torch.empty_like(states) if learns else None
        grad_weight: Tensor | None = None
        grad_bias = torch.zeros_like(bias) if learns else None
        size = max(1, SCORES // words)
        for start in range(0, len(states), size):
            block, right = states[start : start + size], gold[start : start + size].unsqueeze(1)
            scores = affine(block, weight, bias)
            shares = torch.softmax(scores, 1, out=borrow("shares", scores, scores.shape))
            # The log of the sum of exponentials, from the largest score and its share: exact, and without an exp.
            log_sum = scores.amax(1) - shares.amax(1).log()
            nll = log_sum - scores.gather(1, right).squeeze(1)
            each[start : start + size] = nll
            total += nll.sum() * (1 - smoothing)
            if smoothing:
                total += (log_sum - scores.mean(1)).sum() * smoothing
            if grad_states is not None and grad_bias is not None:
                if smoothing:
                    shares.sub_(smoothing / words)
                shares.scatter_add_(1, right, shares.new_full((len(block), 1), smoothing - 1))
                grad_states[start : start + size] = product(shares, weight.t())
                part = product(shares.t(), block.t())
                grad_weight = part if grad_weight is None else grad_weight.add_(part)
                grad_bias += shares.sum(0)
        if learns:
            ctx.save_for_backward(
                grad_states, torch.zeros_like(weight) if grad_weight is None else grad_weight, grad_bias
            )
        ctx.mark_non_differentiable(each)
        return total, each

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Any) -> tuple[Tensor | None, ...]:
        scale = grads[0]
        return (*(grad * scale for grad in ctx.saved_tensors), None, None)
