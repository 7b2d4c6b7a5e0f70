"""The run that lives in the window: start, steer, ask, end; nothing lost, nothing left."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QThread

from lstm_studio.gui.notify import hub
from lstm_studio.gui.session import Session
from lstm_studio.gui.training_worker import Mailbox, TrainingWorker
from lstm_studio.training.control import RunControl
from lstm_studio.training.events import (
    GateSnapshot,
    RunFailed,
    RunFinished,
    StepEnded,
)

SMALL = {
    "model.hidden_size": 4,
    "model.embedding_size": 4,
    "model.bidirectional": False,
    "training.epochs": 2,
    "training.batch_size": 16,
    "training.threads": 1,
}


@pytest.fixture
def ready(session: Session, qtbot) -> Session:
    """A session with a small sample open and a small network set."""
    session.open_sample("sentiment-contrast", rows=200)
    qtbot.waitUntil(lambda: session.dataset is not None and session.dataset.health is not None, timeout=20_000)
    session.change(**SMALL)
    return session


def ended(session: Session):
    return lambda: session.active is not None and not session.training and session._runs.threads == 0


def test_a_run_from_start_to_end(ready: Session, qtbot, heard) -> None:
    got, states, snapshots = [], [], []
    ready.events_arrived.connect(got.extend)
    ready.snapshot_arrived.connect(snapshots.append)
    ready.run_changed.connect(lambda: states.append(ready.active.state))
    heard.on(ready.notice).on(hub().bug).on(ready.page_requested)
    assert ready.start_training()
    qtbot.waitUntil(ended(ready), timeout=60_000)
    active = ready.active
    assert isinstance(active.finished, RunFinished)
    assert active.finished.reason == "completed"
    assert [event.step for event in got if isinstance(event, StepEnded)] == list(range(1, active.total_steps + 1))
    assert isinstance(got[-1], RunFinished)
    assert ready.history is active.history
    assert len(ready.history.steps) == active.total_steps
    assert len(ready.history.epochs) == 2
    assert snapshots
    assert {"i", "f", "g", "o", "c", "h"} == set(snapshots[-1].layers[0].values)
    assert states[0] == "preparing"
    assert states[-1] == "ended"
    assert ready.selected_run == active.path
    assert (active.path / "model.safetensors").is_file()
    assert heard.got == ["train"]
    assert [run.path for run in ready.store.list()] == [active.path]


def test_a_second_start_is_refused_with_a_sentence(ready: Session, qtbot, heard) -> None:
    ready.change(**{"training.epochs": 500})
    assert ready.start_training()
    heard.on(ready.notice)
    first = ready.active
    assert not ready.start_training()
    assert "already training" in heard.got[0].text
    assert ready.active is first
    ready.cancel()
    qtbot.waitUntil(ended(ready), timeout=60_000)


def test_pause_ask_resume_stop(ready: Session, qtbot) -> None:
    ready.change(**{"training.epochs": 500})
    ready.start_training()
    active = ready.active
    qtbot.waitUntil(lambda: active.state == "running" and active.step > 3, timeout=60_000)
    ready.pause()
    assert active.state in ("pausing", "paused")
    qtbot.waitUntil(lambda: active.state == "paused", timeout=20_000)
    qtbot.wait(120)
    at = active.step
    answers = []
    ready.with_predictor(lambda p: (p.predict(["not a good film"])[0].label, threading.get_ident()), answers.append)
    qtbot.waitUntil(lambda: bool(answers), timeout=20_000)
    assert answers[0][0] in ("negative", "positive")
    assert answers[0][1] != threading.get_ident()
    ready.with_predictor(
        lambda p: (p.predict(["not a good film"])[0].label, threading.get_ident()), answers.append, long=True
    )
    qtbot.waitUntil(lambda: len(answers) == 2, timeout=20_000)
    assert answers[1][0] == answers[0][0]
    assert answers[1][1] not in (threading.get_ident(), answers[0][1]), "a copy answers, aside from training"
    assert active.step == at
    shots = []
    ready.snapshot_arrived.connect(shots.append)
    ready.set_probe("this was never boring")
    qtbot.waitUntil(lambda: bool(shots), timeout=20_000)
    assert shots[-1].text == "this was never boring"
    assert ready.config.training.probe_text == "this was never boring"
    ready.resume()
    qtbot.waitUntil(lambda: active.step > at + 2, timeout=20_000)
    assert active.seconds_left() is None or active.seconds_left() > 0
    ready.stop()
    qtbot.waitUntil(ended(ready), timeout=60_000)
    assert active.finished.reason == "stopped"
    assert (active.path / "model.safetensors").is_file()


def test_cancel_discards(ready: Session, qtbot) -> None:
    ready.change(**{"training.epochs": 500})
    ready.start_training()
    qtbot.waitUntil(lambda: ready.active.step > 2, timeout=60_000)
    path = ready.active.path
    assert path.is_dir()
    ready.cancel()
    qtbot.waitUntil(ended(ready), timeout=60_000)
    assert not path.exists()
    assert ready.selected_run is None
    assert ready.history is None
    assert ready.store.list() == []


def test_a_stopped_run_goes_on_where_it_was(ready: Session, qtbot) -> None:
    ready.change(**{"training.epochs": 3})
    ready.start_training()
    qtbot.waitUntil(lambda: ready.active.step >= 8, timeout=60_000)
    ready.stop()
    qtbot.waitUntil(ended(ready), timeout=60_000)
    stopped_at, path = ready.active.step, ready.active.path
    assert stopped_at < ready.active.total_steps
    ready.resume_run(path)
    qtbot.waitUntil(lambda: ready.active.resumed and ended(ready)(), timeout=60_000)
    assert ready.active.started.step == stopped_at
    assert ready.active.finished.reason == "completed"
    ready.active = None
    ready.select_run(None)
    ready.select_run(path)
    qtbot.waitUntil(lambda: ready.history is not None, timeout=20_000)
    assert ready.history.steps.tolist() == list(range(1, int(ready.history.steps[-1]) + 1))


def test_a_saved_run_is_read_and_asked(ready: Session, qtbot) -> None:
    ready.start_training()
    qtbot.waitUntil(ended(ready), timeout=60_000)
    path, steps = ready.active.path, ready.history.steps.tolist()
    losses = ready.history.losses.tolist()
    ready.close()
    other = Session(ready.settings)
    try:
        other.restore(open_data=False)
        assert other.selected_run == path
        qtbot.waitUntil(lambda: other.history is not None, timeout=20_000)
        assert other.history.steps.tolist() == steps
        assert other.history.losses.tolist() == pytest.approx(losses)
        answers = []
        other.with_predictor(lambda p: p.predict(["a good film"])[0].probabilities, answers.append)
        qtbot.waitUntil(lambda: bool(answers), timeout=20_000)
        assert sum(answers[0].values()) == pytest.approx(1.0, abs=1e-5)
    finally:
        other.close()


def test_a_question_that_the_run_no_longer_hears_goes_to_the_saved_network(ready: Session, qtbot) -> None:
    ready.start_training()
    qtbot.waitUntil(ended(ready), timeout=60_000)
    active = ready.active
    finished, active.finished = active.finished, None  # as in the moment between the loop's end and its news
    answers = []
    ready.with_predictor(lambda p: p.predict(["a good film"])[0].label, answers.append)
    active.finished = finished
    qtbot.waitUntil(lambda: bool(answers), timeout=20_000)


def test_input_errors_are_sentences(ready: Session, qtbot, heard) -> None:
    ready.change(**{"training.monitor": "no_such_figure"})
    heard.on(ready.notice).on(hub().bug)
    ready.start_training()
    qtbot.waitUntil(ended(ready), timeout=60_000)
    assert isinstance(ready.active.finished, RunFailed)
    assert ready.active.finished.kind == "input"
    assert len(heard.got) == 1
    assert "no_such_figure" in heard.got[0].text


def test_too_little_memory_offers_smaller_batches(ready: Session, qtbot, heard, monkeypatch) -> None:
    def start(config, sink, control, **more):
        sink(RunFailed("The GPU's memory is too small.", "memory", suggested_batch_size=8))

    from lstm_studio.runs import start as module

    monkeypatch.setattr(module, "start", start)
    heard.on(ready.notice)
    ready.start_training()
    qtbot.waitUntil(ended(ready), timeout=60_000)
    notice = heard.got[0]
    assert "8" in notice.action_text
    notice.action()
    assert ready.config.training.batch_size == 8
    qtbot.waitUntil(lambda: len(heard.got) == 2 and ended(ready)(), timeout=60_000)


def test_a_bug_is_a_report(ready: Session, qtbot, heard, monkeypatch) -> None:
    def start(config, sink, control, **more):
        raise ZeroDivisionError("in training")

    from lstm_studio.runs import start as module

    monkeypatch.setattr(module, "start", start)
    heard.on(hub().bug)
    ready.start_training()
    qtbot.waitUntil(ended(ready), timeout=60_000)
    assert "ZeroDivisionError: in training" in heard.got[0]
    assert ready.why_not_start() == ""


def test_closing_stops_and_keeps(ready: Session, qtbot) -> None:
    ready.change(**{"training.epochs": 500})
    ready.start_training()
    qtbot.waitUntil(lambda: ready.active.step > 2, timeout=60_000)
    path = ready.active.path
    ready.close()
    assert ready._runs.threads == 0
    assert ready.active.finished.reason == "stopped"
    summary = ready.store.summary(path)
    assert summary.has_weights
    assert summary.can_resume


def test_the_mailbox_loses_no_event_and_keeps_the_newest_snapshot() -> None:
    box = Mailbox()

    def write() -> None:
        for number in range(20_000):
            box.put(StepEnded(number, 1, 0.0, 0.0, 0.0, 1, 1, 0.0))
            if number % 100 == 0:
                box.put(GateSnapshot(number, "x", (), ()))

    thread = threading.Thread(target=write)
    thread.start()
    taken = []
    while thread.is_alive():
        taken += box.take()
    thread.join()
    taken += box.take()
    assert [event.step for event in taken] == list(range(20_000))
    assert box.take_snapshot().step == 19_900
    assert box.take_snapshot() is None


def test_the_worker_always_says_how_it_ended(qapp, tmp_path: Path, monkeypatch, qtbot) -> None:
    from lstm_studio.config import ClassificationData, RunConfig
    from lstm_studio.runs import start as module

    monkeypatch.setattr(module, "start", lambda *a, **k: None)
    box, thread = Mailbox(), QThread()
    worker = TrainingWorker(RunConfig(data=ClassificationData(path="x.csv")), RunControl(), box, tmp_path)
    worker.moveToThread(thread)
    thread.started.connect(worker.run)
    thread.start()
    qtbot.waitUntil(lambda: not box._events.empty())
    thread.quit()
    assert thread.wait(5000)
    assert isinstance(box.take()[-1], RunFinished)
