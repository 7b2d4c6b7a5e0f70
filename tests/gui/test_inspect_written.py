"""Inside of a network that reads a text and writes another one: both parts, where it looked, pictures."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QImage

from lstm_studio.gui.gate_picture import render
from lstm_studio.gui.widgets.layer_choice import LayerChoice
from lstm_studio.gui.widgets.live_gates import LiveGates
from lstm_studio.gui.widgets.unit_trace import arithmetic
from lstm_studio.inspection.trace import TextTrace
from lstm_studio.training.events import GateSnapshot, LayerGates

FIRST_PAGE = "inspect"
WAIT = 5000
READ = ("▁Das", "▁Buch", "▁ist", "▁hier", "▁Xy")
WRITTEN = ("▁The", "▁book", "</s>")


def gates(steps: int, layer: int, direction: Any = "forward", part: str = "", units: int = 4) -> LayerGates:
    """An LSTM's, which add up; a writer starts from a state that is not empty."""
    chance = np.random.default_rng(layer + steps)
    values = {key: chance.random((steps, units)).astype(np.float32) for key in "ifo"}
    values["g"] = np.tanh(chance.normal(size=(steps, units))).astype(np.float32)
    state = np.full(units, 0.5 if part else 0.0)
    states = []
    for step in range(steps):
        state = values["f"][step] * state + values["i"][step] * values["g"][step]
        states.append(state)
    values["c"] = np.array(states, np.float32)
    values["h"] = (values["o"] * np.tanh(values["c"])).astype(np.float32)
    return LayerGates(layer, direction, values, part)


LAYERS = (
    gates(5, 0),
    gates(5, 0, "backward"),
    gates(3, 0, part="decoder"),
    gates(3, 1, part="decoder"),
)


def trace(text: str = "Das Buch ist hier Xy", attention: bool = True, verdict: str = "The book") -> TextTrace:
    weights = np.full((3, 5), 0.2, np.float32) if attention else None
    return TextTrace(
        text,
        READ,
        (True,) * 4 + (False,),
        LAYERS,
        (),
        None,
        np.empty((0, 0), np.float32),
        "token",
        verdict,
        output=WRITTEN,
        alignment=weights,
    )


@pytest.fixture
def look(window: Any, session: Any, qtbot: Any, tmp_path: Path, monkeypatch: Any) -> Any:
    """Show the page with what a trace gives."""

    def make(found: TextTrace) -> Any:
        predictor = SimpleNamespace(trace=lambda text, **asked: found)
        monkeypatch.setattr(
            session,
            "with_predictor",
            lambda function, done, failed=None, channel="": session.jobs.start(
                lambda progress: function(predictor), done=done, failed=failed, channel=channel
            ),
        )
        session.selected_run = tmp_path / "run"
        session.selected_run_changed.emit()
        window.show_page("inspect")
        page = window.page("inspect")
        page.text.setPlainText(found.text)
        page._ask()
        qtbot.waitUntil(lambda: page.trace is found and session.jobs.busy == 0, timeout=WAIT)
        return page

    return make


def test_the_reader_is_shown_first_and_the_verdict_is_the_text(look: Any) -> None:
    page = look(trace())
    assert [button.text() for button in page.layers.part.buttons] == ["Reads", "Writes"]
    assert page.grid.tokens == list(READ)
    assert page.strip._tokens == list(READ)
    assert page.strip._after is None
    assert page.verdict.text() == "The book"
    assert page.note.text() == "1 unknown word, dotted"
    assert not page.layers.direction.isHidden()
    page.strip.set_cursor(1)
    assert "Had the text" not in page.strip.words(1)


def test_everything_follows_to_the_writer(look: Any, session: Any, qtbot: Any) -> None:
    page = look(trace())
    page.layers.part.buttons[1].click()
    qtbot.waitUntil(lambda: page.grid.tokens == list(WRITTEN), timeout=WAIT)
    assert page.layers.direction.isHidden()
    page.layers.layer.buttons[1].click()
    qtbot.waitUntil(lambda: page.grid.layer is LAYERS[3], timeout=WAIT)
    assert page.strip._tokens == list(WRITTEN)
    assert page.note.text() == "What was written, one token a step"
    assert page.verdict.text() == "The book"
    page.strip.cursor_moved.emit(2)
    assert page.grid.view.cursor[0] == 2
    assert "⏎ end" in page.status.label.full_text()
    assert "⏎ end" in page.formula.text()
    assert len(page.unit._curves["c"]) == 3
    page.grab()
    page.layers.part.buttons[0].click()
    qtbot.waitUntil(lambda: page.grid.tokens == list(READ), timeout=WAIT)
    assert page.strip._known == [True] * 4 + [False]
    qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=WAIT)


def test_attention_has_a_view_of_its_own_where_there_is_some(look: Any) -> None:
    page = look(trace())
    assert not page.views.switch.isHidden()
    assert page.gate_title.isHidden()
    page.views.choose("attention")
    assert page.views.view.map is page.views.attention
    assert page.views.attention.grid._written == ["The", "book", "⏎ end"]
    assert page.sort.isHidden()
    assert page.unit_card.isHidden()
    page.grab()
    page = look(trace(attention=False))
    assert page.views.on_gates
    assert page.views.switch.value() == "gates"
    assert not page.sort.isHidden()
    assert not page.unit_card.isHidden()
    page = look(trace(verdict="The <b>book</b> " * 40))
    assert not page.views.on_gates, "what was chosen comes back"
    assert page.verdict.text().endswith("…")
    assert "&lt;b&gt;" in page.verdict.text()
    page.text.setPlainText("")
    page._ask()
    assert page.views.on_gates
    assert page.views.switch.isHidden()


def test_pictures_show_layers_over_their_own_tokens(qapp: Any, tmp_path: Path) -> None:
    render(trace(), tmp_path / "all.png")
    render(trace(), tmp_path / "one.png", layer="decoder.layer1.forward", dark=True)
    whole, one = QImage(str(tmp_path / "all.png")), QImage(str(tmp_path / "one.png"))
    assert not one.isNull()
    assert whole.height() > 3 * one.height()


def test_layers_of_one_part_leave_no_choice_of_parts(qtbot: Any) -> None:
    choice = LayerChoice()
    qtbot.addWidget(choice)
    choice.set_layers(LAYERS[:2])
    assert choice.part.isHidden()
    choice.direction.set_value("backward")
    assert choice.of(LAYERS[:2]) is LAYERS[1]
    choice.set_layers(LAYERS)
    assert choice.of(LAYERS) is LAYERS[1]
    choice.part.buttons[1].click()
    assert choice.of(LAYERS) is LAYERS[2]


def test_the_first_step_of_a_writer_starts_from_a_state_that_was_carried_over() -> None:
    values = LAYERS[2].values
    assert ">0.50<" in arithmetic(values, 0, 0, carried=True)
    assert ">0.00<" in arithmetic(values, 0, 0)
    assert arithmetic(values, 0, 1, carried=True) == arithmetic(values, 0, 1)


def test_live_gates_offer_both_parts(qtbot: Any) -> None:
    live = LiveGates()
    qtbot.addWidget(live)
    live.resize(900, 500)
    live.show()
    shot = GateSnapshot(1, "Das Buch", READ, LAYERS, verdict="The book", output=WRITTEN)
    live.set_snapshots([shot])
    assert live.grid.tokens == list(READ)
    assert live.verdict.text() == "The book"
    live.layers.part.buttons[1].click()
    assert live.grid.tokens == list(WRITTEN)
    assert live.grid.layer is LAYERS[2]
    live.grab()
