"""Byte pairs, words and characters: there and back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lstm_studio.data.subwords import (
    BEGIN_ID,
    END_ID,
    KINDS,
    MARK,
    PADDING_ID,
    SPECIAL,
    UNKNOWN_ID,
    BytePairs,
    Characters,
    Words,
    train_sides,
    train_units,
    units_from_json,
)
from lstm_studio.errors import StudioError

ENGLISH = [
    "Two young, White males are outside near many bushes.",
    'A man in a hat doesn\'t see the "dog" (a brown one).',
    "The hat costs $3.50 and the dog's bone 20% of it!",
]
GERMAN = [
    "Zwei junge weiße Männer sind im Freien in der Nähe vieler Büsche.",
    "Ein Mann mit Hut sieht den „Hund“ nicht; er läuft weg: wohin?",
]
CHINESE = [
    "我没事。",
    "基于平方和(SOS)方法的一种新的设计方法",
    "让我来，好吗？ 好 OK 2.5米",
    "《诗经》说：“关关雎鸠”。",
]
TEXTS = [*ENGLISH, *GERMAN, *CHINESE]
LOOSE = "A hat,  a dog\u00a0and\ta bone .\n"


@pytest.mark.parametrize("kind", ["bpe", "character"])
@pytest.mark.parametrize("text", TEXTS)
def test_what_is_cut_is_put_together_again(kind, text):
    units = train_units(kind, TEXTS, 400)
    ids = units.encode(text)
    assert min(ids) >= len(SPECIAL)
    assert units.decode(ids) == text
    assert units.decode([PADDING_ID, BEGIN_ID, *ids, END_ID, PADDING_ID]) == text
    assert "".join(units.tokens(ids)).replace(MARK, " ").strip() == text


@pytest.mark.parametrize("text", [*ENGLISH, *GERMAN])
def test_words_are_put_together_again(text):
    units = train_units("word", [*ENGLISH, *GERMAN], 400)
    assert units.decode(units.encode(text)) == text


def test_english_quotes_close_on_the_other_side():
    text = "He said “yes” and left."
    units = Words.train([text], 100)
    assert units.decode(units.encode(text)) == text


def test_white_space_becomes_single_spaces():
    units = train_units("bpe", [LOOSE], 100)
    assert units.decode(units.encode(LOOSE)) == "A hat, a dog and a bone ."
    for kind in KINDS:
        units = train_units(kind, [LOOSE], 100)
        assert units.encode("") == units.encode(" \n\t ") == []
        assert units.decode([]) == ""
        assert units.encode_batch([]) == []


def test_pairs_that_occur_often_become_pieces():
    units = BytePairs.train(["low low low lowest new newer"] * 5, 30)
    assert units.tokens(units.encode("low lower")) == ["▁low", "▁low", "er"]
    assert units.merges[0] == ("l", "o") or units.merges[0] == ("▁", "l")
    assert units.pieces[:4] == list(SPECIAL)
    assert len(units) == len(set(units.pieces)) <= 34


def test_words_are_ordered_by_count_and_then_by_letter():
    units = Words.train(["b a", "b c", "b a"], 2)
    assert units.pieces == [*SPECIAL, "b", "a"]
    assert units.encode("a b c") == [5, 4, UNKNOWN_ID]
    assert units.decode([5, 4, 1]) == "a b <unk>"
    assert Words.train(["b a", "b c"], 9, min_count=2).pieces == [*SPECIAL, "b"]


def test_pieces_show_where_words_begin():
    units = BytePairs.train(ENGLISH * 3, 500)
    tokens = units.tokens(units.encode("The dog's hat."))
    assert tokens[0].startswith(MARK)
    assert sum(token.startswith(MARK) for token in tokens) == 3
    assert Characters.train(["a b"], 9).tokens([4, 5, 6]) == [MARK, "a", "b"]
    chinese = BytePairs.train(CHINESE, 500)
    assert not chinese.tokens(chinese.encode("我没事。"))[0].startswith(MARK)


@pytest.mark.parametrize("kind", KINDS)
def test_lower_case(kind):
    units = train_units(kind, ["The Hat", "Ein Hut"], 100, lowercase=True)
    assert units.lowercase
    assert units.encode("THE HAT") == units.encode("the hat")
    assert units.decode(units.encode("THE HAT")) == "the hat"
    assert units_from_json(units.to_json()).decode(units.encode("Hut")) == "hut"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["</s>", "<s> a <pad>", "<unk>", "a</s>b"])
def test_a_text_cannot_spell_a_special_unit(kind, text):
    units = train_units(kind, [text] * 5, 100, words="whitespace")
    assert not {PADDING_ID, BEGIN_ID, END_ID} & set(units.encode(text))
    if kind != "word":
        assert units.decode(units.encode(text)) == text


def test_what_was_never_seen_is_unknown():
    units = BytePairs.train(ENGLISH, 100)
    ids = units.encode("a hat☃☃, 好")
    assert UNKNOWN_ID in ids
    assert units.decode(ids) == "a hat<unk><unk>, <unk>"
    assert units.tokens([UNKNOWN_ID]) == ["<unk>"]


def test_rare_characters_are_unknown_and_always_the_same_ones():
    units = BytePairs.train(["aa aa bb bb xy"], 50, min_count=2)
    assert set("ab▁") <= set(units.pieces)
    assert not set("xy") & set("".join(units.pieces[4:]))
    small = BytePairs.train(["a b c d e f [ ] ^ - \\"], 4)
    assert sorted(small.pieces[4:]) == ["-", "[", "\\", "▁"]
    assert len(BytePairs.train(TEXTS, 10)) == 14


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("texts", [[], [""], [" "]])
def test_nothing_to_learn_from(kind, texts):
    units = train_units(kind, texts, 10)
    assert set(units.encode("some words")) <= {UNKNOWN_ID, 4}
    assert units_from_json(units.to_json()).pieces == units.pieces


def test_odd_characters():
    odd = "e\u0301\ud800 \u2581x \u200b\u202e 👩‍👩‍👧 \x00"
    for kind in KINDS:
        units = train_units(kind, [odd], 100)
        assert units.decode(units.encode(odd))
        json.loads(units.to_json()).get("tokens")
        units.to_json().encode()
    units = BytePairs.train([odd], 100)
    assert units.decode(units.encode(odd)).startswith("é\ufffd _x ")


@pytest.mark.parametrize("kind", KINDS)
def test_json_there_and_back(kind):
    units = train_units(kind, TEXTS, 300, min_count=1, words="toktok")
    text = units.to_json()
    again = units_from_json(text)
    assert again == units
    assert again.to_json() == text
    assert again.kind == kind
    assert again.encode_batch(TEXTS) == units.encode_batch(TEXTS) == [units.encode(text) for text in TEXTS]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"format": 9}, "another version"),
        ({"tokens": 3}, "no list of tokens"),
        ({"tokens": [*SPECIAL, 5]}, "no list of tokens"),
        ({"tokens": ["a", "b"]}, "begin with"),
        ({"tokens": [*SPECIAL, "a", "a"]}, "must differ"),
        ({"lowercase": None}, "lower case"),
        ({"kind": "sound"}, "'sound'"),
        ({"kind": "word"}, "'word'"),
        ({"merges": None}, "pairs to merge"),
        ({"merges": [["a"]]}, "pairs to merge"),
        ({"merges": [["a", "qq"]]}, "'qq'"),
    ],
)
def test_damaged_units(change, why):
    values = {**json.loads(BytePairs.train(ENGLISH, 60).to_json()), **change}
    with pytest.raises(StudioError, match=why):
        units_from_json(json.dumps(values))
    for text in ("", "[", "[]", "3"):
        with pytest.raises(StudioError, match="damaged"):
            units_from_json(text)


def test_ids_and_kinds_that_do_not_exist():
    for kind in KINDS:
        units = train_units(kind, ["a b"], 10)
        with pytest.raises(IndexError):
            units.decode([len(units)])
        with pytest.raises(IndexError):
            units.tokens([-1])
    with pytest.raises(StudioError, match="'sound'"):
        train_units("sound", [], 10)


@pytest.mark.parametrize("kind", KINDS)
def test_one_set_of_units_for_both_sides(kind):
    both, same = train_sides(kind, ENGLISH, GERMAN, 400, joint=True)
    assert both is same
    assert UNKNOWN_ID not in both.encode(ENGLISH[0]) + both.encode(GERMAN[0])
    one, other = train_sides(kind, ENGLISH, GERMAN, 400)
    assert one == train_units(kind, ENGLISH, 400)
    assert other == train_units(kind, GERMAN, 400)
    assert one != other


TRAINING = """
import hashlib, socket, sys
def refuse(*_, **__): raise OSError("no network")
socket.socket.connect = refuse
from lstm_studio.data import subwords
assert not {"tokenizers", "nltk", "torch"} & sys.modules.keys(), "imported too early"
texts = [f"{a} the {b}ing of {c}s und die {a}{b}ung, 没{c}事。" for a in "abcde" for b in "abcde" for c in "xyz"]
units = subwords.train_units("bpe", texts, 200)
assert units.decode(units.encode(texts[7])) == texts[7]
assert not any(name.split(".")[0] in {"huggingface_hub", "httpx", "httpx2", "hf_xet", "yaml"} for name in sys.modules)
print(hashlib.sha256(units.to_json().encode()).hexdigest())
"""


def test_the_same_units_in_every_process_without_network():
    found = set()
    for seed, threads in (("1", "true"), ("2", "false")):
        values = {**os.environ, "PYTHONHASHSEED": seed, "TOKENIZERS_PARALLELISM": threads, "RAYON_NUM_THREADS": "4"}
        done = subprocess.run([sys.executable, "-c", TRAINING], env=values, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        found.add(done.stdout)
    assert len(found) == 1
    units = BytePairs.train(TEXTS, 300)
    assert units.to_json() == BytePairs.train(TEXTS, 300).to_json() == BytePairs.train(TEXTS[::-1], 300).to_json()


def test_long_runs_take_no_time():
    units = BytePairs.train(TEXTS, 300)
    start = time.perf_counter()
    for run in ("a" * 200_000, '"' * 100_000, "好" * 200_000, "a'" * 100_000, "1" * 200_000):
        assert units.encode(run)
    assert time.perf_counter() - start < 5


@pytest.mark.slow
def test_real_translations(shared_data: Path):
    folder = shared_data / "multi30k"
    texts = [
        line.strip()
        for name in ("train.de", "train.en")
        for line in (folder / name).read_text(encoding="utf-8").splitlines()
    ]
    start = time.perf_counter()
    units = BytePairs.train(texts, 8_000)
    trained = time.perf_counter()
    ids = units.encode_batch(texts[:29_000])
    encoded = time.perf_counter()
    assert trained - start < 10
    assert encoded - trained < 3
    assert [units.decode(each) for each in ids] == [" ".join(text.split()) for text in texts[:29_000]]
