"""A passage of running text, each token tinted by how surprising it was."""

from __future__ import annotations

import math
from bisect import bisect_right

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextEdit, QWidget

from lstm_studio.data.units import UNKNOWN, UnitKind
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.tips import show_tip
from lstm_studio.gui.widgets.token_axis import quoted
from lstm_studio.runs.results_texts import LINE_ENDS, Passage, pieces

_DECADES = 5
_LEAST = 0.001
_STRENGTH = 0.125
"""Colour that each step adds; text keeps its contrast on the strongest."""
_SWATCH, _GAP = 12.0, 6.0


class PassageText(QTextEdit):
    """Wraps and scrolls, can be selected; line ends are shown and break the line. Pointing at a token, or going to it
    with the arrow keys, says its probability."""

    pointed = Signal(object)
    """A token's place, or None."""

    def __init__(self) -> None:
        super().__init__()
        self._passage: Passage | None = None
        self._units: UnitKind = "word"
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._ring: int | None = None
        self.setObjectName("written")
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.document().setDocumentMargin(2)
        self.viewport().setMouseTracking(True)
        self.setAccessibleName(tr("Passage"))
        self.setAccessibleDescription(tr("The arrow keys go from token to token."))
        theme_notifier().changed.connect(self._write)
        self._write()

    def show_passage(self, passage: Passage | None, units: UnitKind) -> None:
        """Show another one; None for nothing."""
        if (passage, units) != (self._passage, self._units):
            self._passage, self._units, self._ring = passage, units, None
            self._write()
            self.moveCursor(QTextCursor.MoveOperation.Start)
            self.pointed.emit(None)

    def token_words(self, token: int) -> str:
        """A token and its probability, in a sentence."""
        passage = self._passage
        assert passage is not None
        loss, name = passage.losses[token], quoted(passage.tokens[token])
        if math.isnan(loss):
            return tr("‘{token}’ was not predicted: nothing stands before it.", token=name)
        words = tr("‘{token}’ had a probability of {percent} %.", token=name, percent=shown_percent(loss))
        if passage.tokens[token] == UNKNOWN:
            words += " " + tr("It stands for any word that the network does not know.")
        return words

    # -- writing --------------------------------------------------------------------------------------------

    @Slot()
    def _write(self) -> None:
        down = self.verticalScrollBar().value()
        self.clear()
        self._starts, self._ends = [], []
        colors, passage = theme(), self._passage
        plain = QTextCharFormat()
        plain.setFont(font("body"))
        cursor = QTextCursor(self.document())
        if passage is None:
            plain.setForeground(colors.color("text_muted"))
            cursor.insertText(tr("The chosen passage stands here, each token tinted by how surprising it was."), plain)
            self._mark()
            return
        plain.setForeground(colors.color("text"))
        spacing = QTextBlockFormat()
        spacing.setLineHeight(5, QTextBlockFormat.LineHeightTypes.LineDistanceHeight.value)
        cursor.beginEditBlock()
        cursor.setBlockFormat(spacing)
        laid = pieces(passage.tokens, self._units)
        for (gap, piece), token, loss in zip(laid, passage.tokens, passage.losses, strict=True):
            cursor.insertText(gap, plain)
            self._starts.append(cursor.position())
            own = QTextCharFormat(plain)
            if step(loss):
                own.setBackground(tint(step(loss)))
            if token in LINE_ENDS:
                own.setForeground(colors.color("text_muted"))
            elif token == UNKNOWN:
                own.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DotLine)
                own.setUnderlineColor(colors.color("warning"))
            cursor.insertText(LINE_ENDS[0] if token in LINE_ENDS else piece, own)
            self._ends.append(cursor.position())
            if token in LINE_ENDS:
                cursor.insertText("\n", plain)
        cursor.endEditBlock()
        self.verticalScrollBar().setValue(down)
        self._mark()

    def _mark(self) -> None:
        """Outline the token that the keys have gone to."""
        marks = []
        if self._ring is not None and self._ring < len(self._starts):
            mark = QTextEdit.ExtraSelection()
            mark.cursor = QTextCursor(self.document())
            mark.cursor.setPosition(self._starts[self._ring])
            mark.cursor.setPosition(self._ends[self._ring], QTextCursor.MoveMode.KeepAnchor)
            mark.format.setProperty(QTextCharFormat.Property.OutlinePen, QPen(theme().color("focus"), 1.5))
            marks.append(mark)
        self.setExtraSelections(marks)

    # -- mouse and keys -------------------------------------------------------------------------------------

    def token_at(self, position: QPointF) -> int | None:
        """The token under a point of the viewport."""
        across, down = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        layout = self.document().documentLayout()
        if not self._starts or layout.hitTest(position + QPointF(across, down), Qt.HitTestAccuracy.ExactHit) < 0:
            return None
        near = self.cursorForPosition(position.toPoint())
        letter = near.position() - (position.x() < self.cursorRect(near).center().x())
        token = bisect_right(self._starts, letter) - 1
        return token if token >= 0 and letter < self._ends[token] else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        token = self.token_at(event.position())
        self.pointed.emit(self._ring if token is None else token)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.pointed.emit(self._ring)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self._starts) - 1
        now = self._ring if self._ring is not None else -1
        moves = {
            Qt.Key.Key_Right: now + 1,
            Qt.Key.Key_Left: max(now, 1) - 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        key = Qt.Key(event.key())
        if key not in moves or last < 0 or event.modifiers() != Qt.KeyboardModifier.NoModifier:
            super().keyPressEvent(event)
            return
        self._ring = min(moves[key], last)
        at = self.textCursor()
        at.setPosition(self._starts[self._ring])
        self.setTextCursor(at)
        self.setAccessibleDescription(self.token_words(self._ring))
        self._mark()
        self.pointed.emit(self._ring)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            token = self.token_at(QPointF(event.pos()))
            show_tip(event, "" if token is None else self.token_words(token), self)
            return True
        return super().viewportEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(400, 160)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 64)


