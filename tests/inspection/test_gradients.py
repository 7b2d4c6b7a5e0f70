"""Gradients of states: the step-by-step path against the fused one, autograd elsewhere and finite differences."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lstm_studio import Predictor
from lstm_studio.config import ModelConfig
from lstm_studio.inspection.gradients import gradient_flow
from lstm_studio.nn.clamping import Hold, Holds
from lstm_studio.nn.classifier import TextClassifier
from lstm_studio.nn.recurrent import Recurrent
from lstm_studio.nn.stepwise import all_states, watched
from lstm_studio.tasks.answers import Question
from tests.inspection.test_attribution import answers, network, read
from tests.inspection.test_tag_inside import CPU
from tests.inspection.test_tag_inside import network as tagger

CELLS = [
    {"cell": "lstm", "peephole": "none"},
    {"cell": "lstm", "peephole": "diagonal"},
    {"cell": "lstm", "peephole": "full", "output_gate_sees": "current"},
    {"cell": "lstm", "variant": "coupled"},
    {"cell": "gru"},
    {"cell": "rnn"},
]


def flow(model: TextClassifier, text: str, label: str | None = None):
    reading = read(text)
    question = answers().question(model, reading, torch.device("cpu"), label, None)
    return gradient_flow(question, model, reading.tokens, model.recurrent.cell)


@pytest.mark.parametrize("model", CELLS)
def test_step_by_step_is_the_same_network(model: dict[str, str]) -> None:
    torch.manual_seed(1)
    stack = Recurrent(3, 4, layers=2, bidirectional=True, **model).double().eval()
    x = torch.randn(2, 5, 3, dtype=torch.float64)
    lengths = torch.full((2,), 5)
    outputs, state, _ = stack(x, lengths)
    with watched(stack) as found:
        again, after, _ = stack(x, lengths)
    torch.testing.assert_close(again, outputs, rtol=0, atol=1e-12)
    torch.testing.assert_close(after.h, state.h, rtol=0, atol=1e-12)
    assert (after.c is None) == (state.c is None)
    if after.c is not None:
        torch.testing.assert_close(after.c, state.c, rtol=0, atol=1e-12)
    assert [(one.layer, one.direction) for one in found] == [(k, d) for k in (0, 1) for d in ("forward", "backward")]
    top = torch.stack(found[2].h, 1)
    torch.testing.assert_close(top, again[..., :4], rtol=0, atol=1e-12)
    assert not any(layer[side]._forward_hooks for layer in stack.layers for side in (0, 1)), "nothing is left behind"


@pytest.mark.parametrize("model", [CELLS[1], CELLS[4], CELLS[5]])
def test_against_finite_differences(model: dict[str, str]) -> None:
    """A state that is held a little off its value changes the answer as its gradient says."""
    torch.manual_seed(2)
    config = ModelConfig(hidden_size=3, embedding_size=4, pooling="mean", layers=2, bidirectional=True, **model)
    net = TextClassifier(9, 2, config).double().eval()
    vectors = torch.randn(1, 6, 4, dtype=torch.float64)
    lengths = torch.tensor([6])

    def odds(points: torch.Tensor) -> torch.Tensor:
        logits = net.classify(points, lengths).logits
        return logits[:, 1] - logits[:, 0]

    question = Question(vectors, odds, odds, True, "x", 1)
    found = gradient_flow(question, net, tuple("abcdef"), net.recurrent.cell)
    traces = net.recurrent(vectors, lengths, trace=True)[2]
    for layer, direction, name, place in [(0, "forward", "h", 1), (0, "backward", "h", 4), (1, "forward", "c", 2)]:
        trace = next(one for one in traces if (one.layer, one.direction) == (layer, direction))
        if name not in trace.values:
            continue
        value = trace.values[name][0, place]
        slopes = []
        for unit in range(3):
            ends = []
            for off in (-1e-5, 1e-5):
                held = value.clone()
                held[unit] += off
                every = torch.ones(3, dtype=torch.bool)
                net.recurrent.holds = Holds([Hold(layer, direction, name, every, held, place, place + 1)])
                with torch.no_grad():
                    ends.append(float(odds(vectors)))
            slopes.append((ends[1] - ends[0]) / 2e-5)
        net.recurrent.holds = None
        told = getattr(found.layer(f"layer{layer}.{direction}"), name)[place]
        assert told == pytest.approx(np.linalg.norm(slopes), rel=1e-4)


def test_a_plain_network_by_hand() -> None:
    """dL/dh[t-1] = W_h^T diag(1 - h[t]^2) dL/dh[t] of a tanh RNN whose last state decides."""
    model = network(cell="rnn", pooling="last", bidirectional=False, classes=2)
    found = flow(model, "a b c d e")
    weights = {k: v.detach().double().numpy() for k, v in model.state_dict().items()}
    recurrent = next(v for k, v in weights.items() if k.endswith("weight_hh_l0"))
    ids = torch.from_numpy(read("a b c d e").ids)[None]
    with torch.no_grad():
        h = model(ids, torch.tensor([5]), trace=True).traces[0].values["h"][0].double().numpy()
    best, other = (1, 0) if found.position == 1 else (0, 1)
    gradient = weights["output.weight"][best] - weights["output.weight"][other]
    expected = []
    for step in range(4, -1, -1):
        expected.append(np.linalg.norm(gradient))
        gradient = recurrent.T @ ((1 - h[step] ** 2) * gradient)
    layer = found.layers[0]
    np.testing.assert_allclose(layer.h, expected[::-1], rtol=1e-4)
    assert layer.c is None
    assert (layer.answer, found.cell) == (4, "rnn")


def test_where_the_answer_is_taken() -> None:
    ends = {layer.name: layer.answer for layer in flow(network(layers=2, pooling="last"), "a b c d").layers}
    assert ends == {"layer0.forward": 3, "layer0.backward": 0, "layer1.forward": 3, "layer1.backward": 0}
    made, model = tagger(layers=2)
    reading = made.read("a b c d e f")
    found = gradient_flow(made.question(model, reading, CPU, None, 2), model, reading.tokens, "lstm")
    assert {layer.answer for layer in found.layers} == {2}
    assert (found.layers[2].h[3:] == 0).all()
    assert (found.layers[3].h[:2] == 0).all()
    assert (found.layers[0].h > 0).all(), "through the layer above each word matters"


def test_padding_that_is_read_has_steps() -> None:
    model = network(pooling="last", bidirectional=False)
    reading = read("a b", pad_to_max_length=True)
    question = answers().question(model, reading, torch.device("cpu"), None, None)
    found = gradient_flow(question, model, reading.tokens, "lstm")
    assert (len(found.tokens), len(found.layers[0].h), found.layers[0].answer) == (2, 12, 11)


def test_what_is_very_small_is_not_zero() -> None:
    model = network(cell="rnn", pooling="last", bidirectional=False)
    with torch.no_grad():
        model.recurrent.layers[0][0].core.weight_hh_l0.mul_(1e-7)
    norms = flow(model, "a b c d e").layers[0].h
    assert 0 < norms[0] < 1e-20


def test_a_saved_run_and_its_weights_stay_as_they_are(trained) -> None:
    predictor = Predictor(trained)
    before = predictor.predict(["the film was good"])[0].probabilities
    found = predictor.gradients("the film was good")
    assert found.tokens == ("the", "film", "was", "good")
    assert {layer.name for layer in found.layers} == {layer.name for layer in predictor.trace("the film").layers}
    assert all(np.isfinite(layer.h).all() and layer.c is not None for layer in found.layers)
    assert predictor.predict(["the film was good"])[0].probabilities == before
    assert predictor.gradients("the film was good", label="negative").label == "negative"


def test_nothing_is_watched_where_nothing_runs() -> None:
    with watched(torch.nn.Linear(2, 2)) as found:
        pass
    assert all_states(found) == []
