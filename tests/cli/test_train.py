"""``train``: where things are found, what is refused, and what happens when it is interrupted, killed or unheard."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from lstm_studio.cli.console import ProgressLine
from lstm_studio.cli.main import main
from lstm_studio.config import save
from lstm_studio.runs.folder import RunFolder
from lstm_studio.runs.store import RunStore
from lstm_studio.training.events import StepEnded, TrainingEvent
from tests.runs import tiny

ROOT = Path(__file__).resolve().parents[2]
posix = pytest.mark.skipif(os.name == "nt", reason="signals differ")


@pytest.fixture
def config(tmp_path: Path, reviews: Path) -> Path:
    save(tiny.config(reviews, **{"training.epochs": 1}), tmp_path / "config.toml")
    return tmp_path / "config.toml"


def start(*arguments: object, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "lstm_studio", *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, **environment},
    )


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    limit = time.monotonic() + 90
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < limit
        time.sleep(0.02)


def test_a_file_alone_is_enough_and_the_run_goes_into_the_store(reviews: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["train", "--data", str(reviews), "--set", "training.epochs=1", "model.hidden_size=4"]) == 0
    (summary,) = RunStore().list()
    assert (summary.name, summary.status) == ("reviews 1", "finished")
    out, err = capsys.readouterr()
    assert str(summary.path) in out
    assert "'review'" in err
    assert RunFolder(summary.path).config.data.text == "review"  # type: ignore[attr-defined]


def test_a_path_is_looked_for_here_and_then_beside_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    data = tiny.write_csv(folder / "texts.csv", 40)
    save(tiny.config(Path("texts.csv"), **{"training.epochs": 1}), folder / "config.toml")
    monkeypatch.chdir(tmp_path)
    assert main(["train", "project/config.toml", "--out", "one"]) == 0
    assert RunFolder("one").config.data.path == str(data)
    here = tiny.write_csv(tmp_path / "texts.csv", 60)
    assert main(["train", "project/config.toml", "--out", "two"]) == 0
    assert RunFolder("two").config.data.path == str(here)


def test_the_configuration_may_stand_behind_the_settings(config: Path, tmp_path: Path) -> None:
    assert main(["train", "--out", str(tmp_path / "run"), "--set", "model.hidden_size=3", str(config)]) == 0
    assert RunFolder(tmp_path / "run").config.model.hidden_size == 3


def test_a_preset_brings_its_network_and_what_is_set_besides_wins(config: Path, tmp_path: Path) -> None:
    settings = ["preset=fast", "training.epochs=1", "model.hidden_size=5"]
    assert main(["train", str(config), "--out", str(tmp_path / "run"), "--set", *settings]) == 0
    made = RunFolder(tmp_path / "run").config
    assert (made.preset, made.model.hidden_size, made.training.epochs) == ("fast", 5, 1)
    assert (made.model.embedding_size, made.model.bidirectional) == (50, False)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "nothing to train from"),
        (["missing.toml"], "no such configuration file"),
        (["."], "This is a folder"),
        (["{reviews}"], "not a configuration file"),
        (["{config}", "--out", "{config}"], "a file, not a folder"),
        (["--resume", "nowhere"], "no such run folder"),
        (["--resume", "{config}"], "a file, not a run folder"),
        (["{config}", "--resume", "x", "--set", "a.b=1"], "CONFIG.toml and --set cannot be given too"),
        (["{config}", "--data", ""], None),
        (["{config}", "--set", "training.device=cuda9"], "must be one of auto, cpu, cuda, mps"),
        (["{config}", "--set", "task=poetry"], "must be one of classification"),
        (["{config}", "--set", "preset=quick"], "There is no such preset"),
        (["{config}", "--what"], "unrecognized arguments"),
    ],
)
def test_what_cannot_be_is_one_line_and_two(
    arguments: list[str], words: str | None, config: Path, reviews: Path, capsys: pytest.CaptureFixture
) -> None:
    given = [part.format(config=config, reviews=reviews) for part in arguments]
    code = main(["train", *given])
    out, err = capsys.readouterr()
    if words is None:
        assert code == 0
        return
    assert code == 2
    assert out == ""
    assert len(err.strip().splitlines()) == 1
    assert words in err


def test_with_json_nothing_else_is_on_stdout(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["train", str(config), "--out", str(tmp_path / "run"), "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0]["event"] == "run_started"
    assert {line["event"] for line in lines[1:-1]} <= {"step_ended", "epoch_ended", "checkpoint_saved"}
    assert lines[-1]["event"] == "run_finished"
    assert lines[-1]["run"] == str(tmp_path / "run")
    assert lines[-1]["metrics"]["accuracy"] == RunFolder(tmp_path / "run").info.best["accuracy"]


def test_a_test_file_is_read_once_at_the_end(reviews: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    test = tiny.write_csv(tmp_path / "test.csv", 50, seed=3)
    save(tiny.config(reviews, **{"training.epochs": 3, "data.test": str(test)}), tmp_path / "config.toml")
    assert main(["train", str(tmp_path / "config.toml"), "--out", str(tmp_path / "run"), "--json"]) == 0
    metrics = json.loads(capsys.readouterr().out.splitlines()[-1])["metrics"]
    assert main(["evaluate", str(tmp_path / "run"), str(test), "--json"]) == 0
    evaluated = json.loads(capsys.readouterr().out)
    for name in ("accuracy", "macro_f1", "loss"):
        assert metrics[f"test_{name}"] == pytest.approx(evaluated[name], abs=1e-6)


def long_run(tmp_path: Path, reviews: Path) -> Path:
    path = tmp_path / "long.toml"
    save(tiny.config(reviews, **{"training.epochs": 15, "training.checkpoint_seconds": 0.0}), path)
    return path


def test_a_run_that_was_asked_to_end_goes_on_where_it_was(
    tmp_path: Path, reviews: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    if threading.current_thread() is not threading.main_thread():
        pytest.skip("signals need the main thread")
    from lstm_studio.cli.train import Teller

    path, run, tell = long_run(tmp_path, reviews), tmp_path / "run", Teller.tell

    def asking(self: Teller, event: TrainingEvent) -> None:
        tell(self, event)
        if isinstance(event, StepEnded) and event.step == 20:
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(Teller, "tell", asking)
    assert main(["train", str(path), "--out", str(run), "--json"]) == 130
    out, err = capsys.readouterr()
    assert f"lstm-studio train --resume {run}" in err.splitlines()[-1]
    lines = [json.loads(line) for line in out.splitlines()]
    assert lines[-1]["event"] == "run_interrupted"
    assert (RunFolder(run).status, RunFolder(run).info.step) == ("interrupted", 20)
    assert main(["train", "--resume", str(run)]) == 0
    assert RunFolder(run).info.step == 15 * 8


@posix
def test_a_killed_run_resumes_to_the_same_weights(tmp_path: Path, reviews: Path) -> None:
    path, run = long_run(tmp_path, reviews), tmp_path / "run"
    with start("train", path, "--out", run) as process:
        wait_for(run / "checkpoint" / "state.safetensors", process)
        time.sleep(0.1)
        process.kill()
        process.communicate(timeout=60)
    assert RunFolder(run).status == "interrupted"
    assert RunStore(tmp_path).list()[0].can_resume
    assert main(["train", "--resume", str(run)]) == 0
    straight = ["--set", "training.checkpoint_seconds=60", "--out", str(tmp_path / "other")]
    assert main(["train", str(path), *straight]) == 0
    assert (run / "model.safetensors").read_bytes() == (tmp_path / "other" / "model.safetensors").read_bytes()


@posix
def test_nobody_listening_does_not_end_a_run(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    ear, mouth = os.pipe()
    os.close(ear)
    with open(mouth, "w", encoding="utf-8") as deaf, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", deaf)
        assert main(["train", str(config), "--out", str(tmp_path / "run"), "--json"]) == 0
    err = capsys.readouterr().err
    assert "Traceback" not in err
    assert "BrokenPipe" not in err
    assert RunFolder(tmp_path / "run").status == "finished"


def test_an_interrupt_while_the_data_is_read_leaves_nothing(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    if threading.current_thread() is not threading.main_thread():
        pytest.skip("signals need the main thread")
    from lstm_studio.cli.train import Teller

    calls: list[float] = []

    def once(self: Teller, fraction: float, words: str) -> None:
        calls.append(fraction)
        if len(calls) == 1:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Teller, "progress", once)
    before = signal.getsignal(signal.SIGINT)
    assert main(["train", str(config), "--out", str(tmp_path / "run")]) == 130
    assert signal.getsignal(signal.SIGINT) is before
    assert "nothing was kept" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


class Terminal:
    """A stream that says it is a terminal."""

    def __init__(self) -> None:
        self.text = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        pass


def test_the_progress_line_is_written_over_and_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    stream = Terminal()
    line = ProgressLine(stream)  # type: ignore[arg-type]
    line.show("电影" * 40, now=True)
    line.show("short", now=True)
    line.keep("kept")
    shown = stream.text.split("\r")
    assert len(shown[1]) <= 20
    assert shown[1].endswith("…")
    assert shown[2].rstrip() == "short"
    assert len(shown[2]) >= 39
    assert stream.text.endswith("\rkept\n")
    assert stream.text.count("\n") == 1
