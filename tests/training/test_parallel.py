"""Two processes take the steps that one takes, of every task; and what becomes of a run that loses one of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file

from lstm_studio.config import save
from lstm_studio.data.stretches import Stretch
from lstm_studio.errors import StudioError
from lstm_studio.tasks.sharing import is_empty, rows_of, share_out
from lstm_studio.training.checkpoint import path_of
from lstm_studio.training.place import Place, place_of
from tests.training.together import KINDS, assert_equal_runs, config_of

ROOT = Path(__file__).resolve().parents[2]
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


class Partners:
    """The process that starts trainings; see partners.py."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.errors = folder, folder / "errors.txt"
        with self.errors.open("w") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.training.partners"],
                cwd=ROOT,
                env={**os.environ, "OMP_NUM_THREADS": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
            )

    def train(self, jobs, size, *, die=None):
        """Train [(CONFIG, FOLDER, resume), ...] with so many processes, of which the last one kills itself after step
        ``die``; returns their exit statuses."""
        files = []
        for number, (config, folder, resume) in enumerate(jobs):
            folder.parent.mkdir(exist_ok=True)
            save(config, file := folder.with_suffix(f".{number}.toml"))
            files.append((str(file), str(folder), resume))
        self.process.stdin.write(json.dumps({"jobs": files, "size": size, "die": die}) + "\n")
        self.process.stdin.flush()
        codes = json.loads(self.process.stdout.readline())
        assert die is not None or codes == [0] * size, self.errors.read_text()
        return codes

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(30)


@pytest.fixture(scope="module")
def partners(tmp_path_factory):
    made = Partners(tmp_path_factory.mktemp("partners"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def both(partners):
    """The runs of one process, and those of two."""
    folder = partners.folder
    configs = {kind: config_of(kind, folder) for kind in KINDS}
    for size, name in ((1, "one"), (2, "two")):
        partners.train([(config, folder / kind / name, False) for kind, config in configs.items()], size)
    return folder


@needs_fork
@pytest.mark.parametrize("kind", KINDS)
def test_two_processes_take_the_steps_of_one(both, kind):
    assert_equal_runs(both / kind / "one", both / kind / "two")


@needs_fork
def test_a_lost_process_ends_the_others_and_any_number_goes_on(partners, both):
    """The state of running text is gathered from two processes and shared out over three."""
    folder = both / "generation"
    config = config_of("generation", both).replace(**{"training.checkpoint_seconds": 0.01})
    began = time.monotonic()
    codes = partners.train([(config, folder / "lost", False)], 2, die=7)
    assert codes == [1, -9]
    assert time.monotonic() - began < 30
    assert load_file(path_of(folder / "lost"))["carried.h"].abs().sum() > 0
    assert "Go on from the checkpoint with --resume" in partners.errors.read_text()
    partners.train([(config, folder / "lost", True)], 3)
    assert_equal_runs(folder / "one", folder / "lost")


def test_shares_have_equal_tokens_and_keep_every_text():
    class Part:
        lengths = np.random.default_rng(0).integers(0, 90, 200)

    batch = np.random.default_rng(1).permutation(200)[:33]
    shares = share_out(batch, Part, 4)
    assert sorted(np.concatenate(shares).tolist()) == sorted(batch.tolist())
    tokens = [int(Part.lengths[share].sum()) for share in shares]
    assert max(tokens) - min(tokens) <= Part.lengths[batch].max()
    assert [is_empty(share) for share in share_out(batch[:2], Part, 3)] == [False, False, True]
    stretch = Stretch(np.arange(5) * 10, np.full(5, 7), first=True)
    parts = [part for part, _ in share_out((stretch, 0.5), Part, 2)]
    assert np.concatenate([part.begins for part in parts]).tolist() == stretch.begins.tolist()
    assert rows_of(5, 2) == [(0, 2), (2, 5)]
    with pytest.raises(StudioError, match="cannot be shared out"):
        share_out("a batch", Part, 2)


def test_the_place_is_what_torchrun_says():
    given = {"RANK": "3", "WORLD_SIZE": "4", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2"}
    address = {"MASTER_ADDR": "a", "MASTER_PORT": "1"}
    assert place_of(given) is None
    assert place_of({**given, **address}) == Place(3, 4, 1, 2)
    assert place_of({"RANK": "0", "WORLD_SIZE": "1", **address}) is None
    with pytest.raises(StudioError, match="do not fit each other"):
        place_of({**given, **address, "RANK": "4"})
