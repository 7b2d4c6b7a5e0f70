"""evaluate, predict, gates, samples, and the program's own manners."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lstm_studio.cli import main as module
from lstm_studio.cli.main import main
from lstm_studio.version import __version__

ROOT = Path(__file__).resolve().parents[2]


def test_predict_shows_words_that_are_unknown_and_cut(trained: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["predict", str(trained), "--text", "the film was good zxqv", "the film was not good ."]) == 0
    out = capsys.readouterr().out
    assert "positive" in out.splitlines()[1]
    assert "unknown to the network: zxqv" in out
    assert out.splitlines()[3] == "the film was not good ."
    assert out.splitlines()[4].split()[0] == "negative"


def test_predict_takes_any_text(trained: Path, capsys: pytest.CaptureFixture) -> None:
    texts = ["- dash", "电影\n不好", '"quoted"', "a" * 5000, "😀 ok", "half \udce4 byte"]
    for text in texts:
        assert main(["predict", str(trained), f"--text={text}", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["text"] == text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "nothing to predict"),
        (["--input", "x.csv"], "needs a file out"),
        (["--text", "a", "--input", "x.csv"], "both given"),
        (["--text", "a", "--column", "b"], "--column is for files"),
        (["--text", ""], "The text is empty"),
        (["--input", "nowhere.csv", "--output", "x.csv"], "nowhere.csv"),
    ],
)
def test_predict_refuses_in_one_line(
    trained: Path, arguments: list[str], words: str, capsys: pytest.CaptureFixture
) -> None:
    assert main(["predict", str(trained), *arguments]) == 2
    out, err = capsys.readouterr()
    assert (out, len(err.strip().splitlines())) == ("", 1)
    assert words in err


def test_an_epoch_answers(trained: Path, reviews: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    text, gates = ["--text", "the film was good"], ["--output", str(tmp_path / "gates.npz")]
    found = {}
    for epoch in (["--epoch", "1"], []):
        assert main(["predict", str(trained), *text, "--json", *epoch]) == 0
        assert main(["evaluate", str(trained), str(reviews), "--json", *epoch]) == 0
        said, figures = (json.loads(line) for line in capsys.readouterr().out.splitlines())
        found[bool(epoch)] = said["probabilities"], figures["loss"], figures.get("epoch")
    assert found[True][0] != found[False][0]
    assert found[True][1] > found[False][1]
    assert (found[True][2], found[False][2]) == (1, None)
    assert main(["gates", str(trained), *text, *gates, "--epoch", "2"]) == 0
    assert main(["predict", str(trained), *text, "--epoch", "77"]) == 2
    assert "not kept epoch 77" in capsys.readouterr().err


def test_evaluate_for_people(trained: Path, reviews: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["evaluate", str(trained), str(reviews)]) == 0
    out = capsys.readouterr().out
    assert "160 texts" in out
    assert "accuracy" in out
    assert "macro_f1" in out
    assert [line.split()[0] for line in out.splitlines()[-2:]] == ["negative", "positive"]


def test_json_of_a_file_is_one_object(
    trained: Path, reviews: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    target = tmp_path / "out.jsonl"
    assert main(["predict", str(trained), "--input", str(reviews), "--output", str(target), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"input": str(reviews), "output": str(target), "rows": 160}


@pytest.mark.parametrize("name", ["g.gif", "g"])
def test_gates_refuse_before_they_work(tmp_path: Path, name: str, capsys: pytest.CaptureFixture) -> None:
    assert main(["gates", str(tmp_path / "no_run"), "--text", "a", "--output", str(tmp_path / name)]) == 2
    assert ".npz" in capsys.readouterr().err


def test_version_help_and_wrong_words(capsys: pytest.CaptureFixture) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"lstm-studio {__version__}\n"
    for command in ("train", "evaluate", "predict", "gates", "samples", "tour"):
        assert main([command, "--help"]) == 0
        assert "usage: lstm-studio " + command in capsys.readouterr().out
    assert main(["trian"]) == 2
    assert "Did you mean lstm-studio train?" in capsys.readouterr().err
    assert main(["evaluate"]) == 2
    err = capsys.readouterr().err
    assert len(err.strip().splitlines()) == 1
    assert "RUN_DIR" in err


def test_a_bug_is_one_and_shows_its_trace(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    def bug(arguments: list[str]) -> int:
        raise ZeroDivisionError("seven")

    monkeypatch.setattr(module, "_main", bug)
    assert main([]) == 1
    err = capsys.readouterr().err
    assert "ZeroDivisionError: seven" in err
    assert "This is a bug" in err.splitlines()[-1]


def test_the_window_opens_for_no_words_and_for_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from lstm_studio.gui import app

    opened: list[Path | None] = []
    monkeypatch.setattr(app, "run", lambda file=None: opened.append(file) or 0)
    (tmp_path / "a.csv").write_text("x")
    assert main([]) == 0
    assert main([str(tmp_path / "a.csv")]) == 0
    assert main([str(tmp_path)]) == 0
    assert main([str(tmp_path / "a.csv"), "b.csv"]) == 2
    assert opened == [None, tmp_path / "a.csv", tmp_path]


@pytest.mark.skipif(os.name == "nt", reason="pipes differ")
def test_a_closed_pipe_is_quiet() -> None:
    command = f'"{sys.executable}" -m lstm_studio samples list | head -c 1'
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_standard_output_is_utf8_whatever_the_system_says() -> None:
    code = (
        "import sys; from lstm_studio.cli import console, main as module\n"
        "module._main = lambda arguments: console.say(arguments[-1]) or 0\n"
        "sys.exit(module.main())"
    )
    done = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-c", code, "predict", "--text", "电影 good"],
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "电影 good" in done.stdout.decode("utf-8") or b"\\udc" in done.stdout


def test_evaluate_says_what_there_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    from types import SimpleNamespace

    from lstm_studio.cli import use
    from tests.runs.test_results_written import written

    content = written()
    figures = {**content.pop("metrics"), **content}
    config = SimpleNamespace(task="translation")
    predictor = SimpleNamespace(config=config, evaluate=lambda *_: {**figures, "notes": ["A note."]})
    monkeypatch.setattr(use, "_open", lambda _: predictor)
    assert main(["evaluate", "run", "pairs.tsv"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert "bleu" in out[1]
    assert out[1].endswith(" 31.2  (95 %: 30.1 to 32.2)")
    assert [line.split()[:2] for line in out[5:8]] == [["rougeL", "38.0"], ["perplexity", "7.1"], ["loss", "1.9600"]]
    assert out[8] == "  bleu as nrefs:1|case:lc|eff:no|tok:13a"
    assert not any("support" in line for line in out), "there are no classes"
    assert main(["evaluate", "run", "pairs.tsv", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["bleu"], said["rougeL"], said["written"]) == (31.2, 0.38, 1000)
