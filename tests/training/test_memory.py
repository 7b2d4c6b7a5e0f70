"""What the process keeps, and what it could have."""

from __future__ import annotations

import sys

import torch

from lstm_studio.training import memory


def test_there_is_some() -> None:
    free = memory.free_bytes(torch.device("cpu"))
    assert free is None or 1 << 20 < free < 1 << 50
    assert free is not None or not sys.platform.startswith("linux")
