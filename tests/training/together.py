"""Trainings that several take part in, held against those of one."""

from __future__ import annotations

import json

import numpy as np
from safetensors.torch import load_file

from tests.runs import paired, running, tagged
from tests.training.conftest import toy_config, write_toy

STILL = {"model.dropout": 0.0, "model.embedding_dropout": 0.0, "model.word_dropout": 0.0, "training.threads": 1}
"""Nothing is drawn in a step."""
KINDS = ("classification", "tagging", "translation", "generation")


def figures(folder):
    """Step by step: loss, gradient norm, examples, tokens, rate; then the epochs."""
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    names = ("loss", "gradient_norm", "examples", "tokens", "learning_rate")
    steps = [[line[name] for name in names] for line in lines if line["event"] == "step_ended"]
    epochs = [
        [line["train_loss"], line["validation_loss"], *line["metrics"].values()]
        for line in lines
        if line["event"] == "epoch_ended"
    ]
    return np.array(steps), np.array(epochs)


def assert_equal_runs(one, other, tolerance=2e-5):
    for mine, theirs in zip(figures(one), figures(other), strict=True):
        assert mine.shape == theirs.shape
        np.testing.assert_allclose(mine, theirs, rtol=tolerance, atol=tolerance)
    mine, theirs = (load_file(folder / "checkpoint" / "state.safetensors") for folder in (one, other))
    assert mine.keys() == theirs.keys()
    for name in mine:
        if not name.startswith("optimizer"):
            np.testing.assert_allclose(mine[name].numpy(), theirs[name].numpy(), atol=20 * tolerance, err_msg=name)


def config_of(kind, folder):
    """Small networks; SGD, since Adam makes steps of the gradient's sign where the gradient is next to nothing."""
    few = {**STILL, "training.epochs": 2, "training.optimizer": "sgd", "training.learning_rate": 0.1}
    few["training.clip_norm"] = 0.5
    if kind == "classification":
        balanced = {"training.class_weights": "balanced", "training.label_smoothing": 0.1}
        return toy_config(write_toy(folder / "toy.csv", 70)).replace(**few, **balanced)
    if kind == "tagging":
        data = tagged.write_conll(folder / "names.conll", tagged.sentences(30))
        later = {"model.vectors": str(tagged.write_vectors(folder / "vectors.txt"))}
        later |= {"model.vectors_learn": "later", "model.vectors_after": 1}
        return tagged.config(data, **{**few, **later, "model.hidden_size": 8})
    if kind == "translation":
        data = paired.write_tsv(folder / "animals.tsv", paired.pairs(48))
        return paired.config(data, **few, **{"model.hidden_size": 8, "model.embedding_size": 8})
    costs = {"training.activation_cost": 2.0, "training.change_cost": 1.0, "training.vary_steps": True}
    return running.config(running.write(folder / "rhymes.txt", 30), **few, **costs)
