"""One layer in one direction: the studio's peephole LSTM, and torch's own kernels for the other cells.

Both speak the same language: time-major input with rows sorted by length, states after the last real step, and, on
request, everything that happened inside.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from lstm_studio.nn.peephole import peephole_lstm


class Run:
    """The shape of a batch, worked out once for all layers and directions.

    Attributes:
        lengths: [B] int64 on the CPU, longest first.
        even: All rows have the same length.
        active: Rows that still run at each step, None when even.
    """

    def __init__(self, lengths: Tensor, steps: int, device: torch.device) -> None:
        self.lengths = lengths
        self.steps = steps
        self._device = device
        known = lengths.tolist()
        self.even: bool = known[-1] == steps
        self.active: list[int] | None = None
        if not self.even:
            self.active, rows = [], len(known)
            for t in range(steps):
                while rows and known[rows - 1] <= t:
                    rows -= 1
                self.active.append(rows)

    @cached_property
    def mask(self) -> Tensor | None:
        """[T, B, 1] on the device, true where a token stands; None when even."""
        if self.even:
            return None
        return (torch.arange(self.steps).unsqueeze(1) < self.lengths.unsqueeze(0)).unsqueeze(2).to(self._device)

    @cached_property
    def reverse(self) -> Tensor:
        """[T, B] on the device: the row's own mirror of each step (padding stays where it is)."""
        time = torch.arange(self.steps).unsqueeze(1)
        mirrored = self.lengths.unsqueeze(0) - 1 - time
        return torch.where(mirrored >= 0, mirrored, time).to(self._device)

    @cached_property
    def last(self) -> Tensor:
        """[B] on the device: each row's last step."""
        return (self.lengths - 1).to(self._device)

    @cached_property
    def rows(self) -> Tensor:
        """[B] on the device: the rows' numbers."""
        return torch.arange(len(self.lengths), device=self._device)

    def turn(self, values: Tensor) -> Tensor:
        """Reverse each row by its own length: [T, B, F] -> [T, B, F]. Its own inverse."""
        if self.even:
            return values.flip(0)
        return values[self.reverse, self.rows]

    def final(self, values: Tensor) -> Tensor:
        """Values at each row's last real step: [T, B, F] -> [B, F]."""
        return values[-1] if self.even else values[self.last, self.rows]

    def masked(self, values: Tensor) -> Tensor:
        """Zero at padding."""
        return values if self.mask is None else values * self.mask


class PeepholeDirection(nn.Module):
    """The studio's LSTM. Parameters, gates in the order i, f, g, o:

    ``weight_x`` [4H, I], ``weight_h`` [4H, H], ``bias`` [4H]; ``peephole`` [3, H] or [3, H, H], order i, f, o.
    """

    def __init__(self, inputs: int, hidden: int, peephole: str, output_gate_sees: str, forget_bias: float) -> None:
        super().__init__()
        self.hidden = hidden
        self.output_gate_sees = output_gate_sees
        self.weight_x = nn.Parameter(torch.empty(4 * hidden, inputs))
        self.weight_h = nn.Parameter(torch.empty(4 * hidden, hidden))
        self.bias = nn.Parameter(torch.zeros(4 * hidden))
        shape = (3, hidden) if peephole == "diagonal" else (3, hidden, hidden)
        self.peephole = nn.Parameter(torch.empty(shape))
        initialise(self.weight_x, self.weight_h, 4)
        bound = 1 / math.sqrt(hidden)
        nn.init.uniform_(self.peephole, -bound, bound)
        with torch.no_grad():
            self.bias[hidden : 2 * hidden] = forget_bias

    def forward(
        self, x: Tensor, run: Run, h0: Tensor, c0: Tensor | None, trace: bool, memory: bool
    ) -> tuple[Tensor, Tensor, Tensor | None, dict[str, Tensor]]:
        """x [T, B, I] -> (h [T, B, H] zero at padding, h_n, c_n [B, H], trace values [T, B, H])."""
        if torch.is_autocast_enabled(x.device.type):
            with torch.autocast(device_type=x.device.type, enabled=False):
                return self.forward(x, run, h0, c0, trace, memory)
        start = c0 if c0 is not None else torch.zeros_like(h0)
        kind = self.weight_x.dtype
        if x.dtype != kind or h0.dtype != kind or start.dtype != kind:
            x, h0, start = x.to(kind), h0.to(kind), start.to(kind)
        h, h_n, c_n, inside = peephole_lstm(
            x,
            run.active,
            h0,
            start,
            self.weight_x,
            self.weight_h,
            self.bias,
            self.peephole,
            self.output_gate_sees,
        )
        values: dict[str, Tensor] = {}
        if trace:
            values = inside.values() | {"h": h.detach()}
        return h, h_n, c_n, values


