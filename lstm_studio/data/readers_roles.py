"""Semantic roles in columns of brackets: CoNLL-2005 (word ... lemma, props) and CoNLL-2012 (OntoNotes).

Each predicate of a sentence has a column of its own, in which ``(A0*`` opens an argument and ``*)`` closes it
(Carreras and Màrquez 2005, Introduction to the CoNLL-2005 shared task; Pradhan and others 2012, CoNLL-2012).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lstm_studio.data.columns import Block, blocks, separator, uncommented
from lstm_studio.data.raw import Note, Raw
from lstm_studio.data.words import join_words
from lstm_studio.errors import StudioError

ROLE_COLUMNS = ["predicate", "sense", "roles"]
_ROLE = re.compile(r"((?:\([^()*\s]+)*)\*?((?:[^()*\s]*\))*)")
_NONE = {"-", "_"}
_MOST_FIXED = 30
_2012 = 11
"""Columns before those of the roles in CoNLL-2012; one for coreference follows them."""
_2012_NAMES = {3: "word", 4: "pos", 5: "parse", 6: "lemma", 9: "speaker", 10: "ner"}

Span = tuple[int, int, str]
"""First word, last word, role."""


@dataclass(frozen=True)
class Layout:
    """Where the roles stand.

    Attributes:
        fixed: Columns before those of the roles.
        mark: Column that is - or _ for words that are no predicates.
        lemma: Column of the predicate's lemma.
        after: Columns behind those of the roles.
    """

    fixed: int
    mark: int
    lemma: int
    after: int


def why_roles(lines: Sequence[str]) -> str:
    """Why the first lines of a text look like words with roles in brackets; "" if they do not."""
    found = find_layout(uncommented(list(blocks(lines, separator(lines)))))
    return "Its lines are words with columns of roles in brackets." if found is not None else ""


def find_layout(found: Sequence[Block]) -> Layout | None:
    """Whether sentences have columns of roles in brackets, and where; None if not. ``found`` is without comments."""
    even = [block for block in found if len({len(row) for row in block.rows}) == 1]
    if len(even) <= 0.9 * len(found) or not even:
        return None
    if _is_2012(even):
        return Layout(_2012, 7, 6, 1)
    narrow = min(len(block.rows[0]) for block in even)
    for fixed in range(2, min(narrow, _MOST_FIXED) + 1):
        good = extra = 0
        for block in even:
            more = len(block.rows[0]) - fixed
            fits = more == sum(row[fixed - 1] not in _NONE for row in block.rows) and _brackets(block, fixed, 0)
            good += fits
            extra += fits and more > 0
        if extra and good > 0.9 * len(even):
            return Layout(fixed, fixed - 1, fixed - 1, 0)
    return None


def _is_2012(found: Sequence[Block]) -> bool:
    good = extra = 0
    for block in found:
        width = len(block.rows[0])
        numbered = width > _2012 and all(row[2] == str(place) for place, row in enumerate(block.rows))
        fits = numbered and all("*" in row[5] for row in block.rows) and _brackets(block, _2012, 1)
        good += fits
        extra += fits and width > _2012 + 1
    return extra > 0 and good > 0.9 * len(found)


def _brackets(block: Block, start: int, after: int) -> bool:
    return all(
        "*" in cell and _ROLE.fullmatch(cell) is not None
        for row in block.rows
        for cell in row[start : len(row) - after]
    )


def read_roles(found: Sequence[Block], layout: Layout, path: Path) -> Raw:
    """One row a predicate: the columns of the file, and "predicate" (from 0), "sense", "roles" (IOB2).

    Raises:
        StudioError: the lines of a sentence have different numbers of columns, brackets do not match, or nothing says
            which word is the predicate.
    """
    names = [f"column {place + 1}" for place in range(layout.fixed)]
    if layout.after:
        names = [_2012_NAMES.get(place, name) for place, name in enumerate(names)]
    cells: list[list[str]] = [[] for _ in range(layout.fixed + 3)]
    word_lines: list[list[int]] = []
    without = 0
    for block in found:
        more = _columns_of_roles(block, layout, path)
        without += not more
        fixed = [join_words([row[place] for row in block.rows]) for place in range(layout.fixed)] if more else []
        marked = [place for place, row in enumerate(block.rows) if row[layout.mark] not in _NONE]
        for number in range(more):
            spans = _spans(block, layout.fixed + number, path)
            verb = next((span for span in spans if span[2] == "V"), None)
            guess = marked[number] if len(marked) == more else None
            if verb is None and guess is None:
                raise StudioError(
                    f"The sentence has {len(marked)} predicates and {more} columns of roles",
                    where=f"{path}, line {block.lines[0]}",
                    why=f"Column {layout.mark + 1} marks the predicates, and none of the roles is V",
                    todo="Give each predicate a column of its roles",
                )
            place = guess if guess is not None and (verb is None or verb[0] <= guess <= verb[1]) else None
            if place is None:
                assert verb is not None
                place = verb[0]
            row = block.rows[place]
            sense = row[layout.lemma]
            if layout.after and row[layout.mark] not in _NONE:
                sense = f"{sense}.{row[layout.mark]}"
            others = [span for span in spans if span is not verb]
            tags = iob2(len(block.rows), verb or (place, place, "V"), others)
            for own, cell in zip(cells, [*fixed, str(place), sense, join_words(tags)], strict=True):
                own.append(cell)
            word_lines.append(block.lines)
    if not word_lines:
        raise StudioError("No sentence of the file has a predicate", where=path, todo="Choose a file with roles")
    return Raw(
        [*names, *ROLE_COLUMNS], cells, [own[0] for own in word_lines], without_predicate(without), [*word_lines]
    )


def without_predicate(count: int) -> list[Note]:
    """A note on sentences that were left out, if there are any."""
    if not count:
        return []
    which = "One sentence has" if count == 1 else f"{count:,} sentences have"
    return [Note("info", f"{which} no predicate and {'is' if count == 1 else 'are'} left out.")]


def iob2(length: int, verb: Span, spans: Sequence[Span]) -> list[str]:
    """Tags of a sentence's words: the predicate first, then the longer spans; one that overlaps those is dropped."""
    tags = ["O"] * length
    for first, last, role in [verb, *sorted(spans, key=lambda span: span[0] - span[1])]:
        if all(tag == "O" for tag in tags[first : last + 1]):
            tags[first : last + 1] = [f"B-{role}", *[f"I-{role}"] * (last - first)]
    return tags


