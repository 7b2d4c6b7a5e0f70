"""Sets written by hand: changes and undo, pasted tables, files that come back as they were."""

from __future__ import annotations

import csv
import random
from pathlib import Path
from typing import Any

import pytest

from lstm_studio.config import ClassificationData, TaggingData
from lstm_studio.data.handmade import MOST_CELL, MOST_ROWS, HandSet
from lstm_studio.data.handmade_copy import copy_of, why_not
from lstm_studio.data.handmade_files import HandFiles
from lstm_studio.data.handmade_kinds import HAND_KINDS, as_csv
from lstm_studio.data.handmade_paste import read_pasted
from lstm_studio.data.handmade_words import hand_words, moved, projected, spans_of, types_of
from lstm_studio.data.kinds import KINDS, kind_of
from lstm_studio.data.table import open_for, open_table
from lstm_studio.data.tags import Span
from lstm_studio.errors import StudioError

TEXTS, SENTENCES, PAIRS = (HAND_KINDS[task] for task in ("classification", "tagging", "translation"))
ROWS = [
    ("plain", "good"),
    ('with "quotes", commas', "bad"),
    ("two\nlines", "good"),
    ("a\ttab; semicolon | bar", "bad"),
    ('"quoted"', "good"),
    ("这部电影很好看，真的", "好"),
    ("=1+1", "bad"),
]


def test_each_kind_belongs_to_a_task_and_its_columns_to_roles() -> None:
    for task, kind in HAND_KINDS.items():
        assert {column.field for column in kind.columns} <= {role.field for role in KINDS[task].roles}
        assert {*kind.reads} <= {*KINDS[task].section.model_fields}


def test_a_label_that_is_typed_joins_the_labels_and_undo_takes_it_away() -> None:
    made = HandSet(TEXTS, "mine")
    made.set_cell(0, 0, "It was fine")
    made.set_cell(0, 1, " good ")
    assert made.rows == [("It was fine", "good")]
    assert made.classes == ["good"]
    made.undo()
    assert (made.rows, made.classes) == ([("It was fine", "")], [])
    assert made.undoable == "Add rows"
    made.redo()
    assert made.classes == ["good"]
    made.set_cell(0, 0, "again")
    assert not made.redoable


def test_renaming_a_label_renames_all_and_may_merge_two() -> None:
    made = HandSet(TEXTS, "mine", [("a", "x"), ("b", "y"), ("c", "x"), ("d", "")])
    made.rename_class("x", "z")
    assert [label for _, label in made.rows] == ["z", "y", "z", ""]
    assert made.classes == ["z", "y"]
    made.rename_class("z", "y")
    assert made.counts() == {"y": 3}
    assert made.classes == ["y"]
    made.remove_class("y")
    assert [label for _, label in made.rows] == [""] * 4
    assert made.unlabelled() == 4
    for _ in range(3):
        made.undo()
    assert [label for _, label in made.rows] == ["x", "y", "x", ""]
    assert made.classes == ["x", "y"]


def test_whatever_is_done_is_undone_and_done_again() -> None:
    chance = random.Random(4)
    made = HandSet(TEXTS, "mine", [(f"text {n}", "ab"[n % 2]) for n in range(12)])
    states = [(list(made.rows), list(made.classes))]
    for step in range(60):
        count = len(made.rows)
        some = chance.sample(range(count), min(count, 3))
        before = made._changes._done[-1:]
        match step % 8:
            case 0:
                made.set_cell(chance.randrange(count + 1), chance.randrange(2), f"new {step}")
            case 1:
                made.remove(some[:2])
            case 2:
                made.label(some, f"label {step % 3}")
            case 3:
                made.paste(chance.randrange(count + 1), 0, [[f"pasted {step}", "c"], ["short"]])
            case 4:
                made.rename_class(chance.choice(made.classes), f"name {step}")
            case 5:
                made.clear([(row, 1) for row in some])
            case 6:
                made.insert(chance.randrange(count + 1), [made.empty_row, ("in", "b")])
            case 7:
                made.remove_class(chance.choice(made.classes))
        if made._changes._done[-1:] != before:
            states.append((list(made.rows), list(made.classes)))
    for rows, classes in reversed(states[:-1]):
        made.undo()
        assert (made.rows, made.classes) == (rows, classes)
    assert made.undo() is None
    for rows, classes in states[1:]:
        made.redo()
        assert (made.rows, made.classes) == (rows, classes)
    assert made.counts() == {name: sum(label == name for _, label in made.rows) for name in made.counts()}


def test_what_is_too_much_is_refused_and_nothing_is_changed() -> None:
    made = HandSet(TEXTS, "mine", [("a", "x")])
    for change in (
        lambda: made.set_cell(0, 0, "w" * (MOST_CELL + 1)),
        lambda: made.add_class("w" * 200),
        lambda: made.paste(0, 0, [["t"]] * (MOST_ROWS + 1)),
    ):
        with pytest.raises(StudioError):
            change()
    assert made.rows == [("a", "x")]
    assert not made.undoable


