"""Section [data]: which text, which columns, how it becomes tokens."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator

from lstm_studio.config.remedies import in_order
from lstm_studio.config.section import Section, option

Tokenizer = Literal["treebank", "wordpunct", "tweet", "toktok", "chinese words", "character", "whitespace"]
Column = str | int
TOKENIZERS = {
    "treebank": "Words (Treebank)",
    "wordpunct": "Words (split at punctuation)",
    "tweet": "Words (tweets)",
    "toktok": "Words (Toktok)",
    "chinese words": "Words (Chinese)",
    "character": "Characters",
    "whitespace": "Words (split at spaces)",
}
Format = Literal[
    "csv", "tsv", "jsonl", "parquet", "txt", "folder", "fasttext", "labelled", "conll", "conllu", "parallel"
]


class DataConfig(Section):
    """What every task says of its data. None means: find out from the file."""

    path: str = option("", "File", "The file or folder that holds the training texts.", level="hidden")
    validation: str | None = option(
        None,
        "Validation file",
        "A file of its own for validation; without one a part of the training texts is set aside.",
        automatic="a part of the training file",
        level="hidden",
    )
    test: str | None = option(
        None,
        "Test file",
        "A file that is looked at once, after training, to report honest figures.",
        automatic="none",
        level="hidden",
    )
    parallel: str | None = option(
        None,
        "Parallel file",
        "A second file whose lines belong to the lines of the first: tags of its words, or its translation.",
        automatic="found out from the names beside it",
        level="hidden",
    )
    format: Format | None = option(
        None,
        "Format",
        "How the file is laid out.",
        automatic="found out from the file",
        level="hidden",
        labels={
            "csv": "Separated values (CSV)",
            "tsv": "Tab-separated values",
            "jsonl": "JSON lines",
            "parquet": "Parquet",
            "txt": "Lines of text",
            "folder": "Folder of .txt files",
            "fasttext": "__label__ lines",
            "labelled": "Label, space, text",
            "conll": "Words in columns (CoNLL)",
            "conllu": "CoNLL-U",
            "parallel": "Two parallel files",
        },
    )
    encoding: str | None = option(
        None,
        "Encoding",
        "How the bytes of the file stand for characters.",
        automatic="found out from the file",
        level="hidden",
    )
    delimiter: str | None = option(
        None, "Separator", "The character between two columns.", automatic="found out from the file", level="hidden"
    )
    quoting: bool | None = option(
        None,
        "Quotes enclose cells",
        'Whether " at the start of a cell opens a quoted cell that may hold separators and line breaks.',
        automatic="found out from the file",
        level="hidden",
    )
    header: bool | None = option(
        None,
        "First row holds names",
        "Whether the first row names the columns.",
        automatic="found out from the file",
        level="hidden",
    )
    tokenizer: Tokenizer | None = option(
        None,
        "Tokenizer",
        "How a text is cut into the tokens that the network reads one by one.",
        automatic="characters for Chinese, Treebank words otherwise",
        level="essential",
        labels=TOKENIZERS,
    )
    lowercase: bool = option(True, "Lower case", "Treat Good and good as the same word.", level="advanced")
    normalize_width: bool = option(
        False,
        "Full width as half width",
        "Read the wide letters, digits and punctuation of Chinese and Japanese typing as the usual narrow ones.",
    )
    max_length: int | None = option(
        None,
        "Longest text",
        "Longer texts are cut to this many tokens.",
        unit="tokens",
        level="essential",
        ge=1,
        le=20_000,
        automatic="covers 99 of 100 texts",
        tasks=("classification",),
    )
    cut: Literal["end", "start"] = option(
        "end",
        "Cut away",
        "Which part of a text that is too long is dropped.",
        labels={"end": "The end", "start": "The start"},
        tasks=("classification",),
    )
    vocabulary_size: int = option(
        30_000,
        "Largest vocabulary",
        "Only this many of the most frequent tokens get a vector of their own; the rest share one.",
        unit="tokens",
        ge=10,
        le=1_000_000,
    )
    min_count: int = option(
        2,
        "Rarest token",
        "Tokens seen fewer times than this share the vector for unknown words.",
        unit="times",
        ge=1,
        le=1_000,
    )
    pad_to_max_length: bool = option(
        False,
        "Read the padding",
        "Fill every text up to the longest length and read the filling too, as the classic tutorials do. "
        "Slower and worse; here to be compared.",
        tasks=("classification",),
    )
    validation_fraction: float = option(
        0.1,
        "Validation part",
        "Share of the training texts that is set aside to see how well the network does on unseen text.",
        level="essential",
        gt=0.0,
        lt=1.0,
        step=0.05,
        when={"validation": (None,)},
    )
    split_seed: int = option(
        0,
        "Split seed",
        "The same number always sets the same texts aside.",
        ge=0,
        le=2**31 - 1,
        tasks=("classification", "tagging", "translation"),
    )
    remedies: tuple[str, ...] = option(
        (),
        "Remedies",
        "How rows are mended each time they are read, such as fix_mojibake or drop_short:3; the file stays as it is.",
        level="hidden",
    )

    @field_validator("remedies")
    @classmethod
    def _known_remedies(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        """In the order in which they are applied."""
        return in_order(given, next((task for task, section in SECTIONS.items() if section is cls), ""))


class ClassificationData(DataConfig):
    """Text classification and sentiment: one column of text, one of labels."""

    text: Column | None = option(
        None,
        "Text column",
        "The column that holds the text: its name, or its position counted from 0.",
        automatic="guessed from the columns",
        level="hidden",
    )
    label: Column | None = option(
        None,
        "Label column",
        "The column that holds the class: its name, or its position counted from 0.",
        automatic="guessed from the columns",
        level="hidden",
    )


class TaggingData(DataConfig):
    """Named entities, slots, semantic roles: one tag for each word of a sentence."""

    word: Column | None = option(
        None,
        "Word column",
        "The column that holds the words: its name, or its position counted from 0.",
        automatic="guessed from the columns",
        level="hidden",
    )
    tag: Column | None = option(
        None,
        "Tag column",
        "The column that holds the tags: its name, or its position counted from 0.",
        automatic="guessed from the columns",
        level="hidden",
    )
    predicate: Column | None = option(
        None,
        "Predicate column",
        "For semantic roles: the column that says which word, counted from 0, the roles belong to.",
        automatic="none, or guessed from the columns",
        level="hidden",
    )
    scheme: Literal["IOB1", "IOB2", "BIOES", "BMES", "none"] | None = option(
        None,
        "Tags are written as",
        "How the tags of the file say where a span of words begins and ends.",
        automatic="found out from the tags",
        labels={"IOB2": "IOB2 (BIO)", "none": "Single words, no spans"},
    )
    learned_scheme: Literal["as_written", "IOB2", "BIOES"] = option(
        "as_written",
        "Tags are learned as",
        "How the network is told where a span begins and ends; answers are written as the file writes them.",
        labels={"as_written": "As in the file", "IOB2": "IOB2 (BIO)"},
    )
    same_digits: bool = option(
        False, "Digits alike", "Treat all digits as the same, so that any year or amount looks alike."
    )
    tokenizer: Tokenizer | None = option(
        None,
        "Tokenizer",
        "How a text that you type is cut into words; those of the file are words already.",
        automatic="characters if the words of the file are, Treebank words otherwise",
        level="essential",
        labels=TOKENIZERS,
    )
    lowercase: bool = option(
        True,
        "Lower case",
        "Treat Good and good as the same word; the spelling of words still shows capitals.",
        level="advanced",
    )
    max_length: int | None = option(
        None,
        "Longest sentence",
        "Longer sentences are divided into pieces of this many words.",
        unit="words",
        level="essential",
        ge=2,
        le=20_000,
        automatic="400 words",
    )


class TranslationData(DataConfig):
    """Translation and summaries: a text to read, and another one to write."""

    source: Column | None = option(
        None,
        "Source column",
        "The column that holds the texts to read: its name, or its position counted from 0.",
        automatic="guessed from the columns",
        level="hidden",
    )
    target: Column | None = option(
        None,
        "Target column",
        "The column that holds the texts to write: its name, or its position counted from 0.",
        automatic="guessed from the columns",
        level="hidden",
    )
    purpose: Literal["translation", "summary", "rewriting"] | None = option(
        None,
        "The target is",
        "What the target is to the source; decides which figure is watched: BLEU, or ROUGE-L for a summary.",
        automatic="found out from the texts",
        labels={"translation": "A translation", "summary": "A summary", "rewriting": "The text in other words"},
    )
    source_units: Literal["bpe", "word", "character"] | None = option(
        None,
        "Source is read by",
        "What the source is cut into: pieces of words that are learned from your data, whole words, or characters.",
        automatic="characters for Chinese and Japanese, pieces of words otherwise",
        level="essential",
        labels={"bpe": "Pieces of words (BPE)", "word": "Words", "character": "Characters"},
    )
    target_units: Literal["bpe", "word", "character"] | None = option(
        None,
        "Target is written by",
        "What the target is put together from: pieces of words that are learned from your data, whole words, or "
        "characters.",
        automatic="characters for Chinese and Japanese, pieces of words otherwise",
        level="essential",
        labels={"bpe": "Pieces of words (BPE)", "word": "Words", "character": "Characters"},
    )
    vocabularies: Literal["auto", "separate", "joint"] = option(
        "auto",
        "Vocabularies",
        "Whether source and target have a vocabulary each, or one for both, so that a name is the same on both sides.",
        labels={"auto": "One where both are one language", "separate": "One each", "joint": "One for both"},
    )
    tokenizer: Tokenizer | None = option(
        None,
        "Words are cut by",
        "How a text is cut into words, where it is read or written by whole words.",
        automatic="as in the Penn Treebank",
        labels=TOKENIZERS,
    )
    lowercase: bool = option(
        False,
        "Lower case",
        "Give up capitals on both sides; little data goes further, but what is written has none.",
        level="advanced",
    )
    max_length: int | None = option(
        None,
        "Longest source",
        "Of longer sources only so many tokens are read, from the start.",
        unit="tokens",
        level="essential",
        ge=1,
        le=20_000,
        automatic="covers 99 of 100 sources",
    )
    max_target_length: int | None = option(
        None,
        "Longest target",
        "Pairs with longer targets are not learned from; they still count when figures are taken.",
        unit="tokens",
        ge=1,
        le=20_000,
        automatic="covers 99 of 100 targets",
    )
    vocabulary_size: int = option(
        8_000,
        "Largest vocabulary",
        "At most so many different pieces, words or characters on each side.",
        unit="tokens",
        ge=10,
        le=1_000_000,
    )


class GenerationData(DataConfig):
    """Language models: running text, each token of which is to be foretold from those before it."""

    text: Column | None = option(
        None,
        "Text column",
        "Of a table, the column that holds the text: its name, or its position counted from 0.",
        automatic="the column with most text",
        level="hidden",
    )
    documents: Literal["whole", "paragraphs", "lines"] | None = option(
        None,
        "A text of its own is",
        "Where one text ends and the next one begins; the network learns to begin and to end each of them.",
        level="essential",
        automatic="found out from the text",
        labels={
            "whole": "All of a file",
            "paragraphs": "Between blank lines",
            "lines": "A line",
        },
    )
    units: Literal["bpe", "word", "character"] | None = option(
        None,
        "Text is written by",
        "What the text is cut into and written with: pieces of words that are learned from it, whole words, or "
        "characters.",
        automatic="characters for little text and for Chinese, words otherwise",
        level="essential",
        labels={"bpe": "Pieces of words (BPE)", "word": "Words", "character": "Characters"},
    )
    tokenizer: Tokenizer | None = option(
        None,
        "Words are cut by",
        "How the text is cut into words, where it is written by whole words.",
        automatic="at spaces if marks stand apart already, as in the Penn Treebank otherwise",
        labels=TOKENIZERS,
        when={"units": (None, "word")},
    )
    lowercase: bool = option(
        False,
        "Lower case",
        "Give up capitals; little text goes further, but what is written has none.",
        level="advanced",
    )
    max_length: int | None = option(
        None, "Longest text", "Running text is read to its end.", level="hidden", ge=1, le=20_000, automatic="none"
    )
    vocabulary_size: int = option(
        10_000,
        "Largest vocabulary",
        "At most so many different words, pieces or characters; the rest are one unknown word.",
        unit="tokens",
        ge=10,
        le=1_000_000,
    )
    min_count: int = option(
        1,
        "Rarest token",
        "Words or characters seen fewer times than this are one unknown word.",
        unit="times",
        ge=1,
        le=1_000,
    )
    validation_fraction: float = option(
        0.1,
        "Validation part",
        "Share of the text that is set aside, near its end, to see how well the network foretells unseen text.",
        level="essential",
        gt=0.0,
        lt=1.0,
        step=0.05,
        when={"validation": (None,)},
    )
    test_fraction: float = option(
        0.0,
        "Test part",
        "Share of the text, its very end, that is looked at once, after training, to report honest figures.",
        ge=0.0,
        lt=1.0,
        step=0.05,
        when={"test": (None,)},
    )


SECTIONS: dict[str, type[DataConfig]] = {
    "classification": ClassificationData,
    "tagging": TaggingData,
    "translation": TranslationData,
    "generation": GenerationData,
}
"""The [data] section of each task; a new task adds its own here."""
