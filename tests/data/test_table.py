"""Rows and columns out of files, whatever is odd about them."""

from __future__ import annotations

import csv
import hashlib
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lstm_studio.config import ClassificationData
from lstm_studio.data.kinds import KINDS, task_of
from lstm_studio.data.table import open_for, open_table
from lstm_studio.errors import Cancelled, StudioError


def written(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def notes_of(table) -> str:
    return " ".join(note.text for note in table.notes)


def test_rows_columns_lines_and_hash(tmp_path):
    path = written(tmp_path, "a.csv", 'text,label\n"two\nlines",a\n\nlast,b\n')
    table = open_table(path)
    assert table.columns == ["text", "label"]
    assert table.num_rows == 2
    assert table.rows(0, 9) == [["two\nlines", "a"], ["last", "b"]]
    assert [table.line_number(0), table.line_number(1)] == [2, 5]
    assert table.column(1) == table.column("label") == ["a", "b"]
    assert table.sample("text", 1) == ["two\nlines"]
    assert table.content_hash == hashlib.sha256(path.read_bytes()).hexdigest()
    assert notes_of(table) == "Line 4 is empty and was left out."
    with pytest.raises(StudioError, match=r"no column 'stars'.*The columns are 'text', 'label'"):
        table.column("stars")
    with pytest.raises(StudioError, match="no column 7"):
        table.column(7)


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_the_csv_module_writes_comes_back(tmp_path, delimiter, newline):
    letters = "ab ,;|\t\"\n'好é\\"
    random_text = random.Random(5)
    rows = [
        ["".join(random_text.choice(letters) for _ in range(random_text.randint(1, 25))).strip() or "x", label]
        for label in ["good", "bad"] * 150
    ]
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter, lineterminator=newline).writerows([["text", "label"], *rows])
    table = open_table(path)
    assert table.format.delimiter == delimiter
    assert table.columns == ["text", "label"]
    assert table.rows(0, len(rows)) == rows


@pytest.mark.parametrize(
    ("text", "rows", "words"),
    [
        ("text,label\nhello, world,pos\n", [["hello, world", "pos"]], "Line 2 has 3 columns instead of 2; the text"),
        ("label,text\npos,hello, you, world\n", [["pos", "hello, you, world"]], "Line 2 has 4 columns"),
        ("text,label\nfine,pos,extra,more\n", [["fine", "pos"]], "the surplus ones were left out"),
        ("text,label\nlonely\n", [["lonely", ""]], "Line 2 has 1 column instead of 2; missing cells are empty"),
        ("text,label\nfine,pos,,\n", [["fine", "pos"]], ""),
    ],
)
def test_uneven_rows(tmp_path, text, rows, words):
    head = text.split("\n", 1)[0]
    label_first = head.startswith("label")
    usual = [
        [label, f"some text {n}"] if label_first else [f"some text {n}", label]
        for n, label in enumerate(["pos", "neg"] * 15)
    ]
    table = open_table(written(tmp_path, "a.csv", text + "".join(f"{a},{b}\n" for a, b in usual)))
    assert table.rows(0, 31) == rows + usual
    assert words in notes_of(table)
    assert bool(words) == bool(table.notes)


def test_unquoted_commas_in_every_text(tmp_path):
    lines = "".join(f"well, I {verb}, it,{label}\n" for verb, label in [("like", "pos"), ("hate", "neg")] * 20)
    table = open_table(written(tmp_path, "a.csv", "text,label\n" + lines))
    assert table.rows(0, 2) == [["well, I like, it", "pos"], ["well, I hate, it", "neg"]]


def test_a_quote_that_closes_too_late_is_named(tmp_path):
    good = '"a, b",pos\n"c, d, e",neg\n' * 20
    path = written(tmp_path, "a.csv", f'text,label\n{good}"never closes, here,pos\n{good}')
    assert "The quote that opens in line 42 closes too late" in notes_of(open_table(path))
    assert open_table(path, quoting=False).num_rows == 81


