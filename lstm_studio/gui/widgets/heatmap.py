"""One gate as a picture: units by tokens, crisp cells, a cursor for mouse and keyboard."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import (
    QAccessible,
    QFocusEvent,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstm_studio.gui.accessible import map_words
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.basic import focus_ring
from lstm_studio.gui.widgets.gates import GateKind
from lstm_studio.gui.widgets.linked_view import LinkedView
from lstm_studio.gui.widgets.raster import Coloured, bins, colour_table, ticks
from lstm_studio.gui.widgets.token_axis import TokenAxis, quoted, shared_axis

_CLICK = 4
RIGHT = 8
"""Pixels right of the cells, for the last token's slanted label."""
_WHEEL = 1.0015


class Heatmap(QWidget):
    """Values [T, H] of one gate. Several maps that share a LinkedView zoom, pan and point together.

    Wheel zooms (with Shift along the tokens only, with Ctrl along the units only), dragging pans, a double click
    shows everything, a click or Enter chooses the unit, arrow keys move the cursor.
    """

    def __init__(self, kind: GateKind, view: LinkedView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind, self.view = kind, view
        self._values: np.ndarray | None = None
        self._rows: np.ndarray | None = None
        self._order: np.ndarray | None = None
        self._tokens: Sequence[str] = ()
        self._axis = TokenAxis((), font("small"))
        self._token_labels = True
        self._unit_labels = True
        self._low, self._high = (-1.0, 1.0) if kind.signed else (0.0, 1.0)
        self._image: QImage | None = None
        self._coloured: Coloured | None = None
        self._pixels: object = None
        self._corner = (0, 0)
        self._cells = (1, 1)
        self._grip: QPointF | None = None
        self._dragged = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Heatmap of the {gate}", gate=tr(kind.title).lower()))
        view.range_changed.connect(self._redraw)
        view.cursor_changed.connect(self._cursor_moved)
        view.chosen_changed.connect(self.update)
        theme_notifier().changed.connect(self._redraw)

    # -- content --------------------------------------------------------------------------------------------

    def set_tokens(self, tokens: Sequence[str]) -> None:
        """The labels along x."""
        if list(tokens) != list(self._tokens):
            self._tokens = list(tokens)
            self._axis = shared_axis(self._tokens, font("small"))
            self._redraw()

    def set_values(self, values: np.ndarray | None, order: np.ndarray | None = None) -> None:
        """Show [T, H]; ``order`` lists the unit numbers from the top row down (default: as they are)."""
        self._values, self._order = values, order
        if values is None:
            self._rows = self._coloured = None
        else:
            self._rows = np.ascontiguousarray(values.T if order is None else values.T[order])
            self._coloured = Coloured(self._rows)
        if QAccessible.isActive():  # live maps change many times a second
            self._describe()
        self._redraw()

    def set_limits(self, low: float, high: float) -> None:
        """Values at the two ends of the colour scale."""
        if (low, high) != (self._low, self._high):
            self._low, self._high = low, high
            self._redraw()

    def set_labels(self, *, tokens: bool, units: bool) -> None:
        """Which axes are written on."""
        self._token_labels, self._unit_labels = tokens, units
        self.updateGeometry()
        self._redraw()

    @property
    def limits(self) -> tuple[float, float]:
        """Values at the two ends of the colour scale."""
        return self._low, self._high

    def value_at(self, token: int, row: int) -> float | None:
        """The value of a cell, None outside."""
        if self._rows is None or not (0 <= token < self._rows.shape[1] and 0 <= row < self._rows.shape[0]):
            return None
        return float(self._rows[row, token])

    def unit_at(self, row: int) -> int:
        """The number of the unit in a row."""
        return row if self._order is None else int(self._order[row])

    def units_per_pixel_row(self) -> int:
        """How many units one painted row is the mean of."""
        pixels = max(1, int(self.plot_area().height() * self.devicePixelRatioF()))
        return max(1, math.ceil((math.ceil(self.view.y1) - math.floor(self.view.y0)) / pixels))

    # -- geometry -------------------------------------------------------------------------------------------

    def left_margin(self) -> float:
        """Pixels for the unit numbers."""
        if not self._unit_labels:
            return 1.0
        digits = len(str(max(0, self.view.units - 1)))
        return math.ceil(QFontMetricsF(font("small")).horizontalAdvance("0" * max(2, digits))) + 8.0

    def bottom_margin(self) -> float:
        """Pixels for the tokens; the same for every zoom of a text, so that the picture does not jump."""
        if not self._token_labels:
            return 1.0
        return self.axis_height(max(1.0, self.width() - self.left_margin() - RIGHT))

    def axis_height(self, width: float) -> float:
        """Pixels that the labels need below a plot of this width."""
        view = self.view
        height = self._axis.height(0, view.tokens, width)
        return height if view.whole else max(height, self._axis.height(view.x0, view.x1, width))

    def plot_area(self) -> QRectF:
        """Where the cells are."""
        left = self.left_margin()
        height = max(1.0, self.height() - self.bottom_margin() - 1)
        return QRectF(left, 1.0, max(1.0, self.width() - left - RIGHT), height)

    def cell_at(self, position: QPointF) -> tuple[int, int] | None:
        """(token, row) under a point."""
        area, view = self.plot_area(), self.view
        if not area.contains(position) or self._rows is None:
            return None
        token = int(view.x0 + (position.x() - area.left()) / area.width() * (view.x1 - view.x0))
        row = int(view.y0 + (position.y() - area.top()) / area.height() * (view.y1 - view.y0))
        return (min(token, view.tokens - 1), min(row, view.units - 1))

    def cell_rect(self, token: int, row: int) -> QRectF:
        """Where a cell is painted."""
        area, view = self.plot_area(), self.view
        width, height = area.width() / (view.x1 - view.x0), area.height() / (view.y1 - view.y0)
        return QRectF(area.left() + (token - view.x0) * width, area.top() + (row - view.y0) * height, width, height)

    def sizeHint(self) -> QSize:
        return QSize(260, 150)

    def minimumSizeHint(self) -> QSize:
        return QSize(96, 64)

    # -- painting -------------------------------------------------------------------------------------------

    def _redraw(self) -> None:
        self._image = None
        self.update()

    def _render(self, area: QRectF) -> None:
        """Visible cells -> image, at most one pixel of it per pixel of the screen."""
        assert self._coloured is not None
        view, ratio = self.view, self.devicePixelRatioF()
        rows = bins(math.floor(view.y0), math.ceil(view.y1), int(area.height() * ratio), view.units)
        columns = bins(math.floor(view.x0), math.ceil(view.x1), int(area.width() * ratio), view.tokens)
        colours = _colours(theme().name, self.kind.signed)
        self._pixels, height, width, stride = self._coloured.part(rows, columns, self._low, self._high, colours)
        self._image = QImage(self._pixels, width, height, stride, QImage.Format.Format_RGB32)
        self._corner = (int(columns[0]), int(rows[0]))
        self._cells = (int(columns[1] - columns[0]), int(rows[1] - rows[0]))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area, colours = self.plot_area(), theme()
        if self._rows is None or not self.view.tokens:
            painter.setPen(QPen(colours.color("border"), 1))
            painter.drawRect(area)
            if self.hasFocus():
                focus_ring(painter, self)
            painter.end()
            return
        if self._image is None:
            self._render(area)
        self._paint_cells(painter, area)
        painter.setPen(QPen(colours.color("border"), 1))
        painter.drawRect(area.adjusted(-0.5, -0.5, 0.5, 0.5))
        self._paint_cursor(painter, area)
        if self._unit_labels:
            self._paint_units(painter, area)
        if self._token_labels:
            below = QRectF(area.left(), area.bottom() + 1, area.width(), self.height() - area.bottom())
            marked = self.view.cursor[0] if self.view.cursor else None
            self._axis.paint(
                painter, below, self.view.x0, self.view.x1, colours.color("text_muted"),
                marked=marked, marked_color=colours.color("text"),
            )  # fmt: skip
        painter.end()

    def _paint_cells(self, painter: QPainter, area: QRectF) -> None:
        assert self._image is not None
        view = self.view
        (left, top), (wide, high) = self._corner, self._cells
        cell = QSizeF(area.width() / (view.x1 - view.x0), area.height() / (view.y1 - view.y0))
        # The whole image, clipped: painters of SVG know no parts of images.
        place = QRectF(
            area.left() + (left - view.x0) * cell.width(), area.top() + (top - view.y0) * cell.height(),
            self._image.width() * wide * cell.width(), self._image.height() * high * cell.height(),
        )  # fmt: skip
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.save()
        painter.setClipRect(area)
        painter.drawImage(place, self._image)
        painter.restore()

    def _paint_cursor(self, painter: QPainter, area: QRectF) -> None:
        colours, view = theme(), self.view
        painter.save()
        painter.setClipRect(area.adjusted(-1, -1, 1, 1))
        if view.chosen is not None and view.chosen < view.units:
            row = self._row_of(view.chosen)
            cell = self.cell_rect(0, row)
            band = QRectF(area.left(), cell.top(), area.width(), max(2.0, cell.height()))
            _outline(painter, band, colours.gate(self.kind.key), colours.color("surface"))
        if view.cursor is not None:
            token, row = view.cursor
            cell = self.cell_rect(token, row)
            column = QRectF(cell.left(), area.top(), cell.width(), area.height())
            painter.setPen(QPen(colours.color("text", 0.55), 1))
            painter.drawLine(QPointF(column.center().x(), area.top()), QPointF(column.center().x(), cell.top()))
            painter.drawLine(QPointF(column.center().x(), cell.bottom()), QPointF(column.center().x(), area.bottom()))
            _outline(painter, _at_least(cell, 4.0), colours.color("text"), colours.color("surface"))
        painter.restore()
        if self.hasFocus():
            painter.setPen(QPen(colours.color("focus"), 2))
            painter.drawRect(area.adjusted(0, 0, 0, 0))

    def _row_of(self, unit: int) -> int:
        if self._order is None:
            return unit
        found = np.nonzero(self._order == unit)[0]
        return int(found[0]) if len(found) else 0

    def _paint_units(self, painter: QPainter, area: QRectF) -> None:
        view = self.view
        metrics = QFontMetricsF(font("small"))
        painter.setFont(font("small"))
        painter.setPen(theme().color("text_muted"))
        room = int(area.height() // (metrics.height() * 1.4))
        cell = area.height() / (view.y1 - view.y0)
        if self._order is not None and cell < metrics.height():
            return  # a few numbers of a sorted list would look like an axis and be none
        rows = ticks(view.y0, view.y1, max(1, room)) if self._order is None else range(int(view.y0), math.ceil(view.y1))
        for row in rows:
            middle = area.top() + (row + 0.5 - view.y0) * cell
            if not area.top() <= middle <= area.bottom():
                continue
            middle = min(max(middle, area.top() + metrics.height() / 2), area.bottom() - metrics.height() / 2)
            box = QRectF(0, middle - metrics.height() / 2, area.left() - 5, metrics.height())
            text = str(self.unit_at(row))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), text)

    # -- mouse and keys -------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._grip, self._dragged = event.position(), False
            self._pressed = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            moved = event.position() - self._pressed
            if self._dragged or math.hypot(moved.x(), moved.y()) > _CLICK:
                self._dragged = True
                self._pan_by(event.position() - self._grip)
                self._grip = event.position()
                if not self.view.whole:
                    self.setCursor(Qt.CursorShape.ClosedHandCursor)
        self.view.set_cursor(self.cell_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.unsetCursor()
        if self._grip is not None and not self._dragged:
            cell = self.cell_at(event.position())
            if cell is not None:
                self._choose(cell[1])
        self._grip = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.view.reset()

    def leaveEvent(self, event: QEvent) -> None:
        self.view.set_cursor(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta().y() or event.angleDelta().x()
        modifiers = event.modifiers()
        along = "xy"
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            along = "x"
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            along = "y"
        self._zoom_at(_WHEEL**-delta, event.position(), along)
        event.accept()

    def event(self, event: QEvent) -> bool:
        if (
            isinstance(event, QNativeGestureEvent)
            and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
            and event.value() > -0.9
        ):
            self._zoom_at(1 / (1 + event.value()), event.position(), "xy")
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        far = 10 if event.modifiers() & Qt.KeyboardModifier.ControlModifier else 1
        moves = {
            Qt.Key.Key_Left: (-far, 0),
            Qt.Key.Key_Right: (far, 0),
            Qt.Key.Key_Up: (0, -far),
            Qt.Key.Key_Down: (0, far),
            Qt.Key.Key_Home: (-self.view.tokens, 0),
            Qt.Key.Key_End: (self.view.tokens, 0),
            Qt.Key.Key_PageUp: (0, -max(1, int(self.view.y1 - self.view.y0))),
            Qt.Key.Key_PageDown: (0, max(1, int(self.view.y1 - self.view.y0))),
        }
        key = Qt.Key(event.key())
        if key in moves:
            self.view.move_cursor(*moves[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.view.cursor:
            self._choose(self.view.cursor[1])
        elif key == Qt.Key.Key_Escape and (self.view.cursor or self.view.chosen is not None):
            self.view.set_cursor(None)
            self.view.choose(None)
        elif event.text() in ("+", "=", "-", "0"):
            self._key_zoom(event.text())
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        by_tab = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if by_tab and not self.view.cursor:
            self.view.move_cursor(0, 0)
        self._describe()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def _key_zoom(self, text: str) -> None:
        if text == "0":
            self.view.reset()
            return
        center = self.plot_area().center()
        if self.view.cursor is not None:
            center = self.cell_rect(*self.view.cursor).center()
        self._zoom_at(1.5 if text == "-" else 1 / 1.5, center, "xy")

    def _choose(self, row: int) -> None:
        unit = self.unit_at(row)
        self.view.choose(None if unit == self.view.chosen else unit)

    def _zoom_at(self, factor: float, position: QPointF, along: str) -> None:
        area, view = self.plot_area(), self.view
        x = view.x0 + (position.x() - area.left()) / area.width() * (view.x1 - view.x0)
        y = view.y0 + (position.y() - area.top()) / area.height() * (view.y1 - view.y0)
        view.zoom(factor, x, y, along=along)

    def _pan_by(self, moved: QPointF) -> None:
        area, view = self.plot_area(), self.view
        view.pan(
            -moved.x() / area.width() * (view.x1 - view.x0),
            -moved.y() / area.height() * (view.y1 - view.y0),
        )

    def _cursor_moved(self) -> None:
        self.update()
        if self.hasFocus():
            self._describe()

    def _describe(self) -> None:
        """Tell the cell under the cursor while the map has the focus, else what the map shows."""
        words = self.describe_cursor() if self.hasFocus() else ""
        self.setAccessibleDescription(words or map_words(self._values))  # Qt tells who listens

    def describe_cursor(self) -> str:
        """The cell under the cursor in words."""
        if self.view.cursor is None or self._rows is None:
            return ""
        token, row = self.view.cursor
        value = self.value_at(token, row)
        return tr(
            "{token}, token {n} of {all}, unit {unit}, {gate} {value}",
            token=quoted(self._tokens[token]),
            n=token + 1,
            all=len(self._tokens),
            unit=self.unit_at(row),
            gate=tr(self.kind.title).lower(),
            value="–" if value is None or math.isnan(value) else f"{value:.2f}",
        )


@lru_cache(maxsize=4)
def _colours(name: str, signed: bool) -> np.ndarray:
    """The table of the theme in force, which is called ``name``."""
    table = theme().diverging() if signed else theme().sequential()
    missing = theme().color("surface_raised")
    return colour_table(table, (missing.red(), missing.green(), missing.blue()))


def _outline(painter: QPainter, rect: QRectF, color: object, halo: object) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(halo, 3))  # type: ignore[call-overload]
    painter.drawRect(rect)
    painter.setPen(QPen(color, 1))  # type: ignore[call-overload]
    painter.drawRect(rect)


def _at_least(rect: QRectF, size: float) -> QRectF:
    grow_x, grow_y = max(0.0, size - rect.width()) / 2, max(0.0, size - rect.height()) / 2
    return rect.adjusted(-grow_x, -grow_y, grow_x, grow_y)
