"""One step: loss, gradients, clipping, a move of the weights."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn.utils import get_total_norm

from lstm_studio.config import TrainingConfig
from lstm_studio.errors import StudioError
from lstm_studio.nn import rows
from lstm_studio.tasks.base import Carrying, Loss, Task
from lstm_studio.tasks.sharing import is_empty, rows_of_share, share_out
from lstm_studio.training import optimizers, randomness
from lstm_studio.training.crew import Crew
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
        extras: What ``task.start`` returned, for each thread that shares out the batches; usually there is one.
        total_steps: Of the whole run.
        world: The processes that share out each batch; None for one that trains alone.
    """

    def __init__(
        self,
        task: Task,
        model: nn.Module,
        config: TrainingConfig,
        extras: Sequence[Any],
        device: torch.device,
        total_steps: int,
        world: World | None = None,
    ) -> None:
        self._task, self._model, self._config, self._device = task, model, config, device
        self._extras, self._world = extras, world
        self._tables = optimizers.learn_by_rows(model, config) if world is None else []
        self._crew = Crew(task, model, extras, config.seed) if len(extras) > 1 else None
        self._together: nn.Module | None = None
        self._weights = list(model.parameters())
        self.optimizer = optimizers.make(self._weights, config, device)
        self.schedule = Schedule(config, total_steps)
        self._total = max(1, total_steps)
        self._half = half_precision(config, device)
        self._scaler = torch.amp.GradScaler(device.type) if self._half is torch.float16 else None

    def step(self, part: Any, handle: Any, number: int) -> Stepped:
        """Take step ``number``, counted from 0, on a batch. The weights are as before if it raises.

        Args:
            part: Of the data.
            handle: Of the batch, as the task's ``batches`` made it.

        Raises:
            StudioError: loss or gradient is not a finite number, another process was lost, or the batch cannot be
                shared out.
        """
        with nullcontext() if self._crew is None else self._crew.alone():
            return self._step(part, handle, number)

    def _step(self, part: Any, handle: Any, number: int) -> Stepped:
        randomness.begin(self._device, self._config.seed, number, 0 if self._world is None else self._world.rank)
        done = min(1.0, number / self._total)
        if self._crew is not None:
            shares = [share for share in share_out(handle, part, self._crew.size) if not is_empty(share)]
            loss = self._crew.gradients([partial(self._read, part, share) for share in shares], number, done)
            value = float(loss.value)
        else:
            loss, value = self._back(part, handle, done)
        for table in self._tables:
            if table.grad is not None and table.grad.is_sparse:
                table.grad = rows.gathered(table.grad)
        rate = self.schedule.rate(number) * loss.rate
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        if self._scaler is not None:
            self._scaler.unscale_(self.optimizer)
        norm = self._clip(self._config.clip_norm)
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

    def _read(self, part: Any, handle: Any) -> Any:
        return self._task.collate(part, handle, self._device)

    def _back(self, part: Any, handle: Any, done: float) -> tuple[Loss, float]:
        """Loss and gradient of a batch, computed here, or of this process's share of it; and the whole batch's mean."""
        world, counts = self._world, True
        if world is not None:
            handle, counts = world.mine(handle, part)
        batch = self._read(part, handle)
        self.optimizer.zero_grad(set_to_none=True)
        with nullcontext() if self._half is None else torch.autocast(self._device.type, dtype=self._half):
            loss = self._loss(batch, done)
        mean: float | None = None
        if world is not None:
            loss, mean = world.weighed(loss, counts)
        with nullcontext() if world is None else world.guarded():
            (loss.value if self._scaler is None else self._scaler.scale(loss.value)).backward()
        return loss, float(loss.value.detach()) if mean is None else mean

    def _clip(self, most: float) -> float:
        """Shorten the gradient to a norm of ``most`` (0: any); what it was. Nothing is multiplied by one."""
        found = [weight.grad for weight in self._weights if weight.grad is not None]
        found = [gradient._values() if gradient.is_sparse else gradient for gradient in found]
        total = get_total_norm(found)
        norm = float(total)
        if most and not norm + 1e-6 <= most:
            # As torch.nn.utils.clip_grads_with_norm_, which takes no rows.
            torch._foreach_mul_(found, (most / (total + 1e-6)).clamp(max=1.0))
        return norm

    def _loss(self, batch: Any, done: float) -> Loss:
        if self._world is None:
            return self._task.loss(self._model, batch, self._extras[0], done)
        if self._together is None:
            self._together = self._world.wrapped(self._model, self._task.loss)
        return self._together(batch, self._extras[0], done)

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
        return isinstance(self._extras[0], Carrying)

    def carried(self) -> dict[str, Tensor]:
        """What the next step begins with, for a checkpoint; of all processes, in the first of them."""
        if self._crew is not None:
            parts = [extra.carried() for extra in self._extras if isinstance(extra, Carrying)]
            parts = [part for part in parts if part]  # a share without rows has nothing
            return {name: torch.cat([part[name] for part in parts], 1) for name in (parts[0] if parts else ())}
        own = self._extras[0].carried() if isinstance(self._extras[0], Carrying) else {}
        return own if self._world is None else self._world.gathered(own)

    def restore(self, schedule: dict[str, Any], scaler: dict[str, Any], carried: Mapping[str, Tensor]) -> None:
        """Go on from ``schedule.state()``, ``scaler_state()`` and ``carried()``; the optimiser is restored by
        itself."""
        self.schedule.restore(schedule)
        for place, extra in enumerate(self._extras):
            if isinstance(extra, Carrying):
                own = carried if self._world is None else self._world.own_rows(carried)
                extra.restore(own if self._crew is None else rows_of_share(own, place, self._crew.size), self._device)
        if self._scaler is not None and scaler:
            self._scaler.load_state_dict(scaler)


def half_precision(config: TrainingConfig, device: torch.device) -> torch.dtype | None:
    """The 16-bit type to compute in, None for 32 bits: bfloat16 where the GPU has it, for it needs no scaling."""
    if not config.mixed_precision or device.type != "cuda":
        return None
    return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
