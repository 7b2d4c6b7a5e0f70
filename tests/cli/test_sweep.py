"""``train --seeds`` and what ``sweep`` says to bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lstm_studio.cli.main import main
from lstm_studio.config import save
from tests.runs.tiny import config, write_csv


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LSTM_STUDIO_HOME", str(tmp_path / "home"))


def test_seeds_end_with_mean_and_spread(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(config(write_csv(tmp_path / "reviews.csv", 48), **{"training.epochs": 1}), tmp_path / "run.toml")
    assert main(["train", str(tmp_path / "run.toml"), "--seeds", "2", "--out", str(tmp_path / "runs"), "--json"]) == 0
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    last = said[-1]
    assert last["event"] == "seeds_finished"
    assert [run["seed"] for run in last["runs"]] == [0, 1]
    values = [run["metrics"]["accuracy"] for run in last["runs"]]
    assert last["mean"]["accuracy"] == pytest.approx(sum(values) / 2)
    assert last["spread"]["accuracy"] == pytest.approx(abs(values[0] - values[1]) / 2**0.5)


def test_bad_input_is_told_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_csv(tmp_path / "reviews.csv", 8)
    assert main(["train", "--data", str(tmp_path / "reviews.csv"), "--seeds", "1"]) == 2
    assert "2 to 20 seeds" in capsys.readouterr().err
    assert main(["train", "--resume", str(tmp_path), "--seeds", "3"]) == 2
    assert "--resume cannot be given too" in capsys.readouterr().err
    assert main(["sweep", str(tmp_path / "none.toml")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_sweep_prints_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("optuna")
    save(config(write_csv(tmp_path / "reviews.csv", 48), **{"training.epochs": 1}), tmp_path / "run.toml")
    file = tmp_path / "rates.toml"
    file.write_text('config = "run.toml"\n[fields.model.hidden_size]\nlow = 2\nhigh = 9\n', encoding="utf-8")
    assert main(["sweep", str(file), "--runs", "2", "--out", str(tmp_path / "runs")]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0].split() == ["trial", "state", "Accuracy", "epoch", "time", "hidden_size"]
    assert "Best: trial" in out
    assert main(["sweep", str(file), "--runs", "0"]) == 2
