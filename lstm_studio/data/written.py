"""What a network has written, beside what would have been right."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    """One text that was written while a network learned.

    Attributes:
        source: What was read; the beginning that was given, where a text goes on.
        written: What the network wrote.
        references: What would have been right; none where there is no such thing.
        score: How much the two have in common, 0..100 (chrF); None without references.
    """

    source: str
    written: str
    references: tuple[str, ...] = ()
    score: float | None = None
