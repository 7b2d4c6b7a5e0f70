"""Words of a sentence that are marked by hand, and what stays marked when the sentence is changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from lstm_studio.data.tags import OUTSIDE, Span, encode, spans

_HAN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
_LETTER = rf"(?:(?![{_HAN}])\w)"
_WORD = re.compile(rf"[{_HAN}]|{_LETTER}+(?:['’.,:@\-]{_LETTER}+)*|\S")
_WIDE = re.compile(rf"[{_HAN}，。、；：！？（）《》“”]")


def hand_words(text: str) -> list[str]:
    """The words of a sentence as they can be marked: words, signs, and each Chinese character by itself."""
    return _WORD.findall(text)


def word_places(text: str) -> list[tuple[int, int]]:
    """Start and end of each word in the text."""
    return [match.span() for match in _WORD.finditer(text)]


def without_gaps(words: Sequence[str]) -> bool:
    """Whether words are written without spaces between them, as Chinese is."""
    return bool(words) and sum(bool(_WIDE.fullmatch(word)) for word in words) > 0.5 * len(words)


def join(words: Sequence[str]) -> str:
    """A sentence from its words, with spaces but between Chinese characters."""
    parts: list[str] = []
    for before, word in zip(["", *words], words, strict=False):
        tight = not before or (bool(_WIDE.fullmatch(before[-1:])) and bool(_WIDE.fullmatch(word[:1])))
        parts.append(word if tight else f" {word}")
    return "".join(parts)


def types_of(marked: str) -> list[str]:
    """The types of all spans in a cell of tags, in their order."""
    return [tag[2:] for tag in marked.split() if tag.startswith("B-")]


def spans_of(marked: str) -> list[Span]:
    """The spans of a cell of tags."""
    return spans(marked.split(), "IOB2")


def marked_with(found: Sequence[Span], words: int) -> str:
    """A cell of tags of a sentence of so many words; "" where nothing is marked."""
    return " ".join(encode(found, words, "IOB2")) if found else ""


def read_marks(text: str, given: str) -> str:
    """A cell of tags from elsewhere, as that of a sentence: a tag for each of its words, or what is marked as it is
    shown ("New York: city   Friday: day"); "" where it is neither."""
    words, tags = hand_words(text), given.split()
    if len(tags) == len(words) and all(tag == OUTSIDE or (tag[:2] in {"B-", "I-"} and tag[2:]) for tag in tags):
        return marked_with(spans(tags, "IOB2"), len(words))
    found, start = [], 0
    for part in given.split("   "):
        said, _, type = part.rpartition(": ")
        wanted = hand_words(said)
        places = range(start, len(words) - len(wanted) + 1)
        at = next((place for place in places if words[place : place + len(wanted)] == wanted), None)
        if not wanted or at is None or type.split() != [type]:
            return ""
        start = at + len(wanted)
        found.append(Span(at, start, type))
    return marked_with(found, len(words))


def renamed_type(marked: str, old: str, new: str) -> str:
    """A cell of tags with a type called otherwise; "" takes its spans away."""
    tags = marked.split()
    if f"B-{old}" not in tags:
        return marked
    other = [(f"{tag[:2]}{new}" if new else OUTSIDE) if tag[2:] == old else tag for tag in tags]
    return " ".join(other) if any(tag != OUTSIDE for tag in other) else ""


def mark(marked: str, words: int, start: int, end: int, type: str) -> str:
    """A cell of tags with words ``start`` to ``end``, the last not included, marked as a type; "" takes marks away.

    Spans that share a word with these give way as a whole.
    """
    kept = [span for span in spans_of(marked) if span.end <= start or span.start >= end]
    if type:
        kept.append(Span(start, end, type))
    return marked_with(sorted(kept), words)


def moved(old_text: str, marked: str, new_text: str) -> str:
    """A cell of tags for the changed sentence: what was not changed stays marked, and so does a word put in the place
    of a marked one."""
    if not marked:
        return ""
    old, new, given = hand_words(old_text), hand_words(new_text), marked.split()
    tags = [OUTSIDE] * len(new)
    for what, from_, to, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal" or (what == "replace" and to - from_ == end - start):
            tags[start:end] = given[from_:to]
    return marked_with(spans(tags, "IOB2"), len(new))


def projected(words: Sequence[str], found: Sequence[Span]) -> tuple[str, str]:
    """Text and cell of tags of a sentence that was cut into words otherwise: what a span covers stays marked."""
    text = join(words)
    ends, at = [], 0
    for word in words:
        at = text.index(word, at) + len(word)
        ends.append(at)
    places = word_places(text)
    moved_spans: list[Span] = []
    last = 0
    for span in sorted(found):
        start, end = ends[span.start] - len(words[span.start]), ends[span.end - 1]
        inside = [place for place, (begin, stop) in enumerate(places) if begin < end and stop > start and place >= last]
        if inside:
            moved_spans.append(Span(inside[0], inside[-1] + 1, span.type))
            last = inside[-1] + 1
    return text, marked_with(moved_spans, len(places))
