"""Pause, resume, stop and cancel are four different things, and each acts within one batch."""

from __future__ import annotations

import time

import pytest
from safetensors.torch import load_file

from lstm_studio.training.control import RunControl, RunState
from lstm_studio.training.events import EpochEnded, GateSnapshot, RunFinished, StepEnded
from lstm_studio.training.loop import train
from tests.training.steering import InThread, at_step, quiet, weights


def test_pause_holds_and_answers_and_resume_goes_on(config, straight, tmp_path):
    config = config.replace(**{"training.probe_seconds": 3600.0})
    run = InThread(config, tmp_path / "paused", at_step(5, "pause"))
    run.wait_for(lambda: run.control.state is RunState.PAUSED)
    assert run.of(StepEnded)[-1].step == 5, "it acts before the next batch"
    look = run.control.submit(lambda live: (live.step, live.look("a good film").tokens)).result(5)
    assert look == (5, ("a", "good", "film"))
    broken = run.control.submit(lambda live: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        broken.result(5)
    seen = len(run.of(GateSnapshot))
    run.control.set_probe("bad film")
    run.wait_for(lambda: len(run.of(GateSnapshot)) > seen)
    assert (run.of(GateSnapshot)[-1].text, run.of(GateSnapshot)[-1].step) == ("bad film", 5)
    time.sleep(0.1)
    assert run.of(StepEnded)[-1].step == 5
    run.control.resume()
    assert run.end().reason == "completed"
    assert weights(tmp_path / "paused") == straight
    assert run.control.submit(lambda live: 1).cancelled()


def test_a_pause_in_the_validation_is_not_training_time(config, straight, tmp_path):
    folder = tmp_path / "paused"
    run = InThread(config, folder, at_step(12, "pause"))  # the last step of the first epoch
    run.wait_for(lambda: run.control.state is RunState.PAUSED)
    assert not run.of(EpochEnded)
    time.sleep(0.5)
    run.control.resume()
    finished = run.end()
    epoch = run.of(EpochEnded)[0]
    steps = sum(event.seconds for event in run.of(StepEnded) if event.epoch == 1)
    assert steps < epoch.seconds < steps + 0.45
    assert finished.seconds == pytest.approx(sum(event.seconds for event in run.of(EpochEnded)))
    assert weights(folder) == straight


def test_stop_and_cancel_end_a_pause(config):
    for order, reason in (("stop", "stopped"), ("cancel", "cancelled")):
        run = InThread(config, None, at_step(3, "pause"))
        run.wait_for(lambda run=run: run.control.state is RunState.PAUSED)
        began = time.monotonic()
        getattr(run.control, order)()
        assert run.end().reason == reason
        assert time.monotonic() - began < 2
        assert run.of(StepEnded)[-1].step == 3


def test_stop_keeps_the_best_and_can_be_resumed(config, straight, tmp_path):
    folder = tmp_path / "stopped"
    run = InThread(config, folder, at_step(15, "stop"))
    finished = run.end()
    assert finished.reason == "stopped"
    assert run.of(StepEnded)[-1].step == 15
    assert finished.best_epoch == 1
    assert finished.metrics["accuracy"] == run.of(EpochEnded)[0].metrics["accuracy"]
    assert (folder / "model.safetensors").exists()
    train(config, quiet, folder=folder, resume=True)
    assert weights(folder) == straight


def test_stop_before_the_first_validation_still_leaves_a_network(config, tmp_path):
    config = config.replace(**{"data.test": config.data.path})
    finished = InThread(config, tmp_path / "run", at_step(2, "stop")).end()
    assert finished.reason == "stopped"
    figures = {"loss", "accuracy", "macro_f1"}
    assert set(finished.metrics) == figures | {f"test_{name}" for name in figures}
    assert load_file(tmp_path / "run" / "model.safetensors")


def test_cancel_ends_at_once(config):
    run = InThread(config, None, at_step(3, "cancel"))
    assert run.end().reason == "cancelled"
    assert run.of(StepEnded)[-1].step == 3


@pytest.mark.parametrize("order", ["cancel", "stop"])
def test_cancel_or_stop_while_the_data_is_prepared(config, order):
    control = RunControl()
    getattr(control, order)()
    events = []
    assert train(config, events.append, control).reason == "cancelled"
    assert [type(event) for event in events] == [RunFinished]
    assert control.state is RunState.ENDED


def at_the_end(order, epochs):
    def on_event(control, event):
        if isinstance(event, EpochEnded) and event.epoch == epochs:
            order(control)

    return on_event


def test_while_the_test_file_is_read_questions_are_answered_and_orders_obeyed(config):
    config = config.replace(**{"data.test": config.data.path, "training.epochs": 2})
    answers = []
    ask = at_the_end(lambda control: answers.append(control.submit(lambda live: live.step)), 2)
    assert "test_accuracy" in InThread(config, None, ask).end().metrics
    assert answers[0].result(0) == 24

    finished = InThread(config, None, at_the_end(RunControl.cancel, 2)).end()
    assert (finished.reason, finished.metrics) == ("cancelled", {})

    finished = InThread(config, None, at_the_end(RunControl.stop, 2)).end()
    assert finished.reason == "completed"
    assert set(finished.metrics) == {"loss", "accuracy", "macro_f1"}, "no half-read test file"

    run = InThread(config, None, at_the_end(RunControl.pause, 2))
    run.wait_for(lambda: run.control.state is RunState.PAUSED)
    assert run.control.submit(lambda live: 7).result(5) == 7
    run.control.resume()
    assert "test_accuracy" in run.end().metrics
