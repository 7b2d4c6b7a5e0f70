"""Texts to tokens: NLTK's tokenizers that need no download, Chinese words, characters, and plain spaces.

The NLTK tokenizers are fast on a sentence and slow, or stopped by a time limit, on a book; they also expect one
sentence at a time. Here a text is first cut at white space, and each piece goes through NLTK once and is remembered:
language repeats itself, so nearly all pieces cost one look-up. NLTK is imported when the first piece needs it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import chain
from typing import Protocol

from lstm_studio.data.width import narrow as narrowed
from lstm_studio.errors import StudioError

NAMES = ("treebank", "wordpunct", "tweet", "toktok", "chinese words", "character", "whitespace")

_LONGEST_PIECE = 1000
"""Characters. A longer run without white space is cut, so that no pattern can take quadratic time on it."""
_REMEMBERED = 200_000
_REMEMBERED_LENGTH = 48

_SURROGATE = re.compile("[\ud800-\udfff]")
_RUN = re.compile(r"\S+")
_WORDPUNCT = re.compile(r"\w+|[^\w\s]+")  # the pattern of nltk.tokenize.WordPunctTokenizer
# A base character keeps its combining marks, variation selector, skin tone, and what a joiner ties to it.
MARKS = "\u0300-\u036f\u0591-\u05bd\u064b-\u0655\u20d0-\u20ff\u3099\u309a\ufe00-\ufe0f\U0001f3fb-\U0001f3ff"
_CHARACTER = re.compile(rf"\s+|\S(?:[{MARKS}]|\u200d\S)*")

_SENTENCE_END = re.compile(r"""(?:^|[^\W\d_]{2}|[)\]}"'»”’%]|\d)\.[)\]}>"'»”’]*$""")
_ABBREVIATED = """
    mr mrs ms dr prof rev gen col capt lt sgt sen rep gov pres hon st sr jr messrs mme mlle vs etc eg ie cf al inc corp
    ltd co bros dept univ approx est nos vol fig figs pp ed eds jan feb mar apr jun jul aug sep sept oct nov dec mt
    ave blvd rd ft oz lb lbs min sec hr hrs
"""
_ABBREVIATIONS = frozenset(_ABBREVIATED.split())
_SIMPLE = {
    "treebank": re.compile(r"([A-Za-z0-9]+(?:-[A-Za-z0-9]+)*)([,;?!])?"),
    "toktok": re.compile(r"([A-Za-z0-9]+)([,;?!])?"),
    "tweet": re.compile(r"([A-Za-z]+)([,?!])?"),  # 8) and d; are emoticons
}
"""Pieces of which it is sure what NLTK makes; asking it costs a hundred times as much."""
_SIMPLE_END = re.compile(r"([A-Za-z0-9]{2,})(\.)")
_SPLIT_WORDS = frozenset(["cannot", "gimme", "gonna", "gotta", "lemme", "wanna"])


class Tokenizer(Protocol):
    """A tokenizer of any kind. None of the three ever fails or takes more than linear time, whatever the text."""

    name: str
    lowercase: bool

    def __call__(self, text: str) -> list[str]:
        """The tokens of a text; at least one if the text holds anything but white space."""

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Start and end in ``text`` of each token, in order, without overlap."""

    def join(self, tokens: Iterable[str]) -> str:
        """A readable text of tokens; not always the original one."""


def tokenizer(name: str, lowercase: bool = False, narrow: bool = False) -> Tokenizer:
    """The tokenizer of that name.

    Args:
        name: One of ``NAMES``.
        lowercase: Tokens in lower case (the tweet tokenizer spares emoticons such as :D).
        narrow: Full-width letters, digits and punctuation are read as half-width ones; spans are those of the text.

    Raises:
        StudioError: there is none of that name.
    """
    if narrow:
        return _NarrowTokenizer(tokenizer(name, lowercase))
    match name:
        case "treebank" | "toktok" | "tweet":
            return _NltkTokenizer(name, lowercase)
        case "chinese words":
            from lstm_studio.data.chinese import ChineseTokenizer

            return ChineseTokenizer(lowercase)
        case "wordpunct":
            return _PatternTokenizer(name, lowercase, _WORDPUNCT)
        case "whitespace":
            return _PatternTokenizer(name, lowercase, _RUN)
        case "character":
            return _CharacterTokenizer(name, lowercase)
    raise StudioError(f"There is no tokenizer called {name!r}", todo=f"Choose one of {', '.join(NAMES)}")


def clean(text: str) -> str:
    """Lone surrogates cannot be written to any file; each becomes the replacement character, positions unchanged."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def read_as(text: str, lowercase: bool, narrow: bool) -> str:
    """A text as its characters are read."""
    text = narrowed(text) if narrow else text
    return text.lower() if lowercase else text


def characters(text: str, lowercase: bool, narrow: bool) -> list[str]:
    """Every code point of a text, white space too, as it is read."""
    return list(read_as(text, lowercase, narrow))


