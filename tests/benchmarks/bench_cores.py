"""Two cores: steps a second of a small model, (B, T, I, H) = (32, 60, 100, 128), on one thread, on two, and shared out
over two processes by torchrun.

All train the same made-up texts of 60 words from a vocabulary of 2,000 through the trainer itself, in turns; what is
counted is what the run's record says of its steps after the first two seconds.

As a script:  python tests/benchmarks/bench_cores.py [--rounds 5] [--seconds 6]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from figures import Row, keep, ratio

ROWS, STEPS, WORDS = 3200, 60, 2000
LEAST = 1.7
WARM_UP = 2.0
NETWORK = {
    "model.hidden_size": 128,
    "model.embedding_size": 100,
    "model.layers": 1,
    "model.bidirectional": False,
    "training.batch_size": 32,
    "training.epochs": 10_000,
    "training.probe_seconds": 0,
}


def texts(folder: Path) -> Path:
    """A table of labelled texts of one length."""
    chance = np.random.default_rng(0)
    path = folder / "texts.tsv"
    drawn = chance.zipf(1.3, (ROWS, STEPS)) % WORDS
    lines = [" ".join(f"w{word}" for word in row) + f"\t{'ab'[int(row.sum()) % 2]}" for row in drawn]
    path.write_text("\n".join(["text\tlabel", *lines]) + "\n", encoding="utf-8")
    return path


def seconds_a_step(folder: Path, data: Path, threads: int, processes: int, seconds: float) -> float:
    """Train in processes of their own until enough was seen."""
    run = folder / f"run-{len(list(folder.iterdir()))}"
    start = [sys.executable]
    if processes > 1:
        start += ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    changes = [f"{name}={value}".replace("True", "true").replace("False", "false") for name, value in NETWORK.items()]
    line = [*start, "-m", "lstm_studio", "train", "--data", str(data), "--out", str(run), "--json"]
    line += ["--set", *changes, f"training.threads={threads}"]
    environment = {**os.environ, "LSTM_STUDIO_HOME": str(folder / "home"), "OMP_NUM_THREADS": str(threads)}
    marks: list[tuple[float, int]] = []
    process = subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    begin = 0.0
    for told in process.stdout:
        event = json.loads(told) if told.startswith("{") else {}
        if event.get("event") == "step_ended":
            now = time.perf_counter()
            begin = begin or now
            if now - begin > WARM_UP:
                marks.append((now, int(event["step"])))
            if now - begin > WARM_UP + seconds:
                break
    process.terminate()
    process.stdout.close()
    process.wait(timeout=60)
    (first, low), (last, high) = marks[0], marks[-1]
    return (last - first) / (high - low)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="trainings of each; the median counts")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each training that count")
    chosen, _ = parser.parse_known_args(arguments)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        data = texts(folder)
        sides: dict[str, Callable[[], float]] = {
            name: lambda threads=threads, processes=processes: seconds_a_step(
                folder, data, threads, processes, chosen.seconds
            )
            for name, threads, processes in (("one thread", 1, 1), ("two threads", 2, 1), ("two processes", 1, 2))
        }
        taken: dict[str, list[float]] = {name: [] for name in sides}
        for turn in range(chosen.rounds):
            for name in list(sides)[:: -1 if turn % 2 else 1]:
                taken[name].append(sides[name]())
    rows: list[Row] = []
    for name in ("two threads", "two processes"):
        what = f"a step of (32, 60, 100, 128) on {name}"
        rows.append(ratio(4, what, taken[name], taken["one thread"], "one thread", "ms", scale=1e3, least=LEAST))
        row = rows[-1]
        sys.stdout.write(f"  {what:52} {row.figure:7.2f} ms, {row.peer_figure:.2f} on one: {row.ratio:.2f} times\n")
    keep("cores", rows, taken)


if __name__ == "__main__":
    main()
