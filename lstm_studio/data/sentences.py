"""Rows of a table as sentences with tags: what is empty left out, what cannot be used refused with its line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lstm_studio.config import TaggingData
from lstm_studio.data.char_spans import align, on_words, spans_of_cell
from lstm_studio.data.marked import Marked
from lstm_studio.data.table import Table
from lstm_studio.data.tags import Scheme, broken, convert, encode, find_scheme, spans
from lstm_studio.data.tokenize import tokenizer
from lstm_studio.data.words import words_of
from lstm_studio.errors import StudioError

_SINGLE = 0.9
_CUTS = "The spans of characters are laid over words; {count} of them ({first}) were left out."


@dataclass(frozen=True, eq=False)
class Sentences:
    """N sentences.

    Attributes:
        words, tags: Of each sentence, equally many.
        predicates: Position of the word that the tags belong to, one each; None where the run has none.
        rows: Row of the table, int64 [N].
        table: Where they come from.
        scheme: How the tags are written.
        starts: Which word of its row a piece of a divided sentence begins with; None where none is divided.
    """

    words: list[list[str]]
    tags: list[list[str]]
    predicates: list[int] | None
    rows: np.ndarray
    table: Table
    scheme: Scheme
    starts: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.words)

    def take(self, places: Sequence[int]) -> Sentences:
        """Some of the sentences."""
        return Sentences(
            [self.words[place] for place in places],
            [self.tags[place] for place in places],
            [self.predicates[place] for place in places] if self.predicates is not None else None,
            self.rows[np.asarray(places, np.int64)],
            self.table,
            self.scheme,
            self.starts[np.asarray(places, np.int64)] if self.starts is not None else None,
        )

    def place(self, place: int, word: int = 0) -> str:
        """Where a word of a sentence stands in the file."""
        start = int(self.starts[place]) if self.starts is not None else 0
        return self.table.place(int(self.rows[place]), start + word)


def tagged_sentences(table: Table, data: TaggingData, notes: list[str]) -> Sentences:
    """The sentences of a table; what was odd is added to ``notes``.

    Raises:
        StudioError: a column is missing, words and tags of a row differ in number, a predicate lies outside of its
            sentence, or nothing is left.
    """
    if data.word is None or data.tag is None or data.word == data.tag:
        raise StudioError(
            "The words and the tags must be two columns of the file",
            where=table.path,
            why=f"It has the columns {', '.join(map(repr, table.columns[:20]))}",
            todo="Name them in data.word and data.tag",
        )
    words, tags, places = _words_and_tags(table, data, notes)
    predicates = _predicates(table, data, words, places) if data.predicate is not None else None
    if predicates is not None:
        used = [place for place, predicate in enumerate(predicates) if predicate >= 0]
        left = len(predicates) - len(used)
        if left:
            count = "one sentence" if left == 1 else f"{left:,} sentences"
            notes.append(f"{table.path.name}: {count} without a predicate {'was' if left == 1 else 'were'} left out.")
        predicates = [predicates[place] for place in used]
    else:
        used = _once(table, words, places, notes)
    if not used:
        raise StudioError(
            "No row has words and tags" + (" and a predicate" if predicates is not None else ""),
            where=table.path,
            why=f"Words were looked for in column {data.word!r} and tags in column {data.tag!r}",
            todo="Choose the right columns",
        )
    words, tags = [words[place] for place in used], [tags[place] for place in used]
    rows = np.array([places[place] for place in used], np.int64)
    scheme = data.scheme or find_scheme(tags).scheme
    found = Sentences(words, tags, predicates, rows, table, scheme)
    _mend(found, notes)
    return found


def _words_and_tags(
    table: Table, data: TaggingData, notes: list[str]
) -> tuple[list[list[str]], list[list[str]], list[int]]:
    assert data.word is not None
    assert data.tag is not None
    words: list[list[str]] = []
    tags: list[list[str]] = []
    rows: list[int] = []
    problems: list[str] = []
    empty: list[int] = []
    cut = tokenizer(data.tokenizer or "treebank", False)
    for row, (text, cell) in enumerate(zip(table.column(data.word), table.column(data.tag), strict=True)):
        tokens, own, wrong = _read_row(text, cell, cut, data.scheme or "IOB2")
        problems.extend(f"{table.place(row)}: {problem}" for problem in wrong)
        if not tokens and not own:
            empty.append(row)
            continue
        if len(tokens) != len(own):
            raise StudioError(
                f"A sentence has {_count(len(tokens), 'word')} and {_count(len(own), 'tag')}",
                where=table.where(row),
                why=f"Words are taken from column {data.word!r}, tags from column {data.tag!r}",
                todo="Give each word one tag, or choose other columns",
            )
        words.append(tokens)
        tags.append(own)
        rows.append(row)
    if problems:
        notes.append(f"{table.path.name}: " + _CUTS.format(count=len(problems), first=problems[0]))
    if empty and table.num_rows > len(empty):
        first = table.place(empty[0])
        count = "one empty row" if len(empty) == 1 else f"{len(empty):,} empty rows"
        notes.append(f"{table.path.name}: {count} left out (the first is {first}).")
    return words, tags, rows


def _predicates(table: Table, data: TaggingData, words: list[list[str]], rows: list[int]) -> list[int]:
    """Position of each sentence's predicate, -1 where it has none."""
    assert data.predicate is not None
    cells = table.column(data.predicate)
    return [
        predicate_at(cells[row], len(tokens), table, row, data.predicate)
        for tokens, row in zip(words, rows, strict=True)
    ]


