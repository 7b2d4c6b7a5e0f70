"""Where everything stands in the drawing of a cell: nodes and wires in a plane of 480 by 330 units, no painting."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from lstm_studio.config import ModelConfig
from lstm_studio.config.model import WEIGHTLESS

WIDTH, HEIGHT = 480.0, 322.0
BOX = (58.0, 34.0, 372.0, 246.0)
"""The cell itself: x, y, width, height, if it has gates."""
RAIL, BUS, PEEP, GATES = 72.0, 256.0, 229.0, 182.0
"""Heights of the memory rail, the bus of x and h, the peephole bus, and the gates."""

Point = tuple[float, float]
NodeKind = Literal["gate", "operation", "port", "tap"]


@dataclass(frozen=True)
class Node:
    """A gate, an operation (``×``, ``+``, ``tanh``, ``1−``), a named end of a wire, or a branching point.

    ``parts``: names of the equations to which it belongs. ``role``: its colour in the theme.
    """

    kind: NodeKind
    text: str
    x: float
    y: float
    role: str
    parts: frozenset[str]
    mark: str = ""


@dataclass(frozen=True)
class Wire:
    """A line with rounded corners. ``style``: plain, thin (peepholes unit by unit) or thick (every unit to every)."""

    points: tuple[Point, ...]
    role: str
    parts: frozenset[str]
    style: Literal["plain", "thin", "thick"] = "plain"
    arrow: bool = True


@dataclass
class Scene:
    """Everything to draw, in painting order."""

    box: tuple[float, float, float, float] = BOX
    wires: list[Wire] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)

    def gate(self, name: str) -> Node:
        """The node of a gate."""
        return next(node for node in self.nodes if node.kind == "gate" and node.text == name)

    def peepholes(self) -> dict[str, Wire]:
        """Gate -> the last piece of its peephole."""
        return {next(iter(wire.parts)): wire for wire in self.wires if wire.style != "plain" and wire.arrow}

    def wire(self, role: str, parts: str, *points: Point, arrow: bool = True, style: str = "plain") -> None:
        """Add a wire; ``parts`` is a string of equation names."""
        self.wires.append(Wire(points, role, frozenset(parts), style, arrow))  # type: ignore[arg-type]

    def node(self, kind: NodeKind, text: str, x: float, y: float, role: str, parts: str, mark: str = "") -> None:
        """Add a node."""
        self.nodes.append(Node(kind, text, x, y, role, frozenset(parts), mark))


def scene(config: ModelConfig) -> Scene:
    """The drawing of a configuration's cell."""
    made = Scene()
    {"lstm": _lstm, "gru": _gru, "rnn": _rnn}[config.cell](made, config)
    return made


GATE_HALF = 20.0
OPERATION_HALF = 11.0
_F, _I, _G, _O, _OUT = 142.0, 206.0, 262.0, 324.0, 388.0
_PLUS = 234.0


