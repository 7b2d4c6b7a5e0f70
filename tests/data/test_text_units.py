"""Units of running text: there and back, with line ends."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

from lstm_studio.data import text_blocks
from lstm_studio.data.documents import Documents, read_documents
from lstm_studio.data.subwords import BytePairs, Words
from lstm_studio.data.text_units import ExactCharacters, LineUnits, text_units_from_json, train_text_units
from lstm_studio.data.units import END_ID, SPECIAL, UNKNOWN_ID
from lstm_studio.errors import Cancelled, StudioError

ODD = "  Tab\there,\n\n\nfour    spaces \x0b\x85 nb\xa0sp\u2028; 👩‍👩‍👧 naïve e\u0301 ▁ ↵ </s> 水村漁市\n"
PLAY = "First Citizen:\nBefore we proceed any further, hear me speak.\n\nAll:\nSpeak, speak.\n"
TREEBANK = " mr. <unk> is chairman of <unk> n.v. \n rudolph <unk> N years old \n mr. <unk> is old \n"


def test_characters_come_back_to_the_last_one():
    units = train_text_units("character", [ODD], 1000)
    assert units.decode(units.encode(ODD)) == ODD
    assert units.join(units.cut(ODD)) == ODD
    assert len(units.encode(ODD)) == len(ODD) == len(units.tokens(units.encode(ODD)))
    assert units.tokens(units.encode("a b\n\t".replace("a", "T").replace("b", "e"))) == ["T", "▁", "e", "↵", "⇥"]
    assert units.encode("\n") == [units.line_id]


def test_characters_are_the_most_frequent_ones():
    units = ExactCharacters.train(["bbbaaacc", "d\n"], 3)
    assert units.pieces == [*SPECIAL, "a", "b", "c"]
    assert units.line_id is None
    assert units.encode("ad\n") == [4, UNKNOWN_ID, UNKNOWN_ID]
    assert units.decode([4, UNKNOWN_ID, 0, 2, 5, 3]) == "a<unk>b"
    assert len(ExactCharacters.train(["bbbaaacc", "d\n"], 9, min_count=2)) == 7
    assert ExactCharacters.train(["AbB"], 9, lowercase=True).encode("B") == [4]


def test_lone_surrogates_are_the_replacement_character():
    units = ExactCharacters.train(["a\ud800b"], 9)
    assert units.decode(units.encode("a\udfffb")) == "a\ufffdb"


@pytest.mark.parametrize("words", ["treebank", "wordpunct", "whitespace"])
def test_words_by_line(words):
    units = train_text_units("word", [PLAY], 1000, words=words)
    assert isinstance(units, LineUnits)
    assert units.decode(units.encode(PLAY)) == PLAY
    assert units.join(units.cut(PLAY)) == PLAY
    assert units.encode(PLAY).count(units.line_id) == 5
    assert units.line_id == len(units) - 1
    assert units.tokens(units.encode("All:\n"))[-1] == "↵"
    assert units.cut("Hark\n\n") == ["Hark", "\n", "\n"]


def test_the_lines_of_a_preprocessed_corpus_end_in_the_end_mark():
    units = train_text_units("word", [TREEBANK], 1000, words="whitespace", line_end="</s>")
    ids = units.encode(TREEBANK)
    assert units.line_id == END_ID
    assert ids.count(END_ID) == 3
    assert ids[-1] == END_ID
    assert ids.count(UNKNOWN_ID) == 4
    assert len(ids) == len(TREEBANK.split()) + 3
    assert units.decode(ids) == "\n".join(line.strip() for line in TREEBANK.split("\n"))
    assert "\n" not in units.pieces


@pytest.mark.parametrize("text", [PLAY, "水村漁市。\n煙霞交隱映,\n\n花鳥自參差。", "one\n"])
def test_pieces_of_words_by_line(text):
    units = train_text_units("bpe", [text], 200)
    assert units.decode(units.encode(text)) == text
    assert units.join(units.cut(text)) == text
    assert [piece for piece in units.tokens(units.encode(text)) if piece == "↵"] == ["↵"] * text.count("\n")


@pytest.mark.parametrize("kind", ["character", "word", "bpe"])
def test_a_text_in_blocks_is_the_text(kind, monkeypatch):
    chance = random.Random(5)
    text = "".join(chance.choice(["Speak", " ", "on,", "\n", "漁市", " me "]) for _ in range(4000))
    units = train_text_units(kind, [text], 500, words="whitespace")
    whole = units.encode(text)
    monkeypatch.setattr("lstm_studio.data.text_units.BLOCK", 997)
    monkeypatch.setattr("lstm_studio.data.text_units._LINES_AT_ONCE", 7)
    blocks = list(units.blocks(text))
    assert len(blocks) > 10
    assert [number for ids, _ in blocks for number in ids.tolist()] == whole
    assert [place for _, place in blocks] == sorted({place for _, place in blocks})
    assert blocks[-1][1] == len(text)
    assert all(ids.dtype == np.int32 for ids, _ in blocks)


@pytest.mark.parametrize("kind", ["word", "bpe"])
@pytest.mark.parametrize("filling", ["Speak me on, ", "漁市。煙霞,", "漁市 speak 漁 ", "漁市" * 40, "speech" * 40])
def test_one_huge_line_in_pieces_is_the_line(kind, filling, monkeypatch):
    text = filling * 400 + "\n" + filling
    words = "wordpunct" if "speech" not in filling else "whitespace"
    units = train_text_units(kind, ["Speak me on, 漁市 speak 漁 煙霞,漁市。煙" * 2 + "speech" * 2], 500, words=words)
    whole = units.encode(text)
    monkeypatch.setattr(text_blocks, "AT_ONCE", 500)
    monkeypatch.setattr("lstm_studio.data.text_units.AT_ONCE", 500)
    pieces = list(text_blocks.line_parts(text))
    assert (len(filling) > 50) == (len(pieces) == 2)
    assert units.encode(text) == whole
    assert units.decode(units.encode(filling)) == filling.strip() or kind == "word"


@pytest.mark.parametrize(
    "units",
    [
        ExactCharacters.train([ODD], 100),
        ExactCharacters.train([ODD], 100, lowercase=True),
        LineUnits(Words.train([PLAY], 100, words="toktok")),
        LineUnits(Words.train([TREEBANK], 100, words="whitespace"), "</s>"),
        LineUnits(BytePairs.train([PLAY], 60)),
    ],
)
def test_json_there_and_back(units):
    again = text_units_from_json(units.to_json())
    assert again == units
    assert type(again) is type(units)
    assert again.pieces == units.pieces
    assert again.encode(PLAY + TREEBANK) == units.encode(PLAY + TREEBANK)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"text": "other"}, "how running text is cut"),
        ({"format": 9}, "another version"),
        ({"tokens": ["a"]}, "no list of tokens"),
        ({"tokens": [*SPECIAL, "ab"]}, "no characters"),
        ({"tokens": [*SPECIAL, "a", "a"]}, "twice"),
        ({"lowercase": None}, "no list of tokens"),
        ({"text": "lines", "line_end": "\r"}, "how running text is cut"),
        ({"text": "lines", "line_end": "\n", "units": {"format": 1}}, "no list of tokens"),
    ],
)
def test_damage_is_told(change, words):
    values = json.loads(ExactCharacters.train(["abc"], 9).to_json())
    with pytest.raises(StudioError, match=words):
        text_units_from_json(json.dumps({**values, **change}))


def test_what_is_no_json_is_told():
    for text in ("", "[]", "{", "[" * 100_000):
        with pytest.raises(StudioError, match="damaged"):
            text_units_from_json(text)


def test_nothing_to_learn():
    for kind in ("character", "word"):
        with pytest.raises(StudioError, match="nothing that could be learned"):
            train_text_units(kind, ["abc def"], 10, min_count=5)
    with pytest.raises(StudioError, match="no units called"):
        train_text_units("syllable", ["abc"], 10)


@pytest.mark.parametrize("kind", ["character", "word", "bpe"])
def test_learning_can_be_cancelled(kind):
    def progress(fraction, words):
        raise Cancelled

    with pytest.raises(Cancelled):
        train_text_units(kind, Documents.of(["some words\n" * 20_000] * 3), 10, progress=progress)


def test_the_real_texts(shared_data):
    play = read_documents(shared_data / "tinyshakespeare" / "input.txt")
    units = train_text_units("character", play, 1000)
    assert len(units) == 65 + len(SPECIAL)
    assert units.decode(units.encode(play[0])) == play[0]
