"""The compiled C functions, made from ``*.c`` beside this file when the program is set up or bundled."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("steps.kernel")
_VERSION = 3


def load() -> Any:
    """The library, None where nobody could compile it, or LSTM_STUDIO_NO_KERNEL is set."""
    if os.environ.get("LSTM_STUDIO_NO_KERNEL"):
        return None
    try:
        found = ctypes.CDLL(str(FILE))
        found.steps_version.restype = ctypes.c_int64
        return found if found.steps_version() == _VERSION else None
    except (OSError, AttributeError):
        return None
