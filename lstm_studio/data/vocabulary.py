"""Tokens to numbers and back."""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from lstm_studio.errors import StudioError

_FORMAT = 1


class Vocabulary:
    """The tokens that have a vector of their own, each at the position that is its id.

    Id 0 is padding and id 1 stands for every unknown token. A text that spells out ``<pad>`` gets the unknown id.

    Args:
        tokens: All tokens, the two special ones first.

    Raises:
        StudioError: the special tokens are not first, or a token occurs twice.
    """

    PADDING = "<pad>"
    UNKNOWN = "<unk>"
    PADDING_ID = 0
    UNKNOWN_ID = 1

    def __init__(self, tokens: Sequence[str]) -> None:
        self.tokens: list[str] = list(tokens)
        if self.tokens[:2] != [self.PADDING, self.UNKNOWN]:
            raise StudioError(f"A vocabulary must begin with {self.PADDING} and {self.UNKNOWN}")
        self._ids = {token: number for number, token in enumerate(self.tokens)}
        if len(self._ids) != len(self.tokens):
            twice = next(token for token, count in Counter(self.tokens).items() if count > 1)
            raise StudioError(f"The vocabulary holds {twice!r} twice")
        del self._ids[self.PADDING], self._ids[self.UNKNOWN]

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: object) -> bool:
        """Whether a token has a vector of its own."""
        return token in self._ids

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self.tokens == other.tokens

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Vocabulary({len(self)} tokens)"

    def id(self, token: str) -> int:
        """The id of a token; ``UNKNOWN_ID`` for one that is not known."""
        return self._ids.get(token, self.UNKNOWN_ID)

    def encode(self, tokens: Sequence[str]) -> np.ndarray:
        """Ids of tokens: int32, one each."""
        ids = self._ids
        return np.fromiter((ids.get(token, 1) for token in tokens), np.int32, len(tokens))

    def decode(self, ids: Iterable[int]) -> list[str]:
        """Tokens of ids.

        Raises:
            IndexError: an id is not in the vocabulary.
        """
        found = []
        for number in ids:
            if number < 0:
                raise IndexError(f"no token has the id {number}")
            found.append(self.tokens[int(number)])
        return found

    @classmethod
    def build(cls, tokens: Mapping[str, int] | Iterable[Sequence[str]], size: int, min_count: int = 1) -> Vocabulary:
        """The most frequent tokens, ties in the order of their characters, so that the same texts give the same ids.

        Args:
            tokens: Count of each token, or the token lists of texts.
            size: At most this many tokens besides the two special ones.
            min_count: Only tokens that occur at least this often.
        """
        counts: Mapping[str, int]
        if isinstance(tokens, Mapping):
            counts = tokens
        else:
            counts = Counter(token for text in tokens for token in text)
        special = {cls.PADDING, cls.UNKNOWN}
        kept = [(-count, token) for token, count in counts.items() if count >= min_count and token not in special]
        return cls([cls.PADDING, cls.UNKNOWN, *(token for _, token in _least(kept, size))])

    def to_json(self) -> str:
        """JSON text that any program can read: an object whose ``tokens`` stand in the order of their ids."""
        values = {"format": _FORMAT, "padding": self.PADDING, "unknown": self.UNKNOWN, "tokens": self.tokens}
        text = json.dumps(values, ensure_ascii=False, indent=0)
        return text if _encodable(text) else json.dumps(values, indent=0)

    @classmethod
    def from_json(cls, text: str, where: str = "vocabulary.json") -> Vocabulary:
        """Read what ``to_json`` wrote.

        Raises:
            StudioError: the text is damaged.
        """
        try:
            values = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise StudioError("The vocabulary is damaged", where=where, why=f"It is not JSON: {error}") from None
        tokens = values.get("tokens") if isinstance(values, dict) else None
        if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
            raise StudioError("The vocabulary is damaged", where=where, why="It holds no list of tokens")
        if values.get("format") != _FORMAT:
            raise StudioError(
                "The vocabulary was written by another version of LSTM Studio", where=where, todo="Update LSTM Studio"
            )
        try:
            return cls(tokens)
        except StudioError as error:
            raise StudioError("The vocabulary is damaged", where=where, why=error.what) from None


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _least(pairs: list[tuple[int, str]], size: int) -> list[tuple[int, str]]:
    """The first ``size`` in order. Millions are not sorted for the sake of some thousands: that would take seconds, and
    hold up every other thread."""
    if size < len(pairs):
        numbers = np.fromiter((number for number, _ in pairs), np.int64, len(pairs))
        last = int(np.partition(numbers, size - 1)[size - 1])
        first = [pair for pair in pairs if pair[0] < last]
        pairs = first + heapq.nsmallest(size - len(first), (pair for pair in pairs if pair[0] == last))
    return sorted(pairs)
