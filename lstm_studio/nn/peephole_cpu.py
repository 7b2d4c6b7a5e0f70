"""The peephole LSTM on a processor as one autograd function, with one call of a C function each way.

On small layers a step is bound by the number of calls, on large ones by memory: here nothing but the arithmetic is
left. Weights are laid out for it once a call, products of a few rows stay in the nearest caches, and what is needed
once, as the gradients of the gates, is never written to memory. What is kept is as in ``peephole.py``: u = g / 2,
q = -2 c and s = sigmoid(q); but the gates stand in the order i, f, u, o, so that no weight needs to be turned. The C
file, ``steps.c``, is compiled when the program is set up or bundled; where nobody could, the plain operations do the
same.

Rows know nothing of each other, so several threads share them out, each for all steps.
"""

from __future__ import annotations

import ctypes
import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from lstm_studio.nn import kernel
from lstm_studio.nn.matmul import borrow

SHARED = 1 << 22
"""Multiplications of a layer from which on threads share its rows: waking one costs some ten microseconds."""


class _Layer(ctypes.Structure):
    """``struct layer`` of steps.c, which says what each is."""

    _fields_ = (
        *[(name, ctypes.c_int64) for name in ("steps", "rows", "inputs", "hidden", "current")],
        *[(name, ctypes.c_int64) for name in ("x_step", "x_row", "dh_step", "dh_row")],
        *[(name, ctypes.c_void_p) for name in ("active", "x", "gates", "h0", "c0", "states", "memories")],
        *[(name, ctypes.c_void_p) for name in ("h_n", "c_n", "squashed")],
        *[(name, ctypes.c_void_p) for name in ("weights_x", "weights_h", "bias", "peepholes")],
        *[(name, ctypes.c_void_p) for name in ("dh", "dh_n", "dc_n", "dx", "dh0", "dc0")],
    )


