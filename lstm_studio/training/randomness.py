"""The random numbers of a step depend on the run's seed and the step's number, and on nothing else.

So nothing that happens between two steps (looks inside, predictions, other networks built at the same time) can
change a run, and a resumed run needs no saved random state. Where several processes train together, each has its own
numbers in a step, made of its rank too; those of process 0 are those of a run in one process. So it is with threads
that share out a batch.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

_MASK = (1 << 64) - 1


def step_seed(seed: int, step: int) -> int:
    """63 well mixed bits (the finaliser of SplitMix64, Steele et al. 2014); step -1 is the building of the network."""
    z = (seed * 0x9E3779B97F4A7C15 + (step + 2) * 0xD1B54A32D192ED03) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return (z ^ (z >> 31)) >> 1


def shared_seed(seed: int, step: int, rank: int) -> int:
    """Of a step's share: that of the whole step for the first, another for each further one."""
    number = step_seed(seed, step)
    return step_seed(number, rank) if rank else number


def begin(device: torch.device, seed: int, step: int, rank: int = 0) -> None:
    """Set torch's generators, those of the CPU and of the device, for this step."""
    number = shared_seed(seed, step, rank)
    # Not torch.manual_seed: without a GPU it notes a stack trace at each call, for a GPU that might come.
    torch.default_generator.manual_seed(number)
    if device.type == "cuda":
        index = torch.cuda.current_device() if device.index is None else device.index
        torch.cuda.default_generators[index].manual_seed(number)
    elif device.type == "mps":
        torch.mps.manual_seed(number)


@contextmanager
def repeatable(device: torch.device) -> Iterator[None]:
    """On a CPU, only algorithms that give the same bits each time; as it was before afterwards."""
    if device.type != "cpu":
        # GPU kernels of this kind are slow or missing, and equality to the last bit is not promised there.
        yield
        return
    before = torch.get_deterministic_debug_mode()
    fill = torch.utils.deterministic.fill_uninitialized_memory  # type: ignore[attr-defined]
    torch.set_deterministic_debug_mode("error")  # use_deterministic_algorithms would load torch's compiler first
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    try:
        yield
    finally:
        torch.set_deterministic_debug_mode(before)
        torch.utils.deterministic.fill_uninitialized_memory = fill  # type: ignore[attr-defined]