class TorchDirection(nn.Module):
    """torch.nn.LSTM, GRU or RNN of one layer and one direction, on its fast path: plain padded tensors.

    Padding stands at the end of a row, so no real step ever sees it; the outputs there are set to zero. Only the
    final memory of rows of unequal length needs a packed sequence, which is slower, and is made when asked for.
    """

    def __init__(self, inputs: int, hidden: int, cell: str, forget_bias: float) -> None:
        super().__init__()
        self.hidden = hidden
        self.cell = cell
        kinds: dict[str, Any] = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
        self.core: nn.RNNBase = kinds[cell](inputs, hidden)
        weight_x, weight_h, bias_x, bias_h = self.core.all_weights[0]
        initialise(weight_x, weight_h, {"lstm": 4, "gru": 3, "rnn": 1}[cell])
        with torch.no_grad():
            bias_x.zero_()
            bias_h.zero_()
            if cell == "lstm":
                bias_x[hidden : 2 * hidden] = forget_bias

    def forward(
        self, x: Tensor, run: Run, h0: Tensor, c0: Tensor | None, trace: bool, memory: bool
    ) -> tuple[Tensor, Tensor, Tensor | None, dict[str, Tensor]]:
        """x [T, B, I] -> (h [T, B, H] zero at padding, h_n, c_n [B, H] or None, trace values [T, B, H])."""
        if x.device.type == "cpu" and torch.is_autocast_enabled("cpu"):
            # Not every processor has the kernel in 16 bits; torch looks for it all the same.
            kind = next(self.core.parameters()).dtype
            with torch.autocast("cpu", enabled=False):
                rest = None if c0 is None else c0.to(kind)
                return self.forward(x.to(kind), run, h0.to(kind), rest, trace, memory)
        start = h0.unsqueeze(0)
        c_n: Tensor | None = None
        if self.cell == "lstm":
            start_c = (c0 if c0 is not None else torch.zeros_like(h0)).unsqueeze(0)
            raw, (_, last_c) = self.core(x, (start, start_c))
            if run.even:
                c_n = last_c[0]
            elif memory:
                packed = pack_padded_sequence(x, run.lengths)
                c_n = self.core(packed, (start, start_c))[1][1][0]
        else:
            raw, _ = self.core(x, start)
        h = run.masked(raw)
        values: dict[str, Tensor] = {}
        if trace:
            with torch.no_grad():
                values = {name: run.masked(v) for name, v in self._inside(x, raw, h0, c0).items()}
        return h, run.final(raw), c_n, values

    def _inside(self, x: Tensor, h: Tensor, h0: Tensor, c0: Tensor | None) -> dict[str, Tensor]:
        """Gates, from the inputs and the hidden states that the fast kernel returned: all steps at once."""
        weight_x, weight_h, bias_x, bias_h = self.core.all_weights[0]
        h = h.to(x.dtype)
        before = torch.cat([h0.to(x.dtype).unsqueeze(0), h[:-1]])
        from_x = x @ weight_x.t() + bias_x
        from_h = before @ weight_h.t() + bias_h
        if self.cell == "rnn":
            return {"h": h}
        if self.cell == "gru":
            r_x, z_x, n_x = from_x.chunk(3, -1)
            r_h, z_h, n_h = from_h.chunk(3, -1)
            r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
            return {"r": r, "z": z, "n": torch.tanh(n_x + r * n_h), "h": h}
        i, f, g, o = (from_x + from_h).chunk(4, -1)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        written = i * g
        c = torch.empty_like(written)
        memory = c0 if c0 is not None else torch.zeros_like(h0)
        for t in range(len(c)):
            memory = torch.addcmul(written[t], f[t], memory, out=c[t])
        return {"i": i, "f": f, "g": g, "o": o, "c": c, "h": h}


def initialise(weight_x: Tensor, weight_h: Tensor, gates: int) -> None:
    """Xavier for the inputs (Glorot & Bengio 2010), orthogonal for the recurrence (Saxe et al. 2014), gate by gate."""
    with torch.no_grad():
        for part in weight_x.chunk(gates):
            nn.init.xavier_uniform_(part)
        for part in weight_h.chunk(gates):
            nn.init.orthogonal_(part)
