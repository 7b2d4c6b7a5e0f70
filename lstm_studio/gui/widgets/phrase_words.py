"""The words of a text with their weights, of which a stretch can be chosen by dragging, or one by a click."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import theme
from lstm_studio.gui.widgets.basic import focus_ring
from lstm_studio.gui.widgets.token_axis import visible_token
from lstm_studio.gui.widgets.word_weights import WordWeights


class PhraseWords(WordWeights):
    """Left and Right move a mark, with Shift they choose a stretch; Enter is a click, Escape lets go."""

    picked = Signal(int)
    """A word was clicked."""
    phrase_chosen = Signal(object)
    """(start, end) of the words that were dragged over, end excluded; None for none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.phrase: tuple[int, int] | None = None
        self.answer: int | None = None
        self._from: int | None = None
        self._mark: int | None = None
        self._dragged = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.IBeamCursor)

    def set_words(self, tokens: Sequence[str], unknown: Sequence[bool], weights: Sequence[float] | None) -> None:
        """As ``WordWeights``; what was chosen stays while the words do."""
        before = list(self._tokens)
        super().set_words([visible_token(token) for token in tokens], unknown, weights)
        if self._tokens != before:
            self.phrase = self.answer = self._from = self._mark = None

    def set_answer(self, word: int | None) -> None:
        """Outline the word that the answer is about."""
        if word != self.answer:
            self.answer = word
            self.update()

    def set_phrase(self, phrase: tuple[int, int] | None) -> None:
        """Mark a stretch; nothing is emitted."""
        if phrase != self.phrase:
            self.phrase = phrase
            self.update()

    def word_at(self, position: QPointF, *, near: bool = False) -> int | None:
        """The word under a point; ``near``: the closest one of its line, if the point is on a line."""
        best: tuple[float, int] | None = None
        for index, place in enumerate(self._places):
            if not place.top() <= position.y() < place.bottom():
                continue
            gap = max(place.left() - position.x(), position.x() - place.right(), 0.0)
            if best is None or gap < best[0]:
                best = (gap, index)
        return best[1] if best is not None and (near or best[0] <= 2) else None

    # -- painting -------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.phrase is not None:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme().color("accent"), 1.5))
            painter.setBrush(theme().color("selection"))
            for line in self._lines(*self.phrase):
                painter.drawRoundedRect(line, 5, 5)
            painter.end()
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for word, role, wide in ((self.answer, "text", 1.5), (self._mark if self.hasFocus() else None, "focus", 1.0)):
            if word is not None and word < len(self._places):
                painter.setPen(QPen(theme().color(role), wide))
                painter.drawRoundedRect(self._places[word].adjusted(0.5, 8.5, -0.5, -8.5), 4, 4)
        if self.hasFocus() and self._mark is None:
            focus_ring(painter, self)
        painter.end()

    def _lines(self, start: int, end: int) -> list[QRectF]:
        """One box for each line of a stretch."""
        found: list[QRectF] = []
        for place in self._places[start:end]:
            box = place.adjusted(-1, 2, 1, -2)
            if found and abs(found[-1].top() - box.top()) < 1:
                found[-1] = found[-1].united(box)
            else:
                found.append(box)
        return found

    # -- mouse and keys -------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._from = self._mark = self.word_at(event.position())
            self._dragged = False
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        word = self.word_at(event.position(), near=True)
        if self._from is None or word is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        if word != self._from or self._dragged:
            self._dragged = True
            self._mark = word
            self.set_phrase((min(self._from, word), max(self._from, word) + 1))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._dragged:
            self.phrase_chosen.emit(self.phrase)
        elif self._from is not None:
            self.picked.emit(self._from)
        elif self.phrase is not None:  # beside the words: nothing is chosen any more
            self.set_phrase(None)
            self.phrase_chosen.emit(None)
        self._dragged = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, last = event.key(), len(self._places) - 1
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and last >= 0:
            step = 1 if key == Qt.Key.Key_Right else -1
            start = self._mark if self._mark is not None else (-1 if step > 0 else last + 1)
            self._mark = min(max(start + step, 0), last)
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                if self.phrase is None or self._from is None:
                    self._from = min(max(start, 0), last)
                self.set_phrase((min(self._from, self._mark), max(self._from, self._mark) + 1))
                self.phrase_chosen.emit(self.phrase)
            else:
                self._from = self._mark
            self.setAccessibleDescription(self._tip(self._mark))
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._mark is not None:
            self.picked.emit(self._mark)
        elif key == Qt.Key.Key_Escape and self.phrase is not None:
            self.set_phrase(None)
            self.phrase_chosen.emit(None)
        else:
            super().keyPressEvent(event)

    def _describe(self) -> None:
        super()._describe()
        hint = tr("Drag over words to see what they say together.")
        self.setAccessibleDescription(f"{self.accessibleDescription()} {hint}".strip())
