"""Translation from the command line."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lstm_studio.cli.main import main
from lstm_studio.config import save
from lstm_studio.runs.folder import RunFolder
from tests.runs import paired

SMALL = ["--set", "training.epochs=1", "model.hidden_size=8", "model.embedding_size=8", "training.threads=1",
         "training.device=cpu"]  # fmt: skip
TEXT = "two red cat sleeps"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A finished run of two epochs with a test file; not to be changed."""
    folder = tmp_path_factory.mktemp("pairs")
    data = paired.write_tsv(folder / "animals.tsv", paired.pairs(48))
    test = paired.write_tsv(folder / "test.tsv", paired.pairs(8, seed=4))
    config = paired.config(data, **{"training.epochs": 2, "data.test": str(test)})
    save(config, folder / "config.toml")
    assert main(["train", str(folder / "config.toml"), "--out", str(folder / "run")]) == 0
    return folder / "run"


def refused(arguments, capsys) -> str:
    """What is said of bad input: one line, and status 2."""
    assert main([str(argument) for argument in arguments]) == 2
    out, err = capsys.readouterr()
    lines = [line for line in err.strip().splitlines() if "This looks like" not in line]
    assert (out, len(lines)) == ("", 1), err
    assert "Traceback" not in err
    return lines[0]


def test_two_parallel_files_alone_are_trained_as_translation(tmp_path, capsys):
    rows = [(f"the little {a} is here", f"la {b} estas chi tie") for a, b in paired.pairs(40)]
    train = paired.write_parallel(tmp_path, "train", rows)
    held = paired.write_parallel(tmp_path, "val", rows[:5])
    told = ["train", "--data", str(train), *SMALL, f"data.validation={held}", "--out", str(tmp_path / "run"), "--json"]
    assert main(told) == 0
    out, err = capsys.readouterr()
    assert "train.eo" in err
    assert "pairs to learn from" in err
    events = [json.loads(line) for line in out.splitlines()]
    epoch = next(event for event in events if event["event"] == "epoch_ended")
    assert epoch["samples"][0]["references"]
    assert events[-1]["event"] == "run_finished"
    assert {"bleu", "chrf", "rougeL", "perplexity"} <= events[-1]["metrics"].keys()
    config = RunFolder(tmp_path / "run").config
    assert (config.task, config.data.source, config.data.format) == ("translation", "source", "parallel")


def test_what_a_run_says_of_itself(run):
    card = (run / "model_card.md").read_text(encoding="utf-8")
    assert "BLEU" in card
    assert "pairs" in card
    assert json.loads((run / "vocabulary.json").read_text(encoding="utf-8"))["source"]["kind"] == "word"
    results = json.loads((run / "results.json").read_text(encoding="utf-8"))
    assert results["test"]["written"] == 8
    assert results["test"]["intervals"]["bleu"]


def test_evaluate(run, tmp_path, capsys):
    test = paired.write_tsv(tmp_path / "test.tsv", paired.pairs(8, seed=4))
    assert main(["evaluate", str(run), str(test), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    info = RunFolder(run).info
    assert figures["bleu"] == pytest.approx(info.best["test_bleu"])
    assert main(["evaluate", str(run), str(test)]) == 0
    assert "bleu" in capsys.readouterr().out
    bad = tmp_path / "bad.tsv"
    bad.write_text("english\tother\none cat\t\n", encoding="utf-8")
    assert "No row has both" in refused(["evaluate", run, bad], capsys)


def test_predict_and_gates(run, tmp_path, capsys):
    assert main(["predict", str(run), "--text", TEXT, "--beams", "1", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["tokens"] == TEXT.split()
    assert np.array(answer["attention"]).shape == (len(answer["output"]) + 1, 4)
    assert "beams must be a whole number" in refused(["predict", run, "--text", TEXT, "--beams", "0"], capsys)
    assert "cannot be told the predicate" in refused(["predict", run, "--text", TEXT, "--predicate", "1"], capsys)
    table = paired.write_tsv(tmp_path / "in.tsv", paired.pairs(5))
    told = ["predict", str(run), "--input", str(table), "--output", str(tmp_path / "out.jsonl"), "--beams", "1"]
    assert main(told) == 0
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 5
    assert isinstance(json.loads(lines[0])["prediction"], str)
    assert main(["gates", str(run), "--text", TEXT, "--output", str(tmp_path / "gates.npz")]) == 0
    with np.load(tmp_path / "gates.npz") as found:
        steps = len(found["output"])
        assert found["layer0.backward.f"].shape == (4, 24)
        assert found["decoder.layer0.forward.f"].shape == (steps, 24)
        assert found["alignment"].shape == (steps, 4)


def test_bad_settings_and_files_get_a_sentence(run, tmp_path, capsys):
    data = paired.write_tsv(tmp_path / "animals.tsv", paired.pairs(30))
    start = ["train", "--data", data, "--set", "task=translation", "--out", tmp_path / "none"]
    assert "model.attention" in refused([*start, "--set", "model.attention=luong_dot"], capsys)
    assert "no column 'nothing'" in refused([*start, "--set", "data.source=nothing"], capsys)
    same = refused([*start, "--set", "data.source=english", "data.target=english"], capsys)
    assert "two columns" in same or "same" in same
    train = paired.write_parallel(tmp_path, "train", paired.pairs(20))
    (tmp_path / "train.eo").write_text("one\ntwo\n", encoding="utf-8")
    told = refused(["train", "--data", train, "--set", "task=translation", "--out", tmp_path / "none"], capsys)
    assert "20" in told
    assert "2" in told
    assert not (tmp_path / "none").exists()
