"""Made-up tagged sentences that a tiny network learns within a second, and the runs that have learned them."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from lstm_studio.config import RunConfig, parse
from lstm_studio.runs.start import start

PEOPLE = ["Anna", "Boris", "Clara Weiss", "David Stone", "Ella", "Fred Hill"]
PLACES = ["Rome", "Oslo", "New York", "Paris", "San Marino", "Cairo"]
CHINESE_PEOPLE, CHINESE_PLACES = ["小明", "李四", "王小红"], ["北京", "上海", "香港岛"]
PATTERNS = [
    "P went to L .",
    "the train from L to L is late",
    "P met P in L",
    "nobody knows P ,",
    "L is far",
    "it rains in L today",
    "the letter of P came .",
    "it rains again today .",
]
CHINESE_PATTERNS = ["P去了L。", "L很远。", "我认识P。", "P在L见到P。", "今天下雨。"]
ANIMALS = "dog cat bird horse cow pig fox wolf bear lion hen goat".split()
VERBS = "chased saw bit heard found".split()

Tagged = tuple[list[str], list[str]]


def sentences(count: int = 64, seed: int = 0) -> list[Tagged]:
    """Words and IOB2 tags: people (PER) and places (LOC)."""
    draw, found = random.Random(seed), []
    for number in range(count):
        words, tags = [], []
        for word in PATTERNS[number % len(PATTERNS)].split():
            kind = {"P": "PER", "L": "LOC"}.get(word)
            own = draw.choice(PEOPLE if word == "P" else PLACES).split() if kind else [word]
            words += own
            tags += [f"{'I' if place else 'B'}-{kind}" if kind else "O" for place in range(len(own))]
        found.append((words, tags))
    return found


def chinese(count: int = 60, seed: int = 0) -> list[Tagged]:
    """Characters and BMES tags."""
    draw, found = random.Random(seed), []
    for number in range(count):
        words, tags = [], []
        for letter in CHINESE_PATTERNS[number % len(CHINESE_PATTERNS)]:
            kind = {"P": "PER", "L": "LOC"}.get(letter)
            own = draw.choice(CHINESE_PEOPLE if letter == "P" else CHINESE_PLACES) if kind else letter
            words += own
            tags += [f"B-{kind}", *[f"M-{kind}"] * (len(own) - 2), f"E-{kind}"] if kind else ["O"]
        found.append((words, tags))
    return found


def roles(count: int = 48, seed: int = 0) -> list[tuple[list[str], int, list[str]]]:
    """Words, place of the predicate, its roles: two clauses each, so that the same words have other roles for the
    other predicate."""
    draw, found = random.Random(seed), []
    for _ in range(count):
        one, two, three = (["the", draw.choice(ANIMALS)] for _ in range(3))
        words = [*one, draw.choice(VERBS), *two, "and", *three, "slept"]
        tags = ["B-A0", "I-A0", "B-V", "B-A1", "I-A1", "O", "O", "O", "O"]
        found.append((words, 2, tags))
        found.append((words, 8, ["O", "O", "O", "O", "O", "O", "B-A0", "I-A0", "B-V"]))
    return found


def write_conll(path: Path, rows: list[Tagged]) -> Path:
    """A word and its tag a line."""
    blocks = ["\n".join(f"{word} {tag}" for word, tag in zip(*row, strict=True)) for row in rows]
    path.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
    return path


def write_roles(path: Path, rows: list[tuple[list[str], int, list[str]]]) -> Path:
    """JSON lines."""
    lines = [json.dumps({"words": words, "predicate": at, "roles": tags}) for words, at, tags in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_vectors(path: Path, size: int = 10) -> Path:
    """Numbers for most of the words of ``sentences``, as GloVe writes them, and for one more."""
    draw = random.Random(5)
    words = sorted({word.lower() for row in sentences() for word in row[0]} - {"rome", "anna"})
    lines = [" ".join([word, *(f"{draw.uniform(-1, 1):.4f}" for _ in range(size))]) for word in [*words, "elsewhere"]]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def config(data: Path, **changes: object) -> RunConfig:
    """A network that learns them within a second or two."""
    base = parse(
        {
            "task": "tagging",
            "data": {"path": str(data), "validation_fraction": 0.25, "min_count": 1},
            "model": {
                "hidden_size": 12,
                "embedding_size": 10,
                "spelling_size": 5,
                "mark_size": 4,
                "dropout": 0.1,
                "embedding_dropout": 0.0,
                "word_dropout": 0.0,
            },
            "training": {
                "epochs": 10,
                "batch_size": 8,
                "learning_rate": 0.03,
                "device": "cpu",
                "threads": 1,
                "probe_seconds": 0.0,
            },
        }
    )
    return base.replace(**changes)


_done: dict[str, Path] = {}


def run(kind: str, factory: pytest.TempPathFactory) -> Path:
    """A finished run, trained once however many tests ask for it; not to be changed. Its data lie beside it.

    Args:
        kind: "names", "chinese" or "roles".
        factory: Where to put it.
    """
    if kind not in _done:
        place = factory.mktemp(kind)
        changes: dict[str, object] = {}
        match kind:
            case "names":
                data = write_conll(place / "names.conll", sentences())
                test = write_conll(place / "test.conll", sentences(16, seed=9))
                changes = {"data.test": str(test)}
            case "chinese":
                data = write_conll(place / "chinese.conll", chinese())
            case _:
                data = write_roles(place / "roles.jsonl", roles())
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LSTM_STUDIO_HOME", str(factory.mktemp("training_home")))
            start(config(data, **changes), lambda event: None, folder=place / "run")
        _done[kind] = place / "run"
    return _done[kind]
