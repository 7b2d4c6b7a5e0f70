"""Which columns hold words, tags and predicates, and what the tags are called."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from lstm_studio.config import TaggingData
from lstm_studio.data.guess_tags import guess_tags, likely
from lstm_studio.data.kinds import task_of
from lstm_studio.data.table import Table, open_table
from lstm_studio.errors import StudioError

SETS = {
    # file: (title, word, tag, predicate, scheme, tokenizer, what is said of the tags)
    "conll2003_en/valid.bio": (
        *("Named entities", "column 1", "column 2", None, "IOB2", "treebank"),
        "spans of 4 types, written as IOB2",
    ),
    "wnut17/emerging.dev.conll": (
        *("Named entities", "column 1", "column 2", None, "IOB2", "treebank"),
        "spans of 6 types, written as IOB2",
    ),
    "resume_ner/dev.char.bmes": (
        *("Named entities", "column 1", "column 2", None, "BMES", "character"),
        "spans of 8 types, written as BMES",
    ),
    "atis/valid": ("Slots", "words", "tags", None, "IOB2", "treebank", "spans of 66 types, written as IOB2"),
    "atis/test/seq.in": ("Slots", "words", "tags", None, "IOB2", "treebank", "types, written as IOB2"),
    "up_english_ewt/derived/dev.jsonl": (
        *("Semantic roles", "tokens", "tags", "predicate", "IOB2", "treebank"),
        "'predicate' names a word, and 'tags' says what the others are to it",
    ),
    "up_english_ewt/en_ewt-up-dev.conllu": (
        *("Semantic roles", "form", "roles", "predicate", "IOB2", "treebank"),
        "'predicate' names a word, and 'roles' says what the others are to it",
    ),
    "up_chinese_gsd/zh-up-dev.conllu": (
        *("Semantic roles", "form", "roles", "predicate", "IOB2", "chinese words"),
        "'predicate' names a word",
    ),
}


@pytest.mark.parametrize("name", sorted(SETS))
def test_real_sets(shared_data: Path, name: str) -> None:
    table = open_table(shared_data / name)
    assert task_of(table) == "tagging"
    assert likely(table) >= 0.95
    found = guess_tags(table)
    title, word, tag, predicate, scheme, tokenizer, said = SETS[name]
    assert (found.task, found.task_title) == ("tagging", title)
    assert found.fields == {
        "word": word,
        "tag": tag,
        "predicate": predicate,
        "scheme": scheme,
        "tokenizer": tokenizer,
        "max_length": 400,
    }
    expected = {"word", "tag", "tokenizer", "scheme", "max_length", "task"} | ({"predicate"} if predicate else set())
    assert found.reasons.keys() == expected
    assert all(reason.endswith(".") and len(reason) < 160 for reason in found.reasons.values())
    assert said in found.reasons["task"]


TEXTS = [
    "sst2/dev.tsv",
    "trec_qc/test.txt",
    "sms_spam/sms.tsv",
    "ag_news/derived/dev.csv",
    "waimai_10k/waimai_10k.csv",
]


@pytest.mark.parametrize("name", TEXTS)
def test_texts_with_labels_are_no_tagged_words(shared_data: Path, name: str) -> None:
    table = open_table(shared_data / name)
    assert likely(table) == 0.0
    assert task_of(table) == "classification"


def test_sentences_and_their_translation_are_no_tagged_words(shared_data: Path) -> None:
    folder = shared_data / "multi30k"
    assert likely(open_table(folder / "val.en", parallel=folder / "val.de")) == 0.0


def opened(folder: Path, text: str, name: str) -> Table:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return open_table(path)


def lines(folder: Path, *rows: Mapping[str, object], times: int = 12) -> Table:
    return opened(folder, "".join(json.dumps(row) + "\n" for row in rows) * times, "a.jsonl")


def test_two_columns_of_text_are_no_words_and_tags(tmp_path):
    rows = "".join(f"the cat number {n} sat\tle chat numero {n} dormait\n" for n in range(60))
    table = opened(tmp_path, rows, "a.tsv")
    assert likely(table) == 0.0
    assert task_of(table) == "translation"


def test_a_text_and_a_label_of_one_word_are_none(tmp_path):
    table = opened(tmp_path, "text,label\n" + "".join(f"word{n},{'ab'[n % 2]}\n" for n in range(60)), "a.csv")
    assert likely(table) == 0.0
    with pytest.raises(StudioError, match="No two columns of the file hold words and a tag") as caught:
        guess_tags(table)
    assert "'text', 'label'" in caught.value.why
    assert "data.word" in caught.value.todo


def test_the_tags_are_the_last_column_that_can_be(tmp_path):
    rows = [f"The{n} DT B-NP O\ndog{n} NN I-NP B-X\nruns{n} VBZ B-VP O\nhome{n} RB B-ADVP O\n\n" for n in range(9)]
    table = opened(tmp_path, "".join(rows), "a.conll")
    found = guess_tags(table)
    assert (found.fields["word"], found.fields["tag"]) == ("column 1", "column 4")
    assert found.task_title == "Named entities"
    chunks = guess_tags(table, TaggingData(tag="column 3"))
    assert (chunks.fields["word"], chunks.fields["tag"]) == ("column 1", "column 3")
    assert "tag" not in chunks.reasons
    speech = guess_tags(table, TaggingData(tag=1))
    assert (speech.fields["tag"], speech.fields["scheme"], speech.task_title) == (1, "none", "Tagging")
    assert "Each word has one of 4 tags" in speech.reasons["task"]


def test_parts_of_speech(tmp_path):
    rows = [{"words": f"the cat{n} saw the dog{n} .".split(), "pos": "D N V D N .".split()} for n in range(12)]
    table = lines(tmp_path, *rows, times=1)
    found = guess_tags(table)
    assert (found.fields["word"], found.fields["tag"], found.fields["scheme"]) == ("words", "pos", "none")
    assert found.task_title == "Tagging"
    assert likely(table) == 0.9


def test_spans_of_characters(tmp_path):
    rows: list[dict[str, object]] = [
        {"text": "Anna Smith moved to New York.", "label": [[0, 10, "PER"]]},
        {"text": "It rained.", "label": []},
    ]
    table = lines(tmp_path, *rows)
    found = guess_tags(table)
    assert (likely(table), task_of(table)) == (0.95, "tagging")
    assert (found.fields["word"], found.fields["tag"], found.fields["scheme"]) == ("text", "label", "IOB2")
    assert found.tokenizer == "treebank"
    assert found.task_title == "Named entities"
    assert found.reasons["tag"] == "'label' holds the tags: spans of characters with a type each."
    assert "marks stretches of the text" in found.reasons["task"]


@pytest.mark.parametrize(
    ("predicates", "wanted"),
    [((1, 0), "predicate"), (("0 1 0", "1 0 0"), "predicate"), ((1, 3), None), (("bark", "go"), None)],
)
def test_a_predicate_must_be_a_word_of_the_sentence(tmp_path, predicates, wanted):
    rows: list[dict[str, object]] = [
        {"tokens": ["dogs", "bark", "."], "predicate": predicates[0], "roles": ["B-A0", "B-V", "O"]},
        {"tokens": ["go", "home", "."], "predicate": predicates[1], "roles": ["B-V", "B-A4", "O"]},
    ]
    found = guess_tags(lines(tmp_path, *rows))
    assert found.fields["predicate"] == wanted
    assert found.task_title == ("Semantic roles" if wanted else "Named entities")
    assert ("predicate" in found.reasons) is (wanted is not None)


def test_other_columns_of_sentences_with_predicates_have_none(shared_data):
    table = open_table(shared_data / "up_chinese_gsd" / "zh-up-dev.conllu")
    found = guess_tags(table, TaggingData(tag="upos"))
    assert (found.fields["predicate"], found.fields["scheme"], found.task_title) == (None, "none", "Tagging")


def test_many_types_or_types_with_a_dot_are_slots(tmp_path):
    tokens = "fly from boston to denver on monday".split()
    tags = "O O B-from.city O B-to.city O B-day".split()
    assert guess_tags(lines(tmp_path, {"tokens": tokens, "slots": tags})).task_title == "Slots"
    plain = [tag.replace(".", "_") for tag in tags]
    assert guess_tags(lines(tmp_path, {"tokens": tokens, "slots": plain})).task_title == "Slots"
    usual = [tag.replace("from.city", "location").replace("to.city", "person") for tag in tags]
    assert guess_tags(lines(tmp_path, {"tokens": tokens, "slots": usual})).task_title == "Named entities"
    upper = [tag.replace(".", "_").upper() for tag in tags]
    assert guess_tags(lines(tmp_path, {"tokens": tokens, "slots": upper})).task_title == "Named entities"
    many = [f"B-t{n}" for n in range(30)]
    words = [f"w{n}" for n in range(100)]
    found = guess_tags(lines(tmp_path, {"tokens": words, "slots": [*many, *["O"] * 70]}))
    assert found.task_title == "Slots"
    assert "spans of 30 types" in found.reasons["task"]


def test_one_type(tmp_path):
    found = guess_tags(opened(tmp_path, "Anna B-PER\nleft O\nearly O\n\nit O\nrained O\nhard O\n\n" * 5, "a.conll"))
    assert "marks spans of one type, written as IOB2" in found.reasons["task"]


def test_what_is_given_wins(tmp_path):
    row = {"a": ["one", "two", "three"], "b": ["B-X", "O", "O"], "c": ["O", "B-Y", "O"]}
    table = lines(tmp_path, row)
    given = TaggingData(word="a", tag="b", scheme="BIOES", tokenizer="tweet", max_length=7)
    found = guess_tags(table, given)
    assert found.fields == {
        "word": "a",
        "tag": "b",
        "predicate": None,
        "scheme": "BIOES",
        "tokenizer": "tweet",
        "max_length": 7,
    }
    assert found.reasons.keys() == {"task"}
    with pytest.raises(StudioError, match="no column 'z'"):
        guess_tags(table, TaggingData(word="a", tag="z"))
    with pytest.raises(StudioError, match="no column 'z'"):
        guess_tags(table, TaggingData(predicate="z"))


def test_the_longest_sentence_is_told(tmp_path):
    table = opened(tmp_path, "Anna B-PER\n\n" + "word O\n" * 17 + "\n", "a.conll")
    assert guess_tags(table).reasons["max_length"] == "The longest sentence has 17 words."