# -- words that are marked --------------------------------------------------------------------------------------


def test_words_are_marked_and_what_overlaps_gives_way() -> None:
    made = HandSet(SENTENCES, "mine", [("Fly from New York to Paris!", "")])
    assert hand_words(made.rows[0][0]) == ["Fly", "from", "New", "York", "to", "Paris", "!"]
    made.mark(0, 2, 4, "city")
    made.mark(0, 5, 6, "city")
    assert made.rows[0][1] == "O O B-city I-city O B-city O"
    made.mark(0, 3, 5, "big place")
    assert spans_of(made.rows[0][1]) == [Span(3, 5, "big_place"), Span(5, 6, "city")]
    made.rename_class("city", "town")
    assert types_of(made.rows[0][1]) == ["big_place", "town"]
    made.mark(0, 0, 7, "")
    assert made.rows[0][1] == ""
    for _ in range(5):
        made.undo()
    assert made.rows[0][1] == ""
    assert made.classes == []


def test_marks_follow_a_sentence_that_is_changed() -> None:
    assert moved("go to Paris", "O O B-city", "please go to Paris now") == "O O O B-city O"
    assert moved("go to Paris", "O O B-city", "go to Rome") == "O O B-city"
    assert moved("go to Paris", "O O B-city", "go to") == ""
    assert moved("in New York now", "O B-city I-city O", "in York now") == "O B-city O"
    made = HandSet(SENTENCES, "mine", [("go to Paris", "O O B-city")])
    made.set_cell(0, 0, "now go to Paris")
    assert made.rows[0] == ("now go to Paris", "O O O B-city")
    made.undo()
    assert made.rows[0] == ("go to Paris", "O O B-city")
    made.clear([(0, 0)])
    assert made.rows[0] == ("", "")


def test_spans_move_to_words_that_are_cut_otherwise() -> None:
    assert projected(["New", "York!"], [Span(0, 2, "city")]) == ("New York!", "B-city I-city I-city")
    assert projected(list("我在北京"), [Span(2, 4, "city")]) == ("我在北京", "O O B-city I-city")


# -- pasting ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("one\n\n  two  \n", [["one"], ["two"]]),
        ("good film\tpos\r\nbad film\tneg\r\n", [["good film", "pos"], ["bad film", "neg"]]),
        ("Good, thanks\nBad, really\nNo, no", [["Good, thanks"], ["Bad, really"], ["No, no"]]),
        ('text,label\n"a, b",x\nc,y', [["a, b", "x"], ["c", "y"]]),
        ("label;text\npos;what a day\nneg;oh no", [["what a day", "pos"], ["oh no", "neg"]]),
        ('"two\nlines"\tpos\n"say ""hi"""\tneg', [["two\nlines", "pos"], ['say "hi"', "neg"]]),
        ('an open " quote\tpos\nnext\tneg', [['an open " quote', "pos"], ["next", "neg"]]),
        ("a\tx\tmore\nb\n", [["a", "x"], ["b", ""]]),
        ("标签\t文本\n好\t很好看的电影\n坏\t太无聊了啊", [["很好看的电影", "好"], ["太无聊了啊", "坏"]]),
        ("\t\n\t", []),
        ("", []),
        ("\x00\ufeffa\tb", [["a", "b"]]),
    ],
)
def test_pasted_text_is_taken_apart(text: str, rows: list[list[str]]) -> None:
    assert read_pasted(text, TEXTS).rows == rows


def test_labels_that_stand_first_change_places() -> None:
    lines = [f"{'ham' if n % 2 else 'spam'}\tsome longer text number {n}" for n in range(8)]
    found = read_pasted("\n".join(lines), TEXTS)
    assert found.rows[1] == ["some longer text number 1", "ham"]
    assert found.notes == ["The labels stood first; they are in their own column now."]
    pairs = read_pasted("\n".join(lines), PAIRS)
    assert pairs.rows[1] == ["ham", "some longer text number 1"]


def test_ragged_rows_are_told() -> None:
    notes = read_pasted("a\tx\nb\tx\nc\nd\ty\tz", TEXTS).notes
    assert notes == ["One row has fewer cells than the others; they are empty.", "One column was left out."]


@pytest.mark.parametrize(
    ("text", "words"), [("word " * 220_000, "cell"), ("a\tb\n" * 200_000, "rows"), ("x" * 20_000_001, "too much")]
)
def test_what_is_too_much_to_paste_is_a_sentence(text: str, words: str) -> None:
    with pytest.raises(StudioError, match=words):
        read_pasted(text, TEXTS)


# -- files ------------------------------------------------------------------------------------------------------


def test_a_set_comes_back_as_it_was(tmp_path: Path) -> None:
    files = HandFiles(tmp_path / "sets")
    made = HandSet(TEXTS, files.free_title("Films: good/bad?"), ROWS, ["unused", "bad"])
    path = files.save(made.title, made.kind, made.rows, made.classes)
    again = files.load(path)
    assert (again.rows, again.classes, again.title) == (ROWS, ["unused", "bad", "good", "好"], "Films good bad")
    with path.open(encoding="utf-8", newline="") as file:
        assert [tuple(row) for row in csv.reader(file)] == [("text", "label"), *ROWS]
    path.with_suffix(".json").write_text("{", encoding="utf-8")
    assert files.load(path).rows == ROWS
    assert [info.rows for info in files.sets()] == [len(ROWS)]


