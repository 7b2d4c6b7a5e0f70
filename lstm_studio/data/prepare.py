"""From a file to encoded texts: columns, split, tokens, vocabulary, ids, kept in a cache."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from lstm_studio.config import ClassificationData, RunConfig
from lstm_studio.data.cache import TextStore
from lstm_studio.data.encoded import EncodedTexts
from lstm_studio.data.kinds import complete
from lstm_studio.data.large.blocks import Numbers
from lstm_studio.data.large.prepare import build_large
from lstm_studio.data.large.texts import LargeTexts
from lstm_studio.data.prepared import prepare
from lstm_studio.data.progress import Progress, silent
from lstm_studio.data.remedies import mend_other_rows, mend_rows
from lstm_studio.data.rows import (
    Rows,
    classes_of,
    labelled_rows,
    notes_of,
    nothing_aside,
    numbered,
    open_other,
)
from lstm_studio.data.split import stratified_split
from lstm_studio.data.start_vectors import READ, Starts, VectorStart, load_starts, save_starts
from lstm_studio.data.table import Table, open_for
from lstm_studio.data.tokenize import tokenizer
from lstm_studio.data.vocabulary import Vocabulary

Split = Literal["train", "validation", "test"]

_SETTINGS = "text label tokenizer lowercase normalize_width max_length cut vocabulary_size min_count remedies"
_TOKENS_EVERY = 500


@dataclass(frozen=True, eq=False)
class Prepared:
    """All that training needs to know of the data.

    Attributes:
        config: The run, nothing left open in its data section.
        vocabulary: Tokens of the training part.
        classes: Names of the classes; a label is a position in it.
        train, validation, test: The encoded texts, with labels. test is None unless the run names a test file.
        notes: What was guessed and what was left out, a sentence each.
        key: Equal for equal data and settings.
        starts: Pretrained vectors that tokens start with.
    """

    config: RunConfig
    vocabulary: Vocabulary
    classes: tuple[str, ...]
    train: EncodedTexts
    validation: EncodedTexts
    test: EncodedTexts | None
    notes: tuple[str, ...]
    key: str
    _texts: Mapping[str, TextStore | LargeTexts] = field(repr=False)
    starts: Starts = field(default_factory=dict)

    def text(self, split: Split, index: int) -> str:
        """The original text behind row ``index`` of a part.

        Raises:
            IndexError: there is no such row.
            KeyError: there is no such part.
        """
        return self._texts[split][index]

    def question(self, split: Split, index: int) -> dict[str, Any]:
        """The row as it is asked of a network: its text."""
        return {"text": self.text(split, index)}


def prepare_classification(config: RunConfig, progress: Progress = silent, cache: Path | None = None) -> Prepared:
    """Read, split and encode the texts of a run; see ``data.prepared.prepare``."""
    return prepare(TextRecipe(), config, progress, cache)


class TextRecipe:
    """Texts with one label each."""

    task = "classification"
    settings = tuple(_SETTINGS.split())

    def build(self, config: RunConfig, progress: Progress) -> tuple[Prepared, list[str]]:
        """Everything without a cache; the notes of guessing apart."""
        return _build(config, progress)

    def facts(self, prepared: Prepared) -> dict[str, Any]:
        """The classes."""
        return {"classes": prepared.classes}

    def save(self, prepared: Prepared, folder: Path) -> None:
        """The parts, their texts, the vocabulary."""
        for name, part in (("train", prepared.train), ("validation", prepared.validation), ("test", prepared.test)):
            if part is not None:
                part.save(folder / name)
                prepared._texts[name].save(folder, f"texts_{name}")
        (folder / "vocabulary.json").write_text(prepared.vocabulary.to_json(), encoding="utf-8")
        save_starts(prepared.starts, folder)

    def load(
        self, folder: Path, facts: dict[str, Any], config: RunConfig, notes: tuple[str, ...], key: str
    ) -> Prepared:
        """Read back what ``save`` wrote."""
        data = _section(config)
        classes = tuple(str(name) for name in facts["classes"])
        vocabulary = Vocabulary.from_json((folder / "vocabulary.json").read_text(encoding="utf-8"))
        names = ["train", "validation", *(["test"] if data.test is not None else [])]
        parts = {name: EncodedTexts.load(folder / name) for name in names}
        texts = {
            name: LargeTexts.load(folder, f"texts_{name}") or TextStore.load(folder, f"texts_{name}") for name in names
        }
        for name, part in parts.items():
            part.check_ranges(len(vocabulary), len(classes))
            if part.labels is None or len(texts[name]) != len(part):
                raise ValueError(name)
            part.texts = texts[name]
        parts = {name: part.padded(_padding(data)) for name, part in parts.items()}
        return Prepared(
            config=config,
            vocabulary=vocabulary,
            classes=classes,
            train=parts["train"],
            validation=parts["validation"],
            test=parts.get("test"),
            notes=notes,
            key=key,
            _texts=texts,
            starts=load_starts(folder, config, {READ: len(vocabulary)}),
        )

    def renewed(self, prepared: Prepared, key: str) -> Prepared:
        """The same under its key."""
        return replace(prepared, key=key)


def _build(config: RunConfig, progress: Progress) -> tuple[Prepared, list[str]]:
    data = _section(config)
    table = open_for(data, progress=lambda fraction, text: progress(max(0.0, fraction) * 0.2, text))
    completed, guessed = complete(data, table)
    assert isinstance(completed, ClassificationData)
    chosen = completed
    progress(0.2, "Reading the rows")
    notes = notes_of(table)
    tables = {"train": table}
    for name, path in (("validation", chosen.validation), ("test", chosen.test)):
        if path is not None:
            told = lambda fraction, text: progress(0.2 + max(0.0, fraction) * 0.05, text)  # noqa: E731
            tables[name] = open_other(chosen, path, told)
    start = VectorStart(config, lambda share, text: progress(0.95 + 0.02 * share, text))

    def vocabulary_of(counts: Mapping[str, int]) -> Vocabulary:
        cut = tokenizer(chosen.tokenizer or "whitespace", chosen.lowercase, chosen.normalize_width)
        own = Vocabulary.build(counts, chosen.vocabulary_size, max(1, chosen.min_count)).tokens
        return Vocabulary(start.grow(own, most=chosen.vocabulary_size, accepts=lambda word: cut(word) == [word]))

    build = _build_large if any(one.stored is not None for one in tables.values()) else _build_parts
    done, texts, classes, vocabulary = build(tables, chosen, vocabulary_of, notes, progress)
    prepared = Prepared(
        config=start.sized(config).model_copy(update={"data": chosen}),
        vocabulary=vocabulary,
        classes=classes,
        train=done["train"],
        validation=done["validation"],
        test=done.get("test"),
        notes=(*guessed, *notes, *start.notes),
        key="",
        _texts=texts,
        starts=start.found,
    )
    return prepared, guessed


_VocabularyOf = Callable[[Mapping[str, int]], Vocabulary]
_Parts = tuple[dict[str, EncodedTexts], Mapping[str, "TextStore | LargeTexts"], tuple[str, ...], Vocabulary]
"""Encoded parts, their texts, the classes, the vocabulary."""


def _build_large(
    tables: dict[str, Table],
    data: ClassificationData,
    vocabulary_of: _VocabularyOf,
    notes: list[str],
    progress: Progress,
) -> _Parts:
    """Of tables of which one at least is too large for memory."""
    told = lambda share, text: progress(0.25 + 0.7 * share, text)  # noqa: E731
    encoded, texts, classes, vocabulary = build_large(tables, data, vocabulary_of, notes, told)
    done = {}
    for name, part in encoded.items():
        part.texts = texts[name]
        done[name] = part.padded(_padding(data))
    return done, texts, classes, vocabulary


def _build_parts(
    tables: dict[str, Table],
    data: ClassificationData,
    vocabulary_of: _VocabularyOf,
    notes: list[str],
    progress: Progress,
) -> _Parts:
    """Of tables in memory."""
    table = tables["train"]
    rows = labelled_rows(table, data, notes)
    said: list[str] = []
    others = {name: labelled_rows(other, data, said) for name, other in tables.items() if name != "train"}
    fresh = [mend_other_rows(part, data, None) for part in others.values()]
    rows, mended = mend_rows(rows, data, fresh, lambda share, text: progress(0.25 + 0.05 * share, text))
    notes += [*(one.text for one in mended if one.count), *said]
    parts: dict[str, Rows] = {}
    classes = classes_of(rows, data)
    if data.validation is None:
        labels = numbered(rows, classes)
        train, validation = stratified_split(labels, data.validation_fraction, data.split_seed)
        if len(validation) == 0:
            raise nothing_aside(table.path)
        parts["train"], parts["validation"] = rows.take(train), rows.take(validation)
    else:
        parts["train"] = rows
    parts |= {name: mend_other_rows(part, data, classes) for name, part in others.items()}
    targets = {name: numbered(part, classes) for name, part in parts.items()}
    encoded, vocabulary = _encode(parts, data, vocabulary_of, progress)
    texts = {name: TextStore.of(part.texts) for name, part in parts.items()}
    done = {
        name: EncodedTexts(ids, offsets, targets[name], texts=texts[name]).padded(_padding(data))
        for name, (ids, offsets) in encoded.items()
    }
    return done, texts, classes, vocabulary


def _encode(
    parts: dict[str, Rows], data: ClassificationData, vocabulary_of: _VocabularyOf, progress: Progress
) -> tuple[dict[str, tuple[np.ndarray, np.ndarray]], Vocabulary]:
    """Ids and offsets of each part. Every text is cut into tokens once; the vocabulary comes from what is read of
    the training part, and the first numbers are then exchanged for its ids."""
    cut_up = tokenizer(data.tokenizer or "whitespace", data.lowercase, data.normalize_width)
    first, last = (0, data.max_length) if data.cut == "end" else (-(data.max_length or 0), None)
    total = sum(len(part.texts) for part in parts.values())
    done = 0
    numbers = Numbers()
    flat: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for name, part in parts.items():
        ids = array("i")
        ends = array("q", [0])
        for text in part.texts:
            ids.extend(map(numbers.__getitem__, cut_up(text)[first:last]))
            ends.append(len(ids))
            done += 1
            if done % _TOKENS_EVERY == 0:
                progress(0.3 + 0.65 * done / total, f"Cutting texts into tokens: {done:,} of {total:,}")
        flat[name] = np.frombuffer(ids, np.int32), np.frombuffer(ends, np.int64)
    counts = np.bincount(flat["train"][0], minlength=len(numbers)).tolist()
    vocabulary = vocabulary_of(dict(zip(numbers, counts, strict=True)))
    exchange = vocabulary.encode(list(numbers))
    return {name: (exchange[ids], ends) for name, (ids, ends) in flat.items()}, vocabulary


def _section(config: RunConfig) -> ClassificationData:
    data = config.data
    assert isinstance(data, ClassificationData)
    return data


def _padding(data: ClassificationData) -> int | None:
    return data.max_length if data.pad_to_max_length else None
