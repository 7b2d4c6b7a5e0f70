"""Rows out of decoded text, kind by kind. Each reader gives columns, cells, line numbers and notes on what was odd."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lstm_studio.data.progress import Progress
from lstm_studio.data.raw import EVERY, Note, Raw
from lstm_studio.data.readers_columns import read_columns
from lstm_studio.data.readers_conllu import read_conllu
from lstm_studio.data.readers_json import read_json
from lstm_studio.data.readers_separated import read_separated
from lstm_studio.data.source import SourceFormat


def read_text(text: str, format: SourceFormat, path: Path, progress: Progress) -> Raw:
    """Read decoded text by its layout.

    Raises:
        StudioError: the text does not fit the layout; says in which line.
        Cancelled: ``progress`` asked for it.
    """
    readers: dict[str, Callable[[str, SourceFormat, Path, Progress], Raw]] = {
        "csv": read_separated,
        "tsv": read_separated,
        "jsonl": read_json,
        "fasttext": _fasttext,
        "labelled": _labelled,
        "txt": _lines,
        "conll": read_columns,
        "conllu": read_conllu,
    }
    return readers[format.kind](text, format, path, progress)


def _numbered(text: str, progress: Progress) -> list[tuple[int, str]]:
    """The lines that are not blank, with their numbers."""
    lines = text.split("\n")
    found = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            found.append((number, line))
        if number % EVERY == 0:
            progress(number / len(lines), f"Reading: {number:,} lines")
    return found


def _fasttext(text: str, format: SourceFormat, path: Path, progress: Progress) -> Raw:
    """``__label__A __label__B text``: the first label counts."""
    texts, labels, lines = [], [], []
    several: list[int] = []
    without: list[int] = []
    for number, line in _numbered(text, progress):
        rest, found = line.strip(), []
        while rest.startswith("__label__"):
            first, _, rest = rest.partition(" ") if "\t" not in rest.split(" ", 1)[0] else rest.partition("\t")
            found.append(first.removeprefix("__label__"))
            rest = rest.lstrip()
        if len(found) > 1:
            several.append(number)
        elif not found:
            without.append(number)
        labels.append(found[0] if found else "")
        texts.append(rest)
        lines.append(number)
    notes = []
    if several:
        words = _lines_have(several)
        notes.append(Note("warning", f"{words} several labels; the first of each was taken.", several[0]))
    if without:
        notes.append(Note("warning", f"{_lines_have(without)} no label.", without[0]))
    return Raw(["text", "label"], [texts, labels], lines, notes)


def _labelled(text: str, format: SourceFormat, path: Path, progress: Progress) -> Raw:
    """``COARSE:fine text``, as in TREC's question types."""
    texts, coarse, fine, lines = [], [], [], []
    without: list[int] = []
    for number, line in _numbered(text, progress):
        label, _, rest = line.strip().partition(" ")
        head, colon, tail = label.partition(":")
        if not (head and colon and tail):
            head = label = ""
            rest = line
            without.append(number)
        coarse.append(head)
        fine.append(label)
        texts.append(rest.strip())
        lines.append(number)
    notes = [Note("warning", f"{_lines_have(without)} no label.", without[0])] if without else []
    return Raw(["text", "label", "fine label"], [texts, coarse, fine], lines, notes)


def _lines(text: str, format: SourceFormat, path: Path, progress: Progress) -> Raw:
    """One text a line."""
    found = _numbered(text, progress)
    return Raw(["text"], [[line.strip() for _, line in found]], [number for number, _ in found])


def _lines_have(lines: list[int]) -> str:
    if len(lines) == 1:
        return f"Line {lines[0]} has"
    return f"{len(lines):,} lines (the first is line {lines[0]}) have"
