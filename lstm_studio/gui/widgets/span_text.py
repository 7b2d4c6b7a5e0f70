"""A sentence with its spans: entities, slots or roles as coloured stretches, each with its label below."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QMenu, QScrollArea, QSizePolicy, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.span_colors import SpanColors
from lstm_studio.gui.widgets.span_flow import (
    Flow,
    SpanMark,
    compare_marks,
    lay_out,
    pitch,
    span_words,
)
from lstm_studio.gui.widgets.span_paint import paint_pieces, paint_words
from lstm_studio.gui.widgets.tips import show_tip

__all__ = ["SpanMark", "SpanText", "compare_marks"]


class SpanText(QWidget):
    """Words flow like text; some can be clicked. Wrong spans have a dashed outline and a struck label, missed ones a
    dotted outline and no tint, so that colour is never the only sign."""

    word_clicked = Signal(int)
    word_hovered = Signal(int)
    """The word pointed at, -1 for none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words: list[str] = []
        self._spans: list[SpanMark] = []
        self._clickable: list[int] = []
        self._unknown: frozenset[int] = frozenset()
        self._marked: int | None = None
        self._spaced = True
        self._colors: SpanColors | None = None
        self._own_colors = SpanColors(())
        self._flow: Flow = lay_out((), (), 400)
        self._heights: dict[int, int] = {}
        self._cursor: int | None = None
        self._hovered = -1
        self.setMouseTracking(True)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(tr("Sentence with its spans"))
        self._arrange()
        theme_notifier().changed.connect(self.update)

    def set_colors(self, colors: SpanColors | None) -> None:
        """Colours of the task's labels; None takes those of the sentence's own labels, in order."""
        self._colors = colors
        self.update()

    def set_sentence(
        self,
        words: Sequence[str],
        spans: Sequence[SpanMark] = (),
        *,
        clickable: Collection[int] = (),
        marked: int | None = None,
        spaced: bool = True,
        unknown: Collection[int] = (),
    ) -> None:
        """Show another sentence.

        Args:
            words: Its words, in reading order.
            spans: What is said of them; spans beyond the sentence are ignored, of two that overlap the first has the
                words.
            clickable: Words that can be chosen by mouse and keys.
            marked: The word all this is about (a predicate): outlined and bold.
            spaced: Whether there are gaps between words; without for Chinese characters.
            unknown: Words that are not in the vocabulary.
        """
        same = self._words == list(words)
        self._words = list(words)
        count = len(self._words)
        self._spans = [mark for mark in spans if max(0, mark.start) < min(mark.end, count)]
        self._clickable = sorted({at for at in clickable if 0 <= at < count})
        self._marked = marked if marked is not None and 0 <= marked < count else None
        self._spaced, self._unknown = spaced, frozenset(unknown)
        self._own_colors = SpanColors([mark.label for mark in self._spans])
        if not same or self._cursor not in self._clickable:
            self._cursor = None
        if not same:
            self._hovered = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if self._clickable else Qt.FocusPolicy.ClickFocus)
        if self.hasFocus() and self._cursor is None:
            self._cursor = self._first()
        self._tell()
        self._heights.clear()
        self._arrange()
        self.updateGeometry()
        self.update()

    def text(self) -> str:
        """The sentence."""
        return (" " if self._spaced else "").join(self._words)

    def tagged_text(self) -> str:
        """The sentence with what was predicted: "She went to [New York](location)"."""
        parts, at = [], 0
        for mark in sorted(self._spans, key=lambda mark: (mark.start, mark.end)):
            if mark.start < at or mark.tone == "missed":
                continue
            parts += self._words[at : mark.start]
            inside = (" " if self._spaced else "").join(self._words[mark.start : mark.end])
            parts.append(f"[{inside}]({mark.label})")
            at = mark.end
        return (" " if self._spaced else "").join((*parts, *self._words[at:]))

    def words_of(self, word: int) -> str:
        """A word and all that is said of it, for tooltips and screen readers."""
        spans = [span_words(self._words, mark, self._spaced) for mark in self._spans if mark.start <= word < mark.end]
        shown = self._words[word][:300]
        parts = spans or [shown]
        if word in self._unknown:
            parts.append(tr("{word}: not in the vocabulary; the network sees only 'an unknown word'", word=shown))
        return "\n".join(parts)

    # -- geometry -------------------------------------------------------------------------------------------

    def heightForWidth(self, width: int) -> int:
        if width not in self._heights:
            if len(self._heights) > 32:
                self._heights.clear()
            self._heights[width] = round(self._lay(width).height)
        return self._heights[width]

    def sizeHint(self) -> QSize:
        return QSize(400, self.heightForWidth(max(200, self.width())))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, round(pitch(False)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def place_of(self, word: int) -> QRectF | None:
        """Where a word is painted; None when there is no such word."""
        return next((place.rect for place in self._flow.words if place.index == word), None)

    def word_at(self, position: QPointF) -> int | None:
        """The word under a point; half the gap beside a word belongs to it."""
        for place in self._flow.words:
            if place.rect.adjusted(-2.5, 0, 2.5, 0).contains(position):
                return place.index
        return None

    def span_at(self, position: QPointF) -> SpanMark | None:
        """The span whose stretch or label is under a point."""
        for piece in self._flow.pieces:
            if piece.rect.adjusted(0, 0, 0, 17 if piece.label else 0).contains(position):
                return piece.mark
        return None

    def _lay(self, width: int) -> Flow:
        # one pixel on either side for outlines
        return lay_out(self._words, self._spans, width - 6, spaced=self._spaced, bold=self._marked)

    def _arrange(self) -> None:
        self._flow = self._lay(max(1, self.width()))
        height = round(self._flow.height)
        if self.minimumHeight() != height:
            self.setMinimumHeight(height)

    # -- painting -------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(3, 0)
        clip = QRectF(event.rect()).translated(-3, 0)
        colours = theme()
        if not self._words:
            painter.setPen(colours.color("text_muted"))
            painter.setFont(font("body"))
            place = QRectF(0, 0, self.width() - 6, pitch(False))
            painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), tr("No words"))
        paint_pieces(painter, self._flow, self._colors or self._own_colors, clip)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for spot in self._flow.words:
            # a marked word has room for its outline; between Chinese characters there is none
            aside = -2.0 if spot.index == self._marked else 2.25 if self._spaced else 0.25
            ring = spot.rect.adjusted(-aside, 1.75, aside, -1.75)
            if spot.index == self._hovered and spot.index in self._clickable:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colours.color("accent", 0.14))
                painter.drawRoundedRect(ring, 4, 4)
                painter.setBrush(Qt.BrushStyle.NoBrush)
            if spot.index == self._marked:
                painter.setPen(QPen(colours.color("text"), 1.5))
                painter.drawRoundedRect(ring, 4, 4)
            if spot.index == self._cursor and self.hasFocus():
                painter.setPen(QPen(colours.color("focus"), 2))
                painter.drawRoundedRect(ring.adjusted(-1, -1.5, 1, 1.5), 5, 5)
        paint_words(painter, self._flow, clip, bold=self._marked, unknown=self._unknown)
        painter.end()

    # -- mouse and keys -------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        word = self.word_at(event.position() - QPointF(3, 0))
        self._hover(-1 if word is None else word)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        word = self.word_at(event.position() - QPointF(3, 0))
        if event.button() == Qt.MouseButton.LeftButton and word is not None and word in self._clickable:
            self._cursor = word
            self.update()
            self.word_clicked.emit(word)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.text())
            return
        if not self._clickable:
            super().keyPressEvent(event)
            return
        now = self._clickable.index(self._cursor) if self._cursor in self._clickable else -1
        ahead, back = now + 1, max(now, 1) - 1
        if self._flow.right_to_left:
            ahead, back = back, ahead
        last = len(self._clickable) - 1
        moves = {Qt.Key.Key_Right: ahead, Qt.Key.Key_Left: back, Qt.Key.Key_Home: 0, Qt.Key.Key_End: last}
        key = Qt.Key(event.key())
        if key in moves:
            self._go(self._clickable[min(moves[key], last)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._cursor is not None:
            self.word_clicked.emit(self._cursor)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self._cursor is None and event.reason() != Qt.FocusReason.MouseFocusReason:
            self._cursor = self._first()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._tell()
        self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self._words:
            self.menu().popup(event.globalPos())

    def menu(self) -> QMenu:
        """What can be done with the sentence."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        clipboard = QGuiApplication.clipboard()
        menu.addAction(tr("Copy text")).triggered.connect(lambda: clipboard.setText(self.text()))
        menu.addAction(tr("Copy with tags")).triggered.connect(lambda: clipboard.setText(self.tagged_text()))
        return menu

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            said = self._tip(QPointF(event.pos()) - QPointF(3, 0))
            show_tip(event, said, self)
            return True
        return super().event(event)

    def _tip(self, position: QPointF) -> str:
        """No tooltip that only repeats a word which can be read."""
        word, mark = self.word_at(position), self.span_at(position)
        if word is not None:
            cut = any(place.index == word and place.text.endswith("…") for place in self._flow.words)
            return self.words_of(word) if cut or mark is not None or word in self._unknown else ""
        return span_words(self._words, mark, self._spaced) if mark is not None else ""

    def _first(self) -> int | None:
        if self._marked in self._clickable:
            return self._marked
        return self._clickable[0] if self._clickable else None

    def _go(self, word: int) -> None:
        self._cursor = word
        self.setAccessibleDescription(self.words_of(word))
        place = self.place_of(word)
        above: QWidget | None = self.parentWidget()
        while above is not None and not isinstance(above, QScrollArea):
            above = above.parentWidget()
        inside = above.widget() if above is not None else None
        if place is not None and above is not None and inside is not None:
            centre = self.mapTo(inside, place.center().toPoint())
            above.ensureVisible(centre.x(), centre.y(), 0, round(pitch(True)))
        self.update()

    def _hover(self, word: int) -> None:
        if word == self._hovered:
            return
        self._hovered = word
        if word in self._clickable:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.unsetCursor()
        self.word_hovered.emit(word)
        self.update()

    def _tell(self) -> None:
        spans = "; ".join(span_words(self._words, mark, self._spaced) for mark in self._spans[:200])
        self.setAccessibleDescription("\n".join(part for part in (self.text()[:4000], spans) if part))
