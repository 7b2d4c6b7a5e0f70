"""Running text as numbers on disk."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_studio.data.documents import Documents, read_documents
from lstm_studio.data.streams import EncodedStream, encode_stream
from lstm_studio.data.text_units import ExactCharacters, train_text_units
from lstm_studio.data.units import END_ID
from lstm_studio.errors import Cancelled

POEMS = ["煙霞交隱映,\n花鳥自參差。", "雲", "日落\n"]


@pytest.fixture
def units():
    return ExactCharacters.train(POEMS, 100)


def test_documents_are_closed_and_a_single_text_is_not(units):
    stream = encode_stream(Documents.of(POEMS), units)
    assert stream.ids.dtype == np.int32
    assert stream.documents == 3
    assert len(stream) == sum(map(len, POEMS)) + 3
    assert stream.characters.tolist() == [len(poem) for poem in POEMS]
    for number, poem in enumerate(POEMS):
        ids = stream.ids[stream.offsets[number] : stream.offsets[number + 1]].tolist()
        assert ids[-1] == END_ID
        assert units.decode(ids) == poem
    assert stream.document_at(len(POEMS[0])) == (0, len(POEMS[0]))
    assert stream.document_at(len(POEMS[0]) + 1) == (1, 0)
    assert stream.document_at(-1) == (2, 3)
    with pytest.raises(IndexError):
        stream.document_at(len(stream))
    single = encode_stream(Documents.of(POEMS[:1]), units)
    assert END_ID not in single.ids
    assert encode_stream(Documents.of(POEMS[:1]), units, ends=True).ids[-1] == END_ID


def test_a_line_that_ends_in_the_end_mark_closes_its_document():
    units = train_text_units("word", ["a b"], 10, words="whitespace", line_end="</s>")
    for text in ("a b\nb\n", "a b\nb"):
        assert encode_stream(Documents.of([text, text]), units).ids.tolist() == [4, 5, 3, 5, 3] * 2
    assert encode_stream(Documents.of(["a b\nb\n"]), units).ids.tolist() == [4, 5, 3, 5, 3]


def test_there_and_back(units, tmp_path):
    stream = encode_stream(Documents.of(POEMS), units)
    stream.save(tmp_path / "train")
    again = EncodedStream.load(tmp_path / "train", len(units))
    for name in ("ids", "offsets", "characters"):
        assert np.array_equal(getattr(again, name), getattr(stream, name))
    assert isinstance(again.ids, np.memmap)
    assert not again.ids.flags.writeable


def test_nothing_at_all(units, tmp_path):
    encode_stream(Documents.of([]), units).save(tmp_path)
    again = EncodedStream.load(tmp_path, len(units))
    assert len(again) == again.documents == 0


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("ids", np.array([4, 5, 99, 3], np.int32), "mean nothing"),
        ("ids", np.array([4, 5, -1, 3], np.int32), "mean nothing"),
        ("ids", np.array([4, 5, 6], np.int32), "damaged offsets"),
        ("ids", np.array([4, 5, 6, 3], np.int64), "int32"),
        ("offsets", np.array([0, 3, 2, 4], np.int64), "damaged offsets"),
        ("offsets", np.array([0, 4], np.int64), "do not fit"),
        ("characters", np.array([1], np.int64), "do not fit"),
        ("characters", np.array([1, -1], np.int64), "do not fit"),
    ],
)
def test_damage_is_noticed(tmp_path, name, value, words):
    arrays = [np.array([4, 3, 5, 3], np.int32), np.array([0, 2, 4], np.int64), np.array([1, 1], np.int64)]
    EncodedStream(*arrays).save(tmp_path)
    np.save(tmp_path / f"{name}.npy", value)
    with pytest.raises(ValueError, match=words):
        EncodedStream.load(tmp_path, 6)


def test_broken_files_are_noticed(units, tmp_path):
    encode_stream(Documents.of(POEMS), units).save(tmp_path)
    whole = (tmp_path / "ids.npy").read_bytes()
    for damaged in (b"", whole[:-4], b"garbage" * 20, whole[:40]):
        (tmp_path / "ids.npy").write_bytes(damaged)
        with pytest.raises((ValueError, EOFError)):
            EncodedStream.load(tmp_path, len(units))
    (tmp_path / "ids.npy").unlink()
    with pytest.raises(OSError, match="ids"):
        EncodedStream.load(tmp_path, len(units))


@pytest.mark.parametrize("texts", [["some words\n" * 200_000], ["some words\n"] * 60_000])
@pytest.mark.parametrize("kind", ["character", "word"])
def test_encoding_tells_how_far_it_is_and_can_be_cancelled(kind, texts):
    units = train_text_units(kind, texts[:10], 100)
    seen = []

    def progress(fraction, words):
        seen.append(fraction)
        if len(seen) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        encode_stream(Documents.of(texts), units, progress=progress)
    assert 0 < seen[0] < seen[1] <= 1


def test_the_treebank_has_the_tokens_that_papers_count(shared_data):
    parts = [read_documents(shared_data / "ptb" / f"ptb.{name}.txt") for name in ("train", "valid", "test")]
    units = train_text_units("word", parts[0], 10_000, words="whitespace", line_end="</s>")
    assert [len(encode_stream(part, units)) for part in parts] == [929_589, 73_760, 82_430]
    assert len(units) - 2 == 10_000
