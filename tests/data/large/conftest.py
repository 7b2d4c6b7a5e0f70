"""Small files that are taken for large ones."""

from __future__ import annotations

import pytest

from lstm_studio.data import table
from lstm_studio.data.large import convert, cutting
from lstm_studio.data.raw import Limits


@pytest.fixture
def all_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file goes the way of large ones, in blocks of a few rows, in this process."""
    monkeypatch.setattr(table, "LARGE", 1)
    monkeypatch.setattr(convert, "LIMITS", Limits(7, 2_000))
    monkeypatch.setattr(cutting, "cores", lambda: 1)
