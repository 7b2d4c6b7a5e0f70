"""Roles in brackets: CoNLL-2005 and CoNLL-2012."""

from __future__ import annotations

from pathlib import Path

import pytest

from lstm_studio.data.readers_roles import iob2
from lstm_studio.data.source import detect
from lstm_studio.data.table import open_table
from lstm_studio.errors import StudioError

PROPS = """\
The      DT   -     (A0*    (A0*
cat      NN   -     *)      *)
sat      VBD  sit   (V*)    *
and      CC   -     *       *
purred   VBD  purr  *       (V*)
loudly   RB   -     *       (AM-MNR*)

Silence  NN   -

It       PRP  -     (A0*)
gave     VBD  give  (V*
up       RP   -     *)
"""


def written(folder: Path, text: str, name: str = "a.conll") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["a.conll", "a.txt", "props"])
def test_one_row_a_predicate(tmp_path, name):
    table = open_table(written(tmp_path, PROPS, name))
    assert table.format.kind == "conll"
    assert table.columns == ["column 1", "column 2", "column 3", "predicate", "sense", "roles"]
    assert table.column(0) == ["The cat sat and purred loudly"] * 2 + ["It gave up"]
    assert table.column("predicate") == ["2", "4", "1"]
    assert table.column("sense") == ["sit", "purr", "give"]
    assert table.column("roles") == [
        "B-A0 I-A0 B-V O O O",
        "B-A0 I-A0 O O B-V B-AM-MNR",
        "B-A0 B-V I-V",
    ]
    assert [table.line_number(row) for row in range(3)] == [1, 1, 10]
    assert table.word_line(1, 4) == 5
    assert [(note.severity, note.text) for note in table.notes] == [
        ("info", "One sentence has no predicate and is left out.")
    ]


def test_old_brackets_with_the_role_at_both_ends(tmp_path):
    text = "He - (A0*A0)\nran run (V*V)\nto - (A2*\ntown - *A2)\n"
    assert open_table(written(tmp_path, text)).column("roles") == ["B-A0 B-V B-A2 I-A2"]


def test_the_predicate_is_marked_even_without_v(tmp_path):
    assert open_table(written(tmp_path, "He - (A0*)\nran run *\n")).column("roles") == ["B-A0 B-V"]


def test_the_longer_of_two_brackets_in_each_other_is_taken():
    assert iob2(4, (0, 0, "V"), [(2, 2, "B"), (1, 3, "A")]) == ["B-V", "B-A", "I-A", "I-A"]
    assert iob2(3, (1, 1, "V"), [(0, 2, "A")]) == ["O", "B-V", "O"]


def ontonotes(words: list[str], lemmas: list[str], frames: list[str], roles: list[list[str]]) -> str:
    lines = [
        f"bc/x 0 {place} {word} NN (S*) {lemma} {frame} - spk * {' '.join(column[place] for column in roles)} -"
        for place, (word, lemma, frame) in enumerate(zip(words, lemmas, frames, strict=True))
    ]
    return "#begin document (bc/x); part 000\n" + "\n".join(lines) + "\n\n"


def test_conll_2012(tmp_path):
    text = ontonotes(["We", "like", "to", "run"], ["-", "like", "-", "run"], ["-", "01", "-", "02"], [
        ["(ARG0*)", "(V*)", "(ARG1*", "*)"], ["(ARG0*)", "*", "*", "(V*)"]
    ])  # fmt: skip
    text += ontonotes(["Yes"], ["-"], ["-"], []) + "#end document\n"
    for name in ("a.v4_gold_conll", "a.conll"):
        table = open_table(written(tmp_path, text, name))
        assert table.format.kind == "conll"
        assert table.columns[3:5] == ["word", "pos"]
        assert table.columns[-3:] == ["predicate", "sense", "roles"]
        assert table.column("word") == ["We like to run"] * 2
        assert table.column("predicate") == ["1", "3"]
        assert table.column("sense") == ["like.01", "run.02"]
        assert table.column("roles") == ["B-ARG0 B-V B-ARG1 I-ARG1", "B-ARG0 O O B-V"]
        assert table.line_number(0) == 2


MANY = PROPS + "\n" + "She - (A0*)\nran run (V*)\n\n".replace("She", "She PRP").replace("ran", "ran VBD") * 20


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("He PRP - (A0*)\nran VBD run *)\n", "line 75: A bracket closes that was not opened"),
        ("He PRP - (A0*\nran VBD run (V*)\n", "line 74: The bracket of A0 does not close"),
        ("He PRP - (A0*)\nran VBD run\n", "line 75: The line has 3 columns, the lines before it have 4"),
        ("He PRP - (A0*)\nran VBD run x*(\n", "line 75: 'x*(' is not a role in brackets"),
        ("He PRP - * *\nran VBD run * *\n", "line 74: The sentence has 1 predicates and 2 columns of roles"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path, text, words):
    with pytest.raises(StudioError) as error:
        open_table(written(tmp_path, MANY + text))
    assert words in str(error.value)


def test_a_tree_in_brackets_is_no_column_of_roles(tmp_path):
    text = "The DT (NP* O\ncat NN *) B-X\n\nIt PRP (NP*) O\n"
    assert open_table(written(tmp_path, text)).columns == [f"column {number}" for number in range(1, 5)]
    assert detect(written(tmp_path, text, "a.txt")).kind == "conll"
