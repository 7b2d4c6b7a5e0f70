"""Stacks of layers: each row as if alone, both directions, exact traces."""

from __future__ import annotations

import pytest
import torch

from lstm_studio.nn.recurrent import Recurrent
from lstm_studio.nn.types import LSTMState

CELLS = [("lstm", "none"), ("lstm", "diagonal"), ("lstm", "full"), ("gru", "none"), ("rnn", "none")]
LENGTHS = torch.tensor([3, 7, 1, 5])


def make(cell, peephole, **options):
    torch.manual_seed(0)
    return Recurrent(6, 5, cell=cell, peephole=peephole, **options).double().eval()


def inputs(seed=1):
    return torch.randn(4, 7, 6, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize(("cell", "peephole"), CELLS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_each_row_gives_what_it_gives_alone(cell, peephole, bidirectional):
    network = make(cell, peephole, layers=2, bidirectional=bidirectional)
    x = inputs()
    output, state, traces = network(x, LENGTHS, trace=True)
    for row, length in enumerate(LENGTHS.tolist()):
        alone, own, inside = network(x[row : row + 1, :length], LENGTHS[row : row + 1], trace=True)
        torch.testing.assert_close(output[row, :length], alone[0], atol=1e-10, rtol=0)
        assert (output[row, length:] == 0).all()
        torch.testing.assert_close(state.h[:, row], own.h[:, 0], atol=1e-10, rtol=0)
        if cell == "lstm":
            torch.testing.assert_close(state.c[:, row], own.c[:, 0], atol=1e-10, rtol=0)
        else:
            assert state.c is None
        for trace, other in zip(traces, inside, strict=True):
            for name, values in trace.values.items():
                torch.testing.assert_close(values[row, :length], other.values[name][0], atol=1e-10, rtol=0)
                assert (values[row, length:] == 0).all()


@pytest.mark.parametrize(("cell", "peephole"), CELLS)
def test_gradients_of_a_row_do_not_depend_on_its_neighbours(cell, peephole):
    network = make(cell, peephole, bidirectional=True)
    x = inputs().requires_grad_()
    network(x, LENGTHS)[0][0].sum().backward()
    together = x.grad[0].clone()
    alone = inputs()[:1, :3].requires_grad_()
    network(alone, LENGTHS[:1])[0].sum().backward()
    torch.testing.assert_close(together[:3], alone.grad[0], atol=1e-10, rtol=0)
    assert (x.grad[1:] == 0).all()
    assert (together[3:] == 0).all()


@pytest.mark.parametrize(("cell", "peephole"), CELLS)
def test_the_backward_direction_is_the_forward_one_on_the_reversed_row(cell, peephole):
    network = make(cell, peephole, bidirectional=True)
    forward = make(cell, peephole)
    forward.layers[0][0].load_state_dict(network.layers[0][1].state_dict())
    x = inputs()
    output, _, _ = network(x, LENGTHS)
    for row, length in enumerate(LENGTHS.tolist()):
        mirrored, _, _ = forward(x[row : row + 1, :length].flip(1), LENGTHS[row : row + 1])
        torch.testing.assert_close(output[row, :length, 5:], mirrored[0].flip(0), atol=1e-10, rtol=0)


@pytest.mark.parametrize(("cell", "peephole"), CELLS)
def test_a_text_in_two_halves_gives_the_whole(cell, peephole):
    network = make(cell, peephole, layers=2)
    x, full = inputs(), torch.full((4,), 7)
    whole, end, _ = network(x, full)
    first, state, _ = network(x[:, :4], torch.full((4,), 4))
    second, after, _ = network(x[:, 4:], torch.full((4,), 3), state)
    torch.testing.assert_close(torch.cat([first, second], 1), whole, atol=1e-10, rtol=0)
    torch.testing.assert_close(after.h, end.h, atol=1e-10, rtol=0)


@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn"])
def test_torch_with_the_same_weights_gives_the_same(kind):
    network = make(kind, "none", layers=2, bidirectional=True)
    theirs = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}[kind](
        6, 5, num_layers=2, bidirectional=True, batch_first=True
    ).double()
    with torch.no_grad():
        for index, weights in enumerate(theirs.all_weights):
            for own, other in zip(network.layers[index // 2][index % 2].core.all_weights[0], weights, strict=True):
                other.copy_(own)
    x = inputs()
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, LENGTHS, batch_first=True, enforce_sorted=False)
    expected, final = theirs(packed)
    expected = torch.nn.utils.rnn.pad_packed_sequence(expected, batch_first=True)[0]
    output, state, _ = network(x, LENGTHS)
    torch.testing.assert_close(output, expected, atol=1e-10, rtol=0)
    torch.testing.assert_close(state.h, final[0] if kind == "lstm" else final, atol=1e-10, rtol=0)


def test_traces_satisfy_the_equations_of_the_cell():
    for peephole in ("none", "diagonal"):
        _, _, (trace,) = make("lstm", peephole)(inputs(), LENGTHS, trace=True)
        v = trace.values
        before = torch.cat([torch.zeros_like(v["c"][:, :1]), v["c"][:, :-1]], 1)
        inside = (torch.arange(7) < LENGTHS.unsqueeze(1)).unsqueeze(2)
        memory = (v["f"] * before + v["i"] * v["g"]) * inside
        torch.testing.assert_close(v["c"], memory, atol=1e-12, rtol=0)
        torch.testing.assert_close(v["h"], v["o"] * torch.tanh(v["c"]), atol=1e-12, rtol=0)
    _, _, (trace,) = make("gru", "none")(inputs(), LENGTHS, trace=True)
    v = trace.values
    before = torch.cat([torch.zeros_like(v["h"][:, :1]), v["h"][:, :-1]], 1)
    inside = (torch.arange(7) < LENGTHS.unsqueeze(1)).unsqueeze(2)
    torch.testing.assert_close(v["h"], ((1 - v["z"]) * v["n"] + v["z"] * before) * inside, atol=1e-10, rtol=0)


def test_the_forget_gate_starts_where_it_is_told():
    for peephole in ("none", "diagonal", "full"):
        direction = make("lstm", peephole, forget_bias=2.5).layers[0][0]
        if peephole == "none":
            bias = direction.core.all_weights[0][2] + direction.core.all_weights[0][3]
        else:
            bias = direction.bias
        assert (bias[5:10] == 2.5).all()
        assert (bias[:5] == 0).all()
        assert (bias[10:] == 0).all()


def test_dropout_lies_between_layers_and_only_while_training():
    network = make("lstm", "diagonal", layers=2, dropout=0.5)
    x, full = inputs(), torch.full((4,), 7)
    assert torch.equal(network(x, full)[0], network(x, full)[0])
    network.train()
    assert not torch.equal(network(x, full)[0], network(x, full)[0])
    single = make("lstm", "diagonal", layers=1, dropout=0.5).train()
    assert torch.equal(single(x, full)[0], single(x, full)[0])


@pytest.mark.parametrize("lengths", [[0, 1, 1, 1], [8, 1, 1, 1]])
def test_impossible_lengths_are_refused(lengths):
    with pytest.raises(ValueError, match="lengths must lie"):
        make("lstm", "diagonal")(inputs(), torch.tensor(lengths))


def test_an_initial_state_is_used():
    network = make("lstm", "diagonal")
    state = LSTMState(torch.ones(1, 4, 5, dtype=torch.float64), torch.ones(1, 4, 5, dtype=torch.float64))
    x, full = inputs(), torch.full((4,), 7)
    assert not torch.allclose(network(x, full, state)[0][:, 0], network(x, full)[0][:, 0])
