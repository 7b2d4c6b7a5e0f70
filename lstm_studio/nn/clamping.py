"""Recurrent layers in which some gates or states are held at a value instead of being computed.

The layer that is held runs step by step in plain torch operations, so that gradients flow through it too; all other
layers and directions run as ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from lstm_studio.nn.directions import PeepholeDirection, Run, TorchDirection
from lstm_studio.nn.types import Direction, LSTMState, LSTMTrace
from lstm_studio.nn.variants import VariantDirection

if TYPE_CHECKING:
    from lstm_studio.nn.recurrent import Recurrent


@dataclass(frozen=True, eq=False)
class Hold:
    """One gate or state that is not computed.

    Attributes:
        layer, direction: Where.
        gate: "i", "f", "g", "o", "c", "h" of an LSTM, as far as a variant has them; "r", "z", "n", "h" of a GRU; "h" of
            an RNN.
        units: Which units, bool [H]; or [K, H], other ones in each of K copies of every row.
        value: What they are held at, in a shape that fits ``units``.
        first, last: From this token up to before that one; None for all there are.
    """

    layer: int
    direction: Direction
    gate: str
    units: Tensor
    value: Tensor
    first: int | None = None
    last: int | None = None


@dataclass(eq=False)
class Holds:
    """What is held in one stack of layers.

    Attributes:
        holds: Later ones overrule earlier ones.
        lead: How many steps are read before token 0.
        clock: Steps since a row began; counted on where a text is read in several calls, each with the state that the
            one before has left.
    """

    holds: Sequence[Hold] = ()
    lead: int = 0
    clock: int = field(default=0, init=False)


def run_held(
    stack: Recurrent, holds: Holds, x: Tensor, lengths: Tensor, state: LSTMState | None, trace: bool
) -> tuple[Tensor, LSTMState, list[LSTMTrace] | None]:
    """``Recurrent.forward`` with holds.

    Args:
        stack: The layers.
        holds: What is held in them.
        x: [B, T, I].
        lengths: [B], 1..T; or [B * K] to run K copies of every row, which differ in what is held and stand side by
            side. What is the same in all copies is computed once.
        state: Of B * K rows, zeros when None.
        trace: Also return everything that happened inside.

    Returns:
        As ``Recurrent.forward``, of B * K rows.

    Raises:
        ValueError: a length is 0 or longer than T, or there are not so many for each row.
    """
    on_cpu = lengths.detach().to("cpu", torch.int64)
    base, longest = x.shape[:2]
    copies = len(on_cpu) // max(1, base)
    if not base or copies * base != len(on_cpu) or int(on_cpu.min()) < 1 or int(on_cpu.max()) > longest:
        raise ValueError(f"lengths must lie in 1..{longest}, equally many for each row")
    if state is None:
        holds.clock = 0
    start = holds.clock - holds.lead
    own, order = on_cpu[::copies].sort(descending=True, stable=True)
    steps = int(own[0])
    holds.clock += steps
    there = order.to(x.device)
    all_there = (there.unsqueeze(1) * copies + torch.arange(copies, device=x.device)).flatten()
    back = torch.empty_like(all_there)
    back[all_there] = torch.arange(len(all_there), device=x.device)
    in_order = bool((order[1:] > order[:-1]).all())
    narrow = Run(own, steps, x.device)
    wide = narrow if copies == 1 else Run(own.repeat_interleave(copies), steps, x.device)

    def spread(values: Tensor, rows: int = 1) -> Tensor:
        """All copies of what was computed once; ``rows`` is the dimension that counts them."""
        return values if values.shape[rows] == base * copies else values.repeat_interleave(copies, rows)

    values = x[there, :steps].transpose(0, 1)
    finals_h: list[Tensor] = []
    finals_c: list[Tensor | None] = []
    traces: list[LSTMTrace] = []
    for index, layer in enumerate(stack.layers):
        if index:
            values = stack.dropout(values)
        run = wide if values.shape[1] == base * copies else narrow
        outputs: list[Tensor] = []
        for side, direction in enumerate(stack.directions):
            slot = index * len(stack.directions) + side
            h0 = x.new_zeros(len(all_there), stack.hidden_size) if state is None else state.h[slot][all_there]
            c0 = None if state is None or state.c is None else state.c[slot][all_there]
            turned = direction == "backward"
            source = run.turn(values) if turned else values
            mine = [hold for hold in holds.holds if (hold.layer, hold.direction) == (index, direction)]
            if mine:
                held = _Held(mine, narrow, start, turned)
                h, c_n, inside = _walk(layer[side], source, narrow, held, h0, c0, copies, trace)  # type: ignore[index]
                ran, h_n = wide, wide.final(h)
            else:
                every = copies if run is narrow else 1
                h, h_n, c_n, inside = layer[side](  # type: ignore[index]
                    source, run, h0[::every], None if c0 is None else c0[::every], trace, True
                )
                ran = run
            outputs.append(ran.turn(h) if turned else h)
            finals_h.append(spread(h_n, 0))
            finals_c.append(None if c_n is None else spread(c_n, 0))
            if trace:
                shown = {k: spread(ran.turn(v) if turned else v).transpose(0, 1)[back] for k, v in inside.items()}
                traces.append(LSTMTrace(index, direction, {k: _padded(v, longest) for k, v in shown.items()}))
        if len({out.shape[1] for out in outputs}) > 1:
            outputs = [spread(out) for out in outputs]
        values = outputs[0] if len(outputs) == 1 else torch.cat(outputs, -1)
    known = [c for c in finals_c if c is not None]
    c_final = torch.stack(known)[:, back] if len(known) == len(finals_c) else None
    output = spread(values).transpose(0, 1)
    output = _padded(output if in_order else output[back], longest)
    return output, LSTMState(torch.stack(finals_h)[:, back], c_final), traces if trace else None


class _Held:
    """The holds of one layer and direction, in the order in which it reads."""

    def __init__(self, holds: Sequence[Hold], run: Run, start: int, turned: bool) -> None:
        self._of: dict[str, list[tuple[Hold, Tensor | None]]] = {}
        for hold in holds:
            when: Tensor | None = None  # [T, B, 1, 1]
            if hold.first is not None or hold.last is not None:
                token = torch.arange(start, start + run.steps, device=run.rows.device).view(-1, 1, 1)
                inside = token >= (hold.first or 0)
                if hold.last is not None:
                    inside = inside & (token < hold.last)
                inside = inside.expand(-1, len(run.lengths), -1)
                when = (run.turn(inside) if turned else inside).unsqueeze(3)
            self._of.setdefault(hold.gate, []).append((hold, when))

    def put(self, gate: str, computed: Tensor, step: int) -> Tensor:
        """What was computed at a step, [n, K, H], with what is held in its place."""
        for hold, when in self._of.get(gate, ()):
            where = hold.units if when is None else hold.units & when[step, : len(computed)]
            computed = torch.where(where, hold.value.to(computed), computed)
        return computed


def _walk(
    layer: nn.Module,
    x: Tensor,
    run: Run,
    held: _Held,
    h0: Tensor,
    c0: Tensor | None,
    copies: int,
    trace: bool,
) -> tuple[Tensor, Tensor | None, dict[str, Tensor]]:
    """One layer in one direction, step by step.

    Args:
        x: [T, B, I], or [T, B * K, I] where the copies differ already.
        run: Of the B rows.
        held: What is held.
        h0, c0: [B * K, H]; no memory is one of zeros.
        copies: K.
        trace: Also collect the gates.

    Returns:
        h [T, B * K, H], zero at padding; the last c [B * K, H], None for cells without; all gates and states, as h.
    """
    with torch.autocast(device_type=x.device.type, enabled=False):
        cell = _Cell(layer)
        rows = len(run.lengths)
        into = cell.read(x.to(cell.kind)).unflatten(1, (rows, -1))  # [T, B, 1 or K, G * H]
        h = h0.to(cell.kind).unflatten(0, (rows, copies))
        c = torch.zeros_like(h) if c0 is None else c0.to(cell.kind).unflatten(0, (rows, copies))
        kept: dict[str, list[Tensor]] = {}
        ended: list[Tensor] = []
        now: dict[str, Tensor] = {}
        for step in range(run.steps):
            n = rows if run.active is None else run.active[step]
            if n < len(c):  # these rows have ended, and keep the memory that they have
                ended.append(c[n:])
            now = cell.step(into[step, :n], h[:n], c[:n], held, step)
            h, c = now["h"], now.get("c", c[:n])
            for name, value in now.items() if trace else (("h", h),):
                whole = value if n == rows else nn.functional.pad(value, (0, 0, 0, 0, 0, rows - n))
                kept.setdefault(name, []).append(whole)
        seen = {name: torch.stack(values).flatten(1, 2) for name, values in kept.items()}
        last = torch.cat([c, *reversed(ended)]).flatten(0, 1) if "c" in now else None
    return seen["h"], last, {name: value.detach() for name, value in seen.items()} if trace else {}


class _Cell:
    """One step of any cell in plain operations; the equations are those of ``nn.peephole``, ``nn.variants`` and of
    torch's cells."""

    def __init__(self, layer: nn.Module) -> None:
        self.name, self.gates, self.seeing = "lstm", "ifgo", "ifo"
        self.peephole: Tensor | None = None
        self.current = False
        self.variant = "none"
        self.bias: Tensor
        self.bias_h: Tensor | None = None
        if isinstance(layer, PeepholeDirection | VariantDirection):
            self.weight_x, self.weight_h, self.bias = layer.weight_x, layer.weight_h, layer.bias
            self.peephole, self.current = layer.peephole, layer.output_gate_sees == "current"
        if isinstance(layer, VariantDirection):
            self.gates, self.seeing, self.variant = layer.gates, layer.seeing, layer.variant
        if isinstance(layer, TorchDirection):
            self.name = layer.cell
            self.weight_x, self.weight_h, bias_x, bias_h = layer.core.all_weights[0]
            if self.name == "gru":  # the reset gate comes between the two
                self.bias, self.bias_h = bias_x, bias_h
            else:
                self.bias = bias_x + bias_h
        self.kind = self.weight_x.dtype

    def read(self, x: Tensor) -> Tensor:
        """What the inputs of all steps contribute, [..., I] -> [..., G * H]."""
        return nn.functional.linear(x, self.weight_x, self.bias)

    def step(self, into: Tensor, h: Tensor, c: Tensor, held: _Held, step: int) -> dict[str, Tensor]:
        """Everything after one step, from what its input contributes and the states before; each [n, K, H]."""
        from_h = nn.functional.linear(h, self.weight_h, self.bias_h)

        def put(gate: str, computed: Tensor) -> Tensor:
            return held.put(gate, computed, step)

        if self.name == "rnn":
            return {"h": put("h", torch.tanh(into + from_h))}
        if self.name == "gru":
            r_x, z_x, n_x = into.chunk(3, -1)
            r_h, z_h, n_h = from_h.chunk(3, -1)
            r, z = put("r", torch.sigmoid(r_x + r_h)), put("z", torch.sigmoid(z_x + z_h))
            n = put("n", torch.tanh(n_x + r * n_h))
            return {"r": r, "z": z, "n": n, "h": put("h", (1 - z) * n + z * h)}
        sums = dict(zip(self.gates, (into + from_h).chunk(len(self.gates), -1), strict=True))
        now: dict[str, Tensor] = {}
        for gate in "if":
            if gate in sums:
                now[gate] = put(gate, torch.sigmoid(self._looked(gate, sums[gate], c)))
        if self.variant == "coupled":
            now["i"] = put("i", 1 - now["f"])
        now["g"] = put("g", sums["g"] if self.variant == "no_input_activation" else torch.tanh(sums["g"]))
        kept = now["f"] * c if "f" in now else c
        now["c"] = put("c", kept + (now["i"] * now["g"] if "i" in now else now["g"]))
        shown = now["c"] if self.variant == "no_output_activation" else torch.tanh(now["c"])
        if "o" in sums:
            seen = now["c"] if self.current else c
            now["o"] = put("o", torch.sigmoid(self._looked("o", sums["o"], seen)))
            shown = now["o"] * shown
        now["h"] = put("h", shown)
        return now

    def _looked(self, gate: str, total: Tensor, memory: Tensor) -> Tensor:
        """A gate's sum with what its peephole sees."""
        if self.peephole is None:
            return total
        own = self.peephole[self.seeing.index(gate)]
        return total + (memory * own if own.dim() == 1 else nn.functional.linear(memory, own))


def _padded(values: Tensor, steps: int) -> Tensor:
    """[B, t, F] -> [B, steps, F], zeros at the end."""
    missing = steps - values.shape[1]
    return values if not missing else nn.functional.pad(values, (0, 0, 0, missing))
