"""Rows of a table as sentences with tags: what is read, left out, mended, refused, and the line it is told with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lstm_studio.config import TaggingData
from lstm_studio.data.kinds import complete
from lstm_studio.data.sentences import Sentences, divided, marked_row, predicate_at, tagged_sentences
from lstm_studio.data.table import Table, open_table
from lstm_studio.data.tags import Span
from lstm_studio.errors import StudioError

Row = dict[str, Any]


def lines(folder: Path, rows: list[Row], name: str = "a.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def written(folder: Path, text: str, name: str = "a.conll") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def opened(path: Path, **settings: Any) -> tuple[Table, TaggingData]:
    table = open_table(path)
    data, _ = complete(TaggingData(path=str(path), **settings), table)
    assert isinstance(data, TaggingData)
    return table, data


def read(path: Path, **settings: Any) -> tuple[Sentences, list[str]]:
    notes: list[str] = []
    return tagged_sentences(*opened(path, **settings), notes), notes


# -- how they are written ----------------------------------------------------------------------------------------

TOKENS: list[Row] = [
    {"tokens": ["Anna", "Smith", "left"], "tags": ["B-PER", "I-PER", "O"]},
    {"tokens": ["New York", "is", "big"], "tags": ["B-LOC", "O", "O"]},
    {"tokens": ["it", "rained"], "tags": ["O", "O"]},
]


def test_json_lines_of_tokens_and_tags(tmp_path):
    found, notes = read(lines(tmp_path, TOKENS))
    assert found.words == [row["tokens"] for row in TOKENS]
    assert found.tags == [row["tags"] for row in TOKENS]
    assert (found.predicates, found.scheme, found.rows.tolist(), notes) == (None, "IOB2", [0, 1, 2], [])
    assert len(found) == 3
    assert found.place(1) == "line 2"
    assert found.table.where(int(found.rows[1])) == f"{tmp_path / 'a.jsonl'}, line 2"


def test_words_and_tags_with_spaces_between_them(tmp_path):
    text = "sentence,ner\nAnna Smith left,B-PER I-PER O\nit rained,O O\n"
    found, _ = read(written(tmp_path, text, "a.csv"), word="sentence", tag="ner")
    assert found.words == [["Anna", "Smith", "left"], ["it", "rained"]]
    assert found.tags == [["B-PER", "I-PER", "O"], ["O", "O"]]


SPANNED = [
    ("Anna Smith moved to New York.", [(0, 10, "PER"), (20, 28, "LOC")]),
    ("Nobody knows her.", []),
    ("Is Rome far?", [(3, 7, "LOC")]),
]
STYLES = {
    "doccano": lambda text, spans: {"text": text, "label": [list(span) for span in spans]},
    "spacy": lambda text, spans: {"text": text, "entities": [list(span) for span in spans]},
    "doccano objects": lambda text, spans: {
        "id": 1,
        "text": text,
        "entities": [{"id": 7, "label": kind, "start_offset": start, "end_offset": end} for start, end, kind in spans],
        "relations": [],
    },
    "prodigy": lambda text, spans: {
        "text": text,
        "spans": [{"start": start, "end": end, "label": kind} for start, end, kind in spans],
    },
    "label studio": lambda text, spans: {
        "id": 1,
        "text": text,
        "label": [
            {"start": start, "end": end, "text": text[start:end], "labels": [kind]} for start, end, kind in spans
        ],
    },
}


@pytest.mark.parametrize("style", sorted(STYLES))
def test_text_with_spans_of_characters(tmp_path, style):
    found, notes = read(lines(tmp_path, [STYLES[style](*row) for row in SPANNED]))
    assert found.words[0] == ["Anna", "Smith", "moved", "to", "New", "York", "."]
    assert found.tags == [
        ["B-PER", "I-PER", "O", "O", "B-LOC", "I-LOC", "O"],
        ["O"] * 4,
        ["O", "B-LOC", "O", "O"],
    ]
    assert notes == []


def test_spans_that_cannot_be_laid_over_words_are_left_out_and_told(tmp_path):
    rows = [STYLES["doccano"](*row) for row in SPANNED]
    rows[1]["label"] = [[0, 6, "PER"], [0, 3, "ORG"], [90, 99, "LOC"]]
    rows[2]["label"] = [[3, 7, "LOC"], [2, 3, "ORG"]]
    found, notes = read(lines(tmp_path, rows))
    assert found.tags[1:] == [["B-PER", "O", "O", "O"], ["O", "B-LOC", "O", "O"]]
    assert notes == [
        "a.jsonl: The spans of characters are laid over words; 3 of them "
        "(line 2: LOC at characters 90 to 99 holds no word) were left out."
    ]


def test_a_text_in_brackets_without_spans_is_still_a_text(tmp_path):
    rows = [STYLES["doccano"](*row) for row in SPANNED] + [{"text": "[Music] plays on", "label": []}]
    found, _ = read(lines(tmp_path, rows))
    assert found.words[-1] == ["[", "Music", "]", "plays", "on"]
    assert found.tags[-1] == ["O"] * 5


# -- what is wrong -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "tags", "said"),
    [
        (["a", "b", "c"], ["O", "O"], "A sentence has 3 words and 2 tags"),
        (["a"], ["O", "O"], "A sentence has 1 word and 2 tags"),
        (["a", "b"], [], "A sentence has 2 words and 0 tags"),
    ],
)
def test_numbers_that_differ_name_the_line(tmp_path, words, tags, said):
    path = lines(tmp_path, [*TOKENS, {"tokens": words, "tags": tags}])
    with pytest.raises(StudioError, match=rf"a\.jsonl, line 4: {said}") as caught:
        read(path, word="tokens", tag="tags")
    assert "'tokens'" in caught.value.why
    assert "'tags'" in caught.value.why
    assert caught.value.todo


def test_empty_sentences_are_left_out_and_told(tmp_path):
    empty: Row = {"tokens": [], "tags": []}
    found, notes = read(lines(tmp_path, [TOKENS[0], empty, *TOKENS[1:]]))
    assert found.rows.tolist() == [0, 2, 3]
    assert notes == ["a.jsonl: one empty row left out (the first is line 2)."]
    _, notes = read(lines(tmp_path, [*TOKENS, empty, empty]))
    assert notes == ["a.jsonl: 2 empty rows left out (the first is line 4)."]


def test_nothing_left_and_one_column_for_both(tmp_path):
    path = lines(tmp_path, [{"tokens": "", "tags": ""}, {"tokens": " ", "tags": " "}])
    table = open_table(path)
    with pytest.raises(StudioError, match="No row has words and tags"):
        tagged_sentences(table, TaggingData(word="tokens", tag="tags"), [])
    for data in (TaggingData(word="tokens", tag="tokens"), TaggingData(word="tokens"), TaggingData()):
        with pytest.raises(StudioError, match="must be two columns"):
            tagged_sentences(table, data, [])
    with pytest.raises(StudioError, match="no column 'ner'"):
        tagged_sentences(table, TaggingData(word="tokens", tag="ner"), [])


GOOD = "Anna B-PER\nSmith I-PER\nleft O\n\n"


def test_broken_sequences_are_told_with_their_line_and_read_as_conlleval_reads_them(tmp_path):
    found, notes = read(written(tmp_path, GOOD + "in O\nNew I-LOC\nYork I-LOC\nCity I-ORG\n\n" + GOOD))
    assert found.scheme == "IOB2"
    assert found.tags[1] == ["O", "B-LOC", "I-LOC", "B-ORG"]
    assert notes == [
        "a.conll: One sentence breaks the rules of IOB2 (line 6: I-LOC cannot follow O). "
        "Read as the CoNLL script reads them."
    ]
    _, notes = read(written(tmp_path, GOOD * 3 + "in O\nRome I-LOC\n\nAnna I-PER\n\n"))
    assert notes[0].startswith(
        "a.conll: 2 sentences break the rules of IOB2 (the first is at line 14: I-LOC cannot follow O)."
    )


def test_broken_sequences_of_characters(tmp_path):
    good = "王 B-NAME\n小 M-NAME\n红 E-NAME\n在 O\n京 S-LOC\n\n"
    found, notes = read(written(tmp_path, good * 2 + "张 B-NAME\n三 M-NAME\n去 O\n海 E-LOC\n"))
    assert found.scheme == "BMES"
    assert found.tags[2] == ["B-NAME", "E-NAME", "O", "S-LOC"]
    assert len(notes) == 1
    assert "line 15: O cannot follow M-NAME" in notes[0]


@pytest.mark.parametrize("scheme", ["IOB1", "IOB2", "BIOES", "BMES", "none"])
def test_a_given_scheme_is_taken(tmp_path, scheme):
    found, _ = read(written(tmp_path, GOOD), scheme=scheme)
    assert found.scheme == scheme


# -- predicates --------------------------------------------------------------------------------------------------


def role(words: str, tags: str, predicate: Any) -> Row:
    return {"tokens": words.split(), "predicate": predicate, "roles": tags.split()}


ROLES = [role("dogs bark", "B-A0 B-V", 1), role("run home now", "B-V B-A4 O", 0), role("they slept", "B-A0 B-V", "1")]


def test_predicates_by_place(tmp_path):
    found, notes = read(lines(tmp_path, ROLES))
    assert found.predicates == [1, 0, 1]
    assert notes == []
    assert found.take([2, 0]).predicates == [1, 1]
    assert found.take([2, 0]).words == [["they", "slept"], ["dogs", "bark"]]
    assert found.take([2, 0]).rows.tolist() == [2, 0]


def test_predicates_as_a_mark_for_each_word(tmp_path):
    rows = [
        role("dogs bark", "B-A0 B-V", "0 1"),
        role("run home now", "B-V B-A4 O", ["1", "0", "0"]),
        role("no verb", "O O", "0 0"),
        role("Go", "B-V", ["1"]),
    ]
    found, notes = read(lines(tmp_path, rows))
    assert found.predicates == [1, 0, 0]
    assert found.rows.tolist() == [0, 1, 3]
    assert notes == ["a.jsonl: one sentence without a predicate was left out."]


@pytest.mark.parametrize("cell", [None, "", "-1", "_", "-", " "])
def test_sentences_without_a_predicate_are_left_out_and_told(tmp_path, cell):
    rows = [*ROLES, role("no verb", "O O", cell), role("none here", "O O", cell)]
    found, notes = read(lines(tmp_path, rows), predicate="predicate")
    assert found.rows.tolist() == [0, 1, 2]
    assert notes == ["a.jsonl: 2 sentences without a predicate were left out."]
    path = lines(tmp_path, rows[3:])
    with pytest.raises(StudioError, match="No row has words and tags and a predicate"):
        tagged_sentences(open_table(path), TaggingData(word="tokens", tag="roles", predicate="predicate"), [])


@pytest.mark.parametrize("cell", ["2", "99", "-2", "1.0", "x", "0 1 0", "1 2", "9" * 30, "²"])
def test_a_place_outside_of_the_sentence_names_the_row(tmp_path, cell):
    path = lines(tmp_path, [*ROLES, role("dogs bark", "B-A0 B-V", cell)])
    with pytest.raises(StudioError, match=r"a\.jsonl, line 4: .* is not the position of a word") as caught:
        read(path, predicate="predicate")
    assert "The sentence has 2 words, counted from 0" in caught.value.why
    assert "'predicate'" in caught.value.why


def test_one_cell(tmp_path):
    table = open_table(lines(tmp_path, ROLES))
    assert predicate_at(" 1 ", 2, table, 0, "predicate") == 1
    assert predicate_at("0 1 1", 3, table, 0, "predicate") == 1
    assert predicate_at("0", 1, table, 0, "predicate") == 0
    assert predicate_at("_", 1, table, 0, "predicate") == -1
    with pytest.raises(StudioError, match="line 3: '5' is not the position"):
        predicate_at("5", 3, table, 2, "predicate")


def test_a_sentence_that_stands_there_for_each_predicate_is_read_once_without_them(tmp_path):
    block = "1\tdogs\tdog\tNOUN\t_\t_\t2\tnsubj\t_\t_\n2\tbark\tbark\tVERB\t_\t_\t0\troot\t_\t_\n\n"
    repeated = [
        {"tokens": ["he", "came", "and", "left"], "predicate": 1, "pos": ["P", "V", "C", "V"]},
        {"tokens": ["he", "came", "and", "left"], "predicate": 3, "pos": ["P", "V", "C", "V"]},
        {"tokens": ["dogs", "bark"], "predicate": 1, "pos": ["N", "V"]},
    ]
    table = open_table(lines(tmp_path, repeated))
    notes: list[str] = []
    found = tagged_sentences(table, TaggingData(word="tokens", tag="pos"), notes)
    assert found.rows.tolist() == [0, 2]
    assert notes == ["a.jsonl: sentences that stand there once for each predicate are read once."]
    # Two equal sentences of a file of columns are two.
    table = open_table(written(tmp_path, block * 2, "a.conllu"))
    assert len(tagged_sentences(table, TaggingData(word="form", tag="upos"), [])) == 2


# -- pieces ------------------------------------------------------------------------------------------------------


def test_long_sentences_are_divided(tmp_path):
    rows = [
        role("a b c d e", "O B-A0 I-A0 I-A0 B-V", 4),
        role("dogs bark", "B-A0 B-V", 1),
        role("x y z", "B-V O O", 0),
    ]
    found, _ = read(lines(tmp_path, rows))
    notes: list[str] = []
    pieces = divided(found, 2, notes)
    assert pieces.words == [["a", "b"], ["c", "d"], ["e"], ["dogs", "bark"], ["x", "y"], ["z"]]
    # A span that is cut goes on as a span of its own.
    assert pieces.tags == [["O", "B-A0"], ["B-A0", "I-A0"], ["B-V"], ["B-A0", "B-V"], ["B-V", "O"], ["O"]]
    assert pieces.predicates == [-1, -1, 0, 1, 0, -1]
    assert pieces.rows.tolist() == [0, 0, 0, 1, 2, 2]
    assert notes == ["a.jsonl: 2 sentences of more than 2 words divided into pieces."]
    for longest in (5, None):
        assert divided(found, longest, notes) is found
    assert len(notes) == 1


# -- one row, for a page -----------------------------------------------------------------------------------------


def test_a_row_with_its_spans(tmp_path):
    table, data = opened(lines(tmp_path, TOKENS))
    marked = marked_row(table, data, 0)
    assert marked.words == ("Anna", "Smith", "left")
    assert marked.spans == (Span(0, 2, "PER"),)
    assert (marked.predicate, marked.spaced, marked.problem) == (None, True, "")
    table, data = opened(lines(tmp_path, ROLES))
    assert marked_row(table, data, 2).predicate == 1


def test_a_row_with_a_problem_says_so(tmp_path):
    rows = [*TOKENS, {"tokens": ["a", "b"], "tags": ["O"]}, {"tokens": ["a", "b"], "tags": ["O", "I-PER"]}]
    table, data = opened(lines(tmp_path, rows), word="tokens", tag="tags", scheme="IOB2")
    assert marked_row(table, data, 3).problem == "This sentence has 2 words and 1 tag."
    assert marked_row(table, data, 3).spans == ()
    assert marked_row(table, data, 4).problem == "I-PER cannot follow O."
    assert marked_row(table, data, 4).spans == (Span(1, 2, "PER"),)
    table, data = opened(lines(tmp_path, [*ROLES, role("a b", "O O", 7)]), predicate="predicate")
    assert "'7' is not the position" in marked_row(table, data, 3).problem
    table, data = opened(written(tmp_path, "小 B-NAME\n红 E-NAME\n\n去 O\n"))
    assert marked_row(table, data, 0).spaced is False
