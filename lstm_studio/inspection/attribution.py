"""Which words spoke for the answer, and which against it."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch

from lstm_studio.tasks.answers import CELLS, Question

Method = Literal["integrated gradients", "occlusion"]

_NODES = 32
"""Enough for networks whose answers change abruptly on the way; 16 missed by up to 0.03."""


@dataclass(frozen=True, eq=False)
class Attribution:
    """How much each token spoke for the predicted class.

    Attributes:
        tokens: [T].
        weights: float32 [T]; above 0 speaks for the class, below against it; absolute values sum to 1.
        contributions: float32 [T], the same in log-odds of the class, before they were scaled.
        target: Position of the explained class.
        method: How it was found out.
        odds: Log-odds of the class for the text.
        baseline: Log-odds for the text without any words (integrated gradients only, else ``odds``).
        label: The explained class.
        word: The token that the answer is about; None for the whole text.
    """

    tokens: tuple[str, ...]
    weights: np.ndarray
    contributions: np.ndarray
    target: int
    method: Method
    odds: float
    baseline: float
    label: str = ""
    word: int | None = None


def attribute(question: Question, tokens: tuple[str, ...]) -> Attribution:
    """Explain one answer to a text.

    With a trained embedding: integrated gradients (Sundararajan, Taly & Yan, "Axiomatic attribution for deep
    networks", 2017) of the answer's log-odds along the straight line from no words at all (zero vectors) to the
    text, by Gauss-Legendre quadrature; the contributions sum to the difference of the log-odds up to the error of
    the quadrature. Without an embedding there is nothing to walk along: each token in turn is replaced by the unknown
    word, and its contribution is how much the log-odds fall.

    Args:
        question: The answer, as the task poses it.
        tokens: What was read, [T].
    """
    if question.walk:
        found, odds, baseline = _integrated_gradients(question, len(tokens))
        method: Method = "integrated gradients"
    else:
        found, odds = _occlusion(question, len(tokens))
        baseline, method = odds, "occlusion"
    total = float(np.abs(found).sum())
    weights = found / total if total > 1e-12 else np.zeros_like(found)
    return Attribution(
        tokens,
        weights.astype(np.float32),
        found.astype(np.float32),
        question.position,
        method,
        odds,
        baseline,
        question.label,
        question.word,
    )


def _integrated_gradients(question: Question, steps: int) -> tuple[np.ndarray, float, float]:
    vectors, size = question.vectors, question.vectors.shape[1]
    device = vectors.device
    with torch.no_grad():
        odds, baseline = question.score(torch.cat([vectors, torch.zeros_like(vectors)])).tolist()
    nodes, shares = np.polynomial.legendre.leggauss(_NODES)
    at = torch.tensor((nodes + 1) / 2, dtype=torch.float32, device=device)
    share = torch.tensor(shares / 2, dtype=torch.float32, device=device)
    slope = torch.zeros_like(vectors[0])
    at_once = max(1, min(_NODES, CELLS // size))
    # cuDNN differentiates recurrent layers in training mode only; the plain kernels do so in any mode. The switch is
    # the whole program's, so it is left alone where it does not matter.
    plain = torch.backends.cudnn.flags(enabled=False) if device.type == "cuda" else nullcontext()
    with torch.enable_grad(), plain:
        for first in range(0, _NODES, at_once):
            scale = at[first : first + at_once].view(-1, 1, 1)
            points = (vectors * scale).detach().requires_grad_(True)
            (gradient,) = torch.autograd.grad(question.score(points).sum(), points)
            slope += (gradient * share[first : first + at_once].view(-1, 1, 1)).sum(0)
    found = (slope * vectors[0]).sum(-1)[:steps]
    return found.detach().double().cpu().numpy(), odds, baseline


def _occlusion(question: Question, steps: int) -> tuple[np.ndarray, float]:
    size = question.vectors.shape[1]
    device = question.vectors.device
    with torch.inference_mode():
        odds = float(question.hide(torch.zeros(1, size, dtype=torch.bool, device=device)))
        left = []
        at_once = max(1, CELLS // size)
        for first in range(0, steps, at_once):
            places = torch.arange(first, min(steps, first + at_once), device=device)
            hidden = torch.zeros(len(places), size, dtype=torch.bool, device=device)
            hidden[torch.arange(len(places), device=device), places] = True
            left.append(question.hide(hidden))
        found = odds - torch.cat(left)
    return found.double().cpu().numpy(), odds
