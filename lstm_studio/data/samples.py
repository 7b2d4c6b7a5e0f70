"""The sample data that comes with the program, made when it is asked for, always the same."""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lstm_studio.data import (
    samples_errands,
    samples_german,
    samples_notes,
    samples_programs,
    samples_reber,
    samples_reports,
    samples_requests,
    samples_roles,
    samples_sentiment,
    samples_tales,
    samples_verse,
)
from lstm_studio.data.samples_tagged import Tagged, tags_of
from lstm_studio.errors import StudioError


@dataclass(frozen=True)
class SampleOption:
    """A whole number that a sample can be made with."""

    name: str
    title: str
    help: str
    default: int
    minimum: int
    maximum: int


@dataclass(frozen=True)
class Sample:
    """A data set that can be written.

    Attributes:
        name: As the command line calls it.
        title, help: For people.
        options: What can be chosen.
        make: Options -> the text of the file.
        ending: Of the file's name.
        task: What it is for.
    """

    name: str
    title: str
    help: str
    options: tuple[SampleOption, ...]
    make: Callable[..., str]
    ending: str = ".csv"
    task: str = "classification"


_SEED = SampleOption("seed", "Seed", "The same number always makes the same texts.", 0, 0, 2**31 - 1)

SAMPLES: tuple[Sample, ...] = (
    Sample(
        "sentiment-contrast",
        "Reviews with a twist",
        "Short English reviews, positive or negative. Negations far from their word and clauses that are overruled "
        "decide, so counting words is not enough. 3 in 100 labels are wrong, as in real life.",
        (
            SampleOption("rows", "Reviews", "How many reviews are written.", 9000, 20, 200_000),
            _SEED,
        ),
        lambda **options: _csv(samples_sentiment.reviews(**options)),
    ),
    Sample(
        "reber",
        "Long memory (Reber grammar)",
        "Strings of letters in which two letters must come again much later: valid if they come again in the same "
        "order, broken if not. All else is distraction. A plain RNN soon forgets them, an LSTM can keep them.",
        (
            SampleOption(
                "distance",
                "Distance",
                "Most letters between the two that must agree; shorter distances are mixed in.",
                24,
                10,
                1000,
            ),
            SampleOption("rows", "Strings", "How many strings are written.", 4000, 20, 200_000),
            _SEED,
        ),
        lambda **options: _csv(samples_reber.strings(**options)),
    ),
    Sample(
        "requests",
        "Requests to an assistant",
        "What people ask for, in English, with the times, places, names and numbers in it marked as slots. Many words "
        "can be several things: Boston is a town or a band, seven an hour or a number of guests.",
        (SampleOption("rows", "Requests", "How many requests are written.", 2500, 50, 100_000), _SEED),
        lambda **options: _conll(samples_requests.requests(**options), "\t", "IOB2"),
        ".conll",
        "tagging",
    ),
    Sample(
        "notes-zh",
        "Chinese notices by character",
        "Short Chinese notices in which people, offices, places, times, titles and degrees are marked character by "
        "character. Names of towns begin those of firms, and surnames are everyday words.",
        (SampleOption("rows", "Notices", "How many notices are written.", 1500, 50, 100_000), _SEED),
        lambda **options: _conll(samples_notes.notes(**options), " ", "BMES"),
        ".conll",
        "tagging",
    ),
    Sample(
        "roles",
        "Who did what to whom",
        "English sentences with a verb each and what the other words are to it: who acts, what it is done to, when "
        "and where. The roles change places in the passive and in relative clauses.",
        (SampleOption("rows", "Examples", "How many verbs with their roles are written.", 3000, 50, 100_000), _SEED),
        lambda **options: _roles(samples_roles.roles(**options)),
        ".jsonl",
        "tagging",
    ),
    Sample(
        "german-english",
        "German to English",
        "German sentences with their English translation. Verbs stand in two places or at the very end in German, so "
        "the words have to be found in another order: attention shows how.",
        (
            SampleOption(
                "rows", "Sentences", "How many sentences are written, each in both languages.", 4000, 50, 50_000
            ),
            _SEED,
        ),
        lambda **options: _table(("german", "english"), samples_german.sentences(**options)),
        ".tsv",
        "translation",
    ),
    Sample(
        "errands-zh",
        "Errands in Chinese",
        "English notes about trains, prices and errands with the same in Chinese, character by character. Numbers are "
        "put together anew, times move to the front, and counting takes a measure word.",
        (SampleOption("rows", "Notes", "How many notes are written, each in both languages.", 4000, 50, 50_000), _SEED),
        lambda **options: _table(("english", "chinese"), samples_errands.errands(**options)),
        ".tsv",
        "translation",
    ),
    Sample(
        "headlines",
        "Reports and headlines",
        "Short English reports of what happened in a town, with a headline each: the main point, without when, why and "
        "what else was said. Names of other towns and people are there to mislead.",
        (SampleOption("rows", "Reports", "How many reports are written.", 5000, 50, 50_000), _SEED),
        lambda **options: _json(("text", "summary"), samples_reports.reports(**options)),
        ".jsonl",
        "translation",
    ),
    Sample(
        "tales",
        "Old-fashioned tales",
        "Short English tales, one after the other. A network that writes on learns to spell first, then to close its "
        "quotes and to say she or he as the name asks for, and at last who has lost what, and how many are left.",
        (SampleOption("rows", "Tales", "How many tales are told.", 300, 20, 20_000), _SEED),
        samples_tales.tales,
        ".txt",
        "generation",
    ),
    Sample(
        "quatrains-zh",
        "Chinese quatrains",
        "Poems of four lines of five or seven characters with a title. Lines of a poem have one length, the second and "
        "fourth rhyme, and what there is to see belongs to the season and the place of the title.",
        (SampleOption("rows", "Poems", "How many poems are written.", 1500, 50, 100_000), _SEED),
        samples_verse.quatrains,
        ".txt",
        "generation",
    ),
    Sample(
        "programs",
        "Small programs",
        "Programs that nest: indents, brackets and names must come out, so it can be counted how many of those that a "
        "network writes are valid Python. Look for the unit that counts how deep it is.",
        (SampleOption("rows", "Programs", "How many programs are written.", 600, 20, 50_000), _SEED),
        samples_programs.programs,
        ".txt",
        "generation",
    ),
)


