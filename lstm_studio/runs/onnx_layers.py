"""The parts of the studio's networks as ONNX graphs: encoders, recurrent layers, pooling, attention, CRF.

ONNX's own LSTM is used where its equations are those of the layer: without peepholes, or with diagonal ones and an
output gate that sees c[t]. GRU (``linear_before_reset``, as torch computes it) and RNN are ONNX's. Everything else is a
Scan over the same equations; see docs/equations.md.

Sequences are time-major inside, [T, B, F]. Padding stands at a row's end: from left to right no real step sees it, and
from right to left the state stays as it was until the row's last word is met.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from lstm_studio.nn.attention import Attention
from lstm_studio.nn.characters import CharacterEncoder
from lstm_studio.nn.directions import PeepholeDirection, TorchDirection
from lstm_studio.nn.encoding import InputEncoder
from lstm_studio.nn.pooling import Pooling
from lstm_studio.nn.recurrent import Recurrent
from lstm_studio.nn.variants import VariantDirection
from lstm_studio.runs.onnx_graph import BOOL, FLOAT, INT, Graph, Value

NOTHING = np.float32(-np.inf)


class Rows(NamedTuple):
    """Lengths of a batch: int64 [B], how many steps there are int64 [1], and bool [T, B], True where a token stands."""

    lengths: Value
    steps: Value
    there: Value


class Read(NamedTuple):
    """What recurrent layers give: [T, B, F], zero at padding; states [layers * directions, B, H], c None without."""

    outputs: Value
    h: Value
    c: Value | None


def rows_of(g: Graph, lengths: Value, steps: Value) -> Rows:
    """Of lengths int64 [B] and the number of steps int64 [1]."""
    scalar = g.squeeze(steps, 0)
    time = g.op("Range", g.constant(0, INT), scalar, g.constant(1, INT))
    return Rows(lengths, steps, g.op("Less", g.unsqueeze(time, 1), g.unsqueeze(lengths, 0)))


def encode(g: Graph, encoder: InputEncoder, ids: Value) -> Value:
    """Ids int64 [...] -> vectors [..., E]."""
    if encoder.embedding is not None:
        return g.op("Gather", g.constant(encoder.embedding.weight), ids)
    if encoder.kind == "one_hot":
        depth = g.constant(encoder.vocabulary_size, INT)
        return g.op("OneHot", ids, depth, g.constant([0.0, 1.0], FLOAT), axis=-1)
    return g.unsqueeze(g.op("Cast", ids, to=1), -1)


def spelled(g: Graph, letters: CharacterEncoder, characters: Value, sizes: Value) -> Value:
    """Letters int64 [B, T, C], their number int64 [B, T] -> vectors of words [B, T, F]; padding is anything."""
    width = g.size(characters, 2)
    flat = g.op("Reshape", characters, g.op("Concat", g.ints(-1), width, axis=0))
    counts = g.op("Max", g.op("Reshape", sizes, g.ints(-1)), g.constant(1, INT))
    vectors = g.op("Gather", g.constant(letters.embedding.weight), flat)
    read = recurrent(g, letters.recurrent, g.op("Transpose", vectors, perm=[1, 0, 2]), rows_of(g, counts, width))
    joined = _joined(g, read.h, 1, 2)
    shape = g.op("Concat", g.op("Shape", sizes), g.ints(letters.output_size), axis=0)
    return g.op("Reshape", joined, shape)


# -- recurrent layers ----------------------------------------------------------------------------------------


def recurrent(g: Graph, stack: Recurrent, x: Value, rows: Rows, h: Value | None = None, c: Value | None = None) -> Read:
    """A stack of layers over x [T, B, I].

    Args:
        h, c: Initial states [layers * directions, B, H]; zeros when None.
    """
    count = len(stack.layers) * len(stack.directions)
    starts_h = _each(g, h, count)
    starts_c = _each(g, c, count)
    ends_h: list[Value] = []
    ends_c: list[Value] = []
    for number, layer in enumerate(stack.layers):
        outputs = []
        for side, direction in enumerate(stack.directions):
            place = number * len(stack.directions) + side
            found = _direction(
                g, layer[side], x, rows, starts_h[place], starts_c[place], direction == "backward"  # type: ignore[index]
            )  # fmt: skip
            outputs.append(found.outputs)
            ends_h.append(found.h)
            if found.c is not None:
                ends_c.append(found.c)
        x = outputs[0] if len(outputs) == 1 else g.op("Concat", *outputs, axis=2)
    return Read(x, g.op("Concat", *ends_h, axis=0), g.op("Concat", *ends_c, axis=0) if ends_c else None)


def _each(g: Graph, states: Value | None, count: int) -> list[Value | None]:
    if states is None:
        return [None] * count
    return [states] if count == 1 else [*g.op("Split", states, outputs=count, axis=0)]


def _direction(
    g: Graph, cell: nn.Module, x: Value, rows: Rows, h: Value | None, c: Value | None, backward: bool
) -> Read:
    """One layer in one direction; states [1, B, H]."""
    match cell:
        case TorchDirection():
            return _torch(g, cell, x, rows, h, c, backward)
        case PeepholeDirection() if cell.peephole.dim() == 2 and cell.output_gate_sees == "current":
            bias = torch.cat([_ordered(cell.bias, "ifgo", "iofg"), torch.zeros_like(cell.bias)])
            i, f, o = cell.peephole
            weights = _ordered(cell.weight_x, "ifgo", "iofg"), _ordered(cell.weight_h, "ifgo", "iofg"), bias
            return _operator(g, "LSTM", x, rows, weights, (h, c), backward, cell.hidden, torch.cat([i, o, f]))
        case PeepholeDirection():
            return _scan(g, cell, "ifgo", "ifo", "none", x, rows, h, c, backward)
        case VariantDirection():
            return _scan(g, cell, cell.gates, cell.seeing, cell.variant, x, rows, h, c, backward)
    raise TypeError(f"{type(cell).__name__} is no recurrent layer")


def _torch(
    g: Graph, cell: TorchDirection, x: Value, rows: Rows, h: Value | None, c: Value | None, backward: bool
) -> Read:
    weight_x, weight_h, bias_x, bias_h = cell.core.all_weights[0]
    kind = {"lstm": "LSTM", "gru": "GRU", "rnn": "RNN"}[cell.cell]
    old, new = {"lstm": ("ifgo", "iofg"), "gru": ("rzn", "zrn"), "rnn": ("h", "h")}[cell.cell]
    parts = [_ordered(part, old, new) for part in (weight_x, weight_h, bias_x, bias_h)]
    weights = parts[0], parts[1], torch.cat(parts[2:])
    return _operator(g, kind, x, rows, weights, (h, c if cell.cell == "lstm" else None), backward, cell.hidden)


def _operator(
    g: Graph,
    kind: str,
    x: Value,
    rows: Rows,
    weights: tuple[Tensor, Tensor, Tensor],
    starts: tuple[Value | None, Value | None],
    backward: bool,
    hidden: int,
    peepholes: Tensor | None = None,
) -> Read:
    """ONNX's own layer. W_x [G * H, I], W_h [G * H, H], both biases [2 * G * H]; gates i, o, f, g (z, r, h)."""
    with_memory = kind == "LSTM"
    given = [x, *(g.constant(part.detach().unsqueeze(0)) for part in weights), g.op("Cast", rows.lengths, to=6)]
    given += [start or "" for start in starts[: 2 if with_memory else 1]]
    if peepholes is not None:
        given.append(g.constant(peepholes.detach().unsqueeze(0)))
    while not given[-1]:
        given.pop()
    more: dict[str, int] = {"linear_before_reset": 1} if kind == "GRU" else {}
    found = g.op(
        kind,
        *given,
        outputs=3 if with_memory else 2,
        hidden_size=hidden,
        direction="reverse" if backward else "forward",
        **more,
    )
    return Read(g.squeeze(found[0], 1), found[1], found[2] if with_memory else None)


