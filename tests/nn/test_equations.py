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


@pytest.mark.parametrize("module", ["equations", "parameters"])
def test_the_model_page_needs_no_torch(module):
    code = f"import sys, lstm_studio.nn.{module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
