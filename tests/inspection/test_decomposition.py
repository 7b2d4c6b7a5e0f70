"""Contextual decomposition: beta and gamma add up, and agree with the paper's equations written down in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lstm_studio import Predictor
from lstm_studio.errors import StudioError
from lstm_studio.inspection.decomposition import contributions, phrase, split_states
from lstm_studio.nn.recurrent import Recurrent
from tests.inspection.test_attribution import answers, network, read
from tests.inspection.test_tag_inside import CPU
from tests.inspection.test_tag_inside import network as tagger

CELLS = [
    {"cell": "lstm", "peephole": "none"},
    {"cell": "lstm", "peephole": "diagonal"},
    {"cell": "lstm", "peephole": "full"},
    {"cell": "lstm", "peephole": "diagonal", "output_gate_sees": "current"},
    {"cell": "gru"},
    {"cell": "rnn"},
]


@pytest.mark.parametrize("model", CELLS)
def test_the_parts_are_exactly_the_states(model: dict[str, str]) -> None:
    torch.manual_seed(0)
    stack = Recurrent(3, 4, layers=2, bidirectional=True, **model).double().eval()
    with torch.no_grad():
        for parameter in stack.parameters():  # biases that matter
            parameter.add_(0.3 * torch.randn_like(parameter))
    x = torch.randn(6, 3, dtype=torch.float64)
    inside = torch.zeros(3, 6, dtype=torch.bool)
    inside[0, 2:4] = inside[1] = True
    (beta, gamma), (h_own, h_rest), c = split_states(stack, x, inside)
    outputs, state, _ = stack(x[None], torch.tensor([6]))
    for row in range(3):
        torch.testing.assert_close((beta + gamma)[row], outputs[0], rtol=0, atol=1e-12)
        torch.testing.assert_close((h_own + h_rest)[:, row], state.h[:, 0], rtol=0, atol=1e-12)
        if c is not None:
            torch.testing.assert_close((c[0] + c[1])[:, row], state.c[:, 0], rtol=0, atol=1e-12)
    assert (c is None) == (state.c is None)
    assert float(beta[2].abs().max()) == 0, "an empty phrase has said nothing"
    assert float(beta[0, 0, :4].abs().max()) > 0, "through the layer that reads from the end"


def test_the_papers_equations_with_a_peephole() -> None:
    """One layer, one direction: every term of the paper's sums written out, gate by gate, in NumPy."""
    torch.manual_seed(3)
    stack = Recurrent(2, 3, peephole="diagonal").double().eval()
    cell = stack.layers[0][0]
    with torch.no_grad():
        cell.bias.normal_()
    w, v, b, p = (t.detach().numpy() for t in (cell.weight_x, cell.weight_h, cell.bias, cell.peephole))
    x = torch.randn(4, 2, dtype=torch.float64)
    inside = torch.tensor([[False, True, True, False]])

    def sigmoid(a: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-a))

    def linearised(function, own, rest, bias):
        """Mean over the two orders of own and rest, the bias first."""
        first = function(bias)
        one = (function(bias + own) - first, function(bias + own + rest) - function(bias + own))
        two = (function(bias + own + rest) - function(bias + rest), function(bias + rest) - first)
        return (one[0] + two[0]) / 2, (one[1] + two[1]) / 2, first

    bh, gh, bc, gc = (np.zeros(3) for _ in range(4))
    for step in range(4):
        vector = x[step].numpy()
        own_x, rest_x = (vector, 0 * vector) if inside[0, step] else (0 * vector, vector)
        parts = {}
        for number, gate in enumerate("ifgo"):
            rows = slice(3 * number, 3 * number + 3)
            peep = {"i": p[0], "f": p[1], "o": p[2]}.get(gate, np.zeros(3))
            own = w[rows] @ own_x + v[rows] @ bh + peep * bc
            rest = w[rows] @ rest_x + v[rows] @ gh + peep * gc
            parts[gate] = linearised(np.tanh if gate == "g" else sigmoid, own, rest, b[rows])
        i, f, g, o = (parts[gate] for gate in "ifgo")
        own_u = i[0] * g[0] + i[0] * g[2] + i[2] * g[0]
        rest_u = i[1] * sum(g) + sum(i) * g[1] - i[1] * g[1] + i[2] * g[2]
        own_f = (f[0] + f[2]) * bc
        rest_f = f[1] * bc + sum(f) * gc
        bc, gc = own_f + own_u, rest_f + rest_u
        shown = linearised(np.tanh, bc, gc, np.zeros(3))
        bh, gh = sum(o) * shown[0], sum(o) * shown[1]
    (beta, gamma), _, _ = split_states(stack, x, inside)
    np.testing.assert_allclose(beta[0, -1].numpy(), bh, atol=1e-12)
    np.testing.assert_allclose(gamma[0, -1].numpy(), gh, atol=1e-12)


def test_phrase_and_rest_make_up_the_answer() -> None:
    for pooling in ("last", "max", "attention"):
        model, reading = network(pooling=pooling), read("a b c d e f")
        question = answers().question(model, reading, torch.device("cpu"), None, None)
        found = phrase(question, model, 1, 4, 6)
        assert found.together + found.rest == pytest.approx(found.odds - found.nothing, abs=1e-5)
        assert found.odds == pytest.approx(float(question.score(question.vectors).detach()), abs=1e-5)
        assert len(found.alone) == 3
        single = phrase(question, model, 2, 3, 6)
        assert single.together == pytest.approx(found.alone[1], abs=1e-6)
        assert single.alone[0] == single.together


def test_two_classes_and_the_last_state_give_the_papers_product() -> None:
    model, reading = network(classes=2, pooling="last", bidirectional=False), read("a b c d")
    question = answers(("x", "y")).question(model, reading, torch.device("cpu"), "y", None)
    own = contributions(question, model, [(1, 3)])[0][0, 0]
    inside = torch.tensor([[False, True, True, False]])
    (beta, _), _, _ = split_states(model.recurrent, question.vectors[0], inside)
    with torch.no_grad():
        weights = model.output.weight[1] - model.output.weight[0]
    assert own == pytest.approx(float(beta[0, -1] @ weights), abs=1e-6)


def test_a_tag_a_saved_run_and_what_cannot_be(trained) -> None:
    made, model = tagger(layers=2)
    reading = made.read("a b c d e")
    found = phrase(made.question(model, reading, CPU, None, 1), model, 3, 5, 5)
    assert found.word == 1
    assert found.together + found.rest == pytest.approx(found.odds - found.nothing, abs=1e-5)
    predictor = Predictor(trained)
    turned = predictor.phrase("the film was not good", 3, 5, label="negative")
    assert turned.together > 0, "it has learned what 'not' does"
    assert turned.together > float(turned.alone.sum())
    with pytest.raises(StudioError, match="no such phrase"):
        predictor.phrase("the film", 1, 3)
    odd = network(variant="coupled")
    question = answers().question(odd, read("a b"), torch.device("cpu"), None, None)
    with pytest.raises(StudioError, match="no LSTM with a part left out"):
        phrase(question, odd, 0, 1, 2)