def _columns_of_roles(block: Block, layout: Layout, path: Path) -> int:
    width = len(block.rows[0])
    for row, line in zip(block.rows, block.lines, strict=True):
        if len(row) != width or width < layout.fixed + layout.after:
            has = "1 column" if len(row) == 1 else f"{len(row)} columns"
            others = (
                f"the lines before it have {width}"
                if len(row) != width
                else f"{layout.fixed + layout.after} are expected"
            )
            raise StudioError(
                f"The line has {has}, {others}",
                where=f"{path}, line {line}",
                todo="Give every line of a sentence the same columns",
            )
    return width - layout.fixed - layout.after


def _spans(block: Block, column: int, path: Path) -> list[Span]:
    """What the brackets of a column enclose."""
    spans: list[Span] = []
    open_: list[tuple[int, str]] = []
    for place, row in enumerate(block.rows):
        found = _ROLE.fullmatch(row[column])
        if found is None or not row[column]:
            raise _wrong(f"{row[column][:40]!r} is not a role in brackets", block.lines[place], column, path)
        open_.extend((place, role) for role in found[1].split("(")[1:])
        for _ in range(found[2].count(")")):
            if not open_:
                raise _wrong("A bracket closes that was not opened", block.lines[place], column, path)
            first, role = open_.pop()
            spans.append((first, place, role))
    if open_:
        raise _wrong(f"The bracket of {open_[0][1]} does not close", block.lines[open_[0][0]], column, path)
    return spans


def _wrong(what: str, line: int, column: int, path: Path) -> StudioError:
    return StudioError(
        what,
        where=f"{path}, line {line}",
        why=f"It stands in column {column + 1}",
        todo="Write (A0* where a role begins and *) where it ends",
    )
