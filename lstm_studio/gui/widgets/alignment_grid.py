"""The cells of an attention matrix with the tokens beside them: what was read on top, what was written on the left."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.alignment_layout import GAP, LONGEST, Layout, lay_out
from lstm_studio.gui.widgets.raster import colour_table, to_colours
from lstm_studio.gui.widgets.tips import show_tip
from lstm_studio.gui.widgets.token_axis import SLANT, quoted, visible_token


class AlignmentGrid(QAbstractScrollArea):
    """Scrolls while the tokens stay in sight. Pointing or the arrow keys move the cursor, a click or Enter chooses a
    row, Escape takes the cursor away."""

    row_chosen = Signal(int)
    cursor_moved = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._weights: np.ndarray | None = None
        self._source: list[str] = []
        self._written: list[str] = []
        self._probabilities: list[float] = []
        self._limit = 1.0
        self._plan = Layout()
        self._shown: dict[tuple[str, bool, float], str] = {}
        self.cursor_at: tuple[int, int] | None = None
        self.chosen: int | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.setAccessibleName(tr("Where each written token looked"))
        theme_notifier().changed.connect(self.viewport().update)

    def set_alignment(
        self,
        source: Sequence[str],
        written: Sequence[str],
        weights: np.ndarray,
        probabilities: Sequence[float] | None,
        limit: float,
    ) -> None:
        """Show [U, S], 0..``limit``; a cursor or a chosen row that is no longer there goes."""
        self._weights = np.ascontiguousarray(weights, np.float32)
        self._source = [visible_token(token) for token in source]
        self._written = [visible_token(token) for token in written]
        self._probabilities = list(probabilities or ())
        self._limit = limit
        if self.cursor_at is not None and not self._there(*self.cursor_at):
            self.set_cursor(None)
        if self.chosen is not None and self.chosen >= len(self._written):
            self.chosen = None
        self._describe()
        self._lay_out()
        self.viewport().update()

    def set_cursor(self, cursor: tuple[int, int] | None) -> None:
        """Point at (row, column), or at nothing."""
        if cursor != self.cursor_at:
            self.cursor_at = cursor
            self._describe()
            self.cursor_moved.emit()
            self.viewport().update()

    def choose(self, row: int | None) -> None:
        """Mark a row and bring it into sight where it looked most; nothing is emitted."""
        self.chosen = row if row is not None and 0 <= row < len(self._written) else None
        if self.chosen is not None and self._weights is not None and self._source:
            self._bring(self.chosen, int(np.nan_to_num(self._weights[self.chosen]).argmax()))
        self.viewport().update()

    def words(self, row: int, column: int) -> str:
        """A cell in a sentence."""
        assert self._weights is not None
        return tr(
            "‘{written}’ looked at ‘{read}’: {percent} %",
            written=quoted(self._written[row]),
            read=quoted(self._source[column]),
            percent=f"{100 * float(self._weights[row, column]):.0f}",
        )

    def probability(self, row: int) -> float | None:
        """Of the token of a row; None where it was not told."""
        return self._probabilities[row] if row < len(self._probabilities) else None

    # -- geometry -------------------------------------------------------------------------------------------

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Where a cell is painted in the viewport."""
        wide, high = self._plan.wide, self._plan.high
        x = self._plan.left + column * wide - self.horizontalScrollBar().value()
        return QRectF(x, self._plan.top + row * high - self.verticalScrollBar().value(), wide, high)

    def cell_at(self, position: QPointF) -> tuple[int, int] | None:
        """(row, column) under a point; beside or above the cells where that token looked, or was looked at, most."""
        if self._weights is None or not self._weights.size:
            return None
        wide, high = self._plan.wide, self._plan.high
        column = math.floor((position.x() - self._plan.left + self.horizontalScrollBar().value()) / wide)
        row = math.floor((position.y() - self._plan.top + self.verticalScrollBar().value()) / high)
        beside, above = position.x() < self._plan.left, position.y() < self._plan.top
        if beside and not above and 0 <= row < len(self._written):
            return row, int(np.nan_to_num(self._weights[row]).argmax())
        if above and not beside and 0 <= column < len(self._source):
            return int(np.nan_to_num(self._weights[:, column]).argmax()), column
        return (row, column) if not beside and not above and self._there(row, column) else None

    def _there(self, row: int, column: int) -> bool:
        return 0 <= row < len(self._written) and 0 <= column < len(self._source)

    def _lay_out(self) -> None:
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        plan = self._plan = lay_out(self._source, self._written, self.maximumViewportSize(), down.sizeHint().width())
        self._shown.clear()
        for bar, most, step in ((across, plan.across, plan.wide), (down, plan.down, plan.high)):
            bar.setRange(0, most)
            bar.setSingleStep(round(step))
        across.setPageStep(max(1, round(self.maximumViewportSize().width() - plan.left)))
        down.setPageStep(max(1, round(self.maximumViewportSize().height() - plan.top)))

    def _bring(self, row: int, column: int) -> None:
        """Scroll a cell into sight."""
        view, cell = self.viewport().rect(), self.cell_rect(row, column)
        down, across = self.verticalScrollBar(), self.horizontalScrollBar()
        down.setValue(down.value() + _moved(cell.top(), cell.bottom(), self._plan.top, view.height() - GAP))
        across.setValue(across.value() + _moved(cell.left(), cell.right(), self._plan.left, view.width() - GAP))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def sizeHint(self) -> QSize:
        return QSize(420, 240)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 110)

    # -- painting -------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._weights is not None and self._weights.size:
            view = QRectF(self.viewport().rect())
            area = QRectF(
                self._plan.left, self._plan.top, view.width() - self._plan.left, view.height() - self._plan.top
            )
            wide, high = self._plan.wide, self._plan.high
            x, y = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
            columns = range(int(x // wide), min(len(self._source), math.ceil((x + area.width()) / wide)))
            rows = range(int(y // high), min(len(self._written), math.ceil((y + area.height()) / high)))
            self._paint_cells(painter, area, rows, columns)
            self._paint_rows(painter, area, rows)
            self._paint_columns(painter, area, columns)
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme().color("focus"), 1))
                painter.drawRoundedRect(view.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.end()

    def _paint_cells(self, painter: QPainter, area: QRectF, rows: range, columns: range) -> None:
        assert self._weights is not None
        if not rows or not columns:
            return
        colours = theme()
        missing = colours.color("surface_raised")
        table = colour_table(colours.sequential(), (missing.red(), missing.green(), missing.blue()))
        part = self._weights[rows.start : rows.stop, columns.start : columns.stop]
        pixels = to_colours(part, 0.0, self._limit, table)
        image = QImage(pixels.data, pixels.shape[1], pixels.shape[0], pixels.shape[1] * 4, QImage.Format.Format_RGB32)
        block = self.cell_rect(rows.start, columns.start).united(self.cell_rect(rows.stop - 1, columns.stop - 1))
        painter.save()
        painter.setClipRect(area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.drawImage(block, image)
        painter.setPen(QPen(colours.color("surface"), 1))
        for column in (*columns, columns.stop):
            edge = self.cell_rect(rows.start, column).left()
            painter.drawLine(QPointF(edge, block.top()), QPointF(edge, block.bottom()))
        for row in (*rows, rows.stop):
            edge = self.cell_rect(row, columns.start).top()
            painter.drawLine(QPointF(block.left(), edge), QPointF(block.right(), edge))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.chosen is not None:
            whole = self.cell_rect(self.chosen, 0).united(self.cell_rect(self.chosen, len(self._source) - 1))
            _outline(painter, whole, colours.color("accent"))
        if self.cursor_at is not None:
            cell = self.cell_rect(*self.cursor_at)
            across, down = QRectF(block), QRectF(block)
            across.setTop(cell.top())
            across.setBottom(cell.bottom())
            down.setLeft(cell.left())
            down.setRight(cell.right())
            painter.setPen(QPen(colours.color("border_strong"), 1))
            painter.drawRects([across, down])
            _outline(painter, cell, colours.color("text"))
        painter.restore()

    def _paint_rows(self, painter: QPainter, area: QRectF, rows: range) -> None:
        painter.save()
        painter.setClipRect(QRectF(0, self._plan.top, self._plan.left, area.height()))
        pointed = self.cursor_at[0] if self.cursor_at else None
        for row in rows:
            cell = self.cell_rect(row, 0)
            place = QRectF(2, cell.top() + 1, self._plan.left - GAP - 2, cell.height() - 2)
            probability = self.probability(row)
            if probability is not None:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(tint(probability))
                painter.drawRoundedRect(place, 4, 4)
            strong = row in (pointed, self.chosen)
            self._ink(painter, strong)
            text = self._short(self._written[row], strong, LONGEST)
            painter.drawText(place.adjusted(2, 0, -4, 0), int(_RIGHT | Qt.AlignmentFlag.AlignVCenter), text)
        painter.restore()

    def _paint_columns(self, painter: QPainter, area: QRectF, columns: range) -> None:
        painter.save()
        painter.setClipRect(QRectF(self._plan.left, 0, area.width(), self._plan.top))
        pointed = self.cursor_at[1] if self.cursor_at else None
        metrics = QFontMetricsF(font("small"))
        for column in columns:
            cell = self.cell_rect(0, column)
            strong = column == pointed
            self._ink(painter, strong)
            text = self._short(self._source[column], strong, self._plan.above)
            if self._plan.level:
                place = QRectF(cell.left() - 20, 0, cell.width() + 40, self._plan.top - 3)
                painter.drawText(place, int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom), text)
                continue
            painter.save()
            painter.translate(cell.center().x() + metrics.ascent() * 0.25, self._plan.top - 4)
            painter.rotate(-SLANT)
            painter.drawText(QPointF(0, metrics.ascent() * 0.3), text)
            painter.restore()
        painter.restore()

    def _ink(self, painter: QPainter, strong: bool) -> None:
        painter.setFont(font("small", bold=strong))
        painter.setPen(theme().color("text" if strong else "text_muted"))

    def _short(self, token: str, strong: bool, most: float) -> str:
        """A token that fits beside its row or above its column."""
        key = (token, strong, most)
        if key not in self._shown:
            metrics = QFontMetricsF(font("small", bold=strong))
            self._shown[key] = metrics.elidedText(token[:80], Qt.TextElideMode.ElideRight, most + 4)
        return self._shown[key]

    # -- mouse and keys -------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.set_cursor(self.cell_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and cell is not None:
            self._take(cell[0])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        rows, columns = len(self._written), len(self._source)
        far = 10 if event.modifiers() & Qt.KeyboardModifier.ControlModifier else 1
        page = max(1, int((self.viewport().height() - self._plan.top) / self._plan.high))
        moves = {
            Qt.Key.Key_Left: (0, -far),
            Qt.Key.Key_Right: (0, far),
            Qt.Key.Key_Up: (-far, 0),
            Qt.Key.Key_Down: (far, 0),
            Qt.Key.Key_Home: (0, -columns),
            Qt.Key.Key_End: (0, columns),
            Qt.Key.Key_PageUp: (-page, 0),
            Qt.Key.Key_PageDown: (page, 0),
        }
        key = Qt.Key(event.key())
        if key in moves and rows and columns:
            row, column = self.cursor_at or (self.chosen or 0, 0)
            if self.cursor_at is not None:
                row, column = row + moves[key][0], column + moves[key][1]
            row, column = min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)
            self._bring(row, column)
            self.set_cursor((row, column))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.cursor_at is not None:
            self._take(self.cursor_at[0])
        elif key == Qt.Key.Key_Escape and self.cursor_at is not None:
            self.set_cursor(None)
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
            cell = self.cell_at(QPointF(event.pos()))
            show_tip(event, "" if cell is None else self.words(*cell), self)
            return True
        if event.type() == QEvent.Type.Leave:
            self.set_cursor(None)
        return super().viewportEvent(event)

    def _take(self, row: int) -> None:
        self.chosen = row  # it is in sight already
        self.viewport().update()
        self.row_chosen.emit(row)

    def _describe(self) -> None:
        if self.cursor_at is not None and self._weights is not None:
            self.setAccessibleDescription(self.words(*self.cursor_at))
            return
        size = tr("{rows} written tokens by {columns} read ones.", rows=len(self._written), columns=len(self._source))
        self.setAccessibleDescription(size)


_RIGHT = Qt.AlignmentFlag.AlignRight


def tint(probability: float) -> QColor:
    """Behind a written token: the surer the network was of it, the stronger. Text on it stays readable."""
    return theme().color("accent", 0.04 + 0.28 * min(max(probability, 0.0), 1.0))


def _moved(low: float, high: float, least: float, most: float) -> int:
    """How far to scroll so that [low, high] lies within [least, most]."""
    if low < least:
        return math.floor(low - least)
    return math.ceil(max(0.0, min(high - most, low - least)))


def _outline(painter: QPainter, rect: QRectF, color: QColor) -> None:
    painter.setPen(QPen(theme().color("surface"), 3))
    painter.drawRect(rect)
    painter.setPen(QPen(color, 1.5))
    painter.drawRect(rect)
