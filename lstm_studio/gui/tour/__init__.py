"""Drives the real window through the whole main job and saves a picture of each step, light and dark.

It is the program's self-check too: it works offscreen and from the frozen bundle, and says which step failed.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from lstm_studio.errors import StudioError
from lstm_studio.gui.tour import first, pairs, real_data, series, tagging, texts, whole
from lstm_studio.gui.tour.hands import Hands

STEPS: tuple[Callable[[Hands], None], ...] = (
    first.empty_pages,
    first.data,
    first.model,
    first.train,
    first.pause_and_predict,
    first.resume_and_finish,
    first.replay,
    first.inspect,
    first.epochs,
    first.predict,
    first.remarks,
    first.second_run,
    first.runs,
    first.compare,
    first.report,
    first.lab,
    series.rate,
    series.batch,
    series.sweep,
    series.seeds,
    series.moved,
    real_data.offline,
    real_data.by_hand,
    real_data.findings,
    real_data.from_the_right,
    real_data.chinese_words,
    real_data.vectors,
    tagging.slots,
    tagging.slots_used,
    tagging.entities,
    tagging.roles,
    pairs.pairs,
    pairs.pairs_used,
    pairs.headlines,
    texts.tales,
    texts.tales_used,
    texts.quatrains,
    whole.large,
    whole.chinese,
)
"""In their order. Each acts as a person would, waits for what must follow, and takes its pictures."""


def run_tour(out: str | Path, steps: Sequence[Callable[[Hands], None]] = STEPS) -> int:
    """Take the tour. A step that fails is told of, and the next ones are still tried.

    Args:
        out: Folder for the pictures; made if need be.
        steps: What to do.

    Returns:
        0 if every step went well, else 1. What failed stands on stderr.

    Raises:
        StudioError: the folder cannot be written.
    """
    out = Path(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudioError("The pictures cannot be saved there", where=out, why=error.strerror or str(error)) from None
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    kept = os.environ.get("LSTM_STUDIO_HOME")
    with tempfile.TemporaryDirectory(prefix="lstm-studio-tour-", ignore_cleanup_errors=True) as home:
        os.environ["LSTM_STUDIO_HOME"] = home
        try:
            return _take(Hands(out), steps)
        finally:
            if kept is None:
                os.environ.pop("LSTM_STUDIO_HOME", None)
            else:
                os.environ["LSTM_STUDIO_HOME"] = kept


def _take(hands: Hands, steps: Sequence[Callable[[Hands], None]]) -> int:
    failed = []
    for step in steps:
        began = time.monotonic()
        try:
            step(hands)
            if hands.reports:
                raise AssertionError(hands.reports.pop())
            sys.stderr.write(f"{step.__name__}: {time.monotonic() - began:.1f} s\n")
        except Exception:  # noqa: BLE001 - every failure is to be told
            failed.append(step.__name__)
            sys.stderr.write(f"{step.__name__} FAILED\n{traceback.format_exc()}\n")
            hands.picture(f"{step.__name__}-failed", both=False)
    hands.retire()
    if failed:
        sys.stderr.write(f"The tour failed at: {', '.join(failed)}\n")
    return 1 if failed else 0
