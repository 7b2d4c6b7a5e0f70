"""Which units a network cannot do without: each in turn is held still while the network reads texts it was not taught.

All units of a layer are tried on the same batch at once, as copies of its rows; see ``nn.clamping``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from lstm_studio.data.progress import Progress, silent
from lstm_studio.errors import StudioError
from lstm_studio.inspection.clamps import By
from lstm_studio.inspection.interventions import stacks_of
from lstm_studio.nn.clamping import Hold, Holds
from lstm_studio.nn.types import Direction
from lstm_studio.tasks.base import Judging, Task
from lstm_studio.tasks.scoring import Score, score

Still = Literal["zero", "mean"]

EXAMPLES, STEPS = 400, 4_000
"""As many are read unless more are asked for; but no more batches once so many steps are done."""
_ROWS = 32
_NUMBERS = 1 << 24
"""Numbers that the copies of a batch may take, eight for each unit and step."""


@dataclass(frozen=True, eq=False)
class Ablation:
    """What is lost without each of H units.

    Attributes:
        layer, direction, part: Whose units.
        still: Whether h of a unit is held at 0 or at its mean over the texts that were read.
        loss, right: Of the whole network: mean -log p of what is right, and the share that was answered rightly.
        losses, rights: The same without each unit, float64 [H].
        figure: A second measure: the task's main figure where decisions alone tell it ("f1", or "accuracy" of texts),
            else "accuracy", which is ``right``. Texts would have to be written for the figures of written ones.
        value, values: The figure of the whole network, and without each unit, float64 [H].
        examples: Texts that were read; 0 of a running text.
        counted, what: How many answers there were, and what they are about: "texts", "words" or "tokens".
    """

    layer: int
    direction: Direction
    part: str
    still: Still
    loss: float
    right: float
    losses: np.ndarray
    rights: np.ndarray
    figure: str
    value: float
    values: np.ndarray
    examples: int
    counted: int
    what: str

    @property
    def lost(self) -> np.ndarray:
        """By how much the loss rises without each unit, [H]; below 0 where the network does better without it."""
        return self.losses - self.loss

    @property
    def fallen(self) -> np.ndarray:
        """By how much the figure falls without each unit, [H]."""
        return self.value - self.values

    @property
    def order(self) -> np.ndarray:
        """Units, the one that is missed most first, by what happens to the loss."""
        return self.ranked("loss")

    def ranked(self, by: By) -> np.ndarray:
        """Units, the one that is missed most first; of those that cost the figure the same, the one that costs more
        loss."""
        return np.argsort(-self.lost, kind="stable") if by == "loss" else np.lexsort((-self.lost, -self.fallen))


def ablate_units(
    task: Task,
    model: nn.Module,
    meta: Any,
    data: Any,
    device: torch.device,
    layer: int,
    direction: Direction,
    part: str = "",
    *,
    still: Still = "zero",
    examples: int = EXAMPLES,
    progress: Progress = silent,
    lock: Callable[[], AbstractContextManager[Any]] = nullcontext,
) -> Ablation:
    """Hold h of each unit of a layer and direction still in turn, at every step, and see what is lost.

    Args:
        task: The run's.
        model: In evaluation mode, on ``device``.
        meta: What its run keeps of the data.
        data: A part of the data, as of ``task.parts``. Some of its batches are read, drawn evenly and always the
            same; of a running text its beginning.
        layer, direction, part: Whose units; ``part`` is "decoder" for layers that write.
        still: "zero", or "mean": at the unit's mean, which takes away what it tells and leaves its usual level.
        examples: Read at most about so many.
        progress: Told how far it is; may raise Cancelled.
        lock: Entered for each piece of work, so that others can use the model in between.

    Raises:
        StudioError: there is no such layer, or nothing to read.
    """
    stack = stacks_of(model).get(part)
    if stack is None or not 0 <= layer < len(stack.layers) or direction not in stack.directions:
        raise StudioError("The network has no such layer", where=f"{part or 'reader'}, layer {layer}, {direction}")
    handles = _chosen(task.batches(data, _ROWS, 0, 0, shuffle=False))
    whole: list[Score] = []
    judge = partial(task.judge, meta) if isinstance(task, Judging) else None
    counts: Any = 0
    level = torch.zeros(stack.hidden_size, dtype=torch.float64)
    steps = read = 0
    state = None
    for handle in handles:
        progress(0.1 * min(1.0, max(read / examples, steps / STEPS)), "")
        batch = task.collate(data, handle, device)
        with lock(), torch.inference_mode():
            found = score(model, batch, part=part, state=state, trace=True)
        state = found.state
        for trace in found.traces.get(part, ()):
            if (trace.layer, trace.direction) == (layer, direction):
                level += trace.values["h"].double().sum((0, 1)).cpu()
                steps += int(found.lengths[part].sum())
        if judge is not None and found.decided is not None:
            counts = counts + judge(batch, found.decided.cpu().numpy())[0]
        found.traces, found.decided = {}, None
        whole.append(found)
        read += found.examples
        if read >= examples or steps >= STEPS:
            break
    counted = sum(own.counted for own in whole)
    if not counted:
        raise StudioError("There are no texts to try it on", todo="Give the run validation texts")
    value = (level / max(1, steps)).float().to(device) if still == "mean" else torch.tensor(0.0, device=device)
    losses, rights, each = _each_unit(
        task, model, data, device, handles[: len(whole)], (part, layer, direction), value, progress, lock, judge
    )
    right = float(sum(own.right.sum() for own in whole)) / counted
    rights /= counted
    figure, of_whole, of_each = "accuracy", right, rights
    if isinstance(task, Judging):
        figure, of_whole, of_each = task.main_metric, float(task.judged(counts)), task.judged(each)
    return Ablation(
        layer,
        direction,
        part,
        still,
        float(sum(own.loss.sum() for own in whole)) / counted,
        right,
        losses / counted,
        rights,
        figure,
        of_whole,
        of_each,
        read,
        counted,
        whole[0].what,
    )


def _each_unit(
    task: Task,
    model: nn.Module,
    data: Any,
    device: torch.device,
    handles: Sequence[Any],
    where: tuple[str, int, Direction],
    value: Tensor,
    progress: Progress,
    lock: Callable[[], AbstractContextManager[Any]],
    judge: Callable[[Any, np.ndarray], np.ndarray] | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sums of losses and of right answers without each unit, float64 [H], and of what ``judge`` counts, [H, M]."""
    part, layer, direction = where
    stack = stacks_of(model)[part]
    units = stack.hidden_size
    losses, rights = np.zeros(units), np.zeros(units)
    counts: Any = None
    states: dict[int, Any] = {}
    one = torch.eye(units, dtype=torch.bool, device=device)
    for number, handle in enumerate(handles):
        batch = task.collate(data, handle, device)
        size = _copies(model, batch, part, units)
        for first in range(0, units, size):
            progress(0.1 + 0.9 * (number + first / units) / len(handles), "")
            some = one[first : first + size]
            with lock(), torch.inference_mode(), _held(stack, Hold(layer, direction, "h", some, value)):
                found = score(model, batch, len(some), part=part, state=states.get(first))
            states[first] = found.state
            losses[first : first + size] += found.loss.cpu().numpy()
            rights[first : first + size] += found.right.cpu().numpy()
            if judge is not None and found.decided is not None:
                own = judge(batch, found.decided.cpu().numpy())
                counts = np.zeros((units, own.shape[1])) if counts is None else counts
                counts[first : first + size] += own
    return losses, rights, counts


@contextmanager
def _held(stack: Any, hold: Hold) -> Iterator[None]:
    stack.holds = Holds([hold])
    try:
        yield
    finally:
        stack.holds = None


def _copies(model: nn.Module, batch: Any, part: str, units: int) -> int:
    """How many units are tried at once."""
    decoder = getattr(model, "decoder", None)
    if part and decoder is not None and decoder.options.input_feeding:
        return 1  # its steps are calls of their own, whose rows change their places
    shapes = [value.shape for value in vars(batch).values() if isinstance(value, Tensor) and value.dim() == 2]
    rows, steps = max(shapes, key=lambda shape: shape[0] * shape[1])
    return max(1, min(units, _NUMBERS // max(1, rows * steps * units * 8)))


def _chosen(handles: Sequence[Any]) -> list[Any]:
    """In which order batches are read: a drawn one, or their own where each goes on from the one before."""
    found = list(handles)
    if all(isinstance(handle, np.ndarray) for handle in found):
        return [found[place] for place in np.random.default_rng(0).permutation(len(found))]
    return found
