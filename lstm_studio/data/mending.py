"""Texts mended character by character: garbled letters, markup, what cannot be seen, a token that says too much."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from lstm_studio.config.remedies import parted

Rewrite = Callable[[str], str]

_BYTES = {bytes([value]).decode("cp1252", "replace"): value for value in range(0x80, 0xA0)}
_BYTES.pop("\ufffd", None)
_BYTES |= {chr(value): value for value in range(0x80, 0x100)}
"""What Windows-1252 and Latin-1 make of each byte from 0x80 on."""
_REST = "[" + "".join(re.escape(sign) for sign, value in _BYTES.items() if value < 0xC0) + "]"
_GARBLED = re.compile(f"[ÂÃ]{_REST}|[Ä-ß]{_REST}(?:[Ä-ß]{_REST})+|[à-ï]{_REST}{_REST}|[ð-ô]{_REST}{_REST}{_REST}")
"""UTF-8 that was read as Windows-1252 or Latin-1. Of two signs only after Â and Ã, or several times in a row: alone
the others can well be meant ("CAFÉ”")."""
_LOST = re.compile("\ufffd|锟斤拷")
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")
_NAMES = (
    "a abbr article b blockquote body br button center code dd div dl dt em font footer form h[1-6] head header hr "
    "html i iframe img input li link main meta nav ol option p pre s script section select small span strong style "
    "sub sup table tbody td textarea tfoot th thead title tr tt u ul video"
)
_TAG = re.compile(rf"</?(?:{'|'.join(_NAMES.split())})(?:\s[^<>]*)?/?>|<!--.*?-->|<!doctype[^<>]*>", re.I | re.S)
_WHOLE = re.compile(r"<(script|style)\b[^<>]*>.*?</\1\s*>", re.I | re.S)
_ENTITY = re.compile(r"&(?:[a-zA-Z][a-zA-Z0-9]{1,30}|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});")
_INLINE = re.compile(r"</?(?:a|abbr|b|code|em|font|i|s|small|span|strong|sub|sup|tt|u)\b", re.I)
_WIDE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af]")
_ROUNDS = 4


def without_garbled(text: str) -> str:
    """Letters that were read in the wrong encoding as they were meant; what cannot be told stays."""
    return _GARBLED.sub(_as_meant, text) if not text.isascii() else text


def _as_meant(match: re.Match[str]) -> str:
    try:
        return bytes(_BYTES[sign] for sign in match[0]).decode("utf-8")
    except UnicodeDecodeError:
        return match[0]


def without_markup(text: str) -> str:
    """HTML tags taken out and entities turned into characters; a "<" that opens no tag of HTML stays."""
    if "<" in text:
        text = _TAG.sub(lambda match: "" if _INLINE.match(match[0]) else " ", _WHOLE.sub(" ", text))
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text) if "&" in text else text


def has_markup(text: str) -> bool:
    """Whether ``without_markup`` changes it."""
    return without_markup(text) != text


def without_invisible(text: str) -> str:
    """Control characters but tab and line ends, and marks without width, taken out."""
    return text if text.isascii() and text.isprintable() else _INVISIBLE.sub("", text)


def with_visible(text: str) -> str:
    """A text in which characters that cannot be seen are named: "[U+200B]"."""
    return text if text.isprintable() else _INVISIBLE.sub(lambda match: f"[U+{ord(match[0]):04X}]", text)


def damaged(text: str) -> bool:
    """Whether characters are lost for good."""
    return not text.isascii() and _LOST.search(text) is not None


def without_token(token: str) -> Rewrite:
    """What takes a token out, upper and lower case alike, where it is a word of its own."""
    pattern = token_pattern(token)
    return lambda text: pattern.sub("", text)


@lru_cache(256)
def token_pattern(token: str) -> re.Pattern[str]:
    """Where a token stands in a text; Chinese has no borders between words."""
    spaceless = _WIDE.search(token) is not None
    before = r"(?<!\w)" if token[0].isalnum() and not spaceless else ""
    behind = r"(?!\w)" if token[-1].isalnum() and not spaceless else ""
    return re.compile(f"{before}{re.escape(token)}{behind}", re.I)


def rewriter(remedies: Sequence[str]) -> Rewrite | None:
    """All that a run changes in its texts, to be done to any text that its network reads; None where it is nothing.

    It is done again until nothing changes any more, at most four times, so that a mended text stays as it is.
    """
    steps = [step for _, step in rewrites(remedies)]
    if not steps:
        return None

    def rewrite(text: str) -> str:
        for _ in range(_ROUNDS):
            before = text
            for step in steps:
                text = step(text)
            if text == before:
                break
        return text

    return rewrite


def rewrites(remedies: Sequence[str]) -> list[tuple[str, Rewrite]]:
    """The remedies that change texts, each with what it does."""
    plain: dict[str, Rewrite] = {
        "fix_mojibake": without_garbled,
        "strip_html": without_markup,
        "strip_invisible": without_invisible,
    }
    found = []
    for text in remedies:
        remedy, argument = parted(text)
        if remedy.rewrites:
            found.append((text, without_token(argument) if remedy.name == "remove_token" else plain[remedy.name]))
    return found