class _NarrowTokenizer:
    """Another tokenizer, on texts of half-width forms: they are as long as the original ones."""

    def __init__(self, inner: Tokenizer) -> None:
        self.name, self.lowercase = inner.name, inner.lowercase
        self._inner = inner

    def __call__(self, text: str) -> list[str]:
        return self._inner(narrowed(text))

    def spans(self, text: str) -> list[tuple[int, int]]:
        return self._inner.spans(narrowed(text))

    def join(self, tokens: Iterable[str]) -> str:
        return self._inner.join(tokens)


class _PatternTokenizer:
    """Tokens are what one pattern finds."""

    def __init__(self, name: str, lowercase: bool, pattern: re.Pattern[str]) -> None:
        self.name, self.lowercase = name, lowercase
        self._pattern = pattern

    def __call__(self, text: str) -> list[str]:
        text = clean(text)
        found: list[str] = self._pattern.findall(text)
        # Lower case comes last: it may change a text's length, and so the spans.
        return [token.lower() for token in found] if self.lowercase else found

    def spans(self, text: str) -> list[tuple[int, int]]:
        return [match.span() for match in self._pattern.finditer(clean(text))]

    def join(self, tokens: Iterable[str]) -> str:
        return " ".join(tokens) if self.name == "whitespace" else join_words(tokens)


class _CharacterTokenizer:
    """Every character is a token; a run of white space inside the text is one token, a space."""

    def __init__(self, name: str, lowercase: bool) -> None:
        self.name, self.lowercase = name, lowercase

    def __call__(self, text: str) -> list[str]:
        text = " ".join(clean(text).split())
        if self.lowercase:
            text = text.lower()
        return list(text) if text.isascii() else _CHARACTER.findall(text)

    def spans(self, text: str) -> list[tuple[int, int]]:
        text = clean(text)
        start = len(text) - len(text.lstrip())
        spans = [match.span() for match in _CHARACTER.finditer(text, start, len(text.rstrip()))]
        if not self.lowercase or text.isascii():
            return spans
        # A few characters become several in lower case (İ); those that are tokens of their own share the span.
        return [span for span in spans for _ in range(max(1, self._count(text[span[0] : span[1]])))]

    def _count(self, character: str) -> int:
        return len(_CHARACTER.findall(character.lower()))

    def join(self, tokens: Iterable[str]) -> str:
        return "".join(tokens)


class _Memory(dict[str, tuple]):
    """Answers of a function of one piece of text; emptied when it grows too large."""

    def __init__(self, function: Callable[[str], tuple]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, piece: str) -> tuple:
        answer = self._function(piece)
        if len(piece) <= _REMEMBERED_LENGTH:
            if len(self) >= _REMEMBERED:
                self.clear()
            self[piece] = answer
        return answer


class _NltkTokenizer:
    """Treebank, Toktok and tweet tokens of pieces without white space.

    Within a text, a full stop is split off where a sentence ends: not after an abbreviation or an initial.
    """

    def __init__(self, name: str, lowercase: bool) -> None:
        self.name, self.lowercase = name, lowercase
        self._inner = _Memory(lambda piece: self._tokens(piece, last=False))
        self._last = _Memory(lambda piece: self._tokens(piece, last=True))
        self._inner_spans = _Memory(lambda piece: self._aligned(piece, last=False))
        self._functions: tuple[Callable[[str], list[str]], Callable[[str], list[str]]] | None = None

    def __call__(self, text: str) -> list[str]:
        pieces = clean(text).split()
        if not pieces:
            return []
        last = pieces.pop()
        tokens = list(chain.from_iterable(map(self._inner.__getitem__, pieces)))
        tokens.extend(self._last[last])
        return tokens

    def count(self, texts: Iterable[str]) -> Counter[str]:
        """How often each token occurs in all texts together: each different piece is cut once."""
        inner: Counter[str] = Counter()
        last: Counter[str] = Counter()
        for text in texts:
            if pieces := clean(text).split():
                last[pieces.pop()] += 1
                inner.update(pieces)
        found: Counter[str] = Counter()
        for pieces_of, cut in ((inner, self._inner), (last, self._last)):
            for piece, count in pieces_of.items():
                for token in cut[piece]:
                    found[token] += count
        return found

    def spans(self, text: str) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        runs = [match.span() for match in _RUN.finditer(clean(text))]
        text = clean(text)
        for number, (start, end) in enumerate(runs, 1):
            piece = text[start:end]
            local = self._aligned(piece, last=True) if number == len(runs) else self._inner_spans[piece]
            found.extend((start + a, start + b) for a, b in local)
        return found

    def join(self, tokens: Iterable[str]) -> str:
        return join_words(tokens)

    def _tokens(self, piece: str, last: bool) -> tuple[str, ...]:
        if len(piece) > _LONGEST_PIECE:
            parts = _parts(piece)
            return tuple(chain.from_iterable(self._tokens(part, last and part is parts[-1]) for part in parts))
        tokens = self._split(piece, last, raw=False)
        if self.lowercase and self.name != "tweet":
            tokens = [token.lower() for token in tokens]
        return tuple(tokens)

    def _aligned(self, piece: str, last: bool) -> tuple[tuple[int, int], ...]:
        found: list[tuple[int, int]] = []
        start = 0
        parts = _parts(piece)
        for part in parts:
            tokens = self._split(part, last and part is parts[-1], raw=True)
            found.extend((start + a, start + b) for a, b in _align(tokens, part))
            start += len(part)
        return tuple(found)

    def _split(self, piece: str, last: bool, raw: bool) -> list[str]:
        """NLTK's tokens of one piece, never none."""
        ends = last or _ends_sentence(piece)
        simple = _SIMPLE[self.name].fullmatch(piece) or (
            _SIMPLE_END.fullmatch(piece) if ends and self.name != "tweet" else None
        )
        if simple and _SPLIT_WORDS.isdisjoint(simple[1].lower().split("-")):
            tokens = [simple[1], simple[2]] if simple[2] else [piece]
            return [token.lower() for token in tokens] if self.lowercase and not raw else tokens
        if self._functions is None:
            self._functions = _nltk(self.name, self.lowercase)
        function = self._functions[0 if raw else 1]
        try:
            if self.name == "tweet":
                tokens = function(piece)
            elif ends:
                tokens = function(" " + piece)
            else:
                tokens = function(f" {piece} x")[:-1]  # the x keeps a full stop from looking like the text's last
        except TimeoutError:
            tokens = _WORDPUNCT.findall(piece)
        return tokens or [piece]


