"""Words in columns (CoNLL-2003, BIO, BMES): a word a line with its tags, blank lines between sentences."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from lstm_studio.data.columns import Block, blocks, separator, uncommented
from lstm_studio.data.progress import Progress
from lstm_studio.data.raw import Note, Raw
from lstm_studio.data.readers_roles import find_layout, read_roles
from lstm_studio.data.source import SourceFormat
from lstm_studio.data.words import join_words
from lstm_studio.errors import StudioError

_TODO = "Give every line the same columns, and leave a blank line between sentences"


def read_columns(text: str, format: SourceFormat, path: Path, progress: Progress) -> Raw:
    """One row a sentence, one column a column of the file: "column 1", "column 2", ...

    Tabs separate where every line has the same number of them, white space elsewhere. ``-DOCSTART-`` lines are left
    out, and so are lines that begin with # unless they have as many columns as the others. A file whose last columns
    hold roles in brackets is read by ``read_roles``.

    Raises:
        StudioError: a line has another number of columns than the others, or no word.
    """
    lines = text.split("\n")
    between = separator(lines)
    found: list[Block] = []
    for count, block in enumerate(blocks(lines, between)):
        found.append(block)
        if count % 1000 == 0:
            progress(block.lines[0] / len(lines), f"Reading: {block.lines[0]:,} lines")
    layout = find_layout(uncommented(found[:1000]))
    if layout is not None:
        return read_roles(uncommented(found), layout, path)
    widths = Counter(len(row) for block in found for row in block.rows if not row[0].startswith("#"))
    widths = widths or Counter(len(row) for block in found for row in block.rows)
    width = widths.most_common(1)[0][0] if widths else 0
    if width < 2:
        raise StudioError(
            "The lines have one column only" if width else "The file has no words",
            where=path,
            why="Words in columns need a word and a tag on each line",
            todo="Choose another format",
        )
    return _collect(found, width, between, path)


def _collect(found: list[Block], width: int, between: str, path: Path) -> Raw:
    cells: list[list[str]] = [[] for _ in range(width)]
    starts: list[int] = []
    word_lines: list[list[int]] = []
    holes = [0] * width
    first_hole = [0] * width
    first = found[0].lines[0]
    words = 0
    for block in found:
        rows = block.rows
        numbers = block.lines
        if any(len(row) != width for row in rows):
            rows, numbers = _checked(block, width, first, path)
            if not rows:
                continue
        columns = list(zip(*rows, strict=True))
        if between == "\t":
            if "" in columns[0]:
                line = numbers[columns[0].index("")]
                raise StudioError(
                    "The line has no word", where=f"{path}, line {line}", why="Its first column is empty", todo=_TODO
                )
            for place, column in enumerate(columns):
                if "" in column:
                    holes[place] += column.count("")
                    first_hole[place] = first_hole[place] or numbers[column.index("")]
                    columns[place] = tuple(cell or "_" for cell in column)
        for own, column in zip(cells, columns, strict=True):
            own.append(join_words(column))
        starts.append(numbers[0])
        word_lines.append(numbers)
        words += len(numbers)
    kept = [place for place in range(width) if holes[place] < words]
    notes: list[Note] = []
    if count := sum(holes[place] for place in kept):
        line = min(first_hole[place] for place in kept if holes[place])
        which = "One cell is" if count == 1 else f"{count:,} cells are"
        notes.append(Note("warning", f"{which} empty and read as _ (the first is in line {line}).", line))
    names = [f"column {place + 1}" for place in kept]
    return Raw(names, [cells[place] for place in kept], starts, notes, [*word_lines])


def _checked(block: Block, width: int, first: int, path: Path) -> tuple[list[list[str]], list[int]]:
    """Rows and lines without comments."""
    rows, numbers = [], []
    for row, number in zip(block.rows, block.lines, strict=True):
        if len(row) == width:
            rows.append(row)
            numbers.append(number)
        elif not row[0].startswith("#"):
            has = "1 column" if len(row) == 1 else f"{len(row)} columns"
            others = "lines below it" if number == first else "lines before it"
            raise StudioError(
                f"The line has {has}, the {others} have {width}", where=f"{path}, line {number}", todo=_TODO
            )
    return rows, numbers
