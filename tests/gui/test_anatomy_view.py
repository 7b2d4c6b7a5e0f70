"""Anatomy of a step and memory over time in the real page: numbers that add up, steps, units, pins, verdicts."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from lstm_studio.gui.main_window import MainWindow
from lstm_studio.gui.pages.inspect import InspectPage
from lstm_studio.gui.session import Session
from lstm_studio.gui.widgets.anatomy_view import AnatomyView
from lstm_studio.gui.widgets.linked_view import LinkedView
from lstm_studio.gui.widgets.memory_view import MemoryView
from lstm_studio.gui.widgets.saturation_chart import SaturationChart
from lstm_studio.gui.widgets.step_lines import blank_lines, lines_of
from lstm_studio.gui.widgets.verdict_band import VerdictBand
from lstm_studio.gui.widgets.verdicts import verdicts_of
from lstm_studio.inspection.anatomy import Anatomy
from lstm_studio.inspection.memory import saturation
from lstm_studio.inspection.trace import TextTrace
from lstm_studio.tasks.answers import Foretold
from lstm_studio.training.events import LayerGates
from tests.gui.test_train_page import WAIT

FIRST_PAGE = "inspect"
TEXT = "the film was good"
NUMBER = re.compile(r"([+−]?) ?(\d+\.\d+)")


def made(cell: str, scale: float = 1.0, **how: Any) -> Anatomy:
    """A layer of 4 units over 3 tokens with weights by chance."""
    draw = np.random.default_rng(7)
    gates = {"lstm": "ifgo", "gru": "rzn", "rnn": "h"}[cell]

    def some(*shape: int) -> np.ndarray:
        return (scale * draw.normal(size=shape)).astype(np.float32)

    full = how.get("peephole") == "full"
    return Anatomy(
        name="layer1.forward", tokens=("a", "b", "c"), cell=cell, gates=gates,  # type: ignore[arg-type]
        **{"peephole": "none", "output_gate_sees": "previous", **how},
        inputs=some(3, 8), h=some(3, 4), c=some(3, 4) if cell == "lstm" else None,
        weight_x=some(len(gates), 4, 8), weight_h=some(len(gates), 4, 4), bias=some(len(gates), 4),
        bias_n=some(4) if cell == "gru" else None,
        peepholes=None if cell != "lstm" or "peephole" not in how else some(3, 4, 4) if full else some(3, 4),
    )  # fmt: skip


def written(text: str) -> list[Decimal]:
    return [Decimal(f"{'-' if sign == '−' else ''}{number}") for sign, number in NUMBER.findall(text)]


@pytest.mark.parametrize("scale", [0.3, 1.0, 4.0])
@pytest.mark.parametrize(
    "cell", [{"cell": "lstm"}, {"cell": "lstm", "peephole": "diagonal"},
             {"cell": "lstm", "peephole": "full", "output_gate_sees": "current"}, {"cell": "gru"}, {"cell": "rnn"}],
    ids=lambda cell: "-".join(cell.values()),
)  # fmt: skip
def test_the_printed_numbers_add_up_to_the_printed_digits(cell: dict[str, str], scale: float) -> None:
    anatomy = made(scale=scale, **cell)
    for unit in range(4):
        for token in range(3):
            step = anatomy.step(unit, token)
            for line in lines_of(anatomy, unit, token):
                activation = next((one for one in step.activations if one.gate == line.gate), None)
                if activation is not None:
                    # "σ(parts) = σ(total) ≈ value"; of a GRU's candidate the parts stand behind "≈" once more.
                    *_, parts, total, value = map(written, re.split("[=≈]", line.numbers))
                    assert sum(parts) == total[0], line.numbers
                    assert len(parts) == len(activation.parts)
                    squash = np.tanh if line.gate in "gnh" else lambda a: 1 / (1 + np.exp(-a))
                    assert abs(float(value[0]) - squash(float(total[0]))) <= 0.0011
                elif line.bars:
                    kept, added, total_number = written(line.numbers)[-3:]
                    assert kept + added == total_number, line.numbers
                    assert abs(float(total_number) - step.values[line.gate]) <= 0.0005 + 1e-9
                shown = f"{line.value:.3f}".replace("-", "−")
                assert line.numbers.endswith(shown) or shown == "−0.000"
    blank = blank_lines(anatomy)
    assert [line.gate for line in blank] == [equation.gate for equation in anatomy.equations]
    assert not any(cell.number for line in blank for cell in line.cells)


def test_the_largest_of_what_a_part_is_the_sum_of_is_named() -> None:
    anatomy = made("lstm", peephole="full")
    line = lines_of(anatomy, 2, 1)[0]
    assert [bar.source for bar in line.bars] == ["x", "h", "c", "b"]
    each = anatomy.weight_h[0, 2].astype(float) * anatomy.h[1]
    assert f"Most of it: unit {np.abs(each).argmax()} " in line.bars[1].tip
    place = int(np.abs(anatomy.weight_x[0, 2].astype(float) * anatomy.inputs[1]).argmax())
    assert f"unit {place % 4} below, {'backward' if place > 3 else 'forward'}" in line.bars[0].tip
    assert "Most" not in line.bars[3].tip
    assert "h[t-1]" in line.words


def test_a_network_gone_astray_is_shown_too(qtbot: Any) -> None:
    anatomy = made("lstm", peephole="diagonal")
    anatomy.h[:] = np.nan
    anatomy.bias[:] = 2e7
    assert "NaN" in lines_of(anatomy, 0, 0)[0].numbers
    assert np.isfinite(anatomy.reach(0))


@pytest.fixture
def page(window: MainWindow, session: Session, texts_run: Path, qtbot: Any) -> InspectPage:
    session.select_run(texts_run)
    window.show_page("inspect")
    made = window.page("inspect")
    assert isinstance(made, InspectPage)
    made.text.setPlainText(TEXT)
    made._ask()
    qtbot.waitUntil(lambda: made.trace is not None and made.trace.text == TEXT and bool(made.grid.tokens), timeout=WAIT)
    return made


def test_one_walks_from_the_first_state_to_the_last_token(page: InspectPage, qtbot: Any, qapp: QApplication) -> None:
    page.grid.view.choose(1)
    page.views.choose("anatomy")
    view = page.views.view
    assert isinstance(view, AnatomyView)
    qtbot.waitUntil(lambda: view.anatomy is not None, timeout=WAIT)
    layer = page.grid.layer
    assert layer is not None
    assert "Unit 1 at “\u2068good\u2069”, token 4 of 4" in view.said.text()
    assert view.steps.texts()[-1].endswith(f"{layer.values['h'][3, 1]:.3f}".replace("-", "−"))
    keys = view.steps
    qtbot.keyClick(keys, Qt.Key.Key_Left)
    assert page.grid.view.cursor is not None
    assert page.grid.view.cursor[0] == 2
    qtbot.keyClick(keys, Qt.Key.Key_Down)
    assert page.grid.view.chosen == 2
    assert "Unit 2 at “\u2068was\u2069”" in view.said.text()
    assert f"{layer.values['f'][2, 2]:.3f}" in keys.texts()[1]
    assert len(view.bars._rows) == 2
    qtbot.keyClick(keys, Qt.Key.Key_Home)
    assert view.at_start
    assert "starts from nothing: c = 0.000, h = 0.000" in view.said.text()
    assert page.grid.view.cursor is None
    qtbot.keyClick(keys, Qt.Key.Key_Right)
    assert "token 1 of 4" in view.said.text()
    page.grab()
    saved = keys.saveable()
    assert saved is not None
    numbers = saved.numbers()  # type: ignore[misc]
    assert numbers["value"][numbers["part"] == "value"].size == 6
    page.layers.direction.buttons[1].click()
    qtbot.waitUntil(lambda: view.anatomy is not None and view.anatomy.backward, timeout=WAIT)
    view.walk(99)
    assert "reads from the end; before the last token it starts from nothing" in view.said.text()
    page.text.setPlainText("  ")
    page._ask()
    assert page.views.on_gates
    page.grab()


def band_follows(page: InspectPage) -> None:
    """The prediction so far stands under the gates, column by column."""
    trace, grid = page.trace, page.grid
    assert trace is not None
    band = grid._bands[0]
    assert band.isVisible()
    below = grid.maps[-grid.columns()]
    assert band.x() == pytest.approx(below.x() + below.plot_area().left(), abs=1.5)
    assert band.width() == pytest.approx(below.plot_area().width(), abs=1.5)
    assert band.token_at(band.width() * 0.6) == 2
    grid.view.set_cursor((2, 0))
    share = float(trace.prefix_probabilities[2].max())
    assert (
        f"so far {trace.classes[int(trace.prefix_probabilities[2].argmax())]} {100 * share:.0f} %" in grid.cell_words()
    )
    page.grab()


def test_memory_over_time_pins_units_and_reads_many_texts(page: InspectPage, qtbot: Any) -> None:
    band_follows(page)
    page.sort.buttons[3].click()
    layer = page.grid.layer
    assert layer is not None
    qtbot.waitUntil(lambda: page._order_of[:1] == ("memory",), timeout=WAIT)
    assert page.grid.order is not None
    assert (np.diff(layer.values["f"].mean(0)[page.grid.order]) <= 1e-6).all()
    page.grid.view.choose(4)
    page.views.choose("memory")
    view = page.views.view
    assert isinstance(view, MemoryView)
    assert [chart.gate for chart in view.charts] == ["i", "f", "o"]
    assert "shares of 4 tokens" in view.said.text()
    assert view.times._counts.sum() == 6
    assert view.pinned.units == (4,)
    view.pinned.pin_asked.emit(4)
    page.grid.view.choose(2)
    assert view.pinned.units == (2, 4)
    view.charts[0].unit_asked.emit(5)
    assert page.grid.view.chosen == 5
    assert view.pinned.units == (5, 4)
    view.linked.set_cursor((2, 0))
    assert page.grid.view.cursor is not None
    assert page.grid.view.cursor[0] == 2
    assert "was" in view.strips.words(2)
    view.over.buttons[1].click()
    qtbot.waitUntil(lambda: "shares of 4 " not in view.said.text() and "shares of" in view.said.text(), timeout=WAIT)
    page.grab()
    view.toggle_pin(4)
    assert view.pinned.units == (5,)
    page.views.choose("gates")


def test_what_is_said_at_each_token_of_every_task(qtbot: Any) -> None:
    def trace(**more: Any) -> TextTrace:
        values = {"classes": (), "prefix_probabilities": np.zeros((0, 0), np.float32), **more}
        return TextTrace("a b", ("a", "b"), (True, True), (), probabilities=None, **values)

    reads, writes = (LayerGates(0, "forward", {"h": np.zeros((2, 1))}, part) for part in ("", "decoder"))
    after = np.array([[0.1, 0.7, 0.2], [0.05, 0.05, 0.9]], np.float32)
    tags = verdicts_of(trace(classes=("LOC", "PER", "O"), prefix_probabilities=after, meaning="token"), reads)
    assert tags is not None
    assert tags.words(0) == "read as PER 70 %"
    few = verdicts_of(trace(classes=tuple("abcdefgh"), prefix_probabilities=np.full((2, 8), 0.125)), reads)
    assert few is not None
    assert [round(share, 3) for share, _ in few.stack(0)] == [0.125] * 6 + [0.25]
    assert tags.words(1) == "read as nothing 90 %"
    assert list(tags.likeliest(0)) == ["LOC", "PER", "nothing"]
    assert sum(share for share, _ in tags.stack(0)) == pytest.approx(1)
    told = Foretold((("c", "d"), ("e", "f")), np.array([[0.6, 0.1], [0.5, 0.004]]), np.array([np.nan, 0.25]), True)
    following = verdicts_of(trace(foretold=told), reads)
    assert following is not None
    assert following.words(0) == "next c 60 %"
    assert following.words(1) == "expected at 25 % · next e 50 %"
    assert following.stack(1)[0][0] == 0.25
    assert verdicts_of(trace(foretold=told), writes) is None
    assert verdicts_of(trace(), reads) is None
    spoken = verdicts_of(trace(foretold=Foretold(told.words, told.shares, told.came, False), output=("c", "f")), writes)
    assert spoken is not None
    assert spoken.kind == "written"
    assert spoken.words(1) == "expected at 25 %"
    view = LinkedView()
    view.set_extent(2, 1)
    band = VerdictBand(view)
    qtbot.addWidget(band)
    band.resize(80, 22)
    for one in (tags, following, None):
        band.set_verdicts(one)
        band.grab()
    band.set_verdicts(tags)
    pixels = band._render(tags)
    assert pixels.shape == (22, 80)
    for token, column in ((0, 5), (1, 45)):
        end = 0.0
        for share, color in tags.stack(token):
            middle = 22 - 22 * (end + share / 2)
            if share > 0.08:  # a pixel's middle lies in it
                assert QColor.fromRgba(int(pixels[int(middle), column])) == color
            end += share
    assert (pixels[:, 39] == 0).all(), "a gap between tokens"


def test_points_of_a_saturation_plot_can_be_told_apart_and_chosen(qtbot: Any) -> None:
    chart = SaturationChart("f")
    qtbot.addWidget(chart)
    chart.resize(220, 240)
    values = np.array([[0.95, 0.95, 0.05], [0.95, 0.95, 0.5], [0.5, 0.5, 0.05], [0.95, 0.95, 0.5]])
    chart.set_saturation(saturation(values), 0)
    chart.grab()
    place = chart.place_of(0)
    assert place.y() == pytest.approx(chart.plot().bottom() - 0.75 * chart.plot().height())
    assert chart.units_at(place) == [0, 1]
    assert chart.units_at(chart.place_of(2) + QPointF(4, 0)) == [2]
    assert "Unit 0, 1: below 0.1 at 0 % of the tokens, above 0.9 at 75 %." in chart.words([0, 1])
    asked: list[int] = []
    chart.unit_asked.connect(asked.append)
    qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=place.toPoint())
    assert asked == [1]
    assert chart.saveable() is not None
