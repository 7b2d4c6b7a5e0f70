"""From the states at all tokens to one vector."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def padding_mask(lengths: Tensor, steps: int, device: torch.device) -> Tensor:
    """[B, T] bool, True where a token stands."""
    return torch.arange(steps, device=device).unsqueeze(0) < lengths.to(device).unsqueeze(1)


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
            return outputs.masked_fill(~mask.unsqueeze(2), 0).sum(1) / counts
        if self.kind == "max":
            return outputs.masked_fill(~mask.unsqueeze(2), float("-inf")).amax(1)
        scores = self.query(torch.tanh(self.project(outputs))).squeeze(2)
        weights = scores.masked_fill(~mask, float("-inf")).softmax(1)
        self.weights = weights.detach()
        return torch.bmm(weights.unsqueeze(1), outputs).squeeze(1)
