"""One text of a row, as a page shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """A text as tokens.

    Attributes:
        title: What it is to the row: "Source".
        tokens: The first ones.
        count: How many there are; less than 0 when only the beginning was looked at.
        most: How many are read; None for no limit.
        problem: What is wrong with it; empty if nothing is.
    """

    title: str
    tokens: tuple[str, ...]
    count: int
    most: int | None = None
    problem: str = ""
