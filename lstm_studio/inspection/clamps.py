"""What a person can hold still inside a network. Needs no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

By = Literal["loss", "figure"]
"""What units that are held still are ranked by: the loss, or the figure that is told with it."""


@dataclass(frozen=True)
class Clamp:
    """A gate or state that is held at a value.

    Attributes:
        layer, direction, part: Where; ``part`` is "decoder" for layers that write, "" for those that read.
        gate: "i", "f", "g", "o", "c" or "h"; of a GRU "r", "z", "n" or "h"; of an RNN "h".
        value: What it is held at.
        units: Their numbers; None for all.
        tokens: The first one and the one after the last, of what the layer runs over; None for all steps.
    """

    layer: int
    direction: Literal["forward", "backward"]
    gate: str
    value: float
    units: tuple[int, ...] | None = None
    tokens: tuple[int, int] | None = None
    part: str = ""
