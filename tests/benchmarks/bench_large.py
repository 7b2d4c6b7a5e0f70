"""A table larger than memory should hold: reading, cutting into tokens, indexing, and the first step of training.

Run it on a quiet machine:  python tests/benchmarks/bench_large.py [--rows 5000000] [--json FILE]

It writes a CSV of texts with labels (5,000,000 rows are 1.1 GB), then, each in a process of its own with a fresh home:
pyarrow reads the file alone; the studio makes it ready for training; the studio is killed half way and started again;
the studio finds it ready; a training runs its first hundred steps. Plain NLTK cuts a part of it in one thread. Memory
is what the process and its children hold in all (proportional set size), at its highest; of it, the part that is not
backed by files, which the system cannot take back.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from figures import Row, keep, memory

WORDS = 200_000
LABELS = ("bad", "fair", "good", "great")
LETTERS = "etaoinshrdlucmfwypvbgkjqxz"
NLTK_ROWS = 20_000


def say(text: str, where: TextIO = sys.stdout) -> None:
    """A line, at once."""
    where.write(f"{text}\n")
    where.flush()


def write_table(path: Path, rows: int) -> None:
    """Sentences of 18 to 45 made-up words that are as frequent as words are (Zipf), some with quotes; four labels."""
    random = np.random.default_rng(0)
    words: dict[str, None] = {}
    while len(words) < WORDS:
        length = 2 + int(0.45 * np.log2(len(words) + 2)) + int(random.integers(0, 3))
        words["".join(LETTERS[int(place)] for place in np.minimum(25, random.exponential(6, length)))] = None
    frequent = np.array(list(words), object)
    shares = np.cumsum(1 / np.arange(1, WORDS + 1) ** 1.05)
    shares /= shares[-1]
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("text,label\n")
        for start in range(0, rows, 20_000):
            lengths = random.integers(18, 46, min(20_000, rows - start))
            drawn = frequent[np.searchsorted(shares, random.random(int(lengths.sum())))].tolist()
            labels = random.integers(0, len(LABELS), len(lengths)).tolist()
            at, lines = 0, []
            for number, (length, label) in enumerate(zip(lengths.tolist(), labels, strict=True)):
                text = drawn[at : at + length]
                at += length
                text[0], text[-1] = text[0].capitalize(), f"{text[-1]}."
                text[length // 2] += ","
                if number % 3:
                    text[length // 3] = f"{LABELS[label]}ish"
                if number % 50 == 0:
                    text[length // 4] = '""so""'
                lines.append(f'"{" ".join(text)}",{LABELS[label]}\n')
            file.write("".join(lines))


# -- what is measured, each in a process of its own -------------------------------------------------------------


def alone(path: Path) -> dict[str, Any]:
    """pyarrow reads the file into memory."""
    from pyarrow import csv

    began = time.perf_counter()
    table = csv.read_csv(path)
    return {"seconds": time.perf_counter() - began, "rows": table.num_rows}


def ready(path: Path, steps: int = 0) -> dict[str, Any]:
    """The studio makes it ready, and trains some steps."""
    from lstm_studio.config import parse
    from lstm_studio.data.places import cache_folder
    from lstm_studio.data.prepare import prepare_classification

    stages: dict[str, float] = {}
    now = began = time.perf_counter()
    last = ""

    def told(_share: float, words: str) -> None:
        nonlocal now, last
        stage = words.partition(":")[0]
        if stage != last:
            stages[last] = stages.get(last, 0.0) + time.perf_counter() - now
            now, last = time.perf_counter(), stage
        say(json.dumps({"share": _share, "words": words}), sys.stderr)

    settings = {"data": {"path": str(path), "tokenizer": "treebank"}, "training": {"device": "cpu", "epochs": 1}}
    config = parse(settings)
    prepared = prepare_classification(config, told, cache=cache_folder() / "prepared")
    answer: dict[str, Any] = {
        "seconds": time.perf_counter() - began,
        "stages": {name: round(seconds, 2) for name, seconds in stages.items() if name},
        "rows": len(prepared.train) + len(prepared.validation),
        "tokens": int(prepared.train.offsets[-1] + prepared.validation.offsets[-1]),
    }
    if steps:
        answer["first_step"] = first_steps(config, steps, began)
    return answer


def first_steps(config: Any, steps: int, began: float) -> float:
    """Seconds from the start of all to the first step of training."""
    from lstm_studio.runs.start import start
    from lstm_studio.training.control import RunControl
    from lstm_studio.training.events import StepEnded

    control, first = RunControl(), 0.0
    seen = 0

    def sink(event: Any) -> None:
        nonlocal first, seen
        if isinstance(event, StepEnded):
            seen += 1
            first = first or time.perf_counter() - began
            if seen >= steps:
                control.cancel()

    with tempfile.TemporaryDirectory() as folder:
        start(config, sink, control, folder=Path(folder) / "run")
    return first


def nltk_alone(path: Path) -> dict[str, Any]:
    """NLTK's treebank tokenizer on a part of the texts, in one thread."""
    import csv

    from nltk.tokenize.destructive import NLTKWordTokenizer

    with path.open(encoding="utf-8", newline="") as file:
        texts = [row[0] for row, _ in zip(csv.reader(file), range(NLTK_ROWS), strict=False)]
    cut = NLTKWordTokenizer().tokenize
    began = time.perf_counter()
    tokens = sum(len(cut(text)) for text in texts)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "tokens_per_second": tokens / seconds}


