"""Forward and backward of one recurrent layer against torch.nn.LSTM, and against its matrix products alone.

One process, sides in turns, medians; on one thread its processor time counts, so that other programs disturb less, on
more the time of the clock. "products" are the calls of torch.mm that the two passes cannot do without, each into a
buffer that is there: inputs, each step's recurrent product there and back, and the gradients of inputs and weights; the
faster of torch.mm and of what the studio calls for it counts.

As a script:  python tests/benchmarks/bench_layer.py [--repeats 9] [--threads 1 2] [--json FILE]
As a test:    python -m pytest -m slow tests/benchmarks/bench_layer.py
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

# As the package sets it, which is loaded after torch here.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

import pytest
import torch
from figures import Row, in_turns, keep, ratio
from torch import Tensor, nn

from lstm_studio.nn import peephole_cpu
from lstm_studio.nn.matmul import product
from lstm_studio.nn.recurrent import Recurrent

SIZES = ((16, 30, 50, 64), (32, 100, 100, 128), (64, 200, 100, 256))  # B, T, I, H
KINDS = {
    "none": {"peephole": "none"},
    "diagonal": {"peephole": "diagonal"},
    "diagonal, o sees c[t]": {"peephole": "diagonal", "output_gate_sees": "current"},
    "full": {"peephole": "full"},
}
ALONE, OWN_ALONE, LOOKED, WITHOUT = "products", "products, studio's", "gates kept", "no kernel"
REPEATS = dict(zip(SIZES, (4.0, 1.0, 0.6), strict=True))
"""Times the repetitions asked for: short steps vary more."""
Step = Callable[[], float]
Size = tuple[int, int, int, int]


def clock() -> float:
    """Seconds: of the processor on one thread, else of the wall."""
    return time.thread_time() if torch.get_num_threads() == 1 else time.perf_counter()


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
        start = clock()
        core(x)[0].backward(weight)
        return clock() - start

    return step


def studio(
    rows: int, steps: int, inputs: int, hidden: int, ragged: bool, options: dict[str, str], trace: bool = False
) -> Step:
    """The same work in a Recurrent layer; ``trace``: and what happened inside is handed out."""
    layer = Recurrent(inputs, hidden, **options)  # type: ignore[arg-type]
    x = torch.randn(rows, steps, inputs, requires_grad=True)
    weight = torch.randn(rows, steps, hidden)
    lengths = lengths_of(rows, steps, ragged)

    def step() -> float:
        x.grad = None
        layer.zero_grad()
        start = clock()
        layer(x, lengths, trace=trace, memory=False)[0].backward(weight)
        return clock() - start

    return step


def products(rows: int, steps: int, inputs: int, hidden: int, own: bool) -> Step:
    """Nothing but the matrix products; ``own``: through the studio's choice of library for the large ones."""
    x, h = torch.randn(steps * rows, inputs), torch.randn(steps, rows, hidden)
    w_x, w_h = torch.randn(4 * hidden, inputs), torch.randn(4 * hidden, hidden)
    gates, back = torch.randn(steps, rows, 4 * hidden), torch.randn(steps, rows, hidden)
    flat, flat_h = gates.view(-1, 4 * hidden), h.view(-1, hidden)
    into = [torch.empty(4 * hidden, inputs), torch.empty(4 * hidden, hidden), torch.empty_like(x)]

    def large(a: Tensor, b: Tensor, out: Tensor) -> None:
        """a times b's transpose."""
        if own:
            product(a, b)
        else:
            torch.mm(a, b.t(), out=out)

    def step() -> float:
        with torch.no_grad():
            start = clock()
            large(x, w_x, flat)
            for gate, before in zip(gates.unbind(0), h.unbind(0), strict=True):
                torch.mm(before, w_h.t(), out=gate)
            for gate, before in zip(gates.unbind(0), back.unbind(0), strict=True):
                torch.mm(gate, w_h, out=before)
            large(flat.t(), x.t(), into[0])
            large(flat.t(), flat_h.t(), into[1])
            large(flat, w_x.t(), into[2])
            return clock() - start

    return step


