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

from lstm_studio.nn.matmul import Recurrence

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


def run(
    recurrence: Recurrence,
    peep: Tensor,
    current: bool,
    gates: Tensor,
    states: Tensor,
    memories: Tensor,
    squashed: Tensor,
    states_after: Tensor,
    memories_after: Tensor,
) -> None:
    """All steps t of n rows.

    Args:
        recurrence: The product with the recurrent weights.
        peep: [3, H] in the order o, i, f, for a memory that is kept as q; contiguous.
        current: The output gate sees this step's memory.
        gates: [t, n, 4H], the inputs' part of the pre-activations; afterwards o, i, f, u.
        states, memories: h and q of the steps before, [t, n, H].
        squashed, states_after, memories_after: s, h and q, [t, n, H], to be written.
    """
    n, hidden = memories.shape[1:]
    grid = (n, triton.cdiv(hidden, BLOCK))
    every = zip(
        gates.unbind(0),
        states.unbind(0),
        memories.unbind(0),
        memories_after.unbind(0),
        squashed.unbind(0),
        states_after.unbind(0),
        strict=True,
    )
    for gate, h_before, before, memory, s, h in every:
        recurrence.add(gate, h_before)
        _step[grid](gate, before, peep, memory, s, h, hidden, gate.stride(0), before.stride(0), current, BLOCK)


def run_back(
    recurrence: Recurrence,
    peep: Tensor,
    current: bool,
    grad_h: Tensor,
    dq: Tensor,
    gates: Tensor,
    squashed: Tensor,
    memories: Tensor,
    da: Tensor,
    later: Tensor | None,
) -> Tensor | None:
    """Back through these steps; ``later`` is da of the step after them.

    Args:
        recurrence: The product with the recurrent weights, transposed.
        grad_h: [t, n, H]; changed.
        dq: [n, H]; becomes that of the step before.
        gates, squashed, memories: As ``run`` left them, memories of the steps before.
        da: [t, n, 4H], to be written.

    Returns:
        da of the first step.
    """
    n, hidden = dq.shape
    grid = (n, triton.cdiv(hidden, BLOCK))
    every = zip(grad_h.unbind(0), gates.unbind(0), squashed.unbind(0), memories.unbind(0), da.unbind(0), strict=True)
    for dh, gate, s, before, da_t in reversed(list(every)):
        if later is not None:
            recurrence.add(dh[: len(later)], later)
        later = da_t
        _step_back[grid](dh, dq, gate, s, before, peep, da_t, hidden, gate.stride(0), s.stride(0), current, BLOCK)
    return later


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
