"""What the words of a phrase say together: contextual decomposition of recurrent layers.

Murdoch, Liu & Yu, "Beyond word importance: contextual decomposition to extract interactions from LSTMs", 2018
(https://arxiv.org/abs/1801.05453). Every state is split in two, h = beta + gamma and c = beta_c + gamma_c: beta is what
the phrase alone has brought about, gamma all that has to do with the rest of the text. Sums are split part by part,
functions by L: the mean over the orders in which the parts may come of what each adds, the bias always first. A
product belongs to the phrase where its factors come from the phrase alone, or from the phrase and a bias; what biases
alone write belongs to the rest, so that an empty phrase has said nothing.

Beyond the paper:

* Peepholes. The pre-activation of a gate holds W_c c[t-1], which is linear: W_c beta_c joins what the phrase brings to
  the gate, W_c gamma_c the rest. The output gate is not split, as in the paper, so its peephole needs none.
* Layers and directions. A layer above reads a beta and a gamma, which enter its sums as such.
* The tanh RNN, h = L(tanh), and the GRU: h = (1 - z) n + z h', where (1 - z) has the parts -beta_z, -gamma_z and, as a
  bias, 1 - the bias' part of z.
* From states to the answer. The paper's output is linear in the last state; here the log-odds are any function s of
  the states that are read (pooling, attention, a decoder), so s is split by L too: the phrase's contribution is
  ((s(beta + gamma) - s(gamma)) + (s(beta) - s(0))) / 2, which is the paper's for two classes and the last state.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lstm_studio.errors import StudioError
from lstm_studio.nn.directions import PeepholeDirection, TorchDirection
from lstm_studio.nn.recurrent import Recurrent
from lstm_studio.nn.stepwise import looks
from lstm_studio.nn.types import LSTMState
from lstm_studio.tasks.answers import CELLS, Question

Pair = tuple[Tensor, Tensor]
"""What comes from the phrase, and the rest."""
MOST_ALONE = 64
"""Tokens of a phrase that are also decomposed one by one."""


@dataclass(frozen=True, eq=False)
class Phrase:
    """What tokens ``start`` to ``end`` (excluded) contribute to the log-odds of an answer.

    Attributes:
        together: As one phrase.
        rest: The whole remainder of the text; together + rest = odds - nothing.
        alone: Each token of the phrase as a phrase of its own, float64 [end - start]; empty for very long phrases.
        odds: Log-odds of the answer for the text.
        nothing: The same if all states that were read were zero.
        label, word: The answer, as of ``Attribution``.
    """

    start: int
    end: int
    together: float
    rest: float
    alone: np.ndarray
    odds: float
    nothing: float
    label: str
    word: int | None = None


def phrase(question: Question, model: nn.Module, start: int, end: int, tokens: int) -> Phrase:
    """Decompose one phrase.

    Args:
        question: The answer, as the task poses it of ``model``.
        model: In evaluation mode; its layers that read are decomposed, those that write are not.
        start, end: The phrase, 0 <= start < end <= tokens.
        tokens: How many there are.

    Raises:
        StudioError: no such phrase; or a kind of cell that cannot be decomposed.
    """
    if not 0 <= start < end <= tokens:
        raise StudioError("There is no such phrase", todo=f"Choose tokens from 0 to {tokens - 1}")
    spans = [(start, end)]
    if 1 < end - start <= MOST_ALONE:
        spans += [(place, place + 1) for place in range(start, end)]
    found, odds, nothing = contributions(question, model, spans)
    alone = found[1:, 0] if len(spans) > 1 else found[:1, 0] if end - start == 1 else np.empty(0)
    return Phrase(
        start, end, float(found[0, 0]), float(found[0, 1]), alone, odds, nothing, question.label, question.word
    )


def contributions(
    question: Question, model: nn.Module, spans: Sequence[tuple[int, int]]
) -> tuple[np.ndarray, float, float]:
    """Contributions of several phrases, float64 [P, 2] (phrase, rest); log-odds of the text, and of nothing read."""
    reader = getattr(model, "recurrent", None)
    if not isinstance(reader, Recurrent):
        raise StudioError("This network has no recurrent layers that could be decomposed")
    vectors = question.vectors.detach()
    size = vectors.shape[1]
    found: list[np.ndarray] = []
    odds = nothing = 0.0
    at_once = max(1, CELLS // (4 * size))
    for first in range(0, len(spans), at_once):
        part = spans[first : first + at_once]

        read: list[Tensor] = []

        def cut(_: nn.Module, given: tuple[Any, ...], read: list[Tensor] = read) -> tuple[Any, ...]:
            """What the layers would compute is not used: one step is enough."""
            read.append(given[0][0])
            return given[0][:1, :1], torch.ones(1, dtype=torch.int64), *given[2:]

        def replaced(*_: Any, read: list[Tensor] = read, part: Sequence[tuple[int, int]] = part) -> Any:
            x = read.pop()
            lead = len(x) - size  # marks before the text belong to no phrase
            inside = torch.zeros(len(part), len(x), dtype=torch.bool, device=x.device)
            for row, (start, end) in enumerate(part):
                inside[row, lead + start : lead + end] = True
            outputs, h, c = split_states(reader, x, inside)
            return _stacked(outputs, 0), LSTMState(_stacked(h, 1), None if c is None else _stacked(c, 1)), None

        handles = (reader.register_forward_pre_hook(cut), reader.register_forward_hook(replaced))
        try:
            with torch.no_grad():
                scores = question.score(vectors.expand(2 * len(part) + 2, -1, -1)).double()
        finally:
            for handle in handles:
                handle.remove()
        beta, gamma = scores[2:].chunk(2)
        odds, nothing = float(scores[0]), float(scores[1])
        own = ((odds - gamma) + (beta - nothing)) / 2
        rest = ((odds - beta) + (gamma - nothing)) / 2
        found.append(torch.stack([own, rest], 1).cpu().numpy())
    return np.concatenate(found), odds, nothing


def _stacked(pair: Pair, rows: int) -> Tensor:
    """The whole, nothing, all betas, all gammas; ``rows`` is the dimension that counts phrases."""
    beta, gamma = pair
    whole = (beta + gamma).narrow(rows, 0, 1)
    return torch.cat([whole, torch.zeros_like(whole), beta, gamma], rows)


@torch.no_grad()
def split_states(stack: Recurrent, x: Tensor, inside: Tensor) -> tuple[Pair, Pair, Pair | None]:
    """Decompose all layers that read one text.

    The whole of every state is known once the text has been read; only the phrases' part is walked along, and the rest
    is what it leaves.

    Args:
        stack: The layers.
        x: What they read, [T, I].
        inside: Which tokens belong to the phrase, bool [P, T], for P phrases.

    Returns:
        Outputs, beta and gamma [P, T, D*H]; final h and c, [layers * D, P, H] each, as of ``Recurrent`` (c is None for
        cells without). The sums of the pairs are exactly what the layers compute.

    Raises:
        StudioError: a kind of cell that cannot be decomposed.
    """
    if any(not isinstance(cell, PeepholeDirection | TorchDirection) for layer in stack.layers for cell in layer):  # type: ignore[attr-defined]
        raise StudioError(
            "Contextual decomposition knows whole LSTMs, GRUs and plain RNNs, and no LSTM with a part left out"
        )
    # Not called as a module: what hangs on the layers has had its turn.
    traces = stack.forward(x.unsqueeze(0), torch.tensor([len(x)]), trace=True)[2]
    assert traces is not None
    known = iter(traces)
    whole, own = x, x.unsqueeze(1) * inside.t().unsqueeze(2).to(x.dtype)
    final_h: list[Pair] = []
    final_c: list[Pair] = []
    for layer in stack.layers:
        wholes: list[Tensor] = []
        owns: list[Tensor] = []
        for side, direction in enumerate(stack.directions):
            turn = (0,) if direction == "backward" else ()
            states = {name: values[0].flip(turn) for name, values in next(known).values.items()}
            h, c = _direction(layer[side], whole.flip(turn), own.flip(turn), states)  # type: ignore[index]
            wholes.append(states["h"].flip(turn))
            owns.append(h.flip(turn))
            final_h.append((h[-1], states["h"][-1] - h[-1]))
            if c is not None:
                final_c.append((c, states["c"][-1] - c))
        whole, own = torch.cat(wholes, -1), torch.cat(owns, -1)
    beta = own.transpose(0, 1)
    return (beta, whole - beta), _both(final_h), _both(final_c) if final_c else None


def _both(pairs: list[Pair]) -> Pair:
    return torch.stack([pair[0] for pair in pairs]), torch.stack([pair[1] for pair in pairs])


def _direction(cell: nn.Module, whole: Tensor, own: Tensor, states: dict[str, Tensor]) -> tuple[Tensor, Tensor | None]:
    """One layer in one direction, in the order in which it reads.

    Args:
        cell: The layer.
        whole, own: What it reads, [T, I], and the phrases' part of it, [T, P, I].
        states: All gates and states, [T, H] each.

    Returns:
        The phrases' part of h at all steps, [T, P, H], and of the last c, [P, H].
    """
    heard = (own != 0).flatten(1).any(1).nonzero()
    first = int(heard[0]) if len(heard) else len(own)  # before it there is nothing of the phrases
    if isinstance(cell, TorchDirection) and cell.cell != "lstm":
        return _without_memory(cell, whole, own, states, first), None
    if isinstance(cell, TorchDirection):
        weight_x, weight_h, bias_x, bias_h = cell.core.all_weights[0]
        return _lstm(weight_x, weight_h, bias_x + bias_h, None, whole, own, states, first)
    assert isinstance(cell, PeepholeDirection)
    return _lstm(cell.weight_x, cell.weight_h, cell.bias, cell.peephole, whole, own, states, first)


def _before(states: Tensor) -> Tensor:
    """States that steps start from, [T, H], of those that they end with."""
    return torch.cat([torch.zeros_like(states[:1]), states[:-1]])


def _lstm(
    weight_x: Tensor,
    weight_h: Tensor,
    bias: Tensor,
    peephole: Tensor | None,
    whole: Tensor,
    own: Tensor,
    states: dict[str, Tensor],
    first: int,
) -> tuple[Tensor, Tensor]:
    """As of ``_direction``, from step ``first``. The output gate is not split, and so only its value counts."""
    size, texts = weight_h.shape[1], own.shape[1]
    weight_x, weight_h, bias = weight_x[: 3 * size], weight_h[: 3 * size], bias[: 3 * size]
    raw = torch.addmm(nn.functional.linear(whole, weight_x, bias), _before(states["h"]), weight_h.t())
    memories = _before(states["c"])
    seen = peephole[:2] if peephole is not None else None
    if seen is not None:
        raw[:, : 2 * size] += torch.cat([looks(seen, gate, memories) for gate in (0, 1)], 1)
    own_x, weights = nn.functional.linear(own, weight_x), weight_h.t()
    # L of a function f of own + rest + bias, for own: (f(own + bias) - f(rest + bias) + f(all) - f(bias)) / 2.
    only = _gates(bias.clone(), size)
    half = (_gates(raw.clone(), size) - only) / 2
    only_i, only_f, only_g = only.chunk(3)
    opening, squashed = states["o"] / 2, torch.tanh(states["c"])
    found = own.new_zeros(len(own), texts, size)
    h, c = found.new_zeros(2, texts, size).unbind(0)
    both, shown = own_x.new_empty(2, texts, 3 * size), own.new_empty(2, texts, size)
    for step in range(first, len(own)):
        mine = torch.addmm(own_x[step], h, weights)
        if seen is not None and seen.dim() == 2:
            mine[:, : 2 * size].unflatten(1, (2, size)).addcmul_(c.unsqueeze(1), seen)
        elif seen is not None:
            mine[:, : 2 * size].addmm_(c, seen.flatten(0, 1).t())
        torch.add(mine, bias, out=both[0])
        torch.sub(raw[step], mine, out=both[1])
        _gates(both, size)
        parts = torch.add(half[step], both[0].sub_(both[1]), alpha=0.5)
        parts.masked_fill_(mine == 0, 0)  # exactly: what is not there adds nothing
        i, f, g = parts.chunk(3, 1)
        c = torch.mul(f + only_f, c).addcmul_(i, g + only_g).addcmul_(g, only_i)
        shown[0] = c
        torch.sub(states["c"][step], c, out=shown[1])
        shown.tanh_()
        h = torch.mul(shown[0].sub_(shown[1]).add_(squashed[step]), opening[step]).masked_fill_(c == 0, 0)
        found[step] = h
    return found, c


def _gates(raw: Tensor, size: int) -> Tensor:
    """Sigmoid of i and f, tanh of g, in place, [..., 3 * size]."""
    raw[..., : 2 * size].sigmoid_()
    raw[..., 2 * size :].tanh_()
    return raw


def _without_memory(cell: TorchDirection, whole: Tensor, own: Tensor, states: dict[str, Tensor], first: int) -> Tensor:
    """h as of ``_direction`` of a GRU or a plain RNN, from step ``first``."""
    weight_x, weight_h, bias_x, bias_h = cell.core.all_weights[0]
    step: Callable[..., Tensor] = _rnn
    bias: Tensor = bias_x + bias_h
    if cell.cell == "gru":  # its reset gate comes between the two
        bias, step = bias_x, partial(_gru, bias_h=bias_h)
    from_x, own_x, weights = whole @ weight_x.t(), own @ weight_x.t(), weight_h.t()
    before = _before(states["h"])
    from_h = before @ weights
    found = own.new_zeros(*own.shape[:2], weight_h.shape[1])
    h = torch.zeros_like(found[0])
    for place in range(first, len(own)):
        x, own_h = own_x[place], h @ weights
        h = step((x, from_x[place] - x), (own_h, from_h[place] - own_h), (h, before[place] - h), bias)
        found[place] = h
    return found


def _parts(own: Tensor, rest: Tensor, bias: Tensor, function: Callable[[Tensor], Tensor]) -> tuple[Tensor, ...]:
    """L of a function of own + rest + bias: what each of the three adds. Their sum is the function's value."""
    whole, only = function(own + rest + bias), function(bias)
    with_own, with_rest = function(own + bias), function(rest + bias)
    return (with_own - only + whole - with_rest) / 2, (with_rest - only + whole - with_own) / 2, only


