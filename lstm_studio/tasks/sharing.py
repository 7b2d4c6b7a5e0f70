"""A batch shared out: parts with nearly equal numbers of tokens, whose losses, each weighed by ``Loss.weight``, come to
the loss of the whole.

For processes (training.parallel) and threads (training.crew) that train together, and for whoever else computes a
batch in parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import singledispatch
from itertools import pairwise
from typing import Any

import numpy as np
from torch import Tensor

from lstm_studio.data.stretches import Stretch
from lstm_studio.errors import StudioError


@singledispatch
def share_out(handle: Any, part: Any, shares: int) -> Sequence[Any]:
    """Handles of the parts of a batch, by the kind of handle that the task's ``batches`` makes.

    Args:
        handle: Of the whole batch.
        part: Of the data, as ``batches`` was given.
        shares: How many parts. Some are empty (see ``is_empty``) where there are fewer texts.

    Raises:
        StudioError: batches of this task cannot be shared out.
    """
    raise StudioError("Batches of this task cannot be shared out", todo="Train it in one process")


@share_out.register
def _texts(handle: np.ndarray, part: Any, shares: int) -> Sequence[Any]:
    """Indices of texts: the longest of those that are left goes to the part with the fewest tokens (Graham, "Bounds on
    multiprocessing timing anomalies", 1969), so that two parts differ by one text at most."""
    lengths = np.asarray(part.lengths)[handle]
    order = np.argsort(-lengths, kind="stable")
    tokens, owners = [0] * shares, []
    for length in np.maximum(lengths[order], 1).tolist():
        least = tokens.index(min(tokens))
        owners.append(least)
        tokens[least] += length
    owner = np.empty(len(handle), np.int64)
    owner[order] = owners
    return [handle[owner == number] for number in range(shares)]


@share_out.register
def _stretch(handle: tuple, part: Any, shares: int) -> Sequence[Any]:
    """A stretch of running text with what belongs to it: neighbouring rows, the same ones at each step, since the state
    of a row goes on in the part where it is."""
    stretch, *rest = handle
    if not isinstance(stretch, Stretch):
        return share_out.dispatch(object)(handle, part, shares)
    parts = (slice(*rows) for rows in rows_of(len(stretch), shares))
    return [(Stretch(stretch.begins[rows], stretch.lengths[rows], stretch.first), *rest) for rows in parts]


def rows_of(rows: int, shares: int) -> list[tuple[int, int]]:
    """Which rows each part of a stretch has, from and to: sizes that differ by at most one."""
    ends = [rows * number // shares for number in range(shares + 1)]
    return list(pairwise(ends))


def rows_of_share(tensors: Mapping[str, Tensor], place: int, shares: int) -> dict[str, Tensor]:
    """The rows (axis 1) of what is carried on that belong to share ``place`` of a stretch."""
    found: dict[str, Tensor] = {}
    for name, value in tensors.items():
        begin, end = rows_of(value.shape[1], shares)[place]
        found[name] = value[:, begin:end].contiguous()
    return found


@singledispatch
def size_of(handle: Any, part: Any) -> tuple[int, int]:
    """Rows and tokens of a batch; 0, 0 where batches of the task cannot be shared out."""
    return 0, 0


@size_of.register
def _size_of_texts(handle: np.ndarray, part: Any) -> tuple[int, int]:
    lengths = getattr(part, "lengths", None)
    return (0, 0) if lengths is None else (len(handle), int(np.asarray(lengths)[handle].sum()))


@size_of.register
def _size_of_stretch(handle: tuple, part: Any) -> tuple[int, int]:
    stretch = handle[0] if handle else None
    return (len(stretch), stretch.tokens) if isinstance(stretch, Stretch) else (0, 0)


def is_empty(handle: Any) -> bool:
    """Whether a part holds no text."""
    return len(handle[0] if isinstance(handle, tuple) else handle) == 0
