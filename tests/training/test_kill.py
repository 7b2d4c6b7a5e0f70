"""A run killed with SIGKILL at any moment ends with the same weights as one that was never killed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from lstm_studio.config import save
from lstm_studio.training import kept
from lstm_studio.training.checkpoint import path_of
from tests.training.conftest import write_toy

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")


class Nursery:
    """The process that starts trainings; see nursery.py."""

    def __init__(self, errors: Path) -> None:
        self.errors = errors
        with errors.open("w") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.training.nursery"],
                cwd=ROOT,
                env={**os.environ, "OMP_NUM_THREADS": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
            )

    def train(self, config, folder, how, *, kill=None):
        """Train, and kill after ``kill()`` returns; returns the exit status, -9 if the kill came in time."""
        self.process.stdin.write(f"{config}\t{folder}\t{how}\n")
        self.process.stdin.flush()
        child = int(self._line())
        if kill is not None:
            kill()
            # Not reaped before its status is read, so the number is still its own.
            os.kill(child, signal.SIGKILL)
        status = int(self._line())
        assert status in (0, -signal.SIGKILL), self.errors.read_text()
        return status

    def _line(self):
        watch = threading.Timer(120, self.process.kill)
        watch.start()
        try:
            line = self.process.stdout.readline()
        finally:
            watch.cancel()
            watch.join()
        assert line, "the training hung, or the nursery died: " + self.errors.read_text()
        return line

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(30)


@pytest.fixture
def nursery(tmp_path):
    made = Nursery(tmp_path / "errors.txt")
    yield made
    made.close()


def steps_and_epochs(folder):
    kept = []
    for line in (folder / "metrics.jsonl").read_text().splitlines():
        values = json.loads(line)
        if values["event"] in ("step_ended", "epoch_ended"):
            values.pop("seconds")
            kept.append(values)
    return kept


def epochs_of(folder):
    return {epoch: kept.path_of(folder, epoch).read_bytes() for epoch in kept.kept_epochs(folder)}


def killed_again_and_again(nursery, config, tmp_path, kills, seed):
    """Kill in the start, in steps, validations and while files are written; returns how often, and in how many
    different places of the run."""
    chance = random.Random(seed)
    config_file = tmp_path / "config.toml"
    save(config, config_file)
    straight, folder = tmp_path / "straight", tmp_path / "killed"
    assert nursery.train(config_file, straight, "new") == 0
    metrics, done, places = folder / "metrics.jsonl", 0, set()
    last = (straight / "metrics.jsonl").stat().st_size

    def written():
        return metrics.stat().st_size if metrics.exists() else 0

    def at_random():
        if chance.random() < 0.2:
            time.sleep(chance.random() * 0.2)  # in the start, for the most part
            return
        before = written()
        target = before + 1 + chance.random() * (last - before) / (kills - done + 1)
        limit = time.monotonic() + 60
        while time.monotonic() < limit and written() < target:
            time.sleep(0.002)
        time.sleep(chance.random() * 0.03)

    while done < kills:
        how = "resume" if (folder / "config.toml").exists() else "new"
        if nursery.train(config_file, folder, how, kill=at_random) == 0:
            break
        done += 1
        places.add(path_of(folder).stat().st_mtime_ns if path_of(folder).exists() else 0)
    how = "resume" if (folder / "config.toml").exists() else "new"
    assert nursery.train(config_file, folder, how) == 0
    assert (folder / "model.safetensors").read_bytes() == (straight / "model.safetensors").read_bytes()
    assert steps_and_epochs(folder) == steps_and_epochs(straight)
    assert epochs_of(folder) == epochs_of(straight) != {}
    assert not list(folder.rglob("*.part"))
    return done, len(places)


@pytest.fixture
def often(config, tmp_path):
    write_toy(tmp_path / "toy.csv", rows=600)
    return config.replace(
        **{
            "training.checkpoint_seconds": 0.05,
            "training.epochs": 8,
            "training.batch_size": 32,
            "training.schedule": "plateau",
            "training.probe_seconds": 0.1,
        }
    )


def test_killed_three_times(nursery, often, tmp_path):
    done, places = killed_again_and_again(nursery, often, tmp_path, 3, seed=3)
    assert done == 3
    assert places >= 2


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_twenty_times(nursery, often, tmp_path):
    often = often.replace(**{"training.epochs": 40, "training.batch_size": 16})
    done, places = killed_again_and_again(nursery, often, tmp_path, 20, seed=5)
    assert done == 20
    assert places >= 10
