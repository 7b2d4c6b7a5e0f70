"""What a person would say of a file at a glance: which column is text, which is label, how to cut it into tokens."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from lstm_studio.config import ClassificationData
from lstm_studio.data.table import Table
from lstm_studio.data.tokenize import tokenizer
from lstm_studio.errors import StudioError

SAMPLE_ROWS = 5_000
LENGTH_SAMPLE = 3_000
SHORTEST, LONGEST = 8, 400
COVERED = 0.99
TEXT_NAMES = frozenset(
    "text texts sentence sentences review reviews content message body comment comments tweet question document "
    "评论 文本 内容 句子 正文 文字 評論 內容 标题 title description".split()
)
LABEL_NAMES = frozenset(
    "label labels class classes category categories sentiment target topic tag intent rating polarity "
    "标签 类别 分类 情感 情绪 標籤 類別".split()
)
OPINIONS = (
    {"0", "1"},
    {"-1", "1"},
    {"-1", "0", "1"},
    {"neg", "pos"},
    {"negative", "positive"},
    {"negative", "neutral", "positive"},
    {"neg", "neu", "pos"},
    {"bad", "good"},
    {"差评", "好评"},
    {"负面", "正面"},
    {"消极", "积极"},
)


@dataclass(frozen=True)
class Guess:
    """Columns, tokenizer, longest text and task, and why: field -> one sentence."""

    text: str | int
    label: str | int
    tokenizer: str
    max_length: int
    task: str
    task_title: str
    reasons: dict[str, str]


def guess(table: Table, data: ClassificationData | None = None) -> Guess:
    """Guess what ``data`` leaves open; what it says wins.

    Raises:
        StudioError: no column can be the text or the label, or a column that is named does not exist.
    """
    data = data or ClassificationData()
    reasons: dict[str, str] = {}
    samples = [table.sample(index, SAMPLE_ROWS) for index in range(len(table.columns))]
    text, label = _columns(table, data, samples, reasons)
    texts = samples[table.position(text)]
    kind: str | None = data.tokenizer
    if kind is None:
        kind, reasons["tokenizer"] = _tokenizer(texts)
    length = data.max_length
    if length is None:
        length, reasons["max_length"] = _length(texts, kind)
    title, why = _title([cell.strip() for cell in samples[table.position(label)]], texts)
    reasons["task"] = why
    return Guess(text, label, kind, length, "classification", title, reasons)


def complete(data: ClassificationData, table: Table) -> tuple[ClassificationData, list[str]]:
    """The section with nothing left open, and a sentence on each guess."""
    found = guess(table, data)
    layout = table.format
    changes: dict[str, object] = {
        "text": found.text,
        "label": found.label,
        "tokenizer": found.tokenizer,
        "max_length": found.max_length,
        "format": layout.kind,
        "encoding": layout.encoding or None,
    }
    if layout.kind in {"csv", "tsv"}:
        changes |= {"delimiter": layout.delimiter, "quoting": layout.quoting, "header": layout.header}
    open_fields = {name: value for name, value in changes.items() if getattr(data, name) is None and value is not None}
    sentences = [found.reasons[name] for name in ("text", "label", "tokenizer", "max_length") if name in found.reasons]
    if "format" in open_fields or "encoding" in open_fields:
        sentences = [*layout.why, *sentences]
    return data.model_copy(update=open_fields), sentences


# -- columns ---------------------------------------------------------------------------------------------------


def _columns(
    table: Table, data: ClassificationData, samples: list[list[str]], reasons: dict[str, str]
) -> tuple[str | int, str | int]:
    text = table.position(data.text) if data.text is not None else None
    label = table.position(data.label) if data.label is not None else None
    if len(table.columns) < 2 and (text is None or label is None):
        raise StudioError(
            "The file has one column only; learning needs a text and a label in each row",
            where=table.path,
            why=f"The column is {table.columns[0]!r}",
            todo="Choose a file with labels, or another separator",
        )
    facts = [_Facts.of(name, cells) for name, cells in zip(table.columns, samples, strict=True)]
    if label is None:
        scores = [fact.label_score() if index != text else -1.0 for index, fact in enumerate(facts)]
        label = int(np.argmax(scores))
        if scores[label] <= 0:
            raise StudioError(
                "No column looks like labels",
                where=table.path,
                why="A label column holds few different, short values",
                todo="Name the label column (data.label), or choose another file",
            )
        classes = facts[label].distinct
        words = "value" if classes == 1 else "values"
        reasons["label"] = f"{table.columns[label]!r} holds the labels: {classes:,} different {words}, all short."
    if text is None:
        scores = [fact.text_score() if index != label else -1.0 for index, fact in enumerate(facts)]
        text = int(np.argmax(scores))
        if scores[text] <= 0:
            raise StudioError("No column looks like text", where=table.path, todo="Name the text column (data.text)")
        reasons["text"] = f"{table.columns[text]!r} holds the text: its cells are the longest and the most varied."
    named_text = data.text if data.text is not None else table.columns[text]
    named_label = data.label if data.label is not None else table.columns[label]
    return named_text, named_label


@dataclass(frozen=True)
class _Facts:
    name: str
    rows: int
    distinct: int
    mean_length: float
    numbers: float
    filled: float

    @classmethod
    def of(cls, name: str, cells: list[str]) -> _Facts:
        full = [cell.strip() for cell in cells if cell.strip()]
        count = max(1, len(full))
        return cls(
            name.lower(),
            len(full),
            len(set(full)),
            sum(map(len, full)) / count,
            sum(_number(cell) for cell in full) / count,
            len(full) / max(1, len(cells)),
        )

    def label_score(self) -> float:
        if not self.rows or self.mean_length > 60:
            return 0.0
        share = self.distinct / self.rows
        if self.rows >= 20 and share > 0.9 and self.name not in LABEL_NAMES:
            return 0.0
        score = self.filled * (1.2 - share) / (1 + self.mean_length / 30)
        if self.distinct == 1:
            score *= 0.3
        if self.numbers > 0.99 and self.distinct > 20:
            score *= 0.3
        return score + (2.0 if self.name in LABEL_NAMES else 0.0)

    def text_score(self) -> float:
        if not self.rows:
            return 0.0
        varied = self.distinct / self.rows
        score = self.filled * (0.2 + varied) * np.log1p(self.mean_length) * (0.1 if self.numbers > 0.9 else 1.0)
        return float(score) + (1.5 if self.name in TEXT_NAMES else 0.0)


def _number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


# -- text ------------------------------------------------------------------------------------------------------


def chinese_share(texts: list[str]) -> float:
    """Share of Chinese, Japanese and Korean characters among all that are not white space."""
    joined = "".join(text[:400] for text in texts[:2000])
    letters = [ch for ch in joined if not ch.isspace()]
    wide = sum("\u2e80" <= ch <= "\u9fff" or "\uac00" <= ch <= "\ud7af" or ch >= "\U00020000" for ch in letters)
    return wide / len(letters) if letters else 0.0


def _tokenizer(texts: list[str]) -> tuple[str, str]:
    if chinese_share(texts) > 0.3:
        return "character", "The text is mostly Chinese, so each character is a token."
    spaced = sum(" ." in text or " ," in text or " ?" in text for text in texts)
    glued = sum(any(f"{ch}{mark}" in text for ch in "aeslndtry" for mark in ".,?") for text in texts)
    if spaced > 5 * max(1, glued) and spaced > 0.2 * len(texts):
        return "whitespace", "The text is already cut into words by spaces."
    return "treebank", "The text is written with spaces, so words are tokens, cut as in the Penn Treebank."


def _length(texts: list[str], kind: str) -> tuple[int, str]:
    cut = tokenizer(kind)
    step = max(1, len(texts) // LENGTH_SAMPLE)
    lengths = np.array([len(cut(text[:20_000])) for text in texts[::step]] or [0])
    covered = int(np.ceil(np.quantile(lengths, COVERED)))
    length = int(np.clip(covered, SHORTEST, LONGEST))
    share = float((lengths <= length).mean())
    return length, f"{length} tokens cover {100 * share:.0f} of 100 texts."


def _title(labels: list[str], texts: list[str]) -> tuple[str, str]:
    counts = Counter(label for label in labels if label)
    names = {_plain(label) for label in counts}
    if names in OPINIONS:
        shown = " and ".join(sorted(counts)) if len(counts) < 3 else ", ".join(sorted(counts))
        return "Sentiment", f"The labels {shown} look like opinions."
    count = len(counts)
    return "Text classification", f"Each text has one of {count:,} labels."


def _plain(label: str) -> str:
    label = label.lower()
    return label.removesuffix(".0") if _number(label) else label
