"""Sentences one below the other, each with what was predicted of it and what was wrong: many thousands, if need be."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.basic import Label
from lstm_studio.gui.widgets.span_colors import SpanColors
from lstm_studio.gui.widgets.span_flow import (
    LABEL,
    Flow,
    SpanMark,
    compare_marks,
    lay_out,
    pitch,
    span_words,
)
from lstm_studio.gui.widgets.span_paint import paint_pieces, paint_words
from lstm_studio.gui.widgets.tips import show_tip

Index = QModelIndex | QPersistentModelIndex
_SIDE, _TOP, _NOTE = 14, 8, 20
_LINES = 2
_KEPT = 400
_MOST_WORDS = 200
"""Two lines hold fewer, however wide the window is."""


@dataclass(frozen=True)
class SentenceRow:
    """A sentence, its true spans, the predicted ones and a remark ("3 of 5 entities wrong").

    Where the truth is unknown, give the predicted spans as the truth too: then nothing is shown as wrong.
    """

    words: tuple[str, ...]
    truth: tuple[SpanMark, ...]
    predicted: tuple[SpanMark, ...]
    note: str = ""


class SentenceModel(QAbstractListModel):
    """Rows of SentenceRow."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[SentenceRow] = []
        self.spaced = True
        self.longest = 0.0
        """About how many pixels the longest sentence would need, were it one line."""

    def fill(self, rows: Sequence[SentenceRow], spaced: bool) -> None:
        """Other sentences."""
        self.beginResetModel()
        self.rows, self.spaced = list(rows), spaced
        self.longest = max((_estimate(row, spaced) for row in rows), default=0.0)
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def text(self, row: int) -> str:
        """A sentence."""
        return (" " if self.spaced else "").join(self.rows[row].words)

    def marks(self, row: int) -> tuple[SpanMark, ...]:
        """What is shown of a sentence: predictions, wrong ones marked, and what was missed."""
        entry = self.rows[row]
        return compare_marks(entry.words, entry.truth, entry.predicted, self.spaced)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = index.row()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(row)[:2000]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            spans = "; ".join(span_words(self.rows[row].words, mark, self.spaced) for mark in self.marks(row)[:50])
            return "\n".join(part for part in (self.text(row)[:2000], spans, self.rows[row].note) if part)
        return None


class _Sentences(QStyledItemDelegate):
    """Paints a row; only what is in sight is laid out, and kept until the width changes."""

    def __init__(self, view: _List) -> None:
        super().__init__(view)
        self._view = view
        self._flows: OrderedDict[int, Flow] = OrderedDict()

    def forget(self) -> None:
        """Other rows or another width."""
        self._flows.clear()

    def flow(self, row: int) -> Flow:
        """Where the words of a row stand."""
        found = self._flows.get(row)
        if found is None:
            entry, model = self._view.sentences.rows[row], self._view.sentences
            found = lay_out(
                entry.words[:_MOST_WORDS],
                [mark for mark in model.marks(row) if mark.start < _MOST_WORDS],
                self._view.viewport().width() - 2 * _SIDE,
                spaced=model.spaced,
                most_lines=self._view.lines(),
            )
            self._flows[row] = found
            if len(self._flows) > _KEPT:
                self._flows.popitem(last=False)
        return found

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, round(2 * _TOP + self._view.lines() * pitch(True) + _NOTE))

    def origin(self, rect: QRect, row: int) -> QPointF:
        """Top left of the words; a sentence of one line stands in the middle."""
        free = rect.height() - 2 * _TOP - _NOTE - self.flow(row).height
        return QPointF(rect.left() + _SIDE, rect.top() + _TOP + max(0.0, free / 2))

    def inspect_rect(self, rect: QRect, row: int) -> QRectF:
        """Where "Inspect" stands."""
        wide = QFontMetricsF(font("small")).horizontalAdvance(tr("Inspect")) + 16
        return QRectF(rect.right() - _SIDE - wide + 8, self._foot(rect, row), wide, _NOTE)

    def _foot(self, rect: QRect, row: int) -> float:
        return self.origin(rect, row).y() + max(self.flow(row).height, pitch(False)) + 2

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect, row = option.rect, index.row()
        colours, flow = theme(), self.flow(row)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.setPen(QPen(colours.color("border"), 1))
        painter.drawLine(
            QPointF(rect.left() + _SIDE, rect.bottom() + 0.5), QPointF(rect.right() - _SIDE, rect.bottom() + 0.5)
        )
        if selected:
            # an outline, not a ground: the stretches keep their colours and labels their contrast
            painter.setPen(QPen(colours.color("focus" if self._view.hasFocus() else "border_strong"), 1.5))
            painter.drawRoundedRect(QRectF(rect).adjusted(2, 2, -2, -3), 6, 6)
        origin = self.origin(rect, row)
        painter.translate(origin)
        clip = QRectF(-_SIDE, -_TOP, rect.width(), rect.height())
        paint_pieces(painter, flow, self._view.colors, clip)
        paint_words(painter, flow, clip)
        painter.translate(-origin)
        place = self.inspect_rect(rect, row)
        face = font("small")
        face.setUnderline(self._view.pointed == row)
        painter.setFont(face)
        painter.setPen(colours.color("accent"))
        painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), tr("Inspect"))
        face = font("small", tabular=True)
        painter.setFont(face)
        painter.setPen(colours.color("text_muted"))
        room = QRectF(rect.left() + _SIDE, place.top(), place.left() - rect.left() - _SIDE - 8, _NOTE)
        note = QFontMetricsF(face).elidedText(
            self._view.sentences.rows[row].note, Qt.TextElideMode.ElideRight, room.width()
        )
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), note)
        painter.restore()

    def tip(self, rect: QRect, row: int, at: QPointF) -> str:
        """What a span is; over cut sentences the whole of it."""
        flow, here = self.flow(row), at - self.origin(rect, row)
        for piece in flow.pieces:
            if piece.rect.adjusted(0, 0, 0, LABEL).contains(here):
                return span_words(self._view.sentences.rows[row].words, piece.mark, self._view.sentences.spaced)
        return self._view.sentences.text(row)[:1500] if flow.more is not None else ""


