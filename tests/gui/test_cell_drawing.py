"""The cell's drawing and its equations say the same, and point at each other."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from lstm_studio.config import ModelConfig
from lstm_studio.gui import theme
from lstm_studio.gui.widgets.cell_drawing import CellDrawing
from lstm_studio.gui.widgets.cell_scene import HEIGHT, WIDTH, scene
from lstm_studio.gui.widgets.equations_view import EquationsView
from lstm_studio.gui.widgets.math_text import pieces
from lstm_studio.gui.widgets.network_strip import NetworkStrip
from lstm_studio.gui.widgets.network_writer import WriterPicture
from lstm_studio.nn.equations import equations

LSTMS = [
    ModelConfig(peephole=peephole, output_gate_sees=sees)  # type: ignore[arg-type]
    for peephole, sees in itertools.product(("none", "diagonal", "full"), ("previous", "current"))
]
CELLS = [*LSTMS, ModelConfig(cell="gru"), ModelConfig(cell="rnn")]


def painted(widget: QWidget) -> QImage:
    """What a widget looks like."""
    return widget.grab().toImage()


@pytest.mark.parametrize("config", CELLS, ids=lambda config: f"{config.cell}-{config.peephole}")
def test_gates_of_the_drawing_are_those_of_the_equations(config: ModelConfig) -> None:
    drawn = {node.text for node in scene(config).nodes if node.kind == "gate"}
    states = {"lstm": {"c", "h"}, "gru": {"h"}, "rnn": set()}[config.cell]
    assert drawn | states == {equation.gate for equation in equations(config)}


@pytest.mark.parametrize("config", CELLS, ids=lambda config: f"{config.cell}-{config.peephole}")
def test_everything_stands_inside(config: ModelConfig) -> None:
    made = scene(config)
    points = [(node.x, node.y) for node in made.nodes] + [point for wire in made.wires for point in wire.points]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    assert all(wire.points[0] != wire.points[-1] for wire in made.wires)
    for wire in made.wires:
        for (x0, y0), (x1, y1) in itertools.pairwise(wire.points):
            assert x0 == x1 or y0 == y1, "lines run level or upright"


@pytest.mark.parametrize("config", LSTMS, ids=lambda config: f"{config.peephole}-{config.output_gate_sees}")
def test_peepholes_go_where_the_equations_say(config: ModelConfig) -> None:
    made = scene(config)
    peepholes = made.peepholes()
    terms = {
        equation.gate: term.text for equation in equations(config) for term in equation.terms if term.kind == "memory"
    }
    assert set(peepholes) == set(terms)
    if config.peephole == "none":
        return
    assert set(peepholes) == {"i", "f", "o"}
    style = {"diagonal": "thin", "full": "thick"}[config.peephole]
    addition = next(node for node in made.nodes if node.text == "+")
    for name, wire in peepholes.items():
        assert wire.style == style
        after_the_update = wire.points[0][0] > addition.x
        assert after_the_update == terms[name].endswith("c[t]")
        gate = made.gate(name)
        assert abs(wire.points[-1][0] - gate.x) <= 20
        assert abs(wire.points[-1][1] - gate.y) == 20


@pytest.mark.parametrize("config", CELLS, ids=lambda config: f"{config.cell}-{config.peephole}")
@pytest.mark.parametrize("choice", ["light", "dark"])
def test_it_paints_at_any_size(config: ModelConfig, choice: str, qtbot: QtBot) -> None:
    theme.choose(choice)  # type: ignore[arg-type]
    drawing = CellDrawing(config)
    qtbot.addWidget(drawing)
    for size in ((300, 200), (460, 360), (1200, 700)):
        drawing.resize(*size)
        image = painted(drawing)
        colors = {image.pixel(x, y) for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)}
        assert len(colors) > 10


def test_it_changes_with_the_options(qtbot: QtBot) -> None:
    drawing = CellDrawing(LSTMS[0])
    qtbot.addWidget(drawing)
    drawing.resize(480, 330)
    seen = []
    for config in CELLS:
        if config.peephole == "none" and config.output_gate_sees == "current":
            continue  # there is nothing to see with
        drawing.set_config(config)
        image = painted(drawing)
        assert all(image != other for other in seen)
        seen.append(image)


def test_gates_have_the_colours_of_the_theme(qtbot: QtBot) -> None:
    drawing = CellDrawing(ModelConfig())
    qtbot.addWidget(drawing)
    drawing.resize(int(WIDTH), int(HEIGHT))
    image = painted(drawing)
    ratio = image.devicePixelRatio()
    for name in "ifgo":
        node = drawing.shown().gate(name)
        edge = QColor(image.pixel(int((node.x - 20) * ratio), int(node.y * ratio)))
        wanted = theme.theme().gate(name)
        distance = sum(abs(a - b) for a, b in zip(edge.getRgb()[:3], wanted.getRgb()[:3], strict=True))
        assert distance < 120, (name, edge.name(), wanted.name())


def test_pointing_at_a_gate_picks_it(qtbot: QtBot) -> None:
    drawing = CellDrawing(ModelConfig())
    qtbot.addWidget(drawing)
    drawing.resize(int(WIDTH), int(HEIGHT))
    heard: list[str] = []
    drawing.picked.connect(heard.append)
    drawing.show()
    for name in "ifgo":
        node = drawing.shown().gate(name)
        assert drawing.part_at(QPointF(node.x, node.y)) == name
        QTest.mouseMove(drawing, QPoint(int(node.x), int(node.y)))
    assert heard == ["i", "f", "g", "o"]
    QTest.mouseMove(drawing, QPoint(2, 2))
    assert drawing.part == ""


def test_the_keyboard_walks_over_the_gates(qtbot: QtBot) -> None:
    drawing, view = CellDrawing(ModelConfig()), EquationsView(ModelConfig())
    for widget in (drawing, view):
        qtbot.addWidget(widget)
    drawing.picked.connect(view.set_part)
    view.picked.connect(drawing.set_part)
    seen = []
    for _ in range(6):
        QTest.keyClick(drawing, Qt.Key.Key_Right)
        seen.append(view.part)
    assert sorted(seen) == sorted("ifogch")
    QTest.keyClick(drawing, Qt.Key.Key_Escape)
    assert drawing.part == view.part == ""
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert drawing.part == view.part == "i"


def test_equations_grow_when_it_is_narrow_and_stay_inside(qtbot: QtBot) -> None:
    view = EquationsView(ModelConfig(peephole="full"))
    qtbot.addWidget(view)
    view.show()
    view.resize(600, 400)
    wide = view.minimumHeight()
    view.resize(200, 400)
    assert view.minimumHeight() > wide
    math = view._math()
    for block in view._blocks:
        for part in block.parts:
            assert part.x + math.width(part.text.rstrip()) <= 200 + 12
    assert len(view.texts()) == 6
    painted(view)


def test_symbols_are_split_into_letters_and_subscripts() -> None:
    found = pieces("W_{xi} x[t-1]")
    assert [(piece.text, piece.lowered) for piece in found] == [
        ("W", False),
        ("xi", True),
        (" ", False),
        ("x", False),
        ("t−1", True),
    ]
    assert not any(piece.slanted for piece in pieces("tanh(") if piece.text.startswith("tanh"))


@pytest.mark.parametrize("layers", [1, 2, 8])
@pytest.mark.parametrize("both", [False, True])
def test_the_strip_shows_layers_and_directions(layers: int, both: bool, qtbot: QtBot) -> None:
    strip = NetworkStrip(ModelConfig(layers=layers, bidirectional=both))
    qtbot.addWidget(strip)
    rows = strip.rows()
    assert {layer for layer, _ in rows} >= {0, layers - 1}
    assert {backward for _, backward in rows} == ({False, True} if both else {False})
    assert len(rows) <= 6
    strip.set_tokens(["a" * 300, "", "שלום", "𝔘", "x", "y"])
    for size in ((300, 112), (900, 200)):
        strip.resize(*size)
        painted(strip)


WRITERS = [
    ModelConfig(attention=attention, input_feeding=feeding, layers=layers, bidirectional=both)  # type: ignore[arg-type]
    for attention in ("none", "luong_general")
    for feeding in (False, True)
    for layers, both in ((1, False), (1, True), (2, True), (8, True))
]


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_the_strip_shows_a_network_that_writes(choice: str, qtbot: QtBot) -> None:
    theme.choose(choice)  # type: ignore[arg-type]
    strip = NetworkStrip()
    qtbot.addWidget(strip)
    strip.resize(470, 140)
    seen = []
    for config in WRITERS:
        strip.set_config(config, "text")
        image = painted(strip)
        assert all(image != other for other in seen)
        seen.append(image)
        said = strip.accessibleDescription()
        assert ("no attention" in said) == (config.attention == "none")
        assert ("input feeding" in said) == config.input_feeding
        assert ("Dashed" in strip.toolTip()) == config.input_feeding
    strip.set_config(WRITERS[0])
    assert painted(strip) != seen[0]
    assert "decision" in strip.toolTip()


@pytest.mark.parametrize("size", [(300, 140), (470, 140), (470, 300), (1200, 200)])
@pytest.mark.parametrize("layers", [1, 3, 8])
def test_a_network_that_writes_stands_inside(layers: int, size: tuple[int, int], qtbot: QtBot) -> None:
    strip = NetworkStrip(ModelConfig(layers=layers))
    qtbot.addWidget(strip)
    picture = WriterPicture(strip._config, strip.rows(), ["a" * 300, "", "שלום"], ["𝔘"], *size)
    assert picture.nodes < picture.top < min(picture.heights)
    assert all(y - picture.cell / 2 >= 0 and y + picture.cell / 2 < picture.bottom for y in picture.heights)
    assert all(x - picture.half > 0 and x + picture.half < size[0] for x in [*picture.reads, *picture.writes])
    assert picture.reads[-1] + picture.half < picture.writes[0] - picture.half
    assert {picture.height_of(layer) for layer in picture.layers} == {picture.height_of(row) for row, _ in picture.rows}
    strip.set_tokens(["a" * 300, "", "שלום", "𝔘", "x", "y"], ["<b>", "", "z"])
    strip.set_config(ModelConfig(layers=layers, input_feeding=True), "text")
    strip.resize(*size)
    painted(strip)


def test_equations_around_the_cells_can_be_picked(qtbot: QtBot) -> None:
    view, drawing = EquationsView(), CellDrawing(ModelConfig())
    for widget in (view, drawing):
        qtbot.addWidget(widget)
    view.picked.connect(drawing.set_part)
    view.resize(300, 400)
    view.show()
    view.set_config(ModelConfig(input_feeding=True), True)
    heard: list[str] = []
    view.picked.connect(heard.append)
    for _ in view.texts():
        QTest.keyClick(view, Qt.Key.Key_Down)
        painted(view)
        painted(drawing)
    assert heard[-8:] == ["h0", "c0", "x", "e", "w", "k", "a", "y"]
    view.set_config(ModelConfig())
    assert view.part == ""
