"""Sweeps: ranges within bounds, real trials, pruning, several processes, what died and what waits; several seeds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_studio.config import RunConfig, save
from lstm_studio.config.describe import options
from lstm_studio.errors import StudioError
from lstm_studio.runs.folder import CARD, RunFolder
from lstm_studio.runs.seeds import SeedSeries, all_series, one_by_one, plan_seeds, save_series, spread, spread_words
from lstm_studio.runs.store import RunStore
from lstm_studio.runs.sweep_config import FieldRange, SweepConfig, check, load_sweep, save_sweep, suggested, wrong_range
from lstm_studio.runs.sweep_shelf import forget, put, shelf, title_for
from lstm_studio.training.control import Order, RunControl
from lstm_studio.training.events import EpochEnded, RunFailed, RunFinished, RunStarted
from tests.runs.tiny import config, write_csv

pytest.importorskip("optuna")

from lstm_studio.runs.sweep import Sweep
from lstm_studio.runs.sweep_work import work

RATE = {"training.learning_rate": FieldRange(low=0.005, high=0.05, log=True)}


def sweep_file(folder: Path, **changes: Any) -> Path:
    """A sweep over the tiny reviews."""
    folder.mkdir(parents=True, exist_ok=True)
    base = config(write_csv(folder / "reviews.csv", 64), **{"training.epochs": 2})
    values: dict[str, Any] = {"title": "tiny", "base": base, "fields": RATE, "metric": "accuracy", "runs": 3}
    path = folder / "tiny.toml"
    save_sweep(check(SweepConfig(**{**values, **changes})), path)
    return path


@pytest.mark.parametrize(
    ("name", "tried", "words"),
    [
        ("training.learning_rate", {"low": 0.001, "high": 0.1, "log": True}, ""),
        ("training.learning_rate", {"low": 0.0, "high": 0.1}, "must be more than 0"),
        ("training.learning_rate", {"low": 0.001, "high": 100.0}, "must be at most 10"),
        ("model.dropout", {"low": 0.0, "high": 0.5, "log": True}, "must begin above 0"),
        ("model.hidden_size", {"low": 64, "high": 8}, "low end must be below"),
        ("model.hidden_size", {"low": 8.5, "high": 64}, "whole number"),
        ("model.hidden_size", {"low": 8, "high": 64, "step": 8, "log": True}, "has no step"),
        ("model.hidden_size", {"choices": (8, 64)}, ""),
        ("model.hidden_size", {"choices": (8,)}, "two different"),
        ("model.cell", {"choices": ("lstm", "elm")}, "must be one of"),
        ("model.cell", {"low": 1, "high": 2}, "needs choices"),
        ("model.cells", {"choices": ("lstm", "gru")}, "no such setting"),
        ("training.monitor", {"choices": ("accuracy", "loss")}, "no such setting"),
        ("model.bidirectional", {"choices": (False, True)}, ""),
    ],
)
def test_a_range_keeps_to_the_bounds_of_its_setting(name: str, tried: dict[str, Any], words: str) -> None:
    found = wrong_range(RunConfig(), name, FieldRange(**tried))
    assert (found == "") if not words else (words in found)


@pytest.mark.parametrize("task", ["classification", "translation", "generation"])
def test_suggested_ranges_fit(task: str) -> None:
    base = RunConfig(task=task)
    for section in ("model", "training"):
        for option in options(type(getattr(base, section)), task):
            if option.kind != "text":
                name = f"{section}.{option.name}"
                assert wrong_range(base, name, suggested(base, name)) == "", name


def test_a_sweep_file_is_read_as_it_was_written_and_as_people_write_it(tmp_path: Path) -> None:
    path = sweep_file(tmp_path)
    assert load_sweep(path).fields == RATE
    save(config(tmp_path / "reviews.csv"), tmp_path / "run.toml")
    own = tmp_path / "own.toml"
    own.write_text(
        'config = "run.toml"\nminutes = 5\n[fields.training.learning_rate]\nlow = 0.01\nhigh = 0.1\n'
        '[fields."training.early_stopping"]\nchoices = ["none", 2]\n',
        encoding="utf-8",
    )
    read = load_sweep(own)
    assert (read.title, read.runs, read.minutes) == ("own", None, 5.0)
    assert read.fields["training.early_stopping"].choices == (None, 2)
    save_sweep(read, own)
    assert load_sweep(own).fields == read.fields
    for text, words in (
        ("runs = 3", "does not say which run"),
        ('config = "run.toml"', "varies nothing"),
        ("[base\n", "not valid TOML"),
        ('config = "run.toml"\nruns = 0\n[fields."model.layers"]\nlow = 1\nhigh = 2', "runs: must be at least 1"),
        ('config = "run.toml"\n[fields."model.layers"]\nlow = 0\nhigh = 2', "model.layers: must be at least 1"),
    ):
        own.write_text(text, encoding="utf-8")
        with pytest.raises(StudioError, match=words):
            load_sweep(own)


def test_sweeps_of_a_store(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    base = config(write_csv(tmp_path / "影评.csv", 8))
    assert title_for(base, store) == "影评 sweep 1"
    path = put(SweepConfig(title=title_for(base, store), base=base, fields=RATE), store)
    assert [one.title for one in shelf(store)] == ["影评 sweep 1"]
    assert title_for(base, store) == "影评 sweep 2"
    assert store.list() == []
    forget(path)
    assert shelf(store) == []


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sweep, Path]:
    """Three real trials, of one second each."""
    folder = tmp_path_factory.mktemp("sweep")
    sweep = Sweep(sweep_file(folder, pruner="none"), RunStore(folder / "runs"))
    assert work(sweep, cache=folder / "cache")
    return sweep, folder


def test_trials_are_ordinary_runs_that_say_what_they_are(trained: tuple[Sweep, Path]) -> None:
    sweep, folder = trained
    rows = sweep.rows()
    assert [row.state for row in rows] == ["done"] * 3
    runs = {run.path.name: run for run in sweep.store.list()}
    assert len(runs) == 3
    for row in rows:
        run = RunFolder(sweep.store.folder / row.run)
        assert run.name == f"tiny, trial {row.number + 1}"
        assert run.config.training.learning_rate == row.values["training.learning_rate"]
        assert row.value == run.info.best["accuracy"]
        assert "A trial of the sweep tiny." in (run.path / CARD).read_text(encoding="utf-8")
        assert row.epoch == 2
    best = sweep.best()
    assert best is not None
    assert best.value == max(row.value or 0.0 for row in rows)
    assert not list(folder.glob(".*.lock"))


def test_it_goes_on_where_it_was_and_a_trial_that_died_is_marked(trained: tuple[Sweep, Path]) -> None:
    sweep, folder = trained
    again = Sweep(folder / "tiny.toml", sweep.store)
    assert [row.number for row in again.rows()] == [0, 1, 2]
    again.begin()
    assert again.ask(RunControl()) is None, "the budget is spent"
    again.config = again.config.model_copy(update={"runs": 5})
    dead = again.ask(RunControl())
    assert dead is not None
    again.close()  # as after a kill: its lock is free
    third = Sweep(folder / "tiny.toml", sweep.store)
    third.begin()
    assert third.rows()[3].state == "failed"
    assert third.rows()[3].message == "Its process has died."
    third.close()


def test_a_made_up_metric_is_pruned_and_what_a_person_stops_waits(tmp_path: Path) -> None:
    path = sweep_file(tmp_path, runs=8)
    sweep = Sweep(path, RunStore(tmp_path / "runs"))
    sweep.begin()

    def trial(*values: float, stop: bool = False) -> Any:
        control = RunControl()
        one = sweep.ask(control)
        assert one is not None
        folder = sweep.store.new_folder(one.config, one.name)
        one.hear(RunStarted(folder, one.config, (), 1, 1, 1, 1, 1, 2, "cpu", 1))
        for epoch, value in enumerate(values, 1):
            one.hear(EpochEnded(epoch, epoch, 1.0, 1.0, {"accuracy": value}, "accuracy", True, 0.1))
        if stop:
            control.stop()
        over = "stopped" if control.order is Order.STOP else "completed"
        one.end(RunFinished(folder, over, {"accuracy": values[-1]}))  # type: ignore[arg-type]
        return one

    trial(0.8, 0.9)
    trial(0.7, 0.8)
    bad = trial(0.1)
    assert bad.pruned
    stopped = trial(0.9, stop=True)
    assert RunFolder(sweep.store.folder / sweep.rows()[2].run).info.pruned
    assert [row.state for row in sweep.rows()] == ["done", "done", "pruned", "stopped"]
    failed = sweep.ask(RunControl())
    assert failed is not None
    failed.end(RunFailed("The numbers ran out of bounds", "input"))
    assert sweep.rows()[4].message == "The numbers ran out of bounds"
    sweep.close()
    sweep.begin()
    assert sweep.rows()[-1].state == "waiting"
    again = sweep.ask(RunControl())
    assert again is not None
    assert again.values == stopped.values
    again.end(RunFinished(None, "completed", {"accuracy": 0.95}))
    with pytest.raises(StudioError, match="Four trials"):
        sweep.importance()
    for value in (0.3, 0.5):
        one = sweep.ask(RunControl())
        assert one is not None
        one.end(RunFinished(None, "completed", {"accuracy": value}))
    assert sum(sweep.importance().values()) == pytest.approx(1.0)
    sweep.close()


WORKER = """
import sys, time
from lstm_studio.runs.sweep import Sweep
from lstm_studio.runs.store import RunStore
from lstm_studio.training.control import RunControl
from lstm_studio.training.events import RunFinished
sweep = Sweep(sys.argv[1], RunStore(sys.argv[2]))
sweep.begin()
while (trial := sweep.ask(RunControl())) is not None:
    time.sleep(0.05)
    trial.end(RunFinished(None, "completed", {"accuracy": trial.values["training.learning_rate"]}))
