"""Files that are complete or untouched, whatever happens meanwhile."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from pathlib import Path


def replace_file(path: Path, write: Callable[[Path], object]) -> None:
    """Have ``write`` fill a file beside ``path``, make it safe on the disk, and rename it into place.

    The file gets the rights that the person's umask gives. What a killed writer leaves behind ends in ".part".
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.parent / f".{path.name[:40]}.{uuid.uuid4().hex[:12]}.part"
    try:
        write(beside)
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
