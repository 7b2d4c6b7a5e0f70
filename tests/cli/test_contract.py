"""The command line, as its contract says, with real small trainings."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from lstm_studio.cli.main import main
from tests.training.conftest import write_toy

ROOT = Path(__file__).resolve().parents[2]
CONFIG = """
task = "classification"
[data]
path = "toy.csv"
[model]
hidden_size = 10
embedding_size = 8
[training]
epochs = 5
batch_size = 16
learning_rate = 0.01
threads = 1
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    write_toy(tmp_path / "toy.csv")
    (tmp_path / "config.toml").write_text(CONFIG)
    return tmp_path


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("cli")
    write_toy(place / "toy.csv")
    (place / "config.toml").write_text(CONFIG)
    os.environ["LSTM_STUDIO_HOME"] = str(place / "home")
    assert main(["train", str(place / "config.toml"), "--out", str(place / "run")]) == 0
    return place / "run"


def objects(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_train_ends_with_run_finished(folder, capsys):
    assert main(["train", str(folder / "config.toml"), "--out", str(folder / "run"), "--json"]) == 0
    out, err = capsys.readouterr()
    lines = objects(out)
    assert lines[-1]["event"] == "run_finished"
    assert lines[-1]["run"] == str(folder / "run")
    assert {"accuracy", "macro_f1"} <= set(lines[-1]["metrics"])
    assert "text" in err, "what was guessed is said"
    names = {path.name for path in (folder / "run").iterdir()}
    wanted = {"config.toml", "vocabulary.json", "model.safetensors", "metrics.jsonl", "checkpoint", "model_card.md"}
    assert wanted <= names
    assert 'tokenizer = "treebank"' in (folder / "run" / "config.toml").read_text()


def test_set_and_data_override_the_file(folder, capsys):
    other = write_toy(folder / "other.csv", rows=60)
    command = ["train", str(folder / "config.toml"), "--data", str(other), "--out", str(folder / "run")]
    assert main([*command, "--set", "training.epochs=1", "--set", "model.cell=gru", "--json"]) == 0
    lines = objects(capsys.readouterr().out)
    assert sum(line["event"] == "epoch_ended" for line in lines) == 1
    assert next(line for line in lines if line["event"] == "run_started")["train_examples"] == 54


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (["--set", "model.hiden_size=3"], "Did you mean model.hidden_size"),
        (["--set", "model.hidden_size=0"], "model.hidden_size: must be at least 1"),
        (["--set", "model.hidden_size"], "has no value"),
        (["--set", 'data.label="nope"'], "There is no column 'nope'"),
        (["--data", "missing.csv"], "There is no such file"),
    ],
)
def test_bad_input_is_one_line_and_two(folder, capsys, change, words):
    assert main(["train", str(folder / "config.toml"), "--out", str(folder / "run"), *change]) == 2
    err = capsys.readouterr().err.strip()
    assert words in err.splitlines()[-1]
    assert "Traceback" not in err


def test_a_configuration_that_is_no_toml_names_the_line(folder, capsys):
    (folder / "config.toml").write_text("task = 'classification'\n[data\n")
    assert main(["train", str(folder / "config.toml")]) == 2
    assert "line 2" in capsys.readouterr().err


def test_a_run_is_not_written_over(run, capsys):
    assert main(["train", str(run / "config.toml"), "--out", str(run)]) == 2
    assert "There is a run in this folder already" in capsys.readouterr().err


def test_evaluate(run, capsys):
    assert main(["evaluate", str(run), str(run.parent / "toy.csv"), "--json"]) == 0
    (line,) = objects(capsys.readouterr().out)
    assert line["accuracy"] > 0.9
    assert {"loss", "macro_f1"} <= line.keys()


def test_predict_texts(run, capsys):
    assert main(["predict", str(run), "--text", "w1 good w2", "--text", "bad zebra", "--json"]) == 0
    first, second = objects(capsys.readouterr().out)
    assert (first["prediction"], second["prediction"]) == ("pos", "neg")
    assert sum(first["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert second["unknown"] == [False, True]
    assert main(["predict", str(run), "--text", "  "]) == 2
    assert "The text is empty" in capsys.readouterr().err


def test_predict_a_file(run, tmp_path, capsys):
    target = tmp_path / "out.csv"
    assert main(["predict", str(run), "--input", str(run.parent / "toy.csv"), "--output", str(target)]) == 0
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 240
    right = sum(row["prediction"] == row["label"] for row in rows)
    assert right > 216
    assert {"text", "probability"} <= rows[0].keys()


def test_gates(run, tmp_path, capsys):
    assert main(["gates", str(run), "--text", "w1 good 好", "--output", str(tmp_path / "g.npz")]) == 0
    with np.load(tmp_path / "g.npz", allow_pickle=False) as found:
        assert found["tokens"].tolist() == ["w1", "good", "好"]
        for direction in ("forward", "backward"):
            for name in "ifgoch":
                assert found[f"layer0.{direction}.{name}"].shape == (3, 10)
        f, i, g, c = (found[f"layer0.forward.{name}"] for name in "figc")
        np.testing.assert_allclose(c[1], f[1] * c[0] + i[1] * g[1], atol=1e-6)


def test_samples(tmp_path, capsys):
    assert main(["samples", "list"]) == 0
    listed = capsys.readouterr().out
    for name in ("sentiment-contrast", "reber"):
        assert name in listed
        assert main(["samples", "export", name, str(tmp_path / f"{name}.csv")]) == 0
        assert (tmp_path / f"{name}.csv").read_text(encoding="utf-8").startswith("text,label")
    assert main(["samples", "export", "nothing", str(tmp_path / "x.csv")]) == 2


def test_a_damaged_run_is_a_sentence(run, tmp_path, capsys):
    import shutil

    for name, damage in (
        ("model.safetensors", lambda path: path.write_bytes(path.read_bytes()[:200])),
        ("vocabulary.json", lambda path: path.write_text("{")),
        ("config.toml", lambda path: path.write_text(path.read_text() + "\nnonsense = = 1\n")),
    ):
        copy = tmp_path / name.split(".")[0]
        shutil.copytree(run, copy)
        damage(copy / name)
        assert main(["predict", str(copy), "--text", "good"]) == 2
        err = capsys.readouterr().err
        assert "Traceback" not in err
        assert name in err
    assert main(["predict", str(tmp_path / "nowhere"), "--text", "good"]) == 2


def test_starting_brings_neither_qt_nor_torch():
    code = (
        "import sys; from lstm_studio.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit: pass\n"
        "print([m for m in ('torch', 'PySide6', 'nltk', 'pyarrow') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT).stdout
    assert out.strip().endswith("[]")
    code = "import sys, lstm_studio.cli; print('PySide6' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT).stdout.strip() == "False"
    )


@pytest.mark.skipif(os.name == "nt", reason="signals differ")
def test_an_interrupt_saves_and_says_how_to_go_on(folder):
    command = [sys.executable, "-m", "lstm_studio", "train", str(folder / "config.toml"), "--out", str(folder / "run")]
    slow = [*command, "--set", "training.epochs=500"]
    process = subprocess.Popen(slow, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    limit = time.monotonic() + 60
    while time.monotonic() < limit and not (folder / "run" / "model.safetensors").exists():
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    err = process.communicate(timeout=60)[1]
    assert process.returncode == 130, err
    assert "--resume" in err
    assert "Traceback" not in err
    assert (folder / "run" / "checkpoint" / "state.safetensors").exists()
