"""Standard output and error: UTF-8 everywhere, a progress line that stays out of the way, pipes that may close."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import time
import unicodedata
from typing import Any, TextIO

_TICK = 0.1
_SPARSE = 5.0


def set_up() -> None:
    """Make both streams take any text. A windowed program on Windows has none: then nothing is said."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - for the program's life
            continue
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            # Half a surrogate pair is written as its escape, which is also how JSON writes it.
            reconfigure(encoding="utf-8", errors="backslashreplace")


def say(text: str = "") -> None:
    """A line on standard output.

    Raises:
        BrokenPipeError: nobody reads it any more.
    """
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def say_json(values: dict[str, Any]) -> None:
    """One JSON object on a line of standard output."""
    say(json.dumps(values, ensure_ascii=False, allow_nan=False))


def abandon_output() -> None:
    """Nobody reads standard output any more: let what is still to come go nowhere, and the exit stay quiet."""
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)


class ProgressLine:
    """One line on standard error: on a terminal it is written over and over, elsewhere only what is worth keeping.

    Args:
        stream: Standard error when None.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self.terminal = bool(getattr(self._stream, "isatty", lambda: False)())
        self._shown = 0
        self._last = 0.0 if self.terminal else time.monotonic()

    def due(self) -> bool:
        """Whether showing something now would not be too often."""
        return self.terminal and time.monotonic() - self._last >= _TICK

    def show(self, text: str, *, now: bool = False) -> None:
        """Replace the line; nothing happens where there is no terminal, or too soon."""
        if not self.terminal or not (now or self.due()):
            return
        self._last = time.monotonic()
        columns = max(20, shutil.get_terminal_size().columns - 1)
        text = _cut(text, columns)
        width = _width(text)
        # Blanks instead of an erase sequence: old Windows consoles print such sequences.
        self._write("\r" + text + " " * max(0, self._shown - width))
        self._shown = width

    def keep(self, text: str) -> None:
        """A line that stays."""
        self.clear()
        self._write(text + "\n")

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            self._write("\r" + " " * self._shown + "\r")
            self._shown = 0

    def progress(self, fraction: float, words: str) -> None:
        """A ``Progress`` for loading and the like; without a terminal a line every few seconds."""
        if self.terminal:
            done = f"{fraction:4.0%} " if fraction >= 0 else ""
            self.show(f"{done}{words}", now=fraction >= 1)
        elif time.monotonic() - self._last >= _SPARSE:
            self._last = time.monotonic()
            self._write(words + "\n")

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(text)
            self._stream.flush()


def duration(seconds: float) -> str:
    """ "2 min 14 s"."""
    whole = max(0, round(seconds))
    if whole >= 3600:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 60} min {whole % 60} s" if whole >= 60 else f"{whole} s"


def _width(text: str) -> int:
    return sum(0 if unicodedata.combining(ch) else 2 if unicodedata.east_asian_width(ch) in "WF" else 1 for ch in text)


def _cut(text: str, columns: int) -> str:
    text = " ".join(text.split("\n"))
    if _width(text) <= columns:
        return text
    while text and _width(text) > columns - 1:
        text = text[:-1]
    return text + "…"
