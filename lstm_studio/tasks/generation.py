"""Text generation: running text is read, and each token foretold from those before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar, cast

import numpy as np
import torch
from torch import Tensor, nn

from lstm_studio.config import ModelConfig, RunConfig, TrainingConfig
from lstm_studio.data.likelihood import bits_per_character, perplexity
from lstm_studio.data.prepare_texts import PreparedTexts, facts_from_json, facts_to_json, prepare_texts, section
from lstm_studio.data.progress import Progress, silent
from lstm_studio.data.start_vectors import READ
from lstm_studio.data.streams import EncodedStream
from lstm_studio.data.stretches import Stretch, read_stretch, stretches
from lstm_studio.data.text_units import TextUnits
from lstm_studio.data.units import SPECIAL
from lstm_studio.data.vocabulary import Vocabulary
from lstm_studio.data.written import Sample
from lstm_studio.nn.language_model import LanguageModel, LanguageModelOptions
from lstm_studio.nn.parameters import Sizes
from lstm_studio.nn.types import LSTMState
from lstm_studio.tasks.answers import look
from lstm_studio.tasks.base import Evaluation, Look, Loss, MetricInfo
from lstm_studio.tasks.corpora import StreamCorpus
from lstm_studio.tasks.starting import StartingWithVectors, freeze
from lstm_studio.tasks.stream_figures import StreamFigures
from lstm_studio.tasks.text_writer import TextWriter, beginnings

ROWS, STEPS, EACH = 64, 64, 10_000
"""Where nothing is learned: rows that are read side by side at most, tokens of a step, and the least of a row, so that
few tokens stand behind a seam."""
SAMPLES = 3
"""Texts that are written after an epoch."""
PROBE = {"character": 40, "word": 12, "bpe": 16}


@dataclass(frozen=True)
class TextMeta:
    """What text is cut into, whether documents are closed by a mark, and how long repeats usually are."""

    units: TextUnits
    ends: bool
    usual: int

    @property
    def classes(self) -> tuple[str, ...]:
        """None: a text has no classes."""
        return ()

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """All that can be written."""
        return Vocabulary(self.units.pieces)

    @property
    def vocabulary_size(self) -> int:
        """Tokens, the special ones included."""
        return len(self.units)

    def to_json(self) -> str:
        """Content of vocabulary.json; see ``prepare_texts.facts_to_json``."""
        return facts_to_json(self.units, self.ends, self.usual)


@dataclass(frozen=True, eq=False)
class TextPart:
    """A part of the text, and how it is read: in stretches of ``steps`` tokens, perhaps varied."""

    stream: EncodedStream
    steps: int
    vary: bool = False

    def __len__(self) -> int:
        """Tokens."""
        return len(self.stream)


@dataclass
class TextBatch:
    """``inputs`` and ``targets`` [B, T] on the device, ``lengths`` [B] on the CPU or None where all rows are full;
    ``first`` where the rows begin here; ``rate`` is T as a share of what it usually is."""

    inputs: Tensor
    targets: Tensor
    lengths: Tensor | None
    first: bool
    rate: float = 1.0


class CarriedState:
    """The state that each stretch leaves to the next one; see ``tasks.base.Carrying``."""

    def __init__(self) -> None:
        self.state: LSTMState | None = None

    def carried(self) -> dict[str, Tensor]:
        """h and c, [layers, B, H]; nothing before the first step."""
        if self.state is None:
            return {}
        found = {"h": self.state.h} if self.state.c is None else {"h": self.state.h, "c": self.state.c}
        return {name: value.detach().to("cpu", copy=True).contiguous() for name, value in found.items()}

    def restore(self, tensors: Mapping[str, Tensor], device: torch.device) -> None:
        """Go on from ``carried()``."""
        if "h" not in tensors:
            self.state = None
            return
        c = tensors.get("c")
        self.state = LSTMState(tensors["h"].to(device), None if c is None else c.to(device))


class GenerationTask(StartingWithVectors):
    """A token for those before it; the network is a LanguageModel."""

    name: ClassVar[str] = "generation"
    title: ClassVar[str] = "Text generation"
    metrics: ClassVar[tuple[MetricInfo, ...]] = (
        MetricInfo("perplexity", "Perplexity", higher_is_better=False, share=False),
        MetricInfo("bits_per_character", "Bits per character", higher_is_better=False, share=False),
        MetricInfo("loss", "Loss", higher_is_better=False, share=False),
    )
    main_metric: ClassVar[str] = "perplexity"

    def watched(self, config: RunConfig) -> str:
        """Perplexity; of characters the bits that one costs, as papers have it."""
        return "bits_per_character" if section(config).units == "character" else self.main_metric

    def prepare(self, config: RunConfig, progress: Progress = silent, cache: Path | None = None) -> PreparedTexts:
        """See data.prepare_texts."""
        return prepare_texts(config, progress, cache)

    def meta(self, prepared: PreparedTexts) -> TextMeta:
        """The units."""
        return TextMeta(prepared.units, prepared.ends, prepared.usual)

    def load_meta(self, text: str, where: str = "vocabulary.json") -> TextMeta:
        """Read back what ``TextMeta.to_json`` wrote."""
        return TextMeta(*facts_from_json(text, where))

    def build_model(self, config: RunConfig, meta: TextMeta) -> LanguageModel:
        """A fresh LanguageModel."""
        network = _network(config.model, config.training, len(meta.units))
        freeze(network, config)
        return network

    def initialise(self, model: nn.Module, prepared: PreparedTexts) -> None:
        """A fresh network knows how frequent each token is: the output's bias begins at the logarithm of its share.

        Else the first hundreds of steps are spent on learning just that. Words start with their pretrained vectors.
        """
        super().initialise(model, prepared)
        counts = np.bincount(np.asarray(prepared.train.ids), minlength=len(prepared.units)) + 0.5
        bias = torch.from_numpy(np.log(counts / counts.sum())).float()
        with torch.no_grad():
            cast("LanguageModel", model).output_bias.copy_(bias - bias.mean())

    def parts(self, prepared: PreparedTexts) -> Mapping[str, TextPart]:
        """Train, validation and, where one is set aside or named, test."""
        training = prepared.config.training
        return {name: TextPart(part, training.steps, training.vary_steps) for name, part in prepared.parts().items()}

    def corpus(self, prepared: PreparedTexts, part: str) -> StreamCorpus:
        """A part to be walked over; see ``tasks.corpus``."""
        return StreamCorpus(prepared.parts()[part], prepared.units)

    def batches(
        self, part: TextPart, batch_size: int, seed: int, epoch: int, shuffle: bool
    ) -> Sequence[tuple[Stretch, float]]:
        """Stretches in the order of the text, which is never shuffled, with their length as a share of the usual one.

        Where nothing is learned (not ``shuffle``) few rows are read, however large a batch is.
        """
        if not shuffle:
            rows = int(np.clip(len(part) // EACH, 1, ROWS))
            return [(stretch, 1.0) for stretch in stretches(len(part), rows, STEPS)]
        found = stretches(len(part), batch_size, part.steps, seed, epoch, vary=part.vary)
        return [(one, float(one.lengths.max()) / part.steps if part.vary else 1.0) for one in found]

    def collate(self, part: TextPart, handle: tuple[Stretch, float], device: torch.device) -> TextBatch:
        """Read a stretch."""
        stretch, rate = handle
        read = read_stretch(part.stream.ids, stretch)
        full = bool((read.lengths == read.inputs.shape[1]).all())
        return TextBatch(
            torch.from_numpy(read.inputs).to(device, non_blocking=True),
            torch.from_numpy(read.targets).to(device, non_blocking=True),
            None if full else torch.from_numpy(read.lengths),
            stretch.first,
            rate,
        )

    def start(self, config: RunConfig, prepared: PreparedTexts, device: torch.device) -> CarriedState:
        """What is carried from stretch to stretch."""
        return CarriedState()

    def loss(self, model: nn.Module, batch: TextBatch, extra: CarriedState, done: float = 0.0) -> Loss:
        """Cross-entropy of a token, with the costs of states; shown without them."""
        state = None if batch.first else extra.state
        found = cast("LanguageModel", model).loss(batch.inputs, batch.targets, state, batch.lengths)
        extra.state = found.state
        shown = found.each.sum(dtype=torch.float64) / found.words
        return Loss(found.total / found.words, found.words, found.words, shown, batch.rate)

    def evaluate(
        self,
        model: nn.Module,
        config: RunConfig,
        part: TextPart,
        meta: TextMeta,
        device: torch.device,
        *,
        quick: bool = False,
    ) -> Iterator[Evaluation | None]:
        """Perplexity of a token, bits per character, and what was hard to foretell; a few texts are written.

        The same figures whether ``quick`` or not; only the texts are left out if not.
        """
        network, state, total = cast("LanguageModel", model), None, 0.0
        figures = StreamFigures(part.stream.ids, meta.units)
        for stretch, _ in self.batches(part, 1, 0, 0, shuffle=False):
            batch = self.collate(part, (stretch, 1.0), device)
            with torch.no_grad():
                found = network.loss(batch.inputs, batch.targets, None if batch.first else state, batch.lengths)
            state = found.state
            total += float(found.each.sum(dtype=torch.float64))
            columns = np.arange(batch.inputs.shape[1])
            there = columns < stretch.lengths[:, None]
            figures.see((stretch.begins[:, None] + columns)[there], found.each.float().cpu().numpy()[there])
            yield None
        nats = total / max(1, len(part))
        metrics = {
            "perplexity": perplexity(nats),
            "bits_per_character": bits_per_character(nats, len(part), int(part.stream.characters.sum())),
            "loss": nats,
        }
        samples: list[Sample] = []
        if quick:
            writer = self.answers(config, meta)
            for number, ids in enumerate(beginnings(part.stream, meta.units, SAMPLES)):
                samples.append(writer.sample(network, ids, number, device))
                yield None
        yield Evaluation(metrics, figures.details(), tuple(samples))

    def rehearse(self, config: RunConfig, sizes: Sizes) -> tuple[LanguageModel, TextBatch, CarriedState]:
        """A stretch of made-up tokens."""
        words = max(len(SPECIAL) + 1, sizes.words)
        shape = (config.training.batch_size, config.training.steps + 1)
        ids = torch.from_numpy(np.random.default_rng(0).integers(len(SPECIAL), words, shape).astype(np.int64))
        batch = TextBatch(ids[:, :-1].contiguous(), ids[:, 1:].contiguous(), None, first=True)
        return _network(config.model, config.training, words), batch, CarriedState()

    def probe(self, prepared: PreparedTexts) -> str:
        """How the validation text begins."""
        units = prepared.units
        found = beginnings(prepared.validation, units, 1, PROBE[units.kind])
        text = units.decode(found[0]) if found else ""
        return text if text.strip() else prepared.text("validation", 0)

    def keep(self, prepared: PreparedTexts, folder: Path) -> None:
        """The training text in order, so that a text that is written can be compared with it."""
        if prepared.repeats is None:
            return
        place = folder / "training_text"
        place.mkdir(parents=True, exist_ok=True)
        np.save(place / "ids.npy", np.asarray(prepared.train.ids, np.int32), allow_pickle=False)
        prepared.repeats.save(place)

    def answers(self, config: RunConfig, meta: TextMeta, folder: Path | None = None) -> TextWriter:
        """Writing on from typed beginnings."""
        place = None if folder is None else folder / "training_text"
        return TextWriter(config, meta.units, ends=meta.ends, usual=meta.usual, compared=place)

    def look(self, model: nn.Module, config: RunConfig, meta: TextMeta, text: str, device: torch.device) -> Look:
        """Gates, states and what is likeliest to come next. The model must be in evaluation mode."""
        answers = self.answers(config, meta)
        reading = answers.read(text)
        return look(reading, answers.inside(model, reading, device))


def _network(model: ModelConfig, training: TrainingConfig, words: int) -> LanguageModel:
    options = LanguageModelOptions(
        tied=model.tied != "none" and model.encoding == "embedding" and not model.frozen(READ),
        locked=model.dropout_masks == "whole_stretch",
        row_dropout=model.row_dropout,
        weight_drop=model.weight_drop,
        activation=training.activation_cost,
        change=training.change_cost,
    )
    return LanguageModel(words, model, options)
