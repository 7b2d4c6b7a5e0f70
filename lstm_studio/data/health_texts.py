"""What running text is, and what is wrong with it, before anything is trained."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lstm_studio.config import GenerationData
from lstm_studio.data.documents import TABLES, Documents
from lstm_studio.data.findings import around, shown
from lstm_studio.data.health import histogram, lines, quantiles
from lstm_studio.data.health_pair_warnings import refusal, sorted_by_gravity
from lstm_studio.data.health_text_warnings import warnings_of
from lstm_studio.data.health_types import FEW, Example, Health, HealthWarning
from lstm_studio.data.mending import has_markup, without_markup
from lstm_studio.data.prepare_texts import documents_of, ends_of, parts_of
from lstm_studio.data.progress import Progress, silent
from lstm_studio.data.remedies import mend_documents, mend_other_documents
from lstm_studio.data.streams import encode_stream
from lstm_studio.data.table import Table
from lstm_studio.data.text_oddities import oddities, repeated, same
from lstm_studio.data.text_rows import learned_units, looked_at
from lstm_studio.data.text_units import TextUnits
from lstm_studio.data.units import SPECIAL, UNKNOWN_ID
from lstm_studio.errors import StudioError

_SHORTEST = 12
"""Characters of a text below which it can well stand there twice."""


def examine(
    table: Table, data: GenerationData, progress: Progress = silent, validation_table: Table | None = None
) -> Health:
    """Look at a text under complete settings; the parts are those that training will use.

    Rows of the two parts are tokens. Of very long texts a million characters are looked at, which is said, and the rest
    is reckoned. What training would refuse is told as a warning of severity "error".

    Raises:
        Cancelled: ``progress`` asked for it.
    """
    progress(0.0, "Reading the text")
    problems: list[HealthWarning] = []
    try:
        documents = documents_of(table, data, _within(progress, 0.0, 0.2))
    except StudioError as error:
        return _health(table, data, warnings=[refusal(error)])
    separate: Documents | None = None
    if data.validation is not None and validation_table is not None:
        try:
            separate = mend_other_documents(documents_of(validation_table, data), data)
        except StudioError as error:
            problems.append(refusal(error))
    try:
        others = [separate] if separate is not None else []
        documents, mended = mend_documents(documents, data, others, _within(progress, 0.2, 0.0))
    except StudioError as error:
        return _health(table, data, warnings=[refusal(error)])
    parts = {"train": documents}
    try:
        parts = parts_of(documents, data)
    except StudioError as error:
        problems.append(refusal(error))
    if separate is not None:
        parts["validation"] = separate
    progress(0.2, "Looking at the text")
    train, held = parts["train"], parts.get("validation")
    seen = looked_at(documents)
    odd = oddities(seen, looked_at(train), looked_at(held) if held is not None else None)
    if table.format.kind in TABLES:
        odd = replace(odd, notes=())  # those of its cells are told beside the table
    health = _health(table, data, **_repeated(documents), **_leaked(train, held), mended=mended)
    progress(0.35, "Learning the vocabulary")
    try:
        units = learned_units(table, train, data, lambda _, words: progress(0.35, words))
    except StudioError as error:
        problems.append(refusal(error))
    else:
        ends = ends_of(documents, data)
        found = {}
        for number, (name, part) in enumerate(parts.items()):
            found[name] = _counted(part, units, ends, _within(progress, 0.6 + 0.12 * number, 0.12))
        problems += [_short(name, parts[name]) for name, one in found.items() if one.tokens < 2]
        health = replace(health, **_figures(documents, found, data, units))
    progress(1.0, "")
    found_in_texts = warnings_of(health, data, odd)
    told = [*problems, *found_in_texts, *_markup(seen), *_sample(seen, documents)]
    return replace(health, warnings=sorted_by_gravity(told))


def _sample(seen: Documents, documents: Documents) -> list[HealthWarning]:
    """That a part was looked at only."""
    if seen is documents:
        return []
    part, total = int(seen.characters.sum()), int(documents.characters.sum())
    words = f"{part:,} of the {total:,} characters were looked at; the figures of the whole are reckoned from them."
    return [HealthWarning(words, "Nothing to do: training reads all of them.", severity="info")]


def _markup(documents: Documents) -> list[HealthWarning]:
    """Texts that hold HTML."""
    places = [place for place, text in enumerate(documents) if ("<" in text or "&" in text) and has_markup(text)]
    if not places:
        return []
    words = "1 text holds HTML markup." if len(places) == 1 else f"{len(places):,} texts hold HTML markup."
    few = places[:FEW]
    shows = tuple(Example(documents.line(place), shown(around(documents[place], without_markup))) for place in few)
    todo = "Take it out: the network learns to write it too."
    return [HealthWarning(words, todo, examples=shows, offers=("strip_html",))]


def _within(progress: Progress, start: float, width: float) -> Progress:
    return lambda share, words: progress(start + width * max(0.0, share), words)


def _health(table: Table, data: GenerationData, **figures: Any) -> Health:
    """Figures of rows; those of tokens are empty unless they are given."""
    edges, bars = histogram(np.zeros(0, np.int64))
    blank = np.zeros(0, np.int64)
    try:
        cells = table.column(data.text) if data.text is not None else []
    except StudioError:  # it is told already
        cells = []
    if table.format.kind in TABLES or table.format.kind == "folder":
        blank = np.flatnonzero([not cell.strip() for cell in cells])
    known: dict[str, Any] = {
        "duplicate_rows": 0,
        "conflicting_rows": 0,
        "leaked_rows": 0,
        "train_rows": 0,
        "validation_rows": 0,
        "edges": edges,
        "counts": bars,
        "quantiles": quantiles(np.zeros(0, np.int64)),
        "cut_fraction": 0.0,
        "vocabulary_size": 0,
        "coverage": 1.0,
        "unknown_share": 0.0,
        "tokens": 0,
        "special": (len(SPECIAL), 0),
    }
    return Health(
        rows=table.num_rows,
        used_rows=table.num_rows - len(blank),
        empty_rows=len(blank),
        empty_lines=lines(table, blank),
        classes=[],
        **{**known, **figures},
    )


# -- documents -------------------------------------------------------------------------------------------------


def _repeated(documents: Documents) -> dict[str, Any]:
    """Documents that repeat an earlier one."""
    again = repeated(documents, _SHORTEST) if len(documents) > 1 else []
    return {"duplicate_rows": len(again), "duplicate_lines": _lines(documents, again)}


def _leaked(train: Documents, held: Documents | None) -> dict[str, Any]:
    """Documents of the validation part that are learned from too."""
    if held is None or len(train) < 2:
        return {}
    there = {same(text) for text in train}
    again = [number for number, text in enumerate(held) if len(text) >= _SHORTEST and same(text) in there]
    return {"leaked_rows": len(again), "leaked_lines": _lines(held, again)}


def _lines(documents: Documents, numbers: list[int]) -> tuple[int, ...]:
    """Lines of the file on which the first few of some documents begin; none of a folder's files."""
    found = (documents.line(number) for number in numbers[:FEW])
    return tuple(line for line in found if line is not None)


