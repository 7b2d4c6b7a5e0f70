"""The peephole LSTM over a whole sequence as one autograd function, with its backward pass written by hand.

All gates see the memory through peepholes (Gers & Schmidhuber, "Recurrent nets that time and count", 2000); the
output gate sees c[t-1] by default, or c[t] as in Gers, Schraudolph & Schmidhuber, "Learning precise timing with LSTM
recurrent networks", JMLR 2002. An autograd graph of a node per step and operation costs three to four times as much.

Inside, gates stand in the order o, i, f, g: then the three sigmoids are neighbours, and so are the three
pre-activations whose gradient passes through the memory. The order outside is i, f, g, o; one roll turns one into
the other.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable


def peephole_lstm(
    x: Tensor,
    active: list[int] | None,
    h0: Tensor,
    c0: Tensor,
    weight_x: Tensor,
    weight_h: Tensor,
    bias: Tensor,
    peephole: Tensor,
    output_gate_sees: str = "previous",
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Run one layer in one direction.

    Args:
        x: Inputs [T, B, I]; rows sorted by length, longest first.
        active: For each step the number of rows that still run; None when all run to the end.
        h0, c0: Initial state [B, H].
        weight_x: [4H, I], gates in the order i, f, g, o.
        weight_h: [4H, H].
        bias: [4H].
        peephole: [3, H] (diagonal) or [3, H, H] (full: gate = P c), gates in the order i, f, o.
        output_gate_sees: "previous" (c[t-1]) or "current" (c[t]).

    Returns:
        h [T, B, H], zero at padding; c_n [B, H], the memory after each row's last step; and, without gradient,
        the gates [T, B, 4, H] in the order o, i, f, g and the memory c [T, B, H], for those who want to look inside.
    """
    return _PeepholeLSTM.apply(x, active, h0, c0, weight_x, weight_h, bias, peephole, output_gate_sees == "current")


