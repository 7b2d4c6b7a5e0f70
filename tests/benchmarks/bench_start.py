"""How soon is the window there? From the start of the process to the first paint, beside a bare PySide6 window.

Both are started in turn as processes of their own; the time is counted from the moment the system made the process.
The bare window is a QMainWindow with a label, made by a script that imports nothing else. The command line
(``lstm-studio --version``) stands beside them. Goals: 1.0 s warm, and at most twice the bare window.

As a script:  python tests/benchmarks/bench_start.py [--repeats 9]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figures import keep, ratio, single

MOST, MOST_RATIO = 1.0, 2.0
"""Seconds, and times the bare window's."""
_WATCH = """
import os, sys, time
class Seen(QObject):
    def eventFilter(self, window, event):
        if event.type() == QEvent.Type.Paint:
            window.removeEventFilter(self)
            QTimer.singleShot(0, self.tell)  # after this event the window is painted
        return False
    def tell(self):
        sys.stdout.write(f"{time.time():.4f}\\n")
        sys.stdout.flush()
        os._exit(0)
"""
BARE = (
    "from PySide6.QtCore import QEvent, QObject, QTimer\n"
    "from PySide6.QtWidgets import QApplication, QLabel, QMainWindow\n"
    + _WATCH
    + "app = QApplication([])\nseen = Seen()\nwindow = QMainWindow()\nwindow.installEventFilter(seen)\n"
    "window.setCentralWidget(QLabel('Hello'))\nwindow.resize(1280, 800)\nwindow.show()\napp.exec()\n"
)
_STUDIO = (
    "from PySide6.QtCore import QEvent, QObject, QTimer\n"
    + _WATCH
    + "import lstm_studio.gui.app as module\nclass Watched(module.MainWindow):\n    def show(self):\n"
    "        self.seen = Seen()\n        self.installEventFilter(self.seen)\n        super().show()\n"
    "module.MainWindow = Watched\n"
)
_BEGIN = "sys.argv = ['lstm-studio']\nfrom lstm_studio.cli.main import main\nmain()\n"
STUDIO = _STUDIO + _BEGIN
USABLE = (
    _STUDIO.replace("self.installEventFilter(self.seen)", "pass")
    + "class Ready(module.Studio):\n    def __init__(self, *given):\n        super().__init__(*given)\n"
    "        QTimer.singleShot(0, self.window.seen.tell)\nmodule.Studio = Ready\n" + _BEGIN
)
"""Until the page in front is built and the program waits for the person."""


def _environment(home: Path) -> dict[str, str]:
    """With compiled modules kept, as in an installation."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    kept |= {"QT_QPA_PLATFORM": "offscreen", "LSTM_STUDIO_HOME": str(home), "PYTHONPYCACHEPREFIX": str(home / "pyc")}
    return kept


def seconds(code: str, home: Path) -> float:
    """From the start of a process that runs ``code`` to the time that it prints."""
    environment = _environment(home)
    began = time.time()
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    if done.returncode or not done.stdout.strip():
        raise SystemExit(f"A window did not come up:\n{done.stderr}")
    return float(done.stdout.split()[-1]) - began


def command(home: Path) -> float:
    """Of ``lstm-studio --version``, to its end."""
    began = time.time()
    line = [sys.executable, "-m", "lstm_studio", "--version"]
    subprocess.run(line, env=_environment(home), check=True, capture_output=True)
    return time.time() - began


def measure(repeats: int) -> dict[str, list[float]]:
    """Seconds of each start, alternated; the first of each, which warms the files, is not counted."""
    found: dict[str, list[float]] = {
        name: []
        for name in ("bare PySide6 window", "LSTM Studio", "LSTM Studio, page in place", "lstm-studio --version")
    }
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        for number in range(repeats + 1):
            taken = (seconds(BARE, home), seconds(STUDIO, home), seconds(USABLE, home), command(home))
            if number:
                for kept, one in zip(found.values(), taken, strict=True):
                    kept.append(one)
    return found


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=9, help="starts of each; the median counts")
    chosen, _ = parser.parse_known_args(arguments)
    found = measure(chosen.repeats)
    for name, taken in found.items():
        low, high = min(taken), max(taken)
        sys.stdout.write(f"  {name:28} {statistics.median(taken):6.3f} s   ({low:.3f} to {high:.3f})\n")
    bare, studio, usable, line = found.values()
    rows = [
        single(5, "start to visible window, warm", studio, "s", most=MOST),
        ratio(5, "start to visible window", studio, bare, "bare PySide6 window", "s", most=MOST_RATIO),
        single(5, "start to the page in place", usable, "s"),
        single(5, "lstm-studio --version", line, "s"),
    ]
    keep("start", rows, found)


if __name__ == "__main__":
    main()
