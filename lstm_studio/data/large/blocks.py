"""Tokens of a block of rows: numbers, where each text ends, and what the numbers stand for; a file a block."""

from __future__ import annotations

import json
import os
import tempfile
from array import array
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lstm_studio.data.mending import rewriter
from lstm_studio.data.tokenize import tokenizer


@dataclass(frozen=True)
class Cutting:
    """How texts become tokens: all that the tokens depend on but the texts themselves.

    Attributes:
        tokenizer: Its name.
        lowercase: Tokens in lower case.
        narrow: Full-width forms are read as half-width ones.
        remedies: Those that rewrite texts.
    """

    tokenizer: str
    lowercase: bool = False
    narrow: bool = False
    remedies: tuple[str, ...] = ()

    def values(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)

    @classmethod
    def of(cls, values: dict[str, Any]) -> Cutting:
        """What ``values`` gave."""
        return cls(**{**values, "remedies": tuple(values["remedies"])})

    def function(self) -> Callable[[str], list[str]]:
        """The tokens of a text."""
        cut = tokenizer(self.tokenizer, self.lowercase, self.narrow)
        mend = rewriter(self.remedies)
        return cut if mend is None else lambda text: cut(mend(text))


@dataclass(frozen=True, eq=False)
class Block:
    """Tokens of N texts.

    Attributes:
        ids: Numbers of tokens, the texts one after another: int32 [total].
        ends: Where each text begins, and the end: int64 [N + 1].
        names: The token of each number, in the order of first sight.
    """

    ids: np.ndarray
    ends: np.ndarray
    names: list[str]

    @classmethod
    def of(cls, texts: Sequence[str], cut: Callable[[str], list[str]]) -> Block:
        """Cut texts."""
        numbers = Numbers()
        ids, ends = array("i"), array("q", [0])
        for text in texts:
            ids.extend(map(numbers.__getitem__, cut(text)))
            ends.append(len(ids))
        return cls(np.frombuffer(ids, np.int32), np.frombuffer(ends, np.int64), list(numbers))

    def save(self, path: Path) -> None:
        """Write it; the file is there complete, or not at all."""
        names = np.frombuffer(json.dumps(self.names).encode(), np.uint8)
        handle, beside = tempfile.mkstemp(prefix=".new-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, ids=self.ids, ends=self.ends, names=names)
            os.replace(beside, path)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise

    @classmethod
    def load(cls, path: Path) -> Block:
        """Read what ``save`` wrote.

        Raises:
            OSError, ValueError, KeyError, zipfile.BadZipFile: it is damaged.
        """
        with np.load(path, allow_pickle=False) as values:
            ids, ends = values["ids"], values["ends"]
            names = [str(name) for name in json.loads(values["names"].tobytes())]
        if len(ends) < 1 or int(ends[-1]) != len(ids) or (len(ids) and not 0 <= ids.min() <= ids.max() < len(names)):
            raise ValueError(path.name)
        return cls(ids, ends, names)

    def taken(self, texts: np.ndarray, most: int, cut: str) -> tuple[np.ndarray, np.ndarray]:
        """Some texts, cut to ``most`` tokens at their "end" or "start": their ids, and how many each has.

        Args:
            texts: Their places here, ascending: int64 [K].
        """
        starts, stops = self.ends[:-1][texts], self.ends[1:][texts]
        lengths = np.minimum(stops - starts, most)
        first = starts if cut == "end" else stops - lengths
        # Place k of the result is place k of its text, counted from where that begins.
        shift = np.repeat(first - (np.cumsum(lengths) - lengths), lengths)
        return self.ids[np.arange(int(lengths.sum())) + shift], lengths


class Numbers(dict[str, int]):
    """A number for each token in the order of first sight."""

    def __missing__(self, token: str) -> int:
        self[token] = number = len(self)
        return number
