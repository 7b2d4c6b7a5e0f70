"""Bugs become reports: a text that can be copied, kept on disk, and shown at the next start if the program died."""

from __future__ import annotations

import logging
import platform
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler, qVersion

from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.gui.folders import folders
from lstm_studio.gui.notify import hub
from lstm_studio.version import __version__

KEEP = 20
_MARK = "running"

# What a platform says of itself is no fault of the program.
HARMLESS = (
    "This plugin does not support",
    "QStandardPaths: XDG_RUNTIME_DIR",
    "Could not connect to D-Bus",
    "propagateSizeHints",
    "Failed to register with host portal",
    "Qt: Session management error",
    "OpenType support missing",
)


def report_of(error: BaseException) -> str:
    """Everything that somebody who mends the bug needs, and nothing about the person's texts."""
    trace = "".join(traceback.format_exception(error))
    return report_text(trace)


def report_text(trace: str) -> str:
    """A report around a traceback that is already text."""
    torch: Any = sys.modules.get("torch")
    head = [
        f"LSTM Studio {__version__}",
        f"Python {platform.python_version()} on {platform.platform()}",
        f"Qt {qVersion()}, torch {getattr(torch, '__version__', 'not loaded')}",
        time.strftime("%Y-%m-%d %H:%M:%S"),
    ]
    return "\n".join(head) + "\n\n" + trace.rstrip() + "\n"


def write_report(report: str) -> Path | None:
    """Keep a report on disk; old ones go. None if the disk refuses."""
    folder = folders().logs
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{time.monotonic_ns() % 1_000_000:06d}.txt"
        path.write_text(report, encoding="utf-8")
        for old in sorted(folder.glob("*.txt"))[:-KEEP]:
            old.unlink(missing_ok=True)
        return path
    except OSError:
        return None


def install(show: Callable[[str], object]) -> Callable[[], None]:
    """Send every stray exception and every Qt warning to the hub. Returns a function that undoes it.

    Args:
        show: Shows a report to the person; called on the window's thread.
    """
    before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    reported = hub()

    def on_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            before[0](kind, error, trace)
            return
        reported.fail(error.with_traceback(trace))

    def on_thread(arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None and not isinstance(arguments.exc_value, SystemExit):
            reported.fail(arguments.exc_value)

    def on_unraisable(arguments: Any) -> None:
        error = arguments.exc_value
        if error is not None and not isinstance(error, (Cancelled, StudioError)):
            write_report(report_of(error))
            logging.getLogger(__name__).error("ignored: %r in %r", error, arguments.object)

    sys.excepthook, threading.excepthook, sys.unraisablehook = on_exception, on_thread, on_unraisable
    earlier = qInstallMessageHandler(on_qt_message)
    reported.bug.connect(show)

    def undo() -> None:
        sys.excepthook, threading.excepthook, sys.unraisablehook = before
        qInstallMessageHandler(earlier)
        reported.bug.disconnect(show)

    return undo


def on_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    """Qt's own messages go to the log, not to the console; harmless ones nowhere."""
    if any(part in message for part in HARMLESS):
        return
    level = {
        QtMsgType.QtDebugMsg: logging.DEBUG,
        QtMsgType.QtInfoMsg: logging.INFO,
        QtMsgType.QtWarningMsg: logging.WARNING,
    }.get(kind, logging.ERROR)
    logging.getLogger("qt").log(level, "%s", message)


def mark_running() -> Path | None:
    """Leave a mark that goes when the program ends well. Returns the newest report if the last start did not.

    The mark holds a process id, so that a second window is not taken for a crash.
    """
    import os

    folder = folders().logs
    mark = folder / _MARK
    crashed: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if mark.is_file():
            began = mark.stat().st_mtime
            owner = mark.read_text(encoding="utf-8").strip()
            if not (owner.isdigit() and _alive(int(owner))):
                newer = [path for path in sorted(folder.glob("*.txt")) if path.stat().st_mtime >= began]
                crashed = newer[-1] if newer else None
            else:
                return None
        mark.write_text(str(os.getpid()), encoding="utf-8")
    except OSError:
        return None
    return crashed


def unmark_running() -> None:
    """The program ends well."""
    import os

    mark = folders().logs / _MARK
    try:
        if mark.read_text(encoding="utf-8").strip() == str(os.getpid()):
            mark.unlink(missing_ok=True)
    except OSError:
        return


def _alive(process: int) -> bool:
    import os

    if sys.platform == "win32":  # there, os.kill would end the process
        import ctypes

        handle = ctypes.windll.kernel32.OpenProcess(0x1000, False, process)
        if handle:
            ctypes.windll.kernel32.CloseHandle(handle)
        return bool(handle)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
