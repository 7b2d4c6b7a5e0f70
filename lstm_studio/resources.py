"""The only place that finds the program's own files: in a checkout, an installed wheel or a frozen bundle."""

from __future__ import annotations

import sys
from pathlib import Path

from lstm_studio.errors import StudioError


def root() -> Path:
    """The folder that holds icons, themes, translations and samples."""
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen:
        return Path(frozen) / "lstm_studio" / "assets"
    installed = Path(__file__).resolve().parent / "assets"
    return installed if installed.is_dir() else Path(__file__).resolve().parent.parent / "resources"


def find(*parts: str) -> Path:
    """Path of a resource, e.g. ``find("themes", "dark.toml")``.

    Raises:
        StudioError: the installation lacks the file.
    """
    path = root().joinpath(*parts)
    if not path.exists():
        raise StudioError(
            f"A part of the program is missing: {'/'.join(parts)}", where=path, todo="Install LSTM Studio again"
        )
    return path
