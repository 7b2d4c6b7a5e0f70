"""What people read: every string of the code against the Chinese catalogues, and both as Qt's .ts for translators.

The English text is the key (gui/i18n.py), and catalogues are JSON files. What the code says, ``spoken`` finds; this
tells what is missing, what is there for nothing, and what looks wrong.
"""

from __future__ import annotations

import errno
import functools
import itertools
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

from spoken import PLACE, Found, collect, sentence

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = ROOT / "resources" / "translations"
LANGUAGE = "zh_CN"
PROSE = re.compile(r"[a-z]+(?: [a-z]+){2,}")
UNREAD = {
    "{package} is missing": "within the reader of corpora",
    "Refusing to install": "what NLTK says",
    "MPS backend out of memory": "what torch says",
    "{name} does not hold {dtype} numbers": "becomes another sentence",
    "{span} does not lie within {length} words": "a caller's mistake",
    "{span} overlaps {last}": "a caller's mistake",
    "{name} must have the shape {shape}, not {shape}": "a caller's mistake",
    "{name} has {ndim} dimensions": "a caller's mistake",
    "There is nothing to share": "between processes",
    "{hypotheses} hypotheses, {references} references": "a caller's mistake",
    "{name} as {signature}": "the signature of a score, alike in every language",
    "{title} alone reaches {figures}": "the command line",
    "F1 of spans": "the command line; the window has its own titles",
    "{task} lab {default}": "a title, kept in a file",
    "{task} seeds {default}": "a title, kept in a file",
    "{task} sweep {default}": "a title, kept in a file",
    "{names} and {names} more": "within a sentence",
    "Line {line} holds {kind} instead of an object, as does one more; it was left out.": "several are left out",
    "Line {line} holds {kind} instead of an object, as do {odd} more; it was left out.": "several are left out",
}
"""Sentences of the lower rooms that no person reads in the window, and why not."""
TERMS = "data/corpora_catalogue.py"
"""Terms of licences are quoted."""


def catalogues(language: str = LANGUAGE) -> dict[str, dict[str, str]]:
    """Area -> English -> translation."""
    made = {}
    for path in sorted(CATALOGUES.glob(f"{language}.*.json")):
        made[path.name.removeprefix(f"{language}.").removesuffix(".json")] = json.loads(path.read_text("utf-8"))
    return made


class Known:
    """Whether a text has a translation, by itself or by a pattern."""

    def __init__(self, words: dict[str, str]) -> None:
        self.words = words
        self.patterns = [_pattern(key) for key in words if PLACE.search(key) and len(PLACE.sub("", key)) >= 6]

    def __contains__(self, text: str) -> bool:
        if text in self.words or not re.search(r"[A-Za-z]{2}", PLACE.sub("", text)):
            return True
        filled = PLACE.sub("Xq7", text)
        return any(form in self.words or self._fits(form) for form in (filled, filled.removesuffix(".")))

    def _fits(self, text: str) -> bool:
        """A pattern into which half a sentence would have to be filled is another sentence's (as in gui/i18n.py)."""
        found = (pattern.fullmatch(text) for pattern in self.patterns)
        return any(not any(map(PROSE.search, match.groups())) for match in found if match is not None)


def _pattern(key: str) -> re.Pattern[str]:
    return re.compile("(.+?)".join(re.escape(part) for part in PLACE.split(key)[::2]), re.DOTALL)


def missing(found: Found, words: dict[str, str]) -> dict[str, str]:
    """Text -> place, for what a person would read in English."""
    known = Known({key: text for key, text in words.items() if text})
    return {text: place for text, place in (found.said | found.errors).items() if text not in known}


def doubtful(found: Found, words: dict[str, str]) -> dict[str, str]:
    """Sentences of the lower rooms that have no translation; some of them are for files or for programs.

    What stands within a longer text that has one is a part of it.
    """
    known = Known(words)
    keys = [_bare(key) for key in words]

    def decided(text: str) -> bool:
        if text in UNREAD or found.doubtful[text].startswith(TERMS):
            return True
        if text in known or sentence(text) in known or any(_bare(text) in key for key in keys):
            return True
        kinds = _pattern(text) if len(PLACE.sub("", text)) >= 10 else None  # of which there are several sentences
        return kinds is not None and any(map(kinds.search, words))

    return {text: place for text, place in found.doubtful.items() if not decided(text)}


def _bare(text: str) -> str:
    """A template whose placeholders are all alike."""
    return PLACE.sub("{}", text)


def unused(found: Found, words: dict[str, str]) -> list[str]:
    """Keys that the code does not say: neither as they are, nor filled into one of its templates with words that it
    has, nor made of parts, of which most pairs of words would stand somewhere. What the system says of errors is used.
    """
    system = {sentence(os.strerror(number)) for number in errno.errorcode}
    plain = found.constants | {sentence(text) for text in found.constants} | system
    templates = found.templates | found.joined | {sentence(text) for text in found.templates}
    patterns = [_pattern(text) for text in templates if len(PLACE.sub("", text).strip()) > 1]
    pairs = {pair for text in found.constants | found.templates for pair in _pairs(text)}

    def filled(key: str) -> bool:
        matches = (pattern.fullmatch(key) for pattern in patterns)
        return any(all(value in plain for value in match.groups()) for match in matches if match and match.groups())

    left = []
    for key in words:
        own = _pairs(key)
        if key not in plain and own and sum(pair in pairs for pair in own) < 0.6 * len(own) and not filled(key):
            left.append(key)
    return left


