"""A large text file looked at once, byte by byte: its hash, its encoding, its beginning; then its lines."""

from __future__ import annotations

import codecs
import hashlib
import io
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from lstm_studio.data.cache import learned, stamp
from lstm_studio.data.decode import BOMS, DAMAGED, WINDOWS, Decoded, decode
from lstm_studio.data.progress import Progress
from lstm_studio.errors import StudioError

HEAD = 4_000_000
"""Bytes that say the layout."""
_BLOCK = 1 << 20
_AROUND = 1 << 15
_MOST_SAMPLES = 16
_STRAY = re.compile("[\udc80-\udcff]")
_LOST = re.compile("\ufffd")


_surveys: dict[Path, tuple[object, Survey]] = {}
"""The last one: a file is opened to be looked at, and again to be learned from."""


@dataclass(frozen=True)
class Survey:
    """What is known of a file before its rows are read.

    Attributes:
        path: The file.
        size: Its bytes.
        content_hash: SHA-256 of them, hex.
        head: Its beginning, with the encoding and the reason for it.
        codec: How its bytes are decoded.
        errors: What becomes of bytes that do not fit: an error handler of Python's.
        chosen: Whether a person or a mark in the file says the encoding; then few bytes only may not fit it.
        plain: Whether all its characters can be taken as they are: none is NUL, all bytes fit.
    """

    path: Path
    size: int
    content_hash: str
    head: Decoded
    codec: str
    errors: str
    chosen: bool
    plain: bool


def survey(path: Path, encoding: str | None, progress: Progress) -> Survey:
    """Read a file once.

    Raises:
        StudioError: it is no text, or not in the encoding.
        Cancelled: ``progress`` asked for it.
    """
    seen = stamp(path)
    size = seen[0]
    if (known := _surveys.get(path)) is not None and known[0] == (seen, encoding):
        return known[1]
    with path.open("rb") as file:
        head = _complete(file.read(HEAD))
    decoded = decode(head, path, encoding)
    marked = next((name for mark, name in BOMS if head.startswith(mark)), None)
    codec = marked if marked is not None and encoding is None else decoded.encoding
    utf8 = codecs.lookup(codec).name in {"utf-8", "utf-8-sig"}
    content_hash, nul, odd = _read(path, size, utf8, progress)
    if utf8 and odd and encoding is None and marked is None:
        # What does not fit may stand far below the beginning, and be of another encoding after all.
        whole = decode(b"\n".join((head[:_BLOCK].rpartition(b"\n")[0], *odd)), path)
        if whole.encoding != "utf-8":
            decoded = replace(decode(head, path, whole.encoding), why=whole.why)
            codec, utf8 = whole.encoding, False
    plain = utf8 and not odd and not nul
    errors = "surrogateescape" if utf8 and odd else "strict" if utf8 else "replace"
    chosen = encoding is not None or marked is not None
    found = Survey(path, size, content_hash, decoded, codec, errors, chosen, plain)
    if learned(path, seen, content_hash) and stamp(path) == seen:
        _surveys.clear()
        _surveys[path] = (seen, encoding), found
    return found


def _complete(head: bytes) -> bytes:
    """The beginning of a file up to the end of a line, or at least of a character."""
    if len(head) < HEAD or head[:400].count(0) > 4:
        return head[: len(head) // 4 * 4] if len(head) == HEAD else head
    return head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1] or head[: head.rfind(b" ") + 1] or head


def _read(path: Path, size: int, utf8: bool, progress: Progress) -> tuple[str, bool, list[bytes]]:
    """SHA-256, whether there are NUL bytes, and lines around bytes that are not UTF-8 where that is expected."""
    whole = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    nul, done, after_odd = False, 0, False
    odd: list[bytes] = []
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            whole.update(block)
            nul = nul or (utf8 and 0 in block)
            done += len(block)
            progress(0.2 * done / size, f"Looking through the file: {done / 2**20:,.0f} MB")
            if not utf8 or len(odd) >= _MOST_SAMPLES:
                continue
            fresh = block.lstrip(bytes(range(0x80, 0xC0))) if after_odd else block
            try:
                decoder.decode(fresh)
                after_odd = False
            except UnicodeDecodeError as error:
                around = block[max(0, error.start - _AROUND) : error.start + _AROUND]
                odd.append(around.partition(b"\n")[2].rpartition(b"\n")[0] or around)
                decoder.reset()
                after_odd = True
    return whole.hexdigest(), nul, odd


class Lines:
    """The lines of a file with \\n ends, decoded one after the other; what was odd is known at the end."""

    def __init__(self, found: Survey) -> None:
        self._found = found
        self._odd = array("q")
        self._bad = self._nul = 0
        self._raw = found.path.open("rb")
        self._file = io.TextIOWrapper(self._raw, encoding=found.codec, errors=found.errors, newline=None)

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[str]:
        return iter(self._file) if self._found.plain else self._mended()

    @property
    def share(self) -> float:
        """How much of the file is read, 0..1."""
        return min(1.0, self._raw.tell() / max(1, self._found.size))

    def _mended(self) -> Iterator[str]:
        stray = _STRAY if self._found.errors == "surrogateescape" else _LOST
        for number, line in enumerate(self._file, 1):
            if "\0" in line:
                self._nul += line.count("\0")
                line = line.replace("\0", "")
            if not line.isascii():
                if number == 1:
                    line = line.removeprefix("\ufeff")
                if bad := len(stray.findall(line)):
                    self._odd.append(number)
                    self._bad += bad
                    line = line.translate(WINDOWS)
            yield line

    def decoded(self) -> Decoded:
        """What was found out, without the text.

        Raises:
            StudioError: too much does not fit the encoding that was chosen.
        """
        head = self._found.head
        how = "they are shown as \ufffd" if self._found.errors == "replace" else "they were read as Windows-1252"
        if self._found.chosen and self._bad > max(1, DAMAGED * self._found.size):
            raise StudioError(
                f"The file is not in the encoding {head.encoding}",
                where=f"{self._found.path}, line {self._odd[0]}",
                todo="Choose another encoding, or leave it to be found out",
            )
        return Decoded("", head.encoding, head.why, self._odd, how, self._nul)
