"""What is known of a task's data before there is a network: its columns, how they are guessed, what is examined.

The window and the command line know data by these alone; a new task adds its own here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from lstm_studio.config import ClassificationData, DataConfig, GenerationData, TaggingData, TranslationData
from lstm_studio.config.remedies import known_to
from lstm_studio.data import guess, guess_pair_fields, guess_pairs, guess_tags, guess_texts
from lstm_studio.data.corpora_catalogue import find
from lstm_studio.data.guess_types import Guess
from lstm_studio.data.health_types import Health
from lstm_studio.data.marked import Marked
from lstm_studio.data.places import corpus_parts, is_corpus
from lstm_studio.data.progress import Progress
from lstm_studio.data.reading import Reading
from lstm_studio.data.table import Table


@dataclass(frozen=True)
class Role:
    """What a column can be. ``field`` is the one of [data] that names it; one that is not ``needed`` may be None."""

    field: str
    title: str
    help: str
    needed: bool = True


class Examine(Protocol):
    """Look at all rows of a table; the last argument is the validation file where there is one."""

    def __call__(self, table: Table, data: Any, progress: Progress, validation_table: Table | None, /) -> Health:
        """See ``data.health.examine``."""


@dataclass(frozen=True)
class Kind:
    """The data of one task.

    Attributes:
        task: Its name in RunConfig.
        title: What people call it.
        section: Its [data].
        roles: Its columns; the first is the one that is read.
        likely: How much a table looks like this, 0..1.
        guess: Columns and the like; what is given wins. Raises StudioError.
        examine: What is wrong with the data.
        row: What a row is called, one and many.
        classes: What is predicted, one and many, with their number; None where nothing is classified.
        lengths: What the histogram of lengths shows.
        limit: What its answers never say, one sentence for the model card.
        cuts: Whether long rows lose their end or start.
        says: What is answered: one label for the row, a tag for each token, a text, or each next token.
        tokens: A cell of the first column as the network reads it.
        marks: A row with what is marked in it; None where a row has one label and no marks.
        reads: A row as several texts, each as the network reads or writes it; None where it reads one.
        depends: Columns and settings that are guessed -> what is guessed again when they change.
        learned: What one thing to learn from is called, one and many, where it is not a row.
        measured: What the histogram of lengths counts, one and many, where it is not rows.
        writes: A cell of the second column as whole words that the network writes; None where it writes none.
        widens: Whether words that only a file of pretrained vectors knows can be read too.
    """

    task: str
    title: str
    help: str
    section: type[DataConfig]
    roles: tuple[Role, ...]
    likely: Callable[[Table], float]
    guess: Callable[[Table, Any], Guess]
    examine: Examine
    row: tuple[str, str]
    classes: tuple[str, str] | None
    lengths: str
    limit: str
    cuts: bool
    says: Literal["label", "tags", "text", "next"]
    tokens: Callable[[str, Any], list[str]]
    marks: Callable[[Table, Any, int], Marked] | None = None
    reads: Callable[[Table, Any, int], tuple[Reading, ...]] | None = None
    depends: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    learned: tuple[str, str] | None = None
    measured: tuple[str, str] | None = None
    writes: Callable[[str, Any], list[str]] | None = None
    widens: Callable[[Any], bool] = lambda data: True

    @property
    def example(self) -> tuple[str, str]:
        """What one thing to learn from is called, one and many."""
        return self.learned or self.row

    @property
    def guessed(self) -> frozenset[str]:
        """All fields of [data] that depend on the file."""
        return frozenset(self.depends).union(*self.depends.values())

    @property
    def counted(self) -> tuple[str, str]:
        """One row and many, with their number."""
        return f"{{n}} {self.row[0]}", f"{{n}} {self.row[1]}"

    @property
    def counted_examples(self) -> tuple[str, str]:
        """One thing to learn from and many, with their number."""
        return f"{{n}} {self.example[0]}", f"{{n}} {self.example[1]}"

    @property
    def lengths_of(self) -> tuple[str, str]:
        """What the histogram of lengths counts, one and many."""
        return self.measured or self.row

    @property
    def counted_lengths(self) -> tuple[str, str]:
        """The same with their number."""
        return f"{{n}} {self.lengths_of[0]}", f"{{n}} {self.lengths_of[1]}"


def _examine_texts(table: Table, data: Any, progress: Progress, validation_table: Table | None, /) -> Health:
    from lstm_studio.data.health import examine
    from lstm_studio.data.large.health import sampled

    return sampled(examine, table, data, progress, validation_table)


def _examine_sentences(table: Table, data: Any, progress: Progress, validation_table: Table | None, /) -> Health:
    from lstm_studio.data.health_tags import examine
    from lstm_studio.data.large.health import sampled

    return sampled(examine, table, data, progress, validation_table)


def _examine_pairs(table: Table, data: Any, progress: Progress, validation_table: Table | None, /) -> Health:
    from lstm_studio.data.health_pairs import examine
    from lstm_studio.data.large.health import sampled

    return sampled(examine, table, data, progress, validation_table)


def _examine_running(table: Table, data: Any, progress: Progress, validation_table: Table | None, /) -> Health:
    from lstm_studio.data.health_texts import examine
    from lstm_studio.data.large.health import sampled

    return sampled(examine, table, data, progress, validation_table)


def _marks_of_sentence(table: Table, data: Any, row: int) -> Marked:
    from lstm_studio.data.sentences import marked_row

    return marked_row(table, data, row)


def _mended(text: str, data: Any) -> str:
    """A text as the remedies of the run leave it."""
    from lstm_studio.data.mending import rewriter

    rewrite = rewriter(data.remedies)
    return rewrite(text) if rewrite is not None else text


def _tokens_of_text(cell: str, data: Any) -> list[str]:
    from lstm_studio.data.tokenize import tokenizer

    return tokenizer(data.tokenizer or "treebank", data.lowercase, data.normalize_width)(_mended(cell, data))


def _tokens_of_sentence(cell: str, data: Any) -> list[str]:
    from lstm_studio.data.spelling import normal
    from lstm_studio.data.tokenize import tokenizer
    from lstm_studio.data.words import words_of

    written = cell.startswith("[") or data.format in {"conll", "conllu", "parallel"}
    words = words_of(cell) if written else tokenizer(data.tokenizer or "treebank", False)(cell)
    key = normal(data.lowercase, data.same_digits, data.normalize_width)
    return [key(word) for word in words]


def _tokens_of_source(cell: str, data: Any) -> list[str]:
    """By words where pieces of words are not learned yet."""
    from lstm_studio.data.pairs import source_text
    from lstm_studio.data.tokenize import tokenizer

    name = "character" if data.source_units == "character" else data.tokenizer or "treebank"
    return tokenizer(name, data.lowercase, data.normalize_width)(_mended(source_text(cell), data))


def _apart(data: Any) -> bool:
    from lstm_studio.data.pair_units import is_joint

    return not is_joint(data)


def _words_of_target(cell: str, data: Any) -> list[str]:
    from lstm_studio.data.pairs import target_texts
    from lstm_studio.data.tokenize import tokenizer

    cut = tokenizer(data.tokenizer or "treebank", data.lowercase, data.normalize_width)
    return cut(_mended(target_texts(cell)[0], data))


def _tokens_of_running(cell: str, data: Any) -> list[str]:
    """By words where pieces of words are not learned yet."""
    from lstm_studio.data.documents import as_text
    from lstm_studio.data.tokenize import characters, tokenizer

    text = _mended(as_text(cell), data)
    if data.units == "character":
        return characters(text, data.lowercase, data.normalize_width)
    return tokenizer(data.tokenizer or "treebank", data.lowercase, data.normalize_width)(text)


def _row_of_text(table: Table, data: Any, row: int) -> tuple[Reading, ...]:
    from lstm_studio.data.text_rows import row_as_read

    return row_as_read(table, data, row)


def _both_sides(table: Table, data: Any, row: int) -> tuple[Reading, ...]:
    from lstm_studio.data.pair_units import sides_of_row

    return sides_of_row(table, data, row)


KINDS: dict[str, Kind] = {
    kind.task: kind
    for kind in (
        Kind(
            "classification",
            "Text classification",
            "Each text has one label: a topic, an opinion, an intent.",
            ClassificationData,
            (
                Role("text", "Text", "This column holds the texts."),
                Role("label", "Label", "This column holds the labels."),
            ),
            guess.likely,
            guess.guess,
            _examine_texts,
            ("text", "texts"),
            ("{n} class", "{n} classes"),
            "Tokens in a text",
            "It always answers with one of its classes, also for texts that belong to none of them.",
            True,
            "label",
            _tokens_of_text,
            depends={"text": ("tokenizer", "max_length"), "label": (), "tokenizer": ("max_length",)},
        ),
        Kind(
            "tagging",
            "Tagging",
            "Each word of a sentence has a tag: named entities, slots, semantic roles, parts of speech.",
            TaggingData,
            (
                Role("word", "Words", "This column holds the words of each sentence."),
                Role("tag", "Tags", "This column holds one tag for each word."),
                Role("predicate", "Predicate", "This column says which word the roles belong to.", needed=False),
            ),
            guess_tags.likely,
            guess_tags.guess_tags,
            _examine_sentences,
            ("sentence", "sentences"),
            ("{n} type", "{n} types"),
            "Words in a sentence",
            "It finds only the types it has learned, and reads each sentence by itself.",
            False,
            "tags",
            _tokens_of_sentence,
            _marks_of_sentence,
            depends={
                "word": ("tokenizer", "max_length"),
                "tag": ("scheme",),
                "predicate": (),
                "scheme": (),
                "tokenizer": ("max_length",),
            },
        ),
        Kind(
            "translation",
            "Translation and summaries",
            "A text is read and another one is written: a translation, a summary, a headline, the text in other words.",
            TranslationData,
            (
                Role("source", "Source", "This column holds the texts to read."),
                Role("target", "Target", "This column holds the texts to write."),
            ),
            guess_pairs.likely_pairs,
            guess_pair_fields.guess_pair_fields,
            _examine_pairs,
            ("pair", "pairs"),
            None,
            "Tokens in a source",
            "It writes fluently about what it has never seen: check names, numbers and negations.",
            True,
            "text",
            _tokens_of_source,
            reads=_both_sides,
            depends={
                "source": ("purpose", "source_units", "max_length"),
                "target": ("purpose", "target_units", "max_target_length"),
                "purpose": (),
                "source_units": ("max_length",),
                "target_units": ("max_target_length",),
                "tokenizer": ("max_length", "max_target_length"),
            },
            writes=_words_of_target,
            widens=_apart,
        ),
        Kind(
            "generation",
            "Text generation",
            "Running text without labels: the network learns to foretell each word from those before it, and so to "
            "write on.",
            GenerationData,
            (Role("text", "Text", "This column holds the text."),),
            guess_texts.likely_text,
            guess_texts.guess_texts,
            _examine_running,
            ("line", "lines"),
            None,
            "Tokens in a text",
            "It writes what sounds like its training text, whether it is true or not, and may repeat parts of it.",
            False,
            "next",
            _tokens_of_running,
            reads=_row_of_text,
            depends={
                "text": ("documents", "units", "tokenizer"),
                "documents": (),
                "units": (),
                "tokenizer": (),
            },
            widens=lambda data: False,
            learned=("token", "tokens"),
            measured=("text", "texts"),
        ),
    )
}


def kind_of(data: DataConfig) -> Kind:
    """The kind that a [data] section belongs to; classification for one that belongs to none."""
    for kind in KINDS.values():
        if isinstance(data, kind.section):
            return kind
    return KINDS["classification"]


def task_of(table: Table) -> str:
    """The task that a table looks most like; the first one if it looks like none, so that its guess says why.

    Of a corpus it is known.
    """
    if is_corpus(table.path):
        return find(corpus_parts(table.path)[0]).task
    scores = {name: kind.likely(table) for name, kind in KINDS.items()}
    return max(KINDS, key=lambda name: scores[name])


def section_for(task: str, data: DataConfig) -> DataConfig:
    """A [data] section of a task with all that another one says and it knows too.

    What stands as it would without anybody's saying so becomes what the task has by default.
    """
    section = KINDS[task].section
    if isinstance(data, section):
        return data
    shared = DataConfig.model_fields.keys() - {"tokenizer", "max_length"}
    plain = type(data)()
    said = {name for name in shared & data.model_fields_set if getattr(data, name) != getattr(plain, name)}
    values = {name: getattr(data, name) for name in said}
    if "remedies" in values:
        values["remedies"] = known_to(values["remedies"], task)
    return section(**values)


def complete(data: DataConfig, table: Table) -> tuple[DataConfig, list[str]]:
    """The section with nothing left open that the table can tell, and a sentence on each guess.

    The encoding stays open for Parquet and for folders, in which each file has its own; separator, quotes and header
    stay open for what is no table.

    Raises:
        StudioError: the columns cannot be told.
    """
    kind = kind_of(data)
    if not isinstance(data, kind.section):
        data = section_for(kind.task, data)
    found = kind.guess(table, data)
    layout = table.format
    values: dict[str, object] = {**found.fields, "format": layout.kind, "encoding": layout.encoding or None}
    if layout.kind in {"csv", "tsv"}:
        values |= {"delimiter": layout.delimiter, "quoting": layout.quoting, "header": layout.header}
    filled = {name: value for name, value in values.items() if getattr(data, name) is None and value is not None}
    sentences = [why for name, why in found.reasons.items() if name != "task"]
    if "format" in filled or "encoding" in filled:
        sentences = [*layout.why, *sentences]
    return data.model_copy(update=filled), sentences
