"""Tagged sentences as numbers: words, tags and spellings in flat arrays, mapped into memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lstm_studio.data.words import words_of
from lstm_studio.errors import StudioError

_ARRAYS = ("ids", "tags", "forms", "offsets", "predicates", "strange")


@dataclass(eq=False)
class Spellings:
    """How the different words of a data set are written.

    Attributes:
        letters: Character ids of all words one after the other: int32.
        offsets: Word w is ``letters[offsets[w] : offsets[w + 1]]``: int64 [W + 1]. No word is empty.
    """

    letters: np.ndarray
    offsets: np.ndarray

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def padded(self, words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Some words, filled up with 0: int64 [W, C], and the characters of each, int64 [W]."""
        starts = self.offsets[words]
        sizes = self.offsets[words + 1] - starts
        columns = np.arange(int(sizes.max(initial=1)))
        filled = columns < sizes[:, None]
        found = np.zeros(filled.shape, np.int64)
        found[filled] = self.letters[(starts[:, None] + columns)[filled]]
        return found, sizes.astype(np.int64)

    def save(self, folder: Path) -> None:
        """Write two .npy files."""
        np.save(folder / "letters.npy", np.asarray(self.letters, np.int32), allow_pickle=False)
        np.save(folder / "letter_offsets.npy", np.asarray(self.offsets, np.int64), allow_pickle=False)

    @classmethod
    def load(cls, folder: Path) -> Spellings:
        """Read them back. Raises OSError or ValueError on damage."""
        found = cls(load_array(folder / "letters.npy"), load_array(folder / "letter_offsets.npy"))
        check_offsets(found.offsets, len(found.letters))
        if len(found) and int(np.diff(found.offsets).min()) < 1:
            raise ValueError("a word without letters")
        return found


@dataclass(eq=False)
class EncodedSentences:
    """N sentences with M words in all.

    Attributes:
        ids: Of the words in the vocabulary: int32 [M].
        tags: Position of each word's tag in ``names``: int32 [M].
        forms: Which spelling each word has: int32 [M].
        offsets: Sentence n holds the words ``offsets[n]`` to ``offsets[n + 1]``: int64 [N + 1].
        predicates: The word that the tags belong to, -1 for none: int32 [N].
        strange: Whether a sentence has a tag that training did not have: bool [N].
        names: The tags: those of the run first, then the strange ones.
        spellings: Shared by the parts of a run.
        texts: The words of each sentence as a cell (see ``data.words.words_of``), where they are known.
    """

    ids: np.ndarray
    tags: np.ndarray
    forms: np.ndarray
    offsets: np.ndarray
    predicates: np.ndarray
    strange: np.ndarray
    names: tuple[str, ...]
    spellings: Spellings
    texts: Any = None

    def __post_init__(self) -> None:
        self.lengths: np.ndarray = np.diff(self.offsets)
        """Words of each sentence: int64 [N]."""

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def words(self, index: int) -> list[str]:
        """The words of one sentence as they were written; none where they are not known."""
        return words_of(self.texts[index]) if self.texts is not None else []

    def tags_of(self, index: int) -> list[str]:
        """The true tags of one sentence."""
        return [self.names[tag] for tag in self.tags[self.offsets[index] : self.offsets[index + 1]]]

    def save(self, folder: Path) -> None:
        """Write one .npy file an array; the spellings go elsewhere."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in _ARRAYS:
            np.save(folder / f"{name}.npy", np.asarray(getattr(self, name)), allow_pickle=False)

    @classmethod
    def load(
        cls, folder: Path, names: tuple[str, ...], spellings: Spellings, words: int, texts: Any
    ) -> EncodedSentences:
        """Map what ``save`` wrote.

        Raises:
            ValueError, OSError: it is damaged.
        """
        arrays = {name: load_array(folder / f"{name}.npy") for name in _ARRAYS}
        arrays["offsets"] = np.array(arrays["offsets"])
        found = cls(**arrays, names=names, spellings=spellings, texts=texts)
        check_offsets(found.offsets, len(found.ids))
        if not len(found.ids) == len(found.tags) == len(found.forms):
            raise ValueError("the words do not fit each other")
        if not len(found) == len(found.predicates) == len(found.strange) == len(texts):
            raise ValueError("the sentences do not fit each other")
        limits = ((found.ids, words), (found.tags, len(names)), (found.forms, len(spellings)))
        for values, limit in limits:
            if len(values) and not 0 <= int(values.min()) <= int(values.max()) < limit:
                raise ValueError("numbers that mean nothing")
        return found


def load_array(path: Path) -> np.ndarray:
    """Map an array; an empty one, which cannot be mapped, is read."""
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError:
        return np.load(path, allow_pickle=False)


def check_offsets(offsets: np.ndarray, total: int) -> None:
    """Raise ValueError unless offsets rise from 0 to a total."""
    if offsets.ndim != 1 or len(offsets) < 1 or int(offsets[0]) != 0 or int(offsets[-1]) != total:
        raise ValueError("damaged offsets")
    if len(offsets) > 1 and int(np.diff(offsets).min()) < 0:
        raise ValueError("damaged offsets")


def no_words(where: str | Path) -> StudioError:
    """What is said of a part in which nothing is left to read."""
    return StudioError("There is no sentence with words and tags", where=where, todo="Choose another file or columns")
