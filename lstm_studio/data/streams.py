"""Running text as numbers: one flat array of ids and the place where each document begins, mapped into memory."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lstm_studio.data.documents import Documents
from lstm_studio.data.encoded_words import check_offsets, load_array
from lstm_studio.data.progress import Progress, silent
from lstm_studio.data.text_units import TextUnits
from lstm_studio.data.units import END_ID

_ARRAYS = {"ids": np.int32, "offsets": np.int64, "characters": np.int64}
_CHARACTERS_EVERY = 200_000


@dataclass(eq=False)
class EncodedStream:
    """N documents, one after the other.

    Attributes:
        ids: All tokens: int32 [M].
        offsets: Document n is ``ids[offsets[n] : offsets[n + 1]]``, its end mark included: int64 [N + 1].
        characters: Of each document as it was written, line ends included and marks not: int64 [N].
    """

    ids: np.ndarray
    offsets: np.ndarray
    characters: np.ndarray

    def __len__(self) -> int:
        """Tokens of all documents, which is how many are predicted in an epoch."""
        return len(self.ids)

    @property
    def documents(self) -> int:
        """How many there are."""
        return len(self.offsets) - 1

    def document_at(self, place: int) -> tuple[int, int]:
        """In which document the token at a place stands, and where in it.

        Raises:
            IndexError: there is no such token.
        """
        place = range(len(self))[place]
        number = int(np.searchsorted(self.offsets, place, side="right")) - 1
        return number, place - int(self.offsets[number])

    def save(self, folder: Path) -> None:
        """Write one .npy file an array."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, dtype in _ARRAYS.items():
            np.save(folder / f"{name}.npy", np.asarray(getattr(self, name), dtype), allow_pickle=False)

    @classmethod
    def load(cls, folder: Path, size: int) -> EncodedStream:
        """Map what ``save`` wrote; ``size`` is how many units there are.

        Raises:
            ValueError, OSError: it is damaged.
        """
        arrays = {name: load_array(folder / f"{name}.npy") for name in _ARRAYS}
        for name, dtype in _ARRAYS.items():
            if arrays[name].dtype != dtype or arrays[name].ndim != 1:
                raise ValueError(f"{name}.npy does not hold {np.dtype(dtype)} numbers in a row")
        # The small arrays are touched all the time; the ids stay on disk.
        found = cls(arrays["ids"], np.array(arrays["offsets"]), np.array(arrays["characters"]))
        check_offsets(found.offsets, len(found.ids))
        if len(found.characters) != found.documents or int(found.characters.min(initial=0)) < 0:
            raise ValueError("the documents do not fit each other")
        if len(found.ids) and not 0 <= int(found.ids.min()) <= int(found.ids.max()) < size:
            raise ValueError("numbers that mean nothing")
        return found


def encode_stream(
    documents: Documents, units: TextUnits, *, ends: bool | None = None, progress: Progress = silent
) -> EncodedStream:
    """Encode documents in their order.

    Args:
        documents: The texts.
        units: What they are cut into.
        ends: Whether each document is closed by the end mark, unless its last line is; where there are several
            when None, so that a single long text has none.
        progress: Told how far it is; may raise ``Cancelled``.
    """
    if ends is None:
        ends = len(documents) > 1
    ids, offsets = array("i"), array("q", [0])
    total = max(1, int(documents.characters.sum()))
    before = told = 0
    for text in documents:
        for block, done in units.blocks(text):
            ids.frombytes(np.ascontiguousarray(block, np.int32).tobytes())
            if before + done - told >= _CHARACTERS_EVERY:
                told = before + done
                progress(told / total, f"Encoding the text: {told:,} of {total:,} characters")
        if ends and (len(ids) == offsets[-1] or ids[-1] != END_ID):
            ids.append(END_ID)
        offsets.append(len(ids))
        before += len(text)
    # The array is looked at where it lies: a copy would hold a large text twice.
    return EncodedStream(np.frombuffer(ids, np.int32), np.array(offsets, np.int64), documents.characters.copy())
