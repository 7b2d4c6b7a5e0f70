"""Stretches of running text for truncated back-propagation through time: parallel streams, read on from step to step.

The text is cut into B rows of equal length that are read side by side; each step reads the next T tokens of every row
and goes on from the state that the step before left (Williams and Peng 1990, "An efficient gradient-based algorithm for
on-line training of recurrent network trajectories").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lstm_studio.data.split import random_keys
from lstm_studio.data.units import END_ID, PADDING_ID

_HALVED = 0.05
"""Share of steps whose length is drawn around T / 2."""
_SPREAD, _LEAST = 5.0, 5
"""Standard deviation and least of drawn lengths; for T below 35 the deviation is T / 7."""
_UNIFORMS, _AT_ONCE = 12, 256


@dataclass(frozen=True, eq=False)
class Stretch:
    """What one step reads: a handle for ``read_stretch``.

    Attributes:
        begins: Position in the text of each row's first target: int64 [B].
        lengths: Tokens of each row: int64 [B], at least 1. They differ by at most one, and only in the last stretch.
        first: Whether the rows begin here, with a state of zeros.
    """

    begins: np.ndarray
    lengths: np.ndarray
    first: bool

    def __len__(self) -> int:
        return len(self.begins)

    @property
    def tokens(self) -> int:
        """How many are predicted."""
        return int(self.lengths.sum())


@dataclass(frozen=True)
class StreamBatch:
    """A stretch of B rows, the longest with T tokens.

    Attributes:
        inputs: What is read, int64 [B, T]; 0 after the end of a row.
        targets: What comes next: the inputs, moved on by one, int64 [B, T].
        lengths: Tokens of each row, int64 [B], at least 1.
        starts: Rows that begin here, so that nothing is carried into them: bool [B].
    """

    inputs: np.ndarray
    targets: np.ndarray
    lengths: np.ndarray
    starts: np.ndarray

    def __len__(self) -> int:
        return len(self.lengths)


def stretches(
    tokens: int, batch_size: int, length: int, seed: int = 0, epoch: int = 0, *, vary: bool = False
) -> list[Stretch]:
    """Divide a text into the stretches of an epoch, in the order in which they must be read; a pure function.

    Every token is a target exactly once. At a seam, where row b begins in the middle of the text, the last token of the
    row before is read first, with a state of zeros: its first target is predicted of one token alone. Row 0 begins
    with what ``read_stretch`` calls the lead.

    Args:
        tokens: Of the text, M.
        batch_size: Rows B, at least 1; a text with fewer tokens has as many rows as it has tokens.
        length: Tokens T of a step, at least 1. Where rows are not equally long the last step may have one more.
        seed, epoch: Which lengths are drawn; of no account unless ``vary``.
        vary: Draw the length of each step: around T, or around T / 2 one time in twenty (Merity, Keskar and Socher
            2018, section 5.1), so that stretches meet other borders in each epoch. The learning rate of a step is
            then to be taken times its length / T, see there.
    """
    rows = min(batch_size, tokens)
    if rows == 0:
        return []
    sizes = np.full(rows, tokens // rows, np.int64)
    sizes[: tokens % rows] += 1
    begins = np.cumsum(sizes) - sizes
    longest, shortest = int(sizes[0]), int(sizes[-1])
    drawn = _drawn(longest, length, seed, epoch) if vary else [length] * -(-longest // length)
    found: list[Stretch] = []
    at = 0
    for steps in drawn:
        if longest - at - steps <= longest - shortest:  # a step for the longer rows alone would leave the others empty
            steps = longest - at
        lengths = np.minimum(steps, sizes - at)
        found.append(Stretch(begins + at, lengths, first=at == 0))
        at += steps
        if at == longest:
            break
    return found


def read_stretch(ids: np.ndarray, stretch: Stretch, lead: int = END_ID) -> StreamBatch:
    """Read a stretch of a text.

    Args:
        ids: The text: int [M].
        stretch: One of ``stretches(M, ...)``.
        lead: What is read before the first token: the end mark, as between two documents.
    """
    columns = np.arange(int(stretch.lengths.max()))
    filled = columns < stretch.lengths[:, None]
    places = np.where(filled, stretch.begins[:, None] + columns, 0)
    targets = np.where(filled, ids[places], PADDING_ID).astype(np.int64)
    # At place 0 index -1 reads some token, which the lead then replaces.
    inputs = np.where(filled, ids[places - 1], PADDING_ID).astype(np.int64)
    inputs[filled & (places == 0)] = lead
    return StreamBatch(inputs, targets, stretch.lengths, np.full(len(stretch), stretch.first))


def longest_stretch(length: int, *, vary: bool) -> int:
    """The most tokens of a row that a step can have, for those who must know what it costs."""
    return 1 + (length if not vary else int(np.ceil(length + _UNIFORMS / 2 * _spread(length))))


def _spread(length: int) -> float:
    return min(_SPREAD, length / 7)


def _drawn(total: int, length: int, seed: int, epoch: int) -> list[int]:
    """Lengths of steps that come to ``total`` or more; the same on every machine."""
    least, reached = min(_LEAST, length), 0
    found: list[int] = []
    while reached < total:
        keys = random_keys(_AT_ONCE * (_UNIFORMS + 1), seed, epoch, 4, len(found)).reshape(_AT_ONCE, -1)
        halved = keys[:, 0] < np.uint64(int(_HALVED * 2.0**64))
        # The sum of twelve uniform numbers less 6 is nearly normal with deviation 1; sums of integers round nowhere.
        normal = ((keys[:, 1:] >> np.uint64(32)).astype(np.int64).sum(1) - 6 * 2**32) / 2.0**32
        centres = np.where(halved, length / 2, float(length))
        drawn = np.maximum(least, np.floor(centres + _spread(length) * normal).astype(np.int64))
        found += drawn.tolist()
        reached += int(drawn.sum())
    return found
