"""From a file to encoded texts: columns, split, tokens, vocabulary, ids, kept in a cache."""

from __future__ import annotations

import importlib.metadata
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from lstm_studio.config import ClassificationData, RunConfig
from lstm_studio.data.cache import Cache, TextStore, digest, key_of
from lstm_studio.data.encoded import EncodedTexts
from lstm_studio.data.guess import complete
from lstm_studio.data.progress import Progress, silent
from lstm_studio.data.rows import Rows, classes_of, labelled_rows, numbered, open_other, without_duplicates
from lstm_studio.data.split import stratified_split
from lstm_studio.data.table import open_for
from lstm_studio.data.tokenize import tokenizer
from lstm_studio.data.vocabulary import Vocabulary
from lstm_studio.errors import StudioError
from lstm_studio.version import __version__

Split = Literal["train", "validation", "test"]

_FORMAT = 2
"""Counted up when the same settings come to give other data."""
_SETTINGS = (
    "format encoding delimiter quoting header text label tokenizer lowercase max_length cut vocabulary_size min_count "
    "drop_duplicates"
)
_TOKENS_EVERY = 500
_MOST_NOTES = 20


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
    """

    config: RunConfig
    vocabulary: Vocabulary
    classes: tuple[str, ...]
    train: EncodedTexts
    validation: EncodedTexts
    test: EncodedTexts | None
    notes: tuple[str, ...]
    key: str
    _texts: dict[str, TextStore] = field(repr=False)

    def text(self, split: Split, index: int) -> str:
        """The original text behind row ``index`` of a part.

        Raises:
            IndexError: there is no such row.
            KeyError: there is no such part.
        """
        return self._texts[split][index]


def prepare_classification(config: RunConfig, progress: Progress = silent, cache: Path | None = None) -> Prepared:
    """Read, split and encode the texts of a run.

    The same file and settings give the same data to the last bit, on any machine.

    Args:
        config: The run; what its data section leaves open is guessed.
        progress: Told how far it is; may raise ``Cancelled``.
        cache: Folder to keep the result in; None keeps it in memory only.

    Raises:
        StudioError: the data cannot be used; says what to do.
        Cancelled: ``progress`` asked for it.
    """
    data = config.data
    if not isinstance(data, ClassificationData):
        data = ClassificationData(**data.model_dump())
    if not data.path:
        raise StudioError("No data is chosen", todo="Name a file in data.path, or open one in the window")
    progress(0.0, "Looking at the file")
    sources = _sources(data)
    store = Cache(Path(cache)) if cache is not None and sources is not None else None
    if store is not None and sources is not None and (found := _from_cache(store, config, data, sources)):
        progress(1.0, "Ready")
        return found

    prepared, guessed = _build(config, data, progress)
    if sources is not None:
        prepared = replace(prepared, key=_key(_data(prepared), sources))
    # A file that was written to meanwhile must not be remembered under what it held before.
    if store is not None and sources is not None and _stamps(data) == sources["stamps"]:
        progress(0.97, "Keeping the prepared texts")
        kept = _into_cache(store, prepared, data, sources, guessed)
        if kept is not None:
            prepared = kept
    progress(1.0, "Ready")
    return prepared


def _build(config: RunConfig, data: ClassificationData, progress: Progress) -> tuple[Prepared, list[str]]:
    """Everything without a cache; the notes of guessing apart."""
    table = open_for(data, progress=lambda fraction, text: progress(max(0.0, fraction) * 0.2, text))
    chosen, guessed = complete(data, table)
    progress(0.2, "Reading the rows")
    notes: list[str] = [note.text for note in table.notes[:_MOST_NOTES]]
    if len(table.notes) > _MOST_NOTES:
        notes.append(f"{len(table.notes) - _MOST_NOTES:,} more notes on {table.path.name}.")
    rows = labelled_rows(table, chosen, notes)
    if chosen.drop_duplicates:
        rows = without_duplicates(rows, notes)
    parts: dict[str, Rows] = {}
    classes = classes_of(rows, chosen)
    if chosen.validation is None:
        labels = numbered(rows, classes)
        train, validation = stratified_split(labels, chosen.validation_fraction, chosen.split_seed)
        if len(validation) == 0:
            raise StudioError(
                "There are too few rows to set some aside for validation",
                where=table.path,
                why="Every label stands in one row only",
                todo="Use a file with several texts of each label",
            )
        parts["train"], parts["validation"] = rows.take(train), rows.take(validation)
    else:
        parts["train"] = rows
    for name, path in (("validation", chosen.validation), ("test", chosen.test)):
        if path is not None:
            other = open_other(chosen, path, lambda fraction, text: progress(0.2 + max(0.0, fraction) * 0.05, text))
            parts[name] = labelled_rows(other, chosen, notes)
    targets = {name: numbered(part, classes) for name, part in parts.items()}
    encoded, vocabulary = _encode(parts, chosen, progress)
    done = {
        name: EncodedTexts(ids, offsets, targets[name]).padded(_padding(chosen))
        for name, (ids, offsets) in encoded.items()
    }
    prepared = Prepared(
        config=config.model_copy(update={"data": chosen}),
        vocabulary=vocabulary,
        classes=classes,
        train=done["train"],
        validation=done["validation"],
        test=done.get("test"),
        notes=(*guessed, *notes),
        key="",
        _texts={name: TextStore.of(part.texts) for name, part in parts.items()},
    )
    return prepared, guessed


class _Numbers(dict[str, int]):
    """A number for each token in the order of first sight."""

    def __missing__(self, token: str) -> int:
        self[token] = number = len(self)
        return number


def _encode(
    parts: dict[str, Rows], data: ClassificationData, progress: Progress
) -> tuple[dict[str, tuple[np.ndarray, np.ndarray]], Vocabulary]:
    """Ids and offsets of each part. Every text is cut into tokens once; the vocabulary comes from what is read of
    the training part, and the first numbers are then exchanged for its ids."""
    cut_up = tokenizer(data.tokenizer or "whitespace", data.lowercase)
    first, last = (0, data.max_length) if data.cut == "end" else (-(data.max_length or 0), None)
    total = sum(len(part.texts) for part in parts.values())
    done = 0
    numbers = _Numbers()
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
    vocabulary = Vocabulary.build(dict(zip(numbers, counts, strict=True)), data.vocabulary_size, max(1, data.min_count))
    exchange = vocabulary.encode(list(numbers))
    return {name: (exchange[ids], ends) for name, (ids, ends) in flat.items()}, vocabulary


def _data(prepared: Prepared) -> ClassificationData:
    data = prepared.config.data
    assert isinstance(data, ClassificationData)
    return data


def _padding(data: ClassificationData) -> int | None:
    return data.max_length if data.pad_to_max_length else None


def _sources(data: ClassificationData) -> dict[str, Any] | None:
    """What the data depends on besides the settings; None where a file cannot be read (opening it says why)."""
    hashes: dict[str, Any] = {}
    try:
        stamps = _stamps(data)
        for name, path in _paths(data):
            # The ending of the name takes part in finding out the format.
            hashes[name] = [digest(path), path.suffix.lower(), path.is_dir()]
    except OSError:
        return None
    return {"hashes": hashes, "stamps": stamps}


def _stamps(data: ClassificationData) -> list[tuple[int, int]]:
    try:
        return [(path.stat().st_size, path.stat().st_mtime_ns) for _, path in _paths(data)]
    except OSError:
        return []


def _paths(data: ClassificationData) -> Iterable[tuple[str, Path]]:
    named = (("train", data.path), ("validation", data.validation), ("test", data.test))
    return [(name, Path(path)) for name, path in named if path is not None]


def _key(data: ClassificationData, sources: dict[str, Any]) -> str:
    settings = {name: getattr(data, name) for name in _SETTINGS.split()}
    if data.validation is None:
        settings["split"] = [data.validation_fraction, data.split_seed]
    try:
        nltk = importlib.metadata.version("nltk")
    except importlib.metadata.PackageNotFoundError:
        nltk = "bundled"
    return key_of([_FORMAT, __version__, nltk, sources["hashes"], settings])


def _from_cache(store: Cache, config: RunConfig, data: ClassificationData, sources: dict[str, Any]) -> Prepared | None:
    key = _key(data, sources)
    guessed: Sequence[str] = ()
    answers = store.recall(key)
    if answers is not None:
        try:
            data = type(data)(**{**data.model_dump(), **answers["fields"]})
            guessed = [str(note) for note in answers["notes"]]
        except (ValueError, KeyError, TypeError):
            return None
        key = _key(data, sources)
    opened = store.open(key)
    if opened is None:
        return None
    folder, facts = opened
    try:
        classes = tuple(str(name) for name in facts["classes"])
        vocabulary = Vocabulary.from_json((folder / "vocabulary.json").read_text(encoding="utf-8"))
        names = ["train", "validation", *(["test"] if data.test is not None else [])]
        parts = {name: EncodedTexts.load(folder / name) for name in names}
        texts = {name: TextStore.load(folder, f"texts_{name}") for name in names}
        for name, part in parts.items():
            part.check_ranges(len(vocabulary), len(classes))
            if part.labels is None or len(texts[name]) != len(part):
                raise ValueError(name)
        notes = tuple(str(note) for note in facts["notes"])
    except (OSError, ValueError, KeyError, TypeError, StudioError):
        store.remove(key)
        return None
    parts = {name: part.padded(_padding(data)) for name, part in parts.items()}
    return Prepared(
        config=config.model_copy(update={"data": data}),
        vocabulary=vocabulary,
        classes=classes,
        train=parts["train"],
        validation=parts["validation"],
        test=parts.get("test"),
        notes=(*guessed, *notes),
        key=key,
        _texts=texts,
    )


def _into_cache(
    store: Cache,
    prepared: Prepared,
    given: ClassificationData,
    sources: dict[str, Any],
    guessed: list[str],
) -> Prepared | None:
    """Write to disk and read back, so that the first run and the later ones read the same memory-mapped arrays."""
    chosen = _data(prepared)
    key = prepared.key

    def fill(folder: Path) -> None:
        for name, part in (("train", prepared.train), ("validation", prepared.validation), ("test", prepared.test)):
            if part is not None:
                part.save(folder / name)
                prepared._texts[name].save(folder, f"texts_{name}")
        (folder / "vocabulary.json").write_text(prepared.vocabulary.to_json(), encoding="utf-8")

    facts = {"classes": prepared.classes, "notes": prepared.notes[len(guessed) :]}
    if not store.write(key, facts, fill):
        return None
    given_key = _key(given, sources)
    if given_key != key:
        fields = {name: value for name, value in chosen.model_dump().items() if getattr(given, name) is None}
        for name in ("validation", "test"):
            fields.pop(name, None)
        store.remember(given_key, {"fields": fields, "notes": guessed})
    return _from_cache(store, prepared.config, given, sources)