sweep.close()
"""


def test_two_processes_work_on_one_journal(tmp_path: Path) -> None:
    path = sweep_file(tmp_path, runs=9)
    Sweep(path)  # the study is there before either begins
    command = [sys.executable, "-c", WORKER, str(path), str(tmp_path / "runs")]
    for process in [subprocess.Popen(command) for _ in range(2)]:
        assert process.wait(60) == 0
    sweep = Sweep(path)
    rows = sweep.rows()
    assert [row.state for row in rows] == ["done"] * 9
    workers = {trial.user_attrs["worker"] for trial in sweep.study.get_trials() if trial.state.name == "COMPLETE"}
    assert len(workers) == 2
    assert len({row.values["training.learning_rate"] for row in rows}) == 9, "each draws numbers of its own"


@pytest.mark.slow
def test_two_processes_train_one_sweep(tmp_path: Path) -> None:
    path = sweep_file(tmp_path, runs=4)
    command = [sys.executable, "-m", "lstm_studio", "sweep", str(path), "--out", str(tmp_path / "runs"), "--json"]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=110)[0].splitlines() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    ended = [line for lines in said for line in lines if json.loads(line)["event"] == "trial_ended"]
    assert len(ended) == 4
    assert len(RunStore(tmp_path / "runs").list()) == 4


def test_bad_storages_are_told(tmp_path: Path) -> None:
    path = sweep_file(tmp_path)
    with pytest.raises(StudioError, match="storage cannot be opened"):
        Sweep(path, storage="nosuch://here")
    lite = Sweep(path, storage=f"sqlite:///{tmp_path / 'sweep.db'}")
    assert lite.rows() == ()
    lite.study._storage.remove_session()
    lite.study._storage._backend.engine.dispose()  # type: ignore[attr-defined]


# -- several seeds ---------------------------------------------------------------------------------------------


def test_seeds_are_the_same_settings_but_the_seed(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    base = config(write_csv(tmp_path / "reviews.csv", 8), **{"model.cell": "gru", "training.seed": 7})
    series = plan_seeds(base, 3, store)
    assert [series.config_of(trial).training.seed for trial in series.trials] == [7, 8, 9]
    assert series.config_of(series.trials[0]) == base
    assert series.name_of(series.trials[1]) == "reviews seeds 1: seed 8"
    done = series.with_trial(0, state="done", value=0.5)
    assert isinstance(done, SeedSeries)
    assert [outcome.values for outcome in one_by_one(done)] == [(0.5,)]
    save_series(done, store)
    assert all_series(store) == [done]
    assert plan_seeds(base, 2, store).title == "reviews seeds 2"
    with pytest.raises(StudioError, match="2 to 20"):
        plan_seeds(base, 1, store)


def test_mean_and_spread_are_those_of_numpy() -> None:
    values = np.random.default_rng(0).random((5, 2))
    mean, deviation = spread([{"accuracy": a, "loss": b} for a, b in values])
    assert [mean["accuracy"], mean["loss"]] == pytest.approx(values.mean(0))
    assert [deviation["accuracy"], deviation["loss"]] == pytest.approx(values.std(0, ddof=1))
    assert spread_words("accuracy", 0.842, 0.006) == "84.2 ± 0.6 %"
