"""Pretrained word vectors: GloVe, word2vec, fastText and safetensors files, of which only what is needed is kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lstm_studio.data.progress import Progress, silent
from lstm_studio.data.vectors_formats import Entries, opened, too_many, wrong_rows

_FEW = 8


@dataclass(frozen=True, eq=False)
class Vectors:
    """The vectors of W words.

    Attributes:
        words: Those that were wanted, then those that filled up, in the order of the file.
        matrix: float32 [W, size].
        size: Numbers in a vector.
        rows: Words in the file.
        format: What kind of file it is.
        lowered: Wanted words that have the vector of their lower-case form.
        notes: What was odd, a sentence each.
    """

    words: tuple[str, ...]
    matrix: np.ndarray
    size: int
    rows: int
    format: str
    lowered: frozenset[str]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Coverage:
    """How many words of a vocabulary have a vector.

    Attributes:
        found, exact, lowered: With a vector: as they are written, or by their lower-case form only.
        total: Words of the vocabulary.
        share: found / total.
        missing: The first few that have none: of a vocabulary the most frequent ones.
        share_text: Share of the running words that have one; None where nobody counted them.
        size: Numbers in a vector.
        more: Words of the file that would join the vocabulary.
    """

    found: int
    exact: int
    lowered: int
    total: int
    share: float
    missing: tuple[str, ...]
    share_text: float | None = None
    size: int = 0
    more: int = 0

    def sentence(self) -> str:
        """For people."""
        words = f"{self.found:,} of {self.total:,} words ({100 * self.share:.1f} %) have a vector"
        if self.lowered:
            words += f"; {self.lowered:,} by their lower-case form"
        if self.missing:
            words += f"; most frequent without: {', '.join(self.missing)}"
        return f"{words}."


def look_size(path: str | Path) -> int:
    """How many numbers a vector has, from the first rows only.

    Raises:
        StudioError: the file holds no word vectors.
    """
    with opened(Path(path)) as entries:
        return entries.size


def read_vectors(path: str | Path, wanted: Collection[str], *, fill: int = 0, progress: Progress = silent) -> Vectors:
    """Read the vectors of some words; the file is streamed.

    A word that the file lacks has the vector of its lower-case form, if that is there.

    Args:
        path: The file; .gz is unpacked on the way.
        wanted: Words.
        fill: So many words besides, the first of the file.
        progress: May raise Cancelled.

    Raises:
        StudioError: the file holds no word vectors, or is damaged; names the line.
        Cancelled: ``progress`` asked for it.
    """
    path = Path(path)
    there = set(wanted)
    lower: dict[str, list[str]] = {}
    for word in wanted:
        if word.lower() != word:
            lower.setdefault(word.lower(), []).append(word)
    keep: dict[str, np.ndarray] = {}
    more: dict[str, np.ndarray] = {}
    by_lower: dict[str, np.ndarray] = {}
    with opened(path) as entries:
        for word in entries.words(progress):
            if word in keep or word in more:
                entries.repeated += 1
                continue
            used = word in there
            helps = word in lower and word not in by_lower
            if not (used or helps or len(more) < fill):
                continue
            vector = entries.vector()
            if vector is None:
                continue
            if used:
                keep[word] = vector
            elif len(more) < fill:
                more[word] = vector
            if helps:
                by_lower[word] = vector
        lowered = []
        for form, vector in by_lower.items():
            for word in lower[form]:
                if word not in keep:
                    keep[word] = vector
                    lowered.append(word)
        _check(entries, path)
        words = (*keep, *more)
        matrix = np.stack([*keep.values(), *more.values()]) if words else np.zeros((0, entries.size))
        return Vectors(
            words,
            matrix.astype(np.float32),
            entries.size,
            entries.rows,
            entries.format,
            frozenset(lowered),
            tuple(entries.notes()),
        )


def assign(
    words: Sequence[str], vectors: Vectors, *, first: int = 2, counts: Sequence[int] | None = None
) -> tuple[np.ndarray, np.ndarray, Coverage]:
    """Vectors for the tokens of a vocabulary.

    Args:
        words: All V tokens in the order of their ids.
        vectors: What the file says.
        first: So many special tokens stand first and never have a vector.
        counts: How often each of the V tokens occurs, for ``share_text``.

    Returns:
        float32 [V, size], zero where there is none; which tokens have one, bool [V]; how many those are.
    """
    places = {word: place for place, word in enumerate(vectors.words)}
    matrix = np.zeros((len(words), vectors.size), np.float32)
    covered = np.zeros(len(words), bool)
    missing: list[str] = []
    lowered = 0
    spaces = 0
    for number in range(first, len(words)):
        if words[number].isspace():  # a line's end is a token too
            spaces += 1
            continue
        place = places.get(words[number])
        if place is None:
            if len(missing) < _FEW:
                missing.append(words[number])
            continue
        matrix[number] = vectors.matrix[place]
        covered[number] = True
        lowered += words[number] in vectors.lowered
    found, total = int(covered.sum()), max(0, len(words) - first - spaces)
    share = found / total if total else 0.0
    share_text = None
    if counts is not None:
        often = np.asarray(counts, np.int64)[first:]
        share_text = float(often[covered[first:]].sum() / max(1, often.sum()))
    coverage = Coverage(found, found - lowered, lowered, total, share, tuple(missing), share_text, vectors.size)
    return matrix, covered, coverage


def _check(entries: Entries, path: Path) -> None:
    """A handful of odd rows is passed over; more means that the file is something else."""
    if entries.odd and too_many(entries.odd, entries.rows):
        raise wrong_rows(entries.odd, entries.size, f"{path}, {entries.unit} {entries.odd_line}")
