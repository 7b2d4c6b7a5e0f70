"""Where the program keeps its files when nobody says otherwise."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

_NAME = "lstm-studio"


def data_folder() -> Path:
    """The program's own data. ``LSTM_STUDIO_HOME`` moves everything into one folder."""
    home = os.environ.get("LSTM_STUDIO_HOME")
    return Path(home) / "data" if home else Path(platformdirs.user_data_dir(_NAME, appauthor=False))


def cache_folder() -> Path:
    """What may be deleted at any time."""
    home = os.environ.get("LSTM_STUDIO_HOME")
    return Path(home) / "cache" if home else Path(platformdirs.user_cache_dir(_NAME, appauthor=False))


def runs_folder() -> Path:
    """Where runs are kept."""
    return data_folder() / "runs"
