"""Following a run by its files alone."""

from __future__ import annotations

import json
import os
import time

import pytest

from lstm_studio.errors import StudioError
from lstm_studio.runs import watch as watching
from lstm_studio.runs.files import FolderLock
from lstm_studio.runs.folder import METRICS, RunFolder
from lstm_studio.runs.start import start
from lstm_studio.runs.watch import RunWatch
from lstm_studio.training.events import EpochEnded, RunFinished, RunStarted, StepEnded
from tests.training.conftest import toy_config, write_toy
from tests.training.steering import of, quiet


@pytest.fixture
def run(tmp_path):
    """A finished run of one epoch that looks as if it were being written; and its record, line by line."""
    config = toy_config(write_toy(tmp_path / "toy.csv", 60)).replace(**{"training.epochs": 1})
    folder = tmp_path / "run"
    start(config, quiet, folder=folder, cache=tmp_path / "cache")
    lines = (folder / METRICS).read_bytes().splitlines(keepends=True)
    RunFolder(folder).update(status="running")
    return folder, lines


def test_only_whole_new_lines_are_told(run):
    folder, lines = run
    record = folder / METRICS
    record.write_bytes(b"".join(lines[:3]) + lines[3][:10])
    watch = RunWatch(folder)
    first = watch.look()
    assert [type(event) for event in first.events] == [RunStarted, StepEnded, StepEnded]
    assert first.writing
    assert not first.again
    assert watch.look().events == ()
    record.write_bytes(b"".join(lines))
    rest = watch.look()
    assert len(rest.events) == len(lines) - 3
    assert len(of(rest.events, EpochEnded)) == len(of(rest.events, RunFinished)) == 1


def test_a_record_that_a_resumed_run_has_cut_is_read_anew(run):
    """Even when it has grown beyond the old place before anybody looked."""
    folder, lines = run
    record, watch = folder / METRICS, RunWatch(folder)
    record.write_bytes(b"".join(lines[:3]))
    watch.look()
    again = {**json.loads(lines[0]), "step": 1}
    other = (json.dumps(again) + "\n").encode()
    record.write_bytes(b"".join([*lines[:2], other, *lines[2:]]))
    look = watch.look()
    assert look.again
    assert len(look.events) == len(lines) + 1


def test_silence_and_the_lock_say_whether_it_is_written(run, monkeypatch):
    folder, _ = run
    old = time.time() - 500
    os.utime(folder / METRICS, (old, old))
    watch = RunWatch(folder)
    look = watch.look()
    assert 490 < look.silent < 600
    assert not look.writing, "it says that it runs, but nobody holds the lock and nothing was written"
    lock = FolderLock(folder / "lock")
    assert lock.acquire()
    assert watch.look().writing
    lock.release()
    monkeypatch.setattr(watching, "SILENCE", 10_000.0)
    assert not watch.look().writing, "a lock that was seen and is gone counts more than a young record"
    assert RunWatch(folder).look().writing


def test_a_folder_that_is_gone_or_no_run_is_told(run, tmp_path):
    folder, _ = run
    watch = RunWatch(folder)
    (folder / METRICS).unlink()
    assert watch.look().events == ()
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(StudioError, match="is gone"):
        watch.look()
    with pytest.raises(StudioError, match="no such run folder"):
        RunWatch(folder)
