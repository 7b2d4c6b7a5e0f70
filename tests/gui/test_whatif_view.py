"""The view "What if" on a real network: clamps by mouse and keys, ablation, two texts."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from lstm_studio.gui.pages.inspect import InspectPage
from lstm_studio.gui.widgets.clamp_list import clamp_words
from lstm_studio.gui.widgets.whatif_view import WhatIfView
from lstm_studio.inspection.clamps import Clamp
from tests.runs import tagged
from tests.runs.fixtures import reviews, trained  # noqa: F401

WAIT = 60_000
TEXT = "the film was not good today"


@pytest.fixture
def view(window: Any, session: Any, trained: Path, tmp_path: Path, qtbot: Any, qapp: QApplication) -> WhatIfView:  # noqa: F811
    """The view in the window, over a text."""
    session.select_run(Path(shutil.copytree(trained, tmp_path / "run")))
    window.show_page("inspect")
    page = window.page("inspect")
    assert isinstance(page, InspectPage)
    page.text.setPlainText(TEXT)
    page._ask()
    qtbot.waitUntil(lambda: page.trace is not None and page.trace.text == TEXT, timeout=WAIT)
    page.views.choose("whatif")
    found = page.views.view
    assert isinstance(found, WhatIfView)
    qapp.processEvents()
    return found


def follow(view: WhatIfView, qtbot: Any) -> Any:
    """Wait until the answer is that to what is held."""
    pane = view.clamp
    qtbot.waitUntil(lambda: pane.found is not None and list(pane.found.clamps) == pane.clamps, timeout=WAIT)
    return pane.found


def test_cells_are_held_and_let_go(view: WhatIfView, qtbot: Any) -> None:
    pane = view.clamp
    follow(view, qtbot)
    assert pane.ideas.isVisible()
    map_, grid = pane.map, pane.maps.view
    first, last = (map_.cell_rect(*cell).center().toPoint() for cell in ((1, 2), (3, 4)))
    qtbot.mousePress(map_, Qt.MouseButton.LeftButton, pos=first)
    qtbot.mouseMove(map_, last)
    map_.grab()
    qtbot.mouseRelease(map_, Qt.MouseButton.LeftButton, pos=last)
    assert pane.clamps == [Clamp(0, "forward", "f", 1.0, (2, 3, 4), (1, 4))]
    found = follow(view, qtbot)
    assert (found.after.trace.layers[0].values["f"][1:4, 2:5] == 1).all()
    shown = pane.maps.maps[1]
    change = found.after.trace.layers[0].values["f"][2, 3] - found.before.trace.layers[0].values["f"][2, 3]
    assert shown.value_at(2, 3) == pytest.approx(float(change), abs=1e-6)
    assert "→" in pane.change.view.bars.accessibleDescription()  # type: ignore[union-attr]

    pane.units.buttons[1].click()
    pane.tokens.buttons[1].click()
    pane.value.usual.buttons[0].click()
    assert pane.clamps == [Clamp(0, "forward", "f", 0.0)]
    pane.units.buttons[0].click()
    assert pane.clamps == [Clamp(0, "forward", "f", 0.0, (2, 3, 4))]
    pane.value.field.setValue(0.35)
    assert pane.clamps[0].value == 0.35
    assert all(not button.isChecked() for button in pane.value.usual.buttons)

    pane.gates.buttons[4].click()  # the memory
    pane.tokens.set_value("these")
    grid.set_cursor((5, 1))
    qtbot.keyClick(map_, Qt.Key.Key_Return)
    assert pane.clamps[1] == Clamp(0, "forward", "c", 0.0, (1,), (5, 6))
    assert len(follow(view, qtbot).clamps) == 2
    pane.list.buttons[0].click()
    assert (pane.gates.value(), pane.value.value(), pane.active) == ("f", 0.35, 0)
    pane.list.crosses[0].click()
    assert [clamp.gate for clamp in pane.clamps] == ["c"]
    pane.clear.click()
    assert pane.clamps == []
    assert follow(view, qtbot).after is pane.found.before  # type: ignore[union-attr]
    view.grab()


def test_ideas_and_another_text(view: WhatIfView, qtbot: Any, window: Any) -> None:
    pane, page = view.clamp, window.page("inspect")
    follow(view, qtbot)
    pane._flow.widgets()[0].click()  # type: ignore[attr-defined]
    directions = {layer.direction for layer in page.trace.layers}
    assert pane.clamps[0] == Clamp(0, "forward", "f", 1.0)
    assert {clamp.direction for clamp in pane.clamps} == directions, "a gate is held wherever it is"
    follow(view, qtbot)
    pane.remove_all()
    pane.hold(Clamp(0, "forward", "i", 0.0, None, (3, 6)))
    pane.hold(Clamp(0, "forward", "h", 0.0, (1,), (5, 6)))
    page.text.setPlainText("the film was bad")
    page._ask()
    qtbot.waitUntil(lambda: pane.clamps == [Clamp(0, "forward", "i", 0.0, None, (3, 4))], timeout=WAIT)
    qtbot.waitUntil(lambda: pane.found.before.trace.tokens == ("the", "film", "was", "bad"), timeout=WAIT)
    follow(view, qtbot)


def test_units_are_ranked_and_chosen(view: WhatIfView, qtbot: Any, window: Any) -> None:
    view.choose("ablate")
    pane, page = view.ablate, window.page("inspect")
    assert pane.pages.currentWidget() is pane.empty
    pane.begin.click()
    assert pane.cancel.isVisible()
    pane.cancel.click()
    assert pane.begin.isVisible()
    pane.begin.click()
    qtbot.waitUntil(lambda: pane._job is None and bool(pane._found), timeout=WAIT)
    (found,) = pane._found.values()
    assert list(pane.units._units) == found.order.tolist()
    assert "over 32 texts" in pane.said.text()
    qtbot.mouseMove(pane.units, QPoint(30, 30))
    qtbot.mouseClick(pane.units, Qt.MouseButton.LeftButton, pos=QPoint(30, 30))
    assert page.grid.view.chosen == int(found.order[1])
    qtbot.keyClick(pane.units, Qt.Key.Key_Down)
    qtbot.keyClick(pane.units, Qt.Key.Key_Return)
    assert page.grid.view.chosen == int(found.order[2])
    pane.by.buttons[1].click()
    assert list(pane.units._units) == found.ranked("figure").tolist()
    assert list(pane.units._bars) == pytest.approx(list(100 * (found.right - found.rights)))
    assert f"Accuracy {100 * found.right:.1f} %" in pane.said.text()
    assert "Accuracy by" in pane.units.words(0)
    view.grab()
    pane.still.buttons[1].click()
    assert pane.pages.currentWidget() is pane.empty
    view.grab()


def test_two_texts_stand_side_by_side(view: WhatIfView, qtbot: Any) -> None:
    view.choose("texts")
    pane = view.texts
    assert pane.text.text() == TEXT
    qtbot.waitUntil(lambda: pane.found is not None, timeout=WAIT)
    assert "the same" in pane.note.text()
    pane.text.setText("the film was good again today")
    qtbot.waitUntil(lambda: pane.found is not None and "again" in pane.found[2].trace.tokens, timeout=WAIT)
    assert "2 tokens differ" in pane.note.text()
    assert list(pane.maps._labels) == ["the", "film", "was", "not → ∅", "good", "∅ → again", "today"]
    one, other, more = (map_.value_at(4, 0) for map_ in pane.maps.maps)
    assert more == pytest.approx(other - one, abs=1e-6)  # type: ignore[operator]
    assert np.isnan(pane.maps.maps[2].value_at(3, 0))
    view.grab()
    pane.text.setText(" ")
    qtbot.waitUntil(lambda: pane.found is None, timeout=WAIT)
    assert pane.maps.hint.isVisible()
    pane.copy.click()
    assert pane.text.text() == TEXT


def test_clamps_in_words() -> None:
    assert clamp_words(Clamp(0, "forward", "f", 1.0)) == "f = 1 · all units · all tokens"
    words = clamp_words(Clamp(1, "backward", "c", -0.5, (3,), (1, 2), "decoder"), ("a", "b"))
    assert words == "c = −0.5 · unit 3 · “\u2068b\u2069” · writes · layer 2 · backward"
    assert clamp_words(Clamp(0, "forward", "i", 0.0, (1, 2), (1, 4))) == "i = 0 · 2 units · tokens 2 to 4"


def test_the_verb_is_chosen_whose_roles_are_looked_at(
    window: Any, session: Any, tmp_path_factory: pytest.TempPathFactory, qtbot: Any
) -> None:
    session.select_run(tagged.run("roles", tmp_path_factory))
    window.show_page("inspect")
    page = window.page("inspect")
    page.text.setPlainText("the dog chased the cat and the cow slept")
    page._ask()
    qtbot.waitUntil(lambda: page.trace is not None and "chased" in page.trace.tokens, timeout=WAIT)
    page.views.choose("whatif")
    view = page.views.view
    qtbot.waitUntil(lambda: len(view.verbs.buttons) > 1 and view.clamp.found is not None, timeout=WAIT)
    first, second = sorted(view.verbs.buttons)[:2]
    assert (page.trace.marked, view.clamp.found.before.trace.marked) == (first, first)
    assert view.verb_row.isVisible()
    view.verbs.buttons[second].click()
    qtbot.waitUntil(lambda: view.clamp.found.before.trace.marked == second, timeout=WAIT)
    view.choose("texts")
    view.texts.text.setText("the old dog chased the cat and the cow slept")
    qtbot.waitUntil(lambda: view.texts.found is not None and "old" in view.texts.found[2].trace.tokens, timeout=WAIT)
    assert [own.trace.marked for own in view.texts.found[1:]] == [second, second + 1]
    view.choose("ablate")
    assert not view.verb_row.isVisible()
