"""Which other runs a run can be set beside."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lstm_studio.config import RunConfig
from lstm_studio.errors import StudioError
from lstm_studio.runs.folder import RunFolder

if TYPE_CHECKING:
    from lstm_studio.runs.store import RunStore


@dataclass(frozen=True)
class Partner:
    """Another run of the same task that can answer.

    Attributes:
        path, name: Its folder, and what it is called.
        cell, units: Of its recurrent layers.
        twin: It has learned the same data with a network of the same size; only its cell is another one.
    """

    path: Path
    name: str
    cell: str
    units: int
    twin: bool


def partners(store: RunStore, path: Path) -> list[Partner]:
    """Runs to be set beside the one in ``path``: its twins first, then the newest. Reads files.

    Raises:
        StudioError: the run itself cannot be read.
    """
    own = RunFolder(path).config
    found = []
    for summary in store.list():
        if summary.path == path or summary.task != own.task or not summary.has_weights:
            continue
        try:
            config = RunFolder(summary.path).config
        except StudioError:
            continue  # a run that cannot be read is no partner
        model = config.model
        found.append(Partner(summary.path, summary.name, model.cell, model.hidden_size, _twins(own, config)))
    return sorted(found, key=lambda partner: not partner.twin)


def _twins(one: RunConfig, other: RunConfig) -> bool:
    same = ("hidden_size", "layers", "bidirectional")
    return (
        one.data == other.data
        and one.model.cell != other.model.cell
        and all(getattr(one.model, name) == getattr(other.model, name) for name in same)
    )
