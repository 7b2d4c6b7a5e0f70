from __future__ import annotations

import numpy as np
import pytest

from lstm_studio.inspection import order
from lstm_studio.inspection.order import by_activity, by_similarity, layer_order, unit_order


def waves(units: int, steps: int = 40) -> np.ndarray:
    """[T, H]: unit k is a wave shifted by k / units of half a turn, so its order is known."""
    time = np.linspace(0, 2 * np.pi, steps)[:, None]
    return np.sin(time + np.linspace(0, np.pi * 0.9, units)[None, :])


def test_many_units_come_back_in_the_order_of_their_waves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order, "_CLUSTERED", 4)
    shuffle = np.random.default_rng(0).permutation(24)
    found = shuffle[by_similarity(waves(24)[:, shuffle])]
    assert found.tolist() in (list(range(24)), list(range(24))[::-1])


def test_clusters_are_those_of_average_linkage() -> None:
    hierarchy = pytest.importorskip("scipy.cluster.hierarchy")
    values = np.random.default_rng(5).normal(size=(12, 20))
    tree = hierarchy.linkage(values.T, "average", metric="correlation")
    place = np.argsort(by_similarity(values))
    members = [[unit] for unit in range(20)]
    for one, other, *_ in tree:  # the leaves of every node stand side by side
        members.append(members[int(one)] + members[int(other)])
        places = place[members[-1]]
        assert places.max() - places.min() == len(places) - 1


def test_units_that_rise_and_fall_together_stand_together() -> None:
    time = np.linspace(0, 1, 30)
    shapes = [np.sin(9 * time), time, np.cos(21 * time)]
    noise = np.random.default_rng(6)
    kind = noise.permutation(np.repeat([0, 1, 2], 7))
    values = np.stack([shapes[k] + 0.1 * noise.normal(size=30) for k in kind], 1)
    assert (np.diff(kind[by_similarity(values)]) != 0).sum() == 2


def test_units_that_remember_longest_stand_first() -> None:
    forget = np.array([[0.5, 0.9, 0.1], [0.7, 0.99, 0.1]], np.float32)
    layer = {"f": forget, "c": np.zeros((2, 3)), "h": np.zeros((2, 3))}
    assert layer_order(layer, "memory").tolist() == [1, 0, 2]
    gru = {"z": 1 - forget, "h": np.zeros((2, 3))}
    assert layer_order(gru, "memory").tolist() == [2, 0, 1]
    assert layer_order({"h": forget}, "memory").tolist() == [0, 1, 2]
    assert layer_order(layer, "similarity").tolist() == unit_order(layer["c"], "similarity").tolist()


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
