"""What the process keeps, and what it could have."""

from __future__ import annotations

import platform

import pytest
import torch

from lstm_studio.training import memory


def test_there_is_some() -> None:
    free = memory.free_bytes(torch.device("cpu"))
    assert free is None or free > 1 << 20


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_what_is_freed_serves_again() -> None:
    resource = pytest.importorskip("resource")
    assert memory.keep_freed()

    def faults() -> int:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(10):
            held = [torch.ones(1 << 20) for _ in range(8)]  # 4 MB each
            del held
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    faults()
    assert faults() < 1000, f"of {10 * 8 * 1024} pages"


def test_another_c_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda _: object())
    assert memory.keep_freed() is False
