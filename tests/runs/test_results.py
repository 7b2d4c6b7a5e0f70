"""results.json is read as it was written; damage costs a part, never more; torch is not needed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lstm_studio.runs.results import Mistake, part_of, read_results

FIGURES = {"precision": 0.5, "recall": 1.0, "f1": 0.6666, "support": 4}
SENTENCE: dict[str, Any] = {
    "index": 7,
    "words": ["Paris", "met", "Ada", "Lovelace"],
    "wrong": 3,
    "predicate": 1,
    "truth": [[0, 1, "place"], [2, 4, "person"]],
    "predicted": [[0, 1, "person"], [2, 3, "person"]],
}


def tagging(**changes: Any) -> dict[str, Any]:
    return {
        "metrics": {"loss": 0.25, "f1": 0.5, "precision": 0.5, "recall": 0.5, "accuracy": 0.9},
        "per_class": {"person": FIGURES, "place": FIGURES},
        "classes": ["person", "place", ""],
        "confusion": [[4, 0, 1], [1, 2, 0], [2, 0, 0]],
        "examples": 12,
        "worst": [SENTENCE],
        **changes,
    }


def texts(**changes: Any) -> dict[str, Any]:
    return {
        "metrics": {"loss": 0.5, "accuracy": 0.75},
        "per_class": {"no": FIGURES, "yes": FIGURES},
        "classes": ["no", "yes"],
        "confusion": [[2, 1], [0, 1]],
        "examples": 4,
        "worst": [{"index": 3, "words": ["so", "bad"], "truth": "no", "predicted": "yes", "probability": 0.98}],
        **changes,
    }


def write(folder: Path, content: Any, facts: Any = None) -> Path:
    (folder / "results.json").write_text(json.dumps(content), encoding="utf-8")
    if facts is not None:
        (folder / "vocabulary.json").write_text(json.dumps(facts), encoding="utf-8")
    return folder


def test_sentences_know_their_cells_and_labels_their_order(tmp_path: Path) -> None:
    facts = {"tags": ["O", "B-work", "B-place", "I-place", "B-person"], "learned_scheme": "IOB2", "spaced": False}
    parts = read_results(write(tmp_path, {"validation": tagging(), "test": texts()}, facts))
    assert list(parts) == ["validation", "test"]
    part = parts["validation"]
    assert part.nothing == 2
    assert part.labels == ("person", "place", "work")
    assert part.spaced is False
    assert part.confusion.tolist() == [[4, 0, 1], [1, 2, 0], [2, 0, 0]]
    assert part.per_class["place"].support == 4
    assert part.worst is not None
    mistake = part.worst[0]
    # place read as person; a person missed; a shorter person invented
    assert mistake.cells == {(1, 0), (0, 2), (2, 0)}
    assert mistake.predicate == 1
    assert mistake.truth[1] == (2, 4, "person")


def test_texts_have_a_class_and_a_probability(tmp_path: Path) -> None:
    part = read_results(write(tmp_path, {"validation": texts()}))["validation"]
    assert part.nothing is None
    assert part.labels == ("no", "yes")
    cells = frozenset([(0, 1)])
    assert part.worst == (Mistake(3, ("so", "bad"), cells, label="no", read="yes", probability=0.98),)


def test_runs_before_wrong_texts_were_kept() -> None:
    content = texts()
    del content["worst"]
    part = part_of(content)
    assert part is not None
    assert part.worst is None


def test_without_a_file_there_is_nothing(tmp_path: Path) -> None:
    assert read_results(tmp_path) == {}
    assert read_results(tmp_path / "nowhere") == {}


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"validation": 3}', "[" * 100_000, '{"test": {}}'])
def test_a_damaged_file_is_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "results.json").write_text(content, encoding="utf-8")
    assert read_results(tmp_path) == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"confusion": [[1, 2], [3]]},
        {"confusion": [[1, 2], [3, 4]]},
        {"confusion": [[-1, 0, 0]] * 3},
        {"classes": ["person", "person", ""]},
        {"classes": ["person", 4, ""]},
        {"per_class": {"person": {"f1": 1}}},
        {"per_class": {"person": {**FIGURES, "f1": float("nan")}}},
        {"examples": None},
        {"metrics": None},
        {"worst": [{**SENTENCE, "truth": [[0, 9, "place"]]}]},
        {"worst": [{**SENTENCE, "truth": [[0, 1, "river"]]}]},
        {"worst": [{**SENTENCE, "predicate": 4}]},
        {"worst": [{**SENTENCE, "words": [1]}]},
        {"worst": [3]},
    ],
)
def test_a_damaged_part_is_left_out(tmp_path: Path, changes: dict[str, Any]) -> None:
    parts = read_results(write(tmp_path, {"validation": tagging(**changes), "test": texts()}))
    assert list(parts) == ["test"]


def test_damaged_facts_cost_the_part_that_needs_them_no_more_than_that(tmp_path: Path) -> None:
    write(tmp_path, {"validation": tagging()}, {"tags": 3})
    assert read_results(tmp_path)["validation"].labels == ("person", "place")


def test_an_empty_confusion_is_one_without_classes() -> None:
    part = part_of(tagging(classes=[""], confusion=[[0]], per_class={}, worst=[]))
    assert part is not None
    assert part.nothing == 0


def test_torch_is_not_needed() -> None:
    code = "import sys, lstm_studio.runs.results as r; r.read_results('.'); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
