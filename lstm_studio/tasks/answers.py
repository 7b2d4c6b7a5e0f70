"""A trained network at work: what a task supplies to read typed texts, answer, explain, and fill files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from lstm_studio.data.progress import Progress
from lstm_studio.data.table import Table
from lstm_studio.nn.types import LSTMTrace
from lstm_studio.tasks.base import Gates, Look
from lstm_studio.tasks.checked import Checking
from lstm_studio.tasks.reading import Reading

CELLS = 40_000
"""Texts times steps of one batch, so that memory stays bounded however long the texts are."""

WORK = 1.2e9
"""Multiplications above which something coarser is said first; a core makes some 2e10 a second in products of the size
that texts make."""


class Answer(Protocol):
    """What a network says about one text."""

    @property
    def text(self) -> str:
        """As it was given."""

    def plain(self) -> dict[str, Any]:
        """As JSON can hold it."""

    def lines(self) -> list[str]:
        """For people, line by line; the first is the text."""

    def cells(self, lines: bool) -> list[Any]:
        """Values of the columns that ``Answers.columns`` names."""


@dataclass(frozen=True, eq=False)
class Foretold:
    """What a network that writes holds likely at each of N steps.

    Attributes:
        words: The K likeliest tokens of each step, the likeliest first: [N][K].
        shares: Their probabilities, float32 [N, K].
        came: Probability of the token at the step given those before it, float32 [N]; NaN where nothing stands before.
        ahead: Whether ``words`` are about what follows the token, not about the token itself.
    """

    words: tuple[tuple[str, ...], ...]
    shares: np.ndarray
    came: np.ndarray
    ahead: bool


@dataclass(frozen=True, eq=False)
class Inside:
    """What happened in a network while it read one text of T tokens.

    Attributes:
        traces: Inside of the layers, batch size 1.
        verdict: The answer in words.
        classes: What the columns of ``steps`` are.
        steps: float32 [T, K], one verdict a token; [0, K] when they were not asked for.
        meaning: What such a verdict is: "prefix": the answer had the text ended there; "token": the one on the token.
        probabilities: Of the whole text, float32 [K]; None where there is no single answer.
        attention: float32 [T], where the network attends; else None.
        marked: A token that is pointed at.
        decoder: Inside of the layers that write, over ``output``.
        output: The U tokens that were written, one a step, the end mark last.
        alignment: Where each of these steps looked: float32 [U, T]; None without attention over the text.
        foretold: Of networks that write, at each token of ``output``, or of the text where they write nothing of
            their own; None when not asked for.
    """

    traces: Sequence[LSTMTrace]
    verdict: str
    classes: tuple[str, ...]
    steps: np.ndarray
    meaning: Literal["prefix", "token"]
    probabilities: np.ndarray | None = None
    attention: np.ndarray | None = None
    marked: int | None = None
    decoder: Sequence[LSTMTrace] = ()
    output: tuple[str, ...] = ()
    alignment: np.ndarray | None = None
    foretold: Foretold | None = None


@dataclass(eq=False)
class Question:
    """An answer to be explained, as a score that is differentiated.

    Where it is the likeliest answer, it may be known only after ``score`` or ``hide`` has been called once, with the
    text itself as the first row.

    Attributes:
        vectors: What the recurrent layers read of the text, [1, T, E].
        score: Vectors [B, T, E] -> log-odds of the answer, [B].
        hide: Which tokens are hidden, bool [B, T] -> log-odds of the answer, [B]; for networks that read no vectors.
        walk: Whether vectors can be walked along towards nothing.
        label, position: The class that is explained, its number among the classes; "" and None while not known.
        word: The token it is about; None for the whole text.
    """

    vectors: Tensor
    score: Callable[[Tensor], Tensor]
    hide: Callable[[Tensor], Tensor]
    walk: bool
    label: str
    position: int | None
    word: int | None = None


class Answers(Protocol):
    """One task's networks at work. Knows configuration and vocabulary; the network is given each time.

    Attributes:
        classes: What can be predicted.
        asked: Names of what ``read`` takes besides the text.
    """

    classes: tuple[str, ...]
    asked: tuple[str, ...]

    def read(self, text: str, **asked: Any) -> Any:
        """A typed text as the training texts were read; a ``Reading``. Raises StudioError when there is nothing."""

    def answer(self, model: nn.Module, readings: Sequence[Any], device: torch.device) -> list[Any]:
        """What the network says, one Answer each."""

    def inside(self, model: nn.Module, reading: Any, device: torch.device, *, steps: bool = True) -> Inside:
        """What happens while it reads one."""

    def question(
        self, model: nn.Module, reading: Any, device: torch.device, label: str | None, word: int | None
    ) -> Question:
        """The answer that is to be explained; the most telling one when None. Raises StudioError for others."""

    def checked(self, model: nn.Module, part: Any, device: torch.device) -> Checking:
        """A part of ``Task.parts``, to be answered one by one; nothing is computed before ``rows`` is walked along.
        Raises StudioError if its texts are not known."""

    def part(self, table: Table, notes: list[str], progress: Progress) -> Any:
        """A file with the true answers, encoded for ``Task.evaluate``. Raises StudioError if it cannot be used."""

    def column(self, table: Table, named: str | int | None) -> int:
        """Position of the texts in a file that may be laid out unlike the training file. Raises StudioError."""

    def rows(self, table: Table, place: int, first: int, last: int, **asked: Any) -> list[Any]:
        """Readings of some rows; None for an empty one. Raises StudioError for what a row cannot be asked."""

    def columns(self, lines: bool) -> list[str]:
        """Names of the columns that a file of predictions gets; ``lines`` for JSON lines."""


def look(reading: Reading, inside: Inside) -> Look:
    """A text seen from inside, as numbers that any thread may keep."""
    seen = len(reading.tokens)  # padding that was read is not shown

    # Copies: a slice of the padded whole would keep it alive, and inference tensors must not leave this place.
    def gates(traces: Sequence[LSTMTrace], seen: int, part: str) -> list[Gates]:
        return [
            Gates(
                trace.layer,
                trace.direction,
                {name: values[0, :seen].float().cpu().numpy().copy() for name, values in trace.values.items()},
                part,
            )
            for trace in traces
        ]

    found = [*gates(inside.traces, seen, ""), *gates(inside.decoder, len(inside.output), "decoder")]
    return Look(
        reading.text,
        reading.tokens,
        reading.known,
        tuple(found),
        inside.probabilities,
        inside.verdict,
        inside.output,
        inside.alignment,
    )


def batched(readings: Sequence[Reading], cells: int = CELLS, most: int = 256) -> list[np.ndarray]:
    """Readings of similar length together: positions, the longest first."""
    lengths = np.array([len(reading.ids) for reading in readings], np.int64)
    order = np.argsort(-lengths, kind="stable")
    found = []
    first = 0
    while first < len(order):
        longest = max(1, int(lengths[order[first]]))
        found.append(order[first : first + max(1, min(most, cells // longest))])
        first += len(found[-1])
    return found


def log_odds(logits: Tensor, target: int) -> Tensor:
    """log(p / (1 - p)) of one class: logits [B, K] -> [B]."""
    others = torch.cat([logits[:, :target], logits[:, target + 1 :]], 1)
    return logits[:, target] - others.logsumexp(1)
