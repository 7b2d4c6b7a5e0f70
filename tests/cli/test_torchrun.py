"""``torchrun ... -m lstm_studio train``, as a person types it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lstm_studio.config import save
from lstm_studio.runs.folder import RunFolder
from tests.training.conftest import toy_config, write_toy
from tests.training.together import STILL, assert_equal_runs

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds the processes in /proc"),
]


class Torchrun:
    """A training that torchrun started, with as many processes as ``size`` says; 1 is a plain one."""

    def __init__(self, home: Path, size: int, *arguments: object) -> None:
        before = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(size)] if size > 1 else []
        self.errors = home / f"errors{time.monotonic_ns()}.txt"
        with self.errors.open("w") as file:
            self.process = subprocess.Popen(
                [sys.executable, *before, "-m", "lstm_studio", "train", *map(str, arguments)],
                cwd=ROOT,
                env={**os.environ, "OMP_NUM_THREADS": "1", "LSTM_STUDIO_HOME": str(home)},
                stdout=subprocess.DEVNULL,
                stderr=file,
                start_new_session=True,
            )

    def children(self) -> list[int]:
        """Process ids of the ranks, in their order."""
        number = self.process.pid
        return [int(one) for one in Path(f"/proc/{number}/task/{number}/children").read_text().split()]

    def end(self) -> tuple[int, str]:
        """Its exit status and what it said."""
        try:
            return self.process.wait(90), self.errors.read_text()
        except subprocess.TimeoutExpired:
            for child in [*self.children(), self.process.pid]:
                os.kill(child, signal.SIGKILL)
            raise


def wait_for_steps(folder: Path, steps: int) -> None:
    """Until the record holds so many."""
    record, end = folder / "metrics.jsonl", time.monotonic() + 90
    while time.monotonic() < end:
        if record.exists() and record.read_bytes().count(b'"step_ended"') >= steps:
            return
        time.sleep(0.05)
    raise AssertionError("it did not begin")


@pytest.fixture
def config(tmp_path):
    """480 steps: long enough to be hit, in all about half a minute."""
    data = write_toy(tmp_path / "toy.csv")
    few = {"training.epochs": 40, "training.optimizer": "sgd", "training.checkpoint_seconds": 0.5}
    save(toy_config(data).replace(**STILL, **few), tmp_path / "config.toml")
    return tmp_path / "config.toml"


def test_broken_off_three_times_it_ends_as_one_process_would(config, tmp_path):
    """Killed with two processes, interrupted with three, and ended by one."""
    straight, folder = tmp_path / "straight", tmp_path / "run"
    assert Torchrun(tmp_path, 1, config, "--out", straight).end()[0] == 0
    run = Torchrun(tmp_path, 2, config, "--out", folder)
    wait_for_steps(folder, 20)
    began = time.monotonic()
    os.kill(run.children()[1], signal.SIGKILL)
    status, words = run.end()
    assert status != 0
    assert time.monotonic() - began < 30
    assert "Another process of this training has ended" in words
    assert RunFolder(folder).status == "interrupted"

    run = Torchrun(tmp_path, 3, "--resume", folder)
    wait_for_steps(folder, 60)
    os.killpg(run.process.pid, signal.SIGINT)  # as a terminal would
    status, words = run.end()
    assert status != 0
    assert "A checkpoint was written. Go on with: lstm-studio train --resume" in words
    assert RunFolder(folder).status == "interrupted"
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    assert len([line for line in lines if json.loads(line)["event"] == "step_ended"]) < 480

    assert Torchrun(tmp_path, 1, "--resume", folder).end()[0] == 0
    assert_equal_runs(straight, folder, 1e-3)


def test_bad_input_is_told_once(tmp_path):
    status, words = Torchrun(tmp_path, 2, "--data", tmp_path / "nowhere.csv").end()
    assert status != 0
    assert words.count("nowhere.csv") == 1
    assert "exitcode  : 2" in words