def _load(*names: str) -> Any:
    found = kernel.load(*names)
    if found is None:
        return None
    pointer, number, layer = ctypes.c_void_p, ctypes.c_int64, ctypes.POINTER(_Layer)
    found.forward.argtypes = [layer, number, number]
    found.backward.argtypes = [layer, number, number, pointer, pointer, pointer]
    found.pack.argtypes = [pointer, pointer, number, number, number]
    found.turn.argtypes = [pointer, pointer, number, number]
    found.room_of.argtypes, found.panel_of.argtypes = [number] * 3, []
    found.forward.restype = found.backward.restype = found.pack.restype = found.turn.restype = None
    found.room_of.restype = found.panel_of.restype = number
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
    ) -> tuple[Tensor, ...]:
        steps, rows, _inputs = x.shape
        hidden = h0.shape[1]
        x = x if x.stride(2) == 1 else x.contiguous()
        weight_x, weight_h, peephole = weight_x.contiguous(), weight_h.contiguous(), peephole.contiguous()
        gates = x.new_empty(steps, rows, 4 * hidden)
        # One slot more than steps: the first holds the initial state.
        states = x.new_empty(steps + 1, rows, hidden)
        memories = x.new_empty(steps + 1, rows, hidden)
        squashed = x.new_empty(steps, rows, hidden)
        h_n, c_n = x.new_empty(rows, hidden), x.new_empty(rows, hidden)
        running = None if active is None else (ctypes.c_int64 * steps)(*active)
        kept = (x, weight_x, weight_h, bias.contiguous(), peephole, states, memories, squashed, gates)
        layer = _layer(kept, running, current, back=False)
        h0, c0 = h0.contiguous(), c0.contiguous()
        layer.h0, layer.c0, layer.h_n, layer.c_n = (values.data_ptr() for values in (h0, c0, h_n, c_n))
        _share(lambda _, first, count: library.forward(layer, first, count), rows, active, _work(x, hidden))
        ctx.running, ctx.active, ctx.current = running, active, current
        ctx.save_for_backward(*kept)
        shown, shown_memory = gates.view(steps, rows, 4, hidden), memories[1:]
        ctx.mark_non_differentiable(shown, shown_memory)
        ctx.set_materialize_grads(False)  # zeros as large as the gates cost as much as a few steps
        return states[1:], h_n, c_n, shown, shown_memory

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Any) -> tuple[Tensor | None, ...]:
        kept: tuple[Tensor, ...] = ctx.saved_tensors
        x, weight_x, weight_h = kept[:3]
        steps, rows, inputs = x.shape
        hidden = weight_h.shape[1]
        needs = ctx.needs_input_grad
        layer = _layer(kept, ctx.running, ctx.current, back=True)
        grad_h = grads[0]
        if grad_h is not None:
            grad_h = grad_h if grad_h.stride(2) == 1 else grad_h.contiguous()
            layer.dh, layer.dh_step, layer.dh_row = grad_h.data_ptr(), grad_h.stride(0), grad_h.stride(1)
        ends = [None if one is None else one.contiguous() for one in grads[1:3]]
        layer.dh_n, layer.dc_n = map(_address, ends)
        grad_x = x.new_empty(steps, rows, inputs) if needs[0] else None
        grad_h0 = x.new_empty(rows, hidden) if needs[2] else None
        grad_c0 = x.new_empty(rows, hidden) if needs[3] else None
        layer.dx, layer.dh0, layer.dc0 = map(_address, (grad_x, grad_h0, grad_c0))
        wide, learns = _filled(4 * hidden), needs[4] or needs[5]
        found: dict[int, tuple[Tensor | None, Tensor]] = {}

        def part(place: int, first: int, count: int) -> None:
            total = borrow(f"total {place}", x, (inputs + hidden, wide)) if learns else None
            sums = torch.zeros(7, hidden, dtype=torch.float64)
            found[place] = total, sums
            room = borrow("room", x, (library.room_of(inputs, hidden, count),))
            library.backward(layer, first, count, _address(total), sums.data_ptr(), room.data_ptr())

        _share(part, rows, ctx.active, _work(x, hidden))
        total, sums = found.pop(min(found))
        for _, (more, more_sums) in sorted(found.items()):  # the last bits must not hang on who was first
            sums += more_sums
            if total is not None and more is not None:
                total += more
        grad_wx = _turned(total[:inputs], weight_x) if total is not None and needs[4] else None
        grad_wh = _turned(total[inputs:], weight_h) if total is not None and needs[5] else None
        sums = sums.to(x.dtype)
        return grad_x, None, grad_h0, grad_c0, grad_wx, grad_wh, sums[:4].view(-1), sums[4:], None


def _layer(kept: Sequence[Tensor], running: Any, current: bool, *, back: bool) -> _Layer:
    """What both ways know; the weights are laid out for one of them, in buffers that serve until the next call."""
    x, weight_x, weight_h, bias, peephole, states, memories, squashed, gates = kept
    steps, rows, inputs = x.shape
    way = "back" if back else "forward"
    return _Layer(
        steps=steps,
        rows=rows,
        inputs=inputs,
        hidden=weight_h.shape[1],
        current=current,
        x_step=x.stride(0),
        x_row=x.stride(1),
        active=None if running is None else ctypes.addressof(running),
        x=x.data_ptr(),
        gates=gates.data_ptr(),
        states=states.data_ptr(),
        memories=memories.data_ptr(),
        squashed=squashed.data_ptr(),
        weights_x=_pack(weight_x, borrow(f"x {way}", x, (_room(weight_x, back),)), back=back).data_ptr(),
        weights_h=_pack(weight_h, borrow(f"h {way}", x, (_room(weight_h, back),)), back=back).data_ptr(),
        bias=bias.data_ptr(),
        peepholes=peephole.data_ptr(),
    )


def packed(weight: Tensor) -> Tensor:
    """Weights [4H, n] laid out for ``advance``, float32."""
    return _pack(weight.contiguous(), weight.new_empty(_room(weight, False)), back=False)


