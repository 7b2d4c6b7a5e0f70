"""One step: loss, gradients, clipping, a move of the weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grads_with_norm_, get_total_norm

from lstm_studio.config import TrainingConfig
from lstm_studio.errors import StudioError
from lstm_studio.tasks.base import Carrying, Loss, Task
from lstm_studio.training import optimizers, randomness
from lstm_studio.training.schedules import Schedule

if TYPE_CHECKING:
    from lstm_studio.training.parallel import World


@dataclass(frozen=True)
class Stepped:
    """What a step did. ``norm`` is the gradient's length before clipping."""

    loss: float
    rate: float
    norm: float
    examples: int
    tokens: int


class Stepper:
    """Optimiser, schedule and precision of a run.

    Args:
        task: Supplies the loss.
        model: The network, on the device.
        config: The [training] section.
        extra: What ``task.start`` returned.
        total_steps: Of the whole run.
        world: The processes that share out each batch; None for one that trains alone.
    """

    def __init__(
        self,
        task: Task,
        model: nn.Module,
        config: TrainingConfig,
        extra: Any,
        device: torch.device,
        total_steps: int,
        world: World | None = None,
    ) -> None:
        self._task, self._model, self._config, self._extra, self._device = task, model, config, extra, device
        self._world = world
        self._together: nn.Module | None = None
        self._weights = list(model.parameters())
        self.optimizer = optimizers.make(self._weights, config, device)
        self.schedule = Schedule(config, total_steps)
        self._total = max(1, total_steps)
        self._half = half_precision(config, device)
        self._scaler = torch.amp.GradScaler(device.type) if self._half is torch.float16 else None

    def step(self, batch: Any, number: int, counts: bool = True) -> Stepped:
        """Take step ``number``, counted from 0, on a batch, or on this process's share of it. The weights are as before
        if it raises.

        Args:
            counts: False where the share is empty and ``batch`` only stands in for it.

        Raises:
            StudioError: loss or gradient is not a finite number, or another process was lost.
        """
        config, world = self._config, self._world
        randomness.begin(self._device, config.seed, number, 0 if world is None else world.rank)
        self.optimizer.zero_grad(set_to_none=True)
        done = min(1.0, number / self._total)
        if self._half is None:
            loss = self._loss(batch, done)
        else:
            with torch.autocast(self._device.type, dtype=self._half):
                loss = self._loss(batch, done)
        mean: float | None = None
        if world is not None:
            loss, mean = world.weighed(loss, counts)
        rate = self.schedule.rate(number) * loss.rate
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        with nullcontext() if world is None else world.guarded():
            (loss.value if self._scaler is None else self._scaler.scale(loss.value)).backward()
        if self._scaler is not None:
            self._scaler.unscale_(self.optimizer)
        norm = self._clip(config.clip_norm)
        value = float(loss.value.detach()) if mean is None else mean
        # A scaler skips steps whose gradients overflow, and lowers its scale.
        if not math.isfinite(value) or not (math.isfinite(norm) or self._scaler is not None):
            raise StudioError(
                f"The loss is no longer a number after {number} steps",
                why="The weights ran out of bounds",
                todo="Lower training.learning_rate, or turn training.clip_norm on",
            )
        if self._scaler is None:
            self.optimizer.step()
        else:
            self._scaler.step(self.optimizer)
            self._scaler.update()
        shown = value if loss.shown is None else float(loss.shown)
        return Stepped(shown, rate, norm, loss.examples, loss.tokens)

    def _clip(self, most: float) -> float:
        """Shorten the gradient to a norm of ``most`` (0: any); what it was. Nothing is multiplied by one."""
        total = get_total_norm([weight.grad for weight in self._weights if weight.grad is not None])
        norm = float(total)
        if most and not norm + 1e-6 <= most:
            clip_grads_with_norm_(self._weights, most, total)
        return norm

    def _loss(self, batch: Any, done: float) -> Loss:
        if self._world is None:
            return self._task.loss(self._model, batch, self._extra, done)
        if self._together is None:
            self._together = self._world.wrapped(self._model, self._task.loss)
        return self._together(batch, self._extra, done)

    def hold(self, weights: Mapping[nn.Parameter, int], epoch: int) -> None:
        """Let weights stand still that wait for a number of epochs, and learn from then on.

        Without a gradient an optimiser passes them over: no decay, no momentum, and no count of steps, so that what
        it remembers of them begins when they do.
        """
        for weight, epochs in weights.items():
            if weight.requires_grad != (epoch > epochs):
                self._together = None  # it sums the gradients that there are when it is made
            weight.requires_grad_(epoch > epochs)
            if epoch <= epochs:
                weight.grad = None
            else:
                optimizers.admit(self.optimizer, weight)

    def scaler_state(self) -> dict[str, Any]:
        """What a checkpoint keeps of the precision."""
        return self._scaler.state_dict() if self._scaler is not None else {}

    @property
    def carries(self) -> bool:
        """Whether a step begins with what the one before has left."""
        return isinstance(self._extra, Carrying)

    def carried(self) -> dict[str, Tensor]:
        """What the next step begins with, for a checkpoint; of all processes, in the first of them."""
        own = self._extra.carried() if isinstance(self._extra, Carrying) else {}
        return own if self._world is None else self._world.gathered(own)

    def restore(self, schedule: dict[str, Any], scaler: dict[str, Any], carried: Mapping[str, Tensor]) -> None:
        """Go on from ``schedule.state()``, ``scaler_state()`` and ``carried()``; the optimiser is restored by
        itself."""
        self.schedule.restore(schedule)
        if isinstance(self._extra, Carrying):
            own = carried if self._world is None else self._world.own_rows(carried)
            self._extra.restore(own, self._device)
        if self._scaler is not None and scaler:
            self._scaler.load_state_dict(scaler)


def half_precision(config: TrainingConfig, device: torch.device) -> torch.dtype | None:
    """The 16-bit type to compute in, None for 32 bits: bfloat16 where the GPU has it, for it needs no scaling."""
    if not config.mixed_precision or device.type != "cuda":
        return None
    return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
