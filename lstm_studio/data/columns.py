"""Words in columns: one word a line with its tags beside it, blank lines between sentences. How to tell such a text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

SUFFIXES = frozenset({".conll", ".bio", ".bioes", ".bieos", ".bilou", ".bmes", ".bmeo", ".iob", ".iob1", ".iob2"})
CONLLU_SUFFIXES = frozenset({".conllu", ".conllup"})
TAG = re.compile(r"O|[BIESMLUW][-_]\S+")
ID = re.compile(r"\d+(?:[-.]\d+)?")
MOST_COLUMNS = 15
_SHARE = 0.9
_FEW = 80
"""A tag set seldom has more members than this."""
_TAG_CHARACTERS = re.compile(r"[^a-z\s]+")


@dataclass
class Block:
    """The lines of a sentence: their numbers in the file, from 1, and their cells."""

    lines: list[int] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


def separator(lines: Sequence[str]) -> str:
    """Tab or space: what stands between the columns. White space of either kind counts where it is a space."""
    used = [line for line in lines if line and not line.isspace() and not line.startswith(("-DOCSTART-", "#"))]
    used = used or [line for line in lines if line and not line.isspace()]
    tabs = Counter(line.count("\t") for line in used)
    count, times = tabs.most_common(1)[0] if tabs else (0, 0)
    if count < 1:
        return " "
    if times == len(used):
        return "\t"
    if times > _SHARE * len(used) and len({len(line.split()) for line in used}) > 1:
        return "\t"  # neither fits all lines: the one that is wrong is to be told
    return " "


def cells_of(line: str, between: str) -> list[str]:
    """The cells of a line."""
    if between == "\t":
        cells = line.split("\t")
        return [cell.strip(" ") for cell in cells] if " " in line else cells
    if "\t" in line:
        line = line.replace("\t", " ")
    cells = line.split(" ")
    return [cell for cell in cells if cell] if "" in cells else cells


def blocks(lines: Sequence[str], between: str) -> Iterator[Block]:
    """Sentences: what stands between blank lines and ``-DOCSTART-`` lines."""
    block = Block()
    for number, line in enumerate(lines, 1):
        if not line or line.isspace() or line.startswith("-DOCSTART-"):
            if block.lines:
                yield block
                block = Block()
            continue
        block.lines.append(number)
        block.rows.append(cells_of(line, between))
    if block.lines:
        yield block


def uncommented(found: Sequence[Block]) -> list[Block]:
    """Blocks without lines that begin with # and have another number of cells than the words beside them."""
    kept = []
    for block in found:
        if any(row[0].startswith("#") for row in block.rows):
            widths = Counter(len(row) for row in block.rows if not row[0].startswith("#"))
            width = widths.most_common(1)[0][0] if widths else 0
            places = [place for place, row in enumerate(block.rows) if not row[0].startswith("#") or len(row) == width]
            block = Block([block.lines[place] for place in places], [block.rows[place] for place in places])
        if block.rows:
            kept.append(block)
    return kept


def why_columns(lines: Sequence[str], *, table: bool = False) -> str:
    """Why the first lines of a text look like words in columns; "" if they do not.

    Args:
        lines: With the blank ones.
        table: The name of the file says that it is a table: then only tags and blank lines tell otherwise.
    """
    between = separator(lines)
    found = uncommented(list(blocks(lines, between)))
    rows = [row for block in found for row in block.rows]
    if not rows:
        return ""
    width, times = Counter(map(len, rows)).most_common(1)[0]
    if not 2 <= width <= MOST_COLUMNS or times <= _SHARE * len(rows):
        return ""
    apart = len(found) > 1 and len(rows) >= 2 * len(found)
    tagged = sum(len(row) == width and bool(TAG.fullmatch(row[-1])) for row in rows)
    if tagged > _SHARE * len(rows) and (apart or not table):
        return "Its lines are words with a tag in the last column."
    if table or not apart or times < len(rows):
        return ""
    for column in range(1, width):
        if _is_tags([row[column] for row in rows]):
            return "Its lines are words with tags in columns, and blank lines stand between sentences."
    return ""


def _is_tags(cells: Sequence[str]) -> bool:
    distinct = set(cells)
    if sum(bool(TAG.fullmatch(cell)) for cell in cells) > _SHARE * len(cells):
        return len(distinct) > 1
    few = 1 < len(distinct) <= min(_FEW, max(3, len(cells) // 2))
    capitals = sum(bool(_TAG_CHARACTERS.fullmatch(cell)) for cell in cells)
    letters = sum(cell.isascii() and cell[:1].isalpha() for cell in cells)
    return few and capitals > _SHARE * len(cells) and letters > 0.5 * len(cells)


def why_conllu(lines: Sequence[str]) -> str:
    """Why the first lines of a text look like CoNLL-U; "" if they do not."""
    body = [line for line in lines if line and not line.isspace() and not line.startswith("#")]
    if not body or len(body) == len("\n".join(lines).strip().split("\n")):
        return ""  # neither a blank line nor a comment: a table with a number in its first column
    if any(line.startswith("# global.columns") for line in lines[:5]):
        return "Its first line names the columns of CoNLL-U Plus."
    good = starts = 0
    new = True
    for line in lines:
        if not line or line.isspace():
            new = True
            continue
        if line.startswith("#"):
            continue
        cells = line.split("\t")
        fits = (len(cells) == 8 or len(cells) >= 10) and bool(ID.fullmatch(cells[0]))
        good += fits and (cells[6].isdigit() or cells[6] == "_")
        starts += new and re.match(r"(?:0\.|1(?:-\d+)?$)", cells[0]) is None
        new = False
    return "Its lines have the ten columns of CoNLL-U." if good > _SHARE * len(body) and not starts else ""
