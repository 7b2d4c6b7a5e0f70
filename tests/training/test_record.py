"""metrics.jsonl: what was written while a run learned comes back as it was."""

from __future__ import annotations

import json

from lstm_studio.config import RunConfig
from lstm_studio.data.written import Sample
from lstm_studio.training.events import EpochEnded
from lstm_studio.training.record import Record, from_json, read, to_json

CONFIG = RunConfig(task="translation")
SAMPLES = (
    Sample("Ein Hund rennt.", "a dog\nruns", ("A dog runs.", "A dog is running."), 71.25),
    Sample("从前", "有一座山", (), None),
)


def epoch(samples: tuple[Sample, ...]) -> EpochEnded:
    return EpochEnded(2, 40, 1.5, 1.75, {"bleu": 12.5, "loss": 1.75}, "bleu", True, 3.0, samples)


def test_samples_come_back_from_the_file(tmp_path):
    path = tmp_path / "metrics.jsonl"
    record = Record(path)
    for samples in (SAMPLES, ()):
        record.write(epoch(samples))
    record.close()
    found = list(read(path, CONFIG))
    assert found == [epoch(SAMPLES), epoch(())]
    assert all(isinstance(event, EpochEnded) and isinstance(event.samples, tuple) for event in found)


def test_old_lines_have_no_samples_and_strange_ones_are_left_out():
    line = to_json(epoch(SAMPLES))
    assert json.loads(json.dumps(line))["samples"][1] == {
        "source": "从前", "written": "有一座山", "references": [], "score": None,
    }  # fmt: skip
    del line["samples"]
    assert from_json(line, CONFIG) == epoch(())
    assert from_json({**line, "samples": [{"who": "knows"}]}, CONFIG) is None
