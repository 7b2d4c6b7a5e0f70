"""Units: what a text is cut into where a task writes text. Here the protocol, words and characters.

Unlike a ``Vocabulary``, units can put a text together again, so that what a network writes can be read and compared.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, Protocol, Self

from lstm_studio.data.tokenize import Tokenizer, tokenizer

UnitKind = Literal["bpe", "word", "character"]
KINDS: tuple[UnitKind, ...] = ("bpe", "word", "character")
PADDING_ID, UNKNOWN_ID, BEGIN_ID, END_ID = range(4)
UNKNOWN = "<unk>"
SPECIAL = ("<pad>", UNKNOWN, "<s>", "</s>")
MARK = "\u2581"
"""What stands for a space in a piece, and so at the beginning of a word: ▁, as in SentencePiece."""
FORMAT = 1


class Units(Protocol):
    """What a text is cut into. Ids 0 to 3 are padding, unknown, begin and end; they never come out of a text.

    Attributes:
        kind: How texts are cut.
        lowercase: Whether texts lose their capitals.
        narrow: Whether full-width letters, digits and punctuation are read as half-width ones.
        pieces: All units at the position that is their id, the four special ones first.
    """

    kind: UnitKind
    lowercase: bool
    narrow: bool
    pieces: list[str]

    def __len__(self) -> int: ...

    def encode(self, text: str) -> list[int]:
        """Ids of a text, without begin and end; empty for a text of white space."""

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        """Ids of many texts."""

    def cut(self, text: str) -> list[str]:
        """What stands behind each id of ``encode``; unlike ``tokens`` it gives unknown ones as they are written."""

    def decode(self, ids: Iterable[int]) -> str:
        """A readable text; padding, begin and end are left out, unknown units are written as ``<unk>``.

        Raises:
            IndexError: there is no such id.
        """

    def join(self, tokens: Sequence[str]) -> str:
        """Tokens as ``cut`` gives them -> a readable text."""

    def tokens(self, ids: Iterable[int]) -> list[str]:
        """One piece for each id, to be shown; ▁ marks a space, with which words of byte-pair units begin."""

    def to_json(self) -> str:
        """JSON text that any program can read; ``units_from_json`` reads it."""


class _Listed:
    """Units that are a tokenizer's tokens."""

    kind: UnitKind

    def __init__(self, pieces: Sequence[str], lowercase: bool, words: str, narrow: bool) -> None:
        self.pieces, self.lowercase, self.narrow = list(pieces), lowercase, narrow
        self._cut: Tokenizer = tokenizer(words, lowercase, narrow)
        self._ids = {piece: number for number, piece in enumerate(self.pieces) if number >= len(SPECIAL)}

    def __len__(self) -> int:
        return len(self.pieces)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Listed) and self._values() == other._values()

    __hash__ = None  # type: ignore[assignment]

    def encode(self, text: str) -> list[int]:
        ids = self._ids
        return [ids.get(token, UNKNOWN_ID) for token in self._cut(text)]

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        return [self.encode(text) for text in texts]

    def cut(self, text: str) -> list[str]:
        return [MARK if token == " " else token for token in self._cut(text)]

    def decode(self, ids: Iterable[int]) -> str:
        return self._join(written(self.pieces, ids))

    def join(self, tokens: Sequence[str]) -> str:
        return self._join([" " if token == MARK else token for token in tokens])

    def tokens(self, ids: Iterable[int]) -> list[str]:
        return [MARK if piece == " " else piece for piece in pieces_of(self.pieces, ids)]

    def to_json(self) -> str:
        return as_json(self._values())

    def _values(self) -> dict[str, Any]:
        values = {"format": FORMAT, "kind": self.kind, "lowercase": self.lowercase, "tokens": self.pieces}
        return {**values, "narrow": True} if self.narrow else values

    def _join(self, tokens: list[str]) -> str:
        return self._cut.join(tokens).strip()


class Words(_Listed):
    """Whole words, cut by one of the tokenizers of ``tokenize``.

    Writing without spaces wants characters, or Chinese words.
    """

    kind: UnitKind = "word"

    def __init__(self, pieces: Sequence[str], lowercase: bool, words: str = "treebank", narrow: bool = False) -> None:
        super().__init__(pieces, lowercase, words, narrow)
        self.words = words
        self._detokenize: Callable[[list[str]], str] | None = None

    @classmethod
    def train(
        cls,
        texts: Iterable[str],
        size: int,
        *,
        lowercase: bool = False,
        min_count: int = 1,
        words: str = "treebank",
        narrow: bool = False,
    ) -> Self:
        """The most frequent words, ties in the order of their characters."""
        return cls(_frequent(texts, tokenizer(words, lowercase, narrow), size, min_count), lowercase, words, narrow)

    def _values(self) -> dict[str, Any]:
        return {**super()._values(), "words": self.words}

    def _join(self, tokens: list[str]) -> str:
        if self.words not in {"treebank", "toktok"}:
            return super()._join(tokens)
        if self._detokenize is None:
            from nltk.tokenize.treebank import TreebankWordDetokenizer

            self._detokenize = TreebankWordDetokenizer().detokenize
        text = self._detokenize(tokens)
        return text if text.isascii() else _quoted(text)


class Characters(_Listed):
    """Single characters; a run of white space is one space."""

    kind: UnitKind = "character"

    def __init__(self, pieces: Sequence[str], lowercase: bool, narrow: bool = False) -> None:
        super().__init__(pieces, lowercase, "character", narrow)

    @classmethod
    def train(
        cls, texts: Iterable[str], size: int, *, lowercase: bool = False, min_count: int = 1, narrow: bool = False
    ) -> Self:
        """The most frequent characters, ties in their order."""
        return cls(_frequent(texts, tokenizer("character", lowercase, narrow), size, min_count), lowercase, narrow)


def _quoted(text: str) -> str:
    """A text without the spaces that NLTK leaves inside of quotation marks that are not ASCII: “ opens English ones and
    closes German ones."""
    opening, closing = ("„‚«", "“‘»") if "„" in text else ("“‘«", "”»")
    text = re.sub(rf"(?<=[{opening}]) ", "", text)
    return re.sub(rf" (?=[{closing}])", "", text)


def _frequent(texts: Iterable[str], cut: Tokenizer, size: int, min_count: int) -> list[str]:
    counts: Counter[str] = Counter()
    if (count := getattr(cut, "count", None)) is not None:
        counts = count(texts)  # the quick way of those that have one
    else:
        for text in texts:
            counts.update(cut(text))
    kept = [(-count, token) for token, count in counts.items() if count >= min_count and token not in SPECIAL]
    return [*SPECIAL, *(token for _, token in sorted(kept)[: max(0, size)])]


def pieces_of(pieces: list[str], ids: Iterable[int]) -> list[str]:
    """The units of ids. Raises IndexError when there is none."""
    found = []
    for number in ids:
        if number < 0:
            raise IndexError(f"no unit has the id {number}")
        found.append(pieces[int(number)])
    return found


def written(pieces: list[str], ids: Iterable[int]) -> list[str]:
    """The units of ids that stand for text."""
    return pieces_of(pieces, (number for number in ids if number not in {PADDING_ID, BEGIN_ID, END_ID}))


def as_json(values: dict[str, Any]) -> str:
    """Values as ``to_json`` writes them."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))
