"""Predictor against the network itself; attribution and traces that add up."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from lstm_studio import Predictor
from lstm_studio.config import parse
from lstm_studio.errors import StudioError
from lstm_studio.inspection.order import unit_order
from lstm_studio.runs.export import save_gates
from lstm_studio.runs.start import start
from tests.training.conftest import write_toy

OPTIONS = {
    "studio": {},
    "full": {"peephole": "full", "output_gate_sees": "current", "pooling": "attention"},
    "torch": {"peephole": "none", "layers": 2, "pooling": "last"},
    "gru": {"cell": "gru", "bidirectional": False},
    "index": {"cell": "rnn", "encoding": "index", "pooling": "mean"},
}


@pytest.fixture(scope="module", params=sorted(OPTIONS))
def predictor(request, tmp_path_factory) -> Predictor:
    folder = tmp_path_factory.mktemp(request.param)
    config = parse(
        {
            "data": {"path": str(write_toy(folder / "toy.csv", rows=120)), "max_length": 12},
            "model": {"hidden_size": 6, "embedding_size": 5, **OPTIONS[request.param]},
            "training": {"epochs": 2, "batch_size": 16, "threads": 1, "probe_seconds": 0, "learning_rate": 0.01},
        }
    )
    return Predictor(start(config, lambda event: None, folder=folder / "run", cache=folder / "cache").run)


def test_many_texts_at_once_are_as_one_by_one(predictor):
    texts = ["good w1", "bad", "w3 w4 zebra nice w5 w6", "poor " + "w9 " * 30, "好"]
    together = predictor.predict(texts)
    for text, found in zip(texts, together, strict=True):
        (alone,) = predictor.predict([text])
        assert found.label == alone.label
        assert found.probabilities == pytest.approx(alone.probabilities, abs=1e-5)
        assert sum(found.probabilities.values()) == pytest.approx(1, abs=1e-5)
    assert together[2].unknown == [False, False, True, False, False, False]
    assert len(together[3].tokens) == 12
    assert together[3].cut == 19


def test_a_trace_ends_in_the_prediction(predictor):
    text = "w1 good w2 w3"
    trace = predictor.trace(text)
    (prediction,) = predictor.predict([text])
    np.testing.assert_allclose(trace.probabilities, list(prediction.probabilities.values()), atol=1e-5)
    np.testing.assert_allclose(trace.prefix_probabilities[-1], trace.probabilities, atol=1e-5)
    assert trace.prefix_probabilities.shape == (4, 2)
    (cut,) = predictor.predict(["w1 good"])
    np.testing.assert_allclose(trace.prefix_probabilities[1], list(cut.probabilities.values()), atol=1e-5)
    for layer in trace.layers:
        for values in layer.values.values():
            assert values.shape == (4, 6)
            assert values.dtype == np.float32


def test_contributions_add_up(predictor):
    found = predictor.attribution("w1 good w2 w3 bad")
    assert np.abs(found.weights).sum() == pytest.approx(1, abs=1e-4)
    if found.method == "integrated gradients":
        assert found.contributions.sum() == pytest.approx(found.odds - found.baseline, abs=0.02)
    assert len(predictor.explain("w1 good")) == 2


def test_empty_texts_are_a_sentence(predictor):
    for ask in (predictor.trace, predictor.explain, lambda text: predictor.predict(["good", text])):
        with pytest.raises(StudioError, match="The text is empty"):
            ask("  \n ")


def test_asking_leaves_the_random_numbers_alone(predictor):
    torch.manual_seed(1)
    before = torch.get_rng_state()
    predictor.predict(["good"])
    predictor.explain("good w1")
    assert torch.equal(before, torch.get_rng_state())


def test_gates_as_arrays(predictor, tmp_path):
    trace = predictor.trace("w1 good w2")
    save_gates(trace, tmp_path / "g.npz")
    with np.load(tmp_path / "g.npz", allow_pickle=False) as found:
        for layer in trace.layers:
            for name, values in layer.values.items():
                np.testing.assert_array_equal(found[f"{layer.name}.{name}"], values)


@pytest.mark.parametrize("how", ["activity", "similarity"])
def test_orders_of_units_are_permutations(predictor, how):
    values = predictor.trace("w1 good w2 w3").layers[0].values["h"]
    order = unit_order(values, how)
    assert sorted(order.tolist()) == list(range(values.shape[1]))
    np.testing.assert_array_equal(order, unit_order(values, how))


def test_similar_units_become_neighbours():
    chance = np.random.default_rng(0)
    waves = [np.sin(np.arange(30) * speed) for speed in (0.2, 0.7, 1.3)]
    values = np.stack([waves[unit % 3] + 0.01 * chance.normal(size=30) for unit in range(12)], 1).astype(np.float32)
    kinds = [unit % 3 for unit in unit_order(values, "similarity")]
    changes = sum(one != two for one, two in itertools.pairwise(kinds))
    assert changes == 2
    odd = values.copy()
    odd[3, 4] = np.nan
    assert sorted(unit_order(odd, "similarity").tolist()) == list(range(12))
