"""A small real run: a few seconds of training on made-up reviews."""

from __future__ import annotations

import csv
import random
from pathlib import Path

from lstm_studio.config import RunConfig, parse
from lstm_studio.runs.start import start
from lstm_studio.training.events import TrainingEvent

GOOD, BAD = ["good", "great", "fine", "lovely"], ["bad", "awful", "poor", "dull"]
THINGS = ["film", "book", "meal", "song", "trip"]


def rows(count: int, seed: int = 0) -> list[tuple[str, str]]:
    """Texts and labels; "not" turns them round."""
    draw = random.Random(seed)
    found = []
    for _ in range(count):
        positive, turned = draw.random() < 0.5, draw.random() < 0.3
        word = draw.choice(GOOD if positive != turned else BAD)
        text = f"the {draw.choice(THINGS)} was {'not ' if turned else ''}{word} {draw.choice(['today', 'again', '.'])}"
        found.append((text, "positive" if positive else "negative"))
    return found


def write_csv(path: Path, count: int = 160, seed: int = 0) -> Path:
    """A file with the columns review and sentiment."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("review", "sentiment"))
        writer.writerows(rows(count, seed))
    return path


def config(data: Path, **changes: object) -> RunConfig:
    """A network that learns them within a second or two."""
    base = parse(
        {
            "data": {"path": str(data), "validation_fraction": 0.2},
            "model": {"hidden_size": 12, "embedding_size": 10, "dropout": 0.1},
            "training": {
                "epochs": 8,
                "batch_size": 16,
                "learning_rate": 0.02,
                "device": "cpu",
                "threads": 1,
                "probe_seconds": 0.0,
            },
        }
    )
    return base.replace(**changes)


def train(folder: Path, chosen: RunConfig) -> list[TrainingEvent]:
    """Train into a folder; returns what was said."""
    said: list[TrainingEvent] = []
    start(chosen, said.append, folder=folder)
    return said
