"""What every test may ask for."""

from __future__ import annotations

import gc
import itertools
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the checkout; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the real data is not here")
    return SHARED


_loaded = 0


def pytest_runtest_setup() -> None:
    """Modules are there for good: when many have come, those who collect garbage are told not to look at them again."""
    global _loaded
    if len(sys.modules) > _loaded + 200:
        gc.collect()
        gc.freeze()
        _loaded = len(sys.modules)


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Homes that nobody has seen. A folder of each test's own name would be looked for among all others."""
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def _own_home(_homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees or touches the settings, runs and caches of the person who runs it."""
    home = next(_homes)
    home.mkdir()
    monkeypatch.setenv("LSTM_STUDIO_HOME", str(home))
