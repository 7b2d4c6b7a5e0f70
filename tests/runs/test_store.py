"""Runs on disk: names, order, rename, delete and back, junk beside them."""

from __future__ import annotations

import pytest

from lstm_studio.config import parse
from lstm_studio.errors import StudioError
from lstm_studio.runs.compare import differences, validation_curve
from lstm_studio.runs.start import start
from lstm_studio.runs.store import RunStore
from lstm_studio.training.control import RunControl
from lstm_studio.training.events import RunFailed, RunFinished, StepEnded
from tests.training.conftest import write_toy


@pytest.fixture
def config(tmp_path):
    return parse(
        {
            "data": {"path": str(write_toy(tmp_path / "toy.csv", rows=60))},
            "model": {"hidden_size": 4, "embedding_size": 4},
            "training": {"epochs": 2, "batch_size": 16, "threads": 1, "probe_seconds": 0},
        }
    )


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / "runs")


def test_a_run_from_start_to_list(store, config):
    assert store.list() == []
    finished = start(config, lambda event: None, store=store)
    (summary,) = store.list()
    assert summary.path == finished.run
    assert (summary.name, summary.status, summary.data, summary.metric) == ("toy 1", "finished", "toy", "accuracy")
    assert summary.value == pytest.approx(finished.metrics["accuracy"])
    assert summary.has_weights
    assert len(validation_curve(summary.path, "accuracy")) == 2
    assert store.default_name(config) == "toy 2"
    assert (finished.run / "model_card.md").read_text(encoding="utf-8").startswith("# ")


def test_rename_delete_undo_purge(store, config):
    first = start(config, lambda event: None, store=store).run
    second = start(config, lambda event: None, store=store).run
    store.rename(first, "My best")
    assert {run.name for run in store.list()} == {"My best", "toy 2"}
    for wrong in ("", "   ", "toy 2", "x" * 300):
        with pytest.raises(StudioError):
            store.rename(first, wrong)
    trash = store.delete(second)
    assert [run.name for run in store.list()] == ["My best"]
    assert store.undo(trash) == second
    assert len(store.list()) == 2
    store.delete(second)
    assert store.purge() == 1
    assert store.trashed() == []
    with pytest.raises(StudioError, match="no longer there"):
        store.undo(trash)


def test_junk_beside_the_runs_is_left_alone(store, config):
    run = start(config, lambda event: None, store=store).run
    (store.folder / "notes.txt").write_text("mine")
    (store.folder / "empty").mkdir()
    broken = store.folder / "broken"
    broken.mkdir()
    (broken / "config.toml").write_text("not = = toml")
    (broken / "run.json").write_text("{")
    assert run in [summary.path for summary in store.list()]
    assert (store.folder / "notes.txt").read_text() == "mine"


def test_a_cancelled_run_leaves_nothing(store, config):
    control = RunControl()

    def sink(event):
        if isinstance(event, StepEnded):
            control.cancel()

    assert start(config, sink, control, store=store).reason == "cancelled"
    assert store.list() == []


def test_a_run_on_bad_data_leaves_nothing_and_says_why(store, config):
    bad = config.replace(**{"data.label": "nope"})
    events = []
    with pytest.raises(StudioError, match="no column 'nope'"):
        start(bad, events.append, store=store)
    assert isinstance(events[-1], RunFailed)
    assert store.list() == []


def test_a_killed_run_is_interrupted_and_goes_on(store, config):
    class Killed(BaseException):
        pass

    def sink(event):
        if isinstance(event, StepEnded) and event.step == 5:
            raise Killed

    folder = store.new_folder(config)
    with pytest.raises(Killed):
        start(config.replace(**{"training.checkpoint_seconds": 0.0}), sink, folder=folder)
    (summary,) = store.list()
    assert summary.status in {"interrupted", "failed", "stopped"}
    assert summary.can_resume
    events = []
    finished = start(None, events.append, folder=folder, resume=True)
    assert isinstance(finished, RunFinished)
    assert next(event.step for event in events if isinstance(event, StepEnded)) <= 6
    assert store.list()[0].status == "finished"


def test_differences(config):
    other = config.replace(**{"model.cell": "gru", "training.probe_seconds": 3.0})
    assert differences([config, other]) == [("model", "cell", ["lstm", "gru"])]
    assert differences([config, config]) == []
