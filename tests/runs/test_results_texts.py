"""What results.json says of running text; damage costs the part."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from lstm_studio.runs.results import TextsResults, evaluated, part_of, read_results
from lstm_studio.runs.results_texts import pieces, running
from tests.runs.test_results import texts, write
from tests.runs.test_results_written import written

PASSAGE: dict[str, Any] = {
    "place": 120,
    "hard": True,
    "tokens": ["the", "<unk>", "of", "trade", "↵", "said", "N", "</s>", "it"],
    "losses": [None, 0.2, 0.1, 7.5, 0.9, 3.0, 5.2, 1.0, 2.5],
}
BANDS: list[dict[str, Any]] = [
    {"first": 1, "last": 10, "tokens": 5000, "loss": 2.1},
    {"first": 11, "last": 100, "tokens": 0, "loss": 0.0},
    {"first": 101, "last": 1000, "tokens": 2500, "loss": 6.25},
]
COSTLY: list[dict[str, Any]] = [
    {"token": "<unk>", "count": 900, "loss": 4.0},
    {"token": "↵", "count": 300, "loss": 1.5},
]


def running_text(**changes: Any) -> dict[str, Any]:
    return {
        "metrics": {"perplexity": 78.3, "bits_per_character": 1.128, "loss": 4.36},
        "kind": "texts",
        "units": "word",
        "examples": 10_000,
        "unknown": 0.048,
        "bands": BANDS,
        "costly": COSTLY,
        "passages": [PASSAGE, {**PASSAGE, "place": 60, "hard": False}],
        **changes,
    }


def test_a_part_is_read_as_it_was_written(tmp_path: Path) -> None:
    parts = read_results(write(tmp_path, {"validation": running_text(), "test": written()}))
    part = parts["validation"]
    assert isinstance(part, TextsResults)
    assert not isinstance(parts["test"], TextsResults)
    assert (part.examples, part.unknown, part.units) == (10_000, 0.048, "word")
    assert part.usual == ("perplexity", "bits_per_character")
    assert [band.tokens for band in part.bands] == [5000, 0, 2500]
    assert math.isnan(part.bands[1].loss)
    assert part.share(part.costly[0]) == pytest.approx(3600 / 43_600)
    one = part.passages[0]
    assert one.hard
    assert math.isnan(one.losses[0])
    assert one.perplexity == pytest.approx(math.exp(20.4 / 8))


def test_the_command_line_says_it_too() -> None:
    part = part_of(running_text())
    assert part is not None
    lines = part.lines()
    assert lines[0] == "unknown tokens: 4.8 %"
    assert lines[2:5] == [
        "       1 to 10   2.1000   50.0 % of the tokens",
        "     11 to 100        –    0.0 % of the tokens",
        "  101 to 1,000   6.2500   25.0 % of the tokens",
    ]
    assert lines[5].endswith(": <unk> 8.3 %, ↵ 1.0 %")
    bare = part_of(running_text(bands=[], costly=[], passages=[], metrics={}))
    assert bare is not None
    assert len(bare.lines()) == 1
    assert part_of(texts()).lines()[1].split() == ["no", "50.0", "%", "100.0", "%", "66.7", "%", "4"]  # type: ignore[union-attr]


def test_an_evaluation_is_read_like_a_part() -> None:
    content = running_text()
    part = evaluated({**content.pop("metrics"), **content, "notes": []})
    assert isinstance(part, TextsResults)
    assert list(part.metrics) == ["perplexity", "bits_per_character", "loss"]
    assert part.unknown == 0.048


@pytest.mark.parametrize(
    ("units", "tokens", "text"),
    [
        ("word", ["a", "b", "↵", "c", "</s>", "d"], "a b\nc\nd"),
        ("character", ["天", "▁", "地", "↵", "⇥", "人"], "天 地\n\t人"),
        ("bpe", ["▁The", "▁dog", "s", "▁", "!", "↵", "▁New"], "The dogs !\nNew"),
        ("word", [], ""),
    ],
)
def test_tokens_are_text_again(units: Any, tokens: list[str], text: str) -> None:
    assert running(tokens, units) == text
    assert len(pieces(tokens, units)) == len(tokens)


@pytest.mark.parametrize(
    "changes",
    [
        {"metrics": None},
        {"examples": "many"},
        {"examples": -1},
        {"units": "letters"},
        {"unknown": None},
        {"bands": None},
        {"bands": [{**BANDS[0], "first": 11}]},
        {"bands": [{**BANDS[0], "loss": float("nan")}]},
        {"costly": [{"token": 3, "count": 1, "loss": 1.0}]},
        {"costly": [7]},
        {"passages": [{**PASSAGE, "losses": [1.0]}]},
        {"passages": [{**PASSAGE, "tokens": None}]},
        {"passages": {}, "costly": {"a": 1}},
    ],
)
def test_a_damaged_part_is_left_out(tmp_path: Path, changes: dict[str, Any]) -> None:
    content = {"validation": running_text(**changes), "test": running_text()}
    assert list(read_results(write(tmp_path, content))) == ["test"]
