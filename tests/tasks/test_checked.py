"""Examples answered one by one come to the same figures as the task's own evaluation, whatever the task."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lstm_studio.config import RunConfig
from lstm_studio.inspection.examples import Examples, collect
from lstm_studio.tasks import registry
from lstm_studio.tasks.check_written import gold_figures
from tests.runs import paired, running, tagged, tiny

CPU = torch.device("cpu")


def checked(config: RunConfig) -> tuple[Examples, Any, Any]:
    """An untrained network's table, what its task finds, and the part."""
    torch.manual_seed(3)
    task = registry.get(config.task)
    prepared = task.prepare(config)
    meta, part = task.meta(prepared), task.parts(prepared)["validation"]
    model = task.build_model(prepared.config, meta).eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(3)  # so that answers are not all the same
    answers = task.answers(prepared.config, meta)
    found = list(task.evaluate(model, prepared.config, part, meta, CPU, quick=True))[-1]
    return collect(answers.checked(model, part, CPU)), found, (prepared, part)


def test_texts_with_classes(tmp_path: Path) -> None:
    data = tiny.write_csv(tmp_path / "a.csv", 60)
    examples, found, (prepared, part) = checked(tiny.config(data, **{"data.min_count": 3}))
    assert examples.value() == pytest.approx(found.metrics["accuracy"])
    assert examples.loss.mean() == pytest.approx(found.metrics["loss"], rel=1e-5)
    confusion = np.zeros((2, 2), int)
    np.add.at(confusion, tuple(examples.cells.T), 1)
    assert confusion.tolist() == found.details["confusion"]
    assert [examples.texts[row] for row in range(3)] == [prepared.text("validation", row) for row in range(3)]
    assert examples.question(5) == prepared.question("validation", 5)
    assert examples.unknown.sum() == (part.ids == 1).sum() > 0
    assert examples.length.tolist() == part.token_lengths.tolist()


@pytest.mark.parametrize("crf", [True, False])
def test_sentences_with_tags(tmp_path: Path, crf: bool) -> None:
    data = tagged.write_conll(tmp_path / "a.conll", tagged.sentences())
    examples, found, (prepared, part) = checked(tagged.config(data, **{"model.crf": crf}))
    assert examples.value() == pytest.approx(found.metrics["f1"])
    assert (examples.loss * part.lengths).sum() / part.lengths.sum() == pytest.approx(found.metrics["loss"], rel=1e-5)
    assert examples.hits.mean() == pytest.approx(found.metrics["accuracy"])
    names = found.details["classes"]
    confused = {(names[true], names[read]) for true, read in zip(*np.nonzero(found.details["confusion"]), strict=True)}
    assert {(examples.classes[true], examples.classes[read]) for true, read in examples.cells} == confused
    assert examples.question(2) == prepared.question("validation", 2)
    wrong = {one["index"] for one in found.details["worst"]}
    assert set(np.flatnonzero(~examples.right)) == wrong


def test_the_predicate_is_given_and_counts_for_nothing(tmp_path: Path) -> None:
    data = tagged.write_roles(tmp_path / "a.jsonl", tagged.roles(16))
    examples, found, (prepared, _) = checked(tagged.config(data))
    assert examples.value() == pytest.approx(found.metrics["f1"])
    assert "V" not in {examples.classes[true] for true in examples.cells[:, 0]}
    assert all("[" in text for text in examples.texts)
    assert examples.question(1) == prepared.question("validation", 1)
    assert (np.diff(examples.ends) == examples.length - 1).all()


def test_pairs_of_texts(tmp_path: Path) -> None:
    data = paired.write_tsv(tmp_path / "a.tsv", paired.pairs(60))
    examples, found, (prepared, part) = checked(paired.config(data))
    scores = {one["index"]: one["score"] for one in found.details["worst"]}
    assert {row: round(float(score), 2) for row, score in enumerate(examples.score)} == pytest.approx(scores)
    words = part.target_lengths + 1
    assert (examples.loss * words).sum() / words.sum() == pytest.approx(found.metrics["loss"], rel=1e-5)
    assert ((examples.confidence > 0) & (examples.confidence <= 1)).all()
    assert np.diff(examples.ends).tolist() == words.tolist()
    assert examples.right.tolist() == [said in part.references(row) for row, said in enumerate(examples.said)]
    assert examples.question(0) == prepared.question("validation", 0)


def test_running_text(tmp_path: Path) -> None:
    data = running.write(tmp_path / "a.txt", 160)
    examples, found, (_, part) = checked(running.config(data))
    assert examples.value() == pytest.approx(found.metrics["perplexity"], rel=1e-4)
    assert examples.length.sum() == len(part)
    assert np.exp(examples.loss) == pytest.approx(examples.score)
    shown = {one["place"]: one["losses"] for one in found.details["passages"]}
    begins = np.cumsum(examples.length) - examples.length
    for row, begin in enumerate(begins.tolist()):
        if begin in shown:
            assert np.mean(shown[begin]) == pytest.approx(examples.loss[row], abs=1e-3)
    assert set(shown) <= set(begins.tolist())
    assert "has" in examples.question(0)["text"]
    assert not examples.told


def test_figures_of_true_tokens_however_many_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lstm_studio.tasks.check_written._SCORES", 25)
    scores, gold = torch.randn(7, 11), torch.randint(0, 11, (7,))
    losses, sure, hits = gold_figures(scores, gold, lambda states: states, 11)
    exact = np.exp(scores.numpy().astype(float))
    exact /= exact.sum(1, keepdims=True)
    assert losses == pytest.approx(-np.log(exact[np.arange(7), gold]), rel=1e-5)
    assert sure == pytest.approx(exact.max(1), rel=1e-5)
    assert hits.tolist() == (exact.argmax(1) == gold.numpy()).tolist()
    assert not math.isnan(float(losses.sum()))
