"""Each rule on a real run that was made to have that fault; all are silent on a healthy one."""

from __future__ import annotations

import contextlib
import csv
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lstm_studio.config import RunConfig
from lstm_studio.errors import StudioError
from lstm_studio.inspection import rules_course, rules_inside
from lstm_studio.inspection.diagnosis import RULES, Evidence, Finding, diagnose
from lstm_studio.inspection.evidence import Words
from lstm_studio.runs.diagnose import examine
from lstm_studio.runs.predictor import Predictor
from lstm_studio.runs.start import start
from tests.runs import tagged, tiny


def write(path: Path, rows: list[tuple[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("review", "sentiment"), *rows])
    return path


def small(folder: Path, rows: list[tuple[str, str]] | None = None, **changes: object) -> RunConfig:
    base: dict[str, object] = {
        "model.bidirectional": False,
        "model.hidden_size": 6,
        "model.embedding_size": 6,
        "training.epochs": 6,
    }
    base["training.device"] = "cpu"  # where a fault shows hangs on how numbers are rounded
    return tiny.config(write(folder / "reviews.csv", rows or tiny.rows(80)), **{**base, **changes})


def long(folder: Path, **changes: object) -> RunConfig:
    """Forty texts of sixty words, of which one near the beginning decides."""
    draw = random.Random(1)
    rows = []
    for row in range(40):
        words = [f"w{draw.randrange(30)}" for _ in range(60)]
        words[draw.randrange(12)] = "good" if row % 2 else "bad"
        rows.append((" ".join(words), "positive" if row % 2 else "negative"))
    usual = {"model.pooling": "last", "training.batch_size": 8, "training.schedule": "constant"}
    return small(folder, rows, **{**usual, **changes})


def more(folder: Path, **changes: object) -> RunConfig:
    return small(folder, tiny.rows(160), **changes)


def noise(folder: Path, **changes: object) -> RunConfig:
    """Labels that hang on nothing, and words enough to learn them by heart."""
    draw = random.Random(0)
    words = [f"w{number}" for number in range(60)]
    rows = [(" ".join(draw.sample(words, 6)), draw.choice(("positive", "negative"))) for _ in range(80)]
    return small(folder, rows, **{**FREE, "training.epochs": 12, **changes})


def rare(folder: Path, **changes: object) -> RunConfig:
    many = [row for row in tiny.rows(200) if row[1] == "positive"][:80]
    return small(folder, many + [row for row in tiny.rows(200) if row[1] == "negative"][:16], **changes)


def frozen(folder: Path, **changes: object) -> RunConfig:
    """Word vectors from a file that has hardly any of the words, and that training may not touch."""
    data = tagged.write_conll(folder / "names.conll", tagged.sentences())
    vectors = folder / "vectors.txt"
    vectors.write_text("\n".join(f"{word} {' '.join(['0.7'] * 10)}" for word in ("the", "rome", "elsewhere", "is")))
    return tagged.config(
        data, **{"model.vectors": str(vectors), "model.vectors_learn": "frozen", "training.epochs": 3, **changes}
    )


FREE = {"model.dropout": 0.0, "model.word_dropout": 0.0, "model.embedding_dropout": 0.0}
OFF = {"training.clip_norm": 0.0}
SGD = {"training.optimizer": "sgd", "training.schedule": "constant", **OFF}
FAULTS: dict[str, tuple[Callable[..., RunConfig], dict[str, object]]] = {
    "broken": (small, {**SGD, "training.learning_rate": 10.0, "training.weight_decay": 1.0, "training.epochs": 12}),
    "exploding": (
        long,
        {
            "model.variant": "no_output_activation",
            "model.forget_bias": 10.0,
            "training.learning_rate": 0.3,
            **FREE,
            **OFF,
        },
    ),
    "too_high": (small, {**SGD, "training.learning_rate": 3.0}),
    "too_low": (small, {"training.learning_rate": 1e-6}),
    "not_learning": (noise, {"model.dropout": 0.9, "training.epochs": 5, "training.weight_decay": 0.1}),
    "vanishing": (
        small,
        {
            "training.weight_decay": 1.0,
            "training.batch_size": 64,
            "training.epochs": 90,
            "training.schedule": "constant",
            "model.dropout": 0.0,
            "model.hidden_size": 4,
        },
    ),
    "dead": (small, {"training.weight_decay": 1.0, "training.schedule": "constant", "training.epochs": 12}),
    "saturated": (small, {"model.forget_bias": 10.0}),
    "short_sighted": (long, {"model.forget_bias": -2.0, "training.epochs": 1}),
    "overfitting": (noise, {}),
    "never_predicted": (rare, {"training.epochs": 4, "training.learning_rate": 0.005}),
    "imbalance": (rare, {"training.epochs": 1, "training.learning_rate": 0.001}),
    "unread": (small, {"data.vocabulary_size": 10}),
    "unmoved": (frozen, {}),
    "too_soon": (more, {"training.epochs": 3, "training.schedule": "constant", **FREE}),
}


def train(folder: Path, config: RunConfig) -> tuple[Finding, ...]:
    with contextlib.suppress(StudioError):  # the one whose numbers run out of bounds
        start(config, lambda event: None, folder=folder)
    return examine(folder, Predictor(folder))


@pytest.mark.parametrize("key", FAULTS)
def test_a_run_with_a_fault_is_told_so(key: str, tmp_path: Path) -> None:
    made, changes = FAULTS[key]
    found: dict[str, Finding] = {}
    for seed in range(5):  # most runs made like this have the fault, hardly any setting gives it to all of them
        config = made(tmp_path, **changes, **{"training.seed": seed})
        found = {finding.key: finding for finding in train(tmp_path / f"run-{seed}", config)}
        if key in found:
            break
    assert key in found, list(found)
    finding = found[key]
    assert any(letter.isdigit() for letter in finding.sentence), "a finding has its numbers"
    assert "{" not in finding.title + finding.sentence + finding.advice
    if finding.remedy is not None:
        assert finding.advice
        assert config.replace(**finding.remedy) != config


def test_a_healthy_run_is_left_in_peace(tmp_path: Path) -> None:
    assert train(tmp_path / "run", tiny.config(tiny.write_csv(tmp_path / "reviews.csv"))) == ()


@pytest.mark.slow
def test_the_recommended_settings_on_the_sample_are_healthy(tmp_path: Path) -> None:
    from lstm_studio.data.samples import write as write_sample

    data = write_sample("sentiment-contrast", tmp_path / "reviews.csv")
    config = RunConfig().replace(
        **{
            "data.path": str(data),
            "model.hidden_size": 32,
            "model.embedding_size": 32,
            "training.threads": 1,
            "training.probe_seconds": 0.0,
            "training.device": "cpu",
        }
    )
    assert train(tmp_path / "run", config) == ()


def test_nothing_is_said_of_what_is_not_known() -> None:
    assert diagnose(Evidence(RunConfig())) == ()
    assert all(rule(Evidence(RunConfig())) is None for rule in RULES)
    few = Evidence(RunConfig(), losses=np.array([0.7, 0.6]), norms=np.array([np.nan, 1.0]))
    assert diagnose(few) == ()
    lost = replace(few, losses=np.array([0.7, np.nan]))
    assert [finding.key for finding in diagnose(lost)] == ["broken"]


def test_everything_that_can_be_said_is_in_the_catalogue() -> None:
    import json

    from lstm_studio import resources
    from lstm_studio.runs.ablation import VARIANTS

    known: dict[str, str] = {}
    for path in resources.find("translations").glob("zh_CN*.json"):
        known.update(json.loads(path.read_text(encoding="utf-8")))
    said = {variant.title for variant in VARIANTS} | set(rules_inside.GATES.values())
    for module in (rules_course, rules_inside):
        for words in vars(module).values():
            if isinstance(words, Words):
                said |= {words.title, words.sentence, words.remedy} - {""}
    assert not sorted(said - known.keys())
