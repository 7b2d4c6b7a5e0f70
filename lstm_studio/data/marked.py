"""A row with what is marked in it, as a page shows it."""

from __future__ import annotations

from dataclasses import dataclass

from lstm_studio.data.tags import Span


@dataclass(frozen=True)
class Marked:
    """One sentence.

    Attributes:
        words: As they are written.
        spans: What is marked.
        predicate: The word that the marks belong to; None for none.
        spaced: Whether words are parted by spaces.
        problem: What is wrong with it; empty if nothing is.
    """

    words: tuple[str, ...]
    spans: tuple[Span, ...]
    predicate: int | None = None
    spaced: bool = True
    problem: str = ""
