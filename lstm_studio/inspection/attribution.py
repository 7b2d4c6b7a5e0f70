"""Which words spoke for the answer, and which against it."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch

from lstm_studio.errors import StudioError
from lstm_studio.tasks.answers import CELLS, Question

Method = Literal["integrated gradients", "occlusion"]

METHODS: tuple[Method, ...] = ("integrated gradients", "occlusion")
_NODES = 32
"""Enough for networks whose answers change abruptly on the way; 16 missed by up to 0.03."""
_QUICK = 10
"""Enough for most."""
_CLOSE = 0.002
"""The gap of completeness above which few nodes are too few: a share of what the text adds, or of 1 at least."""
_NUMBERS = 8_000_000
"""Of vectors that are differentiated at once: one-hot vectors are long."""


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
        baseline: Log-odds for the text without any words: zero vectors with integrated gradients, only unknown words
            with occlusion.
        label: The explained class.
        word: The token that the answer is about; None for the whole text.
        padding: Log-odds that padding which is read contributes, where it has a vector that is not zero.
        quick: Whether few nodes were used.
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
    padding: float = 0.0
    quick: bool = False

    @property
    def rough(self) -> bool:
        """Whether it is to be asked for once more, with all nodes: the sum misses what it should come to."""
        return self.quick and abs(self.total - self.difference) > _CLOSE * max(1.0, abs(self.difference))

    @property
    def total(self) -> float:
        """What all contributions come to."""
        return float(self.contributions.sum(dtype=np.float64)) + self.padding

    @property
    def difference(self) -> float:
        """What they should come to: the log-odds of the text less those without any words. They do so with integrated
        gradients (completeness); occlusion promises nothing, and the gap says how much words work together."""
        return self.odds - self.baseline


def attribute(
    question: Question, tokens: tuple[str, ...], method: Method | None = None, *, quick: bool = False
) -> Attribution:
    """Explain one answer to a text.

    Integrated gradients (Sundararajan, Taly & Yan, "Axiomatic attribution for deep networks", 2017) of the answer's
    log-odds along the straight line from no words at all (zero vectors) to the text, by Gauss-Legendre quadrature; the
    contributions sum to the difference of the log-odds up to the error of the quadrature. Occlusion: each token in
    turn is replaced by the unknown word, and its contribution is how much the log-odds fall.

    Args:
        question: The answer, as the task poses it.
        tokens: What was read, [T].
        method: None for integrated gradients with a trained embedding, where the way from nothing to a word means
            something, else for occlusion.
        quick: Integrate with a third of the nodes; see ``Attribution.rough``.

    Raises:
        StudioError: no such method.
    """
    if method is None:
        method = "integrated gradients" if question.walk else "occlusion"
    if method not in METHODS:
        raise StudioError(f"There is no method {method}", todo=f"The methods are {' and '.join(METHODS)}")
    if method == "occlusion":
        found, odds, baseline = _occlusion(question, len(tokens))
    else:
        found, odds, baseline = _integrated_gradients(question, quick)
    padding = float(found[len(tokens) :].sum())
    found = found[: len(tokens)]
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
        padding,
        quick and method != "occlusion",
    )


def _integrated_gradients(question: Question, quick: bool) -> tuple[np.ndarray, float, float]:
    vectors = question.vectors
    with torch.no_grad():
        odds, baseline = question.score(torch.cat([vectors, torch.zeros_like(vectors)])).tolist()
    return _along(question, _QUICK if quick else _NODES), odds, baseline


def _along(question: Question, count: int) -> np.ndarray:
    """Integrated gradients by quadrature with ``count`` nodes, float64 [tokens that are read]."""
    vectors, size = question.vectors, question.vectors.shape[1]
    device = vectors.device
    nodes, shares = np.polynomial.legendre.leggauss(count)
    at = torch.tensor((nodes + 1) / 2, dtype=torch.float32, device=device)
    share = torch.tensor(shares / 2, dtype=torch.float32, device=device)
    slope = torch.zeros_like(vectors[0])
    at_once = max(1, min(count, CELLS // size, _NUMBERS // vectors[0].numel()))
    # cuDNN differentiates recurrent layers in training mode only; the plain kernels do so in any mode. The switch is
    # the whole program's, so it is left alone where it does not matter.
    plain = torch.backends.cudnn.flags(enabled=False) if device.type == "cuda" else nullcontext()
    with torch.enable_grad(), plain:
        for first in range(0, count, at_once):
            scale = at[first : first + at_once].view(-1, 1, 1)
            points = (vectors * scale).detach().requires_grad_(True)
            (gradient,) = torch.autograd.grad(question.score(points).sum(), points)
            slope += (gradient * share[first : first + at_once].view(-1, 1, 1)).sum(0)
    found: np.ndarray = (slope * vectors[0]).sum(-1).detach().double().cpu().numpy()
    return found


def _occlusion(question: Question, steps: int) -> tuple[np.ndarray, float, float]:
    """Padding that is read stays as it is."""
    size = question.vectors.shape[1]
    device = question.vectors.device
    with torch.inference_mode():
        ends = torch.zeros(2, size, dtype=torch.bool, device=device)
        ends[1, :steps] = True
        odds, baseline = question.hide(ends).tolist()
        left = []
        at_once = max(1, CELLS // size)
        for first in range(0, steps, at_once):
            places = torch.arange(first, min(steps, first + at_once), device=device)
            hidden = torch.zeros(len(places), size, dtype=torch.bool, device=device)
            hidden[torch.arange(len(places), device=device), places] = True
            left.append(question.hide(hidden))
        found = odds - torch.cat(left)
    return found.double().cpu().numpy(), odds, baseline
