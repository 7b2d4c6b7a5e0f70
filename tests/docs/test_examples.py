"""What the handbook says of Python runs: the examples of Predictor, and the task of one's own."""

from __future__ import annotations

import csv
import doctest
import importlib.util
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import torch

from lstm_studio import Predictor
from lstm_studio.cli.main import main
from lstm_studio.config import data, presets
from lstm_studio.data import figures, kinds
from lstm_studio.tasks import registry

from .pages import DOCS

SMALL = ["model.hidden_size=16", "model.embedding_size=16", "training.threads=1"]


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LSTM_STUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def rows(path: Path, texts: list[tuple[str, str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "label"), *texts])
    return path


def test_the_examples_of_predictor(tmp_path: Path) -> None:
    kind = {"positive": ["a wonderful evening", "a good film"], "negative": ["a dull evening", "not a good film"]}
    rows(tmp_path / "reviews.csv", [(text, label) for label, texts in kind.items() for text in texts * 20])
    assert main(["train", "--data", "reviews.csv", "--out", "reviews-run", "--set", "training.epochs=1", *SMALL]) == 0
    text = (DOCS / "python.md").read_text(encoding="utf-8")
    # A fence ends what an example prints.
    examples = doctest.DocTestParser().get_doctest(text.replace("\n```", "\n\n```"), {}, "python.md", None, 0)
    assert len(examples.examples) > 20
    told: list[str] = []
    assert doctest.DocTestRunner().run(examples, out=told.append).failed == 0, "".join(told)


@pytest.fixture
def ratings() -> Iterator[ModuleType]:
    """The example, known to the program while a test runs."""
    registries = (data.SECTIONS, presets.BASE, figures.FIGURES, kinds.KINDS, registry.TASKS)
    kept = [dict(one) for one in registries]
    spec = importlib.util.spec_from_file_location("ratings", DOCS / "examples" / "ratings.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["ratings"] = module
    spec.loader.exec_module(module)
    module.register()
    yield module
    for one, before in zip(registries, kept, strict=True):
        one.clear()  # type: ignore[attr-defined]
        one.update(before)  # type: ignore[attr-defined]
    del sys.modules["ratings"]


def test_the_loss_of_ratings_is_the_distance_that_is_carried(ratings: ModuleType) -> None:
    logits = torch.randn(6, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    targets = torch.tensor([0, 1, 2, 3, 4, 4])
    found = ratings.earth_movers(logits, targets)
    for row, target in enumerate(targets.tolist()):
        shares = torch.exp(logits[row]) / torch.exp(logits[row]).sum()
        by_hand = sum((float(shares[: k + 1].sum()) - (k >= target)) ** 2 for k in range(5))
        assert float(found[row]) == pytest.approx(by_hand, abs=1e-12)
    near, far = ratings.earth_movers(20 * torch.eye(5), torch.full((5,), 4))[[3, 0]]
    assert near < far


def test_a_task_of_ones_own_is_trained_evaluated_and_used(ratings: ModuleType, tmp_path: Path) -> None:
    chance = random.Random(0)
    words = {1: ["awful", "broken"], 2: ["poor", "weak"], 3: ["plain", "usual"], 4: ["good", "fine"], 5: ["superb"]}
    stars = [chance.randint(1, 5) for _ in range(250)]
    rows(tmp_path / "stars.csv", [(f"the film was {chance.choice(words[star])}", str(star)) for star in stars])
    settings = ["task=ratings", "training.epochs=4", "training.learning_rate=0.03", "model.dropout=0", *SMALL]
    assert main(["train", "--data", "stars.csv", "--out", "stars-run", "--set", *settings]) == 0
    run = Predictor("stars-run")
    figures_ = run.evaluate("stars.csv")
    assert figures_["mean_error"] < 0.6
    assert figures_["mean_error"] < 1 - figures_["accuracy"] + 0.3
    answers = run.predict(["the film was awful", "the film was superb"])
    assert int(answers[0].label) < 3 < int(answers[1].label)