class _PeepholeLSTM(Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        active: list[int] | None,
        h0: Tensor,
        c0: Tensor,
        weight_x: Tensor,
        weight_h: Tensor,
        bias: Tensor,
        peephole: Tensor,
        current: bool,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        steps, rows, inputs = x.shape
        hidden = h0.shape[1]
        w_x = weight_x.roll(hidden, 0)
        w_h = weight_h.roll(hidden, 0)
        peep = peephole.roll(1, 0)  # o, i, f
        gates = torch.addmm(bias.roll(hidden), x.reshape(-1, inputs), w_x.t()).view(steps, rows, 4 * hidden)
        allocate = torch.empty if active is None else torch.zeros
        h = allocate((steps, rows, hidden), dtype=x.dtype, device=x.device)
        c = allocate((steps, rows, hidden), dtype=x.dtype, device=x.device)
        tanh_c = allocate((steps, rows, hidden), dtype=x.dtype, device=x.device)
        # Padding keeps its raw pre-activations otherwise, which a trace would show as gates.
        counts = active or [rows] * steps
        full = peephole.dim() == 3
        recurrent = w_h.t()
        sees = peep[1:] if current else peep  # the peepholes that look at c[t-1]
        first = hidden if current else 0
        looking = sees.reshape(-1, hidden).t() if full else sees.unsqueeze(0)
        h_before, c_before = h0, c0
        for t, n in enumerate(counts):
            gate, memory, squashed = gates[t, :n], c[t, :n], tanh_c[t, :n]
            before = c_before[:n]
            gate.addmm_(h_before[:n], recurrent)
            if full:
                gate[:, first : 3 * hidden].addmm_(before, looking)
            else:
                gate[:, first : 3 * hidden].view(n, -1, hidden).addcmul_(before.unsqueeze(1), looking)
            gate[:, first : 3 * hidden].sigmoid_()
            gate[:, 3 * hidden :].tanh_()
            torch.mul(gate[:, 2 * hidden : 3 * hidden], before, out=memory)
            memory.addcmul_(gate[:, hidden : 2 * hidden], gate[:, 3 * hidden :])
            if current:
                opening = gate[:, :hidden]
                if full:
                    opening.addmm_(memory, peep[0].t())
                else:
                    opening.addcmul_(memory, peep[0])
                opening.sigmoid_()
            torch.tanh(memory, out=squashed)
            torch.mul(gate[:, :hidden], squashed, out=h[t, :n])
            h_before, c_before = h[t], c[t]
        if active is None:
            c_n = c[-1].clone() if steps else c0.clone()
        else:
            _clear_padding(gates, active)
            last = torch.tensor(_last_steps(active, rows), device=x.device)
            c_n = c[last, torch.arange(rows, device=x.device)]
        ctx.active, ctx.current = active, current
        ctx.save_for_backward(x, h0, c0, weight_x, weight_h, peephole, h, c, tanh_c, gates)
        shown = gates.view(steps, rows, 4, hidden)
        ctx.mark_non_differentiable(shown, c)
        return h, c_n, shown, c

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Any) -> tuple[Tensor | None, ...]:
        grad_h, grad_c_n = grads[0], grads[1]
        x, h0, c0, weight_x, weight_h, peephole, h, c, tanh_c, gates = ctx.saved_tensors
        active, current = ctx.active, ctx.current
        steps, rows, inputs = x.shape
        hidden = h0.shape[1]
        full = peephole.dim() == 3
        peep = peephole.roll(1, 0)
        w_h = weight_h.roll(hidden, 0)
        before = torch.cat([c0.unsqueeze(0), c[:-1]])
        gate = gates.view(steps, rows, 4, hidden)
        o, i, f, g = gate.unbind(2)

        # Everything that does not depend on gradients, for all steps at once.
        slope = torch.empty_like(gate)  # from dh (o) or dc (i, f, g) to the pre-activation
        torch.mul(tanh_c * o, 1 - o, out=slope[:, :, 0])
        torch.mul(g * i, 1 - i, out=slope[:, :, 1])
        torch.mul(before * f, 1 - f, out=slope[:, :, 2])
        torch.mul(i, 1 - g * g, out=slope[:, :, 3])
        into_memory = o * (1 - tanh_c * tanh_c)  # dh -> dc
        keep = f  # dc -> dc[t-1]
        leak = None  # dh -> dc[t-1], through the output gate's peephole
        if not full:
            keep = f + slope[:, :, 1] * peep[1] + slope[:, :, 2] * peep[2]
            if current:
                into_memory.addcmul_(slope[:, :, 0], peep[0])
            else:
                leak = slope[:, :, 0] * peep[0]
            p_before, p_now = None, None
        else:
            p_before = (peep[1:] if current else peep).reshape(-1, hidden)
            p_now = peep[0] if current else None
        first = hidden if current else 0

        grad_gates = (torch.empty_like if active is None else torch.zeros_like)(gates)
        dh_all = grad_h.clone(memory_format=torch.contiguous_format)
        dc_all = grad_c_n.clone(memory_format=torch.contiguous_format)
        counts = active or [rows] * steps
        later = 0
        for t in range(steps - 1, -1, -1):
            n = counts[t]
            dh, dc, out = dh_all[t, :n], dc_all[:n], grad_gates[t, :n]
            if later:
                dh[:later].addmm_(grad_gates[t + 1, :later], w_h)
            opening = out[:, :hidden]
            torch.mul(dh, slope[t, :n, 0], out=opening)
            dc.addcmul_(dh, into_memory[t, :n])
            if p_now is not None:
                dc.addmm_(opening, p_now)
            torch.mul(dc.unsqueeze(1), slope[t, :n, 1:], out=out[:, hidden:].view(n, 3, hidden))
            dc.mul_(keep[t, :n])
            if leak is not None:
                dc.addcmul_(dh, leak[t, :n])
            elif p_before is not None:
                dc.addmm_(out[:, first : 3 * hidden], p_before)
            later = n
        flat = grad_gates.view(-1, 4 * hidden)
        needs = ctx.needs_input_grad
        grad_x = (flat @ weight_x.roll(hidden, 0)).view(steps, rows, inputs) if needs[0] else None
        grad_h0 = grad_gates[0] @ w_h if needs[2] else None
        grad_wx = (flat.t() @ x.reshape(-1, inputs)).roll(-hidden, 0) if needs[4] else None
        grad_wh = None
        if needs[5]:
            h_before = torch.cat([h0.unsqueeze(0), h[:-1]])
            grad_wh = (flat.t() @ h_before.view(-1, hidden)).roll(-hidden, 0)
        grad_bias = flat.sum(0).roll(-hidden) if needs[6] else None
        grad_peep = _peephole_gradient(grad_gates, before, c, full, current) if needs[7] else None
        return grad_x, None, grad_h0, dc_all if needs[3] else None, grad_wx, grad_wh, grad_bias, grad_peep, None


def _peephole_gradient(grad_gates: Tensor, before: Tensor, c: Tensor, full: bool, current: bool) -> Tensor:
    steps, rows, four = grad_gates.shape
    hidden = four // 4
    seen_by_o = c if current else before
    if full:
        flat = grad_gates.view(-1, four)
        by_o = flat[:, :hidden].t() @ seen_by_o.reshape(-1, hidden)
        by_if = flat[:, hidden : 3 * hidden].t() @ before.reshape(-1, hidden)
        return torch.cat([by_if, by_o]).view(3, hidden, hidden)
    gate = grad_gates.view(steps, rows, 4, hidden)
    parts = [
        (gate[:, :, index] * seen).sum((0, 1))  # einsum would transpose both first
        for index, seen in ((1, before), (2, before), (0, seen_by_o))
    ]
    return torch.stack(parts)


def _last_steps(active: list[int], rows: int) -> list[int]:
    """The last running step of each row, given how many rows run at each step."""
    last = [0] * rows
    for t, n in enumerate(active):
        following = active[t + 1] if t + 1 < len(active) else 0
        for row in range(following, n):
            last[row] = t
    return last


def _clear_padding(gates: Tensor, active: list[int]) -> None:
    rows = gates.shape[1]
    for t, n in enumerate(active):
        if n < rows:
            gates[t, n:] = 0
