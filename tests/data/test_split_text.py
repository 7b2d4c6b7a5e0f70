"""The last parts of a text set aside."""

from __future__ import annotations

import random

import pytest

from lstm_studio.data.documents import Documents
from lstm_studio.data.split_text import split_text
from lstm_studio.errors import StudioError


def parts_of(documents, validation, test=0.0):
    found = split_text(documents, validation, test)
    return [list(part) for part in (found.train, found.validation, found.test or [])], found


def test_poems_are_divided_between_poems():
    poems = [f"poem {number}\n" + "verse\n" * (number % 9) for number in range(500)]
    parts, found = parts_of(Documents.of(poems), 0.1, 0.05)
    assert [poem for part in parts for poem in part] == poems
    assert not found.inside
    sizes = [sum(map(len, part)) / sum(map(len, poems)) for part in parts]
    assert sizes == pytest.approx([0.85, 0.1, 0.05], abs=0.005)


def test_one_text_is_cut_after_a_line():
    text = "".join(f"line {number} of a text\n" for number in range(1000))
    parts, found = parts_of(Documents.of([text]), 0.1, 0.1)
    assert found.inside
    assert "".join(part[0] for part in parts) == text
    assert all(part[0].endswith("\n") for part in parts)
    assert [len(part[0]) / len(text) for part in parts] == pytest.approx([0.8, 0.1, 0.1], abs=0.001)


@pytest.mark.parametrize(("filling", "border"), [("word ", " "), ("字", "字")])
def test_one_huge_line(filling, border):
    text = filling * 100_000
    parts, _ = parts_of(Documents.of([text]), 0.1)
    assert parts[0][0] + parts[1][0] == text
    assert parts[0][0].endswith(border)
    assert len(parts[1][0]) / len(text) == pytest.approx(0.1, abs=0.001)


def test_a_few_long_texts_are_cut_inside_of_one():
    books = ["a line of a book\n" * 1000, "and another book\n" * 1000, "the third of all\n" * 1000]
    parts, found = parts_of(Documents.of(books), 0.1)
    assert found.inside
    assert "".join(map("".join, parts)) == "".join(books)
    assert [len(part) for part in parts] == [3, 1, 0]
    assert len(parts[1][0]) == pytest.approx(5100, abs=20)
    halves, found = parts_of(Documents.of(books), 1 / 3)
    assert halves[:2] == [books[:2], books[2:]]
    assert not found.inside


def test_no_part_where_none_is_asked_for():
    documents = Documents.of(["one\n", "two\n"] * 50)
    found = split_text(documents, 0.0)
    assert list(found.train) == list(documents)
    assert len(found.validation) == 0
    assert found.test is None
    parts, found = parts_of(documents, 0.0, 0.2)
    assert [len(part) for part in parts] == [80, 0, 20]
    assert found.test is not None


def test_nothing_is_lost_and_it_is_the_same_each_time():
    chance = random.Random(3)
    for _ in range(300):
        texts = ["".join(chance.choice("ab \n") for _ in range(chance.randint(1, 60))) + "x" for _ in range(5)]
        documents = Documents.of(texts[: chance.randint(1, 5)])
        try:
            parts, _ = parts_of(documents, 0.2, 0.1)
        except StudioError:
            continue
        assert "".join(map("".join, parts)) == "".join(documents)
        assert all("".join(part).strip() for part in parts)
        assert parts == parts_of(documents, 0.2, 0.1)[0]


def test_too_short():
    with pytest.raises(StudioError, match="too short"):
        split_text(Documents.of(["a"]), 0.1)
