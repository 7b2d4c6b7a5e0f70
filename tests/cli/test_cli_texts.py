"""Language models from the command line."""

from __future__ import annotations

import json

import pytest

from lstm_studio.cli.main import main
from lstm_studio.config import save
from tests.runs import running


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A finished run of two epochs; not to be changed."""
    folder = tmp_path_factory.mktemp("texts")
    data = running.write(folder / "rhymes.txt", 60)
    save(running.config(data, **{"training.epochs": 2, "data.test_fraction": 0.1}), folder / "config.toml")
    assert main(["train", str(folder / "config.toml"), "--out", str(folder / "run")]) == 0
    return folder / "run"


def test_a_text_file_alone_is_trained_as_generation(tmp_path, capsys):
    path = running.write(tmp_path / "rhymes.txt", 60)
    small = ["training.epochs=1", "model.hidden_size=8", "model.embedding_size=8", "training.threads=1"]
    told = ["train", "--data", str(path), "--set", *small, "training.device=cpu", "--out", str(tmp_path / "run")]
    assert main([*told, "--json"]) == 0
    out, err = capsys.readouterr()
    assert "text generation" in err
    assert "tokens to learn from" in err
    events = [json.loads(line) for line in out.splitlines()]
    epoch = next(event for event in events if event["event"] == "epoch_ended")
    assert {"perplexity", "bits_per_character"} <= epoch["metrics"].keys()
    assert epoch["samples"][0]["written"]


def test_a_beginning_is_written_on(run, capsys):
    told = ["predict", str(run), "--text", "Anna has", "--seed", "3", "--temperature", "0.5", "--longest", "12"]
    assert main(told) == 0
    first, _ = capsys.readouterr()
    assert first.startswith("Anna has ")
    assert main(told) == 0
    assert capsys.readouterr()[0] == first
    assert main([*told, "--json"]) == 0
    plain = json.loads(capsys.readouterr()[0])
    assert plain["whole"] == first.split("\n")[0]
    assert len(plain["probabilities"]) == len(plain["output"]) <= 12


def test_evaluate_and_card(run, tmp_path, capsys):
    other = running.write(tmp_path / "other.txt", 20, seed=5)
    assert main(["evaluate", str(run), str(other)]) == 0
    out, _ = capsys.readouterr()
    assert "tokens of" in out
    assert "bits_per_character" in out
    card = (run / "model_card.md").read_text(encoding="utf-8")
    assert "Tokens:" in card
    assert "split seed" not in card


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--text", "Anna", "--temperature", "9"], "temperature must be a number from 0 to 5"),
        (["--text", "Anna", "--beams", "2"], "cannot be told the beams"),
    ],
)
def test_bad_input_gets_a_sentence(run, capsys, arguments, said):
    assert main(["predict", str(run), *arguments]) == 2
    _, err = capsys.readouterr()
    assert said in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1
