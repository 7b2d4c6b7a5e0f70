"""The sample data that comes with the program, made when it is asked for, always the same."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lstm_studio.data import samples_reber, samples_sentiment
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
        make: Options -> texts and labels.
    """

    name: str
    title: str
    help: str
    options: tuple[SampleOption, ...]
    make: Callable[..., list[tuple[str, str]]]


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
        samples_sentiment.reviews,
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
        samples_reber.strings,
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
    """Make a sample and write it as CSV with the header text,label; the file is complete or untouched.

    Raises:
        StudioError: no such sample or option, a value out of bounds, or the file cannot be written.
    """
    sample = find(name)
    rows = sample.make(**_checked(sample, options))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("text", "label"))
    writer.writerows(rows)
    path = Path(path)
    beside = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text.getvalue())
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
    path = Path(folder) / ("-".join([name, *parts]) + ".csv")
    return path if path.is_file() else write(name, path, **options)


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
