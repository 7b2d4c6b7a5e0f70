from __future__ import annotations

import numpy as np
import pytest

from lstm_studio.inspection import order
from lstm_studio.inspection.order import by_activity, by_similarity, unit_order


def waves(units: int, steps: int = 40) -> np.ndarray:
    """[T, H]: unit k is a wave shifted by k / units of half a turn, so its order is known."""
    time = np.linspace(0, 2 * np.pi, steps)[:, None]
    return np.sin(time + np.linspace(0, np.pi * 0.9, units)[None, :])


def test_shuffled_waves_come_back_in_order() -> None:
    shuffle = np.random.default_rng(0).permutation(24)
    found = shuffle[by_similarity(waves(24)[:, shuffle])]
    assert found.tolist() in (list(range(24)), list(range(24))[::-1])


def test_iteration_agrees_with_the_direct_solution(monkeypatch: pytest.MonkeyPatch) -> None:
    shuffle = np.random.default_rng(1).permutation(30)
    values = waves(30)[:, shuffle]
    direct = by_similarity(values)
    monkeypatch.setattr(order, "_DENSE", 4)
    assert by_similarity(values).tolist() == direct.tolist()


def test_every_order_is_a_permutation() -> None:
    values = np.random.default_rng(2).normal(size=(9, 17))
    for how in ("number", "activity", "similarity"):
        assert sorted(unit_order(values, how).tolist()) == list(range(17))


def test_still_units_stand_last_and_the_liveliest_first() -> None:
    values = np.zeros((6, 4))
    values[:, 1] = np.linspace(0, 3, 6)
    values[:, 3] = np.linspace(0, 1, 6)
    values[:, 2] = 0.5
    assert by_activity(values).tolist() == [1, 3, 2, 0]
    assert set(by_similarity(values)[:2].tolist()) == {1, 3}
    assert by_similarity(values)[2:].tolist() == [2, 0]


@pytest.mark.parametrize("shape", [(0, 5), (1, 5), (3, 1), (3, 2), (4, 0)])
def test_small_shapes(shape: tuple[int, int]) -> None:
    values = np.random.default_rng(3).normal(size=shape)
    for how in ("activity", "similarity"):
        assert sorted(unit_order(values, how).tolist()) == list(range(shape[1]))


def test_numbers_out_of_bounds_do_not_matter() -> None:
    values = waves(6)
    values[3, 2] = np.nan
    values[4, 1] = np.inf
    assert sorted(by_similarity(values).tolist()) == list(range(6))


def test_wrong_arguments() -> None:
    with pytest.raises(ValueError, match="no order called"):
        unit_order(np.zeros((2, 2)), "size")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"\[T, H\]"):
        unit_order(np.zeros(3), "activity")
