"""The element-wise part of a step of the peephole LSTM on a GPU, forward and back, as one Triton kernel each.

On a GPU a step is bound by the number of launches: the dozen operations of ``peephole.py`` become one, beside the one
product with the recurrent weights. What is kept, and in which order, is as there: gates o, i, f, u with u = g / 2,
q = -2 c and s = sigmoid(q). Triton comes with PyTorch's builds for NVIDIA and AMD on Linux; without it the plain
operations do the same.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

try:
    import triton
    import triton.language as tl
except ImportError:  # builds for processors alone, Windows and macOS have none
    triton = None

BLOCK = 128
"""Units of one row that a program of the grid handles."""


def serves(x: Tensor, peephole: Tensor) -> bool:
    """Whether the kernels can run this layer: diagonal peepholes and 32 bits, on a GPU, with Triton."""
    return triton is not None and x.is_cuda and x.dtype == torch.float32 and peephole.dim() == 2


def step(gate: Tensor, before: Tensor, peep: Tensor, memory: Tensor, s: Tensor, h: Tensor, current: bool) -> None:
    """One step of all rows.

    Args:
        gate: [n, 4H], the pre-activations without the peepholes' part; afterwards o, i, f, u.
        before: q of the step before, [n, H].
        peep: [3, H] in the order o, i, f, for a memory that is kept as q; contiguous.
        memory, s, h: [n, H], to be written.
        current: The output gate sees this step's memory.
    """
    n, hidden = memory.shape
    grid = (n, triton.cdiv(hidden, BLOCK))
    _step[grid](gate, before, peep, memory, s, h, hidden, gate.stride(0), before.stride(0), current, BLOCK)


def step_back(
    dh: Tensor, dq: Tensor, gate: Tensor, s: Tensor, before: Tensor, peep: Tensor, da: Tensor, current: bool
) -> None:
    """Back through one step: dh [n, H] and dq [n, H] give da [n, 4H]; dq becomes that of the step before."""
    n, hidden = s.shape
    grid = (n, triton.cdiv(hidden, BLOCK))
    _step_back[grid](dh, dq, gate, s, before, peep, da, hidden, gate.stride(0), s.stride(0), current, BLOCK)


def _compiled() -> tuple[Any, Any]:
    @triton.jit
    def forward(gate, before, peep, memory, s, h, hidden, wide, narrow, CURRENT: tl.constexpr, BLOCK: tl.constexpr):
        row = tl.program_id(0)
        unit = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
        there = unit < hidden
        gates = gate + row * wide + unit
        flat = row * narrow + unit
        q = tl.load(before + flat, there, 0.0)
        o = tl.load(gates, there, 0.0)
        i = tl.load(gates + hidden, there, 0.0) + q * tl.load(peep + hidden + unit, there, 0.0)
        f = tl.load(gates + 2 * hidden, there, 0.0) + q * tl.load(peep + 2 * hidden + unit, there, 0.0)
        u = tl.sigmoid(tl.load(gates + 3 * hidden, there, 0.0)) - 0.5
        i = tl.sigmoid(i)
        f = tl.sigmoid(f)
        now = f * q - 4 * i * u
        seen = now if CURRENT else q
        o = tl.sigmoid(o + seen * tl.load(peep + unit, there, 0.0))
        half = tl.sigmoid(now)
        tl.store(gates, o, there)
        tl.store(gates + hidden, i, there)
        tl.store(gates + 2 * hidden, f, there)
        tl.store(gates + 3 * hidden, u, there)
        tl.store(memory + flat, now, there)
        tl.store(s + flat, half, there)
        tl.store(h + flat, o - 2 * o * half, there)

    @triton.jit
    def backward(dh, dq, gate, s, before, peep, da, hidden, wide, narrow, CURRENT: tl.constexpr, BLOCK: tl.constexpr):
        row = tl.program_id(0)
        unit = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
        there = unit < hidden
        gates = gate + row * wide + unit
        flat = row * narrow + unit
        o = tl.load(gates, there, 0.0)
        i = tl.load(gates + hidden, there, 0.0)
        f = tl.load(gates + 2 * hidden, there, 0.0)
        u = tl.load(gates + 3 * hidden, there, 0.0)
        half = tl.load(s + flat, there, 0.0)
        q = tl.load(before + flat, there, 0.0)
        grad_h = tl.load(dh + flat, there, 0.0)
        grad_q = tl.load(dq + flat, there, 0.0)
        to_o = tl.load(peep + unit, there, 0.0)
        grad_o = grad_h * (1 - 2 * half) * o * (1 - o)
        grad_q -= 2 * grad_h * o * half * (1 - half)
        if CURRENT:
            grad_q += grad_o * to_o
        grad_i = grad_q * -4 * u * i * (1 - i)
        grad_f = grad_q * q * f * (1 - f)
        grad_g = grad_q * -2 * i * (1 - 4 * u * u)
        back = grad_q * f
        back += grad_i * tl.load(peep + hidden + unit, there, 0.0)
        back += grad_f * tl.load(peep + 2 * hidden + unit, there, 0.0)
        if not CURRENT:
            back += grad_o * to_o
        out = da + row * wide + unit
        tl.store(out, grad_o, there)
        tl.store(out + hidden, grad_i, there)
        tl.store(out + 2 * hidden, grad_f, there)
        tl.store(out + 3 * hidden, grad_g, there)
        tl.store(dq + flat, back, there)

    return forward, backward


if triton is not None:
    try:
        _step, _step_back = _compiled()
    except OSError:  # a frozen program has no source for Triton to compile
        triton = None
