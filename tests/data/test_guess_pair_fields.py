"""What is guessed of pairs of texts: columns, purpose, units, lengths; what is given wins."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lstm_studio.config import DataConfig, TranslationData
from lstm_studio.data.guess_pair_fields import guess_pair_fields
from lstm_studio.data.guess_types import Guess
from lstm_studio.data.kinds import KINDS, complete, section_for, task_of
from lstm_studio.data.table import open_for, open_table
from lstm_studio.errors import StudioError

GERMAN = [
    "Der Mann ist nicht zu Hause und die Frau auch nicht",
    "Das ist ein Haus",
    "Wir sind auf dem Weg zu den Kindern",
]
ENGLISH = ["The man is not at home and neither is she", "That is a house", "We are on the way to the children"]
CHINESE = ["那个人不在家，她也不在", "那是一座房子", "我们正在去孩子们那里的路上"]


def tsv(folder: Path, header: str, *columns: list[str], rows: int = 30) -> Path:
    path = folder / "a.tsv"
    lines = ["\t".join(f"{cells[row % len(cells)]} {row}" for cells in columns) for row in range(rows)]
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def guessed(path: Path, **given: Any) -> Guess:
    return guess_pair_fields(open_table(path), TranslationData(path=str(path), **given))


def test_a_translation_by_pieces_of_words(tmp_path):
    found = guessed(tsv(tmp_path, "de\ten", GERMAN, ENGLISH))
    assert (found.task, found.task_title) == ("translation", "Translation")
    assert found.fields == {
        "source": "de",
        "target": "en",
        "purpose": "translation",
        "tokenizer": "treebank",
        "source_units": "bpe",
        "target_units": "bpe",
        "max_length": 20,
        "max_target_length": 20,
    }
    assert found.known == ()
    assert set(found.reasons) == {"source", "target", "task", "source_units", "target_units"} | {
        "max_length",
        "max_target_length",
    }


def test_writing_without_spaces_is_read_by_characters(tmp_path):
    found = guessed(tsv(tmp_path, "zh\ten", CHINESE, ENGLISH))
    assert (found.fields["source_units"], found.fields["target_units"]) == ("character", "bpe")
    assert found.fields["max_length"] == 16  # thirteen characters, a space and two digits
    assert "each character is a token" in found.reasons["source_units"]
    own = guessed(tsv(tmp_path, "zh\ten", CHINESE, ENGLISH), source_units="word")
    assert own.fields["source_units"] == "word"
    assert "source_units" not in own.reasons


def test_summaries(tmp_path):
    path = tmp_path / "a.jsonl"
    text = ["The film was long and dull, and nobody in the room laughed at all.", "We left before the end of it."]
    rows = [
        {"document": [*text, f"It was film {n}."], "summary": [f"A dull film {n}.", f"Dull {n}."]} for n in range(30)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    found = guessed(path)
    assert (found.task_title, found.fields["purpose"]) == ("Summaries", "summary")
    assert (found.fields["source"], found.fields["target"]) == ("document", "summary")
    assert found.fields["max_target_length"] == 10  # the least there is
    assert guessed(path, purpose="rewriting").task_title == "Text to text"


def test_what_is_given_wins(tmp_path):
    path = tsv(tmp_path, "de\ten\tnote", GERMAN, ENGLISH, ["good text of some words", "bad text in other words"])
    found = guessed(path, target="note", max_length=7, tokenizer="toktok")
    assert (found.fields["source"], found.fields["target"]) == ("de", "note")
    assert (found.fields["max_length"], found.fields["tokenizer"]) == (7, "toktok")
    assert "max_length" not in found.reasons
    assert "target" not in found.reasons
    swapped = guessed(path, source="en")
    assert (swapped.fields["source"], swapped.fields["target"]) == ("en", "de")
    assert swapped.reasons["target"] == "'de' holds the targets: it is the other column."
    assert guessed(path, source=1, target=0).fields["source"] == 1


def test_columns_that_cannot_be(tmp_path):
    path = tsv(tmp_path, "de\ten", GERMAN, ENGLISH)
    with pytest.raises(StudioError, match="two columns of the file"):
        guessed(path, source="de", target=0)
    with pytest.raises(StudioError, match="'fr'"):
        guessed(path, source="fr")
    labelled = tmp_path / "c.csv"
    labelled.write_text(
        "text,label,n\n" + "".join(f"this is text {n},{'good' if n % 3 else 'bad'},{n}\n" for n in range(40))
    )
    with pytest.raises(StudioError, match=r"No two columns.*data\.source and data\.target"):
        guessed(labelled)
    single = tmp_path / "b.txt"
    single.write_text("one line of words\nanother line of words\n")
    with pytest.raises(StudioError, match=r"one column only.*data\.parallel"):
        guessed(single)


def test_a_column_beside_the_only_other_one(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "x,p\ny,q\n" * 20)
    assert guessed(path, source="b").fields["target"] == "a"
    with pytest.raises(StudioError, match="No two columns"):
        guessed(path)


def test_two_columns_of_single_words_where_pairs_are_asked_for(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("figure,word\n" + "".join(f"{n},number{n}\n" for n in range(30)))
    found = guessed(path)
    assert (found.fields["source"], found.fields["target"]) == ("figure", "word")
    assert (found.fields["source_units"], found.fields["target_units"]) == ("character", "character")
    assert found.reasons["target_units"] == "The targets are single words, so each character is a token."
    assert task_of(open_table(path)) == "classification"


def test_a_section_is_completed(tmp_path):
    path = tsv(tmp_path, "de\ten", GERMAN, ENGLISH)
    table = open_table(path)
    assert task_of(table) == "translation"
    data, said = complete(TranslationData(path=str(path)), table)
    assert isinstance(data, TranslationData)
    assert all(getattr(data, name) is not None for name in KINDS["translation"].guessed)
    assert any("'de' holds the sources" in sentence for sentence in said)
    assert complete(data, table) == (data, [])


def test_what_depends_on_a_setting_is_guessed_again_by_name():
    for kind in KINDS.values():
        assert kind.guessed <= kind.section.model_fields.keys()
        assert {role.field for role in kind.roles} <= kind.depends.keys()


@pytest.mark.parametrize(
    ("name", "title", "columns", "units"),
    [
        ("multi30k/train.de", "Translation", ["source", "target"], ["bpe", "bpe"]),
        ("multi30k", "Translation", ["source", "target"], ["bpe", "bpe"]),
        ("tatoeba_eng_cmn/cmn.txt", "Translation", ["column 1", "column 2"], ["bpe", "character"]),
        ("scitldr_a/train.jsonl", "Summaries", ["source", "target"], ["bpe", "bpe"]),
        ("csl_title/dev.tsv", "Summaries", ["column 2", "column 3"], ["character", "character"]),
    ],
)
def test_real_files_open_as_what_they_are(shared_data, name, title, columns, units):
    given = DataConfig(path=str(shared_data / name))
    table = open_for(given)
    data, _ = complete(section_for(task_of(table), given), table)
    assert isinstance(data, TranslationData)
    assert KINDS["translation"].guess(table, data).task_title == title
    assert [data.source, data.target] == columns
    assert [data.source_units, data.target_units] == units
