"""Units in the order in which they are missed: a bar for what is lost without each."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.inspection.clamps import By

ROW = 24
_UNIT, _FIGURE, _GAP = 84, 92, 12


class RankedUnits(QWidget):
    """One line a unit; a click, or arrow keys and Enter, choose it."""

    chosen = Signal(int)
    moved = Signal(int)
    """The line that is to be in sight."""

    def __init__(self) -> None:
        super().__init__()
        self._units: np.ndarray = np.zeros(0, np.int64)
        self._lost: np.ndarray = np.zeros(0)
        self._points: np.ndarray = np.zeros(0)
        self._bars: np.ndarray = np.zeros(0)
        self._decimals = 4
        self._figure = ""
        self._chosen: int | None = None
        self._cursor: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Units by what is lost without them"))
        theme_notifier().changed.connect(self.update)

    def set_units(
        self, units: Sequence[int] | np.ndarray, lost: np.ndarray, points: np.ndarray, figure: str, *, by: By = "loss"
    ) -> None:
        """Show units in this order.

        Args:
            units: H numbers, the one that is missed most first.
            lost: By how much the loss rises without each unit, by unit number, [H].
            points: By how many percentage points a figure falls, by unit number, [H].
            figure: What that is called.
            by: What the bars show.
        """
        self._units, self._lost, self._points = np.asarray(units, np.int64), lost, points
        self._bars, self._figure = lost if by == "loss" else points, figure
        most = float(np.abs(lost).max(initial=0.0))
        self._decimals = min(7, max(3, 1 - math.floor(math.log10(most)))) if most > 0 else 3
        self._cursor = None
        self.updateGeometry()
        self.setFixedHeight(max(ROW, len(self._units) * ROW))
        self.update()

    def choose(self, unit: int | None) -> None:
        """Mark a unit; nothing is emitted."""
        if unit != self._chosen:
            self._chosen = unit
            self.update()

    def words(self, row: int) -> str:
        """A line as a sentence."""
        unit = int(self._units[row])
        return tr(
            "Place {place}: without unit {unit} the loss changes by {loss}, {figure} by {points} points.",
            place=row + 1,
            unit=unit,
            loss=_signed(self._lost[unit], self._decimals),
            figure=self._figure,
            points=_signed(-self._points[unit], 1),
        )

    def sizeHint(self) -> QSize:
        return QSize(420, max(ROW, len(self._units) * ROW))

    # -- painting -------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme()
        most = max(float(np.abs(self._bars).max(initial=0.0)), 1e-12)
        below = max(0.0, -float(self._bars.min(initial=0.0)))
        above = max(0.0, float(self._bars.max(initial=0.0)))
        last_column = _last_column(self._figure)
        room = max(20.0, self.width() - _UNIT - _FIGURE - last_column - 2 * _GAP)
        zero = _UNIT + room * below / max(above + below, 1e-12)
        scale = room / max(above + below, most)
        first, last = event.rect().top() // ROW, event.rect().bottom() // ROW + 1
        for row in range(max(0, first), min(len(self._units), last)):
            unit, top = int(self._units[row]), row * ROW
            line = QRectF(0, top, self.width(), ROW)
            if unit == self._chosen:
                painter.fillRect(line, colours.color("accent_soft"))
            elif row == self._cursor:
                painter.fillRect(line, colours.color("surface_raised"))
            painter.setFont(font("body", tabular=True, bold=unit == self._chosen))
            painter.setPen(colours.color("text"))
            painter.drawText(line.adjusted(6, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, tr("Unit {n}", n=unit))
            lost, shown = float(self._lost[unit]), float(self._bars[unit])
            bar = QRectF(min(zero, zero + shown * scale), top + 7, max(1.5, abs(shown) * scale), ROW - 14)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.color("accent" if shown >= 0 else "text_muted", 0.85))
            painter.drawRoundedRect(bar, 2, 2)
            painter.setFont(font("small", tabular=True))
            painter.setPen(colours.color("text_muted"))
            right = self.width() - 6
            for place, words in enumerate((_signed(lost, self._decimals), _signed(-float(self._points[unit]), 1))):
                end = right - (1 - place) * (last_column + _GAP)
                box = QRectF(end - _FIGURE, top, _FIGURE, ROW)
                painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), words)
        if len(self._units):
            painter.setPen(QPen(colours.color("border_strong"), 1))
            painter.drawLine(QPointF(zero, event.rect().top()), QPointF(zero, event.rect().bottom()))
        if self.hasFocus() and self._cursor is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colours.color("focus"), 2))
            painter.drawRect(QRectF(1, self._cursor * ROW + 1, self.width() - 2, ROW - 2))
        painter.end()

    # -- mouse and keys -------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        row = int(event.position().y()) // ROW
        self._point(row if 0 <= row < len(self._units) else None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._cursor is not None:
            self.chosen.emit(int(self._units[self._cursor]))

    def leaveEvent(self, event: QEvent) -> None:
        self._point(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        if self._cursor is None and len(self._units):
            self._point(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -10, Qt.Key.Key_PageDown: 10}
        key = Qt.Key(event.key())
        if key in steps and len(self._units):
            row = (self._cursor or 0) + steps[key]
            self._point(min(max(row, 0), len(self._units) - 1))
            if self._cursor is not None:
                self.moved.emit(self._cursor)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._cursor is not None:
            self.chosen.emit(int(self._units[self._cursor]))
        else:
            super().keyPressEvent(event)

    def _point(self, row: int | None) -> None:
        if row != self._cursor:
            self._cursor = row
            self.setAccessibleDescription("" if row is None else self.words(row))
            self.setToolTip("" if row is None else self.words(row))
            self.update()


class RankedHead(QWidget):
    """What the columns of the list are."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(20)
        self._figure, self._by = "", "loss"
        theme_notifier().changed.connect(self.update)

    def set_titles(self, figure: str, by: By) -> None:
        """What the second figure is called, and what the bars show."""
        self._figure, self._by = figure, by
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(font("small"))
        painter.setPen(theme().color("text_muted"))
        area = QRectF(self.rect())
        bars = tr("Loss without it") if self._by == "loss" else tr("{figure} without it", figure=self._figure)
        painter.drawText(area.adjusted(6, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, tr("Held still"))
        painter.drawText(area.adjusted(_UNIT, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, bars)
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(area.adjusted(0, 0, -6 - _last_column(self._figure) - _GAP, 0), right, tr("Loss"))
        painter.drawText(area.adjusted(0, 0, -6, 0), right, _points_title(self._figure))
        painter.end()


class RankedList(QScrollArea):
    """The lines, scrolled."""

    def __init__(self, units: RankedUnits) -> None:
        super().__init__()
        units.setObjectName("content")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setWidget(units)
        units.moved.connect(lambda row: self.ensureVisible(0, row * ROW + ROW // 2, 0, ROW))


def _points_title(figure: str) -> str:
    return tr("{figure}, points", figure=figure)


def _last_column(figure: str) -> float:
    """Pixels of the column on the right: at least those of its title."""
    return max(float(_FIGURE), math.ceil(QFontMetricsF(font("small")).horizontalAdvance(_points_title(figure))))


def _signed(value: float, decimals: int) -> str:
    words = f"{value:+.{decimals}f}".replace("-", "−")
    return f"{0:.{decimals}f}" if not any(letter in "123456789" for letter in words) else words
