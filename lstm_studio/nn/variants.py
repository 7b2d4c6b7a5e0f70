"""The LSTM with one of its parts left out or tied to another, step by step in autograd.

The variants of Greff, Srivastava, Koutnik, Steunebrink & Schmidhuber, "LSTM: a search space odyssey", 2017
(https://arxiv.org/abs/1503.04069), section III-D: no input, forget or output gate (the gate is 1), no input or output
activation (tanh becomes the identity), and input and forget gate coupled. They couple with f = 1 - i; here the forget
gate keeps its weights and its bias, and i = 1 - f, which is the same family with the names of two weights exchanged.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from lstm_studio.config.model import WEIGHTLESS
from lstm_studio.nn.dense import linear
from lstm_studio.nn.directions import Run, initialise


class Stepped(NamedTuple):
    """One step of N rows: what the cell computed, each [N, H]; gates that the variant lacks are None."""

    i: Tensor | None
    f: Tensor | None
    g: Tensor
    o: Tensor | None
    c: Tensor
    h: Tensor


class VariantDirection(nn.Module):
    """One layer in one direction. Of the G gates that have weights, in the order i, f, g, o:

    ``weight_x`` [G * H, I], ``weight_h`` [G * H, H], ``bias`` [G * H]; ``peephole`` [P, H] or [P, H, H] for the P of i,
    f, o among them, None without peepholes.

    Args:
        variant: As of ``ModelConfig.variant``, not "none".
        peephole, output_gate_sees, forget_bias: As of ``Recurrent``.
    """

    def __init__(
        self, inputs: int, hidden: int, variant: str, peephole: str, output_gate_sees: str, forget_bias: float
    ) -> None:
        super().__init__()
        self.hidden, self.variant, self.output_gate_sees = hidden, variant, output_gate_sees
        self.gates = "ifgo".replace(WEIGHTLESS.get(variant, "-"), "")
        self.seeing = "" if peephole == "none" else self.gates.replace("g", "")
        count = len(self.gates)
        self.weight_x = nn.Parameter(torch.empty(count * hidden, inputs))
        self.weight_h = nn.Parameter(torch.empty(count * hidden, hidden))
        self.bias = nn.Parameter(torch.zeros(count * hidden))
        self.peephole: nn.Parameter | None = None
        initialise(self.weight_x, self.weight_h, count)
        if self.seeing:
            size = len(self.seeing)
            self.peephole = nn.Parameter(
                torch.empty((size, hidden) if peephole == "diagonal" else (size, hidden, hidden))
            )
            bound = 1 / math.sqrt(hidden)
            nn.init.uniform_(self.peephole, -bound, bound)
        if "f" in self.gates:
            place = self.gates.index("f")
            with torch.no_grad():
                self.bias[place * hidden : (place + 1) * hidden] = forget_bias

    def forward(
        self, x: Tensor, run: Run, h0: Tensor, c0: Tensor | None, trace: bool, memory: bool
    ) -> tuple[Tensor, Tensor, Tensor | None, dict[str, Tensor]]:
        """x [T, B, I] -> (h [T, B, H] zero at padding, h_n, c_n [B, H], trace values [T, B, H])."""
        with torch.autocast(device_type=x.device.type, enabled=False):
            kind = self.weight_x.dtype
            x, h = x.to(kind), h0.to(kind)
            c = torch.zeros_like(h) if c0 is None else c0.to(kind)
            steps, rows = x.shape[:2]
            from_x = linear(x, self.weight_x, self.bias)
            turned = self.weight_h.t()
            outputs: list[Tensor] = []
            ended: list[Tensor] = []
            seen: list[Stepped] = []
            for t in range(steps):
                n = rows if run.active is None else run.active[t]
                if n < len(h):  # these rows have ended, and keep the memory that they have
                    ended.append(c[n:])
                    h, c = h[:n], c[:n]
                done = self.step(torch.addmm(from_x[t, :n], h, turned), c)
                h, c = done.h, done.c
                outputs.append(_padded(h, rows))
                if trace:
                    seen.append(done)
            states = torch.stack(outputs)
            c_n = torch.cat([c, *reversed(ended)])
        values = {
            name: torch.stack([_padded(getattr(step, name).detach(), rows) for step in seen])
            for name in (Stepped._fields if seen else ())
            if getattr(seen[0], name) is not None
        }
        return states, run.final(states), c_n, values

    def step(self, raw: Tensor, c: Tensor) -> Stepped:
        """One step.

        Args:
            raw: W_x x[t] + W_h h[t-1] + b of the gates that have weights, [N, G * H].
            c: c[t-1], [N, H].
        """
        sums = dict(zip(self.gates, raw.chunk(len(self.gates), 1), strict=True))
        i = torch.sigmoid(self._looked("i", sums["i"], c)) if "i" in sums else None
        f = torch.sigmoid(self._looked("f", sums["f"], c)) if "f" in sums else None
        if self.variant == "coupled" and f is not None:
            i = 1 - f
        g = sums["g"] if self.variant == "no_input_activation" else torch.tanh(sums["g"])
        new = (c if f is None else f * c) + (g if i is None else i * g)
        o = None
        if "o" in sums:
            o = torch.sigmoid(self._looked("o", sums["o"], new if self.output_gate_sees == "current" else c))
        shown = new if self.variant == "no_output_activation" else torch.tanh(new)
        return Stepped(i, f, g, o, new, shown if o is None else o * shown)

    def _looked(self, gate: str, total: Tensor, c: Tensor) -> Tensor:
        """A gate's sum with what its peephole sees."""
        if self.peephole is None:
            return total
        own = self.peephole[self.seeing.index(gate)]
        return torch.addcmul(total, own, c) if own.dim() == 1 else torch.addmm(total, c, own.t())


def _padded(values: Tensor, rows: int) -> Tensor:
    """[n, H] -> [rows, H], zeros below."""
    return values if len(values) == rows else functional.pad(values, (0, 0, 0, rows - len(values)))
