"""The Runs page over real run folders."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from lstm_studio.config import parse
from lstm_studio.gui.widgets.runs_table import BEST, NAME, STATUS
from lstm_studio.runs.start import start
from tests.training.conftest import write_toy

FIRST_PAGE = "runs"


@pytest.fixture
def two(session, tmp_path) -> list[Path]:
    config = parse(
        {
            "data": {"path": str(write_toy(tmp_path / "toy.csv", rows=60))},
            "model": {"hidden_size": 4, "embedding_size": 4},
            "training": {"epochs": 2, "batch_size": 16, "threads": 1, "probe_seconds": 0},
        }
    )
    paths = []
    for cell in ("lstm", "rnn"):
        changed = config.replace(**{"model.cell": cell})
        paths.append(start(changed, lambda event: None, store=session.store, cache=tmp_path / "cache").run)
    return paths


@pytest.fixture
def page(two, window, qtbot):
    window.show_page("runs")
    page = window.page("runs")
    qtbot.waitUntil(lambda: page._model.rowCount() == 2, timeout=5000)
    return page


def words(page, row, column):
    return page._model.index(row, column).data()


def choose(page, *rows):
    page._table.clearSelection()
    for row in rows:
        mode = page._table.selectionMode()
        page._table.setSelectionMode(page._table.SelectionMode.MultiSelection)
        page._table.selectRow(row)
        page._table.setSelectionMode(mode)


def test_an_empty_store_says_what_to_do(window, session, qtbot):
    window.show_page("runs")
    page = window.page("runs")
    qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=5000)
    assert page._empty.isVisible()
    page._empty.buttons[0].click()
    assert window.current_page == "data"


def test_the_list_says_what_there_is(page):
    assert [words(page, row, NAME) for row in (0, 1)] == ["toy 2", "toy 1"]
    assert words(page, 0, STATUS) == "Finished"
    assert words(page, 0, BEST).endswith("%")
    assert len(page._model.rows[0].curve) == 2
    tip = page._model.index(0, BEST).data(Qt.ItemDataRole.ToolTipRole)
    assert "best epoch" in tip


def test_choosing_one_makes_it_the_run_that_is_looked_at(page, session, window, two):
    choose(page, 1)
    assert session.selected_run == two[0]
    page._predict.click()
    assert window.current_page == "predict"


def test_two_are_compared(page, qtbot):
    choose(page, 0, 1)
    assert page._compare.isVisible()
    grid = page._compare._grid
    qtbot.waitUntil(lambda: any("Plain RNN" in text for text in _texts(grid)), timeout=5000)
    assert "Cell" in _texts(grid)
    assert not page._open.isEnabled()
    assert page._open.toolTip() == "Select one run first."


def _texts(grid):
    widgets = [grid.itemAt(number).widget() for number in range(grid.count())]
    return [widget.text() for widget in widgets if hasattr(widget, "text")]


def test_rename(page, session, qtbot):
    index = page._model.index(0, NAME)
    assert page._model.setData(index, "second try")
    qtbot.waitUntil(lambda: "second try" in [words(page, row, NAME) for row in (0, 1)], timeout=5000)
    row = [words(page, row, NAME) for row in (0, 1)].index("second try")
    assert not page._model.setData(page._model.index(row, NAME), "toy 1"), "that name is taken"
    assert page._undo_banner.isVisible()
    assert not page._model.setData(page._model.index(row, NAME), "   ")


def test_delete_and_take_back(page, session, two, qtbot):
    choose(page, 0)
    page._delete.click()
    qtbot.waitUntil(lambda: page._model.rowCount() == 1, timeout=5000)
    assert not two[1].exists()
    assert "toy 2 was deleted" in page._undo_banner.label.text()
    page._undo_banner.button.click()
    qtbot.waitUntil(lambda: page._model.rowCount() == 2, timeout=5000)
    assert two[1].exists()


def test_use_its_settings(page, session, window, qtbot):
    choose(page, 0)
    page._duplicate.click()
    qtbot.waitUntil(lambda: session.config.model.cell == "rnn", timeout=5000)
    assert window.current_page == "model"
    qtbot.waitUntil(lambda: session.dataset is not None and session.dataset.health is not None, timeout=10000)
    assert session.config.model.hidden_size == 4
