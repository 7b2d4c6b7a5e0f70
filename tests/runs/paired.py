"""Made-up pairs of texts that a tiny network learns within seconds: numbers, colours and animals in a language of its
own, in which the colour stands last."""

from __future__ import annotations

import json
import random
from pathlib import Path

from lstm_studio.config import RunConfig, parse
from lstm_studio.config.presets import begun

NUMBERS = {"one": "un", "two": "du", "three": "tri", "four": "kvar"}
COLOURS = {"red": "ruga", "green": "verda", "blue": "blua", "white": "blanka"}
ANIMALS = {"cat": "kato", "dog": "hundo", "bird": "birdo", "fish": "fisho", "horse": "chevalo"}
VERBS = {"sleeps": "dormas", "runs": "kuras", "eats": "manghas"}
CHINESE = dict(
    zip(
        [*NUMBERS, *COLOURS, *ANIMALS, *VERBS],
        ["一", "二", "三", "四", "红", "绿", "蓝", "白", "猫", "狗", "鸟", "鱼", "马", "睡", "跑", "吃"],
        strict=True,
    )
)


def pairs(count: int = 120, seed: int = 0, chinese: bool = False) -> list[tuple[str, str]]:
    """English, and the other language; no source twice."""
    draw, found = random.Random(seed), {}
    while len(found) < count:
        number, colour, animal, verb = (draw.choice(list(kind)) for kind in (NUMBERS, COLOURS, ANIMALS, VERBS))
        words = [number, colour, animal, verb] if draw.random() < 0.7 else [number, animal, verb]
        if chinese:
            found[" ".join(words)] = "".join(CHINESE[word] for word in words)
            continue
        other = [NUMBERS[number], ANIMALS[animal], VERBS[verb]]
        if len(words) == 4:
            other.insert(2, COLOURS[colour])
        found[" ".join(words)] = " ".join(other)
    return list(found.items())


def write_tsv(path: Path, rows: list[tuple[str, str]], header: str = "english\tother") -> Path:
    """A pair a line."""
    path.write_text("\n".join([header, *("\t".join(row) for row in rows)]) + "\n", encoding="utf-8")
    return path


def write_parallel(folder: Path, stem: str, rows: list[tuple[str, str]]) -> Path:
    """Two files whose lines belong together; returns the one of the sources."""
    folder.mkdir(parents=True, exist_ok=True)
    for ending, texts in zip(("en", "eo"), zip(*rows, strict=True), strict=True):
        (folder / f"{stem}.{ending}").write_text("\n".join(texts) + "\n", encoding="utf-8")
    return folder / f"{stem}.en"


def write_jsonl(path: Path, rows: list[tuple[list[str], list[str]]]) -> Path:
    """Lists of sentences and of right answers."""
    lines = [json.dumps({"source": source, "target": target}, ensure_ascii=False) for source, target in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def config(path: Path, **changes: object) -> RunConfig:
    """A tiny network that reads and writes words."""
    values = {
        "data.source_units": "word",
        "data.target_units": "word",
        "data.min_count": 1,
        "model.hidden_size": 24,
        "model.embedding_size": 24,
        "model.dropout": 0.0,
        "model.embedding_dropout": 0.0,
        "model.word_dropout": 0.0,
        "model.beams": 2,
        "training.epochs": 30,
        "training.batch_size": 16,
        "training.learning_rate": 0.01,
        "training.label_smoothing": 0.0,
        "training.threads": 1,
        "training.device": "cpu",
        "training.probe_seconds": 0.0,
    }
    base = begun(parse({"task": "translation", "data": {"path": str(path)}}), ())
    return base.replace(**{**values, **changes})
