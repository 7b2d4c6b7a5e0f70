from __future__ import annotations

import numpy as np
import pytest
import torch

from lstm_studio.errors import StudioError
from lstm_studio.tasks import text_answers as module
from tests.inspection.test_attribution import network, read, trace_text

CLASSES = ("x", "y", "z")


@pytest.mark.parametrize(("cell", "names"), [("lstm", "ifgoch"), ("gru", "rznh"), ("rnn", "h")])
def test_every_layer_and_direction_is_there(cell: str, names: str) -> None:
    found = trace_text(network(cell=cell, layers=2), read("a b c d"), CLASSES)
    assert [layer.name for layer in found.layers] == [
        "layer0.forward",
        "layer0.backward",
        "layer1.forward",
        "layer1.backward",
    ]
    for layer in found.layers:
        assert set(layer.values) == set(names)
        assert all(v.shape == (4, 6) and v.dtype == np.float32 for v in layer.values.values())
        assert all(v.flags.owndata for v in layer.values.values())


@pytest.mark.parametrize("peephole", ["none", "diagonal", "full"])
def test_the_equations_hold_between_the_arrays(peephole: str) -> None:
    for layer in trace_text(network(peephole=peephole), read("a b c d e"), CLASSES).layers:
        v = layer.values
        step = 1 if layer.direction == "forward" else -1
        before = np.zeros_like(v["c"])
        if step == 1:
            before[1:] = v["c"][:-1]
        else:
            before[:-1] = v["c"][1:]
        np.testing.assert_allclose(v["c"], v["f"] * before + v["i"] * v["g"], atol=1e-6)
        np.testing.assert_allclose(v["h"], v["o"] * np.tanh(v["c"]), atol=1e-6)


@pytest.mark.parametrize("padding", [False, True])
@pytest.mark.parametrize("pooling", ["last", "mean", "max", "attention"])
def test_prefixes_are_what_the_shorter_texts_give(pooling: str, padding: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CELLS", 15)  # several batches
    model, words = network(pooling=pooling), "a b c d e f g"
    found = trace_text(model, read(words, pad_to_max_length=padding), CLASSES)
    assert found.prefix_probabilities.shape == (7, 3)
    for end in range(1, 8):
        alone = trace_text(model, read(" ".join(words.split()[:end]), pad_to_max_length=padding), CLASSES)
        np.testing.assert_allclose(found.prefix_probabilities[end - 1], alone.probabilities, atol=1e-6)
    np.testing.assert_allclose(found.prefix_probabilities[-1], found.probabilities, atol=1e-6)


def test_attention_is_shown_where_there_is_some() -> None:
    found = trace_text(network(pooling="attention"), read("a b c"), CLASSES)
    assert found.attention is not None
    assert found.attention.sum() == pytest.approx(1.0, abs=1e-5)
    assert trace_text(network(pooling="max"), read("a b c"), CLASSES).attention is None


def test_label_and_layer_by_name() -> None:
    found = trace_text(network(), read("a b c"), CLASSES, prefixes=False)
    assert found.verdict == CLASSES[int(found.probabilities.argmax())]
    assert found.layer("layer0.backward").direction == "backward"
    assert found.prefix_probabilities.shape == (0, 3)
    with pytest.raises(StudioError, match="It has layer0.forward, layer0.backward"):
        found.layer("layer7.forward")


def test_the_arrays_are_free_of_torch() -> None:
    found = trace_text(network(), read("a b"), CLASSES)
    found.layers[0].values["h"][0, 0] = 5.0  # an inference tensor's memory could not be written
    assert not isinstance(found.probabilities, torch.Tensor)
