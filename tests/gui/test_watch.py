"""A run that another process writes, watched on the Train page."""

from __future__ import annotations

import pytest

from lstm_studio.gui import session_watch
from lstm_studio.gui.widgets import watch_strip
from lstm_studio.gui.widgets.watch_strip import WatchStrip
from lstm_studio.runs.files import FolderLock
from lstm_studio.runs.folder import METRICS, RunFolder
from lstm_studio.runs.start import start
from tests.training.conftest import toy_config, write_toy
from tests.training.steering import quiet

FIRST_PAGE = "runs"


@pytest.fixture
def run(session, tmp_path, monkeypatch):
    """A run whose lock is held and whose record ends in the first epoch; and what it will say besides."""
    monkeypatch.setattr(session_watch, "EVERY", 50)
    config = toy_config(write_toy(tmp_path / "toy.csv", 60)).replace(**{"training.epochs": 2})
    folder = start(config, quiet, store=session.store, name="night", cache=tmp_path / "cache").run
    whole = (folder / METRICS).read_bytes()
    lines = whole.splitlines(keepends=True)
    (folder / METRICS).write_bytes(b"".join(lines[:3]))
    RunFolder(folder).update(status="running")
    lock = FolderLock(folder / "lock")
    assert lock.acquire()
    yield folder, whole, lock
    lock.release()


def test_its_curves_grow_and_its_silence_is_told(run, window, session, qtbot, monkeypatch):
    folder, whole, lock = run
    window.show_page("runs")
    page = window.page("runs")
    qtbot.waitUntil(lambda: page._model.rowCount() == 1, timeout=5000)
    page._table.selectRow(0)
    assert page._curves.text() == "Watch"
    assert "another program" in page._curves.toolTip()
    page._curves.click()
    train = window.page("train")
    strip = train.findChild(WatchStrip)
    qtbot.waitUntil(strip.isVisible, timeout=5000)
    assert strip.label.text() == "Watching night, which another program trains: step 2 of 6."
    qtbot.waitUntil(lambda: session.history is not None and len(session.history.steps) == 2, timeout=5000)
    monkeypatch.setattr(watch_strip, "SILENCE", 0.0)
    qtbot.waitUntil(lambda: "Nothing was written to night" in strip.label.text(), timeout=5000)
    monkeypatch.setattr(watch_strip, "SILENCE", 120.0)
    (folder / METRICS).write_bytes(whole)
    qtbot.waitUntil(lambda: len(session.history.epochs) == 2, timeout=5000)
    qtbot.waitUntil(lambda: "step 6 of 6" in strip.label.text(), timeout=5000)
    RunFolder(folder).update(status="finished")
    lock.release()
    qtbot.waitUntil(lambda: "has ended" in strip.label.text(), timeout=5000)
    session.select_run(None)
    qtbot.waitUntil(lambda: not strip.isVisible(), timeout=5000)


def test_a_killed_run_is_said_to_be_broken_off(run, window, session, qtbot):
    folder, _, lock = run
    session.select_run(folder)
    window.show_page("train")
    strip = window.page("train").findChild(WatchStrip)
    qtbot.waitUntil(strip.isVisible, timeout=5000)
    lock.release()
    qtbot.waitUntil(lambda: "was broken off" in strip.label.text(), timeout=5000)
