"""CoNLL-U: words with parts of speech and a tree of dependencies; Universal PropBank adds predicates and their roles.

The layouts of roles are those of Universal PropBank 1.0 (behind 10 columns the sense, behind 8 a mark Y and the sense,
then one column a predicate, a role standing at the head of its argument; Akbik and others 2015) and 2.0 (CoNLL-U Plus
with UP:PRED, UP:ARGHEADS, UP:ARGSPANS; Jindal and others 2022).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lstm_studio.data.columns import ID, Block
from lstm_studio.data.progress import Progress
from lstm_studio.data.raw import EVERY, Note, Raw
from lstm_studio.data.readers_roles import ROLE_COLUMNS, Span, iob2, without_predicate
from lstm_studio.data.source import SourceFormat
from lstm_studio.data.words import join_words
from lstm_studio.errors import StudioError

NAMES = ["id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc"]
_NONE = {"", "_"}
_ARGUMENT = re.compile(r"(.+):(\d+)(?:-(\d+))?")


@dataclass(frozen=True)
class _Layout:
    """Names of the columns that every line has, the place of the sense, and whether arguments stand in the columns
    behind it; -1 for a file without roles."""

    names: list[str]
    sense: int = -1
    behind: bool = False


def read_conllu(text: str, format: SourceFormat, path: Path, progress: Progress) -> Raw:
    """One row a sentence, or one row a predicate where there are roles: then with "predicate", "sense" and "roles".

    Ranges of words (1-2), empty nodes (1.1) and comments are left out. A role is spread from the head of its argument
    over the words beside it that depend on it, the predicate and what depends on that excepted.

    Raises:
        StudioError: a line has another number of columns, or no number or no word.
    """
    blocks, given = _blocks(text, path, progress)
    if not blocks:
        raise StudioError("The file has no sentences", where=path, todo="Choose another file")
    layout = _named(given, path) if given else _find_layout(blocks)
    cells: list[list[str]] = [[] for _ in range(len(layout.names) - 1 + 3 * (layout.sense >= 0))]
    word_lines: list[list[int]] = []
    without = 0
    broken: list[int] = []
    for block in blocks:
        _check(block, layout, path)
        columns = [[row[place] or "_" for row in block.rows] for place in range(1, len(layout.names))]
        predicates = _predicates(block, layout)
        if layout.sense >= 0 and not predicates:
            without += 1
            continue
        fixed = [join_words(column) for column in columns]
        if layout.sense < 0:
            for own, cell in zip(cells, fixed, strict=True):
                own.append(cell)
            word_lines.append(block.lines)
            continue
        tree = _Tree.of(block, layout)
        if tree is None:
            broken.append(block.lines[0])
            continue
        for number, place in enumerate(predicates):
            spans = _arguments(block, layout, number, place, tree)
            tags = iob2(len(block.rows), (place, place, "V"), spans)
            for own, cell in zip(
                cells, [*fixed, str(place), block.rows[place][layout.sense], join_words(tags)], strict=True
            ):
                own.append(cell)
            word_lines.append(block.lines)
    notes = without_predicate(without)
    if broken:
        which = "One sentence was" if len(broken) == 1 else f"{len(broken):,} sentences were"
        notes.append(
            Note("warning", f"{which} left out: the heads form no tree (the first is at line {broken[0]}).", broken[0])
        )
    names = layout.names[1:] + (ROLE_COLUMNS if layout.sense >= 0 else [])
    return Raw(names, cells, [lines[0] for lines in word_lines], notes, [*word_lines])


def _blocks(text: str, path: Path, progress: Progress) -> tuple[list[Block], list[str]]:
    """The sentences, and the names of the columns if the file gives them."""
    given: list[str] = []
    found = [Block()]
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if number % EVERY == 0:
            progress(number / len(lines), f"Reading: {number:,} lines")
        if not line or line.isspace():
            if found[-1].lines:
                found.append(Block())
            continue
        if line.startswith("#") and "\t" not in line[:3]:
            if line.startswith("# global.columns"):
                given = line.partition("=")[2].lower().split()
            continue
        cells = line.split("\t")
        if not cells[0].isdigit():
            if ID.fullmatch(cells[0]):
                continue
            raise StudioError(
                f"{cells[0][:40]!r} is not the number of a word",
                where=f"{path}, line {number}",
                why="In CoNLL-U a line begins with a number and a tab",
                todo="Mend the line, or choose another format",
            )
        found[-1].lines.append(number)
        found[-1].rows.append(cells)
    return [block for block in found if block.lines], given


def _named(given: list[str], path: Path) -> _Layout:
    if given[0] != "id" or "form" not in given:
        raise StudioError("global.columns does not name ID and FORM", where=path, todo="Name the columns")
    names = [name.removeprefix("up:") if name in {"up:argheads", "up:argspans"} else name for name in given]
    roles = "up:pred" in names and {"argspans", "argheads"} & set(names) and "head" in names
    return _Layout(names, names.index("up:pred") if roles else -1)


def _find_layout(blocks: Sequence[Block]) -> _Layout:
    """By the widths of the sentences."""
    best, share = _Layout(NAMES), sum(len(block.rows[0]) == 10 for block in blocks)
    for layout in (_Layout(NAMES[:8]), _Layout(NAMES[:8], 9, True), _Layout(NAMES, 10, True)):
        fits = 0
        some = layout.sense < 0
        for block in blocks:
            width = len(block.rows[0])
            if layout.sense < 0:
                fits += width == len(layout.names)
            elif width > layout.sense:
                count = len(_predicates(block, layout))
                flagged = layout.sense == 10 or all(
                    row[8] in ("Y" if row[9] not in _NONE else "_") for row in block.rows if len(row) > 9
                )
                fits += flagged and width - layout.sense - 1 in ({count} if count else {0, 1})
                some = some or (flagged and count > 0)
        if some and fits > share:
            best, share = layout, fits
    return best


def _predicates(block: Block, layout: _Layout) -> list[int]:
    sense = layout.sense
    if sense < 0:
        return []
    return [place for place, row in enumerate(block.rows) if len(row) > sense and row[sense] not in _NONE]


def _check(block: Block, layout: _Layout, path: Path) -> None:
    width = len(block.rows[0]) if layout.behind else len(layout.names)
    least = layout.sense + 1 + len(_predicates(block, layout)) if layout.behind else width
    for row, line in zip(block.rows, block.lines, strict=True):
        if len(row) != width or len(row) < least:
            has = "1 column" if len(row) == 1 else f"{len(row)} columns"
            raise StudioError(
                f"The line has {has}, {least if len(row) == width else width} are expected",
                where=f"{path}, line {line}",
                why="CoNLL-U has ten columns, with tabs between them" if not layout.behind else "",
                todo="Give every line of a sentence the same columns",
            )
        if not row[1].strip():
            raise StudioError("The line has no word", where=f"{path}, line {line}", why="Its second column is empty")


@dataclass(frozen=True)
class _Tree:
    """Position of the word with each number, and of the words that depend on each word."""

    places: dict[str, int]
    below: list[list[int]]

    @classmethod
    def of(cls, block: Block, layout: _Layout) -> _Tree | None:
        """None if the heads form no tree."""
        head = layout.names.index("head")
        places = {row[0]: place for place, row in enumerate(block.rows)}
        below: list[list[int]] = [[] for _ in block.rows]
        reached: list[int] = []
        for place, row in enumerate(block.rows):
            if row[head] == "0":
                reached.append(place)
            elif row[head] in places:
                below[places[row[head]]].append(place)
            else:
                return None
        for place in reached:  # grows while it is read
            reached.extend(below[place])
        return cls(places, below) if len(reached) == len(places) == len(block.rows) else None

    def span(self, head: int, predicate: int) -> tuple[int, int]:
        """The words beside a word that depend on it, in one stretch; what is at or below the predicate is left out."""
        words: set[int] = set()
        left = [head]
        while left:
            place = left.pop()
            if place != predicate:
                words.add(place)
                left.extend(self.below[place])
        first = last = head
        while first - 1 in words:
            first -= 1
        while last + 1 in words:
            last += 1
        return first, last


def _arguments(block: Block, layout: _Layout, number: int, predicate: int, tree: _Tree) -> list[Span]:
    spans: list[Span] = []
    if layout.behind:
        column = layout.sense + 1 + number
        for place, row in enumerate(block.rows):
            if row[column] not in _NONE and row[column] != "V" and place != predicate:
                spans.append((*tree.span(place, predicate), row[column]))
        return spans
    row = block.rows[predicate]
    for name in ("argspans", "argheads"):
        cell = row[layout.names.index(name)] if name in layout.names else "_"
        if cell in _NONE:
            continue
        for part in cell.split("|"):
            found = _ARGUMENT.fullmatch(part)
            if found is None or found[2] not in tree.places or found[1] == "V":
                continue
            first = tree.places[found[2]]
            last = tree.places.get(found[3], first) if found[3] else first
            if name == "argheads":
                first, last = tree.span(first, predicate)
            if first <= last:
                spans.append((first, last, found[1]))
        break
    return spans
