"""What tagged sentences are, and what is wrong with them, before anything is trained."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np

from lstm_studio.config import TaggingData
from lstm_studio.data.findings import examples_of, near_findings, text_findings
from lstm_studio.data.health import histogram, lines, quantiles
from lstm_studio.data.health_types import FEW, Example, Health, HealthWarning
from lstm_studio.data.prepare_tags import SINGLE, split_sentences
from lstm_studio.data.progress import Progress, silent
from lstm_studio.data.remedies import mend_other_sentences, mend_sentences
from lstm_studio.data.sentences import Sentences, tagged_sentences
from lstm_studio.data.spelling import known_characters, normal
from lstm_studio.data.table import Table
from lstm_studio.data.tags import OUTSIDE, convert, spans
from lstm_studio.data.vocabulary import Vocabulary
from lstm_studio.errors import StudioError

_ORDER = {"error": 0, "warning": 1, "info": 2}
_FEW_SENTENCES = 100
_RARE = 5
_COVERED = 0.9
_LONGEST = 400
_ALIKE = 0.1
"""Share of the validation sentences; requests are often made after a few patterns."""


def examine(
    table: Table, data: TaggingData, progress: Progress = silent, validation_table: Table | None = None
) -> Health:
    """Look at all sentences of a table under complete settings; the parts are those that training will use.

    What training would refuse is told as a warning of severity "error".

    Raises:
        Cancelled: ``progress`` asked for it.
    """
    progress(0.0, "Looking at the sentences")
    notes: list[str] = []
    problems: list[HealthWarning] = []
    try:
        found = tagged_sentences(table, data, notes)
    except StudioError as error:
        return _nothing(table, [_refusal(error)])
    held: Sentences | None = None
    if data.validation is not None and validation_table is not None:
        try:
            held = mend_other_sentences(tagged_sentences(validation_table, data, notes), data)
        except StudioError as error:
            problems.append(_refusal(error))
    raw = found
    try:
        found, mended = mend_sentences(raw, data, [held] if held is not None else [], _within(progress, 0.2, 0.2))
    except StudioError as error:
        return _nothing(table, [_refusal(error)])
    progress(0.4, "Counting words and tags")
    try:
        parts = split_sentences(found, data, table)
        train, held = parts["train"], parts.get("validation", held)
    except StudioError as error:
        train = found
        problems.append(_refusal(error))
    progress(0.7, "Looking for sentences that stand in both parts")
    health = replace(_figures(table, data, raw, found, train, held), mended=mended)
    noticed = _noticed(table, found, held, _within(progress, 0.8, 0.2))
    warnings = [*problems, *_said(notes), *_warnings(health, data, train), *noticed]
    progress(1.0, "")
    return replace(health, warnings=sorted(warnings, key=lambda warning: _ORDER[warning.severity]))


def _within(progress: Progress, start: float, width: float) -> Progress:
    return lambda share, words: progress(start + width * max(0.0, share), words)


def _noticed(table: Table, found: Sentences, held: Sentences | None, progress: Progress) -> list[HealthWarning]:
    """What is odd about the texts of sentences; those that stand there with several predicates count once."""
    texts = [" ".join(words) for words in found.words]
    same = held is not None and held.table is found.table
    aside = set(held.rows.tolist()) if held is not None and same else set()
    other = [" ".join(words) for words in held.words] if held is not None and not same else []
    part = np.array([*(int(row) in aside for row in found.rows), *([True] * len(other))], bool)
    rows = np.concatenate([found.rows, np.full(len(other), -1)])
    return [
        *text_findings(table, found.rows, texts, "tagging"),
        *near_findings(table, rows, [*texts, *other], part, progress, _ALIKE),
    ]


def _figures(
    table: Table, data: TaggingData, raw: Sentences, found: Sentences, train: Sentences, held: Sentences | None
) -> Health:
    lengths = np.array([len(words) for words in found.words], np.int64)
    types = _types(found)
    key = normal(data.lowercase, data.same_digits, data.normalize_width)
    counts = Counter(key(word) for words in train.words for word in words)
    vocabulary = Vocabulary.build(counts, data.vocabulary_size, max(1, data.min_count))
    total = known = 0
    leaked: list[int] = []
    if held is not None:
        flat = [key(word) for words in held.words for word in words]
        total, known = len(flat), sum(word in vocabulary for word in flat)
        there = {tuple(words) for words in train.words}
        leaked = [place for place, words in enumerate(held.words) if tuple(words) in there]
    duplicates, conflicting = _repeated(found)
    edges, bars = histogram(lengths)
    coverage = known / total if total else 1.0
    unused = np.setdiff1d(np.arange(table.num_rows), raw.rows)
    return Health(
        rows=table.num_rows,
        used_rows=len(found),
        empty_rows=len(unused),
        empty_lines=lines(table, unused.tolist()),
        duplicate_rows=len(duplicates),
        conflicting_rows=len(conflicting),
        classes=types.most_common(),
        edges=edges,
        counts=bars,
        quantiles=quantiles(lengths),
        cut_fraction=float((lengths > (data.max_length or _LONGEST)).mean()),
        vocabulary_size=len(vocabulary) - 2,
        coverage=coverage,
        unknown_share=1.0 - coverage,
        leaked_rows=len(leaked),
        train_rows=len(train),
        validation_rows=len(held) if held is not None else 0,
        tokens=int(lengths.sum()),
        unknown_labels=tuple(sorted(set(_types(held)) - set(_types(train)))) if held is not None else (),
        duplicate_lines=lines(table, found.rows[duplicates].tolist()),
        conflicting_lines=lines(table, found.rows[conflicting].tolist()),
        leaked_lines=lines(held.table, held.rows[leaked].tolist()) if held is not None else (),
        outputs=_outputs(train, data),
        characters=0 if _single(train) else len(_characters(train, data)) + 2,
        marks=2 if train.predicates is not None else 0,
        examples={
            "conflicting": _shown(found, conflicting),
            "leaked": _shown(held, leaked) if held is not None else (),
        },
    )


def _shown(found: Sentences, places: list[int]) -> tuple[Example, ...]:
    few = places[:FEW]
    return examples_of(found.table, found.rows[few], [" ".join(found.words[place]) for place in few])


def _outputs(train: Sentences, data: TaggingData) -> int:
    """Different tags in the scheme in which they are learned."""
    if data.learned_scheme in {"as_written", train.scheme} or train.scheme == "none":
        return len({tag for tags in train.tags for tag in tags})
    return len({tag for tags in train.tags for tag in convert(tags, train.scheme, data.learned_scheme)})


def _characters(train: Sentences, data: TaggingData) -> tuple[str, ...]:
    """Those that words are spelled with, capitals among them whatever ``lowercase`` says."""
    return known_characters((word for words in train.words for word in words), data.same_digits, data.normalize_width)


def _single(train: Sentences) -> bool:
    single = sum(len(word) == 1 for words in train.words for word in words)
    return single >= SINGLE * sum(len(words) for words in train.words)


def _types(found: Sentences) -> Counter[str]:
    """How often each type is marked."""
    counts: Counter[str] = Counter()
    for tags in found.tags:
        counts.update(span.type for span in spans(tags, found.scheme))
    return counts


def _repeated(found: Sentences) -> tuple[list[int], list[int]]:
    """Sentences that repeat an earlier one with its tags, and first ones that are tagged differently later."""
    first: dict[tuple[object, ...], int] = {}
    tagged: defaultdict[int, set[tuple[str, ...]]] = defaultdict(set)
    again = []
    for place, (words, tags) in enumerate(zip(found.words, found.tags, strict=True)):
        predicate = found.predicates[place] if found.predicates is not None else None
        earlier = first.setdefault((predicate, *words), place)
        if earlier != place and tuple(tags) in tagged[earlier]:
            again.append(place)
        tagged[earlier].add(tuple(tags))
    return again, sorted(place for place, known in tagged.items() if len(known) > 1)


def _said(notes: list[str]) -> list[HealthWarning]:
    """Notes of reading: what was mended, divided or left out."""
    broken = [note for note in notes if "break" in note and "rules of" in note]
    others = [note for note in notes if note not in broken]
    return [
        *(HealthWarning(note, "Mend the tags in the file, if they were not meant so.") for note in broken),
        *(HealthWarning(note, severity="info") for note in others),
    ]


def _warnings(health: Health, data: TaggingData, train: Sentences) -> list[HealthWarning]:
    found: list[HealthWarning] = []
    add = found.append
    names = {tag for tags in train.tags for tag in tags}
    if len(names) < 2:
        todo = "Choose another tag column, or a file with marked words."
        add(
            HealthWarning(
                f"All words have the tag {min(names, default=OUTSIDE)}: there is nothing to find.",
                todo,
                severity="error",
            )
        )
    if health.unknown_labels:
        shown = ", ".join(health.unknown_labels[:4]) + (", and others" if len(health.unknown_labels) > 4 else "")
        words = f"The validation sentences have types that training lacks ({shown}); they can never be found."
        add(HealthWarning(words, "Add some to the training file."))
    if health.leaked_rows:
        count = health.leaked_rows
        stand = "sentence stands" if count == 1 else "sentences stand"
        words = f"{count:,} validation {stand} in the training part too{_at(health.leaked_lines)}."
        todo = "Remove them from one of the files: the figures are too hopeful otherwise."
        offers = ("drop_leaked",) if data.validation is not None else ()
        add(HealthWarning(words, todo, examples=health.examples.get("leaked", ()), offers=offers))
    if health.conflicting_rows:
        count = health.conflicting_rows
        words = f"{count:,} {'sentence stands' if count == 1 else 'sentences stand'} there with different tags"
        words += _at(health.conflicting_lines) + "."
        shows = health.examples.get("conflicting", ())
        todo = "Tag them alike: nobody can learn both."
        add(HealthWarning(words, todo, examples=shows, offers=("drop_conflicts",)))
    rare = [name for name, count in health.classes if count < _RARE]
    if rare and len(rare) < len(health.classes):
        words = f"{len(rare):,} of {len(health.classes):,} types are marked fewer than {_RARE} times"
        add(HealthWarning(f"{words} ({', '.join(rare[:3])}{', ...' * (len(rare) > 3)}).", "Mark more of them."))
    if health.used_rows < _FEW_SENTENCES:
        words = "1 sentence is" if health.used_rows == 1 else f"{health.used_rows} sentences are"
        add(HealthWarning(f"{words} too few to learn much from.", "A few thousand are a good start."))
    if health.coverage < _COVERED and health.validation_rows:
        words = f"{100 * health.unknown_share:.0f} % of the validation words are not in the vocabulary."
        if health.vocabulary_size >= data.vocabulary_size:
            fix = {"vocabulary_size": min(1_000_000, 2 * data.vocabulary_size)}
            add(HealthWarning(words, "Allow a larger vocabulary.", fix))
        elif not data.lowercase:
            add(HealthWarning(words, "Treat upper and lower case alike.", {"lowercase": True}))
        elif not data.same_digits:
            add(HealthWarning(words, "Read the spelling of words, and treat digits alike.", {"same_digits": True}))
        else:
            add(HealthWarning(words, "Read the spelling of words, or start with pretrained vectors."))
    return found


def _refusal(error: StudioError) -> HealthWarning:
    head = f"{error.where}: {error.what}" if error.where else error.what
    return HealthWarning(f"{head} {error.why}".strip(), error.todo, severity="error")


def _nothing(table: Table, warnings: list[HealthWarning]) -> Health:
    edges, bars = histogram(np.zeros(0, np.int64))
    return Health(
        rows=table.num_rows,
        used_rows=0,
        empty_rows=0,
        empty_lines=(),
        duplicate_rows=0,
        conflicting_rows=0,
        classes=[],
        edges=edges,
        counts=bars,
        quantiles=quantiles(np.zeros(0, np.int64)),
        cut_fraction=0.0,
        vocabulary_size=0,
        coverage=1.0,
        unknown_share=0.0,
        leaked_rows=0,
        train_rows=0,
        validation_rows=0,
        tokens=0,
        warnings=warnings,
    )


def _at(lines: tuple[int, ...]) -> str:
    if not lines:
        return ""
    return f" (line {lines[0]})" if len(lines) == 1 else f" (lines {', '.join(map(str, lines[:3]))}, ...)"
