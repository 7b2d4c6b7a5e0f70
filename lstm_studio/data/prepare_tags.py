"""From a file to encoded sentences: columns, scheme, split, words, spellings, tags, kept in a cache."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from lstm_studio.config import RunConfig, TaggingData
from lstm_studio.data.cache import TextStore
from lstm_studio.data.encoded_words import EncodedSentences, Spellings
from lstm_studio.data.kinds import complete
from lstm_studio.data.predicates import PredicateWords
from lstm_studio.data.prepared import prepare
from lstm_studio.data.progress import Progress, silent
from lstm_studio.data.remedies import mend_other_sentences, mend_sentences
from lstm_studio.data.rows import notes_of, open_other
from lstm_studio.data.sentences import Sentences, divided, tagged_sentences
from lstm_studio.data.spelling import known_characters, letters_of, normal
from lstm_studio.data.split import stratified_split
from lstm_studio.data.start_vectors import READ, Starts, VectorStart, load_starts, save_starts
from lstm_studio.data.table import Table, open_for
from lstm_studio.data.tags import OUTSIDE, Scheme, convert, has_prefix, split
from lstm_studio.data.vocabulary import Vocabulary
from lstm_studio.data.words import join_words, words_of
from lstm_studio.errors import StudioError

Split = Literal["train", "validation", "test"]

MOST_TAGS = 2_000
_SETTINGS = (
    "word tag predicate scheme learned_scheme same_digits tokenizer lowercase normalize_width max_length "
    "vocabulary_size min_count remedies"
)
SINGLE = 0.9


@dataclass(frozen=True, eq=False)
class TagInventory:
    """What is learned of the training part besides its sentences; a trained network needs it to read others.

    Attributes:
        vocabulary: Words, as they are read (lower-cased, digits alike).
        tags: In the scheme in which they are learned, O first.
        written, learned: Schemes of the files and of ``tags``.
        characters: Those that have a vector of their own; id of the first is 2.
        spaced: Whether words are parted by spaces when they are shown.
        predicates: Which words are predicates; None where the run has none.
    """

    vocabulary: Vocabulary
    tags: tuple[str, ...]
    written: Scheme
    learned: Scheme
    characters: tuple[str, ...]
    spaced: bool
    predicates: PredicateWords | None

    def to_facts(self) -> dict[str, Any]:
        """All but the vocabulary, as JSON can hold it."""
        return {
            "tags": list(self.tags),
            "scheme": self.written,
            "learned_scheme": self.learned,
            "characters": "".join(self.characters),
            "spaced": self.spaced,
            "predicates": self.predicates.to_facts() if self.predicates is not None else None,
        }

    @classmethod
    def from_facts(cls, vocabulary: Vocabulary, facts: dict[str, Any]) -> TagInventory:
        """Read back ``to_facts``. Raises KeyError, TypeError or ValueError on damage."""
        tags = tuple(facts["tags"])
        if not tags or not all(isinstance(tag, str) for tag in tags) or len(set(tags)) != len(tags):
            raise ValueError("the tags are damaged")
        schemes = ("IOB1", "IOB2", "BIOES", "BMES", "none")
        if facts["scheme"] not in schemes or facts["learned_scheme"] not in schemes:
            raise ValueError("there is no such scheme")
        found = facts["predicates"]
        return cls(
            vocabulary,
            tags,
            facts["scheme"],
            facts["learned_scheme"],
            tuple(str(facts["characters"])),
            bool(facts["spaced"]),
            PredicateWords.from_facts(found) if found is not None else None,
        )


@dataclass(frozen=True, eq=False)
class PreparedTags:
    """All that training needs to know of tagged sentences.

    Attributes:
        config: The run, nothing left open in its data section.
        inventory: Words, tags and the like of the training part.
        train, validation, test: Encoded sentences. test is None unless the run names a test file.
        starts: Pretrained vectors that words start with.
        notes: What was guessed and what was left out, a sentence each.
        key: Equal for equal data and settings.
    """

    config: RunConfig
    inventory: TagInventory
    train: EncodedSentences
    validation: EncodedSentences
    test: EncodedSentences | None
    starts: Starts
    notes: tuple[str, ...]
    key: str

    def text(self, split: Split, index: int) -> str:
        """The words of a sentence as one cell; see ``data.words.words_of``.

        Raises:
            IndexError: there is no such sentence.
            KeyError: there is no such part.
        """
        return str(self.parts()[split].texts[index])

    def question(self, split: Split, index: int) -> dict[str, Any]:
        """The row as it is asked of a network: its text, words and predicate."""
        words = words_of(self.text(split, index))
        predicate = int(self.parts()[split].predicates[index])
        text = (" " if self.inventory.spaced else "").join(words)
        return {"text": text, "words": tuple(words), "predicate": predicate if predicate >= 0 else None}

    def parts(self) -> dict[str, EncodedSentences]:
        """The parts there are, by name."""
        found = {"train": self.train, "validation": self.validation}
        return found if self.test is None else {**found, "test": self.test}


def prepare_tagging(config: RunConfig, progress: Progress = silent, cache: Path | None = None) -> PreparedTags:
    """Read, split and encode the sentences of a run; see ``data.prepared.prepare``."""
    return prepare(TagRecipe(), config, progress, cache)


class TagRecipe:
    """Sentences with a tag for each word."""

    task = "tagging"
    settings = tuple(_SETTINGS.split())

    def build(self, config: RunConfig, progress: Progress) -> tuple[PreparedTags, list[str]]:
        """Everything without a cache; the notes of guessing apart."""
        return _build(config, progress)

    def facts(self, prepared: PreparedTags) -> dict[str, Any]:
        """Inventory and the tags that only other parts have."""
        names = {name: list(part.names) for name, part in prepared.parts().items()}
        return {**prepared.inventory.to_facts(), "names": names}

    def save(self, prepared: PreparedTags, folder: Path) -> None:
        """The parts, their words, spellings, vocabulary and vectors."""
        for name, part in prepared.parts().items():
            part.save(folder / name)
            TextStore.of(list(part.texts)).save(folder, f"texts_{name}")
        prepared.train.spellings.save(folder)
        (folder / "vocabulary.json").write_text(prepared.inventory.vocabulary.to_json(), encoding="utf-8")
        save_starts(prepared.starts, folder)

    def load(
        self, folder: Path, facts: dict[str, Any], config: RunConfig, notes: tuple[str, ...], key: str
    ) -> PreparedTags:
        """Read back what ``save`` wrote."""
        data = section(config)
        vocabulary = Vocabulary.from_json((folder / "vocabulary.json").read_text(encoding="utf-8"))
        inventory = TagInventory.from_facts(vocabulary, facts)
        spellings = Spellings.load(folder)
        names = ["train", "validation", *(["test"] if data.test is not None else [])]
        parts: dict[str, EncodedSentences] = {}
        for name in names:
            own = tuple(str(tag) for tag in facts["names"][name])
            if own[: len(inventory.tags)] != inventory.tags:
                raise ValueError(name)
            texts = TextStore.load(folder, f"texts_{name}")
            parts[name] = EncodedSentences.load(folder / name, own, spellings, len(vocabulary), texts)
        starts = load_starts(folder, config, {READ: len(vocabulary)})
        return PreparedTags(
            config, inventory, parts["train"], parts["validation"], parts.get("test"), starts, notes, key
        )

    def renewed(self, prepared: PreparedTags, key: str) -> PreparedTags:
        """The same under its key."""
        return replace(prepared, key=key)


def section(config: RunConfig) -> TaggingData:
    """The [data] of a tagging run."""
    data = config.data
    assert isinstance(data, TaggingData)
    return data


def _build(config: RunConfig, progress: Progress) -> tuple[PreparedTags, list[str]]:
    given = section(config)
    table = open_for(given, progress=lambda share, text: progress(max(0.0, share) * 0.3, text))
    chosen, guessed = complete(given, table)
    assert isinstance(chosen, TaggingData)
    progress(0.3, "Reading the sentences")
    notes = notes_of(table)
    found = tagged_sentences(table, chosen, notes)
    others: dict[str, Sentences] = {}
    said: list[str] = []
    for name, path in (("validation", chosen.validation), ("test", chosen.test)):
        if path is not None:
            other = open_other(chosen, path, lambda share, text: progress(0.4 + max(0.0, share) * 0.1, text))
            others[name] = mend_other_sentences(tagged_sentences(other, chosen, said), chosen)
    found, mended = mend_sentences(
        found, chosen, list(others.values()), lambda share, text: progress(0.5 + 0.1 * share, text)
    )
    notes += [*(one.text for one in mended if one.count), *said]
    parts = {**split_sentences(found, chosen, table), **others}
    progress(0.6, "Counting words and tags")
    written = parts["train"].scheme
    learned: Scheme = written if chosen.learned_scheme == "as_written" or written == "none" else chosen.learned_scheme
    parts = {name: divided(part, chosen.max_length, notes) for name, part in parts.items()}
    tags = {
        name: [convert(own, part.scheme, learned) if part.scheme != learned else own for own in part.tags]
        for name, part in parts.items()
    }
    inventory = _inventory(parts["train"], tags["train"], written, learned, chosen)
    start = VectorStart(config, lambda share, text: progress(0.65 + 0.1 * share, text))
    key = normal(chosen.lowercase, chosen.same_digits, chosen.normalize_width)
    words = start.grow(inventory.vocabulary.tokens, most=chosen.vocabulary_size, accepts=lambda word: key(word) == word)
    inventory = replace(inventory, vocabulary=Vocabulary(words))
    notes += start.notes
    progress(0.75, "Encoding the sentences")
    encoded = encode_parts(parts, tags, inventory, chosen, notes)
    prepared = PreparedTags(
        start.sized(config).model_copy(update={"data": chosen}),
        inventory,
        encoded["train"],
        encoded["validation"],
        encoded.get("test"),
        start.found,
        (*guessed, *notes),
        "",
    )
    return prepared, guessed


def split_sentences(found: Sentences, data: TaggingData, table: Table) -> dict[str, Sentences]:
    """Training and, without a file of its own, validation: a sentence that stands there several times is in one."""
    if data.validation is not None:
        return {"train": found}
    groups: dict[tuple[str, ...], int] = {}
    group = np.array([groups.setdefault(tuple(words), len(groups)) for words in found.words], np.int64)
    train, held = stratified_split(np.zeros(len(groups), np.int64), data.validation_fraction, data.split_seed)
    if len(held) == 0 or len(train) == 0:
        raise StudioError(
            "There are too few sentences to set some aside for validation",
            where=table.path,
            why="It holds one only" if len(groups) == 1 else f"It holds {len(groups):,} different ones",
            todo="Use a file with more sentences, or name a validation file",
        )
    places = {"train": np.isin(group, train), "validation": np.isin(group, held)}
    return {name: found.take(np.flatnonzero(mask).tolist()) for name, mask in places.items()}


def tag_order(tags: Iterable[str]) -> tuple[str, ...]:
    """O first, then type by type."""
    return tuple(sorted(set(tags), key=lambda tag: (tag != OUTSIDE, *reversed(split(tag)))))


def _inventory(
    train: Sentences, tags: list[list[str]], written: Scheme, learned: Scheme, data: TaggingData
) -> TagInventory:
    names = tag_order(tag for own in tags for tag in own)
    if len(names) < 2:
        raise StudioError(
            f"All words have the same tag, {names[0]!r}",
            where=train.table.path,
            why=f"Tags were read from column {data.tag!r}; there is nothing to find",
            todo="Choose another tag column, or a file with marked words",
        )
    if len(names) > MOST_TAGS:
        raise StudioError(
            f"The tags are of {len(names):,} kinds, more than {MOST_TAGS:,}",
            where=train.table.path,
            why=f"Column {data.tag!r} does not look like one of tags",
            todo="Choose another tag column",
        )
    key = normal(data.lowercase, data.same_digits, data.normalize_width)
    counts = Counter(key(word) for words in train.words for word in words)
    vocabulary = Vocabulary.build(counts, data.vocabulary_size, max(1, data.min_count))
    single = sum(len(word) == 1 for words in train.words for word in words)
    return TagInventory(
        vocabulary,
        names,
        written,
        learned,
        known_characters((word for words in train.words for word in words), data.same_digits, data.normalize_width),
        single < SINGLE * sum(len(words) for words in train.words),
        PredicateWords.learn(train.words, train.predicates) if train.predicates is not None else None,
    )


def encode_parts(
    parts: dict[str, Sentences],
    tags: dict[str, list[list[str]]],
    inventory: TagInventory,
    data: TaggingData,
    notes: list[str],
) -> dict[str, EncodedSentences]:
    """Sentences as numbers; ``tags`` are in the learned scheme. Tags that training lacks get numbers beyond its own."""
    forms: dict[str, int] = {}
    flat = {
        name: np.fromiter((forms.setdefault(word, len(forms)) for words in part.words for word in words), np.int32)
        for name, part in parts.items()
    }
    key = normal(data.lowercase, data.same_digits, data.normalize_width)
    ids_of_form = inventory.vocabulary.encode([key(word) for word in forms])
    spellings = spell(forms, inventory.characters, data.same_digits, data.normalize_width)
    encoded = {}
    for name, part in parts.items():
        numbers = {tag: number for number, tag in enumerate(inventory.tags)}
        known = len(numbers)
        flat_tags = np.fromiter((numbers.setdefault(tag, len(numbers)) for own in tags[name] for tag in own), np.int32)
        offsets = np.zeros(len(part) + 1, np.int64)
        np.cumsum([len(words) for words in part.words], out=offsets[1:])
        odd = np.concatenate([[0], np.cumsum(flat_tags >= known)])
        strange = odd[offsets[1:]] > odd[offsets[:-1]]
        if len(numbers) > known:
            place = int(np.flatnonzero(strange)[0])
            at = int(np.flatnonzero(flat_tags >= known)[0] - offsets[place])
            shown = ", ".join(sorted({split(tag)[1] or tag for tag in list(numbers)[known:]})[:5])
            notes.append(
                f"{part.table.path.name}: tags that training does not have ({shown}) can never be found "
                f"({part.place(place, at)})."
            )
        encoded[name] = EncodedSentences(
            ids_of_form[flat[name]],
            flat_tags,
            flat[name],
            offsets,
            np.array(part.predicates if part.predicates is not None else [-1] * len(part), np.int32),
            strange,
            tuple(numbers),
            spellings,
            [join_words(words) for words in part.words],
        )
    return encoded


def spell(words: Iterable[str], characters: Sequence[str], same_digits: bool, narrow: bool = False) -> Spellings:
    """The letters of words as numbers."""
    numbers = {character: number for number, character in enumerate(characters, 2)}
    letters = array("i")
    ends = array("q", [0])
    for word in words:
        letters.extend(numbers.get(character, 1) for character in letters_of(word, same_digits, narrow))
        ends.append(len(letters))
    return Spellings(np.array(letters, np.int32), np.array(ends, np.int64))


def types_of(tags: Iterable[str], scheme: Scheme) -> tuple[str, ...]:
    """What is found: the types of spans, or, where tags are no spans, the tags besides O."""
    if scheme == "none":
        return tuple(sorted({tag for tag in tags if tag != OUTSIDE}))
    return tuple(sorted({split(tag)[1] for tag in tags if has_prefix(tag)}))
