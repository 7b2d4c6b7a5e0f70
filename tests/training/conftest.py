"""A small data set that can be learned in seconds."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest

from lstm_studio.config import RunConfig, parse
from lstm_studio.training.loop import train
from tests.training.steering import quiet, weights


def write_toy(path: Path, rows: int = 240, seed: int = 0) -> Path:
    """Texts of 3 to 15 words; the label hangs on one of them."""
    chance = random.Random(seed)
    fill = [f"w{n}" for n in range(60)]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        for row in range(rows):
            positive = row % 2
            words = chance.choices(fill, k=chance.randint(2, 14))
            words.append(chance.choice(("good", "nice") if positive else ("bad", "poor")))
            chance.shuffle(words)
            writer.writerow([" ".join(words), "pos" if positive else "neg"])
    return path


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return write_toy(tmp_path / "toy.csv")


def toy_config(toy: Path) -> RunConfig:
    """A network that learns it."""
    return parse(
        {
            "data": {"path": str(toy), "validation_fraction": 0.2},
            "model": {"hidden_size": 16, "embedding_size": 12, "dropout": 0.2, "word_dropout": 0.05},
            "training": {"epochs": 4, "batch_size": 16, "learning_rate": 0.01, "threads": 1, "probe_seconds": 0.0},
        }
    )


@pytest.fixture
def config(toy: Path) -> RunConfig:
    return toy_config(toy)


@pytest.fixture(scope="session")
def straight(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The best weights of that run, from start to end without a break."""
    folder = tmp_path_factory.mktemp("straight")
    train(toy_config(write_toy(folder / "toy.csv")), quiet, folder=folder / "run")
    return weights(folder / "run")
