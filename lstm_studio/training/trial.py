"""A network as a run would begin with it, to try something on: beside the run, and without a trace in it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from lstm_studio.config import RunConfig
from lstm_studio.data.progress import Progress, silent
from lstm_studio.errors import StudioError
from lstm_studio.tasks import registry
from lstm_studio.tasks.base import Holding, Task
from lstm_studio.training import crew, randomness
from lstm_studio.training.device import out_of_memory, resolve_device, resolve_threads
from lstm_studio.training.schedules import Schedule
from lstm_studio.training.stepper import Stepper
from lstm_studio.training.trainer import absolute

_PREPARING = 0.3
"""Share of the whole that the preparation of the data takes, as far as progress can tell."""
ALONE = threading.Lock()
"""Held while something is tried. Torch's random numbers are the process's: a run that begins waits for it."""


@dataclass(frozen=True)
class Trial:
    """Data, network and configuration with nothing left open. ``part`` are the training texts."""

    task: Task
    config: RunConfig
    prepared: Any
    part: Any
    model: nn.Module
    device: torch.device

    def order(self, epoch: int, batch_size: int | None = None, shuffle: bool = True) -> Any:
        """Batches of an epoch, as the run would read them; without ``shuffle`` the longest texts come first."""
        training = self.config.training
        return self.task.batches(self.part, batch_size or training.batch_size, training.seed, epoch, shuffle)

    def stepper(self, total_steps: int, schedule: Schedule | None = None) -> Stepper:
        """What takes the run's first steps, with another learning rate if ``schedule`` is given."""
        extras = crew.started(self.task, self.config, self.prepared, self.model, self.order(1), self.device)
        made = Stepper(self.task, self.model, self.config.training, extras, self.device, total_steps)
        if schedule is not None:
            made.schedule = schedule
        if isinstance(self.task, Holding):
            made.hold(self.task.held(self.model, self.config), 1)
        return made


def behind(share: float) -> float:
    """How far the whole is when ``share`` of what follows the preparation is done."""
    return _PREPARING + (1 - _PREPARING) * share


@contextmanager
def trying(config: RunConfig, progress: Progress = silent, cache: Path | None = None) -> Iterator[Trial]:
    """Prepare the data and build the network that a run of ``config`` would begin with.

    Threads, random numbers and choice of algorithms are as before afterwards. One at a time.

    Args:
        progress: Told how far the preparation of the data is, as a part of the whole; may raise Cancelled. What
            follows is told as ``behind`` it.
        cache: Where prepared data is kept between runs.

    Raises:
        StudioError: the configuration or the data cannot be used, or the memory is too small.
    """

    def preparing(share: float, words: str) -> None:
        progress(_PREPARING * share if share >= 0 else share, words)

    with ALONE:
        threads = torch.get_num_threads()
        training = config.training
        device = resolve_device(training.device)
        try:
            torch.set_num_threads(resolve_threads(training))
            task = registry.get(config.task)
            known = absolute(config).replace(**{"training.threads": torch.get_num_threads()})
            prepared = task.prepare(known, preparing, cache)
            devices = [torch.cuda.current_device()] if device.type == "cuda" else []
            with torch.random.fork_rng(devices=devices), randomness.repeatable(device):
                randomness.begin(torch.device("cpu"), training.seed, -1)
                model = task.build_model(prepared.config, task.meta(prepared))
                task.initialise(model, prepared)
                model.to(device).train()
                yield Trial(task, prepared.config, prepared, task.parts(prepared)["train"], model, device)
        except (RuntimeError, MemoryError) as error:
            if not out_of_memory(error):
                raise
            raise StudioError(
                f"The memory is too small for batches of {training.batch_size} texts",
                todo="Set training.batch_size lower, or look for one that fits",
            ) from None
        finally:
            torch.set_num_threads(threads)
