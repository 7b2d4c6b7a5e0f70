"""Where a decoder looks: each step's query against everything that the encoder said."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from lstm_studio.nn.dense import linear
from lstm_studio.nn.matmul import borrow
from lstm_studio.nn.pooling import padding_mask

KINDS = ("bahdanau", "luong_dot", "luong_general")
BLOCK = 1 << 17
"""Numbers of additive attention worked on at once: what fits into a core's cache."""
BLOCK_GPU = 1 << 26


class Memory(NamedTuple):
    """What attention looks at, prepared once for all steps.

    Attributes:
        values: [B, S, K], zero at padding.
        keys: [B, S, A], as queries are compared with.
        mask: bool [B, S], True where a token stands.
    """

    values: Tensor
    keys: Tensor
    mask: Tensor

    def select(self, rows: Tensor | slice) -> Memory:
        """Only these rows, in this order."""
        return Memory(self.values[rows], self.keys[rows], self.mask[rows])


class Attention(nn.Module):
    """Weights over the memory, softmax of a score, and the memory's mean under them.

    score(q, m) = v · tanh(W q + U m)    "bahdanau": Bahdanau, Cho & Bengio, 2015 (https://arxiv.org/abs/1409.0473)
    score(q, m) = q · m                  "luong_dot": Luong, Pham & Manning, 2015 (https://arxiv.org/abs/1508.04025)
    score(q, m) = q · W m                "luong_general": the same

    Args:
        kind: One of these three.
        query_size: Q.
        key_size: K, of the memory.
        size: A, the units of "bahdanau"; the others do not use it.

    Raises:
        ValueError: an unknown kind; "luong_dot" with queries and memory of different size.
    """

    def __init__(self, kind: str, query_size: int, key_size: int, size: int) -> None:
        super().__init__()
        if kind not in KINDS:
            raise ValueError(f"attention must be one of {', '.join(KINDS)}, not {kind!r}")
        if kind == "luong_dot" and query_size != key_size:
            raise ValueError(
                f"luong_dot compares vectors of equal size, but queries have {query_size} numbers and the memory "
                f"{key_size}: choose luong_general, or sizes that fit"
            )
        self.kind = kind
        self.project_query: nn.Parameter | None = None
        self.project_key: nn.Parameter | None = None
        self.combine: nn.Parameter | None = None
        if kind == "bahdanau":
            self.project_query = _matrix(size, query_size)
            self.project_key = _matrix(size, key_size)
            bound = 1 / math.sqrt(size)
            self.combine = nn.Parameter(torch.empty(size).uniform_(-bound, bound))
        elif kind == "luong_general":
            self.project_key = _matrix(query_size, key_size)

    def prepare(self, memory: Tensor, lengths: Tensor) -> Memory:
        """What all steps need of the memory [B, S, K] with lengths [B], 1..S; what stands at padding is cleared."""
        mask = padding_mask(lengths, memory.shape[1], memory.device)
        values = memory.masked_fill(~mask.unsqueeze(2), 0)
        return Memory(values, values if self.project_key is None else linear(values, self.project_key), mask)

    def forward(self, queries: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """Queries [B, U, Q] -> context [B, U, K], and weights [B, U, S] that are exactly 0 at padding."""
        if self.combine is None or self.project_query is None:
            scores = torch.bmm(queries, memory.keys.transpose(1, 2))
        else:
            asked = linear(queries, self.project_query)
            with torch.autocast(device_type=queries.device.type, enabled=False):
                kind = self.combine.dtype
                scores = _Additive.apply(asked.to(kind), memory.keys.to(kind), self.combine)
        weights = scores.masked_fill(~memory.mask.unsqueeze(1), float("-inf")).softmax(2)
        return torch.bmm(weights.to(memory.values.dtype), memory.values), weights


class _Additive(Function):
    """v · tanh(q + k) for all pairs, [B, U, A] and [B, S, A] -> [B, U, S].

    With tanh(a) = 2 sigmoid(2a) - 1, several times cheaper on a processor. The B * U * S * A numbers inside are made
    block by block and made again for the gradient: a summary of a long text would fill the memory with them.
    """

    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        twice_q, twice_k = q * 2, k * 2
        scores = q.new_empty(q.shape[0], q.shape[1], k.shape[1])
        for rows, asked in _blocks(q, k):
            opened = _open(twice_q[rows, asked], twice_k[rows])
            scores[rows, asked] = opened @ v
        ctx.save_for_backward(twice_q, twice_k, v)
        return scores.mul_(2).sub_(v.sum())

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Any) -> tuple[Tensor | None, ...]:
        twice_q, twice_k, v = ctx.saved_tensors
        grad = grads[0].contiguous()
        grad_q, grad_k, grad_v = torch.empty_like(twice_q), torch.zeros_like(twice_k), torch.zeros_like(v)
        for rows, asked in _blocks(twice_q, twice_k):
            opened = _open(twice_q[rows, asked], twice_k[rows])
            here = grad[rows, asked]
            grad_v += here.reshape(-1) @ opened.view(-1, len(v))
            opened.addcmul_(opened, opened, value=-1).mul_(here.unsqueeze(3))  # s (1 - s), times the gradient
            grad_q[rows, asked] = opened.sum(2)
            grad_k[rows] += opened.sum(1)
        return grad_q.mul_(v * 4), grad_k.mul_(v * 4), grad_v * 2 - grad.sum()


def _open(twice_q: Tensor, twice_k: Tensor) -> Tensor:
    """sigmoid of all sums, [b, u, A] and [b, S, A] -> [b, u, S, A], in a buffer that serves again."""
    shape = (len(twice_q), twice_q.shape[1], twice_k.shape[1], twice_q.shape[2])
    room = borrow("additive", twice_q, shape)
    return torch.add(twice_q.unsqueeze(2), twice_k.unsqueeze(1), out=room).sigmoid_()


def _blocks(q: Tensor, k: Tensor) -> list[tuple[slice, slice]]:
    """Rows and queries to work on together."""
    room = BLOCK if q.device.type == "cpu" else BLOCK_GPU
    asked = max(1, room // (k.shape[1] * k.shape[2]))
    rows = max(1, asked // q.shape[1])
    return [
        (slice(row, row + rows), slice(start, start + asked))
        for row in range(0, len(q), rows)
        for start in range(0, q.shape[1], asked)
    ]


def _matrix(rows: int, columns: int) -> nn.Parameter:
    weight = nn.Parameter(torch.empty(rows, columns))
    nn.init.xavier_uniform_(weight)
    return weight
