"""The prediction so far as a band below a heatmap: one column a token, under the column of the token."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QHelpEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import theme, theme_notifier
from lstm_studio.gui.widgets.linked_view import LinkedView
from lstm_studio.gui.widgets.tips import show_tip
from lstm_studio.gui.widgets.verdicts import Verdicts

HEIGHT = 22


class VerdictBand(QWidget):
    """Probabilities of the classes stacked to 1; of networks that write, how likely the token was.

    It follows the zoom and the cursor of the heatmaps that share its view.
    """

    def __init__(self, view: LinkedView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._verdicts: Verdicts | None = None
        self.setMouseTracking(True)
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName(tr("What the network says at each token"))
        self._pixels: np.ndarray | None = None
        self._stacks: tuple[np.ndarray, np.ndarray] | None = None
        view.range_changed.connect(self._redraw)
        view.cursor_changed.connect(self.update)
        theme_notifier().changed.connect(self._recolour)

    def set_verdicts(self, verdicts: Verdicts | None) -> None:
        """Show what is said at each token of the view; None for nothing."""
        self._verdicts = verdicts
        said = [] if verdicts is None else [verdicts.words(place) for place in range(min(12, len(verdicts)))]
        self.setAccessibleDescription("; ".join(said))
        self._recolour()

    def _recolour(self) -> None:
        self._stacks = None
        self._redraw()

    def _redraw(self) -> None:
        self._pixels = None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._redraw()

    def _render(self, verdicts: Verdicts) -> np.ndarray:
        """The columns in sight as colours, uint32 [height, width]: what each pixel's middle lies in."""
        view, ratio = self._view, self.devicePixelRatioF()
        wide, high = max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))
        cell = wide / (view.x1 - view.x0)
        places = view.x0 + (np.arange(wide) + 0.5) / cell
        tokens = np.floor(places).astype(np.int64)
        shown = (tokens >= 0) & (tokens < min(len(verdicts), view.tokens))
        if cell >= 6 * ratio:
            shown &= (places - tokens) * cell < cell - ratio  # a gap
        if self._stacks is None:
            shares, colors = verdicts.stacks
            self._stacks = np.cumsum(shares, 1), np.pad(colors, ((0, 0), (0, 1)))  # above the last one is nothing
        first = int(tokens[shown].min(initial=len(verdicts)))
        last = int(tokens[shown].max(initial=first - 1)) + 1
        if last <= first:
            return np.zeros((high, wide), np.uint32)
        # Token by token, of which there are often fewer than pixels.
        ends, colors = (stack[first:last] for stack in self._stacks)
        levels = 1 - (np.arange(high) + 0.5) / high
        part = (ends <= levels[:, None, None]).sum(2)
        columns = colors[np.arange(last - first), part].astype(np.uint32)
        pixels = np.where(shown, columns[:, np.where(shown, tokens - first, 0)], np.uint32(0))
        return np.ascontiguousarray(pixels)

    def token_at(self, x: float) -> int | None:
        """The token at a place."""
        view, verdicts = self._view, self._verdicts
        if verdicts is None or not 0 <= x < self.width():
            return None
        place = int(view.x0 + x / max(1, self.width()) * (view.x1 - view.x0))
        return place if place < min(len(verdicts), view.tokens) else None

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        view, verdicts = self._view, self._verdicts
        if verdicts is not None and len(verdicts) and view.x1 > view.x0:
            cell = self.width() / (view.x1 - view.x0)
            if self._pixels is None:
                self._pixels = self._render(verdicts)
            high, wide = self._pixels.shape
            image = QImage(self._pixels.data, wide, high, 4 * wide, QImage.Format.Format_ARGB32)
            painter.drawImage(QRectF(self.rect()), image)
            painter.setPen(QPen(theme().color("border"), 1))
            painter.drawLine(QPointF(0, self.height() - 0.5), QPointF(self.width(), self.height() - 0.5))
            if view.cursor is not None and view.cursor[0] < len(verdicts):
                box = QRectF((view.cursor[0] - view.x0) * cell, 0, max(3.0, cell), self.height())
                painter.setPen(QPen(theme().color("text"), 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(box.adjusted(0, 0, -1, -1))
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        token = self.token_at(event.position().x())
        if token is not None and self._view.units:
            row = self._view.cursor[1] if self._view.cursor else 0
            self._view.set_cursor((token, min(row, self._view.units - 1)))

    def leaveEvent(self, event: QEvent) -> None:
        self._view.set_cursor(None)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            token = self.token_at(event.pos().x())
            said = "" if token is None or self._verdicts is None else self._verdicts.words(token)
            show_tip(event, f"{tr('What the network says at each token')}: {said}" if said else "", self)
            return True
        return super().event(event)
