"""The equations that the Model page shows."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lstm_studio.config import ModelConfig
from lstm_studio.nn.equations import equations


def lines(**options):
    return {equation.gate: equation.text for equation in equations(ModelConfig(**options))}


def test_the_studio_cell():
    assert lines() == {
        "i": "i[t] = σ(W_xi x[t] + W_hi h[t-1] + W_ci ∘ c[t-1] + b_i)",
        "f": "f[t] = σ(W_xf x[t] + W_hf h[t-1] + W_cf ∘ c[t-1] + b_f)",
        "o": "o[t] = σ(W_xo x[t] + W_ho h[t-1] + W_co ∘ c[t-1] + b_o)",
        "g": "g[t] = tanh(W_xc x[t] + W_hc h[t-1] + b_c)",
        "c": "c[t] = f[t] ∘ c[t-1] + i[t] ∘ g[t]",
        "h": "h[t] = o[t] ∘ tanh(c[t])",
    }


def test_options_change_them():
    assert "W_ci" not in lines(peephole="none")["i"]
    assert "W_ci c[t-1]" in lines(peephole="full")["i"]
    assert "W_co ∘ c[t]" in lines(output_gate_sees="current")["o"]
    order = [equation.gate for equation in equations(ModelConfig(output_gate_sees="current"))]
    assert order.index("o") > order.index("c"), "an output gate that sees c[t] is computed after it"
    assert set(lines(cell="gru")) == {"r", "z", "n", "h"}
    assert lines(cell="rnn") == {"h": "h[t] = tanh(W_xh x[t] + W_hh h[t-1] + b_h)"}


def around(**options):
    config = ModelConfig(**options)
    return {equation.gate: equation.text for equation in equations(config, True)[len(equations(config)) :]}


def test_a_network_that_writes_has_more_of_them():
    assert around() == {
        "h0": "h[0] = tanh(W_bh h[S] + b_bh)",
        "c0": "c[0] = W_bc c[S] + b_bc",
        "x": "x[t] = E y[t-1]",
        "e": "e[t,s] = h[t] · W_e m[s]",
        "w": "w[t,s] = softmax(e[t,s])",
        "k": "k[t] = Σ_s w[t,s] m[s]",
        "a": "a[t] = tanh(W_ka k[t] + W_ha h[t])",
        "y": "p[t] = softmax(E a[t] + b_y)",
    }
    assert around(attention="luong_dot")["e"] == "e[t,s] = h[t] · m[s]"
    assert around(attention="bahdanau")["e"] == "e[t,s] = v · tanh(W_he h[t] + W_me m[s])"
    without = around(attention="none", cell="gru", tied="none", input_feeding=True)
    assert without["k"] == "k[t] = h[S]"
    assert without.keys().isdisjoint({"c0", "e", "w"})
    assert without["x"] == "x[t] = (E_y y[t-1], a[t-1])"
    assert without["y"] == "p[t] = softmax(W_ay a[t] + b_y)"


@pytest.mark.parametrize("attention", ["none", "luong_dot", "luong_general", "bahdanau"])
@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_each_is_named_once(attention, cell):
    found = equations(ModelConfig(attention=attention, cell=cell), True)
    assert len({equation.gate for equation in found}) == len(found)


@pytest.mark.parametrize("module", ["equations", "parameters"])
def test_the_model_page_needs_no_torch(module):
    code = f"import sys, lstm_studio.nn.{module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
