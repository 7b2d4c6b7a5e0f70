"""Places in the data, one a line, their tokens below each other: what is meant in the middle, what stands around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from lstm_studio.data.units import MARK
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.basic import Label
from lstm_studio.gui.widgets.tips import plain_tip
from lstm_studio.gui.widgets.token_axis import visible_token

if TYPE_CHECKING:
    from lstm_studio.inspection.index import UnitIndex
    from lstm_studio.inspection.units import Context

Index = QModelIndex | QPersistentModelIndex
_ROW, _SIDE = 30, 8
_VALUE, _LABEL, _BOX = 56.0, 120.0, 22.0
_MIDDLE = 0.46
_LONGEST = 140.0


@dataclass(frozen=True)
class Tint:
    """How values become colours: from minus to plus ``limit``, or as a share of units from 0 to 1."""

    limit: float = 1.0
    shares: bool = False

    def of(self, value: float) -> QColor:
        """Thin enough for text to be read on it."""
        if self.shares:
            return theme().color("accent", 0.38 * min(max(value, 0.0), 1.0))
        share = min(max(value / self.limit, -1.0), 1.0)
        row = theme().diverging()[224 if share > 0 else 31]
        return QColor(int(row[0]), int(row[1]), int(row[2]), round(110 * abs(share)))


def label_words(name: str, meaning: str) -> str:
    """A label as it is shown; those of places in a text are the program's own words."""
    return tr(name) if meaning == "place" else visible_token(name)


def gap_before(token: str, spacing: str) -> float:
    """Pixels between a token and the one before it."""
    return 5.0 if spacing == "words" or (spacing == "marks" and token.startswith(MARK)) else 0.0


