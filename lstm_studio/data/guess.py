"""What a person would say of a file at a glance: which column is text, which is label, how to cut it into tokens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from lstm_studio.config import ClassificationData
from lstm_studio.data.dialect import is_number
from lstm_studio.data.guess_types import Guess
from lstm_studio.data.partners import other_languages
from lstm_studio.data.table import Table
from lstm_studio.data.tokenize import tokenizer
from lstm_studio.errors import StudioError

SAMPLE_ROWS = 5_000
SHORTEST, LONGEST = 8, 400
COVERED = 0.99
_LENGTH_TEXTS = 2_000
_LENGTH_CHARACTERS = 1_000_000
_TEXT_CHARACTERS = LONGEST * 20
_LONG_LABEL = 60
_TEXT_NAMES = frozenset(
    "text texts sentence sentences review reviews content message messages body comment comments tweet question "
    "document title description texto texte testo текст отзыв 评论 文本 内容 句子 正文 文字 評論 內容 标题 標題 "
    "テキスト 本文 文章 텍스트 리뷰".split()
)
_LABEL_NAMES = frozenset(
    "label labels class classes category categories sentiment target topic tag intent rating stars polarity "
    "etiqueta clase étiquette classe etikett klasse kategorie etichetta метка класс "
    "标签 类别 分类 情感 情绪 標籤 類別 ラベル 라벨 레이블".split()
)
_NEITHER = frozenset("id index split lang language source user author date time url file filename 编号".split())
_OPINIONS = (
    {"0", "1"},
    {"-1", "1"},
    {"-1", "0", "1"},
    {"neg", "pos"},
    {"negative", "positive"},
    {"negative", "neutral", "positive"},
    {"neg", "neu", "pos"},
    {"neg", "neutral", "pos"},
    {"bad", "good"},
    {"差评", "好评"},
    {"负面", "正面"},
    {"消极", "积极"},
    {"負面", "正面"},
    {"消極", "積極"},
    {"负面", "中性", "正面"},
)


def guess(table: Table, data: ClassificationData | None = None) -> Guess:
    """Guess what ``data`` leaves open; what it says wins.

    Raises:
        StudioError: no column can be the text or the label, or a column that is named does not exist.
    """
    data = data or ClassificationData()
    reasons: dict[str, str] = {}
    columns = _sampled(table)
    text, label = _columns(table, data, columns, reasons)
    texts = columns[table.position(text)].cells
    kind: str | None = data.tokenizer
    if kind is None:
        kind, reasons["tokenizer"] = _tokenizer(texts)
    length = data.max_length
    if length is None:
        length, reasons["max_length"] = _length(table, table.position(text), texts, kind)
    title, reasons["task"] = _title(columns[table.position(label)].cells)
    fields = {"text": text, "label": label, "tokenizer": kind, "max_length": length}
    return Guess("classification", title, fields, reasons)


def likely(table: Table) -> float:
    """How much a table looks like texts with labels, 0..1."""
    if table.format.kind in {"folder", "fasttext", "labelled"}:
        return 1.0 if "label" in table.columns else 0.0
    try:
        guess(table)
    except StudioError:
        return 0.0
    return 0.5


def find_text(table: Table) -> int | None:
    """The column that looks most like text, in a file that needs no labels; None if none does."""
    scores = [column.text_score() if column.numbers <= 0.9 else 0.0 for column in _sampled(table)]
    best = int(np.argmax(scores)) if scores else 0
    return best if scores and scores[best] > 0 else None


# -- columns ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Column:
    """Figures of a sample of a column: share of cells that are filled, that are numbers, that hold several words."""

    name: str
    cells: list[str]
    filled: int
    filled_share: float
    distinct: int
    length: float
    numbers: float
    worded: float

    @classmethod
    def of(cls, name: str, cells: list[str]) -> _Column:
        full = [stripped for cell in cells if (stripped := cell.strip())]
        count = max(1, len(full))
        return cls(
            name.lower(),
            cells,
            len(full),
            len(full) / max(1, len(cells)),
            len(set(full)),
            sum(map(len, full)) / count,
            sum(map(is_number, full)) / count,
            sum(" " in cell or not cell.isascii() for cell in full) / count,
        )

    def label_score(self) -> float:
        """How much it looks like labels: few different, short values. 0: not at all."""
        if not self.filled or self.length > _LONG_LABEL:
            return 0.0
        share = self.distinct / self.filled
        named = self.name in _LABEL_NAMES
        if self.filled >= 20 and share > 0.9 and not named:
            return 0.0
        score = self.filled_share * (1.2 - share) / (1 + self.length / 30)
        if self.distinct == 1 or self.name in _NEITHER or (self.numbers > 0.99 and self.distinct > 20):
            score *= 0.3
        return score + 2.0 * named

    def text_score(self) -> float:
        """How much it looks like text: long and varied. 0: not at all."""
        if not self.filled:
            return 0.0
        score = self.filled_share * (0.2 + self.distinct / self.filled) * float(np.log1p(self.length))
        if self.numbers > 0.9:
            score *= 0.1
        if self.name in _NEITHER or (self.worded < 0.05 and self.length > 8):
            score *= 0.3  # addresses, file names, keys
        return score + 1.5 * (self.name in _TEXT_NAMES)


_samples: WeakKeyDictionary[Table, list[_Column]] = WeakKeyDictionary()
_lengths: WeakKeyDictionary[Table, dict[tuple[int, str], np.ndarray]] = WeakKeyDictionary()
"""Guessing is asked for again at each change of a setting; the table stays the same."""


def _sampled(table: Table) -> list[_Column]:
    found = _samples.get(table)
    if found is None:
        most = max(100, min(SAMPLE_ROWS, 500_000 // max(1, len(table.columns))))
        found = [_Column.of(name, table.sample(index, most)) for index, name in enumerate(table.columns)]
        _samples[table] = found
    return found


def _columns(
    table: Table, data: ClassificationData, columns: Sequence[_Column], reasons: dict[str, str]
) -> tuple[str | int, str | int]:
    text = table.position(data.text) if data.text is not None else None
    label = table.position(data.label) if data.label is not None else None
    if len(table.columns) < 2 and (text is None or label is None):
        several = [file.name for file in other_languages(table.path)[:5]]
        raise StudioError(
            "The file has one column only; learning needs a text and a label in each row",
            where=table.path,
            why=f"The column is {table.columns[0]!r}",
            todo=f"Open it together with its second file (data.parallel), one of {', '.join(several)}"
            if several
            else "Choose a file with labels, or another separator",
        )
    if label is None and table.format.kind == "folder" and "label" not in table.columns:
        raise StudioError(
            "Nothing says the labels of these texts",
            where=table.path,
            why="They stand side by side in the folder",
            todo="Put the texts of each label into a sub-folder that bears the label's name",
        )
    if label is None:
        scores = [column.label_score() if index != text else 0.0 for index, column in enumerate(columns)]
        label = int(np.argmax(scores))
        if scores[label] <= 0:
            raise StudioError(
                "No column looks like labels",
                where=table.path,
                why="A label column holds few different, short values",
                todo="Name the label column (data.label), or choose another file",
            )
        reasons["label"] = _why_label(table.columns[label], columns[label])
    if text is None:
        scores = [column.text_score() if index != label else 0.0 for index, column in enumerate(columns)]
        text = int(np.argmax(scores))
        if scores[text] <= 0:
            raise StudioError("No column looks like text", where=table.path, todo="Name the text column (data.text)")
        because = (
            "its name says so" if columns[text].name in _TEXT_NAMES else "its cells are the longest and most varied"
        )
        reasons["text"] = f"'{table.columns[text]}' holds the text: {because}."
    return (
        data.text if data.text is not None else table.columns[text],
        data.label if data.label is not None else table.columns[label],
    )


def _why_label(name: str, column: _Column) -> str:
    if column.distinct == 1:
        return f"'{name}' holds the label: one and the same in all rows that were looked at."
    because = "its name says so, and " if column.name in _LABEL_NAMES else ""
    return f"'{name}' holds the labels: {because}it has {column.distinct:,} different short values."


# -- text ------------------------------------------------------------------------------------------------------


def chinese_share(texts: Sequence[str]) -> float:
    """Share of Chinese, Japanese and Korean characters among all that are not white space, 0..1."""
    joined = "".join("".join(text[:400] for text in texts[:2000]).split())
    wide = sum("\u2e80" <= ch <= "\u9fff" or "\uac00" <= ch <= "\ud7af" or ch >= "\U00020000" for ch in joined)
    return wide / len(joined) if joined else 0.0


def _korean_share(texts: Sequence[str]) -> float:
    joined = "".join("".join(text[:400] for text in texts[:2000]).split())
    return sum("\uac00" <= ch <= "\ud7af" for ch in joined) / len(joined) if joined else 0.0


def _tokenizer(texts: Sequence[str]) -> tuple[str, str]:
    if chinese_share(texts) > 0.3 and _korean_share(texts) < 0.3:
        return "character", "The text is mostly Chinese or Japanese, so each character is a token."
    spaced = sum(" ." in text or " ," in text or " ?" in text for text in texts)
    glued = sum(any(f"{letter}{mark}" in text for letter in "aeslndtry" for mark in ".,?") for text in texts)
    if spaced > 5 * max(1, glued) and spaced > 0.2 * len(texts):
        return "whitespace", "The text is already cut into words: its punctuation stands apart."
    return "treebank", "The text is written with spaces, so words are tokens, cut as in the Penn Treebank."


def _length(table: Table, position: int, texts: Sequence[str], kind: str) -> tuple[int, str]:
    known = _lengths.setdefault(table, {})
    if (position, kind) not in known:
        known[position, kind] = _measured(texts, kind)
    lengths = known[position, kind]
    covered = int(np.ceil(np.quantile(lengths, COVERED)))
    length = int(np.clip(covered, SHORTEST, LONGEST))
    share = float((lengths <= length).mean())
    if share > 0.999:
        return length, f"All texts that were looked at have at most {length} tokens."
    return length, f"{length} tokens are enough for {100 * share:.{0 if share < 0.985 else 1}f} % of the texts."


def _measured(texts: Sequence[str], kind: str) -> np.ndarray:
    """Tokens of a sample of the texts; those of very long ones are counted only as far as matters."""
    full = [text for text in texts if text.strip()]
    chosen = full[:: max(1, -(-len(full) // _LENGTH_TEXTS))]
    each = max(_TEXT_CHARACTERS, _LENGTH_CHARACTERS // max(1, len(chosen)))
    cut = tokenizer(kind)
    lengths: list[int] = []
    left = 4 * _LENGTH_CHARACTERS
    for text in chosen:
        lengths.append(len(cut(text[:each])))
        left -= min(len(text), each)
        if left < 0:
            break
    return np.array(lengths or [0])


def _title(cells: Sequence[str]) -> tuple[str, str]:
    counts = Counter(cell.strip() for cell in cells if cell.strip())
    names = {_plain(label) for label in counts}
    if names in _OPINIONS:
        *others, last = sorted(counts)[:4]
        return "Sentiment", f"The labels {', '.join(others)} and {last} look like opinions."
    count = len(counts)
    words = "one and the same label" if count == 1 else f"one of {count:,} labels"
    return "Text classification", f"Each text has {words}."


def _plain(label: str) -> str:
    label = label.lower()
    return label.removesuffix(".0") if is_number(label) else label