def predicate_at(cell: str, size: int, table: Table, row: int, column: str | int | None) -> int:
    """The place that a cell names, of ``size`` words; -1 for none.

    Raises:
        StudioError: it is neither a place nor a mark for each word.
    """
    cell = cell.strip()
    if cell in {"", "-1", "_", "-"}:
        return -1
    flags = words_of(cell)
    # Of one word, "1" and "0" could be places too; a list is none.
    if len(flags) == size and (size > 1 or cell.startswith("[")) and set(flags) <= {"0", "1"}:
        return flags.index("1") if "1" in flags else -1
    position = int(cell) if cell.isascii() and cell.isdigit() and len(cell) < 9 else -1
    if not 0 <= position < size:
        raise StudioError(
            f"{cell[:40]!r} is not the position of a word",
            where=table.where(row),
            why=f"The sentence has {_count(size, 'word')}, counted from 0, "
            f"and column {column!r} must say which is the predicate",
            todo="Mend the row, or choose another predicate column",
        )
    return position


def marked_row(table: Table, data: TaggingData, row: int) -> Marked:
    """One row with its spans; never raises for what stands in it."""
    assert data.word is not None
    assert data.tag is not None
    text, cell = (table.cell(row, table.position(name)) for name in (data.word, data.tag))
    words, tags, _ = _read_row(text, cell, tokenizer(data.tokenizer or "treebank", False), data.scheme or "IOB2")
    spaced = sum(len(word) == 1 for word in words) < _SINGLE * max(1, len(words))
    if len(words) != len(tags):
        problem = f"This sentence has {_count(len(words), 'word')} and {_count(len(tags), 'tag')}."
        return Marked(tuple(words), (), None, spaced, problem)
    predicate = None
    if data.predicate is not None:
        try:
            at = predicate_at(table.cell(row, table.position(data.predicate)), len(words), table, row, data.predicate)
        except StudioError as error:
            return Marked(tuple(words), (), None, spaced, error.what)
        predicate = at if at >= 0 else None
    steps = broken(tags, data.scheme or "IOB2")
    problem = f"{steps[0][1]}." if steps else ""
    return Marked(tuple(words), tuple(spans(tags, data.scheme or "IOB2")), predicate, spaced, problem)


def _read_row(
    text: str, cell: str, cut: Callable[[str], list[str]], scheme: Scheme
) -> tuple[list[str], list[str], list[str]]:
    """Words, tags, and what could not be laid over the words."""
    marks = spans_of_cell(cell)
    # Without a span both the marks and a list of no tags are written [].
    if marks is None or (not marks and text.startswith("[") and words_of(text) != text.split()):
        return words_of(text), words_of(cell), []
    tokens = cut(text)
    found, wrong = on_words(marks, align(text, tokens))
    return tokens, encode(found, len(tokens), scheme), wrong


def _once(table: Table, words: list[list[str]], rows: list[int], notes: list[str]) -> list[int]:
    """Places of the sentences; one that stands there for each of its predicates is taken once."""
    if "predicate" not in table.columns:
        return list(range(len(words)))
    kept: list[int] = []
    last: tuple[int | None, list[str]] | None = None
    for place, (tokens, row) in enumerate(zip(words, rows, strict=True)):
        here = (table.line_number(row) if table.format.kind in {"conll", "conllu"} else None, tokens)
        if here != last:
            kept.append(place)
        last = here
    repeated = len(words) - len(kept)
    if repeated:
        notes.append(f"{table.path.name}: sentences that stand there once for each predicate are read once.")
    return kept


def _mend(found: Sentences, notes: list[str]) -> None:
    """Read broken sequences as conlleval does, and say which they are."""
    first, count = "", 0
    for place, tags in enumerate(found.tags):
        steps = broken(tags, found.scheme)
        if not steps:
            continue
        count += 1
        if not first:
            at, why = steps[0]
            first = f"{found.place(place, at)}: {why}"
        found.tags[place] = convert(tags, found.scheme, found.scheme)
    if count:
        which = "One sentence breaks" if count == 1 else f"{count:,} sentences break"
        begins = f"{first}" if count == 1 else f"the first is at {first}"
        notes.append(
            f"{found.table.path.name}: {which} the rules of {found.scheme} ({begins}). "
            "Read as the CoNLL script reads them."
        )


def divided(found: Sentences, longest: int | None, notes: list[str]) -> Sentences:
    """Sentences of more words than ``longest`` as several pieces."""
    long = [place for place, words in enumerate(found.words) if longest is not None and len(words) > longest]
    if not long or longest is None:
        return found
    pieces: list[tuple[int, int, int]] = []
    for place, words in enumerate(found.words):
        pieces += [(place, start, min(len(words), start + longest)) for start in range(0, len(words), longest)]
    count = "One sentence" if len(long) == 1 else f"{len(long):,} sentences"
    notes.append(f"{found.table.path.name}: {count} of more than {longest:,} words divided into pieces.")
    predicates = None
    if found.predicates is not None:
        owners = found.predicates
        predicates = [owners[place] - start if start <= owners[place] < end else -1 for place, start, end in pieces]
    tags = [convert(found.tags[place][start:end], found.scheme, found.scheme) for place, start, end in pieces]
    return Sentences(
        [found.words[place][start:end] for place, start, end in pieces],
        tags,
        predicates,
        found.rows[np.array([place for place, _, _ in pieces], np.int64)],
        found.table,
        found.scheme,
        np.array([start for _, start, _ in pieces], np.int64),
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
