"""Figures by hand, and a classification task from file to look."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from lstm_studio.config import parse
from lstm_studio.errors import StudioError
from lstm_studio.tasks import registry
from lstm_studio.tasks.metrics import accuracy, confusion_matrix, macro_f1, per_class
from tests.training.conftest import write_toy


def test_figures_by_hand():
    truth = np.array([0, 0, 0, 1, 1, 2])
    predicted = np.array([0, 0, 1, 1, 2, 2])
    confusion = confusion_matrix(truth, predicted, 3)
    assert confusion.tolist() == [[2, 1, 0], [0, 1, 1], [0, 0, 1]]
    assert accuracy(confusion) == pytest.approx(4 / 6)
    precision, recall, f1 = per_class(confusion)
    assert precision.tolist() == pytest.approx([1, 1 / 2, 1 / 2])
    assert recall.tolist() == pytest.approx([2 / 3, 1 / 2, 1])
    assert f1.tolist() == pytest.approx([0.8, 0.5, 2 / 3])
    assert macro_f1(confusion) == pytest.approx((0.8 + 0.5 + 2 / 3) / 3)


def test_a_class_that_never_occurs_counts_nothing():
    confusion = confusion_matrix(np.array([0, 1]), np.array([0, 1]), 3)
    assert macro_f1(confusion) == 1
    assert per_class(confusion)[2].tolist() == [1, 1, 0]
    assert accuracy(np.zeros((2, 2))) == macro_f1(np.zeros((2, 2))) == 0


@pytest.fixture
def made(tmp_path):
    config = parse(
        {
            "data": {"path": str(write_toy(tmp_path / "toy.csv")), "max_length": 6},
            "model": {"hidden_size": 5, "embedding_size": 4},
            "training": {"class_weights": "balanced", "label_smoothing": 0.1},
        }
    )
    task = registry.get("classification")
    prepared = task.prepare(config)
    meta = task.meta(prepared)
    torch.manual_seed(0)
    return task, prepared, meta, task.build_model(prepared.config, meta).eval()


def test_loss_and_figures_do_not_depend_on_the_batch(made):
    task, prepared, meta, model = made
    device = torch.device("cpu")
    *_, evaluation = task.evaluate(model, prepared.config, prepared.validation, meta, device)
    total = hits = 0.0
    for row in range(len(prepared.validation)):
        batch = task.collate(prepared.validation, np.array([row]), device)
        with torch.no_grad():
            logits = model(batch.ids, batch.lengths).logits[0].log_softmax(0)
        total -= float(logits[batch.targets[0]])
        hits += int(logits.argmax()) == int(batch.targets[0])
    count = len(prepared.validation)
    assert evaluation.metrics["loss"] == pytest.approx(total / count, rel=1e-5)
    assert evaluation.metrics["accuracy"] == pytest.approx(hits / count)
    assert np.sum(evaluation.details["confusion"]) == count


def test_the_training_loss_weighs_and_smooths(made):
    task, prepared, _, model = made
    device = torch.device("cpu")
    weights, smoothing = task.start(prepared.config, prepared, device)
    counts = np.bincount(prepared.train.labels)
    assert weights.tolist() == pytest.approx((counts.sum() / (2 * counts)).tolist())
    batch = task.collate(prepared.train, np.arange(8), device)
    loss = task.loss(model, batch, (weights, smoothing))
    logits = model(batch.ids, batch.lengths).logits.log_softmax(1)
    w = weights[batch.targets]
    plain = -(logits.gather(1, batch.targets.unsqueeze(1)).squeeze(1) * w).sum() / w.sum()
    even = -(logits * weights).sum(1).sum() / w.sum() / 2
    assert loss.value.item() == pytest.approx((0.9 * plain + 0.1 * even).item(), rel=1e-5)
    assert (loss.examples, loss.tokens) == (8, int(batch.lengths.sum()))


def test_meta_survives_the_file_and_damage_is_a_sentence(made):
    task, _, meta, _ = made
    again = task.load_meta(meta.to_json())
    assert again.classes == ("neg", "pos")
    assert again.vocabulary == meta.vocabulary
    for text in ("", "[]", "{}", '{"classes": ["a"]}', '{"classes": "ab", "tokens": []}', meta.to_json()[:-40]):
        with pytest.raises(StudioError, match="damaged"):
            task.load_meta(text)


def test_a_look_shows_what_was_read(made):
    task, prepared, meta, model = made
    look = task.look(model, prepared.config, meta, "Good zebra w1 w2 w3 w4 w5 w6", torch.device("cpu"))
    assert look.tokens == ("good", "zebra", "w1", "w2", "w3", "w4")
    assert look.known[:2] == (True, False)
    assert [(gates.layer, gates.direction) for gates in look.gates] == [(0, "forward"), (0, "backward")]
    assert look.gates[0].values["c"].shape == (6, 5)
    assert math.isclose(float(look.probabilities.sum()), 1, abs_tol=1e-5)
    padded = prepared.config.replace(**{"data.pad_to_max_length": True})
    assert len(task.look(model, padded, meta, "good", torch.device("cpu")).gates[0].values["h"]) == 1


def test_an_unknown_task_is_a_sentence():
    with pytest.raises(StudioError, match="no task called poetry"):
        registry.get("poetry")


@pytest.mark.parametrize("peephole", ["none", "diagonal"])
def test_the_loss_goes_through_sixteen_bits(made, peephole):
    task, prepared, meta, _ = made
    config = prepared.config.replace(**{"model.peephole": peephole, "model.dropout": 0.0, "model.word_dropout": 0.0})
    config = config.replace(**{"model.embedding_dropout": 0.0})
    torch.manual_seed(0)
    model = task.build_model(config, meta)
    device = torch.device("cpu")
    batch = task.collate(prepared.train, np.arange(16), device)
    extra = task.start(config, prepared, device)
    whole = task.loss(model, batch, extra)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        half = task.loss(model, batch, extra)
    half.value.backward()
    assert half.value.dtype == torch.float32
    assert half.value.item() == pytest.approx(whole.value.item(), rel=0.02)
    assert all(weight.grad is not None and weight.grad.isfinite().all() for weight in model.parameters())


def test_the_probe_is_a_validation_text_of_middling_length(tmp_path):
    path = tmp_path / "given.csv"
    longer = "one two three four five six seven"
    path.write_text("text,label\n" + "\n".join(f"short {n},a\n{longer} {n},b" for n in range(20)))
    task = registry.get("classification")
    prepared = task.prepare(parse({"data": {"path": str(path), "validation_fraction": 0.3}}))
    assert task.probe(prepared).startswith(longer)
    path.write_text("text,label\n" + "\n".join(f"word {n},a\nother {n},b" for n in range(20)))
    prepared = task.prepare(parse({"data": {"path": str(path), "validation_fraction": 0.3}}))
    assert len(task.probe(prepared).split()) == 2