def _ordered(rows: Tensor, old: str, new: str) -> Tensor:
    """Blocks of rows in another order."""
    parts = dict(zip(old, rows.detach().chunk(len(old)), strict=True))
    return torch.cat([parts[name] for name in new])


def _scan(
    g: Graph,
    cell: PeepholeDirection | VariantDirection,
    gates: str,
    seeing: str,
    variant: str,
    x: Value,
    rows: Rows,
    h: Value | None,
    c: Value | None,
    backward: bool,
) -> Read:
    """An LSTM with any peepholes, or with parts left out (``nn.variants``): the G gates named in ``gates`` have
    weights, those named in ``seeing`` peepholes."""
    batch = g.size(x, 1)
    start_h = g.zeros(batch, cell.hidden) if h is None else g.squeeze(h, 0)
    start_c = g.zeros(batch, cell.hidden) if c is None else g.squeeze(c, 0)
    from_x = g.linear(x, cell.weight_x, cell.bias)
    turned = g.constant(cell.weight_h.detach().t().contiguous())
    seen: dict[str, Value] = {}
    if cell.peephole is not None:
        for name, own in zip(seeing, cell.peephole.detach(), strict=True):
            seen[name] = g.constant(own if own.dim() == 1 else own.t().contiguous())
    full = cell.peephole is not None and cell.peephole.dim() == 3
    current = cell.output_gate_sees == "current"
    nothing = g.constant(0.0, FLOAT)

    def step(b: Graph, states: list[Value], slices: list[Value]) -> tuple[list[Value], list[Value]]:
        before_h, before = states
        read, there = slices
        raw = b.op("Add", read, b.op("MatMul", before_h, turned))
        sums = dict(zip(gates, b.split(raw, len(gates), 1), strict=True))

        def gate(name: str, memory: Value) -> Value | None:
            if name not in sums:
                return None
            total = sums[name]
            if name in seen:
                total = b.op("Add", total, b.op("MatMul" if full else "Mul", memory, seen[name]))
            return b.op("Sigmoid", total)

        i, f = gate("i", before), gate("f", before)
        if variant == "coupled" and f is not None:
            i = b.op("Sub", b.constant(1.0, FLOAT), f)
        written = sums["g"] if variant == "no_input_activation" else b.op("Tanh", sums["g"])
        kept = before if f is None else b.op("Mul", f, before)
        memory = b.op("Add", kept, written if i is None else b.op("Mul", i, written))
        o = gate("o", memory if current else before)
        shown = memory if variant == "no_output_activation" else b.op("Tanh", memory)
        hidden = shown if o is None else b.op("Mul", o, shown)
        after = [b.op("Where", there, hidden, before_h), b.op("Where", there, memory, before)]
        return after, [b.op("Where", there, hidden, nothing)]

    kinds = [FLOAT, FLOAT, FLOAT, BOOL, FLOAT]
    ends, told = g.scan(
        [start_h, start_c], [from_x, g.unsqueeze(rows.there, 2)], step, kinds=kinds, backward=backward
    )  # fmt: skip
    return Read(told[0], g.unsqueeze(ends[0], 0), g.unsqueeze(ends[1], 0))


