"""Fixtures of all tests that need a trained run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.runs import tiny


@pytest.fixture(scope="session")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny run's data; not to be changed."""
    return tiny.write_csv(tmp_path_factory.mktemp("data") / "reviews.csv")


@pytest.fixture(scope="session")
def trained(reviews: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run; not to be changed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LSTM_STUDIO_HOME", str(tmp_path_factory.mktemp("training_home")))
        folder = tmp_path_factory.mktemp("runs") / "reviews-1"
        tiny.train(folder, tiny.config(reviews, **{"training.epochs": 10}))
    return folder


@pytest.fixture
def copied_run(trained: Path, tmp_path: Path) -> Path:
    """A copy of the finished run, to be spoiled."""
    return Path(shutil.copytree(trained, tmp_path / "run"))
