"""Prepared sentences that are kept: equal to the last bit, made anew when anything they depend on changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_studio.config import RunConfig, parse
from lstm_studio.data import prepare_tags as module
from lstm_studio.data.prepare_tags import TagRecipe, prepare_tagging
from tests.data.tag_files import SENTENCES, config_for, conll, data_of, same


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return conll(tmp_path / "names.conll", SENTENCES)


def forbid_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("the file was opened again")

    monkeypatch.setattr(module, "open_for", never)
    monkeypatch.setattr(module, "open_other", never)


def test_cache_and_memory_hold_the_same(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dev = conll(tmp_path / "dev.conll", [SENTENCES[3], (["Acme", "grew"], ["B-ORG", "O"])])
    test = conll(tmp_path / "test.conll", SENTENCES[:5])
    config = config_for(file, validation=str(dev), test=str(test), learned_scheme="BIOES")
    memory = prepare_tagging(config)
    written = prepare_tagging(config, cache=tmp_path / "cache")
    forbid_reading(monkeypatch)
    read = prepare_tagging(config, cache=tmp_path / "cache")
    assert same(memory, written)
    assert same(memory, read)
    assert isinstance(read.train.ids, np.memmap)
    assert read.validation.strange.tolist() == [False, True]
    assert read.text("test", 4) == memory.text("test", 4)
    with pytest.raises(IndexError):
        read.text("test", 5)


def test_what_is_left_open_is_guessed_told_and_remembered(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_config = parse({"task": "tagging", "data": {"path": str(file)}})
    first = prepare_tagging(open_config, cache=tmp_path / "cache")
    data = data_of(first)
    assert (data.word, data.tag, data.scheme, data.tokenizer) == ("column 1", "column 2", "IOB2", "treebank")
    assert (data.format, data.max_length) == ("conll", 400)
    assert any("IOB2" in note for note in first.notes)
    memory = prepare_tagging(open_config)
    forbid_reading(monkeypatch)
    assert same(first, prepare_tagging(open_config, cache=tmp_path / "cache"))
    assert same(first, memory)
    # The completed configuration finds the same entry and needs no guessing.
    assert prepare_tagging(first.config, cache=tmp_path / "cache").key == first.key
    assert len(list((tmp_path / "cache").glob("*/entry.json"))) == 1


def test_a_damaged_entry_is_made_anew(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    config = config_for(conll(tmp_path / "a.conll", SENTENCES[:12]))
    good = prepare_tagging(config)
    prepare_tagging(config, cache=cache)
    names = sorted(path.relative_to(cache / good.key) for path in (cache / good.key).rglob("*") if path.is_file())
    assert len(names) == 2 * (6 + 2) + 2 + 1 + 1  # two parts with their texts, spellings, vocabulary, entry.json
    for name in names:
        path = cache / good.key / name
        for content in (b"", None, path.read_bytes()[:-3] + b"\xff\xff\xff"):
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content)
            assert same(prepare_tagging(config, cache=cache), good)
            assert path.is_file()
    assert not list(cache.glob(".*"))


@pytest.mark.parametrize(
    "change",
    [
        {"tags": []},
        {"tags": ["O", "O"]},
        {"tags": ["O", 3]},
        {"tags": ["O", "B-NEW"]},
        {"scheme": "XYZ"},
        {"learned_scheme": None},
        {"predicates": {"words": []}},
        {"names": {}},
        {"characters": None, "names": None},
    ],
)
def test_facts_that_mean_nothing_are_made_anew(file: Path, tmp_path: Path, change: dict[str, Any]) -> None:
    cache = tmp_path / "cache"
    good = prepare_tagging(config_for(file), cache=cache)
    entry = cache / good.key / "entry.json"
    values = json.loads(entry.read_text(encoding="utf-8"))
    values["facts"] |= change
    entry.write_text(json.dumps(values), encoding="utf-8")
    assert same(prepare_tagging(config_for(file), cache=cache), prepare_tagging(config_for(file)))
    assert json.loads(entry.read_text(encoding="utf-8"))["facts"]["tags"] == list(good.inventory.tags)


def test_a_cache_that_cannot_be_written_costs_only_time(file: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("in the way")
    assert same(prepare_tagging(config_for(file), cache=blocked), prepare_tagging(config_for(file)))


OTHERS: list[dict[str, Any]] = [
    {"lowercase": False},
    {"same_digits": True},
    {"learned_scheme": "BIOES"},
    {"scheme": "BIOES"},
    {"max_length": 5},
    {"min_count": 2},
    {"vocabulary_size": 11},
    {"validation_fraction": 0.2},
    {"split_seed": 1},
    {"tokenizer": "character"},
]


def test_the_key_follows_content_and_settings_only(file: Path, tmp_path: Path) -> None:
    base = prepare_tagging(config_for(file))
    assert base.key
    assert prepare_tagging(config_for(file)).key == base.key
    copy = conll(tmp_path / "copy.conll", SENTENCES)
    assert prepare_tagging(config_for(copy)).key == base.key
    for name, value in (("model.hidden_size", 7), ("model.crf", False), ("training.seed", 9)):
        assert prepare_tagging(config_for(file).replace(**{name: value})).key == base.key
    for settings in ({"cut": "start"}, {"pad_to_max_length": True}):  # no matter for tags
        assert prepare_tagging(config_for(file, **settings)).key == base.key
    keys = {base.key, prepare_tagging(config_for(conll(tmp_path / "b.conll", SENTENCES[:39]))).key}
    keys |= {prepare_tagging(config_for(file, **settings)).key for settings in OTHERS}
    assert len(keys) == 2 + len(OTHERS)
    assert {name for settings in OTHERS for name in settings} - set(TagRecipe.settings) == {
        "validation_fraction",
        "split_seed",
    }


def slots(folder: Path, tags: str = "O O B-city") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "seq.in").write_text("".join(f"fly{n} to boston\n" for n in range(20)), encoding="utf-8")
    (folder / "seq.out").write_text(f"{tags}\n" * 20, encoding="utf-8")
    (folder / "label").write_text("flight\n" * 20, encoding="utf-8")
    return folder


@pytest.mark.parametrize("inside", ["", "seq.in"])
def test_a_changed_partner_file_is_read_again(tmp_path: Path, inside: str) -> None:
    config = parse({"task": "tagging", "data": {"path": str(slots(tmp_path / "a") / inside)}})
    first = prepare_tagging(config, cache=tmp_path / "cache")
    assert set(first.inventory.tags) == {"O", "B-city"}
    assert same(prepare_tagging(config, cache=tmp_path / "cache"), first)
    slots(tmp_path / "a", "O O B-town")
    second = prepare_tagging(config, cache=tmp_path / "cache")
    assert set(second.inventory.tags) == {"O", "B-town"}
    (tmp_path / "a" / "label").write_text("fare\n" * 20, encoding="utf-8")
    third = prepare_tagging(config, cache=tmp_path / "cache")
    assert len({first.key, second.key, third.key}) == 3
    copy = parse({"task": "tagging", "data": {"path": str(slots(tmp_path / "b") / inside)}})
    assert prepare_tagging(copy).key == first.key


def test_a_partner_that_is_named(tmp_path: Path) -> None:
    words, tags = tmp_path / "x.words", tmp_path / "y.tags"
    words.write_text("".join(f"fly{n} to boston\n" for n in range(20)), encoding="utf-8")
    tags.write_text("O O B-city\n" * 20, encoding="utf-8")
    config = parse({"task": "tagging", "data": {"path": str(words), "parallel": str(tags)}})
    first = prepare_tagging(config, cache=tmp_path / "cache")
    assert set(first.inventory.tags) == {"O", "B-city"}
    tags.write_text("O O B-town\n" * 20, encoding="utf-8")
    second = prepare_tagging(config, cache=tmp_path / "cache")
    assert set(second.inventory.tags) == {"O", "B-town"}
    assert first.key != second.key


# -- pretrained vectors ------------------------------------------------------------------------------------------

GLOVE = "rome 1 0 0\nAnna 0 1 0\nzebra 0 0 1\nThe 2 2 2\nmoved 0.5 0.25 -1\nUNSEEN 9 9 9\nlion 3 3 3\n"


@pytest.fixture
def glove(tmp_path: Path) -> Path:
    path = tmp_path / "glove.txt"
    path.write_text(GLOVE, encoding="utf-8")
    return path


def with_vectors(file: Path, glove: Path, **values: Any) -> RunConfig:
    model = {"vectors": str(glove), "embedding_size": 64, **values}
    return config_for(file, model)


def test_words_of_the_vectors_join_the_vocabulary(file: Path, glove: Path) -> None:
    prepared = prepare_tagging(with_vectors(file, glove))
    plain = prepare_tagging(config_for(file))
    tokens = prepared.inventory.vocabulary.tokens
    own = plain.inventory.vocabulary.tokens
    assert tokens[: len(own)] == own
    assert list(tokens[len(own) :]) == ["zebra", "lion"]  # The and UNSEEN could never be read in lower case
    assert prepared.config.model.embedding_size == 3
    start = prepared.starts["vectors"]
    assert (start.matrix.shape, start.matrix.dtype) == ((len(tokens), 3), np.float32)
    vectors = dict(zip(tokens, start.matrix.tolist(), strict=True))
    assert vectors["moved"] == [0.5, 0.25, -1.0]
    assert vectors["zebra"] == [0.0, 0.0, 1.0]
    assert {token for token, there in zip(tokens, start.covered, strict=True) if there} == {
        "rome",
        "moved",
        "zebra",
        "lion",
    }
    assert not start.matrix[~start.covered].any()
    assert any(note.startswith("glove.txt: 2 of") for note in prepared.notes)
    assert "glove.txt: 2 more of its words are known too." in prepared.notes


def test_vectors_in_the_cache(file: Path, glove: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = with_vectors(file, glove)
    memory = prepare_tagging(config)
    written = prepare_tagging(config, cache=tmp_path / "cache")
    glove.write_text(GLOVE + "tiger 4 4 4\n", encoding="utf-8")
    changed = prepare_tagging(config, cache=tmp_path / "cache")
    assert "tiger" in changed.inventory.vocabulary
    assert changed.key != memory.key
    assert prepare_tagging(config_for(file)).key not in {changed.key, memory.key}
    glove.write_text(GLOVE, encoding="utf-8")
    forbid_reading(monkeypatch)
    read = prepare_tagging(config, cache=tmp_path / "cache")
    assert same(memory, written)
    assert same(memory, read)
    assert read.config.model.embedding_size == 3


def test_vectors_are_left_alone_where_words_have_none(file: Path, glove: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    learned = prepare_tagging(with_vectors(file, glove), cache=cache)
    for _ in range(2):
        plain = prepare_tagging(with_vectors(file, glove, encoding="one_hot"), cache=cache)
        assert not plain.starts
        assert "zebra" not in plain.inventory.vocabulary
    assert same(prepare_tagging(with_vectors(file, glove), cache=cache), learned)
