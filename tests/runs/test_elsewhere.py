"""A run that is packed for another machine: the same to the last bit there, and whole when it comes home."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from lstm_studio.cli.main import BAD_INPUT, DONE, main
from lstm_studio.config import load
from lstm_studio.runs.elsewhere import MANIFEST, at_home
from lstm_studio.runs.folder import RunFolder
from tests.training.conftest import write_toy

SMALL = ["model.hidden_size=6", "model.embedding_size=5", "training.epochs=1", "training.probe_seconds=0"]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LSTM_STUDIO_HOME", str(tmp_path / "home"))
    folder = tmp_path / "desk"
    folder.mkdir()
    monkeypatch.chdir(folder)
    write_toy(folder / "toy.csv", 60)
    write_toy(folder / "more.csv", 20, seed=1)
    return folder


def prepared(desk: Path, *more: str) -> int:
    chosen = ["data.test=more.csv", *SMALL]
    return main(["prepare", "--data", "toy.csv", "--set", *chosen, *more])


def test_it_gives_the_same_run_there_and_comes_home(desk: Path, tmp_path: Path, monkeypatch) -> None:
    assert prepared(desk, "--out", "job", "--zip", "job.zip") == DONE
    assert main(["train", "--data", "toy.csv", "--set", "data.test=more.csv", *SMALL, "--out", "here"]) == DONE
    assert str(tmp_path) not in (desk / "job" / "config.toml").read_text()
    assert str(tmp_path) not in (desk / "job" / MANIFEST).read_text()
    # Another machine: another home, another place, and a file of the same name where one works.
    there = tmp_path / "cluster"
    with zipfile.ZipFile("job.zip") as archive:
        archive.extractall(there)
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("LSTM_STUDIO_HOME", str(tmp_path / "their-home"))
        elsewhere.chdir(there)
        assert main(["train", "job/config.toml", "--out", "job/run"]) == DONE
    for name in ("model.safetensors", "vocabulary.json"):
        assert (there / "job/run" / name).read_bytes() == (desk / "here" / name).read_bytes()
    # Home with the run alone: the data is where it was copied from.
    shutil.move(there / "job" / "run", desk / "back")
    shutil.rmtree(there)
    config = RunFolder("back").config
    assert (config.data.path, config.data.test) == (str(desk / "toy.csv"), str(desk / "more.csv"))
    assert main(["predict", "back", "--text", "good"]) == DONE
    # Without the original: beside the run, in the folder that came back with it.
    (desk / "toy.csv").unlink()
    shutil.move(desk / "back", desk / "job" / "run")
    assert Path(RunFolder("job/run").config.data.path).is_relative_to(desk / "job")


def test_a_run_that_was_stopped_there_goes_on_here(desk: Path, tmp_path: Path) -> None:
    assert prepared(desk, "--out", "job") == DONE
    assert main(["train", "job/config.toml", "--set", "training.epochs=2", "--out", "job/run"]) == DONE
    run = RunFolder("job/run")
    run.update(status="interrupted")
    shutil.move("job/run", "back")
    shutil.rmtree("job")
    assert main(["train", "--resume", "back"]) == DONE
    assert load("back/config.toml").data.path == str(desk / "toy.csv")


def test_pairs_of_files_stay_together(desk: Path) -> None:
    said = ("der {} hund läuft dem {} ball nach", "the {} dog runs after the {} ball")
    words = (("kleine", "gute", "alte"), ("little", "good", "old"))
    for name, text, ways in zip(("train.de", "train.en"), said, words, strict=True):
        lines = [text.format(ways[number % 3], ways[number // 3 % 3]) for number in range(40)]
        (desk / name).write_text("\n".join(lines), encoding="utf-8")
    small = ["task=translation", "data.source=0", "data.target=1", "data.validation_fraction=0.2", *SMALL]
    assert main(["prepare", "--data", "train.de", "--set", *small, "--out", "job"]) == DONE
    (desk / "train.de").unlink()
    (desk / "train.en").unlink()
    names = {Path(item["path"]).name for item in json.loads((desk / "job" / MANIFEST).read_text())["files"]}
    assert {"train.de", "train.en", "vocabulary.json", "config.toml"} <= names
    assert main(["train", "job/config.toml", "--out", "run"]) == DONE


def test_a_file_that_is_missing_there_is_told(desk: Path, capsys) -> None:
    assert prepared(desk, "--out", "job") == DONE
    next((desk / "job").glob("data-*/toy.csv")).write_text("text,label\n", encoding="utf-8")
    assert main(["train", "job/config.toml"]) == BAD_INPUT
    assert "missing or damaged" in capsys.readouterr().err
    assert prepared(desk, "--out", "job") == BAD_INPUT
    assert "not empty" in capsys.readouterr().err
    assert prepared(desk) == BAD_INPUT
    assert not list(desk.glob(".preparing-*"))


def test_other_paths_are_left_alone(desk: Path) -> None:
    config = load_toy(desk, "/nowhere/data-12345678/../../etc/passwd")
    assert at_home(config, desk) is config
    config = load_toy(desk, "/nowhere/toy.csv")
    assert at_home(config, desk) is config


def load_toy(desk: Path, path: str):
    from lstm_studio.config import parse

    return parse({"data": {"path": path}})
