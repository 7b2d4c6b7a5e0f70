"""The mode "Units" on real networks: indexing, what a unit reacts to, search by a pattern, live and without data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lstm_studio.gui import theme
from lstm_studio.gui.main_window import MainWindow
from lstm_studio.gui.pages.inspect import InspectPage
from lstm_studio.gui.session import Session
from lstm_studio.gui.widgets.context_list import Tint, gap_before, signed
from lstm_studio.gui.widgets.units_mode import UnitsMode
from lstm_studio.training.events import LayerGates
from tests.gui.test_train_page import WAIT, open_texts
from tests.runs.fixtures import copied_run, reviews, trained  # noqa: F401

FIRST_PAGE = "inspect"
LONG = 60_000


@pytest.fixture
def page(window: MainWindow, session: Session, copied_run: Path, qapp: QApplication) -> InspectPage:  # noqa: F811
    session.select_run(copied_run)
    window.show_page("inspect")
    made = window.page("inspect")
    assert isinstance(made, InspectPage)
    return made


def enter(page: InspectPage, qtbot: QtBot) -> UnitsMode:
    number = [button.text() for button in page.mode.buttons].index("Units")
    page.mode.buttons[number].click()
    mode = page.many("units")
    assert isinstance(mode, UnitsMode)
    qtbot.waitUntil(lambda: bool(mode._layers), timeout=LONG)
    return mode


def build(mode: UnitsMode, qtbot: QtBot) -> None:
    qtbot.mouseClick(mode.empty.buttons[0], Qt.MouseButton.LeftButton)
    assert mode.bar.cancel.isVisible()
    qtbot.waitUntil(lambda: mode.index is not None and mode._job is None, timeout=LONG)
    qtbot.waitUntil(lambda: mode.one.reaction is not None, timeout=LONG)


def test_a_unit_is_asked_what_it_reacts_to(page: InspectPage, qtbot: QtBot, heard: Any) -> None:
    mode = enter(page, qtbot)
    assert mode.empty.isVisible()
    build(mode, qtbot)
    index, panel = mode.index, mode.one
    assert index is not None
    assert "texts" in mode.bar.words.full_text()
    mode.unit.setValue(3)
    qtbot.waitUntil(lambda: panel.reaction is not None and panel.reaction.unit == 3, timeout=LONG)
    assert panel.places_card.title.text() == "Where unit 3 is highest"
    assert panel.places.rows[0].value == pytest.approx(float(index.states["h"][3].max()))
    panel.end.buttons[1].click()
    assert panel.places.rows[0].value == pytest.approx(float(index.states["h"][3].min()))
    assert panel.places_card.title.text() == "Where unit 3 is lowest"
    assert "%" in panel.explains.text()
    mode.state.buttons[1].click()
    qtbot.waitUntil(lambda: panel.reaction is not None and panel.reaction.state == "c", timeout=LONG)
    qtbot.waitUntil(lambda: panel.best.count() == 6, timeout=LONG)
    panel.grab()
    theme.choose("dark")
    panel.grab()
    theme.choose("light")
    heard.on(mode.sentence_asked)
    page.trace = None
    row = panel.places.rows[1]
    panel.places.view.setCurrentIndex(panel.places.view.contexts.index(1))
    qtbot.keyClick(panel.places.view, Qt.Key.Key_Return)
    assert heard.got[0].text == index.question(row.start)["text"]
    qtbot.waitUntil(lambda: page.trace is not None and page.trace.tokens[: len(row.tokens)] == row.tokens, timeout=LONG)
    # the other way round: from the text to the data
    qtbot.waitUntil(lambda: page.grid.layer is not None, timeout=LONG)
    page.grid.view.choose(5)
    page.reacts.click()
    assert page.mode.value() == "units"
    qtbot.waitUntil(lambda: panel.reaction is not None and panel.reaction.unit == 5, timeout=LONG)


def test_a_range_is_dragged_and_found_again(page: InspectPage, qtbot: QtBot, qapp: QApplication) -> None:
    mode = enter(page, qtbot)
    build(mode, qtbot)
    mode.way.buttons[1].click()
    search = mode.search
    qtbot.waitUntil(lambda: search.trace is not None, timeout=LONG)  # one of the run's own
    read = "the film was not good today"
    search.line.text.setPlainText(read)
    qtbot.waitUntil(lambda: search.trace is not None and search.trace.text == read, timeout=LONG)
    search.ends.buttons[1].click()
    search.threshold.setValue(20)
    places = [search.strip.place_of(token) for token in (3, 4)]
    points = [place.center().toPoint() for place in places if place is not None]
    qtbot.mousePress(search.strip, Qt.MouseButton.LeftButton, pos=points[0])
    qtbot.mouseMove(search.strip, points[1] + QPoint(1, 0))
    search.strip.choose(3, 5)  # offscreen, a move may come without its button
    qtbot.mouseRelease(search.strip, Qt.MouseButton.LeftButton, pos=points[1])
    assert search.strip.chosen == (3, 5)
    qtbot.waitUntil(lambda: mode.session.jobs.busy == 0 and bool(search.places.rows), timeout=LONG)
    found, wanted = search.matches, search.pattern
    assert found is not None
    assert wanted is not None
    assert found.whole > 0
    assert found.found[0].shared == len(wanted.units)
    meant = {match.context.tokens[slice(*match.context.mark)] for match in found.found}
    assert {len(words) for words in meant} == {2}
    assert any(words[0] == "not" for words in meant)
    assert f"{len(wanted.units)} of 12 units" in search.said.text()
    search.grab()
    search.strip.setFocus()
    qtbot.keyClick(search.strip, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert search.strip.chosen == (3, 6)
    qtbot.keyClick(search.strip, Qt.Key.Key_Left)
    assert search.strip.chosen == (2, 3)
    unit = int(search.pattern.units[0]) if search.pattern is not None else -1
    search.chips.itemAt(0).widget().click()  # type: ignore[union-attr]
    assert (mode.way.value(), mode.unit.value()) == ("one", unit)
    search.threshold.setValue(100)
    assert "No unit is on" in search.said.text()
    assert search.places.rows == ()


def test_trouble_is_said_and_cancelling_leaves_all_as_it_was(
    page: InspectPage, session: Session, qtbot: QtBot, monkeypatch: Any
) -> None:
    mode = enter(page, qtbot)
    mode.build()
    mode.bar.cancel.click()
    assert mode._job is None
    qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=LONG)
    assert mode.index is None
    assert mode.empty.buttons[0].isVisible()
    from lstm_studio.errors import StudioError
    from lstm_studio.runs.predictor import Predictor

    def fails(*_: object, **__: object) -> None:
        raise StudioError("The data are gone", todo="Bring them back")

    monkeypatch.setattr(Predictor, "unit_index", fails)
    mode.build()
    qtbot.waitUntil(lambda: "gone" in mode.empty.text.text(), timeout=LONG)
    session.select_run(None)
    assert mode.index is None
    mode.show_unit(LayerGates(0, "forward", {}), 2)


def test_the_network_in_training_is_indexed_and_then_learns_on(
    window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    open_texts(session, tmp_path, qtbot, **{"training.epochs": 400})
    assert session.start_training()
    qtbot.waitUntil(lambda: session.active is not None and session.active.step > 3, timeout=WAIT)
    session.pause()
    qtbot.waitUntil(lambda: session.active is not None and session.active.state == "paused", timeout=WAIT)
    window.show_page("inspect")
    page = window.page("inspect")
    assert isinstance(page, InspectPage)
    mode = enter(page, qtbot)
    build(mode, qtbot)
    before = mode.index
    mode.look()
    qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=LONG)
    assert mode.index is before
    assert not mode.stale
    session.resume()
    qtbot.waitUntil(lambda: mode.stale, timeout=LONG)
    assert mode.bar.build.isVisible()
    mode.look()
    qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=LONG)
    assert mode.index is before
    mode.unit.setValue(1)
    qtbot.waitUntil(lambda: mode.one.reaction is not None and mode.one.reaction.unit == 1, timeout=LONG)


def test_values_gaps_and_tints(qapp: QApplication) -> None:
    assert [signed(value) for value in (0.5, -0.5, -0.001)] == ["+0.50", "−0.50", "0.00"]
    assert gap_before("▁word", "marks") > 0 == gap_before("word", "marks") == gap_before("字", "none")
    assert Tint(2.0).of(2.0).alpha() > Tint(2.0).of(0.5).alpha() > Tint(2.0).of(0.0).alpha() == 0
    assert Tint(shares=True).of(1.0).alphaF() > Tint(shares=True).of(0.2).alphaF()
