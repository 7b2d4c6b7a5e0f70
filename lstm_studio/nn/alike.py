"""Many texts that are nearly one: beginnings of a text, or a text with one word hidden.

A state in which a text has met nothing yet that tells it from the base text is the base text's, and is not computed
again; nor is what inputs that are the base text's contribute. Reading on from the first difference, each text walks on
its own, all of them side by side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lstm_studio.nn.recurrent import Recurrent
from lstm_studio.nn.stepwise import Steps
from lstm_studio.nn.types import LSTMState, LSTMTrace

Hull = list[tuple[int, int]]
"""For each step the texts, from and up to, that have a state of their own; (0, 0) for none."""


@dataclass
class _Half:
    """What one direction of a layer (or the encoder) gives: of the base text [T, F], and of the P texts [T, P, F] where
    the hull says so."""

    base: Tensor
    own: Tensor | None
    hull: Hull


def read_alike(
    stack: Recurrent, base: Tensor, rows: Tensor | None, present: Tensor, traces: Sequence[LSTMTrace] | None = None
) -> tuple[Tensor, LSTMState]:
    """Read P texts that are much like a base text. Without gradient.

    Fastest where texts stand in the order in which they begin to differ.

    Args:
        stack: The layers, in evaluation mode, with nothing held.
        base: What they read of the base text, [T, I].
        rows: The same of the texts, [P, T, I]; None where all tokens that are present are those of the base text.
        present: Which tokens a text has, bool [P, T] on the CPU: at least one, without a gap.
        traces: What happened inside while the base text was read alone, batch size 1; None to read it.

    Returns:
        Outputs [P, T, D*H], zero where no token is present, and the state after each text, as of ``Recurrent``.
    """
    with torch.no_grad(), torch.autocast(device_type=base.device.type, enabled=False):
        steps, texts = len(base), len(present)
        there = present.t()
        differs = torch.zeros(steps, texts, dtype=torch.bool)
        own = None
        if rows is not None:
            differs = (rows != base).any(2).t().cpu() & there
            own = rows.transpose(0, 1)
        halves = [_Half(base, own, _hulls(differs))]
        if traces is None:
            traces = stack.forward(base.unsqueeze(0), torch.tensor([steps]), trace=True)[2]
        assert traces is not None
        known = iter(traces)
        finals: list[tuple[Tensor, Tensor | None]] = []
        for layer in stack.layers:
            found = []
            for side, direction in enumerate(stack.directions):
                states = {name: values[0] for name, values in next(known).values.items() if name in "hc"}
                half, last = _walk(Steps(layer[side]), halves, states, there, direction == "backward")  # type: ignore[index]
                found.append(half)
                finals.append(last)
            halves = found
        outputs = _whole(halves, there).transpose(0, 1)
        memories = [c for _, c in finals if c is not None]
        state = LSTMState(torch.stack([h for h, _ in finals]), torch.stack(memories) if memories else None)
        return outputs, state


@contextmanager
def sharing(stack: Recurrent) -> Iterator[None]:
    """While inside, batches whose rows are of equal length are read as texts that are like their first row, with the
    same results. On other devices than a processor, where a batch costs little more than a row, nothing changes.

    Args:
        stack: In evaluation mode; nobody else may use it meanwhile.
    """
    read: list[Tensor | None] = []

    def cut(_: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, dict[str, Any]] | None:
        x, lengths, *rest = given
        told = named.get("trace") or named.get("state") is not None or bool(rest)
        alike = not told and stack.holds is None and x.device.type == "cpu" and bool((lengths == x.shape[1]).all())
        read.append(x if alike else None)
        # What the layers would compute is not used: one step is enough.
        return ((x[:1, :1], torch.ones(1, dtype=torch.int64), *rest), named) if alike else None

    def replaced(*_: Any) -> Any:
        x = read.pop()
        if x is None:
            return None
        outputs, state = read_alike(stack, x[0], x, torch.ones(x.shape[:2], dtype=torch.bool))
        return outputs, state, None

    handles = (stack.register_forward_pre_hook(cut, with_kwargs=True), stack.register_forward_hook(replaced))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _hulls(differs: Tensor) -> Hull:
    """Of each step of bool [T, P]."""
    found = []
    for step in differs.numpy():
        places = step.nonzero()[0]
        found.append((int(places[0]), int(places[-1]) + 1) if len(places) else (0, 0))
    return found


def _walk(
    steps: Steps, halves: list[_Half], states: dict[str, Tensor], there: Tensor, turned: bool
) -> tuple[_Half, tuple[Tensor, Tensor | None]]:
    """One direction of a layer.

    Args:
        steps: The cell.
        halves: What it reads.
        states: h and perhaps c of the base text, [T, H].
        there: Which tokens are present, bool [T, P].
        turned: Whether it reads from the end.

    Returns:
        Its states h, and the last h and c of each text, [P, H].
    """
    base_h, base_c = states["h"], states.get("c", torch.zeros_like(states["h"]))
    count, texts = there.shape
    size = base_h.shape[1]
    weights = steps.weight_x.split([half.base.shape[1] for half in halves], 1)
    tables = [half.base @ weight.t() for half, weight in zip(halves, weights, strict=True)]
    shared = torch.stack(tables).sum(0) + steps.bias
    own = base_h.new_empty(count, texts, size)
    now_h, now_c = base_h.new_zeros(2, texts, size).unbind(0)  # of the texts on their own way
    last_h, last_c = base_h.new_zeros(2, texts, size).unbind(0)
    order = range(count - 1, -1, -1) if turned else range(count)
    present = there.numpy()
    hull: Hull = [(0, 0)] * count
    before: int | None = None
    low = high = 0
    for step, after in zip(order, [*order[1:], None], strict=True):
        begin = np.flatnonzero(present[step] & ~present[before]) if before is not None else np.empty(0, np.int64)
        # On their own way stay those that are, as far as they go on; others join them.
        wanted = [(low, high), *(half.hull[step] for half in halves)]
        wanted += [(int(begin[0]), int(begin[-1]) + 1)] if len(begin) else []
        wanted = [(start, stop) for start, stop in wanted if start < stop]
        first, end = (min(a for a, _ in wanted), max(b for _, b in wanted)) if wanted else (0, 0)
        goes_on = np.flatnonzero(present[step, first:end])
        first, end = (first + int(goes_on[0]), first + int(goes_on[-1]) + 1) if len(goes_on) else (0, 0)
        for start, stop in ((first, min(low, end)), (max(high, first), end)) if low < high else ((first, end),):
            if start < stop:  # these leave the base text's way here
                now_h[start:stop] = 0 if before is None else base_h[before]
                now_c[start:stop] = 0 if before is None else base_c[before]
        if len(begin):
            now_h[begin] = now_c[begin] = 0
        if first < end:
            into = _into(halves, weights, tables, shared, step, first, end)
            h, c = steps.step(into, now_h[first:end], now_c[first:end])
            now_h[first:end] = own[step, first:end] = h
            if c is not None:
                now_c[first:end] = c
        ended = np.flatnonzero(present[step] & ~present[after]) if after is not None else np.flatnonzero(present[step])
        if len(ended):
            last_h[ended], last_c[ended] = base_h[step], base_c[step]
            ended = ended[(ended >= first) & (ended < end)]
            last_h[ended], last_c[ended] = now_h[ended], now_c[ended]
        hull[step] = low, high = first, end
        before = step
    return _Half(base_h, own, hull), (last_h, last_c if "c" in states else None)


def _into(
    halves: list[_Half],
    weights: tuple[Tensor, ...],
    tables: list[Tensor],
    shared: Tensor,
    step: int,
    first: int,
    end: int,
) -> Tensor:
    """What the inputs of texts ``first`` to ``end`` contribute at a step, [end - first, G * H]."""
    into = shared[step].expand(end - first, -1)
    for half, weight, table in zip(halves, weights, tables, strict=True):
        start, stop = max(first, half.hull[step][0]), min(end, half.hull[step][1])
        if half.own is not None and start < stop:
            into = into.contiguous()
            into[start - first : stop - first].sub_(table[step]).addmm_(half.own[step, start:stop], weight.t())
    return into


def _whole(halves: list[_Half], there: Tensor) -> Tensor:
    """The states of all texts, [T, P, D * H]; zero where no token is present."""
    base = torch.cat([half.base for half in halves], 1)
    found = base.new_empty(*there.shape, base.shape[1])
    everywhere = bool(there.all())
    for step, texts in enumerate(there):
        place = 0
        for half in halves:
            here = found[step, :, place : place + half.base.shape[1]]
            place += half.base.shape[1]
            first, end = half.hull[step]
            here[:first] = here[end:] = half.base[step]
            if half.own is not None:
                here[first:end] = half.own[step, first:end]
        if not everywhere:
            found[step, ~texts] = 0
    return found
