"""How much memory there is, and how much a piece of work takes."""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

_CGROUPS = (
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current"), Path("/sys/fs/cgroup/memory.stat")),
    (
        Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
        Path("/sys/fs/cgroup/memory/memory.usage_in_bytes"),
        Path("/sys/fs/cgroup/memory/memory.stat"),
    ),
)


def free_bytes(device: torch.device) -> int | None:
    """Memory that new work could have on a device, None where nobody says: of a computer what is free and what its
    system would give back at once, of a container no more than it is allowed, of an NVIDIA GPU also what PyTorch holds
    in reserve."""
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        return int(free) + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    try:
        if sys.platform.startswith("linux"):
            return _linux()
        if sys.platform == "darwin":
            return _macos()
        if sys.platform == "win32":
            return _windows()
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return None


def _linux() -> int:
    found = re.search(r"^MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text(encoding="ascii"), re.MULTILINE)
    if found is None:
        raise ValueError("no MemAvailable")
    free = int(found[1]) * 1024
    for limit, used, details in _CGROUPS:
        try:
            most = int(limit.read_text(encoding="ascii"))  # "max": no limit, a ValueError
            cached = re.search(r"^(?:total_)?inactive_file (\d+)$", details.read_text(encoding="ascii"), re.MULTILINE)
            held = int(used.read_text(encoding="ascii")) - (int(cached[1]) if cached else 0)
            free = min(free, max(0, most - held))
        except (OSError, ValueError):
            continue
    return free


def _macos() -> int:
    told = subprocess.run(["vm_stat"], capture_output=True, text=True, timeout=5, check=True).stdout
    page = re.search(r"page size of (\d+) bytes", told)
    pages = re.findall(r"^Pages (?:free|inactive|speculative|purgeable):\s+(\d+)", told, re.MULTILINE)
    if page is None or not pages:
        raise ValueError("vm_stat says nothing")
    return int(page[1]) * sum(map(int, pages))


class _Status(ctypes.Structure):
    """MEMORYSTATUSEX."""

    _fields_ = (
        ("dwLength", ctypes.c_uint32),
        ("dwMemoryLoad", ctypes.c_uint32),
        *((name, ctypes.c_uint64) for name in ("total", "available", "total_page", "page", "total_virtual", "virtual")),
        ("extended", ctypes.c_uint64),
    )


def _windows() -> int:
    status = _Status(dwLength=ctypes.sizeof(_Status))
    library: Any = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
    if not library.GlobalMemoryStatusEx(ctypes.byref(status)):
        raise OSError("GlobalMemoryStatusEx")
    return int(status.available)


class Meter:
    """Measures the most bytes that pieces of work hold at one moment, beyond what there was before the first.

    On an NVIDIA GPU its allocator counts what tensors hold; elsewhere the system counts what the process holds. Where
    that cannot be set back (macOS, Windows), the highest of all pieces so far is told.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._before = torch.cuda.memory_allocated(device) if device.type == "cuda" else _held(trimmed=True)

    def peak(self, work: Callable[[], object]) -> int:
        """Bytes that ``work`` takes."""
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
            torch.cuda.reset_peak_memory_stats(self._device)
            work()
            torch.cuda.synchronize(self._device)
            return max(0, int(torch.cuda.max_memory_allocated(self._device)) - self._before)
        _held(trimmed=True)
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the highest is the present one again
        work()
        return max(0, _most() - self._before)


def _held(*, trimmed: bool = False) -> int:
    """Bytes of memory that this process holds; ``trimmed``: after it has given back what it does not need."""
    if sys.platform.startswith("linux"):
        if trimmed:
            with suppress(OSError, AttributeError):
                ctypes.CDLL(None).malloc_trim(0)
        return _status("VmRSS")
    if sys.platform == "win32":
        return _windows_process()[0]
    told = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(os.getpid())], capture_output=True, text=True, timeout=5, check=False
    ).stdout.strip()
    return 1024 * int(told) if told.isdigit() else 0


def _most() -> int:
    if sys.platform.startswith("linux"):
        return _status("VmHWM")
    if sys.platform == "win32":
        return _windows_process()[1]
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _status(name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="utf-8"), re.MULTILINE)
    return 1024 * int(found[1]) if found else 0


class _Counters(ctypes.Structure):
    """PROCESS_MEMORY_COUNTERS."""

    _fields_ = (
        ("cb", ctypes.c_uint32),
        ("faults", ctypes.c_uint32),
        ("peak", ctypes.c_size_t),
        ("now", ctypes.c_size_t),
        *((f"other{number}", ctypes.c_size_t) for number in range(6)),
    )


def _windows_process() -> tuple[int, int]:
    counters = _Counters(cb=ctypes.sizeof(_Counters))
    library: Any = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
    library.GetCurrentProcess.restype = ctypes.c_void_p
    process = ctypes.c_void_p(library.GetCurrentProcess())
    if not library.K32GetProcessMemoryInfo(process, ctypes.byref(counters), counters.cb):
        return 0, 0
    return int(counters.now), int(counters.peak)
