"""On a GPU: forward and backward of the peephole layer against cuDNN's LSTM, which knows no peepholes.

T = 200, I = H, at H = 512 and 1024 and batches of 64 and 256, in float32 with TF32 as torch has it by default. One call
warms up (Triton compiles then); times are those of CUDA events, in turns. Without a GPU it says so and measures
nothing.

As a script:  python tests/benchmarks/bench_gpu.py [--repeats 15]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

import torch
from figures import Row, in_turns, keep, ratio
from torch import nn

from lstm_studio.nn.recurrent import Recurrent

STEPS = 200
SIZES = ((64, 512), (256, 512), (64, 1024), (256, 1024))
"""Rows and units."""
MOST = 1.5


def cuda_seconds(work: Callable[[], None]) -> Callable[[], float]:
    """Work as a side of ``in_turns``, by the clock of the device."""

    def side() -> float:
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        work()
        end.record()
        torch.cuda.synchronize()
        return begin.elapsed_time(end) / 1e3

    return side


def sides(rows: int, hidden: int) -> dict[str, Callable[[], float]]:
    """One training step of each on the same input."""
    torch.manual_seed(0)
    x = torch.randn(rows, STEPS, hidden, device="cuda", requires_grad=True)
    weight = torch.randn(rows, STEPS, hidden, device="cuda")
    lengths = torch.full((rows,), STEPS)
    ours = Recurrent(hidden, hidden, peephole="diagonal").cuda()
    theirs = nn.LSTM(hidden, hidden, batch_first=True).cuda()

    def studio() -> None:
        ours.zero_grad()
        x.grad = None
        ours(x, lengths, memory=False)[0].backward(weight)

    def cudnn() -> None:
        theirs.zero_grad()
        x.grad = None
        theirs(x)[0].backward(weight)

    return {"studio": cuda_seconds(studio), "cuDNN": cuda_seconds(cudnn)}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=15, help="measurements of each; the median counts")
    chosen, _ = parser.parse_known_args(arguments)
    if not torch.cuda.is_available():
        sys.stdout.write("There is no GPU here: not measured.\n")
        return
    rows: list[Row] = []
    device = torch.cuda.get_device_name()
    for batch, hidden in SIZES:
        taken = in_turns(sides(batch, hidden), chosen.repeats, warm_up=3)
        what = f"peephole layer on a GPU, B {batch}, T {STEPS}, H {hidden}"
        rows.append(ratio(7, what, taken["studio"], taken["cuDNN"], "cuDNN", "ms", scale=1e3, most=MOST, note=device))
        sys.stdout.write(f"  {what:46} {rows[-1].figure:8.2f} ms, {rows[-1].ratio:.2f} times cuDNN\n")
    keep("gpu", rows)


if __name__ == "__main__":
    main()
