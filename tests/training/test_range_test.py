"""The learning-rate range test and the batch sizes: what is suggested, and that no trace is left in a run."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lstm_studio.data.progress import silent
from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.training import batch_test, memory
from lstm_studio.training.batch_test import Size, find_batch_size, suggested
from lstm_studio.training.loop import train
from lstm_studio.training.range_test import Point, find_rate, judged
from tests.training.conftest import toy_config
from tests.training.steering import quiet, weights


def course(rates: np.ndarray) -> np.ndarray:
    """A loss as textbooks draw it: flat at 1, falling around 1e-3, rising above 0.1."""
    decades = np.log10(rates)
    return 1 - 0.7 / (1 + np.exp(-6 * (decades + 3))) + np.exp(8 * (decades + 0.7))


def test_the_steepest_descent_is_suggested() -> None:
    rates = np.logspace(-6, -0.5, 150)
    noise = np.random.default_rng(3).normal(0, 0.02, 150)
    found = judged([Point(r, loss) for r, loss in zip(rates, course(rates) + noise, strict=True)], 0.3)
    fine = np.logspace(-6, -1.5, 20_000)
    steepest = fine[np.argmin(np.gradient(course(fine), np.log10(fine)))]
    assert found.steepest == pytest.approx(steepest, rel=0.5)
    assert found.suggestion is not None
    assert found.suggestion <= found.steepest < 1.2 * found.suggestion + 1e-9


def test_it_stays_a_tenth_below_divergence() -> None:
    rates = np.logspace(-6, -2.4, 100)
    found = judged([Point(r, loss) for r, loss in zip(rates, course(rates), strict=True)], 5e-3)
    assert found.suggestion == pytest.approx(5e-4)


def test_nothing_is_suggested_where_nothing_falls() -> None:
    noise = np.random.default_rng(0).normal(0, 0.01, 100)
    rates = np.logspace(-6, 0, 100)
    assert judged([Point(r, 0.7 + n) for r, n in zip(rates, noise, strict=True)], None).suggestion is None


def test_a_tenth_of_where_it_rises_if_so_few_steps_teach_nothing() -> None:
    rates = np.logspace(-6, 0, 100)
    losses = 0.7 + np.maximum(0, np.log10(rates) + 2)
    found = judged([Point(r, loss) for r, loss in zip(rates, losses, strict=True)], None)
    assert found.steepest is None
    assert found.rises == pytest.approx(1e-2, rel=0.6)
    assert found.suggestion == pytest.approx(found.rises / 10, rel=0.1)


def test_a_network_is_tried_and_the_run_is_the_same(toy, straight, tmp_path) -> None:
    config = toy_config(toy)
    torch.manual_seed(11)
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    points: list[Point] = []
    found = find_rate(config, told=points.append, steps=70)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads
    assert len(points) == len(found.rates) == len(found.smoothed)
    ratios = found.rates[1:] / found.rates[:-1]
    assert np.allclose(ratios, ratios[0])
    assert found.suggestion is not None
    assert 1e-3 < found.suggestion < 0.5
    train(config, quiet, folder=tmp_path / "run")
    assert weights(tmp_path / "run") == straight


def test_it_can_be_cancelled_and_refuses_nonsense(toy) -> None:
    def ends(share: float, words: str) -> None:
        if share > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        find_rate(toy_config(toy), ends)
    with pytest.raises(StudioError, match="cannot be tried"):
        find_rate(toy_config(toy), silent, first=1.0, last=0.1)


def test_batches_double_until_the_texts_end(toy) -> None:
    told: list[Size] = []
    found = find_batch_size(toy_config(toy), told=told.append, smallest=16)
    assert tuple(told) == found.sizes
    assert [size.batch_size for size in found.sizes[:2]] == [16, 32]
    assert found.ended in ("data", "speed")
    assert found.sizes[0].steps_per_epoch == 12
    assert all(size.per_second > 0 and size.tokens_per_second > size.per_second for size in found.sizes)
    assert found.free is None or found.free > 0


def test_no_batch_is_tried_that_should_not_fit(toy, monkeypatch) -> None:
    monkeypatch.setattr(memory, "free_bytes", lambda device: 50_000_000)
    monkeypatch.setattr(memory.Meter, "peak", lambda self, work: (work(), 30_000_000)[1])
    found = find_batch_size(toy_config(toy))
    assert (found.ended, len(found.sizes)) == ("memory", 1)


def test_a_full_memory_ends_it(toy, monkeypatch) -> None:
    real = batch_test._measured

    def full(trial, size, *rest):
        if size > 16:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(trial, size, *rest)

    monkeypatch.setattr(batch_test, "_measured", full)
    found = find_batch_size(toy_config(toy))
    assert (found.ended, [size.batch_size for size in found.sizes]) == ("memory", [8, 16])


def test_the_peak_of_work_is_measured() -> None:
    meter = memory.Meter(torch.device("cpu"))
    assert 60e6 < meter.peak(lambda: torch.ones(20_000_000).sum()) < 200e6


def test_the_smallest_nearly_fastest_size_is_suggested() -> None:
    sizes = [Size(n, n * 1000, speed, 9.0, 4096 // n) for n, speed in ((8, 50), (16, 92), (32, 100), (512, 300))]
    assert suggested(sizes) == 16  # 512 leaves an epoch eight steps
    assert suggested(sizes, free=12_000) == 8
