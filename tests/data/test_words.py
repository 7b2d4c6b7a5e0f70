"""Words in a cell come out as they went in."""

from __future__ import annotations

import pytest

from lstm_studio.data.words import join_words, words_of


@pytest.mark.parametrize(
    "words",
    [
        ["EU", "rejects"],
        ["New York", "is", "big"],
        ["[", "a", "]"],
        ["[", '"a"', "]"],
        ["[1]"],
        ["", "x"],
        ["a\u00a0b", "c\u3000d"],
        ["高", "勇"],
        ['"', "\\"],
    ],
)
def test_there_and_back(words):
    assert words_of(join_words(words)) == words


def test_plain_sentences_stay_readable():
    assert join_words(["B-PER", "O"]) == "B-PER O"
    assert words_of('["EU", "rejects"]') == ["EU", "rejects"]
    assert words_of("[not json") == ["[not", "json"]
    assert words_of("[3, 0, 1]") == ["3", "0", "1"]  # tags as numbers
    assert words_of("[1.5, {}]") == ["[1.5,", "{}]"]
    assert words_of(" a  b\tc ") == ["a", "b", "c"]
    assert words_of("") == []