def _pairs(text: str) -> list[tuple[str, str]]:
    """Neighbouring words of a text, without what is filled in."""
    parts = [re.findall(r"[^\W\d_]+", part.lower()) for part in PLACE.split(text)[::2]]
    return [pair for part in parts for pair in itertools.pairwise(part)]


def wrong(found: Found, words: dict[str, str]) -> dict[str, str]:
    """Key -> what is odd about its translation."""
    odd = {}
    for english, text in words.items():
        here, there = (sorted(set(PLACE.findall(part))) for part in (english, text))
        if text and not set(there) <= set(here):
            odd[english] = f"it fills in {there}, the text {here}"
        elif text and set(here) - set(there) - {"rows"}:
            odd[english] = f"it leaves out {sorted(set(here) - set(there))}"
        elif text and re.search(r"[一-鿿][,;:?!]|[,;?!][一-鿿]", text):
            odd[english] = "punctuation of English stands between Chinese words"
        elif text and english[-1:] in ".?!" and text[-1] not in "。？！.?!：”）…" and " " in english:
            odd[english] = "the sentence has no end"
    for one, many, place in found.plurals:
        if (one in words) != (many in words):
            odd[one] = f"only one of its two forms is translated ({place})"
        elif "{n}" not in many:
            odd[many] = f"a plural without its number ({place})"
    return odd


def report(say: Callable[[str], object], *, more: bool = False) -> int:
    """Tell of all; the number of what has to be mended."""
    found, words = collect(), merged()
    lacking, odd = missing(found, words), wrong(found, words)
    empty = [key for key, text in words.items() if not text]
    for text, place in lacking.items():
        say(f"missing   {place}  {text}")
    for text in empty:
        say(f"empty     {text}")
    for text, why in odd.items():
        say(f"wrong     {text}: {why}")
    idle, unsure = unused(found, words), doubtful(found, words)
    for text in idle if more else ():
        say(f"unused    {text}")
    for text, place in unsure.items() if more else ():
        say(f"doubtful  {place}  {text}")
    say(
        f"{len(words)} texts; {len(lacking)} missing, {len(empty)} empty, {len(odd)} wrong, {len(idle)} unused, "
        f"{len(unsure)} doubtful" + ("" if more else " (--all lists these too)")
    )
    return len(lacking) + len(empty) + len(odd)


@functools.lru_cache(1)
def _all() -> tuple[tuple[str, str], ...]:
    return tuple((key, text) for area in catalogues().values() for key, text in area.items())


def merged() -> dict[str, str]:
    """All catalogues in one."""
    return dict(_all())


def write_skeleton(area: str) -> Path:
    """What is missing, with nothing behind it, into the catalogue of an area; what stands there stays."""
    path = CATALOGUES / f"{LANGUAGE}.{area}.json"
    there = json.loads(path.read_text("utf-8")) if path.exists() else {}
    there |= {text: "" for text in missing(collect(), merged()) if text not in there}
    _write(path, there)
    _all.cache_clear()
    return path


def _write(path: Path, words: dict[str, str]) -> None:
    path.write_text(json.dumps(words, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def export_ts(path: Path) -> int:
    """All catalogues as one .ts, a context for each area: for Qt Linguist and the sites of translators."""
    places = collect()
    top = ElementTree.Element("TS", version="2.1", language=LANGUAGE, sourcelanguage="en")
    count = 0
    for area, words in catalogues().items():
        context = ElementTree.SubElement(top, "context")
        ElementTree.SubElement(context, "name").text = area
        for english, text in words.items():
            message = ElementTree.SubElement(context, "message")
            place = places.said.get(english) or places.errors.get(english)
            if place:
                name, _, line = place.rpartition(":")
                ElementTree.SubElement(message, "location", filename=f"lstm_studio/{name}", line=line)
            ElementTree.SubElement(message, "source").text = english
            made = ElementTree.SubElement(message, "translation")
            made.text = text
            if not text:
                made.set("type", "unfinished")
            count += 1
    ElementTree.indent(top)
    head = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n'
    path.write_text(head + ElementTree.tostring(top, encoding="unicode") + "\n", encoding="utf-8")
    return count


def import_ts(path: Path) -> int:
    """Take the translations of a .ts that ``export_ts`` wrote; the number of those that changed.

    Raises:
        ValueError: it is no .ts, or one of its contexts is no area.
    """
    try:
        top = ElementTree.parse(path).getroot()
    except (ElementTree.ParseError, OSError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from None
    known, changed = catalogues(), 0
    for context in top.iter("context"):
        area = context.findtext("name", "")
        if area not in known:
            raise ValueError(f"{path}: there is no catalogue {area!r}")
        words = known[area]
        for message in context.iter("message"):
            english, text = message.findtext("source", ""), message.findtext("translation", "")
            if english in words and text and words[english] != text:
                words[english] = text
                changed += 1
        _write(CATALOGUES / f"{LANGUAGE}.{area}.json", words)
    _all.cache_clear()
    return changed