def find(name: str) -> Sample:
    """The sample of that name.

    Raises:
        StudioError: there is none.
    """
    for sample in SAMPLES:
        if sample.name == name:
            return sample
    raise StudioError(
        f"There is no sample called {name!r}", todo=f"Choose one of {', '.join(sample.name for sample in SAMPLES)}"
    )


def write(name: str, path: str | Path, **options: int) -> Path:
    """Make a sample and write it; the file is complete or untouched.

    Raises:
        StudioError: no such sample or option, a value out of bounds, or the file cannot be written.
    """
    sample = find(name)
    text = sample.make(**_checked(sample, options))
    path = Path(path)
    beside = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.chmod(beside, 0o644)
        os.replace(beside, path)
    except OSError as error:
        if beside:
            Path(beside).unlink(missing_ok=True)
        raise StudioError(
            "The sample cannot be written", where=path, why=str(error), todo="Choose another place"
        ) from None
    return path


def open_sample(name: str, folder: str | Path, **options: int) -> Path:
    """Path of a sample in a folder, written there if it is not yet there.

    Options other than the defaults take part in the file's name: ``reber-distance50.csv``.

    Raises:
        StudioError: as ``write``.
    """
    sample = find(name)
    values = _checked(sample, options)
    parts = [
        f"{option.name}{values[option.name]}" for option in sample.options if values[option.name] != option.default
    ]
    path = Path(folder) / ("-".join([name, *parts]) + sample.ending)
    return path if path.is_file() else write(name, path, **options)


def _csv(rows: list[tuple[str, str]]) -> str:
    """Text and label."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("text", "label"))
    writer.writerows(rows)
    return text.getvalue()


def _conll(sentences: list[Tagged], separator: str, scheme: str) -> str:
    """A word and its tag a line, an empty line behind each sentence."""
    blocks = []
    for words, spans in sentences:
        tags = tags_of(len(words), spans, scheme)
        blocks.append("".join(f"{word}{separator}{tag}\n" for word, tag in zip(words, tags, strict=True)))
    return "\n".join(blocks)


def _table(header: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    """Two columns with a tab between; no text holds one."""
    return "".join("\t".join(row) + "\n" for row in (header, *rows))


def _json(names: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    """An object a line."""
    found = (dict(zip(names, row, strict=True)) for row in rows)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in found)


def _roles(examples: list[tuple[list[str], int, Tagged]]) -> str:
    """Words, place of the predicate and tags, an object a line."""
    rows = (
        {"words": words, "predicate": predicate, "tags": tags_of(len(words), found.spans, "IOB2")}
        for words, predicate, found in examples
    )
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _checked(sample: Sample, options: dict[str, int]) -> dict[str, int]:
    known = {option.name: option for option in sample.options}
    for name, value in options.items():
        if name not in known:
            raise StudioError(f"The sample {sample.name} has no option {name!r}", todo=f"It has {', '.join(known)}")
        option = known[name]
        if isinstance(value, bool) or not isinstance(value, int) or not option.minimum <= value <= option.maximum:
            raise StudioError(
                f"{name} must be a whole number from {option.minimum} to {option.maximum}, not {value!r}",
                where=f"sample {sample.name}",
            )
    return {name: options.get(name, option.default) for name, option in known.items()}
