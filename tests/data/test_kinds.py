"""What a table is taken for, and the section of one task as that of another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lstm_studio.config import ClassificationData, DataConfig, RunConfig, TaggingData
from lstm_studio.data.kinds import KINDS, complete, kind_of, section_for, task_of
from lstm_studio.data.progress import silent
from lstm_studio.data.table import open_table
from lstm_studio.data.tags import Span
from lstm_studio.errors import StudioError

ROWS = [
    {"tokens": ["Anna", "Smith", "left"], "tags": ["B-PER", "I-PER", "O"]},
    {"tokens": ["it", "rained", "in", "1996"], "tags": ["O", "O", "O", "O"]},
]


@pytest.fixture
def tagged(tmp_path: Path) -> Path:
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS * 4), encoding="utf-8")
    return path


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    path = tmp_path / "a.csv"
    path.write_text("text,label\n" + "".join(f"word number {n},{n % 2}\n" for n in range(40)), encoding="utf-8")
    return path


def test_every_task_has_its_kind():
    for name, kind in KINDS.items():
        assert kind.task == name
        assert issubclass(kind.section, DataConfig)
        assert kind.roles[0].needed
        assert {role.field for role in kind.roles} <= kind.section.model_fields.keys()
        assert kind_of(kind.section()) is kind
        assert kind.classes is None or "{n}" in kind.classes[1]
        assert kind.counted[0].startswith("{n} ")
    assert kind_of(DataConfig()) is KINDS["classification"]


def test_the_task_is_the_likelier_one(tagged, labelled):
    assert task_of(open_table(tagged)) == "tagging"
    assert task_of(open_table(labelled)) == "classification"


def test_plain_text_is_to_be_written_on(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("just a line of words\nand another one\n", encoding="utf-8")
    table = open_table(path)
    assert task_of(table) == "generation"
    with pytest.raises(StudioError, match="one column only"):
        KINDS["classification"].guess(table, None)


def test_a_section_of_another_task_keeps_what_both_know():
    data = ClassificationData(
        path="a.csv",
        validation="b.csv",
        test="c.csv",
        format="csv",
        encoding="latin-1",
        delimiter=";",
        lowercase=False,
        min_count=7,
        vocabulary_size=99,
        validation_fraction=0.3,
        split_seed=5,
        text="review",
        label="stars",
        tokenizer="character",
        max_length=33,
    )
    found = section_for("tagging", data)
    assert isinstance(found, TaggingData)
    for name in (
        "path validation test format encoding delimiter lowercase min_count vocabulary_size validation_fraction "
        "split_seed"
    ).split():
        assert getattr(found, name) == getattr(data, name), name
    # What means something else there stays open.
    assert (found.word, found.tag, found.tokenizer, found.max_length) == (None, None, None, None)
    back = section_for("classification", found)
    assert isinstance(back, ClassificationData)
    assert (back.path, back.min_count, back.text) == ("a.csv", 7, None)


def test_a_section_of_the_task_is_the_same_object_and_defaults_stay_open():
    data = TaggingData(path="a", tag="ner")
    assert section_for("tagging", data) is data
    found = section_for("tagging", ClassificationData(path="a"))
    assert found.model_fields_set == {"path"}
    assert section_for("tagging", DataConfig(path="a")) == TaggingData(path="a")
    with pytest.raises(KeyError):
        section_for("cooking", data)


def test_complete_fills_what_is_open_and_says_so(tagged):
    table = open_table(tagged)
    data, said = complete(TaggingData(path=str(tagged)), table)
    assert isinstance(data, TaggingData)
    assert (data.word, data.tag, data.predicate, data.scheme) == ("tokens", "tags", None, "IOB2")
    assert (data.tokenizer, data.max_length, data.format, data.encoding) == ("treebank", 400, "jsonl", "utf-8")
    assert (data.delimiter, data.header) == (None, None)
    assert any("IOB2" in sentence for sentence in said)
    assert any("JSON" in sentence for sentence in said)
    again, nothing = complete(data, table)
    assert again == data
    assert nothing == []


def test_tokens_of_a_cell():
    data = TaggingData(format="jsonl", same_digits=True)
    tokens = KINDS["tagging"].tokens
    assert tokens('["New York", "1996"]', data) == ["new york", "0000"]
    assert tokens("Don't go!", data) == ["do", "n't", "go", "!"]
    assert tokens("Don't go!", TaggingData(format="conll", lowercase=False)) == ["Don't", "go!"]
    texts = KINDS["classification"].tokens
    assert texts("Don't go!", ClassificationData(tokenizer="whitespace")) == ["don't", "go!"]


def test_rows_are_examined_and_shown_by_their_kind(tagged, labelled):
    kind = KINDS["tagging"]
    table = open_table(tagged)
    data, _ = complete(TaggingData(path=str(tagged)), table)
    health = kind.examine(table, data, silent, None)
    assert health.classes == [("PER", 4)]
    assert kind.marks is not None
    assert kind.marks(table, data, 0).spans == (Span(0, 2, "PER"),)
    texts = KINDS["classification"]
    assert texts.marks is None
    table = open_table(labelled)
    data, _ = complete(ClassificationData(path=str(labelled)), table)
    assert texts.examine(table, data, silent, None).classes == [("0", 20), ("1", 20)]


def test_another_task_has_its_own_defaults_but_keeps_what_was_said():
    config = RunConfig().replace(**{"data.path": "a.tsv", "data.min_count": 3})
    assert "lowercase" in config.data.model_fields_set, "a replaced configuration has all fields set"
    found = section_for("translation", config.data)
    assert (found.path, found.min_count) == ("a.tsv", 3)
    assert (found.lowercase, found.vocabulary_size) == (False, 8_000)
    back = section_for("classification", found)
    assert (back.lowercase, back.vocabulary_size, back.min_count) == (True, 30_000, 3)
