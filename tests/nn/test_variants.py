"""LSTMs with a part left out: against a NumPy transcription, the whole cell, finite differences."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from lstm_studio.config import ModelConfig
from lstm_studio.nn import matmul
from lstm_studio.nn.classifier import TextClassifier
from lstm_studio.nn.equations import equations
from lstm_studio.nn.parameters import Sizes, count
from lstm_studio.nn.recurrent import Recurrent
from lstm_studio.nn.types import LSTMState
from tests.nn.reference import sigmoid

VARIANTS = (
    "no_input_gate",
    "no_forget_gate",
    "no_output_gate",
    "coupled",
    "no_input_activation",
    "no_output_activation",
)
LENGTHS = torch.tensor([3, 6, 1, 5])
SIZE, INPUTS = 4, 3


def make(variant, peephole="diagonal", **options):
    torch.manual_seed(0)
    made = Recurrent(INPUTS, SIZE, variant=variant, peephole=peephole, **options).double().eval()
    for parameter in made.parameters():
        torch.nn.init.uniform_(parameter, -0.8, 0.8)
    return made


def inputs(seed=1):
    return torch.randn(4, 6, INPUTS, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def transcribed(x, layer, variant, current):
    """One row [T, I] from zero state, as docs/equations.md has it -> dict of [T, H]."""
    gone = {"no_input_gate": "i", "coupled": "i", "no_forget_gate": "f", "no_output_gate": "o"}.get(variant)
    names = [name for name in "ifgo" if name != gone]
    weights = (layer.weight_x, layer.weight_h, layer.bias)
    w_x, w_h, b = (weight.detach().numpy().reshape(len(names), SIZE, -1) for weight in weights)
    peep = {}
    if layer.peephole is not None:
        peep = dict(zip([name for name in names if name != "g"], layer.peephole.detach().numpy(), strict=True))
    seen: dict[str, list[np.ndarray]] = {}
    h = c = np.zeros(SIZE)

    def total(name, step, memory):
        at = names.index(name)
        found = w_x[at] @ step + w_h[at] @ h + b[at, :, 0]
        if name in peep:
            found = found + (peep[name] @ memory if peep[name].ndim == 2 else peep[name] * memory)
        return found

    for step in x:
        f = sigmoid(total("f", step, c)) if "f" in names else 1.0
        i = sigmoid(total("i", step, c)) if "i" in names else 1 - f if variant == "coupled" else 1.0
        g = total("g", step, c) if variant == "no_input_activation" else np.tanh(total("g", step, c))
        new = f * c + i * g
        o = sigmoid(total("o", step, new if current else c)) if "o" in names else 1.0
        c, h = new, o * (new if variant == "no_output_activation" else np.tanh(new))
        for name, value in zip("ifgoch", (i, f, g, o, c, h), strict=True):
            seen.setdefault(name, []).append(value * np.ones(SIZE))
    return {name: np.stack(values) for name, values in seen.items()}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(("peephole", "sees"), [("none", "previous"), ("diagonal", "current"), ("full", "previous")])
def test_forward_is_the_equations(variant, peephole, sees):
    network = make(variant, peephole, output_gate_sees=sees)
    output, state, (trace,) = network(inputs(), LENGTHS, trace=True)
    gone = {"no_input_gate": "i", "no_forget_gate": "f", "no_output_gate": "o"}.get(variant, "")
    assert set(trace.values) == set("ifgoch") - set(gone)
    for row, length in enumerate(LENGTHS.tolist()):
        wanted = transcribed(inputs()[row, :length].numpy(), network.layers[0][0], variant, sees == "current")
        for name, values in trace.values.items():
            np.testing.assert_allclose(values[row, :length].numpy(), wanted[name], atol=1e-12, err_msg=name)
            assert (values[row, length:] == 0).all()
        np.testing.assert_allclose(output[row, :length].detach().numpy(), wanted["h"], atol=1e-12)
        np.testing.assert_allclose(state.c[0, row].detach().numpy(), wanted["c"][-1], atol=1e-12)


@pytest.mark.parametrize("peephole", ["none", "diagonal", "full"])
def test_with_nothing_left_out_the_steps_are_the_fast_cell(peephole):
    from lstm_studio.nn.directions import Run
    from lstm_studio.nn.variants import VariantDirection

    whole = make("none", peephole).layers[0][0]
    stepped = VariantDirection(INPUTS, SIZE, "none", peephole, "previous", 1.0).double()
    if peephole == "none":
        weights = dict(zip(("weight_x", "weight_h", "b", "b2"), whole.core.all_weights[0], strict=True))
        state = {"weight_x": weights["weight_x"], "weight_h": weights["weight_h"], "bias": weights["b"] + weights["b2"]}
    else:
        state = whole.state_dict()
    stepped.load_state_dict(state)
    lengths = torch.tensor([6, 5, 3, 1])
    x, run = inputs().transpose(0, 1), Run(lengths, 6, torch.device("cpu"))
    zero = torch.zeros(4, SIZE, dtype=torch.float64)
    for own, other in zip(stepped(x, run, zero, None, False, True)[:3], whole(x, run, zero, None, False, True)[:3],
                          strict=True):  # fmt: skip
        torch.testing.assert_close(own, other, atol=1e-12, rtol=0)


@pytest.mark.parametrize("variant", VARIANTS)
def test_gradients_states_and_directions(variant):
    network = make(variant, bidirectional=True)
    given = [inputs()[:2, :3].requires_grad_(), *network.parameters()]
    ways = [torch.randn(v.shape, generator=torch.Generator().manual_seed(2), dtype=torch.float64) for v in given]

    def move(far):
        with torch.no_grad():
            for value, way in zip(given, ways, strict=True):
                value += far * way

    def loss():
        output, state, _ = network(given[0], torch.tensor([2, 3]))
        return output.sin().sum() + state.c.square().sum()

    loss().backward()
    slope = sum(float((value.grad * way).sum()) for value, way in zip(given, ways, strict=True))
    move(1e-5)
    above = loss().item()
    move(-2e-5)
    assert slope == pytest.approx((above - loss().item()) / 2e-5, rel=1e-6)
    onward = make(variant)
    whole, end, _ = onward(inputs(), torch.full((4,), 6))
    _, half, _ = onward(inputs()[:, :2], torch.full((4,), 2))
    second, after, _ = onward(inputs()[:, 2:], torch.full((4,), 4), LSTMState(*half))
    torch.testing.assert_close(second, whole[:, 2:], atol=1e-12, rtol=0)
    torch.testing.assert_close(after.c, end.c, atol=1e-12, rtol=0)


def test_products_that_are_large_enough_for_onednn_have_their_gradients_too(monkeypatch):
    monkeypatch.setattr(matmul, "THRESHOLD", 1 << 20)
    torch.manual_seed(0)
    layer, x = Recurrent(128, 64, variant="coupled"), torch.randn(8, 12, 128)
    assert x[0].numel() * 8 * 3 * 64 > matmul.THRESHOLD
    exact, lengths = copy.deepcopy(layer).double(), torch.full((8,), 12)
    found = []
    for net, given in ((layer, x.clone()), (exact, x.double())):
        output, _, _ = net(given.requires_grad_(), lengths)
        output.square().sum().backward()
        found.append([given.grad, *(parameter.grad for parameter in net.parameters())])
    for one, two in zip(*found, strict=True):
        torch.testing.assert_close(one.double(), two, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("peephole", ["none", "full"])
def test_sizes_are_counted(variant, peephole):
    config = ModelConfig(variant=variant, peephole=peephole, hidden_size=5, embedding_size=4, layers=2)
    network = TextClassifier(11, 3, config)
    assert sum(p.numel() for p in network.parameters()) == count("classification", config, Sizes(11, 3, 7))


def test_equations_say_what_is_left_out():
    def lines(**options):
        return {equation.gate: equation.text for equation in equations(ModelConfig(**options))}

    assert "i" not in lines(variant="no_input_gate")
    assert lines(variant="no_input_gate")["c"] == "c[t] = f[t] ∘ c[t-1] + g[t]"
    assert lines(variant="no_forget_gate")["c"] == "c[t] = c[t-1] + i[t] ∘ g[t]"
    assert lines(variant="no_output_gate")["h"] == "h[t] = tanh(c[t])"
    assert lines(variant="no_output_activation")["h"] == "h[t] = o[t] ∘ c[t]"
    assert lines(variant="no_input_activation")["g"] == "g[t] = W_xc x[t] + W_hc h[t-1] + b_c"
    coupled = lines(variant="coupled")
    assert coupled["i"] == "i[t] = 1 - f[t]"
    assert coupled["c"] == "c[t] = f[t] ∘ c[t-1] + i[t] ∘ g[t]"
    assert list(coupled) == list("fiogch")