@pytest.mark.parametrize("quoting", [None, True])
def test_a_quote_that_never_closes_is_refused(tmp_path, quoting):
    good = '"a, b",pos\n"c, d, e",neg\n' * 20
    path = written(tmp_path, "a.csv", f'text,label\n{good}"never closes, here,pos\nno quotes,neg\n')
    with pytest.raises(StudioError, match=r"line 42: The quote that opens in this row never closes"):
        open_table(path, quoting=quoting)


def test_a_quote_that_never_closes_far_down(tmp_path):
    path = written(tmp_path, "a.csv", "text,label\n" + '"some, text",a\n' * 90_000 + '"never,b\n' + "more,a\n" * 9)
    with pytest.raises(StudioError, match="line 90002: The quote"):
        open_table(path)


def test_column_names(tmp_path):
    table = open_table(
        written(tmp_path, "a.csv", "text,text,, label ,text (2),,\nq w,b,,x,d,e,\nr t,c,,y,f,g,\n"), header=True
    )
    assert table.columns == ["text", "text (3)", "label", "text (2)", "column 5"]
    assert table.row(0) == ["q w", "b", "x", "d", "e"]
    assert "'text (3)'" in notes_of(table)


ONE, TWO, THREE = (
    f'{{"text": "{text}", "label": "{label}"}}' for text, label in zip(["one", "two", "three"], "aba", strict=True)
)


def test_json_in_all_shapes(tmp_path):
    rows = [["one", "a"], ["two", "b"], ["three", "a"]]
    for name, text in {
        "lines.jsonl": f"{ONE}\n{TWO}\n\n{THREE}",
        "array.json": f"[{ONE},\n {TWO}, {THREE}]",
        "joined.json": f"{ONE}, {TWO}, {THREE}",
        "pretty.json": f"{ONE}\n{TWO}{THREE}".replace(", ", ",\n  "),
        "wrapped.json": f'{{"version": 1, "data": [{ONE}, {TWO}, {THREE}]}}',
        "columns.json": '{"text": ["one", "two", "three"], "label": ["a", "b", "a"]}',
        "frame.json": '{"text": {"0": "one", "1": "two", "2": "three"}, "label": {"0": "a", "1": "b", "2": "a"}}',
    }.items():
        table = open_table(written(tmp_path, name, text))
        assert table.columns == ["text", "label"], name
        assert table.rows(0, 3) == rows, name


def test_json_lines_and_values(tmp_path):
    text = '[\n{"text": "one", "n": 1.50, "on": true},\n{"text": null, "deep": {"er": {"est": "x"}, "l": [1, "é"]}}\n]'
    table = open_table(written(tmp_path, "a.json", text))
    assert table.columns == ["text", "n", "on", "deep.er.est", "deep.l"]
    assert table.rows(0, 2) == [["one", "1.5", "true", "", ""], ["", "", "", "x", '[1, "é"]']]
    assert [table.line_number(0), table.line_number(1)] == [2, 3]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[{"a": 1},\n{"a": 2}', "line 2: This is not valid JSON: the list that was opened is not closed"),
        ('[{"a": 1}\n{"a": 2}]', "line 2: This is not valid JSON: a comma is missing"),
        ('{"a": 1}\n{"a": }\n', "line 2: This is not valid JSON"),
        ('{"a": ' * 5000 + "1" + "}" * 5000, "nested too deeply"),
        ("[1, 2, 3]", "no JSON objects"),
        ("{}\n{}", "objects are empty"),
        ("hello", "not valid JSON"),
        ('{"a": ' + "9" * 6000 + "}", "not valid JSON"),
    ],
)
def test_json_that_is_none(tmp_path, text, words):
    with pytest.raises(StudioError, match=words):
        open_table(written(tmp_path, "a.json", text))


def test_lone_surrogates_in_json(tmp_path):
    table = open_table(
        written(tmp_path, "a.jsonl", '{"text": "a \\ud800 b", "label": "x"}\n{"text": "c", "label": "y"}\n')
    )
    assert table.cell(0, 0) == "a ? b"


