"""Documents whose text was mended in memory; where each stands in its file is still known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lstm_studio.data.documents import Documents


class MendedDocuments(Documents):
    """Pieces of mended texts. ``origin`` are the documents as they stand in the file, ``places`` which of them each
    text was: int64 [S]. Within a document, lines are counted in the mended text."""

    origin: Documents
    places: np.ndarray

    @classmethod
    def of_pieces(cls, origin: Documents, texts: Sequence[str], places: np.ndarray) -> MendedDocuments:
        """Mended texts of some of the documents."""
        spans = np.zeros((len(texts), 3), np.int64)
        spans[:, 0] = np.arange(len(texts))
        spans[:, 2] = [len(text) for text in texts]
        return cls._made(origin, places, texts, spans)

    @classmethod
    def _made(cls, origin: Documents, places: np.ndarray, texts: Sequence[str], spans: np.ndarray) -> MendedDocuments:
        found = cls(origin.path, texts, spans, (), origin.content_hash, origin.notes)
        found.origin, found.places = origin, places
        return found

    def at(self, spans: np.ndarray) -> MendedDocuments:
        """Other pieces of the same texts."""
        return self._made(self.origin, self.places, self._texts, spans)  # type: ignore[arg-type]

    def where(self, index: int, character: int = 0) -> str:
        """File and line, or row, of a character."""
        text, start, _ = self.spans[range(len(self))[index]].tolist()
        place = int(self.places[text])
        return self.origin.where(place, min(start + character, len(self.origin[place])))

    def line(self, index: int) -> int | None:
        """Line of the file on which the document begins."""
        return self.origin.line(int(self.places[self.spans[range(len(self))[index]][0]]))
