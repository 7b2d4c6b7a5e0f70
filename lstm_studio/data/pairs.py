"""Rows of a table as texts and what is to be written for them: translations, summaries."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstm_studio.data.split import random_keys
from lstm_studio.data.table import Table
from lstm_studio.errors import StudioError

_WIDE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_WORD_LENGTH, _WIDE_WORD_LENGTH = 25, 4
_MOSTLY = 0.95
_SAMPLE = 400


@dataclass(frozen=True, eq=False)
class Pairs:
    """N texts with their targets.

    Attributes:
        sources: What is read.
        targets: What would be right to write, one or more for each; the first is learned from.
        rows: Row of the table, int64 [N].
        table: Where they come from.
    """

    sources: list[str]
    targets: list[tuple[str, ...]]
    rows: np.ndarray
    table: Table

    def __len__(self) -> int:
        return len(self.sources)

    @property
    def firsts(self) -> list[str]:
        """The target of each pair that is learned from."""
        return [several[0] for several in self.targets]

    def take(self, places: Sequence[int] | np.ndarray) -> Pairs:
        """Some of the pairs."""
        chosen = np.asarray(places, np.int64)
        return Pairs(
            [self.sources[place] for place in chosen],
            [self.targets[place] for place in chosen],
            self.rows[chosen],
            self.table,
        )

    def where(self, place: int) -> str:
        """File and line of one pair, for a message."""
        return self.table.where(int(self.rows[place]))


def pairs_of(table: Table, source: str | int, target: str | int, notes: list[str]) -> Pairs:
    """The rows of a table that have both sides; what is left out is added to ``notes``.

    A cell that is a JSON list of texts is one text as a source, its sentences put together, and several right answers
    as a target. Lists of single words are one text on either side.

    Args:
        table: What was read.
        source, target: Columns by name or position.
        notes: One sentence for a person is added when rows are left out.

    Raises:
        StudioError: there is no such column, both are the same one, or no row is left.
    """
    one, other = table.position(source), table.position(target)
    if one == other:
        raise StudioError(
            "The source and the target must be two columns of the file",
            where=table.path,
            why=f"It has the columns {', '.join(map(repr, table.columns[:20]))}",
            todo="Choose another column for one of them",
        )
    left, right = table.column(one), table.column(other)
    worded = lists_words(right[:_SAMPLE])
    sources, targets, used, empty = [], [], [], []
    for row, (text, cell) in enumerate(zip(left, right, strict=True)):
        read = source_text(text)
        several = (source_text(cell),) if worded else target_texts(cell)
        if not read or not any(several):
            empty.append(row)
            continue
        sources.append(read)
        targets.append(several)
        used.append(row)
    if not used:
        raise StudioError(
            "No row has both a source and a target",
            where=table.path,
            why=f"Sources were looked for in column {source!r} and targets in column {target!r}",
            todo="Choose the right columns",
        )
    if empty:
        count = "one row with an empty side was" if len(empty) == 1 else f"{len(empty):,} rows with an empty side were"
        which = table.place(empty[0]) if len(empty) == 1 else f"the first is {table.place(empty[0])}"
        notes.append(f"{table.path.name}: {count} left out ({which}).")
    return Pairs(sources, targets, np.array(used, np.int64), table)


def grouped(pairs: Pairs) -> Pairs:
    """Each source once, with the targets of all its rows as references: for measuring, not for learning."""
    places: dict[str, int] = {}
    targets: list[list[str]] = []
    kept: list[int] = []
    for place, (source, several) in enumerate(zip(pairs.sources, pairs.targets, strict=True)):
        number = places.setdefault(same_source(source), len(kept))
        if number == len(kept):
            kept.append(place)
            targets.append([])
        targets[number].extend(text for text in several if text not in targets[number])
    found = pairs.take(kept)
    return Pairs(found.sources, [tuple(several) for several in targets], found.rows, found.table)


def split_pairs(pairs: Pairs, fraction: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Set pairs aside; all pairs of one source stay together, so that no source is both learned and judged by.

    Args:
        pairs: What is split.
        fraction: Share of the pairs to set aside, between 0 and 1; met as nearly as the sources allow. With two
            sources or more, both parts have at least one.
        seed: The same number sets the same pairs aside, on every machine.

    Returns:
        Places of the pairs to learn from and of those set aside, int64, each ascending.
    """
    numbers: dict[str, int] = {}
    groups = np.array([numbers.setdefault(same_source(source), len(numbers)) for source in pairs.sources], np.int64)
    sizes = np.bincount(groups, minlength=len(numbers))
    if len(sizes) < 2:
        return np.arange(len(pairs), dtype=np.int64), np.zeros(0, np.int64)
    order = np.argsort(random_keys(len(sizes), seed), kind="stable")
    reached = np.cumsum(sizes[order])
    count = int(np.argmin(np.abs(reached - fraction * len(pairs)))) + 1
    chosen = np.zeros(len(sizes), bool)
    chosen[order[: min(count, len(sizes) - 1)]] = True
    aside = chosen[groups]
    return np.flatnonzero(~aside).astype(np.int64), np.flatnonzero(aside).astype(np.int64)


# -- cells -----------------------------------------------------------------------------------------------------


def texts_of(cell: str) -> list[str] | None:
    """The texts of a cell that is a JSON list of texts; None for any other cell."""
    if not cell.lstrip().startswith("["):
        return None
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        return None
    return [text.strip() for text in found if text.strip()]


def source_text(cell: str) -> str:
    """A cell as one text."""
    several = texts_of(cell)
    return cell.strip() if several is None else joined(several)


def target_texts(cell: str) -> tuple[str, ...]:
    """A cell as texts each of which would be right; at least one, which may be empty."""
    several = texts_of(cell)
    return tuple(several) or ("",) if several is not None else (cell.strip(),)


def joined(texts: Sequence[str]) -> str:
    """Sentences as one text: with spaces between them where their writing has spaces."""
    parts: list[str] = []
    for text in texts:
        if parts and not (_WIDE.match(parts[-1][-1]) or _WIDE.match(text)):
            parts.append(" ")
        parts.append(text)
    return "".join(parts)


def lists_words(cells: Sequence[str]) -> bool:
    """Whether cells are JSON lists of single words, as texts are that were cut into words before."""
    lists = [texts for cell in cells if (texts := texts_of(cell))]
    texts = [text for several in lists for text in several]
    single = sum(
        not any(map(str.isspace, text)) and len(text) <= (_WIDE_WORD_LENGTH if _WIDE.search(text) else _WORD_LENGTH)
        for text in texts
    )
    return len(texts) > 2 * len(lists) > 0 and single > _MOSTLY * len(texts)


def same_source(source: str) -> str:
    """What is equal for sources that differ in nothing but white space and capitals."""
    return " ".join(source.split()).casefold()
