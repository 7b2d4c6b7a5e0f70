"""One small chart a setting: what was tried along x, how good it was along y; the bar above is how much it matters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.metrics import metric_title, shown_metric
from lstm_studio.gui.widgets.sweep_scale import Scale, colour, goodness
from lstm_studio.gui.widgets.tips import show_tip
from lstm_studio.runs.sweep_rows import TrialRow

_LEAST, _TALL = 176.0, 168
_LEFT, _HEAD, _FOOT, _GAP = 60.0, 34.0, 20.0, 14.0


class SweepSlices(QWidget):
    """Charts side by side, what matters most first; they go on below where there is no room."""

    chosen = Signal(int)
    """Number of the trial whose dot was clicked."""

    def __init__(self) -> None:
        super().__init__()
        self.scales: list[Scale] = []
        self.rows: list[TrialRow] = []
        self.watched = ""
        self.importance: dict[str, float] = {}
        self.picked: frozenset[int] | None = None
        self.marked: int | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("One setting at a time"))
        theme_notifier().changed.connect(self.update)

    def set_trials(
        self, scales: Sequence[Scale], rows: Sequence[TrialRow], metric: str, importance: Mapping[str, float]
    ) -> None:
        """Show trials; the last scale is that of the result."""
        self.watched, self.importance = metric, dict(importance)
        own = sorted(scales[:-1], key=lambda scale: -self.importance.get(scale.name, 0.0))
        self.scales = [*own, *scales[-1:]]
        self.rows = [row for row in rows if row.values and row.value is not None]
        said = [tr("{name}: {share} %", name=scale.title, share=self.share(scale)) for scale in own]
        self.setAccessibleDescription("; ".join(said) if self.importance else "")
        self._fit()
        self.update()

    def set_picked(self, picked: frozenset[int] | None) -> None:
        """Make the others pale."""
        if picked != self.picked:
            self.picked = picked
            self.update()

    def mark_trial(self, number: int | None) -> None:
        """Ring one trial's dots."""
        if number != self.marked:
            self.marked = number
            self.update()

    def share(self, scale: Scale) -> str:
        """How much a setting matters, in percent."""
        return f"{100 * self.importance.get(scale.name, 0.0):.0f}"

    def sizeHint(self) -> QSize:
        return QSize(600, self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _columns(self) -> int:
        many = max(1, len(self.scales) - 1)
        return max(1, min(many, int(self.width() // _LEAST)))

    def _fit(self) -> None:
        rows = -(-max(1, len(self.scales) - 1) // self._columns())
        if self.minimumHeight() != rows * _TALL:
            self.setMinimumHeight(rows * _TALL)

    def plot(self, place: int) -> QRectF:
        """Where the dots of a chart lie."""
        columns = self._columns()
        rows = -(-max(1, len(self.scales) - 1) // columns)
        wide, tall = self.width() / columns, self.height() / rows
        left, top = place % columns * wide, place // columns * tall
        return QRectF(left + _LEFT, top + _HEAD, wide - _LEFT - _GAP, tall - _HEAD - _FOOT - 6)

    def dot(self, place: int, row: TrialRow) -> QPointF | None:
        """Where a trial's dot lies in a chart."""
        plot, scale = self.plot(place), self.scales[place]
        x, y = scale.place(row.values.get(scale.name)), self.scales[-1].place(row.value)
        if x is None or y is None:
            return None
        inner = plot.adjusted(6, 6, -6, -6)
        return QPointF(inner.left() + x * inner.width(), inner.bottom() - y * inner.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place in range(len(self.scales) - 1):
            self._paint_head(painter, place)
            self._paint_axes(painter, place)
            self._paint_dots(painter, place)
        painter.end()

    def _paint_head(self, painter: QPainter, place: int) -> None:
        colors, scale, plot = theme(), self.scales[place], self.plot(place)
        bold = font("small", bold=True)
        painter.setFont(bold)
        painter.setPen(colors.color("text"))
        left, top = plot.left(), plot.top() - _HEAD
        share = self.importance.get(scale.name)
        words = "" if share is None else f"{self.share(scale)} %"
        wide = QFontMetricsF(bold).horizontalAdvance(words)
        room = plot.width() - wide - 6
        title = QFontMetricsF(bold).elidedText(scale.title, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(left, top, room, 18), int(Qt.AlignmentFlag.AlignVCenter), title)
        if share is None:
            return
        painter.setPen(colors.color("text_muted"))
        painter.setFont(font("small", tabular=True))
        end = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(QRectF(left, top, plot.width(), 18), end, words)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.color("grid"))
        painter.drawRoundedRect(QRectF(left, top + 21, plot.width(), 5), 2.5, 2.5)
        painter.setBrush(colors.color("accent"))
        painter.drawRoundedRect(QRectF(left, top + 21, max(5.0, plot.width() * share), 5), 2.5, 2.5)

    def _paint_axes(self, painter: QPainter, place: int) -> None:
        colors, plot = theme(), self.plot(place)
        painter.setFont(font("small", tabular=True))
        metrics = QFontMetricsF(painter.font())
        painter.setPen(QPen(colors.color("border"), 1))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        painter.drawLine(plot.bottomLeft(), plot.topLeft())
        painter.setPen(colors.color("text_muted"))
        end = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for words, at in self.scales[-1].marks:
            y = plot.bottom() - 6 - at * (plot.height() - 12)
            painter.drawText(QRectF(plot.left() - _LEFT, y - 8, _LEFT - 5, 16), end, words)
        marks = self.scales[place].marks
        room = plot.width() / max(2, len(marks)) - 2
        for number, (words, at) in enumerate(marks):
            text = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room)
            box = QRectF(plot.left() + 6 + at * (plot.width() - 12) - room / 2, plot.bottom() + 2, room, 16)
            side = Qt.AlignmentFlag.AlignHCenter
            if at == 0.0:
                box.moveLeft(plot.left())
                side = Qt.AlignmentFlag.AlignLeft
            elif at == 1.0 and number:
                box.moveRight(plot.right())
                side = Qt.AlignmentFlag.AlignRight
            painter.drawText(box, int(side | Qt.AlignmentFlag.AlignVCenter), text)

    def _paint_dots(self, painter: QPainter, place: int) -> None:
        result = self.scales[-1]
        for row in sorted(self.rows, key=lambda row: goodness(result, self.watched, row.value) or 0.0):
            at = self.dot(place, row)
            if at is None:
                continue
            shade = colour(goodness(result, self.watched, row.value) or 0.0)
            if self.picked is not None and row.number not in self.picked:
                shade = theme().color("border")
            done = row.state == "done"
            painter.setPen(QPen(shade, 1.4))
            painter.setBrush(shade if done else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(at, 3.6, 3.6)
            if row.number == self.marked:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme().color("text"), 1.5))
                painter.drawEllipse(at, 6.5, 6.5)

    def trial_at(self, at: QPointF) -> tuple[int, TrialRow] | None:
        """The chart and the trial whose dot lies there."""
        for place in range(len(self.scales) - 1):
            for row in self.rows:
                dot = self.dot(place, row)
                if dot is not None and (dot - at).manhattanLength() <= 8:
                    return place, row
        return None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        found = self.trial_at(event.position())
        if found is not None:
            self.chosen.emit(found[1].number)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            found = self.trial_at(QPointF(event.pos()))
            show_tip(event, self._words(*found) if found is not None else "", self)
            return True
        return super().event(event)

    def _words(self, place: int, row: TrialRow) -> str:
        value = row.values.get(self.scales[place].name)
        shown = f"{value:.4g}" if isinstance(value, float) else str(value)
        result = f"{metric_title(self.watched)} {shown_metric(self.watched, row.value or 0.0)}"
        return tr("Trial {n}: {value}", n=row.number + 1, value=f"{self.scales[place].title} {shown}, {result}")
