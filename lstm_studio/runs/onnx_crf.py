"""The linear-chain CRF of ``nn.crf`` as an ONNX graph: the best legal sequence, and probabilities of each tag."""

from __future__ import annotations

import numpy as np

from lstm_studio.nn.crf import LinearChainCRF
from lstm_studio.runs.onnx_graph import BOOL, FLOAT, INT, Graph, Value
from lstm_studio.runs.onnx_layers import NOTHING, Rows

_LOOKED_AT = 1_000
"""Lengths for which it is looked at whether every sentence has a legal sequence of tags."""


def decode(g: Graph, crf: LinearChainCRF, emissions: Value, rows: Rows) -> tuple[Value, Value]:
    """Emissions [T, B, K] -> tags int64 [T, B], 0 at padding, and their scores [B]; as ``LinearChainCRF.decode``."""
    tags, scores = _viterbi(g, crf, emissions, rows, legal=True)
    if not _always_legal(crf):
        others, their = _viterbi(g, crf, emissions, rows, legal=False)
        lost = g.op("IsInf", scores)
        tags, scores = g.op("Where", lost, others, tags), g.op("Where", lost, their, scores)
    return g.op("Where", rows.there, tags, g.constant(0, INT)), scores


def marginals(g: Graph, crf: LinearChainCRF, emissions: Value, rows: Rows) -> Value:
    """Emissions [T, B, K] -> the probability of each tag given the whole row, [T, B, K]; zero at padding."""
    there = g.unsqueeze(rows.there, 2)
    start, end = g.constant(crf.start), g.constant(crf.end)
    forth, back = g.constant(crf.transitions), g.constant(crf.transitions.detach().t().contiguous())
    nothing = g.op("Mul", emissions, g.constant(0.0, FLOAT))
    at_end = g.op("Add", g.op("Gather", nothing, g.constant(0, INT)), end)

    def forward(b: Graph, states: list[Value], slices: list[Value]) -> tuple[list[Value], list[Value]]:
        here, is_there, first = slices
        reached = b.op("Add", b.unsqueeze(states[0], 2), forth)
        before = b.op("Where", first, start, b.op("ReduceLogSumExp", reached, axes=[1], keepdims=0))
        after = b.op("Where", is_there, b.op("Add", before, here), states[0])
        return [after], [after]

    def backward(b: Graph, states: list[Value], slices: list[Value]) -> tuple[list[Value], list[Value]]:
        # What is put down belongs to this word; what is handed on, to the one before it.
        here, is_there = slices
        onward = b.op("Add", b.unsqueeze(b.op("Add", here, states[0]), 2), back)
        before = b.op("ReduceLogSumExp", onward, axes=[1], keepdims=0)
        return [b.op("Where", is_there, before, states[0])], [states[0]]

    begun = g.op("Gather", nothing, g.constant(0, INT))
    _, alphas = g.scan([begun], [emissions, there, _first(g, rows)], forward, kinds=[FLOAT, FLOAT, BOOL, BOOL, FLOAT])
    _, betas = g.scan([at_end], [emissions, there], backward, kinds=[FLOAT, FLOAT, BOOL, FLOAT], backward=True)
    shares = g.op("Softmax", g.op("Add", alphas[0], betas[0]), axis=2)
    return g.op("Where", there, shares, g.constant(0.0, FLOAT))


def _viterbi(g: Graph, crf: LinearChainCRF, emissions: Value, rows: Rows, *, legal: bool) -> tuple[Value, Value]:
    tables = [crf.start.detach(), crf.transitions.detach(), crf.end.detach()]
    if legal:
        allowed = crf.allowed_start, crf.allowed, crf.allowed_end
        tables = [table.masked_fill(~may, float(NOTHING)) for table, may in zip(tables, allowed, strict=True)]
    start, steps, end = (g.constant(table) for table in tables)
    there = g.unsqueeze(rows.there, 2)
    stay = g.constant(np.arange(crf.tags, dtype=INT)[None])

    def forward(b: Graph, states: list[Value], slices: list[Value]) -> tuple[list[Value], list[Value]]:
        here, is_there, first = slices
        reached = b.op("Add", b.unsqueeze(states[0], 2), steps)
        before = b.op("Where", first, start, b.op("ReduceMax", reached, axes=[1], keepdims=0))
        origin = b.op("Where", is_there, b.op("ArgMax", reached, axis=1, keepdims=0), stay)
        return [b.op("Where", is_there, b.op("Add", before, here), states[0])], [origin]

    def backward(b: Graph, states: list[Value], slices: list[Value]) -> tuple[list[Value], list[Value]]:
        came_from = b.op("GatherElements", slices[0], states[0], axis=1)
        return [came_from], [b.squeeze(states[0], 1)]

    begun = g.op("Gather", g.op("Mul", emissions, g.constant(0.0, FLOAT)), g.constant(0, INT))
    ends, origins = g.scan(
        [begun], [emissions, there, _first(g, rows)], forward, kinds=[FLOAT, FLOAT, BOOL, BOOL, INT]
    )  # fmt: skip
    total = g.op("Add", ends[0], end)
    last = g.op("ArgMax", total, axis=1, keepdims=1)
    _, paths = g.scan([last], origins, backward, kinds=[INT, INT, INT], backward=True)
    return paths[0], g.op("ReduceMax", total, axes=[1], keepdims=0)


def _first(g: Graph, rows: Rows) -> Value:
    """bool [T, 1, 1], True at the first step alone."""
    scalar = g.squeeze(rows.steps, 0)
    time = g.op("Range", g.constant(0, INT), scalar, g.constant(1, INT))
    return g.op("Equal", g.op("Unsqueeze", time, g.ints(1, 2)), g.constant(0, INT))


def _always_legal(crf: LinearChainCRF) -> bool:
    """Whether sentences of every length have a legal sequence of tags; then nothing else has to be looked for."""
    first, steps, last = (table.cpu().numpy() for table in (crf.allowed_start, crf.allowed, crf.allowed_end))
    reached, seen = first, set()
    for _ in range(_LOOKED_AT):
        if not (reached & last).any():
            return False
        key = reached.tobytes()
        if key in seen:
            return True
        seen.add(key)
        reached = steps[reached].any(0)
    return False
