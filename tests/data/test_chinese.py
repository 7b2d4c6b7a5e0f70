"""Chinese words, and full-width forms read as half-width ones."""

from __future__ import annotations

import unicodedata

import pytest

from lstm_studio.config import ClassificationData, GenerationData, TranslationData
from lstm_studio.data.guess import guess
from lstm_studio.data.guess_pair_fields import guess_pair_fields
from lstm_studio.data.guess_tags import guess_tags
from lstm_studio.data.guess_texts import guess_texts
from lstm_studio.data.spelling import known_characters, letters_of, normal
from lstm_studio.data.subwords import BytePairs, Characters, Words, train_units, units_from_json
from lstm_studio.data.table import open_table
from lstm_studio.data.text_units import ExactCharacters, text_units_from_json, train_text_units
from lstm_studio.data.tokenize import tokenizer
from lstm_studio.data.width import narrow
from lstm_studio.tasks.reading import Reader

MIXED = "我们用 PyTorch 2.0 训练 LSTM，效果很好！Don't you think？"


def test_words_of_mixed_text() -> None:
    cut = tokenizer("chinese words")
    found = cut(MIXED)
    assert found[:11] == ["我们", "用", "PyTorch", "2.0", "训练", "LSTM", "，", "效果", "很", "好", "！"]
    assert found[11:] == ["Do", "n't", "you", "think", "？"]
    assert [MIXED[start:end] for start, end in cut.spans(MIXED)] == found
    assert cut.join(found) == "我们用PyTorch 2.0训练LSTM，效果很好！Don't you think？"
    assert cut("T恤和卡拉OK") == ["T恤", "和", "卡拉", "OK"]
    assert tokenizer("chinese words", lowercase=True)("用LSTM") == ["用", "lstm"]


def test_marks_stay_with_their_character_and_long_runs_lose_nothing() -> None:
    cut = tokenizer("chinese words")
    assert cut("好吃👍🏽，👨‍👩‍👧来") == ["好吃", "👍🏽", "，", "👨‍👩‍👧", "来"]
    text = "今天天气很好" * 9_000
    assert "".join(cut(text)) == text
    assert [text[start:end] for start, end in cut.spans(text)] == cut(text)


def test_half_width_is_what_nfkc_makes_of_the_full_width_forms_and_of_nothing_else() -> None:
    for point in range(0x3000, 0x10000):
        letter = chr(point)
        wanted = unicodedata.normalize("NFKC", letter) if point == 0x3000 or 0xFF01 <= point <= 0xFF5E else letter
        assert narrow(letter) == wanted
    assert narrow("ｱ①㍿ﬁ，。「」") == "ｱ①㍿ﬁ,。「」"


@pytest.mark.parametrize("name", ["treebank", "tweet", "wordpunct", "chinese words", "character", "whitespace"])
def test_spans_point_at_the_text_as_it_was_written(name: str) -> None:
    text = " ＬＳＴＭ　有１２３个，Ｏｋ ｉｔ＇ｓ ｆｉｎｅ！"
    cut = tokenizer(name, lowercase=True, narrow=True)
    tokens, spans = cut(text), cut.spans(text)
    assert len(tokens) == len(spans)
    assert tokens == [narrow(text[start:end]).lower() for start, end in spans]
    assert tokens == tokenizer(name, lowercase=True)(narrow(text))


def test_units_remember_it() -> None:
    texts = ["价格１２３元，很贵", "价格１２３元，很好"]
    for kind, made in (("bpe", BytePairs), ("word", Words), ("character", Characters)):
        units = train_units(kind, texts, 50, narrow=True, words="chinese words")
        again = units_from_json(units.to_json())
        assert isinstance(again, made)
        assert again == units
        assert again.encode(texts[0]) == units.encode("价格123元,很贵")
        assert again.decode(again.encode(texts[0])) == "价格123元,很贵"
        assert "narrow" not in train_units(kind, texts, 50).to_json()
    exact = train_text_units("character", texts, 50, narrow=True)
    assert isinstance(exact, ExactCharacters)
    again = text_units_from_json(exact.to_json())
    assert again.decode(again.encode("１２３，")) == "123,"
    words = text_units_from_json(train_text_units("word", texts, 50, narrow=True, words="chinese words").to_json())
    assert words.cut("价格１２３\n") == ["价格", "123", "\n"]


def test_words_of_taggers_are_read_in_half_width() -> None:
    assert normal(True, True, True)("Ａ１") == "a0"
    assert letters_of("Ａ１", False, True) == "A1"
    assert known_characters(["Ａ", "A"], False, True) == ("A",)


def test_a_typed_text_is_read_as_the_training_texts_were(tmp_path) -> None:
    from lstm_studio.config import parse
    from lstm_studio.data.prepare import prepare_classification

    path = tmp_path / "a.csv"
    rows = [f"{'好吃１２３' if n % 2 else '难吃abc'}，第{n}个,{n % 2}" for n in range(20)]
    path.write_text("text,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    data = {"path": str(path), "tokenizer": "chinese words", "normalize_width": True, "min_count": 1}
    config = parse({"task": "classification", "data": data})
    prepared = prepare_classification(config)
    assert "123" in prepared.vocabulary.tokens
    assert not {"１２３", "，"} & set(prepared.vocabulary.tokens)
    assert isinstance(prepared.config.data, ClassificationData)
    reading = Reader(prepared.config.data, prepared.vocabulary).read("好吃，１２３")
    assert reading.tokens == ("好吃", ",", "123")
    assert all(reading.known)


def test_the_guess_keeps_characters_and_cuts_words_where_words_are_wanted(tmp_path) -> None:
    table = tmp_path / "a.csv"
    rows = "".join(f"味道很好下次还会再来第{n}次,very good food number {n}\n" for n in range(30))
    table.write_text("中文,English\n" + rows, encoding="utf-8")
    opened = open_table(table)
    assert guess_pair_fields(opened).fields["tokenizer"] == "treebank"
    by_words = TranslationData(source="中文", target="English", source_units="word", target_units="word")
    assert guess_pair_fields(opened, by_words).fields["tokenizer"] == "chinese words"
    text = tmp_path / "b.txt"
    text.write_text("床前明月光。\n疑是地上霜。\n" * 30, encoding="utf-8")
    assert guess_texts(open_table(text), GenerationData(units="word")).fields["tokenizer"] == "chinese words"
    labels = tmp_path / "c.csv"
    labels.write_text("text,label\n" + "".join(f"味道很好第{n}次,{n % 2}\n" for n in range(30)), encoding="utf-8")
    assert guess(open_table(labels)).tokenizer == "character"
    spans = tmp_path / "d.jsonl"
    row = '{"text": "小明在北京工作", "entities": [[0, 2, "PER"], [3, 5, "LOC"]]}\n'
    spans.write_text(row * 20, encoding="utf-8")
    assert guess_tags(open_table(spans)).fields["tokenizer"] == "character"
