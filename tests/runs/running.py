"""A tiny running text that a network learns within seconds: counting rhymes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lstm_studio.config import RunConfig, parse

NAMES = ("Anna", "Ben", "Carla", "Dan")
THINGS = ("apples", "boats", "cats", "drums")
PLACES = ("hill", "lake", "town")


def lines(count: int, seed: int = 0) -> list[str]:
    """Sentences in which the end follows from the beginning."""
    chance = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        who, what, where = (int(chance.integers(len(words))) for words in (NAMES, THINGS, PLACES))
        # Not every line has a comma: it is no table.
        pause = "," if where else ""
        found.append(
            f"{NAMES[who]} has {what + 2} {THINGS[what]} by the {PLACES[where]}{pause} and {NAMES[who]} is glad."
        )
    return found


def write(path: Path, count: int = 120, seed: int = 0, between: str = "\n") -> Path:
    """A text file of such sentences."""
    path.write_text(between.join(lines(count, seed)) + "\n", encoding="utf-8")
    return path


def config(path: Path, **changes: object) -> RunConfig:
    """A small word model that trains in about a second."""
    small = {
        "data.path": str(path),
        "data.documents": "lines",
        "data.units": "word",
        "model.hidden_size": 24,
        "model.embedding_size": 16,
        "model.bidirectional": False,
        "model.dropout": 0.0,
        "model.embedding_dropout": 0.0,
        "model.word_dropout": 0.0,
        "model.longest": 30,
        "training.epochs": 3,
        "training.batch_size": 8,
        "training.steps": 10,
        "training.learning_rate": 0.02,
        "training.threads": 1,
        "training.device": "cpu",
        "training.probe_seconds": 0.0,
    }
    return parse({"task": "generation", "data": {"path": str(path)}}).replace(**{**small, **changes})
