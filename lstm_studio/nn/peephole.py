"""The peephole LSTM over a whole sequence as one autograd function, with its backward pass written by hand.

All gates see the memory through peepholes (Gers & Schmidhuber, "Recurrent nets that time and count", 2000); the
output gate sees c[t-1] by default, or c[t] as in Gers, Schraudolph & Schmidhuber, "Learning precise timing with LSTM
recurrent networks", JMLR 2002. An autograd graph of a node per step and operation costs three to four times as much.

What is kept is chosen so that a step takes few and cheap calls:

* Gates stand in the order o, i, f, g: the three sigmoids are neighbours, and so are the three pre-activations whose
  gradient passes through the memory. Outside, the order is i, f, g, o.
* tanh(a) = 2 sigmoid(2a) - 1 throughout, since sigmoid is several times cheaper than tanh: with doubled weights one
  sigmoid serves all four gates. Kept are u = g / 2, q = -2 c and s = sigmoid(q) = (1 - tanh c) / 2, so that
  q[t] = f q[t-1] - 4 i u and h = o - 2 o s.
* Views of all steps are made at once, before the loop, and buffers of the backward pass serve again the next time:
  untouched memory is slow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from lstm_studio.nn import peephole_cpu, peephole_gpu
from lstm_studio.nn.matmul import Recurrence, affine, borrow, product
from lstm_studio.nn.stretches import Stretch, add_final, final, stretches_of

CHUNK, CHUNK_GPU = 1 << 15, 1 << 22
"""Numbers per gate that the backward pass prepares at once: what fits into a core's cache, or fills a GPU."""


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
) -> tuple[Tensor, Tensor, Tensor, Inside]:
    """Run one layer in one direction.

    Args:
        x: Inputs [T, B, I], T at least 1; rows sorted by length, longest first.
        active: For each step the number of rows that still run; None when all run to the end.
        h0, c0: Initial state [B, H].
        weight_x: [4H, I], gates in the order i, f, g, o.
        weight_h: [4H, H].
        bias: [4H].
        peephole: [3, H] (diagonal) or [3, H, H] (full: gate = P c), gates in the order i, f, o.
        output_gate_sees: "previous" (c[t-1]) or "current" (c[t]).

    Returns:
        h [T, B, H], zero at padding; h_n and c_n [B, H], state and memory after each row's last step; and, without
        gradient, what happened inside.
    """
    compiled = peephole_cpu.serves(x, peephole)
    function = peephole_cpu.CompiledLSTM if compiled else _PeepholeLSTM
    current = output_gate_sees == "current"
    h, h_n, c_n, gates, memory = function.apply(x, active, h0, c0, weight_x, weight_h, bias, peephole, current)
    return h, h_n, c_n, Inside(gates, memory, "ifgo" if compiled else "oifg")


