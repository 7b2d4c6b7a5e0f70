"""Runs leave through the Runs page and come in by a menu or a drop."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from lstm_studio.gui.opening import open_files
from lstm_studio.runs.pack import pack_run
from tests.runs import untrained

FIRST_PAGE = "runs"


@pytest.fixture
def page(session, window, qtbot):
    untrained.make(session.store.folder / "films-1")
    session.runs_changed.emit()
    window.show_page("runs")
    page = window.page("runs")
    qtbot.waitUntil(lambda: page._model.rowCount() == 1, timeout=5000)
    return page


def ended(session, qtbot):
    qtbot.waitUntil(lambda: session.moves.moving is None and session.jobs.busy == 0, timeout=20000)


def test_a_run_goes_out_by_the_menu(page, session, window, qtbot, tmp_path, monkeypatch):
    button = page.moves
    page._table.clearSelection()
    button.refresh()
    assert not button.network.isEnabled()
    assert button.network.toolTip() == "Select one run first."
    assert button.open.isEnabled()
    page._table.selectRow(0)
    button.refresh()
    assert button.whole.isEnabled()
    asked = {"onnx": button.network, "zip": button.whole}
    for ending, action in asked.items():
        if ending == "onnx":
            pytest.importorskip("onnx")
        target = tmp_path / f"films.{ending}"
        # A name without ending gets one.
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, t=target: (str(t.with_suffix("")), ""))
        button.refresh()  # the menu does it when it opens
        action.trigger()
        assert session.moves.moving is not None
        assert "%" in button.text()
        button.refresh()
        assert button.stop.isVisible()
        ended(session, qtbot)
        assert target.is_file()
        assert button.text() == "Export"
        assert any(str(target) in text for text in window.notices.texts())


def test_a_packed_run_comes_in_when_it_is_dropped(page, session, window, qtbot, tmp_path):
    packed = pack_run(session.store.folder / "films-1", tmp_path / "films.zip")
    assert open_files(session, [str(packed)]) == "runs"
    ended(session, qtbot)
    qtbot.waitUntil(lambda: page._model.rowCount() == 2, timeout=5000)
    assert session.selected_run is not None
    assert session.selected_run.name == "films-1-2"
    assert any("films 1 (2) was opened" in text for text in window.notices.texts())


def test_what_is_wrong_with_a_file_is_a_sentence(page, session, window, qtbot, tmp_path, monkeypatch):
    wrong = tmp_path / "wrong.zip"
    wrong.write_bytes(b"no zip" * 100)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(wrong), ""))
    page.moves.open.trigger()
    ended(session, qtbot)
    assert any("This is no packed run" in text for text in window.notices.texts())
    page.moves.open.trigger()
    session.moves.cancel()
    assert session.moves.moving is None
    ended(session, qtbot)


def test_the_empty_page_opens_packed_runs_too(session, window, qtbot, monkeypatch):
    asked: list[Path] = []
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *given: (asked.append(given[1]), ("", ""))[1])
    window.show_page("runs")
    page = window.page("runs")
    qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=5000)
    next(button for button in page._empty.buttons if button.text() == "Open a packed run").click()
    assert asked == ["Open a packed run"]
