"""Where the program keeps its files when nobody says otherwise."""

from __future__ import annotations

from pathlib import Path

from lstm_studio.data.places import cache_folder, data_folder

__all__ = ["cache_folder", "data_folder", "runs_folder"]


def runs_folder() -> Path:
    """Where runs are kept."""
    return data_folder() / "runs"