def advance(
    x: Tensor,
    h: Tensor,
    c: Tensor,
    weights_x: Tensor,
    weights_h: Tensor,
    bias: Tensor,
    peephole: Tensor,
    current: bool,
) -> tuple[Tensor, Tensor]:
    """One step of what ``serves``, without gradient.

    Args:
        x: Inputs, [R, I].
        h, c: The state before, [R, H].
        weights_x, weights_h: From ``packed``.
        bias: [4H], contiguous.
        peephole: [3, H], contiguous.
        current: Whether the output gate sees the new memory.

    Returns:
        h and c after the step, [R, H].
    """
    rows, hidden = h.shape
    x = x if x.stride(1) == 1 else x.contiguous()
    states, memories, ends = h.new_empty(2, rows, hidden), h.new_empty(2, rows, hidden), h.new_empty(2, rows, hidden)
    gates, squashed = h.new_empty(rows, 4 * hidden), h.new_empty(rows, hidden)
    h, c = h.contiguous(), c.contiguous()
    layer = _Layer(
        steps=1,
        rows=rows,
        inputs=x.shape[1],
        hidden=hidden,
        current=current,
        x_row=x.stride(0),
        x=x.data_ptr(),
        gates=gates.data_ptr(),
        h0=h.data_ptr(),
        c0=c.data_ptr(),
        states=states.data_ptr(),
        memories=memories.data_ptr(),
        h_n=ends[0].data_ptr(),
        c_n=ends[1].data_ptr(),
        squashed=squashed.data_ptr(),
        weights_x=weights_x.data_ptr(),
        weights_h=weights_h.data_ptr(),
        bias=bias.data_ptr(),
        peepholes=peephole.data_ptr(),
    )
    library.forward(layer, 0, rows)
    return ends[0], ends[1]


def _address(values: Tensor | None) -> int | None:
    return None if values is None else values.data_ptr()


def _room(weight: Tensor, back: bool) -> int:
    """Numbers of the weights [4H, n] in panels for one way, the last one filled up."""
    return _filled(weight.shape[1 if back else 0]) * weight.shape[0 if back else 1]


def _filled(columns: int) -> int:
    """Columns in whole panels."""
    panel: int = library.panel_of()
    return -(-columns // panel) * panel


def _pack(weight: Tensor, room: Tensor, *, back: bool) -> Tensor:
    library.pack(weight.data_ptr(), room.data_ptr(), weight.shape[0] // 4, weight.shape[1], back)
    return room


def _turned(total: Tensor, weight: Tensor) -> Tensor:
    """The gradient of weights [4H, n] from what ``backward`` has added up, [n, 4H filled up]."""
    gradient = torch.empty_like(weight)
    library.turn(total.data_ptr(), gradient.data_ptr(), weight.shape[0] // 4, weight.shape[1])
    return gradient


def _work(x: Tensor, hidden: int) -> int:
    """Multiplications of one way, at most."""
    steps, rows, inputs = x.shape
    return steps * rows * 4 * hidden * (inputs + hidden)


def _share(part: Callable[[int, int, int], None], rows: int, active: list[int] | None, work: int) -> None:
    """``part(place, first, count)`` for all rows, by as many threads as torch may use, each with as many steps."""
    threads = min(torch.get_num_threads(), rows) if work >= SHARED else 1
    if threads <= 1:
        part(0, 0, rows)
        return
    edges = _edges(rows, active, threads)
    shares = [(place, a, b - a) for place, (a, b) in enumerate(itertools.pairwise(edges)) if b > a]
    waiting = [_pool(threads - 1).submit(part, *share) for share in shares[1:]]
    try:
        part(*shares[0])
    finally:
        for one in waiting:
            one.result()


def _edges(rows: int, active: list[int] | None, threads: int) -> list[int]:
    """Where the rows, longest first, part so that all threads have about as many steps."""
    if active is None:
        return [rows * place // threads for place in range(threads + 1)]
    lengths = [sum(n > row for n in active) for row in range(rows)]
    behind = [0, *itertools.accumulate(lengths)]
    goals = [behind[-1] * place / threads for place in range(threads + 1)]
    return [min(range(rows + 1), key=lambda row: abs(behind[row] - goal)) for goal in goals]


@lru_cache(maxsize=4)
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="rows")
