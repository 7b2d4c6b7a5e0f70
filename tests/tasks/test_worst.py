"""The list of the sentences that went most wrong."""

from __future__ import annotations

import pytest

from lstm_studio.tasks.worst import MOST, Worst

WORDS = ["a", "b", "c", "d"]


def see(worst: Worst, place: int, truth: str, predicted: str, **more: object) -> None:
    true, guessed = truth.split(), predicted.split()
    worst.see(place, lambda: WORDS[: len(true)], true, guessed, "IOB2", **more)


def places(worst: Worst) -> list[int]:
    return [sentence["index"] for sentence in worst.sentences()]


def test_most_wrong_spans_then_the_larger_share_then_the_earlier():
    worst = Worst()
    see(worst, 0, "O O O O", "O O O O")  # right
    see(worst, 1, "B-X O O O", "O O O O")  # one of four words
    see(worst, 2, "B-X O", "O O")  # one of two
    see(worst, 3, "B-X O", "B-Y O")  # a missed and an invented one
    see(worst, 4, "B-Y O O O", "O O O O")  # as bad as number 1
    see(worst, 5, "B-X I-X O O", "B-X O B-X O")  # three: one missed, two invented
    assert places(worst) == [5, 3, 2, 1, 4]


def test_what_is_kept_of_a_sentence():
    worst = Worst()
    see(worst, 7, "B-X I-X O B-Y", "B-X O O B-Y", predicate=2)
    assert worst.sentences() == [
        {
            "index": 7,
            "words": WORDS,
            "wrong": 2,
            "predicate": 2,
            "truth": [[0, 2, "X"], [3, 4, "Y"]],
            "predicted": [[0, 1, "X"], [3, 4, "Y"]],
        }
    ]


def test_other_tags_for_the_same_spans_are_no_error():
    worst = Worst()
    worst.see(0, lambda: pytest.fail("not needed"), ["I-X", "O"], ["B-X", "O"], "IOB2")
    assert worst.sentences() == []


def test_only_the_worst_are_kept_and_the_words_of_others_are_not_asked_for():
    worst = Worst(2)
    see(worst, 0, "B-X O", "O O")
    see(worst, 1, "B-X O", "B-Y O")
    worst.see(2, lambda: pytest.fail("not bad enough"), ["B-X", "O", "O", "O"], ["O"] * 4, "IOB2")
    see(worst, 3, "B-X B-X", "B-Y B-Y")
    assert places(worst) == [3, 1]


def test_the_order_in_which_they_are_seen_does_not_matter():
    rows = [(n, "B-X O O" if n % 2 else "B-X B-X O", "O O O") for n in range(3 * MOST)]
    one, other = Worst(), Worst()
    for row in rows:
        see(one, *row)
    for row in reversed(rows):
        see(other, *row)
    assert places(one) == places(other) == list(range(0, 2 * MOST, 2))
