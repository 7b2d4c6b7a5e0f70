"""How soon each way to look inside answers: a text of 60 tokens, two layers of 256 units, one direction and both.

The network is hardly trained: what is computed costs the same. The index of units is asked on 100,000 tokens. Medians
of processor time with one thread, so that other programs disturb less; the goal is 100 ms, and a second for a pattern
of units.

As a script:  python tests/benchmarks/bench_inspect.py [--repeats 7] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from figures import keep, single

from lstm_studio.config import RunConfig
from lstm_studio.data import samples
from lstm_studio.inspection.clamps import Clamp
from lstm_studio.inspection.index import Wanted
from lstm_studio.inspection.pattern import matches, pattern
from lstm_studio.inspection.units import react, telling
from lstm_studio.runs.predictor import Predictor
from lstm_studio.runs.start import start

TOKENS = 60
MOST = 0.1
"""Seconds."""


def network(folder: Path, bidirectional: bool) -> Predictor:
    """A run of one short epoch, with much to validate with."""
    data = samples.write("sentiment-contrast", folder / "reviews.csv")
    config = RunConfig(
        data={"path": str(data), "validation_fraction": 0.95, "max_length": 100},
        model={"hidden_size": 256, "layers": 2, "embedding_size": 100, "bidirectional": bidirectional},
        training={"epochs": 1, "threads": 1, "batch_size": 64},
    )
    run = folder / f"run-{bidirectional}"
    start(config, lambda event: None, folder=run)
    return Predictor(run)


def timed(work: Callable[[], object], repeats: int) -> float:
    """Median seconds."""
    work()
    taken = []
    for _ in range(repeats):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return statistics.median(taken)


def measure(predictor: Predictor, repeats: int) -> dict[str, float]:
    """Seconds by view."""
    words = "the story was not very good but the acting is wonderful and the music of this film moved me ".split()
    text = " ".join((words * 5)[:TOKENS])
    assert len(predictor.trace(text).tokens) == TOKENS, predictor.trace(text).tokens
    layer = predictor.reading_layers()[-1].name
    clamp = Clamp(1, "forward", "f", 1.0, None, None)
    views: dict[str, Callable[[], object]] = {
        "gates, first answer": lambda: predictor.trace(text, quick=True),
        "gates and verdicts": lambda: predictor.trace(text),
        "anatomy": lambda: predictor.anatomy(text, layer),
        "gradient": lambda: predictor.gradients(text),
        "integrated gradients, first answer": lambda: predictor.attribution(
            text, method="integrated gradients", quick=True
        ),
        "integrated gradients, all nodes": lambda: predictor.attribution(text, method="integrated gradients"),
        "occlusion, first answer": lambda: predictor.attribution(text, method="occlusion", quick=True),
        "occlusion": lambda: predictor.attribution(text, method="occlusion"),
        "a phrase of 4": lambda: predictor.phrase(text, 3, 7),
        "a clamp": lambda: predictor.predict_clamped(text, [clamp]),
    }
    return {name: timed(work, repeats) for name, work in views.items()}


def asked(predictor: Predictor, repeats: int) -> dict[str, float]:
    """Seconds of what an index answers, and of building it once."""
    began = time.process_time()
    index = predictor.unit_index(Wanted("validation", 1, "forward"), build=True)
    built = time.process_time() - began
    assert index is not None
    states = index.states["h"][:, :40].T.astype("float32")
    wanted = pattern(states, 3, 6, 0.1 * float(abs(states).max()))
    return {
        f"building an index of {len(index):,} tokens": built,
        "one unit": timed(lambda: react(index, "h", 7), repeats),
        "most telling units": timed(lambda: telling(index, "h"), repeats),
        f"a pattern of {len(wanted.units)} units": timed(lambda: matches(index, "h", wanted), repeats),
    }


def _goal(row: str) -> float | None:
    """Milliseconds; an index is built once, a pattern may take a second, and where a first answer came soon the whole
    one has time."""
    if row.startswith("building") or row in {"integrated gradients, all nodes", "occlusion"}:
        return None
    return 1e3 if row.startswith("a pattern") else 1e3 * MOST


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=7, help="measurements of each; the median counts")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(1)
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as place:
        for bidirectional in (False, True):
            predictor = network(Path(place), bidirectional)
            name = f"{TOKENS} tokens, 2 x 256 units{', both directions' if bidirectional else ''}"
            found[name] = measure(predictor, chosen.repeats)
            if not bidirectional:
                found["an index"] = asked(predictor, chosen.repeats)
    for title, rows in found.items():
        sys.stdout.write(f"{title}; milliseconds\n")
        for row, seconds in rows.items():
            sys.stdout.write(f"  {row:40} {1e3 * seconds:8.1f}{'  *' if seconds > MOST else ''}\n")
    keep(
        "inspect",
        [
            single(0, f"{row}; {title}", [seconds], "ms", scale=1e3, most=_goal(row))
            for title, rows in found.items()
            for row, seconds in rows.items()
        ],
        found,
    )
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
