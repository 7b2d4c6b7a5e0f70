"""How a file is laid out: kind, encoding, separator, quotes, header. Found out, and each with its reason."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lstm_studio.data.decode import Decoded, decode
from lstm_studio.errors import StudioError

SAMPLE_CHARACTERS = 1_000_000
DELIMITERS = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "vertical bar"}
KNOWN_HEADERS = frozenset(
    "text texts sentence sentences review reviews content message body comment comments tweet title description "
    "question document label labels class classes category categories sentiment target topic tag intent rating score "
    "polarity id index name source lang language split "
    "文本 内容 评论 句子 标题 正文 标签 类别 分类 情感 情绪 主题 编号 文字 評論 標籤 內容 類別".split()
)
FASTTEXT = re.compile(r"__label__\S+(\s+__label__\S+)*(\s|$)")
LABELLED = re.compile(r"[A-Z][A-Za-z0-9_]*:[A-Za-z0-9_]+ \S")
CONLL_TAG = re.compile(r"(O|[BIESMLU]-\S+)$")
VECTOR = re.compile(r"\S+( -?\d*\.\d+(e-?\d+)?| nan){2,}\s*$", re.IGNORECASE)
TABLE_SUFFIXES = {".csv", ".tsv", ".tab"}


@dataclass(frozen=True)
class SourceFormat:
    """The layout of a file. ``why`` says in sentences how it was found out."""

    kind: str
    encoding: str = "utf-8"
    delimiter: str | None = None
    quoting: bool = True
    header: bool = False
    why: tuple[str, ...] = ()
    escape: bool = False


def detect(
    path: str | Path,
    *,
    format: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    quoting: bool | None = None,
    header: bool | None = None,
) -> SourceFormat:
    """Find out the layout of a file or folder; what is given wins.

    Raises:
        StudioError: there is no such file, or it is not one that holds texts.
    """
    source = Path(path)
    kind = kind_of_path(source, format)
    if kind in {"folder", "parquet"}:
        return SourceFormat(kind, why=(f"It is a {'folder' if kind == 'folder' else 'Parquet file'}.",), header=True)
    decoded = decode(read_bytes(source), source, encoding)
    return detect_text(decoded, source, kind, delimiter=delimiter, quoting=quoting, header=header)


def read_bytes(path: Path) -> bytes:
    """All bytes of a file; a StudioError when it cannot be read or is empty."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise StudioError("There is no such file", where=path, todo="Check the path") from None
    except IsADirectoryError:
        raise StudioError("This is a folder, not a file", where=path) from None
    except OSError as error:
        raise StudioError("The file cannot be read", where=path, why=error.strerror or str(error)) from None
    if not raw.strip(b"\0\t\r\n \xef\xbb\xbf\xff\xfe"):
        why = "It has no bytes" if not raw else "It holds nothing but white space"
        raise StudioError("The file is empty", where=path, why=why, todo="Choose a file with texts")
    return raw


def kind_of_path(path: Path, format: str | None) -> str | None:
    """What the path alone says: "folder", "parquet", the given format, or None."""
    if path.is_dir():
        if format not in {None, "folder"}:
            raise StudioError("This is a folder, not a file", where=path, todo="Set data.format to folder")
        return "folder"
    if format == "folder":
        raise StudioError("This is a file, not a folder", where=path)
    if format is None and path.suffix.lower() in {".parquet", ".pq"}:
        return "parquet"
    return format


def detect_text(
    decoded: Decoded,
    path: Path,
    kind: str | None,
    *,
    delimiter: str | None = None,
    quoting: bool | None = None,
    header: bool | None = None,
) -> SourceFormat:
    """The layout of a decoded file."""
    text, why = decoded.text, [f"Encoding {decoded.encoding}: {decoded.why}."]
    lines = [line for line in text[:SAMPLE_CHARACTERS].split("\n", 2000)[:2000] if line.strip()]
    if kind is None:
        kind = _kind(lines, path, delimiter, why)
    if kind not in {"csv", "tsv"}:
        return SourceFormat(kind, decoded.encoding, why=tuple(why), header=kind == "jsonl")
    found = _dialect(text, path, "\t" if kind == "tsv" and delimiter is None else delimiter, quoting, why)
    separator, quotes, escape, rows = found
    if header is None:
        header = _has_header(rows)
        why.append(
            "The first row holds names: it is unlike the rows below it."
            if header
            else "The first row is data: it looks like the rows below it."
        )
    kind = "tsv" if separator == "\t" else "csv"
    return SourceFormat(kind, decoded.encoding, separator, quotes, header, tuple(why), escape)


