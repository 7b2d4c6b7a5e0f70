"""Tokens to ids and back, and what a damaged file says."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pytest

from lstm_studio.data.vocabulary import Vocabulary
from lstm_studio.errors import StudioError

TEXTS = [["b", "a", "b"], ["c", "a", "b"], ["d"]]


def test_the_most_frequent_come_first_and_ties_by_their_characters() -> None:
    assert Vocabulary.build(TEXTS, 10).tokens == ["<pad>", "<unk>", "b", "a", "c", "d"]
    assert Vocabulary.build(reversed(TEXTS), 10) == Vocabulary.build(TEXTS, 10)
    assert Vocabulary.build(Counter({"z": 2, "y": 2}), 10).tokens[2:] == ["y", "z"]


def test_size_and_count_limit_it() -> None:
    assert Vocabulary.build(TEXTS, 2).tokens[2:] == ["b", "a"]
    assert Vocabulary.build(TEXTS, 10, min_count=2).tokens[2:] == ["b", "a"]
    assert len(Vocabulary.build([], 10)) == 2


def test_encoding_and_decoding() -> None:
    vocabulary = Vocabulary.build(TEXTS, 10)
    ids = vocabulary.encode(["a", "never", "b"])
    assert ids.dtype == np.int32
    assert ids.tolist() == [3, 1, 2]
    assert vocabulary.decode(ids) == ["a", "<unk>", "b"]
    assert vocabulary.encode([]).shape == (0,)
    assert "a" in vocabulary
    assert "never" not in vocabulary
    for wrong in (-1, 6):
        with pytest.raises(IndexError):
            vocabulary.decode([wrong])


def test_a_text_that_spells_padding_is_not_padding() -> None:
    vocabulary = Vocabulary.build([["<pad>", "<unk>", "a"]], 10)
    assert vocabulary.tokens == ["<pad>", "<unk>", "a"]
    assert vocabulary.encode(["<pad>", "<unk>"]).tolist() == [1, 1]
    assert "<pad>" not in vocabulary


def test_json_round_trip_of_every_kind_of_character() -> None:
    tokens = ["<pad>", "<unk>", "很", "\u202e", "\x00", '"', "\\", "\u2028", "\U0001f44d", "\ud800"]
    text = Vocabulary(tokens).to_json()
    text.encode("utf-8")
    assert Vocabulary.from_json(text).tokens == tokens
    assert "很" in Vocabulary(tokens[:-1]).to_json()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "3",
        "[" * 100_000,
        '{"format": 1}',
        '{"format": 1, "tokens": ["a", 3]}',
        '{"format": 1, "tokens": ["a", "b"]}',
        '{"format": 1, "tokens": ["<pad>", "<unk>", "a", "a"]}',
        '{"format": 99, "tokens": ["<pad>", "<unk>"]}',
    ],
)
def test_damage_is_told(text: str) -> None:
    with pytest.raises(StudioError, match=r"run/vocabulary\.json: The vocabulary (is damaged|was written)"):
        Vocabulary.from_json(text, where="run/vocabulary.json")


def test_the_file_is_plain() -> None:
    values = json.loads(Vocabulary.build(TEXTS, 10).to_json())
    assert values["tokens"] == ["<pad>", "<unk>", "b", "a", "c", "d"]


@pytest.mark.parametrize("size", [1, 3, 40, 99, 100, 101, 500])
def test_the_first_of_many_are_those_of_all_in_order(size: int) -> None:
    random = np.random.default_rng(3)
    counts = {f"w{number}": int(count) for number, count in enumerate(random.integers(1, 9, 100))}
    whole = sorted(counts, key=lambda token: (-counts[token], token))
    assert Vocabulary.build(counts, size).tokens[2:] == whole[:size]
