"""What is known of a run, gathered for ``inspection.diagnosis``: from its folder, its data and its network."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lstm_studio.data.progress import Progress, silent
from lstm_studio.errors import StudioError
from lstm_studio.inspection.diagnosis import Evidence, Finding, diagnose
from lstm_studio.runs.folder import CHECKPOINT, RunFolder
from lstm_studio.runs.results import PartResults, TextsResults, read_results
from lstm_studio.training.events import GateSnapshot

if TYPE_CHECKING:
    from lstm_studio.runs.predictor import Predictor

READ = 200
"""Validation examples that are looked through for unknown tokens."""
LOOKED = 12
"""Those that are run through the network."""
FELT = 3
"""Those whose gradient is followed back."""
LOOKING = 4.0
"""Seconds after which no further one is: what writes texts takes longer over each."""
LONGEST = 200
"""Tokens of a text that is run."""
_MOMENTS = ("exp_avg_sq", "square_avg", "momentum_buffer")
"""What optimisers keep of a weight's gradients; zero as long as there was none."""


def examine(run: Path, predictor: Predictor | None = None, progress: Progress = silent) -> tuple[Finding, ...]:
    """Everything there is to say of a saved run.

    Args:
        run: Its folder.
        predictor: Its network; without, nothing is said of its inside.

    Raises:
        StudioError: the folder holds no run, or its configuration is damaged.
    """
    folder = RunFolder(run)
    evidence = with_results(Evidence.of(folder.config, folder.events()), run)
    return diagnose(evidence if predictor is None else with_inside(evidence, predictor, progress))


def with_results(evidence: Evidence, run: Path) -> Evidence:
    """With what the folder says of the best weights' answers and of the optimiser."""
    part = read_results(run).get("validation")
    if isinstance(part, PartResults):
        evidence = replace(evidence, classes=part.classes, confusion=part.confusion)
    if isinstance(part, TextsResults):
        evidence = replace(evidence, unknown=part.unknown)
    model = evidence.config.model
    return replace(evidence, unmoved=unmoved_vectors(run, model.embedding_size, model.embedding_range))


def unmoved_vectors(run: Path, size: int, bound: float) -> float | None:
    """Share of the word vectors that still are the random numbers they began as, 0..1; None where that is not known.

    Read off the checkpoint: what an optimiser keeps of a weight is exactly zero until its first gradient, and there is
    nothing at all of weights that are not trained. Those that were read from a file reach beyond the range from which
    random ones are drawn.

    Args:
        run: The run's folder.
        size: Numbers in a vector.
        bound: Random ones are drawn from -bound to bound.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(run / CHECKPOINT / "state.safetensors", "np") as file:
            names = list(file.keys())
            own = [name for name in names if name.startswith("model.") and name.endswith("encoder.embedding.weight")]
            kept = [name for name in names if name.rpartition(".")[2] in _MOMENTS]
            if not own or not kept:
                return None
            vectors = file.get_tensor(own[0])
            if vectors.ndim != 2 or vectors.shape[1] != size:
                return None
            random = np.all(np.abs(vectors) <= bound, axis=1)
            for name in kept:
                if file.get_slice(name).get_shape() == list(vectors.shape):
                    random &= np.all(file.get_tensor(name) == 0, axis=1)
                    break
    except (SafetensorError, OSError, ValueError, KeyError, TypeError):
        return None
    return float(random.mean())


def with_inside(evidence: Evidence, predictor: Predictor, progress: Progress = silent) -> Evidence:
    """With validation texts run through the network. What cannot be read is left out: a tutor says what he can."""
    known = tokens = 0
    looks: list[GateSnapshot] = []
    until = time.monotonic() + LOOKING
    for number, asked in enumerate(_questions(predictor, progress)):
        progress(0.3 + 0.7 * number / READ, "Looking at the network")
        try:
            reading = predictor.answers.read(**asked)
            known, tokens = known + sum(reading.known), tokens + len(reading.known)
            wanted = len(looks) < LOOKED and (time.monotonic() < until or not looks)
            if wanted and len(reading.tokens) <= LONGEST:
                looks.append(_look(predictor, asked, len(looks) < FELT))
        except StudioError:
            continue
    unknown = 1 - known / tokens if tokens and evidence.unknown is None else evidence.unknown
    return replace(evidence, looks=tuple(looks), unknown=unknown)


def _look(predictor: Predictor, asked: dict[str, Any], felt: bool) -> GateSnapshot:
    trace = predictor.trace(prefixes=False, **asked)
    look = GateSnapshot(0, trace.text, trace.tokens, trace.layers, output=trace.output)
    if not felt:
        return look
    try:
        return replace(look, flow=predictor.gradients(**asked).layers)
    except StudioError:
        return look


def _questions(predictor: Predictor, progress: Progress) -> Iterator[dict[str, Any]]:
    """Validation examples as they are asked, spread over the part; none where the data cannot be read any more."""
    from lstm_studio.data.places import cache_folder
    from lstm_studio.tasks import registry

    task = registry.get(predictor.config.task)
    try:
        prepared = task.prepare(
            predictor.config, lambda share, words: progress(0.3 * max(0.0, share), words), cache_folder() / "prepared"
        )
        part = getattr(prepared, "validation", None)
        if part is None:
            return
        examples = int(getattr(part, "documents", len(part)))  # of running text the length is in tokens
    except StudioError:
        return
    for place in np.unique(np.linspace(0, examples - 1, min(READ, examples)).astype(int)):
        yield prepared.question("validation", int(place))
