"""Units of running text, in which line ends count: characters kept to the letter, and words or pieces of words by line.

They keep the protocol of ``data.units``; what stands for a line's end is part of them.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, Protocol, Self

import numpy as np

from lstm_studio.data.progress import Progress, silent
from lstm_studio.data.subwords import BytePairs, read_values, units_from_json
from lstm_studio.data.text_blocks import AT_ONCE, BLOCK, blocks, line_parts, points
from lstm_studio.data.tokenize import characters, read_as
from lstm_studio.data.units import (
    END_ID,
    FORMAT,
    MARK,
    SPECIAL,
    UNKNOWN_ID,
    UnitKind,
    Units,
    Words,
    as_json,
    pieces_of,
    written,
)
from lstm_studio.errors import StudioError

LineEnd = Literal["\n", "</s>"]
NEWLINE: Literal["\n"] = "\n"
_SHOWN = {" ": MARK, NEWLINE: "\u21b5", "\t": "\u21e5"}
"""How white space is shown as a piece: ▁ ↵ ⇥."""
_SURROGATES = slice(0xD800, 0xE000)
_POINTS = 0x110000
_LINES_AT_ONCE = 1_000
_LEARNED_FROM = 20_000_000
"""Characters that pieces of words are learned from at most, evenly chosen line by line."""


def shown(piece: str) -> str:
    """A piece as people see it: white space by its sign."""
    return _SHOWN.get(piece, piece)


class TextUnits(Units, Protocol):
    """What running text is cut into. ``encode`` gives an id for every line end."""

    @property
    def line_id(self) -> int | None:
        """What stands for a line's end: ``END_ID`` where each line is a text of its own, None where none is known."""

    def blocks(self, text: str) -> Iterator[tuple[np.ndarray, int]]:
        """``encode`` for long texts: the ids piece by piece, int32, and how many characters are done."""


class ExactCharacters:
    """Every character is a unit, with line ends, tabs and every space. ``decode(encode(text))`` is the text to the
    last character, as long as all of them are known. An emoji of several code points is as many units.

    Args:
        pieces: The special tokens, then the characters.
        lowercase: Whether texts lose their capitals.
        narrow: Whether full-width letters, digits and punctuation are read as half-width ones.
    """

    kind: UnitKind = "character"

    def __init__(self, pieces: Sequence[str], lowercase: bool, narrow: bool = False) -> None:
        self.pieces, self.lowercase, self.narrow = list(pieces), lowercase, narrow
        points = np.array([ord(piece) for piece in self.pieces[len(SPECIAL) :]], np.int64)
        self._table: np.ndarray = np.full(_POINTS, UNKNOWN_ID, np.int32)
        self._table[points] = np.arange(len(SPECIAL), len(self.pieces))
        self._table[_SURROGATES] = self._table[0xFFFD]
        self.line_id: int | None = int(self._table[ord(NEWLINE)])
        if self.line_id == UNKNOWN_ID:
            self.line_id = None

    @classmethod
    def train(
        cls,
        texts: Iterable[str],
        size: int,
        *,
        lowercase: bool = False,
        min_count: int = 1,
        narrow: bool = False,
        progress: Progress = silent,
    ) -> Self:
        """The most frequent characters, ties in the order of their code points."""
        counts = np.zeros(_POINTS, np.int64)
        seen = 0
        for block in blocks(texts):
            counts += np.bincount(points(read_as(block, lowercase, narrow)), minlength=_POINTS)
            seen += len(block)
            progress(-1.0, f"Learning the characters: {seen:,} read")
        counts[0xFFFD] += int(counts[_SURROGATES].sum())
        counts[_SURROGATES] = 0
        found = np.flatnonzero(counts >= max(1, min_count))
        order = found[np.argsort(-counts[found], kind="stable")][: max(0, size)]
        return cls([*SPECIAL, *map(chr, order.tolist())], lowercase, narrow)

    def __len__(self) -> int:
        return len(self.pieces)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ExactCharacters) and self._values() == other._values()

    __hash__ = None  # type: ignore[assignment]

    def blocks(self, text: str) -> Iterator[tuple[np.ndarray, int]]:
        for start in range(0, len(text), BLOCK):
            block = text[start : start + BLOCK]
            yield self._table[points(read_as(block, self.lowercase, self.narrow))], start + len(block)

    def encode(self, text: str) -> list[int]:
        return _together(self.blocks(text))

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        return [self.encode(text) for text in texts]

    def cut(self, text: str) -> list[str]:
        """The characters themselves: a space is a space here, so that ``join`` gives the text."""
        return characters(text, self.lowercase, self.narrow)

    def decode(self, ids: Iterable[int]) -> str:
        return self.join(written(self.pieces, ids))

    def join(self, tokens: Sequence[str]) -> str:
        return "".join(tokens)

    def tokens(self, ids: Iterable[int]) -> list[str]:
        return [shown(piece) for piece in pieces_of(self.pieces, ids)]

    def to_json(self) -> str:
        return as_json(self._values())

    def _values(self) -> dict[str, Any]:
        values = {"format": FORMAT, "text": "exact", "lowercase": self.lowercase, "tokens": self.pieces}
        return {**values, "narrow": True} if self.narrow else values