class SurpriseLegend(QWidget):
    """What the tints stand for, as many words as there is room for."""

    def __init__(self) -> None:
        super().__init__()
        self._labels = ["≥ 10 %", "≥ 1 %", "≥ 0.1 %", "≥ 0.01 %", tr("less")]
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("What the tints stand for"))
        said = tr("The probability that the network gave to each token, given those before it.")
        self.setAccessibleDescription(said)
        self.setToolTip(said)
        theme_notifier().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(font("small"))
        wide = sum(metrics.horizontalAdvance(label) + _SWATCH + 3 * _GAP for label in self._labels)
        return QSize(math.ceil(wide), max(18, math.ceil(metrics.height())))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("small"))
        metrics, colors, x = QFontMetricsF(font("small")), theme(), 0.5
        for place, label in enumerate(self._labels):
            box = QRectF(x, (self.height() - _SWATCH) / 2, _SWATCH, _SWATCH)
            painter.setPen(QPen(colors.color("border"), 1))
            painter.setBrush(tint(place))
            painter.drawRoundedRect(box, 3, 3)
            wide = metrics.horizontalAdvance(label)
            painter.setPen(colors.color("text_muted"))
            painter.drawText(
                QRectF(box.right() + _GAP, 0, wide + 2, self.height()), int(Qt.AlignmentFlag.AlignVCenter), label
            )
            x += _SWATCH + wide + 3 * _GAP
        painter.end()


def step(loss: float) -> int:
    """How surprising: 0 for a probability of 10 % and more, one more for each tenth of it, 4 at most."""
    return 0 if math.isnan(loss) else min(_DECADES - 1, max(0, math.ceil(loss / math.log(10) - 1e-9) - 1))


def tint(of: int) -> QColor:
    """Behind tokens that are so surprising; expected ones look like the card. Opaque: neighbours show no seam."""
    ground, strong = theme().color("surface"), theme().color("plot_validation")
    share = _STRENGTH * of
    mixed = (
        round(low + share * (high - low))
        for low, high in zip(ground.getRgb()[:3], strong.getRgb()[:3], strict=True)  # type: ignore[index]
    )
    return QColor(*mixed)


def shown_percent(loss: float) -> str:
    """A probability in percent, as exactly as it matters: 62, 3.1, 0.042, <0.001."""
    share = 100 * math.exp(-loss)
    if share < _LEAST:
        return f"<{_LEAST}"
    if share >= 10:
        return f"{min(share, 99.9):.1f}" if share > 99.45 else f"{share:.0f}"
    return f"{share:.1f}" if share >= 1 else f"{share:.2f}" if share >= 0.1 else f"{share:.3f}"
