"""Tables of vectors of which a batch uses few rows: their gradient by rows, and a step of Adam.

A dense gradient of a table of V words is filled with zeros, measured, and read again by the optimiser at each step,
while a batch touches some hundred words. Here it is a sparse tensor of the touched rows alone. The step is that of
Adam on the dense gradient all the same (Kingma & Ba, "Adam: a method for stochastic optimization", 2015; decoupled
decay after Loshchilov & Hutter, 2019), within rounding: moments of words that do not occur decay, and move them.
"""

from __future__ import annotations

import ctypes
import math
import threading
from typing import Any

import torch
from torch import Tensor

from lstm_studio.nn import kernel


def _load() -> Any:
    found = kernel.load()
    if found is None:
        return None
    pointer, number, real = ctypes.c_void_p, ctypes.c_int64, ctypes.c_float
    found.gather.argtypes = [pointer, pointer, number, number, pointer, pointer, pointer]
    found.gather.restype = number
    found.adam.argtypes = [pointer] * 5 + [number, pointer, number, number] + [real] * 7
    found.adam.restype = None
    return found


library = _load()
"""The functions; None where there are none."""


def serves(weight: Tensor) -> bool:
    """Whether a table [V, E] can learn by rows here: 32 bits, on a processor, with the functions compiled."""
    fits = weight.device.type == "cpu" and weight.dtype == torch.float32 and weight.is_contiguous()
    return library is not None and fits and weight.dim() == 2


def gathered(gradient: Tensor) -> Tensor:
    """A sparse gradient [V, E] with each row once: what ``coalesce`` gives, in the order in which rows come first."""
    numbers, values = gradient._indices()[0].contiguous(), gradient._values().contiguous()
    touched, sums = torch.empty_like(numbers), torch.empty_like(values)
    slots = _slots(gradient.shape[0])
    count, width = values.shape
    room = (touched.data_ptr(), sums.data_ptr())
    used = library.gather(numbers.data_ptr(), values.data_ptr(), count, width, slots.data_ptr(), *room)
    return _sparse(touched[:used], sums[:used], gradient)


def mixed(one: Tensor, other: Tensor, part: float) -> Tensor:
    """(1 - part) times a sparse gradient plus part times another one; rows may occur twice."""
    numbers = torch.cat([one._indices()[0], other._indices()[0]])
    values = torch.cat([one._values() * (1 - part), other._values() * part])
    return torch.sparse_coo_tensor(numbers.unsqueeze(0), values, one.shape, check_invariants=False)


def adam(
    weight: Tensor,
    gradient: Tensor,
    mean: Tensor,
    square: Tensor,
    step: int,
    *,
    rate: float,
    betas: tuple[float, float],
    epsilon: float,
    decay: float,
    decoupled: bool,
) -> None:
    """Step number ``step``, counted from 1, on a table [V, E].

    Args:
        gradient: As ``gathered`` gives it; no row twice.
        mean, square: The running moments, [V, E]; they change too.
        decoupled: Decay as AdamW has it, instead of as part of the gradient.
    """
    numbers, sums = gradient._indices()[0].contiguous(), gradient._values().contiguous()
    (rows, width), slots = weight.shape, _slots(weight.shape[0])
    library.adam(
        weight.data_ptr(),
        mean.data_ptr(),
        square.data_ptr(),
        numbers.data_ptr(),
        sums.data_ptr(),
        len(numbers),
        slots.data_ptr(),
        rows,
        width,
        rate / (1 - betas[0] ** step),
        *betas,
        epsilon,
        math.sqrt(1 - betas[1] ** step),
        1 - rate * decay if decoupled else 1.0,
        0.0 if decoupled else decay,
    )
    torch.autograd.graph.increment_version(weight)  # it changed behind torch's back


def _sparse(numbers: Tensor, values: Tensor, like: Tensor) -> Tensor:
    shape = like.shape
    return torch.sparse_coo_tensor(numbers.unsqueeze(0), values, shape, check_invariants=False, is_coalesced=True)


class _Slots(threading.local):
    """-1 for each row of a table of so many rows."""

    def __init__(self) -> None:
        self.kept: dict[int, Tensor] = {}


_SLOTS = _Slots()


def _slots(rows: int) -> Tensor:
    found = _SLOTS.kept.get(rows)
    if found is None:
        _SLOTS.kept.clear()  # a thread trains one network at a time
        found = _SLOTS.kept[rows] = torch.full((rows,), -1, dtype=torch.int32)
    return found
