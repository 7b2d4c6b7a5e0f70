"""The equations of a step with their numbers below them, as pieces that can be painted, read out and added up."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from lstm_studio.gui.i18n import tr
from lstm_studio.inspection.anatomy import Activation, Anatomy, Part, Step, adding_up, decimals_for
from lstm_studio.nn.equations import Equation, Term

SOURCES = {"input": "x", "hidden": "h", "memory": "c", "bias": "b"}
"""Kind of a term -> the source of its part."""
ROLES = {"x": "accent", "h": "gate_h", "c": "gate_c", "b": "border_strong", "kept": "gate_f", "written": "gate_i"}


@dataclass(frozen=True)
class Cell:
    """A term and, below it, its number; either may be empty. ``role``: the colour of the term; ``source``: of whose
    part the number is, for its colour; ``tip``: what it is, in a sentence."""

    symbol: str
    number: str
    role: str = "text"
    source: str = ""
    tip: str = ""


@dataclass(frozen=True)
class Bar:
    """A part as a stretch of the bar beside the equation."""

    source: str
    value: float
    tip: str


@dataclass(frozen=True)
class Line:
    """One equation.

    Attributes:
        gate: What is computed.
        cells: Left side, terms and signs.
        tail: What the numbers come to, such as "= σ(−0.780) ≈ 0.314"; the last number is the result.
        below: Whether the tail is so long that it stands on a line of its own.
        bars: Parts of a sum; empty where there is none.
        total: The sum; None where there is none.
        value: The result.
    """

    gate: str
    cells: tuple[Cell, ...]
    tail: str = ""
    bars: tuple[Bar, ...] = field(default=())
    total: float | None = None
    value: float | None = None
    below: bool = False

    @property
    def words(self) -> str:
        """The equation and its numbers on one line each."""
        symbols = "".join(cell.symbol for cell in self.cells).replace("{", "").replace("}", "")
        return f"{symbols}: {self.numbers}"

    @property
    def numbers(self) -> str:
        """The numbers alone: "σ(0.412 − 1.203 + 0.000) = σ(−0.791) ≈ 0.312"."""
        return "".join(cell.number for cell in self.cells[1:]).removeprefix(" = ") + self.tail


def lines_of(anatomy: Anatomy, unit: int, token: int) -> list[Line]:
    """The equations of one unit at one token, in the order of computing."""
    step = anatomy.step(unit, token)
    known = [part.value for one in step.activations for part in one.parts]
    write = Figures(decimals_for([*known, *(v for v in (step.kept, step.written, step.c_before) if v is not None)]))
    name = namer(anatomy)
    return [_line(equation, step, write, name) for equation in anatomy.equations]


def blank_lines(anatomy: Anatomy) -> list[Line]:
    """The same before any token was read: terms without numbers."""
    found = []
    for equation in anatomy.equations:
        cells = [Cell(equation.left, "", _own(equation)), Cell(" = ", "")]
        cells += [Cell(term.text, "", _role(term, equation)) for term in equation.terms]
        found.append(Line(equation.gate, tuple(cells)))
    return found


class Figures:
    """Writes numbers with so many decimals; a minus as a mathematician writes it."""

    def __init__(self, decimals: int) -> None:
        self.decimals = decimals

    def __call__(self, value: float) -> str:
        if not math.isfinite(value):
            return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"
        return self.multiple(round(value * 10**self.decimals))

    def multiple(self, whole: int) -> str:
        """Of a whole multiple of the last digit."""
        return f"{whole / 10**self.decimals:.{self.decimals}f}".replace("-", "−")

    def sums(self, parts: Sequence[float]) -> tuple[list[str], str]:
        """Parts, and their total, that add up as they are written."""
        if not all(map(math.isfinite, parts)):
            return [self(part) for part in parts], self(math.nan)
        shown, total = adding_up(parts, self.decimals)
        return [self.multiple(one) for one in shown], self.multiple(total)


def joined(numbers: Sequence[str]) -> str:
    """0.412, −1.203 -> "0.412 − 1.203"."""
    found = numbers[0]
    for number in numbers[1:]:
        found += f" − {number[1:]}" if number.startswith("−") else f" + {number}"
    return found


def namer(anatomy: Anatomy) -> Callable[[str, int], str]:
    """What the numbers of x[t], h[t-1] and c[t-1] are called."""
    lower = anatomy.inputs.shape[1]
    first = "layer0" in anatomy.name

    def name(source: str, place: int) -> str:
        if source != "x":
            return tr("unit {n}", n=place)
        if first:
            return tr("number {n} of the input", n=place)
        if lower > anatomy.units:  # both directions of the layer below
            half = lower // 2
            if place >= half:
                return tr("unit {n} below, backward", n=place - half)
            return tr("unit {n} below, forward", n=place)
        return tr("unit {n} below", n=place)

    return name


# -- inside ------------------------------------------------------------------------------------------------------


def _line(equation: Equation, step: Step, write: Figures, name: Callable[[str, int], str]) -> Line:
    gate = equation.gate
    activation = next((one for one in step.activations if one.gate == gate), None)
    if activation is not None:
        return _activation_line(equation, activation, write, name)
    if gate == "c" or (gate == "h" and step.c_before is None):
        return _state_line(equation, step, write)
    numbers = _Numbers(step, write)
    cells = [_cell(term, equation, numbers.of(term)) for term in equation.terms]
    value = step.values[gate]
    # 1 - f is exact; a product of rounded numbers is not.
    tail = f" {'=' if gate == 'i' else '≈'} {write(value)}"
    return Line(gate, (*_left(equation), *cells), tail, value=value)


def _activation_line(
    equation: Equation, activation: Activation, write: Figures, name: Callable[[str, int], str]
) -> Line:
    shown, total = write.sums([part.value for part in activation.parts])
    numbers: dict[str, str] = {p.source: number for p, number in zip(activation.parts, shown, strict=True)}
    parts: dict[str, Part] = {part.source: part for part in activation.parts}
    function = next((term.text for term in equation.terms if term.kind == "function"), "").rstrip("(")
    cells: list[Cell] = [*_left(equation)]
    for term, sign in _signed(equation.terms, numbers):
        source = SOURCES.get(term.kind, "")
        if not source:
            number = (
                write(activation.inner[0])
                if term.kind == "gate" and activation.inner
                else sign or term.text.replace("∘", "·")
            )
            cells.append(_cell(term, equation, number))
            continue
        number = numbers[source]
        if source == "h" and activation.inner is not None:
            number = f"({joined([write(value) for value in activation.inner[1:]])})"
        elif sign == "taken":
            number = number.removeprefix("−")
        tip = _part_tip(parts[source], numbers[source], write, name)
        cells.append(Cell(term.text, number, _role(term, equation), source, tip))
    sums = f" ≈ {function}({joined(shown)})" if activation.inner is not None else ""
    squashed = f"{sums} = {function}({total}) ≈ {write(activation.value)}"
    bars = tuple(
        Bar(part.source, part.value, _part_tip(part, number, write, name))
        for part, number in zip(activation.parts, shown, strict=True)
    )
    tail = squashed if function else f" = {total}"
    return Line(equation.gate, tuple(cells), tail, bars, activation.total, activation.value, bool(sums))


def _state_line(equation: Equation, step: Step, write: Figures) -> Line:
    """c of an LSTM, h of a GRU: a share of the old one and what is added."""
    assert step.kept is not None
    assert step.written is not None
    values = [("kept", step.kept), ("written", step.written)]
    if equation.gate == "h":
        values.reverse()  # as its equation has them
    shown, total = write.sums([value for _, value in values])
    numbers = _Numbers(step, write)
    cells = [_cell(term, equation, numbers.of(term)) for term in equation.terms]
    bars = [
        Bar(
            source,
            value,
            tr("What is kept of the old state: {value}", value=number)
            if source == "kept"
            else tr("What is written anew: {value}", value=number),
        )
        for (source, value), number in zip(values, shown, strict=True)
    ]
    plain = all(term.kind != "gate" or term.gate == "g" for term in equation.terms)
    tail = f" = {total}" if plain else f" ≈ {joined(shown)} = {total}"
    return Line(
        equation.gate, (*_left(equation), *cells), tail, tuple(bars), step.kept + step.written,
        step.values[equation.gate],
    )  # fmt: skip


class _Numbers:
    """Fills in gates and states."""

    def __init__(self, step: Step, write: Figures) -> None:
        self._step, self._write = step, write

    def of(self, term: Term) -> str:
        """What stands below a term."""
        step = self._step
        if term.kind == "gate":
            return self._write(step.values[term.gate])
        if term.kind == "state":
            before = {"c": step.c_before, "h": step.h_before}[term.gate] if "t-1" in term.text else None
            return self._write(step.values[term.gate] if before is None else before)
        return term.text.replace(" - ", " − ").replace("∘", "·")


def _left(equation: Equation) -> tuple[Cell, Cell]:
    return Cell(equation.left, "", _own(equation)), Cell(" = ", " = ")


def _cell(term: Term, equation: Equation, number: str) -> Cell:
    return Cell(term.text, number, _role(term, equation))


def _signed(terms: Sequence[Term], numbers: dict[str, str]) -> Iterator[tuple[Term, str]]:
    """Each term with the sign below a plus: " − " where the number that follows is negative, which is "taken" then."""
    taken = False
    for place, term in enumerate(terms):
        after = SOURCES.get(terms[place + 1].kind, "") if place + 1 < len(terms) else ""
        if term.text == " + " and numbers.get(after, "").startswith("−"):
            taken = True
            yield term, " − "
        else:
            yield term, "taken" if taken else ""
            taken = False


def _part_tip(part: Part, number: str, write: Figures, name: Callable[[str, int], str]) -> str:
    said = {
        "x": tr("What x[t], the token as the layer reads it, contributes: {value}", value=number),
        "h": tr("What h[t−1], the state before, contributes: {value}", value=number),
        "c": tr("What the memory contributes through the peephole: {value}", value=number),
        "b": tr("The bias: {value}", value=number),
    }[part.source]
    if not part.largest:
        return said
    most = " · ".join(f"{name(part.source, place)} {write(value)}" for place, value in part.largest)
    return f"{said}\n{tr('Most of it: {parts}', parts=most)}"


def _own(equation: Equation) -> str:
    return _gate_role(equation.gate)


def _role(term: Term, equation: Equation) -> str:
    """Of the symbol: other gates and states keep theirs, weights are plain."""
    if term.kind in ("gate", "state", "memory") and term.gate:
        return _gate_role(term.gate)
    return _own(equation) if term.kind == "function" else "text"


def _gate_role(gate: str) -> str:
    return f"gate_{ {'r': 'i', 'z': 'f', 'n': 'g'}.get(gate, gate) }"
