"""Does the window stay quick while it trains, and does it cost training speed?

Run it on a quiet machine:  python tests/benchmarks/bench_window.py [--rounds 5] [--seconds 12] [--page train]

Each round trains the same configuration once in the window and once as the command line does, one after the other in
turn, each in a process of its own. It prints how late a heartbeat timer of the window was (milliseconds) and the steps
a second of both, as medians over the rounds. The goals: 16 ms at the 99th percentile, 95 % of the speed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median
from typing import Any

from figures import Row, keep, spread

BEAT = 5
"""Milliseconds between two beats."""
WARM_UP = 2.0
"""Seconds after the first step that are not counted."""


def settings(data: str, hidden: int, threads: int = 0, live: float | None = None) -> dict[str, Any]:
    """The recommended network, for longer than anybody waits."""
    changes: dict[str, Any] = {"training.epochs": 10_000}
    if live is not None:
        changes["training.probe_seconds"] = live
    if hidden:
        changes["model.hidden_size"] = hidden
    if threads:
        changes["training.threads"] = threads
    if data:
        changes["data.path"] = data
    return changes


def in_window(options: argparse.Namespace) -> dict[str, Any]:
    """Train in the real window; measure the heartbeat."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import Qt, QTimer

    from lstm_studio.gui import app as module
    from lstm_studio.gui.settings import Settings

    module.prepare_process()
    app = module.make_application()
    studio = module.Studio(Settings())
    session, window = studio.session, studio.window
    window.resize(1280, 800)
    window.show()
    studio.warm_up()
    late: list[float] = []
    steps: list[tuple[float, int]] = []
    state = {"due": 0.0, "first": 0.0}
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.setSingleShot(True)

    def beat() -> None:
        now = time.perf_counter()
        active = session.active
        if active is not None and active.step:
            state["first"] = state["first"] or now
            if now - state["first"] > WARM_UP:
                late.append(1000 * (now - state["due"]))
                steps.append((now, active.step))
            if now - state["first"] > WARM_UP + options.seconds:
                timer.stop()
                session.close()
                app.quit()
                return
        state["due"] = time.perf_counter() + BEAT / 1000
        timer.start(BEAT)

    def began() -> None:
        if session.dataset is not None and session.dataset.health is not None and session.active is None:
            session.change(**settings("", options.hidden, options.threads, options.live))
            QTimer.singleShot(1500, start)

    def start() -> None:
        if any(thread.name == "warm-up" for thread in threading.enumerate()):
            QTimer.singleShot(500, start)  # nobody is that quick
            return
        session.start_training()
        window.show_page(options.page)

    timer.timeout.connect(beat)
    session.health_changed.connect(began)
    session.open_file(options.data)
    state["due"] = time.perf_counter() + BEAT / 1000
    timer.start(BEAT)
    app.exec()
    late.sort()
    return {
        "p50": late[len(late) // 2],
        "p99": late[int(0.99 * len(late))],
        "p999": late[int(0.999 * len(late))],
        "worst": late[-1],
        "beats": len(late),
        "steps": _speed(steps),
    }


def on_command_line(options: argparse.Namespace) -> dict[str, Any]:
    """Train as `lstm-studio train` does: the same glue, no Qt."""
    from lstm_studio.config import RunConfig
    from lstm_studio.runs.start import start
    from lstm_studio.training.control import RunControl
    from lstm_studio.training.events import StepEnded

    control, steps, first = RunControl(), [], []

    def sink(event: Any) -> None:
        if isinstance(event, StepEnded):
            now = time.perf_counter()
            first.append(now)
            if now - first[0] > WARM_UP:
                steps.append((now, event.step))
            if now - first[0] > WARM_UP + options.seconds:
                control.cancel()

    config = RunConfig().replace(**settings(options.data, options.hidden, options.threads, options.live))
    start(config, sink, control)
    return {"steps": _speed(steps)}


def _speed(steps: list[tuple[float, int]]) -> float:
    """Steps a second between the first and the last mark."""
    (begin, low), (end, high) = steps[0], steps[-1]
    return (high - low) / (end - begin)


def main() -> int:
    """Alternate, print, and say whether the goals are met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--page", default="train")
    parser.add_argument("--hidden", type=int, default=0)
    parser.add_argument("--threads", type=int, default=0, help="of training; 0: as many as the program takes")
    parser.add_argument("--live", type=float, help="seconds between two looks at the gates, on both sides")
    parser.add_argument("--data", default="")
    parser.add_argument("--part", choices=["window", "line"])
    options = parser.parse_args()
    if options.part:
        result = in_window(options) if options.part == "window" else on_command_line(options)
        print(json.dumps(result))  # noqa: T201
        return 0
    with tempfile.TemporaryDirectory() as home:
        os.environ["LSTM_STUDIO_HOME"] = home
        if not options.data:
            from lstm_studio.data.samples import open_sample

            options.data = str(open_sample("sentiment-contrast", Path(home)))
        found: dict[str, list[dict[str, Any]]] = {"window": [], "line": []}
        for number in range(options.rounds):
            for part in ("window", "line") if number % 2 == 0 else ("line", "window"):
                command = [sys.executable, __file__, "--part", part, "--data", options.data]
                command += ["--seconds", str(options.seconds), "--page", options.page]
                command += ["--hidden", str(options.hidden), "--threads", str(options.threads)]
                command += [] if options.live is None else ["--live", str(options.live)]
                done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
                found[part].append(json.loads(done.stdout.strip().splitlines()[-1]))
                print(part, found[part][-1], flush=True)  # noqa: T201
    p99 = median(one["p99"] for one in found["window"])
    worst = max(one["worst"] for one in found["window"])
    window = median(one["steps"] for one in found["window"])
    line = median(one["steps"] for one in found["line"])
    print(f"heartbeat: {p99:.1f} ms late at the 99th percentile, {worst:.1f} ms at most")  # noqa: T201
    print(f"speed: {window:.1f} steps/s in the window, {line:.1f} on the command line: {window / line:.1%}")  # noqa: T201
    late = spread([one["p99"] for one in found["window"]])
    many = options.rounds
    keep(
        "window",
        [
            Row(
                5, f"heartbeat of {BEAT} ms while training, p99", p99, "ms late", most=8, repetitions=many, spread=late
            ),
            Row(5, f"heartbeat of {BEAT} ms while training, worst", worst, "ms late", most=50, repetitions=many),
            Row(
                5,
                "steps a second in the window",
                window,
                "steps/s",
                least=0.97,
                peer="command line",
                peer_figure=line,
                ratio=window / line,
                repetitions=many,
                spread=spread([one["steps"] for one in found["window"]]),
            ),
        ],
        found,
    )
    return 0 if p99 <= 16 and window / line >= 0.95 else 1


if __name__ == "__main__":
    sys.exit(main())