class _List(QListView):
    """The rows in sight."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.sentences, self.colors = SentenceModel(), SpanColors(())
        self.pointed = -1
        """The row over whose "Inspect" the mouse is."""
        self.setModel(self.sentences)
        self.rows = _Sentences(self)
        self.setItemDelegate(self.rows)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setAccessibleName(tr("Sentences"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.rows.forget()
        super().resizeEvent(event)

    def lines(self) -> int:
        """How many lines all rows have: one if every sentence is likely to fit in it."""
        return 1 if self.sentences.longest <= self.viewport().width() - 2 * _SIDE else _LINES

    def keyPressEvent(self, event: QKeyEvent) -> None:
        now = self.currentIndex()
        if now.isValid() and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit(now.row())
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._point(self._inspected(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point(-1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        row = self._inspected(event.position())
        if event.button() == Qt.MouseButton.LeftButton and row >= 0:
            self.chosen.emit(row)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        index = self.indexAt(event.position().toPoint())
        # the first click on "Inspect" has opened it already
        if event.button() == Qt.MouseButton.LeftButton and index.isValid() and self._inspected(event.position()) < 0:
            self.chosen.emit(index.row())

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self.indexAt(event.pos())
            said = self.rows.tip(self.visualRect(index), index.row(), QPointF(event.pos())) if index.isValid() else ""
            show_tip(event, said, self)
            return True
        return super().viewportEvent(event)

    def _inspected(self, at: QPointF) -> int:
        index = self.indexAt(at.toPoint())
        inside = index.isValid() and self.rows.inspect_rect(self.visualRect(index), index.row()).contains(at)
        return index.row() if inside else -1

    def _point(self, row: int) -> None:
        if row != self.pointed:
            self.pointed = row
            if row >= 0:
                self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
            else:
                self.viewport().unsetCursor()
            self.viewport().update()


class SentenceList(QWidget):
    """Each row holds a sentence in at most two lines, its spans and its note; Enter, a double click or "Inspect" opens
    it."""

    activated = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self.view = _List()
        self.empty = Label(tr("No sentences here."), tone="muted", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setMargin(16)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.view)
        self.setFocusProxy(self.view)
        self.view.chosen.connect(self.activated)
        theme_notifier().changed.connect(self.view.viewport().update)

    def set_colors(self, colors: SpanColors) -> None:
        """Colours of the labels."""
        self.view.colors = colors
        self.view.viewport().update()

    def set_empty(self, text: str) -> None:
        """What is said when there are no rows."""
        self.empty.setText(text)

    def set_rows(self, rows: Sequence[SentenceRow], spaced: bool = True) -> None:
        """Show other sentences, from the first; ``spaced``: whether there are gaps between words."""
        self.view.rows.forget()
        self.view.pointed = -1
        self.view.sentences.fill(rows, spaced)
        self.view.scrollToTop()
        self._stack.setCurrentWidget(self.view if rows else self.empty)

    def select(self, row: int) -> None:
        """Choose a row and bring it into sight; nothing is emitted."""
        index = self.view.sentences.index(row)
        if index.isValid():
            self.view.setCurrentIndex(index)
            self.view.scrollTo(index)

    def current(self) -> int:
        """The chosen row, -1 for none."""
        return self.view.currentIndex().row()

    def sizeHint(self) -> QSize:
        return QSize(480, 360)


def _estimate(row: SentenceRow, spaced: bool) -> float:
    # on the wide side, and without measuring: two thousand sentences in no time
    text = "".join(row.words[:_MOST_WORDS])
    width = 8.5 * len(text) if text.isascii() else 14.5 * len(text)
    return (
        width + 5.0 * spaced * len(row.words) + sum(8 * len(mark.label) + 60 for mark in (*row.truth, *row.predicted))
    )
