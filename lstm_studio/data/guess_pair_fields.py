"""Everything that is guessed of a file of pairs of texts: columns, purpose, units and lengths."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from weakref import WeakKeyDictionary

import numpy as np

from lstm_studio.config import TranslationData
from lstm_studio.data.guess_pairs import REWRITING, SUMMARIES, TRANSLATION, guess_pairs, relation
from lstm_studio.data.guess_types import Guess
from lstm_studio.data.languages import script_of
from lstm_studio.data.pairs import lists_words, source_text, target_texts
from lstm_studio.data.table import Table
from lstm_studio.data.tokenize import tokenizer
from lstm_studio.errors import StudioError

SHORTEST, LONGEST = 10, 400
COVERED = 0.99
PIECES = 1.4
"""Pieces of a word and mark, at most; learned from little data they are shorter, and so are more."""
_PURPOSES = {TRANSLATION: "translation", SUMMARIES: "summary", REWRITING: "rewriting"}
_TITLES = {purpose: title for title, purpose in _PURPOSES.items()}
_WITHOUT_SPACES = {"CJK", "HIRAGANA"}
_SAMPLE = 2_000
_VARIED = 0.5
_FEW, _SPACED = 200, 0.05
_CHARACTERS = 1_000_000
_WORD = re.compile("[\u3040-\u30ff\u3400-\u9fff]|[^\\W_\u3040-\u30ff\u3400-\u9fff]+|[^\\w\\s]|_")


def guess_pair_fields(table: Table, data: TranslationData | None = None) -> Guess:
    """Guess what ``data`` leaves open; what it says wins.

    Raises:
        StudioError: no two columns can be the source and the target, a named one does not exist, or both are one.
    """
    data = data or TranslationData()
    reasons: dict[str, str] = {}
    source, target = _columns(table, data, reasons)
    title, reasons["task"] = relation(table, source, target)
    purpose: str = data.purpose or _PURPOSES[title]
    if data.purpose is not None:
        title = _TITLES[data.purpose]
    names = {
        "source": data.source if data.source is not None else table.columns[source],
        "target": data.target if data.target is not None else table.columns[target],
    }
    fields: dict[str, object] = {**names, "purpose": purpose}
    units: dict[str, str] = {}
    for side, place, given in (("source", source, data.source_units), ("target", target, data.target_units)):
        units[side] = fields[f"{side}_units"] = given or ""
        if given is None:
            units[side], why = _units(table, place)
            fields[f"{side}_units"], reasons[f"{side}_units"] = units[side], f"The {side}s are {why}"
    fields["tokenizer"] = data.tokenizer or "treebank"
    if data.tokenizer is None and "word" in units.values() and "CJK" in {_script(table, p) for p in (source, target)}:
        fields["tokenizer"] = "chinese words"
        reasons["tokenizer"] = "One side is Chinese, written without spaces, so a dictionary tells its words."
    for name, side, place, most in (
        ("max_length", "source", source, data.max_length),
        ("max_target_length", "target", target, data.max_target_length),
    ):
        fields[name] = most
        if most is None:
            lengths = _lengths(table, place, side, units[side], str(fields["tokenizer"]))
            fields[name], reasons[name] = _length(lengths, side, rounded=units[side] == "bpe")
    return Guess("translation", title, fields, reasons)


# -- columns ---------------------------------------------------------------------------------------------------


def _columns(table: Table, data: TranslationData, reasons: dict[str, str]) -> tuple[int, int]:
    source = table.position(data.source) if data.source is not None else None
    target = table.position(data.target) if data.target is not None else None
    if len(table.columns) < 2:
        raise StudioError(
            "The file has one column only; writing is learned from a source and a target in each row",
            where=table.path,
            why=f"The column is {table.columns[0]!r}",
            todo="Choose a file with two columns, another separator, or name the file of the targets (data.parallel)",
        )
    found = guess_pairs(table)
    guessed = [table.columns.index(name) for name in (found.source, found.target) if name is not None]
    # Of two columns the one that was not named is the other one.
    both = len(table.columns) == 2 and ({source, target} != {None} or _varied(table))
    free = guessed or (list(range(2)) if both else [])
    if source is None:
        source = next((place for place in free if place != target), None)
    if target is None:
        target = next((place for place in reversed(free) if place != source), None)
    if source is None or target is None:
        raise StudioError(
            "No two columns of the file look like texts and what is to be written for them",
            where=table.path,
            why=found.reasons.get("task", ""),
            todo="Name the columns (data.source and data.target), or choose another file",
        )
    if source == target:
        raise StudioError(
            "The source and the target must be two columns of the file",
            where=table.path,
            why=f"Both are {table.columns[source]!r}; it has the columns {', '.join(map(repr, table.columns[:20]))}",
            todo="Choose another column for one of them",
        )
    for number, (side, place, given) in enumerate((("source", source, data.source), ("target", target, data.target))):
        if given is None:
            other = f"'{table.columns[place]}' holds the {side}s: it is the other column."
            reasons[side] = found.reasons[side] if guessed[number : number + 1] == [place] else other
    return source, target


def _varied(table: Table) -> bool:
    """Whether no column repeats itself as labels do: dates, numbers and single words can be written anew too."""
    columns = [[cell for cell in table.sample(place, _SAMPLE) if cell.strip()] for place in range(len(table.columns))]
    return all(len(set(cells)) > _VARIED * len(cells) for cells in columns)


# -- texts -----------------------------------------------------------------------------------------------------

_scripts: WeakKeyDictionary[Table, dict[int, tuple[str, str]]] = WeakKeyDictionary()
_counted: WeakKeyDictionary[Table, dict[tuple[int, str, str, str], np.ndarray]] = WeakKeyDictionary()
"""Guessing is asked for again at each change of a setting; the table stays the same."""


def _script(table: Table, place: int) -> str:
    return script_of([text for cell in table.sample(place, _FEW) if (text := source_text(cell))])


def _units(table: Table, place: int) -> tuple[str, str]:
    """What a column is best cut into, and why."""
    known = _scripts.setdefault(table, {})
    if place not in known:
        texts = [text for cell in table.sample(place, _FEW) if (text := source_text(cell))]
        if script_of(texts) in _WITHOUT_SPACES:
            known[place] = "character", "written without spaces, so each character is a token."
        elif sum(any(map(str.isspace, text)) for text in texts) < _SPACED * len(texts):
            known[place] = "character", "single words, so each character is a token."
        else:
            known[place] = "bpe", "written with spaces, so pieces of words are learned from them."
    return known[place]


def _lengths(table: Table, place: int, side: str, units: str, words: str) -> np.ndarray:
    """Units of a sample of the texts; of pieces, which are not learned yet, more than there will be."""
    known = _counted.setdefault(table, {})
    key = (place, side, units, words)
    if key not in known:
        known[key] = _measured(_texts(table.sample(place, _SAMPLE), side), _counter(units, words))
    return known[key]


def _texts(cells: Sequence[str], side: str) -> list[str]:
    if side == "source" or lists_words(cells):
        return [text for cell in cells if (text := source_text(cell))]
    return [text for cell in cells if (text := target_texts(cell)[0])]


def _counter(units: str, words: str) -> Callable[[str], float]:
    if units == "bpe":
        return lambda text: PIECES * len(_WORD.findall(text))
    cut = tokenizer("character" if units == "character" else words)
    return lambda text: len(cut(text))


def _measured(texts: Sequence[str], count: Callable[[str], float]) -> np.ndarray:
    each = max(20 * LONGEST, _CHARACTERS // max(1, len(texts)))
    found: list[float] = []
    left = 4 * _CHARACTERS
    for text in texts:
        found.append(count(text[:each]))
        left -= min(len(text), each)
        if left < 0:
            break
    return np.array(found or [0.0])


def _length(lengths: np.ndarray, side: str, *, rounded: bool) -> tuple[int, str]:
    covered = int(np.ceil(np.quantile(lengths, COVERED)))
    if rounded:
        covered = -(-covered // 5) * 5
    length = int(np.clip(covered, SHORTEST, LONGEST))
    share = float((lengths <= length).mean())
    if share > 0.999:
        return length, f"All {side}s that were looked at have at most {length} tokens."
    return length, f"{length} tokens are enough for {100 * share:.{0 if share < 0.985 else 1}f} % of the {side}s."
