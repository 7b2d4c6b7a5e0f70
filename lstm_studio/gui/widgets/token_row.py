"""A row as the network will read it: its tokens side by side, those beyond the cut struck out."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstm_studio.gui.i18n import ntr, number, tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.bidi import is_right_to_left, isolated, mirrored, turned_mark

_TALL, _GAP, _INSIDE = 24.0, 4.0, 7.0
LINES = 2
_WIDEST = 220.0


class TokenRow(QWidget):
    """A few lines of tokens at most; what does not fit is counted."""

    def __init__(self, lines: int = LINES) -> None:
        super().__init__()
        self._lines = 0
        self._tokens: list[str] = []
        self._count = 0
        self._most: int | None = None
        self._from_start = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_lines(lines)
        self.setAccessibleName(tr("Tokens of the chosen row"))
        self.setToolTip(tr("This is how the chosen row is cut into tokens; struck ones are beyond the longest text."))
        theme_notifier().changed.connect(self.update)

    def set_lines(self, lines: int) -> None:
        """How many lines of tokens there are at most."""
        if lines != self._lines:
            self._lines = lines
            self.setFixedHeight(round(lines * (_TALL + _GAP)))
            self.update()

    def set_tokens(self, tokens: list[str], count: int, most: int | None, cut: str = "end") -> None:
        """Show the first tokens of a text.

        Args:
            tokens: The first ones, enough to fill the strip.
            count: How many the text has; less than 0 when only its beginning was looked at.
            most: How many the network reads.
            cut: Which end is dropped.
        """
        self._tokens, self._count, self._most = tokens, count, most
        self._from_start = cut == "start"
        self.setAccessibleDescription(f"{self.words()}: {' '.join(tokens)[:400]}")
        self.update()

    def words(self) -> str:
        """How many tokens there are."""
        if self._count < 0:
            return tr("more than {n} tokens", n=number(len(self._tokens)))
        return ntr("{n} token", "{n} tokens", self._count)

    def dropped(self, place: int) -> bool:
        """Whether the token at a place is not read."""
        if self._most is None or self._count < 0:
            return self._most is not None and not self._from_start and place >= self._most
        return place < self._count - self._most if self._from_start else place >= self._most

    def sizeHint(self) -> QSize:
        return QSize(400, round(self._lines * (_TALL + _GAP)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors = theme()
        face = font("small")
        struck = font("small")
        struck.setStrikeOut(True)
        metrics = QFontMetricsF(face)
        x, line = 0.0, 0
        turned = is_right_to_left(self._tokens)
        for place, token in enumerate(self._tokens):
            shown = isolated(visible(token))
            shown = turned_mark(shown) if turned else shown
            words = metrics.elidedText(shown, Qt.TextElideMode.ElideRight, _WIDEST)
            wide = metrics.horizontalAdvance(words) + 2 * _INSIDE
            total = self._count if self._count >= 0 else len(self._tokens)
            rest = f"+ {number(total - place)}" if total > place else ""
            room = metrics.horizontalAdvance(f"+ {number(max(total, 1))}") + _GAP if line == self._lines - 1 else 0.0
            if x + wide > self.width() - room:
                if line == self._lines - 1:
                    painter.setFont(face)
                    painter.setPen(colors.color("text_muted"))
                    spot = QRectF(x + 2, line * (_TALL + _GAP), self.width() - x - 2, _TALL)
                    side = Qt.AlignmentFlag.AlignRight if turned else Qt.AlignmentFlag.AlignLeft
                    spot = mirrored([spot], self.width())[0] if turned else spot
                    painter.drawText(spot, Qt.AlignmentFlag.AlignVCenter | side, rest)
                    break
                x, line = 0.0, line + 1
            rect = QRectF(x, line * (_TALL + _GAP), wide, _TALL)
            rect = mirrored([rect], self.width())[0] if turned else rect
            gone = self.dropped(place)
            painter.setPen(QPen(colors.color("border"), 1))
            painter.setBrush(colors.color("background" if gone else "surface_raised"))
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
            painter.setFont(struck if gone else face)
            painter.setPen(colors.color("text_disabled" if gone else "text"))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, words)
            x += wide + _GAP
        painter.end()


def visible(token: str) -> str:
    """A token with its white space and control characters made visible."""
    marks = {" ": "␣", "\n": "↵", "\t": "⇥", "\r": "↵", "\u3000": "␣"}
    return "".join(marks.get(letter, "·" if ord(letter) < 32 else letter) for letter in token[:80])
