"""The remedies of a run on rows that are not in memory: what ``data.remedies`` does, with hashes in place of texts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np

from lstm_studio.config.remedies import parted
from lstm_studio.data.health_types import Mended
from lstm_studio.data.large.rows import LargeRows
from lstm_studio.data.mending import rewriter
from lstm_studio.data.progress import Progress
from lstm_studio.data.remedies import Rewriting, mended_words, nothing_left, relabeller
from lstm_studio.data.remedy_steps import STEPS, Items
from lstm_studio.errors import StudioError


def rewriting(remedies: Sequence[str]) -> tuple[str, ...]:
    """Those that change texts."""
    return tuple(text for text in remedies if parted(text)[0].rewrites)


def mend(
    rows: LargeRows, remedies: Sequence[str], others: Sequence[LargeRows], progress: Progress
) -> tuple[LargeRows, list[Mended]]:
    """Rows of a training file; see ``data.remedies.mend_rows``. Texts themselves are rewritten where they are cut.

    Raises:
        StudioError: nothing is left, or a remedy compares every text with every other.
        Cancelled: ``progress`` asked for it.
    """
    if not remedies:
        return rows, []
    items = _LargeItems(rows, remedies, others, progress)
    told = items.rewriting.told()
    for text in remedies:
        remedy, argument = parted(text)
        if not remedy.rewrites:
            step = _STEPS.get(remedy.name) or STEPS[remedy.name]
            told.append(mended_words(text, step(cast("Items", items), argument)))
    if not len(items.rows):
        raise nothing_left(rows.table.path)
    return items.result(), told


def mend_other(rows: LargeRows, remedies: Sequence[str], classes: Sequence[str] | None) -> LargeRows:
    """Rows of a validation or test file; see ``data.remedies.mend_other_rows``.

    Raises:
        StudioError: nothing is left.
    """
    if not remedies:
        return rows
    if rewriting(remedies):
        rewrite = rewriter(remedies)
        filled = [bool(rewrite(text).strip()) for block in rows.texts() for text in block]  # type: ignore[misc]
        rows = rows.take(np.flatnonzero(filled))
    if classes is not None:
        names = [*map(relabeller(remedies, classes), rows.names)]
        left = np.array([bool(name) for name in names], bool)
        rows = replace(rows, names=names).take(np.flatnonzero(left[rows.codes]))
    if not len(rows):
        raise nothing_left(rows.table.path)
    return rows


class _Texts:
    """Mended texts of rows, read again each time they are gone through."""

    def __init__(self, rows: LargeRows, rewrite: Callable[[str], str] | None) -> None:
        self._rows, self._rewrite = rows, rewrite

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[str]:
        for texts in self._rows.texts():
            yield from texts if self._rewrite is None else map(self._rewrite, texts)


class _LargeItems:
    """``remedy_steps.Items`` whose texts are on disk; a key is a hash of 64 bits."""

    def __init__(
        self, rows: LargeRows, remedies: Sequence[str], others: Sequence[LargeRows], progress: Progress
    ) -> None:
        self.rewriting = Rewriting(remedies)
        self._rewrite = rewriter(remedies)
        self.progress = progress
        self.others = [text for other in others for text in _Texts(other, self._rewrite)]
        self.rows = rows
        self.answers: list[Any] = [rows.names[code] for code in rows.codes.tolist()]
        self.keys = np.zeros(0, np.uint64)
        filled: list[bool] = []
        keys: list[int] = []
        for texts in rows.texts():
            for text in texts:
                text = self.rewriting.text(len(filled), text)
                filled.append(bool(text.strip()))
                keys.append(_hash(text))
            progress(0.5 * len(filled) / len(rows), f"Looking for what is to be mended: {len(filled):,} rows")
        self.keys = np.array(keys, np.uint64)
        self.kept(np.array(filled, bool))

    @property
    def texts(self) -> Iterable[str]:
        return _Texts(self.rows, self._rewrite)

    def kept(self, mask: np.ndarray) -> int:
        chosen = np.flatnonzero(mask)
        dropped = len(mask) - len(chosen)
        if dropped:
            self.rows = self.rows.take(chosen)
            self.keys = self.keys[chosen]
            self.answers = [self.answers[place] for place in chosen.tolist()]
        return dropped

    def dropped(self, wrong: Callable[[str], bool]) -> int:
        return self.kept(np.fromiter((not wrong(text) for text in self.texts), bool, len(self.rows)))

    def codes(self) -> tuple[np.ndarray, list[Any]]:
        """Answers as places among those that there are."""
        numbers: dict[Any, int] = {}
        found = [numbers.setdefault(answer, len(numbers)) for answer in self.answers]
        return np.array(found, np.int32), list(numbers)

    def result(self) -> LargeRows:
        codes, names = self.codes()
        return replace(self.rows, codes=codes, names=names)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _duplicates(items: _LargeItems, _: None) -> int:
    """The first row of each question and answer stays."""
    codes, _names = items.codes()
    order = np.lexsort((codes, items.keys))
    keys, answers = items.keys[order], codes[order]
    again = (keys[1:] == keys[:-1]) & (answers[1:] == answers[:-1])
    mask = np.ones(len(order), bool)
    mask[order[1:][again]] = False
    return items.kept(mask)


def _several(items: _LargeItems) -> np.ndarray:
    """Rows whose question has more than one answer: bool [N]."""
    codes, _names = items.codes()
    order = np.lexsort((codes, items.keys))
    keys, answers = items.keys[order], codes[order]
    differ = (keys[1:] == keys[:-1]) & (answers[1:] != answers[:-1])
    return np.isin(items.keys, np.unique(keys[1:][differ]))


def _drop_conflicts(items: _LargeItems, _: None) -> int:
    return items.kept(~_several(items))


def _merge_conflicts(items: _LargeItems, _: None) -> int:
    """As ``STEPS`` does it, on the rows that matter."""
    places = np.flatnonzero(_several(items))
    few = Items(
        [""] * len(places),
        items.keys[places].tolist(),
        [items.answers[place] for place in places.tolist()],
        places,
        [],
        items.progress,
    )
    count = STEPS["merge_conflicts"](few, None)
    for place, answer in zip(few.places.tolist(), few.answers, strict=True):
        items.answers[place] = answer
    mask = np.ones(len(items.rows), bool)
    mask[np.setdiff1d(places, few.places, assume_unique=True)] = False
    items.kept(mask)
    return count


def _near(items: _LargeItems, _: None) -> int:
    raise StudioError(
        "Near duplicates cannot be looked for in a file of this size",
        where=items.rows.table.path,
        why="Every text would have to be compared while none of them is in memory",
        todo="Take drop_near_duplicates out of data.remedies; drop_duplicates works on any size",
    )


_STEPS: dict[str, Callable[[Any, Any], int]] = {
    "drop_duplicates": _duplicates,
    "drop_conflicts": _drop_conflicts,
    "merge_conflicts": _merge_conflicts,
    "drop_near_duplicates": _near,
}
