"""Configurations as files: round trips, damage, older and newer versions."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import pytest

from lstm_studio.config import RunConfig, dumps, load, parse, save
from lstm_studio.config import migrate as migration
from lstm_studio.config import run as run_module
from lstm_studio.config.presets import PRESETS, apply, presets_of
from lstm_studio.errors import StudioError

AWKWARD: list[dict[str, Any]] = [
    {},
    {"data": {"path": 'C:\\new\\"quoted" name.csv', "text": "评论", "label": 3, "delimiter": "\t"}},
    {"data": {"quoting": False, "header": True, "max_length": 7, "validation": "dev\n.csv"}},
    {"model": {"cell": "gru", "dropout": 0.0}, "training": {"learning_rate": 1e-7, "seed": 2**31 - 1}},
    {"preset": "fast", "training": {"probe_text": "It's not \U0001f44d\u2028 bad.\x7f"}},
]


@pytest.mark.parametrize("values", AWKWARD)
def test_round_trip(values: dict[str, Any], tmp_path: Path) -> None:
    config = parse({"data": {}, **values})
    path = tmp_path / "new" / "run.toml"
    save(config, path)
    assert load(path) == config
    assert parse(tomllib.loads(dumps(config, complete=False))) == config
    assert [file.name for file in path.parent.iterdir()] == ["run.toml"]


def test_a_complete_file_states_everything_and_a_short_one_only_changes() -> None:
    config = parse({"data": {"path": "a.csv"}, "model": {"hidden_size": 7}})
    whole, short = tomllib.loads(dumps(config)), tomllib.loads(dumps(config, complete=False))
    assert {"schema_version", "task", "data", "model", "training"} <= set(whole)
    assert whole["training"]["epochs"] == config.training.epochs
    assert short == {
        "schema_version": 2,
        "task": "classification",
        "data": {"path": "a.csv"},
        "model": {"hidden_size": 7},
    }


def test_a_byte_order_mark_is_no_trouble(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b'\xef\xbb\xbf[data]\r\npath = "a.csv"\r\n')
    assert load(path).data.path == "a.csv"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[data\n", "not valid TOML.*line 1"),
        (b"a = 1\na = 2\n", "not valid TOML.*line 2"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b"[model]\nlayers = 99\n", "model.layers: must be at most 8, not 99"),
        (b"schema_version = 99\n", "newer version.*Update LSTM Studio"),
        (b'schema_version = "1"\n', "schema_version must be a whole number"),
        (b"schema_version = 0\n", "schema_version must be a whole number"),
        (b"schema_version = true\n", "schema_version must be a whole number"),
    ],
)
def test_bad_files_are_refused_by_name(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    with pytest.raises(StudioError, match=words) as caught:
        load(path)
    assert caught.value.where == str(path)


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="no such configuration file"):
        load(tmp_path / "none.toml")
    with pytest.raises(StudioError, match="cannot be read"):
        load(tmp_path)


def test_a_failed_save_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.toml"
    save(parse({"data": {"path": "old.csv"}}), path)

    def fail(*_: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        save(parse({"data": {"path": "new.csv"}}), path)
    assert load(path).data.path == "old.csv"
    assert [file.name for file in tmp_path.iterdir()] == ["run.toml"]


def test_older_files_are_brought_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    def rename(values: dict[str, Any]) -> dict[str, Any]:
        model = dict(values.get("model", {}))
        model["hidden_size"] = model.pop("units")
        return {**values, "model": model}

    monkeypatch.setattr(run_module, "SCHEMA_VERSION", 3)
    monkeypatch.setitem(migration.STEPS, 1, rename)
    monkeypatch.setitem(migration.STEPS, 2, lambda values: {**values, "task": "classification"})
    old = {"schema_version": 1, "model": {"units": 9}}
    assert migration.migrate(dict(old)) == {"schema_version": 3, "task": "classification", "model": {"hidden_size": 9}}
    assert migration.migrate({"model": {}}) == {"model": {}}


@pytest.mark.parametrize(
    ("said", "remedies"), [("true", ("strip_html", "drop_duplicates")), ("false", ("strip_html",))]
)
def test_dropping_duplicates_became_a_remedy(tmp_path: Path, said: str, remedies: tuple[str, ...]) -> None:
    path = tmp_path / "old.toml"
    path.write_text(f'schema_version = 1\n[data]\ndrop_duplicates = {said}\nremedies = ["strip_html"]\n')
    config = load(path)
    assert config.data.remedies == remedies
    assert config.schema_version == 2


@pytest.mark.parametrize("preset", presets_of("classification"), ids=lambda preset: preset.name)
def test_presets_apply_and_keep_what_is_the_users_own(preset: Any) -> None:
    own = parse(
        {
            "data": {"path": "a.csv", "text": "review", "label": 1, "tokenizer": "tweet", "test": "t.csv"},
            "model": {"hidden_size": 77, "cell": "rnn"},
            "training": {"seed": 5, "device": "cpu", "threads": 2, "probe_text": "not bad", "batch_size": 7},
        }
    )
    applied = apply(own, preset.name)
    assert applied.preset == preset.name
    for name in ("path", "text", "label", "tokenizer", "test"):
        assert getattr(applied.data, name) == getattr(own.data, name)
    for name in ("seed", "device", "threads", "probe_text"):
        assert getattr(applied.training, name) == getattr(own.training, name)
    defaults = RunConfig()
    for section in ("model", "training"):
        for name, value in getattr(defaults, section):
            if (section, name) not in {("training", key) for key in ("seed", "device", "threads", "probe_text")}:
                wanted = getattr(preset, section).get(name, value)
                assert getattr(getattr(applied, section), name) == wanted, name
    # A second preset takes everything of the first one back.
    assert apply(apply(own, preset.name), "recommended") == apply(own, "recommended")
    assert parse(tomllib.loads(dumps(applied))) == applied


def test_preset_words_and_an_unknown_preset() -> None:
    assert len({preset.name for preset in PRESETS}) == len(PRESETS)
    assert PRESETS[0].name == "recommended"
    for preset in PRESETS:
        assert preset.title
        assert preset.help.endswith(".")
    with pytest.raises(KeyError):
        apply(RunConfig(), "magic")


def test_the_keras_tutorial_is_the_classic_one() -> None:
    config = apply(parse({"data": {}}), "keras_tutorial")
    assert (config.model.encoding, config.model.hidden_size, config.model.dropout) == ("index", 128, 0.5)
    assert (config.model.pooling, config.model.peephole, config.model.bidirectional) == ("last", "none", False)
    assert (config.training.optimizer, config.training.batch_size, config.training.epochs) == ("adam", 32, 10)
    assert (config.data.max_length, config.data.pad_to_max_length, config.data.validation_fraction) == (100, True, 0.1)
