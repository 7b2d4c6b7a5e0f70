"""Spans that are given by characters of a text, as annotation tools write them, laid over the words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lstm_studio.data.tags import Span

_NAMES = {"start": ("start", "start_offset", "begin"), "end": ("end", "end_offset", "stop")}
_TYPES = ("label", "type", "tag", "entity", "entity_group", "category", "labels")
_LISTS = ("entities", "spans", "labels", "annotations")
_QUOTES = {"``": '"', "''": '"'}


@dataclass(frozen=True)
class CharSpan:
    """Characters ``start`` to ``end`` of a text, the last not included."""

    start: int
    end: int
    type: str


def spans_of_cell(cell: str) -> list[CharSpan] | None:
    """The spans that a cell of JSON holds; None if it holds something else.

    Read are lists of ``[start, end, type]`` and of objects with start, end and label (or the names that Doccano,
    spaCy, Prodigy and Label Studio give them), also inside of an object under "entities" or "spans".
    """
    if not cell.lstrip().startswith(("[", "{")):
        return None
    try:
        values = json.loads(cell)
    except (ValueError, RecursionError):
        return None
    if isinstance(values, dict):
        values = next((values[name] for name in _LISTS if name in values), None)
    if not isinstance(values, list):
        return None
    if values and isinstance(values[0], dict) and isinstance(values[0].get("result"), list):
        values = values[0]["result"]  # Label Studio: the first annotator's
    found = [_one(value) for value in values]
    return None if any(span is None for span in found) else [span for span in found if span is not None]


def _one(value: Any) -> CharSpan | None:
    if isinstance(value, dict):
        value = value["value"] if isinstance(value.get("value"), dict) else value
        start, end = (next((value[name] for name in _NAMES[side] if name in value), None) for side in ("start", "end"))
        kind = next((value[name] for name in _TYPES if name in value), None)
        if isinstance(kind, list) and len(kind) == 1:
            kind = kind[0]
    elif isinstance(value, list) and len(value) == 3:
        start, end, kind = value
    else:
        return None
    good = all(isinstance(side, int) and not isinstance(side, bool) for side in (start, end)) and isinstance(kind, str)
    return CharSpan(start, end, kind) if good else None  # type: ignore[arg-type]


def align(text: str, tokens: Sequence[str]) -> list[tuple[int, int]]:
    """Where each token stands in its text: first character and the one behind the last.

    A token that is not there as it is (NLTK writes quotes as `` and '') is taken to stand where the next one could.
    """
    found = []
    place = 0
    for token in tokens:
        at, size = text.find(token, place), len(token)
        if token in _QUOTES:
            other = text.find(_QUOTES[token], place)
            if other >= 0 and (at < 0 or other < at):
                at, size = other, 1
        if at < 0:
            found.append((place, place))
            continue
        found.append((at, at + size))
        place = at + size
    return found


def on_words(spans: Sequence[CharSpan], places: Sequence[tuple[int, int]]) -> tuple[list[Span], list[str]]:
    """Spans of words from spans of characters, and a sentence on each that could not be laid over the words.

    A word belongs to a span if they share a character. Of two that overlap the longer one stays.
    """
    kept: list[Span] = []
    problems: list[str] = []
    taken: set[int] = set()
    for span in sorted(spans, key=lambda span: (span.start - span.end, span.start)):
        shown = f"{span.type} at characters {span.start} to {span.end}"
        inside = [word for word, (start, end) in enumerate(places) if start < span.end and end > span.start]
        if not inside or span.start >= span.end:
            problems.append(f"{shown} holds no word")
        elif taken.intersection(inside):
            problems.append(f"{shown} overlaps another one")
        else:
            kept.append(Span(inside[0], inside[-1] + 1, span.type))
            taken.update(inside)
    return sorted(kept), problems
