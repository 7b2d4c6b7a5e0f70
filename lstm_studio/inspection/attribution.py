"""Which words spoke for the answer, and which against it."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from lstm_studio.nn.classifier import TextClassifier
from lstm_studio.tasks.reading import Reading

Method = Literal["integrated gradients", "occlusion"]

_NODES = 16
_CELLS = 40_000
_UNKNOWN_ID = 1


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
    """

    tokens: tuple[str, ...]
    weights: np.ndarray
    contributions: np.ndarray
    target: int
    method: Method
    odds: float
    baseline: float


def attribute(model: TextClassifier, reading: Reading, target: int | None = None) -> Attribution:
    """Explain the answer to one text.

    With a trained embedding: integrated gradients (Sundararajan, Taly & Yan, "Axiomatic attribution for deep
    networks", 2017) of the class's log-odds along the straight line from no words at all (zero vectors) to the
    text, by Gauss-Legendre quadrature; the contributions sum to the difference of the log-odds up to the error of
    the quadrature. Without an embedding there is nothing to walk along: each token in turn is replaced by the unknown
    word, and its contribution is how much the log-odds fall.

    Args:
        model: In evaluation mode, on any device.
        reading: The text as ids.
        target: Class to explain; the predicted one when None.
    """
    if model.encoder.embedding is not None:
        found, chosen, odds, baseline = _integrated_gradients(model, reading, target)
        method: Method = "integrated gradients"
    else:
        found, chosen, odds = _occlusion(model, reading, target)
        baseline, method = odds, "occlusion"
    total = float(np.abs(found).sum())
    weights = found / total if total > 1e-12 else np.zeros_like(found)
    return Attribution(
        reading.tokens,
        weights.astype(np.float32),
        found.astype(np.float32),
        chosen,
        method,
        odds,
        baseline,
    )


def _log_odds(logits: Tensor, target: int) -> Tensor:
    """log(p / (1 - p)) of one class: logits [B, K] -> [B]."""
    others = torch.cat([logits[:, :target], logits[:, target + 1 :]], 1)
    return logits[:, target] - others.logsumexp(1)


def _integrated_gradients(
    model: TextClassifier, reading: Reading, target: int | None
) -> tuple[np.ndarray, int, float, float]:
    device = next(model.parameters()).device
    ids = torch.from_numpy(reading.ids).to(device).unsqueeze(0)
    size = ids.shape[1]
    with torch.no_grad():
        vectors = model.encoder(ids).float()
        both = model.classify(torch.cat([vectors, torch.zeros_like(vectors)]), torch.full((2,), size)).logits.float()
        chosen = int(both[0].argmax()) if target is None else target
        odds, baseline = _log_odds(both, chosen).tolist()
    nodes, shares = np.polynomial.legendre.leggauss(_NODES)
    at = torch.tensor((nodes + 1) / 2, dtype=torch.float32, device=device)
    share = torch.tensor(shares / 2, dtype=torch.float32, device=device)
    slope = torch.zeros_like(vectors[0])
    at_once = max(1, min(_NODES, _CELLS // size))
    # cuDNN differentiates recurrent layers in training mode only; the plain kernels do so in any mode. The switch is
    # the whole program's, so it is left alone where it does not matter.
    plain = torch.backends.cudnn.flags(enabled=False) if device.type == "cuda" else nullcontext()
    with torch.enable_grad(), plain:
        for first in range(0, _NODES, at_once):
            scale = at[first : first + at_once].view(-1, 1, 1)
            points = (vectors * scale).detach().requires_grad_(True)
            logits = model.classify(points, torch.full((len(points),), size)).logits.float()
            (gradient,) = torch.autograd.grad(_log_odds(logits, chosen).sum(), points)
            slope += (gradient * share[first : first + at_once].view(-1, 1, 1)).sum(0)
    found = (slope * vectors[0]).sum(-1)[: len(reading.tokens)]
    return found.detach().double().cpu().numpy(), chosen, odds, baseline


def _occlusion(model: TextClassifier, reading: Reading, target: int | None) -> tuple[np.ndarray, int, float]:
    device = next(model.parameters()).device
    ids = torch.from_numpy(reading.ids).to(device)
    size, steps = len(ids), len(reading.tokens)
    with torch.inference_mode():
        logits = model(ids.unsqueeze(0), torch.tensor([size])).logits.float()
        chosen = int(logits[0].argmax()) if target is None else target
        odds = float(_log_odds(logits, chosen))
        left = []
        at_once = max(1, _CELLS // size)
        for first in range(0, steps, at_once):
            places = torch.arange(first, min(steps, first + at_once), device=device)
            rows = ids.unsqueeze(0).repeat(len(places), 1)
            rows[torch.arange(len(places), device=device), places] = _UNKNOWN_ID
            answer = model(rows, torch.full((len(places),), size)).logits.float()
            left.append(_log_odds(answer, chosen))
        found = odds - torch.cat(left)
    return found.double().cpu().numpy(), chosen, odds
