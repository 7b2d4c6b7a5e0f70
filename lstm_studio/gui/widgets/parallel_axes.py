"""Trials as lines over parallel axes, one a setting and the result at the right (Inselberg, 1985).

Dragging along an axis picks the trials that pass there.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.basic import focus_ring
from lstm_studio.gui.widgets.metrics import shown_metric
from lstm_studio.gui.widgets.sweep_scale import Scale, colour, goodness
from lstm_studio.gui.widgets.tips import show_tip
from lstm_studio.runs.sweep_rows import TrialRow

_TOP, _BOTTOM, _SIDE = 30.0, 14.0, 74.0
_NEAR, _LEAST = 16.0, 0.02
_LINE_NEAR = 6.0


class ParallelAxes(QWidget):
    """Pruned trials are dashed. With the focus, arrow keys walk over the axes and move what is picked."""

    picked = Signal(object)
    """Numbers of the trials that pass through all that was dragged; None for all."""
    chosen = Signal(int)
    """Number of the trial whose line was clicked."""

    def __init__(self) -> None:
        super().__init__()
        self.scales: list[Scale] = []
        self.rows: list[TrialRow] = []
        self.watched = ""
        self.brushes: dict[int, tuple[float, float]] = {}
        self.marked: int | None = None
        self._axis = 0
        self._drag: tuple[int, float] | None = None
        self._pressed: QPointF | None = None
        self.setMinimumHeight(150)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("All settings together"))
        theme_notifier().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(600, 240)

    def set_trials(self, scales: Sequence[Scale], rows: Sequence[TrialRow], metric: str) -> None:
        """Show trials; brushes stay while the axes are the same."""
        if [scale.name for scale in scales] != [scale.name for scale in self.scales]:
            self.brushes = {}
        self.scales, self.watched = list(scales), metric
        self.rows = [row for row in rows if row.values and row.value is not None]
        self._tell()
        self.update()

    def mark_trial(self, number: int | None) -> None:
        """Draw one line boldly."""
        if number != self.marked:
            self.marked = number
            self.update()

    def passing(self) -> frozenset[int] | None:
        """Numbers of the trials that pass through all brushes; None without a brush."""
        if not self.brushes:
            return None
        return frozenset(row.number for row in self.rows if self._passes(row))

    def brush(self, axis: int, span: tuple[float, float] | None) -> None:
        """Pick what lies between two places of an axis, from 0 to 1; None picks all again."""
        if span is None or span[1] - span[0] < _LEAST:
            self.brushes.pop(axis, None)
        else:
            self.brushes[axis] = (max(0.0, span[0]), min(1.0, span[1]))
        self._tell()
        self.update()

    def _tell(self) -> None:
        found = self.passing()
        shown = len(self.rows) if found is None else len(found)
        self.setAccessibleDescription(ntr("{n} trial is picked.", "{n} trials are picked.", shown))
        self.picked.emit(found)

    def _place(self, row: TrialRow, scale: Scale) -> float | None:
        return scale.place(row.values.get(scale.name) if scale.name else row.value)

    def _passes(self, row: TrialRow) -> bool:
        for axis, (low, high) in self.brushes.items():
            at = self._place(row, self.scales[axis])
            if at is None or not low - 1e-9 <= at <= high + 1e-9:
                return False
        return True

    # -- places ----------------------------------------------------------------------------------------------

    def across(self, axis: int) -> float:
        """Of an axis."""
        many = max(1, len(self.scales) - 1)
        return _SIDE + axis * (self.width() - 2 * _SIDE) / many

    def up(self, at: float) -> float:
        """Of a place from 0, below, to 1."""
        return self.height() - _BOTTOM - at * max(1.0, self.height() - _TOP - _BOTTOM)

    def _at(self, y: float) -> float:
        return min(1.0, max(0.0, (self.height() - _BOTTOM - y) / max(1.0, self.height() - _TOP - _BOTTOM)))

    def _axis_at(self, x: float) -> int | None:
        near = [(abs(self.across(axis) - x), axis) for axis in range(len(self.scales))]
        distance, axis = min(near, default=(1e9, 0))
        return axis if distance <= _NEAR else None

    def points(self, row: TrialRow) -> list[QPointF]:
        """Where a trial's line runs."""
        places = [(axis, self._place(row, scale)) for axis, scale in enumerate(self.scales)]
        return [QPointF(self.across(axis), self.up(at)) for axis, at in places if at is not None]

    def trial_at(self, at: QPointF) -> TrialRow | None:
        """The trial whose line runs by."""
        best: tuple[float, TrialRow | None] = (_LINE_NEAR, None)
        for row in self.rows:
            points = self.points(row)
            for one, other in itertools.pairwise(points):
                if one.x() <= at.x() <= other.x():
                    share = (at.x() - one.x()) / max(1.0, other.x() - one.x())
                    distance = abs(one.y() + share * (other.y() - one.y()) - at.y())
                    if distance < best[0]:
                        best = (distance, row)
        return best[1]

    # -- painting --------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if len(self.scales) > 1:
            self._paint_lines(painter)
            self._paint_axes(painter)
        if self.hasFocus():
            focus_ring(painter, self)
        painter.end()

    def _paint_lines(self, painter: QPainter) -> None:
        metric = self.scales[-1]
        passing = self.passing()
        ordered = sorted(self.rows, key=lambda row: goodness(metric, self.watched, row.value) or 0.0)
        for row in sorted(
            ordered, key=lambda row: (passing is None or row.number in passing, row.number == self.marked)
        ):
            shade = colour(goodness(metric, self.watched, row.value) or 0.0)
            inside = passing is None or row.number in passing
            if not inside:
                shade = theme().color("border")
            pen = QPen(shade, 3.0 if row.number == self.marked else 1.6)
            if row.state != "done":
                pen.setWidthF(2.0 if row.number == self.marked else 1.0)
                pen.setStyle(Qt.PenStyle.DashLine)
            painter.setPen(pen)
            painter.drawPolyline(QPolygonF(self.points(row)))

    def _paint_axes(self, painter: QPainter) -> None:
        colors = theme()
        room = self.across(1) - self.across(0)
        for axis, scale in enumerate(self.scales):
            x = self.across(axis)
            painter.setPen(QPen(colors.color("border_strong"), 1))
            painter.drawLine(QPointF(x, self.up(0)), QPointF(x, self.up(1)))
            if axis in self.brushes:
                low, high = self.brushes[axis]
                painter.setBrush(colors.color("accent", 0.25))
                painter.setPen(QPen(colors.color("accent"), 1))
                painter.drawRoundedRect(QRectF(x - 7, self.up(high), 14, self.up(low) - self.up(high)), 3, 3)
            bold = font("small", bold=True)
            painter.setFont(bold)
            painter.setPen(colors.color("accent" if self.hasFocus() and axis == self._axis else "text"))
            wide = min(room - 8, 2 * _SIDE) if 0 < axis < len(self.scales) - 1 else 2 * _SIDE - 8
            title = QFontMetricsF(bold).elidedText(scale.title, Qt.TextElideMode.ElideRight, wide)
            painter.drawText(QRectF(x - wide / 2, 2, wide, 18), int(Qt.AlignmentFlag.AlignCenter), title)
            self._paint_marks(painter, scale, x, room if axis < len(self.scales) - 1 else _SIDE)

    def _paint_marks(self, painter: QPainter, scale: Scale, x: float, room: float) -> None:
        small = font("small", tabular=True)
        painter.setFont(small)
        metrics = QFontMetricsF(small)
        for words, at in scale.marks:
            text = metrics.elidedText(words, Qt.TextElideMode.ElideRight, max(24.0, room - 18))
            box = QRectF(x + 8, self.up(at) - 8, metrics.horizontalAdvance(text) + 4, 16)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("surface", 0.85))  # lines run below the words
            painter.drawRoundedRect(box.adjusted(-2, 0, 0, 0), 3, 3)
            painter.setPen(theme().color("text_muted"))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)

    # -- hands -----------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            axis = self._axis_at(event.position().x())
            self._pressed = event.position()
            self._drag = None if axis is None else (axis, self._at(event.position().y()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self._axis_at(event.position().x())
        self.setCursor(Qt.CursorShape.ArrowCursor if over is None else Qt.CursorShape.SizeVerCursor)
        if self._drag is not None and event.buttons() & Qt.MouseButton.LeftButton:
            axis, start = self._drag
            now = self._at(event.position().y())
            self.brush(axis, (min(start, now), max(start, now)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        moved = self._pressed is not None and (event.position() - self._pressed).manhattanLength() > 4
        if self._drag is not None and not moved:
            self.brush(self._drag[0], None)
        elif not moved:
            row = self.trial_at(event.position())
            if row is not None:
                self.chosen.emit(row.number)
        self._drag = self._pressed = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        shift = {Qt.Key.Key_Up: 0.125, Qt.Key.Key_Down: -0.125}.get(Qt.Key(event.key()))
        if step is not None and self.scales:
            self._axis = min(len(self.scales) - 1, max(0, self._axis + step))
            self.update()
        elif shift is not None and self._axis < len(self.scales):
            low, high = self.brushes.get(self._axis, (0.75, 1.0) if shift < 0 else (0.0, 0.25))
            if self._axis in self.brushes:
                shift = min(1.0 - high, max(-low, shift))
                low, high = low + shift, high + shift
            self.brush(self._axis, (low, high))
        elif event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Delete) and self.brushes:
            self.brushes = {}
            self.brush(self._axis, None)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = self.trial_at(QPointF(event.pos()))
            show_tip(event, self.words(row) if row is not None else "", self)
            return True
        return super().event(event)

    def words(self, row: TrialRow) -> str:
        """A trial in words."""
        value = shown_metric(self.watched, row.value) if row.value is not None else "–"
        return tr("Trial {n}: {value}", n=row.number + 1, value=value)
