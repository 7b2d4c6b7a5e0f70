"""The prediction so far as a band below a heatmap: one column a token, under the column of the token."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
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
        view.range_changed.connect(self.update)
        view.cursor_changed.connect(self.update)
        theme_notifier().changed.connect(self.update)

    def set_verdicts(self, verdicts: Verdicts | None) -> None:
        """Show what is said at each token of the view; None for nothing."""
        self._verdicts = verdicts
        said = [] if verdicts is None else [verdicts.words(place) for place in range(min(12, len(verdicts)))]
        self.setAccessibleDescription("; ".join(said))
        self.update()

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
        if verdicts is not None and view.x1 > view.x0:
            cell = self.width() / (view.x1 - view.x0)
            step = max(1, math.floor(1 / cell)) if cell < 1 else 1  # one token a pixel is enough
            last = min(len(verdicts), view.tokens, math.ceil(view.x1))
            for place in range(max(0, math.floor(view.x0)), last, step):
                left, right = (place - view.x0) * cell, (place + step - view.x0) * cell
                gap = 1.0 if cell >= 6 else 0.0
                bottom = float(self.height())
                for share, color in verdicts.stack(place):
                    tall = share * self.height()
                    painter.fillRect(QRectF(left, bottom - tall, right - left - gap, tall), color)
                    bottom -= tall
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
