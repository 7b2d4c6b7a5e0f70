"""Threads of one process that share out each batch, and take one step together.

Each runs the network forward and back on its share alone, with gradients of its own: its copy of the network has the
same memory for weights. The gradient of the step is the mean of theirs in proportion to ``Loss.weight``, that of the
whole batch, as for processes that train together (training.parallel). A layer's products and steps are shared out
whole that way, and threads meet once a step; torch's own threads meet at every operation, of which they share out only
the large ones.

Random numbers of a share are those that a process of that rank would draw: the same seed and number of threads, the
same run.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn

from lstm_studio.config import RunConfig
from lstm_studio.nn import chance, rows
from lstm_studio.tasks.base import Carrying, Loss, Task
from lstm_studio.tasks.sharing import size_of
from lstm_studio.training import randomness

LEAST_ROWS = 4
"""Rows of a share: the recurrent weights are read for each step of it, be it for one row."""
_LOOKED_AT = 16
LEAST_WORK = 150_000_000
"""Multiplications of a forward pass from which on a batch is shared out: below, the threads mostly wait for their turn
at Python. Of a table of vectors a token only takes a row."""
TABLES = 60
"""As many more for each number of a table: every thread fills a gradient of its size."""


def threads_for(model: nn.Module, rows: int, tokens: float, threads: int) -> int:
    """Threads that share out batches on a CPU; 1 where that does not pay.

    Args:
        rows, tokens: Of a batch, about.
        threads: That may be used.
    """
    tables = {module.weight for module in model.modules() if isinstance(module, nn.Embedding)}
    work = tokens * sum(weight.numel() for weight in model.parameters() if weight not in tables)
    if work < LEAST_WORK + TABLES * sum(table.numel() for table in tables):
        return 1
    return max(1, min(threads, rows // LEAST_ROWS))


def started(
    task: Task, config: RunConfig, prepared: Any, model: nn.Module, order: Sequence[Any], device: torch.device
) -> list[Any]:
    """What ``task.start`` returns, for each thread that shares out the batches of a run.

    Args:
        order: Batches of an epoch.
    """
    part, number = task.parts(prepared)["train"], min(len(order), _LOOKED_AT)
    sizes = [size_of(order[place * len(order) // number], part) for place in range(number)]
    threads = 1
    if sizes and device.type == "cpu":
        rows, tokens = sizes[0][0], sum(one[1] for one in sizes) / number
        threads = threads_for(model, rows, tokens, config.training.threads or torch.get_num_threads())
    extra = task.start(config, prepared, device)
    carries = isinstance(extra, Carrying)
    return [extra, *(task.start(config, prepared, device) if carries else extra for _ in range(threads - 1))]


@dataclass(frozen=True)
class _Share:
    """What a share came to; ``weight`` is what its mean was divided by."""

    weight: float
    value: float
    shown: float
    rate: float
    examples: int
    tokens: int


class Crew:
    """The copies of a network and who works with them.

    Args:
        task: Supplies the loss.
        model: The network, on the CPU; its gradients are those of the whole batch.
        extras: What ``task.start`` returned, one for each thread; the same one where nothing is carried on.
        seed: Of the run.
    """

    def __init__(self, task: Task, model: nn.Module, extras: Sequence[Any], seed: int) -> None:
        self._task, self._model, self._extras, self._seed = task, model, extras, seed
        self._copies = [model, *(copy.deepcopy(model) for _ in extras[1:])]
        self._weights = [list(one.parameters()) for one in self._copies]
        self._generators = [torch.Generator() for _ in extras]

    @property
    def size(self) -> int:
        """How many threads."""
        return len(self._copies)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Torch has one thread in each of these threads. Around a step as a whole: threads of torch that have just
        worked go on looking for more for a while, on the core of somebody else."""
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(threads)

    def gradients(self, shares: Sequence[Callable[[], Any]], number: int, done: float = 0.0) -> Loss:
        """Leave the gradient of a whole batch at the model's weights; what they held before is gone.

        Args:
            shares: Each reads the share of one thread.
            number: Of the step, from 0; the global generator stands at its beginning.
            done: See ``Task.loss``.

        Returns:
            The loss of the whole batch, without a graph.
        """
        self._follow()
        others = [
            _hands(self.size - 1).submit(self._aside, place, read, number, done)
            for place, read in enumerate(shares[1:], 1)
        ]
        try:
            first = self._back(0, shares[0], done)
        finally:
            wait(others)  # weights must not move under the hands of anybody
        found = [first, *(other.result() for other in others)]
        return self._joined(found)

    def _follow(self) -> None:
        """Make the copies what the model is by now."""
        for weights in self._weights[1:]:
            for weight, own in zip(self._weights[0], weights, strict=True):
                if own.data_ptr() != weight.data_ptr():
                    own.data = weight.data
                if own.requires_grad != weight.requires_grad:
                    own.requires_grad_(weight.requires_grad)

    def _aside(self, place: int, read: Callable[[], Any], number: int, done: float) -> _Share:
        torch.set_num_threads(1)
        own = self._generators[place]
        own.manual_seed(randomness.shared_seed(self._seed, number, place))
        with chance.drawn_from(own):
            return self._back(place, read, done)

    def _back(self, place: int, read: Callable[[], Any], done: float) -> _Share:
        for weight in self._weights[place]:
            weight.grad = None
        loss = self._task.loss(self._copies[place], read(), self._extras[place], done)
        loss.value.backward()
        value = float(loss.value.detach())
        return _Share(
            loss.divisor,
            value,
            value if loss.shown is None else float(loss.shown),
            loss.rate,
            loss.examples,
            loss.tokens,
        )

    def _joined(self, shares: Sequence[_Share]) -> Loss:
        total = sum(share.weight for share in shares)
        so_far = shares[0].weight
        for share, weights in zip(shares[1:], self._weights[1:], strict=False):
            so_far += share.weight
            _mix(self._weights[0], weights, share.weight / so_far if so_far else 0.5)

        def mean(of: Callable[[_Share], float]) -> float:
            return sum(share.weight * of(share) for share in shares) / total if total else of(shares[0])

        return Loss(
            torch.tensor(mean(lambda share: share.value)),
            sum(share.examples for share in shares),
            sum(share.tokens for share in shares),
            torch.tensor(mean(lambda share: share.shown)),
            shares[0].rate,
            total,
        )


def _mix(weights: Sequence[Tensor], others: Sequence[Tensor], part: float) -> None:
    """Gradients become (1 - part) times themselves plus part times the others' ones, which are let go."""
    own: list[Tensor] = []
    theirs: list[Tensor] = []
    for weight, other in zip(weights, others, strict=True):
        grad, other.grad = other.grad, None
        if weight.grad is not None and grad is not None and grad.is_sparse:
            weight.grad = rows.mixed(weight.grad, grad, part)
        elif weight.grad is not None and grad is not None:
            own.append(weight.grad)
            theirs.append(grad)
        elif grad is not None:
            weight.grad = grad.mul_(part)
        elif weight.grad is not None:
            weight.grad.mul_(1 - part)
    if own:
        torch._foreach_lerp_(own, theirs, part)


@lru_cache(maxsize=4)
def _hands(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="share")
