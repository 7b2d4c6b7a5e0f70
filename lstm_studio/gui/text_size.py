"""The size of words, controls and pictures alike, as a share of their usual size.

Qt takes its scale when the application is made, so that another size holds from the next start; ``again`` is
that start.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from PySide6.QtCore import QProcess, QSize
from PySide6.QtWidgets import QWidget

SIZES = (100, 110, 125, 150, 175, 200)
"""Per cent of the usual size."""
_SCALE = "QT_SCALE_FACTOR"
_SMALLEST = (480, 320)

_SIDES, _FRAME = 16, 40
"""Pixels that the borders and the title bar may take."""

_now = 100
_before: str | None = None


def apply(percent: int) -> None:
    """Scale everything, on top of what the environment says of a screen. Before the application is made."""
    global _now, _before
    _now, _before = percent, os.environ.get(_SCALE)
    if percent == 100:
        return
    try:
        own = float(_before or 1)
    except ValueError:
        own = 1.0
    os.environ[_SCALE] = f"{own * percent / 100:g}"


def now() -> int:
    """The size in force, in per cent."""
    return _now


def least(size: tuple[int, int]) -> tuple[int, int]:
    """The smallest window in units of this size, for one that is ``size`` at 100 %: about as many pixels of the
    screen."""
    return tuple(max(low, side * 100 // _now) for low, side in zip(_SMALLEST, size, strict=True))  # type: ignore[return-value]


def room(widget: QWidget) -> QSize:
    """What a window may take of its screen, in units of this size, with the system's frame around it."""
    return widget.screen().availableSize() - QSize(_SIDES, _FRAME)


def command() -> list[str]:
    """How this program was started."""
    if getattr(sys, "frozen", False):
        return [sys.executable, *sys.argv[1:]]
    return [sys.executable, *sys.orig_argv[1:]]


def again(words: Sequence[str] | None = None) -> bool:
    """Start the program once more, in the size that the settings name by now; whether that could be done."""
    program, *arguments = words or command()
    if _before is None:
        os.environ.pop(_SCALE, None)
    else:
        os.environ[_SCALE] = _before
    started = QProcess.startDetached(program, arguments)
    return bool(started[0] if isinstance(started, tuple) else started)
