"""Small files of tagged sentences, and whether two preparations of them are the same to the last bit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from lstm_studio.config import RunConfig, TaggingData, parse
from lstm_studio.data.encoded_words import EncodedSentences
from lstm_studio.data.prepare_tags import PreparedTags

NAMES = "Anna Boris Clara David Ella Fred".split()
PLACES = "Rome Oslo Paris Cairo Delhi".split()
Sentence = tuple[list[str], list[str]]


def sentence(n: int) -> Sentence:
    """Six words, no two sentences alike."""
    words = [NAMES[n % 6], f"Smith{n}", "moved", "to", PLACES[n % 5], f"19{n:02}"]
    return words, ["B-PER", "I-PER", "O", "O", "B-LOC", "O"]


SENTENCES = [sentence(n) for n in range(40)]


def conll(path: Path, rows: list[Sentence]) -> Path:
    blocks = ["".join(f"{word} {tag}\n" for word, tag in zip(*row, strict=True)) for row in rows]
    path.write_text("\n".join(blocks), encoding="utf-8")
    return path


def jsonl(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def config_for(path: Path, model: dict[str, Any] | None = None, **data: Any) -> RunConfig:
    values = {"tokenizer": "treebank", "max_length": 50, "min_count": 1, "scheme": "IOB2", **data}
    if path.suffix == ".conll":
        values = {"word": "column 1", "tag": "column 2", **values}
    return parse({"task": "tagging", "data": {"path": str(path), **values}, "model": model or {}})


def data_of(prepared: PreparedTags) -> TaggingData:
    data = prepared.config.data
    assert isinstance(data, TaggingData)
    return data


def same_part(one: EncodedSentences | None, other: EncodedSentences | None) -> bool:
    if one is None or other is None:
        return one is other
    arrays = ("ids", "tags", "forms", "offsets", "predicates", "strange")
    pairs = [(getattr(one, name), getattr(other, name)) for name in arrays]
    pairs += [(one.spellings.letters, other.spellings.letters), (one.spellings.offsets, other.spellings.offsets)]
    return (
        all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in pairs)
        and one.names == other.names
        and [one.texts[n] for n in range(len(one))] == [other.texts[n] for n in range(len(other))]
    )


def same(one: PreparedTags, other: PreparedTags) -> bool:
    return (
        one.inventory.to_facts() == other.inventory.to_facts()
        and one.inventory.vocabulary == other.inventory.vocabulary
        and one.config == other.config
        and one.notes == other.notes
        and one.key == other.key
        and all(same_part(getattr(one, name), getattr(other, name)) for name in ("train", "validation", "test"))
        and one.starts.keys() == other.starts.keys()
        and all(
            np.array_equal(start.matrix, other.starts[side].matrix)
            and np.array_equal(start.covered, other.starts[side].covered)
            for side, start in one.starts.items()
        )
    )


def sentences_of(prepared: PreparedTags, name: str) -> list[Sentence]:
    part = prepared.parts()[name]
    return [(part.words(n), part.tags_of(n)) for n in range(len(part))]
