"""TensorBoard: scalars of every step and epoch, settings as text, gates as pictures and histograms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lstm_studio.errors import StudioError
from lstm_studio.runs.trackers import settings_of
from lstm_studio.training.events import (
    EpochEnded,
    GateSnapshot,
    RunFailed,
    RunFinished,
    RunStarted,
    StepEnded,
    TrainingEvent,
)

_WIDE, _TALL = 12, 3
"""Pixels of a token and of a unit in the picture of a gate."""
_GATES = frozenset("ifozr")
"""Their values lie in 0..1, those of candidates and states in -1..1."""


class TensorBoard:
    """Writes event files that ``tensorboard --logdir FOLDER`` shows.

    Args:
        folder: Each run gets a folder in it, called like its own.
    """

    name = "TensorBoard"

    def __init__(self, folder: str | Path) -> None:
        self._folder = Path(folder)
        self._writer: Any = None

    def begin(self, started: RunStarted) -> None:
        """Open the file; of a run that goes on, later steps that are there are marked as done again."""
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            raise StudioError(
                "TensorBoard is not installed", todo="Install it with: pip install 'lstm-studio[tensorboard]'"
            ) from None
        name = started.run.name if started.run is not None else "run"
        self._writer = SummaryWriter(str(self._folder / name), purge_step=started.step or None)
        lines = [f"| {key} | {_cell(value)} |" for key, value in settings_of(started).items()]
        self._writer.add_text("settings", "\n".join(["| setting | value |", "|---|---|", *lines]), started.step)
        self._writer.flush()

    def take(self, events: Sequence[TrainingEvent]) -> None:
        """Write it down."""
        for event in events:
            match event:
                case StepEnded():
                    self._scalar("train/loss", event.loss, event.step)
                    self._scalar("train/learning_rate", event.learning_rate, event.step)
                    self._scalar("train/gradient_norm", event.gradient_norm, event.step)
                    if event.seconds > 0:
                        self._scalar("train/tokens_per_second", event.tokens / event.seconds, event.step)
                case EpochEnded():
                    self._scalar("epoch/train_loss", event.train_loss, event.step)
                    self._scalar("epoch/validation_loss", event.validation_loss, event.step)
                    for name, value in event.metrics.items():
                        self._scalar(f"epoch/{name}", value, event.step)
                case GateSnapshot():
                    self._gates(event)
                case RunFinished():
                    for name, value in event.metrics.items():
                        self._scalar(f"final/{name}", value, event.step)
                case RunFailed():
                    self._writer.add_text("failed", event.message)
        self._writer.flush()

    def close(self) -> None:
        """Close the file."""
        self._writer.close()

    def _scalar(self, name: str, value: float, step: int) -> None:
        if math.isfinite(value):
            self._writer.add_scalar(name, value, step)

    def _gates(self, snapshot: GateSnapshot) -> None:
        for layer in snapshot.layers:
            for name, values in layer.values.items():
                if values.size:
                    place = f"{layer.name}/{name}"
                    self._writer.add_histogram(f"gates/{place}", values, snapshot.step)
                    self._writer.add_image(f"pictures/{place}", picture(name, values), snapshot.step, dataformats="HW")


def picture(name: str, values: np.ndarray) -> np.ndarray:
    """[T, H] as grey values uint8, tokens from left to right, units from top to bottom: black is 0 of a gate, -1 of a
    state."""
    share = values if name in _GATES else (values + 1) / 2
    grey = np.rint(255 * np.clip(np.nan_to_num(share), 0, 1)).astype(np.uint8).T
    return np.repeat(np.repeat(grey, _TALL, 0), _WIDE, 1)


def _cell(value: str) -> str:
    return value.replace("|", "\\|").replace("\n", " ")