def _lstm(into: Scene, config: ModelConfig) -> None:
    """What a variant lacks is not drawn, and its lines go straight on; coupled gates have a line from f to i."""
    gone = WEIGHTLESS.get(config.variant, "")
    coupled = config.variant == "coupled"
    gates = [(name, x) for name, x in (("f", _F), ("i", _I), ("g", _G), ("o", _O)) if name != gone]
    everything = "".join(name for name, _ in gates)
    below, middle = GATES + GATE_HALF, 122.0
    # Memory rail.
    if gone == "f":
        into.wire("gate_c", "c", (20, RAIL), (_PLUS - OPERATION_HALF, RAIL))
    else:
        into.wire("gate_c", "c", (20, RAIL), (_F - OPERATION_HALF, RAIL), arrow=False)
        into.wire("gate_c", "c", (_F + OPERATION_HALF, RAIL), (_PLUS - OPERATION_HALF, RAIL))
    into.wire("gate_c", "ch", (_PLUS + OPERATION_HALF, RAIL), (WIDTH - 22, RAIL))
    # What comes in from below.
    _inputs(into, everything, gates[-1][1])
    for name, x in gates:
        into.wire("text_muted", name, (x, BUS), (x, below))
    _peepholes(into, config, everything)
    # What the gates do.
    if gone != "f":
        into.wire("gate_f", "fc", (_F, GATES - GATE_HALF), (_F, RAIL + OPERATION_HALF))
        into.node("operation", "×", _F, RAIL, "gate_c", "fc")
    if coupled:
        into.wire("gate_f", "fi", (_F, middle), (_I - 16, middle))
        into.wire("gate_i", "ic", (_I - 6 + OPERATION_HALF, middle), (_PLUS - OPERATION_HALF, middle))
        into.node("tap", "", _F, middle, "gate_f", "fi")
        into.node("operation", "1−", _I - 6, middle, "gate_i", "i")
    elif gone != "i":
        into.wire("gate_i", "ic", (_I, GATES - GATE_HALF), (_I, middle), (_PLUS - OPERATION_HALF, middle))
    if gone == "i" and not coupled:
        into.wire(
            "gate_g", "gc", (_G, GATES - GATE_HALF), (_G, middle), (_PLUS, middle), (_PLUS, RAIL + OPERATION_HALF)
        )
    else:
        into.wire("gate_g", "gc", (_G, GATES - GATE_HALF), (_G, middle), (_PLUS + OPERATION_HALF, middle))
        into.wire("gate_c", "c", (_PLUS, middle - OPERATION_HALF), (_PLUS, RAIL + OPERATION_HALF))
        into.node("operation", "×", _PLUS, middle, "gate_c", "igc")
    into.node("operation", "+", _PLUS, RAIL, "gate_c", "c")
    _output(into, gone != "o", config.variant != "no_output_activation", middle)
    for name, x in gates:
        mark = "σ" if name != "g" else "" if config.variant == "no_input_activation" else "tanh"
        into.node("gate", name, x, GATES, f"gate_{name}", name, mark)
    seen = "" if config.peephole == "none" else "if" if config.output_gate_sees == "current" else "ifo"
    into.node("port", "c[t-1]", 20, RAIL, "gate_c", "c" + seen.replace(gone or "-", ""))
    into.node("port", "c[t]", WIDTH - 20, RAIL, "gate_c", "ch")
    _ends(into, everything)


def _output(into: Scene, gated: bool, activated: bool, middle: float) -> None:
    """From the memory to h[t]: through tanh, and past the output gate."""
    end = ((_OUT, BUS), (WIDTH - 22, BUS))
    if gated:
        into.wire("gate_o", "oh", (_O + GATE_HALF, GATES), (_OUT - OPERATION_HALF, GATES))
        into.wire("gate_c", "h", (_OUT, RAIL), (_OUT, GATES - OPERATION_HALF))
        into.wire("gate_h", "h", (_OUT, GATES + OPERATION_HALF), *end)
        into.node("operation", "×", _OUT, GATES, "gate_h", "oh")
    else:
        into.wire("gate_h", "h", (_OUT, RAIL), *end)
    into.node("tap", "", _OUT, RAIL, "gate_c", "h")
    if activated:
        into.node("operation", "tanh", _OUT, middle, "gate_c" if gated else "gate_h", "h")


def _peepholes(into: Scene, config: ModelConfig, gates: str) -> None:
    if config.peephole == "none":
        return
    style = "thin" if config.peephole == "diagonal" else "thick"
    current = config.output_gate_sees == "current" and "o" in gates
    seen = "".join(name for name in ("if" if current else "ifo") if name in gates)
    tap, beside = 92.0, 9.0
    for name, x in (("f", _F), ("i", _I), ("o", _O)):
        if name in seen:
            end = (x - beside, GATES + GATE_HALF)
            points = ((tap, RAIL), (tap, PEEP), (x - beside, PEEP), end)
            into.wire("gate_c", name, *points, style=style)
    into.node("tap", "", tap, RAIL, "gate_c", seen)
    if current:
        into.wire("gate_c", "o", (_O, RAIL), (_O, GATES - GATE_HALF), style=style)
        into.node("tap", "", _O, RAIL, "gate_c", "o")


def _inputs(into: Scene, parts: str, last: float) -> None:
    """h[t-1] from the left and x[t] from below join and run under the gates."""
    into.wire("gate_h", parts, (20, BUS), (92, BUS), arrow=False)
    into.wire("text_muted", parts, (92, HEIGHT - 22), (92, BUS), arrow=False)
    into.wire("text_muted", parts, (92, BUS), (last, BUS), arrow=False)
    into.node("tap", "", 92, BUS, "text_muted", parts)


