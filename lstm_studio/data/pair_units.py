"""What the two sides of pairs of texts are cut into, learned from the part that a network learns from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from weakref import WeakKeyDictionary

from lstm_studio.config import TranslationData
from lstm_studio.data.pairs import source_text, target_texts
from lstm_studio.data.reading import Reading
from lstm_studio.data.subwords import SPECIAL, Units, train_sides, train_units
from lstm_studio.data.table import Table
from lstm_studio.data.tokenize import tokenizer
from lstm_studio.errors import StudioError

_MOST = 100_000
"""Pairs that units are learned from before there is a run."""
_LOOKED_AT = 20_000
"""Characters of a text that are cut into tokens to be shown."""
_SHOWN = 200


def units_of(sources: Sequence[str], targets: Sequence[str], data: TranslationData) -> tuple[Units, Units]:
    """Units of the sources and of the targets; one and the same object where they share a vocabulary.

    Args:
        sources, targets: Texts of the training part. They need not be equally many.
        data: A complete section.

    Raises:
        StudioError: one side holds nothing that could be learned.
    """
    one, other = data.source_units or "bpe", data.target_units or "bpe"
    words = data.tokenizer or "treebank"
    if one == other:
        found = train_sides(
            one,
            sources,
            targets,
            data.vocabulary_size,
            joint=is_joint(data),
            lowercase=data.lowercase,
            min_count=data.min_count,
            words=words,
            narrow=data.normalize_width,
        )
    else:
        source, target = (
            train_units(
                kind,
                texts,
                data.vocabulary_size,
                lowercase=data.lowercase,
                min_count=data.min_count,
                words=words,
                narrow=data.normalize_width,
            )
            for kind, texts in ((one, sources), (other, targets))
        )
        found = source, target
    for side, units in zip(("sources", "targets"), found, strict=True):
        if len(units) <= len(SPECIAL):
            raise StudioError(
                f"The {side} hold nothing that could be learned",
                where=data.path,
                why=f"None of their words or characters occurs {data.min_count} times or more",
                todo="Add more texts, or allow rarer tokens (data.min_count)",
            )
    return found


def is_joint(data: TranslationData) -> bool:
    """Whether both sides share a vocabulary: they must be cut alike, and are one language or asked to share it."""
    if (data.source_units or "bpe") != (data.target_units or "bpe"):
        return False
    same = data.purpose is not None and data.purpose != "translation"
    return data.vocabularies == "joint" or (data.vocabularies == "auto" and same)


_learned: WeakKeyDictionary[Table, tuple[object, tuple[Units, Units]]] = WeakKeyDictionary()
"""The units of each open file under its last settings: a page asks for them at every row that is chosen."""
_DEPENDS = (
    "source target purpose source_units target_units vocabularies tokenizer lowercase normalize_width "
    "vocabulary_size min_count "
    "validation validation_fraction split_seed"
).split()


def learned_units(
    table: Table, sources: Sequence[str], targets: Sequence[str], data: TranslationData
) -> tuple[Units, Units]:
    """``units_of`` a table's training part, learned once; of very many pairs, evenly chosen ones say enough.

    Raises:
        StudioError: see ``units_of``.
    """
    known = known_units(table, data)
    if known is None:
        step = -(-len(sources) // _MOST)
        known = units_of(sources[::step], targets[::step], data)
        _learned[table] = (_settings(data), known)
    return known


def known_units(table: Table, data: TranslationData) -> tuple[Units, Units] | None:
    """What ``learned_units`` learned under these settings; None before that."""
    found = _learned.get(table)
    return found[1] if found is not None and found[0] == _settings(data) else None


def _settings(data: TranslationData) -> object:
    values = [getattr(data, name) for name in _DEPENDS]
    return [*values[:-2], *(values[-2:] if data.validation is None else [])]


def sides_of_row(table: Table, data: TranslationData, row: int) -> tuple[Reading, ...]:
    """Source and target of a row as tokens; where pieces of words are not learned yet, as words."""
    assert data.source is not None
    assert data.target is not None
    units = known_units(table, data) or (None, None)
    source = source_text(table.cell(row, table.position(data.source)))
    target = target_texts(table.cell(row, table.position(data.target)))[0]
    one = _reading("Source", source, units[0], data.source_units, data)
    other = _reading("Target", target, units[1], data.target_units, data)
    longest = data.max_target_length
    long = longest is not None and (other.count > longest or other.count < 0)
    return (
        replace(one, most=data.max_length),
        replace(other, problem="Too long to be learned from." if long else ""),
    )


def _reading(title: str, text: str, units: Units | None, kind: str | None, data: TranslationData) -> Reading:
    seen = text[:_LOOKED_AT]
    if units is None:
        name = "character" if kind == "character" else data.tokenizer or "treebank"
        cut = tokenizer(name, data.lowercase, data.normalize_width)
        tokens = cut(seen)
    else:
        tokens = units.tokens(units.encode(seen))
    return Reading(title, tuple(tokens[:_SHOWN]), len(tokens) if len(seen) == len(text) else -1)
