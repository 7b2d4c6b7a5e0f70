"""Running text on its way to a network: what is guessed, divided, encoded, kept."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lstm_studio.config import GenerationData
from lstm_studio.data.guess_texts import guess_texts, likely_text
from lstm_studio.data.kinds import task_of
from lstm_studio.data.prepare_texts import facts_from_json, prepare_texts
from lstm_studio.data.table import open_table
from lstm_studio.data.units import END_ID
from lstm_studio.errors import StudioError
from tests.runs import running

POEMS = [f"《第{n}首》\n春风吹{n}山，\n明月照江川。" for n in range(30)]


def guessed(path, **given):
    return guess_texts(open_table(path), GenerationData(**given)).fields


# -- guessing --------------------------------------------------------------------------------------------------


def test_sentences_on_lines_are_texts_of_their_own(tmp_path):
    words = [" ".join(["word"] * (3 + n * 7 % 31)) + " , and" * (n % 3) + " so on ." for n in range(80)]
    path = tmp_path / "sentences.txt"
    path.write_text("\n".join(words) + "\n", encoding="utf-8")
    assert task_of(open_table(path)) == "generation"
    found = guessed(path)
    assert (found["documents"], found["units"], found["tokenizer"]) == ("lines", "word", "whitespace")


def test_a_play_is_one_text(tmp_path):
    path = tmp_path / "play.txt"
    speeches = [f"ANNA:\nI say it {n} times, and then\nI say it again.\n" for n in range(40)]
    path.write_text("\n".join(speeches), encoding="utf-8")
    found = guessed(path)
    assert (found["documents"], found["units"]) == ("whole", "character")


def test_poems_with_titles_are_texts_of_their_own(tmp_path):
    path = tmp_path / "poems.txt"
    path.write_text("\n\n".join(POEMS), encoding="utf-8")
    found = guessed(path)
    assert (found["documents"], found["units"]) == ("paragraphs", "character")
    assert guessed(path, documents="lines", units="word")["documents"] == "lines"


def test_lists_of_verses_are_texts_and_lists_of_words_are_not(tmp_path):
    verses = [{"author": f"诗人{n % 3}", "paragraphs": ["春风又绿江南岸，", "明月何时照我还。"]} for n in range(30)]
    path = tmp_path / "ci.json"
    path.write_text(json.dumps(verses, ensure_ascii=False), encoding="utf-8")
    table = open_table(path)
    assert task_of(table) == "generation"
    assert guess_texts(table).fields["text"] == "paragraphs"
    words = [{"tokens": ["春", "风"], "tags": ["O", "O"]} for _ in range(30)]
    other = tmp_path / "tags.json"
    other.write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
    assert likely_text(open_table(other)) < 0.5
    assert task_of(open_table(other)) == "tagging"


# -- preparing -------------------------------------------------------------------------------------------------


def test_the_end_is_set_aside_and_nothing_is_lost(tmp_path):
    path = running.write(tmp_path / "rhymes.txt", 100)
    changes = {"data.units": "character", "data.validation_fraction": 0.2, "data.test_fraction": 0.1}
    prepared = prepare_texts(running.config(path, **changes))
    parts = prepared.parts()
    assert [part.documents for part in parts.values()] == [70, 20, 10]
    lines = [
        prepared.units.decode(part.ids[part.offsets[n] : part.offsets[n + 1] - 1].tolist())
        for part in parts.values()
        for n in range(part.documents)
    ]
    assert lines == running.lines(100)
    assert all((part.ids[part.offsets[1:] - 1] == END_ID).all() for part in parts.values())


def test_files_of_their_own_are_read_whole(tmp_path):
    path = running.write(tmp_path / "train.txt", 60)
    held = running.write(tmp_path / "held.txt", 10, seed=1)
    prepared = prepare_texts(running.config(path, **{"data.validation": str(held), "data.test": str(held)}))
    assert prepared.train.documents == 60
    np.testing.assert_array_equal(prepared.validation.ids, prepared.test.ids)
    assert prepared.text("validation", 0).startswith(running.lines(1, 1)[0].split(" ")[0])


@pytest.mark.parametrize("units", ["word", "character", "bpe"])
def test_the_cache_gives_back_the_same(tmp_path, units):
    path = running.write(tmp_path / "rhymes.txt")
    config = running.config(path, **{"data.units": units, "data.documents": None, "data.test_fraction": 0.1})
    first = prepare_texts(config, cache=tmp_path / "cache")
    told = []
    again = prepare_texts(config, lambda share, text: told.append(text), cache=tmp_path / "cache")
    assert not any("Encoding" in text for text in told), "nothing is done twice"
    assert (again.units, again.ends, again.usual, again.key) == (first.units, first.ends, first.usual, first.key)
    assert again.config == first.config
    for name, part in first.parts().items():
        np.testing.assert_array_equal(part.ids, again.parts()[name].ids)
    sample = first.train.ids[5:25]
    assert first.repeats.longest_repeat(sample) == again.repeats.longest_repeat(sample)
    bare = prepare_texts(config)
    assert bare.key == first.key
    np.testing.assert_array_equal(bare.train.ids, first.train.ids)


def test_a_column_of_a_table_is_read_row_by_row(tmp_path):
    path = tmp_path / "poems.jsonl"
    rows = [json.dumps({"title": f"第{n}首", "verses": POEMS[n].split("\n")}, ensure_ascii=False) for n in range(30)]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    prepared = prepare_texts(running.config(path, **{"data.documents": None, "data.units": None}))
    assert prepared.config.data.text == "verses"
    assert prepared.ends
    assert prepared.train.documents + prepared.validation.documents == 30
    assert prepared.text("train", 0).startswith("《第0首》\n春风")


@pytest.mark.parametrize(
    ("content", "changes", "said"),
    [
        ("", {}, "empty"),
        ("one\n", {}, "too short to set a part of it aside"),
        ("\n".join(running.lines(20)), {"data.validation_fraction": 0.6, "data.test_fraction": 0.5}, "Nothing is left"),
        ("\n".join(running.lines(20)), {"data.min_count": 900}, "nothing that could be learned"),
        ("\n".join(running.lines(20)), {"data.validation": "nowhere.txt"}, "no such file"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(tmp_path, content, changes, said):
    path = tmp_path / "text.txt"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(StudioError, match=said):
        prepare_texts(running.config(path, **changes))


def test_a_damaged_vocabulary_is_refused():
    for text in ("", "[]", '{"units": {}, "ends": 1, "usual": 2}', '{"units": 3, "ends": true, "usual": 2}'):
        with pytest.raises(StudioError, match="damaged"):
            facts_from_json(text)
