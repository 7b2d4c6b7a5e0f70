"""Examples whose truth is known, as a network answers them one by one. Needs no torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

Figure = Literal["accuracy", "f1", "chrf", "perplexity"]
Cell = tuple[int, int]
"""A true class and the class that was read instead, by their places."""


@dataclass(slots=True)
class CheckedRow:
    """One example.

    Attributes:
        place: Its place in the part.
        text: What was read.
        truth, said: What is right, and what the network says; empty where a text is only foretold.
        loss: Mean negative natural logarithm of the probability of what is right; not a number where it has none.
        score: The figure of this example alone, as its figure is written: 0..1, 0..100, or a perplexity.
        weight: What it counts in the figure of several examples.
        right: Whether the answer is wholly right.
        confidence: How sure the network is of its answer, 0..1; not a number where it gives none.
        length, unknown: Tokens that were read, and how many of them the network does not know.
        cells: What was taken for what.
        sure, hits: Of each single decision the probability that the network gave it, and whether it was right; [P].
    """

    place: int
    text: str
    truth: str = ""
    said: str = ""
    loss: float = float("nan")
    score: float = float("nan")
    weight: float = 1.0
    right: bool = False
    confidence: float = float("nan")
    length: int = 0
    unknown: int = 0
    cells: Sequence[Cell] = ()
    sure: np.ndarray = field(default_factory=lambda: np.empty(0, np.float32))
    hits: np.ndarray = field(default_factory=lambda: np.empty(0, bool))


@dataclass(frozen=True, eq=False)
class Checking:
    """A part of the data while a network answers it.

    Attributes:
        figure: The figure of an example. That of several is the mean of theirs by weight, of perplexities the geometric
            one.
        rows: Examples, some at a time and in any order; nothing where only some work was done.
        steps: How many times ``rows`` gives something.
        ask: An example, by its place, as it is asked of a network: "text" and what the task reads besides.
        classes: What the numbers of cells mean; "" is nothing at all.
        decides: What one decision is about: a whole "text", or a "word" or "token" of it.
        told: Whether answers are right or wrong, and not just likely or unlikely.
    """

    figure: Figure
    rows: Iterator[list[CheckedRow]]
    steps: int
    ask: Callable[[int], dict[str, Any]]
    classes: tuple[str, ...] = ()
    decides: Literal["text", "word", "token"] = "text"
    told: bool = True
