"""Text classification and sentiment: one label a text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from lstm_studio.config import RunConfig
from lstm_studio.data.batches import bucketed, collate
from lstm_studio.data.encoded import EncodedTexts
from lstm_studio.data.prepare import Prepared, prepare_classification
from lstm_studio.data.progress import Progress, silent
from lstm_studio.data.vocabulary import Vocabulary
from lstm_studio.errors import StudioError
from lstm_studio.nn.classifier import TextClassifier
from lstm_studio.nn.parameters import Sizes
from lstm_studio.tasks.answers import look
from lstm_studio.tasks.base import Evaluation, Look, Loss, MetricInfo
from lstm_studio.tasks.corpora import TextCorpus
from lstm_studio.tasks.metrics import accuracy, confusion_matrix, macro_f1, per_class
from lstm_studio.tasks.starting import StartingWithVectors, freeze
from lstm_studio.tasks.text_answers import TextAnswers
from lstm_studio.tasks.worst import MOST

READING_BATCH = 128
"""Texts at once where nothing is learned."""
PROBE_TOKENS = (6, 16)
"""A probe text is best neither trivial nor too long for the page."""
_LONGEST = 20_000
"""Characters of a wrongly read text that are kept."""


@dataclass(frozen=True, eq=False)
class ClassificationMeta:
    """Vocabulary and class names."""

    vocabulary: Vocabulary
    classes: tuple[str, ...]

    @property
    def vocabulary_size(self) -> int:
        """Tokens, padding and unknown included."""
        return len(self.vocabulary)

    def to_json(self) -> str:
        """Content of vocabulary.json: {"tokens": [...], "classes": [...]}."""
        content = {**json.loads(self.vocabulary.to_json()), "classes": list(self.classes)}
        return json.dumps(content, ensure_ascii=False)


@dataclass
class TextBatch:
    """``ids`` [B, T] on the device, ``lengths`` [B] on the CPU, ``targets`` [B] on the device."""

    ids: Tensor
    lengths: Tensor
    targets: Tensor


class ClassificationTask(StartingWithVectors):
    """One label a text; the network is a TextClassifier."""

    name: ClassVar[str] = "classification"
    title: ClassVar[str] = "Text classification"
    metrics: ClassVar[tuple[MetricInfo, ...]] = (
        MetricInfo("accuracy", "Accuracy"),
        MetricInfo("macro_f1", "Macro F1"),
        MetricInfo("loss", "Loss", higher_is_better=False, share=False),
    )
    main_metric: ClassVar[str] = "accuracy"

    def watched(self, config: RunConfig) -> str:
        """The main one."""
        return self.main_metric

    def prepare(self, config: RunConfig, progress: Progress = silent, cache: Path | None = None) -> Prepared:
        """See data.prepare."""
        return prepare_classification(config, progress, cache)

    def meta(self, prepared: Prepared) -> ClassificationMeta:
        """Vocabulary and classes."""
        return ClassificationMeta(prepared.vocabulary, prepared.classes)

    def load_meta(self, text: str, where: str = "vocabulary.json") -> ClassificationMeta:
        """Read back what ``ClassificationMeta.to_json`` wrote."""
        try:
            content = json.loads(text)
            classes = content.pop("classes")
            if not isinstance(classes, list) or len(classes) < 2 or not all(isinstance(c, str) for c in classes):
                raise ValueError("the classes are damaged")
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise StudioError("The vocabulary of the run is damaged", where=where, why=str(error)) from None
        return ClassificationMeta(Vocabulary.from_json(json.dumps(content), where), tuple(classes))

    def build_model(self, config: RunConfig, meta: ClassificationMeta) -> TextClassifier:
        """A fresh TextClassifier."""
        network = TextClassifier(meta.vocabulary_size, len(meta.classes), config.model)
        freeze(network, config)
        return network

    def parts(self, prepared: Prepared) -> Mapping[str, EncodedTexts]:
        """Train, validation and, where the run names a file for it, test."""
        parts = {"train": prepared.train, "validation": prepared.validation}
        if prepared.test is not None:
            parts["test"] = prepared.test
        return parts

    def corpus(self, prepared: Prepared, part: str) -> TextCorpus:
        """A part to be walked over; see ``tasks.corpus``."""
        read = self.answers(prepared.config, self.meta(prepared)).read
        return TextCorpus(
            self.parts(prepared)[part],
            prepared.vocabulary,
            prepared.classes,
            lambda text: read(text).tokens if text.strip() else (),
            spaced=prepared.config.data.tokenizer != "character",
        )

    def batches(
        self, part: EncodedTexts, batch_size: int, seed: int, epoch: int, shuffle: bool
    ) -> Sequence[np.ndarray]:
        """Indices of texts of similar length."""
        return bucketed(part.lengths, batch_size, seed, epoch, shuffle=shuffle)

    def collate(self, part: EncodedTexts, handle: np.ndarray, device: torch.device) -> TextBatch:
        """Read texts into one padded tensor."""
        batch = collate(part, handle)
        if batch.targets is None:
            raise StudioError("The texts have no labels to learn from")
        return TextBatch(
            torch.from_numpy(batch.inputs).to(device, non_blocking=True),
            torch.from_numpy(batch.lengths),
            torch.from_numpy(batch.targets).to(device, non_blocking=True),
        )

    def start(self, config: RunConfig, prepared: Prepared, device: torch.device) -> tuple[Tensor | None, float]:
        """Class weights (N / (K * count), or None) and label smoothing."""
        weights = None
        if config.training.class_weights == "balanced" and prepared.train.labels is not None:
            counts = np.bincount(prepared.train.labels, minlength=len(prepared.classes))
            weights = torch.tensor(counts.sum() / (len(counts) * np.maximum(counts, 1)), dtype=torch.float32)
            weights = weights.to(device)
        return weights, config.training.label_smoothing

    def loss(self, model: nn.Module, batch: TextBatch, extra: tuple[Tensor | None, float], done: float = 0.0) -> Loss:
        """Cross-entropy, with class weights and label smoothing."""
        weights, smoothing = extra
        logits = model(batch.ids, batch.lengths).logits.float()
        value = cross_entropy(logits, batch.targets, weight=weights, label_smoothing=smoothing)
        over = len(batch.targets) if weights is None else weights[batch.targets].sum()
        return Loss(value, len(batch.targets), int(batch.lengths.sum()), weight=over)

    def evaluate(
        self,
        model: nn.Module,
        config: RunConfig,
        part: EncodedTexts,
        meta: ClassificationMeta,
        device: torch.device,
        *,
        quick: bool = False,
    ) -> Iterator[Evaluation | None]:
        """Plain cross-entropy (no smoothing, no weights), accuracy, macro F1.

        Details: confusion, classes, per_class, examples and, where the texts are known, worst: the wrongly read ones
        with the highest probability on their wrong class.
        """
        classes = len(meta.classes)
        confusion = np.zeros((classes, classes), np.int64)
        total, examples = 0.0, 0
        surest: list[tuple[float, int, int, int]] = []
        for handle in self.batches(part, READING_BATCH, 0, 0, shuffle=False):
            batch = self.collate(part, handle, device)
            with torch.no_grad():
                logits = model(batch.ids, batch.lengths).logits.float()
                total += float(cross_entropy(logits, batch.targets, reduction="sum"))
            examples += len(handle)
            predicted, true = logits.argmax(1).cpu().numpy(), batch.targets.cpu().numpy()
            confusion += confusion_matrix(true, predicted, classes)
            sure = logits.softmax(1).amax(1).cpu().numpy()
            wrong = np.flatnonzero(predicted != true)
            surest += [(-float(sure[n]), int(handle[n]), int(true[n]), int(predicted[n])) for n in wrong]
            surest = sorted(surest)[:MOST]
            yield None
        precision, recall, f1 = per_class(confusion)
        yield Evaluation(
            {"loss": total / max(1, examples), "accuracy": accuracy(confusion), "macro_f1": macro_f1(confusion)},
            {
                "confusion": confusion.tolist(),
                "classes": list(meta.classes),
                "per_class": {
                    name: dict(zip(("precision", "recall", "f1", "support"), figures, strict=True))
                    for name, *figures in zip(
                        meta.classes,
                        precision.tolist(),
                        recall.tolist(),
                        f1.tolist(),
                        confusion.sum(1).tolist(),
                        strict=True,
                    )
                },
                "examples": examples,
                **({"worst": _worst(part, surest, meta.classes)} if part.texts is not None else {}),
            },
        )

    def rehearse(self, config: RunConfig, sizes: Sizes) -> tuple[TextClassifier, TextBatch, tuple[None, float]]:
        """Texts of equal length."""
        chance = np.random.default_rng(0)
        rows = config.training.batch_size
        words, classes = max(3, sizes.words), max(1, sizes.outputs)  # a file of one row has fewer
        ids = chance.integers(2, words, (rows, sizes.length))
        batch = TextBatch(
            torch.from_numpy(ids.astype(np.int64)),
            torch.full((rows,), sizes.length),
            torch.from_numpy(chance.integers(0, classes, rows).astype(np.int64)),
        )
        return TextClassifier(words, classes, config.model), batch, (None, 0.0)

    def probe(self, prepared: Prepared) -> str:
        """The first validation text of middling length."""
        lengths = prepared.validation.token_lengths
        low, high = PROBE_TOKENS
        fitting = np.flatnonzero((lengths >= low) & (lengths <= high))
        if len(fitting):
            return prepared.text("validation", int(fitting[0]))
        return prepared.text("validation", int(np.argmin(np.abs(lengths - high))))

    def keep(self, prepared: Any, folder: Path) -> None:
        """Vocabulary and weights are all."""

    def answers(self, config: RunConfig, meta: ClassificationMeta, folder: Path | None = None) -> TextAnswers:
        """Reading typed texts and naming their classes."""
        return TextAnswers(config, meta.vocabulary, meta.classes)

    def look(
        self, model: nn.Module, config: RunConfig, meta: ClassificationMeta, text: str, device: torch.device
    ) -> Look:
        """Gates, states and class probabilities over one text. The model must be in evaluation mode.

        Raises:
            StudioError: the text is empty.
        """
        answers = self.answers(config, meta)
        inside = answers.inside(model, reading := answers.read(text), device, steps=False)
        return look(reading, inside)


def _worst(
    part: EncodedTexts, surest: Sequence[tuple[float, int, int, int]], classes: Sequence[str]
) -> list[dict[str, Any]]:
    """Wrongly read texts; each is given as minus its probability, place, true and predicted class."""
    return [
        {
            "index": place,
            "words": part.texts[place][:_LONGEST].split(),
            "truth": classes[true],
            "predicted": classes[predicted],
            "probability": -minus,
        }
        for minus, place, true, predicted in surest
    ]
