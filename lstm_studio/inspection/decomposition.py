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
    mask = inside.t().unsqueeze(2).to(x.dtype)  # [T, P, 1]
    values = (x.unsqueeze(1) * mask, x.unsqueeze(1) * (1 - mask))
    final_h: list[Pair] = []
    final_c: list[Pair] = []
    for layer in stack.layers:
        outputs: list[Pair] = []
        for side, direction in enumerate(stack.directions):
            turned = direction == "backward"
            source = (values[0].flip(0), values[1].flip(0)) if turned else values
            h, last_h, last_c = _direction(layer[side], source)  # type: ignore[index]
            outputs.append((h[0].flip(0), h[1].flip(0)) if turned else h)
            final_h.append(last_h)
            if last_c is not None:
                final_c.append(last_c)
        values = (torch.cat([h[0] for h in outputs], -1), torch.cat([h[1] for h in outputs], -1))
    outputs_of = (values[0].transpose(0, 1), values[1].transpose(0, 1))
    return outputs_of, _both(final_h), _both(final_c) if final_c else None


def _both(pairs: list[Pair]) -> Pair:
    return torch.stack([pair[0] for pair in pairs]), torch.stack([pair[1] for pair in pairs])


def _direction(cell: nn.Module, x: Pair) -> tuple[Pair, Pair, Pair | None]:
    """x [T, P, I] in two parts -> h [T, P, H], and the last h and c [P, H], in two parts each."""
    step: Callable[..., tuple[Pair, Pair | None]]
    weight_x: Tensor
    weight_h: Tensor
    bias: Tensor
    bias_h: Tensor | None = None
    peephole: Tensor | None = None
    current = False
    if isinstance(cell, PeepholeDirection):
        weight_x, weight_h, bias = cell.weight_x, cell.weight_h, cell.bias
        peephole, current, step = cell.peephole, cell.output_gate_sees == "current", _lstm
    elif isinstance(cell, TorchDirection):
        weight_x, weight_h, bias, bias_h = cell.core.all_weights[0]
        steps: dict[str, Callable[..., tuple[Pair, Pair | None]]] = {"lstm": _lstm, "gru": _gru, "rnn": _rnn}
        step = steps[cell.cell]
        if cell.cell != "gru":  # its reset gate comes between the two
            bias = bias + bias_h
    else:
        raise StudioError(
            "Contextual decomposition knows whole LSTMs, GRUs and plain RNNs, and no LSTM with a part left out"
        )
    from_x = (x[0] @ weight_x.t(), x[1] @ weight_x.t())
    zero = from_x[0].new_zeros(max(len(from_x[0][0]), len(from_x[1][0])), weight_h.shape[1])
    h: Pair = (zero, zero)
    c: Pair | None = (zero, zero)
    found: list[Pair] = []
    for own, rest in zip(from_x[0].unbind(0), from_x[1].unbind(0), strict=True):
        from_h = (torch.cat(h) @ weight_h.t()).chunk(2)
        h, c = step((own, rest), from_h, h, c, bias, bias_h, peephole, current)
        found.append(h)
    return _both(found), h, c


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


def _lstm(
    from_x: Pair, from_h: Any, h: Pair, c: Any, bias: Tensor, _: Any, peephole: Tensor | None, current: bool
) -> tuple[Pair, Pair]:
    size = h[0].shape[1]
    own_if, own_g, own_o = (from_x[0] + from_h[0]).split((2 * size, size, size), -1)
    rest_if, rest_g, rest_o = (from_x[1] + from_h[1]).split((2 * size, size, size), -1)
    bias_if, bias_g, bias_o = bias.split((2 * size, size, size))

    def seen(first: int, last: int, part: Tensor) -> Tensor | float:
        """What gates (i, f, o from ``first`` to before ``last``) see of a part of the memory."""
        if peephole is None:
            return 0.0
        return torch.cat([looks(peephole, gate, part) for gate in range(first, last)], -1)

    opened = _parts(own_if + seen(0, 2, c[0]), rest_if + seen(0, 2, c[1]), bias_if, torch.sigmoid)
    i, f = tuple(part[..., :size] for part in opened), tuple(part[..., size:] for part in opened)
    g = _parts(own_g, rest_g, bias_g, torch.tanh)
    written = _product(i, g)
    kept = ((f[0] + f[2]) * c[0], f[1] * c[0] + (f[0] + f[1] + f[2]) * c[1])
    memory = (kept[0] + written[0], kept[1] + written[1])
    looked = memory if current else c
    o = torch.sigmoid(own_o + rest_o + bias_o + seen(2, 3, looked[0] + looked[1]))
    shown = _parts(memory[0], memory[1], torch.zeros_like(bias_o), torch.tanh)
    return (o * shown[0], o * shown[1]), memory


def _rnn(from_x: Pair, from_h: Any, h: Pair, c: Any, bias: Tensor, *_: Any) -> tuple[Pair, None]:
    own, rest, only = _parts(from_x[0] + from_h[0], from_x[1] + from_h[1], bias, torch.tanh)
    return (own, rest + only), None


def _gru(from_x: Pair, from_h: Any, h: Pair, c: Any, bias: Tensor, bias_h: Tensor, *_: Any) -> tuple[Pair, None]:
    own_x, rest_x, b_x = from_x[0].chunk(3, -1), from_x[1].chunk(3, -1), bias.chunk(3)
    own_h, rest_h, b_h = from_h[0].chunk(3, -1), from_h[1].chunk(3, -1), bias_h.chunk(3)
    r = _parts(own_x[0] + own_h[0], rest_x[0] + rest_h[0], b_x[0] + b_h[0], torch.sigmoid)
    z = _parts(own_x[1] + own_h[1], rest_x[1] + rest_h[1], b_x[1] + b_h[1], torch.sigmoid)
    reset = _product(r, (own_h[2], rest_h[2], b_h[2]))
    alone = r[2] * b_h[2]  # of biases only: it stays the bias of what follows
    n = _parts(own_x[2] + reset[0], rest_x[2] + reset[1] - alone, b_x[2] + alone, torch.tanh)
    new = _product((-z[0], -z[1], 1 - z[2]), n)
    kept = ((z[0] + z[2]) * h[0], z[1] * h[0] + (z[0] + z[1] + z[2]) * h[1])
    return (new[0] + kept[0], new[1] + kept[1]), None