class LineUnits:
    """Units of single lines, with a unit for the line's end between them.

    Blank lines are kept, so paragraphs are; inside of a line white space is as the units leave it.

    Args:
        units: What a line is cut into.
        line_end: "\\n" for a unit of its own, the last one; "</s>" where a line's end is the end of a text, as in the
            preprocessed Penn Treebank, whose lines are sentences.
    """

    def __init__(self, units: Units, line_end: LineEnd = NEWLINE) -> None:
        self.units, self.line_end = units, line_end
        self.kind: UnitKind = units.kind
        self.lowercase, self.narrow = units.lowercase, units.narrow
        own = line_end == NEWLINE
        self.pieces = [*units.pieces, NEWLINE] if own else list(units.pieces)
        self.line_id: int = len(units) if own else END_ID

    def __len__(self) -> int:
        return len(self.pieces)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LineUnits) and self.line_end == other.line_end and self.units == other.units

    __hash__ = None  # type: ignore[assignment]

    def blocks(self, text: str) -> Iterator[tuple[np.ndarray, int]]:
        held: list[str] = []
        ended: list[bool] = []
        size = 0
        for part, ends, place in line_parts(text):
            held.append(part)
            ended.append(ends)
            size += len(part)
            if len(held) >= _LINES_AT_ONCE or size >= AT_ONCE:
                yield self._encoded(held, ended), place
                held, ended, size = [], [], 0
        if held:
            yield self._encoded(held, ended), len(text)

    def _encoded(self, parts: list[str], ended: list[bool]) -> np.ndarray:
        found = array("i")
        for ids, ends in zip(self.units.encode_batch(parts), ended, strict=True):
            found.extend(ids)
            if ends:
                found.append(self.line_id)
        return np.array(found, np.int32)

    def encode(self, text: str) -> list[int]:
        return _together(self.blocks(text))

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        return [self.encode(text) for text in texts]

    def cut(self, text: str) -> list[str]:
        found: list[str] = []
        for part, ends, _ in line_parts(text):
            found += self.units.cut(part)
            if ends:
                found.append(NEWLINE)
        return found

    def decode(self, ids: Iterable[int]) -> str:
        lines: list[list[int]] = [[]]
        for number in ids:
            if number == self.line_id:
                lines.append([])
            else:
                lines[-1].append(number)
        return NEWLINE.join(map(self.units.decode, lines))

    def join(self, tokens: Sequence[str]) -> str:
        lines: list[list[str]] = [[]]
        for token in tokens:
            if token == NEWLINE:
                lines.append([])
            else:
                lines[-1].append(token)
        return NEWLINE.join(map(self.units.join, lines))

    def tokens(self, ids: Iterable[int]) -> list[str]:
        return [_SHOWN[NEWLINE] if piece == NEWLINE else piece for piece in pieces_of(self.pieces, ids)]

    def to_json(self) -> str:
        inner = json.loads(self.units.to_json())
        return as_json({"format": FORMAT, "text": "lines", "line_end": self.line_end, "units": inner})


