"""Recurrent layers: stacked, in one or both directions, over rows of unequal length."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from lstm_studio.config import ModelConfig
from lstm_studio.nn.clamping import Holds, run_held
from lstm_studio.nn.directions import PeepholeDirection, Run, TorchDirection
from lstm_studio.nn.dropout import Dropout
from lstm_studio.nn.types import Direction, LSTMState, LSTMTrace
from lstm_studio.nn.variants import VariantDirection


class Recurrent(nn.Module):
    """A stack of recurrent layers.

    Each row gives exactly what it would give alone: no step reads padding, in either direction.

    Args:
        input_size: I.
        hidden_size: H, per direction.
        cell: "lstm", "gru" or "rnn" (tanh).
        layers: How many are stacked.
        bidirectional: A second set of weights reads each row from its end.
        dropout: Between layers, while training.
        peephole: "none" (torch.nn.LSTM), "diagonal" or "full"; LSTM only.
        output_gate_sees: "previous" or "current" memory, with peepholes.
        forget_bias: Start of the forget gate's bias; LSTM only.
        variant: A part of the LSTM that is left out or tied, "none" for a whole one; see ``nn.variants``.

    Attributes:
        holds: What is held at a value instead of being computed; None, as a rule, for nothing.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        cell: str = "lstm",
        layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
        peephole: str = "diagonal",
        output_gate_sees: str = "previous",
        forget_bias: float = 1.0,
        variant: str = "none",
    ) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.cell, self.peephole = input_size, hidden_size, cell, peephole
        self.directions: tuple[Direction, ...] = ("forward", "backward") if bidirectional else ("forward",)
        self.output_size = hidden_size * len(self.directions)
        self.dropout = Dropout(dropout)
        self.holds: Holds | None = None
        self.layers = nn.ModuleList()
        for index in range(layers):
            inputs = input_size if index == 0 else self.output_size
            layer = nn.ModuleList()  # one per direction; a dict could not hold the key "forward"
            for _ in self.directions:
                if cell == "lstm" and variant != "none":
                    layer.append(
                        VariantDirection(inputs, hidden_size, variant, peephole, output_gate_sees, forget_bias)
                    )
                elif cell == "lstm" and peephole != "none":
                    layer.append(PeepholeDirection(inputs, hidden_size, peephole, output_gate_sees, forget_bias))
                else:
                    layer.append(TorchDirection(inputs, hidden_size, cell, forget_bias))
            self.layers.append(layer)

    @classmethod
    def of(cls, input_size: int, config: ModelConfig, *, bidirectional: bool | None = None) -> Recurrent:
        """The stack that a [model] section describes; ``bidirectional`` overrules it."""
        return cls(
            input_size,
            config.hidden_size,
            cell=config.cell,
            layers=config.layers,
            bidirectional=config.bidirectional if bidirectional is None else bidirectional,
            dropout=config.dropout,
            peephole=config.peephole,
            output_gate_sees=config.output_gate_sees,
            forget_bias=config.forget_bias,
            variant=config.variant,
        )

    def forward(
        self,
        x: Tensor,
        lengths: Tensor,
        state: LSTMState | None = None,
        trace: bool = False,
        memory: bool = True,
    ) -> tuple[Tensor, LSTMState, list[LSTMTrace] | None]:
        """Read a batch.

        Args:
            x: [B, T, I]; what stands after a row's length has no influence (it must be finite).
            lengths: [B], 1..T.
            state: Initial state, zeros when None.
            trace: Also return everything that happened inside (without gradient).
            memory: Compute the final memory c too; without it some cells run faster on rows of unequal length.

        Returns:
            Outputs [B, T, D*H], zero at padding; the state after each row's last real step (c is None for cells
            without memory, or when not asked for); one trace per layer and direction, or None.

        Raises:
            ValueError: a length is 0 or longer than T.
        """
        if self.holds is not None:
            return run_held(self, self.holds, x, lengths, state, trace)
        on_cpu = lengths.detach().to("cpu", torch.int64)
        known = on_cpu.tolist()
        steps = x.shape[1]
        if not known or min(known) < 1 or max(known) > steps:
            raise ValueError(f"lengths must lie in 1..{steps}, for at least one row")
        there: Tensor | slice = slice(None)
        back: Tensor | slice = there
        in_order = all(one >= other for one, other in pairwise(known))
        if not in_order:
            on_cpu, order = on_cpu.sort(descending=True, stable=True)
            there = order.to(x.device)
            back = torch.empty_like(there)
            back[there] = torch.arange(len(there), device=x.device)
        steps = max(known)
        run = Run(on_cpu, steps, x.device)

        rows = x if in_order else x[there]
        rows = rows if steps == x.shape[1] else rows[:, :steps]
        values = rows.transpose(0, 1)
        finals_h: list[Tensor] = []
        finals_c: list[Tensor | None] = []
        traces: list[LSTMTrace] | None = [] if trace else None
        for index, layer in enumerate(self.layers):
            if index:
                values = self.dropout(values)
            outputs = []
            for side, direction in enumerate(self.directions):
                slot = index * len(self.directions) + side
                h0, c0 = self._start(state, slot, there, x)
                turned = direction == "backward"
                source = run.turn(values) if turned else values
                h, h_n, c_n, inside = layer[side](source, run, h0, c0, trace, memory)  # type: ignore[index]
                outputs.append(run.turn(h) if turned else h)
                finals_h.append(h_n)
                finals_c.append(c_n)
                if traces is not None:
                    shown = {k: (run.turn(v) if turned else v).transpose(0, 1)[back] for k, v in inside.items()}
                    traces.append(LSTMTrace(index, direction, {k: _padded(v, x.shape[1]) for k, v in shown.items()}))
            values = outputs[0] if len(outputs) == 1 else torch.cat(outputs, -1)
        output = values.transpose(0, 1)
        if not in_order:
            output = output[back]
        h_final = _stacked(finals_h, back)
        memories = [c for c in finals_c if c is not None]
        c_final = _stacked(memories, back) if len(memories) == len(finals_c) else None
        return _padded(output, x.shape[1]), LSTMState(h_final, c_final), traces

    def _start(
        self, state: LSTMState | None, slot: int, there: Tensor | slice, x: Tensor
    ) -> tuple[Tensor, Tensor | None]:
        if state is None:
            return x.new_zeros(x.shape[0], self.hidden_size), None
        return state.h[slot][there], None if state.c is None else state.c[slot][there]


def _stacked(values: list[Tensor], back: Tensor | slice) -> Tensor:
    """[B, H] of each layer and direction -> [layers, B, H], rows as they came."""
    whole = values[0].unsqueeze(0) if len(values) == 1 else torch.stack(values)
    return whole if isinstance(back, slice) else whole[:, back]


def _padded(values: Tensor, steps: int) -> Tensor:
    """[B, t, F] -> [B, steps, F], zeros at the end."""
    if values.shape[1] == steps:
        return values
    return nn.functional.pad(values, (0, 0, 0, steps - values.shape[1]))
