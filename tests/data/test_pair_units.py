"""Units of two sides: together or apart, learned once for an open file, and a row shown in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lstm_studio.config import TranslationData
from lstm_studio.data.pair_units import is_joint, known_units, learned_units, sides_of_row, units_of
from lstm_studio.data.subwords import SPECIAL, train_sides
from lstm_studio.data.table import open_table
from lstm_studio.errors import StudioError

SOURCES = ["das Haus ist klein", "das Haus ist alt", "der Mann ist alt"] * 4
TARGETS = ["the house is small", "the house is old", "the man is old"] * 4


def section(**values: Any) -> TranslationData:
    complete = {"purpose": "translation", "source_units": "bpe", "target_units": "bpe", "tokenizer": "treebank"}
    return TranslationData(**{**complete, "source": "source", "target": "target", **values})


@pytest.mark.parametrize(
    ("values", "joint"),
    [
        ({}, False),
        ({"purpose": "summary"}, True),
        ({"purpose": "rewriting"}, True),
        ({"purpose": None}, False),
        ({"vocabularies": "joint"}, True),
        ({"vocabularies": "separate", "purpose": "summary"}, False),
        ({"vocabularies": "joint", "target_units": "character"}, False),
        ({"purpose": "summary", "source_units": "word"}, False),
    ],
)
def test_both_sides_share_a_vocabulary_or_not(values, joint):
    data = section(**values)
    one, other = units_of(SOURCES, TARGETS, data)
    assert is_joint(data) is joint
    assert (one is other) is joint
    assert [one.kind, other.kind] == [data.source_units, data.target_units]


def test_they_are_what_train_sides_makes():
    data = section(vocabulary_size=40, min_count=1, lowercase=True)
    expected = train_sides("bpe", SOURCES, TARGETS, 40, lowercase=True, min_count=1)
    assert units_of(SOURCES, TARGETS, data) == expected
    words, letters = units_of(SOURCES, TARGETS, section(source_units="word", target_units="character", min_count=4))
    assert set(words.pieces[len(SPECIAL) :]) == {"das", "Haus", "ist", "klein", "alt", "der", "Mann"}
    assert letters.pieces[len(SPECIAL) :][0] in {" ", "s"}
    assert "q" not in letters.pieces


def test_nothing_to_learn_is_told():
    data = section(source_units="word", target_units="word", min_count=50, path="a.tsv")
    with pytest.raises(StudioError, match=r"a\.tsv: The sources hold nothing.*occurs 50 times or more.*min_count"):
        units_of(SOURCES, TARGETS, data)
    with pytest.raises(StudioError, match="The targets hold nothing"):
        units_of(SOURCES, ["a", "b"], section(target_units="word", source_units="word"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "a.tsv"
    rows = [f"{one}\t{other}" for one, other in zip(SOURCES, TARGETS, strict=True)]
    found.write_text("\n".join(["source\ttarget", *rows]) + "\n", encoding="utf-8")
    return found


def test_an_open_file_is_learned_from_once(path):
    table, data = open_table(path), section()
    assert known_units(table, data) is None
    found = learned_units(table, SOURCES, TARGETS, data)
    assert learned_units(table, SOURCES, TARGETS, data.model_copy(update={"max_length": 9})) is found
    assert known_units(table, data) is found
    for change in ({"lowercase": True}, {"vocabulary_size": 50}, {"split_seed": 1}, {"vocabularies": "joint"}):
        assert known_units(table, data.model_copy(update=change)) is None
    own = data.model_copy(update={"validation": "b.tsv"})
    learned_units(table, SOURCES, TARGETS, own)
    assert known_units(table, own.model_copy(update={"split_seed": 1})) is not None


def test_a_row_is_shown_in_words_until_pieces_are_learned(path):
    table, data = open_table(path), section(max_length=3, max_target_length=3)
    source, target = sides_of_row(table, data, 0)
    assert (source.title, source.tokens, source.count, source.most) == ("Source", tuple(SOURCES[0].split()), 4, 3)
    assert (target.title, target.tokens, target.most) == ("Target", tuple(TARGETS[0].split()), None)
    assert target.problem == "Too long to be learned from."
    learned_units(table, SOURCES, TARGETS, data)
    source, target = sides_of_row(table, data.model_copy(update={"max_target_length": 30}), 0)
    assert "".join(source.tokens) == "▁das▁Haus▁ist▁klein"
    assert "".join(target.tokens) == "▁the▁house▁is▁small"
    assert target.problem == ""


def test_rows_of_lists_and_long_rows(tmp_path):
    path = tmp_path / "a.jsonl"
    long = "word " * 5000
    path.write_text(
        f'{{"source": ["One.", "Two."], "target": ["Both.", "All."]}}\n{{"source": "{long}", "target": "x"}}\n'
    )
    table = open_table(path)
    source, target = sides_of_row(table, section(), 0)
    assert (source.tokens, target.tokens) == (("One", ".", "Two", "."), ("Both", "."))
    assert sides_of_row(table, section(), 1)[0].count == -1
    assert len(sides_of_row(table, section(), 1)[0].tokens) == 200
