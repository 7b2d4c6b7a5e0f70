"""The hand-written peephole LSTM against the equations, against torch, against ONNX Runtime."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lstm_studio.nn.peephole import peephole_lstm
from tests.nn.reference import autograd_lstm, numpy_lstm

T, B, I, H = 6, 4, 3, 5  # noqa: E741 - the field's own letters
RAGGED = [4, 4, 3, 2, 2, 1]
LENGTHS = [6, 5, 3, 2]


def tensors(kind: str, dtype=torch.float64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    peephole = (3, H, H) if kind == "full" else (3, H)
    shapes = ((T, B, I), (B, H), (B, H), (4 * H, I), (4 * H, H), (4 * H,), peephole)
    return [torch.randn(*shape, generator=generator, dtype=dtype).requires_grad_() for shape in shapes]


@pytest.mark.parametrize("kind", ["diagonal", "full"])
@pytest.mark.parametrize("sees", ["previous", "current"])
@pytest.mark.parametrize("active", [None, RAGGED], ids=["even", "ragged"])
def test_gradients_are_those_of_finite_differences(kind, sees, active):
    values = tensors(kind)

    def run(x, h0, c0, wx, wh, b, p):
        return peephole_lstm(x, active, h0, c0, wx, wh, b, p, sees)[:3]

    assert torch.autograd.gradcheck(run, values)


@pytest.mark.parametrize("kind", ["diagonal", "full"])
@pytest.mark.parametrize("sees", ["previous", "current"])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 1e-5)])
def test_forward_is_the_equations(kind, sees, dtype, tolerance):
    x, h0, c0, wx, wh, b, p = (v.detach() for v in tensors(kind, dtype))
    h, _, c_n, inside = peephole_lstm(x, RAGGED, h0, c0, wx, wh, b, p, sees)
    found = inside.values() | {"h": h}
    for row, length in enumerate(LENGTHS):
        arrays = [v.double().numpy() for v in (x[:length, row], h0[row], c0[row], wx, wh, b, p)]
        expected = numpy_lstm(*arrays, sees == "current")
        for name, values in expected.items():
            np.testing.assert_allclose(found[name][:length, row].double().numpy(), values, atol=tolerance, err_msg=name)
            assert (found[name][length:, row] == 0).all(), f"{name} is not zero at padding"
        np.testing.assert_allclose(c_n[row].double().numpy(), expected["c"][-1], atol=tolerance)


@pytest.mark.parametrize("kind", ["diagonal", "full"])
@pytest.mark.parametrize("sees", ["previous", "current"])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 1e-5)])
def test_gradients_are_those_of_autograd(kind, sees, dtype, tolerance):
    ours, theirs = tensors(kind, dtype), tensors(kind, dtype)
    weight = torch.randn(T, B, H, generator=torch.Generator().manual_seed(1), dtype=dtype)
    h, _, c_n, _ = peephole_lstm(ours[0], None, *ours[1:], sees)
    ((h * weight).sum() + c_n.square().sum()).backward()
    h, c_n = autograd_lstm(*theirs, sees == "current")
    ((h * weight).sum() + c_n.square().sum()).backward()
    for mine, other in zip(ours, theirs, strict=True):
        scale = max(1.0, float(other.grad.abs().max()))
        torch.testing.assert_close(mine.grad / scale, other.grad / scale, atol=tolerance, rtol=0)


def test_without_peepholes_it_is_torch():
    x, h0, c0, wx, wh, b, p = tensors("diagonal")
    with torch.no_grad():
        p.zero_()
    core = torch.nn.LSTM(I, H).double()
    with torch.no_grad():
        for own, other in zip(core.all_weights[0], (wx, wh, b, torch.zeros_like(b)), strict=True):
            own.copy_(other)
    h, _, c_n, _ = peephole_lstm(x, None, h0, c0, wx, wh, b, p)
    expected, (_, c_expected) = core(x, (h0.unsqueeze(0), c0.unsqueeze(0)))
    torch.testing.assert_close(h, expected, atol=1e-10, rtol=0)
    torch.testing.assert_close(c_n, c_expected[0], atol=1e-10, rtol=0)
    gradients = torch.autograd.grad(h.sin().sum(), [x, wx, wh, b])
    wanted = torch.autograd.grad(expected.sin().sum(), [x, *core.all_weights[0][:3]])
    for mine, other in zip(gradients, wanted, strict=True):
        torch.testing.assert_close(mine, other, atol=1e-10, rtol=0)


@pytest.mark.filterwarnings("ignore")
def test_it_is_the_lstm_of_onnx():
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    from onnx import TensorProto, helper, numpy_helper

    x, h0, c0, wx, wh, b, p = (v.detach() for v in tensors("diagonal", torch.float32))

    def iofc(values, order=(0, 3, 1, 2)):  # ONNX: i, o, f, c
        parts = np.split(values.numpy(), 4)
        return np.concatenate([parts[n] for n in order])

    peepholes = p.numpy()[[0, 2, 1]].reshape(1, -1)  # ONNX: i, o, f
    bias = np.concatenate([iofc(b), np.zeros(4 * H, np.float32)])[None]
    fixed = {"W": iofc(wx)[None], "R": iofc(wh)[None], "B": bias, "P": peepholes}
    fixed |= {"h0": h0.numpy()[None], "c0": c0.numpy()[None]}
    inputs = ["X", "W", "R", "B", "lengths", "h0", "c0", "P"]
    graph = helper.make_graph(
        [helper.make_node("LSTM", inputs, ["Y", "Y_h", "Y_c"], hidden_size=H)],
        "lstm",
        [
            helper.make_tensor_value_info("X", TensorProto.FLOAT, [T, B, I]),
            helper.make_tensor_value_info("lengths", TensorProto.INT32, [B]),
        ],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("Y", "Y_h", "Y_c")],
        [numpy_helper.from_array(np.ascontiguousarray(value, np.float32), name) for name, value in fixed.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    y, _, y_c = session.run(None, {"X": x.numpy(), "lengths": np.array(LENGTHS, np.int32)})
    h, _, c_n, _ = peephole_lstm(x, RAGGED, h0, c0, wx, wh, b, p, "current")
    np.testing.assert_allclose(h.numpy(), y[:, 0], atol=1e-5)
    np.testing.assert_allclose(c_n.numpy(), y_c[0], atol=1e-5)


def test_padding_is_never_read():
    values = [v.detach().requires_grad_() for v in tensors("diagonal")]
    other = [v.detach().clone() for v in values]
    for row, length in enumerate(LENGTHS):
        other[0][length:, row] = 1e6
    other = [v.requires_grad_() for v in other]
    results = []
    for given in (values, other):
        h, _, c_n, _ = peephole_lstm(given[0], RAGGED, *given[1:])
        (h.sum() + c_n.sum()).backward()
        results.append((h, c_n, *(v.grad for v in given)))
    for one, two in zip(*results, strict=True):
        assert torch.equal(one, two)


def test_a_second_derivative_is_refused():
    values = tensors("diagonal")
    h, *_ = peephole_lstm(values[0], None, *values[1:])
    (gradient,) = torch.autograd.grad(h.sum(), values[0], create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable|does not require grad"):
        gradient.sum().backward()
