"""What happens inside a network while it reads one text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import nn

from lstm_studio.errors import StudioError
from lstm_studio.tasks.answers import Answers, Foretold, look
from lstm_studio.training.events import LayerGates


@dataclass(frozen=True, eq=False)
class TextTrace:
    """Gates, states and verdicts over one text of T tokens.

    Attributes:
        text: As it was typed.
        tokens: What was read, [T].
        known: Whether each token has a vector of its own, [T].
        layers: One entry per layer and direction; values are float32 [T, H] each.
        classes: Names of the K classes; in tagging the types that a word can have, and none.
        probabilities: float32 [K]; None where there is no single answer.
        prefix_probabilities: float32 [T, K]: what the network says at each token.
        meaning: "prefix": had the text ended there; "token": about that token.
        verdict: The answer in words.
        marked: A token that is pointed at, such as the predicate.
        attention: float32 [T], summing to 1, where the run pools with attention; else None.
        cut: Tokens left out because the text is too long.
        output: The U tokens that were written, one for each step of the decoder, the end mark last.
        alignment: float32 [U, T]: where each of these steps looked; None without.
        foretold: What a network that writes holds likely at each token of ``output``, or else of the text.
    """

    text: str
    tokens: tuple[str, ...]
    known: tuple[bool, ...]
    layers: tuple[LayerGates, ...]
    classes: tuple[str, ...]
    probabilities: np.ndarray | None
    prefix_probabilities: np.ndarray
    meaning: Literal["prefix", "token"] = "prefix"
    verdict: str = ""
    marked: int | None = None
    attention: np.ndarray | None = None
    cut: int = 0
    output: tuple[str, ...] = ()
    alignment: np.ndarray | None = None
    foretold: Foretold | None = None

    @property
    def unfinished(self) -> bool:
        """Whether what is said at each token was left out."""
        return self.probabilities is not None and bool(self.tokens) and not len(self.prefix_probabilities)

    def tokens_of(self, layer: LayerGates) -> tuple[str, ...]:
        """What a layer runs over: the text, or what is written."""
        return self.output if layer.part == "decoder" else self.tokens

    def layer(self, name: str) -> LayerGates:
        """The layer and direction of a name such as "layer0.forward".

        Raises:
            StudioError: there is none; names those there are.
        """
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise StudioError(f"The network has no {name}", todo=f"It has {', '.join(e.name for e in self.layers)}")


def trace_text(
    answers: Answers, model: nn.Module, reading: Any, device: torch.device, *, prefixes: bool = True
) -> TextTrace:
    """Run one text through a model in evaluation mode and keep what happened inside.

    Args:
        answers: Of the run's task.
        model: In evaluation mode, on ``device``.
        reading: What ``answers.read`` made of the text.
        prefixes: Also ask what the network says at each token; costs T runs in batches for a class of a whole text.
    """
    inside = answers.inside(model, reading, device, steps=prefixes)
    seen = look(reading, inside)
    return TextTrace(
        text=reading.text,
        tokens=reading.tokens,
        known=reading.known,
        layers=tuple(LayerGates(gates.layer, gates.direction, gates.values, gates.part) for gates in seen.gates),
        classes=inside.classes,
        probabilities=inside.probabilities,
        prefix_probabilities=inside.steps,
        meaning=inside.meaning,
        verdict=inside.verdict,
        marked=inside.marked,
        attention=inside.attention,
        cut=reading.cut,
        output=inside.output,
        alignment=inside.alignment,
        foretold=inside.foretold,
    )
