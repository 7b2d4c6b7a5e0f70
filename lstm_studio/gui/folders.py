"""Where the program keeps its files, and what the first paint of the window needs of the settings.

Loaded before the window is on the screen, so nothing heavy is imported here.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import platformdirs

LARGEST = 8_000_000
"""Bytes: a settings file beyond it is none."""
_data: Path | None = None


@dataclass(frozen=True)
class Folders:
    """Where things are kept. ``LSTM_STUDIO_HOME`` moves all of them into one folder."""

    config: Path
    data: Path
    cache: Path

    @property
    def runs(self) -> Path:
        """Where runs are kept, unless the settings name another folder."""
        return self.data / "runs"

    @property
    def samples(self) -> Path:
        """Where samples and typed texts are written."""
        return self.data / "samples"

    @property
    def sets(self) -> Path:
        """Where data sets are kept that are written by hand."""
        return self.data / "sets"

    @property
    def logs(self) -> Path:
        """Reports of bugs."""
        return self.data / "reports"


def folders() -> Folders:
    """The folders in use."""
    home = os.environ.get("LSTM_STUDIO_HOME")
    if home:
        base = Path(home)
        return Folders(base / "config", _data or base / "data", base / "cache")
    name = "lstm-studio"
    return Folders(
        Path(platformdirs.user_config_dir(name, appauthor=False)),
        _data or Path(platformdirs.user_data_dir(name, appauthor=False)),
        Path(platformdirs.user_cache_dir(name, appauthor=False)),
    )


def use_data(folder: str) -> None:
    """Keep samples, written sets, runs and reports in another folder from now on; "" is the usual one."""
    global _data
    _data = Path(folder) if folder else None


def settings_file() -> Path:
    """Where the settings are kept."""
    return folders().config / "settings.json"


@dataclass(frozen=True)
class Glimpse:
    """How the window looks before the settings are read wholly; what is odd in them is left to that."""

    language: str = "system"
    theme: Literal["system", "light", "dark"] = "system"
    geometry: str = ""
    text_size: int = 100
    """Per cent."""


def glimpse() -> Glimpse:
    """From the settings file; the defaults where it cannot be read."""
    try:
        path = settings_file()
        values = json.loads(path.read_text(encoding="utf-8")) if path.stat().st_size <= LARGEST else {}
        language, theme, geometry = (str(values.get(name, "")) for name in ("language", "theme", "geometry"))
        size = values.get("text_size")
    except (OSError, ValueError, AttributeError, RecursionError, MemoryError):
        return Glimpse()
    return Glimpse(
        language if language in ("en", "zh_CN") else "system",
        "light" if theme == "light" else "dark" if theme == "dark" else "system",
        geometry,
        size if type(size) is int and 100 <= size <= 200 else 100,
    )
