"""Tags of words that belong together: the schemes there are, and the spans they stand for.

Every scheme writes a span of words as a prefix and a type, and O for what is in none:

    IOB1    I- everywhere; B- only where a span follows one of the same type
    IOB2    B- begins a span, I- goes on (Ratnaparkhi 1998; also called BIO)
    BIOES   B- I- E-, and S- for a span of one word (also written BILOU)
    BMES    B- M- E- S-, usual for Chinese
    none    tags without prefixes: parts of speech
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

Scheme = Literal["IOB1", "IOB2", "BIOES", "BMES", "none"]
OUTSIDE = "O"
_SPELLINGS = {"L": "E", "U": "S", "W": "S"}
_PREFIXES = frozenset("BIMESLUW")
_TITLES = {"IOB1": "IOB1", "IOB2": "IOB2 (BIO)", "BIOES": "BIOES", "BMES": "BMES"}


@dataclass(frozen=True, order=True)
class Span:
    """Words ``start`` to ``end``, the last not included, and what they are."""

    start: int
    end: int
    type: str


@dataclass(frozen=True)
class SchemeGuess:
    """The scheme that fits best, why, and how many sequences break its rules."""

    scheme: Scheme
    why: str
    broken: int


def split(tag: str) -> tuple[str, str]:
    """Prefix and type: "B-PER" -> ("B", "PER"), "S_LOC" -> ("S", "LOC"), "O" -> ("O", "").

    L, U and W are read as E, S and S. A tag without a prefix counts as one that goes on: ("I", tag).
    """
    if tag == OUTSIDE:
        return OUTSIDE, ""
    if len(tag) > 2 and tag[1] in "-_" and tag[0] in _PREFIXES:
        return _SPELLINGS.get(tag[0], tag[0]), tag[2:]
    return "I", tag


def has_prefix(tag: str) -> bool:
    """Whether a tag is written with one of the prefixes."""
    return len(tag) > 2 and tag[1] in "-_" and tag[0] in _PREFIXES


def find_scheme(sequences: Iterable[Sequence[str]]) -> SchemeGuess:
    """Which scheme tags are written in: the one whose rules are broken least often.

    Args:
        sequences: The tags of each sentence.
    """
    rows = [list(tags) for tags in sequences]
    counts = Counter(tag for tags in rows for tag in tags if tag != OUTSIDE)
    prefixed = sum(count for tag, count in counts.items() if has_prefix(tag))
    if prefixed < 0.5 * counts.total() or not counts:
        return SchemeGuess("none", "The tags have no prefixes that begin and end spans.", 0)
    letters = {split(tag)[0] for tag in counts if has_prefix(tag)}
    # Of schemes that fit equally well the first is taken: IOB2 is what nearly everybody writes today.
    candidates: tuple[Scheme, ...] = ("IOB2", "IOB1", "BIOES", "BMES")
    if letters & {"M", "E", "S"}:
        candidates = ("BMES" if "M" in letters else "BIOES", "IOB2", "IOB1")
    errors = {scheme: sum(bool(broken(tags, scheme)) for tags in rows) for scheme in candidates}
    chosen = min(candidates, key=lambda scheme: (errors[scheme], candidates.index(scheme)))
    shown = ", ".join(f"{letter}-" for letter in sorted(letters))
    why = f"The tags begin with {shown}, as {_TITLES[chosen]} writes them."
    return SchemeGuess(chosen, why, errors[chosen])


def broken(tags: Sequence[str], scheme: Scheme) -> list[tuple[int, str]]:
    """The steps that the scheme forbids: position and a sentence. A span left open counts at its last word."""
    if scheme == "none":
        return []
    found = []
    for place in range(len(tags) + 1):
        before = tags[place - 1] if place else None
        here = tags[place] if place < len(tags) else None
        if _legal_step(before, here, scheme):
            continue
        if here is None:
            found.append((place - 1, f"{before} is never closed"))
        elif not _known(here, scheme):
            found.append((place, f"{here} is no tag of {scheme}"))
        elif before is None:
            found.append((place, f"{here} cannot begin a sentence"))
        else:
            found.append((place, f"{here} cannot follow {before}"))
    return found


def legal(tags: Sequence[str], scheme: Scheme) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the scheme allows among K different tags.

    Returns:
        First tags bool [K]; steps bool [K, K], from row to column; last tags bool [K].
    """
    start = np.array([_legal_step(None, tag, scheme) for tag in tags], bool)
    step = np.array([[_legal_step(before, here, scheme) for here in tags] for before in tags], bool)
    end = np.array([_legal_step(tag, None, scheme) for tag in tags], bool)
    return start, step.reshape(len(tags), len(tags)), end


