"""How long a training step would take, found out on made-up texts."""

from __future__ import annotations

import time
from functools import partial
from typing import TypeVar

import torch

from lstm_studio.config import RunConfig
from lstm_studio.data.progress import Progress, silent
from lstm_studio.nn.parameters import Sizes
from lstm_studio.tasks import registry
from lstm_studio.training import crew, optimizers
from lstm_studio.training.device import resolve_threads

MEASURED = 4_000
"""Tokens of a batch that are measured at most."""
STEPS = 5
_SECONDS = 2.0
T = TypeVar("T")


def seconds_a_step(config: RunConfig, sizes: Sizes, progress: Progress = silent) -> float:
    """Seconds that one training step of a configuration takes on this processor: the median of a few.

    Of large batches a part is measured, so that nobody who closes the window waits for the rest. The threads are those
    that a run would have; torch's own are as before afterwards.

    Args:
        progress: May raise Cancelled, between two steps.
    """
    task = registry.get(config.task)
    whole = config.training.batch_size
    rows = min(whole, max(1, MEASURED // max(1, sizes.length)))
    before, threads = torch.get_num_threads(), resolve_threads(config.training)
    with torch.random.fork_rng(devices=[]):
        rehearsals = [task.rehearse(config.replace(**{"training.batch_size": rows}), sizes)]
        model = rehearsals[0][0].train()
        shares = crew.threads_for(model, whole, whole * sizes.length, threads)
        if shares > 1:
            smaller = config.replace(**{"training.batch_size": max(1, rows // shares)})
            rehearsals = [task.rehearse(smaller, sizes) for _ in range(shares)]
            rows = shares * smaller.training.batch_size
        together = crew.Crew(task, model, [extra for _, _, extra in rehearsals], 0)
        batches = [partial(_given, batch) for _, batch, _ in rehearsals]
        optimizer = optimizers.make(model.parameters(), config.training, torch.device("cpu"))
        taken: list[float] = []
        torch.set_num_threads(threads if shares == 1 else 1)
        try:
            while len(taken) < STEPS and sum(taken) <= _SECONDS:
                progress(len(taken) / STEPS, "")
                began = time.perf_counter()
                together.gradients(batches, len(taken))
                optimizer.step()
                taken.append(time.perf_counter() - began)
        finally:
            torch.set_num_threads(before)
    seconds = sorted(taken)[len(taken) // 2] if len(taken) > 2 else min(taken)
    return seconds * whole / rows


def _given(batch: T) -> T:
    return batch
