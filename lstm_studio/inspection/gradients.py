"""How much of the gradient of an answer comes back to each step: vanishing and exploding gradients, seen."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from lstm_studio.errors import StudioError
from lstm_studio.nn.stepwise import States, all_states, watched
from lstm_studio.tasks.answers import Question
from lstm_studio.training.events import LayerFlow


@dataclass(frozen=True, eq=False)
class GradientFlow:
    """The gradient of one answer's log-odds L with respect to every state on the way to it.

    Attributes:
        tokens: What was read, [T]; padding that was read too is not among them, though it has steps.
        layers: One entry per layer and direction, of all that take part in the answer.
        label: The answer.
        position: Its number among the classes.
        word: The token that it is about; None for the whole text.
        odds: L.
        cell: "lstm", "gru" or "rnn".
    """

    tokens: tuple[str, ...]
    layers: tuple[LayerFlow, ...]
    label: str
    position: int
    word: int | None
    odds: float
    cell: str

    def layer(self, name: str) -> LayerFlow | None:
        """The layer of a name such as "layer0.forward"; None where it plays no part in this answer."""
        return next((layer for layer in self.layers if layer.name == name), None)


def gradient_flow(question: Question, model: nn.Module, tokens: tuple[str, ...], cell: str) -> GradientFlow:
    """The norms of dL/dh[t] and dL/dc[t] for an answer with log-odds L.

    These are total derivatives: what a small change of a state would do to L by all ways, through later steps, through
    the layers above and through what looks at the state itself (pooling, attention). So where the last state decides,
    the norms show how a gradient fades or grows step by step (Hochreiter, 1991; Bengio, Simard & Frasconi, "Learning
    long-term dependencies with gradient descent is difficult", 1994; Pascanu, Mikolov & Bengio, 2013); where all
    states are pooled, each has a short way of its own too.

    Args:
        question: The answer, as the task poses it of ``model``.
        model: In evaluation mode; nobody else may use it meanwhile.
        tokens: What was read, [T].
        cell: Of its recurrent layers.

    Raises:
        StudioError: no recurrent layer plays a part in the answer.
    """
    vectors = question.vectors
    # The plain kernels, whose results are not used, differentiate in any mode; cuDNN's complain.
    plain = torch.backends.cudnn.flags(enabled=False) if vectors.device.type == "cuda" else nullcontext()
    with torch.enable_grad(), plain:
        points = vectors.detach().clone().requires_grad_(True)
        with watched(model) as found:
            score = question.score(points).sum()
        states = all_states(found)
        if not states or not score.requires_grad:
            raise StudioError("No recurrent layer plays a part in this answer", todo="Ask about another one")
        gradients = torch.autograd.grad(score, states, allow_unused=True)
    assert question.position is not None, "it has been asked"
    norms = iter(_norms(states, gradients))
    layers = [_flow(one, norms, vectors.shape[1]) for one in found]
    return GradientFlow(
        tokens,
        _with_answers(layers),
        question.label,
        question.position,
        question.word,
        float(score.detach()),
        cell,
    )


def _norms(states: list[Tensor], gradients: tuple[Tensor | None, ...]) -> list[float]:
    """Euclidean norms; in double precision, where squares of very small numbers do not become zero."""
    kept = [torch.zeros_like(s) if g is None else g for s, g in zip(states, gradients, strict=True)]
    found: list[float] = []
    for start in range(0, len(kept), 4096):
        part = kept[start : start + 4096]
        sizes = {tensor.shape[-1] for tensor in part}
        if len(sizes) == 1:
            found += torch.stack(part).detach().double().flatten(1).norm(dim=1).cpu().tolist()
        else:  # reader and writer of different width
            found += [float(tensor.detach().double().norm()) for tensor in part]
    return found


def _flow(one: States, norms: object, steps: int) -> tuple[States, np.ndarray, np.ndarray | None]:
    """The next norms are those of this layer's h, then c; steps before the text's first token are left out."""
    lead = max(0, len(one.h) - steps) if not one.part else 0
    h = np.array([next(norms) for _ in one.h])[lead:]  # type: ignore[call-overload]
    c = np.array([next(norms) for _ in one.c])[lead:] if one.c else None  # type: ignore[call-overload]
    return one, h, c


def _with_answers(found: list[tuple[States, np.ndarray, np.ndarray | None]]) -> tuple[LayerFlow, ...]:
    """Where time ends: the last step, in the layer's order of reading, at which its part's top layer has a gradient.

    For a class that is the last token (the first one for a layer that reads from the end), for a tag its own token,
    for a word that is written the step that writes it.
    """
    ends: dict[tuple[str, str], tuple[int, int]] = {}
    for states, h, _ in found:
        key = (states.part, states.direction)
        there = np.flatnonzero(h > 0)
        backward = states.direction == "backward"
        end = (0 if backward else len(h) - 1) if not len(there) else int(there[0] if backward else there[-1])
        if key not in ends or states.layer >= ends[key][0]:
            ends[key] = (states.layer, end)
    return tuple(
        LayerFlow(
            states.layer,
            states.direction,
            h.astype(np.float64),
            None if c is None else c.astype(np.float64),
            ends[states.part, states.direction][1],
            states.part,
        )
        for states, h, c in found
    )
