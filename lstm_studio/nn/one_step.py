"""Token after token through peephole layers: what a network that writes does thousands of times.

The layers lay out their weights at each call, and work out the shape of the batch; for a single token
that costs several times what its products do. Here both are done once. The numbers are the same to the last bit.
"""

from __future__ import annotations

import torch
from torch import Tensor

from lstm_studio.nn import peephole_cpu
from lstm_studio.nn.directions import PeepholeDirection
from lstm_studio.nn.recurrent import Recurrent
from lstm_studio.nn.types import LSTMState


class OneStep:
    """A stack of layers as it is now: later changes of its weights are not seen.

    Args:
        layers: Of one direction each, with diagonal peepholes, on a processor.
    """

    def __init__(self, layers: list[PeepholeDirection]) -> None:
        self._layers = [_Layer(layer) for layer in layers]

    @classmethod
    def of(cls, recurrent: Recurrent) -> OneStep | None:
        """For these layers; None where only they themselves can do it: while they learn or are held, for other cells,
        both directions, other devices, or without the compiled steps."""
        if recurrent.training or recurrent.holds is not None or len(recurrent.directions) > 1:
            return None
        layers: list[PeepholeDirection] = []
        for level in recurrent.layers:
            layer = level[0]  # type: ignore[index]
            if not isinstance(layer, PeepholeDirection) or not peephole_cpu.serves(layer.weight_h, layer.peephole):
                return None
            layers.append(layer)
        return cls(layers)

    @torch.no_grad()
    def __call__(self, x: Tensor, state: LSTMState) -> tuple[Tensor, LSTMState]:
        """One token of each row: x [R, I] and the state before -> outputs [R, H] of the top layer, the state after."""
        assert state.c is not None
        after_h, after_c = [], []
        for layer, h, c in zip(self._layers, state.h, state.c, strict=True):
            x, c = layer(x, h, c)
            after_h.append(x)
            after_c.append(c)
        return x, LSTMState(torch.stack(after_h), torch.stack(after_c))


class _Layer:
    def __init__(self, layer: PeepholeDirection) -> None:
        self._weight_x = peephole_cpu.packed(layer.weight_x.detach())
        self._weight_h = peephole_cpu.packed(layer.weight_h.detach())
        self._bias, self._peephole = layer.bias.detach().contiguous(), layer.peephole.detach().contiguous()
        self._current = layer.output_gate_sees == "current"

    def __call__(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        weights = self._weight_x, self._weight_h, self._bias, self._peephole
        return peephole_cpu.advance(x, h, c, *weights, self._current)
