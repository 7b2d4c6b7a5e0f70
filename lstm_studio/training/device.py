"""Where the numbers are computed, and with how many threads."""

from __future__ import annotations

import os

import torch

from lstm_studio.config import TrainingConfig
from lstm_studio.errors import StudioError

MOST_THREADS = 4
"""Layers of the usual sizes do not get faster beyond it: a step's products are too small to share out."""


def resolve_device(name: str) -> torch.device:
    """The device for "auto", "cpu", "cuda" or "mps".

    Raises:
        StudioError: the device asked for is not there.
    """
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        name = next(kind for kind in ("cuda", "mps", "cpu") if there[kind])
    if not there[name]:
        kind = {"cuda": "NVIDIA GPU", "mps": "Apple GPU"}[name]
        raise StudioError(f"There is no {kind} that PyTorch can use here", todo="Set training.device to auto or cpu")
    return torch.device(name)


def out_of_memory(error: BaseException) -> bool:
    """Whether it says that the memory of the GPU or of the computer is full."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    words = str(error)
    return isinstance(error, RuntimeError) and (
        "MPS backend out of memory" in words  # Apple GPU
        or "DefaultCPUAllocator" in words  # "can't allocate memory", or "not enough memory" on Windows
    )


def describe_device(device: torch.device) -> str:
    """ "CPU" or the name of the GPU."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return {"cpu": "CPU", "mps": "Apple GPU"}[device.type]


def cores() -> int:
    """Processor cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def resolve_threads(config: TrainingConfig) -> int:
    """Threads that training uses: what was asked for, or all cores but the window's one, at most four."""
    if config.threads is not None:
        return config.threads
    return min(MOST_THREADS, max(1, cores() - 1))
