"""Files that belong together line by line, found by their names."""

from __future__ import annotations

from pathlib import Path

WORDS, TAGS, LABEL = "seq.in", "seq.out", "label"
_PAIRS = ((WORDS, TAGS), (".src", ".tgt"), (".source", ".target"))


def partner_of(path: Path) -> Path | None:
    """The file whose lines belong to those of ``path``: seq.out beside or inside for seq.in, .tgt beside .src, .target
    beside .source. None where there is none.
    """
    try:
        if path.is_dir():
            there = (path / WORDS).is_file() and (path / TAGS).is_file()
            return path / TAGS if there else None
        for one, other in _PAIRS:
            if path.name.endswith(one) and path.name != one.removeprefix("."):
                found = path.with_name(path.name.removesuffix(one) + other)
                return found if found.is_file() else None
            if path.name == one.removeprefix("."):
                found = path.with_name(other.removeprefix("."))
                return found if found.is_file() else None
    except (OSError, ValueError):
        return None
    return None


def partner_like(path: Path, example: Path, partner: Path) -> Path | None:
    """The file that belongs to ``path`` as ``partner`` does to ``example``: val.en to val.de as train.en to train.de.

    None where there is no such file.
    """
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
    """The file of words: ``path`` itself, or seq.in in the folder."""
    return path / WORDS if path.is_dir() else path


def label_of(words: Path) -> Path | None:
    """The file of intents beside a seq.in, if there is one."""
    if not words.name.endswith(WORDS):
        return None
    found = words.with_name(words.name.removesuffix(WORDS) + LABEL)
    return found if found.is_file() else None
