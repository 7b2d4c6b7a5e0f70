"""The Train page with real runs: before, during, after; steering; replay; nothing drawn while hidden."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from lstm_studio.gui.main_window import MainWindow
from lstm_studio.gui.pages.train import TrainPage
from lstm_studio.gui.session import History, Session
from lstm_studio.gui.widgets.replay import Replay
from lstm_studio.training.events import EpochEnded, GateSnapshot, LayerGates, RunFinished, StepEnded

from .conftest import settle

FIRST_PAGE = "train"
WAIT = 60_000


def write_texts(path: Path, rows: int = 160) -> Path:
    """Texts whose label one word decides."""
    chance = random.Random(3)
    words = "the film was very long and its plot had many turns".split()
    lines = ["text,label"]
    for row in range(rows):
        good = row % 2 == 0
        text = [*chance.sample(words, 5), "good" if good else "bad"]
        chance.shuffle(text)
        lines.append(f"{' '.join(text)} {row},{'yes' if good else 'no'}")
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


SMALL = {
    "model.hidden_size": 6,
    "model.embedding_size": 5,
    "training.batch_size": 8,
    "training.epochs": 3,
    "training.probe_seconds": 0.01,
    "training.threads": 1,
}


def open_texts(session: Session, folder: Path, qtbot: Any, **settings: Any) -> None:
    session.open_file(write_texts(folder / "texts.csv"))
    qtbot.waitUntil(lambda: session.dataset is not None and session.dataset.health is not None, timeout=WAIT)
    session.change(**{**SMALL, **settings})


def train(session: Session, qtbot: Any) -> None:
    assert session.start_training()
    qtbot.waitUntil(lambda: not session.training, timeout=WAIT)


@pytest.fixture
def page(window: MainWindow, qapp: QApplication) -> TrainPage:
    window.show_page("train")
    made = window.page("train")
    assert isinstance(made, TrainPage)
    qapp.processEvents()
    return made


def shown(page: TrainPage) -> set[str]:
    stage = page.stage
    names = "start try_it inspect again pause stop cancel open_data".split()
    return {name for name in names if getattr(stage, name).isVisible()}


def test_without_texts_the_way_leads_to_the_data(page: TrainPage, session: Session, heard: Any) -> None:
    heard.on(session.page_requested)
    assert shown(page) == {"open_data"}
    page.stage.open_data.click()
    assert heard.got == ["data"]
    assert page.board.stack.currentWidget() is page.board.empty
    assert page.gates.stack.currentWidget() is page.gates.empty


def test_one_button_and_one_sentence_before_a_run(
    page: TrainPage, session: Session, qtbot: Any, tmp_path: Path
) -> None:
    open_texts(session, tmp_path, qtbot)
    assert shown(page) == {"start"}
    assert page.stage.start.isEnabled()
    sentence = page.stage.sentence.text()
    assert "LSTM with diagonal peepholes" in sentence
    assert "6 units" in sentence
    assert "144 texts" in sentence
    assert "3 times" in sentence


def test_a_run_from_start_to_end(page: TrainPage, session: Session, qtbot: Any, tmp_path: Path) -> None:
    open_texts(session, tmp_path, qtbot)
    page.stage.start.click()
    qtbot.waitUntil(lambda: session.active is not None and session.active.step > 0, timeout=WAIT)
    assert {"pause", "stop", "cancel"} == shown(page) or not session.training
    qtbot.waitUntil(lambda: not session.training, timeout=WAIT)
    page.on_shown()
    history = session.history
    assert history is not None
    assert shown(page) == {"again", "inspect", "try_it"}
    assert "weights of epoch" in page.stage.sentence.text()
    raw = page.board.loss.curves["raw"]
    assert raw.x.tolist() == history.steps.tolist()
    ends = page.board.loss.plot.getPlotItem().getViewBox().viewRange()[0]
    assert ends[1] == pytest.approx(1.01 * history.steps[-1]), "a run that has ended needs no room for more"
    assert page.board.loss.curves["check"].y == pytest.approx([epoch.validation_loss for epoch in history.epochs])
    assert page.now.epoch.value.text() == "3 of 3"
    assert page.now.score.title.text() == "Accuracy"
    assert page.now.score.value.text().endswith("%")
    assert "Epoch 3" in page.log.toPlainText()
    assert history.snapshots
    newest = history.snapshots[-1]
    assert page.gates.grid.tokens == list(newest.tokens)
    assert page.gates.grid.layer is not None
    assert page.gates.probe.text() == newest.text
    assert page.gates.verdict.text().startswith("says ")
    page.gates.layers.direction.buttons[1].click()
    assert page.gates.grid.layer.direction == "backward"


def test_pause_resume_and_stop(page: TrainPage, session: Session, qtbot: Any, tmp_path: Path) -> None:
    open_texts(session, tmp_path, qtbot, **{"training.epochs": 5000})
    page.stage.start.click()
    qtbot.waitUntil(lambda: session.active is not None and session.active.step > 3, timeout=WAIT)
    page.stage.pause.click()
    qtbot.waitUntil(lambda: session.active is not None and session.active.state == "paused", timeout=WAIT)
    assert page.stage.pause.text() == "Resume"
    assert page.stage.headline.text() == "Paused"
    page.gates.probe.setFocus()
    page.gates.probe.setText("the plot was bad")
    qtbot.keyClick(page.gates.probe, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.gates.grid.tokens == ["the", "plot", "was", "bad"], timeout=WAIT)
    page.stage.pause.click()
    qtbot.waitUntil(lambda: session.active is not None and session.active.state == "running", timeout=WAIT)
    page.stage.stop.click()
    qtbot.waitUntil(lambda: not session.training, timeout=WAIT)
    assert page.stage.headline.text() == "Stopped"
    assert isinstance(session.active.finished if session.active else None, RunFinished)


def test_cancel_asks_in_the_page_first(page: TrainPage, session: Session, qtbot: Any, tmp_path: Path) -> None:
    open_texts(session, tmp_path, qtbot, **{"training.epochs": 5000})
    page.stage.start.click()
    qtbot.waitUntil(lambda: session.active is not None and session.active.step > 0, timeout=WAIT)
    page.stage.cancel.click()
    assert page.stage.question.isVisible()
    assert session.training
    page.stage.question.no.click()
    assert not page.stage.question.isVisible()
    assert session.training
    page.stage.cancel.click()
    page.stage.question.yes.click()
    qtbot.waitUntil(lambda: session.selected_run is None, timeout=WAIT)
    assert not session.training
    assert "start" in shown(page)
    assert page.board.stack.currentWidget() is page.board.empty


def test_log_and_command_can_be_copied(page: TrainPage, session: Session, qtbot: Any, tmp_path: Path) -> None:
    open_texts(session, tmp_path, qtbot, **{"training.epochs": 1})
    page.command.click()
    assert "texts.csv" in QGuiApplication.clipboard().text()
    train(session, qtbot)
    page.on_shown()
    page.log.copy_all()
    assert session.history is not None
    assert QGuiApplication.clipboard().text() == "\n".join(session.history.log)
    page.command.click()
    assert QGuiApplication.clipboard().text() == session.training_command()
    assert page.command.text() == "Copied"


def test_curve_tools_are_remembered(page: TrainPage, session: Session) -> None:
    page.board.log.setChecked(True)
    page.board.smooth.setValue(10)
    page.board.which.buttons[2].click()
    again = TrainPage(session)
    assert again.board.log.isChecked()
    assert again.board.smooth.value() == 10
    assert again.board.which.value() == "norm"
    assert again.board.second.currentWidget() is again.board.norm
    again.deleteLater()


# -- without a run of its own -----------------------------------------------------------------------------------


def snapshot(step: int, text: str = "a b c") -> GateSnapshot:
    tokens = tuple(text.split())
    values = {key: np.full((len(tokens), 4), step / 100, np.float32) for key in "ifogch"}
    return GateSnapshot(step, text, tokens, (LayerGates(0, "forward", values),), np.array([0.3, 0.7], np.float32))


def history_of(steps: int) -> History:
    history = History()
    for step in range(1, steps + 1):
        history.add(StepEnded(step, 1 + step // 50, 1 / step, 1e-3, 1.0, 8, 80, 0.01))
    history.add(EpochEnded(1, steps, 0.5, 0.6, {"accuracy": 0.8, "loss": 0.6}, "accuracy", True, 1.0))
    return history


def test_nothing_is_drawn_while_another_page_is_shown(
    page: TrainPage, session: Session, window: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: Any
) -> None:
    window.show_page("runs")
    session.history = history_of(60)
    drawn: list[str] = []
    for name, widget, method in (
        ("curves", page.board.loss, "_draw"), ("gates", page.gates.grid, "set_gates"), ("log", page.log, "set_lines"),
    ):  # fmt: skip
        real = getattr(widget, method)
        monkeypatch.setattr(widget, method, lambda *a, n=name, r=real, **k: (drawn.append(n), r(*a, **k)))
    for step in range(61, 90):
        session.history.add(StepEnded(step, 2, 0.1, 1e-3, 1.0, 8, 80, 0.01))
        session.events_arrived.emit([])
        session.history.add_snapshot(snapshot(step))
        session.snapshot_arrived.emit(session.history.snapshots[-1])
        session.run_ticked.emit()
    qtbot.wait(250)
    assert drawn == []
    window.show_page("train")
    assert {"curves", "gates", "log"} <= set(drawn)
    assert len(page.board.loss.curves["raw"].x) == 89


def test_drawing_keeps_a_pace(page: TrainPage, session: Session, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    session.history = history_of(60)
    page._run_changed()
    count: list[int] = []
    real = page.board.refresh
    monkeypatch.setattr(page.board, "refresh", lambda *given: (count.append(1), real(*given)))
    for _ in range(50):
        session.events_arrived.emit([])
        qtbot.wait(10)
    assert 1 <= len(count) <= 6


def test_gates_are_drawn_at_once_and_then_at_a_pace(
    page: TrainPage, session: Session, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.history = history_of(60)
    page._run_changed()
    count: list[int] = []
    real = page.gates.set_snapshots

    def slow(*given: Any) -> None:
        count.append(1)
        time.sleep(0.005)
        real(*given)

    monkeypatch.setattr(page.gates, "set_snapshots", slow)
    for step in range(61, 71):
        session.history.add_snapshot(snapshot(step))
        session.snapshot_arrived.emit(session.history.snapshots[-1])
    assert len(count) == 1
    qtbot.waitUntil(lambda: len(count) == 2, timeout=WAIT)
    assert page.gates.replay.current is session.history.snapshots[-1], "the newest is not lost"
    qtbot.wait(300)
    assert len(count) == 2


def test_gates_are_looked_at_more_often_while_somebody_sees_them(
    page: TrainPage, session: Session, window: MainWindow, tmp_path: Path, qtbot: Any
) -> None:
    open_texts(session, tmp_path, qtbot, **{"training.epochs": 4000, "training.probe_seconds": 1.0})
    assert session.start_training()
    active = session.active
    assert active is not None
    qtbot.waitUntil(lambda: active.step > 0, timeout=WAIT)
    assert active.control.probe_seconds(1.0) == 0.1
    window.show_page("runs")
    assert active.control.probe_seconds(1.0) == 1.0
    window.show_page("train")
    assert active.control.probe_seconds(1.0) == 0.1
    session.cancel()
    qtbot.waitUntil(lambda: not session.training, timeout=WAIT)


def test_a_window_that_comes_up_with_this_page_shows_the_curves(
    page: TrainPage, session: Session, qapp: QApplication
) -> None:
    session.history = history_of(60)
    page._run_changed()
    session.settings.page = "train"
    window = MainWindow(session)  # as after another language was chosen
    window.show()
    settle(qapp)
    board = window.page("train").board
    assert board.loss.legend.values["check"].text() == page.board.loss.legend.values["check"].text() != "–"
    window.close()
    window.deleteLater()


def test_a_saved_run_shows_its_curves_and_says_why_there_is_no_film(page: TrainPage, session: Session) -> None:
    session.history = history_of(120)
    session.history_changed.emit()
    assert page.board.stack.currentWidget() is page.board.place
    assert page.board.loss.legend.values["check"].text() == "0.600"
    assert "not kept" in page.gates.empty.title.text()
    assert not page.now.left.isVisible()


def test_a_log_that_was_scrolled_up_stays_where_it_is(page: TrainPage, qapp: QApplication) -> None:
    lines = [f"line {n}" for n in range(300)]
    page.log.set_lines(lines)
    qapp.processEvents()
    bar = page.log.verticalScrollBar()
    assert bar.value() == bar.maximum()
    bar.setValue(3)
    page.log.set_lines([*lines, "one more"])
    qapp.processEvents()
    assert bar.value() == 3
    assert page.log.toPlainText().endswith("one more")
    page.log.set_lines(["another run"])
    assert page.log.toPlainText() == "another run"


@pytest.fixture
def replay(qtbot: Any) -> Replay:
    made = Replay()
    qtbot.addWidget(made)
    made.resize(500, 40)
    made.show()
    return made


def test_replay_scrubs_plays_and_goes_back_to_live(replay: Replay, qtbot: Any, heard: Any) -> None:
    heard.on(replay.shown)
    assert not replay.play.isEnabled()
    assert "only one look" in replay.play.toolTip()
    shots = [snapshot(step) for step in (1, 10, 20, 30)]
    replay.set_snapshots(shots, 100, running=True)
    assert replay.live
    assert replay.current is shots[-1]
    assert replay.label.text() == "step 30 of 100"
    replay.slider.setValue(1)
    assert not replay.live
    assert heard.got[-1] is shots[1]
    replay.set_snapshots([*shots, snapshot(40)], 100, running=True)
    assert replay.current is not None
    assert replay.current.step == 10, "new looks do not pull a person out of the past"
    replay.back.click()
    assert replay.live
    assert heard.got[-1].step == 40
    replay._timer.setInterval(1)
    replay.toggle()
    replay._timer.setInterval(5)
    qtbot.waitUntil(lambda: replay.live and not replay.playing, timeout=5000)
    assert {shot.step for shot in heard.got} >= {1, 10, 20, 30, 40}


def test_replay_offers_only_looks_at_the_same_sentence(replay: Replay) -> None:
    replay.set_snapshots([snapshot(1), snapshot(2, "x y"), snapshot(3, "x y")])
    assert [shot.step for shot in replay.snapshots] == [2, 3]
    replay.set_snapshots([])
    assert replay.current is None
    assert replay.label.text() == ""


def test_replay_stops_when_hidden(replay: Replay) -> None:
    replay.set_snapshots([snapshot(step) for step in range(1, 9)])
    replay.toggle()
    assert replay.playing
    replay.hide()
    assert not replay.playing


def test_scales_widen_over_the_film_and_never_shrink(page: TrainPage) -> None:
    def scale() -> float:
        return next(map_ for map_ in page.gates.grid.maps if map_.kind.key == "c").limits[1]

    page.gates.set_snapshots([snapshot(40)], ("no", "yes"))
    first = scale()
    page.gates.set_snapshots([snapshot(40), snapshot(300)], ("no", "yes"))
    assert scale() > first
    page.gates.set_snapshots([snapshot(40), snapshot(300), snapshot(310, "a b c")], ("no", "yes"))
    widest = scale()
    page.gates.replay.slider.setValue(0)
    assert scale() == widest
    assert page.gates.verdict.text() == "says yes · 70 %"
