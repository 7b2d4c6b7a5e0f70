"""Running text before there is a run: what it is cut into, and a row of its file as the network reads it."""

from __future__ import annotations

import codecs
from itertools import islice
from weakref import WeakKeyDictionary

from lstm_studio.config import GenerationData
from lstm_studio.data.documents import TABLES, Documents, as_text
from lstm_studio.data.places import located
from lstm_studio.data.prepare_texts import units_of
from lstm_studio.data.progress import Progress, silent
from lstm_studio.data.reading import Reading
from lstm_studio.data.table import Table
from lstm_studio.data.text_units import NEWLINE, TextUnits, shown
from lstm_studio.data.tokenize import characters, tokenizer

LOOKED_AT, LEARNED_FROM = 1_000_000, 5_000_000
"""Characters of a text that are looked at before there is a run, and that units are learned from."""
_SHOWN, _READ = 200, 20_000
"""Tokens of a row that are shown, and characters that are cut for them."""
_MANY = 1_000
"""Documents from which on every n-th one says enough; of fewer, the beginnings do."""

_learned: WeakKeyDictionary[Table, tuple[object, TextUnits]] = WeakKeyDictionary()
"""The units of each open file under its last settings: a page asks for them at every row that is chosen."""
_DEPENDS = (
    "text documents units tokenizer lowercase normalize_width vocabulary_size min_count validation test "
    "validation_fraction test_fraction encoding remedies"
).split()


def looked_at(documents: Documents, most: int | None = None) -> Documents:
    """All documents; evenly chosen ones or their beginnings where they have more characters than ``most``, or than
    ``LOOKED_AT``."""
    total, most = int(documents.characters.sum()), most or LOOKED_AT
    if total <= most:
        return documents
    if len(documents) >= _MANY:
        return documents.at(documents.spans[:: -(-total // most)])
    spans = documents.spans.copy()
    spans[:, 2] = spans[:, 1] + (documents.characters * (most / total)).astype(int).clip(1)
    return documents.at(spans)


def learned_units(table: Table, train: Documents, data: GenerationData, progress: Progress = silent) -> TextUnits:
    """``units_of`` the training part of a table, learned once, from at most ``LEARNED_FROM`` characters.

    Raises:
        StudioError: there is nothing that could be learned.
    """
    known = known_units(table, data)
    if known is None:
        known = units_of(looked_at(train, LEARNED_FROM), data, progress)
        _learned[table] = (_settings(data), known)
    return known


def known_units(table: Table, data: GenerationData) -> TextUnits | None:
    """What ``learned_units`` learned under these settings; None before that."""
    found = _learned.get(table)
    return found[1] if found is not None and found[0] == _settings(data) else None


def _settings(data: GenerationData) -> object:
    return [getattr(data, name) for name in _DEPENDS]


def row_as_read(table: Table, data: GenerationData, row: int) -> tuple[Reading, ...]:
    """A row as tokens, its line end among them where it is read; by words where pieces are not learned yet."""
    text = _text(table, data, row)
    line = table.format.kind not in TABLES and table.format.kind != "folder"
    if line and data.documents != "lines":
        text += NEWLINE
    seen = text[:_READ]
    units = known_units(table, data)
    if units is not None:
        tokens = units.tokens(units.encode(seen))
    elif data.units == "character":
        tokens = [shown(one) for one in characters(seen, data.lowercase, data.normalize_width)]
    else:
        cut = tokenizer(data.tokenizer or "treebank", data.lowercase, data.normalize_width)
        lines = [[shown(one) for one in cut(part)] for part in seen.split(NEWLINE)]
        tokens = lines[0] + [one for part in lines[1:] for one in (shown(NEWLINE), *part)]
    return (Reading("Text", tuple(tokens[:_SHOWN]), len(tokens) if len(seen) == len(text) else -1),)


def _text(table: Table, data: GenerationData, row: int) -> str:
    """A row to the letter: a table of lines keeps no white space around them."""
    kind = table.format.kind
    column = table.position(data.text) if data.text is not None else len(table.columns) - 1
    cell = table.cell(row, column)
    number = table.line_number(row)
    if kind != "txt" or number is None:
        return as_text(cell) if kind in TABLES else cell
    encoding = table.format.encoding
    name = "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding
    try:
        with located(table.path).open(encoding=name, errors="replace") as stream:
            line = next(islice(stream, number - 1, None), "").removesuffix(NEWLINE).replace("\0", "")
    except OSError:  # it was taken away meanwhile
        return cell
    return line if line.strip() == cell else cell