@pytest.mark.parametrize("kind", HAND_KINDS.values(), ids=list(HAND_KINDS))
def test_what_is_used_is_read_as_it_was_written(tmp_path: Path, kind: Any) -> None:
    rows = [(text, text[::-1].strip() if kind is PAIRS else label) for text, label in ROWS]
    if kind is SENTENCES:
        rows = [("go to New York, now", "O O B-city I-city O O"), ("我在北京", "O O B-city I-city"), ("fine", "")]
    files = HandFiles(tmp_path)
    files.save("mine", kind, rows, [])
    path = files.use("mine", kind, [*rows, ("", "x")])
    data = KINDS[kind.task].section(path=str(path), **kind.reads)
    table = open_for(data)
    cells = [table.column(getattr(data, column.field)) for column in kind.columns]
    if kind is SENTENCES:
        assert cells == [["go to New York , now", "我 在 北 京", "fine"], [row[1] or "O" for row in rows]]
    else:
        assert list(zip(*cells, strict=True)) == rows
    assert files.owner(path) == files.path("mine")


def test_a_run_keeps_its_file_when_the_set_is_changed(tmp_path: Path) -> None:
    files = HandFiles(tmp_path)
    files.save("mine", TEXTS, ROWS, [])
    first = files.use("mine", TEXTS, ROWS)
    bytes_then = first.read_bytes()
    assert files.use("mine", TEXTS, ROWS) == first
    files.save("mine", TEXTS, ROWS[:4], [])
    assert files.use("mine", TEXTS, ROWS[:4]) != first
    new = files.rename(files.path("mine"), "yours")
    assert first.read_bytes() == bytes_then
    assert files.owner(first) == new
    gone = files.delete(new)
    assert files.owner(first) is None
    assert files.sets() == []
    assert files.load(files.restore(gone)).rows == ROWS[:4]
    assert files.owner(first) == new


def test_titles_are_free_and_good_for_files(tmp_path: Path) -> None:
    files = HandFiles(tmp_path)
    titles = []
    for wanted in ("a", "A", "", "CON", "../x", "影评。", "x" * 300):
        titles.append(files.free_title(wanted))
        files.save(titles[-1], TEXTS, ROWS, [])
    assert titles == ["a", "A 2", "Texts", "CON_", "x", "影评。", "x" * 60]
    assert files.rename(files.path("a"), "CON").stem == "CON_ 2"


def test_what_cannot_be_kept_or_read_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StudioError, match="cannot be kept"):
        HandFiles(tmp_path / "file").save("mine", TEXTS, ROWS, [])
    files = HandFiles(tmp_path)
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    for name in ("other.csv", "gone.csv"):
        with pytest.raises(StudioError):
            files.load(tmp_path / name)
    assert files.sets() == []


# -- a copy of a file -------------------------------------------------------------------------------------------


def test_a_file_becomes_a_set(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text(as_csv([(str(n), *row) for n, row in enumerate(ROWS)], ["id", "text", "label"]), encoding="utf-8")
    table = open_table(path)
    assert copy_of(table, ClassificationData(text="text", label="label"), "mine").rows == ROWS
    with pytest.raises(StudioError, match="not chosen"):
        copy_of(table, ClassificationData(text="text"), "mine")


def test_a_tagged_file_becomes_a_set_whatever_its_scheme(tmp_path: Path) -> None:
    path = tmp_path / "tags.conll"
    path.write_text("Mr.\tO\nMiles\tB-PER\nDavis\tE-PER\n\nBonn!\tS-LOC\n\n", encoding="utf-8")
    table = open_table(path, format="conll")
    data = TaggingData(word="column 1", tag="column 2")
    made = copy_of(table, data, "mine")
    assert made.rows == [("Mr. Miles Davis", "O O B-PER I-PER"), ("Bonn!", "B-LOC I-LOC")]
    assert kind_of(data).task == made.kind.task
    assert why_not(table, data.model_copy(update={"predicate": "column 2"}))


def test_pasted_tags_are_those_of_the_words_or_none() -> None:
    given = HandSet(HAND_KINDS["tagging"], "x")
    rows = [["to New York on Friday", "O B-city I-city O B-day"], ["to Rome", "bad"], ["a b", "O O"]]
    given.paste(0, 0, [*rows, ["from New York", "New York: city"], ["Rome", "Rome: a city"], ["Rome", "B-"]])
    assert [row[1] for row in given.rows] == ["O B-city I-city O B-day", "", "", "O B-city I-city", "", ""]
    given.paste(1, 1, [["O B-place"]])
    assert given.rows[1] == ("to Rome", "O B-place")
    assert given.classes == ["city", "day", "place"]
