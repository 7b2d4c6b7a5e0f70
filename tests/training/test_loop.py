"""Real small trainings: learning, what is told and written, and equality to the last bit."""

from __future__ import annotations

import dataclasses
import json
import time

import numpy as np
import pytest
import torch

from lstm_studio.config import load, parse
from lstm_studio.config.presets import apply
from lstm_studio.training.control import RunControl
from lstm_studio.training.events import (
    CheckpointSaved,
    EpochEnded,
    GateSnapshot,
    RunStarted,
    StepEnded,
)
from lstm_studio.training.live import LiveModel
from lstm_studio.training.loop import train
from lstm_studio.training.record import read
from tests.training.conftest import write_toy
from tests.training.steering import of, quiet, weights


def test_it_learns_and_tells_everything(config, tmp_path):
    events = []
    finished = train(config, events.append, folder=tmp_path / "run")
    assert finished.reason == "completed"
    assert finished.metrics["accuracy"] > 0.85
    started = events[0]
    assert isinstance(started, RunStarted)
    assert (started.train_examples, started.validation_examples) == (192, 48)
    assert started.classes == ("neg", "pos")
    steps = of(events, StepEnded)
    assert [event.step for event in steps] == list(range(1, started.total_steps + 1))
    assert sum(event.examples for event in steps if event.epoch == 1) == 192
    epochs = of(events, EpochEnded)
    assert [event.epoch for event in epochs] == [1, 2, 3, 4]
    first = [event for event in steps if event.epoch == 1]
    mean = sum(event.loss * event.examples for event in first) / 192
    assert epochs[0].train_loss == pytest.approx(mean)
    assert events[-1] is finished
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert names == {
        "config.toml",
        "vocabulary.json",
        "model.safetensors",
        "metrics.jsonl",
        "results.json",
        "checkpoint",
        "epochs",
    }
    saved = load(tmp_path / "run" / "config.toml")
    assert saved.data.text == "text"
    assert saved.training.threads == 1
    again = of(read(tmp_path / "run" / "metrics.jsonl", saved), (StepEnded, EpochEnded))
    assert again == of(events, (StepEnded, EpochEnded))


def test_two_runs_are_equal_to_the_last_bit(config, tmp_path):
    results = []
    for name in ("one", "two"):
        torch.randn(7)  # whatever happened before must not matter
        events = []
        train(config, events.append, folder=tmp_path / name)
        results.append(([event.loss for event in of(events, StepEnded)], weights(tmp_path / name)))
    assert results[0] == results[1]
    train(config.replace(**{"training.seed": 1}), quiet, folder=tmp_path / "three")
    assert weights(tmp_path / "three") != results[0][1]


def test_two_runs_with_several_threads_are_equal(toy, config, tmp_path):
    write_toy(toy, rows=250)
    sizes = {"model.hidden_size": 96, "model.embedding_size": 80, "training.batch_size": 100, "training.epochs": 1}
    config = config.replace(**sizes, **{"training.threads": 2})
    before = torch.get_num_threads()
    for name in ("one", "two"):
        train(config, quiet, folder=tmp_path / name)
    assert weights(tmp_path / "one") == weights(tmp_path / "two")
    assert torch.get_num_threads() == before
    assert not torch.are_deterministic_algorithms_enabled()


def test_what_others_draw_between_steps_changes_nothing(config, tmp_path):
    train(config, quiet, folder=tmp_path / "quiet")

    def sink(event):
        torch.manual_seed(event.step if isinstance(event, StepEnded) else 0)
        torch.nn.Linear(10, 10)

    train(config, sink, folder=tmp_path / "loud")
    assert weights(tmp_path / "loud") == weights(tmp_path / "quiet")


def test_looking_inside_changes_nothing(config, tmp_path):
    train(config, quiet, folder=tmp_path / "quiet")
    watched = config.replace(**{"training.probe_seconds": 0.001, "training.checkpoint_seconds": 0.0})
    events, answers = [], []
    control = RunControl()

    def meddle(live):
        assert not live.model.training
        live.model.train()
        torch.rand(1000)
        for parameter in live.model.parameters():
            parameter.grad = torch.ones_like(parameter)
        return live.step

    def sink(event):
        events.append(event)
        if isinstance(event, StepEnded) and event.step % 3 == 0:
            control.submit(lambda live: live.look("a good film"))
            answers.append(control.submit(meddle))
            control.set_probe(f"nice {event.step}")

    train(watched, sink, control, folder=tmp_path / "watched")
    assert len(of(events, GateSnapshot)) > 10
    assert len(of(events, CheckpointSaved)) > 10
    answered = [answer.result() for answer in answers if not answer.cancelled()]
    assert answered == [3 * (number + 1) for number in range(len(answered))]
    assert len(answered) >= len(answers) - 1
    assert weights(tmp_path / "watched") == weights(tmp_path / "quiet")


