"""A task of its own: one star to five for a text, where four for five is a smaller mistake than one for five.

What the classes have in common with other classes, reading, network, answers and results, comes from classification.
What is new is the loss, which knows their order, and two figures that do too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar, cast

import numpy as np
import torch
from torch import Tensor, nn

from lstm_studio.config.data import SECTIONS, ClassificationData
from lstm_studio.config.presets import BASE
from lstm_studio.config.run import RunConfig
from lstm_studio.data.figures import FIGURES, Figure
from lstm_studio.data.kinds import KINDS
from lstm_studio.tasks.base import Evaluation, Loss, MetricInfo
from lstm_studio.tasks.classification import ClassificationMeta, ClassificationTask, TextBatch
from lstm_studio.tasks.registry import TASKS


class RatingData(ClassificationData):
    """[data] of ratings: the columns and settings of classification. The labels' order is that of their names."""


class RatingTask(ClassificationTask):
    """Classes in an order."""

    name: ClassVar[str] = "ratings"
    title: ClassVar[str] = "Ratings"
    metrics: ClassVar[tuple[MetricInfo, ...]] = (
        MetricInfo("mean_error", "Mean error", higher_is_better=False, share=False),
        MetricInfo("within_one", "At most one off"),
        *ClassificationTask.metrics,
    )
    main_metric: ClassVar[str] = "mean_error"

    def loss(self, model: nn.Module, batch: TextBatch, extra: Any, done: float = 0.0) -> Loss:
        """How far the foretold distribution has to be moved: the squared earth mover's distance."""
        logits = model(batch.ids, batch.lengths).logits.float()
        value = earth_movers(logits, batch.targets).mean()
        return Loss(value, len(batch.targets), int(batch.lengths.sum()))

    def evaluate(
        self,
        model: nn.Module,
        config: RunConfig,
        part: Any,
        meta: ClassificationMeta,
        device: torch.device,
        *,
        quick: bool = False,
    ) -> Iterator[Evaluation | None]:
        """The figures of classification, and two that come from the same table of confusions."""
        for found in super().evaluate(model, config, part, meta, device, quick=quick):
            if found is None:  # a batch was read
                yield None
                continue
            counts = np.array(found.details["confusion"])
            rows, columns = np.indices(counts.shape)
            off = np.abs(rows - columns)
            figures = {
                "mean_error": float((counts * off).sum() / counts.sum()),
                "within_one": float(counts[off <= 1].sum() / counts.sum()),
            }
            yield replace(found, metrics={**found.metrics, **figures})


def earth_movers(logits: Tensor, targets: Tensor) -> Tensor:
    """Squared differences of the cumulative distributions, summed (Hou, Yu & Samaras, 2016): [B, K], [B] -> [B]."""
    classes = torch.arange(logits.shape[1], device=logits.device)
    true = (classes >= targets.unsqueeze(1)).float()
    return (logits.softmax(1).cumsum(1) - true).square().sum(1)


def register() -> None:
    """Make the task known: its [data], its defaults, its figures, what is known of its data, and the task itself."""
    SECTIONS["ratings"] = RatingData
    BASE["ratings"] = BASE["classification"]
    known = cast("dict[str, Figure]", FIGURES)
    known["mean_error"] = Figure("mean_error", "Mean error", "plain", higher_is_better=False, decimals=2)
    known["within_one"] = Figure("within_one", "At most one off")
    KINDS["ratings"] = replace(
        KINDS["classification"],
        task="ratings",
        title="Ratings",
        help="Each text has a rating; ratings stand in an order.",
        section=RatingData,
        likely=lambda table: 0.0,  # never guessed: task = "ratings" has to be said
    )
    TASKS["ratings"] = RatingTask()
