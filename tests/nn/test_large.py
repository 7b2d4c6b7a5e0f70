"""The peephole LSTM at sizes where other kernels and buffers come in, and in the company of threads and devices."""

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from lstm_studio.nn import matmul, peephole
from lstm_studio.nn.peephole import peephole_lstm
from lstm_studio.nn.recurrent import Recurrent
from tests.nn.reference import autograd_lstm, numpy_lstm

KINDS = [(kind, sees) for kind in ("diagonal", "full") for sees in ("previous", "current")]


def tensors(steps, rows, inputs, hidden, kind, dtype=torch.float64):
    generator = torch.Generator().manual_seed(3)
    peepholes = (3, hidden, hidden) if kind == "full" else (3, hidden)
    shapes = ((steps, rows, inputs), (rows, hidden), (rows, hidden))
    weights = ((4 * hidden, inputs), (4 * hidden, hidden), (4 * hidden,), peepholes)
    found = [torch.randn(*shape, generator=generator, dtype=torch.float64) for shape in shapes]
    found += [torch.randn(*shape, generator=generator, dtype=torch.float64) * 0.1 for shape in weights]
    return [value.to(dtype).requires_grad_() for value in found]


def results(values, active, sees, weight):
    h, _, c_n, _ = peephole_lstm(values[0], active, *values[1:], sees)
    ((h * weight).sum() + c_n.square().sum()).backward()
    return [h.detach(), c_n.detach(), *(value.grad for value in values)]


@pytest.mark.parametrize(("kind", "sees"), KINDS)
def test_large_products_take_another_kernel_and_give_the_same(kind, sees, monkeypatch):
    """float32 at a size above the threshold, against a plain float64 transcription."""
    monkeypatch.setattr(matmul, "THRESHOLD", 1 << 18)
    shape = (5, 32, 40, 96)
    assert shape[1] * shape[3] * 4 * shape[3] > matmul.THRESHOLD
    ours, theirs = tensors(*shape, kind, torch.float32), tensors(*shape, kind)
    weight = torch.randn(5, 32, 96, generator=torch.Generator().manual_seed(1))
    found = results(ours, None, sees, weight)
    h, c_n = autograd_lstm(*theirs, sees == "current")
    ((h * weight).sum() + c_n.square().sum()).backward()
    for mine, other in zip(found, [h, c_n, *(value.grad for value in theirs)], strict=True):
        scale = max(1.0, float(other.detach().abs().max()))
        torch.testing.assert_close(mine.double() / scale, other.detach() / scale, atol=1e-5, rtol=0)


@pytest.mark.parametrize("kind", ["diagonal", "full"])
def test_rows_that_end_give_the_same_in_either_kernel(kind, monkeypatch):
    monkeypatch.setattr(matmul, "THRESHOLD", 1 << 18)
    active = [32] * 2 + [30, 29, 12]
    weight = torch.randn(5, 32, 96, generator=torch.Generator().manual_seed(1))
    fast = results(tensors(5, 32, 40, 96, kind, torch.float32), active, "previous", weight)
    monkeypatch.setattr(matmul, "_LINEAR", None)
    plain = results(tensors(5, 32, 40, 96, kind, torch.float32), active, "previous", weight)
    for one, two in zip(fast, plain, strict=True):
        scale = max(1.0, float(two.abs().max()))
        torch.testing.assert_close(one / scale, two / scale, atol=1e-5, rtol=0)


