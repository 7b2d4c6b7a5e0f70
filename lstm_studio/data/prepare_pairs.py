"""From a file to encoded pairs of texts: columns, split, units, ids, kept in a cache."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from lstm_studio.config import RunConfig, TranslationData
from lstm_studio.data.cache import TextStore
from lstm_studio.data.encoded_pairs import EncodedPairs, flat
from lstm_studio.data.kinds import complete
from lstm_studio.data.pair_units import units_of
from lstm_studio.data.pairs import Pairs, grouped, pairs_of, split_pairs
from lstm_studio.data.prepared import prepare
from lstm_studio.data.progress import Progress, silent
from lstm_studio.data.remedies import mend_other_pairs, mend_pairs
from lstm_studio.data.rows import notes_of, open_other
from lstm_studio.data.start_vectors import READ, WRITTEN, Starts, VectorStart, check_units, load_starts, save_starts
from lstm_studio.data.subwords import SPECIAL, UNKNOWN_ID, Units, Words, units_from_json
from lstm_studio.data.table import Table, open_for
from lstm_studio.errors import StudioError

Split = Literal["train", "validation", "test"]

_SETTINGS = (
    "source target purpose source_units target_units vocabularies tokenizer lowercase normalize_width "
    "max_length max_target_length vocabulary_size min_count remedies"
)
_AT_ONCE = 5_000
"""Texts that are cut before progress is told."""


@dataclass(frozen=True, eq=False)
class PairUnits:
    """What both sides are cut into; one and the same object where they share it."""

    source: Units
    target: Units

    @property
    def joint(self) -> bool:
        """Whether there is one vocabulary for both sides."""
        return self.source is self.target

    def to_json(self) -> str:
        """{"source": {...}, "target": {...}}; the target is null where it is the same."""
        target = None if self.joint else json.loads(self.target.to_json())
        content = {"source": json.loads(self.source.to_json()), "target": target}
        return json.dumps(content, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str, where: str = "vocabulary.json") -> PairUnits:
        """Read back ``to_json``.

        Raises:
            StudioError: it is damaged.
        """
        try:
            content = json.loads(text)
            sides = [content["source"], content["target"]]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise StudioError("The vocabulary of the run is damaged", where=where, why=str(error)) from None
        one = units_from_json(json.dumps(sides[0]), where)
        return cls(one, one if sides[1] is None else units_from_json(json.dumps(sides[1]), where))


@dataclass(frozen=True, eq=False)
class PreparedPairs:
    """All that training needs to know of pairs of texts.

    Attributes:
        config: The run, nothing left open in its data section.
        units: What texts are cut into, learned from the training part.
        train, validation, test: Encoded pairs. test is None unless the run names a test file.
        starts: Pretrained vectors that the words of either side start with.
        notes: What was guessed and what was left out, a sentence each.
        key: Equal for equal data and settings.
    """

    config: RunConfig
    units: PairUnits
    train: EncodedPairs
    validation: EncodedPairs
    test: EncodedPairs | None
    starts: Starts
    notes: tuple[str, ...]
    key: str

    def text(self, split: Split, index: int) -> str:
        """A source as it was written.

        Raises:
            IndexError: there is no such pair.
            KeyError: there is no such part.
        """
        return str(self.parts()[split].sources[index])

    def question(self, split: Split, index: int) -> dict[str, Any]:
        """The row as it is asked of a network."""
        return {"text": self.text(split, index)}

    def parts(self) -> dict[str, EncodedPairs]:
        """The parts there are, by name."""
        found = {"train": self.train, "validation": self.validation}
        return found if self.test is None else {**found, "test": self.test}


def prepare_pairs(config: RunConfig, progress: Progress = silent, cache: Path | None = None) -> PreparedPairs:
    """Read, split and encode the pairs of a run; see ``data.prepared.prepare``."""
    return prepare(PairRecipe(), config, progress, cache)


class PairRecipe:
    """Texts and what is to be written for them."""

    task = "translation"
    settings = tuple(_SETTINGS.split())

    def build(self, config: RunConfig, progress: Progress) -> tuple[PreparedPairs, list[str]]:
        """Everything without a cache; the notes of guessing apart."""
        return _build(config, progress)

    def facts(self, prepared: PreparedPairs) -> dict[str, Any]:
        """Nothing besides the files."""
        return {}

    def save(self, prepared: PreparedPairs, folder: Path) -> None:
        """The parts, their texts and the units."""
        for name, part in prepared.parts().items():
            part.save(folder / name)
            TextStore.of(list(part.sources)).save(folder, f"sources_{name}")
            TextStore.of(list(part.answers)).save(folder, f"answers_{name}")
        (folder / "vocabulary.json").write_text(prepared.units.to_json(), encoding="utf-8")
        save_starts(prepared.starts, folder)

    def load(
        self, folder: Path, facts: dict[str, Any], config: RunConfig, notes: tuple[str, ...], key: str
    ) -> PreparedPairs:
        """Read back what ``save`` wrote."""
        units = PairUnits.from_json((folder / "vocabulary.json").read_text(encoding="utf-8"))
        parts: dict[str, EncodedPairs] = {}
        for name in ("train", "validation", *(["test"] if config.data.test is not None else [])):
            sources, answers = (TextStore.load(folder, f"{what}_{name}") for what in ("sources", "answers"))
            parts[name] = EncodedPairs.load(folder / name, len(units.source), len(units.target), sources, answers)
        starts = load_starts(folder, config, {READ: len(units.source), WRITTEN: len(units.target)})
        return PreparedPairs(config, units, parts["train"], parts["validation"], parts.get("test"), starts, notes, key)

    def renewed(self, prepared: PreparedPairs, key: str) -> PreparedPairs:
        """The same under its key."""
        return replace(prepared, key=key)


def section(config: RunConfig) -> TranslationData:
    """The [data] of a translation run."""
    data = config.data
    assert isinstance(data, TranslationData)
    return data


def read_pairs(table: Table, data: TranslationData, notes: list[str]) -> Pairs:
    """The pairs of a table under a complete section."""
    assert data.source is not None
    assert data.target is not None
    return pairs_of(table, data.source, data.target, notes)


def _build(config: RunConfig, progress: Progress) -> tuple[PreparedPairs, list[str]]:
    given = section(config)
    table = open_for(given, progress=lambda share, text: progress(max(0.0, share) * 0.3, text))
    chosen, guessed = complete(given, table)
    assert isinstance(chosen, TranslationData)
    check_units(config.model_copy(update={"data": chosen}))
    progress(0.3, "Reading the pairs")
    notes = notes_of(table)
    pairs = read_pairs(table, chosen, notes)
    others: dict[str, Pairs] = {}
    said: list[str] = []
    for name, path in (("validation", chosen.validation), ("test", chosen.test)):
        if path is not None:
            other = open_other(chosen, path, lambda share, text: progress(0.4 + max(0.0, share) * 0.1, text))
            if other.format.second:
                said.append(f"The lines of {other.path.name} belong to those of {Path(other.format.second).name}.")
            others[name] = as_measured(mend_other_pairs(read_pairs(other, chosen, said), chosen), other)
    pairs, mended = mend_pairs(pairs, chosen, list(others.values()), _within(progress, 0.45, 0.05))
    notes += [*(one.text for one in mended if one.count), *said]
    parts = {**split_parts(pairs, chosen, table), **others}
    progress(0.5, "Learning the vocabulary")
    units = PairUnits(*units_of(parts["train"].sources, parts["train"].firsts, chosen))
    start = VectorStart(config, _within(progress, 0.55, 0.05))
    units = _with_vectors(units, start, chosen)
    notes += start.notes
    encoded: dict[str, EncodedPairs] = {}
    for number, (name, part) in enumerate(parts.items()):
        begun = 0.6 + 0.35 * number / len(parts)
        encoded[name] = encode_pairs(part, units, chosen, _within(progress, begun, 0.35 / len(parts)))
    encoded["train"] = _learnable(encoded["train"], chosen, parts["train"], notes)
    prepared = PreparedPairs(
        start.sized(config).model_copy(update={"data": chosen}),
        units,
        encoded["train"],
        encoded["validation"],
        encoded.get("test"),
        start.found,
        (*guessed, *notes),
        "",
    )
    return prepared, guessed


def _with_vectors(units: PairUnits, start: VectorStart, data: TranslationData) -> PairUnits:
    """Units whose sources know more words where only the sources are cut into them: what is written stays as it is."""
    source, size = units.source, len(SPECIAL)
    grows = isinstance(source, Words) and not units.joint
    tokens = start.grow(
        source.pieces,
        special=size,
        most=data.vocabulary_size if grows else 0,
        accepts=lambda word: source.cut(word) == [word],
    )
    start.grow(units.target.pieces, side=WRITTEN, special=size)
    if isinstance(source, Words) and len(tokens) > len(source):
        return PairUnits(Words(tokens, source.lowercase, source.words, source.narrow), units.target)
    return units


def _within(progress: Progress, start: float, width: float) -> Progress:
    return lambda share, text: progress(start + width * share, text)


def split_parts(pairs: Pairs, data: TranslationData, table: Table) -> dict[str, Pairs]:
    """Training and, without a file of its own, validation: all targets of a source are in one of them.

    Raises:
        StudioError: there are too few sources to set some aside.
    """
    if data.validation is not None:
        return {"train": pairs}
    train, held = split_pairs(pairs, data.validation_fraction, data.split_seed)
    if len(held) == 0 or len(train) == 0:
        raise StudioError(
            "There are too few texts to set some aside for validation",
            where=table.path,
            why="All rows have the same source" if len(pairs) > 1 else "It holds one only",
            todo="Use a file with more texts, or name a validation file",
        )
    return {"train": pairs.take(train), "validation": grouped(pairs.take(held))}


def as_measured(pairs: Pairs, table: Table) -> Pairs:
    """Pairs of a file that figures are taken over: a source that stands there several times has several right answers,
    but the lines of parallel files count one by one, as papers count them."""
    return pairs if table.format.kind == "parallel" else grouped(pairs)


def encode_pairs(pairs: Pairs, units: PairUnits, data: TranslationData, progress: Progress = silent) -> EncodedPairs:
    """Texts as ids. Sources are cut to ``max_length``; one in which nothing is left is read as one unknown token."""
    source_ids = [ids[: data.max_length] or [UNKNOWN_ID] for ids in _encode(pairs.sources, units.source, progress)]
    target_ids = _encode(pairs.firsts, units.target, progress)
    answers = [json.dumps(several, ensure_ascii=False) for several in pairs.targets]
    return EncodedPairs(*flat(source_ids), *flat(target_ids), pairs.sources, answers)


def _encode(texts: Sequence[str], units: Units, progress: Progress) -> list[list[int]]:
    found: list[list[int]] = []
    for start in range(0, len(texts), _AT_ONCE):
        progress(start / max(1, len(texts)), "Cutting texts into tokens")
        found.extend(units.encode_batch(texts[start : start + _AT_ONCE]))
    return found


def _learnable(part: EncodedPairs, data: TranslationData, pairs: Pairs, notes: list[str]) -> EncodedPairs:
    """Without the pairs whose target is too long to be learned.

    Raises:
        StudioError: none is left.
    """
    longest = data.max_target_length
    kept = np.arange(len(part)) if longest is None else np.flatnonzero(part.target_lengths <= longest)
    left_out = len(part) - len(kept)
    if not left_out:
        return part
    if len(kept) == 0:
        raise StudioError(
            f"All targets are longer than {longest:,} tokens",
            where=pairs.table.path,
            todo="Set data.max_target_length higher",
        )
    first = int(np.flatnonzero(part.target_lengths > (longest or 0))[0])
    many = "one pair is" if left_out == 1 else f"{left_out:,} pairs are"
    notes.append(
        f"{pairs.table.path.name}: {many} not learned from: the target has more than {longest:,} tokens "
        f"({'' if left_out == 1 else 'the first is '}{pairs.table.place(int(pairs.rows[first]))})."
    )
    sides = []
    for ids, offsets in ((part.source_ids, part.source_offsets), (part.target_ids, part.target_offsets)):
        sides.append(flat([ids[offsets[place] : offsets[place + 1]].tolist() for place in kept]))
    texts = [[store[int(place)] for place in kept] for store in (part.sources, part.answers)]
    return EncodedPairs(*sides[0], *sides[1], texts[0], texts[1])
