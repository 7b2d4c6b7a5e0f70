"""What a task supplies. The trainer, the pages and the command line know tasks by this protocol alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor, nn

from lstm_studio.config import RunConfig
from lstm_studio.data.figures import FIGURES, Figure
from lstm_studio.data.progress import Progress, silent
from lstm_studio.data.written import Sample
from lstm_studio.nn.parameters import Sizes
from lstm_studio.nn.types import Direction


@dataclass(frozen=True)
class MetricInfo:
    """One figure of a task, under its standard name. ``share`` figures lie in 0..1 and are shown in percent.

    How a figure is written is said in ``data.figures``; ``share`` counts for those that are not there.
    """

    name: str
    title: str
    higher_is_better: bool = True
    share: bool = True

    def better(self, value: float, best: float | None) -> bool:
        """Whether a value is an improvement; what is not a number never is, except on nothing at all."""
        if best is None or not math.isfinite(best):
            return best is None or math.isfinite(value)
        return value > best if self.higher_is_better else value < best

    def shown(self, value: float) -> str:
        """The figure as it is written."""
        other = Figure(self.name, self.title) if self.share else Figure(self.name, self.title, "plain", decimals=4)
        return FIGURES.get(self.name, other).shown(value)


class Meta(Protocol):
    """What a trained network needs beside its weights and its configuration: vocabularies, classes."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of what is predicted; empty where the task has none."""

    @property
    def vocabulary_size(self) -> int:
        """Tokens, padding and unknown included."""

    def to_json(self) -> str:
        """Content of vocabulary.json."""


@dataclass
class Loss:
    """Of one batch: the mean to go down on, and how many examples and tokens it was taken over.

    ``shown`` is told instead of the value, where that holds costs that are no loss; ``rate`` is what the learning rate
    of this step is multiplied by. ``weight`` is what the mean was divided by, None for the number of tokens: losses of
    the parts of a batch come to the loss of the whole in proportion to it.
    """

    value: Tensor
    examples: int
    tokens: int
    shown: Tensor | None = None
    rate: float = 1.0
    weight: Tensor | float | None = None

    @property
    def divisor(self) -> float:
        """What the mean was divided by."""
        return float(self.tokens if self.weight is None else self.weight)


@runtime_checkable
class Carrying(Protocol):
    """What ``Task.start`` returns where a step begins with what the one before has left; kept in checkpoints.

    The rows of a batch lie on axis 1 of all its tensors.
    """

    def carried(self) -> dict[str, Tensor]:
        """What the next step begins with."""

    def restore(self, tensors: Mapping[str, Tensor], device: torch.device) -> None:
        """Go on from ``carried()``."""


@runtime_checkable
class Holding(Protocol):
    """A task some of whose weights do not move in every epoch."""

    def held(self, model: nn.Module, config: RunConfig) -> Mapping[nn.Parameter, int]:
        """Weights that stay as they are, and for how many epochs from the start."""


@dataclass(frozen=True)
class Gates:
    """Inside of one layer and direction over one text: name -> float32 [T, H].

    ``part`` is "decoder" for layers that run over what is written; "" for those that read the text.
    """

    layer: int
    direction: Direction
    values: dict[str, np.ndarray]
    part: str = ""


@dataclass(frozen=True)
class Look:
    """One text run through a network, seen from inside.

    ``output`` are the U tokens that were written, one for each step of the decoder, the end mark among them, and
    ``alignment`` float32 [U, T] where each step looked; empty and None for networks that write nothing.
    """

    text: str
    tokens: tuple[str, ...]
    known: tuple[bool, ...]
    gates: tuple[Gates, ...]
    probabilities: np.ndarray | None = None
    verdict: str = ""
    output: tuple[str, ...] = ()
    alignment: np.ndarray | None = None


