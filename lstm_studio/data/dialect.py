"""Separator, quotes, escapes and header of a table in text: the reading under which its rows are alike."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from lstm_studio.errors import StudioError

SAMPLE_CHARACTERS = 1_000_000
SAMPLE_ROWS = 2_000
DELIMITERS = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "vertical bar"}
_SPELLED = {"\\t": "\t", "tab": "\t", "comma": ",", "semicolon": ";", "space": " "}
KNOWN_HEADERS = frozenset(
    "text texts sentence sentences review reviews content message messages body comment comments tweet title "
    "description question document label labels class classes category categories sentiment target topic tag intent "
    "rating score polarity id index name source lang language split stars "
    "文本 内容 评论 句子 标题 正文 标签 类别 分类 情感 情绪 主题 编号 文字 評論 標籤 內容 類別 標題 "
    "texto etiqueta clase texte étiquette classe etikett klasse kategorie testo etichetta текст метка класс отзыв "
    "テキスト ラベル 本文 文章 텍스트 라벨 레이블 리뷰".split()
)
_LONGEST_NAME = 60


@dataclass(frozen=True)
class Dialect:
    """How cells are told apart, and the first rows read so."""

    delimiter: str
    quoting: bool
    escape: bool
    rows: list[list[str]]
    evenness: float


END = "\0"
"""What ``parse_lines`` gives as its last row; a row that merely ends with it began with a quote that never closes."""


def parse_lines(lines: Iterable[str], delimiter: str, quoting: bool, escape: bool = False) -> Any:
    """A csv reader over lines with \\n ends and no NUL; ``line_num`` counts them. The last row is ``END``."""
    csv.field_size_limit(2**31 - 1)
    return csv.reader(
        chain(lines, [END]),
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if quoting else csv.QUOTE_NONE,
        quotechar='"',
        doublequote=True,
        escapechar="\\" if escape else None,
    )


def parse_rows(text: str, delimiter: str, quoting: bool, escape: bool = False) -> Any:
    """``parse_lines`` over a text."""
    return parse_lines(io.StringIO(text, newline="\n"), delimiter, quoting, escape)


def checked_delimiter(given: str, path: Path) -> str:
    """The separator that a person means. Raises StudioError when none can be that."""
    found = _SPELLED.get(given.lower(), given)
    if len(found) != 1 or found in '"\n\r\0':
        raise StudioError(
            f"A separator must be one character, not {given!r}", where=path, todo="Try a comma, a semicolon or tab"
        )
    return found


def sample_of(text: str) -> tuple[str, bool]:
    """The beginning of a text up to a line end, and whether that is all of it."""
    if len(text) <= SAMPLE_CHARACTERS:
        return text, True
    end = text.rfind("\n", 0, SAMPLE_CHARACTERS)
    return text[: end + 1 if end >= 0 else SAMPLE_CHARACTERS], False


def find_dialect(text: str, candidates: Sequence[str], quoting: bool | None) -> Dialect | None:
    """The separator, quotes and escapes that give the most even rows; None when there are no rows.

    Args:
        text: With \\n line ends; its beginning is looked at.
        candidates: Separators, the likelier first.
        quoting: Whether quotes enclose cells, if that is known.
    """
    sample, complete = sample_of(text)
    best: tuple[float, Dialect] | None = None
    there = [separator for separator in candidates if separator in sample]
    for rank, separator in enumerate(there or candidates[:1]):
        for quotes, escape in _ways(sample, quoting):
            rows, closed = _try(sample, separator, quotes, escape)
            if not rows:
                continue
            even = _evenness(rows, separator)
            score = even - 0.0005 * rank - 0.002 * escape
            if quoting is None:
                score -= _misquoted(sample, separator, escape) if quotes else 0.004
                score -= 0.3 * (complete and not closed)
            if best is None or score > best[0]:
                best = score, Dialect(separator, quotes, escape, rows[:SAMPLE_ROWS], even)
    return best[1] if best is not None else None


def _ways(sample: str, quoting: bool | None) -> list[tuple[bool, bool]]:
    """(quotes enclose cells, backslash escapes) worth trying."""
    if '"' not in sample:
        return [(True if quoting is None else quoting, False)]
    ways = [(True, False), (False, False)] if quoting is None else [(quoting, False)]
    if quoting is not False and '\\"' in sample:
        ways.append((True, True))
    return ways


def _try(sample: str, separator: str, quotes: bool, escape: bool) -> tuple[list[list[str]], bool]:
    """The rows that are not blank, and whether all quotes closed."""
    rows: list[list[str]] = []
    row: list[str] = []
    try:
        for row in parse_rows(sample, separator, quotes, escape):
            if row and any(cell.strip() for cell in row):
                rows.append(row)
    except csv.Error:
        return [], True
    closed = row == [END]
    rows[-1:] = [] if closed or len(rows) > 1 else [[cell.removesuffix(END) for cell in row]]
    return rows, closed


def _misquoted(sample: str, separator: str, escape: bool) -> float:
    """A penalty when most cells that begin with a quote do not end with one: then quotes are just characters."""
    if '"' not in sample:
        return 0.0
    mark = re.escape(separator)
    inner = r'(?:[^"\\]++|""|\\.)*+' if escape else r'(?:[^"]++|"")*+'
    found = re.findall(rf'(?:^|{mark})"({inner}"(?=$|{mark}))?', sample, re.MULTILINE | re.DOTALL)
    return 0.01 if found and sum(map(bool, found)) < 0.5 * len(found) else 0.0


def _evenness(rows: Sequence[Sequence[str]], separator: str) -> float:
    """Share of the rows with the usual number of columns, less those that a stray quote swallowed; one column says
    nothing."""
    counts = Counter(len(row) for row in rows)
    width, times = counts.most_common(1)[0]
    if width < 2:
        return 0.3 * times / len(rows)
    multiline = [cell for row in rows for cell in row if "\n" in cell]
    swallowed = sum(_rows_inside(cell, separator, width) for cell in multiline)
    if 2 * swallowed <= len(multiline):  # a text may well look like rows now and then
        return times / len(rows)
    return times / len(rows) - swallowed / len(rows) - 0.5


def _rows_inside(cell: str, separator: str, width: int) -> bool:
    """Whether a cell of several lines looks as if whole rows stood in it."""
    lines = cell.split("\n")
    if separator == "\t":
        tabs = [line.count("\t") for line in lines]
        return all(count == width - 1 for count in tabs[1:]) or all(count == width - 1 for count in tabs[:-1])
    return len(lines) > 3 and sum(separator in line for line in lines) >= 0.8 * len(lines)


# -- header ----------------------------------------------------------------------------------------------------


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: known names, or cells unlike those below them."""
    if not rows:
        return False
    names = [cell.strip() for cell in rows[0]]
    below = [list(_column(rows[1:1001], index)) for index in range(len(names))]
    if not any(names) or any(len(name) > _LONGEST_NAME for name in names):
        return False
    known = [index for index, name in enumerate(names) if name.lower() in KNOWN_HEADERS]
    if known and not any(names[index] in below[index] for index in known):
        return True
    if len(rows) < 2 or any(is_number(name) for name in names):
        return False
    unlike = False
    for name, column in zip(names, below, strict=True):
        if not column:
            continue
        distinct = set(column)
        if name in distinct:
            return False
        if len(distinct) <= max(2, len(column) // 10) or all(is_number(cell) for cell in column if cell):
            unlike = True  # a column of labels or numbers in which the first cell does not occur
        if " " not in name and len(name) * 2.5 < sum(map(len, column)) / len(column):
            unlike = True
    return unlike


def _column(rows: Sequence[Sequence[str]], index: int) -> Iterator[str]:
    return (row[index].strip() for row in rows if len(row) > index)


def is_number(cell: str) -> bool:
    """Whether a cell holds nothing but a number."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def has_labels(rows: Sequence[Sequence[str]]) -> bool:
    """Whether some column holds few different, short values, as labels are."""
    if len(rows) < 5:
        return False
    for index in range(len(rows[0])):
        column = [cell for cell in _column(rows[1:], index) if cell]
        if column and len(set(column)) <= max(2, len(column) // 5) and sum(map(len, column)) <= 30 * len(column):
            return True
    return False
