"""CoNLL-U, and the roles of Universal PropBank."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from lstm_studio.data.source import detect
from lstm_studio.data.table import open_table
from lstm_studio.data.words import words_of
from lstm_studio.errors import StudioError

PLAIN = """\
# text = Vámonos al mar
1-2\tVámonos\t_\t_\t_\t_\t_\t_\t_\t_
1\tVamos\tir\tVERB\t_\tMood=Imp\t0\troot\t_\t_
2\tnos\tnosotros\tPRON\t_\t_\t1\tobj\t_\t_
3\tal\tal\tADP\t_\t_\t4\tcase\t_\t_
4\tmar\tmar\tNOUN\t_\t_\t1\tobl\t_\t_
4.1\tx\t_\t_\t_\t_\t_\t_\t_\t_

1\t#\t#\tSYM\t_\t_\t0\troot\t_\t_
2\t10 000\t10 000\tNUM\t_\t_\t1\tdep\t_\t_
"""
ROLES = """\
1\tThe\t_\tDET\t_\t_\t2\tdet\t_\t_\t_\t_\t_
2\tcat\t_\tNOUN\t_\t_\t3\tnsubj\t_\t_\t_\tA0\tA0
3\tsat\t_\tVERB\t_\t_\t0\troot\t_\t_\tsit.01\t_\t_
4\tand\t_\tCONJ\t_\t_\t5\tcc\t_\t_\t_\t_\t_
5\tpurred\t_\tVERB\t_\t_\t3\tconj\t_\t_\tpurr.01\t_\tV
6\tloudly\t_\tADV\t_\t_\t5\tadvmod\t_\t_\t_\t_\tAM-MNR

1\tSilence\t_\tNOUN\t_\t_\t0\troot\t_\t_\t_\t_

1\tIt\t_\tPRON\t_\t_\t2\tnsubj\t_\t_\t_\tA0
2\tran\t_\tVERB\t_\t_\t1\troot\t_\t_\trun.01\t_
"""
ANSWERS = ["B-A0 I-A0 B-V O O O", "B-A0 I-A0 O O B-V B-AM-MNR"]


def written(folder: Path, text: str, name: str = "a.conllu") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["a.conllu", "a.txt", "a.tsv", "a.conll"])
def test_plain(tmp_path, name):
    table = open_table(written(tmp_path, PLAIN, name))
    assert table.format.kind == "conllu"
    assert table.columns == ["form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc"]
    assert table.column("form") == ["Vamos nos al mar", '["#", "10 000"]']
    assert table.column("upos") == ["VERB PRON ADP NOUN", "SYM NUM"]
    assert [table.line_number(row) for row in (0, 1)] == [3, 9]
    assert table.word_line(0, 3) == 6
    assert not table.notes


def test_a_table_with_numbers_is_none(tmp_path):
    rows = "".join(f"{n}\ttext {n}\ta\tb\tc\td\t{n}\te\tf\tg\n" for n in range(1, 9))
    assert detect(written(tmp_path, rows, "a.tsv")).kind == "tsv"
    assert detect(written(tmp_path, rows, "a.txt")).kind == "tsv"


def test_roles_behind_ten_columns(tmp_path):
    table = open_table(written(tmp_path, ROLES))
    assert table.columns[-3:] == ["predicate", "sense", "roles"]
    assert table.column("form") == ["The cat sat and purred loudly"] * 2
    assert table.column("predicate") == ["2", "4"]
    assert table.column("sense") == ["sit.01", "purr.01"]
    assert table.column("roles") == ANSWERS
    assert [table.line_number(row) for row in (0, 1)] == [1, 1]
    notes = [(note.severity, note.text, note.line) for note in table.notes]
    assert notes == [
        ("info", "One sentence has no predicate and is left out.", None),
        ("warning", "One sentence was left out: the heads form no tree (the first is at line 10).", 10),
    ]


def test_roles_behind_eight_columns(tmp_path):
    lines = []
    for line in ROLES.split("\n")[:7]:
        cells = line.split("\t")
        lines.append("\t".join([*cells[:8], "Y" if cells[10:11] > ["a"] else "_", *cells[10:]]) if line else "")
    table = open_table(written(tmp_path, "\n".join(lines)))
    assert table.columns == ["form", "lemma", "upos", "xpos", "feats", "head", "deprel", "predicate", "sense", "roles"]
    assert table.column("roles") == ANSWERS


@pytest.mark.parametrize("spans", [True, False])
def test_conllu_plus(tmp_path, spans):
    given = {"3": "A0:1-2", "5": "A0:1-2|V:5|AM-MNR:6-6"} if spans else {"3": "A0:2", "5": "A0:2|AM-MNR:6"}
    name = "UP:ARGSPANS" if spans else "UP:ARGHEADS"
    text = f"# global.columns = ID FORM HEAD UP:PRED {name}\n"
    for line in ROLES.split("\n")[:6]:
        cells = line.split("\t")
        text += "\t".join([cells[0], cells[1], cells[6], cells[10], given.get(cells[0], "_")]) + "\n"
    table = open_table(written(tmp_path, text, "a.conllup"))
    assert table.columns[:2] == ["form", "head"]
    assert table.columns[-3:] == ["predicate", "sense", "roles"]
    assert table.column("roles") == ANSWERS
    assert table.column("sense") == ["sit.01", "purr.01"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (PLAIN.replace("\tcase\t_\t_", "\tcase\t_"), "line 5: The line has 9 columns, 10 are expected"),
        (PLAIN.replace("3\tal", "x\tal"), "line 5: 'x' is not the number of a word"),
        (PLAIN.replace("3\tal\t", "3\t\t"), "line 5: The line has no word"),
        (ROLES.replace("cc\t_\t_\t_\t_\t_", "cc\t_\t_\t_\t_"), "line 4: The line has 12 columns, 13 are expected"),
        ("# only comments\n", "no sentences"),
        ("# global.columns = A B\n1\tx\n", "does not name ID and FORM"),
        ("# global.columns =\n1\tx\n", "The line has 2 columns, 10 are expected"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path, text, words):
    with pytest.raises(StudioError) as error:
        open_table(written(tmp_path, text))
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("up_english_ewt/en_ewt-up-dev.conllu", ("train", "dev")),
        ("up_english_ewt/en_ewt-up-test.conllu", ("test",)),
        ("up_chinese_gsd/zh-up-dev.conllu", ("train", "dev")),
        ("up_chinese_gsd/zh-up-test.conllu", ("test",)),
    ],
)
def test_real_roles_are_those_that_were_derived_before(shared_data, name, parts):
    path = shared_data / name
    wanted = defaultdict(list)
    count = 0
    for part in parts:
        for line in (path.parent / "derived" / f"{part}.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            wanted[tuple(row["tokens"]), str(row["predicate"])].append((row["sense"], row["tags"]))
            count += 1
    table = open_table(path)
    assert abs(table.num_rows - count) <= 1
    rows = zip(*(table.column(column) for column in ("form", "predicate", "sense", "roles")), strict=True)
    same = sum((sense, words_of(tags)) in wanted[tuple(words_of(form)), at] for form, at, sense, tags in rows)
    assert same >= 0.999 * count