@dataclass(frozen=True)
class Evaluation:
    """Figures of one pass over a part of the data.

    ``details`` is what reports show, as JSON can hold it: "examples", "per_class" (class -> precision, recall, f1,
    support), "classes" and "confusion" (rows are true, columns predicted), and perhaps "worst". ``samples`` are a few
    texts that were written, the same ones each time.
    """

    metrics: dict[str, float]
    details: dict[str, Any] = field(default_factory=dict)
    samples: tuple[Sample, ...] = ()


@runtime_checkable
class Judging(Protocol):
    """A task whose main figure is more than the share of right decisions, and can be told from decisions alone."""

    def judge(self, meta: Any, batch: Any, decided: np.ndarray) -> np.ndarray:
        """What K copies of a network have decided, int [R, K, T] as of ``scoring.Score``, as counts [K, M] that can be
        added over batches."""

    def judged(self, counts: np.ndarray) -> np.ndarray:
        """Sums of counts [..., M] as the task's main figure [...]."""


class Task(Protocol):
    """A task: its data, its network, its loss, its figures."""

    name: ClassVar[str]
    title: ClassVar[str]
    metrics: ClassVar[tuple[MetricInfo, ...]]
    main_metric: ClassVar[str]

    def watched(self, config: RunConfig) -> str:
        """The figure that decides which epoch is the best; ``config`` has nothing left open. Usually main_metric."""

    def prepare(self, config: RunConfig, progress: Progress = silent, cache: Path | None = None) -> Any:
        """Read and encode the data: a ``data.prepared.Ready``. Raises StudioError for data that cannot be used."""

    def meta(self, prepared: Any) -> Any:
        """What the run folder keeps of the data."""

    def load_meta(self, text: str, where: str = "vocabulary.json") -> Any:
        """Read back ``Meta.to_json``. Raises StudioError on damage."""

    def build_model(self, config: RunConfig, meta: Any) -> nn.Module:
        """A fresh network; its weights come from torch's global generator."""

    def initialise(self, model: nn.Module, prepared: Any) -> None:
        """Give fresh weights what is known from elsewhere, such as pretrained vectors."""

    def parts(self, prepared: Any) -> Mapping[str, Any]:
        """The parts there are: "train", "validation" and perhaps "test"."""

    def batches(self, part: Any, batch_size: int, seed: int, epoch: int, shuffle: bool) -> Sequence[Any]:
        """The order of one epoch, as handles for ``collate``: a pure function of its arguments."""

    def collate(self, part: Any, handle: Any, device: torch.device) -> Any:
        """Read one batch and put it on the device."""

    def start(self, config: RunConfig, prepared: Any, device: torch.device) -> Any:
        """Whatever ``loss`` needs for the whole run, such as class weights; perhaps ``Carrying``."""

    def loss(self, model: nn.Module, batch: Any, extra: Any, done: float = 0.0) -> Loss:
        """Of one training batch; ``done`` is the share of the run's steps that were taken before, 0..1."""

    def evaluate(
        self, model: nn.Module, config: RunConfig, part: Any, meta: Any, device: torch.device, *, quick: bool = False
    ) -> Iterator[Evaluation | None]:
        """Read a part without learning: yields None after each batch, so that it can be interrupted, and at the
        end the Evaluation. ``metrics`` holds "loss" and the task's figures.

        ``quick``: after an epoch, where figures that are good enough to compare epochs do; each task says what it
        leaves out.
        """

    def keep(self, prepared: Any, folder: Path) -> None:
        """Write into the run's folder what its answers need besides vocabulary and weights. Raises OSError."""

    def answers(self, config: RunConfig, meta: Any, folder: Path | None = None) -> Any:
        """How its networks are used; returns ``tasks.answers.Answers``. ``folder`` holds what ``keep`` wrote."""

    def rehearse(self, config: RunConfig, sizes: Sizes) -> tuple[nn.Module, Any, Any]:
        """A network, a batch of made-up texts and what ``loss`` needs besides, to measure a step with."""

    def probe(self, prepared: Any) -> str:
        """A text of the validation part that is worth watching."""

    def look(self, model: nn.Module, config: RunConfig, meta: Any, text: str, device: torch.device) -> Look:
        """Run one text through the network and see everything inside."""
