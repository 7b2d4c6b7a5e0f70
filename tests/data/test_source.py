"""Encodings, layouts and dialects are found out, and what is given wins."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from lstm_studio.data.decode import decode
from lstm_studio.data.source import detect
from lstm_studio.errors import StudioError

HERE = Path("file.csv")
TEXTS = {
    "gb18030": "这部电影非常好看，推荐给大家",
    "big5": "這部電影非常好看，推薦給大家",
    "cp932": "とても良い映画でした。感動しました",
    "euc_jp": "とても良い映画でした。感動しました",
    "cp949": "정말 좋은 영화였습니다 추천합니다",
    "latin-1": "Le café était très agréable",
    "cp1252": "Das Café “Süß” – größer als erwartet…",
    "cp1250": "Bardzo dobry film, polecam każdemu, świetna muzyka",
    "cp1254": "çok güzel bir film, herkese öneririm şahane",
    "cp1251": "Очень хороший фильм, мне понравилось",
    "koi8_r": "Очень хороший фильм, мне понравилось",
}


@pytest.mark.parametrize("encoding", sorted(TEXTS))
def test_old_encodings_are_told_apart(encoding):
    text = "".join(f"{TEXTS[encoding]}\t{label}\n" for label in ["a", "b"] * 15)
    found = decode(text.encode(encoding), HERE)
    assert found.text == text
    assert not found.odd_lines


@pytest.mark.parametrize("encoding", ["gb18030", "big5"])
def test_real_reviews_in_chinese_encodings(shared_data, encoding):
    texts = (shared_data / "waimai_10k" / "waimai_10k.csv").read_text(encoding="utf-8")
    if encoding == "big5":  # only what traditional writing can hold
        texts = (shared_data / "chinese_poetry" / "tang.valid.txt").read_text(encoding="utf-8")
        texts = texts.encode("big5", "ignore").decode("big5")
    found = decode(texts.encode(encoding), HERE)
    assert found.encoding == encoding
    assert found.text == texts.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-32-le", codecs.BOM_UTF32_LE),
    ],
)
def test_byte_order_marks(encoding, mark):
    assert decode(mark + "text,label\ncafé 好,a\n".encode(encoding), HERE).text == "text,label\ncafé 好,a\n"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark(encoding):
    assert decode("text,label\nplain words,a\n".encode(encoding), HERE).text == "text,label\nplain words,a\n"


def test_a_stray_byte_is_mended_and_its_line_named():
    raw = b"".join(b"line %d\n" % number for number in range(1, 31)).replace(b"line 7\n", b"caf\xe9 7\n")
    found = decode(raw, HERE)
    assert (found.encoding, found.odd_lines) == ("utf-8", (7,))
    assert "café 7" in found.text
    assert decode(raw, HERE, "utf-8").text == found.text


def test_a_few_chinese_lines_are_not_taken_for_stray_bytes():
    raw = b"plain english,a\n" * 300 + "很好吃,b\n".encode("gb18030") + b"plain english,a\n" * 300
    assert "很好吃" in decode(raw, HERE).text


def test_one_damaged_character_does_not_change_the_encoding():
    raw = "这部电影非常好看，推荐给大家\n".encode("gb18030") * 200 + b"\xff\n"
    found = decode(raw, HERE)
    assert found.encoding == "gb18030"
    assert found.odd_lines == (201,)


def test_a_given_encoding_that_does_not_fit_names_the_line():
    with pytest.raises(StudioError, match=r"line 3: The file is not in the encoding utf-8"):
        decode(b"a\nb\n" + "好看好看好看\n".encode("gb18030") * 5, HERE, "utf-8")
    with pytest.raises(StudioError, match="no encoding called 'klingon'"):
        decode(b"abc", HERE, "klingon")
    with pytest.raises(StudioError, match="no encoding called 'rot13'"):
        decode(b"abc", HERE, "rot13")


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"\x1f\x8b\x08abc", "gzip"),
        (b"%PDF-1.4", "PDF"),
        (b"  <!DOCTYPE HTML><html></html>", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "Git LFS"),
        (bytes(range(256)) * 40, "not a text file"),
        (b"\x01\x02\x03\x04" * 100 + b"abc", "not a text file"),
    ],
)
def test_what_is_no_text_is_refused(raw, words):
    with pytest.raises(StudioError, match=words):
        decode(raw, HERE)


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(
    ("name", "text", "kind", "delimiter", "quoting", "header"),
    [
        ("a.csv", "text,label\nhello,a\nbye,b\n", "csv", ",", True, True),
        ("a.csv", 'text;label\n"a; b";x\nc, d;y\n', "csv", ";", True, True),
        ("a.txt", "hello there\t1\nbye, bye\t0\n", "tsv", "\t", True, False),
        ("a.txt", 'text,label\n"a, b",pos\nc,neg\n"d, e, f",pos\ng,neg\nh,pos\n', "csv", ",", True, True),
        ("a.txt", "It was, as they say, good.\nNothing to add\nWell, well\n", "txt", None, True, False),
        (
            "a.txt",
            "".join(f"{w} is red, they say of {w}\n" for w in "rose blood wine dawn fire rust clay".split()),
            "txt",
            None,
            True,
            False,
        ),
        ("a.tsv", '"Hello" he said\tpos\nbye\tneg\n' * 9, "tsv", "\t", False, False),
        ("a.tsv", '"Hello\tthere"\tpos\nbye\tneg\n' * 9, "tsv", "\t", True, False),
        ("a.csv", '"He said ""no""",pos\n"a,b",neg\n' * 9, "csv", ",", True, False),
        ("a.csv", "[deleted],pos\nfine,neg\n" * 5, "csv", ",", True, False),
        (
            "a.csv",
            "description,What is it\nentity,Who\nnumber,How many\n" + "description,Why\n" * 4,
            "csv",
            ",",
            True,
            False,
        ),
        ("a.csv", "评分,内容\n5,很好\n1,很差\n", "csv", ",", True, True),
        ("a.csv", "коммент,оценка\n" + "очень хорошее длинное слово,5\nплохо и скучно,1\n" * 4, "csv", ",", True, True),
        ("a.txt", "__label__pos good one\n__label__neg bad one\n" * 5, "fasttext", None, True, False),
        ("a.label", "DESC:manner How did it ?\nNUM:date When was it ?\n" * 20, "labelled", None, True, False),
        ("a.txt", '{"text": "a", "label": 1}\n{"text": "b", "label": 0}\n', "jsonl", None, True, True),
        ("a", '[\n {"text": "a"},\n {"text": "b"}\n]', "jsonl", None, True, True),
    ],
)
def test_layouts(tmp_path, name, text, kind, delimiter, quoting, header):
    found = detect(written(tmp_path, name, text))
    assert (found.kind, found.delimiter, found.quoting, found.header) == (kind, delimiter, quoting, header)
    assert found.why
    assert all(sentence.endswith(".") for sentence in found.why)


