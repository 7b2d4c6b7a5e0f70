"""The tokens at which a unit is highest or lowest on average."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstm_studio.gui.i18n import ntr, number, tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.context_list import Tint, signed
from lstm_studio.gui.widgets.tips import show_tip
from lstm_studio.gui.widgets.token_axis import quoted, visible_token

if TYPE_CHECKING:
    from lstm_studio.inspection.units import TokenMean

_ROW, _NAME, _FIGURE, _COUNT = 20.0, 96.0, 46.0, 52.0


class TokenBars(QWidget):
    """A line a token: its bar from zero, the mean, how often it occurs. What does not fit is left out."""

    def __init__(self) -> None:
        super().__init__()
        self._tokens: tuple[TokenMean, ...] = ()
        self._tint = Tint()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(round(4 * _ROW))
        self.setAccessibleName(tr("Mean by token"))
        theme_notifier().changed.connect(self.update)

    def set_tokens(self, tokens: tuple[TokenMean, ...], tint: Tint) -> None:
        """Show tokens, the most telling one first."""
        self._tokens, self._tint = tokens, tint
        self.setAccessibleDescription("; ".join(self.words(token) for token in tokens))
        self.update()

    def words(self, token: TokenMean) -> str:
        """A token as a sentence."""
        times, mean = ntr("{n} occurrence", "{n} occurrences", token.count), signed(token.mean)
        return tr("“{token}”: mean {mean}, {times} in the data", token=quoted(token.token), mean=mean, times=times)

    def sizeHint(self) -> QSize:
        return QSize(360, round(10 * _ROW))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours, face = theme(), font("small", tabular=True)
        painter.setFont(face)
        metrics = QFontMetricsF(face)
        shown = self._tokens[: max(1, int(self.height() / _ROW))]
        bars = QRectF(_NAME + 8, 0, max(10.0, self.width() - _NAME - 8 - _FIGURE - _COUNT), 0)
        means = [token.mean for token in shown]
        low, high = min([0.0, *means]), max([0.0, *means])
        scale = bars.width() / max(high - low, 1e-9)
        zero = bars.left() - low * scale
        right, left = (
            int(side | Qt.AlignmentFlag.AlignVCenter)
            for side in (Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignLeft)
        )
        for row, token in enumerate(shown):
            y = row * _ROW
            painter.setPen(colours.color("text"))
            name = metrics.elidedText(visible_token(token.token), Qt.TextElideMode.ElideRight, _NAME)
            painter.drawText(QRectF(0, y, _NAME, _ROW), left, name)
            painter.setPen(Qt.PenStyle.NoPen)
            color = self._tint.of(token.mean)
            color.setAlpha(max(120, color.alpha()))
            painter.setBrush(color)
            end = zero + token.mean * scale
            painter.drawRoundedRect(QRectF(min(zero, end), y + 4, max(1.5, abs(end - zero)), _ROW - 8), 2, 2)
            painter.setPen(colours.color("text"))
            painter.drawText(QRectF(bars.right(), y, _FIGURE, _ROW), right, signed(token.mean))
            painter.setPen(colours.color("text_muted"))
            painter.drawText(QRectF(bars.right() + _FIGURE, y, _COUNT, _ROW), right, f"× {number(token.count)}")
        painter.end()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = int(event.pos().y() / _ROW)
            show_tip(event, self.words(self._tokens[row]) if row < len(self._tokens) else "", self)
            return True
        return super().event(event)
