"""Probabilities before and now: two bars a class, and the difference in percentage points."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.theme import font, theme, theme_notifier

_ROW, _TEXT, _BAR = 46, 20, 7
_SHOWN = 6


class ChangeBars(QWidget):
    """At most six classes: all in their own order, or of many those that moved or weigh most."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[tuple[str, float, float | None]] = []
        self._hidden = 0
        self._names = ("", "")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Probabilities before and now"))
        theme_notifier().changed.connect(self.update)

    def set_shares(self, before: Mapping[str, float], now: Mapping[str, float] | None, names: tuple[str, str]) -> None:
        """Class name -> probability, twice; ``now`` is None where nothing was changed."""
        rows = [(name, share, None if now is None else now.get(name, 0.0)) for name, share in before.items()]
        if len(rows) > _SHOWN:
            rows.sort(key=lambda row: -max(row[1], row[2] or 0.0))
        self._rows, self._hidden, self._names = rows[:_SHOWN], max(0, len(rows) - _SHOWN), names
        self.setAccessibleDescription("; ".join(f"{name}: {_words(one, other)}" for name, one, other in self._rows))
        self.setToolTip(tr("Above: {one}. Below: {other}.", one=names[0], other=names[1]) if now is not None else "")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(280, len(self._rows) * _ROW + (_TEXT if self._hidden else 0))

    def minimumSizeHint(self) -> QSize:
        return QSize(180, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours, figures = theme(), font("small", tabular=True)
        metrics, wide = QFontMetricsF(font("body")), QFontMetricsF(figures)
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for place, (name, before, now) in enumerate(self._rows):
            top = place * _ROW
            words = _words(before, now)
            taken = wide.horizontalAdvance(words) + 10
            painter.setFont(font("body"))
            painter.setPen(colours.color("text"))
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, max(20.0, self.width() - taken))
            painter.drawText(QRectF(0, top, self.width(), _TEXT), Qt.AlignmentFlag.AlignVCenter, shown)
            painter.setFont(figures)
            painter.drawText(QRectF(0, top, self.width(), _TEXT), right, words)
            painter.setPen(Qt.PenStyle.NoPen)
            for line, (share, role) in enumerate(((before, "text_muted"), (now, "accent"))):
                if share is None:
                    continue
                track = QRectF(0, top + _TEXT + line * (_BAR + 2), self.width(), _BAR)
                painter.setBrush(colours.color("grid"))
                painter.drawRoundedRect(track, _BAR / 2, _BAR / 2)
                if share > 0.002:
                    track.setWidth(max(_BAR, track.width() * min(1.0, share)))
                    painter.setBrush(colours.color(role))
                    painter.drawRoundedRect(track, _BAR / 2, _BAR / 2)
        if self._hidden:
            painter.setFont(font("small"))
            painter.setPen(colours.color("text_muted"))
            more = ntr("and {n} class more", "and {n} classes more", self._hidden)
            below = QRectF(0, len(self._rows) * _ROW, self.width(), _TEXT)
            painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, more)
        painter.end()


def _words(before: float, now: float | None) -> str:
    """ "84.1 → 12.3 %  −71.8"; the last in percentage points."""
    if now is None:
        return f"{100 * before:.1f} %"
    return f"{100 * before:.1f} → {100 * now:.1f} %  {100 * (now - before):+.1f}".replace("-", "−")
