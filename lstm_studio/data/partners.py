"""Files that belong together line by line, found by their names."""

from __future__ import annotations

import os
import re
from pathlib import Path

from lstm_studio.data.languages import LANGUAGES

WORDS, TAGS, LABEL = "seq.in", "seq.out", "label"
_PAIRS = ((WORDS, TAGS), (".src", ".tgt"), (".source", ".target"))
_TRAIN = "train"
_CODES = frozenset(
    "af am ar az be bg bn bs ca cs cy da de el en eo es et eu fa fi fr ga gl gu he hi hr hu hy id is it ja ka kk km kn "
    "ko ky lo lt lv mk ml mn mr ms my ne nl no nb nn pa pl ps pt ro ru si sk sl so sq sr sv sw ta te th tl tr uk ur uz "
    "vi xh yo zh zu bul cat cze dan ell est eus fas fin gle glg heb hrv hun hye ind isl jav kat kaz lav lit mkd mon "
    "msa nor pan ron rum slk slv sqi srp swa swe tam tel tgl tha urd uzb yor zul".split()
) | {code for code in LANGUAGES if code.isascii() and len(code) in {2, 3}}
"""Of ISO 639: two letters, or three."""
_ENDING = re.compile(r"(?P<stem>.*[^.])\.(?!txt)(?P<code>[a-z]{2,3})(?:[-_][a-z]{2,4})?(?P<rest>(?:\.txt)?)", re.I)


def partner_of(path: Path) -> Path | None:
    """The file whose lines belong to those of ``path``: seq.out beside or inside for seq.in, .tgt beside .src, .target
    beside .source, the one file beside it whose name differs in the language at its end, as train.en from train.de.
    None where there is none.
    """
    try:
        if path.is_dir():
            first = words_file(path)
            return partner_of(first) if first.is_file() else None
        for one, other in _PAIRS:
            if path.name.endswith(one) and path.name != one.removeprefix("."):
                found = path.with_name(path.name.removesuffix(one) + other)
                return found if found.is_file() else None
            if path.name == one.removeprefix("."):
                found = path.with_name(other.removeprefix("."))
                return found if found.is_file() else None
        several = other_languages(path)
    except (OSError, ValueError):
        return None
    return several[0] if len(several) == 1 else None


def other_languages(path: Path) -> list[Path]:
    """Files beside one that are called like it but for the language at the end: train.en and train.fr for train.de."""
    own = _language(path.name)
    if own is None or not path.is_file():
        return []
    with os.scandir(path.parent) as entries:
        names = sorted(entry.name for entry in entries if entry.name.startswith(own[0]) and entry.is_file())
    return [path.with_name(name) for name in names if name != path.name and _language(name) == own]


def _language(name: str) -> tuple[str, str] | None:
    """What two names share that differ in their language only; None for a name that ends in none."""
    found = _ENDING.fullmatch(name)
    return (found["stem"], found["rest"].lower()) if found and found["code"].lower() in _CODES else None


def _code(name: str) -> str:
    found = _ENDING.fullmatch(name)
    return found["code"].lower() if found and found["code"].lower() in _CODES else ""


def partner_for(path: Path, example: Path, partner: Path | None) -> Path | None:
    """The file that belongs to a validation or test file, where the training file ``example`` has ``partner``, or one
    that is found by its name. None where there is none.
    """
    own = partner if partner is not None else partner_of(example)
    if own is None or path == example:
        return own if path == example else partner_of(path)
    return partner_like(path, words_file(example), own)


def partner_like(path: Path, example: Path, partner: Path) -> Path | None:
    """The file that belongs to ``path`` as ``partner`` does to ``example``: val.en to val.de as train.en to train.de.

    None where there is no such file.
    """
    if (code := _code(partner.name)) and _code(example.name) and (there := other_languages(path)):
        return next((found for found in there if _code(found.name) == code), None)
    if (found := partner_of(path)) is not None:
        return found
    ours, theirs = example.name, partner.name
    start = 0
    while start < min(len(ours), len(theirs)) and ours[start] == theirs[start]:
        start += 1
    end = 0
    while end < min(len(ours), len(theirs)) - start and ours[-1 - end] == theirs[-1 - end]:
        end += 1
    ours, theirs = ours[start : len(ours) - end], theirs[start : len(theirs) - end]
    folder = path.parent if example.parent == partner.parent else partner.parent
    if not ours or ours not in path.name:
        return folder / path.name if folder != path.parent and (folder / path.name).is_file() else None
    before, _, behind = path.name.rpartition(ours)
    found = folder / f"{before}{theirs}{behind}"
    return found if found.is_file() and found != path else None


def words_file(path: Path) -> Path:
    """The file of words: ``path`` itself, or in a folder seq.in or the first of the two languages to learn from."""
    if not path.is_dir():
        return path
    if (path / WORDS).is_file() and (path / TAGS).is_file():
        return path / WORDS
    return _first_language(path) or path / WORDS


def _first_language(folder: Path) -> Path | None:
    """Of a folder without folders, the first of the two files in two languages to learn from: train.de, train.en."""
    with os.scandir(folder) as entries:
        found = [(entry.name, entry.is_file()) for entry in entries if not entry.name.startswith(".")]
    if not all(file for _, file in found):
        return None
    stems: dict[tuple[str, str], list[str]] = {}
    for name, _ in found:
        if (stem := _language(name)) is not None:
            stems.setdefault(stem, []).append(name)
    pairs = [(stem, sorted(names)) for stem, names in stems.items() if len(names) == 2]
    train = [names for (stem, _), names in pairs if stem.lower() == _TRAIN]
    chosen = train if train else [names for _, names in pairs]
    return folder / chosen[0][0] if len(chosen) == 1 else None


def label_of(words: Path) -> Path | None:
    """The file of intents beside a seq.in, if there is one."""
    if not words.name.endswith(WORDS):
        return None
    found = words.with_name(words.name.removesuffix(WORDS) + LABEL)
    return found if found.is_file() else None
