"""Pretrained vectors in a network, whatever its task: words begin with them, and then they learn, wait or stay."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from lstm_studio.config import RunConfig
from lstm_studio.data.start_vectors import READ, WRITTEN


class StartingWithVectors:
    """What tasks do with them; ``prepared.starts`` holds those of a run, see ``data.start_vectors``."""

    def initialise(self, model: nn.Module, prepared: Any) -> None:
        """Words start with their pretrained vectors; the others with what they have."""
        for side, start in prepared.starts.items():
            weight = _embeddings(model).get(side)
            if weight is not None:
                lay(weight, np.asarray(start.matrix), np.asarray(start.covered))

    def held(self, model: nn.Module, config: RunConfig) -> dict[nn.Parameter, int]:
        """Pretrained vectors that are to learn later only; see ``tasks.base.Holding``."""
        if config.model.vectors_learn != "later":
            return {}
        files = config.model.vector_files
        return {weight: config.model.vectors_after for side, weight in _embeddings(model).items() if side in files}


def freeze(model: nn.Module, config: RunConfig) -> None:
    """Keep pretrained vectors from learning, where the run wants it so. Not those of a side that starts without."""
    for side, weight in _embeddings(model).items():
        if config.model.frozen(side):
            weight.requires_grad_(False)


def lay(weight: Tensor, matrix: np.ndarray, covered: np.ndarray) -> None:
    """Rows of an embedding [V, E] become those of a matrix [V, E] where ``covered`` [V]."""
    rows = torch.from_numpy(np.flatnonzero(covered))
    values = torch.from_numpy(np.array(matrix[covered]))
    with torch.no_grad():
        weight[rows.to(weight.device)] = values.to(weight)


def _embeddings(model: nn.Module) -> dict[str, nn.Parameter]:
    """Side -> weight of its embedding; one that both share stands for what is read."""
    network = cast("Any", model)
    encoders = {READ: network.encoder, WRITTEN: getattr(getattr(network, "decoder", None), "embedding", None)}
    return {
        side: encoder.embedding.weight
        for side, encoder in encoders.items()
        if encoder is not None and encoder.embedding is not None
    }