def _joined(g: Graph, states: Value, layers: int, directions: int) -> Value:
    """The last layer's states of [layers * directions, B, H] side by side: [B, directions * H]."""
    first = (layers - 1) * directions
    top = g.op("Slice", states, g.ints(first), g.ints(first + directions), g.ints(0))
    turned = g.op("Transpose", top, perm=[1, 0, 2])
    return g.op("Flatten", turned, axis=1)


def final(g: Graph, stack: Recurrent, states: Value) -> Value:
    """The last layer's final state of both directions, [B, directions * H]."""
    return _joined(g, states, len(stack.layers), len(stack.directions))


# -- on top of them ------------------------------------------------------------------------------------------


def pool(g: Graph, pooling: Pooling, outputs: Value, rows: Rows, last: Value) -> tuple[Value, Value | None]:
    """Outputs [T, B, F], final states [B, F] -> [B, F]; and the weights [B, T] of attention."""
    if pooling.kind == "last":
        return last, None
    if pooling.kind == "mean":
        counts = g.unsqueeze(g.op("Cast", rows.lengths, to=1), 1)
        return g.op("Div", g.op("ReduceSum", outputs, g.ints(0), keepdims=0), counts), None
    there = g.unsqueeze(rows.there, 2)
    if pooling.kind == "max":
        return g.op("ReduceMax", g.op("Where", there, outputs, g.constant(NOTHING)), axes=[0], keepdims=0), None
    asked = g.op("Tanh", g.linear(outputs, pooling.project.weight, pooling.project.bias))
    scores = g.op("Where", there, g.linear(asked, pooling.query.weight), g.constant(NOTHING))
    weights = g.op("Softmax", scores, axis=0)
    pooled = g.op("ReduceSum", g.op("Mul", weights, outputs), g.ints(0), keepdims=0)
    return pooled, g.op("Transpose", g.squeeze(weights, 2), perm=[1, 0])


def keys(g: Graph, attention: Attention, memory: Value) -> Value:
    """What queries are compared with, from the memory [B, S, K]."""
    return memory if attention.project_key is None else g.linear(memory, attention.project_key)


def attend(
    g: Graph, attention: Attention, query: Value, memory: Value, known: Value, there: Value
) -> tuple[Value, Value]:
    """Query [B, Q], memory [B, S, K], its keys, mask bool [B, S] -> context [B, K] and weights [B, S]."""
    if attention.combine is None or attention.project_query is None:
        scores = g.squeeze(g.op("MatMul", known, g.unsqueeze(query, 2)), 2)
    else:
        asked = g.unsqueeze(g.linear(query, attention.project_query), 1)
        opened = g.op("Tanh", g.op("Add", asked, known))
        scores = g.squeeze(g.op("MatMul", opened, g.constant(attention.combine.detach().unsqueeze(1))), 2)
    weights = g.op("Softmax", g.op("Where", there, scores, g.constant(NOTHING)), axis=1)
    context = g.squeeze(g.op("MatMul", g.unsqueeze(weights, 1), memory), 1)
    return context, weights