def _kind(lines: Sequence[str], path: Path, delimiter: str | None, why: list[str]) -> str:
    suffix = path.suffix.lower()
    first = lines[0].lstrip() if lines else ""
    if suffix in {".json", ".jsonl", ".ndjson"} or (first[:1] in "{[" and first[:2] not in {"[", "{"} and _json(first)):
        why.append("It holds JSON.")
        return "jsonl"
    if _share(lines, FASTTEXT.match) > 0.95:
        why.append("Its lines start with __label__.")
        return "fasttext"
    if suffix not in TABLE_SUFFIXES:
        _refuse_others(lines, path)
        if _share(lines, LABELLED.match) > 0.97:
            why.append("Its lines start with a label such as LABEL:fine.")
            return "labelled"
    if suffix in TABLE_SUFFIXES or delimiter is not None:
        return "csv"
    for candidate in "\t|;,":
        counts = Counter(line.count(candidate) for line in lines)
        number, times = counts.most_common(1)[0] if counts else (0, 0)
        needed = 0.9 if candidate == "\t" else 0.97
        if number >= 1 and times >= needed * len(lines) and (candidate in "\t|" or len(lines) >= 5):
            return "csv"
    why.append("Each line is one text: no separator splits all lines alike.")
    return "txt"


def _json(first: str) -> bool:
    return first[0] == "[" or bool(re.match(r'\{\s*("|$|\})', first))


def _refuse_others(lines: Sequence[str], path: Path) -> None:
    suffix = path.suffix.lower()
    body = [line for line in lines if not line.startswith(("#", "-DOCSTART-"))]
    tagged = sum(len(line.split()) >= 2 and bool(CONLL_TAG.search(line.rstrip())) for line in body)
    if suffix in {".conll", ".conllu", ".bio", ".iob", ".bmes"} or (body and tagged > 0.9 * len(body)):
        raise StudioError(
            "This looks like words with tags in columns (CoNLL), not like texts with labels",
            where=path,
            todo="Choose a file with one text and one label a row",
        )
    if suffix == ".vec" or (body and _share(body, VECTOR.match) > 0.8):
        raise StudioError(
            "This looks like word vectors, not like texts with labels",
            where=path,
            todo="Choose a file with one text and one label a row",
        )


def _share(lines: Sequence[str], test: Callable[[str], object]) -> float:
    return sum(bool(test(line)) for line in lines) / len(lines) if lines else 0.0


def parse_rows(text: str, delimiter: str, quoting: bool, escape: bool = False) -> Any:
    """A csv reader over a text with \\n line ends."""
    csv.field_size_limit(2**31 - 1)
    return csv.reader(
        io.StringIO(text, newline="\n"),
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if quoting else csv.QUOTE_NONE,
        quotechar='"',
        doublequote=not escape,
        escapechar="\\" if escape else None,
    )