def test_fasttext_labels(tmp_path):
    text = (
        "__label__pos good one\n__label__a __label__b two labels\n__label__neg\tbad  one\n"
        + "__label__x y\n" * 60
        + "none\n"
    )
    table = open_table(written(tmp_path, "a.txt", text))
    assert table.rows(0, 3) == [["good one", "pos"], ["two labels", "a"], ["bad  one", "neg"]]
    assert table.row(63) == ["none", ""]
    assert "Line 2 has several labels" in notes_of(table)
    assert "Line 64 has no label" in notes_of(table)


def test_folder(tmp_path):
    for label, words in (("pos", "lovely"), ("neg", "dreadful")):
        (tmp_path / label / "deeper").mkdir(parents=True)
        (tmp_path / label / "1.txt").write_text(words, encoding="utf-8")
        (tmp_path / label / "deeper" / "2.txt").write_bytes(f"{words} café".encode("latin-1"))
        (tmp_path / label / "picture.png").write_bytes(b"\x89PNG")
    table = open_table(tmp_path)
    assert table.columns == ["text", "label", "file"]
    assert table.rows(0, 4) == [
        ["dreadful", "neg", "neg/1.txt"],
        ["dreadful café", "neg", "neg/deeper/2.txt"],
        ["lovely", "pos", "pos/1.txt"],
        ["lovely café", "pos", "pos/deeper/2.txt"],
    ]
    assert table.line_number(0) is None
    before = table.content_hash
    (tmp_path / "pos" / "1.txt").write_text("changed", encoding="utf-8")
    assert open_table(tmp_path).content_hash != before


def test_a_folder_of_texts_side_by_side(tmp_path):
    (tmp_path / "README").write_text("what is here", encoding="utf-8")
    with pytest.raises(StudioError, match=r"The folder holds no \.txt files"):
        open_table(tmp_path)
    (tmp_path / "b.txt").write_text("\nzwei\nZeilen\n", encoding="utf-8")
    (tmp_path / ".hidden.txt").write_text("x", encoding="utf-8")
    (tmp_path / "a.txt").write_bytes(b"caf\xe9 cr\xe8me br\xfbl\xe9e, d\xe9j\xe0 vu")
    (tmp_path / "empty.txt").write_bytes(b"")
    table = open_table(tmp_path)
    assert table.columns == ["file", "text"]
    assert table.column("file") == ["README", "a.txt", "b.txt", "empty.txt"]
    assert table.column("text")[1:] == ["café crème brûlée, déjà vu", "zwei\nZeilen", ""]
    assert table.format.kind == "folder"
    assert "each of its files is a text" in table.format.why[0]
    assert task_of(table) == "generation"
    assert not any(KINDS[task].likely(table) for task in ("classification", "tagging", "translation"))
    with pytest.raises(StudioError, match="Nothing says the labels"):
        KINDS["classification"].guess(table, ClassificationData())
    (tmp_path / "ptb.train.txt").write_text("x", encoding="utf-8")
    assert len(open_table(tmp_path).notes) == len(table.notes)
    (tmp_path / "ptb.valid.txt").write_text("x", encoding="utf-8")
    assert "to learn from ptb.train.txt alone" in open_table(tmp_path).notes[0].text


def test_folders_that_are_not_by_label(tmp_path):
    (tmp_path / "one.txt").write_text("x", encoding="utf-8")
    for part in ("train", "test"):
        (tmp_path / part / "pos").mkdir(parents=True)
        (tmp_path / part / "pos" / "1.txt").write_text("x", encoding="utf-8")
    with pytest.raises(StudioError, match="Open its sub-folder train"):
        open_table(tmp_path)


