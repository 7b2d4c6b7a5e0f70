"""The peephole LSTM on a processor as one autograd function, all steps of it in one call of a C function each way.

On small layers a step is bound by the number of calls, on large ones by memory: here nothing but the arithmetic is
left, and the recurrent weights are laid out for it once. What is kept is as in ``peephole.py``: u = g / 2, q = -2 c and
s = sigmoid(q); but the gates stand in the order i, f, u, o, so that no weight needs to be turned. The C file,
``steps.c``, is compiled when the program is set up or bundled; where nobody could, the plain operations do the same.

Rows know nothing of each other, so several threads share them out, each for all steps of a stretch.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from lstm_studio.nn.matmul import affine, borrow, product
from lstm_studio.nn.stretches import final, stretches_of

KERNEL = Path(__file__).with_name("steps.kernel")
PANEL = 16
"""Columns of the recurrent weights that stand together, as in steps.c."""
SHARED = 1 << 22
"""Multiplications of a stretch from which on threads share its rows: waking one costs some ten microseconds."""
_VERSION = 2


def _load() -> Any:
    if os.environ.get("LSTM_STUDIO_NO_KERNEL"):
        return None
    try:
        found = ctypes.CDLL(str(KERNEL))
        found.steps_version.restype = ctypes.c_int64
        if found.steps_version() != _VERSION:
            return None
    except (OSError, AttributeError):
        return None
    pointer, number = ctypes.c_void_p, ctypes.c_int64
    found.sweep.argtypes = [pointer] * 6 + [number] * 6
    found.sweep_back.argtypes = [pointer] * 7 + [number] + [pointer] * 3 + [number] * 6
    found.pack.argtypes = [pointer] * 2 + [number] * 2
    found.sweep.restype = found.sweep_back.restype = found.pack.restype = None
    return found


library = _load()
"""The functions; None where there are none."""


def serves(x: Tensor, peephole: Tensor) -> bool:
    """Whether the functions can run this layer: diagonal peepholes and 32 bits, on a processor."""
    return library is not None and x.device.type == "cpu" and x.dtype == torch.float32 and peephole.dim() == 2


class CompiledLSTM(Function):
    """Arguments and results as of ``peephole.peephole_lstm``; the gates [T, B, 4, H] are i, f, u, o."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        active: list[int] | None,
        h0: Tensor,
        c0: Tensor,
        weight_x: Tensor,
        weight_h: Tensor,
        bias: Tensor,
        peephole: Tensor,
        current: bool,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        steps, rows, inputs = x.shape
        hidden = h0.shape[1]
        stretches = stretches_of(active, steps, rows)
        flat_x, weight_h, peephole = x.reshape(-1, inputs), weight_h.contiguous(), peephole.contiguous()
        gates = affine(flat_x, weight_x, bias).view(steps, rows, 4 * hidden)
        # One slot more than steps: the first holds the initial state.
        states = x.new_empty(steps + 1, rows, hidden)
        memories = x.new_empty(steps + 1, rows, hidden)
        squashed = x.new_empty(steps, rows, hidden)
        states[0] = h0
        torch.mul(c0, -2, out=memories[0])
        laid_out = _packed("forward", weight_h, 4 * hidden)
        looking, weights, apart = peephole.data_ptr(), laid_out.data_ptr(), rows * hidden
        for start, stop, n in stretches:

            def part(first: int, count: int, start: int = start, stop: int = stop, padding: int = rows - n) -> None:
                at = 4 * (start * apart + first * hidden)
                library.sweep(
                    gates.data_ptr() + 4 * at,
                    states.data_ptr() + at,
                    memories.data_ptr() + at,
                    squashed.data_ptr() + at,
                    weights,
                    looking,
                    stop - start,
                    count,
                    hidden,
                    apart,
                    current,
                    padding if first + count == rows - padding else 0,
                )

            _share(part, n, (stop - start) * n * hidden * hidden * 4)
        ctx.stretches, ctx.current = stretches, current
        ctx.save_for_backward(flat_x, weight_x, weight_h, peephole, states, memories, squashed, gates)
        shown, shown_memory = gates.view(steps, rows, 4, hidden), memories[1:]
        ctx.mark_non_differentiable(shown, shown_memory)
        ctx.set_materialize_grads(False)  # zeros as large as the gates cost as much as a few steps
        return states[1:], final(memories, stretches) * -0.5, shown, shown_memory

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Any) -> tuple[Tensor | None, ...]:
        flat_x, weight_x, weight_h, peephole, states, memories, squashed, gates = ctx.saved_tensors
        stretches, current = ctx.stretches, ctx.current
        steps, rows, hidden = squashed.shape
        like = states[1:]
        grad_h = torch.zeros_like(like) if grads[0] is None else grads[0].clone(memory_format=torch.contiguous_format)
        # c = -q / 2
        dq = torch.zeros_like(like[0]) if grads[1] is None else (grads[1] * -0.5).contiguous()
        da = borrow("da", gates, gates.shape)
        laid_out = _packed("back", weight_h, hidden)
        weights, looking, apart = laid_out.data_ptr(), peephole.data_ptr(), rows * hidden
        sums: list[Tensor] = []
        guard = threading.Lock()
        few = 0  # rows that run in the step after
        for start, stop, n in reversed(stretches):

            def part(
                first: int, count: int, start: int = start, stop: int = stop, few: int = few, padding: int = rows - n
            ) -> None:
                at = 4 * (start * apart + first * hidden)
                after = min(max(few - first, 0), count)
                sum_ = torch.zeros(7, hidden, dtype=torch.float64)
                with guard:
                    sums.append(sum_)
                library.sweep_back(
                    grad_h.data_ptr() + at,
                    dq.data_ptr() + 4 * first * hidden,
                    gates.data_ptr() + 4 * at,
                    memories.data_ptr() + at,
                    squashed.data_ptr() + at,
                    da.data_ptr() + 4 * at,
                    da.data_ptr() + 16 * (stop * apart + first * hidden) if after else None,
                    after,
                    weights,
                    looking,
                    sum_.data_ptr(),
                    stop - start,
                    count,
                    hidden,
                    apart,
                    current,
                    padding if first + count == rows - padding else 0,
                )

            _share(part, n, (stop - start) * n * hidden * hidden * 4)
            few = n
        found = sums[0] if len(sums) == 1 else torch.stack(sums).sum(0)
        found = found.to(gates.dtype)
        flat = da.view(-1, 4 * hidden)
        needs = ctx.needs_input_grad
        grad_x = product(flat, weight_x.t()).view(steps, rows, -1) if needs[0] else None
        grad_h0 = flat[:rows] @ weight_h if needs[2] else None
        grad_c0 = dq * -2 if needs[3] else None
        grad_wx = product(flat_x.t(), flat.t()).t() if needs[4] else None
        grad_wh = product(states[:-1].view(-1, hidden).t(), flat.t()).t() if needs[5] else None
        return grad_x, None, grad_h0, grad_c0, grad_wx, grad_wh, found[:4].view(-1), found[4:], None


