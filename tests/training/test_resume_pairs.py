"""Runs that write texts and were broken off end with the same bits as straight ones."""

from __future__ import annotations

import pytest

from lstm_studio.training.events import EpochEnded, StepEnded
from lstm_studio.training.loop import train
from tests.runs import paired
from tests.training.steering import InThread, at_step, of, quiet, weights
from tests.training.test_kill import Nursery, killed_again_and_again, pytestmark  # noqa: F401
from tests.training.test_resume import broken_at


@pytest.fixture
def config(tmp_path):
    """Every source of random numbers at work; four batches an epoch."""
    data = paired.write_tsv(tmp_path / "animals.tsv", paired.pairs(64))
    drawn = {"model.dropout": 0.2, "model.embedding_dropout": 0.2, "model.word_dropout": 0.1}
    taught = {"training.teacher_forcing": 0.5, "training.label_smoothing": 0.1, "training.epochs": 3}
    return paired.config(data, **drawn, **taught, **{"model.hidden_size": 8, "model.embedding_size": 8})


@pytest.mark.parametrize("kind", ["plain", "fed", "joint"])
def test_a_broken_run_resumes_exactly(config, tmp_path, kind):
    if kind == "fed":
        config = config.replace(**{"model.input_feeding": True, "model.attention": "bahdanau", "model.layers": 2})
    elif kind == "joint":
        config = config.replace(
            **{
                "model.tied": "all",
                "data.vocabularies": "joint",
                "data.source_units": "bpe",
                "data.target_units": "bpe",
            }
        )
    straight, resumed = [], []
    train(config, straight.append, folder=tmp_path / "straight")
    folder = tmp_path / "broken"
    broken_at(config, folder, 6)
    train(config, resumed.append, folder=folder, resume=True)
    assert of(resumed, StepEnded)[0].step == 6
    assert weights(folder) == weights(tmp_path / "straight")
    for one, other in zip(of(straight, EpochEnded)[1:], of(resumed, EpochEnded)[-2:], strict=True):
        assert (one.train_loss, one.metrics, one.samples) == (other.train_loss, other.metrics, other.samples)
    kept = [(run / "results.json").read_text(encoding="utf-8") for run in (folder, tmp_path / "straight")]
    assert kept[0] == kept[1]


def test_looks_inside_change_nothing(config, tmp_path):
    train(config, quiet, folder=tmp_path / "straight")
    watched = config.replace(**{"training.probe_seconds": 0.001, "training.probe_text": "two red cat sleeps"})
    events = []
    train(watched, events.append, folder=tmp_path / "watched")
    assert weights(tmp_path / "watched") == weights(tmp_path / "straight")


def test_a_stopped_run_resumes_exactly(config, tmp_path):
    train(config, quiet, folder=tmp_path / "straight")
    run = InThread(config, tmp_path / "stopped", at_step(5, "stop"))
    assert run.end().reason == "stopped"
    train(config, quiet, folder=tmp_path / "stopped", resume=True)
    assert weights(tmp_path / "stopped") == weights(tmp_path / "straight")


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
