"""Texts to numbers and back, for tasks that write text: byte-pair units, and units of any kind by name."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Self

from lstm_studio.data.tokenize import NAMES
from lstm_studio.data.units import (
    BEGIN_ID,
    END_ID,
    FORMAT,
    KINDS,
    MARK,
    PADDING_ID,
    SPECIAL,
    UNKNOWN,
    UNKNOWN_ID,
    Characters,
    UnitKind,
    Units,
    Words,
    as_json,
    pieces_of,
    written,
)
from lstm_studio.data.width import narrow as narrowed
from lstm_studio.errors import StudioError

if TYPE_CHECKING:
    import tokenizers

__all__ = [
    "BEGIN_ID",
    "END_ID",
    "KINDS",
    "MARK",
    "PADDING_ID",
    "SPECIAL",
    "UNKNOWN_ID",
    "BytePairs",
    "Characters",
    "UnitKind",
    "Units",
    "Words",
    "train_sides",
    "train_units",
    "units_from_json",
]

_SURROGATE = re.compile("[\ud800-\udfff]")
_WIDE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
"""Characters of writing without spaces, and its punctuation."""
_HAN = r"\p{Han}\p{Hiragana}\p{Katakana}ー"
_LETTERS = rf"[\p{{L}}\p{{M}}&&[^{_HAN}]]"
# A word with its apostrophes, a run of Chinese, a number, or one mark; each with the space before it. Cut so, no piece
# spells out a special token, and the pieces of a text put side by side are the text.
_PIECES = rf"▁?{_LETTERS}+(?:['’]{_LETTERS}+)*|▁?[{_HAN}]+|▁?\p{{N}}+|▁?[^▁\p{{L}}\p{{M}}\p{{N}}]|▁"


def train_units(
    kind: UnitKind,
    texts: Iterable[str],
    size: int,
    *,
    lowercase: bool = False,
    min_count: int = 1,
    words: str = "treebank",
    narrow: bool = False,
) -> Units:
    """Units of some texts; the same texts give the same units, in any order of threads and on any machine.

    Args:
        kind: "bpe", "word" or "character".
        texts: What is learned from.
        size: At most this many units besides the four special ones.
        lowercase: Whether capitals are given up.
        min_count: Words, characters and pairs that are rarer than this do not become units.
        words: How words are cut, one of ``tokenize.NAMES``; of no account for the other kinds.
        narrow: Whether full-width letters, digits and punctuation are read as half-width ones.

    Raises:
        StudioError: there is no such kind.
    """
    match kind:
        case "bpe":
            return BytePairs.train(texts, size, lowercase=lowercase, min_count=min_count, narrow=narrow)
        case "word":
            return Words.train(texts, size, lowercase=lowercase, min_count=min_count, words=words, narrow=narrow)
        case "character":
            return Characters.train(texts, size, lowercase=lowercase, min_count=min_count, narrow=narrow)
    raise StudioError(f"There are no units called {kind!r}", todo=f"Choose one of {', '.join(KINDS)}")


def train_sides(
    kind: UnitKind,
    sources: Sequence[str],
    targets: Sequence[str],
    size: int,
    *,
    joint: bool = False,
    lowercase: bool = False,
    min_count: int = 1,
    words: str = "treebank",
    narrow: bool = False,
) -> tuple[Units, Units]:
    """Units of the sources and of the targets; with ``joint`` one and the same object for both, learned from all texts,
    so that both sides can share their vectors.
    """

    def learned(texts: Sequence[str]) -> Units:
        return train_units(kind, texts, size, lowercase=lowercase, min_count=min_count, words=words, narrow=narrow)

    if joint:
        both = learned([*sources, *targets])
        return both, both
    one, other = learned(sources), learned(targets)
    return one, other


def read_values(text: str, where: str) -> dict[str, Any]:
    """The object that any units write.

    Raises:
        StudioError: the text is damaged, or of another version.
    """
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _damaged(where, f"It is not JSON: {error}") from None
    if not isinstance(values, dict):
        raise _damaged(where, "It is no object")
    if values.get("format") != FORMAT:
        raise StudioError(
            "The units were written by another version of LSTM Studio", where=where, todo="Update LSTM Studio"
        )
    return values


def units_from_json(text: str, where: str = "vocabulary.json") -> Units:
    """Read what ``to_json`` wrote.

    Raises:
        StudioError: the text is damaged, or of another version.
    """
    values = read_values(text, where)
    pieces, lowercase = values.get("tokens"), values.get("lowercase")
    if not isinstance(pieces, list) or not all(isinstance(piece, str) for piece in pieces):
        raise _damaged(where, "It holds no list of tokens")
    if tuple(pieces[:4]) != SPECIAL or len(set(pieces)) != len(pieces):
        raise _damaged(where, f"Its tokens must differ and begin with {' '.join(SPECIAL)}")
    if not isinstance(lowercase, bool):
        raise _damaged(where, "It does not say whether texts are in lower case")
    narrow = values.get("narrow", False) is True
    match values.get("kind"):
        case "bpe":
            return BytePairs(pieces, _merges(values.get("merges"), pieces, where), lowercase, narrow)
        case "word" if values.get("words") in NAMES:
            return Words(pieces, lowercase, values["words"], narrow)
        case "character":
            return Characters(pieces, lowercase, narrow)
    raise _damaged(where, f"It holds units called {values.get('kind')!r}")


# -- byte pairs ------------------------------------------------------------------------------------------------


class BytePairs:
    """Pieces of words that occur often, put together from characters pair by pair (Sennrich, Haddow and Birch 2016,
    "Neural Machine Translation of Rare Words with Subword Units").

    ``decode(encode(text))`` is the text in Unicode's composed form with single spaces, as long as all its characters
    are known.

    Args:
        pieces: The special tokens, the characters, then what each merge makes.
        merges: Pairs of pieces in the order in which they are put together.
        lowercase: Whether texts lose their capitals.
        narrow: Whether full-width letters, digits and punctuation are read as half-width ones.
    """

    kind: UnitKind = "bpe"

    def __init__(
        self, pieces: Sequence[str], merges: Sequence[tuple[str, str]], lowercase: bool, narrow: bool = False
    ) -> None:
        self.pieces, self.merges, self.lowercase, self.narrow = list(pieces), list(merges), lowercase, narrow
        self._model: tokenizers.Tokenizer | None = None

    @classmethod
    def train(
        cls, texts: Iterable[str], size: int, *, lowercase: bool = False, min_count: int = 1, narrow: bool = False
    ) -> Self:
        """Learn the pieces: the characters, then the most frequent pairs until there are ``size``."""
        prepared = [_prepared(text, lowercase, narrow) for text in texts]
        counts: Counter[str] = Counter()
        for text in prepared:
            counts.update(text)
        counts[MARK] += len(prepared) + 1
        # The library's own limit keeps any of several equally rare characters; here it is always the same ones.
        order = sorted(counts, key=lambda character: (-counts[character], character))
        rare = [ch for place, ch in enumerate(order) if ch != MARK and (place >= size or counts[ch] < min_count)]
        if rare:
            pattern = re.compile(f"[{re.escape(''.join(rare))}]")
            prepared = [pattern.sub(MARK, text) for text in prepared]
        library = _library()
        model = _model(library, {piece: number for number, piece in enumerate(SPECIAL)}, [])
        trainer = library.trainers.BpeTrainer(
            vocab_size=size + len(SPECIAL),
            min_frequency=max(1, min_count),
            special_tokens=[*SPECIAL],
            show_progress=False,
        )
        model.train_from_iterator(prepared, trainer, length=len(prepared))
        learned = json.loads(model.to_str())["model"]
        merges = [(one, other) for one, other in learned["merges"]]
        return cls(sorted(learned["vocab"], key=learned["vocab"].__getitem__), merges, lowercase, narrow)

    def __len__(self) -> int:
        return len(self.pieces)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BytePairs) and self._values() == other._values()

    __hash__ = None  # type: ignore[assignment]

    def encode(self, text: str) -> list[int]:
        return self.encode_batch([text])[0]

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        found = self._tokenizer().encode_batch_fast([_prepared(text, self.lowercase, self.narrow) for text in texts])
        return [each.ids for each in found]

    def cut(self, text: str) -> list[str]:
        prepared = _prepared(text, self.lowercase, self.narrow)
        return [prepared[start:end] for start, end in self._tokenizer().encode(prepared).offsets]

    def decode(self, ids: Iterable[int]) -> str:
        return self.join(written(self.pieces, ids))

    def join(self, tokens: Sequence[str]) -> str:
        return "".join(tokens).replace(MARK, " ").strip()

    def _tokenizer(self) -> tokenizers.Tokenizer:
        if self._model is None:
            # Built of the model alone, without special tokens: a text that spells out </s> does not end there.
            ids = {piece: number for number, piece in enumerate(self.pieces)}
            self._model = _model(_library(), ids, self.merges)
        return self._model

    def tokens(self, ids: Iterable[int]) -> list[str]:
        return pieces_of(self.pieces, ids)

    def to_json(self) -> str:
        return as_json(self._values())

    def _values(self) -> dict[str, Any]:
        values: dict[str, Any] = {
            "format": FORMAT,
            "kind": self.kind,
            "lowercase": self.lowercase,
            "tokens": self.pieces,
        }
        values["merges"] = [list(merge) for merge in self.merges]
        return {**values, "narrow": True} if self.narrow else values


def _library() -> Any:
    """Hugging Face tokenizers, imported when the first text needs it. It reads and writes nothing outside of memory."""
    # One thread is fast enough, leaves the others to the network, and cannot hang in a process that was forked.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import tokenizers
    import tokenizers.models
    import tokenizers.pre_tokenizers
    import tokenizers.trainers

    return tokenizers


def _model(library: Any, ids: dict[str, int], merges: list[tuple[str, str]]) -> tokenizers.Tokenizer:
    model: tokenizers.Tokenizer = library.Tokenizer(
        library.models.BPE(vocab=ids, merges=merges, unk_token=UNKNOWN, fuse_unk=True)
    )
    model.pre_tokenizer = library.pre_tokenizers.Split(library.Regex(_PIECES), "isolated")
    return model


def _prepared(text: str, lowercase: bool, narrow: bool) -> str:
    """A text with ▁ for its spaces and one before its first word; Chinese begins without, for no word of it does."""
    if narrow:
        text = narrowed(text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", _SURROGATE.sub("\ufffd", text)).replace(MARK, "_")
    if lowercase:
        text = text.lower()
    text = MARK.join(text.split())
    return text if not text or _WIDE.match(text) else MARK + text


def _merges(merges: object, pieces: list[str], where: str) -> list[tuple[str, str]]:
    known = set(pieces)
    found: list[tuple[str, str]] = []
    for merge in merges if isinstance(merges, list) else [None]:
        if not (isinstance(merge, list) and len(merge) == 2 and all(isinstance(part, str) for part in merge)):
            raise _damaged(where, "It holds no list of pairs to merge")
        if not {*merge, "".join(merge)} <= known:
            raise _damaged(where, f"It merges {merge[0]!r} and {merge[1]!r}, which are not all among its tokens")
        found.append((merge[0], merge[1]))
    return found


def _damaged(where: str, why: str) -> StudioError:
    return StudioError("The units are damaged", where=where, why=why)
