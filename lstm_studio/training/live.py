"""The network in training, for those who ask between two batches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from lstm_studio.config import RunConfig
from lstm_studio.errors import StudioError
from lstm_studio.nn.blank import blank, furnish
from lstm_studio.tasks.base import Look, Task
from lstm_studio.training.events import GateSnapshot, LayerFlow, LayerGates

MOST_FLOWING = 200
"""Tokens of a probe whose gradient is looked at too: it goes back step by step, which takes longer than to read."""


@dataclass
class LiveModel:
    """What functions given to ``RunControl.submit`` receive. The model is in evaluation mode meanwhile; ``folder`` is
    the run's, where it has one."""

    model: nn.Module
    config: RunConfig
    task: Task
    meta: Any
    device: torch.device
    step: int = 0
    folder: Path | None = None

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes."""
        return tuple(self.meta.classes)

    @property
    def vocabulary(self) -> Any:
        """The run's vocabulary."""
        return self.meta.vocabulary

    def copied(self) -> LiveModel:
        """The network as it is at this moment, in memory of its own: any thread may use it while training goes on."""
        with blank():
            model = self.task.build_model(self.config, self.meta)
        furnish(model, self.device)
        model.load_state_dict(self.model.state_dict())
        model.eval()
        model.requires_grad_(False)
        return replace(self, model=model)

    def look(self, text: str) -> Look:
        """One text run through the network as it is now."""
        with undisturbed(self.model):
            return self.task.look(self.model, self.config, self.meta, text, self.device)

    def snapshot(self, text: str) -> GateSnapshot:
        """The look as an event, without the gradient of the answer."""
        look = self.look(text)
        layers = tuple(LayerGates(gates.layer, gates.direction, gates.values, gates.part) for gates in look.gates)
        return GateSnapshot(
            self.step, text, look.tokens, layers, look.probabilities, look.verdict, look.output, look.alignment
        )

    def flow(self, shot: GateSnapshot) -> tuple[LayerFlow, ...]:
        """How much of the gradient of the answer to a text that was looked at reaches each step; empty where it has
        none, or the text is long."""
        from lstm_studio.inspection.gradients import gradient_flow

        if len(shot.tokens) > MOST_FLOWING:
            return ()
        try:
            answers = self.task.answers(self.config, self.meta)
            reading = answers.read(shot.text)
            with undisturbed(self.model):
                question = answers.question(self.model, reading, self.device, None, None)
                return gradient_flow(question, self.model, reading.tokens, self.config.model.cell).layers
        except StudioError:
            return ()


@contextmanager
def undisturbed(model: nn.Module) -> Iterator[None]:
    """Evaluation mode inside; mode and gradients afterwards as they were. Random numbers need no care: each step
    begins with its own."""
    training = model.training
    grads = [parameter.grad for parameter in model.parameters()]
    model.eval()
    try:
        yield
    finally:
        model.train(training)
        for parameter, grad in zip(model.parameters(), grads, strict=True):
            parameter.grad = grad
