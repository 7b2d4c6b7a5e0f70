"""Resumed runs end with the same bits; what does not fit is refused with a sentence."""

from __future__ import annotations

import shutil

import pytest

from lstm_studio.errors import StudioError
from lstm_studio.training.events import EpochEnded, RunFailed, RunStarted, StepEnded
from lstm_studio.training.loop import train
from tests.training.steering import of, quiet, weights


class Power(Exception):
    """It went out."""


def broken_at(config, folder, step):
    """Train, saving after every step, and break off after one."""

    def sink(event):
        if isinstance(event, StepEnded) and event.step == step:
            raise Power

    with pytest.raises(Power):
        train(config.replace(**{"training.checkpoint_seconds": 0.0}), sink, folder=folder)


@pytest.mark.parametrize(
    ("optimizer", "schedule", "cell"),
    [
        ("adam", "cosine", "lstm"),
        ("adamw", "one_cycle", "gru"),
        ("sgd", "plateau", "rnn"),
        ("rmsprop", "constant", "lstm"),
    ],
)
def test_every_optimiser_and_schedule_resumes_exactly(config, tmp_path, optimizer, schedule, cell):
    config = config.replace(
        **{
            "training.optimizer": optimizer,
            "training.schedule": schedule,
            "training.warmup_fraction": 0.2,
            "training.weight_decay": 0.001,
            "training.epochs": 3,
            "model.hidden_size": 6,
            "model.layers": 2,
            "model.cell": cell,
        }
    )
    train(config, quiet, folder=tmp_path / "straight")
    folder = tmp_path / "broken"
    broken_at(config, folder, 17)
    events = []
    train(config, events.append, folder=folder, resume=True)
    assert weights(folder) == weights(tmp_path / "straight")
    assert of(events, RunStarted)[0].step == 16
    assert of(events, StepEnded)[0].step == 17


def test_a_resumed_run_has_the_figures_of_a_straight_one(config, tmp_path):
    straight, resumed = [], []
    train(config, straight.append, folder=tmp_path / "straight")
    folder = tmp_path / "broken"
    broken_at(config, folder, 20)
    finished = train(config, resumed.append, folder=folder, resume=True)
    for one, other in zip(of(straight, EpochEnded)[1:], of(resumed, EpochEnded), strict=True):
        # The mean of the training loss goes over the steps before the break, too.
        assert (one.epoch, one.train_loss, one.metrics) == (other.epoch, other.train_loss, other.metrics)
    assert finished.metrics == straight[-1].metrics
    assert finished.best_epoch == straight[-1].best_epoch


def test_a_finished_run_resumes_to_the_same_end(config, tmp_path):
    first = train(config, quiet, folder=tmp_path / "run")
    before = weights(tmp_path / "run")
    events = []
    again = train(config, events.append, folder=tmp_path / "run", resume=True)
    assert not of(events, StepEnded)
    assert (again.metrics, again.step, again.reason) == (first.metrics, first.step, first.reason)
    assert weights(tmp_path / "run") == before


def test_without_a_checkpoint_it_starts_from_the_beginning(config, tmp_path):
    train(config, quiet, folder=tmp_path / "run")
    before = weights(tmp_path / "run")
    shutil.rmtree(tmp_path / "run" / "checkpoint")
    events = []
    train(config, events.append, folder=tmp_path / "run", resume=True)
    assert of(events, StepEnded)[0].step == 1
    assert weights(tmp_path / "run") == before


def test_resume_without_a_run_is_a_sentence(config, tmp_path):
    with pytest.raises(StudioError, match="no run to go on with"):
        train(config, quiet, resume=True)
    with pytest.raises(StudioError):
        train(config, quiet, folder=tmp_path / "nothing", resume=True)


def test_changed_data_is_not_resumed(config, toy, tmp_path):
    train(config.replace(**{"training.epochs": 1}), quiet, folder=tmp_path / "run")
    toy.write_text(toy.read_text().replace("good", "fine", 1))
    events = []
    with pytest.raises(StudioError, match="has changed"):
        train(config, events.append, folder=tmp_path / "run", resume=True)
    assert isinstance(events[-1], RunFailed)
    assert events[-1].kind == "input"


def test_another_vocabulary_is_not_resumed(config, tmp_path):
    train(config.replace(**{"training.epochs": 1}), quiet, folder=tmp_path / "run")
    vocabulary = tmp_path / "run" / "vocabulary.json"
    vocabulary.write_text(vocabulary.read_text().replace('"good"', '"fine"'))
    with pytest.raises(StudioError, match="has changed"):
        train(config, quiet, folder=tmp_path / "run", resume=True)


@pytest.mark.parametrize("damage", ["cut", "noise", "missing", "other"])
def test_a_damaged_checkpoint_is_a_sentence(config, tmp_path, damage):
    folder = tmp_path / "run"
    train(config.replace(**{"training.epochs": 1}), quiet, folder=folder)
    state = folder / "checkpoint" / "state.safetensors"
    content = state.read_bytes()
    if damage == "missing":
        (folder / "model.safetensors").unlink()
    elif damage == "other":
        state.write_bytes((folder / "model.safetensors").read_bytes())
    else:
        state.write_bytes(content[: len(content) // 2] if damage == "cut" else b"\x07" * 500)
    with pytest.raises(StudioError) as error:
        train(config, quiet, folder=folder, resume=True)
    assert "checkpoint" in str(error.value) or "missing" in str(error.value)
