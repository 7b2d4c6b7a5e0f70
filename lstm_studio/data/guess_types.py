"""What is guessed of a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Guess:
    """Task, columns and the like.

    Attributes:
        task: As ``RunConfig.task``.
        task_title: What people call it: "Sentiment".
        fields: Fields of [data] and their values, those that were given among them.
        reasons: Field -> one sentence; "task" says why it is this task.
        known: Names of what is predicted, where the guess came across them.
    """

    task: str
    task_title: str
    fields: dict[str, Any]
    reasons: dict[str, str]
    known: tuple[str, ...] = field(default=())

    @property
    def tokenizer(self) -> str | None:
        """How texts are cut into tokens."""
        return self.fields.get("tokenizer")

    @property
    def max_length(self) -> int | None:
        """Most tokens that are read."""
        return self.fields.get("max_length")