@dataclass(frozen=True, eq=False)
class Inside:
    """What the steps have kept anyway.

    Attributes:
        gates: [T, B, 4, H] in some order, g halved.
        memory: -2 c, [T, B, H].
        order: Of the gates, a letter each.
    """

    gates: Tensor
    memory: Tensor
    order: str

    def values(self) -> dict[str, Tensor]:
        """The gates i, f, g, o and the memory c, each [T, B, H]."""
        kept = dict(zip(self.order, self.gates.unbind(2), strict=True))
        return {name: kept[name] if name != "g" else 2 * kept[name] for name in "ifgo"} | {"c": -0.5 * self.memory}


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
    ) -> tuple[Tensor, ...]:
        steps, rows, inputs = x.shape
        hidden = h0.shape[1]
        stretches = stretches_of(active, steps, rows)
        flat_x = x.reshape(-1, inputs)
        gates = affine(flat_x, _sorted(weight_x, hidden), _sorted(bias, hidden)).view(steps, rows, 4 * hidden)
        # One slot more than steps: the first holds the initial state, so that "before" is a view.
        states = x.new_empty(steps + 1, rows, hidden)
        memories = x.new_empty(steps + 1, rows, hidden)
        squashed = x.new_empty(steps, rows, hidden)
        states[0] = h0
        torch.mul(c0, -2, out=memories[0])

        recurrence = Recurrence(_sorted(weight_h, hidden))
        peep = peephole.roll(1, 0) * -0.5  # o, i, f, for a memory that is kept as -2c
        run = peephole_gpu.run if peephole_gpu.serves(x, peephole) else _run
        for start, stop, n in stretches:
            now, then = slice(start, stop), slice(start + 1, stop + 1)
            before, after = (states[now, :n], memories[now, :n]), (states[then, :n], memories[then, :n])
            run(recurrence, peep, current, gates[now, :n], *before, squashed[now, :n], *after)
            for kept in (gates[now], squashed[now], states[then], memories[then]) if n < rows else ():
                kept[:, n:].zero_()  # padding shows as zero, and adds nothing to the gradients of the weights
        ctx.stretches, ctx.current = stretches, current
        ctx.save_for_backward(flat_x, weight_x, weight_h, peephole, states, memories, squashed, gates)
        shown, shown_memory = gates.view(steps, rows, 4, hidden), memories[1:]
        ctx.mark_non_differentiable(shown, shown_memory)
        ctx.set_materialize_grads(False)  # zeros as large as the gates cost as much as a few steps
        h_n, c_n = final(states, stretches).clone(), final(memories, stretches) * -0.5
        return states[1:], h_n, c_n, shown, shown_memory

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Any) -> tuple[Tensor | None, ...]:
        flat_x, weight_x, weight_h, peephole, states, memories, squashed, gates = ctx.saved_tensors
        stretches, current = ctx.stretches, ctx.current
        steps, rows, hidden = squashed.shape
        peep = peephole.roll(1, 0) * -0.5
        w_h = weight_h.roll(hidden, 0)
        recurrence = Recurrence(w_h.t())
        like = states[1:]
        grad_h = torch.zeros_like(like) if grads[0] is None else grads[0].clone(memory_format=torch.contiguous_format)
        if grads[1] is not None:
            add_final(grad_h, grads[1], stretches)
        dq_all = torch.zeros_like(like[0]) if grads[2] is None else grads[2].contiguous() * -0.5  # c = -q / 2
        da_all = borrow("da", gates, gates.shape)
        kept = gates, squashed, memories
        grad_bias, grad_peep = _back_in_chunks(recurrence, peep, current, stretches, grad_h, dq_all, da_all, *kept)
        flat = da_all.view(-1, 4 * hidden)
        needs = ctx.needs_input_grad
        grad_x = product(flat, weight_x.roll(hidden, 0).t()).view(steps, rows, -1) if needs[0] else None
        grad_h0 = flat[:rows] @ w_h if needs[2] else None
        grad_c0 = dq_all * -2 if needs[3] else None
        grad_wx = product(flat_x.t(), flat.t()).t().roll(-hidden, 0) if needs[4] else None
        grad_wh = None
        if needs[5]:
            grad_wh = product(states[:-1].view(-1, hidden).t(), flat.t()).t().roll(-hidden, 0)
        if peephole.dim() == 3 and needs[7]:
            _full_peepholes(grad_peep, flat, memories, current)
        grad_peep = grad_peep.roll(-1, 0).mul_(-0.5)
        return grad_x, None, grad_h0, grad_c0, grad_wx, grad_wh, grad_bias.roll(-hidden), grad_peep, None


