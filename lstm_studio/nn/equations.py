"""The equations in use, as terms that a page can colour. No torch: the Model page shows them before it is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lstm_studio.config import ModelConfig

Kind = Literal["function", "input", "hidden", "memory", "bias", "gate", "operator", "state"]


@dataclass(frozen=True)
class Term:
    """A piece of the right-hand side.

    Attributes:
        text: With "_" before a subscript in braces: "W_{xi}", "c[t-1]".
        kind: What it is made of: input (x), hidden (h[t-1]), memory (c through a peephole), bias, another gate.
        gate: The gate or state that is meant, for its colour; empty for none.
    """

    text: str
    kind: Kind
    gate: str = ""


@dataclass(frozen=True)
class Equation:
    """``left`` = the terms in order. ``gate`` names what is computed: i, f, g, o, c, h, r, z or n."""

    gate: str
    left: str
    terms: tuple[Term, ...]

    @property
    def text(self) -> str:
        """In one line, without braces: i[t] = sigmoid(W_xi x[t] + ...)."""
        right = "".join(term.text for term in self.terms)
        return f"{self.left} = {right}".replace("{", "").replace("}", "")


def equations(config: ModelConfig) -> list[Equation]:
    """Equations of the configured cell, in the order in which they are computed.

    LSTM with peepholes after Gers & Schmidhuber 2000, here with the output gate at c[t-1] by default; GRU after Cho et
    al. 2014 in the form of torch.nn.GRU; RNN after Elman 1990.
    """
    if config.cell == "gru":
        return _gru()
    if config.cell == "rnn":
        return [Equation("h", "h[t]", (*_squash("tanh", "h"), *_sums("h", "h"), *_close()))]
    return _lstm(config)


def _lstm(config: ModelConfig) -> list[Equation]:
    current = config.output_gate_sees == "current" and config.peephole != "none"
    output = _gate("o", config, "c[t]" if current else "c[t-1]")
    memory = Equation(
        "c",
        "c[t]",
        (
            Term("f[t]", "gate", "f"),
            Term(" ∘ ", "operator"),
            Term("c[t-1]", "state", "c"),
            Term(" + ", "operator"),
            Term("i[t]", "gate", "i"),
            Term(" ∘ ", "operator"),
            Term("g[t]", "gate", "g"),
        ),
    )
    candidate = Equation("g", "g[t]", (*_squash("tanh", "g"), *_sums("c", "g"), *_close()))
    state = Equation(
        "h",
        "h[t]",
        (
            Term("o[t]", "gate", "o"),
            Term(" ∘ ", "operator"),
            Term("tanh(", "function"),
            Term("c[t]", "state", "c"),
            *_close(),
        ),
    )
    first = [_gate("i", config, "c[t-1]"), _gate("f", config, "c[t-1]")]
    if current:
        return [*first, candidate, memory, output, state]
    return [*first, output, candidate, memory, state]


def _gate(name: str, config: ModelConfig, seen: str) -> Equation:
    terms = [*_squash("σ", name), *_sums(name, name, bias=False)]
    if config.peephole != "none":
        sign = " ∘ " if config.peephole == "diagonal" else " "
        terms += [Term(" + ", "operator"), Term(f"W_{{c{name}}}{sign}{seen}", "memory", "c")]
    terms += [Term(" + ", "operator"), Term(f"b_{{{name}}}", "bias"), *_close()]
    return Equation(name, f"{name}[t]", tuple(terms))


def _gru() -> list[Equation]:
    reset = Equation("r", "r[t]", (*_squash("σ", "r"), *_sums("r", "r"), *_close()))
    update = Equation("z", "z[t]", (*_squash("σ", "z"), *_sums("z", "z"), *_close()))
    new = Equation(
        "n",
        "n[t]",
        (
            *_squash("tanh", "n"),
            Term("W_{xn} x[t]", "input"),
            Term(" + ", "operator"),
            Term("b_{xn}", "bias"),
            Term(" + ", "operator"),
            Term("r[t]", "gate", "r"),
            Term(" ∘ ", "operator"),
            Term("(W_{hn} h[t-1] + b_{hn})", "hidden", "h"),
            *_close(),
        ),
    )
    state = Equation(
        "h",
        "h[t]",
        (
            Term("(1 - ", "operator"),
            Term("z[t]", "gate", "z"),
            Term(") ∘ ", "operator"),
            Term("n[t]", "gate", "n"),
            Term(" + ", "operator"),
            Term("z[t]", "gate", "z"),
            Term(" ∘ ", "operator"),
            Term("h[t-1]", "state", "h"),
        ),
    )
    return [reset, update, new, state]


def _sums(name: str, gate: str, bias: bool = True) -> tuple[Term, ...]:
    terms = (
        Term(f"W_{{x{name}}} x[t]", "input"),
        Term(" + ", "operator"),
        Term(f"W_{{h{name}}} h[t-1]", "hidden", "h"),
    )
    return (*terms, Term(" + ", "operator"), Term(f"b_{{{name}}}", "bias")) if bias else terms


def _squash(function: str, gate: str) -> tuple[Term, ...]:
    return (Term(f"{function}(", "function", gate),)


def _close() -> tuple[Term, ...]:
    return (Term(")", "function"),)