@contextmanager
def no_kernel() -> Iterator[None]:
    """As where nobody could compile the steps."""
    there, peephole_cpu.library = peephole_cpu.library, None
    try:
        yield
    finally:
        peephole_cpu.library = there


def without_kernel(step: Step) -> Step:
    """The same step on plain operations."""

    def slower() -> float:
        with no_kernel():
            return step()

    return slower


def measure(size: Size, ragged: bool, repeats: int, more: bool = False) -> dict[str, list[float]]:
    """Seconds by name; the reference is "torch". ``more``: products alone, gates handed out, without the kernel."""
    torch.manual_seed(0)
    steps = {"torch": reference(*size)}
    kinds = KINDS if torch.get_num_threads() == 1 else {name: KINDS[name] for name in ("none", "diagonal")}
    steps |= {name: studio(*size, ragged, options) for name, options in kinds.items()}
    if more:
        diagonal = KINDS["diagonal"]
        steps[LOOKED] = studio(*size, ragged, diagonal, trace=True)
        steps[WITHOUT] = without_kernel(studio(*size, ragged, diagonal))
        steps[ALONE] = products(*size, own=False)
        steps[OWN_ALONE] = products(*size, own=True)
    return in_turns(steps, repeats)


def rows_of(size: Size, threads: int, found: dict[str, list[float]]) -> list[Row]:
    """The goals of point 1."""
    name = f"layer {size}, {threads} {'thread' if threads == 1 else 'threads'}"
    own = found["diagonal"]
    floor = min((found[ALONE], found[OWN_ALONE]), key=statistics.median)
    return [
        ratio(1, name, own, found["torch"], "torch.nn.LSTM", "ms", scale=1e3, most=1.0),
        ratio(1, name, own, floor, "matrix products", "ms", scale=1e3, most=1.3),
        ratio(1, f"{name}, gates handed out", found[LOOKED], own, "without", "ms", scale=1e3),
        ratio(1, f"{name}, no kernel", found[WITHOUT], found["torch"], "torch.nn.LSTM", "ms", scale=1e3),
    ]


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=9, help="measurements of each; the median counts")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    chosen = parser.parse_args(arguments)
    told, rows = [], []
    out = sys.stdout.write
    for threads in chosen.threads:
        torch.set_num_threads(threads)
        of = "processor" if threads == 1 else "wall"
        out(f"torch {torch.__version__}, {threads} thread(s), {of} time; milliseconds, and times torch.nn.LSTM\n")
        for size in SIZES:
            for ragged in (False, True)[: 2 if threads == 1 else 1]:
                taken = measure(size, ragged, round(REPEATS[size] * chosen.repeats), more=not ragged)
                found = {name: statistics.median(values) for name, values in taken.items()}
                base = found["torch"]
                parts = [f"{name} {1e3 * value:.1f} ({value / base:.2f}x)" for name, value in found.items()]
                out(f"{size} {'unequal' if ragged else 'equal'}: {' | '.join(parts)}\n")
                told.append({"size": size, "unequal": ragged, "threads": threads, "seconds": found})
                rows += [] if ragged else rows_of(size, threads, taken)
    keep("layer", rows, told)
    if chosen.json:
        chosen.json.write_text(json.dumps(told, indent=1), encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize(("size", "bound"), [(SIZES[0], 3.5), (SIZES[1], 3.0)], ids=str)
def test_the_peephole_layer_is_not_far_from_torch(size, bound):
    """A wide bound: it catches a fall back to a graph per step, not the load of the machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        taken = measure(size, ragged=False, repeats=9)
    finally:
        torch.set_num_threads(threads)
    found = {name: statistics.median(values) for name, values in taken.items()}
    assert found["diagonal"] < bound * found["torch"], found


if __name__ == "__main__":
    main()
