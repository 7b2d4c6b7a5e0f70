"""Words as keys and as letters, and which words are predicates."""

from __future__ import annotations

import json

import pytest

from lstm_studio.data.predicates import PredicateWords
from lstm_studio.data.spelling import LONGEST_WORD, MOST_CHARACTERS, known_characters, letters_of, normal


@pytest.mark.parametrize(
    ("lowercase", "same_digits", "wanted"),
    [
        (False, False, ["Room", "1996", "3rd", "２"]),
        (True, False, ["room", "1996", "3rd", "２"]),
        (False, True, ["Room", "0000", "0rd", "0"]),
        (True, True, ["room", "0000", "0rd", "0"]),
    ],
)
def test_keys(lowercase, same_digits, wanted):
    key = normal(lowercase, same_digits)
    assert [key(word) for word in ["Room", "1996", "3rd", "２"]] == wanted


def test_letters_keep_capitals_and_are_never_none():
    assert letters_of("McDonald", False) == "McDonald"
    assert letters_of("B52", True) == "B00"
    assert letters_of("", False) == " "


def test_of_a_long_word_both_ends_are_read():
    word = "a" * 30 + "b" * 100 + "c" * 30
    assert letters_of(word, False) == "a" * (LONGEST_WORD // 2) + "c" * (LONGEST_WORD // 2)
    assert letters_of("x" * LONGEST_WORD, False) == "x" * LONGEST_WORD
    assert letters_of("1" * 41, True) == "0" * LONGEST_WORD


def test_characters_stand_by_frequency_then_by_code_point():
    assert known_characters(["ba", "ab", "ba", "c"], False) == ("a", "b", "c")
    assert known_characters(["1", "2", "2", "Z"], False) == ("2", "1", "Z")
    assert known_characters(["1", "2", "2", "Z"], True) == ("0", "Z")
    assert known_characters(iter(["Ab", "aB"]), False) == ("A", "B", "a", "b")
    assert known_characters([], False) == ()
    many = [chr(0x4E00 + number) for number in range(MOST_CHARACTERS + 10)]
    assert len(known_characters(many, False)) == MOST_CHARACTERS


SENTENCES = [
    ("the dog barked at the cat".split(), 2),
    ("the cat walked home".split(), 2),
    ("she walked and jumped".split(), 1),
    ("she walked and jumped".split(), 3),
    ("he talked a lot".split(), 1),
    ("a play on stage".split(), -1),
    ("they play".split(), 1),
    ("the play ended".split(), 2),
    ("it worked".split(), 1),
    ("Red wine".split(), -1),
]


def test_words_are_learned_from_different_sentences():
    words, predicates = zip(*SENTENCES, strict=True)
    found = PredicateWords.learn(words, predicates)
    # "she walked and jumped" stands there once for each predicate: both words are predicates each time.
    assert {"walked", "jumped", "barked", "talked", "ended", "worked"} == found.words
    assert {"play", "the", "red", "wine"} <= found.others  # play: one of three
    assert found.words.isdisjoint(found.others)
    assert found.endings == {"ked"}  # five words of a kind, "ped" and "ded" are too few
    assert found.find("The cat Walked and blinked in bed".split()) == [2, 4]
    assert found.find(["ked", "red", "wine"]) == []
    assert found.find([]) == []


def test_half_of_the_time_is_enough():
    found = PredicateWords.learn([["run", "x"], ["run", "y"]], [0, -1])
    assert "run" in found.words
    assert "run" not in found.others


def test_there_and_back_through_json():
    words, predicates = zip(*SENTENCES, strict=True)
    found = PredicateWords.learn(words, predicates)
    assert PredicateWords.from_facts(json.loads(json.dumps(found.to_facts()))) == found
    with pytest.raises(KeyError):
        PredicateWords.from_facts({"words": [], "others": []})
    with pytest.raises(TypeError):
        PredicateWords.from_facts({"words": 3, "others": [], "endings": []})
