"""The pretrained vectors of a run of any task: found for its words, grown into its vocabulary, kept with its data.

A side is named by the field of [model] that names its file: "vectors" of what is read, "target_vectors" of what is
written where that has words of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lstm_studio.config import RunConfig
from lstm_studio.config.together import idle
from lstm_studio.data.encoded_words import load_array
from lstm_studio.data.progress import Progress, silent
from lstm_studio.data.vectors import assign, read_vectors
from lstm_studio.errors import StudioError

READ, WRITTEN = "vectors", "target_vectors"


@dataclass(frozen=True, eq=False)
class StartVectors:
    """What the V tokens of a vocabulary start with.

    Attributes:
        matrix: float32 [V, E], zero where there is none.
        covered: Which tokens have a vector: bool [V].
    """

    matrix: np.ndarray
    covered: np.ndarray


Starts = Mapping[str, StartVectors]
"""Side -> what its tokens start with; only sides that have a file."""


class VectorStart:
    """Looks up vectors while the data of a run is made ready.

    Args:
        config: The run, as far as it is known.
        progress: Told how far the reading of each file is, 0..1; may raise Cancelled.

    Attributes:
        found: What was found so far.
        notes: A sentence each on what the files hold.
    """

    def __init__(self, config: RunConfig, progress: Progress = silent) -> None:
        self._config, self._progress = config, progress
        self.found: dict[str, StartVectors] = {}
        self.notes: list[str] = []

    def grow(
        self,
        tokens: Sequence[str],
        *,
        side: str = READ,
        special: int = 2,
        most: int = 0,
        accepts: Callable[[str], bool] | None = None,
    ) -> list[str]:
        """Find the vectors of a vocabulary's tokens.

        Args:
            tokens: All tokens, as texts are cut into them.
            side: Whose they are.
            special: So many of them stand first and have no vector.
            most: Up to so many tokens, the special ones not counted, words that only the file knows join behind, the
                first of the file first: texts to come may hold them. None do where tokens are also written.
            accepts: Whether a text could ever be cut into a word.

        Returns:
            The tokens of the grown vocabulary, ``tokens`` first; the same where the run names no file.

        Raises:
            StudioError: the file holds no word vectors, or its vectors have another length than those of the other
                side.
            Cancelled: ``progress`` asked for it.
        """
        name = self._config.model.vector_files.get(side)
        if name is None:
            return list(tokens)
        path = Path(name)
        own = tokens[special:]
        self._progress(0.0, "Reading the word vectors")
        vectors = read_vectors(
            path, own, fill=max(0, most - len(own)), progress=lambda share, text: self._progress(max(0.0, share), text)
        )
        self._same_size(vectors.size, path)
        there = set(tokens)
        more = [word for word in vectors.words if word not in there and (accepts is None or accepts(word))]
        grown = [*tokens, *dict.fromkeys(more)]
        matrix, covered, coverage = assign(grown, vectors, first=special)
        self.found[side] = StartVectors(matrix, covered)
        if len(grown) > len(tokens):
            coverage = assign(tokens, vectors, first=special)[2]
        self.notes += [note for note in vectors.notes if note not in self.notes]
        self.notes.append(f"{path.name}: {coverage.sentence()}")
        if len(grown) > len(tokens):
            self.notes.append(f"{path.name}: {len(grown) - len(tokens):,} more of its words are known too.")
        return grown

    def sized(self, config: RunConfig) -> RunConfig:
        """A configuration whose embeddings are as long as the vectors."""
        for start in self.found.values():
            model = config.model.model_copy(update={"embedding_size": int(start.matrix.shape[1])})
            return config.model_copy(update={"model": model})
        return config

    def _same_size(self, size: int, path: Path) -> None:
        for side, other in self.found.items():
            if other.matrix.shape[1] != size:
                raise StudioError(
                    f"The vectors of source and target have {other.matrix.shape[1]:,} and {size:,} numbers",
                    where=f"{self._config.model.vector_files[side]} and {path}",
                    why="Both sides have embeddings of one size",
                    todo="Choose files whose vectors are equally long",
                )


def check_units(config: RunConfig) -> None:
    """Refuse vectors for what is not cut into whole words. The data section must be complete.

    Raises:
        StudioError: a file is named that could not be used.
    """
    void = idle(config.task, config.data)
    for side, path in config.model.vector_files.items():
        if side in void:
            raise StudioError(
                "Pretrained vectors go with whole words only",
                where=path,
                why="Texts are cut into characters or pieces of words",
                todo=f"Choose words as units, or leave model.{side} out",
            )


def save_starts(starts: Starts, folder: Path) -> None:
    """Write them beside the other prepared data."""
    for side, start in starts.items():
        np.save(folder / f"{side}.npy", start.matrix, allow_pickle=False)
        np.save(folder / f"{side}_covered.npy", start.covered, allow_pickle=False)


def load_starts(folder: Path, config: RunConfig, sizes: Mapping[str, int]) -> dict[str, StartVectors]:
    """Map what ``save_starts`` wrote.

    Args:
        folder: Where they lie.
        config: The run, complete.
        sizes: Side -> tokens of its vocabulary, for the sides that the task has.

    Raises:
        OSError, ValueError: they are damaged.
    """
    found = {}
    for side, size in sizes.items():
        if side in config.model.vector_files:
            matrix, covered = load_array(folder / f"{side}.npy"), load_array(folder / f"{side}_covered.npy")
            if matrix.shape != (size, config.model.embedding_size) or covered.shape != (size,):
                raise ValueError(side)
            found[side] = StartVectors(matrix, covered)
    return found
