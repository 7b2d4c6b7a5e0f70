"""Weights of epochs that a run keeps, so that two moments of its life can be compared: epochs/NNN.safetensors.

Needs no torch.
"""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Literal

FOLDER = "epochs"
SOME = 10
"""So many epochs are kept of a run that keeps some: the first, the last, and eight between."""
CAP = 500_000_000
"""Bytes that these may take together; of large networks fewer epochs are kept."""
Keep = Literal["none", "some", "all"]
_NAME = re.compile(r"(\d{3,})\.safetensors")


def path_of(folder: Path, epoch: int) -> Path:
    """Where a run folder keeps the weights after an epoch, counted from 1."""
    return folder / FOLDER / f"{epoch:03d}.safetensors"


def kept_epochs(folder: Path) -> tuple[int, ...]:
    """The epochs whose weights a run folder holds, in order."""
    try:
        names = [path.name for path in (folder / FOLDER).iterdir()]
    except OSError:
        return ()
    return tuple(sorted(int(match[1]) for name in names if (match := _NAME.fullmatch(name))))


def chosen(keep: Keep, epochs: int, size: int) -> frozenset[int]:
    """Which epochs of a run are kept for good.

    Args:
        keep: As of training.keep_epochs.
        epochs: Of the whole run.
        size: Bytes of one epoch's weights.

    Returns:
        All, none, or some: evenly spread, the first and the last among them, so many that they stay within ``CAP``.
        Where there is room for one alone that is the last, and none where there is not even that.
    """
    if keep == "all":
        return frozenset(range(1, epochs + 1))
    most = min(SOME, epochs, CAP // max(1, size)) if keep == "some" else 0
    if most < 2:
        return frozenset([epochs] * most)
    return frozenset(1 + round(place * (epochs - 1) / (most - 1)) for place in range(most))


def clear_after(folder: Path, epoch: int) -> None:
    """Remove what was kept of later epochs: a run that goes on from here will come to them again."""
    for later in kept_epochs(folder):
        if later > epoch:
            path_of(folder, later).unlink(missing_ok=True)


def thin_out(folder: Path, wanted: frozenset[int], newest: int) -> None:
    """Remove all but those that are wanted and the newest one, which is the last if the run is stopped here."""
    for epoch in kept_epochs(folder):
        if epoch not in wanted and epoch != newest:
            with suppress(OSError):  # somebody reads it at this moment; it goes after the next epoch
                path_of(folder, epoch).unlink(missing_ok=True)
