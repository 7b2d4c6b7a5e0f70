"""``lstm-studio corpora``, and corpora wherever the path of a file goes."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from lstm_studio.cli.main import main
from lstm_studio.config.files import load
from tests.data.corpora_server import SMALL, Corpora, serve_small, serving


@pytest.fixture(scope="module")
def server() -> Iterator[Corpora]:
    """One with small corpora."""
    with serving() as made:
        serve_small(made, SMALL)
        yield made


def test_what_there_is_and_what_is_here(server: Corpora, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["corpora", "--json"]) == 0
    listed = {row["name"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert listed["qc"]["rows"] == 5952
    assert listed["qc"]["parts"] == ["train", "test"]
    assert not any(row["here"] for row in listed.values())
    assert main(["corpora", "get", "conll2002", "--mirror", server.url]) == 0
    assert "lstm-studio train --data nltk:conll2002-nl" in capsys.readouterr().out
    assert main(["corpora", "list"]) == 0
    assert "conll2002-es  (here)" in capsys.readouterr().out
    folder = tmp_path / "elsewhere"
    assert main(["corpora", "get", "qc", "--mirror", server.url, "--folder", str(folder), "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["data"] == "nltk:qc"
    assert f"NLTK_DATA={folder}" in told.err
    assert main(["corpora", "list", "--folder", str(folder), "--json"]) == 0
    assert next(row for row in map(json.loads, capsys.readouterr().out.splitlines()) if row["name"] == "qc")["here"]


def test_bad_input_is_one_line(server: Corpora, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, words in (
        (["train", "--data", "nltk:qc"], "lstm-studio corpora get qc"),
        (["train", "--data", "nltk:qcc"], "Did you mean qc?"),
        (["corpora", "get", "nothing"], "no corpus called 'nothing'"),
        (["corpora", "get", "brown", "--mirror", server.url], "does not have this corpus"),
        (["nltk:qc"], "no such file or command"),
    ):
        assert main(arguments) == 2
        told = capsys.readouterr().err
        assert words in told
        assert told.count("\n") == 1


def test_a_run_from_a_corpus_alone(server: Corpora, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["corpora", "get", "qc", "--mirror", server.url]) == 0
    run = tmp_path / "run"
    small = ["model.hidden_size=4", "model.embedding_size=4", "training.epochs=1", "training.device=cpu"]
    assert main(["train", "--data", "nltk:qc", "--set", *small, "--out", str(run)]) == 0
    config = tomllib.loads((run / "config.toml").read_text(encoding="utf-8"))
    assert config["data"]["path"] == "nltk:qc/train"
    assert config["data"]["test"] == "nltk:qc/test"
    assert config["data"]["label"] == "label"
    assert load(run / "config.toml").data.path == "nltk:qc/train"
    capsys.readouterr()
    assert main(["evaluate", str(run), "nltk:qc/test", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["examples"] == 10
    assert main(["predict", str(run), "--input", "nltk:qc/test", "--output", str(tmp_path / "out.csv")]) == 0
    assert len((tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()) == 11


def test_a_run_with_parts_of_its_own(server: Corpora, tmp_path: Path) -> None:
    assert main(["corpora", "get", "conll2002-es", "--mirror", server.url]) == 0
    run, config = tmp_path / "run", tmp_path / "config.toml"
    config.write_text(
        'task = "tagging"\n[data]\npath = "nltk:conll2002-es/train"\nvalidation = "nltk:conll2002-es/validation"\n'
        "[model]\nhidden_size = 4\nembedding_size = 4\n[training]\nepochs = 1\n",
        encoding="utf-8",
    )
    assert main(["train", str(config), "--out", str(run)]) == 0
    data = load(run / "config.toml").data
    assert (data.path, data.validation, data.test) == ("nltk:conll2002-es/train", "nltk:conll2002-es/validation", None)