def test_a_snapshot_holds_the_gates_of_the_probe(config):
    config = config.replace(**{"training.probe_seconds": 0.01, "training.probe_text": "a good and nice film"})
    events = []
    train(config, events.append)
    snapshots = of(events, GateSnapshot)
    assert snapshots[0].step == 0
    assert events.index(snapshots[0]) < events.index(of(events, StepEnded)[0])
    ends = {event.step for event in of(events, EpochEnded)}
    assert ends <= {snapshot.step for snapshot in snapshots}, "one after each epoch"
    assert snapshots[0].tokens == ("a", "good", "and", "nice", "film")
    assert [layer.name for layer in snapshots[0].layers] == ["layer0.forward", "layer0.backward"]
    for layer in snapshots[0].layers:
        assert set(layer.values) == set("ifgoch")
        for name, values in layer.values.items():
            assert values.shape == (5, 16)
            assert isinstance(values, np.ndarray)
            if name in "ifo":
                assert ((values > 0) & (values < 1)).all()
    assert snapshots[0].probabilities.sum() == pytest.approx(1, abs=1e-5)


def test_a_slow_probe_is_looked_at_less_often(config, monkeypatch):
    config = config.replace(**{"training.probe_seconds": 0.001, "training.epochs": 2})
    look = LiveModel.snapshot

    def slow(self, text):
        time.sleep(0.05)
        return look(self, text)

    monkeypatch.setattr(LiveModel, "snapshot", slow)
    events = []
    began = time.monotonic()
    train(config, events.append)
    # One at the start, one after each epoch, and otherwise one in fifty times as long as it takes.
    assert len(of(events, GateSnapshot)) <= 3 + (time.monotonic() - began) / (50 * 0.05)


def test_early_stopping_watches_the_chosen_figure(config):
    config = config.replace(
        **{
            "training.early_stopping": 2,
            "training.epochs": 50,
            "training.learning_rate": 0.03,
            "training.monitor": "loss",
        }
    )
    events = []
    finished = train(config, events.append)
    assert finished.reason == "early_stopped"
    epochs = of(events, EpochEnded)
    losses = [event.validation_loss for event in epochs]
    assert finished.best_epoch == 1 + losses.index(min(losses))
    assert epochs[-1].epoch == finished.best_epoch + 2
    assert finished.metrics["loss"] == min(losses)
    assert [event.best for event in epochs] == [loss == min(losses[: n + 1]) for n, loss in enumerate(losses)]


def test_the_plateau_lowers_the_rate(config):
    config = config.replace(
        **{
            "training.schedule": "plateau",
            "training.plateau_patience": 0,
            "training.monitor": "accuracy",
            "training.epochs": 8,
        }
    )
    events = []
    train(config, events.append)
    rate = 0.01
    for event in of(events, EpochEnded):
        rates = {step.learning_rate for step in of(events, StepEnded) if step.epoch == event.epoch}
        assert rates == {rate}
        rate = rate if event.best else rate / 2
    assert rate < 0.01, "a figure of 48 texts does not improve eight times running"


def test_the_test_file_is_looked_at_with_the_best_weights(config, toy, tmp_path):
    config = config.replace(**{"data.test": str(toy), "data.validation": str(toy)})
    events = []
    finished = train(config, events.append, folder=tmp_path / "run")
    best = of(events, EpochEnded)[finished.best_epoch - 1]
    assert finished.metrics["test_accuracy"] == finished.metrics["accuracy"] == best.metrics["accuracy"]
    assert finished.metrics["test_loss"] == finished.metrics["loss"] == best.validation_loss


def test_the_keras_tutorial_trains(config):
    config = apply(config, "keras_tutorial").replace(**{"training.epochs": 1, "data.max_length": 30})
    events = []
    train(config, events.append)
    assert sum(event.tokens for event in of(events, StepEnded)) == 216 * 30


def test_events_survive_the_file(config, tmp_path):
    train(config.replace(**{"training.epochs": 1}), quiet, folder=tmp_path / "run")
    path = tmp_path / "run" / "metrics.jsonl"
    lines = path.read_text().splitlines()
    kinds = [json.loads(line)["event"] for line in lines]
    assert kinds[0] == "run_started"
    assert kinds[-1] == "run_finished"
    assert {"step_ended", "epoch_ended"} <= set(kinds)
    path.write_text(path.read_text() + '{"event": "step_ended", "st')
    events = list(read(path, parse({})))
    assert len(events) == len(lines)
    assert dataclasses.is_dataclass(events[0])
