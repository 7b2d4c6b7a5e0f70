"""Words in columns: sentences, lines, what is no word, and what else a file may be."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from lstm_studio.data.source import detect
from lstm_studio.data.table import Table, open_table
from lstm_studio.data.words import words_of
from lstm_studio.errors import StudioError


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def opened(folder: Path, text: str, name: str = "a.conll") -> Table:
    return open_table(written(folder, name, text))


def test_sentences_and_their_lines(tmp_path):
    table = opened(tmp_path, "-DOCSTART- -X- O\n\nEU NNP B-ORG\nrejects VBZ O\n\n \n\nPeter NNP B-PER\n")
    assert table.format.kind == "conll"
    assert table.columns == ["column 1", "column 2", "column 3"]
    assert table.rows(0, 2) == [["EU rejects", "NNP VBZ", "B-ORG O"], ["Peter", "NNP", "B-PER"]]
    assert [table.line_number(row) for row in (0, 1)] == [3, 8]
    assert [table.word_line(0, word) for word in (0, 1)] == [3, 4]
    assert not table.notes


def test_a_document_mark_ends_a_sentence(tmp_path):
    assert opened(tmp_path, "a O\nb O\n-DOCSTART- O\nc B-X\n").column(0) == ["a b", "c"]


def test_windows_line_ends_and_blank_lines_at_the_start(tmp_path):
    table = opened(tmp_path, "\r\n\r\na O\r\nb B-X\r\n\r\n\r\nc O")
    assert table.column(0) == ["a b", "c"]
    assert table.column(1) == ["O B-X", "O"]
    assert table.word_line(0, 1) == 4


def test_a_hash_is_a_word_where_it_has_tags(tmp_path):
    table = opened(tmp_path, "# id = 7\na O\n# O\n#\n# a sentence\n\n#tag B-X\nb O\n")
    assert table.column(0) == ["a #", "#tag b"]
    assert [table.word_line(0, word) for word in (0, 1)] == [2, 3]


def test_tabs_keep_words_with_spaces(tmp_path):
    table = opened(tmp_path, "New York\tB-LOC\nis\tO\n\nold\tO\n")
    assert words_of(table.cell(0, 0)) == ["New York", "is"]


def test_tabs_and_spaces_mixed(tmp_path):
    assert opened(tmp_path, "a\tO\nb B-X\nc \t O\n").row(0) == ["a b c", "O B-X O"]


@pytest.mark.parametrize("word", ["\ufeff", "\u200b", "\u3000", "\u00a0", "\u2028", "[", '"', "[1]"])
@pytest.mark.parametrize("between", ["\t", " "])
def test_odd_words_survive(tmp_path, word, between):
    table = opened(tmp_path, f"a{between}O\n{word}{between}B-X\nc{between}O\n")
    assert words_of(table.cell(0, 0)) == ["a", word, "c"]
    assert words_of(table.cell(0, 1)) == ["O", "B-X", "O"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a O\nb O\nc x O\n", "line 3: The line has 3 columns, the lines before it have 2"),
        ("a O\n\nonly\nb O\n", "line 3: The line has 1 column, the lines before it have 2"),
        ("only\na O\nb O\n", "line 1: The line has 1 column, the lines below it have 2"),
        ("a\tO\n\tB-X\n", "line 2: The line has no word"),
        ("New York\tO\n" * 12 + "Rome O\n", "line 13: The line has 1 column, the lines before it have 2"),
        ("one\ncolumn\n", "one column only"),
        ("-DOCSTART- O\n", "no words"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path, text, words):
    with pytest.raises(StudioError) as error:
        opened(tmp_path, text)
    assert words in str(error.value)
    assert "a.conll" in str(error.value)


def test_empty_cells(tmp_path):
    table = opened(tmp_path, "a\tDT\tO\t\nb\t\tO\t\n")
    assert table.columns == ["column 1", "column 2", "column 3"]
    assert table.row(0) == ["a b", "DT _", "O O"]
    assert [(note.severity, note.line) for note in table.notes] == [("warning", 2)]


NER = "EU B-ORG\nrejects O\n\nPeter B-PER\nsaid O\n"
POS = "The DT\ndog NN\nbarks VBZ\n. .\n\nA DT\ncat NN\nsleeps VBZ\n. .\n\n" * 2


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("a.txt", NER, "conll"),
        ("train", NER.replace(" ", "\t"), "conll"),
        ("a.annotated", "a O\nb B_X\nc I_X\n", "conll"),
        ("a.txt", "吴 B-NAME\n重 M-NAME\n阳 E-NAME\n， O\n\n中 S-X\n", "conll"),
        ("a.txt", POS, "conll"),
        ("a.tsv", NER.replace(" ", "\t"), "conll"),
        ("a.csv", NER.replace(" ", "\t"), "conll"),
        ("a.tsv", "good film\tO\nbad film\tB-side\n" * 5, "tsv"),
        ("a.tsv", POS.replace(" ", "\t"), "tsv"),
        ("a.bmes", "a x\nb y\n", "conll"),
        ("a.txt", "roses bloom\nviolets fade\n\nwinter comes\nsummer ends\n\n" * 3, "txt"),
        ("a.txt", "SAY NO\nTO WAR\n\nSAY YES\nTO PEACE\n", "txt"),
        ("a.csv", "text,label\n\nhello,O\n\nbye,O\n", "csv"),
        ("a.json", NER, "jsonl"),
    ],
)
def test_which_files_are_words_in_columns(tmp_path, name, text, kind):
    found = detect(written(tmp_path, name, text))
    assert found.kind == kind
    assert all(sentence.endswith(".") for sentence in found.why)


def test_what_was_chosen_wins(tmp_path):
    path = written(tmp_path, "a.txt", NER)
    assert open_table(path, format="txt").columns == ["text"]
    assert open_table(path, delimiter=" ").format.kind == "csv"
    assert open_table(written(tmp_path, "b.txt", "a x\nb y\n"), format="conll").row(0) == ["a b", "x y"]


@pytest.mark.parametrize(
    ("name", "rows", "words"),
    [
        ("conll2003_en/train.bio", 14_041, 203_621),
        ("wnut17/wnut17train.conll", 3_394, 62_730),
        ("wnut17/emerging.test.annotated", 1_287, 23_394),
        ("resume_ner/train.char.bmes", 3_821, 124_099),
    ],
)
def test_real_files(shared_data, name, rows, words):
    began = time.perf_counter()
    table = open_table(shared_data / name)
    assert time.perf_counter() - began < 5
    assert table.num_rows == rows
    sizes = [[len(words_of(cell)) for cell in table.column(column)] for column in (0, 1)]
    assert sizes[0] == sizes[1]
    assert sum(sizes[0]) == words
    assert not table.notes
