"""Runs of language models that were broken off end with the same bits as straight ones: the state is carried on."""

from __future__ import annotations

import pytest
from safetensors.torch import load_file

from lstm_studio.training import checkpoint
from lstm_studio.training.events import EpochEnded, StepEnded
from lstm_studio.training.loop import train
from tests.runs import running
from tests.training.steering import InThread, at_step, of, quiet, weights
from tests.training.test_kill import Nursery, killed_again_and_again, pytestmark  # noqa: F401
from tests.training.test_resume import broken_at


@pytest.fixture
def config(tmp_path):
    """Every source of random numbers at work; several stretches an epoch."""
    drawn = {
        "model.dropout": 0.2,
        "model.embedding_dropout": 0.2,
        "model.word_dropout": 0.1,
        "model.weight_drop": 0.2,
        "model.row_dropout": 0.1,
        "training.vary_steps": True,
        "training.activation_cost": 2.0,
        "training.change_cost": 1.0,
    }
    return running.config(running.write(tmp_path / "rhymes.txt", 40), **drawn, **{"model.layers": 2})


@pytest.mark.parametrize("kind", ["words", "characters", "gru"])
def test_a_broken_run_resumes_exactly(config, tmp_path, kind):
    if kind == "characters":
        longer = {"training.steps": 30, "training.epochs": 2}
        config = config.replace(
            **{"data.units": "character", "data.documents": "whole", "model.tied": "none", **longer}
        )
    elif kind == "gru":
        config = config.replace(**{"model.cell": "gru", "model.dropout_masks": "each_step"})
    straight, resumed = [], []
    train(config, straight.append, folder=tmp_path / "straight")
    folder = tmp_path / "broken"
    broken_at(config, folder, 6)
    state = load_file(checkpoint.path_of(folder))
    assert state["carried.h"].abs().sum() > 0, "the middle of an epoch, where a state is carried"
    assert ("carried.c" in state) == (kind != "gru")
    train(config, resumed.append, folder=folder, resume=True)
    assert of(resumed, StepEnded)[0].step == 6
    assert weights(folder) == weights(tmp_path / "straight")
    for one, other in zip(of(straight, EpochEnded)[-2:], of(resumed, EpochEnded)[-2:], strict=True):
        assert (one.train_loss, one.metrics, one.samples) == (other.train_loss, other.metrics, other.samples)
    kept = [(run / "results.json").read_text(encoding="utf-8") for run in (folder, tmp_path / "straight")]
    assert kept[0] == kept[1]


def test_looks_inside_and_writing_change_nothing(config, tmp_path):
    train(config, quiet, folder=tmp_path / "straight")
    watched = config.replace(**{"training.probe_seconds": 0.001, "training.probe_text": "Anna has 2 apples"})
    train(watched, quiet, folder=tmp_path / "watched")
    assert weights(tmp_path / "watched") == weights(tmp_path / "straight")


def test_a_stopped_run_resumes_exactly(config, tmp_path):
    train(config, quiet, folder=tmp_path / "straight")
    run = InThread(config, tmp_path / "stopped", at_step(5, "stop"))
    assert run.end().reason == "stopped"
    train(config, quiet, folder=tmp_path / "stopped", resume=True)
    assert weights(tmp_path / "stopped") == weights(tmp_path / "straight")


def test_a_step_of_another_length_moves_the_weights_as_much_less(config):
    events = []
    train(config.replace(**{"training.schedule": "constant", "training.epochs": 1}), events.append)
    rates = {round(event.learning_rate / config.training.learning_rate, 6) for event in of(events, StepEnded)}
    assert len(rates) > 1
    assert all(0 < rate < 2 for rate in rates)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_again_and_again(config, tmp_path):
    nursery = Nursery(tmp_path / "errors.txt")
    often = config.replace(**{"training.checkpoint_seconds": 0.05, "training.epochs": 30})
    try:
        done, places = killed_again_and_again(nursery, often, tmp_path, 8, seed=7)
    finally:
        nursery.close()
    assert done == 8
    assert places >= 4
