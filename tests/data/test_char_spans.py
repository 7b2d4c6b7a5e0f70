"""Spans of characters: read as annotation tools write them, and laid over words."""

from __future__ import annotations

import json

import pytest

from lstm_studio.data.char_spans import CharSpan, align, on_words, spans_of_cell
from lstm_studio.data.tags import Span
from lstm_studio.data.tokenize import tokenizer

TEXT = "Anna Smith moved to New York."
WANTED = [CharSpan(0, 10, "PER"), CharSpan(20, 28, "LOC")]


@pytest.mark.parametrize(
    "value",
    [
        [[0, 10, "PER"], [20, 28, "LOC"]],  # Doccano
        {"entities": [[0, 10, "PER"], [20, 28, "LOC"]]},  # spaCy
        [  # Doccano with relations
            {"id": 1, "start_offset": 0, "end_offset": 10, "label": "PER"},
            {"id": 2, "start_offset": 20, "end_offset": 28, "label": "LOC"},
        ],
        {  # Prodigy
            "spans": [
                {"start": 0, "end": 10, "token_start": 0, "token_end": 1, "label": "PER"},
                {"start": 20, "end": 28, "token_start": 4, "token_end": 5, "label": "LOC"},
            ]
        },
        [  # Label Studio
            {"start": 0, "end": 10, "text": "Anna Smith", "labels": ["PER"]},
            {"start": 20, "end": 28, "text": "New York", "labels": ["LOC"]},
        ],
        [
            {"begin": 0, "end": 10, "type": "PER", "text": "Anna Smith"},
            {"start": 20, "stop": 28, "entity_group": "LOC"},
        ],
    ],
)
def test_the_styles_of_tools(value):
    assert spans_of_cell(json.dumps(value)) == WANTED
    assert spans_of_cell("  " + json.dumps(value, indent=1)) == WANTED


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "PER",
        "B-PER O",
        '["B-PER", "O"]',
        "[1, 2, 3]",
        "[[0, 10]]",
        '[["0", "10", "PER"]]',
        "[[0, 10, 3]]",
        "[[true, false, 'PER']]",
        '[[true, false, "PER"]]',
        '[{"start": 0, "label": "PER"}]',
        '[{"start": 0, "end": 10}]',
        '[{"start": 0, "end": 10, "labels": ["PER", "ORG"]}]',
        '[[0, 10, "PER"], "and more"]',
        '{"other": [[0, 10, "PER"]]}',
        '{"entities": "none"}',
        "{not json",
        "[[0, 10, 'PER']",
        "[" * 100_000,
    ],
)
def test_anything_else_is_no_list_of_spans(cell):
    assert spans_of_cell(cell) is None


def test_a_text_may_have_no_spans():
    assert spans_of_cell("[]") == []
    assert spans_of_cell('{"entities": []}') == []


def test_words_are_found_where_they_stand():
    tokens = ["Anna", "Smith", "moved", "to", "New", "York", "."]
    places = align(TEXT, tokens)
    assert [TEXT[start:end] for start, end in places] == tokens
    assert align("a a a", ["a", "a", "a"]) == [(0, 1), (2, 3), (4, 5)]
    assert align("", []) == []


def test_quotes_that_the_tokenizer_writes_otherwise_are_found():
    text = 'He said "go to Rome" and left.'
    tokens = tokenizer("treebank", False)(text)
    assert {"``", "''"} <= set(tokens)
    places = align(text, tokens)
    shown = [text[start:end] for start, end in places]
    assert [token if token not in {"``", "''"} else '"' for token in tokens] == shown
    found, problems = on_words([CharSpan(15, 19, "LOC")], places)
    assert [tokens[span.start : span.end] for span in found] == [["Rome"]]
    assert problems == []


def test_a_word_that_is_not_there_does_not_move_the_others():
    places = align("one three", ["one", "two", "three"])
    assert places == [(0, 3), (3, 3), (4, 9)]
    assert on_words([CharSpan(4, 9, "N")], places) == ([Span(2, 3, "N")], [])


def laid(*spans: CharSpan) -> tuple[list[Span], list[str]]:
    return on_words(spans, align(TEXT, ["Anna", "Smith", "moved", "to", "New", "York", "."]))


def test_spans_of_characters_become_spans_of_words():
    assert laid(*reversed(WANTED)) == ([Span(0, 2, "PER"), Span(4, 6, "LOC")], [])
    assert laid() == ([], [])


def test_a_word_that_is_marked_in_part_belongs_to_the_span():
    assert laid(CharSpan(2, 7, "PER")) == ([Span(0, 2, "PER")], [])
    assert laid(CharSpan(19, 24, "LOC")) == ([Span(4, 5, "LOC")], [])  # a blank too much on both sides
    assert laid(CharSpan(-3, 4, "PER"), CharSpan(24, 99, "LOC")) == ([Span(0, 1, "PER"), Span(5, 7, "LOC")], [])


@pytest.mark.parametrize(("start", "end"), [(4, 5), (29, 40), (7, 7), (8, 2), (-9, -2), (500, 600)])
def test_a_span_without_a_word_is_told(start, end):
    assert laid(CharSpan(start, end, "PER")) == ([], [f"PER at characters {start} to {end} holds no word"])


def test_of_two_that_overlap_the_longer_one_stays():
    for spans in (
        [CharSpan(20, 28, "LOC"), CharSpan(24, 28, "ORG")],
        [CharSpan(24, 28, "ORG"), CharSpan(20, 28, "LOC")],
    ):
        assert laid(*spans) == ([Span(4, 6, "LOC")], ["ORG at characters 24 to 28 overlaps another one"])
    found, problems = laid(CharSpan(0, 4, "A"), CharSpan(0, 4, "B"))
    assert found == [Span(0, 1, "A")]
    assert problems == ["B at characters 0 to 4 overlaps another one"]
    assert laid(CharSpan(0, 4, "A"), CharSpan(5, 10, "A")) == ([Span(0, 1, "A"), Span(1, 2, "A")], [])