PARTS = {"alone": alone, "ready": ready, "trained": lambda path: ready(path, 100), "nltk": nltk_alone}


# -- around them ------------------------------------------------------------------------------------------------


def measured(part: str, path: Path, home: Path, kill_at: float = 0.0) -> dict[str, Any]:
    """Run a part; its answer with seconds of the whole process and the most memory (MB) that it held in all."""
    script = [sys.executable, __file__, "--part", part, "--file", str(path)]
    environment = {**os.environ, "LSTM_STUDIO_HOME": str(home)}
    with tempfile.TemporaryFile("w+") as log:
        began = time.perf_counter()
        process = subprocess.Popen(script, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        most = most_own = 0
        killed = False
        while process.poll() is None:
            held, own = memory(process.pid)
            most, most_own = max(most, held), max(most_own, own)
            if kill_at and last_share(log.fileno()) >= kill_at:
                process.send_signal(signal.SIGKILL)
                killed = True
            time.sleep(0.1)
        seconds = time.perf_counter() - began
        printed = process.communicate()[0]
        if process.returncode and not killed:
            log.seek(0)
            raise SystemExit("\n".join(log.read().splitlines()[-20:]))
    answer: dict[str, Any] = json.loads(printed.splitlines()[-1]) if printed.strip() else {}
    return {**answer, "whole": seconds, "memory": most // 1024, "own": most_own // 1024, "killed": killed}


def last_share(log: int) -> float:
    """How far the process says that it is."""
    size = os.fstat(log).st_size
    lines = os.pread(log, 2_000, max(0, size - 2_000)).decode("utf-8", "replace").strip().splitlines()
    try:
        return float(json.loads(lines[-1])["share"])
    except (IndexError, ValueError, KeyError):
        return 0.0


def main() -> None:
    """Write the table, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--file", type=Path, help="a table that was written before")
    parser.add_argument("--part", choices=sorted(PARTS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        say(json.dumps(PARTS[options.part](options.file)))
        return
    place = Path(tempfile.mkdtemp(prefix="bench-large-"))
    try:
        path = options.file or place / "texts.csv"
        if options.file is None:
            say(f"writing {options.rows:,} rows", sys.stderr)
            write_table(path, options.rows)
        found: dict[str, Any] = {"bytes": path.stat().st_size}
        for name, part, home, kill_at in (
            ("pyarrow alone", "alone", "none", 0.0),
            ("made ready", "ready", "one", 0.0),
            ("found ready", "ready", "one", 0.0),
            ("trained", "trained", "one", 0.0),
            ("killed half way", "ready", "two", 0.5),
            ("went on", "ready", "two", 0.0),
        ):
            say(name, sys.stderr)
            found[name] = measured(part, path, place / home, kill_at)
        found["nltk, one thread"] = measured("nltk", path, place / "none")
        report(found)
        keep("large", rows_of(found), found)
        if options.json:
            options.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    finally:
        shutil.rmtree(place, ignore_errors=True)


def rows_of(found: dict[str, Any]) -> list[Row]:
    """What the table of all shows."""
    size = f"{found['made ready']['rows']:,} rows"
    rows = [
        Row(8, f"{name}, {size}", found[name]["whole"], "s", note="highest memory stands in large.json")
        for name in ("made ready", "found ready", "went on")
    ]
    rows.append(Row(8, f"first step, {size}", found["trained"]["first_step"], "s"))
    rows.append(Row(8, f"highest memory, {size}", found["made ready"]["memory"], "MB"))
    return rows


def report(found: dict[str, Any]) -> None:
    """One table."""
    ready_made = found["made ready"]
    say(f"{found['bytes'] / 2**20:,.0f} MB, {ready_made['rows']:,} rows, {ready_made['tokens']:,} tokens kept")
    say(f"{'':18}{'seconds':>9}{'memory MB':>11}{'not files':>11}")
    for name, values in found.items():
        if isinstance(values, dict):
            say(f"{name:18}{values['whole']:9.1f}{values['memory']:11,}{values['own']:11,}")
    stages = found["made ready"]["stages"]
    for stage, seconds in stages.items():
        say(f"  {stage:40}{seconds:9.1f}")
    cut = stages.get("Cutting texts into tokens", 0.0)
    if cut:
        own, other = found["made ready"]["tokens"] / cut, found["nltk, one thread"]["tokens_per_second"]
        say(f"tokens a second: {own:,.0f}, NLTK in one thread {other:,.0f}: {own / other:.1f} times")
    say(f"first step of training after {found['trained']['first_step']:.1f} s")


if __name__ == "__main__":
    main()
