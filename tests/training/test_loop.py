"""Real small trainings: learning, orders, looks inside, and equality to the last bit."""

from __future__ import annotations

import dataclasses
import json
import threading
import time

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from lstm_studio.config import load, parse
from lstm_studio.errors import StudioError
from lstm_studio.training.control import RunControl, RunState
from lstm_studio.training.events import (
    CheckpointSaved,
    EpochEnded,
    GateSnapshot,
    RunFailed,
    RunFinished,
    RunStarted,
    StepEnded,
)
from lstm_studio.training.loop import train
from lstm_studio.training.record import read


def weights(folder):
    return (folder / "model.safetensors").read_bytes()


class InThread:
    """A training on a thread of its own, steered from the test."""

    def __init__(self, config, folder=None, on_step=None):
        self.control, self.events, self.error = RunControl(), [], None
        self._on_step = on_step

        def sink(event):
            self.events.append(event)
            if self._on_step and isinstance(event, StepEnded):
                self._on_step(self.control, event)

        def work():
            try:
                train(config, sink, self.control, folder=folder)
            except Exception as error:  # noqa: BLE001 - the test looks at it
                self.error = error

        self.thread = threading.Thread(target=work)
        self.thread.start()

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]

    def wait_for(self, test, seconds=20.0):
        limit = time.monotonic() + seconds
        while not test():
            assert time.monotonic() < limit, "waited too long"
            time.sleep(0.002)

    def end(self):
        self.thread.join(30)
        assert not self.thread.is_alive()
        return self.events[-1]


def test_it_learns_and_tells_everything(config, tmp_path):
    events = []
    finished = train(config, events.append, folder=tmp_path / "run")
    assert finished.reason == "completed"
    assert finished.metrics["accuracy"] > 0.9
    started = events[0]
    assert isinstance(started, RunStarted)
    assert (started.train_examples, started.validation_examples) == (192, 48)
    assert started.classes == ("neg", "pos")
    steps = [event for event in events if isinstance(event, StepEnded)]
    assert [event.step for event in steps] == list(range(1, started.total_steps + 1))
    assert sum(event.examples for event in steps if event.epoch == 1) == 192
    epochs = [event for event in events if isinstance(event, EpochEnded)]
    assert [event.epoch for event in epochs] == [1, 2, 3, 4]
    first = [event for event in steps if event.epoch == 1]
    mean = sum(event.loss * event.examples for event in first) / 192
    assert epochs[0].train_loss == pytest.approx(mean)
    assert events[-1] is finished
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert names == {"config.toml", "vocabulary.json", "model.safetensors", "metrics.jsonl", "checkpoint"}
    saved = load(tmp_path / "run" / "config.toml")
    assert saved.data.text == "text"
    assert saved.training.threads == 1
    again = [
        event for event in read(tmp_path / "run" / "metrics.jsonl", saved) if isinstance(event, (StepEnded, EpochEnded))
    ]
    assert again == [event for event in events if isinstance(event, (StepEnded, EpochEnded))]


def test_two_runs_are_equal_to_the_last_bit(config, tmp_path):
    results = []
    for name in ("one", "two"):
        torch.randn(7)  # whatever happened before must not matter
        events = []
        train(config, events.append, folder=tmp_path / name)
        losses = [event.loss for event in events if isinstance(event, StepEnded)]
        results.append((losses, weights(tmp_path / name)))
    assert results[0] == results[1]
    other = config.replace(**{"training.seed": 1})
    train(other, lambda event: None, folder=tmp_path / "three")
    assert weights(tmp_path / "three") != results[0][1]


def test_looking_inside_changes_nothing(config, tmp_path):
    train(config, lambda event: None, folder=tmp_path / "quiet")
    watched = config.replace(**{"training.probe_seconds": 0.001, "training.checkpoint_seconds": 0.0})
    events = []
    control = RunControl()

    def sink(event):
        events.append(event)
        if isinstance(event, StepEnded) and event.step % 3 == 0:
            control.submit(lambda live: live.look("a good film"))
            control.set_probe(f"nice {event.step}")

    train(watched, sink, control, folder=tmp_path / "watched")
    assert sum(isinstance(event, GateSnapshot) for event in events) > 10
    assert sum(isinstance(event, CheckpointSaved) for event in events) > 10
    assert weights(tmp_path / "watched") == weights(tmp_path / "quiet")


