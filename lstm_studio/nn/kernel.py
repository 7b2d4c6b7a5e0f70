"""The compiled C functions, made from ``*.c`` beside this file when the program is set up or bundled: once for each
kind of processor that one may meet, since with wider registers other blocks are quickest."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Any

import torch

FOLDER = Path(__file__).parent
_VERSION = 4
_SERVES = {"AVX512": ("avx512", "avx2", "plain"), "AVX2": ("avx2", "plain")}
"""What torch found out about the processor -> the variants that run on it, the quickest first."""


def variants() -> tuple[str, ...]:
    """Names of the files that this processor can run, the quickest first."""
    return _SERVES.get(torch.backends.cpu.get_cpu_capability(), ("plain",))


def load(*names: str) -> Any:
    """The library; None where nobody could compile it, or LSTM_STUDIO_NO_KERNEL is set.

    Args:
        names: The first of these variants that is there, all that the processor can run if none is named.
    """
    if os.environ.get("LSTM_STUDIO_NO_KERNEL"):
        return None
    for name in names or variants():
        try:
            found = ctypes.CDLL(str(FOLDER / f"{name}.kernel"))
            found.steps_version.restype = ctypes.c_int64
            if found.steps_version() == _VERSION:
                return found
        except (OSError, AttributeError):
            continue
    return None