def _dialect(
    text: str, path: Path, delimiter: str | None, quoting: bool | None, why: list[str]
) -> tuple[str, bool, bool, list[list[str]]]:
    """Separator, quotes, backslash escapes and the first rows, by which reading makes the rows alike."""
    sample = text[:SAMPLE_CHARACTERS]
    complete = len(text) <= SAMPLE_CHARACTERS
    if not complete:
        sample = sample[: sample.rfind("\n") + 1] or sample
    candidates = [delimiter] if delimiter is not None else list(DELIMITERS)
    if delimiter is not None and len(delimiter) != 1:
        raise StudioError(f"A separator must be one character, not {delimiter!r}", where=path)
    best: tuple[float, int, str, bool, bool, list[list[str]]] | None = None
    for rank, separator in enumerate(candidates):
        if separator not in sample and delimiter is None:
            continue
        ways = [(True, False), (False, False)] if quoting is None else [(quoting, False)]
        if quoting is None and '\\"' in sample:
            ways.append((True, True))
        if quoting is None and '"' not in sample:
            ways = ways[:1]
        for quotes, escape in ways:
            rows = _try(sample, separator, quotes, escape, complete)
            if not rows:
                continue
            score = (
                _evenness(rows, separator) - 0.0005 * rank - (0.004 if not quotes else 0.0) - (0.002 if escape else 0.0)
            )
            if best is None or score > best[0]:
                best = (score, rank, separator, quotes, escape, rows)
    if best is None:
        rows = [[line] for line in sample.split("\n") if line.strip()]
        why.append("It has one column: no separator was found.")
        return delimiter or ",", bool(quoting), False, rows[:2000]
    _, _, separator, quotes, escape, rows = best
    name = DELIMITERS.get(separator, repr(separator))
    why.append(f"Separator {name}: {'it was chosen' if delimiter else 'it gives rows of equal length'}.")
    if '"' in sample:
        if quotes:
            why.append("Quotes enclose cells: read so, the rows are alike.")
        else:
            why.append("Quotes are plain characters: taken as enclosing cells they would swallow rows.")
    return separator, quotes, escape, rows[:2000]


def _try(sample: str, separator: str, quotes: bool, escape: bool, complete: bool) -> list[list[str]]:
    reader = parse_rows(sample, separator, quotes, escape)
    rows: list[list[str]] = []
    try:
        for row in reader:
            if row and any(cell.strip() for cell in row):
                rows.append(row)
    except csv.Error:
        return []
    if quotes and rows and complete and _unclosed(sample, rows[-1]):
        return []
    return rows


def _unclosed(sample: str, last: list[str]) -> bool:
    """Whether the last row ran to the end of the file because a quote never closed."""
    cell = last[-1]
    return (
        "\n" in cell and not sample.rstrip("\n").endswith('"') and (cell.count("\n") > 2 or sample.count('"') % 2 == 1)
    )


def _evenness(rows: list[list[str]], separator: str) -> float:
    """Share of the rows that have the usual number of columns; one column says nothing. A cell of many lines, in a
    file whose cells are mostly single lines, is a quote that should not have been one."""
    counts = Counter(len(row) for row in rows)
    width, times = counts.most_common(1)[0]
    if width < 2:
        return 0.3 * times / len(rows)
    swallowed = sum(any("\n" in cell and _rows_inside(cell, separator) for cell in row) for row in rows)
    return times / len(rows) - swallowed / len(rows) - 0.5 * (swallowed > 0)


def _rows_inside(cell: str, separator: str) -> bool:
    """Whether a cell of several lines looks as if whole rows stood in it."""
    lines = cell.split("\n")
    if separator == "\t":
        return separator in cell
    return len(lines) > 3 and sum(separator in line for line in lines) >= 0.8 * len(lines)


def _has_header(rows: list[list[str]]) -> bool:
    if not rows:
        return False
    first, rest = rows[0], rows[1:1001]
    names = [cell.strip() for cell in first]
    if not any(names):
        return False
    if any(name.lower() in KNOWN_HEADERS for name in names) and all(len(name) <= 60 for name in names):
        return not any([cell.strip() for cell in row] == names for row in rest[:50])
    if not rest or any(_number(name) for name in names) or any(len(name) > 60 for name in names):
        return False
    unlike = False
    for index, name in enumerate(names):
        column = [row[index].strip() for row in rest if len(row) > index]
        if not column:
            continue
        distinct = set(column)
        if name in distinct:
            return False
        if len(distinct) <= max(2, len(column) // 10) or all(_number(cell) for cell in column if cell):
            unlike = True  # a column of labels or numbers in which the first cell does not occur
        if len(name) * 2.5 < sum(map(len, column)) / len(column) and " " not in name:
            unlike = True
    return unlike


def _number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
