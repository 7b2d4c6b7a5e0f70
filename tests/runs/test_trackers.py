"""Trackers hear what happens and can neither break nor hold up a run; real event files and stores are read back."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from lstm_studio.cli.main import BAD_INPUT, DONE, main
from lstm_studio.runs import trackers
from lstm_studio.runs.trackers import Choice, Tracking, chosen
from lstm_studio.runs.trackers_mlflow import MOST_STEPS, _figures
from lstm_studio.runs.trackers_tensorboard import picture
from lstm_studio.training.events import GateSnapshot, RunFinished, RunStarted, StepEnded
from tests.training.conftest import toy_config, write_toy

SMALL = ["model.hidden_size=6", "model.embedding_size=5", "training.epochs=2", "training.batch_size=16"]


class Fake:
    """A tracker that can fail or be slow."""

    name = "Fake"

    def __init__(self, error: Exception | None = None, wait: float = 0.0) -> None:
        self.error, self.wait = error, wait
        self.told: list = []
        self.closed = False

    def begin(self, started) -> None:
        if self.error:
            raise self.error

    def take(self, events) -> None:
        time.sleep(self.wait)
        self.told += events

    def close(self) -> None:
        self.closed = True


def started(toy: Path) -> RunStarted:
    return RunStarted(None, toy_config(toy), ("neg", "pos"), 40, 10, 60, 1000, 3, 6, "CPU", 1)


def step(number: int) -> StepEnded:
    return StepEnded(number, 1, 0.5, 0.01, 1.0, 16, 100, 0.01)


def test_all_is_told_in_order(tmp_path: Path) -> None:
    fake, said = Fake(), []
    events = [started(tmp_path / "toy.csv"), *(step(n) for n in range(50)), RunFinished(None, "completed")]
    with Tracking([fake], said.append) as tracking:
        for event in events:
            tracking.tell(event)
    assert fake.told == events
    assert fake.closed
    assert not said


def test_of_the_gates_no_more_is_told_than_the_settings_ask_for(tmp_path: Path) -> None:
    fake = Fake()
    toy = tmp_path / "toy.csv"
    write_toy(toy, 20)
    begun = RunStarted(
        None,
        toy_config(toy).replace(**{"training.probe_seconds": 60.0}),
        ("neg", "pos"),
        40,
        10,
        60,
        1000,
        3,
        6,
        "CPU",
        1,
    )
    with Tracking([fake], lambda said: None) as tracking:
        tracking.tell(begun)
        for number in range(6):
            tracking.tell(GateSnapshot(number, "a film", ("a", "film"), ()))
        tracking.tell(RunFinished(None, "completed"))
    steps = [event.step for event in fake.told if isinstance(event, GateSnapshot)]
    assert steps == [0]


def test_a_tracker_that_fails_is_left_out_with_a_sentence(tmp_path: Path) -> None:
    good, bad, said = Fake(), Fake(ConnectionError("no route to host\nmore")), []
    with Tracking([bad, good], said.append) as tracking:
        tracking.tell(started(tmp_path / "toy.csv"))
        tracking.tell(RunFinished(None, "completed"))
    assert said == ["Fake is not told of this run: no route to host. The run goes on without it."]
    assert len(good.told) == 2


def test_a_slow_tracker_holds_nothing_up(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(trackers, "PATIENCE", 0.1)
    monkeypatch.setattr(trackers, "WAITING", 100)
    monkeypatch.setattr(trackers, "TOGETHER", 0.0)
    slow, said = Fake(wait=1.0), []
    began = time.monotonic()
    with Tracking([slow], said.append) as tracking:
        tracking.tell(started(tmp_path / "toy.csv"))
        for number in range(5000):
            tracking.tell(step(number))
    assert time.monotonic() - began < 0.9
    assert said == ["Fake does not answer; the last of the run may be missing there."]


def test_nothing_is_imported_unless_chosen() -> None:
    assert not Choice()
    assert chosen(Choice()) == []
    assert [one.name for one in chosen(Choice("logs", "http://localhost:1"))] == ["TensorBoard", "MLflow"]


def test_a_server_is_told_a_choice_of_steps() -> None:
    figures = list(_figures([step(n) for n in range(1, 1001)]))
    assert len(figures) == 3 * MOST_STEPS
    assert figures[-1][2] == 1000
    assert len(list(_figures([step(1)]))) == 3


def test_pictures_of_gates() -> None:
    values = np.array([[0.0, 0.5], [1.0, 2.0]])  # T=2, H=2
    grey = picture("f", values)
    assert grey.shape == (2 * 3, 2 * 12)
    assert [grey[0, 0], grey[0, -1], grey[-1, 0], grey[-1, -1]] == [0, 255, 128, 255]
    assert picture("c", values)[0, 0] == 128


@pytest.fixture
def desk(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setenv("LSTM_STUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    write_toy(tmp_path / "toy.csv", 60)
    return tmp_path


def train(*more: str) -> int:
    return main(["train", "--data", "toy.csv", "--set", *SMALL, "--out", "run", *more])


def test_a_missing_server_does_not_end_a_run(desk: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    assert train("--mlflow", "http://127.0.0.1:9") == DONE
    assert "The run goes on without" in capsys.readouterr().err
    assert train("--experiment", "films", "--out", "other") == BAD_INPUT
    assert "--experiment is for MLflow" in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore")
def test_tensorboard_files_are_read_back(desk: Path, capsys) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    assert train("--tensorboard", "logs") == DONE
    assert "goes on without" not in capsys.readouterr().err
    found = EventAccumulator("logs/run", size_guidance={"scalars": 0, "images": 0})
    found.Reload()
    losses = found.Scalars("train/loss")
    assert [event.step for event in losses] == list(range(1, len(losses) + 1))
    import json

    lines = [json.loads(line) for line in Path("run/metrics.jsonl").read_text().splitlines()]
    steps = [line for line in lines if line["event"] == "step_ended"]
    assert [event.value for event in losses] == pytest.approx([line["loss"] for line in steps])
    epochs = [line for line in lines if line["event"] == "epoch_ended"]
    accuracies = [event.value for event in found.Scalars("epoch/accuracy")]
    assert accuracies == pytest.approx([line["metrics"]["accuracy"] for line in epochs])
    tags = found.Tags()
    assert any(name.startswith("gates/layer0.forward/") for name in tags["histograms"])
    assert any(name.startswith("pictures/layer0.forward/") for name in tags["images"])


@pytest.mark.filterwarnings("ignore")
def test_a_store_of_mlflow_is_read_back(desk: Path, capsys, monkeypatch) -> None:
    monkeypatch.setattr(trackers, "PATIENCE", 110.0)  # making the tables takes long
    mlflow = pytest.importorskip("mlflow")
    pytest.importorskip("sqlalchemy")
    address = f"sqlite:///{desk}/m.db"
    assert train("--mlflow", address, "--experiment", "films") == DONE
    assert "goes on without" not in capsys.readouterr().err
    client = mlflow.MlflowClient(address)
    [run] = client.search_runs([client.get_experiment_by_name("films").experiment_id])
    assert run.info.status == "FINISHED"
    assert run.data.params["model.hidden_size"] == "6"
    assert len(client.get_metric_history(run.info.run_id, "validation_accuracy")) == 2
    assert {"config.toml", "model.safetensors"} <= {file.path for file in client.list_artifacts(run.info.run_id)}
