"""The words of a text, each with a bar that says how much it spoke for or against the answer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.bidi import is_right_to_left, isolated, mirrored, turned_mark
from lstm_studio.gui.widgets.tips import show_tip

LINE = 52
GAP = 4
PAD = 6
LIMIT = 600


class WordWeights(QWidget):
    """Words flow like text. A bar above a word's base line: it spoke for the answer; below: against it.

    Unknown words are underlined with dots. Colour is never the only sign: the side of the bar says the same.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens: list[str] = []
        self._weights: list[float] | None = None
        self._unknown: list[bool] = []
        self._places: list[QRectF] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(tr("Words that mattered"))
        theme_notifier().changed.connect(self.update)

    def set_words(self, tokens: Sequence[str], unknown: Sequence[bool], weights: Sequence[float] | None) -> None:
        """Show tokens; ``weights`` are signed contributions of any scale, or None while they are computed."""
        self._tokens = [token if len(token) <= 60 else token[:57] + "…" for token in tokens[:LIMIT]]
        self._unknown = list(unknown[:LIMIT])
        self._weights = list(weights[:LIMIT]) if weights is not None else None
        self._arrange()
        self._describe()
        self.updateGeometry()
        self.update()

    def heightForWidth(self, width: int) -> int:
        return self._flow(width)[1]

    def sizeHint(self) -> QSize:
        return QSize(400, self._flow(max(200, self.width()))[1])

    def minimumSizeHint(self) -> QSize:
        return QSize(160, LINE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()
        super().resizeEvent(event)

    def _describe(self) -> None:
        if not self._tokens or self._weights is None:
            self.setAccessibleDescription(" ".join(self._tokens))
            return
        order = sorted(range(len(self._tokens)), key=lambda i: -abs(self._weights[i]) if self._weights else 0)[:5]
        parts = [f"{self._tokens[i]} {self._weights[i]:+.2f}" for i in order]
        self.setAccessibleDescription(tr("Strongest words: {words}", words=", ".join(parts)))

    def _arrange(self) -> None:
        self._places, height = self._flow(self.width())
        self.setMinimumHeight(height)

    def _flow(self, width: int) -> tuple[list[QRectF], int]:
        metrics = QFontMetricsF(font("title"))
        x, y, places = 0.0, 0.0, []
        for token in self._tokens:
            wide = metrics.horizontalAdvance(token) + 2 * PAD
            if x and x + wide > width:
                x, y = 0.0, y + LINE
            places.append(QRectF(x, y, min(wide, max(40, width)), LINE))
            x += wide + GAP
        return mirrored(places, width) if is_right_to_left(self._tokens) else places, int(y + LINE)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("title"))
        colours = theme()
        weights = self._weights or [0.0] * len(self._tokens)
        top = max((abs(weight) for weight in weights), default=0.0) or 1.0
        turned = is_right_to_left(self._tokens)
        for i, (token, place) in enumerate(zip(self._tokens, self._places, strict=False)):
            share = weights[i] / top if i < len(weights) else 0.0
            text = QRectF(place.left() + PAD, place.top() + 9, place.width() - 2 * PAD, LINE - 18)
            if abs(share) > 0.03:
                colour = QColor(colours.color("success" if share > 0 else "danger"))
                self._bar(painter, place, share, colour)
                colour.setAlphaF(0.10 + 0.25 * abs(share))
                painter.setBrush(colour)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.drawRoundedRect(QRectF(place.left(), place.top() + 9, place.width(), LINE - 18), 4, 4)
            unknown = i < len(self._unknown) and self._unknown[i]
            painter.setPen(colours.color("text_muted" if unknown else "text"))
            painter.drawText(text, Qt.AlignmentFlag.AlignCenter, isolated(turned_mark(token) if turned else token))
            if unknown:
                painter.setPen(QPen(colours.color("warning"), 1.5, Qt.PenStyle.DotLine))
                base = text.bottom() - 3
                painter.drawLine(QPointF(text.left(), base), QPointF(text.right(), base))

    @staticmethod
    def _bar(painter: QPainter, place: QRectF, share: float, colour: QColor) -> None:
        wide = max(4.0, (place.width() - 4) * abs(share))
        y = place.top() + 3 if share > 0 else place.bottom() - 7
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(QRectF(place.center().x() - wide / 2, y, wide, 3), 1.5, 1.5)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = QPointF(event.pos())
            show_tip(event, next((self._tip(i) for i, p in enumerate(self._places) if p.contains(at)), ""), self)
            return True
        return super().event(event)

    def _tip(self, i: int) -> str:
        if i < len(self._unknown) and self._unknown[i]:
            return tr("{word}: not in the vocabulary; the network sees only 'an unknown word'", word=self._tokens[i])
        if self._weights is None or i >= len(self._weights):
            return self._tokens[i]
        weight = self._weights[i]
        if weight >= 0:
            return tr("{word}: spoke for the answer ({weight})", word=self._tokens[i], weight=f"{weight:+.2f}")
        return tr("{word}: spoke against the answer ({weight})", word=self._tokens[i], weight=f"{weight:+.2f}")
