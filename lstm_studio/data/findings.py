"""What a careful colleague would notice in the texts of a data set, of any task, each with rows to see and a remedy."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any, TypeVar, get_args
from weakref import WeakKeyDictionary

import numpy as np

from lstm_studio.config.remedies import REMEDIES
from lstm_studio.data.counted import CountedTokens
from lstm_studio.data.health_types import FEW, Example, HealthWarning
from lstm_studio.data.languages import alphabet_of
from lstm_studio.data.leaks import leaks
from lstm_studio.data.mending import (
    damaged,
    token_pattern,
    with_visible,
    without_garbled,
    without_invisible,
    without_markup,
)
from lstm_studio.data.near_duplicates import near_duplicates
from lstm_studio.data.progress import Progress, silent
from lstm_studio.data.table import Table

_SHORT, _WIDE_SHORT = 3, 2
"""Characters below which a text hardly says anything."""
_LONG, _TIMES = 2_000, 20
"""Characters, and times the usual length, above which a text is far longer than usual."""
_MARKUP = 0.01
LEAKED = 0.03
"""Share of the validation rows from which on near-duplicates make the figures too hopeful."""
_FEW_STRANGE, _MOST_STRANGE = 3, 0.3
"""Rows in another alphabet from which on they are no chance, and the share up to which they are the exception."""
_SHOWN = 160
_WIDE = {"CJK", "HIRAGANA", "KATAKANA", "HANGUL"}
T = TypeVar("T")

_known: WeakKeyDictionary[Table, dict[str, tuple[int, Any]]] = WeakKeyDictionary()
"""What was found in the texts of each open file: most settings change none of them."""


def examples_of(table: Table, rows: Sequence[int] | np.ndarray, texts: Sequence[str]) -> tuple[Example, ...]:
    """The first few rows with their lines; ``texts`` are theirs."""
    both = zip(list(rows)[:FEW], texts, strict=False)
    return tuple(Example(table.line_number(int(row)), shown(text)) for row, text in both)


def shown(text: str) -> str:
    """The beginning of a text in one line."""
    line = " ".join(with_visible(text).split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def text_findings(
    table: Table,
    rows: np.ndarray,
    texts: Sequence[str],
    task: str,
    wanted: Sequence[str] = tuple(REMEDIES),
    progress: Progress = silent,
) -> list[HealthWarning]:
    """Damage, markup, odd lengths and other alphabets in texts.

    Args:
        table, rows: Where the texts stand: row of each, int64 [N].
        texts: As they are read, remedies applied.
        task: Its name; remedies that it does not know are not offered.
        wanted: Remedies for which there may be findings.
        progress: May raise ``Cancelled``.
    """

    def look() -> list[HealthWarning]:
        return _scanned(table, rows, texts, progress)

    found = _once(table, "scan", hash(tuple(texts)), look)
    known = {name for name in wanted if task in REMEDIES[name].tasks}
    return [warning for warning in found if any(offer.partition(":")[0] in known for offer in warning.offers)]


def near_findings(
    table: Table,
    rows: np.ndarray,
    texts: Sequence[str],
    held: np.ndarray,
    progress: Progress = silent,
    leaked: float = LEAKED,
) -> list[HealthWarning]:
    """Texts that differ in a few characters only.

    Args:
        table: Of the training file.
        rows: Row of each text; -1 for one of another file.
        texts: Those of all parts.
        held: Which are set aside to check with: bool [N].
        progress: May raise ``Cancelled``.
        leaked: Share of those set aside from which on it is a warning.
    """
    pairs = near_duplicates(texts, progress)
    if not len(pairs):
        return []
    apart = held[pairs[:, 0]] != held[pairs[:, 1]]
    warnings = []
    across = pairs[apart]
    if len(across):
        learned = np.unique(np.where(held[across[:, 1]], across[:, 1], across[:, 0]))
        count = len(learned)
        words = "1 validation text is" if count == 1 else f"{count:,} validation texts are"
        grave = "warning" if count >= leaked * held.sum() else "info"
        todo = "Drop near-duplicates: the figures are too hopeful otherwise."
        shows = _pairs_shown(table, rows, texts, across)
        offers = ("drop_near_duplicates",)
        words += " nearly the same as one to learn from."
        warnings.append(HealthWarning(words, todo, severity=grave, examples=shows, offers=offers))
    inside = pairs[~apart]
    later = np.unique(inside[:, 1])
    if len(later):
        words = "1 text nearly repeats" if len(later) == 1 else f"{len(later):,} texts nearly repeat"
        shows = _pairs_shown(table, rows, texts, inside)
        todo = "Drop them, if they should not count twice."
        offers = ("drop_near_duplicates",)
        warnings.append(HealthWarning(f"{words} an earlier one.", todo, severity="info", examples=shows, offers=offers))
    return warnings


def leak_findings(
    table: Table, rows: np.ndarray, texts: Sequence[str], labels: Sequence[str], tokens: CountedTokens
) -> list[HealthWarning]:
    """Tokens that give the label away."""
    warnings = []
    for leak in leaks(tokens, labels):
        share = f"{100 * leak.share:.{0 if leak.share == 1 else 1}f} %"
        words = f"{share} of the {leak.rows:,} texts with the token {leak.token} have the label {leak.label}."
        todo = "It may give the answer away: take it out, unless new texts will have it too."
        places = leak.places[:FEW].tolist()
        there = any(token_pattern(leak.token).search(texts[place]) for place in places)
        shows = examples_of(table, rows[places], [texts[place] for place in places])
        offers = (f"remove_token:{leak.token}",) if there and not re.search(r"\s", leak.token) else ()
        warnings.append(HealthWarning(words, todo, examples=shows, offers=offers))
    return warnings


def _once(table: Table, name: str, key: int, look: Callable[[], T]) -> T:
    kept = _known.setdefault(table, {})
    if name not in kept or kept[name][0] != key:
        kept[name] = key, look()
    found: T = kept[name][1]
    return found


def _pairs_shown(table: Table, rows: np.ndarray, texts: Sequence[str], pairs: np.ndarray) -> tuple[Example, ...]:
    """A few pairs, each one below the other."""
    found = []
    for place in pairs[: FEW // 2].ravel().tolist():
        line = table.line_number(int(rows[place])) if rows[place] >= 0 else None
        found.append(Example(line, shown(texts[place])))
    return tuple(found)


# -- one text after the other ----------------------------------------------------------------------------------


def _scanned(table: Table, rows: np.ndarray, texts: Sequence[str], progress: Progress) -> list[HealthWarning]:
    garbled, lost, markup, hidden = [], [], [], []
    for place, text in enumerate(texts):
        if place % 20_000 == 0:
            progress(place / len(texts), "Looking at the texts")
        if not text.isascii():
            if without_garbled(text) != text:
                garbled.append(place)
            if damaged(text):
                lost.append(place)
        if ("<" in text or "&" in text) and without_markup(text) != text:
            markup.append(place)
        if not text.isprintable() and without_invisible(text) != text:
            hidden.append(place)
    found: list[HealthWarning] = []

    def add(
        places: list[int], one: str, many: str, todo: str, *offers: str, grave: str = "warning", odd: Any = None
    ) -> None:
        if not places:
            return
        words = one if len(places) == 1 else many.replace("{n}", f"{len(places):,}")
        shows = examples_of(table, rows[places[:FEW]], [around(texts[place], odd) for place in places[:FEW]])
        found.append(HealthWarning(words, todo, severity=grave, examples=shows, offers=offers))

    add(
        garbled,
        "In 1 row letters are garbled: it was read in the wrong encoding once.",
        "In {n} rows letters are garbled: they were read in the wrong encoding once.",
        "Mend them, or choose another encoding.",
        "fix_mojibake",
        odd=without_garbled,
    )
    add(
        lost,
        "In 1 row characters are lost for good.",
        "In {n} rows characters are lost for good.",
        "Drop such rows, choose another encoding, or take the texts from where they are whole.",
        "drop_damaged",
        odd=lambda text: re.sub("\ufffd|锟斤拷", "", text),
    )
    add(
        markup,
        "1 row holds HTML markup.",
        "{n} rows hold HTML markup.",
        "Take it out, unless new texts will have it too.",
        "strip_html",
        grave="warning" if len(markup) >= _MARKUP * len(texts) else "info",
        odd=without_markup,
    )
    add(
        hidden,
        "1 row holds characters that cannot be seen.",
        "{n} rows hold characters that cannot be seen.",
        "Take them out: they make tokens of their own.",
        "strip_invisible",
        grave="info",
        odd=without_invisible,
    )
    _by_length(texts, add)
    _by_script(texts, add)
    return found


def around(text: str, odd: Callable[[str], str] | None) -> str:
    """A text from shortly before what is odd in it."""
    if odd is None:
        return text
    changed = odd(text)
    same = next((n for n, (one, other) in enumerate(zip(text, changed, strict=False)) if one != other), len(changed))
    return text if same < _SHOWN // 2 else "…" + text[same - _SHOWN // 4 :]


def _by_length(texts: Sequence[str], add: Callable[..., None]) -> None:
    lengths = [len(text.strip()) for text in texts]
    if not lengths:
        return
    wide = sum(alphabet_of(text) in _WIDE for text in texts[:500]) > 0.5 * len(texts[:500])
    least = _WIDE_SHORT if wide else _SHORT
    most = max(_LONG, int(_TIMES * median(lengths)))
    add(
        [place for place, length in enumerate(lengths) if length < least],
        "1 row has hardly any text.",
        "{n} rows have hardly any text.",
        "Drop them, if they say nothing.",
        f"drop_short:{least}",
        grave="info",
    )
    add(
        [place for place, length in enumerate(lengths) if length > most],
        "1 row is far longer than usual.",
        "{n} rows are far longer than usual.",
        "See whether line ends were lost there; drop them, if they do not belong here.",
        f"drop_long:{most}",
        grave="info",
    )


def _by_script(texts: Sequence[str], add: Callable[..., None]) -> None:
    scripts = [alphabet_of(text) for text in texts]
    counts: dict[str, int] = {}
    for name in scripts:
        if name:
            counts[name] = counts.get(name, 0) + 1
    if len(counts) < 2:
        return
    most = max(counts, key=lambda name: counts[name])
    strange = [place for place, name in enumerate(scripts) if name not in {"", most}]
    if most.lower() not in get_args(REMEDIES["keep_script"].argument):
        return
    if len(strange) < _FEW_STRANGE or len(strange) > _MOST_STRANGE * sum(counts.values()):
        return
    add(
        strange,
        "1 row is written in another alphabet than the rest.",
        "{n} rows are written in another alphabet than the rest.",
        "Keep one alphabet, unless the network is to learn several languages.",
        f"keep_script:{most.lower()}",
        grave="info",
    )
