"""A text that a network wrote, to read, select and copy; behind each of its tokens how sure the network was."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTextBlockFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextEdit

from lstm_studio.data.units import MARK
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.alignment_grid import tint
from lstm_studio.gui.widgets.tips import show_tip
from lstm_studio.gui.widgets.token_axis import quoted

_LINES = 5
_FRAME = 6
"""Border and padding above and below, as the style sheet has them."""
_NARROW = 10
"""Pixels of a box that gaps beside it would eat up, as of single letters."""
_NEAR = 24
"""Letters that a token which is not found as it is may stand for in the text."""


class WrittenEdit(QTextEdit):
    """The text wraps and scrolls. A click, or the arrow keys and Enter, choose a token."""

    token_chosen = Signal(int)
    large = 300
    """Letters of a text that is set in large type."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("written")
        self._probabilities: list[float] = []
        self._copied: list[bool] = []
        self._tokens: list[str] = []
        self._places: list[tuple[int, int] | None] = []
        self._chosen: int | None = None
        self._ring: int | None = None
        self.setReadOnly(True)
        self.setAcceptRichText(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.document().setDocumentMargin(2)
        self.viewport().setMouseTracking(True)
        self.setAccessibleName(tr("What the network wrote"))
        self.setAccessibleDescription(tr("The arrow keys go from token to token, Enter chooses one."))
        theme_notifier().changed.connect(self.viewport().update)

    def set_written(
        self, text: str, tokens: Sequence[str], probabilities: Sequence[float], copied: Sequence[bool] = ()
    ) -> None:
        """Show a text with the tokens it was put together from.

        Args:
            text: Readable.
            tokens: In order; ▁ stands for a space.
            probabilities: Of each token; further ones, as the end mark's, are ignored.
            copied: Which tokens were copied from what was read.
        """
        self._tokens, self._probabilities = list(tokens), list(probabilities[: len(tokens)])
        self._copied = list(copied)
        self._places = in_document(text, token_places(text, tokens))
        self._chosen = self._ring = None
        self.setFont(font("title" if len(text) <= self.large else "body"))
        self.setPlainText(text)
        spacing = QTextBlockFormat()
        spacing.setLineHeight(4, QTextBlockFormat.LineHeightTypes.LineDistanceHeight.value)
        whole = QTextCursor(self.document())
        whole.select(QTextCursor.SelectionType.Document)
        whole.mergeBlockFormat(spacing)
        self._fit()
        self.viewport().update()

    def set_token(self, token: int | None) -> None:
        """Mark a token and bring it into sight; nothing is emitted."""
        self._chosen = token if token is not None and token < len(self._tokens) else None
        self._show(self._chosen)

    def token_words(self, token: int) -> str:
        """A token and how sure the network was of it, in a sentence."""
        words = tr(
            "‘{token}’: {percent} % sure",
            token=quoted(self._tokens[token]),
            percent=percent_words(self._probabilities[token]),
        )
        if token < len(self._copied) and self._copied[token]:
            words += "\n" + tr("Copied from the text: the network has no word of its own for it.")
        return words

    # -- geometry -------------------------------------------------------------------------------------------

    def token_at(self, position: QPointF) -> int | None:
        """The token under a point of the viewport."""
        for token in self._in_sight():
            if any(rect.adjusted(-1, -2, 1, 2).contains(position) for rect in self.rects_of(token)):
                return token
        return None

    def rects(self) -> list[list[QRectF]]:
        """Where each token stands in the viewport."""
        return [self.rects_of(token) for token in range(len(self._places))]

    def rects_of(self, token: int) -> list[QRectF]:
        """Where a token stands in the viewport, a rectangle for each line it is on; none if it cannot be told."""
        place = self._places[token]
        if place is None:
            return []
        across, down = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        return [rect.translated(-across, -down) for rect in self._lines_of(*place)]

    def _in_sight(self) -> list[int]:
        """Tokens on the lines that are seen: of a long text only these are worth the time."""
        first = self._line_at(QPoint(0, 0))[0]
        last = self._line_at(self.viewport().rect().bottomRight())[1]
        return [
            token
            for token, place in enumerate(self._places)
            if place is not None and place[1] > first and place[0] < last
        ]

    def _line_at(self, point: QPoint) -> tuple[int, int]:
        """Begin and end, in the document, of the line that is nearest to a point of the viewport."""
        position = self.cursorForPosition(point).position()
        block = self.document().findBlock(position)
        layout = block.layout()
        line = layout.lineForTextPosition(position - block.position()) if layout is not None else None
        if line is None or not line.isValid():
            return position, position
        begin = block.position() + line.textStart()
        return begin, begin + line.textLength()

    def _lines_of(self, start: int, end: int) -> list[QRectF]:
        block = self.document().findBlock(start)
        layout = block.layout()
        if layout is None or not block.isValid():
            return []
        start, end = start - block.position(), min(end - block.position(), block.length() - 1)
        found = []
        while start < end:
            line = layout.lineForTextPosition(start)
            if not line.isValid():
                break
            stop = min(end, line.textStart() + line.textLength())
            left, right = _x(line, start), _x(line, stop)
            box = QRectF(min(left, right), line.y() + 1, abs(right - left), line.height() - 2)
            found.append(box.translated(layout.position()))
            if stop <= start:
                break
            start = stop
        return found

    def needed(self) -> int:
        """Height in pixels of the whole text."""
        return math.ceil(self.document().size().height()) + _FRAME

    def sizeHint(self) -> QSize:
        return QSize(400, min(self.needed(), self._least() * _LINES))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, min(self.needed(), self._least() * 2))

    def _least(self) -> int:
        return self.fontMetrics().height() + 12

    def _fit(self) -> None:
        if self.maximumHeight() != self.needed():
            self.setMaximumHeight(self.needed())
            self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    # -- painting -------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours, seen = theme(), QRectF(event.rect())
        for token in self._in_sight():
            for rect in self.rects_of(token):
                if not rect.intersects(seen):
                    continue
                gap = 0.75 if rect.width() >= _NARROW else 0.0
                box, round_ = rect.adjusted(gap, 0, -gap, 0), min(4.0, rect.width() / 4)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(tint(self._probabilities[token]))
                painter.drawRoundedRect(box, round_, round_)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                if token < len(self._copied) and self._copied[token]:
                    painter.setPen(QPen(colours.color("warning"), 1.5, Qt.PenStyle.DashLine))
                    painter.drawLine(box.bottomLeft(), box.bottomRight())
                if token == self._chosen:
                    painter.setPen(QPen(colours.color("text"), 1.5))
                    painter.drawRoundedRect(box, 4, 4)
                if token == self._ring and self.hasFocus():
                    painter.setPen(QPen(colours.color("focus"), 2))
                    painter.drawRoundedRect(box.adjusted(-1, -1, 1, 1), 5, 5)
        painter.end()
        super().paintEvent(event)

    # -- mouse and keys -------------------------------------------------------------------------------------

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        token = self.token_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and token is not None and not self.textCursor().hasSelection():
            self._ring = token
            self._take(token)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        there = [token for token, place in enumerate(self._places) if place is not None]
        key = Qt.Key(event.key())
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if not there or not plain:
            super().keyPressEvent(event)
            return
        now = there.index(self._ring) if self._ring in there else -1
        moves = {Qt.Key.Key_Right: now + 1, Qt.Key.Key_Left: max(now, 1) - 1, Qt.Key.Key_Home: 0, Qt.Key.Key_End: -1}
        if key in moves:
            self._ring = there[min(moves[key], len(there) - 1)]
            self.setAccessibleDescription(self.token_words(self._ring))
            self._show(self._ring)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._ring is not None:
            self._take(self._ring)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            token = self.token_at(QPointF(event.pos()))
            show_tip(event, "" if token is None else self.token_words(token), self)
            return True
        return super().viewportEvent(event)

    def _take(self, token: int) -> None:
        self.set_token(token)
        self.token_chosen.emit(token)

    def _show(self, token: int | None) -> None:
        rects = self.rects_of(token) if token is not None and token < len(self._places) else []
        if rects:
            high, down = self.viewport().height(), self.verticalScrollBar()
            down.setValue(round(down.value() + min(rects[0].top() - 2, 0) + max(rects[0].bottom() + 2 - high, 0)))
        self.viewport().update()


