"""What results of all kinds of networks have in common. Needs no torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, eq=False)
class Results:
    """Figures over one part of the data.

    Attributes:
        metrics: Name -> figure; "loss" among them.
        examples: How many were read.
    """

    metrics: dict[str, float]
    examples: int

    @property
    def usual(self) -> tuple[str, ...]:
        """The figures to show first, the most telling one in front."""
        return ()

    @property
    def ranges(self) -> Mapping[str, tuple[float, float]]:
        """Name -> where the figure lies in 95 of 100 samples, for those of which that is known."""
        return {}

    def lines(self) -> list[str]:
        """What there is to say beside the figures, for the command line."""
        return []


def figures_of(metrics: Mapping[str, Any]) -> dict[str, float]:
    """All that are numbers."""
    return {str(name): float(figure) for name, figure in metrics.items() if isinstance(figure, (int, float))}


def number_of(value: Any) -> float:
    """A finite number. Raises ValueError or TypeError."""
    found = float(value)
    if not math.isfinite(found):
        raise ValueError("not a number")
    return found


def text_of(value: Any) -> str:
    """A text. Raises TypeError."""
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value