def _product(a: tuple[Tensor, ...], b: tuple[Tensor, ...]) -> Pair:
    """(own, rest, bias) times (own, rest, bias): the phrase's part, and all others."""
    own = a[0] * (b[0] + b[2]) + a[2] * b[0]
    rest = a[1] * (b[0] + b[1] + b[2]) + (a[0] + a[2]) * b[1] + a[2] * b[2]
    return own, rest


def _rnn(from_x: Pair, from_h: Pair, h: Pair, bias: Tensor) -> Tensor:
    return _parts(from_x[0] + from_h[0], from_x[1] + from_h[1], bias, torch.tanh)[0]


def _gru(from_x: Pair, from_h: Pair, h: Pair, bias: Tensor, bias_h: Tensor) -> Tensor:
    own_x, rest_x, b_x = from_x[0].chunk(3, -1), from_x[1].chunk(3, -1), bias.chunk(3)
    own_h, rest_h, b_h = from_h[0].chunk(3, -1), from_h[1].chunk(3, -1), bias_h.chunk(3)
    r = _parts(own_x[0] + own_h[0], rest_x[0] + rest_h[0], b_x[0] + b_h[0], torch.sigmoid)
    z = _parts(own_x[1] + own_h[1], rest_x[1] + rest_h[1], b_x[1] + b_h[1], torch.sigmoid)
    reset = _product(r, (own_h[2], rest_h[2], b_h[2]))
    alone = r[2] * b_h[2]  # of biases only: it stays the bias of what follows
    n = _parts(own_x[2] + reset[0], rest_x[2] + reset[1] - alone, b_x[2] + alone, torch.tanh)
    return _product((-z[0], -z[1], 1 - z[2]), n)[0] + (z[0] + z[2]) * h[0]
