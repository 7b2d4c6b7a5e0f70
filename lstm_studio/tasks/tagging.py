"""Tagging: named entities, slots, semantic roles; one tag for each word of a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, cast

import numpy as np
import torch
from torch import nn

from lstm_studio.config import RunConfig
from lstm_studio.data.batches import bucketed
from lstm_studio.data.encoded_words import EncodedSentences
from lstm_studio.data.prepare_tags import PreparedTags, TagInventory, prepare_tagging, types_of
from lstm_studio.data.progress import Progress, silent
from lstm_studio.data.tags import legal
from lstm_studio.data.vocabulary import Vocabulary
from lstm_studio.data.words import words_of
from lstm_studio.errors import StudioError
from lstm_studio.nn.crf import LinearChainCRF
from lstm_studio.nn.parameters import Sizes
from lstm_studio.nn.tagger import SequenceTagger, Spelling
from lstm_studio.tasks.answers import look
from lstm_studio.tasks.base import Evaluation, Look, Loss, MetricInfo
from lstm_studio.tasks.corpora import SentenceCorpus
from lstm_studio.tasks.entities import entity_figures, span_counts
from lstm_studio.tasks.starting import StartingWithVectors, freeze
from lstm_studio.tasks.tag_answers import TagAnswers
from lstm_studio.tasks.tag_reading import WordBatch, collate
from lstm_studio.tasks.worst import Worst

READING_BATCH = 128
"""Sentences at once where nothing is learned."""
PROBE_WORDS = (6, 16)
_LETTERS = 8
"""Of a made-up word."""


@dataclass(frozen=True, eq=False)
class TaggingMeta:
    """Words, tags and characters of a run."""

    inventory: TagInventory

    @property
    def vocabulary(self) -> Vocabulary:
        """The words."""
        return self.inventory.vocabulary

    @property
    def classes(self) -> tuple[str, ...]:
        """What is found: types of spans, or the tags where they are no spans."""
        return types_of(self.inventory.tags, self.inventory.learned)

    @property
    def vocabulary_size(self) -> int:
        """Words, padding and unknown included."""
        return len(self.inventory.vocabulary)

    def to_json(self) -> str:
        """Content of vocabulary.json: {"tokens": [...], "tags": [...], "characters": "...", ...}."""
        content = {**json.loads(self.vocabulary.to_json()), **self.inventory.to_facts()}
        return json.dumps(content, ensure_ascii=False)


class TaggingTask(StartingWithVectors):
    """One tag a word; the network is a SequenceTagger."""

    name: ClassVar[str] = "tagging"
    title: ClassVar[str] = "Tagging"
    metrics: ClassVar[tuple[MetricInfo, ...]] = (
        MetricInfo("f1", "F1 of spans"),
        MetricInfo("precision", "Precision"),
        MetricInfo("recall", "Recall"),
        MetricInfo("accuracy", "Accuracy by word"),
        MetricInfo("loss", "Loss", higher_is_better=False, share=False),
    )
    main_metric: ClassVar[str] = "f1"

    def watched(self, config: RunConfig) -> str:
        """The main one."""
        return self.main_metric

    def prepare(self, config: RunConfig, progress: Progress = silent, cache: Path | None = None) -> PreparedTags:
        """See data.prepare_tags."""
        return prepare_tagging(config, progress, cache)

    def meta(self, prepared: PreparedTags) -> TaggingMeta:
        """The inventory."""
        return TaggingMeta(prepared.inventory)

    def load_meta(self, text: str, where: str = "vocabulary.json") -> TaggingMeta:
        """Read back what ``TaggingMeta.to_json`` wrote."""
        vocabulary = Vocabulary.from_json(text, where)
        try:
            return TaggingMeta(TagInventory.from_facts(vocabulary, json.loads(text)))
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise StudioError("The vocabulary of the run is damaged", where=where, why=str(error)) from None

    def build_model(self, config: RunConfig, meta: TaggingMeta) -> SequenceTagger:
        """A fresh SequenceTagger."""
        inventory, model = meta.inventory, config.model
        crf = None
        if model.crf:
            first, step, last = (torch.from_numpy(table) for table in legal(inventory.tags, inventory.learned))
            crf = LinearChainCRF(len(inventory.tags), step, first, last)
        spelled = model.spelling == "lstm" or (model.spelling == "auto" and inventory.spaced)
        network = SequenceTagger(
            meta.vocabulary_size,
            len(inventory.tags),
            model,
            characters=len(inventory.characters) + 2 if spelled else None,
            character_size=model.spelling_size,
            marks=2 if inventory.predicates is not None else 0,
            mark_size=model.mark_size,
            crf=crf,
        )
        freeze(network, config)
        return network

    def parts(self, prepared: PreparedTags) -> Mapping[str, EncodedSentences]:
        """Train, validation and, where the run names a file for it, test."""
        return prepared.parts()

    def corpus(self, prepared: PreparedTags, part: str) -> SentenceCorpus:
        """A part to be walked over; see ``tasks.corpus``."""
        return SentenceCorpus(prepared, part, prepared.parts()[part])

    def batches(
        self, part: EncodedSentences, batch_size: int, seed: int, epoch: int, shuffle: bool
    ) -> Sequence[np.ndarray]:
        """Indices of sentences of similar length."""
        return bucketed(part.lengths, batch_size, seed, epoch, shuffle=shuffle)

    def collate(self, part: EncodedSentences, handle: np.ndarray, device: torch.device) -> WordBatch:
        """Read sentences into padded tensors."""
        return collate(part, handle, True, True, device)

    def start(self, config: RunConfig, prepared: PreparedTags, device: torch.device) -> None:
        """Nothing is needed."""

    def loss(self, model: nn.Module, batch: WordBatch, extra: None, done: float = 0.0) -> Loss:
        """Negative log-likelihood of the tags, a word: of whole sequences with a CRF, else of each tag alone."""
        network = cast("SequenceTagger", model)
        emissions = _emissions(network, batch)
        words = int(batch.lengths.sum())
        value = network.negative_log_likelihood(emissions, batch.tags, batch.lengths).sum() / words
        return Loss(value, len(batch.lengths), words)

    def evaluate(
        self,
        model: nn.Module,
        config: RunConfig,
        part: EncodedSentences,
        meta: TaggingMeta,
        device: torch.device,
        *,
        quick: bool = False,
    ) -> Iterator[Evaluation | None]:
        """Entity precision, recall and F1 as conlleval counts, accuracy by word, loss a word.

        The loss leaves sentences out that have tags which training did not. The predicate of a semantic frame counts as
        nothing: it is given. Details: per_class, classes and confusion (the last row and column are "nothing"),
        examples, worst (the sentences with the most errors).
        """
        network = cast("SequenceTagger", model)
        inventory = meta.inventory
        total, words = 0.0, 0
        truth: list[list[str]] = [[] for _ in range(len(part))]
        predicted: list[list[str]] = [[] for _ in range(len(part))]
        worst = Worst()
        for handle in self.batches(part, READING_BATCH, 0, 0, shuffle=False):
            batch = self.collate(part, handle, device)
            with torch.no_grad():
                emissions = _emissions(network, batch)
                known = batch.known
                if bool(known.any()):
                    on = known.to(device)
                    losses = network.negative_log_likelihood(emissions[on], batch.tags[on], batch.lengths[known])
                    total += float(losses.sum())
                    words += int(batch.lengths[known].sum())
                best = network.decode(emissions, batch.lengths).cpu().numpy()
            for place, row in zip(handle.tolist(), best, strict=True):
                tags = part.tags_of(place)
                guessed = [inventory.tags[number] for number in row[: len(tags)]]
                predicate = int(part.predicates[place])
                if predicate >= 0:
                    tags[predicate] = guessed[predicate] = "O"
                truth[place], predicted[place] = tags, guessed
                worst.see(place, partial(part.words, place), tags, guessed, inventory.learned, predicate)
            yield None
        figures = entity_figures(truth, predicted, inventory.learned)
        yield Evaluation(
            {
                "loss": total / max(1, words),
                "f1": figures.f1,
                "precision": figures.precision,
                "recall": figures.recall,
                "accuracy": figures.accuracy,
            },
            {
                "per_class": {name: own._asdict() for name, own in figures.per_type.items()},
                "classes": [*figures.types, ""],
                "confusion": figures.confusion.tolist(),
                "examples": len(part),
                "worst": worst.sentences(),
            },
        )

    def judge(self, meta: TaggingMeta, batch: WordBatch, decided: np.ndarray) -> np.ndarray:
        """Spans that are right, predicted and true, of sentences whose tags are all known."""
        inventory = meta.inventory
        known = batch.known.cpu().numpy()
        truth = batch.tags.cpu().numpy()[known]
        marks = batch.marks.cpu().numpy()[known] if batch.marks is not None else None
        total = np.zeros((decided.shape[1], 3), np.int64)
        for row, length in enumerate(batch.lengths.numpy()[known].tolist()):
            tags = [inventory.tags[number] for number in truth[row, :length]]
            given = int(marks[row].argmax()) if marks is not None and marks[row].any() else -1
            total += span_counts(tags, decided[row, :, :length], inventory.tags, inventory.learned, given)
        return total

    def judged(self, counts: np.ndarray) -> np.ndarray:
        """F1 of spans."""
        return 2 * counts[..., 0] / np.maximum(1, counts[..., 1] + counts[..., 2])

    def rehearse(self, config: RunConfig, sizes: Sizes) -> tuple[SequenceTagger, WordBatch, None]:
        """Sentences of equal length, half of whose words are different ones."""
        chance = np.random.default_rng(0)
        rows, length, model = config.training.batch_size, sizes.length, config.model
        shape = (rows, length)
        spelled = sizes.spelled(model)
        forms = max(1, rows * length // 2)
        words, tags = max(3, sizes.words), max(1, sizes.outputs)  # a file of one sentence has fewer
        network = SequenceTagger(
            words,
            tags,
            model,
            characters=max(3, sizes.characters) if spelled else None,
            character_size=model.spelling_size,
            marks=sizes.marks,
            mark_size=model.mark_size,
            crf=LinearChainCRF(tags) if model.crf else None,
        )
        letters = chance.integers(2, max(3, sizes.characters), (forms, _LETTERS))

        def numbers(low: int, high: int) -> torch.Tensor:
            return torch.from_numpy(chance.integers(low, high, shape).astype(np.int64))

        batch = WordBatch(
            numbers(2, words),
            torch.full((rows,), length),
            numbers(0, tags),
            torch.ones(rows, dtype=torch.bool),
            Spelling(torch.from_numpy(letters), torch.full((forms,), _LETTERS), numbers(0, forms)) if spelled else None,
            torch.zeros(shape, dtype=torch.int64) if sizes.marks else None,
        )
        return network, batch, None

    def probe(self, prepared: PreparedTags) -> str:
        """The first validation sentence of middling length in which there is something to find."""
        part = prepared.validation
        low, high = PROBE_WORDS
        outside = prepared.inventory.tags.index("O") if "O" in prepared.inventory.tags else -1
        inside = np.add.reduceat((part.tags != outside).astype(np.int64), part.offsets[:-1])
        fitting = np.flatnonzero((part.lengths >= low) & (part.lengths <= high))
        rich = fitting[inside[fitting] > 1] if len(fitting) else fitting
        chosen = next((int(found[0]) for found in (rich, fitting) if len(found)), None)
        if chosen is None:
            chosen = int(np.argmin(np.abs(part.lengths - high)))
        words = words_of(prepared.text("validation", chosen))
        return (" " if prepared.inventory.spaced else "").join(words)

    def keep(self, prepared: Any, folder: Path) -> None:
        """Vocabulary and weights are all."""

    def answers(self, config: RunConfig, meta: TaggingMeta, folder: Path | None = None) -> TagAnswers:
        """Reading and tagging typed sentences."""
        return TagAnswers(config, meta.inventory)

    def look(self, model: nn.Module, config: RunConfig, meta: TaggingMeta, text: str, device: torch.device) -> Look:
        """Gates, states and the tags found in one sentence. The model must be in evaluation mode."""
        answers = self.answers(config, meta)
        inside = answers.inside(model, reading := answers.read(text), device)
        return look(reading, inside)


def _emissions(network: SequenceTagger, batch: WordBatch) -> torch.Tensor:
    """Letters and marks are read by the networks that know them."""
    return network(
        batch.ids,
        batch.lengths,
        batch.spelling if network.characters is not None else None,
        batch.marks if network.marks is not None else None,
    ).emissions
