"""A text as the network reads it: every token tinted by what the network says there: had the text ended, or of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.basic import focus_ring
from lstm_studio.gui.widgets.bidi import is_right_to_left, mirrored, turned_mark
from lstm_studio.gui.widgets.class_marks import paint_mark
from lstm_studio.gui.widgets.span_colors import SpanColors
from lstm_studio.gui.widgets.tips import show_tip
from lstm_studio.gui.widgets.token_axis import quoted, visible_token

NONE = "O"
"""The tag of words that belong to nothing."""
_LINE = 32
_BOX = 26
_GAP = 4
_PAD = 8
_LONGEST = 220.0
MOST_TINT = 0.24
"""Opacity that certainty adds to a tint: the mark of the class is still seen on it."""


class TokenStrip(QWidget):
    """Tokens flow like text. Unknown ones are underlined with dots. Pointing or arrow keys move the cursor."""

    cursor_moved = Signal(object)
    """The token pointed at, or None."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens: list[str] = []
        self._known: list[bool] = []
        self._after: np.ndarray | None = None
        self._classes: tuple[str, ...] = ()
        self._tags: SpanColors | None = None
        self._marked: int | None = None
        self._places: list[QRectF] = []
        self._cursor: int | None = None
        self._turned = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(tr("Tokens of the text"))
        theme_notifier().changed.connect(self.update)

    def set_tokens(
        self,
        tokens: Sequence[str],
        known: Sequence[bool] = (),
        after: np.ndarray | None = None,
        classes: Sequence[str] = (),
        *,
        tags: bool = False,
        marked: int | None = None,
    ) -> None:
        """Show T tokens.

        Args:
            tokens, known: What is read, and whether the network knows it.
            after: Verdicts at each token, float [T, K], of ``classes`` [K].
            tags: They are of the token, not of the text up to it; "O" is none.
            marked: A token that is pointed at: the predicate.
        """
        self._tokens, self._known = list(tokens), list(known)
        fits = after is not None and bool(classes) and after.shape == (len(self._tokens), len(classes))
        self._after = after if fits else None
        self._classes = tuple(classes)
        self._tags = tag_colors(classes) if tags else None
        self._marked = marked
        self._turned = is_right_to_left(self._tokens)
        if self._cursor is not None and self._cursor >= len(self._tokens):
            self._cursor = None
        self.setAccessibleDescription(" ".join(map(visible_token, self._tokens[:200])))
        self._arrange()
        self.updateGeometry()
        self.update()

    def set_cursor(self, token: int | None) -> None:
        """Outline a token; nothing is emitted."""
        if token != self._cursor:
            self._cursor = token
            self.update()
            if token is not None and self.hasFocus():
                self.setAccessibleDescription(self.words(token))

    def words(self, token: int) -> str:
        """A token and what the network would say after it, in a sentence."""
        parts = [
            tr("“{token}”, token {n} of {all}.", token=quoted(self._tokens[token]), n=token + 1, all=len(self._tokens))
        ]
        if token < len(self._known) and not self._known[token]:
            parts.append(tr("Not in the vocabulary: the network sees only an unknown word."))
        if self._after is not None:
            row = self._after[token]
            best = np.argsort(-row)[:3]
            names = [tr("nothing") if self._tags is not None and name == NONE else name for name in self._classes]
            said = ", ".join(f"{names[k]} {100 * row[k]:.0f} %" for k in best)
            if self._tags is None:
                parts.append(tr("Had the text ended here: {said}.", said=said))
            else:
                parts.append(tr("Read as: {said}.", said=said))
        if token == self._marked:
            parts.append(tr("The roles are asked for this word."))
        return " ".join(parts)

    # -- geometry -------------------------------------------------------------------------------------------

    def heightForWidth(self, width: int) -> int:
        return self._flow(width)[1]

    def sizeHint(self) -> QSize:
        return QSize(400, self._flow(max(200, self.width()))[1])

    def minimumSizeHint(self) -> QSize:
        return QSize(120, _LINE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def place_of(self, token: int) -> QRectF | None:
        """Where a token is painted; None when there is no such token."""
        return self._places[token] if 0 <= token < len(self._places) else None

    def _arrange(self) -> None:
        self._places, height = self._flow(self.width())
        if self.minimumHeight() != height:
            self.setMinimumHeight(height)

    def _flow(self, width: int) -> tuple[list[QRectF], int]:
        metrics = QFontMetricsF(font("body"))
        x, y, places = 0.0, 0.0, []
        for token in self._tokens:
            wide = min(_LONGEST, metrics.horizontalAdvance(visible_token(token)[:60])) + 2 * _PAD
            if x and x + wide > width:
                x, y = 0.0, y + _LINE
            places.append(QRectF(x, y + (_LINE - _BOX) / 2, wide, _BOX))
            x += wide + _GAP
        return mirrored(places, width) if self._turned else places, int(y + _LINE)

    # -- painting -------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        face = font("body")
        metrics = QFontMetricsF(face)
        painter.setFont(face)
        colours = theme()
        for index, place in enumerate(self._places):
            if not place.intersects(QRectF(event.rect())):
                continue
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._tint(index))
            painter.drawRoundedRect(place, 5, 5)
            unknown = index < len(self._known) and not self._known[index]
            self._paint_class(painter, index, place)
            painter.setPen(colours.color("text"))
            shown = visible_token(self._tokens[index])
            text = metrics.elidedText(
                turned_mark(shown) if self._turned else shown, Qt.TextElideMode.ElideRight, place.width() - 8
            )
            painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), text)
            if unknown:
                painter.setPen(QPen(colours.color("warning"), 1.5, Qt.PenStyle.DotLine))
                painter.drawLine(
                    QPointF(place.left() + _PAD, place.bottom() - 3), QPointF(place.right() - _PAD, place.bottom() - 3)
                )
            if index == self._marked:
                painter.setPen(QPen(colours.color("text"), 2))
                painter.drawLine(
                    QPointF(place.left() + _PAD, place.bottom() - 1), QPointF(place.right() - _PAD, place.bottom() - 1)
                )
            if index == self._cursor:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(colours.color("focus" if self.hasFocus() else "text"), 1.5))
                painter.drawRoundedRect(place.adjusted(0.75, 0.75, -0.75, -0.75), 5, 5)
        if self.hasFocus() and self._cursor is None:
            focus_ring(painter, self)
        painter.end()

    def _paint_class(self, painter: QPainter, index: int, place: QRectF) -> None:
        """The shape of the likeliest class in a corner: the tint alone would tell by colour only."""
        if self._after is None or len(self._classes) < 2:
            return
        best = int(np.argmax(self._after[index]))
        if self._tags is not None:
            if self._classes[best] == NONE:
                return
            painter.setBrush(self._tags.of(self._classes[best], theme().dark))
            best = self._tags.place(self._classes[best])
        else:
            painter.setBrush(theme().class_color(best))
        x = place.left() + 5 if self._turned else place.right() - 5
        paint_mark(painter, best, QPointF(x, place.top() + 5), 6)

    def _tint(self, index: int) -> QColor:
        colours = theme()
        if self._after is None or len(self._classes) < 2:
            return colours.color("surface_raised")
        row = self._after[index]
        best = int(np.argmax(row))
        if self._tags is not None:
            name = self._classes[best]
            none = colours.color("surface_raised")
            return none if name == NONE else _thin(self._tags.of(name, colours.dark), float(row[best]))
        chance = 1 / len(self._classes)
        return _thin(colours.class_color(best), (float(row[best]) - chance) / (1 - chance))

    # -- mouse and keys -------------------------------------------------------------------------------------

    def token_at(self, position: QPointF) -> int | None:
        """The token under a point."""
        return next((index for index, place in enumerate(self._places) if place.contains(position)), None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.cursor_moved.emit(self.token_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self.cursor_moved.emit(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self._tokens) - 1
        now = self._cursor if self._cursor is not None else -1
        moves = {
            Qt.Key.Key_Right: now + 1,
            Qt.Key.Key_Left: max(now, 1) - 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        key = Qt.Key(event.key())
        if self._turned:  # the next token stands on the left
            key = {Qt.Key.Key_Right: Qt.Key.Key_Left, Qt.Key.Key_Left: Qt.Key.Key_Right}.get(key, key)
        if key in moves and last >= 0:
            self.cursor_moved.emit(min(moves[key], last))
        elif key == Qt.Key.Key_Escape and self._cursor is not None:
            self.cursor_moved.emit(None)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            token = self.token_at(QPointF(event.pos()))
            show_tip(event, "" if token is None else self.words(token), self)
            return True
        return super().event(event)


class TokenScroll(QScrollArea):
    """A strip of at most a few lines; longer texts scroll, and the cursor stays in sight."""

    def __init__(self, strip: TokenStrip, lines: int = 3) -> None:
        super().__init__()
        self._strip, self._lines = strip, lines
        self.setWidget(strip)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        strip.setAutoFillBackground(False)
        self.fit()

    def fit(self) -> None:
        """Take as many lines as the text needs, and no more than allowed."""
        lines = max(1, self._strip.heightForWidth(max(100, self.viewport().width())) // _LINE)
        self.setFixedHeight(_LINE * min(self._lines, lines))

    def show_token(self, token: int) -> None:
        """Scroll a token into sight."""
        place = self._strip.place_of(token)
        if place is None:
            return
        self.ensureVisible(int(place.center().x()), int(place.center().y()), 0, _LINE // 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()


def tag_colors(classes: Sequence[str]) -> SpanColors:
    """Of the types of a tagging run, as its spans have them everywhere."""
    return SpanColors([name for name in classes if name != NONE])


def _thin(color: QColor, share: float) -> QColor:
    """The class's colour laid thinly over the surface: text on it stays readable."""
    color = QColor(color)
    color.setAlphaF(0.06 + MOST_TINT * min(max(share, 0.0), 1.0))
    return color
