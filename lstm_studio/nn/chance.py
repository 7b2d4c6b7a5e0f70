"""Where a network's random numbers come from: torch's global generator, or one of the thread's own.

The global one of a processor is the same for all threads of the program, so that threads which draw from it at the same
time would get other numbers each time.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch


class _Thread(threading.local):
    own: torch.Generator | None = None


_THREAD = _Thread()


def generator() -> torch.Generator | None:
    """For the ``generator`` of whatever draws in training; None stands for the global one of the device."""
    return _THREAD.own


@contextmanager
def drawn_from(own: torch.Generator) -> Iterator[None]:
    """This thread draws from a generator of its own, on the CPU."""
    before, _THREAD.own = _THREAD.own, own
    try:
        yield
    finally:
        _THREAD.own = before
