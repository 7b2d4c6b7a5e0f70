"""Pairs of texts made ready: split by source, cut into units, kept; what cannot be used is told."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_studio.config import parse
from lstm_studio.data import prepare_pairs as module
from lstm_studio.data.prepare_pairs import PairRecipe, PairUnits, prepare_pairs
from lstm_studio.data.subwords import UNKNOWN_ID
from lstm_studio.errors import StudioError
from tests.runs import paired


@pytest.fixture
def file(tmp_path):
    return paired.write_tsv(tmp_path / "animals.tsv", paired.pairs(60))


def opened(path, **data):
    return parse({"task": "translation", "data": {"path": str(path), **data}})


def same(one, other):
    """Whether prepared pairs are equal to the last bit."""
    names = ("source_ids", "source_offsets", "target_ids", "target_offsets")
    return (
        one.config == other.config
        and one.notes == other.notes
        and one.units.to_json() == other.units.to_json()
        and one.parts().keys() == other.parts().keys()
        and all(
            np.array_equal(getattr(part, name), getattr(other.parts()[key], name))
            for key, part in one.parts().items()
            for name in names
        )
        and all(list(part.sources) == list(other.parts()[key].sources) for key, part in one.parts().items())
        and all(list(part.answers) == list(other.parts()[key].answers) for key, part in one.parts().items())
    )


def test_cache_and_memory_hold_the_same(file, tmp_path, monkeypatch):
    test = paired.write_tsv(tmp_path / "test.tsv", paired.pairs(10, seed=3))
    config = opened(file, test=str(test), max_length=3, max_target_length=3)
    memory = prepare_pairs(config)
    written = prepare_pairs(config, cache=tmp_path / "cache")

    def never(*_, **__):
        raise AssertionError("the file was opened again")

    monkeypatch.setattr(module, "open_for", never)
    read = prepare_pairs(config, cache=tmp_path / "cache")
    assert written.key == read.key != ""
    assert same(written, read)
    assert isinstance(read.train.source_ids, np.memmap)
    assert memory.notes == read.notes
    assert len(read.parts()) == 3
    assert read.question("test", 1) == {"text": paired.pairs(10, seed=3)[1][0]}
    with pytest.raises(KeyError):
        memory.text("other", 0)


@pytest.mark.parametrize(
    "change", [{"lowercase": True}, {"vocabulary_size": 60}, {"source_units": "word"}, {"vocabularies": "joint"}]
)
def test_other_settings_are_other_data(file, tmp_path, change):
    one, other = (prepare_pairs(opened(file, **own), cache=tmp_path / "cache") for own in ({}, change))
    assert one.key != other.key


def test_all_targets_of_a_source_are_in_one_part(tmp_path):
    rows = [(f"the source {number // 3}", f"a target {number}") for number in range(90)]
    path = paired.write_tsv(tmp_path / "several.tsv", rows)
    found = prepare_pairs(opened(path, source="english", target="other", header=True, validation_fraction=0.2))
    train, held = set(found.train.sources), set(found.validation.sources)
    assert not train & held
    assert len(found.validation) == len(held), "a source is measured once"
    assert all(len(found.validation.references(place)) == 3 for place in range(len(found.validation)))
    assert len(found.train) == 90 - 3 * len(held), "and each of its targets is learned"


def test_parallel_files_and_their_validation(tmp_path):
    train = paired.write_parallel(tmp_path, "train", paired.pairs(60))
    held = paired.write_parallel(tmp_path, "val", [*paired.pairs(9, seed=5), paired.pairs(1, seed=5)[0]])
    found = prepare_pairs(opened(train, validation=str(held)))
    assert len(found.train) == 60
    assert len(found.validation) == 10, "lines of parallel files count one by one"
    assert found.validation.references(0) == (paired.pairs(9, seed=5)[0][1],)
    (tmp_path / "val.eo").write_text("one line\n", encoding="utf-8")
    with pytest.raises(StudioError, match=r"val\.e[no].*"):
        prepare_pairs(opened(train, validation=str(held)))


def test_sources_are_cut_and_long_targets_left_out(file):
    config = opened(file, source_units="word", target_units="word", max_length=2, max_target_length=3, min_count=1)
    found = prepare_pairs(config)
    assert found.train.source_lengths.max() == 2
    assert found.train.target_lengths.max() == 3
    assert found.validation.target_lengths.max() == 4, "they still count when figures are taken"
    assert any("not learned from" in note and "line" in note for note in found.notes)
    with pytest.raises(StudioError, match="All targets are longer than 1 tokens"):
        prepare_pairs(opened(file, target_units="word", max_target_length=1))


def test_nothing_readable_is_one_unknown_token(tmp_path):
    rows = [*paired.pairs(20), ("🙂", "un kato")]
    path = paired.write_tsv(tmp_path / "a.tsv", rows)
    config = opened(path, source_units="word", validation_fraction=0.5, min_count=3)
    found = prepare_pairs(config)
    for part in found.parts().values():
        assert part.source_lengths.min() >= 1
    places = [(part, list(part.sources).index("🙂")) for part in found.parts().values() if "🙂" in list(part.sources)]
    part, place = places[0]
    assert part.source_ids[part.source_offsets[place]] == UNKNOWN_ID


def test_chinese_is_written_by_characters(tmp_path):
    found = prepare_pairs(opened(paired.write_tsv(tmp_path / "zh.tsv", paired.pairs(60, chinese=True))))
    data = found.config.data
    assert (data.source_units, data.target_units, data.purpose) == ("bpe", "character", "translation")
    assert found.units.target.decode(found.units.target.encode("一猫睡")) == "一猫睡"


def test_units_are_read_back(file):
    units = prepare_pairs(opened(file, vocabularies="joint")).units
    again = PairUnits.from_json(units.to_json())
    assert again.joint
    assert again.source == units.source


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ([("one", "un")], "too few texts"),
        ([("same", "a"), ("same", "b"), ("same", "c")], "too few texts"),
        ([("", "un"), ("one", "")], "No row has both"),
    ],
)
def test_what_cannot_be_used_is_told(tmp_path, rows, what):
    path = paired.write_tsv(tmp_path / "bad.tsv", rows)
    with pytest.raises(StudioError, match=what):
        prepare_pairs(opened(path, source="english", target="other"))


def test_damage_in_the_cache_is_mended(file, tmp_path):
    config = opened(file)
    first = prepare_pairs(config, cache=tmp_path / "cache")
    for damaged in (tmp_path / "cache").rglob("target_offsets.npy"):
        damaged.write_bytes(b"nothing")
    again = prepare_pairs(config, cache=tmp_path / "cache")
    assert np.array_equal(first.train.target_ids, again.train.target_ids)
    assert PairRecipe.task == "translation"
