"""What padding costs: a step of training on sentences of similar length, and on the same ones padded to 100.

Real sentences, the network of the tutorials (embedding 100, one LSTM of 128 units, batches of 32), one thread, the same
batches in turns; processor time by real tokens: those that stand in the sentences. Both sides have the same weights;
the padded one reads its padding, as the tutorials do.

As a script:  python tests/benchmarks/bench_lengths.py [--batches 24] [--repeats 5]
With --accuracy it trains both on TREC instead, five seeds each (about half an hour), and compares them on its test.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from figures import Row, in_turns, keep, ratio, spread
from tutorial import LENGTH, sentences, settings

from lstm_studio.config import parse
from lstm_studio.tasks import registry
from lstm_studio.training.stepper import Stepper

CELLS = {"diagonal": "peephole layer", "none": "torch.nn.LSTM"}
LEAST = 3.0
SEEDS, EPOCHS = 5, 6


def walk(task: Any, part: Any, handles: list[np.ndarray], config: Any, prepared: Any) -> Callable[[], float]:
    """All batches, a step of training each; processor seconds by real token."""
    torch.manual_seed(0)
    model = task.build_model(config, task.meta(prepared))
    model.train()
    device = torch.device("cpu")
    stepper = Stepper(task, model, config.training, [task.start(config, prepared, device)], device, len(handles))
    real = sum(int(np.maximum(part.token_lengths[handle], 1).sum()) for handle in handles)

    def side() -> float:
        began = time.thread_time()
        for number, handle in enumerate(handles):
            stepper.step(part, handle, number)
        return (time.thread_time() - began) / real

    return side


def measure(name: str, path: Path, batches: int, repeats: int) -> tuple[list[Row], dict[str, Any]]:
    """Both cells on the sentences of a table."""
    task = registry.get("classification")
    rows, told = [], {}
    for peephole, cell in CELLS.items():
        config = parse(settings(path, **{"model.peephole": peephole, "training.threads": 1}))
        prepared = task.prepare(config)
        config, train = prepared.config, prepared.train
        handles = list(task.batches(train, config.training.batch_size, 0, 1, True))[:batches]
        lengths = train.token_lengths[np.concatenate(handles)]
        sides = {
            "bucketed": walk(task, train, handles, config, prepared),
            "padded": walk(task, train.padded(LENGTH), handles, config, prepared),
        }
        taken = in_turns(sides, repeats)
        what = f"{name}, {float(lengths.mean()):.0f} tokens a sentence, {cell}"
        own, padded = taken["bucketed"], taken["padded"]
        rows.append(ratio(2, what, own, padded, f"padded to {LENGTH}", "µs/token", scale=1e6, least=LEAST))
        told[what] = taken
        sys.stdout.write(
            f"{what}: {1e6 * statistics.median(own):.1f} µs a token, padded {1e6 * statistics.median(padded):.1f}: "
            f"{rows[-1].ratio:.1f} times\n"
        )
        sys.stdout.flush()
    return rows, told


def accuracy(folder: Path, threads: int) -> tuple[list[Row], dict[str, Any]]:
    """Test accuracy on TREC over five seeds, of both."""
    from lstm_studio.training.events import EpochEnded
    from lstm_studio.training.loop import train

    data, test = sentences("trec", "train", folder), sentences("trec", "test", folder)
    if data is None:
        raise SystemExit("bench_lengths: ../shared/data/trec_qc is not there")
    told: dict[str, list[float]] = {"bucketed": [], "padded": []}
    for seed in range(SEEDS):
        for side, found in told.items():
            more = {"training.seed": seed, "training.epochs": EPOCHS, "training.threads": threads}
            more |= {"data.pad_to_max_length": side == "padded", "model.pooling": "max"}
            last: list[float] = []

            def sink(event: Any, last: list[float] = last) -> None:
                if isinstance(event, EpochEnded):
                    last.append(event.metrics["accuracy"])

            train(parse(settings(data, test, **more)), sink)
            found.append(last[-1])
            sys.stdout.write(f"seed {seed}, {side}: {last[-1]:.3f}\n")
            sys.stdout.flush()
    means = {side: statistics.mean(found) for side, found in told.items()}
    noise = max(statistics.stdev(found) for found in told.values())
    row = Row(
        2,
        f"TREC test accuracy after {EPOCHS} epochs, mean of {SEEDS} seeds",
        means["bucketed"],
        "",
        peer=f"padded to {LENGTH}",
        peer_figure=means["padded"],
        ratio=means["bucketed"] / means["padded"],
        least=round(1 - noise / means["padded"], 4),
        repetitions=SEEDS,
        spread=max(map(spread, told.values())),
        note="the goal allows for one standard deviation between seeds",
    )
    return [row], told


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batches", type=int, default=24, help="of 32 sentences")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--accuracy", action="store_true", help="train both on TREC instead; slow")
    parser.add_argument("--threads", type=int, default=1, help="of --accuracy")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as place:
        if chosen.accuracy:
            rows, told = accuracy(Path(place), chosen.threads)
            keep("lengths_accuracy", rows, told)
            return
        rows, told = [], {}
        for name in ("sst2", "trec"):
            path = sentences(name, "train", Path(place))
            if path is None:
                sys.stdout.write(f"{name}: skipped, ../shared/data does not hold it\n")
                continue
            more, seen = measure(name, path, chosen.batches, chosen.repeats)
            rows += more
            told |= seen
    if rows:
        keep("lengths", rows, told)


if __name__ == "__main__":
    main()
