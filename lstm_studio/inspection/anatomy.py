"""Anatomy of a step: the equations of a cell with one unit's numbers, and where each number comes from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lstm_studio.config import ModelConfig
from lstm_studio.config.model import Variant
from lstm_studio.nn.equations import Equation, equations

Source = Literal["x", "h", "c", "b"]
LARGEST = 3
"""So many of the numbers that a contribution is the sum of are named."""
_SAMPLED = 400


@dataclass(frozen=True)
class Part:
    """What one source contributes to a pre-activation.

    Attributes:
        source: "x": x[t]; "h": h[t-1]; "c": the memory, through a peephole; "b": the bias.
        value: The contribution.
        largest: Places in that vector with what they contribute, the largest first; none for biases and diagonal
            peepholes, which see one number only.
    """

    source: Source
    value: float
    largest: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class Activation:
    """A gate or candidate at one step: ``value`` is the sigmoid or tanh of ``total``, the sum of the ``parts``.

    ``inner`` is (r, W_hn h[t-1], b_hn) of a GRU's candidate, whose part of h[t-1] is r times the sum of the others.
    """

    gate: str
    parts: tuple[Part, ...]
    total: float
    value: float
    inner: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class Step:
    """One unit at one step, in the order of computing.

    Attributes:
        activations: Of the gates that have weights; a plain RNN has that of "h" alone.
        h_before, c_before: What the step starts from; c is None for cells without memory.
        kept, written: What the new state (c of an LSTM, h of a GRU) is the sum of: the share of the old one, and what
            is added. None for a plain RNN.
        values: Of all gates and states after the step, by name.
    """

    activations: tuple[Activation, ...]
    h_before: float
    c_before: float | None
    kept: float | None
    written: float | None
    values: dict[str, float]

    def activation(self, gate: str) -> Activation:
        """The one of a gate."""
        return next(one for one in self.activations if one.gate == gate)


@dataclass(frozen=True, eq=False)
class Anatomy:
    """All that the steps of one layer and direction are computed from, over T tokens. Row t belongs to token t.

    Attributes:
        name: "layer0.forward", as of ``LayerGates``.
        tokens: [T].
        cell: "lstm", "gru" or "rnn".
        peephole, output_gate_sees, variant: As of ``ModelConfig``; LSTM only.
        gates: Those that have weights, in the order of the rows of the weights.
        inputs: x[t], float32 [T, I].
        h, c: What each step starts from, float32 [T, H]; c is None for cells without memory.
        weight_x, weight_h: float32 [G, H, I] and [G, H, H], one row a gate.
        bias: float32 [G, H]; of a GRU's n only b_xn.
        bias_n: b_hn of a GRU, float32 [H].
        peepholes: float32 [P, H] or [P, H, H], for the P of i, f, o that have weights.
        lead: Whether steps before the first one shown were computed: a mark before the text, padding behind it.
    """

    name: str
    tokens: tuple[str, ...]
    cell: Literal["lstm", "gru", "rnn"]
    peephole: Literal["none", "diagonal", "full"]
    output_gate_sees: Literal["previous", "current"]
    gates: str
    inputs: np.ndarray
    h: np.ndarray
    c: np.ndarray | None
    weight_x: np.ndarray
    weight_h: np.ndarray
    bias: np.ndarray
    bias_n: np.ndarray | None = None
    peepholes: np.ndarray | None = None
    lead: bool = False
    variant: Variant = "none"

    @property
    def units(self) -> int:
        """H."""
        return int(self.h.shape[1])

    @property
    def backward(self) -> bool:
        """Whether the text is read from its end."""
        return self.name.endswith("backward")

    @property
    def handed_over(self) -> bool:
        """Whether the first step starts from a state that comes from elsewhere: not from zeros."""
        return self.name.startswith("decoder") or self.lead

    @property
    def first(self) -> int:
        """The token that is read first."""
        return len(self.tokens) - 1 if self.backward else 0

    @property
    def equations(self) -> list[Equation]:
        """In the order of computing; see docs/equations.md."""
        return equations(
            ModelConfig(
                cell=self.cell, peephole=self.peephole, output_gate_sees=self.output_gate_sees, variant=self.variant
            )
        )

    def start(self, unit: int) -> tuple[float, float | None]:
        """h and c of a unit before the first step."""
        return float(self.h[self.first, unit]), None if self.c is None else float(self.c[self.first, unit])

    def step(self, unit: int, token: int) -> Step:
        """One step, in double precision.

        Args:
            unit: 0..H-1.
            token: 0..T-1.

        Raises:
            IndexError: no such unit or token.
        """
        if not (0 <= unit < self.units and 0 <= token < len(self.tokens)):
            raise IndexError(f"no unit {unit} at token {token}")
        with np.errstate(over="ignore", invalid="ignore"):  # a network that has gone astray is shown as it is
            return {"lstm": self._lstm, "gru": self._gru, "rnn": self._rnn}[self.cell](unit, token)

    def contributions(self, gate: str) -> dict[Source, np.ndarray]:
        """The parts of a gate's pre-activation at all steps and units, float64 [T, H] each; they add up to it.

        Not for a GRU's "n" and not for the output gate that sees c[t]: those depend on what is computed before.
        """
        row = self.gates.index(gate)
        found: dict[Source, np.ndarray] = {
            "x": self.inputs.astype(np.float64) @ self.weight_x[row].T,
            "h": self.h.astype(np.float64) @ self.weight_h[row].T,
        }
        weights = self._peepholes(gate)
        if weights is not None and self.c is not None:
            memory = self.c.astype(np.float64)
            found["c"] = memory * weights if weights.ndim == 1 else memory @ weights.T
        found["b"] = np.broadcast_to(self.bias[row].astype(np.float64), self.h.shape)
        return found

    def reach(self, unit: int) -> float:
        """How far the parts of a unit's pre-activations lie from zero, those above and those below added up, and its
        state: an end for scales that stays while one steps through the text. Long texts are sampled."""
        every = slice(None, None, max(1, len(self.tokens) // _SAMPLED))
        from_x = self.inputs[every].astype(np.float64) @ self.weight_x[:, unit].T
        from_h = self.h[every].astype(np.float64) @ self.weight_h[:, unit].T
        parts = [from_x, from_h, np.broadcast_to(self.bias[:, unit], from_x.shape)]
        if self.c is not None and self.peepholes is not None:
            memory = self.c[every].astype(np.float64)
            for row, weights in enumerate(self.peepholes):
                seen = memory @ weights[unit] if weights.ndim == 2 else memory[:, unit] * weights[unit]
                parts.append(seen[:, None] * (np.arange(len(self.gates)) == self._sees(row)))
        stacked = np.stack(parts)
        state = self.h if self.c is None else self.c
        found = [np.abs(side.sum(0)).max() for side in (np.maximum(stacked, 0), np.minimum(stacked, 0))]
        found.append(np.abs(state[:, unit]).max())
        return max((float(value) for value in found if math.isfinite(value)), default=0.0)

    def _sees(self, row: int) -> int:
        """Row of the weights of the gate that a row of the peepholes belongs to."""
        return self.gates.index([name for name in self.gates if name in "ifo"][row])

    # -- cells -----------------------------------------------------------------------------------------------

    def _plain(self, gate: str, unit: int, token: int) -> list[Part]:
        row = self.gates.index(gate)
        return [
            _product("x", self.weight_x[row, unit], self.inputs[token]),
            _product("h", self.weight_h[row, unit], self.h[token]),
        ]

    def _bias(self, gate: str, unit: int) -> Part:
        return Part("b", float(self.bias[self.gates.index(gate), unit]))

    def _peepholes(self, gate: str) -> np.ndarray | None:
        """Of one gate, [H] or [H, H]."""
        seeing = [name for name in self.gates if name in "ifo"]
        return None if self.peepholes is None or gate not in seeing else self.peepholes[seeing.index(gate)]

    def _lstm(self, unit: int, token: int) -> Step:
        assert self.c is not None
        before = self.c[token].astype(np.float64)
        late = self.output_gate_sees == "current" and self.peephole != "none"
        done: dict[str, Activation] = {}
        values: dict[str, float] = {}

        def gate(name: str, seen: np.ndarray) -> None:
            parts, weights = self._plain(name, unit, token), self._peepholes(name)
            if weights is not None and weights.ndim == 2:
                parts.append(_product("c", weights[unit], seen))
            elif weights is not None:
                parts.append(Part("c", float(weights[unit]) * float(seen[unit])))
            bare = name == "g" and self.variant == "no_input_activation"
            done[name] = _activation(name, [*parts, self._bias(name, unit)], bare=bare)
            values[name] = done[name].value

        for name in "ifg" if late else "ifog":
            if name in self.gates:
                gate(name, before)
        if self.variant == "coupled":
            values["i"] = 1 - values["f"]
        kept, written = values.get("f", 1.0) * float(before[unit]), values.get("i", 1.0) * values["g"]
        memory = kept + written
        if late and "o" in self.gates:
            # Full peepholes see the new memory of all units.
            gate("o", self._memory_after(token) if self.peephole == "full" else np.full(self.units, memory))
        shown = memory if self.variant == "no_output_activation" else math.tanh(memory)
        values |= {"c": memory, "h": values.get("o", 1.0) * shown}
        return Step(tuple(done.values()), float(self.h[token, unit]), float(before[unit]), kept, written, values)

    def _memory_after(self, token: int) -> np.ndarray:
        """c[t] of all units, float64 [H]; full peepholes."""
        assert self.c is not None
        x, h, c = (values[token].astype(np.float64) for values in (self.inputs, self.h, self.c))
        raw = dict(zip(self.gates, self.weight_x @ x + self.weight_h @ h + self.bias, strict=True))
        for name in "if":
            weights = self._peepholes(name)
            if weights is not None:
                raw[name] = raw[name] + weights @ c
        forget: np.ndarray = _sigmoid(raw["f"]) if "f" in raw else np.ones_like(c)
        opened = 1 - forget if self.variant == "coupled" else _sigmoid(raw["i"]) if "i" in raw else np.ones_like(c)
        new = raw["g"] if self.variant == "no_input_activation" else np.tanh(raw["g"])
        return forget * c + opened * new

    def _gru(self, unit: int, token: int) -> Step:
        assert self.bias_n is not None
        done = {
            name: _activation(name, [*self._plain(name, unit, token), self._bias(name, unit)]) for name in ("r", "z")
        }
        reset, keep = done["r"].value, done["z"].value
        x, h = self._plain("n", unit, token)
        inner = (reset, h.value, float(self.bias_n[unit]))
        seen = Part("h", reset * (inner[1] + inner[2]), tuple((place, reset * value) for place, value in h.largest))
        done["n"] = _activation("n", [x, self._bias("n", unit), seen], inner)
        before = float(self.h[token, unit])
        kept, written = keep * before, (1 - keep) * done["n"].value
        values = {name: one.value for name, one in done.items()} | {"h": written + kept}
        return Step(tuple(done.values()), before, None, kept, written, values)

    def _rnn(self, unit: int, token: int) -> Step:
        one = _activation("h", [*self._plain("h", unit, token), self._bias("h", unit)])
        return Step((one,), float(self.h[token, unit]), None, None, None, {"h": one.value})


def _product(source: Source, weights: np.ndarray, values: np.ndarray) -> Part:
    each = weights.astype(np.float64) * values
    most = np.argsort(-np.abs(each), kind="stable")[:LARGEST]
    return Part(source, float(each.sum()), tuple((int(place), float(each[place])) for place in most))


def _activation(
    gate: str, parts: list[Part], inner: tuple[float, float, float] | None = None, *, bare: bool = False
) -> Activation:
    total = sum(part.value for part in parts)
    value = total if bare else math.tanh(total) if gate in "gnh" else float(_sigmoid(np.array(total)))
    return Activation(gate, tuple(parts), total, value, inner)


def _sigmoid(raw: np.ndarray) -> np.ndarray:
    found: np.ndarray = 0.5 * (1 + np.tanh(0.5 * raw))
    return found


# -- numbers that add up -----------------------------------------------------------------------------------------


def decimals_for(values: Sequence[float]) -> int:
    """3, and fewer for large numbers, so that none has more than six digits."""
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    return 3 if largest < 1000 else 1 if largest < 100_000 else 0


def adding_up(parts: Sequence[float], decimals: int = 3) -> tuple[list[int], int]:
    """Parts and their sum as whole multiples of 10^-decimals that add up exactly.

    The sum is rounded; each part is rounded down or up, those that lose most first (largest remainders, Hamilton's
    method), so that none is off by a whole unit of the last digit.

    Raises:
        ValueError: one is not a number.
    """
    if not all(map(math.isfinite, parts)):
        raise ValueError("parts must be numbers")
    scaled = [part * 10**decimals for part in parts]
    whole = round(sum(parts) * 10**decimals)
    shown = [math.floor(value) for value in scaled]
    most = sorted(range(len(parts)), key=lambda place: shown[place] - scaled[place])
    missing = whole - sum(shown)
    for place in most[: max(0, missing)]:
        shown[place] += 1
    return shown, sum(shown)
