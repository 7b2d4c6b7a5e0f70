"""Weights of epochs: which are kept, within which room, and that a resumed run keeps the same ones."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import load_file

from lstm_studio.training import kept
from lstm_studio.training.events import EpochEnded
from lstm_studio.training.loop import train
from tests.training.steering import InThread, quiet
from tests.training.test_resume import broken_at


@pytest.mark.parametrize(
    ("keep", "epochs", "size", "found"),
    [
        ("none", 8, 10, []),
        ("all", 3, 10**12, [1, 2, 3]),
        ("some", 1, 10, [1]),
        ("some", 8, 10, [1, 2, 3, 4, 5, 6, 7, 8]),
        ("some", 100, 10, [1, 12, 23, 34, 45, 56, 67, 78, 89, 100]),
        ("some", 100, kept.CAP // 3, [1, 51, 100]),
        ("some", 100, kept.CAP // 2, [1, 100]),
        ("some", 100, kept.CAP, [100]),
        ("some", 100, kept.CAP + 1, []),
    ],
)
def test_which_are_chosen(keep: kept.Keep, epochs: int, size: int, found: list[int]) -> None:
    assert sorted(kept.chosen(keep, epochs, size)) == found
    if keep == "some":
        assert len(found) * size <= kept.CAP


def small(config, **changes):
    return config.replace(**{"model.hidden_size": 4, "training.batch_size": 96, **changes})


def test_some_are_kept_and_hold_what_the_network_was(config, tmp_path):
    config = small(config, **{"training.epochs": 13, "training.learning_rate": 0.03})
    there = []

    def sink(event):
        if isinstance(event, EpochEnded):
            there.append(kept.kept_epochs(tmp_path / "run"))
            if event.best:
                best = load_file(tmp_path / "run" / "model.safetensors")
                own = load_file(kept.path_of(tmp_path / "run", event.epoch))
                assert all(torch.equal(own[name], value) for name, value in best.items())

    train(config, sink, folder=tmp_path / "run")
    assert [epochs[-1] for epochs in there] == list(range(1, 14)), "the newest one is always there"
    assert kept.kept_epochs(tmp_path / "run") == (1, 2, 4, 5, 6, 8, 9, 10, 12, 13)
    train(config.replace(**{"training.epochs": 2, "training.keep_epochs": "none"}), quiet, folder=tmp_path / "none")
    assert not (tmp_path / "none" / "epochs").exists()


def test_a_stopped_run_keeps_its_last_epoch(config, tmp_path):
    def on_event(control, event):
        if isinstance(event, EpochEnded) and event.epoch == 3:
            control.stop()

    InThread(small(config, **{"training.epochs": 300}), tmp_path / "run", on_event).end()
    assert kept.kept_epochs(tmp_path / "run") == (1, 3)


def test_a_resumed_run_keeps_the_same_bits(config, tmp_path):
    config = small(config, **{"training.epochs": 12})
    train(config, quiet, folder=tmp_path / "straight")
    folder = tmp_path / "broken"
    broken_at(config, folder, 9)
    kept.path_of(folder, 7).write_bytes(b"of a life that was not saved")
    train(config, quiet, folder=folder, resume=True)
    for epoch in kept.kept_epochs(tmp_path / "straight"):
        assert kept.path_of(folder, epoch).read_bytes() == kept.path_of(tmp_path / "straight", epoch).read_bytes()
    assert kept.kept_epochs(folder) == kept.kept_epochs(tmp_path / "straight")