def spans(tags: Sequence[str], scheme: Scheme) -> list[Span]:
    """The spans of a sentence, from left to right.

    Sequences against the rules are read as the CoNLL-2000 script conlleval reads them: a change of type begins a new
    span, and so does any prefix that cannot go on with the last one.
    """
    if scheme == "none":
        return [Span(place, place + 1, tag) for place, tag in enumerate(tags) if tag != OUTSIDE]
    found: list[Span] = []
    open_at, open_type, last = -1, "", OUTSIDE
    for place, tag in enumerate([*tags, OUTSIDE]):
        prefix, kind = split(tag)
        goes_on = open_at >= 0 and kind == open_type and prefix in {"I", "M", "E"} and last not in {"E", "S"}
        if open_at >= 0 and not goes_on:
            found.append(Span(open_at, place, open_type))
            open_at = -1
        if prefix != OUTSIDE and not goes_on:
            open_at, open_type = place, kind
        last = prefix
    return found


def encode(found: Iterable[Span], length: int, scheme: Scheme) -> list[str]:
    """Tags of a sentence of so many words from its spans.

    Raises:
        ValueError: spans overlap, are empty, or reach beyond the sentence.
    """
    tags = [OUTSIDE] * length
    last: Span | None = None
    for span in sorted(found):
        if not 0 <= span.start < span.end <= length:
            raise ValueError(f"{span} does not lie within {length} words")
        if last is not None and span.start < last.end:
            raise ValueError(f"{span} overlaps {last}")
        follows = last is not None and last.end == span.start and last.type == span.type
        for place in range(span.start, span.end):
            prefix = _prefix(place == span.start, place == span.end - 1, follows, scheme)
            tags[place] = f"{prefix}-{span.type}" if prefix else span.type
        last = span
    return tags


def convert(tags: Sequence[str], source: Scheme, target: Scheme) -> list[str]:
    """The same spans written in another scheme."""
    return encode(spans(tags, source), len(tags), target)


# -- inside --------------------------------------------------------------------------------------------------


def _prefix(first: bool, last: bool, follows: bool, scheme: Scheme) -> str:
    if scheme == "none":
        return ""
    if scheme == "IOB1":
        return "B" if first and follows else "I"
    if scheme == "IOB2":
        return "B" if first else "I"
    if first:
        return "S" if last else "B"
    return "E" if last else ("I" if scheme == "BIOES" else "M")


def _known(tag: str, scheme: Scheme) -> bool:
    letters = {"IOB1": "IB", "IOB2": "IB", "BIOES": "BIES", "BMES": "BMES"}.get(scheme, "")
    return tag == OUTSIDE or (has_prefix(tag) and split(tag)[0] in letters)


def _legal_step(before: str | None, here: str | None, scheme: Scheme) -> bool:
    """Whether one tag may follow another; None is the edge of the sentence. A tag the scheme does not know is an
    error where it stands, and not once more at the word behind it."""
    if scheme == "none":
        return True
    if here is not None and not _known(here, scheme):
        return False
    if before is not None and not _known(before, scheme):
        return True
    old, old_type = split(before) if before is not None else (OUTSIDE, "")
    new, new_type = split(here) if here is not None else (OUTSIDE, "")
    if scheme == "IOB1":  # a B must part two spans of one type
        return new != "B" or (old in {"B", "I"} and old_type == new_type)
    if scheme == "IOB2":
        return new != "I" or (old in {"B", "I"} and old_type == new_type)
    inside = old in {"B", "I", "M"}
    if inside:
        return new in {"I", "M", "E"} and old_type == new_type
    return new in {OUTSIDE, "B", "S"}