def test_backslash_escapes(tmp_path):
    path = written(tmp_path, "a.csv", "text,label\n" + '"he said \\"hi, you\\" twice",pos\n"plain, one",neg\n' * 5)
    assert detect(path).escape
    assert detect(path, quoting=True).escape
    assert not detect(path, quoting=False).escape


def test_what_is_given_wins(tmp_path):
    path = written(tmp_path, "a.csv", "text,label\nhello;x,a\nbye;y,b\n")
    assert detect(path, delimiter=";").delimiter == ";"
    assert detect(path, delimiter="\\t").delimiter == "\t"
    assert detect(path, header=False).header is False
    assert detect(path, quoting=False).quoting is False
    assert detect(path, format="txt").kind == "txt"
    assert detect(path, encoding="latin-1").encoding == "latin-1"
    with pytest.raises(StudioError, match="must be one character"):
        detect(path, delimiter="::")
    with pytest.raises(StudioError, match="must be one character"):
        detect(path, delimiter='"')


def test_paths_that_are_no_files(tmp_path):
    for path, words in (
        (tmp_path / "none.csv", "no such file"),
        ("", "No file is chosen"),
        ("a\0b", "cannot be read"),
    ):
        with pytest.raises(StudioError, match=words):
            detect(path)
    with pytest.raises(StudioError, match="a folder, not a file"):
        detect(tmp_path, format="csv")
    with pytest.raises(StudioError, match="a file, not a folder"):
        detect(written(tmp_path, "a.csv", "a,b\n"), format="folder")
