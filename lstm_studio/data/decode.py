"""Bytes to text: which encoding, found out or given, and what was done about bytes that do not fit it."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from lstm_studio.errors import StudioError

SAMPLE = 400_000
MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "a PNG picture", ""),
    (b"\xff\xd8\xff", "a JPEG picture", ""),
    (b"GIF8", "a GIF picture", ""),
    (b"%PDF", "a PDF document", "Save its text as a .txt or .csv file"),
    (b"PK\x03\x04", "a ZIP archive or an Office document", "Unpack it, or save the sheet as CSV"),
    (b"\x1f\x8b", "a gzip archive", "Unpack it first"),
    (b"\x7fELF", "a program", ""),
    (b"\xd0\xcf\x11\xe0", "an old Office document", "Save the sheet as CSV"),
    (b"SQLite format 3", "an SQLite database", "Export the table as CSV"),
)
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
COMMON = frozenset(
    "的一是不了人我在有他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没"
    "日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点"
    "月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内"
    "加化由却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路期叫死常提感金何更反合放"
    "这來國個們為時說會過學對還發沒後樣現將進實點種聲業間電門東員師書體處場華報應親務記風戰幹覺題統請愛讓認論術結連遠資隊帶條變聯權"
    "影片劇情演差很好吃味快送餐贵便宜餐厅服务质量爛喜歡推薦戏導"
)
"""Frequent Chinese characters, simplified and traditional: wrongly decoded bytes give rare ones."""


@dataclass(frozen=True)
class Decoded:
    """Text with \\n line ends; ``odd_lines`` (1-based) held bytes that do not fit the encoding."""

    text: str
    encoding: str
    why: str
    odd_lines: tuple[int, ...] = ()
    nul_bytes: int = 0


def refuse_binary(raw: bytes, path: Path) -> None:
    """Raise a StudioError when the first bytes say that this is no text."""
    for magic, name, todo in MAGIC:
        if raw.startswith(magic):
            raise StudioError(f"This is {name}, not a text file", where=path, todo=todo or "Choose a text file")


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
            return _strict(raw, path, name, "the byte-order mark at its start says so")
    if name := _utf16_without_mark(raw):
        return _strict(raw, path, name, "every other byte is zero")
    try:
        text = raw.decode("utf-8")
        why = "it is plain ASCII" if text.isascii() else "all its bytes fit"
        return _done(text, "utf-8", why)
    except UnicodeDecodeError:
        pass
    if mostly := _mostly_utf8(raw):
        return mostly
    return _legacy(raw, path)


def _given(raw: bytes, path: Path, encoding: str) -> Decoded:
    try:
        name = codecs.lookup(encoding).name
    except (LookupError, ValueError):
        raise StudioError(
            f"There is no encoding called {encoding!r}", todo="Try utf-8, gb18030, big5, utf-16 or latin-1"
        ) from None
    if name == "utf-8":
        name = "utf-8-sig"
    try:
        return _done(raw.decode(name), encoding, "it was chosen")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise StudioError(
            f"The file is not in the encoding {encoding}",
            where=f"{path}, line {line}",
            todo="Choose another encoding, or leave it to be found out",
        ) from None
    except (UnicodeError, LookupError, AssertionError) as error:
        raise StudioError(f"{encoding} cannot read this file", where=path, why=str(error)) from None


def _strict(raw: bytes, path: Path, name: str, why: str) -> Decoded:
    try:
        text = raw.decode(name)
    except UnicodeDecodeError as error:
        if name in {"utf-8-sig", "utf-16", "utf-32"}:
            text = raw.decode(name, "replace")
            line = text.count("\n", 0, max(0, text.find("\ufffd"))) + 1
            return _done(text, name.removesuffix("-sig"), why, (line,))
        raise StudioError(f"The file is damaged: it is not valid {name}", where=path, why=str(error)) from None
    return _done(text, "utf-8" if name == "utf-8-sig" else name, why)


def _done(text: str, encoding: str, why: str, odd: tuple[int, ...] = ()) -> Decoded:
    if text.startswith("\ufeff"):
        text = text[1:]
    nul = text.count("\0")
    if nul:
        text = text.replace("\0", "")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return Decoded(text, encoding, why, odd, nul)


def _utf16_without_mark(raw: bytes) -> str:
    head = raw[:4000]
    if len(head) < 8 or len(raw) % 2:
        return ""
    even, odd = head[0::2].count(0) / len(head[0::2]), head[1::2].count(0) / len(head[1::2])
    if odd > 0.4 and even < 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.05 else ""


def _mostly_utf8(raw: bytes) -> Decoded | None:
    """UTF-8 with a few stray bytes, which are then read as Windows-1252 (what such bytes nearly always are)."""
    lines = raw.split(b"\n")
    odd, good = [], 0
    for number, line in enumerate(lines, 1):
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
            good += 1
        except UnicodeDecodeError:
            odd.append(number)
    few = len(odd) <= max(1, len(lines) // 100) and len(lines) >= 20
    if not (few or (good and len(odd) <= good)):
        return None
    for number in odd:
        lines[number - 1] = _mend(lines[number - 1])
    text = b"\n".join(lines).decode("utf-8")
    return _done(text, "utf-8", "nearly all its bytes fit", tuple(odd))


def _mend(line: bytes) -> bytes:
    out, place = [], 0
    while place < len(line):
        try:
            out.append(line[place:].decode("utf-8"))
            break
        except UnicodeDecodeError as error:
            out.append(line[place : place + error.start].decode("utf-8"))
            stray = line[place + error.start : place + error.end]
            out.append(stray.decode("cp1252", "replace"))
            place += error.end
    return "".join(out).encode("utf-8")


def _legacy(raw: bytes, path: Path) -> Decoded:
    """Neither Unicode nor ASCII: Chinese by its frequent characters, else what the statistics say."""
    high = sum(byte >= 0x80 for byte in raw[:SAMPLE]) / max(1, len(raw[:SAMPLE]))
    scores = {name: _chinese_score(raw, name) for name in ("gb18030", "big5")}
    best = max(scores, key=lambda name: scores[name])
    if scores[best] >= 0.25:
        return _done(raw.decode(best), best, "its bytes give frequent Chinese characters")
    if high > 0.25:
        found = _statistics(raw)
        if found:
            return _done(raw.decode(found, "replace"), found, "its letters are distributed that way")
    try:
        text = raw.decode("cp1252")
        name = "cp1252" if any(0x80 <= byte <= 0x9F for byte in raw) else "latin-1"
        return _done(text, name, "it is not Unicode, and its letters look Western European")
    except UnicodeDecodeError:
        pass
    found = _statistics(raw)
    if found:
        return _done(raw.decode(found, "replace"), found, "its letters are distributed that way")
    text = raw.decode("latin-1")
    if sum(ch < " " and ch not in "\t\r\n" for ch in text[:SAMPLE]) > 0.05 * len(text[:SAMPLE]):
        raise StudioError("This is not a text file", where=path, todo="Choose a text file")
    return _done(text, "latin-1", "no other encoding fits")


def _chinese_score(raw: bytes, name: str) -> float:
    try:
        text = raw.decode(name)
    except UnicodeDecodeError:
        return 0.0
    wide = [ch for ch in text[:SAMPLE] if ord(ch) > 0x7F]
    return sum(ch in COMMON for ch in wide) / len(wide) if wide else 0.0


def _statistics(raw: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(raw[:SAMPLE]).best()
    return best.encoding if best is not None else None
