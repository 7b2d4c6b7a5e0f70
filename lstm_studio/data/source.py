"""How a file is laid out: kind, encoding, separator, quotes, header. Found out, and each with its reason."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lstm_studio.data.columns import CONLLU_SUFFIXES, why_columns, why_conllu
from lstm_studio.data.columns import SUFFIXES as CONLL_SUFFIXES
from lstm_studio.data.decode import PARQUET, Decoded, decode
from lstm_studio.data.dialect import (
    DELIMITERS,
    KNOWN_HEADERS,
    Dialect,
    checked_delimiter,
    find_dialect,
    has_header,
    has_labels,
    sample_of,
)
from lstm_studio.data.partners import partner_of
from lstm_studio.data.readers_roles import why_roles
from lstm_studio.errors import StudioError

FASTTEXT = re.compile(r"__label__\S+(\s+__label__\S+)*(\s|$)")
LABELLED = re.compile(r"[A-Z][A-Za-z0-9_]*:[A-Za-z0-9_]+ \S")
TABLE_SUFFIXES = {".csv", ".tsv", ".tab"}
JSON_SUFFIXES = {".json", ".jsonl", ".ndjson"}
_SAMPLE_LINES = 2_000


@dataclass(frozen=True)
class SourceFormat:
    """The layout of a file.

    Attributes:
        kind: One of the values of ``config.DataConfig.format``.
        encoding: Of the text; "" for Parquet, and for a folder in which each file has its own.
        delimiter: Between cells, for tables.
        quoting: Whether " encloses cells.
        header: Whether the first row names the columns.
        why: Sentences that say how this was found out.
        escape: Whether a backslash takes a quote inside of a cell for a character.
        second: The file whose lines belong to those of the first; "" where there is none.
    """

    kind: str
    encoding: str = "utf-8"
    delimiter: str | None = None
    quoting: bool = True
    header: bool = False
    why: tuple[str, ...] = ()
    escape: bool = False
    second: str = ""


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
    if kind == "folder":
        return FOLDER
    if kind == "parallel":
        return SourceFormat("parallel", encoding or "", why=("Its lines belong to those of a second file.",))
    raw = read_bytes(source)
    if is_parquet(raw, kind):
        return PARQUET_FORMAT
    decoded = decode(raw, source, encoding)
    return detect_text(decoded, source, kind, delimiter=delimiter, quoting=quoting, header=header)


FOLDER = SourceFormat(
    "folder", "", header=True, why=("It is a folder: each sub-folder is a label, each file in it a text.",)
)
BESIDE = replace(FOLDER, why=("It is a folder: each of its files is a text.",))
"""A folder whose files have no labels."""
PARQUET_FORMAT = SourceFormat("parquet", "", header=True, why=("It is a Parquet file.",))


def is_parquet(raw: bytes, kind: str | None) -> bool:
    """Whether bytes are to be read as Parquet: by their beginning, whatever the name, or because it was chosen."""
    return kind == "parquet" or (kind is None and raw.startswith(PARQUET))


def read_bytes(path: Path) -> bytes:
    """All bytes of a file; a StudioError when it cannot be read or is empty."""
    try:
        if path.exists() and not path.is_file():
            raise StudioError("This is not a regular file", where=path, todo="Choose a file that holds texts")
        raw = path.read_bytes()
    except FileNotFoundError:
        raise StudioError("There is no such file", where=path, todo="Check the path") from None
    except IsADirectoryError:
        raise StudioError("This is a folder, not a file", where=path) from None
    except PermissionError:
        raise StudioError("The file may not be read", where=path, todo="Ask for permission to read it") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise StudioError("The file cannot be read", where=path, why=why) from None
    except MemoryError:
        raise StudioError("The file is too large for the memory of this computer", where=path) from None
    if not raw.strip(b"\0\t\r\n \xef\xbb\xbf\xff\xfe"):
        raise _empty(path, "It has no bytes" if not raw else "It holds nothing but white space")
    return raw


def kind_of_path(path: Path, format: str | None) -> str | None:
    """What the path alone says: "folder", "parallel", "parquet", the given format, or None."""
    if not str(path).strip(". ") and str(path) in {".", ""}:
        raise StudioError("No file is chosen", todo="Name a file or a folder")
    try:
        folder = path.is_dir()
    except ValueError:
        raise StudioError("There is no such file", where=repr(str(path)), todo="Check the path") from None
    if format in {None, "parallel"} and partner_of(path) is not None:
        return "parallel"
    if folder:
        if format == "parallel":
            raise StudioError("The folder holds no seq.in and seq.out", where=path, todo="Choose another folder")
        if format not in {None, "folder"}:
            raise StudioError("This is a folder, not a file", where=path, todo="Set data.format to folder")
        return "folder"
    if format == "folder":
        if not path.exists():
            raise StudioError("There is no such folder", where=path, todo="Check the path")
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
    """The layout of a decoded file.

    Raises:
        StudioError: it is empty, laid out for something else than texts with labels, or the separator cannot be one.
    """
    text, why = decoded.text, [f"Encoding {decoded.encoding}: {decoded.why}."]
    if delimiter is not None:
        delimiter = checked_delimiter(delimiter, path)
    sample = sample_of(text)[0].split("\n", _SAMPLE_LINES)[:_SAMPLE_LINES]
    if not text.strip():
        raise _empty(path, "It holds nothing but white space")
    if kind is None:
        kind = _kind(sample, text, path, delimiter, why)
    if kind not in {"csv", "tsv"}:
        return SourceFormat(kind, decoded.encoding, why=tuple(why), header=kind == "jsonl")
    if delimiter is None and kind == "tsv" and "\t" in sample_of(text)[0]:
        candidates, chosen = ["\t"], True
    else:
        candidates, chosen = ([delimiter], True) if delimiter is not None else (list(DELIMITERS), False)
    found = find_dialect(text, candidates, quoting)
    if found is None:  # the first million characters are blank
        found = Dialect(candidates[0], quoting is not False, False, [], 0.0)
    rows, separator, quotes, escape = found.rows, found.delimiter, found.quoting, found.escape
    if any(len(row) > 1 for row in rows):
        name = DELIMITERS.get(separator, repr(separator))
        why.append(f"Separator {name}: {'it was chosen' if chosen else 'it gives rows of equal length'}.")
    else:
        why.append("It has one column: no separator was found.")
    why.extend(_quotes(text, quoting, quotes, escape))
    if header is None:
        header = has_header(rows)
        why.append(
            "The first row holds names: it is unlike the rows below it."
            if header
            else "The first row is data: it looks like the rows below it."
        )
    kind = "tsv" if separator == "\t" else "csv"
    return SourceFormat(kind, decoded.encoding, separator, quotes, header, tuple(why), escape)


def _quotes(text: str, given: bool | None, quotes: bool, escape: bool) -> list[str]:
    if '"' not in sample_of(text)[0] or given is not None:
        return []
    if not quotes:
        return ["Quotes are plain characters: taken as enclosing cells they would swallow rows or be lost."]
    tail = ", and a backslash before a quote makes it a character" if escape else ""
    return [f"Quotes enclose cells: read so, the rows are alike{tail}."]


def _kind(sample: Sequence[str], text: str, path: Path, delimiter: str | None, why: list[str]) -> str:
    suffix = path.suffix.lower()
    lines = [line for line in sample if line.strip()]
    if words := _words_in_columns(sample, suffix, delimiter, why):
        return words
    if suffix in JSON_SUFFIXES or (delimiter is None and _is_json(text)):
        why.append("It holds JSON.")
        return "jsonl"
    if _share(lines, FASTTEXT.match) > 0.95:
        why.append("Its lines start with __label__.")
        return "fasttext"
    if suffix in TABLE_SUFFIXES or delimiter is not None:
        return "csv"
    _refuse_vectors(lines, path)
    if _share(lines, LABELLED.match) > 0.97:
        why.append("Its lines start with a label such as LABEL:fine.")
        return "labelled"
    # Many a text has a comma in each line; a table also has names or labels.
    for separator, needed in (("\t", 0.9), ("|", 0.97), (";", 0.97), (",", 0.97)):
        found = find_dialect(text, [separator], None)
        if found is None or found.evenness < needed:
            continue
        named = any(cell.strip().lower() in KNOWN_HEADERS for cell in found.rows[0]) and has_header(found.rows)
        if separator == "\t" or named or has_labels(found.rows):
            return "csv"
    why.append("Each line is one text: no separator splits all lines alike.")
    return "txt"


def _is_json(text: str) -> bool:
    """Whether a text begins with a JSON object, a list of them, or what was meant as one."""
    start = text[:100_000].lstrip()
    if start[:1] not in {"{", "["}:
        return False
    if re.match(r'\[?\s*\{\s*("|\})', start):
        return True
    try:
        value, _ = json.JSONDecoder().raw_decode(start)
    except RecursionError:
        return True
    except ValueError:
        return False
    return isinstance(value, list) and any(isinstance(item, dict) for item in value)


def _words_in_columns(sample: Sequence[str], suffix: str, delimiter: str | None, why: list[str]) -> str:
    """ "conll", "conllu" or ""; says why."""
    if delimiter is not None or suffix in JSON_SUFFIXES:
        return ""
    if reason := why_conllu(sample):
        why.append(reason)
        return "conllu"
    if suffix in CONLLU_SUFFIXES:
        why.append(f"Its name ends in {suffix}.")
        return "conllu"
    table = suffix in TABLE_SUFFIXES
    if reason := ("" if table else why_roles(sample)) or why_columns(sample, table=table):
        why.append(reason)
        return "conll"
    if suffix in CONLL_SUFFIXES:
        why.append(f"Its name ends in {suffix}.")
        return "conll"
    return ""


def _refuse_vectors(lines: Sequence[str], path: Path) -> None:
    body = [line for line in lines if not line.startswith(("#", "-DOCSTART-"))]
    if path.suffix.lower() == ".vec" or (body and _share(body, _vector) > 0.6):
        todo = "Choose a file with one text and one label a row"
        raise StudioError("This looks like word vectors, not like texts with labels", where=path, todo=todo)


def _vector(line: str) -> bool:
    """Whether a line is a word and numbers."""
    numbers = line[-60:].rstrip().split(" ")[-2:]
    return len(line.split(" ", 3)) > 2 and all(re.fullmatch(r"-?\d*\.\d+(e-?\d+)?|nan", n, re.I) for n in numbers)


def _share(lines: Sequence[str], test: Callable[[str], object]) -> float:
    return sum(bool(test(line)) for line in lines) / len(lines) if lines else 0.0


def _empty(path: Path, why: str) -> StudioError:
    return StudioError("The file is empty", where=path, why=why, todo="Choose a file with texts")
