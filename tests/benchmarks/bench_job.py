"""The whole job: SST-2 with the tutorials' network, in the studio and in Keras 3 on each of its back ends.

Embedding 100, one LSTM of 128 units, dropout 0.5, batches of 32, Adam at 1e-3, texts cut at 100 words. Keras pads to
100 and masks, as its users write it, and once without the mask; what it compiles by itself it may (jit_compile="auto",
which measured best). Each side is a process of its own, in turns, pinned to as many cores as it has threads.

* Seconds an epoch: of the studio a whole one; of Keras one of --batches equal batches, after one to compile, scaled up.
* The whole job: the studio and the fastest of Keras train --epochs epochs and look at the test after each. Time counts
  from the start of the process; and once more without what each takes to be imported.

As a script:  python tests/benchmarks/bench_job.py [--threads 1] [--rounds 2] [--epochs 5] [--studio]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from figures import Row, keep, ratio
from peers import BACKENDS, python
from tutorial import sentences, settings

LEAST, TARGET = 6.0, 0.78
KERAS = {f"Keras, {backend}": (backend, ()) for backend in BACKENDS}
KERAS["Keras, jax, no mask"] = ("jax", ("--no-mask",))
STUDIO = {"studio": "diagonal", "studio, no peepholes": "none"}
BATCHES = {"torch": 0.5}
"""Share of the batches that are measured of a slow back end."""


def studio(options: argparse.Namespace) -> dict[str, Any]:
    """Train as ``lstm-studio train`` does, with the test as validation; in a process of its own."""
    began = time.monotonic()
    import torch  # noqa: F401 - as the other side's clock: what is imported later counts as work

    from lstm_studio.config import parse
    from lstm_studio.runs.start import start
    from lstm_studio.training.events import EpochEnded, RunStarted, StepEnded

    told: dict[str, Any] = {"imports": time.monotonic() - began, "seconds": [], "accuracy": [], "known": []}
    last = opened = 0.0

    def sink(event: Any) -> None:
        nonlocal last, opened
        now = time.monotonic()
        if isinstance(event, RunStarted):
            told["preparation"] = now - options.began
            opened = now
        elif isinstance(event, StepEnded):
            last = now
        elif isinstance(event, EpochEnded):
            told["seconds"].append(last - opened)
            told["accuracy"].append(event.metrics["accuracy"])
            told["known"].append(now - options.began)
            opened = now

    more = {"model.peephole": options.peephole, "training.epochs": options.epochs, "training.seed": options.seed}
    start(parse(settings(options.train, options.test, **more, **{"training.threads": options.threads})), sink)
    return told


def run(name: str, options: argparse.Namespace, folder: Path, epochs: int, batches: int = 0) -> dict[str, Any]:
    """One side, as a process; what it tells."""
    files = ["--train", str(folder / "sst2-train.tsv"), "--test", str(folder / "sst2-test.tsv")]
    files += ["--epochs", str(epochs), "--threads", str(options.threads), "--seed", str(options.seed)]
    environment = {**os.environ, "LSTM_STUDIO_HOME": tempfile.mkdtemp(dir=folder)}
    here = Path(__file__).parent
    if name in STUDIO:
        command = [sys.executable, str(here / "bench_job.py"), "--part", "--peephole", STUDIO[name], *files]
    else:
        backend, more = KERAS[name]
        environment["KERAS_BACKEND"] = backend
        command = [str(python()), str(here / "keras_job.py"), "--batches", str(batches), *more, *files]
    began = time.monotonic()
    process = subprocess.Popen(
        [*command, "--began", str(began)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(process.pid, sorted(os.sched_getaffinity(0))[-options.threads :])
    printed, errors = process.communicate()
    if process.returncode:
        raise SystemExit(f"bench_job: {name} failed\n" + "\n".join(errors.splitlines()[-15:]))
    found: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return found


def epochs(options: argparse.Namespace, folder: Path) -> tuple[list[Row], dict[str, list[float]]]:
    """Seconds an epoch of every side."""
    names = [*STUDIO, *([] if options.studio else KERAS)]
    taken: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(options.rounds):
        for name in names[:: -1 if turn % 2 else 1]:
            if name in STUDIO:
                taken[name].append(min(run(name, options, folder, 2)["seconds"]))
            else:
                batches = round(options.batches * BATCHES.get(KERAS[name][0], 1))
                found = run(name, options, folder, 3, batches)
                taken[name].append(min(found["seconds"][1:]) / found["batches"] * options.all_batches)
            say(f"{name}: {taken[name][-1]:.2f} s an epoch")
    what = f"SST-2, an epoch, {options.threads} thread(s)"
    rows = []
    fastest = min((name for name in names if name not in STUDIO), key=lambda n: statistics.median(taken[n]), default="")
    for name in names[len(STUDIO) :]:
        goal = {"least": LEAST} if name == fastest else {}
        rows.append(speed(what, taken["studio"], taken[name], name, **goal))
    if fastest:
        rows.append(speed(f"{what}, no peepholes", taken["studio, no peepholes"], taken[fastest], fastest))
    return rows, taken


def speed(what: str, own: list[float], peer: list[float], name: str, least: float | None = None) -> Row:
    """How many times as fast, whether or not there is a goal."""
    if least is not None:
        return ratio(3, what, own, peer, name, "s", least=least)
    turned = ratio(3, what, own, peer, name, "s", least=0.0)
    return Row(**{**turned.__dict__, "least": None})


def whole(options: argparse.Namespace, folder: Path, peer: str) -> tuple[list[Row], dict[str, Any]]:
    """Time until the test accuracy is there, and what it is in the end."""
    told: dict[str, Any] = {}
    for name in ("studio", *([peer] if peer else [])):
        found = told[name] = run(name, options, folder, options.epochs)
        found["reached"] = next(
            (known for known, share in zip(found["known"], found["accuracy"], strict=True) if share >= TARGET), None
        )
        shares = " ".join(f"{share:.3f}" for share in found["accuracy"])
        at = f"{found['reached']:.1f} s" if found["reached"] else "not reached"
        say(f"{name}: {TARGET} {at}, imports {found['imports']:.1f} s of it; test accuracy by epoch {shares}")
    own = told["studio"]
    if not peer:
        return [], told
    other = told[peer]
    note = "epochs that are best by the test on both sides, so higher than an honest figure"
    best, best_other = max(own["accuracy"]), max(other["accuracy"])
    rows = [
        Row(
            3,
            f"SST-2, best test accuracy of {options.epochs} epochs",
            best,
            "",
            peer=peer,
            peer_figure=best_other,
            ratio=best / best_other,
            least=0.985,
            note=note,
        )
    ]
    if own["reached"]:
        late = other["reached"] or other["known"][-1]
        what = f"SST-2, start to {TARGET} test accuracy, {options.threads} thread(s)"
        note = {} if other["reached"] else {"note": "the peer did not get there"}
        sides = ((what, 0.0, 0.0), (f"{what}, imports not counted", own["imports"], other["imports"]))
        for place, (words, off, other_off) in enumerate(sides):
            row = ratio(3, words, [own["reached"] - off], [late - other_off], peer, "s", least=LEAST)
            say(f"{words}: {row.figure:.1f} s, {peer} {row.peer_figure:.1f} s: {row.ratio:.1f} times")
            rows.insert(place, Row(**{**row.__dict__, **note}))
    return rows, told


def say(text: str) -> None:
    """A line, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=2, help="of the seconds an epoch")
    parser.add_argument("--batches", type=int, default=24, help="that Keras is measured on")
    parser.add_argument("--epochs", type=int, default=5, help="of the whole job; 0 leaves it out")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--studio", action="store_true", help="without Keras")
    for name in ("--train", "--test"):
        parser.add_argument(name, type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--part", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--peephole", default="diagonal", help=argparse.SUPPRESS)
    parser.add_argument("--began", type=float, default=0.0, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.part:
        say(json.dumps(studio(options)))
        return
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        data = sentences("sst2", "train", folder)
        if data is None or sentences("sst2", "test", folder) is None:
            say("skipped: ../shared/data/sst2 is not there")
            return
        options.all_batches = -(-(len(data.read_text(encoding="utf-8").splitlines()) - 1) // 32)
        rows, taken = epochs(options, folder)
        told: dict[str, Any] = {"threads": options.threads, "epoch": taken}
        if options.epochs:
            fastest = min((name for name in KERAS if name in taken), key=lambda n: min(taken[n]), default="")
            more, told["whole"] = whole(options, folder, fastest)
            rows += more
        if not options.studio:
            keep("job" if options.threads == 1 else f"job_{options.threads}", rows, told)


if __name__ == "__main__":
    main()
