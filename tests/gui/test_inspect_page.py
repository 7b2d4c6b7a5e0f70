"""The Inspect page on real networks: saved, live and paused; texts short, long and strange; order, unit, saving."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lstm_studio.gui import theme
from lstm_studio.gui.main_window import MainWindow
from lstm_studio.gui.pages.inspect import InspectPage
from lstm_studio.gui.session import Session
from lstm_studio.gui.widgets.token_strip import TokenStrip
from lstm_studio.gui.widgets.unit_trace import arithmetic
from lstm_studio.tasks.text_answers import TextAnswers
from tests.gui.test_train_page import WAIT, open_texts

FIRST_PAGE = "inspect"


def read(page: InspectPage, text: str, qtbot: Any) -> None:
    page.trace = None
    page.text.setPlainText(text)
    page._ask()
    qtbot.waitUntil(lambda: page.trace is not None and page.grid.tokens == list(page.trace.tokens), timeout=WAIT)


@pytest.fixture
def trained(page: InspectPage, session: Session, window: MainWindow, texts_run: Path) -> InspectPage:
    session.select_run(texts_run)
    window.show_page("inspect")
    return page


def test_without_a_run_the_page_says_what_to_do(page: InspectPage, session: Session, heard: Any) -> None:
    heard.on(session.page_requested)
    assert page.pages.currentWidget() is page.empty
    for button in page.empty.buttons:
        button.click()
    assert heard.got == ["train", "runs"]


def test_a_text_is_proposed_and_everything_follows_it(trained: InspectPage, qtbot: Any) -> None:
    page = trained
    qtbot.waitUntil(lambda: page.trace is not None, timeout=WAIT)
    assert page.text.toPlainText().strip()
    read(page, "the film was surprisingly good", qtbot)
    assert page.trace is not None
    assert page.strip._tokens == ["the", "film", "was", "surprisingly", "good"]
    assert page.strip._known[3] is False
    assert "1 unknown word" in page.note.text()
    assert len(page.grid.maps) == 6
    layer = page.grid.layer
    assert layer is not None
    place = page.grid.maps[1]
    assert place.value_at(2, 0) == pytest.approx(float(layer.values["f"][2, place.unit_at(0)]))
    assert "yes" in page.verdict.text()
    assert page.save.isEnabled()


def test_gates_come_before_verdicts_that_take_long(
    trained: InspectPage, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TextAnswers, "slow_steps", lambda *_: True)
    page, came = trained, []
    show = page._traced
    monkeypatch.setattr(page, "_traced", lambda trace: (came.append(trace), show(trace)))
    read(page, "the film was surprisingly good", qtbot)
    page.grab()
    assert page.grid.verdicts is not None, "there is room for them, so that nothing moves when they come"
    qtbot.waitUntil(lambda: len(came) > 1 and page.trace is came[-1], timeout=WAIT)
    assert [trace.unfinished for trace in came[-2:]] == [True, False]
    assert page.grid.verdicts is not None
    assert len(page.grid.verdicts) == 5
    np.testing.assert_array_equal(came[-2].layers[0].values["h"], came[-1].layers[0].values["h"])


def test_units_stand_by_number_activity_or_similarity(trained: InspectPage, qtbot: Any) -> None:
    page = trained
    read(page, "the plot was bad", qtbot)
    layer = page.grid.layer
    assert layer is not None
    page.sort.buttons[0].click()
    qtbot.waitUntil(lambda: page.grid.order is None, timeout=WAIT)
    page.sort.buttons[1].click()
    qtbot.waitUntil(lambda: page.grid.order is not None, timeout=WAIT)
    assert page.grid.order is not None
    moves = layer.values["c"].std(0)[page.grid.order]
    assert np.all(np.diff(moves) <= 1e-5)
    assert sorted(page.grid.order.tolist()) == list(range(6))
    assert page.session.settings.noted("inspect", "sort") == "activity"


def test_a_clicked_unit_is_traced_and_its_arithmetic_adds_up(trained: InspectPage, qtbot: Any) -> None:
    page = trained
    read(page, "the film was good", qtbot)
    map_ = page.grid.maps[4]
    row = 2
    unit = map_.unit_at(row)
    page.grid.view.choose(None)
    qtbot.mouseClick(map_, Qt.MouseButton.LeftButton, pos=map_.cell_rect(1, row).center().toPoint())
    assert page.unit_title.text() == f"Unit {unit}"
    layer = page.grid.layer
    assert layer is not None
    assert page.unit._curves["c"] == pytest.approx(layer.values["c"][:, unit])
    page.grid.view.set_cursor((1, row))
    values = {key: array[:, unit] for key, array in layer.values.items()}
    expected = values["f"][1] * values["c"][0] + values["i"][1] * values["g"][1]
    assert values["c"][1] == pytest.approx(expected, abs=1e-5)
    assert f"{values['c'][1]:.2f}".replace("-", "−") in page.formula.text()
    page.unit.grab()


def test_the_cursor_is_shared_by_tokens_maps_and_trace(trained: InspectPage, qtbot: Any) -> None:
    page = trained
    read(page, "the film was good", qtbot)
    page.strip.cursor_moved.emit(2)
    assert page.grid.view.cursor is not None
    assert page.grid.view.cursor[0] == 2
    assert page.strip._cursor == 2
    assert "“\u2068was\u2069” · token 3 of 4" in page.status.label.full_text()
    page.strip.cursor_moved.emit(None)
    assert page.grid.view.cursor is None


def test_both_directions_and_the_light_goes_out(trained: InspectPage, qtbot: Any, qapp: QApplication) -> None:
    page = trained
    read(page, "the film was good", qtbot)
    page.layers.direction.buttons[1].click()
    qtbot.waitUntil(lambda: page.grid.layer is not None and page.grid.layer.direction == "backward", timeout=WAIT)
    theme.choose("dark")
    qapp.processEvents()
    page.grab()
    theme.choose("light")


@pytest.mark.parametrize(
    ("text", "count"), [("good", 1), ("very " * 400, None), ("<b>&amp;</b> \u0000 لم 好 \U0001f600", None)]
)
def test_short_long_and_strange_texts(trained: InspectPage, qtbot: Any, text: str, count: int | None) -> None:
    page = trained
    read(page, text, qtbot)
    assert count is None or len(page.grid.tokens) == count
    page.grid.view.set_cursor((0, 0))
    page.grab()
    assert not page.problem.isVisible()


def test_an_empty_text_empties_the_page(trained: InspectPage, qtbot: Any) -> None:
    page = trained
    read(page, "the film", qtbot)
    page.text.setPlainText("   ")
    page._ask()
    assert page.trace is None
    assert page.grid.tokens == []
    assert not page.save.isEnabled()
    assert "type a text first" in page.save.toolTip()
    page.grab()


def test_a_validation_text_can_be_taken(trained: InspectPage, qtbot: Any) -> None:
    page = trained
    page.text.setPlainText("")
    page.take.click()
    qtbot.waitUntil(lambda: bool(page.text.toPlainText()), timeout=WAIT)
    assert page.text.toPlainText().split()[-1].isdigit()
    assert page.take.isEnabled()
    assert len(page.line.texts[1]) == 16


def test_saving_numbers_and_a_picture(trained: InspectPage, qtbot: Any, tmp_path: Path, heard: Any) -> None:
    page = trained
    read(page, "the film was good", qtbot)
    heard.on(page.session.notice)
    page.save_to(tmp_path / "gates.npz")
    qtbot.waitUntil(lambda: len(heard.got) == 1, timeout=WAIT)
    with np.load(tmp_path / "gates.npz") as arrays:
        assert arrays["layer0.forward.f"].shape == (4, 6)
        assert arrays["tokens"].tolist() == ["the", "film", "was", "good"]
    page.save_to(tmp_path / "gates.png")
    qtbot.waitUntil(lambda: len(heard.got) == 2, timeout=WAIT)
    assert not QImage(str(tmp_path / "gates.png")).isNull()
    page.save_to(tmp_path / "there" / "is" / "no" / "folder.npz")
    qtbot.waitUntil(lambda: page.problem.isVisible() or len(heard.got) == 3, timeout=WAIT)


def test_a_run_without_weights_is_a_sentence(page: InspectPage, session: Session, qtbot: Any, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    page.text.setPlainText("the film")
    session.selected_run = tmp_path / "broken"
    session.selected_run_changed.emit()
    qtbot.waitUntil(lambda: page.problem.isVisible(), timeout=WAIT)
    assert page.problem.label.text()
    assert page.grid.tokens == []


def test_the_network_in_training_answers_too(
    page: InspectPage, session: Session, window: MainWindow, qtbot: Any, tmp_path: Path
) -> None:
    open_texts(session, tmp_path, qtbot, **{"training.epochs": 5000})
    assert session.start_training()
    qtbot.waitUntil(lambda: session.active is not None and session.active.step > 0, timeout=WAIT)
    window.show_page("inspect")
    read(page, "the film was good", qtbot)
    first = page.trace
    session.pause()
    qtbot.waitUntil(lambda: session.active is not None and session.active.state == "paused", timeout=WAIT)
    read(page, "the film was bad", qtbot)
    assert page.trace is not None
    assert page.trace is not first
    session.stop()
    qtbot.waitUntil(lambda: not session.training, timeout=WAIT)
    read(page, "the film was good again", qtbot)


# -- parts ------------------------------------------------------------------------------------------------------


def test_a_strip_wraps_scrolls_and_tells_each_token(qtbot: Any) -> None:
    strip = TokenStrip()
    qtbot.addWidget(strip)
    strip.resize(300, 100)
    strip.show()
    after = np.tile(np.array([[0.2, 0.8]], np.float32), (30, 1))
    strip.set_tokens([f"word{n}" for n in range(30)], [n != 4 for n in range(30)], after, ("no", "yes"))
    assert strip.heightForWidth(300) > strip.heightForWidth(3000)
    assert "yes 80 %" in strip.words(3)
    assert "Not in the vocabulary" in strip.words(4)
    moved: list[object] = []
    strip.cursor_moved.connect(moved.append)
    strip.cursor_moved.connect(strip.set_cursor)
    qtbot.keyClick(strip, Qt.Key.Key_Right)
    qtbot.keyClick(strip, Qt.Key.Key_Right)
    qtbot.keyClick(strip, Qt.Key.Key_End)
    qtbot.keyClick(strip, Qt.Key.Key_Right)
    qtbot.keyClick(strip, Qt.Key.Key_Left)
    assert moved == [0, 1, 29, 29, 28]
    assert strip.token_at(strip.place_of(7).center()) == 7  # type: ignore[union-attr]
    strip.grab()


def test_arithmetic_of_all_cells_in_both_directions() -> None:
    lstm = {key: np.full((3, 1), value) for key, value in zip("ifogch", (0.5, 0.9, 0.4, 0.2, 0.3, 0.1), strict=True)}
    lstm["c"][:, 0] = (0.1, 0.2, 0.3)
    forward, backward = arithmetic(lstm, 0, 1), arithmetic(lstm, 0, 1, backward=True)
    assert ">0.10<" in forward
    assert ">0.30<" in backward
    assert ">0.00<" in arithmetic(lstm, 0, 0), "before the first token the memory is empty"
    gru = {key: np.full((2, 1), 0.25) for key in "rznh"}
    assert "0.75·" in arithmetic(gru, 0, 1)
    linear = {**lstm, "h": lstm["o"] * lstm["c"]}
    del linear["i"]
    assert "tanh" not in arithmetic(linear, 0, 1)
    assert ">i<" not in arithmetic(linear, 0, 1), "what a variant lacks plays no part"
    assert arithmetic({"h": np.zeros((2, 1))}, 0, 1) == ""


def test_what_is_typed_while_a_text_is_looked_up_stays(page: InspectPage, qtbot: QtBot) -> None:
    page.text.setPlainText("")
    page.line.texts = (None, [])
    page.line.take_text()
    page.text.setPlainText("typed meanwhile")
    qtbot.waitUntil(page.line.take.isEnabled, timeout=20000)
    assert page.text.toPlainText() == "typed meanwhile"