@pytest.mark.parametrize("name", ["a.parquet", "misnamed.csv"])
def test_parquet(tmp_path, name):
    columns = {
        "text": ["good", None, "好"],
        "stars": [5, 1, None],
        "score": [1.0, 0.5, None],
        "bytes": [b"caf\xc3\xa9", None, b""],
        "meta": [{"lang": "en"}, {"lang": None}, {"lang": "zh"}],
        "kind": pa.array(["a", "b", "a"]).dictionary_encode(),
    }
    pq.write_table(pa.table(columns), tmp_path / name)
    table = open_table(tmp_path / name)
    assert table.format.kind == "parquet"
    assert table.columns == ["text", "stars", "score", "bytes", "meta.lang", "kind"]
    assert table.rows(0, 3) == [
        ["good", "5", "1.0", "café", "en", "a"],
        ["", "1", "0.5", "", "", "b"],
        ["好", "", "", "", "zh", "a"],
    ]


def test_trec_opens_under_its_own_encoding(shared_data):
    path = str(shared_data / "trec_qc" / "train.txt")
    table = open_for(ClassificationData(path=path, format="labelled", encoding="utf-8"))
    assert table.num_rows == 5452
    assert table.row(0) == ["How did serfdom develop in and then leave Russia ?", "DESC", "DESC:manner"]
    assert "sister\xf0city" in table.cell(65, 0)
    assert table.notes[0].line == 66


def test_sms_quotes_are_characters(shared_data):
    table = open_table(shared_data / "sms_spam" / "sms.tsv")
    assert table.num_rows == 5574
    assert set(table.column(0)) == {"ham", "spam"}


def test_ag_news_official_file(shared_data):
    table = open_table(shared_data / "ag_news" / "test.csv")
    assert table.num_rows == 7600
    assert sorted(set(table.column(0))) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("stop_at", [1, 3, 6])
def test_cancelling(tmp_path, stop_at):
    path = written(tmp_path, "a.csv", "text,label\n" + "some text,a\n" * 120_000)
    seen = []

    def progress(fraction, words):
        seen.append((fraction, words))
        if len(seen) == stop_at:
            raise Cancelled

    with pytest.raises(Cancelled):
        open_table(path, progress=progress)
    assert all(0 <= fraction <= 1 and words for fraction, words in seen)
    assert [fraction for fraction, _ in seen] == sorted(fraction for fraction, _ in seen)


def test_nothing_but_a_studio_error_escapes(tmp_path):
    """Random bytes, random pieces of tables and JSON under all endings: opened or refused, never anything else."""
    chance = random.Random(11)
    pieces = [
        '"',
        ",",
        "\n",
        "\t",
        "\\",
        "{",
        "}",
        "[",
        "]",
        ":",
        "a",
        "好",
        "é",
        '""',
        "__label__",
        " ",
        "\r",
        "1",
        "\0",
        "\ufeff",
        "\ud800",
    ]
    opened = 0
    for number in range(400):
        if number % 4 == 0:
            raw = chance.randbytes(chance.randint(1, 60))
        else:
            text = "".join(chance.choice(pieces) for _ in range(chance.randint(1, 60)))
            raw = text.encode(chance.choice(["utf-8", "utf-16", "gb18030"]), "replace")
        path = written(tmp_path, f"x{chance.choice(['.csv', '.tsv', '.txt', '.json', '.jsonl', '', '.parquet'])}", raw)
        given = {"quoting": chance.choice([None, True, False]), "header": chance.choice([None, True, False])}
        try:
            table = open_table(path, **given)
        except StudioError:
            continue
        opened += 1
        assert table.num_rows > 0
        assert len(set(table.columns)) == len(table.columns)
        assert all(len(row) == len(table.columns) for row in table.rows(0, table.num_rows))
    assert opened > 100


@pytest.mark.slow
def test_two_hundred_thousand_rows_open_in_seconds(tmp_path):
    import time

    chance = random.Random(1)
    words = [f"word{number}" for number in range(5000)]
    lines = (f'"{" ".join(chance.choices(words, k=38))}, end",{chance.choice("ab")}\n' for _ in range(200_000))
    path = written(tmp_path, "big.csv", "text,label\n" + "".join(lines))
    began = time.process_time()
    table = open_table(path)
    assert table.num_rows == 200_000
    assert time.process_time() - began < 4.0
