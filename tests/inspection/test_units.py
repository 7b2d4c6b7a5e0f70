"""What units react to: on made-up states against plain loops and definitions, and fast on many tokens."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from lstm_studio.errors import StudioError
from lstm_studio.inspection.index import UnitIndex, Wanted
from lstm_studio.inspection.pattern import matches, on_counts, pattern
from lstm_studio.inspection.units import contexts, extreme, histogram, liking, react, telling


def made(lengths: list[int], units: int = 4, seed: int = 0, *, kinds: int = 3, running: bool = False) -> UnitIndex:
    draw = np.random.default_rng(seed)
    offsets = np.cumsum([0, *lengths]).astype(np.int64)
    total = int(offsets[-1])
    tokens, labels = (draw.integers(0, size, total).astype(np.int32) for size in (7, kinds))
    states = draw.normal(size=(units, total)).clip(-3, 3).astype(np.float16)
    return UnitIndex(
        wanted=Wanted(),
        states={"h": states},
        tokens=tokens,
        labels=labels,
        offsets=offsets,
        words=[f"w{number}" for number in range(7)],
        names=[f"l{number}" for number in range(kinds)],
        questions=[f'{{"text": "{number}"}}' for number in range(len(lengths))],
        meaning="tag",
        spacing="words",
        running=running,
        whole=True,
    )


def test_the_highest_places_come_first_and_once_an_example() -> None:
    index = made([5, 1, 9, 30, 4])
    values = index.column("h", 2)
    places = extreme(index, values, once=False, most=6)
    assert places.tolist() == sorted(range(len(values)), key=lambda place: (-values[place], place))[:6]
    once = extreme(index, values, once=True)
    assert len(once) == 5
    assert len(set(index.example_of[once].tolist())) == 5
    assert np.all(np.diff(values[once]) <= 0)
    found = contexts(index, values, once)[0]
    assert found.tokens[slice(*found.mark)] == index.words_at(int(once[0]), int(once[0]) + 1)
    assert found.value == pytest.approx(float(values.max()))
    example = int(index.example_of[once[0]])
    assert (
        found.tokens
        == index.words_at(int(index.offsets[example]), int(index.offsets[example + 1]))[
            max(0, int(once[0] - index.offsets[example]) - 16) :
        ][: len(found.tokens)]
    )
    assert index.question(int(once[0])) == {"text": str(example)}


def test_densities_means_and_distances_follow_their_definitions() -> None:
    index = made([40, 60, 100], kinds=9)
    values = index.column("h", 1)
    seen = histogram(index, values)
    width = np.diff(seen.edges)
    assert len(seen.labels) == 6
    assert seen.rest is not None
    assert sum(label.count for label in seen.labels) + seen.rest.count == len(index)
    for label in seen.labels:
        assert float((label.density * width).sum()) == pytest.approx(1)
        own, others = (values[index.labels == label.number], values[index.labels != label.number])
        own, others = own.astype(np.float64), others.astype(np.float64)
        pooled = (own.var(ddof=1) * (len(own) - 1) + others.var(ddof=1) * (len(others) - 1)) / (len(values) - 2)
        assert label.mean == pytest.approx(own.mean())
        assert label.apart == pytest.approx((own.mean() - others.mean()) / np.sqrt(pooled))
    assert np.all(np.diff([-abs(label.apart) for label in seen.labels]) >= 0)
    best = telling(index, "h", 4)
    assert [one.unit for one in best if one.unit == 1] == [1]
    mine = next(one for one in best if one.unit == 1)
    assert (mine.label, mine.apart) == (seen.labels[0].name, pytest.approx(seen.labels[0].apart, rel=1e-4))


def test_a_unit_that_follows_the_token_is_told_from_one_that_does_not() -> None:
    index = made([300])
    chance = liking(index, index.column("h", 0))
    follows = (index.tokens == 3) * 2.0 - 1
    sure = liking(index, follows.astype(np.float32))
    assert chance.share < 0.1
    assert sure.share == pytest.approx(1)
    assert (sure.highest[0].token, sure.highest[0].mean) == ("w3", 1.0)
    assert sure.highest[0].count == int((index.tokens == 3).sum())
    assert sure.lowest[0].mean == -1
    still = histogram(index, np.zeros(len(index), np.float32))
    assert all(label.apart == 0 for label in still.labels)
    assert liking(index, np.zeros(len(index), np.float32)).share == 0


def test_a_pattern_holds_units_that_are_on_inside_and_off_outside() -> None:
    values = np.array(
        [
            [0.1, 0.9, -0.2, 0.0],
            [0.8, 0.8, -0.7, 0.6],
            [0.7, 0.9, -0.9, 0.2],
            [0.2, 0.0, 0.9, 0.0],
        ]
    )
    exact = pattern(values, 1, 3, 0.5)
    assert dict(zip(exact.units.tolist(), exact.signs.tolist(), strict=True)) == {0: 1, 2: -1}
    loose = pattern(values, 1, 3, 0.5, exact=False)
    assert loose.units.tolist() == [1, 0, 2]  # the one that goes furthest first
    assert on_counts(loose, values).tolist() == [1, 3, 3, 0]
    assert set(pattern(values, 0, 4, 0.1).units.tolist()) == {0}
    for wrong in ((2, 2, 0.5), (0, 5, 0.5), (0, 1, 0.0)):
        with pytest.raises(ValueError, match="a range"):
            pattern(values, *wrong)


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("running", [True, False])
def test_matches_are_those_that_plain_loops_find(exact: bool, running: bool) -> None:
    index = made([3, 12, 1, 25, 8, 2], units=6, seed=4, running=running)
    text = np.asarray(index.states["h"][:, 17:30], np.float32).T
    wanted = next(
        found for start in range(10) if len((found := pattern(text, start, start + 2, 0.4, exact=exact)).units) > 1
    )
    ranked = []
    for place in range(len(index) - 1):
        ends = (0, len(index)) if running else tuple(index.offsets[index.example_of[place] :][:2].tolist())
        if place + 2 > ends[1]:
            continue
        shared = off = 0
        for unit, sign in zip(wanted.units, wanted.signs, strict=True):
            row = index.column("h", int(unit)) * sign >= 0.4
            if row[place : place + 2].all():
                shared += 1
                off += int(place == ends[0] or not row[place - 1]) + int(place + 2 == ends[1] or not row[place + 2])
        if shared:
            ranked.append((-shared, -off if exact else 0, place))
    best = sorted(ranked)
    found = matches(index, "h", wanted, once=False)
    assert (-found.found[0].shared, -found.found[0].ends) == best[0][:2]
    assert found.whole == sum(-one[0] == len(wanted.units) for one in best)
    places = [match.context.start for match in found.found]
    for match in found.found:
        assert (-match.shared, -match.ends, match.context.start) in best
        window = np.asarray(index.states["h"][:, match.context.start : match.context.stop], np.float32)
        on = (window >= 0.4).all(1) | (window <= -0.4).all(1)
        assert match.others == int(on.sum()) - match.shared
    assert all(abs(one - other) >= 2 for one in places for other in places if one != other)


def test_what_is_not_there_is_said() -> None:
    index = made([4])
    with pytest.raises(StudioError, match="no unit 9"):
        index.column("h", 9)
    with pytest.raises(StudioError, match="no state c"):
        index.column("c", 0)


def test_questions_take_less_than_a_second_on_many_tokens(tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    total, units = 100_000, 256
    kept = np.lib.format.open_memmap(tmp_path / "h.npy", "w+", np.float16, (units, total))
    rows = draw.uniform(-1, 1, (8, total)).astype(np.float16)
    for unit in range(units):
        kept[unit] = np.roll(rows[unit % 8], unit)
    small = made([20] * (total // 20), units=1, kinds=40)
    index = UnitIndex(**{**small.__dict__, "states": {"h": np.load(tmp_path / "h.npy", mmap_mode="r")}})
    text = np.asarray(index.states["h"][:, 40:52], np.float32).T
    wanted = pattern(text, 3, 5, 0.3)
    took = []
    for ask in (lambda: react(index, "h", 7), lambda: telling(index, "h"), lambda: matches(index, "h", wanted)):
        began = time.process_time()
        ask()
        took.append(time.process_time() - began)
    assert max(took) < 1
