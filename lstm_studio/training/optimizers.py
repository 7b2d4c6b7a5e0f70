"""Optimisers by name."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn
from torch.optim import SGD, Adam, AdamW, Optimizer, RMSprop

from lstm_studio.config import TrainingConfig
from lstm_studio.training import randomness


def make(parameters: Iterable[nn.Parameter], config: TrainingConfig, device: torch.device) -> Optimizer:
    """The optimiser that a configuration names; one fused kernel for all weights where torch has one."""
    randomness.load_parts()
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