def train_text_units(
    kind: UnitKind,
    texts: Sequence[str],
    size: int,
    *,
    lowercase: bool = False,
    min_count: int = 1,
    words: str = "treebank",
    narrow: bool = False,
    line_end: LineEnd = NEWLINE,
    progress: Progress = silent,
) -> TextUnits:
    """Units of running text.

    Args:
        kind: "bpe", "word" or "character".
        texts: Documents of the training part.
        size: At most this many units, the special ones and the line's end not counted.
        lowercase: Whether capitals are given up.
        min_count: Words, characters and pairs that are rarer than this do not become units.
        words: How words are cut, one of ``tokenize.NAMES``: "whitespace" for text that is in tokens already. For words.
        narrow: Whether full-width letters, digits and punctuation are read as half-width ones.
        line_end: See ``LineUnits``; of no account for characters.
        progress: Told how far it is, as far as it is known; may raise ``Cancelled``.

    Raises:
        StudioError: there is no such kind, or nothing that could be learned.
    """
    found: TextUnits
    match kind:
        case "character":
            found = ExactCharacters.train(
                texts, size, lowercase=lowercase, min_count=min_count, narrow=narrow, progress=progress
            )
        case "word":
            told = _told((part for text in texts for part, _, _ in line_parts(text)), "Learning the words", progress)
            trained = Words.train(told, size, lowercase=lowercase, min_count=min_count, words=words, narrow=narrow)
            found = LineUnits(trained, line_end)
        case "bpe":
            lines = list(_told(_chosen(texts), "Learning the pieces of words", progress))
            pairs = BytePairs.train(lines, size, lowercase=lowercase, min_count=min_count, narrow=narrow)
            found = LineUnits(pairs, line_end)
        case _:
            raise StudioError(f"There are no units called {kind!r}", todo="Choose bpe, word or character")
    if len(found) <= len(SPECIAL) + (isinstance(found, LineUnits) and line_end == NEWLINE):
        raise StudioError(
            "The text holds nothing that could be learned",
            why=f"None of its words or characters occurs {min_count} times or more",
            todo="Add more text, or allow rarer tokens (data.min_count)",
        )
    return found


def text_units_from_json(text: str, where: str = "vocabulary.json") -> TextUnits:
    """Read what ``to_json`` wrote.

    Raises:
        StudioError: the text is damaged, or of another version.
    """
    values = read_values(text, where)
    if values.get("text") == "lines" and values.get("line_end") in {NEWLINE, SPECIAL[END_ID]}:
        return LineUnits(units_from_json(json.dumps(values.get("units")), where), values["line_end"])
    if values.get("text") != "exact":
        raise _damaged(where, "It does not say how running text is cut")
    pieces, lowercase = values.get("tokens"), values.get("lowercase")
    if not isinstance(pieces, list) or tuple(pieces[:4]) != SPECIAL or not isinstance(lowercase, bool):
        raise _damaged(where, f"It holds no list of tokens that begins with {' '.join(SPECIAL)}")
    characters = pieces[len(SPECIAL) :]
    if not all(isinstance(piece, str) and len(piece) == 1 for piece in characters):
        raise _damaged(where, "It holds tokens that are no characters")
    if len(set(characters)) != len(characters):
        raise _damaged(where, "It holds a character twice")
    return ExactCharacters(pieces, lowercase, values.get("narrow", False) is True)


def _together(blocks: Iterable[tuple[np.ndarray, int]]) -> list[int]:
    return [number for ids, _ in blocks for number in ids.tolist()]


def _chosen(texts: Sequence[str]) -> Iterator[str]:
    """Lines of texts, evenly chosen where there are very many."""
    step = max(1, -(-sum(map(len, texts)) // _LEARNED_FROM))
    every = (part for text in texts for part, _, _ in line_parts(text) if part and not part.isspace())
    return (line for number, line in enumerate(every) if number % step == 0)


def _told(lines: Iterable[str], doing: str, progress: Progress) -> Iterator[str]:
    seen = told = 0
    for line in lines:
        yield line
        seen += len(line)
        if seen - told > AT_ONCE:
            told = seen
            progress(-1.0, f"{doing}: {seen:,} characters read")


def _damaged(where: str, why: str) -> StudioError:
    return StudioError("The units are damaged", where=where, why=why)