def _back_in_chunks(
    recurrence: Recurrence,
    peep: Tensor,
    current: bool,
    stretches: list[Stretch],
    grad_h: Tensor,
    dq_all: Tensor,
    da_all: Tensor,
    gates: Tensor,
    squashed: Tensor,
    memories: Tensor,
) -> tuple[Tensor, Tensor]:
    """Back through all steps: fills da, leaves in dq that of the step before the first.

    Returns:
        The gradients of the bias [4H] and, where they are diagonal, of the peepholes [3, H], in the order o, i, f, g.
    """
    steps, rows, hidden = squashed.shape
    full = peep.dim() == 3
    grad_bias = gates.new_zeros(4 * hidden)
    grad_peep = torch.zeros_like(peep)
    size = min(steps, max(1, (CHUNK_GPU if gates.is_cuda else CHUNK) // (rows * hidden)))
    fused = peephole_gpu.serves(gates, peep)
    slopes = _Slopes(size, rows, hidden, gates, peep, current, full)
    first = hidden if current else 0
    p_before = (peep[1:] if current else peep).reshape(-1, hidden) if full else None
    later: Tensor | None = None  # da of the step after
    for begin in range((steps - 1) // size * size, -1, -size):
        end = min(begin + size, steps)
        inside = [(max(a, begin), min(b, end), n) for a, b, n in stretches if a < end and b > begin]
        most = inside[0][2]
        if not fused:
            slopes.prepare(gates[begin:end, :most], squashed[begin:end, :most], memories[begin:end, :most])
        for start, stop, n in reversed(inside):
            da = da_all[start:stop, :n]
            by_block = da.unflatten(2, (4, hidden))
            if n < rows:
                da_all[start:stop, n:].zero_()
            dq = dq_all[:n]
            if fused:
                kept = gates[start:stop, :n], squashed[start:stop, :n], memories[start:stop, :n]
                later = peephole_gpu.run_back(recurrence, peep, current, grad_h[start:stop, :n], dq, *kept, da, later)
                continue
            wide = dq.unsqueeze(1)
            steps_back = zip(
                grad_h[start:stop, :n].unbind(0),
                da.unbind(0),
                by_block[:, :, 0].unbind(0),
                by_block[:, :, 1:].unbind(0),
                *slopes.views(start - begin, stop - begin, n),
                strict=True,
            )
            for dh, da_t, da_o, da_ifg, opening, inner, into, keep, leak in reversed(list(steps_back)):
                if later is not None:
                    recurrence.add(dh[: len(later)], later)
                torch.mul(dh, opening, out=da_o)
                dq.addcmul_(dh, into, value=-2)
                if full and current:
                    dq.addmm_(da_o, peep[0])
                torch.mul(wide, inner, out=da_ifg)
                dq.mul_(keep)
                if p_before is not None:
                    dq.addmm_(da_t[:, first : 3 * hidden], p_before)
                elif not current:
                    dq.addcmul_(dh, leak)
                later = da_t
        grad_bias.add_(da_all[begin:end, :most].sum((0, 1)))
        if not full:
            slopes.add_peepholes(grad_peep, da_all[begin:end, :most], memories[begin : end + 1, :most])
    return grad_bias, grad_peep


def _run(
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
    """The steps t of n rows, all [t, n, ...]; arguments as of ``peephole_gpu.run``, and ``peep`` may be full."""
    hidden = memories.shape[2]
    full = peep.dim() == 3
    first = hidden if current else 0  # the peepholes from here look at c[t-1]
    seen = peep[1:] if current else peep
    blocks = len(seen)
    looking = seen.reshape(-1, hidden).t() if full else seen
    block = gates.unflatten(2, (4, hidden))
    loop = zip(
        gates.unbind(0),
        block[:, :, 3 - blocks : 3].unbind(0),
        block[:, :, 0].unbind(0),
        block[:, :, 1].unbind(0),
        block[:, :, 2].unbind(0),
        block[:, :, 3].unbind(0),
        states.unbind(0),
        memories.unbind(0),
        memories.unsqueeze(2).unbind(0),
        squashed.unbind(0),
        memories_after.unbind(0),
        states_after.unbind(0),
        strict=True,
    )
    for gate, looked, o, i, f, u, h_before, before, wide, s, memory, h in loop:
        recurrence.add(gate, h_before)
        if full:
            gate[:, first : 3 * hidden].addmm_(before, looking)
        else:
            looked.addcmul_(wide, looking)
        torch.sigmoid_(gate[:, hidden:] if current else gate)
        u.sub_(0.5)
        torch.mul(f, before, out=memory)
        memory.addcmul_(i, u, value=-4)
        if current:
            opening = o.addmm_(memory, peep[0].t()) if full else o.addcmul_(memory, peep[0])
            opening.sigmoid_()
        torch.sigmoid(memory, out=s)
        torch.addcmul(o, o, s, value=-2, out=h)


class _Slopes:
    """What a step back needs and no gradient is part of, for a chunk of steps at once, in buffers used again.

    With q = -2c: ``opening`` from dh to o's pre-activation; ``inner`` [.., 3, H] from dq to those of i, f, g; ``into``
    times -2 from dh to dq; ``keep`` from dq to dq[t-1]; ``leak`` from dh to dq[t-1], through o's peephole.
    """

    def __init__(
        self, size: int, rows: int, hidden: int, like: Tensor, peep: Tensor, current: bool, full: bool
    ) -> None:
        five = borrow("slopes", like, (5, size, rows, hidden))
        self.opening, self.into, self.keep, self.leak, self.spare = five.unbind(0)
        self.inner = borrow("inner", like, (size, rows, 3, hidden))
        self.peep, self.current, self.full = peep, current, full

    def prepare(self, gates: Tensor, s: Tensor, before: Tensor) -> None:
        """Gates [t, n, 4H], s and q[t-1] [t, n, H]; fills the first t steps and n rows of the buffers."""
        count, n, hidden = s.shape
        o, i, f, u = gates.unflatten(2, (4, hidden)).unbind(2)
        opening, into, keep = self.opening[:count, :n], self.into[:count, :n], self.keep[:count, :n]
        leak, spare = self.leak[:count, :n], self.spare[:count, :n]
        inner_i, inner_f, inner_g = self.inner[:count, :n].unbind(2)
        torch.addcmul(s, s, s, value=-1, out=into).mul_(o)
        torch.addcmul(o, o, o, value=-1, out=opening)
        torch.mul(opening, s, out=spare)
        opening.add_(spare, alpha=-2)
        torch.addcmul(i, i, i, value=-1, out=inner_i).mul_(u).mul_(-4)
        torch.addcmul(f, f, f, value=-1, out=inner_f).mul_(before)
        torch.mul(u, u, out=spare)
        torch.addcmul(i, i, spare, value=-4, out=inner_g).mul_(-2)
        if self.full:
            keep.copy_(f)
            return
        torch.addcmul(f, inner_i, self.peep[1], out=keep).addcmul_(inner_f, self.peep[2])
        torch.mul(opening, self.peep[0], out=leak)
        if self.current:
            into.add_(leak, alpha=-0.5)  # into counts -2 times

    def views(self, start: int, stop: int, n: int) -> list[tuple[Tensor, ...]]:
        """Step by step: opening, inner, into, keep, leak of the first n rows."""
        buffers = (self.opening, self.inner, self.into, self.keep, self.leak)
        return [buffer[start:stop, :n].unbind(0) for buffer in buffers]

    def add_peepholes(self, total: Tensor, da: Tensor, memories: Tensor) -> None:
        """Adds to total [3, H] the gradient of diagonal peepholes from da [t, n, 4H] and q [t + 1, n, H]."""
        count, n, hidden = da.shape[0], da.shape[1], total.shape[1]
        ofi = da.unflatten(2, (4, hidden))
        before = memories[:-1].unsqueeze(2)
        room = self.inner[:count, :n]
        if self.current:
            torch.mul(ofi[:, :, 0], memories[1:], out=room[:, :, 0])
            torch.mul(ofi[:, :, 1:3], before, out=room[:, :, 1:])
        else:
            torch.mul(ofi[:, :, :3], before, out=room)
        total.add_(room.sum((0, 1)))


def _full_peepholes(total: Tensor, flat: Tensor, memories: Tensor, current: bool) -> None:
    hidden = memories.shape[2]
    before = memories[:-1].view(-1, hidden)
    total.copy_(product(before.t(), flat.t()).t()[: 3 * hidden].reshape(3, hidden, hidden))
    if current:
        total[0] = flat[:, :hidden].t() @ memories[1:].view(-1, hidden)


def _sorted(weights: Tensor, hidden: int) -> Tensor:
    """From i, f, g, o to o, i, f, g; g doubled, since tanh(a) = 2 sigmoid(2a) - 1."""
    ordered = weights.roll(hidden, 0)
    ordered[3 * hidden :].mul_(2)
    return ordered
