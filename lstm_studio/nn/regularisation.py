"""What keeps a language model from learning its text by heart: masks that hold over time, and costs of large states.

Merity, Keskar & Socher, "Regularizing and optimizing LSTM language models", 2018 (https://arxiv.org/abs/1708.02182),
brought them together as AWD-LSTM. Masks come from the global generator of the device: the same seed, the same masks.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from lstm_studio.nn.dropout import Dropout, dropped, mask
from lstm_studio.nn.recurrent import Recurrent

_RECURRENT = ("weight_h", "weight_hh_l0")
"""What the matrix W_h is called in the studio's own cell and in torch's."""


class LockedDropout(Dropout):
    """Dropout whose mask is drawn once for each row and holds at all its steps ("variational").

    Gal & Ghahramani, "A theoretically grounded application of dropout in recurrent neural networks", 2016. Each call
    draws anew. What is kept is divided by 1 - p, so that the expectation stays.

    Args:
        p: Share of the values that are silenced, 0 <= p < 1.
        steps: The dimension that counts steps: 1 for [B, T, F], 0 for [T, B, F].
    """

    def __init__(self, p: float, steps: int) -> None:
        super().__init__(p)
        self.steps = steps

    def forward(self, input: Tensor) -> Tensor:
        """Same shape."""
        if not self.training or self.p == 0:
            return input
        shape = list(input.shape)
        shape[self.steps] = 1
        return input * mask(input, shape, self.p)


class RowDropout(nn.Module):
    """Silences random words of the vocabulary, each wherever it stands: rows of the embedding matrix.

    Gal & Ghahramani 2016, section 4.2; one mask a call, as in AWD-LSTM. The vectors are masked and not the matrix,
    which gives the same and touches only words that occur. What is kept is divided by 1 - p.

    Args:
        words: V.
        p: Share of the words, 0 <= p < 1.
    """

    def __init__(self, words: int, p: float) -> None:
        super().__init__()
        self.words, self.p = words, p

    def forward(self, vectors: Tensor, ids: Tensor) -> Tensor:
        """Vectors [B, T, E] of the words ids [B, T] -> the same shape."""
        if not self.training or self.p == 0:
            return vectors
        return vectors * mask(vectors, [self.words], self.p)[ids].unsqueeze(-1)


def drop_weights(recurrent: Recurrent, p: float) -> dict[str, Tensor]:
    """The recurrent matrices W_h of all layers with a share p of their weights silenced, by parameter name.

    DropConnect (Wan et al., "Regularization of neural networks using DropConnect", 2013) as AWD-LSTM uses it: one mask
    for all rows and steps of a stretch; what is kept is divided by 1 - p. The parameters stay as they are, and get the
    gradient through the mask; ``run_with`` puts the masked ones in their place.
    """
    found = recurrent.named_parameters()
    return {name: dropped(w, p) for name, w in found if name.rpartition(".")[2] in _RECURRENT}


def run_with(module: nn.Module, weights: dict[str, Tensor], *given: Any) -> Any:
    """What ``module(*given)`` returns with these weights in place of its own, which stand there again afterwards."""
    return torch.func.functional_call(module, weights, given)


def activation_cost(dropped: Tensor, alpha: float) -> Tensor:
    """Activation regularisation (AR): alpha times the mean square of the last layer's states, behind dropout.

    Merity, McCann & Socher, "Revisiting activation regularization for language RNNs", 2017
    (https://arxiv.org/abs/1708.01009), as their code has it: the mean of the squares, without a root.

    Args:
        dropped: States of real words, [N, H].
    """
    return alpha * _wide(dropped).square().mean()


def change_cost(outputs: Tensor, beta: float, there: Tensor | None = None) -> Tensor:
    """Temporal activation regularisation (TAR): beta times the mean square of h[t + 1] - h[t], before dropout.

    Source as of ``activation_cost``. A stretch of one step has no change and costs nothing.

    Args:
        outputs: States of the last layer, [B, T, H].
        there: [B, T] bool, True where a word stands; None for everywhere. Only changes between words count.
    """
    change = _wide(outputs[:, 1:] - outputs[:, :-1])
    if there is None:
        return beta * change.square().sum() / max(1, change.numel())
    inside = there[:, 1:]
    return beta * (change.square().sum(2) * inside).sum() / (inside.sum() * change.shape[2]).clamp(min=1)


def _wide(values: Tensor) -> Tensor:
    """At least 32 bits: squares are not summed in 16."""
    return values.float() if values.dtype.itemsize < 4 else values