def _nltk(name: str, lowercase: bool) -> tuple[Callable[[str], list[str]], Callable[[str], list[str]]]:
    """Two functions: tokens as they stand in the text, and tokens as they are given out."""
    if name == "treebank":
        from nltk.tokenize.destructive import NLTKWordTokenizer

        return NLTKWordTokenizer().tokenize, NLTKWordTokenizer().tokenize
    if name == "tweet":
        from nltk.tokenize.casual import TweetTokenizer

        # Telephone numbers may hold spaces and take quadratic time to look for: they are left as numbers.
        keep = TweetTokenizer(preserve_case=True, match_phone_numbers=False)
        lower = TweetTokenizer(preserve_case=not lowercase, match_phone_numbers=False)
        return keep.tokenize, lower.tokenize
    from nltk.tokenize.toktok import ToktokTokenizer

    split = ToktokTokenizer().tokenize

    def toktok(text: str) -> list[str]:
        # NLTK escapes & and |, which is of use to a machine translation format of 2014 only.
        if "&" not in text and "|" not in text:
            return split(text)
        text = text.replace("&", "\ue000").replace("|", " \ue001 ")
        return [token.replace("\ue000", "&").replace("\ue001", "|") for token in split(text)]

    return toktok, toktok


def _ends_sentence(piece: str) -> bool:
    """Whether a full stop at the end of a piece within a text closes a sentence, as far as the piece tells."""
    if "." not in piece[-4:] or not _SENTENCE_END.search(piece):
        return False
    if not piece.endswith("."):
        return True  # closed by a quotation mark or a bracket
    word = piece.rstrip(".").lstrip("([{<\"'«“‘`").lower()
    return word not in _ABBREVIATIONS and not (len(word) > 2 and word[-2] == ".")


def _parts(piece: str) -> list[str]:
    return [piece[start : start + _LONGEST_PIECE] for start in range(0, len(piece), _LONGEST_PIECE)]


_QUOTES = {"``": ('"', "''", "``"), "''": ('"', "''", "``")}


def _align(tokens: list[str], piece: str) -> list[tuple[int, int]]:
    """Where tokens stand in a piece without white space; they cover it without a gap.

    A token that the tokenizer changed (a quote, an entity, a shortened !!!!!!) covers what lies up to the next one.
    """
    starts: list[int] = []
    position = 0
    for token in tokens:
        places = [(piece.find(form, position), len(form)) for form in _QUOTES.get(token, (token,))]
        start, length = min(((at, length) for at, length in places if at >= 0), default=(position, len(token)))
        starts.append(min(start, len(piece)))
        position = min(start + length, len(piece))
    ends = [*starts[1:], len(piece)]
    starts[:1] = [0]
    return list(zip(starts, ends, strict=True))


_NO_SPACE_BEFORE = re.compile(r" (?=(?:[.,;:!?%)\]}…]|'s|'re|'ve|'ll|'m|'d|n't|''|,,)(?: |$))")
_NO_SPACE_AFTER = re.compile(r"(?<= [(\[{$#])(?<!^) |(?<=^[(\[{$#]) |(?<= ``) |(?<=^``) ")


def join_words(tokens: Iterable[str]) -> str:
    text = _NO_SPACE_AFTER.sub("", _NO_SPACE_BEFORE.sub("", " ".join(tokens)))
    return text.replace("``", '"').replace("''", '"')
