"""Which words spoke for the answer, and which against it."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from lstm_studio.errors import StudioError
from lstm_studio.nn.alike import sharing
from lstm_studio.nn.recurrent import Recurrent
from lstm_studio.tasks.answers import CELLS, WORK, Question

Method = Literal["integrated gradients", "occlusion"]

METHODS: tuple[Method, ...] = ("integrated gradients", "occlusion")
_NODES = 32
"""Enough for networks whose answers change abruptly on the way; 16 missed by up to 0.03."""
_QUICK = 8
"""Enough for most."""
_COARSE = 4
"""Off by up to a tenth of the largest contribution, but for networks whose answers change abruptly."""
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
        coarse: Whether it is a first look at a long text: with very few nodes; of occlusion an estimate, from the slope
            of the log-odds at the text.
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
    coarse: bool = False

    @property
    def rough(self) -> bool:
        """Whether it is to be asked for once more, with all nodes: it is coarse, or the sum misses what it should come
        to."""
        gap = abs(self.total - self.difference)
        return self.coarse or (self.quick and gap > _CLOSE * max(1.0, abs(self.difference)))

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
    question: Question,
    tokens: tuple[str, ...],
    method: Method | None = None,
    *,
    quick: bool = False,
    model: nn.Module | None = None,
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
        quick: Integrate with a quarter of the nodes, and take a coarse first look where that takes long too; see
            ``Attribution.rough``.
        model: That of the question, in evaluation mode; what its layers that read have in common among occluded texts
            is then computed once. Nobody else may use it meanwhile.

    Raises:
        StudioError: no such method.
    """
    if method is None:
        method = "integrated gradients" if question.walk else "occlusion"
    if method not in METHODS:
        raise StudioError(f"There is no method {method}", todo=f"The methods are {' and '.join(METHODS)}")
    reader = getattr(model, "recurrent", None)
    reader = reader if isinstance(reader, Recurrent) else None
    coarse = quick and reader is not None and _is_long(question, method, reader)
    if method == "integrated gradients":
        found, odds, baseline = _integrated_gradients(question, _COARSE if coarse else _QUICK if quick else _NODES)
    elif coarse and reader is not None:
        found, odds, baseline = _estimated(question, len(tokens), reader)
    else:
        found, odds, baseline = _occlusion(question, len(tokens), reader)
    padding = float(found[len(tokens) :].sum())
    found = found[: len(tokens)]
    total = float(np.abs(found).sum())
    weights = found / total if total > 1e-12 else np.zeros_like(found)
    assert question.position is not None, "it has been asked"
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
        coarse or (quick and method != "occlusion"),
        coarse,
    )


def _is_long(question: Question, method: Method, reader: Recurrent) -> bool:
    """Whether ``_QUICK`` nodes, there and back, or hiding each token in turn would take long. Of the latter, texts have
    half of their steps in common in layers that read in one direction, and less where two do."""
    steps = question.vectors.shape[1]
    rows = 2.0 * _QUICK
    if method == "occlusion":
        rows = (0.5 if len(reader.directions) == 1 else 0.7) * steps
    return rows * steps * sum(weights.numel() for weights in reader.parameters()) > WORK


def _integrated_gradients(question: Question, count: int) -> tuple[np.ndarray, float, float]:
    """Contributions by quadrature with ``count`` nodes, float64 [tokens that are read]; log-odds of the text and of
    nothing, which are the ends of the way and cost no call of their own."""
    vectors, size = question.vectors, question.vectors.shape[1]
    device = vectors.device
    nodes, shares = np.polynomial.legendre.leggauss(count)
    at = torch.tensor([1.0, 0.0, *(nodes + 1) / 2], dtype=torch.float32, device=device)
    share = torch.tensor([0.0, 0.0, *shares / 2], dtype=torch.float32, device=device)
    slope = torch.zeros_like(vectors[0])
    at_once = max(2, min(len(at), CELLS // size, _NUMBERS // vectors[0].numel()))
    ends: list[float] = []
    with torch.enable_grad(), _plain(device):
        for first in range(0, len(at), at_once):
            scale = at[first : first + at_once].view(-1, 1, 1)
            points = (vectors * scale).detach().requires_grad_(True)
            scores = question.score(points)
            ends = ends or scores[:2].tolist()
            (gradient,) = torch.autograd.grad(scores.sum(), points)
            slope += (gradient * share[first : first + at_once].view(-1, 1, 1)).sum(0)
    found: np.ndarray = (slope * vectors[0]).sum(-1).detach().double().cpu().numpy()
    return found, ends[0], ends[1]


def _plain(device: torch.device) -> AbstractContextManager[None]:
    """cuDNN differentiates recurrent layers in training mode only; the plain kernels do so in any mode. The switch is
    the whole program's, so it is left alone where it does not matter."""
    return torch.backends.cudnn.flags(enabled=False) if device.type == "cuda" else nullcontext()


def _occlusion(question: Question, steps: int, reader: Recurrent | None) -> tuple[np.ndarray, float, float]:
    """Padding that is read stays as it is. Log-odds of the text and of unknown words only go with the first batch; each
    batch begins with the text itself, which the others are like."""
    size = question.vectors.shape[1]
    device = question.vectors.device
    odds = baseline = 0.0
    left = []
    at_once = max(1, CELLS // size - 2)
    with torch.inference_mode(), sharing(reader) if reader is not None else nullcontext():
        for first in range(0, steps, at_once):
            places = torch.arange(first, min(steps, first + at_once), device=device)
            hidden = torch.zeros(2 + len(places), size, dtype=torch.bool, device=device)
            hidden[1, :steps] = True
            hidden[torch.arange(2, 2 + len(places), device=device), places] = True
            scores = question.hide(hidden)
            odds, baseline = scores[:2].tolist()
            left.append(scores[2:])
        found = odds - torch.cat(left)
    return found.double().cpu().numpy(), odds, baseline


def _estimated(question: Question, steps: int, reader: Recurrent) -> tuple[np.ndarray, float, float]:
    """Occlusion to the first order: the slope of the log-odds at the text, times what hiding takes away from a token's
    vector. The vectors of hidden tokens are seen where the layers read them."""
    read: list[Tensor] = []

    def begin(_: nn.Module, given: tuple[Any, ...]) -> tuple[Any, ...]:
        read.append(given[0].detach().requires_grad_(True))
        return read[0], *given[1:]

    device = question.vectors.device
    hidden = torch.zeros(2, question.vectors.shape[1], dtype=torch.bool, device=device)
    hidden[1, :steps] = True
    handle = reader.register_forward_pre_hook(begin)
    try:
        with torch.enable_grad(), _plain(device):
            scores = question.hide(hidden)
            (slope,) = torch.autograd.grad(scores[0], read[0])
    finally:
        handle.remove()
    x = read[0].detach()
    found = (slope[0] * (x[0] - x[1])).sum(-1).double().cpu().numpy()
    lead = len(found) - hidden.shape[1]  # marks before the text
    odds, baseline = scores.tolist()
    return found[lead : lead + steps], odds, baseline
