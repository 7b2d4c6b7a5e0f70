"""Dropout with masks that cost little on a processor.

torch draws such a mask there with one call of its generator for each number, which took a twelfth of a small network's
step; here one call of 64 bits decides over four of them. The share that is silenced is thereby one of 65,536ths.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from lstm_studio.nn import chance

_PARTS = 1 << 16
_LOWEST = -(1 << 63)


def mask(like: Tensor, shape: Sequence[int], p: float) -> Tensor:
    """Zeros, with probability p, and 1 / (1 - p): of the kind of ``like``, on its device.

    Drawn from the global generator of the device, or the thread's own: the same seed, the same mask, on any number of
    torch's threads.

    Args:
        p: 0 <= p < 1.
    """
    if like.device.type != "cpu":
        return like.new_empty(shape).bernoulli_(1 - p).div_(1 - p)
    silenced = min(round(p * _PARTS), _PARTS - 1)
    size = math.prod(shape)
    lowest = silenced - _PARTS // 2
    # From the lowest number on and without an end: all 64 bits are drawn.
    drawn = torch.empty(-(-size // 4), dtype=torch.int64).random_(_LOWEST, None, generator=chance.generator())
    drawn = drawn.view(torch.int16)[:size].view(tuple(shape))
    if not silenced:
        return like.new_full(shape, 1 / (1 - p))
    # 0 below the lowest number that is kept, 1 from there on: a comparison would make slow bools first.
    kept = drawn.clamp(lowest - 1, lowest).sub_(lowest - 1)
    return kept.to(like.dtype).mul_(1 / (1 - p))


def dropped(values: Tensor, p: float) -> Tensor:
    """Each value silenced with probability p, the others divided by 1 - p, so that the expectation stays."""
    if p == 0:
        return values
    if values.device.type != "cpu":
        return functional.dropout(values, p)  # one kernel
    return values * mask(values, values.shape, p)


class Dropout(nn.Dropout):
    """``torch.nn.Dropout`` with these masks (Srivastava et al., "Dropout", 2014); not in place.

    Args:
        p: Share of the values that are silenced in training, 0 <= p < 1.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Same shape."""
        return dropped(input, self.p) if self.training else input
