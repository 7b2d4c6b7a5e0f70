"""What grows with the data, and what does not: 1,000 to 100,000 texts (--all: a million), a small network, one epoch.

Each size in a process of its own with a fresh home, twice: the file is new; the file has been made ready. Measured are
the seconds of an epoch's steps, the most memory that the process and its children hold (proportional set size), and the
time from the start of the process to the first step. A table, and a picture: out/bench/growth.svg.

As a script:  python tests/benchmarks/bench_growth.py [--all] [--rows 1000 10000]
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench_large import write_table
from figures import Row, folder, keep, memory
from plot import Panel, write

SIZES, MORE = (1_000, 10_000, 100_000), 1_000_000
NEW, READY = "new file", "made ready before"


def train(path: Path, began: float) -> dict[str, float]:
    """One epoch, as ``lstm-studio train`` does it."""
    from lstm_studio.config import parse
    from lstm_studio.runs.start import start
    from lstm_studio.training.events import EpochEnded, RunStarted, StepEnded

    told: dict[str, float] = {}
    opened = last = 0.0

    def sink(event: Any) -> None:
        nonlocal opened, last
        last = now = time.monotonic()
        if isinstance(event, RunStarted):
            opened = now
        elif isinstance(event, StepEnded):
            told.setdefault("first step", now - began)
            told["epoch"] = now - opened
        elif isinstance(event, EpochEnded):
            told["whole"] = last - began

    config = {
        "data": {"path": str(path), "tokenizer": "treebank", "max_length": 50, "vocabulary_size": 10_000},
        "model": {"embedding_size": 32, "hidden_size": 32, "bidirectional": False},
        "training": {"epochs": 1, "batch_size": 64, "threads": 1, "device": "cpu", "keep_epochs": "none"},
    }
    with tempfile.TemporaryDirectory() as place:
        start(parse(config), sink, folder=Path(place) / "run")
    return told


def measured(path: Path, home: Path) -> dict[str, float]:
    """The same in a process; with its highest memory in MB."""
    began, most = time.monotonic(), 0
    command = [sys.executable, __file__, "--part", str(path), "--began", str(began)]
    environment = {**os.environ, "LSTM_STUDIO_HOME": str(home)}
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        while process.poll() is None:
            most = max(most, memory(process.pid)[0])
            time.sleep(0.1)
        printed = process.communicate()[0]
        if process.returncode:
            log.seek(0)
            raise SystemExit("\n".join(log.read().splitlines()[-15:]))
    return {**json.loads(printed.splitlines()[-1]), "memory": most / 1024}


def exponent(sizes: list[int], values: list[float]) -> float:
    """How a figure grows from the last size but one to the last: 0 not at all, 1 as the data."""
    return math.log(values[-1] / values[-2]) / math.log(sizes[-1] / sizes[-2])


def rows_of(found: dict[int, dict[str, dict[str, float]]]) -> list[Row]:
    """Each figure, and how it grows."""
    rows: list[Row] = []
    sizes = list(found)
    for size in sizes:
        new, ready = found[size][NEW], found[size][READY]
        rows += [
            Row(8, f"an epoch, {size:,} rows", ready["epoch"], "s"),
            Row(8, f"highest memory, {size:,} rows", new["memory"], "MB"),
            Row(8, f"start to first step, {size:,} rows, new", new["first step"], "s"),
            Row(8, f"start to first step, {size:,} rows, made ready before", ready["first step"], "s"),
        ]
    if len(sizes) > 1:
        note = "exponent between the two largest sizes: 0 constant, 1 linear"
        between = f"{sizes[-2]:,} to {sizes[-1]:,} rows"
        for name, way, key, most in (
            ("an epoch", READY, "epoch", 1.1),
            ("highest memory", NEW, "memory", 1.0),
            ("start to first step, made ready before", READY, "first step", 0.1),
        ):
            grown = exponent(sizes, [found[size][way][key] for size in sizes])
            rows.append(Row(8, f"growth of {name}, {between}", grown, "exponent", most=most, note=note))
    return rows


def draw(found: dict[int, dict[str, dict[str, float]]], path: Path) -> None:
    """Three panels."""

    def curve(way: str, key: str) -> list[tuple[float, float]]:
        return [(size, figures[way][key]) for size, figures in found.items()]

    panels = [
        Panel("Seconds an epoch (dashed: linear)", "s", {"one thread": curve(READY, "epoch")}, 1.0),
        Panel("Highest memory", "MB", {way: curve(way, "memory") for way in (NEW, READY)}),
        Panel("Start to first step", "s", {way: curve(way, "first step") for way in (NEW, READY)}),
    ]
    write(path, panels, "rows")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--all", action="store_true", help=f"also {MORE:,} rows")
    parser.add_argument("--part", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--began", type=float, default=0.0, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.part:
        sys.stdout.write(f"{json.dumps(train(chosen.part, chosen.began))}\n")
        return
    found: dict[int, dict[str, dict[str, float]]] = {}
    sys.stdout.write(f"{'rows':>10} {'':18} {'epoch s':>9} {'memory MB':>10} {'first step s':>13} {'whole s':>9}\n")
    for rows in sorted({*chosen.rows, *([MORE] if chosen.all else [])}):
        with tempfile.TemporaryDirectory(prefix="bench-growth-") as place:
            path = Path(place) / "texts.csv"
            write_table(path, rows)
            found[rows] = {way: measured(path, Path(place) / "home") for way in (NEW, READY)}
        for way, told in found[rows].items():
            figures = f"{told['epoch']:9.2f} {told['memory']:10,.0f} {told['first step']:13.2f} {told['whole']:9.2f}"
            sys.stdout.write(f"{rows:>10,} {way:18} {figures}\n")
        sys.stdout.flush()
    keep("growth", rows_of(found), {str(size): told for size, told in found.items()})
    draw(found, folder() / "growth.svg")
    sys.stdout.write(f"{folder() / 'growth.svg'}\n")


if __name__ == "__main__":
    main()
