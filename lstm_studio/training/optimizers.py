"""Optimisers by name."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn, optim
from torch.optim import Optimizer

from lstm_studio.config import TrainingConfig


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


Adam, AdamW = _without_compiler(optim.Adam), _without_compiler(optim.AdamW)
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


def admit(optimizer: Optimizer, weight: nn.Parameter) -> None:
    """Prepare for a weight that takes its first step later than others.

    SGD's fused kernel wants all to have a momentum or none; a momentum of zero gives the step that none would give.
    """
    if isinstance(optimizer, SGD) and optimizer.state and optimizer.defaults["momentum"]:
        state = optimizer.state[weight]
        if state.get("momentum_buffer") is None:
            state["momentum_buffer"] = torch.zeros_like(weight)
