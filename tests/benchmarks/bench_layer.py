"""Forward and backward of one recurrent layer against torch.nn.LSTM: one process, one thread, alternated, medians.

What counts is the processor time of the thread, so that other programs disturb less.

As a script:  python tests/benchmarks/bench_layer.py [--repeats 9] [--json FILE]
As a test:    python -m pytest -m slow tests/benchmarks/bench_layer.py
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from lstm_studio.nn.recurrent import Recurrent

SIZES = ((16, 30, 50, 64), (32, 100, 100, 128), (64, 200, 100, 256))  # B, T, I, H
KINDS = {
    "none": {"peephole": "none"},
    "diagonal": {"peephole": "diagonal"},
    "diagonal, o sees c[t]": {"peephole": "diagonal", "output_gate_sees": "current"},
    "full": {"peephole": "full"},
}
Step = Callable[[], float]


def lengths_of(rows: int, steps: int, ragged: bool) -> Tensor:
    """All equal, or spread as in a batch bucketed by length: from 80 % to all of T."""
    if not ragged:
        return torch.full((rows,), steps)
    return torch.linspace(0.8 * steps, steps, rows).round().to(torch.int64)


def reference(rows: int, steps: int, inputs: int, hidden: int) -> Step:
    """One training step of torch.nn.LSTM on the padded batch; seconds."""
    core = nn.LSTM(inputs, hidden, batch_first=True)
    x = torch.randn(rows, steps, inputs, requires_grad=True)
    weight = torch.randn(rows, steps, hidden)

    def step() -> float:
        x.grad = None
        core.zero_grad()
        start = time.thread_time()
        core(x)[0].backward(weight)
        return time.thread_time() - start

    return step


def studio(rows: int, steps: int, inputs: int, hidden: int, ragged: bool, options: dict[str, str]) -> Step:
    """The same work in a Recurrent layer."""
    layer = Recurrent(inputs, hidden, **options)  # type: ignore[arg-type]
    x = torch.randn(rows, steps, inputs, requires_grad=True)
    weight = torch.randn(rows, steps, hidden)
    lengths = lengths_of(rows, steps, ragged)

    def step() -> float:
        x.grad = None
        layer.zero_grad()
        start = time.thread_time()
        layer(x, lengths, memory=False)[0].backward(weight)
        return time.thread_time() - start

    return step


def alternate(steps: dict[str, Step], repeats: int) -> dict[str, float]:
    """Median seconds of each, taken in turns so that a slow minute of the machine hits all alike."""
    for step in steps.values():
        step()
    taken: dict[str, list[float]] = {name: [] for name in steps}
    gc.collect()
    for _ in range(repeats):
        for name, step in steps.items():
            taken[name].append(step())
    return {name: statistics.median(values) for name, values in taken.items()}


def measure(size: tuple[int, int, int, int], ragged: bool, repeats: int) -> dict[str, float]:
    """Seconds by name; the reference is "torch"."""
    torch.manual_seed(0)
    steps = {"torch": reference(*size)}
    steps |= {name: studio(*size, ragged, options) for name, options in KINDS.items()}
    return alternate(steps, repeats)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=9, help="measurements of each; the median counts")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(1)
    rows = []
    out = sys.stdout.write
    out(f"torch {torch.__version__}, {torch.get_num_threads()} thread; milliseconds, and times torch.nn.LSTM\n")
    for size in SIZES:
        for ragged in (False, True):
            found = measure(size, ragged, chosen.repeats)
            base = found["torch"]
            parts = [f"{name} {1e3 * value:.1f} ({value / base:.2f}x)" for name, value in found.items()]
            out(f"{size} {'unequal' if ragged else 'equal'}: {' | '.join(parts)}\n")
            rows.append({"size": size, "unequal": ragged, "seconds": found})
    if chosen.json:
        chosen.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize(("size", "bound"), [(SIZES[0], 3.5), (SIZES[1], 3.0)], ids=str)
def test_the_peephole_layer_is_not_far_from_torch(size, bound):
    """A wide bound: it catches a fall back to a graph per step, not the load of the machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        found = measure(size, ragged=False, repeats=9)
    finally:
        torch.set_num_threads(threads)
    assert found["diagonal"] < bound * found["torch"], found


if __name__ == "__main__":
    main()
