"""What a person would say of running text at a glance: where a text ends, and what to cut it into."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from weakref import WeakKeyDictionary

import numpy as np

from lstm_studio.config import GenerationData
from lstm_studio.data.documents import TABLES, as_text, longest_column
from lstm_studio.data.guess_types import Guess
from lstm_studio.data.languages import script_of
from lstm_studio.data.table import Table

_ROWS = 5_000
_FEW = 200
_CHARACTERS = 2_000_000
"""Text below this teaches words too little; characters it teaches a lot."""
_WITHOUT_SPACES = {"CJK", "HIRAGANA"}
_APART = re.compile(r"\s[,.;:!?]\s|\s[,.;:!?]$", re.MULTILINE)
_CLOSE = re.compile(r"\w[,.;:!?](?:\s|$)", re.MULTILINE)
_UNKNOWN = "<unk>"
_GROUPS = 10
_HEADED = 0.8
_LONG_LINE = 400
_EVEN = 0.35
"""Lines whose lengths deviate less than this share of their mean are wrapped prose, not sentences."""


@dataclass(frozen=True)
class _Facts:
    """Of a column: a sample of its cells, those of its first rows, all characters, its alphabet, and whether marks
    stand apart from words."""

    cells: tuple[str, ...]
    first: tuple[str, ...]
    characters: int
    script: str
    apart: bool


def likely_text(table: Table) -> float:
    """How much a table looks like running text, 0..1: one column, or one of lists of verses."""
    kind = table.format.kind
    if kind == "txt":
        return 0.9
    if kind not in TABLES and kind != "folder":
        return 0.0
    cells = [cell for cell in table.sample(longest_column(table), _FEW) if cell.strip()]
    if not cells:
        return 0.0
    if sum(as_text(cell) is not cell for cell in cells) > 0.9 * len(cells) and _verses(cells):
        return 0.7
    if len(table.columns) == 1 or kind == "folder":
        return 0.6
    return 0.0


def guess_texts(table: Table, data: GenerationData | None = None) -> Guess:
    """Guess what ``data`` leaves open; what it says wins.

    Raises:
        StudioError: there is no such column.
    """
    data = data or GenerationData()
    place = table.position(data.text) if data.text is not None else longest_column(table)
    reasons: dict[str, str] = {}
    if data.text is None and len(table.columns) > 1:
        reasons["text"] = f"'{table.columns[place]}' holds the text: it has most of it."
    facts = _facts(table, place)
    documents: str | None = data.documents
    if documents is None:
        documents, reasons["documents"] = _documents(table, facts)
    units: str | None = data.units
    if units is None:
        units, reasons["units"] = _units(facts)
    chinese = facts.script == "CJK" and not facts.apart
    words = data.tokenizer or ("whitespace" if facts.apart else "chinese words" if chinese else "treebank")
    if data.tokenizer is None and facts.apart and units == "word":
        reasons["tokenizer"] = "Marks stand apart from words already, so words are cut at spaces."
    if data.tokenizer is None and chinese and units == "word":
        reasons["tokenizer"] = "It is Chinese, written without spaces, so a dictionary tells its words."
    fields: dict[str, object] = {
        "text": data.text if data.text is not None else table.columns[place],
        "documents": documents,
        "units": units,
        "tokenizer": words,
    }
    reasons["task"] = "Running text without labels: a network can learn to write on like it."
    return Guess("generation", "Text generation", fields, reasons)


_known: WeakKeyDictionary[Table, dict[int, _Facts]] = WeakKeyDictionary()
"""Guessing is asked for again at each change of a setting; the table stays the same."""


def _facts(table: Table, place: int) -> _Facts:
    known = _known.setdefault(table, {})
    if place not in known:
        cells = tuple(map(as_text, table.sample(place, _ROWS)))
        characters = round(sum(map(len, cells)) / max(1, len(cells)) * table.num_rows)
        text = "\n".join(cells)[:1_000_000]
        apart, close = len(_APART.findall(text)), len(_CLOSE.findall(text))
        first = tuple(as_text(table.cell(row, place)) for row in range(min(table.num_rows, _ROWS)))
        known[place] = _Facts(
            cells,
            first,
            characters,
            script_of([cell for cell in cells[:_FEW] if cell.strip()]),
            f" {_UNKNOWN} " in text or (apart >= 20 and apart > 9 * close),
        )
    return known[place]


def _verses(cells: Sequence[str]) -> bool:
    """Whether lists hold sentences and not words, as lists of tokens do."""
    lines = [line for cell in cells for line in as_text(cell).split("\n")]
    return bool(
        np.mean([len(line) for line in lines]) >= 5 and np.mean([len(line.split()) for line in lines]) != 1
    ) or (script_of(lines[:_FEW]) in _WITHOUT_SPACES and bool(np.mean([len(line) for line in lines]) >= 5))


def _documents(table: Table, facts: _Facts) -> tuple[str, str]:
    if table.format.kind in TABLES:
        return "whole", "Each row is a text of its own."
    if table.format.kind == "folder":
        return "whole", "Each file is a text of its own."
    groups = _groups(table, facts.first)
    if len(groups) >= _GROUPS:
        heads = [group[0].lstrip()[:1] for group in groups if group[0].strip()]
        common = max(set(heads), key=heads.count)
        if not common.isalnum() and common not in "\"'“‘«「" and heads.count(common) >= _HEADED * len(heads):
            return "paragraphs", f"Paragraphs begin with a title ({common}), so each is a text of its own."
        return "whole", "It reads on from paragraph to paragraph, so the file is one text."
    sizes = np.array([len(cell) for cell in facts.cells if cell.strip()] or [0], float)
    if len(sizes) >= 5 * _GROUPS and sizes.mean() < _LONG_LINE and sizes.std() > _EVEN * sizes.mean():
        return "lines", "Lines are of very different lengths and none is blank, so each is a text of its own."
    return "whole", "The file is one text."


def _groups(table: Table, cells: Sequence[str]) -> list[list[str]]:
    """First lines between blank ones, which a table leaves out; nothing where none is."""
    numbers = [table.line_number(row) or 0 for row in range(len(cells))]
    groups = [[cells[0]]] if cells else []
    for (before, number), cell in zip(pairwise(numbers), cells[1:], strict=True):
        if number > before + 1 or not cell.strip():
            groups.append([])
        if cell.strip():
            groups[-1].append(cell)
    return [group for group in groups if group]


def _units(facts: _Facts) -> tuple[str, str]:
    if facts.script in _WITHOUT_SPACES:
        return "character", "It is written without spaces, so each character is a token."
    if facts.apart:
        return "word", "Words and marks stand apart already, so each is a token."
    if facts.characters < _CHARACTERS:
        return "character", "The text is short, so it is learned character by character."
    return "word", "There is enough text to learn whole words."