# -- tokens ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Counted:
    """Tokens of a part: of each document without its end mark, int64 [N]; of all with them; and the unknown share."""

    lengths: np.ndarray
    tokens: int
    unknown: float


def _counted(documents: Documents, units: TextUnits, ends: bool, progress: Progress) -> _Counted:
    """Cut a part into tokens; where it is too long for that, lengths are reckoned from what was looked at."""
    seen = looked_at(documents)
    stream = encode_stream(seen, units, ends=ends, progress=progress)
    unknown = float((stream.ids == UNKNOWN_ID).mean()) if len(stream) else 0.0
    if seen is documents:
        closed = int(ends) * np.ones(len(documents), np.int64)
        return _Counted(np.maximum(np.diff(stream.offsets) - closed, 0), len(stream), unknown)
    each = (len(stream) - ends * len(seen)) / max(1, int(seen.characters.sum()))
    lengths = np.rint(documents.characters * each).astype(np.int64)
    return _Counted(lengths, int(lengths.sum()) + ends * len(documents), unknown)


def _figures(
    documents: Documents, found: dict[str, _Counted], data: GenerationData, units: TextUnits
) -> dict[str, Any]:
    own = [one for name, one in found.items() if name != "validation" or data.validation is None]
    lengths = np.concatenate([one.lengths for one in own])
    if len(lengths) != len(documents):  # a border lies inside of one
        each = lengths.sum() / max(1, int(documents.characters.sum()))
        lengths = np.rint(documents.characters * each).astype(np.int64)
    edges, bars = histogram(lengths)
    held = found.get("validation")
    unknown = held.unknown if held is not None else 0.0
    return {
        "train_rows": found["train"].tokens,
        "validation_rows": held.tokens if held is not None else 0,
        "tokens": sum(one.tokens for one in found.values()),
        "edges": edges,
        "counts": bars,
        "quantiles": quantiles(lengths),
        "vocabulary_size": len(units) - len(SPECIAL),
        "outputs": len(units),
        "coverage": 1.0 - unknown,
        "unknown_share": unknown,
    }


def _short(name: str, part: Documents) -> HealthWarning:
    return HealthWarning(
        f"{part.path}: The {name} text has fewer than two tokens.", "Use a longer text.", None, "error"
    )
