"""Bytes to text: which encoding, found out or given, and what was done about bytes that do not fit it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lstm_studio.data.legacy import chinese_score, detect_legacy
from lstm_studio.errors import StudioError

SAMPLE = 400_000
_TODO_TABLE = "Save it as CSV and open that"
MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "a PNG picture", ""),
    (b"\xff\xd8\xff", "a JPEG picture", ""),
    (b"GIF8", "a GIF picture", ""),
    (b"%PDF", "a PDF document", "Save its text as a .txt or .csv file"),
    (b"PK\x03\x04", "a ZIP archive or an Office document", "Unpack it, or save the sheet as CSV"),
    (b"PK\x05\x06", "an empty ZIP archive", ""),
    (b"\x1f\x8b", "a gzip archive", "Unpack it first"),
    (b"BZh", "a bzip2 archive", "Unpack it first"),
    (b"\xfd7zXZ\0", "an xz archive", "Unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Unpack it first"),
    (b"Rar!\x1a\x07", "a RAR archive", "Unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", "Unpack it first"),
    (b"\x7fELF", "a program", ""),
    (b"\xd0\xcf\x11\xe0", "an old Office document", _TODO_TABLE),
    (b"{\\rtf", "an RTF document", "Save it as plain text and open that"),
    (b"SQLite format 3\0", "an SQLite database", "Export the table as CSV"),
    (b"\x93NUMPY", "a NumPy array", ""),
    (b"\x89HDF", "an HDF5 file", "Export the table as CSV"),
    (b"ARROW1", "an Arrow file", "Save it as Parquet and open that"),
    (b"version https://git-lfs.github.com", "a pointer to a file kept by Git LFS", "Fetch the file: git lfs pull"),
)
PARQUET = b"PAR1"
_HTML = re.compile(rb"\s*(<!doctype html|<html[\s>])", re.IGNORECASE)
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_MOST_CONTROL = 0.1
DAMAGED = 0.001
"""Share of characters that may not fit an encoding which was chosen or is marked in the file."""

_STRAY = re.compile("[\udc80-\udcff]")
WINDOWS = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(128, 256)}


@dataclass(frozen=True)
class Decoded:
    """Text with \\n line ends.

    Attributes:
        text: Without byte-order mark and NUL.
        encoding: A name that Python knows.
        why: Reason for the encoding, to follow "Encoding X:".
        odd_lines: Lines (from 1) that held bytes which do not fit.
        odd_how: What became of those bytes.
        nul_bytes: How many were left out.
    """

    text: str
    encoding: str
    why: str
    odd_lines: Sequence[int] = ()
    odd_how: str = ""
    nul_bytes: int = 0


def refuse_binary(raw: bytes, path: Path) -> None:
    """Raise a StudioError when the first bytes say that this is no text."""
    for magic, name, todo in MAGIC:
        if raw.startswith(magic):
            raise StudioError(f"This is {name}, not a text file", where=path, todo=todo or "Choose a text file")
    if _HTML.match(raw):
        raise StudioError(
            "This is a web page, not a table or plain text",
            where=path,
            todo="Download the file itself, or copy its text",
        )


def decode(raw: bytes, path: Path, encoding: str | None = None) -> Decoded:
    """Decode a whole file.

    Args:
        raw: All bytes.
        path: For messages.
        encoding: A name that Python knows; found out when None.

    Raises:
        StudioError: binary content, or an encoding that is unknown or does not fit.
    """
    refuse_binary(raw, path)
    if encoding is not None:
        return _given(raw, path, encoding)
    for mark, name in BOMS:
        if raw.startswith(mark):
            return _done(path, *_tolerant(raw, path, name), "the byte-order mark at its start says so")
    if name := _utf16_without_mark(raw):
        return _done(path, *_tolerant(raw, path, name), "every other byte is zero")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return _done(path, text, "utf-8", (), "", "it is plain ASCII" if text.isascii() else "all its bytes fit")
    if mended := _mended_utf8(raw):
        return _done(path, *mended, "nearly all its bytes fit")
    found = detect_legacy(raw)
    if found is None:
        raise StudioError("This is not a text file, or in an unknown encoding", where=path, todo="Choose a text file")
    name, why = found
    return _done(path, *_replaced(raw, name), why)


_Text = tuple[str, str, tuple[int, ...], str]
"""Text, encoding, odd lines, what became of odd bytes."""


def _given(raw: bytes, path: Path, encoding: str) -> Decoded:
    try:
        name = codecs.lookup(encoding).name
        b"a".decode(name, "replace")
    except (LookupError, ValueError):
        raise StudioError(
            f"There is no encoding called {encoding!r}",
            where=path,
            todo="Try utf-8, gb18030, big5, utf-16 or latin-1, or leave it to be found out",
        ) from None
    text, _, odd, how = _tolerant(raw, path, name)
    return _done(path, text, encoding, odd, how, "it was chosen")


def _tolerant(raw: bytes, path: Path, name: str) -> _Text:
    """Decode by an encoding that is known; a few bytes that do not fit are mended, many are an error."""
    try:
        return raw.decode(name), name.removesuffix("-sig"), (), ""
    except UnicodeDecodeError as error:
        start = error.start
    except (UnicodeError, AssertionError) as error:
        raise StudioError(f"{name} cannot read this file", where=path, why=str(error)) from None
    if name in {"utf-8", "utf-8-sig"} and (mended := _mended_utf8(raw.removeprefix(codecs.BOM_UTF8))):
        return mended
    text, _, odd, how = _replaced(raw, name)
    if text.count("\ufffd") > max(1, DAMAGED * len(text)):
        # What stands before the first odd byte fits, so its lines can be counted whatever the encoding.
        line = raw[:start].decode(name, "replace").count("\n") + 1
        raise StudioError(
            f"The file is not in the encoding {name.removesuffix('-sig')}",
            where=f"{path}, line {line}",
            todo="Choose another encoding, or leave it to be found out",
        )
    return text, name.removesuffix("-sig"), odd, how


def _replaced(raw: bytes, name: str) -> _Text:
    text = _line_ends(raw.decode(name, "replace"))
    odd = tuple(_lines_with("\ufffd", text)) if "\ufffd" in text else ()
    return text, name.removesuffix("-sig"), odd, "they are shown as \ufffd"


def _mended_utf8(raw: bytes) -> _Text | None:
    """UTF-8 with a few stray bytes, which are then read as Windows-1252: what such bytes nearly always are."""
    text = _line_ends(raw.decode("utf-8", "surrogateescape"))
    lines = text.split("\n")
    odd, good = [], 0
    for number, line in enumerate(lines, 1):
        if line.isascii():
            continue
        if _STRAY.search(line):
            odd.append(number)
        else:
            good += 1
    few = len(lines) >= 20 and len(odd) <= max(1, len(lines) // 100)
    if not few and not good >= len(odd):
        return None
    if not good:  # the few lines may be all that is not English in a file of another encoding
        strange = b"\n".join(lines[number - 1].encode("utf-8", "surrogateescape") for number in odd)
        if sum(byte >= 0x80 for byte in strange) >= 4 and chinese_score(strange) >= 0.25:
            return None
    return text.translate(WINDOWS), "utf-8", tuple(odd), "they were read as Windows-1252"


def _lines_with(mark: str, text: str) -> list[int]:
    return [number for number, line in enumerate(text.split("\n"), 1) if mark in line]


def _line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _done(path: Path, text: str, encoding: str, odd: tuple[int, ...], how: str, why: str) -> Decoded:
    text = _line_ends(text.removeprefix("\ufeff"))
    nul = text.count("\0")
    odd_characters = len(_CONTROL.findall(text[:SAMPLE])) + text.count("\0", 0, SAMPLE)
    if odd_characters > _MOST_CONTROL * min(len(text), SAMPLE):
        raise StudioError(
            "This is not a text file",
            where=path,
            why="Too many of its bytes are no characters",
            todo="Choose a text file",
        )
    if nul:
        text = text.replace("\0", "")
    return Decoded(text, encoding, why, odd, how, nul)


def _utf16_without_mark(raw: bytes) -> str:
    head = raw[:4000]
    if len(head) < 8 or len(raw) % 2:
        return ""
    even, odd = head[0::2].count(0) / len(head[0::2]), head[1::2].count(0) / len(head[1::2])
    if odd > 0.4 and even < 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.05 else ""
