"""``export`` and ``import``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lstm_studio.cli.main import BAD_INPUT, DONE, main
from tests.runs import untrained


@pytest.fixture
def run(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("LSTM_STUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return untrained.make(tmp_path / "run")


def told(capsys) -> dict:
    return json.loads(capsys.readouterr().out)


def test_a_run_goes_out_and_comes_back(run, capsys):
    assert main(["export", "run", "films.zip", "--json"]) == DONE
    assert told(capsys)["files"] == [{"file": "films.zip", "bytes": Path("films.zip").stat().st_size}]
    assert main(["import", "films.zip", "--json"]) == DONE
    back = told(capsys)
    assert back["name"] == "films 1"
    assert Path(back["run"]).parent == Path("home/data/runs").absolute()
    assert main(["import", "films.zip", "--out", "here"]) == DONE
    assert "films 1 is in" in capsys.readouterr().out
    assert main(["predict", "here", "--text", "the film was good", "--json"]) == DONE


def test_a_network_goes_out(run, capsys):
    pytest.importorskip("onnx")
    assert main(["export", "run", "films.onnx"]) == DONE
    assert "Written to films.onnx" in capsys.readouterr().out
    assert Path("films.onnx").stat().st_size > 1000


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["export", "run", "films.bin"], ".onnx (its network) or .zip"),
        (["export", "run", "films.onnx", "--all"], "--all is for packed runs"),
        (["export", "run", "films.zip", "--epoch", "1"], "--epoch is for ONNX files"),
        (["export", "nowhere", "films.zip"], "There is no such run folder"),
        (["export", "run", "nowhere.onnx", "--epoch", "7"], "has not kept epoch 7"),
        (["import", "run/config.toml"], "This is no packed run"),
        (["import", "missing.zip"], "There is no such file"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(run, capsys, words, said):
    assert main(words) == BAD_INPUT
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
