"""A heatmap in which cells are picked: a click, a drag, or Enter; what was picked stays outlined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from lstm_studio.gui.theme import theme
from lstm_studio.gui.widgets.gates import GateKind
from lstm_studio.gui.widgets.heatmap import Heatmap
from lstm_studio.gui.widgets.linked_view import LinkedView

_BANDS = 40
"""Stretches of units that are outlined apart."""


@dataclass(frozen=True)
class Cells:
    """Units at tokens ``first`` to ``last`` (excluded); None for all. ``strong``: the ones that are being changed."""

    tokens: tuple[int, int] | None
    units: tuple[int, ...] | None
    strong: bool = True


class SelectHeatmap(Heatmap):
    """Dragging picks cells; with Shift it moves the picture, as in other heatmaps."""

    picked = Signal(object)
    """Cells, without open ends."""

    def __init__(self, kind: GateKind, view: LinkedView, parent: QWidget | None = None) -> None:
        super().__init__(kind, view, parent)
        self._marks: tuple[Cells, ...] = ()
        self._from: tuple[int, int] | None = None
        self._to: tuple[int, int] | None = None
        self.setCursor(Qt.CursorShape.CrossCursor)

    def set_marks(self, marks: Sequence[Cells]) -> None:
        """Outline these."""
        if tuple(marks) != self._marks:
            self._marks = tuple(marks)
            self.update()

    # -- picking --------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._from = self._to = self.cell_at(event.position())
            self.update()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is None:
            super().mouseMoveEvent(event)
            return
        self._to = self._nearest(event.position())
        self.view.set_cursor(self._to)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._from is None or self._to is None:
            super().mouseReleaseEvent(event)
            self.setCursor(Qt.CursorShape.CrossCursor)
            return
        (token, row), (other, last) = self._from, self._to
        self._from = self._to = None
        self._pick((min(token, other), max(token, other) + 1), range(min(row, last), max(row, last) + 1))

    def _choose(self, row: int) -> None:
        """Enter on the cell under the cursor."""
        if self.view.cursor is not None:
            token = self.view.cursor[0]
            self._pick((token, token + 1), [row])

    def _pick(self, tokens: tuple[int, int], rows: Sequence[int]) -> None:
        units = tuple(sorted(self.unit_at(row) for row in rows))
        if len(units) == 1:
            self.view.choose(units[0])
        self.update()
        self.picked.emit(Cells(tokens, units))

    def _nearest(self, position: QPointF) -> tuple[int, int]:
        """The cell under a point, or the one at the edge beside it."""
        area = self.plot_area()
        x = min(max(position.x(), area.left()), area.right() - 0.01)
        y = min(max(position.y(), area.top()), area.bottom() - 0.01)
        found = self.cell_at(QPointF(x, y))
        assert found is not None
        return found

    # -- painting -------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._rows is None or not self.view.tokens:
            return
        painter = QPainter(self)
        painter.setClipRect(self.plot_area().adjusted(-2, -2, 2, 2))
        for mark in self._marks:
            for rect in self._rects(mark):
                self._outline(painter, rect, mark.strong)
        if self._from is not None and self._to is not None:
            rect = self.cell_rect(*self._from).united(self.cell_rect(*self._to))
            painter.fillRect(rect, theme().color("accent", 0.25))
            self._outline(painter, rect, True)
        painter.end()

    def _rects(self, mark: Cells) -> list[QRectF]:
        view = self.view
        first, last = mark.tokens if mark.tokens is not None else (0, view.tokens)
        if mark.units is None:
            rows = [(0, view.units - 1)]
        else:
            places = np.sort([self._row_of(unit) for unit in mark.units if unit < view.units])
            parts = np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)[:_BANDS] if len(places) else []
            rows = [(int(part[0]), int(part[-1])) for part in parts]
        found = (self.cell_rect(first, top).united(self.cell_rect(last - 1, bottom)) for top, bottom in rows)
        return [_at_least(rect, 3.0) for rect in found]

    @staticmethod
    def _outline(painter: QPainter, rect: QRectF, strong: bool) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme().color("surface"), 4 if strong else 3))
        painter.drawRect(rect)
        painter.setPen(QPen(theme().color("accent" if strong else "text_muted"), 2 if strong else 1))
        painter.drawRect(rect)


def _at_least(rect: QRectF, size: float) -> QRectF:
    grow_x, grow_y = max(0.0, size - rect.width()) / 2, max(0.0, size - rect.height()) / 2
    return rect.adjusted(-grow_x, -grow_y, grow_x, grow_y)
