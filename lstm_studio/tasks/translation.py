"""Translation and summaries: a text is read, another one is written."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, ClassVar, cast

import numpy as np
import torch
from torch import Tensor, nn

from lstm_studio.config import ModelConfig, RunConfig, TrainingConfig
from lstm_studio.data.batches import bucketed
from lstm_studio.data.encoded_pairs import EncodedPairs
from lstm_studio.data.prepare_pairs import PairUnits, PreparedPairs, prepare_pairs, section
from lstm_studio.data.progress import Progress, silent
from lstm_studio.data.start_vectors import READ, WRITTEN
from lstm_studio.data.vocabulary import Vocabulary
from lstm_studio.errors import StudioError
from lstm_studio.nn.beam import beam_search
from lstm_studio.nn.decoder import DecoderOptions
from lstm_studio.nn.parameters import Sizes
from lstm_studio.nn.translator import Translator
from lstm_studio.tasks.answers import look
from lstm_studio.tasks.base import Evaluation, Look, Loss, MetricInfo
from lstm_studio.tasks.corpora import PairCorpus
from lstm_studio.tasks.pair_answers import PairAnswers, Writer
from lstm_studio.tasks.pair_figures import WrittenTexts
from lstm_studio.tasks.starting import StartingWithVectors, freeze

READING_BATCH = 128
"""Texts at once where nothing is learned."""
QUICK = 1_000
"""Texts that are written after an epoch."""
PROBE_TOKENS = (6, 16)
SPECIAL = 4
"""Padding, unknown and the two marks."""


@dataclass(frozen=True, eq=False)
class TranslationMeta:
    """What both sides are cut into."""

    units: PairUnits

    @property
    def classes(self) -> tuple[str, ...]:
        """None: texts have no classes."""
        return ()

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Tokens of the source."""
        return Vocabulary(self.units.source.pieces)

    @property
    def vocabulary_size(self) -> int:
        """Tokens of both sides, the special ones included; those of a common vocabulary count once."""
        return len(self.units.source) + (0 if self.units.joint else len(self.units.target))

    def to_json(self) -> str:
        """Content of vocabulary.json: {"source": {...}, "target": {...}}."""
        return self.units.to_json()


@dataclass
class PairBatch:
    """``source`` [B, S] and ``target`` [B, U] (without marks) on the device, their lengths [B] on the CPU."""

    source: Tensor
    source_lengths: Tensor
    target: Tensor
    target_lengths: Tensor


@dataclass(frozen=True)
class Teaching:
    """How targets are taught: label smoothing, and the share of true words that are read, now and at the end."""

    smoothing: float = 0.0
    share: float = 1.0
    falls: bool = False

    def at(self, done: float) -> float:
        """The share of true words when ``done`` of the run is over."""
        return 1 - (1 - self.share) * done if self.falls else self.share