def test_a_snapshot_holds_the_gates_of_the_probe(config):
    config = config.replace(**{"training.probe_seconds": 0.01, "training.probe_text": "a good and nice film"})
    events = []
    train(config, events.append)
    snapshot = next(event for event in events if isinstance(event, GateSnapshot))
    assert snapshot.step == 0
    assert snapshot.tokens == ("a", "good", "and", "nice", "film")
    assert [layer.name for layer in snapshot.layers] == ["layer0.forward", "layer0.backward"]
    for layer in snapshot.layers:
        assert set(layer.values) == set("ifgoch")
        for name, values in layer.values.items():
            assert values.shape == (5, 16)
            assert isinstance(values, np.ndarray)
            if name in "ifo":
                assert ((values > 0) & (values < 1)).all()
    assert snapshot.probabilities.sum() == pytest.approx(1, abs=1e-5)


def test_pause_holds_and_answers_and_resume_goes_on(config, tmp_path):
    train(config, lambda event: None, folder=tmp_path / "straight")
    run = InThread(config, tmp_path / "paused", lambda control, event: control.pause() if event.step == 5 else None)
    run.wait_for(lambda: run.control.state is RunState.PAUSED)
    assert run.of(StepEnded)[-1].step == 5, "it acts before the next batch"
    look = run.control.submit(lambda live: (live.step, live.look("a good film").tokens)).result(5)
    assert look == (5, ("a", "good", "film"))
    broken = run.control.submit(lambda live: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        broken.result(5)
    time.sleep(0.1)
    assert run.of(StepEnded)[-1].step == 5
    run.control.resume()
    assert run.end().reason == "completed"
    assert weights(tmp_path / "paused") == weights(tmp_path / "straight")
    assert run.control.submit(lambda live: 1).cancelled()


def test_stop_keeps_the_best_and_can_be_resumed(config, tmp_path):
    train(config, lambda event: None, folder=tmp_path / "straight")
    folder = tmp_path / "stopped"
    run = InThread(config, folder, lambda control, event: control.stop() if event.step == 15 else None)
    finished = run.end()
    assert finished.reason == "stopped"
    assert run.of(StepEnded)[-1].step == 15
    assert finished.best_epoch == 1
    assert finished.metrics["accuracy"] == run.of(EpochEnded)[0].metrics["accuracy"]
    assert (folder / "model.safetensors").exists()
    train(config, lambda event: None, folder=folder, resume=True)
    assert weights(folder) == weights(tmp_path / "straight")


def test_stop_before_the_first_validation_still_leaves_a_network(config, tmp_path):
    run = InThread(config, tmp_path / "run", lambda control, event: control.stop() if event.step == 2 else None)
    finished = run.end()
    assert finished.reason == "stopped"
    assert set(finished.metrics) == {"loss", "accuracy", "macro_f1"}
    assert load_file(tmp_path / "run" / "model.safetensors")


def test_cancel_ends_at_once(config):
    run = InThread(config, None, lambda control, event: control.cancel() if event.step == 3 else None)
    assert run.end().reason == "cancelled"
    assert run.of(StepEnded)[-1].step == 3


def test_cancel_while_the_data_is_prepared(config):
    control = RunControl()
    control.cancel()
    events = []
    assert train(config, events.append, control).reason == "cancelled"
    assert [type(event) for event in events] == [RunFinished]


def test_early_stopping(config):
    config = config.replace(**{"training.early_stopping": 2, "training.epochs": 50, "training.learning_rate": 0.03})
    events = []
    finished = train(config, events.append)
    assert finished.reason == "early_stopped"
    last = [event for event in events if isinstance(event, EpochEnded)][-1]
    assert last.epoch == finished.best_epoch + 2


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd", "rmsprop"])
@pytest.mark.parametrize("schedule", ["constant", "cosine", "one_cycle", "plateau"])
def test_every_optimiser_and_schedule_resumes_exactly(config, tmp_path, optimizer, schedule):
    config = config.replace(
        **{"training.optimizer": optimizer, "training.schedule": schedule, "training.epochs": 3, "model.hidden_size": 6}
    )
    train(config, lambda event: None, folder=tmp_path / "straight")

    class Power(Exception):
        pass

    folder = tmp_path / "broken"
    config_often = config.replace(**{"training.checkpoint_seconds": 0.0})

    def sink(event):
        if isinstance(event, StepEnded) and event.step == 17:
            raise Power

    with pytest.raises(Power):
        train(config_often, sink, folder=folder)
    train(config, lambda event: None, folder=folder, resume=True)
    assert weights(folder) == weights(tmp_path / "straight")


def test_changed_data_is_not_resumed(config, toy, tmp_path):
    train(config.replace(**{"training.epochs": 1}), lambda event: None, folder=tmp_path / "run")
    toy.write_text(toy.read_text().replace("good", "fine", 1))
    events = []
    with pytest.raises(StudioError, match="has changed"):
        train(config, events.append, folder=tmp_path / "run", resume=True)
    assert isinstance(events[-1], RunFailed)
    assert events[-1].kind == "input"


@pytest.mark.parametrize("damage", ["cut", "noise", "missing"])
def test_a_damaged_checkpoint_is_a_sentence(config, tmp_path, damage):
    folder = tmp_path / "run"
    train(config.replace(**{"training.epochs": 1}), lambda event: None, folder=folder)
    state = folder / "checkpoint" / "state.safetensors"
    content = state.read_bytes()
    if damage == "missing":
        (folder / "model.safetensors").unlink()
    else:
        state.write_bytes(content[: len(content) // 2] if damage == "cut" else b"\x07" * 500)
    with pytest.raises(StudioError) as error:
        train(config, lambda event: None, folder=folder, resume=True)
    assert "checkpoint" in str(error.value) or "missing" in str(error.value)


def test_numbers_out_of_bounds_are_a_sentence(config):
    config = config.replace(
        **{"training.learning_rate": 10.0, "training.optimizer": "sgd", "training.clip_norm": 0.0, "model.cell": "rnn"}
    )
    config = config.replace(**{"model.encoding": "index", "training.epochs": 30})
    events = []
    try:
        train(config, events.append)
    except StudioError as error:
        assert "no longer a number" in str(error)  # noqa: PT017 - it may also survive
        assert events[-1].kind == "input"


def test_a_bug_is_reported_with_its_traceback(config, monkeypatch):
    from lstm_studio.training import optimizers

    def broken(*args):
        raise KeyError("oops")

    monkeypatch.setattr(optimizers, "make", broken)
    events = []
    with pytest.raises(KeyError):
        train(config, events.append)
    assert events[-1].kind == "bug"
    assert "Traceback" in events[-1].report


def test_out_of_memory_offers_a_smaller_batch(config, monkeypatch):
    from lstm_studio.training.trainer import Trainer

    def full(*args):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(Trainer, "_step", full)
    events = []
    with pytest.raises(StudioError, match="Set training.batch_size to 8"):
        train(config, events.append)
    assert (events[-1].kind, events[-1].suggested_batch_size) == ("memory", 8)


def test_the_test_file_is_looked_at_with_the_best_weights(config, toy, tmp_path):
    config = config.replace(**{"data.test": str(toy)})
    finished = train(config, lambda event: None, folder=tmp_path / "run")
    assert finished.metrics["test_accuracy"] > 0.9
    assert {"test_loss", "test_macro_f1"} <= set(finished.metrics)


def test_the_keras_tutorial_trains(config):
    from lstm_studio.config.presets import apply

    config = apply(config, "keras_tutorial").replace(**{"training.epochs": 1, "data.max_length": 30})
    events = []
    train(config, events.append)
    assert sum(event.tokens for event in events if isinstance(event, StepEnded)) == 216 * 30


def test_an_unknown_device_or_metric_is_a_sentence(config):
    if not torch.cuda.is_available():
        with pytest.raises(StudioError, match="no NVIDIA GPU"):
            train(config.replace(**{"training.device": "cuda"}), lambda event: None)
    with pytest.raises(StudioError, match="Set training.monitor to one of accuracy, macro_f1, loss"):
        train(config.replace(**{"training.monitor": "bleu"}), lambda event: None)


def test_events_survive_the_file(config, tmp_path):
    train(config.replace(**{"training.epochs": 1}), lambda event: None, folder=tmp_path / "run")
    lines = (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()
    kinds = [json.loads(line)["event"] for line in lines]
    assert kinds[0] == "run_started"
    assert kinds[-1] == "run_finished"
    assert {"step_ended", "epoch_ended"} <= set(kinds)
    path = tmp_path / "run" / "metrics.jsonl"
    path.write_text(path.read_text() + '{"event": "step_ended", "st')
    events = list(read(path, parse({})))
    assert len(events) == len(lines)
    assert dataclasses.is_dataclass(events[0])
