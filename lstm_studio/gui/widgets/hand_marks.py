"""The sentence whose words are marked: words are chosen with the arrow keys or the mouse, a figure gives their type."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QMenu, QWidget

from lstm_studio.data.handmade import HandSet
from lstm_studio.data.handmade_words import hand_words, spans_of, without_gaps
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import theme
from lstm_studio.gui.widgets.basic import describe
from lstm_studio.gui.widgets.hand_table import DIGITS
from lstm_studio.gui.widgets.label_colors import colors_of
from lstm_studio.gui.widgets.span_colors import SpanColors
from lstm_studio.gui.widgets.span_text import SpanMark, SpanText


class HandMarks(SpanText):
    """Shift with the arrow keys chooses several words; 1 to 9 or a first letter marks them, Delete takes marks away."""

    mark_asked = Signal(int, int, str)
    """From this word to that one, the last not included; "" for no type."""
    row_asked = Signal(int)
    """The sentence so many rows below."""
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._types: list[str] = []
        self._anchor = 0
        self._at = 0
        self._dragging = False
        describe(
            self,
            tr("Words to mark"),
            tr("Arrow keys choose a word, with Shift several; 1 to 9 or a first letter marks them, Delete unmarks."),
        )

    def show_row(self, content: HandSet, row: int) -> None:
        """Show a row of the set; the chosen words stay where the sentence is the same."""
        self._types = list(content.classes)
        text, marked = content.rows[row] if row < len(content.rows) else ("", "")
        words = hand_words(text)
        if words != self._words:
            self._anchor = self._at = 0
        self.set_colors(SpanColors(colors_of(content).names))
        spans = [SpanMark(span.start, span.end, span.type) for span in spans_of(marked)]
        self.set_sentence(words, spans, clickable=range(len(words)), spaced=not without_gaps(words))
        self._cursor = None  # the chosen words have a frame of their own
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def chosen(self) -> tuple[int, int]:
        """The chosen words, the last not included."""
        first, last = sorted((self._anchor, self._at))
        return first, last + 1

    def choose(self, first: int, last: int) -> None:
        """Choose words, both included."""
        self._anchor, self._at = first, last
        self._go(last)  # brings it into view
        self._cursor = None
        self.setAccessibleDescription(" ".join(self._words[slice(*self.chosen())]))
        self.update()

    def _ask(self, name: str) -> None:
        if self._words:
            self.mark_asked.emit(*self.chosen(), name)

    # -- keys and mouse -------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, last = Qt.Key(event.key()), len(self._words) - 1
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        ahead = -1 if self._flow.right_to_left else 1
        moves = {
            Qt.Key.Key_Right: self._at + ahead,
            Qt.Key.Key_Left: self._at - ahead,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        rows = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Return: 1, Qt.Key.Key_Enter: 1}
        if event.matches(QKeySequence.StandardKey.Copy):
            super().keyPressEvent(event)
        elif key in moves and last >= 0:
            at = max(0, min(moves[key], last))
            self.choose(self._anchor if shift else at, at)
        elif key in rows:
            self.row_asked.emit(rows[key])
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_0):
            self._ask("")
        elif event.key() in DIGITS and event.key() - Qt.Key.Key_1 < len(self._types):
            self._ask(self._types[event.key() - Qt.Key.Key_1])
        elif event.text().strip() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            typed = event.text().casefold()
            fitting = next((name for name in self._types if name.casefold().startswith(typed)), None)
            if fitting is not None:
                self._ask(fitting)
        else:
            QWidget.keyPressEvent(self, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        word = self.word_at(event.position() - QPointF(3, 0))
        if event.button() == Qt.MouseButton.LeftButton and word is not None:
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.choose(self._anchor if shift else word, word)
            self._dragging = True

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        word = self.word_at(event.position() - QPointF(3, 0))
        if self._dragging and word is not None:
            self.choose(self._anchor, word)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragging = False

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._cursor = None
        self.update()

    def menu(self) -> QMenu:
        """The types to choose from, for the mouse."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for place, name in enumerate(self._types[:40]):
            key = f"\t{place + 1}" if place < 9 else ""
            shown = name.replace("&", "&&")
            menu.addAction(f"{shown}{key}").triggered.connect(lambda _=False, name=name: self._ask(name))
        menu.addAction(tr("Nothing marked")).triggered.connect(lambda: self._ask(""))
        return menu

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._words:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(3, 0)
        focused = self.hasFocus()
        painter.setPen(QPen(theme().color("focus" if focused else "border_strong"), 2 if focused else 1))
        painter.setBrush(theme().color("accent", 0.12 if focused else 0.0))
        first, last = self.chosen()
        aside = 2.0 if self._spaced else 0.0
        for spot in self._flow.words:
            if first <= spot.index < last:
                painter.drawRoundedRect(spot.rect.adjusted(-aside, 1, aside, -1), 5, 5)
        painter.end()
