"""A typed text, read exactly as the training texts were."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lstm_studio.config import DataConfig
from lstm_studio.data.mending import rewriter
from lstm_studio.data.tokenize import tokenizer
from lstm_studio.data.vocabulary import Vocabulary
from lstm_studio.errors import StudioError


@dataclass(frozen=True, eq=False)
class Reading:
    """One text as the network reads it.

    Attributes:
        text: As it was typed.
        tokens: The tokens that are read, after cutting: T of them.
        known: Whether each has a vector of its own, [T].
        ids: int64 [T], or longer where the run reads its padding too.
        cut: How many tokens were left out because the text is too long.
    """

    text: str
    tokens: tuple[str, ...]
    known: tuple[bool, ...]
    ids: np.ndarray
    cut: int = 0


class Reader:
    """Tokenizer, cut and vocabulary of a run.

    Args:
        data: The run's data section, complete.
        vocabulary: The run's tokens.
    """

    def __init__(self, data: DataConfig, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._tokenizer = tokenizer(data.tokenizer or "whitespace", data.lowercase, data.normalize_width)
        self._rewrite = rewriter(data.remedies)
        self._longest = data.max_length
        self._from_start = data.cut == "end"
        self._padded_to = data.max_length if data.pad_to_max_length else None

    def read(self, text: str) -> Reading:
        """Tokens and ids of a text.

        Raises:
            StudioError: there is nothing to read in it.
        """
        if not text.strip():
            raise StudioError("The text is empty", todo="Type at least one word")
        tokens = self._tokenizer(self._rewrite(text) if self._rewrite is not None else text) or [Vocabulary.UNKNOWN]
        whole = len(tokens)
        if self._longest is not None:
            tokens = tokens[: self._longest] if self._from_start else tokens[-self._longest :]
        ids = self.vocabulary.encode(tokens).astype(np.int64)
        if self._padded_to is not None:
            ids = np.pad(ids, (0, self._padded_to - len(ids)), constant_values=Vocabulary.PADDING_ID)
        return Reading(
            text, tuple(tokens), tuple(token in self.vocabulary for token in tokens), ids, whole - len(tokens)
        )
