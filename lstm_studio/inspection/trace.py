"""What happens inside a network while it reads one text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from lstm_studio.errors import StudioError
from lstm_studio.nn.classifier import TextClassifier
from lstm_studio.tasks.reading import Reading
from lstm_studio.training.events import LayerGates

_PREFIX_CELLS = 40_000
"""Rows times steps of one batch of prefixes; bounds memory and keeps a cancel quick."""


@dataclass(frozen=True, eq=False)
class TextTrace:
    """Gates, states and verdicts over one text of T tokens.

    Attributes:
        text: As it was typed.
        tokens: What was read, [T].
        known: Whether each token has a vector of its own, [T].
        layers: One entry per layer and direction; values are float32 [T, H] each.
        classes: Names of the K classes.
        probabilities: float32 [K].
        prefix_probabilities: float32 [T, K]: what the network would say had the text ended after each token.
        attention: float32 [T], summing to 1, where the run pools with attention; else None.
        cut: Tokens left out because the text is too long.
    """

    text: str
    tokens: tuple[str, ...]
    known: tuple[bool, ...]
    layers: tuple[LayerGates, ...]
    classes: tuple[str, ...]
    probabilities: np.ndarray
    prefix_probabilities: np.ndarray
    attention: np.ndarray | None = None
    cut: int = 0

    @property
    def label(self) -> str:
        """The most probable class."""
        return self.classes[int(self.probabilities.argmax())]

    def layer(self, name: str) -> LayerGates:
        """The layer and direction of a name such as "layer0.forward".

        Raises:
            StudioError: there is none; names those there are.
        """
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise StudioError(f"The network has no {name}", todo=f"It has {', '.join(e.name for e in self.layers)}")


def trace_text(model: TextClassifier, reading: Reading, classes: Sequence[str], *, prefixes: bool = True) -> TextTrace:
    """Run one text through a model in evaluation mode and keep what happened inside.

    Args:
        model: In evaluation mode, on any device.
        reading: The text as ids.
        classes: Names of the classes.
        prefixes: Also ask what the network would say after each token; costs T runs in batches.
    """
    device = next(model.parameters()).device
    steps, size = len(reading.tokens), len(reading.ids)
    with torch.inference_mode():
        ids = torch.from_numpy(reading.ids).to(device)
        answer = model(ids.unsqueeze(0), torch.tensor([size]), trace=True)
        attention = model.pooling.weights
        shares = attention[0, :steps].float().cpu().numpy() if attention is not None else None
        probabilities = answer.logits[0].float().softmax(-1).cpu().numpy()
        # Copies: a slice of the padded whole would keep it alive, and inference tensors must not leave this place.
        layers = tuple(
            LayerGates(
                trace.layer,
                trace.direction,
                {name: values[0, :steps].float().cpu().numpy().copy() for name, values in trace.values.items()},
            )
            for trace in answer.traces or ()
        )
        after = _prefix_probabilities(model, ids, steps) if prefixes else np.empty((0, len(classes)), np.float32)
    if prefixes and size == steps:
        after[-1] = probabilities
    return TextTrace(
        text=reading.text,
        tokens=reading.tokens,
        known=reading.known,
        layers=layers,
        classes=tuple(classes),
        probabilities=probabilities,
        prefix_probabilities=after,
        attention=shares,
        cut=reading.cut,
    )


def _prefix_probabilities(model: TextClassifier, ids: torch.Tensor, steps: int) -> np.ndarray:
    """float32 [T, K]. A run that reads its padding reads it after each prefix, as it would after such a text."""
    size = len(ids)
    found = []
    first = 0
    while first < steps:
        last = min(steps, first + max(1, _PREFIX_CELLS // size))
        width = size if size > steps else last
        rows = ids[:width].unsqueeze(0).repeat(last - first, 1)
        ends = torch.arange(first + 1, last + 1)
        if size > steps:
            rows[torch.arange(width, device=ids.device).unsqueeze(0) >= ends.to(ids.device).unsqueeze(1)] = 0
            ends = torch.full_like(ends, size)
        found.append(model(rows, ends).logits.float().softmax(-1).cpu().numpy())
        first = last
    return np.concatenate(found).astype(np.float32, copy=False)
