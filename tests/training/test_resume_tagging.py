"""Tagging runs that were broken off end with the same bits as straight ones."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import load_file

from lstm_studio.errors import StudioError
from lstm_studio.training import kept
from lstm_studio.training.events import EpochEnded, RunFailed, StepEnded
from lstm_studio.training.loop import train
from tests.runs import tagged
from tests.training.steering import InThread, at_step, of, quiet, weights
from tests.training.test_resume import broken_at


@pytest.fixture
def config(tmp_path):
    """Every source of random numbers at work; four batches an epoch."""
    data = tagged.write_conll(tmp_path / "names.conll", tagged.sentences(40))
    drawn = {"model.dropout": 0.2, "model.embedding_dropout": 0.2, "model.word_dropout": 0.1}
    return tagged.config(data, **{**drawn, "model.hidden_size": 8, "training.epochs": 3})


def frozen(config, tmp_path, learn="frozen"):
    path = tagged.write_vectors(tmp_path / "vectors.txt")
    return config.replace(**{"model.vectors": str(path), "model.vectors_learn": learn, "model.vectors_after": 1})


@pytest.mark.parametrize("kind", ["crf and spelling", "frozen", "later", "roles"])
def test_a_broken_run_resumes_exactly(config, tmp_path, kind):
    if kind in {"frozen", "later"}:
        config = frozen(config, tmp_path, kind)
    elif kind == "roles":
        config = config.replace(**{"data.path": str(tagged.write_roles(tmp_path / "roles.jsonl", tagged.roles(20)))})
    straight, resumed = [], []
    train(config, straight.append, folder=tmp_path / "straight")
    folder = tmp_path / "broken"
    broken_at(config, folder, 6)
    train(config, resumed.append, folder=folder, resume=True)
    assert of(resumed, StepEnded)[0].step == 6
    assert weights(folder) == weights(tmp_path / "straight")
    for one, other in zip(of(straight, EpochEnded)[1:], of(resumed, EpochEnded)[-2:], strict=True):
        assert (one.epoch, one.train_loss, one.metrics) == (other.epoch, other.train_loss, other.metrics)
    kept = [(run / "results.json").read_text(encoding="utf-8") for run in (folder, tmp_path / "straight")]
    assert kept[0] == kept[1]
    names = load_file(folder / "model.safetensors").keys()
    assert "crf.transitions" in names
    assert any(name.startswith("characters.") for name in names)


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd"])
def test_vectors_that_wait_are_not_moved_before_their_time(config, tmp_path, optimizer):
    """Neither decay nor momentum moves them, and Adam counts their steps from the first one that they take."""
    config = frozen(config, tmp_path, "later").replace(
        **{"training.optimizer": optimizer, "training.weight_decay": 0.1, "training.keep_epochs": "all"}
    )
    name = "encoder.embedding.weight"
    train(config, quiet, folder=tmp_path / "later")
    train(config.replace(**{"model.vectors_learn": "frozen"}), quiet, folder=tmp_path / "frozen")
    epochs = [load_file(kept.path_of(tmp_path / "later", epoch)) for epoch in (1, 2, 3)]
    still = load_file(kept.path_of(tmp_path / "frozen", 1))
    assert all(torch.equal(epochs[0][key], still[key]) for key in still)
    assert not torch.equal(epochs[1][name], still[name])
    if optimizer != "sgd":
        states = load_file(tmp_path / "later" / "checkpoint" / "state.safetensors")
        steps = sorted(float(value) for key, value in states.items() if key.endswith(".step"))
        each = steps[-1] / 3
        assert steps[0] == 2 * each
        assert set(steps[1:]) == {3 * each}


def test_a_stopped_run_resumes_exactly(config, tmp_path):
    train(config, quiet, folder=tmp_path / "straight")
    run = InThread(config, tmp_path / "stopped", at_step(5, "stop"))
    assert run.end().reason == "stopped"
    train(config, quiet, folder=tmp_path / "stopped", resume=True)
    assert weights(tmp_path / "stopped") == weights(tmp_path / "straight")


def test_other_vectors_are_other_data(config, tmp_path):
    config = frozen(config, tmp_path)
    broken_at(config, tmp_path / "run", 6)
    path = tmp_path / "vectors.txt"
    path.write_text(path.read_text(encoding="utf-8").replace("0.", "0.0", 1), encoding="utf-8")
    events = []
    with pytest.raises(StudioError, match="has changed"):
        train(config, events.append, folder=tmp_path / "run", resume=True)
    assert isinstance(events[-1], RunFailed)