def token_places(text: str, tokens: Sequence[str]) -> list[tuple[int, int] | None]:
    """Where each token stands in the text that was put together from them: first letter, and the one after the last.

    A token that reads otherwise in the text, as a quotation mark may, takes what stands between its neighbours.
    """
    found: list[tuple[int, int] | None] = []
    at, lost = 0, 0
    for token in tokens:
        piece = token[len(MARK) :] if token.startswith(MARK) else token
        start = text.find(piece, at, at + len(piece) + 2 + _NEAR * lost) if piece else -1
        if start < 0:
            found.append(None)
            lost += 1 if piece else 0
            continue
        found.append((start, start + len(piece)))
        at, lost = start + len(piece), 0
    for index, place in enumerate(found):
        if place is None and tokens[index] not in ("", MARK):
            before = next((other[1] for other in reversed(found[:index]) if other is not None), 0)
            after = next((other[0] for other in found[index + 1 :] if other is not None), len(text))
            inside = text[before:after]
            if inside.strip():
                start = before + len(inside) - len(inside.lstrip())
                found[index] = (start, before + len(inside.rstrip()))
    return found


def in_document(text: str, places: Sequence[tuple[int, int] | None]) -> list[tuple[int, int] | None]:
    """Places as a text document counts, which takes two for a letter beyond the first 65,536."""
    if text.isascii() or max(map(ord, text), default=0) < 0x10000:
        return list(places)
    ends = [0]
    for letter in text:
        ends.append(ends[-1] + (2 if ord(letter) >= 0x10000 else 1))
    return [None if place is None else (ends[place[0]], ends[place[1]]) for place in places]


def _x(line: object, position: int) -> float:
    """Where a letter begins in a line."""
    found = line.cursorToX(position)  # type: ignore[attr-defined]
    return float(found[0] if isinstance(found, tuple) else found)


def percent_words(probability: float) -> str:
    """No certainty that is none."""
    return f"{min(100 * probability, 99.9):.1f}" if probability > 0.9945 else f"{100 * probability:.0f}"
