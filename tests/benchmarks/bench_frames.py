"""Do the heatmaps move smoothly? Six gates of 500 tokens by 512 units, panned, zoomed and pointed at with the mouse.

The widgets of the Inspect page: heatmaps, bands of verdicts, the line below them and the trace of a unit, at the size
they have in windows of 1280 x 800 and 1920 x 1080. A frame is a mouse event and all that it makes the window paint,
without a screen (offscreen). Processor time; the goal is 60 frames a second: 16.7 milliseconds, at the 95th percentile.

As a script:  python tests/benchmarks/bench_frames.py [--frames 120] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("LSTM_STUDIO_HOME", tempfile.gettempdir())

import numpy as np
from figures import keep, single
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from lstm_studio.gui import app as module
from lstm_studio.gui.widgets.gate_panel import GateGrid, GateStatus
from lstm_studio.gui.widgets.heatmap import Heatmap
from lstm_studio.gui.widgets.unit_trace import UnitTrace
from lstm_studio.gui.widgets.verdicts import verdicts_of
from lstm_studio.inspection.trace import TextTrace
from lstm_studio.training.events import LayerGates

TOKENS, UNITS = 500, 512
MOST = 1 / 60
"""Seconds."""
SIZES = {"1280 x 800": (1150, 560), "1920 x 1080": (1790, 840)}
"""What is left for the page's widgets in a window."""


class Stage(QWidget):
    """Heatmaps, status and trace of a made-up text, as on the page."""

    def __init__(self) -> None:
        super().__init__()
        chance = np.random.default_rng(0)
        shape = (TOKENS, UNITS)
        values = {name: chance.random(shape, np.float32) for name in "ifo"}
        values |= {name: chance.normal(0, 0.4, shape).astype(np.float32) for name in "gch"}
        layer = LayerGates(0, "forward", values, "")
        words = ["the", "story", "was", "unforgettable", "and", "真好", "I", "laughed"]
        tokens = tuple(words[place % len(words)] for place in range(TOKENS))
        shares = chance.dirichlet(np.ones(4), TOKENS).astype(np.float32)
        names = ("good", "bad", "neither", "both")
        trace = TextTrace(" ".join(tokens), tokens, (True,) * TOKENS, (layer,), names, shares[-1], shares)
        self.grid = GateGrid()
        self.trace = UnitTrace(self.grid.view)
        column = QVBoxLayout(self)
        column.addWidget(self.grid, 1)
        column.addWidget(GateStatus(self.grid))
        column.addWidget(self.trace)
        self.trace.setFixedHeight(120)
        self.grid.set_gates(tokens, layer, None)
        self.grid.set_verdicts(verdicts_of(trace, layer))
        self.grid.view.choose(7)
        self.trace.set_unit(tokens, values, 7)


def _mouse(map_: Heatmap, kind: QEvent.Type, at: QPointF, held: bool) -> None:
    none, left = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
    button = left if kind != QEvent.Type.MouseMove else none
    place = QPointF(map_.mapToGlobal(at.toPoint()))
    QApplication.sendEvent(
        map_, QMouseEvent(kind, at, place, button, left if held else none, Qt.KeyboardModifier.NoModifier)
    )


def _wheel(map_: Heatmap, at: QPointF, delta: int) -> None:
    event = QWheelEvent(
        at, QPointF(map_.mapToGlobal(at.toPoint())), QPoint(), QPoint(0, delta), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(map_, event)


def _frames(work: Callable[[int], None], frames: int) -> list[float]:
    """Seconds of each frame; the first five are not counted."""
    taken = []
    for number in range(frames + 5):
        began = time.process_time()
        work(number)
        QApplication.processEvents()
        taken.append(time.process_time() - began)
    return taken[5:]


def measure(stage: Stage, frames: int) -> dict[str, list[float]]:
    """Seconds of each frame, by what is done."""
    map_, view = stage.grid.maps[1], stage.grid.view
    area = map_.plot_area()
    middle = area.center()

    def around(number: int, size: float = 0.35) -> QPointF:
        turn = 0.13 * number
        return middle + QPointF(size * area.width() * math.cos(turn), size * area.height() * math.sin(1.7 * turn))

    def scrub(number: int) -> None:
        _mouse(map_, QEvent.Type.MouseMove, around(number), False)

    def zoom(number: int) -> None:
        _wheel(map_, middle, 60 if number // 20 % 2 == 0 else -60)

    def pan(number: int) -> None:
        _mouse(map_, QEvent.Type.MouseMove, around(number, 0.2), True)

    found = {"pointing, all in sight": _frames(scrub, frames)}
    found["zooming"] = _frames(zoom, frames)
    for share, name in ((0.6, "most"), (0.1, "a tenth")):
        view.set_range(0, TOKENS * share, 0, UNITS * share)
        QApplication.processEvents()
        found[f"pointing, {name} in sight"] = _frames(scrub, frames)
        _mouse(map_, QEvent.Type.MouseButtonPress, middle, True)
        found[f"panning, {name} in sight"] = _frames(pan, frames)
        _mouse(map_, QEvent.Type.MouseButtonRelease, middle, False)
    view.reset()
    return found


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=120, help="of each movement")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    chosen = parser.parse_args(arguments)
    module.prepare_process()
    module.make_application()
    told: dict[str, dict[str, dict[str, float]]] = {}
    rows = []
    for name, size in SIZES.items():
        stage = Stage()
        stage.resize(*size)
        stage.show()
        QApplication.processEvents()
        sys.stdout.write(f"{TOKENS} tokens x {UNITS} units, window of {name}; milliseconds a frame\n")
        for row, taken in measure(stage, chosen.frames).items():
            middle, slow = statistics.median(taken), sorted(taken)[int(0.95 * len(taken))]
            told.setdefault(name, {})[row] = {"median": middle, "p95": slow}
            mark = "  *" if slow > MOST else ""
            at = f"heatmaps, {row}, {name}"
            more = {"most": 1e3 * MOST, "note": "95th percentile of a frame, processor time, offscreen"}
            rows.append(replace(single(5, at, taken, "ms", **more), figure=1e3 * slow))
            sys.stdout.write(f"  {row:28} median {1e3 * middle:6.1f}   p95 {1e3 * slow:6.1f}{mark}\n")
        stage.close()
    keep("frames", rows, told)
    if chosen.json:
        chosen.json.write_text(json.dumps(told, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
