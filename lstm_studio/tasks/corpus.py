"""A part of a run's data as its reading layers walk over it: what is read, what it is labelled, what happens inside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import torch
from torch import nn

from lstm_studio.data.split import random_keys
from lstm_studio.nn.types import LSTMTrace

Meaning = Literal["label", "tag", "next", "place"]
"""What the label of a token is: the label of its text, its tag, the token that follows, or its place in the text."""
Spacing = Literal["words", "marks", "none"]
"""Where gaps stand when tokens are shown in a row: between all, before those with a mark, nowhere."""
THIRDS = ("First third", "Middle third", "Last third")
CELLS, MOST_ROWS = 8_000, 64
"""Rows times steps of one batch, and its rows: everything inside is kept for a moment, which is many numbers a step."""


@dataclass(frozen=True, eq=False)
class Example:
    """One of T tokens.

    Attributes:
        tokens: What the reading layers read, T of them.
        labels: Of each, a position in ``Corpus.labels``: int32 [T].
        question: The example as ``Predictor`` methods are asked about it: "text" and perhaps more.
    """

    tokens: tuple[str, ...]
    labels: np.ndarray
    question: dict[str, Any]


class Corpus(Protocol):
    """One part of the data, in examples.

    Attributes:
        labels: Names of what a token can be labelled.
        meaning: What these are.
        spacing: How tokens stand side by side.
        running: Whether examples are pieces of one running text, each of which is read on from the one before.
    """

    labels: tuple[str, ...]
    meaning: Meaning
    spacing: Spacing
    running: bool

    def pick(self, most: int) -> np.ndarray:
        """Numbers of some examples, rising, with ``most`` tokens in all or a few more, or all: int64 [E]."""

    def example(self, number: int) -> Example:
        """One of them."""

    def walk(
        self, model: nn.Module, picked: np.ndarray, device: torch.device
    ) -> Iterator[tuple[np.ndarray, Sequence[LSTMTrace]]]:
        """Read the picked examples in batches of B rows of T steps.

        Yields:
            Where each step stands when the picked examples lie one after the other, -1 where nothing is read, int64
            [B, T]; and what happened in the reading layers, [B, T', H] each with T' >= T.
        """


class Walkable(Protocol):
    """A task whose data can be walked over."""

    def corpus(self, prepared: Any, part: str) -> Corpus:
        """One of the parts that ``Task.parts`` names."""


def sampled(lengths: np.ndarray, most: int) -> np.ndarray:
    """Some examples at random, the same ones each time, until they have ``most`` tokens; empty ones are left out."""
    order = np.argsort(random_keys(len(lengths), 0, 0, 7), kind="stable")
    order = order[lengths[order] > 0]
    count = int(np.searchsorted(np.cumsum(lengths[order]), most)) + 1
    return np.sort(order[:count]).astype(np.int64)


class Rows:
    """What corpora have in common whose examples are read on their own. ``lengths``: tokens of each, int64 [N]."""

    lengths: np.ndarray
    read_lengths: np.ndarray
    """What the network reads of each, padding that it is given to read included: int64 [N]."""

    def pick(self, most: int) -> np.ndarray:
        """See ``Corpus``."""
        return sampled(self.lengths, most)

    def read(self, model: nn.Module, numbers: np.ndarray, device: torch.device) -> Sequence[LSTMTrace]:
        """What happens inside while these are read side by side."""
        raise NotImplementedError

    def walk(
        self, model: nn.Module, picked: np.ndarray, device: torch.device
    ) -> Iterator[tuple[np.ndarray, Sequence[LSTMTrace]]]:
        """See ``Corpus``."""
        lengths = self.lengths[picked]
        starts = np.cumsum(lengths) - lengths
        for rows in _batches(self.read_lengths[picked]):
            columns = np.arange(int(lengths[rows].max()))
            places = np.where(columns < lengths[rows][:, None], starts[rows][:, None] + columns, -1)
            with torch.inference_mode():
                traces = self.read(model, picked[rows], device)
            yield places, traces


def _batches(lengths: np.ndarray) -> Iterator[np.ndarray]:
    """Positions of rows of similar length, the longest first."""
    order = np.argsort(-lengths, kind="stable")
    first = 0
    while first < len(order):
        count = max(1, min(MOST_ROWS, CELLS // max(1, int(lengths[order[first]]))))
        yield order[first : first + count]
        first += count
