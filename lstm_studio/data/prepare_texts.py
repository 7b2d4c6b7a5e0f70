"""From running text to encoded streams: documents, parts, units, ids, kept in a cache."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from lstm_studio.config import GenerationData, RunConfig
from lstm_studio.data.documents import TABLES, Cut, Documents, read_documents, table_documents
from lstm_studio.data.kinds import complete
from lstm_studio.data.prepared import prepare
from lstm_studio.data.progress import Progress, silent
from lstm_studio.data.remedies import mend_documents, mend_other_documents
from lstm_studio.data.repeats import RepeatIndex
from lstm_studio.data.rows import open_other
from lstm_studio.data.split_text import split_text
from lstm_studio.data.start_vectors import READ, Starts, VectorStart, check_units, load_starts, save_starts
from lstm_studio.data.streams import EncodedStream, encode_stream
from lstm_studio.data.table import Table, open_for
from lstm_studio.data.text_units import TextUnits, text_units_from_json, train_text_units
from lstm_studio.data.units import SPECIAL, UNKNOWN_ID
from lstm_studio.errors import StudioError

Split = Literal["train", "validation", "test"]
COMPARED = 20_000_000
"""Tokens of a training text up to which it is kept in order, to find out what was copied from it: 8 bytes each."""
WRITTEN = 200
"""Tokens of a continuation of the usual length."""
_SETTINGS = "text documents units tokenizer lowercase normalize_width vocabulary_size min_count test_fraction remedies"
_PROMPT = 12
_MOST_NOTES = 20


@dataclass(frozen=True, eq=False)
class PreparedTexts:
    """All that training needs to know of running text.

    Attributes:
        config: The run, nothing left open in its data section.
        units: What text is cut into, learned from the training part.
        train, validation, test: Encoded documents. test is None where none is set aside or named.
        ends: Whether each document is closed by an end mark.
        repeats: Finds what stands in the training part; None where that is too long.
        usual: Tokens of the longest stretch of validation text that stands in the training part too, in samples of
            ``WRITTEN`` tokens; 0 without ``repeats``.
        starts: Pretrained vectors that words start with.
        notes: What was guessed and what was left out, a sentence each.
        key: Equal for equal data and settings.
    """

    config: RunConfig
    units: TextUnits
    train: EncodedStream
    validation: EncodedStream
    test: EncodedStream | None
    ends: bool
    repeats: RepeatIndex | None
    usual: int
    starts: Starts
    notes: tuple[str, ...]
    key: str

    def text(self, split: Split, index: int) -> str:
        """The beginning of a document, as it can be gone on with.

        Raises:
            IndexError: there is no such document.
            KeyError: there is no such part.
        """
        part = self.parts()[split]
        first, last = (int(place) for place in part.offsets[index : index + 2])
        length = _PROMPT if self.units.kind != "character" else 4 * _PROMPT
        ids = part.ids[first : min(last - self.ends, first + length)].tolist()
        return self.units.decode(ids)

    def question(self, split: Split, index: int) -> dict[str, Any]:
        """The beginning as it is asked of a network."""
        return {"text": self.text(split, index)}

    def parts(self) -> dict[str, EncodedStream]:
        """The parts there are, by name."""
        found = {"train": self.train, "validation": self.validation}
        return found if self.test is None else {**found, "test": self.test}


def prepare_texts(config: RunConfig, progress: Progress = silent, cache: Path | None = None) -> PreparedTexts:
    """Read, split and encode the text of a run; see ``data.prepared.prepare``."""
    return prepare(TextRecipe(), config, progress, cache)


class TextRecipe:
    """Running text, each token of which is foretold from those before it."""

    task = "generation"
    settings = tuple(_SETTINGS.split())

    def build(self, config: RunConfig, progress: Progress) -> tuple[PreparedTexts, list[str]]:
        """Everything without a cache; the notes of guessing apart."""
        return _build(config, progress)

    def facts(self, prepared: PreparedTexts) -> dict[str, Any]:
        """Whether documents end, and what repeats are usual."""
        return {"ends": prepared.ends, "usual": prepared.usual, "repeats": prepared.repeats is not None}

    def save(self, prepared: PreparedTexts, folder: Path) -> None:
        """The parts, the units and the order of the training text."""
        for name, part in prepared.parts().items():
            part.save(folder / name)
        if prepared.repeats is not None:
            prepared.repeats.save(folder / "repeats")
        (folder / "vocabulary.json").write_text(prepared.units.to_json(), encoding="utf-8")
        save_starts(prepared.starts, folder)

    def load(
        self, folder: Path, facts: dict[str, Any], config: RunConfig, notes: tuple[str, ...], key: str
    ) -> PreparedTexts:
        """Read back what ``save`` wrote."""
        units = text_units_from_json((folder / "vocabulary.json").read_text(encoding="utf-8"))
        data = section(config)
        tested = data.test is not None or data.test_fraction > 0
        names = ["train", "validation", *(["test"] if tested else [])]
        parts = {name: EncodedStream.load(folder / name, len(units)) for name in names}
        repeats = RepeatIndex.load(folder / "repeats", parts["train"].ids) if facts["repeats"] else None
        return PreparedTexts(
            config,
            units,
            parts["train"],
            parts["validation"],
            parts.get("test"),
            bool(facts["ends"]),
            repeats,
            int(facts["usual"]),
            load_starts(folder, config, {READ: len(units)}),
            notes,
            key,
        )

    def renewed(self, prepared: PreparedTexts, key: str) -> PreparedTexts:
        """The same under its key."""
        return replace(prepared, key=key)


def section(config: RunConfig) -> GenerationData:
    """The [data] of a generation run."""
    data = config.data
    assert isinstance(data, GenerationData)
    return data


def documents_of(table: Table, data: GenerationData, progress: Progress = silent) -> Documents:
    """The documents of a file that is open, under a complete section: of text files with their blank lines.

    Raises:
        StudioError: there is no text, or no such column.
    """
    cut: Cut = data.documents or "whole"
    if table.format.kind in TABLES:
        found = table_documents(table, data.text, cut, progress)
        if not len(found):
            raise StudioError(
                "There is no text",
                where=table.path,
                why=f"The column {data.text!r} is empty",
                todo="Choose another column",
            )
        return found
    return read_documents(
        table.path, cut=cut, format=table.format.kind, encoding=data.encoding or None, progress=progress
    )


def units_of(documents: Documents, data: GenerationData, progress: Progress = silent) -> TextUnits:
    """What text is cut into, learned from the documents of the training part under a complete section.

    Raises:
        StudioError: there is nothing that could be learned.
    """
    return train_text_units(
        data.units or "character",
        documents,
        data.vocabulary_size,
        lowercase=data.lowercase,
        min_count=data.min_count,
        words=data.tokenizer or "treebank",
        narrow=data.normalize_width,
        progress=progress,
    )


def ends_of(documents: Documents, data: GenerationData) -> bool:
    """Whether documents are closed by an end mark: not where all of a single file is one."""
    return data.documents != "whole" or len(documents) > 1


def parts_of(documents: Documents, data: GenerationData) -> dict[str, Documents]:
    """Training and what is set aside of it: its end, for which no file is named.

    Raises:
        StudioError: the text is too short.
    """
    held = data.validation_fraction if data.validation is None else 0.0
    last = data.test_fraction if data.test is None else 0.0
    if held + last >= 1:
        raise StudioError(
            "Nothing is left to learn from",
            why=f"{held:.0%} of the text are set aside for validation and {last:.0%} for the test",
            todo="Set data.validation_fraction or data.test_fraction lower",
        )
    found = split_text(documents, held, last)
    parts = {"train": found.train}
    if held:
        parts["validation"] = found.validation
    if found.test is not None:
        parts["test"] = found.test
    return parts


def _build(config: RunConfig, progress: Progress) -> tuple[PreparedTexts, list[str]]:
    given = section(config)
    table = open_running(given, lambda share, text: progress(max(0.0, share) * 0.15, text))
    chosen, guessed = complete(given, table)
    assert isinstance(chosen, GenerationData)
    check_units(config.model_copy(update={"data": chosen}))
    documents = documents_of(table, chosen, _within(progress, 0.15, 0.1))
    notes = _notes(documents)
    others: dict[str, Documents] = {}
    said: list[str] = []
    for name, path in (("validation", chosen.validation), ("test", chosen.test)):
        if path is not None:
            other = open_other(chosen, path, lambda share, text: progress(0.25 + max(0.0, share) * 0.05, text))
            others[name] = mend_other_documents(documents_of(other, chosen), chosen)
            said += _notes(others[name])
    documents, mended = mend_documents(documents, chosen, list(others.values()), _within(progress, 0.28, 0.02))
    notes += [*(one.text for one in mended if one.count), *said]
    parts = {**parts_of(documents, chosen), **others}
    units = units_of(parts["train"], chosen, lambda share, text: progress(0.3, text))
    start = VectorStart(config, _within(progress, 0.35, 0.05))
    start.grow(units.pieces, special=len(SPECIAL))
    notes += start.notes
    ends = ends_of(documents, chosen)
    encoded = {
        name: encode_stream(part, units, ends=ends, progress=_within(progress, 0.4 + 0.1 * number, 0.1))
        for number, (name, part) in enumerate(parts.items())
    }
    for name, stream in encoded.items():
        if len(stream) < 2:
            raise StudioError(
                f"The {name} text has fewer than two tokens", where=parts[name].path, todo="Use a longer text"
            )
    train = encoded["train"]
    repeats: RepeatIndex | None = None
    usual = 0
    if len(train) <= COMPARED:
        repeats = RepeatIndex.build(train.ids, progress=_within(progress, 0.7, 0.25))
        held = encoded["validation"].ids
        found = repeats.usual(held, min(WRITTEN, len(held)))
        usual = int(found.max(initial=0))
    notes += _unknown(encoded["validation"])
    prepared = PreparedTexts(
        start.sized(config).model_copy(update={"data": chosen}),
        units,
        train,
        encoded["validation"],
        encoded.get("test"),
        ends,
        repeats,
        usual,
        start.found,
        (*guessed, *notes),
        "",
    )
    return prepared, guessed


def open_running(data: GenerationData, progress: Progress) -> Table:
    """Open the file of a run as running text: a .txt file is text even if it looks like a table.

    Raises:
        StudioError: it cannot be read.
    """
    path = Path(data.path)
    if data.format is None and path.suffix.lower() in {".txt", ".text"} and not path.is_dir():
        data = data.model_copy(update={"format": "txt"})
    return open_for(data, progress=progress)


def _within(progress: Progress, start: float, width: float) -> Progress:
    return lambda share, text: progress(start + width * max(0.0, share), text)


def _notes(documents: Documents) -> list[str]:
    return [note.text for note in documents.notes[:_MOST_NOTES]]


def _unknown(validation: EncodedStream) -> list[str]:
    share = float(np.mean(np.asarray(validation.ids) == UNKNOWN_ID)) if len(validation) else 0.0
    return [f"{share:.1%} of the validation text are unknown tokens."] if share >= 0.005 else []


def facts_to_json(units: TextUnits, ends: bool, usual: int) -> str:
    """Content of vocabulary.json: {"units": {...}, "ends": true, "usual": 12}."""
    content = {"units": json.loads(units.to_json()), "ends": ends, "usual": usual}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def facts_from_json(text: str, where: str = "vocabulary.json") -> tuple[TextUnits, bool, int]:
    """Read back ``facts_to_json``: units, ends, usual.

    Raises:
        StudioError: it is damaged.
    """
    try:
        content = json.loads(text)
        units, ends, usual = content["units"], content["ends"], content["usual"]
        if not isinstance(ends, bool) or isinstance(usual, bool) or not isinstance(usual, int):
            raise ValueError("it does not say how texts end")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise StudioError("The vocabulary of the run is damaged", where=where, why=str(error)) from None
    return text_units_from_json(json.dumps(units), where), ends, usual
