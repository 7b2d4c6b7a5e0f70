"""Whether a file holds texts and what is to be written for them, and in which columns."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import combinations
from weakref import WeakKeyDictionary

import numpy as np

from lstm_studio.data.dialect import is_number
from lstm_studio.data.guess_tags import guess_tags
from lstm_studio.data.guess_tags import likely as likely_tags
from lstm_studio.data.languages import LANGUAGES, language_of, script_of
from lstm_studio.data.pairs import joined, lists_words, texts_of
from lstm_studio.data.table import Table
from lstm_studio.errors import StudioError

SAMPLE_ROWS = 400
MOST_COLUMNS = 40
TRANSLATION, SUMMARIES, REWRITING = "Translation", "Summaries", "Text to text"

_LONGEST = 2_000
_SOURCES = frozenset(
    "source src input inputs article document documents dialogue dialog story original question prompt "
    "原文 源 输入".split()
)
_TARGETS = frozenset(
    "target tgt output outputs summary summaries headline highlights translation translated tldr reference references "
    "answer response completion 译文 翻译 目标 输出 总结".split()
)
_TEXTS = frozenset("text content body description abstract maintext paragraph 正文 内容 摘要 文章".split())
_TITLES = frozenset("title titles abstract 标题 题目 摘要".split())
_OTHER = frozenset("premise hypothesis question1 question2 sentence1 sentence2 context query passage".split())
_NEITHER = frozenset("id index split lang language license source_lang target_lang url author date".split())
_ENDINGS = re.compile(r"[ _-](?:text|texts|sentence|sentences|str|lang)$")
_TOKEN = re.compile("[\u3040-\u30ff\u3400-\u9fff]|[^\\W_\u3040-\u30ff\u3400-\u9fff]+")
_WIDE = re.compile("[\u2e80-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True)
class PairGuess:
    """What a file looks like.

    Attributes:
        source, target: Columns by name; None where none fit.
        sure: How much it looks like pairs, 0..1; below 0.5 it is something else.
        title: "Translation", "Summaries" or "Text to text"; "" where no columns fit.
        reasons: One sentence on each of "source", "target" and "task"; where no columns fit, "task" says why not.
    """

    source: str | None
    target: str | None
    sure: float
    title: str
    reasons: dict[str, str] = field(default_factory=dict)


def likely_pairs(table: Table) -> float:
    """``guess_pairs(table).sure``, 0..1."""
    return guess_pairs(table).sure


def guess_pairs(table: Table) -> PairGuess:
    """Which columns are source and target, how sure that is, and what the target is to the source. Never fails."""
    found = _guesses.get(table)
    if found is None:
        found = _guesses[table] = _guess(table)
    return found


def relation(table: Table, source: int, target: int) -> tuple[str, str]:
    """What one column is to another, "Translation", "Summaries" or "Text to text", and one sentence on how that shows.

    Args:
        table: What was read.
        source, target: Places of two columns; they need not be those that are guessed.
    """
    found = guess_pairs(table)
    if (found.source, found.target) == (table.columns[source], table.columns[target]):
        return found.title, found.reasons["task"]
    known = _relations.setdefault(table, {})
    if (source, target) not in known:
        one, other = (
            _Column.of(place, table.columns[place], table.sample(place, SAMPLE_ROWS)) for place in (source, target)
        )
        known[source, target] = _named_title(one, other)
    return known[source, target]


_guesses: WeakKeyDictionary[Table, PairGuess] = WeakKeyDictionary()
_relations: WeakKeyDictionary[Table, dict[tuple[int, int], tuple[str, str]]] = WeakKeyDictionary()


def _guess(table: Table) -> PairGuess:
    kind = table.format.kind
    if kind in {"conll", "conllu"} or table.columns[:2] == ["words", "tags"]:
        return _no("Its words have tags.")
    if kind == "folder" and "label" not in table.columns:
        return _no("Each of its files is one text.")
    if kind in {"folder", "fasttext", "labelled"}:
        return _no("Its texts have labels.")
    names = table.columns[:MOST_COLUMNS]
    columns = [_Column.of(place, name, table.sample(place, SAMPLE_ROWS)) for place, name in enumerate(names)]
    texts = [column for column in columns if column.is_text(0.3)]
    if len(texts) < 2:
        return _no("Fewer than two of its columns hold texts.")
    label = next((column for column in columns if column.is_label()), None)
    tags = _tags(table)
    tags = tags or next((other.title for one in texts for other in texts if _tagged(one, other)), None)
    odd = any(column.name in _OTHER for column in columns)
    orders = [(one, other) for one in texts for other in texts if one is not other and other.title != tags and not odd]
    found = [guess for one, other in orders if (guess := _named(one, other, label)) is not None]
    if found:
        return max(found, key=lambda guess: guess.sure)
    if tags is not None:
        return _no(f"'{tags}' holds a tag for each word.")
    return _unnamed(columns, label, odd, parallel=kind == "parallel")


def _no(why: str) -> PairGuess:
    return PairGuess(None, None, 0.0, "", {"task": why})


def _tags(table: Table) -> str | None:
    """The column of tags, where there is one beyond doubt."""
    if likely_tags(table) < 0.9:
        return None
    try:
        return str(guess_tags(table).fields["tag"])
    except StudioError:
        return None


# -- columns ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Column:
    """A sample of a column: cells as texts, and as the first of several texts."""

    place: int
    title: str
    name: str
    texts: list[str]
    firsts: list[str]
    filled: float
    distinct: int
    worded: float
    numbers: float
    length: float
    start: float
    script: str
    language: str

    @classmethod
    def of(cls, place: int, title: str, cells: list[str]) -> _Column:
        texts, firsts = [], []
        words = lists_words(cells)
        for cell in cells:
            several = texts_of(cell)
            texts.append((cell if several is None else joined(several)).strip()[:_LONGEST])
            firsts.append(texts[-1] if several is None or words else (several[0] if several else "")[:_LONGEST])
        full = [text for text in texts if text]
        count = max(1, len(full))
        starts = Counter(text[:8] for text in full if len(text) > 8)
        name = _ENDINGS.sub("", title.lower().strip().rpartition(".")[2]).replace("_", "-")
        script = script_of(full)
        return cls(
            place,
            title,
            name,
            texts,
            firsts,
            len(full) / max(1, len(texts)),
            len(set(full)),
            sum(len(_TOKEN.findall(text[:400])) for text in full) / count,
            sum(is_number(text) or (text.startswith(("[", "{")) and texts_of(text) is None) for text in full) / count,
            sum(map(len, full)) / count,
            starts.most_common(1)[0][1] / count if starts else 0.0,
            script,
            LANGUAGES.get(name) or language_of(full, script),
        )

    @property
    def share(self) -> float:
        """Share of the filled cells that are different."""
        return self.distinct / max(1.0, self.filled * len(self.texts))

    def is_text(self, varied: float) -> bool:
        """Whether most cells hold several words, and not the same ones again and again."""
        if self.filled < 0.5 or self.numbers > 0.1 or self.title.lower() in _NEITHER:
            return False
        return self.worded >= 2 and (self.share > varied or self.distinct > 200) and self.distinct > 1

    def is_label(self) -> bool:
        """Whether it holds few different, short values; one and the same tells nothing apart."""
        rows = self.filled * len(self.texts)
        if self.filled < 0.9 or self.length > 40 or self.name in _NEITHER or self.distinct < 2:
            return False
        return self.distinct <= min(100.0, rows * (0.3 if rows >= 20 else 0.5))

    def size(self) -> np.ndarray:
        """Length of each first text, a Chinese character as three letters: float [N]."""
        return np.array([len(text) + 2 * len(_WIDE.findall(text)) for text in self.firsts], float)


# -- two columns -----------------------------------------------------------------------------------------------


def _named(one: _Column, other: _Column, label: _Column | None) -> PairGuess | None:
    """The pair if the names of the columns say it."""
    both = one.name in LANGUAGES and other.name in LANGUAGES and one.place < other.place
    named = other.name in _TARGETS and one.name in _SOURCES | _TEXTS
    titled = other.name in _TITLES and one.name in _SOURCES | _TEXTS and one.name != other.name
    if not (both or named or titled):
        return None
    title, why = _named_title(one, other)
    if titled and not named and not both:
        # Texts with a title and a label are there for the label.
        if label is not None or float(np.median(other.size())) > 0.8 * float(np.median(one.size())):
            return None
        sure = 0.85 if one.name in _SOURCES else 0.75
    else:
        # Of several names that fit, the one that everyone uses.
        sure = 0.95 if both or {one.name, other.name} <= {"source", "target", "src", "tgt"} else 0.9
    reasons = {
        "source": f"'{one.title}' holds the sources: its name says so.",
        "target": f"'{other.title}' holds the targets: its name says so.",
        "task": why,
    }
    return PairGuess(one.title, other.title, sure, title, reasons)


def _unnamed(columns: list[_Column], label: _Column | None, odd: bool, parallel: bool) -> PairGuess:
    """The pair if the texts themselves say it."""
    texts = [column for column in columns if column.is_text(0.5)]
    if len(texts) > 2:  # licences, addresses and the like begin with the same letters
        varied = [column for column in texts if column.start < 0.9]
        texts = varied if len(varied) > 1 else texts
    if len(texts) < 2:
        return _no("Fewer than two of its columns hold texts.")
    found = [guess for one, other in combinations(texts, 2) if (guess := _compared(one, other, label)) is not None]
    if not found:
        because = f"'{label.title}' looks like labels" if label is not None else "no two of its columns belong together"
        return _no(f"It holds texts, but {because}.")
    best = max(found, key=lambda guess: guess.sure)
    sure = 1.0 if parallel else 0.3 if odd else best.sure - 0.1 * (len(texts) > 2)
    return PairGuess(best.source, best.target, sure, best.title, best.reasons)


def _compared(one: _Column, other: _Column, label: _Column | None) -> PairGuess | None:
    title, why = _title(one, other)
    ratio = _ratio(one, other)
    if title == TRANSLATION:
        alike = _alike(one, other)
        if not 0.3 <= ratio <= 3.3 or alike < (0.4 if one.script == other.script else 0.2):
            return None
        sure = (0.9 if one.script != other.script else 0.8) - 0.1 * (label is not None)
        return _pair(one, other, sure, title, why, "the first of the two", "the same in another language")
    if label is not None:
        return None
    longer, shorter = (one, other) if ratio <= 1 else (other, one)
    if title != SUMMARIES and min(ratio, 1 / ratio) < 0.6:
        title, why = _title(longer, shorter)
    if title == SUMMARIES:
        own, strange = _overlap(longer, shorter)
        if own < 0.3 or own < 1.5 * strange:
            return None
        return _pair(
            longer, shorter, 0.8, title, why, "its texts are the longer ones", "its texts are the shorter ones"
        )
    return _pair(one, other, 0.3, title, why, "the first of the two", "the other one")


def _pair(one: _Column, other: _Column, sure: float, title: str, why: str, first: str, second: str) -> PairGuess:
    reasons = {
        "source": f"'{one.title}' holds the sources: {first}.",
        "target": f"'{other.title}' holds the targets: {second}.",
        "task": why,
    }
    return PairGuess(one.title, other.title, sure, title, reasons)


def _tagged(one: _Column, other: _Column) -> bool:
    """Whether the second column has one of a few tags for each word of the first: parts of speech and the like."""
    words, tags = ([text.split() for text in column.texts] for column in (one, other))
    unlike = sum(len(a) != len(b) for a, b in zip(words, tags, strict=True))
    known, few = (len({token for row in rows for token in row}) for rows in (words, tags))
    return one is not other and 50 * unlike <= len(words) and few <= min(100, known / 3)


def _named_title(one: _Column, other: _Column) -> tuple[str, str]:
    """What the second column is to the first; two languages as names say it all."""
    title, why = _title(one, other)
    if title != TRANSLATION and one.name in LANGUAGES and other.name in LANGUAGES:
        return TRANSLATION, "The names of the columns are languages."
    return title, why


def _title(one: _Column, other: _Column) -> tuple[str, str]:
    """What the second column is to the first, and how that shows."""
    ratio, shared = _ratio(one, other), _shared(one, other)
    apart = bool(one.script and other.script) and one.script != other.script
    if apart or (one.language and other.language and one.language != other.language):
        first, second = (each.language or f"{each.script.capitalize()} letters" for each in (one, other))
        return TRANSLATION, f"The sources are written in {first}, the targets in {second}."
    same = bool(one.language) and one.language == other.language
    if not same and shared < (0.35 if ratio < 0.5 else 0.55):
        return TRANSLATION, f"Only {100 * shared:.0f} % of the targets' words occur in the sources: another language."
    if ratio < 0.6:
        return SUMMARIES, f"The targets are in the language of the sources and {max(1.0, 100 * ratio):.0f} % as long."
    return REWRITING, "The targets are in the language of the sources and about as long."


def _ratio(one: _Column, other: _Column) -> float:
    """How long the second texts are, measured by the first."""
    a, b = np.array([len(text) for text in one.texts], float), other.size()
    a = a + 2 * np.array([len(_WIDE.findall(text)) for text in one.texts], float)
    full = (a > 0) & (b > 0)
    return float(np.median(b[full] / a[full])) if full.any() else 1.0


def _alike(one: _Column, other: _Column) -> float:
    """Correlation of the lengths; 1 where there are too few rows to tell."""
    a, b = one.size(), other.size()
    full = (a > 0) & (b > 0)
    if full.sum() < 20 or not a[full].std() or not b[full].std():
        return 1.0
    return float(np.corrcoef(np.log(a[full]), np.log(b[full]))[0, 1])


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text.lower())


def _shared(one: _Column, other: _Column) -> float:
    """Share of the words of the second column that occur anywhere in the first."""
    known = {token for text in one.texts for token in _tokens(text)}
    counts = Counter(token for text in other.firsts for token in _tokens(text) if not token.isdigit())
    return sum(count for token, count in counts.items() if token in known) / max(1, counts.total())


def _overlap(one: _Column, other: _Column) -> tuple[float, float]:
    """Share of the longer words of a target that occur in its own source, and in that of another row."""
    sources = [set(_tokens(text)) for text in one.texts]
    found = []
    for step in (0, max(1, len(sources) // 2)):
        shares = []
        for place, text in enumerate(other.firsts):
            words = {token for token in _tokens(text) if len(token) > 3 or _WIDE.match(token)}
            if words:
                shares.append(len(words & sources[(place + step) % len(sources)]) / len(words))
        found.append(float(np.mean(shares)) if shares else 0.0)
    return found[0], found[1]
