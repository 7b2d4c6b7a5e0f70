"""Optimisers by name."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn, optim
from torch.optim import Optimizer

from lstm_studio.config import TrainingConfig
from lstm_studio.nn import rows


def _without_compiler(kind: type[Optimizer]) -> Any:
    """An optimiser that leaves torch's compiler out, which nothing here uses.

    torch wraps these methods so that its compiler knows of them, and loads it at the first call of one: 2 seconds and
    800 modules before the first step, and two threads that do so at once may each find half of it. Where a version of
    torch wraps them in another way, it is loaded as before.
    """
    for name in ("add_param_group", "zero_grad", "state_dict", "load_state_dict"):
        plain = inspect.unwrap(getattr(Optimizer, name))
        # What torch itself leaves there after the first call: the function to call instead.
        setattr(plain, "__dynamo_disable", plain)
    return type(kind.__name__, (kind,), {"step": torch.no_grad()(inspect.unwrap(kind.step)), "__doc__": kind.__doc__})


def _by_rows(kind: type[Optimizer], decoupled: bool) -> Any:
    """An Adam that also takes the sparse gradients of ``nn.rows``; what it remembers is the same for both."""

    def step(self: Any) -> None:
        tables = [
            (group, weight, weight.grad)
            for group in self.param_groups
            for weight in group["params"]
            if weight.grad is not None and weight.grad.is_sparse
        ]
        for _, weight, _ in tables:
            weight.grad = None
        kind.step(self)
        for group, weight, gradient in tables:
            weight.grad, state = gradient, self.state[weight]
            if not state:
                state["step"] = torch.zeros(())
                state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(weight), torch.zeros_like(weight)
            state["step"] += 1
            rows.adam(
                weight,
                gradient if gradient.is_coalesced() else rows.gathered(gradient),
                state["exp_avg"],
                state["exp_avg_sq"],
                int(state["step"]),
                rate=group["lr"],
                betas=group["betas"],
                epsilon=group["eps"],
                decay=group["weight_decay"],
                decoupled=decoupled,
            )

    return type(kind.__name__, (kind,), {"step": torch.no_grad()(step), "__doc__": kind.__doc__})


Adam = _by_rows(_without_compiler(optim.Adam), decoupled=False)
AdamW = _by_rows(_without_compiler(optim.AdamW), decoupled=True)
SGD, RMSprop = _without_compiler(optim.SGD), _without_compiler(optim.RMSprop)


def make(parameters: Iterable[nn.Parameter], config: TrainingConfig, device: torch.device) -> Optimizer:
    """The optimiser that a configuration names; one fused kernel for all weights where torch has one."""
    fused = device.type in {"cpu", "cuda"}
    rate, decay = config.learning_rate, config.weight_decay
    weights = list(parameters)
    match config.optimizer:
        case "adam":
            return Adam(weights, lr=rate, weight_decay=decay, fused=fused)
        case "adamw":
            return AdamW(weights, lr=rate, weight_decay=decay, fused=fused)
        case "sgd":
            return SGD(weights, lr=rate, momentum=config.momentum, weight_decay=decay, fused=fused)
        case "rmsprop":
            return RMSprop(weights, lr=rate, weight_decay=decay)


def learn_by_rows(model: nn.Module, config: TrainingConfig) -> list[nn.Parameter]:
    """Let the tables of a network that names them as its ``tables`` have sparse gradients, where the optimiser and the
    device allow it; the weights of those that have."""
    if config.optimizer not in {"adam", "adamw"}:
        return []
    tables = [table for table in getattr(model, "tables", ()) if rows.serves(table.weight)]
    for table in tables:
        table.sparse = True
    return [table.weight for table in tables]


def admit(optimizer: Optimizer, weight: nn.Parameter) -> None:
    """Prepare for a weight that takes its first step later than others.

    SGD's fused kernel wants all to have a momentum or none; a momentum of zero gives the step that none would give.
    """
    if isinstance(optimizer, SGD) and optimizer.state and optimizer.defaults["momentum"]:
        state = optimizer.state[weight]
        if state.get("momentum_buffer") is None:
            state["momentum_buffer"] = torch.zeros_like(weight)
