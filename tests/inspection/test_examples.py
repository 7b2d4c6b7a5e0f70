"""Tables of examples: calibration, groups, filters and order; two networks joined; checked against plain Python."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_studio import Predictor
from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.inspection.examples import Examples, Query, calibration, chosen, collect, members, slices
from lstm_studio.inspection.paired import mcnemar, pair
from lstm_studio.tasks.checked import CheckedRow, Checking


def table(rows: list[CheckedRow], **changes: Any) -> Examples:
    def some() -> Iterator[list[CheckedRow]]:
        yield rows[::2]
        yield rows[1::2]

    return collect(Checking(**{"figure": "accuracy", "rows": some(), "steps": 2, "ask": lambda place: {}, **changes}))


def row(place: int, text: str, truth: int, said: int, loss: float, length: int = 4, unknown: int = 0) -> CheckedRow:
    names = ("no", "yes")
    right = truth == said
    return CheckedRow(
        place, text, names[truth], names[said], loss, float(right), 1.0, right, 1 - loss / 10, length, unknown,
        ((truth, said),), np.array([1 - loss / 10], np.float32), np.array([right]),
    )  # fmt: skip


@pytest.fixture
def small() -> Examples:
    return table(
        [
            row(0, "a good Film", 1, 1, 0.1, 3),
            row(1, "bad", 0, 1, 2.0, 1, 1),
            row(2, "a dull film", 0, 0, 0.4, 3),
            row(3, "好 film ÄRGER", 1, 0, 1.5, 5, 2),
        ],
        classes=("no", "yes"),
    )


def test_calibration_as_the_paper_has_it() -> None:
    chance = np.random.default_rng(0)
    sure = np.concatenate([chance.random(500), [0.0, 1.0, 0.2, 0.2, 1 / 15]])
    hits = chance.random(505) < sure**2
    found = calibration(sure, hits, 15)
    error = 0.0
    for m in range(1, 16):
        own = [n for n in range(505) if (m - 1) / 15 < sure[n] <= m / 15 or (m == 1 and sure[n] == 0)]
        assert found.counts[m - 1] == len(own)
        if own:
            right, mean = sum(hits[own]) / len(own), sum(sure[own]) / len(own)
            assert (found.right[m - 1], found.sure[m - 1]) == pytest.approx((right, mean))
            error += len(own) / 505 * abs(right - mean)
    assert found.error == pytest.approx(error)
    assert found.total == 505
    assert math.isnan(calibration(np.empty(0), np.empty(0, bool)).error)


def test_order_filters_and_search(small: Examples) -> None:
    assert chosen(small, Query()).tolist() == [1, 3, 2, 0]
    assert chosen(small, Query(sort="loss", falling=False)).tolist() == [0, 2, 3, 1]
    assert chosen(small, Query(sort="text", falling=False)).tolist() == [2, 0, 1, 3]
    assert chosen(small, Query(answers="wrong")).tolist() == [1, 3]
    assert chosen(small, Query(truth=0, said=1)).tolist() == [1]
    assert chosen(small, Query(words=" FILM", sort="place", falling=False)).tolist() == [0, 2, 3]
    assert chosen(small, Query(words="ärger")).tolist() == [3]
    assert chosen(small, Query(words="no")).tolist() == [1, 3, 2], "the truth and the answer are searched too"
    assert chosen(small, Query(words="nothing like it")).tolist() == []


def test_groups_hold_all_examples_and_their_figures(small: Examples) -> None:
    for kind in ("length", "unknown", "class"):
        parts = slices(small, kind)
        assert sum(part.count for part in parts) == 4
        for part in parts:
            rows = members(small, part)
            assert part.value == pytest.approx(small.right[rows].mean())
            assert (
                chosen(small, Query(part=part, sort="place", falling=False)).tolist() == np.flatnonzero(rows).tolist()
            )
    assert [(part.low, part.count) for part in slices(small, "length")] == [(1, 1), (3, 2), (5, 1)]
    assert [part.count for part in slices(small, "unknown")] == [2, 1, 1]


def test_an_empty_table_has_no_figures() -> None:
    empty = table([])
    assert math.isnan(empty.value())
    assert [slices(empty, kind) for kind in ("length", "unknown", "class")] == [[], [], []]
    assert chosen(empty, Query(words="a")).tolist() == []
    assert not empty.calibration().total


def test_what_is_not_a_number_stands_last() -> None:
    rows = [row(place, str(place), 0, 0, loss) for place, loss in enumerate((0.3, math.nan, 0.5))]
    found = table(rows, classes=("no", "yes"))
    assert chosen(found, Query()).tolist() == [2, 0, 1]
    assert chosen(found, Query(falling=False)).tolist() == [0, 2, 1]


def test_the_lock_is_free_between_two_steps() -> None:
    lock, free = threading.Lock(), []

    def some() -> Iterator[list[CheckedRow]]:
        for _ in range(3):
            free.append(lock.locked())
            yield []

    def progress(_share: float, _words: str) -> None:
        free.append(lock.locked())

    collect(Checking("accuracy", some(), 3, lambda place: {}), progress=progress, lock=lock)
    assert free == [False, True] * 3 + [False]


def test_two_tables_are_joined_by_text_and_truth(small: Examples) -> None:
    other = table(
        [
            row(0, "bad", 0, 0, 0.2),
            row(1, "a dull film", 0, 1, 2.4),
            row(2, "a good Film", 1, 1, 0.1),
            row(3, "a good Film", 1, 0, 3.0),
            row(4, "好 film ÄRGER", 0, 0, 0.1),
        ],
        classes=("no", "yes"),
    )
    found = pair(small, other)
    assert found.rows.tolist() == [0, 1, 2]
    assert found.others.tolist() == [2, 0, 1], "of equal texts the first is the first; another truth is another example"
    assert [found.count(outcome) for outcome in ("both", "first", "second", "neither")] == [1, 1, 1, 0]
    assert found.places("first").tolist() == [2]
    assert found.p == 1.0
    assert len(pair(small, table([]))) == 0


def test_foretold_texts_are_compared_by_surprise() -> None:
    losses = ((0.5, 0.7), (2.0, 0.1), (1.0, 1.0))
    one, other = (table([row(n, str(n), 0, 0, pair_[k]) for n, pair_ in enumerate(losses)], told=False) for k in (0, 1))
    found = pair(one, other)
    assert [found.count(outcome) for outcome in ("both", "first", "second", "neither")] == [1, 1, 1, 0]


@pytest.mark.parametrize(("first", "second"), [(0, 0), (1, 0), (0, 8), (5, 15), (30, 31), (7, 90), (400, 320)])
def test_mcnemar_by_adding_up_binomials(first: int, second: int) -> None:
    total, least = first + second, min(first, second)
    exact = min(1.0, 2 * sum(math.comb(total, k) for k in range(least + 1)) / 2**total)
    assert mcnemar(first, second) == pytest.approx(exact, rel=1e-9)
    assert mcnemar(second, first) == mcnemar(first, second)


def test_mcnemar_of_a_large_table_is_a_number() -> None:
    assert 0 < mcnemar(49_000, 51_000) < 1e-9


# -- a real run --------------------------------------------------------------------------------------------------


def test_a_run_reads_its_validation_part(trained: Path) -> None:
    told: list[float] = []
    predictor = Predictor(trained)
    examples = predictor.examples(progress=lambda share, words: told.append(share))
    answers = predictor.predict(examples.texts)
    assert [answer.label for answer in answers] == examples.said
    sure = [answer.probabilities[answer.label] for answer in answers]
    assert examples.confidence == pytest.approx(sure, rel=1e-5)
    losses = [-math.log(answer.probabilities[truth]) for answer, truth in zip(answers, examples.truths, strict=True)]
    assert examples.loss == pytest.approx(losses, rel=1e-4, abs=1e-6)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert examples.parts == ("validation",)

    def stop(share: float, words: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        predictor.examples(progress=stop)


def test_data_that_are_gone_or_changed_are_a_sentence(copied_run: Path, tmp_path: Path) -> None:
    config = (copied_run / "config.toml").read_text(encoding="utf-8")
    old = Predictor(copied_run).config.data.path
    (copied_run / "config.toml").write_text(config.replace(old, (tmp_path / "gone.csv").as_posix()), encoding="utf-8")
    with pytest.raises(StudioError, match=r"gone\.csv"):
        Predictor(copied_run).examples()
    lines = [f"a new text number{n},{'positive' if n % 2 else 'negative'}" for n in range(40)]
    (tmp_path / "gone.csv").write_text("\n".join(["review,sentiment", *lines]), encoding="utf-8")
    with pytest.raises(StudioError, match="not those that this network was trained on"):
        Predictor(copied_run).examples()
    (copied_run / "config.toml").write_text(config, encoding="utf-8")
    with pytest.raises(StudioError, match="no test part"):
        Predictor(copied_run).examples("test")