@pytest.mark.parametrize(("kind", "sees"), KINDS)
@pytest.mark.parametrize("active", [None, [4, 4, 4, 3, 3, 1, 1]], ids=["even", "ragged"])
def test_the_size_of_a_chunk_changes_nothing(kind, sees, active, monkeypatch):
    weight = torch.randn(7, 4, 5, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    whole = results(tensors(7, 4, 3, 5, kind), active, sees, weight)
    for steps in (1, 2, 3):
        monkeypatch.setattr(peephole, "CHUNK", steps * 4 * 5)
        for one, two in zip(whole, results(tensors(7, 4, 3, 5, kind), active, sees, weight), strict=True):
            torch.testing.assert_close(one, two, atol=1e-12, rtol=0)


def network(**options):
    torch.manual_seed(0)
    return Recurrent(20, 24, layers=2, bidirectional=True, **options)


def gradients(layer, x, lengths):
    layer.zero_grad()
    output, state, _ = layer(x, lengths)
    (output.square().sum() + state.h.sum() + state.c.sum()).backward()
    return [output.detach(), *(parameter.grad.clone() for parameter in layer.parameters())]


def test_two_runs_are_equal_to_the_last_bit():
    x, lengths = torch.randn(6, 9, 20), torch.tensor([9, 2, 9, 4, 4, 1])
    first = gradients(network(), x, lengths)
    gradients(network(peephole="full"), x[:3], lengths[:3])  # leaves other numbers in the buffers
    for one, two in zip(first, gradients(network(), x, lengths), strict=True):
        assert torch.equal(one, two)


def test_a_graph_can_be_walked_twice():
    values = tensors(5, 3, 4, 6, "diagonal")
    h, *_, inside = peephole_lstm(values[0], None, *values[1:])
    gates = inside.gates
    before = gates.clone()
    once = torch.autograd.grad(h.sum(), values, retain_graph=True)
    twice = torch.autograd.grad(h.sum(), values)
    assert torch.equal(gates, before), "looking inside after the backward pass shows the same"
    for one, two in zip(once, twice, strict=True):
        assert torch.equal(one, two)


def test_threads_do_not_share_buffers():
    """A run trains while another thread attributes."""
    x, lengths = torch.randn(6, 9, 20), torch.tensor([9, 2, 9, 4, 4, 1])
    expected = gradients(network(), x, lengths)
    layers = [network() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda layer: [gradients(layer, x, lengths) for _ in range(5)][-1], layers):
            for one, two in zip(expected, found, strict=True):
                assert torch.equal(one, two)


def test_a_large_buffer_is_not_kept(monkeypatch):
    monkeypatch.setattr(matmul, "KEPT", 10)
    like = torch.empty(1)
    small, large = matmul.borrow("test", like, (2, 5)), matmul.borrow("test", like, (11,))
    assert matmul.borrow("test", like, (3,)).data_ptr() == small.data_ptr()
    assert matmul.borrow("test", like, (11,)).data_ptr() != large.data_ptr()


@pytest.mark.parametrize(("kind", "sees"), KINDS)
def test_two_layers_in_two_directions_are_the_equations(kind, sees):
    torch.manual_seed(0)
    layer = Recurrent(4, 3, layers=2, bidirectional=True, peephole=kind, output_gate_sees=sees).double().eval()
    x, lengths = torch.randn(3, 6, 4, dtype=torch.float64), [6, 2, 5]
    output, _, traces = layer(x, torch.tensor(lengths), trace=True)
    zero = torch.zeros(3, dtype=torch.float64).numpy()
    for row, length in enumerate(lengths):
        values = x[row, :length].numpy()
        for index in range(2):
            sides = []
            for side in range(2):
                cell = layer.layers[index][side]
                weights = [w.detach().numpy() for w in (cell.weight_x, cell.weight_h, cell.bias, cell.peephole)]
                turned = values[::-1] if side else values
                found = numpy_lstm(turned, zero, zero, *weights, sees == "current")
                found = {name: v[::-1] if side else v for name, v in found.items()}
                for name, expected in found.items():
                    shown = traces[2 * index + side].values[name][row]
                    torch.testing.assert_close(
                        shown[:length], torch.tensor(expected.copy()), atol=1e-10, rtol=0, msg=name
                    )
                sides.append(torch.tensor(found["h"].copy()))
            values = torch.cat(sides, 1).numpy()
        torch.testing.assert_close(output[row, :length], torch.tensor(values), atol=1e-10, rtol=0)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_traces_agree_with_the_fast_kernel_in_float32(cell):
    torch.manual_seed(0)
    layer = Recurrent(12, 32, cell=cell, peephole="none").eval()
    x, lengths = torch.randn(5, 20, 12), torch.tensor([20, 3, 11, 20, 7])
    output, state, (trace,) = layer(x, lengths, trace=True)
    v = trace.values
    assert torch.equal(v["h"], output)
    before = torch.cat([torch.zeros_like(v["h"][:, :1]), v["h"][:, :-1]], 1)
    inside = (torch.arange(20) < lengths.unsqueeze(1)).unsqueeze(2)
    if cell == "lstm":
        again = v["o"] * torch.tanh(v["c"])
        last = v["c"][torch.arange(5), lengths - 1]
        torch.testing.assert_close(last, state.c[0], atol=1e-6, rtol=0)
    elif cell == "gru":
        again = ((1 - v["z"]) * v["n"] + v["z"] * before) * inside
    else:
        wx, wh, bx, bh = layer.layers[0][0].core.all_weights[0]
        again = torch.tanh(x @ wx.t() + bx + before @ wh.t() + bh).detach() * inside
    torch.testing.assert_close(again, output, atol=1e-6, rtol=0)


def test_autocast_leaves_the_peephole_cell_in_float32():
    layer, x = Recurrent(8, 6), torch.randn(2, 4, 8)
    lengths = torch.tensor([4, 2])
    with torch.autocast("cpu", torch.bfloat16):
        found = layer(x, lengths)[0]
    assert found.dtype == torch.float32
    assert torch.equal(found, layer(x, lengths)[0])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize(("kind", "sees"), KINDS)
def test_a_gpu_gives_the_same(kind, sees):
    options = {"peephole": kind, "output_gate_sees": sees}
    x, lengths = torch.randn(6, 9, 20).double(), torch.tensor([9, 2, 9, 4, 4, 1])
    here = gradients(network(**options).double(), x, lengths)
    there = gradients(network(**options).double().cuda(), x.cuda(), lengths.cuda())
    for one, two in zip(here, there, strict=True):
        torch.testing.assert_close(two.cpu(), one, atol=1e-10, rtol=0)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("sees", ["previous", "current"])
@pytest.mark.parametrize("hidden", [20, 200])
def test_the_kernels_of_a_gpu_give_the_same(hidden, sees):
    torch.manual_seed(0)
    layer = Recurrent(30, hidden, layers=2, bidirectional=True, output_gate_sees=sees)
    x, lengths = torch.randn(6, 9, 30), torch.tensor([9, 2, 9, 4, 4, 1])
    exact, there = copy.deepcopy(layer).double(), copy.deepcopy(layer).cuda()
    here = gradients(exact, x.double(), lengths)
    for one, two in zip(here, gradients(there, x.cuda(), lengths.cuda()), strict=True):
        torch.testing.assert_close(two.cpu().double(), one, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("frozen", [("weight_x",), ("weight_h", "peephole"), ("bias",)])
def test_frozen_weights_get_no_gradient_and_disturb_no_other(frozen):
    torch.manual_seed(0)
    layer, x, lengths = Recurrent(8, 6), torch.randn(2, 4, 8), torch.tensor([4, 2])
    layer(x, lengths)[0].sum().backward()
    cell = layer.layers[0][0]
    expected = {name: p.grad.clone() for name, p in cell.named_parameters()}
    layer.zero_grad()
    for name in frozen:
        getattr(cell, name).requires_grad_(False)
    layer(x, lengths)[0].sum().backward()
    for name, parameter in cell.named_parameters():
        if name in frozen:
            assert parameter.grad is None
        else:
            assert torch.equal(parameter.grad, expected[name])
