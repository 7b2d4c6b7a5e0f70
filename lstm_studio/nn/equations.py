"""The equations in use, as terms that a page can colour. No torch: the Model page shows them before it is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lstm_studio.config import ModelConfig
from lstm_studio.config.model import WEIGHTLESS

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
    """``left`` = the terms in order. ``gate`` names what is computed: i, f, g, o, c, h, r, z or n; around the cells of
    a network that writes also h0, c0, x, e, w, k, a, y."""

    gate: str
    left: str
    terms: tuple[Term, ...]

    @property
    def text(self) -> str:
        """In one line, without braces: i[t] = sigmoid(W_xi x[t] + ...)."""
        right = "".join(term.text for term in self.terms)
        return f"{self.left} = {right}".replace("{", "").replace("}", "")


def equations(config: ModelConfig, writes: bool = False) -> list[Equation]:
    """Equations of the configured cell, in the order in which they are computed; if the network ``writes``, also what
    stands around the cells that write.

    LSTM with peepholes after Gers & Schmidhuber 2000, here with the output gate at c[t-1] by default; GRU after Cho et
    al. 2014 in the form of torch.nn.GRU; RNN after Elman 1990; variants of the LSTM as in nn.variants.
    """
    if config.cell == "gru":
        cell = _gru()
    elif config.cell == "rnn":
        cell = [Equation("h", "h[t]", (*_squash("tanh", "h"), *_sums("h", "h"), *_close()))]
    else:
        cell = _lstm(config)
    return [*cell, *_around(config)] if writes else cell


def _lstm(config: ModelConfig) -> list[Equation]:
    variant = config.variant
    current = config.output_gate_sees == "current" and config.peephole != "none"
    gone = WEIGHTLESS.get(variant, "")
    made = {
        "i": _gate("i", config, "c[t-1]"),
        "f": _gate("f", config, "c[t-1]"),
        "o": _gate("o", config, "c[t]" if current else "c[t-1]"),
        "g": _candidate(activated=variant != "no_input_activation"),
        "c": _memory("" if variant == "coupled" else gone),
        "h": _state(gated=gone != "o", activated=variant != "no_output_activation"),
    }
    order = "ifgcoh" if current else "ifogch"
    if variant == "coupled":
        made["i"] = Equation("i", "i[t]", (Term("1 - ", "operator"), Term("f[t]", "gate", "f")))
        order = order.replace("if", "fi")
    elif gone:
        order = order.replace(gone, "")
    return [made[name] for name in order]


def _candidate(activated: bool) -> Equation:
    sums = _sums("c", "g")
    return Equation("g", "g[t]", (*_squash("tanh", "g"), *sums, *_close()) if activated else sums)


def _memory(gone: str) -> Equation:
    """``gone``: the gate that there is not."""
    kept: tuple[Term, ...] = (Term("c[t-1]", "state", "c"),)
    written: tuple[Term, ...] = (Term("g[t]", "gate", "g"),)
    if gone != "f":
        kept = (Term("f[t]", "gate", "f"), Term(" ∘ ", "operator"), *kept)
    if gone != "i":
        written = (Term("i[t]", "gate", "i"), Term(" ∘ ", "operator"), *written)
    return Equation("c", "c[t]", (*kept, Term(" + ", "operator"), *written))


def _state(gated: bool, activated: bool) -> Equation:
    terms: tuple[Term, ...] = (Term("c[t]", "state", "c"),)
    if activated:
        terms = (Term("tanh(", "function"), *terms, *_close())
    if gated:
        terms = (Term("o[t]", "gate", "o"), Term(" ∘ ", "operator"), *terms)
    return Equation("h", "h[t]", terms)


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


# -- around the cells of a network that writes ------------------------------------------------------------------


def _around(config: ModelConfig) -> list[Equation]:
    """See nn.decoder and nn.attention: first state, input, attention, attentional state, the next word.

    m[s] is what the encoder says at token s, in all its directions, S the last of them; the rest belongs to step t of
    the decoder.
    """
    found = [Equation("h0", "h[0]", (*_squash("tanh", "h"), *_read("W_{bh} ", "h[S]", "h"), *_bias("bh"), *_close()))]
    if config.cell == "lstm":
        found.append(Equation("c0", "c[0]", (*_read("W_{bc} ", "c[S]", "c"), *_bias("bc"))))
    tied = config.encoding == "embedding" and config.tied != "none"
    embedding = "E" if tied else "E_{y}"
    word = Term(f"{embedding} y[t-1]", "input")
    if config.input_feeding:
        found.append(Equation("x", "x[t]", (Term("(", "operator"), word, *_fed(), Term(")", "operator"))))
    else:
        found.append(Equation("x", "x[t]", (word,)))
    if config.attention == "none":
        found.append(Equation("k", "k[t]", (Term("h[S]", "state", "h"),)))
    else:
        weights = (*_squash("softmax", "w"), Term("e[t,s]", "hidden"), *_close())
        context = (Term("Σ_{s} ", "operator"), Term("w[t,s] ", "hidden"), Term("m[s]", "state", "h"))
        found += [
            Equation("e", "e[t,s]", _score(config.attention)),
            Equation("w", "w[t,s]", weights),
            Equation("k", "k[t]", context),
        ]
    attended = (Term("W_{ka} k[t]", "input"), Term(" + ", "operator"), *_read("W_{ha} ", "h[t]", "h"))
    output = "E" if tied else "W_{ay}"
    return [
        *found,
        Equation("a", "a[t]", (*_squash("tanh", "a"), *attended, *_close())),
        Equation("y", "p[t]", (*_squash("softmax", "y"), Term(f"{output} a[t]", "hidden"), *_bias("y"), *_close())),
    ]


def _score(kind: str) -> tuple[Term, ...]:
    """How well a state of the decoder and a token of the source fit."""
    state, token = Term("h[t]", "state", "h"), Term("m[s]", "state", "h")
    if kind == "bahdanau":
        sums = (*_read("W_{he} ", "h[t]", "h"), Term(" + ", "operator"), *_read("W_{me} ", "m[s]", "h"))
        return (Term("v", "bias"), Term(" · ", "operator"), *_squash("tanh", "e"), *sums, *_close())
    between = (Term("W_{e} ", "hidden"),) if kind == "luong_general" else ()
    return (state, Term(" · ", "operator"), *between, token)


def _read(weight: str, seen: str, gate: str) -> tuple[Term, ...]:
    return (Term(weight, "hidden"), Term(seen, "state", gate))


def _bias(name: str) -> tuple[Term, ...]:
    return (Term(" + ", "operator"), Term(f"b_{{{name}}}", "bias"))


def _fed() -> tuple[Term, ...]:
    return (Term(", ", "operator"), Term("a[t-1]", "hidden"))
