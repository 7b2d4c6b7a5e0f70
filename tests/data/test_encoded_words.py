"""Sentences and spellings as arrays: there and back, and what damage is noticed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lstm_studio.data.encoded_words import EncodedSentences, Spellings, check_offsets, load_array, no_words
from lstm_studio.data.prepare_tags import spell

CHARACTERS = ("a", "b", "0")


@pytest.fixture
def spellings() -> Spellings:
    return spell(["ab", "b19", "z"], CHARACTERS, True)


@pytest.fixture
def encoded(spellings: Spellings) -> EncodedSentences:
    """Two sentences of three words and of one."""
    return EncodedSentences(
        ids=np.array([2, 3, 1, 2], np.int32),
        tags=np.array([1, 0, 2, 0], np.int32),
        forms=np.array([0, 1, 2, 0], np.int32),
        offsets=np.array([0, 3, 4], np.int64),
        predicates=np.array([1, -1], np.int32),
        strange=np.array([True, False]),
        names=("O", "B-X", "B-Y"),
        spellings=spellings,
        texts=["ab b19 z", '["ab"]'],
    )


def test_letters_as_numbers(spellings):
    assert len(spellings) == 3
    assert spellings.letters.tolist() == [2, 3, 3, 4, 4, 1]  # 1 is for letters that are not known
    assert spellings.offsets.tolist() == [0, 2, 5, 6]
    letters, sizes = spellings.padded(np.array([1, 0, 0]))
    assert letters.tolist() == [[3, 4, 4], [2, 3, 0], [2, 3, 0]]
    assert sizes.tolist() == [3, 2, 2]
    assert letters.dtype == sizes.dtype == np.int64
    nothing, none = spellings.padded(np.zeros(0, np.int64))
    assert nothing.shape == (0, 1)
    assert none.shape == (0,)


def test_words_and_tags_of_a_sentence(encoded):
    assert len(encoded) == 2
    assert encoded.lengths.tolist() == [3, 1]
    assert encoded.words(0) == ["ab", "b19", "z"]
    assert encoded.words(1) == ["ab"]
    assert encoded.tags_of(0) == ["B-X", "O", "B-Y"]
    assert encoded.tags_of(1) == ["O"]
    encoded.texts = None
    assert encoded.words(0) == []


def save(folder: Path, encoded: EncodedSentences) -> None:
    encoded.save(folder / "train")
    encoded.spellings.save(folder)


def load(folder: Path, encoded: EncodedSentences, words: int = 4) -> EncodedSentences:
    return EncodedSentences.load(folder / "train", encoded.names, Spellings.load(folder), words, encoded.texts)


def test_there_and_back(encoded, tmp_path):
    save(tmp_path, encoded)
    again = load(tmp_path, encoded)
    for name in ("ids", "tags", "forms", "offsets", "predicates", "strange"):
        one, other = getattr(encoded, name), getattr(again, name)
        assert np.array_equal(one, other)
        assert one.dtype == other.dtype
    assert np.array_equal(again.spellings.letters, encoded.spellings.letters)
    assert isinstance(again.ids, np.memmap)
    assert again.tags_of(0) == encoded.tags_of(0)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("ids", [2, 3, 1, 4], "mean nothing"),
        ("ids", [2, 3, 1, -1], "mean nothing"),
        ("tags", [0, 0, 0, 3], "mean nothing"),
        ("forms", [0, 1, 3, 0], "mean nothing"),
        ("tags", [0, 0, 0], "words do not fit"),
        ("forms", [0], "words do not fit"),
        ("predicates", [0], "sentences do not fit"),
        ("strange", [False] * 3, "sentences do not fit"),
        ("offsets", [0, 3], "damaged offsets"),
        ("offsets", [1, 3, 4], "damaged offsets"),
        ("offsets", [0, 5, 4], "damaged offsets"),
        ("offsets", [0, 2, 4, 4], "sentences do not fit"),
    ],
)
def test_damage_is_noticed(encoded, tmp_path, name, value, words):
    save(tmp_path, encoded)
    old = getattr(encoded, name)
    np.save(tmp_path / "train" / f"{name}.npy", np.array(value, old.dtype))
    with pytest.raises(ValueError, match=words):
        load(tmp_path, encoded)


def test_damaged_spellings_are_noticed(encoded, tmp_path):
    save(tmp_path, encoded)
    np.save(tmp_path / "letter_offsets.npy", np.array([0, 2, 2, 6]))
    with pytest.raises(ValueError, match="without letters"):
        load(tmp_path, encoded)
    (tmp_path / "letters.npy").write_bytes(b"no array")
    with pytest.raises(ValueError):  # noqa: PT011 - the words are those of NumPy
        load(tmp_path, encoded)
    (tmp_path / "letters.npy").unlink()
    with pytest.raises(OSError, match="letters"):
        load(tmp_path, encoded)


def test_arrays_of_nothing(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros(0, np.int32))
    assert load_array(tmp_path / "a.npy").shape == (0,)
    check_offsets(np.array([0]), 0)
    for offsets in (np.zeros(0, np.int64), np.zeros((1, 1), np.int64)):
        with pytest.raises(ValueError, match="offsets"):
            check_offsets(offsets, 0)


def test_what_is_said_of_an_empty_part():
    error = no_words("a.conll")
    assert "a.conll: There is no sentence with words and tags" in str(error)
    assert error.todo