class TranslationTask(StartingWithVectors):
    """A text for a text; the network is a Translator."""

    name: ClassVar[str] = "translation"
    title: ClassVar[str] = "Translation and summaries"
    metrics: ClassVar[tuple[MetricInfo, ...]] = (
        MetricInfo("bleu", "BLEU", share=False),
        MetricInfo("chrf", "chrF", share=False),
        MetricInfo("rouge1", "ROUGE-1"),
        MetricInfo("rouge2", "ROUGE-2"),
        MetricInfo("rougeL", "ROUGE-L"),
        MetricInfo("perplexity", "Perplexity", higher_is_better=False, share=False),
        MetricInfo("loss", "Loss", higher_is_better=False, share=False),
    )
    main_metric: ClassVar[str] = "bleu"

    def watched(self, config: RunConfig) -> str:
        """BLEU; of summaries ROUGE-L, for many summaries are right that share few words with the given one."""
        return "rougeL" if section(config).purpose == "summary" else self.main_metric

    def prepare(self, config: RunConfig, progress: Progress = silent, cache: Path | None = None) -> PreparedPairs:
        """See data.prepare_pairs."""
        return prepare_pairs(config, progress, cache)

    def meta(self, prepared: PreparedPairs) -> TranslationMeta:
        """The units."""
        return TranslationMeta(prepared.units)

    def load_meta(self, text: str, where: str = "vocabulary.json") -> TranslationMeta:
        """Read back what ``TranslationMeta.to_json`` wrote."""
        return TranslationMeta(PairUnits.from_json(text, where))

    def build_model(self, config: RunConfig, meta: TranslationMeta) -> Translator:
        """A fresh Translator.

        Raises:
            StudioError: settings that cannot go together.
        """
        network = _network(config.model, len(meta.units.source), len(meta.units.target), meta.units.joint)
        freeze(network, config)
        return network

    def parts(self, prepared: PreparedPairs) -> Mapping[str, EncodedPairs]:
        """Train, validation and, where the run names a file for it, test."""
        return prepared.parts()

    def corpus(self, prepared: PreparedPairs, part: str) -> PairCorpus:
        """The sources of a part, to be walked over; see ``tasks.corpus``."""
        return PairCorpus(prepared.parts()[part], prepared.units.source)

    def batches(
        self, part: EncodedPairs, batch_size: int, seed: int, epoch: int, shuffle: bool
    ) -> Sequence[np.ndarray]:
        """Indices of pairs of similar length."""
        return bucketed(part.lengths, batch_size, seed, epoch, shuffle=shuffle)

    def collate(self, part: EncodedPairs, handle: np.ndarray, device: torch.device) -> PairBatch:
        """Read pairs into two padded tensors."""
        source, source_lengths, target, target_lengths = part.padded(np.asarray(handle, np.int64))
        return PairBatch(
            torch.from_numpy(source).to(device, non_blocking=True),
            torch.from_numpy(source_lengths),
            torch.from_numpy(target).to(device, non_blocking=True),
            torch.from_numpy(target_lengths),
        )

    def start(self, config: RunConfig, prepared: PreparedPairs, device: torch.device) -> Teaching:
        """How targets are taught."""
        return _teaching(config.training)

    def loss(self, model: nn.Module, batch: PairBatch, extra: Teaching, done: float = 0.0) -> Loss:
        """Cross-entropy of the target's tokens and its end mark, a token, with label smoothing."""
        found = cast("Translator", model).loss(
            batch.source,
            batch.source_lengths,
            batch.target,
            batch.target_lengths,
            smoothing=extra.smoothing,
            teacher_share=extra.at(done),
        )
        return Loss(found.total / found.words, len(batch.source_lengths), found.words)

    def evaluate(
        self,
        model: nn.Module,
        config: RunConfig,
        part: EncodedPairs,
        meta: TranslationMeta,
        device: torch.device,
        *,
        quick: bool = False,
    ) -> Iterator[Evaluation | None]:
        """Loss and perplexity a token under true beginnings; BLEU, chrF and ROUGE of what the network writes itself.

        ``quick``: the likeliest word is taken each time, for at most ``QUICK`` texts spread over the part; else all
        are written by beam search with the run's settings. Details: see ``pair_figures.WrittenTexts``.
        """
        network, writer = cast("Translator", model), Writer(config, meta.units)
        beams = 1 if quick else config.model.beams
        chosen = np.unique(np.linspace(0, len(part) - 1, QUICK).astype(np.int64)) if quick else np.arange(len(part))
        picked = np.zeros(len(part), bool)
        picked[chosen] = True
        texts = WrittenTexts(part, meta.units, section(config))
        total, words = 0.0, 0
        for handle in self.batches(part, READING_BATCH, 0, 0, shuffle=False):
            batch = self.collate(part, handle, device)
            with torch.no_grad():
                encoded = network.encode(batch.source, batch.source_lengths)
                states = network.read(encoded, batch.target, batch.target_lengths).states
                found = network.loss_of(states, batch.target, batch.target_lengths)
                total += float(found.total)
                words += found.words
                rows = np.flatnonzero(picked[handle])
                if len(rows):
                    if len(rows) < len(handle):
                        encoded = encoded.select(torch.from_numpy(rows).to(device))
                    lengths = part.source_lengths[handle[rows]]
                    options = writer.options(beams, config.model.length_penalty, 1)
                    best = beam_search(
                        network.decoder, encoded.source, encoded.state, writer.longest(lengths), options, device
                    )
                    for row, hypotheses in zip(rows, best, strict=True):
                        place = int(handle[row])
                        texts.see(place, writer.text(hypotheses, partial(part.source, place)))
            yield None
        loss = total / max(1, words)
        plain = {"perplexity": math.exp(min(loss, 700.0)), "loss": loss}
        yield texts.evaluation(plain, thorough=not quick)

    def rehearse(self, config: RunConfig, sizes: Sizes) -> tuple[Translator, PairBatch, Teaching]:
        """Texts of equal length; the target is as long as the source."""
        chance = np.random.default_rng(0)
        rows = config.training.batch_size
        source, target = max(SPECIAL + 1, sizes.words), max(SPECIAL + 1, sizes.outputs)
        joint = config.model.tied == "all"
        if joint:
            source = target = max(source, target)

        def made(words: int) -> Tensor:
            return torch.from_numpy(chance.integers(SPECIAL, words, (rows, sizes.length)).astype(np.int64))

        lengths = torch.full((rows,), sizes.length)
        batch = PairBatch(made(source), lengths, made(target), lengths)
        return _network(config.model, source, target, joint), batch, _teaching(config.training)

    def probe(self, prepared: PreparedPairs) -> str:
        """The first validation text of middling length."""
        part = prepared.validation
        low, high = PROBE_TOKENS
        fitting = np.flatnonzero((part.source_lengths >= low) & (part.source_lengths <= high))
        place = int(fitting[0]) if len(fitting) else int(np.argmin(np.abs(part.source_lengths - high)))
        return prepared.text("validation", place)

    def keep(self, prepared: Any, folder: Path) -> None:
        """Vocabulary and weights are all."""

    def answers(self, config: RunConfig, meta: TranslationMeta, folder: Path | None = None) -> PairAnswers:
        """Writing for typed texts."""
        return PairAnswers(config, meta.units)

    def look(self, model: nn.Module, config: RunConfig, meta: TranslationMeta, text: str, device: torch.device) -> Look:
        """Gates, states, what is written and where it looked. The model must be in evaluation mode."""
        answers = self.answers(config, meta)
        inside = answers.inside(model, reading := answers.read(text, beams=1), device)
        return look(reading, inside)


def _teaching(training: TrainingConfig) -> Teaching:
    return Teaching(training.label_smoothing, training.teacher_forcing, training.teacher_schedule == "linear")


def _network(model: ModelConfig, source: int, target: int, joint: bool) -> Translator:
    if model.tied == "all" and (not joint or model.encoding != "embedding"):
        raise StudioError(
            "Source and target cannot share their vectors",
            why="They have a vocabulary each" if not joint else "The source is not read through a trained embedding",
            todo="Set data.vocabularies to joint" if not joint else "Set model.tied to output",
        )
    options = DecoderOptions(
        attention=model.attention,
        input_feeding=model.input_feeding,
        tie_output=model.tied != "none" and not model.frozen(READ if model.tied == "all" else WRITTEN),
        tie_source=model.tied == "all",
    )
    try:
        return Translator(source, target, model, options)
    except ValueError as error:
        raise StudioError(
            "The settings of the network do not go together", why=str(error), todo="Choose another model.attention"
        ) from None
