"""Recurrent layers once more, step by step in autograd, so that each state can be differentiated by.

The studio's cells compute whole sequences in one call, whose states inside no gradient is told of. While ``watched``,
every layer and direction runs again over what it has read, with its own weights and in plain operations, and what
follows in the network goes on from there: the same numbers, but with a node for each h[t] and c[t].
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from lstm_studio.nn.directions import PeepholeDirection, Run, TorchDirection
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

                given: list[tuple[Any, ...]] = []

                def cut(_: nn.Module, args: tuple[Any, ...], given: list[Any] = given) -> tuple[Any, ...]:
                    """What the layer would compute is not used: one step is enough."""
                    given.append(args)
                    x, run = args[:2]
                    return x[:1].detach(), Run(torch.ones_like(run.lengths), 1, x.device), *args[2:]

                def again(
                    cell: nn.Module, _: Any, __: Any, key: tuple[str, int, Direction] = key, given: list[Any] = given
                ) -> tuple[Tensor, Tensor, Tensor | None, dict[str, Tensor]]:
                    x, run, h0, c0 = given.pop()[:4]
                    if not run.even:
                        raise ValueError("rows must be of equal length")
                    h, c = walk(cell, x, h0, c0)
                    kept = found.setdefault(key, States(*key))
                    turn = slice(None, None, -1) if key[2] == "backward" else slice(None)
                    kept.h += h[turn]
                    kept.c += c[turn]
                    return torch.stack(h), h[-1], c[-1] if c else None, {}

                handles.append(layer[side].register_forward_pre_hook(cut))  # type: ignore[index]
                handles.append(layer[side].register_forward_hook(again))  # type: ignore[index]
    states: list[States] = []
    try:
        yield states
    finally:
        for handle in handles:
            handle.remove()
        states += found.values()


def walk(cell: nn.Module, x: Tensor, h0: Tensor, c0: Tensor | None) -> tuple[list[Tensor], list[Tensor]]:
    """One layer in one direction over x [T, B, I] from h0 and c0 [B, H], step by step: all h, and all c (or none)."""
    steps = Steps(cell)
    hs: list[Tensor] = []
    cs: list[Tensor] = []
    h, c = h0, torch.zeros_like(h0) if c0 is None else c0
    for part in steps.read(x).unbind(0):
        h, memory = steps.step(part, h, c)
        hs.append(h)
        if memory is not None:
            c = memory
            cs.append(memory)
    return hs, cs


class Steps:
    """One layer in one direction, a step at a time: the equations of docs/equations.md, and torch's own for the other
    cells. Few operations a step, since each costs a call, and may be a node to be walked back along.

    Attributes:
        weight_x, bias: What the inputs meet, [G * H, I] and [G * H].
        step: (what the inputs contribute [B, G * H], h [B, H], c [B, H]) -> h and c after the step.
    """

    def __init__(self, cell: nn.Module) -> None:
        self.step: Callable[[Tensor, Tensor, Tensor], Step]
        self.weight_x: Tensor
        self.bias: Tensor
        if isinstance(cell, PeepholeDirection):
            self.weight_x, weight_h, self.bias = (_last_g(own) for own in (cell.weight_x, cell.weight_h, cell.bias))
            peepholes = cell.peephole, cell.peephole[:2], cell.peephole[2:]
            self.step = partial(_peephole, peepholes, cell.output_gate_sees == "current", weight_h.t())
        elif isinstance(cell, VariantDirection):
            self.weight_x, self.bias = cell.weight_x, cell.bias
            self.step = partial(_variant, cell)
        elif isinstance(cell, TorchDirection):
            self.weight_x, weight_h, bias_x, bias_h = cell.core.all_weights[0]
            if cell.cell == "gru":  # its reset gate comes between the two biases
                self.bias, self.step = bias_x, partial(_gru, bias_h, weight_h.t())
            else:
                self.bias = bias_x + bias_h
                self.step = partial({"lstm": _lstm, "rnn": _rnn}[cell.cell], weight_h.t())
        else:
            raise TypeError(f"{type(cell).__name__} is no recurrent layer")

    def read(self, x: Tensor) -> Tensor:
        """What inputs contribute, [..., I] -> [..., G * H]."""
        return nn.functional.linear(x, self.weight_x, self.bias)


def looks(peephole: Tensor, gate: int, c: Tensor) -> Tensor:
    """What a gate (0 i, 1 f, 2 o) sees of the memory c [B, H] through its peephole, [B, H]."""
    weights = peephole[gate]
    return c * weights if weights.dim() == 1 else c @ weights.t()


def _last_g(rows: Tensor) -> Tensor:
    """From i, f, g, o to i, f, o, g: the gates with peepholes are neighbours."""
    i, f, g, o = rows.chunk(4)
    return torch.cat([i, f, o, g])


def _peephole(
    peepholes: tuple[Tensor, Tensor, Tensor], current: bool, weights: Tensor, from_x: Tensor, h: Tensor, c: Tensor
) -> Step:
    every, of_if, of_o = peepholes
    size = c.shape[1]
    raw = torch.addmm(from_x, h, weights)
    looking = raw[:, : 3 * size].unflatten(1, (3, size))
    g = torch.tanh(raw[:, 3 * size :])
    if current:
        i, f = torch.sigmoid(_seen(looking[:, :2], of_if, c)).unbind(1)
        memory = f * c + i * g
        o = torch.sigmoid(_seen(looking[:, 2:], of_o, memory)).squeeze(1)
    else:
        i, f, o = torch.sigmoid(_seen(looking, every, c)).unbind(1)
        memory = f * c + i * g
    return o * torch.tanh(memory), memory


def _seen(raw: Tensor, peepholes: Tensor, c: Tensor) -> Tensor:
    """Pre-activations [B, G, H] with what the gates see of the memory c [B, H]."""
    if peepholes.dim() == 2:
        return raw + c.unsqueeze(1) * peepholes
    return raw + torch.matmul(peepholes, c.unsqueeze(1).unsqueeze(3)).squeeze(3)


def _variant(cell: Any, from_x: Tensor, h: Tensor, c: Tensor) -> Step:
    done = cell.step(torch.addmm(from_x, h, cell.weight_h.t()), c)
    return done.h, done.c


def _lstm(weights: Tensor, from_x: Tensor, h: Tensor, c: Tensor) -> Step:
    i, f, g, o = torch.addmm(from_x, h, weights).chunk(4, -1)
    memory = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(memory), memory


def _gru(bias_h: Tensor, weights: Tensor, from_x: Tensor, h: Tensor, _: Tensor) -> Step:
    r_x, z_x, n_x = from_x.chunk(3, -1)
    r_h, z_h, n_h = torch.addmm(bias_h, h, weights).chunk(3, -1)
    z = torch.sigmoid(z_x + z_h)
    n = torch.tanh(n_x + torch.sigmoid(r_x + r_h) * n_h)
    return (1 - z) * n + z * h, None


def _rnn(weights: Tensor, from_x: Tensor, h: Tensor, _: Tensor) -> Step:
    return torch.tanh(torch.addmm(from_x, h, weights)), None


def all_states(found: Sequence[States]) -> list[Tensor]:
    """Every h and c of these, layer by layer."""
    return [state for one in found for state in (*one.h, *one.c)]
