"""Columns, tokenizer, length and task are guessed right, and what is given wins."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lstm_studio.config import ClassificationData
from lstm_studio.data.guess import guess
from lstm_studio.data.kinds import complete
from lstm_studio.data.table import Table, open_table
from lstm_studio.data.tokenize import tokenizer
from lstm_studio.errors import StudioError

SETS = {
    # file: (text, label, tokenizer, title)
    "sst2/train.tsv": ("column 1", "column 2", "whitespace", "Sentiment"),
    "sst2/test.tsv": ("column 1", "column 2", "whitespace", "Sentiment"),
    "trec_qc/train.txt": ("text", "label", "whitespace", "Text classification"),
    "trec_qc/test.txt": ("text", "label", "whitespace", "Text classification"),
    "sms_spam/sms.tsv": ("column 2", "column 1", "treebank", "Text classification"),
    "ag_news/derived/train.csv": ("text", "label", "treebank", "Text classification"),
    "ag_news/derived/dev.csv": ("text", "label", "treebank", "Text classification"),
    "ag_news/test.csv": ("column 3", "column 1", "treebank", "Text classification"),
    "waimai_10k/waimai_10k.csv": ("review", "label", "character", "Sentiment"),
    "thucnews_titles/dev.txt": ("column 1", "column 2", "character", "Text classification"),
}


@pytest.mark.parametrize("name", sorted(SETS))
def test_real_sets(shared_data, name):
    table = open_table(shared_data / name)
    found = guess(table)
    assert (found.fields["text"], found.fields["label"], found.tokenizer, found.task_title) == SETS[name]
    assert found.task == "classification"
    assert found.reasons.keys() == {"text", "label", "tokenizer", "max_length", "task"}
    assert all(reason.endswith(".") and len(reason) < 160 for reason in found.reasons.values())
    cut = tokenizer(found.tokenizer)
    texts = table.column(found.fields["text"])
    lengths = np.array([len(cut(text)) for text in texts[:: max(5, len(texts) // 800)]])
    assert 0.97 <= (lengths <= found.max_length).mean() < 1.0
    assert 8 <= found.max_length <= 400


def opened(folder: Path, text: str, name: str = "a.csv") -> Table:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return open_table(path)


@pytest.mark.parametrize(
    ("header", "row", "text", "label"),
    [
        ("id,review,stars", "{n},It was a fine evening number {n},{k}", "review", "stars"),
        ("stars,id,review", "{k},{n},It was a fine evening number {n}", "review", "stars"),
        ("отзыв,оценка", "Это был хороший вечер {n},{k}", "отзыв", "оценка"),
        ("文,类", "这家餐厅的第{n}道菜很好吃,{k}", "文", "类"),
        ("q,a,split", "What is the number {n} of them ?,{c},train", "q", "a"),
        ("url,x,y", "http://example.org/a/very/long/address/of/something/{n},some words {n},{c}", "x", "y"),
        ("a,b", "{c},no more than words {n}", "b", "a"),
        ("title,body,topic", "Head {n},A body of many more words than the title has {n},{c}", "body", "topic"),
        ("lang,label,text", "en,{c},word number {n}", "text", "label"),
    ],
)
def test_columns(tmp_path, header, row, text, label):
    rows = [row.format(n=n, k=n % 2, c="east west".split()[n % 2]) for n in range(40)]
    found = guess(opened(tmp_path, header + "\n" + "\n".join(rows)))
    assert (found.fields["text"], found.fields["label"]) == (text, label)


def test_by_position_without_a_header(tmp_path):
    table = opened(tmp_path, "".join(f"word number {n}\t{n % 3}\n" for n in range(30)), "a.tsv")
    assert (guess(table).fields["text"], guess(table).fields["label"]) == ("column 1", "column 2")
    by_number = guess(table, ClassificationData(text=0, label=1))
    assert (by_number.fields["text"], by_number.fields["label"]) == (0, 1)


def test_what_is_given_wins(tmp_path):
    table = opened(tmp_path, "a,b,c\n" + "".join(f"first {n},second longer text {n},{n % 2}\n" for n in range(20)))
    assert guess(table).fields["text"] == "b"
    given = ClassificationData(text="a", tokenizer="character", max_length=5)
    found = guess(table, given)
    assert (found.fields["text"], found.fields["label"], found.tokenizer, found.max_length) == (
        "a",
        "c",
        "character",
        5,
    )
    assert found.reasons.keys() == {"label", "task"}
    with pytest.raises(StudioError, match="no column 'z'"):
        guess(table, ClassificationData(text="z"))


def test_complete_fills_everything_and_says_so(tmp_path):
    table = opened(tmp_path, "text;label\n" + "".join(f"words, more {n};{n % 2}\n" for n in range(20)))
    data, sentences = complete(ClassificationData(path="a.csv"), table)
    assert (data.format, data.encoding, data.delimiter, data.quoting, data.header) == ("csv", "utf-8", ";", True, True)
    assert (data.text, data.label, data.tokenizer, data.max_length) == ("text", "label", "treebank", 8)
    assert any("semicolon" in sentence for sentence in sentences)
    again, nothing = complete(data, table)
    assert again == data
    assert nothing == []


@pytest.mark.parametrize(
    ("labels", "title"),
    [
        (["0", "1"], "Sentiment"),
        (["1.0", "0.0"], "Sentiment"),
        ([" Pos", "neg "], "Sentiment"),
        (["Positive", "Neutral", "Negative"], "Sentiment"),
        (["好评", "差评"], "Sentiment"),
        (["ham", "spam"], "Text classification"),
        (["1", "2", "3"], "Text classification"),
    ],
)
def test_task_title(tmp_path, labels, title):
    rows = "".join(f"word number {n},{labels[n % len(labels)]}\n" for n in range(30))
    assert guess(opened(tmp_path, "text,label\n" + rows)).task_title == title


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("这部电影非常好看 iPhone {n}", "character"),
        ("とても良い映画でした。{n}", "character"),
        ("정말 좋은 영화였습니다 추천합니다 {n}", "treebank"),
        ("it 's all there , more or less . {n}", "whitespace"),
        ("It's all there, more or less. {n}", "treebank"),
    ],
)
def test_tokenizer(tmp_path, text, kind):
    rows = "".join(f'"{text.format(n=n)}",{n % 2}\n' for n in range(30))
    assert guess(opened(tmp_path, "text,label\n" + rows)).tokenizer == kind


def test_refusals(tmp_path):
    with pytest.raises(StudioError, match="one column only"):
        guess(opened(tmp_path, "just a line\nand another\n", "a.txt"))
    with pytest.raises(StudioError, match="No column looks like labels"):
        guess(opened(tmp_path, "".join(f"one text {n}\tanother text {n}\n" for n in range(40)), "a.tsv"))
