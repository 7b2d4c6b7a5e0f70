"""What goes wrong is told first, written down, and leaves a run that can be resumed."""

from __future__ import annotations

import json
import math

import pytest
import safetensors
import torch

from lstm_studio.errors import StudioError
from lstm_studio.tasks import registry
from lstm_studio.tasks.base import Loss
from lstm_studio.training import atomic, optimizers
from lstm_studio.training.control import RunControl, RunState
from lstm_studio.training.events import RunFinished
from lstm_studio.training.loop import train
from lstm_studio.training.trainer import Trainer
from tests.training.steering import quiet, weights


def failing_at(step, error):
    """A Trainer._step that fails once, at a step."""
    real = Trainer._step

    def act(self, handle):
        if self.position.step == step:
            raise error
        real(self, handle)

    return act


def last_line(folder):
    return json.loads((folder / "metrics.jsonl").read_text().splitlines()[-1])


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_numbers_out_of_bounds_are_a_sentence(config, straight, tmp_path, monkeypatch, bad):
    task = registry.get("classification")
    real, calls = task.loss, []

    def loss(model, batch, extra, done=0.0):
        calls.append(1)
        found = real(model, batch, extra)
        return Loss(found.value * bad, found.examples, found.tokens) if len(calls) == 21 else found

    monkeypatch.setattr(task, "loss", loss, raising=False)
    events, folder = [], tmp_path / "run"
    with pytest.raises(StudioError, match="no longer a number after 20 steps"):
        train(config.replace(**{"training.checkpoint_seconds": 0.0}), events.append, folder=folder)
    assert events[-1].kind == "input"
    assert "training.learning_rate" in events[-1].message
    assert last_line(folder)["event"] == "run_failed"
    monkeypatch.undo()
    train(config, quiet, folder=folder, resume=True)
    assert weights(folder) == straight, "the weights were not touched"


def test_a_gradient_out_of_bounds_does_not_reach_the_weights(config, monkeypatch):
    monkeypatch.setattr("lstm_studio.training.stepper.get_total_norm", lambda *args: torch.tensor(math.inf))
    with pytest.raises(StudioError, match="no longer a number after 0 steps"):
        train(config, quiet)


def test_a_bug_is_reported_with_its_traceback(config, monkeypatch):
    def broken(*args):
        raise KeyError("oops")

    monkeypatch.setattr(optimizers, "make", broken)
    events, control = [], RunControl()
    with pytest.raises(KeyError):
        train(config, events.append, control)
    assert events[-1].kind == "bug"
    assert "Traceback" in events[-1].report
    assert control.state is RunState.ENDED


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("MPS backend out of memory (MPS allocated: 8 GB)"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory"),
        MemoryError(),
    ],
)
def test_out_of_memory_offers_a_smaller_batch_and_keeps_the_checkpoint(config, tmp_path, monkeypatch, error):
    monkeypatch.setattr(Trainer, "_step", failing_at(8, error))
    events, folder = [], tmp_path / "run"
    often = config.replace(**{"training.checkpoint_seconds": 0.0, "training.epochs": 1})
    with pytest.raises(StudioError, match="Set training.batch_size to 8"):
        train(often, events.append, folder=folder)
    assert (events[-1].kind, events[-1].suggested_batch_size) == ("memory", 8)
    monkeypatch.undo()
    finished = train(often, quiet, folder=folder, resume=True)
    assert finished.step == 12


def test_another_runtime_error_is_not_taken_for_full_memory(config, monkeypatch):
    monkeypatch.setattr(Trainer, "_step", failing_at(2, RuntimeError("shapes do not fit")))
    events = []
    with pytest.raises(RuntimeError, match="shapes"):
        train(config, events.append)
    assert events[-1].kind == "bug"


def test_a_full_disk_is_a_sentence_and_the_last_state_stays(config, straight, tmp_path, monkeypatch):
    real, calls = atomic.save_file, []

    def full(tensors, path, metadata):
        calls.append(1)
        if len(calls) > 15:
            path.write_bytes(b"half")
            raise safetensors.SafetensorError("No space left on device (os error 28)")
        real(tensors, path, metadata)

    monkeypatch.setattr(atomic, "save_file", full)
    events, folder = [], tmp_path / "run"
    with pytest.raises(StudioError, match="No space left"):
        train(config.replace(**{"training.checkpoint_seconds": 0.0}), events.append, folder=folder)
    assert events[-1].kind == "input"
    assert not list(folder.rglob("*.part"))
    monkeypatch.undo()
    train(config, quiet, folder=folder, resume=True)
    assert weights(folder) == straight


def test_cancelled_progress_ends_the_run(config):
    from lstm_studio.errors import Cancelled

    def progress(fraction, words):
        raise Cancelled

    events = []
    assert train(config, events.append, progress=progress).reason == "cancelled"
    assert isinstance(events[-1], RunFinished)


def test_an_unknown_device_or_metric_is_a_sentence(config):
    if not torch.cuda.is_available():
        with pytest.raises(StudioError, match="no NVIDIA GPU"):
            train(config.replace(**{"training.device": "cuda"}), quiet)
    with pytest.raises(StudioError, match="Set training.monitor to one of accuracy, macro_f1, loss"):
        train(config.replace(**{"training.monitor": "bleu"}), quiet)
