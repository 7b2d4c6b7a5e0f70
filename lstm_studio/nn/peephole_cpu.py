"""The element-wise part of a step of the peephole LSTM on a processor, forward and back, as one call of a C function.

On small layers a step is bound by the number of calls: the dozen operations of ``peephole.py`` become one, beside the
one product with the recurrent weights; on large ones by memory, which is gone through once. What is kept, and in which
order, is as there: gates o, i, f, u with u = g / 2, q = -2 c and s = sigmoid(q). The C file, ``steps.c``, is compiled
when the program is set up or bundled; where nobody could, the plain operations do the same.
"""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lstm_studio.nn.matmul import Recurrence

KERNEL = Path(__file__).with_name("steps.kernel")
LONG = 1 << 14
"""Numbers of a gate from which on other threads may run meanwhile: letting them costs a microsecond or two."""
_VERSION = 1


def _load(kind: Any = ctypes.PyDLL) -> Any:
    """The functions, called with the interpreter's lock held (``PyDLL``) or given up meanwhile (``CDLL``)."""
    if os.environ.get("LSTM_STUDIO_NO_KERNEL"):
        return None
    try:
        found = kind(str(KERNEL))
        found.steps_version.restype = ctypes.c_int64
        if found.steps_version() != _VERSION:
            return None
    except (OSError, AttributeError):
        return None
    pointer, number = ctypes.c_void_p, ctypes.c_int64
    found.step.argtypes = [pointer] * 6 + [number] * 3
    found.step_back.argtypes = [pointer] * 9 + [number] * 3
    found.step.restype = found.step_back.restype = None
    return found


library = _load()
"""The functions; None where there are none."""
_unlocked = _load(ctypes.CDLL)


def _functions(rows: int, hidden: int) -> Any:
    return library if rows * hidden < LONG else _unlocked


def serves(x: Tensor, peephole: Tensor) -> bool:
    """Whether the functions can run this layer: diagonal peepholes and 32 bits, on a processor."""
    return library is not None and x.device.type == "cpu" and x.dtype == torch.float32 and peephole.dim() == 2


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
    """All steps t of n rows; arguments as of ``peephole_gpu.run``. The rows of a step stand one after another."""
    n, hidden = memories.shape[1:]
    step, looking, add = _functions(n, hidden).step, peep.data_ptr(), recurrence.add
    gate, wide, narrow = gates.data_ptr(), 4 * gates.stride(0), 4 * memories.stride(0)
    before, s, q, h = (values.data_ptr() for values in (memories, squashed, memories_after, states_after))
    for raw, h_before in zip(gates.unbind(0), states.unbind(0), strict=True):
        add(raw, h_before)
        step(gate, before, looking, q, s, h, n, hidden, current)
        gate, before, q, s, h = gate + wide, before + narrow, q + narrow, s + narrow, h + narrow


def run_back(
    recurrence: Recurrence,
    peep: Tensor,
    current: bool,
    grad_h: Tensor,
    dq: Tensor,
    gates: Tensor,
    squashed: Tensor,
    memories: Tensor,
    memories_after: Tensor,
    da: Tensor,
    later: Tensor | None,
    sums: Tensor,
) -> Tensor | None:
    """Back through these steps; arguments as of ``peephole_gpu.run_back``, and:

    Args:
        memories_after: q of these steps, [t, n, H].
        sums: float64 [7, H]; gains the gradients of the biases o, i, f, g and the peepholes o, i, f.
    """
    steps, n, hidden = squashed.shape
    back, looking, found = _functions(n, hidden).step_back, peep.data_ptr(), sums.data_ptr()
    d_q, wide, narrow = dq.data_ptr(), 4 * gates.stride(0), 4 * memories.stride(0)
    last = steps - 1
    gate, out = gates.data_ptr() + last * wide, da.data_ptr() + last * wide
    given = (grad_h, squashed, memories, memories_after)
    d_h, s, before, after = (values.data_ptr() + last * narrow for values in given)
    for dh, da_t in reversed(list(zip(grad_h.unbind(0), da.unbind(0), strict=True))):
        if later is not None:
            recurrence.add(dh if len(later) == n else dh[: len(later)], later)
        back(d_h, d_q, gate, s, before, after, looking, out, found, n, hidden, current)
        later = da_t
        gate, out = gate - wide, out - wide
        d_h, s, before, after = d_h - narrow, s - narrow, before - narrow, after - narrow
    return later