def packed(weight_h: Tensor) -> Tensor:
    """The recurrent weights [4H, H] laid out for ``advance``, float32."""
    hidden = weight_h.shape[1]
    return _pack(weight_h.contiguous(), weight_h.new_empty(_room(4 * hidden, hidden)), back=False)


def advance(
    gates: Tensor, h: Tensor, c: Tensor, weights: Tensor, peephole: Tensor, current: bool
) -> tuple[Tensor, Tensor]:
    """One step of what ``serves``, without gradient.

    Args:
        gates: What comes from the inputs, [R, 4H] in the order i, f, g, o; overwritten.
        h, c: The state before, [R, H].
        weights: From ``packed``.
        peephole: [3, H], contiguous.
        current: Whether the output gate sees the new memory.

    Returns:
        h and c after the step, [R, H].
    """
    rows, hidden = h.shape
    states, memories, squashed = h.new_empty(2, rows, hidden), h.new_empty(2, rows, hidden), h.new_empty(rows, hidden)
    states[0] = h
    torch.mul(c, -2, out=memories[0])
    room = (gates, states, memories, squashed, weights, peephole)
    library.sweep(*(values.data_ptr() for values in room), 1, rows, hidden, rows * hidden, current, 0)
    return states[1], memories[1] * -0.5


def _packed(way: str, weight_h: Tensor, columns: int) -> Tensor:
    """The recurrent weights for one way, in a buffer that serves until the next call."""
    room = borrow(f"packed {way}", weight_h, (_room(columns, weight_h.shape[1]),))
    return _pack(weight_h, room, back=way == "back")


def _room(columns: int, hidden: int) -> int:
    """Numbers of 4 H H weights in panels of so many columns in all, the last one filled up."""
    return -(-columns // PANEL) * PANEL * (4 * hidden * hidden // columns)


def _pack(weight_h: Tensor, room: Tensor, *, back: bool) -> Tensor:
    library.pack(weight_h.data_ptr(), room.data_ptr(), weight_h.shape[1], back)
    return room


def _share(part: Callable[[int, int], None], rows: int, work: int) -> None:
    """``part(first, count)`` for all rows, by as many threads as torch may use."""
    threads = min(torch.get_num_threads(), rows) if work >= SHARED else 1
    if threads <= 1:
        part(0, rows)
        return
    edges = [rows * place // threads for place in range(threads + 1)]
    shares = [(first, last - first) for first, last in itertools.pairwise(edges)]
    waiting = [_pool(threads - 1).submit(part, *share) for share in shares[1:]]
    try:
        part(*shares[0])
    finally:
        for one in waiting:
            one.result()


@lru_cache(maxsize=4)
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="rows")
