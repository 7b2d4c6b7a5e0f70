"""A task that is nothing like classification trains without a change anywhere else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from lstm_studio.config import RunConfig, parse
from lstm_studio.data.batches import bucketed
from lstm_studio.errors import StudioError
from lstm_studio.tasks import registry
from lstm_studio.tasks.base import Evaluation, Look, Loss, MetricInfo
from lstm_studio.training.events import EpochEnded, GateSnapshot, RunStarted
from lstm_studio.training.loop import train
from tests.training.steering import of, quiet, weights


@dataclass
class Rows:
    """Numbers, and their sums."""

    config: RunConfig
    notes: tuple[str, ...]
    key: str
    train: list[np.ndarray]
    validation: list[np.ndarray]


class Meta:
    """No classes, no words."""

    classes: tuple[str, ...] = ()
    vocabulary_size = 0

    def to_json(self):
        return json.dumps({"kind": "numbers"})


class Summing:
    """Learns weights that add numbers up: a figure that goes down, and no gates to look at."""

    name, title, main_metric = "summing", "Summing", "error"
    metrics = (MetricInfo("error", "Error", higher_is_better=False, share=False),)

    def prepare(self, config, progress=quiet, cache=None):
        chance = np.random.default_rng(0)
        rows = [chance.normal(size=int(chance.integers(1, 6))).astype(np.float32) for _ in range(80)]
        return Rows(config, ("made up",), "key", rows[:64], rows[64:])

    def meta(self, prepared):
        return Meta()

    def load_meta(self, text, where="vocabulary.json"):
        return Meta()

    def build_model(self, config, meta):
        return nn.Sequential(nn.Linear(5, 1), nn.Dropout(0.0))

    def initialise(self, model, prepared):
        pass

    def keep(self, prepared, folder):
        pass

    def answers(self, config, meta, folder=None):
        raise StudioError("It only sums")

    def parts(self, prepared):
        return {"train": prepared.train, "validation": prepared.validation}

    def batches(self, part, batch_size, seed, epoch, shuffle):
        return bucketed(np.array([len(row) for row in part]), batch_size, seed, epoch, shuffle=shuffle)

    def collate(self, part, handle, device):
        rows = [part[index] for index in handle]
        filled = np.stack([np.pad(row, (0, 5 - len(row))) for row in rows])
        return torch.from_numpy(filled), torch.tensor([float(row.sum()) for row in rows])

    def start(self, config, prepared, device):
        return None

    def watched(self, config):
        return self.main_metric

    def loss(self, model, batch, extra, done=0.0):
        return Loss((model(batch[0]).squeeze(1) - batch[1]).square().mean(), len(batch[1]), batch[0].numel())

    def evaluate(self, model, config, part, meta, device, *, quick=False):
        total = 0.0
        for handle in self.batches(part, 8, 0, 0, False):
            with torch.no_grad():
                total += float(self.loss(model, self.collate(part, handle, device), None).value) * len(handle)
            yield None
        yield Evaluation({"loss": total / len(part), "error": (total / len(part)) ** 0.5})

    def probe(self, prepared):
        return "1 2"

    def look(self, model, config, meta, text, device):
        return Look(text, tuple(text.split()), (True, True), ())


def test_a_task_of_another_kind_trains_and_resumes(tmp_path: Path, monkeypatch):
    monkeypatch.setitem(registry.TASKS, "classification", Summing())
    config = parse({"training": {"epochs": 30, "batch_size": 8, "learning_rate": 0.05, "threads": 1, "device": "cpu"}})
    events = []
    finished = train(config, events.append, folder=tmp_path / "run")
    started = of(events, RunStarted)[0]
    assert (started.classes, started.train_examples, started.notes) == ((), 64, ("made up",))
    errors = [event.metrics["error"] for event in of(events, EpochEnded)]
    assert finished.metrics["error"] == min(errors)
    assert finished.best_epoch == 1 + errors.index(min(errors))
    assert min(errors) < 0.05 < errors[0]
    assert of(events, GateSnapshot)[0].layers == ()
    assert (tmp_path / "run" / "vocabulary.json").read_text() == '{"kind": "numbers"}'
    before = weights(tmp_path / "run")
    train(config, quiet, folder=tmp_path / "run", resume=True)
    assert weights(tmp_path / "run") == before


@pytest.mark.parametrize(
    ("higher", "value", "best", "answer"),
    [
        (True, 0.5, None, True),
        (True, 0.5, 0.5, False),
        (True, 0.6, 0.5, True),
        (False, 0.6, 0.5, False),
        (False, 0.4, 0.5, True),
        (True, float("nan"), 0.5, False),
        (False, float("nan"), None, True),
        (False, 0.4, float("nan"), True),
        (False, float("nan"), float("nan"), False),
    ],
)
def test_what_is_better(higher, value, best, answer):
    assert MetricInfo("x", "X", higher_is_better=higher).better(value, best) is answer
