"""Which of several processes this one is, as torchrun says in the environment. Knows nothing of torch."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from lstm_studio.errors import StudioError

_NEEDED = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


class PartnerLostError(StudioError):
    """Another process died, or cannot be reached any more."""


class ElsewhereError(StudioError):
    """It failed in another process, which says why."""


@dataclass(frozen=True)
class Place:
    """Process ``rank`` of ``size``, ``local_rank`` of ``local_size`` on this machine; all are counted from 0."""

    rank: int
    size: int
    local_rank: int
    local_size: int

    @property
    def leads(self) -> bool:
        """Whether it is the one that writes and speaks."""
        return self.rank == 0


def place_of(environment: Mapping[str, str] | None = None) -> Place | None:
    """The place of this process; None where it trains alone, be it that torchrun started only one.

    Args:
        environment: ``os.environ`` when None.

    Raises:
        StudioError: the variables contradict each other.
    """
    given = os.environ if environment is None else environment
    if any(name not in given for name in _NEEDED):
        return None
    try:
        rank, size = int(given["RANK"]), int(given["WORLD_SIZE"])
        local = int(given.get("LOCAL_RANK", rank)), int(given.get("LOCAL_WORLD_SIZE", size))
        if not (0 <= rank < size and 0 <= local[0] < local[1] <= size):
            raise ValueError("a number is out of its bounds")
    except ValueError as error:
        raise StudioError(
            "RANK, WORLD_SIZE, LOCAL_RANK and LOCAL_WORLD_SIZE do not fit each other",
            why=str(error),
            todo="Start it through torchrun, which sets them, or unset them to train in one process",
        ) from None
    return Place(rank, size, *local) if size > 1 else None
