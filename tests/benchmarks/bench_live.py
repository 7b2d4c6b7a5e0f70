"""What watching costs: steps a second with the gates looked at ten times a second and without; and whether a training
that is watched in the window keeps its memory.

Speed: the command line's training, alternated, with ``training.probe_seconds`` 0.1 and 0. Memory: the real window
(offscreen) with its curves and heatmaps, for as many minutes as asked; the slope is that of the resident memory
after the first quarter, in MB an hour.

As a script:  python tests/benchmarks/bench_live.py [--rounds 5] [--seconds 8] [--minutes 1]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from figures import Row, keep, ratio

LIVE = 0.1
"""Seconds between two looks at the gates."""
LEAST_LOOKS = 8.0
"""A second: a look waits for the end of the step, so that there are fewer than ten."""
FLAT = 25.0
"""MB an hour that count as flat: of each step 40 bytes are kept on purpose, 15 MB an hour at a hundred a second."""


def speed(data: str, seconds: float, live: float) -> tuple[float, float]:
    """Seconds a step, in this process, on one thread; and how many times a second the gates were looked at."""
    from lstm_studio.config import RunConfig
    from lstm_studio.runs.start import start
    from lstm_studio.training.control import RunControl
    from lstm_studio.training.events import GateSnapshot, StepEnded

    control, marks, looks = RunControl(), [], 0

    def sink(event: Any) -> None:
        nonlocal looks
        looks += isinstance(event, GateSnapshot) and bool(marks)
        if isinstance(event, StepEnded):
            marks.append((time.perf_counter(), event.step))
            if marks[-1][0] - marks[0][0] > seconds + 1:
                control.cancel()

    changes = {"data.path": data, "training.epochs": 10_000, "training.threads": 1, "training.probe_seconds": live}
    start(RunConfig().replace(**changes), sink, control)
    counted = [mark for mark in marks if mark[0] - marks[0][0] > 1]
    (begin, low), (end, high) = counted[0], counted[-1]
    return (end - begin) / (high - low), looks / (marks[-1][0] - marks[0][0])


def resident() -> float:
    """MB of this process, that of its files not counted."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) / 1024
    return 0.0


def in_window(minutes: float, home: Path) -> list[tuple[float, float]]:
    """Minutes since the first step and MB, every two seconds, while the window trains the sample."""
    os.environ["LSTM_STUDIO_HOME"] = str(home)
    from PySide6.QtCore import QTimer

    from lstm_studio.gui import app as module
    from lstm_studio.gui.settings import Settings

    module.prepare_process()
    app = module.make_application()
    studio = module.Studio(Settings())
    session, window = studio.session, studio.window
    window.resize(1280, 800)
    window.show()
    marks: list[tuple[float, float]] = []
    began: list[float] = []
    timer = QTimer()

    def look() -> None:
        if session.active is None or not session.active.step:
            if session.dataset is not None and session.dataset.health is not None and session.active is None:
                session.change(**{"training.epochs": 10_000, "training.threads": 1})
                session.start_training()
                window.show_page("train")
            return
        began[:] = began or [time.perf_counter()]
        marks.append(((time.perf_counter() - began[0]) / 60, resident()))
        if marks[-1][0] > minutes:
            timer.stop()
            session.close()
            app.quit()

    timer.timeout.connect(look)
    QTimer.singleShot(round(60_000 * (minutes + 2)), app.quit)
    session.open_sample("sentiment-contrast")
    timer.start(2000)
    app.exec()
    return marks


def slope(marks: list[tuple[float, float]]) -> float:
    """MB an hour, after the first quarter: the median of the slopes between all pairs of marks (Sen, "Estimates of the
    regression coefficient based on Kendall's tau", 1968), which single peaks do not move."""
    hours, sizes = np.array(marks[len(marks) // 4 :]).T / np.array([[60], [1]])
    first, second = np.triu_indices(len(hours), 1)
    return float(np.median((sizes[second] - sizes[first]) / (hours[second] - hours[first])))


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="trainings with and without; the median counts")
    parser.add_argument("--seconds", type=float, default=6.0, help="of each training")
    parser.add_argument("--minutes", type=float, default=1.0, help="that the memory is watched; the goal speaks of 10")
    parser.add_argument("--memory-only", action="store_true", help=argparse.SUPPRESS)
    chosen, _ = parser.parse_known_args(arguments)
    say = sys.stdout.write
    with tempfile.TemporaryDirectory() as place:
        if chosen.memory_only:
            for minute, size in in_window(chosen.minutes, Path(place)):
                say(f"{minute:.4f} {size:.3f}\n")
            return
        os.environ["LSTM_STUDIO_HOME"] = place
        from lstm_studio.data import samples

        data = str(samples.write("sentiment-contrast", Path(place) / "reviews.csv"))
        taken: dict[float, list[float]] = {LIVE: [], 0.0: []}
        looks: list[float] = []
        for turn in range(chosen.rounds):
            for live in (LIVE, 0.0) if turn % 2 else (0.0, LIVE):
                a_step, a_second = speed(data, chosen.seconds, live)
                taken[live].append(a_step)
                looks += [a_second] if live else []
    line = [sys.executable, __file__, "--memory-only", "--minutes", str(chosen.minutes)]
    told = subprocess.run(line, check=True, capture_output=True, text=True).stdout
    marks = [(float(minute), float(size)) for minute, size in map(str.split, told.splitlines())]
    grown = slope(marks)
    rows = [
        ratio(5, "a step with live gates at 10 Hz", taken[LIVE], taken[0.0], "without", "ms", scale=1e3, most=1.03),
        Row(5, "looks at the gates", median(looks), "a second", least=LEAST_LOOKS, repetitions=len(looks),
            note="ten were asked for"),
        Row(5, f"memory while training, {chosen.minutes:g} minutes", grown, "MB/h", most=FLAT, repetitions=len(marks),
            note=f"{marks[0][1]:.0f} MB at the first step, {marks[-1][1]:.0f} MB at the end"),
    ]  # fmt: skip
    for row in rows:
        say(f"  {row.what:44} {row.figure:8.2f} {row.unit} {row.note or f'{row.ratio:.3f} times'}\n")
    keep("live", rows, {"seconds a step": {str(name): values for name, values in taken.items()}, "memory": marks})


if __name__ == "__main__":
    main()
