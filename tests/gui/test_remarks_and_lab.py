"""Remarks on a run, beside its log; the ablation lab, with real runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lstm_studio.gui.main_window import MainWindow
from lstm_studio.gui.session import Session
from tests.gui.test_train_page import WAIT, open_texts, train

FIRST_PAGE = "train"
SMALL = {"model.hidden_size": 3, "model.embedding_size": 3, "model.bidirectional": False, "training.epochs": 2}


def test_remarks_stand_beside_the_log_and_their_remedy_can_be_undone(
    window: MainWindow, session: Session, qtbot: Any, tmp_path: Path
) -> None:
    window.show_page("train")
    page = window.page("train")
    assert page.notes.which.buttons[1].text() == "Remarks"
    assert "from the first epoch on" in page.notes.list.words.text()
    wild = {"training.learning_rate": 3.0, "training.schedule": "constant", "training.optimizer": "sgd"}
    open_texts(session, tmp_path, qtbot, **SMALL, **wild)
    train(session, qtbot)
    qtbot.waitUntil(lambda: bool(page.watch.findings) and session.jobs.busy == 0, timeout=WAIT)
    keys = [finding.key for finding in page.watch.findings]
    assert keys[0] in ("too_high", "exploding")
    assert page.notes.which.buttons[1].text() == f"Remarks · {len(keys)}"
    page.notes.which.buttons[1].click()
    remark = page.notes.list.remarks[0]
    assert remark.isVisible()
    assert remark.button is not None
    before = session.config
    remark.button.click()
    assert window.current_page == "model"
    assert session.config.training.learning_rate < 3.0
    assert "with one change: Lower the learning rate" in window.notices.texts()[-1]
    window.notices._shown[-1][1].button.click()
    assert session.config == before
    page.watch.watch(False)


def test_nothing_is_computed_for_nobody(window: MainWindow, session: Session, qtbot: Any, tmp_path: Path) -> None:
    window.show_page("train")
    page = window.page("train")
    open_texts(session, tmp_path, qtbot, **SMALL)
    assert session.start_training()
    window.show_page("runs")
    qtbot.waitUntil(lambda: not session.training, timeout=WAIT)
    assert not page.watch.looked
    window.show_page("train")
    qtbot.waitUntil(lambda: page.watch.looked, timeout=WAIT)


@pytest.fixture
def lab(window: MainWindow, session: Session, qtbot: Any, tmp_path: Path) -> Any:
    open_texts(session, tmp_path, qtbot, **SMALL)
    train(session, qtbot)
    window.show_page("runs")
    page = window.page("runs")
    qtbot.waitUntil(lambda: page._model.rowCount() == 1, timeout=WAIT)
    page._lab_button.click()
    panel = page._lab
    qtbot.waitUntil(lambda: panel._base is not None, timeout=WAIT)
    for key, box in panel.boxes.items():
        box.setChecked(key in ("whole", "no_output_gate"))
    panel.seeds.setValue(2)
    panel.epochs.setValue(1)
    assert panel.cost.text() == "4 runs in all."
    return panel


def test_the_lab_can_be_reached_before_there_is_a_run(window: MainWindow, qtbot: Any) -> None:
    window.show_page("runs")
    page = window.page("runs")
    button = next(button for button in page._empty.buttons if button.text() == "Ablation lab")
    button.click()
    assert page._lab.isVisible()
    assert not page._empty.isVisible()
    page._lab.closed.emit()
    assert page._empty.isVisible()
    assert not page._content.isVisible()


def test_a_lab_trains_one_run_after_the_other(lab: Any, session: Session, window: MainWindow, qtbot: Any) -> None:
    assert lab.stack.currentIndex() == 0
    lab.start.click()
    qtbot.waitUntil(lambda: not session.lab.working, timeout=WAIT)
    assert session.lab.lab is not None
    assert [trial.state for trial in session.lab.lab.trials] == ["done"] * 4
    names = sorted(run.name for run in session.store.list())
    assert names[1:] == [
        f"{session.lab.lab.title}: {what}, seed {seed}" for what in ("no output gate", "whole") for seed in (0, 1)
    ]
    model = lab.table.model
    assert [model.words(row, 0) for row in model.rows] == ["The whole LSTM", "No output gate"]
    assert all("±" in model.words(row, 2) and model.words(row, 4) == "2 of 2" for row in model.rows)
    low, high = model.range()
    assert low < high
    assert lab.words.text() == "4 of 4 runs are done"
    assert not lab.go_on.isVisible()
    assert "all runs are done" in window.notices.texts()[-1]
    lab.closed.emit()
    page = window.page("runs")
    assert page._content.isVisible()
    qtbot.waitUntil(lambda: page._model.rowCount() == 5, timeout=WAIT)


def test_stopping_its_run_halts_the_lab_and_it_can_go_on(lab: Any, session: Session, qtbot: Any) -> None:
    lab.epochs.setValue(400)
    lab.start.click()
    qtbot.waitUntil(lambda: session.active is not None and session.active.step > 2, timeout=WAIT)
    assert lab.halt.isVisible()
    assert not lab.start.isEnabled()
    assert lab.start.toolTip() == "The lab is working already."
    lab.halt.click()
    qtbot.waitUntil(lambda: not session.training, timeout=WAIT)
    assert not session.lab.working
    first = session.lab.lab.trials[0]  # type: ignore[union-attr]
    assert (first.state, bool(first.run)) == ("waiting", True)
    assert lab.go_on.isVisible()
    lab.go_on.click()
    qtbot.waitUntil(lambda: session.active is not None and session.active.step > 2, timeout=WAIT)
    assert session.active is not None
    assert session.active.resumed, "a run that was stopped is taken up again"
    session.stop()
    qtbot.waitUntil(lambda: not session.training, timeout=WAIT)
    assert not session.lab.working, "who stops the run has stopped the lab"
    lab.forget.click()
    assert session.lab.lab is None
