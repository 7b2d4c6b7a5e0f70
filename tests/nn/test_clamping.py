"""Layers in which gates are held: equal to the fused ones with nothing held, to a NumPy loop with something held."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lstm_studio.nn.clamping import Hold, Holds
from lstm_studio.nn.recurrent import Recurrent
from tests.nn.reference import sigmoid

CELLS = [
    ("lstm", "none", {}),
    ("lstm", "diagonal", {}),
    ("lstm", "diagonal", {"output_gate_sees": "current"}),
    ("lstm", "full", {}),
    ("lstm", "full", {"output_gate_sees": "current"}),
    ("gru", "none", {}),
    ("rnn", "none", {}),
    *(
        ("lstm", "diagonal", {"variant": name})
        for name in ("coupled", "no_input_gate", "no_forget_gate", "no_output_gate", "no_output_activation")
    ),
]
LENGTHS = torch.tensor([3, 7, 1, 5])
H = 5


def make(cell, peephole, **options):
    torch.manual_seed(0)
    return Recurrent(6, H, cell=cell, peephole=peephole, **options).double().eval()


def inputs(seed=1):
    return torch.randn(4, 7, 6, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def hold(gate, value, units=(0, 3), **options):
    chosen = torch.zeros(H, dtype=torch.bool)
    chosen[list(units)] = True
    return Hold(
        options.pop("layer", 0), options.pop("direction", "forward"), gate, chosen, torch.tensor(value), **options
    )


def nothing(layer=0, direction="forward"):
    return Hold(layer, direction, "h", torch.zeros(H, dtype=torch.bool), torch.tensor(0.0))


@pytest.mark.parametrize(("cell", "peephole", "options"), CELLS)
@torch.no_grad()
def test_with_nothing_held_it_is_the_fused_layer(cell, peephole, options):
    network = make(cell, peephole, layers=2, bidirectional=True, **options)
    whole, end, traces = network(inputs(), LENGTHS, trace=True)
    network.holds = Holds([nothing(layer, way) for layer in (0, 1) for way in network.directions])
    found, state, others = network(inputs(), LENGTHS, trace=True)
    torch.testing.assert_close(found, whole, atol=1e-10, rtol=0)
    torch.testing.assert_close(state.h, end.h, atol=1e-10, rtol=0)
    if cell == "lstm":
        torch.testing.assert_close(state.c, end.c, atol=1e-10, rtol=0)
    for trace, other in zip(traces, others, strict=True):
        assert (trace.layer, trace.direction) == (other.layer, other.direction)
        assert set(trace.values) == set(other.values)
        for name, values in trace.values.items():
            torch.testing.assert_close(other.values[name], values, atol=1e-10, rtol=0)


@pytest.mark.parametrize("gate", list("ifgoch"))
@pytest.mark.parametrize("current", [False, True])
@torch.no_grad()
def test_a_held_gate_is_that_of_a_numpy_loop(gate, current):
    network = make("lstm", "full", output_gate_sees="current" if current else "previous")
    layer = network.layers[0][0]
    network.holds = Holds([hold(gate, 0.25, first=2, last=4)])
    x = inputs()
    found, state, (trace,) = network(x, LENGTHS, trace=True)
    w_x, w_h, bias, peep = (
        value.detach().numpy() for value in (layer.weight_x, layer.weight_h, layer.bias, layer.peephole)
    )
    for row, length in enumerate(LENGTHS.tolist()):
        h, c = np.zeros(H), np.zeros(H)
        for step in range(length):

            def put(name, value, step=step):
                if name == gate and 2 <= step < 4:
                    value = value.copy()
                    value[[0, 3]] = 0.25
                return value

            a = np.split(w_x @ x[row, step].numpy() + w_h @ h + bias, 4)
            i, f = put("i", sigmoid(a[0] + peep[0] @ c)), put("f", sigmoid(a[1] + peep[1] @ c))
            g = put("g", np.tanh(a[2]))
            new = put("c", f * c + i * g)
            o = put("o", sigmoid(a[3] + peep[2] @ (new if current else c)))
            c, h = new, put("h", o * np.tanh(new))
            np.testing.assert_allclose(found[row, step].numpy(), h, atol=1e-12)
            for name, value in zip("ifgoch", (i, f, g, o, c, h), strict=True):
                np.testing.assert_allclose(trace.values[name][row, step].numpy(), value, atol=1e-12)
        np.testing.assert_allclose(state.c[0, row].numpy(), c, atol=1e-12)
        assert (found[row, length:] == 0).all()


@torch.no_grad()
def test_tokens_are_those_of_the_text_in_both_directions():
    network = make("gru", "none", bidirectional=True)
    network.holds = Holds([hold("h", 0.5, range(H), direction="backward", first=1, last=2)])
    _, _, (_, backward) = network(inputs(), LENGTHS, trace=True)
    held = (backward.values["h"] == 0.5).all(2)
    assert held.nonzero().tolist() == [[0, 1], [1, 1], [3, 1]]  # the third row has one token only


@torch.no_grad()
def test_a_text_in_two_calls_has_its_tokens_counted_on():
    network = make("lstm", "diagonal")
    holds = network.holds = Holds([hold("i", 0.0, range(H), first=4, last=6)], lead=1)
    x, full = inputs(), torch.full((4,), 7)
    whole, _, _ = network(x, full)
    assert holds.clock == 7
    _, state, _ = network(x[:, :3], torch.full((4,), 3))
    _, _, (trace,) = network(x[:, 3:], torch.full((4,), 4), state, trace=True)
    assert (trace.values["i"] == 0).all(2).all(0).tolist() == [False, False, True, True]
    network.holds = Holds(holds.holds, lead=1)
    torch.testing.assert_close(network(x, full)[0], whole)


@pytest.mark.parametrize(("cell", "peephole", "options"), CELLS[1:2] + CELLS[5:7])
@pytest.mark.parametrize(("layer", "way"), [(0, "backward"), (1, "forward")])
@torch.no_grad()
def test_copies_are_rows_that_were_held_alone(cell, peephole, options, layer, way):
    network = make(cell, peephole, layers=2, bidirectional=True, **options)
    each = torch.eye(H, dtype=torch.bool)[:3]
    network.holds = Holds([Hold(layer, way, "h", each, torch.tensor(0.0))])
    found, state, _ = network(inputs(), LENGTHS.repeat_interleave(3))
    assert len(found) == 12
    for copy in range(3):
        network.holds = Holds([Hold(layer, way, "h", each[copy], torch.tensor(0.0))])
        alone, end, _ = network(inputs(), LENGTHS)
        torch.testing.assert_close(found[copy::3], alone, atol=1e-10, rtol=0)
        torch.testing.assert_close(state.h[:, copy::3], end.h, atol=1e-10, rtol=0)


def test_gradients_flow_through_what_is_not_held():
    network = make("lstm", "diagonal")
    network.holds = Holds([hold("f", 1.0, range(H))])
    x = inputs()[:1, :3].requires_grad_()
    assert torch.autograd.gradcheck(lambda given: network(given, torch.tensor([3]))[0], (x,))
    network(x, torch.tensor([3]))[0].sum().backward()
    assert (network.layers[0][0].weight_x.grad[H : 2 * H] == 0).all()


def test_lengths_that_do_not_fit_are_refused():
    network = make("rnn", "none")
    network.holds = Holds()
    with pytest.raises(ValueError, match="lengths must lie in"):
        network(inputs(), torch.tensor([3, 8, 1, 5]))
    with pytest.raises(ValueError, match="equally many"):
        network(inputs(), torch.tensor([3, 7, 1, 5, 2]))
