"""From the states at all tokens to one vector."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable


def padding_mask(lengths: Tensor, steps: int, device: torch.device) -> Tensor:
    """[B, T] bool, True where a token stands."""
    return torch.arange(steps, device=device).unsqueeze(0) < lengths.to(device).unsqueeze(1)


def without_padding(values: Tensor, mask: Tensor) -> Tensor:
    """Finite values [B, T, F] where a token stands, zero elsewhere (mask [B, T]): a product is several times quicker
    than ``masked_fill``, forward and back."""
    return values * mask.to(values.dtype).unsqueeze(2)


class _Largest(Function):
    """The largest value of each row and unit, [B, T, F] -> [B, F]. Its gradient is shared out among equal ones, as by
    ``torch.amax``, whose own one costs three times as much."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        largest = values.amax(1)
        ctx.save_for_backward(values, largest)
        return largest

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Any) -> Tensor:
        values, largest = ctx.saved_tensors
        # 1 where a value is the largest, 0 below it. A comparison would make a bool of it first, which is slow.
        there: Tensor = (values - largest.unsqueeze(1)).sign_().add_(1)
        return there.mul_((grads[0] / there.sum(1)).unsqueeze(1))


class Pooling(nn.Module):
    """Last real state (of both directions), mean, max, or attention with one learned query.

    Attention: weight[t] = softmax_t(w · tanh(W h[t])), after Yang et al., "Hierarchical attention networks for
    document classification", 2016. Padding takes no part in any of them.
    """

    def __init__(self, kind: str, size: int) -> None:
        super().__init__()
        self.kind = kind
        self.weights: Tensor | None = None
        if kind == "attention":
            self.project = nn.Linear(size, size)
            self.query = nn.Linear(size, 1, bias=False)

    def forward(self, outputs: Tensor, lengths: Tensor, final: Tensor) -> Tensor:
        """Outputs [B, T, F], lengths [B], final [B, F] -> [B, F]; attention keeps its weights [B, T]."""
        if self.kind == "last":
            return final
        mask = padding_mask(lengths, outputs.shape[1], outputs.device)
        if self.kind == "mean":
            counts = lengths.to(outputs.device, outputs.dtype).unsqueeze(1)
            return without_padding(outputs, mask).sum(1) / counts
        if self.kind == "max":
            nowhere = torch.zeros(mask.shape, dtype=outputs.dtype, device=outputs.device)
            found: Tensor = _Largest.apply(outputs + nowhere.masked_fill_(~mask, float("-inf")).unsqueeze(2))
            return found
        scores = self.query(torch.tanh(self.project(outputs))).squeeze(2)
        weights = scores.masked_fill(~mask, float("-inf")).softmax(1)
        self.weights = weights.detach()
        return torch.bmm(weights.unsqueeze(1), outputs).squeeze(1)
