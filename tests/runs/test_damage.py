"""Run folders that somebody spoiled are told in sentences, each naming the file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from lstm_studio import Predictor
from lstm_studio.errors import StudioError
from lstm_studio.runs.folder import RunFolder, RunInfo
from lstm_studio.runs.store import RunStore


def shorten(name: str, size: int) -> Callable[[Path], None]:
    return lambda run: (run / name).write_bytes((run / name).read_bytes()[:size])


def change(name: str, old: str, new: str) -> Callable[[Path], None]:
    def act(run: Path) -> None:
        text = (run / name).read_text(encoding="utf-8")
        assert old in text
        (run / name).write_text(text.replace(old, new), encoding="utf-8")

    return act


def drop_token(run: Path) -> None:
    values = json.loads((run / "vocabulary.json").read_text(encoding="utf-8"))
    values["tokens"].pop()
    (run / "vocabulary.json").write_text(json.dumps(values), encoding="utf-8")


def drop_tensor(run: Path) -> None:
    weights = load_file(run / "model.safetensors")
    weights.pop(next(iter(weights)))
    save_file(weights, run / "model.safetensors")


def pickle_it(run: Path) -> None:
    torch.save({"a": torch.zeros(2)}, run / "model.safetensors")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda run: (run / "model.safetensors").unlink(), "no trained network yet"),
        (shorten("model.safetensors", 0), "weights of the run are damaged"),
        (shorten("model.safetensors", 300), "weights of the run are damaged"),
        (pickle_it, "weights of the run are damaged"),
        (drop_tensor, "do not fit"),
        (drop_token, "do not fit"),
        (change("config.toml", "hidden_size = 12", "hidden_size = 13"), "do not fit"),
        (change("config.toml", 'cell = "lstm"', 'cell = "lsmt"'), "must be one of lstm"),
        (change("config.toml", "[model]", "[model"), "not valid TOML"),
        (change("config.toml", "schema_version = 2", "schema_version = 99"), "newer version"),
        (lambda run: (run / "config.toml").unlink(), "no such configuration"),
        (lambda run: (run / "vocabulary.json").unlink(), "no vocabulary"),
        (shorten("vocabulary.json", 40), "vocabulary"),
        (lambda run: (run / "vocabulary.json").write_bytes(b"\xff\xfe\x00"), "cannot be read"),
    ],
)
def test_a_damaged_run_is_a_sentence(copied_run: Path, damage: Callable[[Path], None], words: str) -> None:
    damage(copied_run)
    with pytest.raises(StudioError, match=words) as caught:
        Predictor(copied_run)
    assert str(copied_run) in caught.value.message()


@pytest.mark.parametrize("make", [lambda p: None, lambda p: p.mkdir(), lambda p: p.write_text("x")])
def test_what_is_no_run_is_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "x")
    with pytest.raises(StudioError, match="run folder|holds no run"):
        Predictor(tmp_path / "x")


@pytest.mark.parametrize(
    "text", ["", "{", "[1]", '"x"', "\x00", '{"classes": 5, "best": [], "status": "odd", "step": "x"}']
)
def test_a_spoiled_run_json_costs_nothing_that_other_files_tell(copied_run: Path, text: str) -> None:
    (copied_run / "run.json").write_text(text, encoding="utf-8")
    summary = RunStore(copied_run.parent).summary(copied_run)
    assert summary is not None
    assert summary.has_weights
    assert Predictor(copied_run).classes == ("negative", "positive")


def test_without_run_json_the_list_is_told_from_the_other_files(copied_run: Path) -> None:
    before = RunFolder(copied_run).info
    (copied_run / "run.json").unlink()
    found = RunFolder(copied_run).info
    assert (found.status, found.metric, found.best_epoch) == ("finished", before.metric, before.best_epoch)
    assert found.best["accuracy"] == before.best["accuracy"]


def test_a_cut_line_of_the_record_is_passed_over(copied_run: Path) -> None:
    whole = list(RunFolder(copied_run).events())
    with (copied_run / "metrics.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"event": "step_ended", "step": 1')
    assert list(RunFolder(copied_run).events()) == whole


def test_run_json_survives_the_round_trip() -> None:
    info = RunInfo(name="电影 1", classes=("a", "b"), best={"accuracy": 0.5}, step=3, notes=("x",), status="stopped")
    assert RunInfo.from_json(info.to_json()) == info


def test_only_plain_formats_lie_in_a_run(trained: Path) -> None:
    names = {path.relative_to(trained).as_posix() for path in trained.rglob("*") if path.is_file()}
    assert names == {
        "config.toml",
        "run.json",
        "vocabulary.json",
        "model.safetensors",
        "metrics.jsonl",
        "results.json",
        "model_card.md",
        "lock",
        "checkpoint/state.safetensors",
        *(f"epochs/{epoch:03d}.safetensors" for epoch in range(1, 11)),
    }


def test_an_epoch_that_was_kept_is_opened_and_others_are_told(copied_run: Path) -> None:
    found = RunFolder(copied_run)
    assert found.epochs == tuple(range(1, 11))
    texts = ["the film was good today"]
    first, best = Predictor(copied_run, epoch=1), Predictor(copied_run)
    assert (first.epoch, best.epoch) == (1, None)
    again = Predictor(copied_run, epoch=found.info.best_epoch)
    assert again.predict(texts) == best.predict(texts) != first.predict(texts)
    with pytest.raises(StudioError, match="not kept epoch 11.*It has kept 1, 2"):
        Predictor(copied_run, epoch=11)
    shorten("epochs/002.safetensors", 90)(copied_run)
    with pytest.raises(StudioError, match="weights of epoch 2 are damaged"):
        Predictor(copied_run, epoch=2)
    shutil.rmtree(copied_run / "epochs")
    with pytest.raises(StudioError, match="Leave the epoch out"):
        Predictor(copied_run, epoch=1)
