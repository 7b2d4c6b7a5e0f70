"""Tokens over which one drags to choose some of them in a row."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import theme
from lstm_studio.gui.widgets.context_list import Tint
from lstm_studio.gui.widgets.token_strip import TokenStrip


class RangeStrip(TokenStrip):
    """Dragging chooses; so do the arrow keys, with Shift for more than one. Tokens are tinted by a share 0..1."""

    range_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.chosen: tuple[int, int] | None = None
        """The first token, and the one behind the last."""
        self._anchor: int | None = None
        self._shares: list[float] = []
        self.setAccessibleName(tr("Tokens to choose a range of"))
        self.setCursor(Qt.CursorShape.IBeamCursor)

    def set_shares(self, shares: list[float]) -> None:
        """Tint the tokens."""
        self._shares = shares
        self.update()

    def choose(self, start: int | None, stop: int = 0) -> None:
        """Choose the tokens from one to another; None for none. Tells whoever listens."""
        found = None if start is None or not self._tokens else (start, min(stop, len(self._tokens)))
        if found != self.chosen:
            self.chosen = found
            self.update()
            self.range_changed.emit()

    def words(self, token: int) -> str:
        said = super().words(token)
        if token < len(self._shares):
            said += " " + tr(
                "{percent:.0f} % of the units of the pattern are on here.", percent=100 * self._shares[token]
            )
        return said

    def _tint(self, index: int) -> QColor:
        if index < len(self._shares) and self._shares[index] > 0:
            return Tint(shares=True).of(self._shares[index])
        return theme().color("surface_raised")

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.chosen is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().color("accent"), 2))
        boxes: list[QRectF] = []
        for place in self._places[slice(*self.chosen)]:
            if boxes and abs(boxes[-1].top() - place.top()) < 1:
                boxes[-1] = boxes[-1].united(place)
            else:
                boxes.append(QRectF(place))
        for box in boxes:
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 5, 5)
        painter.end()

    # -- mouse and keys -------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._anchor = self.token_at(event.position())
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            if self._anchor is not None:
                self.choose(self._anchor, self._anchor + 1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        token = self.token_at(event.position())
        if self._anchor is None or token is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        self.choose(min(self._anchor, token), max(self._anchor, token) + 1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._anchor = None

    def leaveEvent(self, event: QEvent) -> None:
        pass  # what is chosen stays

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        step = moves.get(Qt.Key(event.key()))
        last = len(self._tokens) - 1
        if step is None or last < 0:
            super().keyPressEvent(event)
            return
        if self.chosen is None:
            self.choose(0 if step > 0 else last, 1 if step > 0 else last + 1)
            return
        start, stop = self.chosen
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.choose(start, min(max(start + 1, stop + step), last + 1))
        else:
            place = min(max((start if step < 0 else stop - 1) + step, 0), last)
            self.choose(place, place + 1)
