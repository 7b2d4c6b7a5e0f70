"""Recurrent layers once more, step by step in autograd, so that each state can be differentiated by.

The studio's cells compute whole sequences in one call, whose states inside no gradient is told of. While ``watched``,
every layer and direction runs again over what it has read, with its own weights and in plain operations, and what
follows in the network goes on from there: the same numbers, but with a node for each h[t] and c[t].
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from lstm_studio.nn.directions import PeepholeDirection, TorchDirection
from lstm_studio.nn.recurrent import Recurrent
from lstm_studio.nn.types import Direction
from lstm_studio.nn.variants import VariantDirection

Step = tuple[Tensor, Tensor | None]
"""h and c, [B, H] each; c is None for cells that have no memory."""


@dataclass
class States:
    """Of one layer and direction: h and c, [B, H] a step, in the order of the text; ``c`` is empty without memory.

    ``part`` is the name of what the stack belongs to: "" or "decoder".
    """

    part: str
    layer: int
    direction: Direction
    h: list[Tensor] = field(default_factory=list)
    c: list[Tensor] = field(default_factory=list)


@contextmanager
def watched(model: nn.Module) -> Iterator[list[States]]:
    """While inside, the model's recurrent layers run step by step; each call adds its states to the list.

    A stack that is called step after step, as a decoder that is fed its own output, has its steps put together. Layers
    that are not called leave no entry. Rows must be of equal length.

    Args:
        model: With one or more ``Recurrent``; nobody else may use it meanwhile.
    """
    found: dict[tuple[str, int, str], States] = {}
    handles: list[RemovableHandle] = []
    for name, module in model.named_modules():
        if not isinstance(module, Recurrent):
            continue
        part = name.rpartition(".")[0]
        for number, layer in enumerate(module.layers):
            for side, direction in enumerate(module.directions):
                key = (part, number, direction)

                def again(
                    cell: nn.Module, given: tuple[Any, ...], _: Any, key: tuple[str, int, Direction] = key
                ) -> tuple[Tensor, Tensor, Tensor | None, dict[str, Tensor]]:
                    x, run, h0, c0 = given[:4]
                    if not run.even:
                        raise ValueError("rows must be of equal length")
                    h, c = walk(cell, x, h0, c0)
                    kept = found.setdefault(key, States(*key))
                    turn = slice(None, None, -1) if key[2] == "backward" else slice(None)
                    kept.h += h[turn]
                    kept.c += c[turn]
                    return torch.stack(h), h[-1], c[-1] if c else None, {}

                handles.append(layer[side].register_forward_hook(again))  # type: ignore[index]
    states: list[States] = []
    try:
        yield states
    finally:
        for handle in handles:
            handle.remove()
        states += found.values()


def walk(cell: nn.Module, x: Tensor, h0: Tensor, c0: Tensor | None) -> tuple[list[Tensor], list[Tensor]]:
    """One layer in one direction over x [T, B, I] from h0 and c0 [B, H], step by step: all h, and all c (or none).

    The equations are those of docs/equations.md, and torch's own for the other cells.
    """
    step: Callable[..., Step]
    if isinstance(cell, (PeepholeDirection, VariantDirection)):
        from_x = x @ cell.weight_x.t() + cell.bias
        step = _peephole if isinstance(cell, PeepholeDirection) else _variant
    elif isinstance(cell, TorchDirection):
        weight_x, _, bias_x, _ = cell.core.all_weights[0]
        from_x = x @ weight_x.t() + bias_x
        steps: dict[str, Callable[..., Step]] = {"lstm": _lstm, "gru": _gru, "rnn": _rnn}
        step = steps[cell.cell]
    else:
        raise TypeError(f"{type(cell).__name__} is no recurrent layer")
    hs: list[Tensor] = []
    cs: list[Tensor] = []
    h, c = h0, torch.zeros_like(h0) if c0 is None else c0
    for part in from_x.unbind(0):
        h, memory = step(cell, part, h, c)
        hs.append(h)
        if memory is not None:
            c = memory
            cs.append(memory)
    return hs, cs


def looks(peephole: Tensor, gate: int, c: Tensor) -> Tensor:
    """What a gate (0 i, 1 f, 2 o) sees of the memory c [B, H] through its peephole, [B, H]."""
    weights = peephole[gate]
    return c * weights if weights.dim() == 1 else c @ weights.t()


def _peephole(cell: Any, from_x: Tensor, h: Tensor, c: Tensor) -> Step:
    i, f, g, o = (from_x + h @ cell.weight_h.t()).chunk(4, -1)
    i, f = torch.sigmoid(i + looks(cell.peephole, 0, c)), torch.sigmoid(f + looks(cell.peephole, 1, c))
    memory = f * c + i * torch.tanh(g)
    seen = memory if cell.output_gate_sees == "current" else c
    o = torch.sigmoid(o + looks(cell.peephole, 2, seen))
    return o * torch.tanh(memory), memory


def _variant(cell: Any, from_x: Tensor, h: Tensor, c: Tensor) -> Step:
    done = cell.step(from_x + h @ cell.weight_h.t(), c)
    return done.h, done.c


def _lstm(cell: Any, from_x: Tensor, h: Tensor, c: Tensor) -> Step:
    i, f, g, o = (from_x + _from_h(cell, h)).chunk(4, -1)
    memory = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(memory), memory


def _gru(cell: Any, from_x: Tensor, h: Tensor, _: Tensor) -> Step:
    r_x, z_x, n_x = from_x.chunk(3, -1)
    r_h, z_h, n_h = _from_h(cell, h).chunk(3, -1)
    z = torch.sigmoid(z_x + z_h)
    n = torch.tanh(n_x + torch.sigmoid(r_x + r_h) * n_h)
    return (1 - z) * n + z * h, None


def _rnn(cell: Any, from_x: Tensor, h: Tensor, _: Tensor) -> Step:
    return torch.tanh(from_x + _from_h(cell, h)), None


def _from_h(cell: Any, h: Tensor) -> Tensor:
    _, weight_h, _, bias_h = cell.core.all_weights[0]
    return h @ weight_h.t() + bias_h


def all_states(found: Sequence[States]) -> list[Tensor]:
    """Every h and c of these, layer by layer."""
    return [state for one in found for state in (*one.h, *one.c)]
