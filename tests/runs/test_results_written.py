"""What results.json says of texts that were written; damage costs the part."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lstm_studio.runs.results import PartResults, WrittenResults, part_of, read_results
from tests.runs.test_results import texts, write

ENTRY: dict[str, Any] = {
    "index": 17,
    "source": "Leute reparieren das Dach eines Hauses.",
    "references": ["People are fixing the roof of a house.", "Some people repair a roof."],
    "written": "People on the roof of a house.",
    "score": 12.3,
}
LENGTHS: dict[str, Any] = {"edges": [3, 5, 9, 41], "scores": [60.0, 0, 41.5], "counts": [80, 0, 60]}


def written(**changes: Any) -> dict[str, Any]:
    return {
        "metrics": {
            "bleu": 31.2,
            "chrf": 55.0,
            "rouge1": 0.41,
            "rouge2": 0.2,
            "rougeL": 0.38,
            "perplexity": 7.1,
            "loss": 1.96,
        },
        "examples": 1014,
        "written": 1000,
        "signature": {"bleu": "nrefs:1|case:lc|eff:no|tok:13a", "chrf": "nrefs:1|case:lc"},
        "intervals": {"bleu": [30.1, 32.2]},
        "worst": [ENTRY],
        "lengths": LENGTHS,
        **changes,
    }


def test_a_part_is_read_as_it_was_written(tmp_path: Path) -> None:
    part = read_results(write(tmp_path, {"validation": written(), "test": texts()}))["validation"]
    assert isinstance(part, WrittenResults)
    assert (part.examples, part.written) == (1014, 1000)
    assert part.usual[0] == "bleu"
    assert part.ranges == {"bleu": (30.1, 32.2)}
    assert part.folded
    one = part.worst[0]
    assert (one.index, one.score, one.references[1]) == (17, 12.3, "Some people repair a roof.")
    assert part.lengths is not None
    assert part.lengths.counts == (80, 0, 60)
    assert math.isnan(part.lengths.scores[1])


def test_kinds_are_told_by_what_a_part_holds(tmp_path: Path) -> None:
    parts = read_results(write(tmp_path, {"validation": written(), "test": texts()}))
    assert [type(part) for part in parts.values()] == [WrittenResults, PartResults]


def test_what_may_be_missing() -> None:
    content = written(worst=[], lengths={"edges": [], "scores": [], "counts": []})
    del content["signature"], content["intervals"]
    part = part_of(content)
    assert isinstance(part, WrittenResults)
    assert (part.lengths, part.ranges, part.worst, part.folded) == (None, {}, (), False)
    assert part_of(written(worst=[{**ENTRY, "references": []}])) is not None


def test_a_perplexity_without_end_is_read(tmp_path: Path) -> None:
    content = written()
    content["metrics"]["perplexity"] = math.inf
    part = read_results(write(tmp_path, {"validation": content}))["validation"]
    assert part.metrics["perplexity"] == math.inf


@pytest.mark.parametrize(
    "changes",
    [
        {"metrics": None},
        {"examples": "many"},
        {"written": None},
        {"worst": None},
        {"worst": [3]},
        {"worst": [{**ENTRY, "source": 4}]},
        {"worst": [{**ENTRY, "written": None}]},
        {"worst": [{**ENTRY, "references": "one"}]},
        {"worst": [{**ENTRY, "score": float("nan")}]},
        {"signature": {"bleu": 3}},
        {"intervals": {"bleu": [1]}},
        {"lengths": {**LENGTHS, "edges": [3, 5]}},
        {"lengths": {**LENGTHS, "edges": [5, 3, 9, 41]}},
        {"lengths": {**LENGTHS, "counts": [1, 2]}},
        {"lengths": {**LENGTHS, "counts": [80, -1, 60]}},
        {"lengths": {**LENGTHS, "scores": [None, 0, 1]}},
    ],
)
def test_a_damaged_part_is_left_out(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert list(read_results(write(tmp_path, {"validation": written(**changes), "test": written()}))) == ["test"]


def test_torch_is_not_needed(tmp_path: Path) -> None:
    write(tmp_path, {"validation": written()})
    code = f"import sys, lstm_studio.runs.results as r; print(len(r.read_results({json.dumps(str(tmp_path))})));"
    code += "sys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "1\n")


def test_a_card_writes_figures_by_their_kind(tmp_path: Path) -> None:
    from lstm_studio.config import parse
    from lstm_studio.runs.card import model_card
    from lstm_studio.runs.folder import RunInfo

    best = {"bleu": 31.24, "rougeL": 0.381, "perplexity": 7.14, "loss": 1.96, "test_bleu": 30.0, "f1": 0.5}
    config = parse({"task": "classification", "data": {"path": "a.csv"}})
    card = model_card(config, RunInfo(best=best, best_epoch=2, epochs=3), tmp_path)
    for line in (
        "| BLEU | 31.2 |",
        "| ROUGE-L | 38.1 % |",
        "| Perplexity | 7.1 |",
        "| Loss | 1.9600 |",
        "| BLEU on the test file | 30.0 |",
        "| F1 of whole spans | 50.0 % |",
    ):
        assert line in card


def test_the_telling_figure_and_the_baseline_are_read_back() -> None:
    baseline = {"title": "The first sentence", "metrics": {"rougeL": 0.24}}
    part = part_of(written(watched="rougeL", baseline=baseline))
    assert isinstance(part, WrittenResults)
    assert part.usual[0] == "rougeL"
    assert part.baseline == ("The first sentence", {"rougeL": 0.24})
    for wrong in ({"baseline": {"title": 3, "metrics": {}}}, {"baseline": []}, {"watched": 7}):
        assert part_of(written(**wrong)) is None