def _ends(into: Scene, parts: str) -> None:
    into.node("port", "h[t-1]", 20, BUS, "gate_h", parts)
    into.node("port", "x[t]", 92, HEIGHT - 14, "text_muted", parts)
    into.node("port", "h[t]", WIDTH - 20, BUS, "gate_h", "h")


def _gru(into: Scene, config: ModelConfig) -> None:
    r, reset, n, z = 150.0, 222.0, 294.0, 368.0
    keep, branch, mix = 186.0, 146.0, 116.0
    below, above = GATES + GATE_HALF, GATES - GATE_HALF
    # The state itself runs along the rail: kept by z, filled up by 1 - z.
    into.wire("gate_h", "h", (20, RAIL), (keep - OPERATION_HALF, RAIL), arrow=False)
    into.wire("gate_h", "h", (keep + OPERATION_HALF, RAIL), (n - OPERATION_HALF, RAIL))
    into.wire("gate_h", "h", (n + OPERATION_HALF, RAIL), (WIDTH - 22, RAIL))
    into.wire("gate_h", "rzn", (92, RAIL), (92, BUS), arrow=False)
    into.wire("text_muted", "rzn", (92, HEIGHT - 22), (92, BUS), arrow=False)
    into.wire("text_muted", "rzn", (92, BUS), (z, BUS), arrow=False)
    into.node("tap", "", 92, BUS, "text_muted", "rzn")
    for name, x in (("r", r), ("n", n), ("z", z)):
        into.wire("text_muted", name, (x, BUS), (x, below))
    into.wire("text_muted", "n", (reset, BUS), (reset, GATES + OPERATION_HALF))
    into.wire("gate_i", "rn", (r + GATE_HALF, GATES), (reset - OPERATION_HALF, GATES))
    into.wire("gate_h", "n", (reset + OPERATION_HALF, GATES), (n - GATE_HALF, GATES))
    into.wire("gate_f", "zh", (z, branch), (keep, branch), (keep, RAIL + OPERATION_HALF))
    into.wire("gate_g", "nh", (n, above), (n, mix + OPERATION_HALF))
    into.wire("gate_f", "zh", (z, above), (z, mix + OPERATION_HALF), arrow=False)
    into.wire("gate_f", "zh", (z - OPERATION_HALF, mix), (n + OPERATION_HALF, mix))
    into.wire("gate_h", "h", (n, mix - OPERATION_HALF), (n, RAIL + OPERATION_HALF))
    into.node("tap", "", z, branch, "gate_f", "zh")
    into.node("tap", "", 92, RAIL, "gate_h", "rzn")
    into.node("operation", "×", keep, RAIL, "gate_h", "zh")
    into.node("operation", "+", n, RAIL, "gate_h", "h")
    into.node("operation", "×", n, mix, "gate_h", "znh")
    into.node("operation", "1−", z, mix, "gate_f", "zh")
    into.node("operation", "×", reset, GATES, "gate_h", "rn")
    into.node("gate", "r", r, GATES, "gate_i", "r", "σ")
    into.node("gate", "n", n, GATES, "gate_g", "n", "tanh")
    into.node("gate", "z", z, GATES, "gate_f", "z", "σ")
    into.node("port", "h[t-1]", 20, RAIL, "gate_h", "rznh")
    into.node("port", "h[t]", WIDTH - 20, RAIL, "gate_h", "h")
    into.node("port", "x[t]", 92, HEIGHT - 14, "text_muted", "rzn")


def _rnn(into: Scene, config: ModelConfig) -> None:
    x, middle = 240.0, 150.0
    into.box = (x - 90, middle - 80, 180.0, 160.0)
    into.wire("gate_h", "h", (20, middle), (x - GATE_HALF, middle))
    into.wire("text_muted", "h", (x, HEIGHT - 22), (x, middle + GATE_HALF))
    into.wire("gate_h", "h", (x + GATE_HALF, middle), (WIDTH - 22, middle))
    into.node("gate", "h", x, middle, "gate_h", "h", "tanh")
    into.node("port", "h[t-1]", 20, middle, "gate_h", "h")
    into.node("port", "h[t]", WIDTH - 20, middle, "gate_h", "h")
    into.node("port", "x[t]", x, HEIGHT - 14, "text_muted", "h")
