"""Matrix products and buffers of the peephole cell.

torch hands float32 products on an x86 processor to MKL. On AMD machines oneDNN (what torch.nn.LSTM uses inside) is
quicker for large ones whose first factor stands row by row, MKL for small ones and where the first factor is turned,
as for the gradient of weights. Where registers are 512 bits wide, oneDNN uses them and MKL does not: it is twice as
fast, the copy of a turned factor included, but still prepares itself for every shape that is new, which takes up to a
millisecond. Other devices and kinds of number stay with torch's own choice.
"""

from __future__ import annotations

import math
import platform
import threading
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

WIDE = torch.backends.cpu.get_cpu_capability() == "AVX512"
THRESHOLD = 1 << 25 if WIDE else 1 << 27
"""Multiplications of one product above which oneDNN pays."""


def _find_linear() -> Any:
    if not torch.backends.mkldnn.is_available() or platform.machine().lower() not in ("x86_64", "amd64"):
        return None
    # Private to torch, whose compiler calls it; absent from some builds, hence the question.
    return getattr(torch.ops.mkldnn, "_linear_pointwise", None) if hasattr(torch.ops, "mkldnn") else None


try:
    _LINEAR = _find_linear()
except (AttributeError, RuntimeError):
    _LINEAR = None


def pays(a: Tensor, columns: int) -> bool:
    """Whether oneDNN is the faster one for a [n, k] times [k, columns]; its call has no gradient of its own."""
    return (
        _LINEAR is not None
        and not torch.is_grad_enabled()
        and a.device.type == "cpu"
        and a.dtype == torch.float32
        and (WIDE or a.stride(-1) == 1)
        and a.shape[0] * a.shape[1] * columns >= THRESHOLD
        and bool(torch.backends.mkldnn.enabled)
    )


def product(a: Tensor, b: Tensor) -> Tensor:
    """a [n, k] times the transpose of b [m, k] -> [n, m]."""
    if pays(a, b.shape[0]):
        return _LINEAR(a.contiguous(), b, None, "none", [], "")
    return a @ b.t()


def affine(a: Tensor, b: Tensor, bias: Tensor) -> Tensor:
    """a [n, k] times the transpose of b [m, k], plus bias [m] -> [n, m]."""
    if pays(a, b.shape[0]):
        return _LINEAR(a.contiguous(), b, bias, "none", [], "")
    return torch.addmm(bias, a, b.t())


class _Lent(threading.local):
    """One buffer by name and kind in each thread, as large as ever asked for."""

    def __init__(self) -> None:
        self.buffers: dict[tuple[str, torch.dtype], Tensor] = {}


_LENT = _Lent()
KEPT = 64 << 20
"""Numbers; a larger buffer is given back to the system after use."""


def borrow(name: str, like: Tensor, shape: Sequence[int]) -> Tensor:
    """An uninitialised buffer for use until the next call with this name, of the kind of ``like``.

    On a processor the pages of fresh memory cost more than a product fills them with; a GPU has torch's own pool.
    """
    numbers = math.prod(shape)
    if like.device.type != "cpu" or numbers > KEPT:
        return like.new_empty(shape)
    key = (name, like.dtype)
    kept = _LENT.buffers.get(key)
    if kept is None or kept.numel() < numbers:
        with torch.inference_mode(False):  # what was made while predicting must serve training too
            kept = torch.empty(numbers, dtype=like.dtype)
        _LENT.buffers[key] = kept
    return kept[:numbers].view(shape)


class Recurrence:
    """One matrix b [m, k], multiplied at every step: ``add(c, a)`` adds a times b's transpose to c.

    A product of so few rows costs less with torch's own choice than with oneDNN, even with the matrix laid out for it.
    """

    def __init__(self, b: Tensor) -> None:
        self._turned = b.t()

    def add(self, c: Tensor, a: Tensor) -> Tensor:
        """c [n, m] and a [n, k] -> c."""
        return c.addmm_(a, self._turned)