class ContextModel(QAbstractListModel):
    """The rows, and their words for those who listen."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[Context, ...] = ()

    def fill(self, rows: Sequence[Context]) -> None:
        """Other rows."""
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        meant = " ".join(map(visible_token, row.tokens[slice(*row.mark)]))
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{figure(row)} {meant}: {' '.join(map(visible_token, row.tokens))} ({row.label})"
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(tr("“{token}”: {value}", token=meant[:60], value=figure(row)))
        return None


def signed(value: float) -> str:
    """A value with its sign; nothing has none."""
    text = f"{value:+.2f}".replace("-", "−")
    return "0.00" if text[1:] == "0.00" else text


def figure(row: Context) -> str:
    """What stands at the left of a row."""
    return row.note or signed(row.value)


class _Rows(QStyledItemDelegate):
    """Paints a row."""

    def __init__(self, view: ContextView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        view, rect, row = self._view, QRectF(option.rect), self._view.contexts.rows[index.row()]
        colours = theme()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(colours.color("focus" if view.hasFocus() else "border_strong"), 1.5))
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 6, 6)
        small = font("small", tabular=True)
        painter.setFont(small)
        painter.setPen(colours.color("text_muted"))
        centre = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(
            QRectF(rect.left() + _SIDE, rect.top(), _VALUE - 12, rect.height()),
            int(Qt.AlignmentFlag.AlignRight | centre),
            figure(row),
        )
        label = QRectF(rect.right() - _SIDE - view.label, rect.top(), view.label, rect.height())
        said = label_words(row.label, view.meaning)
        said = QFontMetricsF(small).elidedText(said, Qt.TextElideMode.ElideRight, view.label)
        painter.drawText(label, int(Qt.AlignmentFlag.AlignRight | centre), said)
        area = QRectF(rect.left() + _SIDE + _VALUE, rect.top(), label.left() - rect.left() - 2 * _SIDE - _VALUE, _ROW)
        painter.setClipRect(area)
        self._paint_tokens(painter, area, row)
        painter.restore()

    def _paint_tokens(self, painter: QPainter, area: QRectF, row: Context) -> None:
        face, strong = font("body"), font("body", bold=True)
        metrics, first, last = QFontMetricsF(face), *row.mark
        pad = _pad(self._view.gaps)
        at = area.left() + min(_MIDDLE * area.width(), self._view.before + 4)
        bold = QFontMetricsF(strong)
        x = at
        start = QPointF(at, area.center().y() - _BOX / 2)
        for place in range(first, len(row.tokens)):
            meant = place < last
            if place > first:
                x += gap_before(row.tokens[place], self._view.gaps)
            x = self._token(painter, area, row, place, x, bold if meant else metrics, pad, meant)
            if place == last - 1:
                painter.setPen(QPen(theme().color("text"), 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(QRectF(start.x(), start.y(), x - start.x(), _BOX), 4, 4)
            if x > area.right():
                break
        x = at
        for place in range(first - 1, -1, -1):
            x -= gap_before(row.tokens[place + 1], self._view.gaps) + _wide(row.tokens[place], metrics, pad)
            self._token(painter, area, row, place, x, metrics, pad, meant=False)
            if x < area.left():
                break

    def _token(
        self,
        painter: QPainter,
        area: QRectF,
        row: Context,
        place: int,
        x: float,
        metrics: QFontMetricsF,
        pad: float,
        meant: bool,
    ) -> float:
        """Paint a token; returns where it ends."""
        wide = _wide(row.tokens[place], metrics, pad)
        box = QRectF(x, area.center().y() - _BOX / 2, wide, _BOX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._view.tint.of(float(row.values[place])))
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(theme().color("text"))
        painter.setFont(font("body", bold=meant))
        text = metrics.elidedText(visible_token(row.tokens[place]), Qt.TextElideMode.ElideRight, _LONGEST)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)
        return x + wide


def _pad(spacing: str) -> float:
    return 2.0 if spacing == "words" else 1.0


def _before(row: Context, metrics: QFontMetricsF, spacing: str) -> float:
    """Pixels that what stands before the mark of a row needs."""
    first, pad = row.mark[0], _pad(spacing)
    pairs = zip(row.tokens[:first], row.tokens[1 : first + 1], strict=True)
    return sum(_wide(token, metrics, pad) + gap_before(following, spacing) for token, following in pairs)


def _wide(token: str, metrics: QFontMetricsF, pad: float) -> float:
    return min(_LONGEST, metrics.horizontalAdvance(visible_token(token)[:60])) + 2 * pad


class ContextView(QListView):
    """The rows in sight."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.contexts, self.tint, self.gaps, self.meaning = ContextModel(), Tint(), "words", "label"
        self.label = _LABEL
        """How much room labels have."""
        self.before = 0.0
        """How much room what stands before the marks needs at most."""
        self.setModel(self.contexts)
        self.setItemDelegate(_Rows(self))
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Places in the data"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        now = self.currentIndex()
        if now.isValid() and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit(now.row())
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid():
            self.chosen.emit(index.row())


class ContextList(QWidget):
    """Rows that Enter or a double click opens, or a sentence where there are none."""

    activated = Signal(object)
    """The Context that is to be read."""

    def __init__(self, nothing: str) -> None:
        super().__init__()
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self.view = ContextView()
        self.empty = Label(nothing, tone="muted", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setMargin(16)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.view)
        self.setFocusProxy(self.view)
        self.view.chosen.connect(lambda row: self.activated.emit(self.rows[row]))
        theme_notifier().changed.connect(self.view.viewport().update)

    @property
    def rows(self) -> tuple[Context, ...]:
        """What is shown."""
        return self.view.contexts.rows

    def set_rows(self, rows: Sequence[Context], tint: Tint, index: UnitIndex | None, nothing: str = "") -> None:
        """Show other places of an index, from the first; ``nothing`` is said where there are none."""
        self.view.tint = tint
        if index is not None:
            self.view.gaps, self.view.meaning = index.spacing, index.meaning
        metrics = QFontMetricsF(font("small", tabular=True))
        names = {label_words(row.label, self.view.meaning) for row in rows}
        self.view.label = min(_LABEL, max((metrics.horizontalAdvance(name) for name in names), default=0.0) + 6)
        body = QFontMetricsF(font("body"))
        self.view.before = max((_before(row, body, self.view.gaps) for row in rows), default=0.0)
        self.view.contexts.fill(rows)
        self.view.scrollToTop()
        if nothing:
            self.empty.setText(nothing)
        self._stack.setCurrentWidget(self.view if rows else self.empty)

    def sizeHint(self) -> QSize:
        return QSize(480, 320)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, 3 * _ROW)
