"""A run killed with SIGKILL at any moment ends with the same weights as one that was never killed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lstm_studio.config import save
from tests.training.conftest import CODE, write_toy

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")


def start(config_file, folder, how):
    command = [sys.executable, "-c", CODE, str(config_file), str(folder), how]
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"}, stderr=subprocess.PIPE)


def finish(config_file, folder, how):
    process = start(config_file, folder, how)
    errors = process.communicate(timeout=120)[1]
    assert process.returncode == 0, errors.decode()


def killed_again_and_again(config, tmp_path, kills, seed):
    chance = random.Random(seed)
    config_file = tmp_path / "config.toml"
    save(config, config_file)
    finish(config_file, tmp_path / "straight", "new")
    folder, how, done = tmp_path / "killed", "new", 0
    while done < kills:
        process = start(config_file, folder, how)
        limit = time.monotonic() + 60
        metrics = folder / "metrics.jsonl"
        size = metrics.stat().st_size if metrics.exists() else 0
        # Some kills fall into the start, most into the training.
        into_training = chance.random() < 0.8
        while into_training and process.poll() is None and time.monotonic() < limit:
            if metrics.exists() and metrics.stat().st_size > size:
                break
            time.sleep(0.005)
        time.sleep(chance.random() * (0.4 if into_training else 3.0))
        if process.poll() is not None:
            assert process.returncode == 0, process.stderr.read().decode()
            process.stderr.close()
            break
        process.kill()
        process.wait()
        process.stderr.close()
        done += 1
        how = "resume" if (folder / "config.toml").exists() else "new"
    finish(config_file, folder, how)
    assert (folder / "model.safetensors").read_bytes() == (tmp_path / "straight" / "model.safetensors").read_bytes()
    leftovers = [path.name for path in folder.rglob("*.part")]
    assert not leftovers
    return done


@pytest.fixture
def often(config, tmp_path):
    write_toy(tmp_path / "toy.csv", rows=600)
    return config.replace(
        **{
            "training.checkpoint_seconds": 0.05,
            "training.epochs": 8,
            "training.schedule": "plateau",
            "training.probe_seconds": 0.1,
        }
    )


def test_killed_twice(often, tmp_path):
    killed_again_and_again(often, tmp_path, 2, seed=3)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_twenty_times(often, tmp_path):
    often = often.replace(**{"training.epochs": 40, "model.hidden_size": 32})
    assert killed_again_and_again(often, tmp_path, 20, seed=5) == 20
