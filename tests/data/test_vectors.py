"""Pretrained vectors: every kind of file, only what is needed, and a sentence for what cannot be read."""

from __future__ import annotations

import gzip
import json
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from lstm_studio.config import ClassificationData
from lstm_studio.data.table import open_table
from lstm_studio.data.vector_coverage import look_coverage
from lstm_studio.data.vectors import assign, look_size, read_vectors
from lstm_studio.errors import Cancelled, StudioError

WORDS = ["the", "Paris", "rome", "new"]
TABLE = np.arange(12, dtype=np.float32).reshape(4, 3) / 8 - 0.5


def glove(path: Path, header: bool = False, separator: str = " ") -> Path:
    """Words and numbers as text."""
    lines = [separator.join([word, *map(str, row)]) for word, row in zip(WORDS, TABLE.tolist(), strict=True)]
    path.write_text("\n".join([*(["4 3"] if header else []), *lines]) + "\n", encoding="utf-8")
    return path


def binary(path: Path, newlines: bool = True) -> Path:
    """As word2vec writes it."""
    with path.open("wb") as file:
        file.write(b"4 3\n")
        for word, row in zip(WORDS, TABLE, strict=True):
            file.write(word.encode() + b" " + row.astype("<f4").tobytes() + (b"\n" if newlines else b""))
    return path


def packed(path: Path) -> Path:
    """GloVe text, or word2vec's binary form, in gzip."""
    plain = (binary if ".bin" in path.name else glove)(path.with_suffix(".plain"))
    with gzip.open(path, "wb") as file:
        file.write(plain.read_bytes())
    return path


@pytest.mark.parametrize(
    ("name", "make", "kind"),
    [
        ("a.txt", glove, "GloVe text"),
        ("a.vec", lambda path: glove(path, header=True), "word2vec or fastText text"),
        ("a.tsv", lambda path: glove(path, separator="\t"), "GloVe text"),
        ("a.bin", binary, "word2vec binary"),
        ("b.bin", lambda path: binary(path, newlines=False), "word2vec binary"),
        ("a.txt.gz", packed, "GloVe text"),
        ("a.bin.gz", packed, "word2vec binary"),
        ("named_otherwise.txt", packed, "GloVe text"),
    ],
)
def test_every_kind_of_file_gives_the_same(tmp_path: Path, name: str, make: Callable[[Path], Path], kind: str) -> None:
    path = make(tmp_path / name)
    found = read_vectors(path, ["rome", "the"])
    assert (found.format, found.size, found.rows, found.notes) == (kind, 3, 4, ())
    assert found.words == ("the", "rome")
    assert np.array_equal(found.matrix, TABLE[[0, 2]])
    assert found.matrix.dtype == np.float32
    assert look_size(path) == 3


def test_a_word_takes_its_lower_case_form_and_the_exact_one_wins(tmp_path: Path) -> None:
    found = read_vectors(glove(tmp_path / "a.txt"), ["The", "Rome", "Paris", "paris", "ROME"])
    vectors = dict(zip(found.words, found.matrix.tolist(), strict=True))
    assert found.lowered == {"The", "Rome", "ROME"}
    assert vectors["Rome"] == vectors["ROME"] == TABLE[2].tolist()
    assert vectors["Paris"] == TABLE[1].tolist()
    assert "paris" not in vectors


def test_it_fills_up_with_the_first_words_of_the_file(tmp_path: Path) -> None:
    path = glove(tmp_path / "a.txt")
    assert read_vectors(path, ["new"], fill=2).words == ("new", "the", "Paris")
    assert read_vectors(path, ["the"], fill=99).words == ("the", "Paris", "rome", "new")
    assert read_vectors(path, []).matrix.shape == (0, 3)


