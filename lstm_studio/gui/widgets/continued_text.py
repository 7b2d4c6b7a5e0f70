"""A beginning and what a network writes behind it, token by token as it comes."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QPaintEvent, QResizeEvent, QTextCursor
from PySide6.QtWidgets import QSizePolicy

from lstm_studio.data.units import MARK
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.widgets.token_axis import quoted
from lstm_studio.gui.widgets.written_text import WrittenEdit, in_document, percent_words, token_places
from lstm_studio.tasks.continued import Continuation, WrittenToken

_AS_LETTERS = {MARK: " ", "\u21b5": "\n", "\u21e5": "\t"}
_NEAR_END = 8
"""Pixels from the end of the text within which a person is taken to read along."""


class ContinuedEdit(WrittenEdit):
    """The beginning stands plain, what was written is tinted. Keeps the end in sight while a person reads along.

    Attributes:
        painting: Seconds that it took to paint it last.
    """

    large = 0  # the type must not change while a text grows

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setUndoRedoEnabled(False)
        self.set_written("", (), ())
        self.painting = 0.0
        self._drawn: list[float] = []
        self._begun = 0
        self._first = 0
        self._written = ""

    def begin(self, text: str) -> None:
        """Show a beginning alone."""
        self.set_written(text, (), ())
        self._drawn = []
        self.go_on()
        self._to_end()

    def go_on(self, between: str = "") -> None:
        """What comes next stands behind what is there, and ``between``."""
        self._insert(between)
        self._begun, self._first, self._written = self._end(), len(self._tokens), ""

    def take(self, tokens: Sequence[WrittenToken]) -> None:
        """Show tokens that were written since."""
        if not tokens:
            return
        follow = self._at_end()
        added, places = "", []
        whole = self._written
        for token in tokens:
            if not token.text.startswith(whole):  # what was written before reads otherwise now
                self._rewrite(tokens)
                break
            piece = token.text[len(whole) :]
            start = len(added) + (len(piece) - len(piece.lstrip()) if piece.strip() else 0)
            added, whole = added + piece, token.text
            places.append((start, start + len(piece.strip() or piece)))
        else:
            shift = self._end()
            self._places += [_moved(place, shift) for place in in_document(added, places)]
            self._tokens += [token.token for token in tokens]
            self._probabilities += [token.probability for token in tokens]
            self._insert(added)
            self._written = whole
        if follow:
            self._to_end()
        self.viewport().update()

    def complete(self, found: Continuation) -> None:
        """All that there is to know of what was written last."""
        follow = self._at_end()
        if found.written != self._written or len(found.output) != len(self._tokens) - self._first:
            self._replace(found.written, found.output, found.probabilities)
            if follow:
                self._to_end()
        self._drawn = [*self._drawn[: self._first], *found.drawn]
        self._copied = [*self._copied, *[False] * (len(self._tokens) - len(self._copied))]
        if found.copied is not None and found.copied.long:
            first = self._first + found.copied.start
            self._copied[first : first + found.copied.length] = [True] * found.copied.length
        self.viewport().update()

    def token_words(self, token: int) -> str:
        words = tr(
            "‘{token}’: {percent} % sure",
            token=quoted(self._tokens[token]),
            percent=percent_words(self._probabilities[token]),
        )
        if token < len(self._drawn) and abs(self._drawn[token] - self._probabilities[token]) >= 0.005:
            words += "\n" + tr(
                "Drawn with {percent} % under these settings.", percent=percent_words(self._drawn[token])
            )
        if token < len(self._copied) and self._copied[token]:
            words += "\n" + tr("Part of a stretch that stands in the training text word for word.")
        return words

    def paintEvent(self, event: QPaintEvent) -> None:
        began = time.perf_counter()
        super().paintEvent(event)
        self.painting = time.perf_counter() - began

    # -- inside ---------------------------------------------------------------------------------------------

    def _rewrite(self, tokens: Sequence[WrittenToken]) -> None:
        output = [*self._tokens[self._first :], *(token.token for token in tokens)]
        probabilities = [*self._probabilities[self._first :], *(token.probability for token in tokens)]
        self._replace(tokens[-1].text, output, probabilities)

    def _replace(self, text: str, tokens: Sequence[str], probabilities: Sequence[float]) -> None:
        """Other words in place of what was written last."""
        cursor = QTextCursor(self.document())
        cursor.setPosition(self._begun)
        cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(text)
        places = token_places(text, [_AS_LETTERS.get(token, token) for token in tokens])
        self._tokens[self._first :] = tokens
        self._probabilities[self._first :] = probabilities[: len(tokens)]
        self._places[self._first :] = [_moved(place, self._begun) for place in in_document(text, places)]
        self._written = text

    def _insert(self, text: str) -> None:
        if text:
            cursor = QTextCursor(self.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(text)

    def _end(self) -> int:
        """Where the text ends, as the document counts."""
        return self.document().characterCount() - 1

    def _at_end(self) -> bool:
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum() - _NEAR_END

    def _to_end(self) -> None:
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum())

    # -- geometry: it takes the room that there is, so that nothing moves while it is written ------------------

    def sizeHint(self) -> QSize:
        return QSize(400, 5 * self._least())

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 2 * self._least())

    def resizeEvent(self, event: QResizeEvent) -> None:
        follow = self._at_end()
        super().resizeEvent(event)
        if follow:
            self._to_end()

    def _fit(self) -> None:
        pass


def _moved(place: tuple[int, int] | None, by: int) -> tuple[int, int] | None:
    return None if place is None else (place[0] + by, place[1] + by)
