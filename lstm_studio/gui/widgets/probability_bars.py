"""Probabilities as horizontal bars: name, bar, percentage; the most likely one on top."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.bidi import isolated

ROW = 34
BAR = 10
SHOWN = 10


class ProbabilityBars(QWidget):
    """At most ten bars, sorted when the classes are many, in the classes' own order when they are few.

    Few classes keep their places, so that while a person types the bars move and the names do not.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[str, float]] = []
        self._hidden = 0
        self._best = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Probabilities"))
        theme_notifier().changed.connect(self.update)

    def set_probabilities(self, probabilities: Mapping[str, float]) -> None:
        """Show class name -> probability in 0..1; an empty mapping clears."""
        rows = list(probabilities.items())
        self._best = max(rows, key=lambda row: row[1])[0] if rows else ""
        if len(rows) > 6:
            rows.sort(key=lambda row: -row[1])
        self._rows, self._hidden = rows[:SHOWN], max(0, len(rows) - SHOWN)
        self.setAccessibleDescription(", ".join(f"{name}: {percent(value)}" for name, value in self._rows))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        rows = len(self._rows) + (1 if self._hidden else 0)
        return QSize(360, max(1, rows) * ROW)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme()
        body, figures = font("body"), font("body", tabular=True)
        metrics = QFontMetricsF(body)
        widest = max((metrics.horizontalAdvance(name) for name, _ in self._rows), default=0.0)
        left = min(widest, self.width() * 0.35) + 16
        right = QFontMetricsF(figures).horizontalAdvance("100.0 %") + 16
        room = max(20.0, self.width() - left - right)
        for index, (name, value) in enumerate(self._rows):
            top = index * ROW
            best = name == self._best
            painter.setFont(body)
            painter.setPen(colours.color("text" if best else "text_muted"))
            shown = metrics.elidedText(isolated(name), Qt.TextElideMode.ElideRight, left - 16)
            painter.drawText(QRectF(0, top, left - 12, ROW), Qt.AlignmentFlag.AlignVCenter, shown)
            track = QRectF(left, top + (ROW - BAR) / 2, room, BAR)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.color("grid"))
            painter.drawRoundedRect(track, BAR / 2, BAR / 2)
            if value > 0.002:
                filled = QRectF(track)
                filled.setWidth(max(BAR, room * min(1.0, value)))
                painter.setBrush(colours.color("accent" if best else "text_muted"))
                painter.drawRoundedRect(filled, BAR / 2, BAR / 2)
            painter.setFont(figures)
            painter.setPen(colours.color("text" if best else "text_muted"))
            place = QRectF(left + room, top, right, ROW)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, percent(value))
        if self._hidden:
            painter.setFont(font("small"))
            painter.setPen(colours.color("text_muted"))
            words = ntr("and {n} class more", "and {n} classes more", self._hidden)
            painter.drawText(QRectF(0, len(self._rows) * ROW, self.width(), ROW), Qt.AlignmentFlag.AlignVCenter, words)


def percent(value: float) -> str:
    """0.1234 -> "12.3 %"."""
    return f"{100 * value:.1f} %"