def test_words_with_spaces_and_repeated_ones(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("a 1 2\n. . . 3 4\na 5 6\n", encoding="utf-8")
    found = read_vectors(path, ["a", ". . ."])
    assert found.words == ("a", ". . .")
    assert found.matrix.tolist() == [[1, 2], [3, 4]]
    assert found.notes == ("One word stands in the file of vectors twice; the first vector counts.",)


def test_a_few_odd_rows_are_passed_over_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("a 1 2\nb 1\nc nan 1\nd 3 4\n", encoding="utf-8")
    found = read_vectors(path, ["a", "b", "c", "d"])
    assert found.words == ("a", "d")
    assert found.notes == ("2 rows of the word vectors without 2 numbers passed over (line 2): it holds 1.",)


def test_many_odd_rows_are_another_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("a 1 2\n" + "b 1\n" * 9, encoding="utf-8")
    with pytest.raises(StudioError, match="9 rows do not hold 2 numbers") as caught:
        read_vectors(path, ["a"])
    assert "line 2" in caught.value.where


@pytest.mark.parametrize(
    ("content", "words", "said"),
    [
        (b"of 1\nthe 1 2\nin 3 4\n", ("the", "in"), "(line 1)"),
        (b"3 2\nof 1\nthe 1 2\nin 3 4\n", ("the", "in"), "(line 2)"),
        (b"the 1 2\nof 0.1 0.2 0.3\nin 3 4\n", ("the", "in"), "(line 2)"),
        (b"\n\nthe 1 2\n\nof 1 inf\nin 3 4\n", ("the", "in"), "(line 5)"),
        (b"the 1 2\nof 1e99 2\nin 3 4\n", ("the", "in"), "(line 2)"),
        (b"the 1 2\nof 1 nan\nin 3 4\n", ("the", "in"), "(line 2): number 2 is NaN"),
        (b"the 1 2\nof x 2\nin 3 4\n", ("the", "in"), "(line 2): not all of it are numbers"),
        (b"2 2\nthe " + struct.pack("<2f", 1, 2) + b"of " + struct.pack("<2f", 1, np.nan), ("the",), "(word 2)"),
    ],
)
def test_one_damaged_row_does_not_shift_the_others(
    tmp_path: Path, content: bytes, words: tuple[str, ...], said: str
) -> None:
    path = tmp_path / "a.vec"
    path.write_bytes(content)
    found = read_vectors(path, ["the", "in", "of"])
    assert (look_size(path), found.words) == (2, words)
    assert found.matrix.tolist() == [[1, 2], [3, 4]][: len(words)]
    assert said in found.notes[0]


@pytest.mark.parametrize("start", [b"", b"2 2\n"])
@pytest.mark.parametrize("ends", [b"\n", b"\r\n", b" \n"])
def test_marks_line_ends_and_wide_gaps_do_not_matter(tmp_path: Path, start: bytes, ends: bytes) -> None:
    path = tmp_path / "a.vec"
    path.write_bytes((b"\xef\xbb\xbf" + start + b"the  1  2\nof 3 4\n").replace(b"\n", ends))
    found = read_vectors(path, ["the", "of"])
    assert (found.words, found.matrix.tolist(), found.notes) == (("the", "of"), [[1, 2], [3, 4]], ())


def test_a_file_may_be_given_up_on_the_way(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"".join(b"w%d 1 2\n" % number for number in range(60_000)))
    seen: list[float] = []

    def stop(fraction: float, text: str) -> None:
        seen.append(fraction)
        if len(seen) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        read_vectors(path, ["w1"], progress=stop)
    assert 0 < seen[0] < seen[1] < 1


def test_words_that_are_not_utf_8_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"caf\xe9 1 2\na 3 4\n")
    found = read_vectors(path, ["a"], fill=5)
    assert found.words == ("a", "caf\ufffd")
    assert found.notes == ("Not UTF-8 in the file of vectors: one word.",)


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.txt", b"", "is empty"),
        ("a.txt", b"This is a plain text.\nAnd another line.\n", "no word vectors"),
        ("a.bin", struct.pack("<i", 793712314) + b"rest", "fastText model"),
        ("a.pkl", b"x 1 2\n", r"end in \.pkl"),
        ("a.npy", b"x 1 2\n", r"end in \.npy"),
        ("a.bin", b"9 3\nthe " + TABLE[0].tobytes() + b"\nparis " + b"\x00\x01", "ends in word 2 of 9"),
        ("a.vec", b"0 3\n", "0 words of 3 numbers"),
        ("a.txt.gz", b"not gzip", "cannot be read"),
        ("a.txt.gz", gzip.compress(b"the 1 2\n" * 99, mtime=0)[:20], "cannot be read"),
        ("a.txt.gz", gzip.compress(b"the 1 2\n", mtime=0)[:10] + b"\xff" * 20, "cannot be read"),
        ("a.vec", b"2 3\n", "nothing else"),
        ("a.vec", b"2 3\nthe 1 2\nof 1 2\n", "says 3 numbers a word, but its rows hold 2"),
        ("a.vec", b"2 2\nthe 1 2 3\nof 1 2 3\n", "says 2 numbers a word, but its rows hold 3"),
        ("a.txt", b"Chapter 1 2\n" + b"It was a dark night.\n" * 3, "3 rows do not hold 2 numbers"),
        ("a.txt", b"the 1 2\rof 3 4\r", "old Macintosh"),
        ("a.txt", "the 1 2\n".encode("utf-16"), "UTF-16"),
        ("a.txt", b"PK\x03\x04rest", "Unpack it first"),
        ("a.txt", b"version https://git-lfs.github.com/spec/v1\nsize 9\n", "git lfs pull"),
        ("a.txt", b"9" * 5000 + b" 3\n", "no word vectors"),
        ("a.txt", b"\x80\x04\x95pickle", "no word vectors"),
    ],
)
def test_what_is_no_file_of_vectors_is_a_sentence(tmp_path: Path, name: str, content: bytes, what: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(StudioError, match=what) as caught:
        read_vectors(path, ["the", "paris"])
    assert str(path) in caught.value.where
    if name != "a.bin" or not content.startswith(b"9 3"):  # the end of a file is not looked at for its size
        with pytest.raises(StudioError, match=what):
            look_size(path)


def test_folders_and_missing_files(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="folder"):
        look_size(tmp_path)
    with pytest.raises(StudioError, match="no such file"):
        look_size(tmp_path / "none.txt")


def test_vectors_are_laid_over_a_vocabulary(tmp_path: Path) -> None:
    vocabulary = ["<pad>", "<unk>", "the", "Rome", "nowhere", "new"]
    found = read_vectors(glove(tmp_path / "a.txt"), vocabulary[2:])
    matrix, covered, coverage = assign(vocabulary, found)
    assert covered.tolist() == [False, False, True, True, False, True]
    assert np.array_equal(matrix[[2, 3, 5]], TABLE[[0, 2, 3]])
    assert not matrix[[0, 1, 4]].any()
    assert (coverage.found, coverage.exact, coverage.lowered, coverage.total) == (3, 2, 1, 4)
    assert coverage.missing == ("nowhere",)
    assert (
        coverage.sentence()
        == "3 of 4 words (75.0 %) have a vector; 1 by their lower-case form; most frequent without: nowhere."
    )
    assert coverage.share_text is None
    assert assign(vocabulary, found, counts=[0, 0, 6, 1, 2, 1])[2].share_text == 0.8
    assert assign(vocabulary[:2], found, counts=[0, 0])[2].sentence() == "0 of 0 words (0.0 %) have a vector."


def test_the_real_file(shared_data: Path) -> None:
    path = next((shared_data / "glove_6b_50d_top20k").glob("*.txt"))
    found = read_vectors(path, ["london", "the"], fill=10)
    assert (found.size, found.rows, found.format, len(found.words)) == (50, 20_000, "GloVe text", 12)
    closest = found.matrix @ found.matrix[found.words.index("london")]
    assert found.words[int(closest.argmax())] == "london"


def tensors(path: Path, matrix: np.ndarray, metadata: dict[str, str] | None = None, **more: np.ndarray) -> Path:
    """A safetensors file."""
    save_file({"vectors": matrix, **more}, path, metadata)
    return path


def text_tensor(words: list[str]) -> np.ndarray:
    """Words, one a line, as bytes."""
    return np.frombuffer("\n".join(words).encode(), np.uint8)


def test_a_matrix_with_its_words(tmp_path: Path) -> None:
    inside = tensors(tmp_path / "a.safetensors", TABLE.astype(np.float16), words=text_tensor(WORDS))
    listed = tensors(tmp_path / "b.safetensors", TABLE.astype(np.float64), {"words": json.dumps(WORDS)})
    beside = tensors(tmp_path / "c.safetensors", TABLE)
    (tmp_path / "c.words.txt").write_text("\n".join(WORDS) + "\n", encoding="utf-8")
    for path in (inside, listed, beside):
        found = read_vectors(path, ["rome", "The"], fill=1)
        assert (found.format, found.size, found.rows, found.notes) == ("safetensors", 3, 4, ())
        assert dict(zip(found.words, found.matrix.tolist(), strict=True)) == {
            "rome": TABLE[2].tolist(),
            "The": TABLE[0].tolist(),
            "the": TABLE[0].tolist(),
        }
        assert look_size(path) == 3
    broken = TABLE.copy()
    broken[1, 2] = np.inf
    found = read_vectors(tensors(tmp_path / "d.safetensors", broken, words=text_tensor(WORDS)), WORDS)
    assert found.words == ("the", "rome", "new")
    assert "(row 2): number 3 is infinite" in found.notes[0]


def test_what_is_no_matrix_with_words_is_a_sentence(tmp_path: Path) -> None:
    cases = {
        "does not say which words": {},
        "3 words and 4 rows": {"words": text_tensor(WORDS[1:])},
        "is no text": {"words": np.zeros(4, np.float32)},
        "no JSON list": {"metadata": {"words": "{"}},
    }
    for number, (said, more) in enumerate(cases.items()):
        with pytest.raises(StudioError, match=said):
            look_size(tensors(tmp_path / f"{number}.safetensors", TABLE, **more))
    with pytest.raises(StudioError, match="of type I32"):
        look_size(tensors(tmp_path / "whole.safetensors", np.ones((2, 2), np.int32), words=text_tensor(WORDS[:2])))
    (tmp_path / "x.safetensors").write_bytes(b"no tensors")
    with pytest.raises(StudioError, match="damaged"):
        read_vectors(tmp_path / "x.safetensors", ["the"])


def test_coverage_of_an_open_file(tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    rows = "".join(f"the Rome of Rome zebra zebra,{'ab'[n % 2]}\n" for n in range(4))
    table.write_text("text,label\n" + rows, encoding="utf-8")
    data = ClassificationData(text="text", label="label", tokenizer="whitespace", lowercase=False)
    found = look_coverage(open_table(table), data, glove(tmp_path / "v.txt"))
    assert (found.total, found.exact, found.lowered, found.missing) == (4, 1, 1, ("zebra", "of"))
    assert found.share_text == 0.5


@pytest.mark.parametrize("name", ["vectors_header_lies.vec", "vectors_ragged.txt", "vectors_word_with_space.txt"])
def test_awkward_files_give_vectors_or_a_sentence(shared_data: Path, name: str) -> None:
    path = shared_data / "awkward" / name
    found = read_vectors(path, [], fill=50)
    said = {"vectors_header_lies.vec": "says that it has 10 words, and has 2", "vectors_ragged.txt": "(line 2)"}
    assert said.get(name, "") in " ".join(found.notes)
    assert np.isfinite(found.matrix).all()
    assert len(found.words) == len(found.matrix) > 0
