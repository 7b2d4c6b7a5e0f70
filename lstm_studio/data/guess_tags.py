"""Which columns of a file hold words, tags and predicates."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from lstm_studio.config import TaggingData
from lstm_studio.data.char_spans import spans_of_cell
from lstm_studio.data.guess_types import Guess
from lstm_studio.data.languages import script_of
from lstm_studio.data.table import Table
from lstm_studio.data.tags import OUTSIDE, find_scheme, has_prefix
from lstm_studio.data.words import words_of
from lstm_studio.errors import StudioError

SAMPLE_ROWS = 400
LONGEST = 400
_TAG_NAMES = frozenset(
    "tag tags ner ner_tags ner_tag slots slot labels label entities entity spans annotations roles srl out seq.out "
    "bio iob 标签 标注 实体 槽位".split()
)
_WORD_NAMES = frozenset("tokens token words word form forms in seq.in text sentence characters 词 字 文本".split())
_PREDICATE_NAMES = frozenset("predicate predicate_index verb_index predicate_position pred_idx 谓词".split())
_ENTITIES = frozenset(
    "per person people name loc location place gpe geo fac org organization organisation corporation company group "
    "misc product work creative-work event date time money percent norp law language title".split()
)
_MOSTLY_ENTITIES = 0.4
_ALIKE = 0.98
_ENOUGH = 10
"""Rows among which one may be a slip."""
_MOSTLY = 0.9
_FEW = 0.34
_TEXT_WORDS = 3.0


@dataclass(frozen=True)
class _Column:
    """Cells of a sample, taken apart into words."""

    name: str
    cells: list[str]
    words: list[list[str]]
    sizes: np.ndarray
    total: int
    distinct: int
    tagged: float
    outside: float

    @classmethod
    def of(cls, name: str, cells: list[str]) -> _Column:
        words = [words_of(cell) for cell in cells]
        flat = [word for row in words for word in row]
        shaped = sum(has_prefix(word) or word == OUTSIDE for word in flat)
        outside = sum(word == OUTSIDE for word in flat)
        return cls(
            name.strip().lower(),
            cells,
            words,
            np.array([len(row) for row in words], np.int64),
            len(flat),
            len(set(flat)),
            shaped / max(1, len(flat)),
            outside / max(1, len(flat)),
        )


_samples: WeakKeyDictionary[Table, list[_Column]] = WeakKeyDictionary()


def _sampled(table: Table) -> list[_Column]:
    found = _samples.get(table)
    if found is None:
        columns = table.columns[:60]
        found = [_Column.of(name, table.sample(index, SAMPLE_ROWS)) for index, name in enumerate(columns)]
        _samples[table] = found
    return found


def likely(table: Table) -> float:
    """How much a table looks like words with tags, 0..1."""
    found = _best(table, TaggingData())
    if found is None:
        return 0.0
    if table.format.kind in {"conll", "conllu"}:
        return 1.0
    word, tag = (_sampled(table)[place] for place in found)
    if _character_spans(tag):
        return 0.95
    if tag.tagged > 0.95 and tag.outside > 0:
        return 0.95
    listed = sum(cell.startswith("[") for cell in tag.cells) > 0.9 * len(tag.cells)
    return 0.9 if listed and word.total >= _TEXT_WORDS * len(word.cells) else 0.0


def guess_tags(table: Table, data: TaggingData | None = None) -> Guess:
    """Guess what ``data`` leaves open; what it says wins.

    Raises:
        StudioError: no column can hold words or tags, or a named one does not exist.
    """
    data = data or TaggingData()
    columns = _sampled(table)
    reasons: dict[str, str] = {}
    found = _best(table, data)
    if found is None:
        raise StudioError(
            "No two columns of the file hold words and a tag for each of them",
            where=table.path,
            why=f"It has the columns {', '.join(map(repr, table.columns[:20]))}",
            todo="Name the columns (data.word and data.tag), or choose another file",
        )
    word_place, tag_place = found
    word, tag = columns[word_place], columns[tag_place]
    fields: dict[str, object] = {
        "word": data.word if data.word is not None else table.columns[word_place],
        "tag": data.tag if data.tag is not None else table.columns[tag_place],
    }
    predicate = _predicate(table, data, word, tag_place)
    fields["predicate"] = predicate
    if data.word is None:
        reasons["word"] = f"'{fields['word']}' holds the words."
    if data.tag is None:
        reasons["tag"] = f"'{fields['tag']}' holds the tags: {_why_tag(tag)}."
    if predicate is not None and data.predicate is None:
        reasons["predicate"] = f"'{predicate}' holds the place of the word that the tags belong to, its predicate."
    characters = _character_spans(tag)
    kind, why = _tokenizer(word, characters)
    fields["tokenizer"] = data.tokenizer or kind
    if data.tokenizer is None:
        reasons["tokenizer"] = why
    guessed = find_scheme(tag.words) if not characters else None
    fields["scheme"] = data.scheme or (guessed.scheme if guessed is not None else "IOB2")
    if data.scheme is None:
        reasons["scheme"] = guessed.why if guessed is not None else "The tags are spans of characters."
    if data.max_length is None:
        longest = _longest(table, word_place)
        reasons["max_length"] = f"The longest sentence has {longest:,} words."
    fields["max_length"] = data.max_length or LONGEST
    title, reasons["task"] = _title(tag, str(fields["tag"]), predicate, guessed.scheme if guessed else "IOB2")
    return Guess("tagging", title, fields, {name: why for name, why in reasons.items() if why})


def _best(table: Table, data: TaggingData) -> tuple[int, int] | None:
    """Places of words and tags."""
    columns = _sampled(table)
    word = table.position(data.word) if data.word is not None else None
    tag = table.position(data.tag) if data.tag is not None else None
    if word is not None and tag is not None:
        return word, tag
    scores: list[tuple[float, int, int]] = []
    for one in range(len(columns)):
        for other in range(len(columns)):
            if one == other or word not in {None, one} or tag not in {None, other}:
                continue
            score = _pair(columns[one], columns[other], table.format.kind in {"conll", "conllu"})
            if score > 0:
                # The last tag column is the one that people mean; the first column holds the words.
                scores.append((score, other, -one))
    if not scores:
        return None
    _, other, one = max(scores)
    return -one, other


def _pair(word: _Column, tag: _Column, columns: bool) -> float:
    """How well two columns go together as words and tags; 0 if they cannot."""
    if _character_spans(tag):
        plain = word.total >= _TEXT_WORDS * max(1, len(word.cells)) and not _character_spans(word)
        return (2.0 if plain else 0.0) + (word.name in _WORD_NAMES)
    if not tag.total or tag.name in _PREDICATE_NAMES or word.name in _PREDICATE_NAMES:
        return 0.0
    shaped = tag.tagged > 0.95 and tag.outside > 0
    many = tag.distinct > max(3, _FEW * word.distinct)  # of a few sentences even tags are many
    unlike = int((word.sizes != tag.sizes).sum())  # a slip is told when the rows are read
    if unlike > max(len(word.cells) >= _ENOUGH, (1 - _ALIKE) * len(word.cells)) or (many and not shaped):
        return 0.0
    if word.tagged > 0.9 or (not columns and float(word.sizes.mean()) < 1.5):
        return 0.0
    # Features of morphology and dependencies stand in columns too; entities and roles are what people look for.
    score = 0.5 + 2.0 * shaped + 1.0 * (tag.name in _TAG_NAMES)
    return score + 0.5 * (tag.name == "roles") + 0.5 * (word.name in _WORD_NAMES)


def _character_spans(column: _Column) -> bool:
    full = [cell for cell in column.cells[:50] if cell.strip()]
    if not full or not full[0].lstrip().startswith(("[", "{")):
        return False
    found = [spans_of_cell(cell) for cell in full]
    return all(spans is not None for spans in found) and any(found)


def _predicate(table: Table, data: TaggingData, word: _Column, tag_place: int) -> str | int | None:
    if data.predicate is not None:
        table.position(data.predicate)
        return data.predicate
    columns = _sampled(table)
    roles = columns[tag_place].name
    for column, name in zip(columns, table.columns, strict=False):
        if column.name not in _PREDICATE_NAMES:
            continue
        if table.format.kind in {"conll", "conllu"} and roles != "roles":
            return None  # another column of the same sentences: parts of speech and the like
        filled = [(cell, size) for cell, size in zip(column.cells, word.sizes, strict=True) if cell.strip()]
        # A slip in a few rows is told when they are read; without the column they would be read as something else.
        fitting = sum(cell.strip().isdigit() and int(cell) < size for cell, size in filled)
        if filled and fitting > _MOSTLY * len(filled):
            return name
        if filled and all(set(words_of(cell)) <= {"0", "1"} for cell, _ in filled):
            return name
    return None


def _single(column: _Column) -> bool:
    """Whether words are single characters, as in Chinese files."""
    flat = [word for words in column.words for word in words]
    return bool(flat) and sum(len(word) == 1 for word in flat) > 0.9 * len(flat)


def _tokenizer(word: _Column, spans: bool) -> tuple[str, str]:
    """How text that is not in words yet is cut, and why. Spans of a Chinese text may begin at any character."""
    script = script_of([cell for cell in word.cells if cell.strip()])
    if spans and script in {"CJK", "HIRAGANA"}:
        return (
            "character",
            "Written without spaces, a span may begin at any character, so each is a word.",
        )
    if _single(word) and not spans:
        return "character", "The words of the file are single characters, so typed text is cut into characters."
    if script == "CJK":
        return "chinese words", "The words of the file are Chinese, so typed text is cut into Chinese words."
    return "treebank", "Typed text is cut into words as in the Penn Treebank."


def _longest(table: Table, place: int) -> int:
    return max((len(words_of(cell)) for cell in table.column(place)), default=1)


def _why_tag(column: _Column) -> str:
    if _character_spans(column):
        return "spans of characters with a type each"
    count = f"{column.distinct:,} different ones were seen"
    return f"one for each word, {count}"


def _title(tag: _Column, name: str, predicate: object, scheme: str) -> tuple[str, str]:
    if predicate is not None:
        return "Semantic roles", f"'{predicate}' names a word, and '{name}' says what the others are to it."
    if _character_spans(tag):
        return "Named entities", f"'{name}' marks stretches of the text with a type."
    if scheme == "none":
        return "Tagging", f"Each word has one of {tag.distinct:,} tags in '{name}'."
    types = {word[2:] for words in tag.words for word in words if has_prefix(word)}
    words = "one type" if len(types) == 1 else f"{len(types):,} types"
    usual = sum(kind.casefold() in _ENTITIES for kind in types)
    slots = (
        len(types) > 20
        or any("." in kind for kind in types)
        or (usual < _MOSTLY_ENTITIES * len(types) and all(kind == kind.lower() for kind in types))
    )
    what = "Slots" if slots else "Named entities"
    return what, f"Each word has a tag in '{name}', which marks spans of {words}, written as {scheme}."
