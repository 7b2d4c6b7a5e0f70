"""Plain transcriptions of the equations, to compare with: NumPy step by step, and autograd step by step."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def numpy_lstm(x, h, c, weight_x, weight_h, bias, peephole, current):
    """One sequence [T, I] -> dict of [T, H]; gates in the order i, f, g, o, peepholes i, f, o."""
    size = len(h)
    seen: dict[str, list[np.ndarray]] = {name: [] for name in "ifgoch"}

    def look(index, memory):
        return peephole[index] @ memory if peephole.ndim == 3 else peephole[index] * memory

    for step in x:
        a = weight_x @ step + weight_h @ h + bias
        i = sigmoid(a[:size] + look(0, c))
        f = sigmoid(a[size : 2 * size] + look(1, c))
        g = np.tanh(a[2 * size : 3 * size])
        new = f * c + i * g
        o = sigmoid(a[3 * size :] + look(2, new if current else c))
        c, h = new, o * np.tanh(new)
        for name, value in zip("ifgoch", (i, f, g, o, c, h), strict=True):
            seen[name].append(value)
    return {name: np.stack(values) for name, values in seen.items()}


def autograd_lstm(x: Tensor, h: Tensor, c: Tensor, weight_x, weight_h, bias, peephole, current: bool):
    """A batch [T, B, I] -> (h [T, B, H], c_n), an autograd node per operation."""

    def look(index, memory):
        return memory @ peephole[index].t() if peephole.dim() == 3 else peephole[index] * memory

    outputs = []
    for step in x:
        i, f, g, o = (step @ weight_x.t() + h @ weight_h.t() + bias).chunk(4, 1)
        i, f = torch.sigmoid(i + look(0, c)), torch.sigmoid(f + look(1, c))
        new = f * c + i * torch.tanh(g)
        o = torch.sigmoid(o + look(2, new if current else c))
        c, h = new, o * torch.tanh(new)
        outputs.append(h)
    return torch.stack(outputs), c
