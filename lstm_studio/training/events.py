"""What training tells the world. Floats and NumPy copies only, never tensors: events cross threads."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from lstm_studio.config import RunConfig
from lstm_studio.data.written import Sample


@dataclass(frozen=True)
class RunStarted:
    """The data is ready, the model is built, the first step comes next.

    ``step`` is 0 for a fresh run and the number of finished steps for a resumed one.
    """

    run: Path | None
    config: RunConfig
    classes: tuple[str, ...]
    train_examples: int
    validation_examples: int
    vocabulary_size: int
    parameters: int
    steps_per_epoch: int
    total_steps: int
    device: str
    threads: int
    step: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class StepEnded:
    """One optimiser step. ``loss`` is the mean over the batch's examples; ``seconds`` is the step's own time."""

    step: int
    epoch: int
    loss: float
    learning_rate: float
    gradient_norm: float
    examples: int
    tokens: int
    seconds: float


@dataclass(frozen=True)
class EpochEnded:
    """One pass over the training texts and the validation after it. ``epoch`` counts from 1.

    ``samples`` are texts that the network wrote for the validation, the same ones after each epoch.
    """

    epoch: int
    step: int
    train_loss: float
    validation_loss: float
    metrics: dict[str, float]
    monitor: str
    best: bool
    seconds: float
    samples: tuple[Sample, ...] = ()


@dataclass(frozen=True)
class LayerGates:
    """Gates and states of one layer and direction over one text.

    ``values`` maps "i", "f", "g", "o", "c", "h" (what the cell has) to float32 [T, H].
    For a backward direction time runs as in the text: row t belongs to token t.
    ``part`` is "decoder" for layers that run over what is written, "" for those that read the text.
    """

    layer: int
    direction: Literal["forward", "backward"]
    values: dict[str, np.ndarray]
    part: str = ""

    @property
    def name(self) -> str:
        """ "layer0.forward" or "decoder.layer0.forward", as in the npz files."""
        before = f"{self.part}." if self.part else ""
        return f"{before}layer{self.layer}.{self.direction}"


@dataclass(frozen=True, eq=False)
class LayerFlow:
    """How much of an answer's gradient reaches each step of one layer and direction.

    Attributes:
        layer, direction, part: As of ``LayerGates``.
        h, c: Norms of the gradient with respect to h[t] and c[t], float64 [T]; ``c`` is None without a memory.
        answer: The step at which the answer is taken; the others are counted from there.
    """

    layer: int
    direction: Literal["forward", "backward"]
    h: np.ndarray
    c: np.ndarray | None
    answer: int
    part: str = ""

    @property
    def name(self) -> str:
        """As of ``LayerGates``."""
        before = f"{self.part}." if self.part else ""
        return f"{before}layer{self.layer}.{self.direction}"


@dataclass(frozen=True)
class GateSnapshot:
    """The probe text run through the network as it is after ``step`` steps.

    ``verdict`` is the answer in words, ``probabilities`` float32 [K] where there is a single answer. ``output`` are
    the U tokens that were written, one for each step of the decoder, and ``alignment`` float32 [U, T] where it looked.
    ``flow`` is the gradient of the answer, layer by layer, as it was after ``flow_step`` steps: it is followed back
    more seldom than the gates are looked at. It is empty where it was not computed.
    """

    step: int
    text: str
    tokens: tuple[str, ...]
    layers: tuple[LayerGates, ...]
    probabilities: np.ndarray | None = None
    verdict: str = ""
    output: tuple[str, ...] = ()
    alignment: np.ndarray | None = None
    flow: tuple[LayerFlow, ...] = ()
    flow_step: int = 0

    def tokens_of(self, layer: LayerGates) -> tuple[str, ...]:
        """What a layer runs over."""
        return self.output if layer.part == "decoder" else self.tokens


@dataclass(frozen=True)
class CheckpointSaved:
    """The state after ``step`` steps is safe on disk."""

    step: int
    path: Path


@dataclass(frozen=True)
class RunFinished:
    """Training is over and ``run`` holds the best weights. ``metrics`` are those of the best epoch, and of the
    test file (prefixed "test_") where there is one."""

    run: Path | None
    reason: Literal["completed", "early_stopped", "stopped", "cancelled"]
    metrics: dict[str, float] = field(default_factory=dict)
    best_epoch: int = 0
    step: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class RunFailed:
    """Training cannot go on. ``kind`` "input" is for the person to mend, "memory" offers a smaller batch,
    "bug" carries a traceback in ``report``."""

    message: str
    kind: Literal["input", "memory", "bug"] = "bug"
    report: str = ""
    suggested_batch_size: int | None = None
    run: Path | None = None


TrainingEvent = RunStarted | StepEnded | EpochEnded | GateSnapshot | CheckpointSaved | RunFinished | RunFailed
