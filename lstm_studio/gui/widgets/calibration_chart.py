"""Whether a network is right as often as it says it is: a reliability diagram."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QHelpEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.axes import percent
from lstm_studio.gui.widgets.basic import Muted
from lstm_studio.gui.widgets.tips import show_tip
from lstm_studio.inspection.examples import Calibration

_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 10.0, 8.0, 34.0
_FEW = 10
"""Groups with fewer decisions are pale: their share says little."""


class Caption(Muted):
    """A line below a chart that keeps all its lines where room is scarce."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._keep()

    def setText(self, text: str) -> None:
        """Say something else."""
        super().setText(text)
        self._keep()

    def _keep(self) -> None:
        self.setMinimumHeight(self.heightForWidth(self.width()) if self.text() else 0)


class CalibrationChart(QWidget):
    """Confidence along x, the share that is right along y; where both are the same runs a dashed line."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: Calibration | None = None
        self.decides = "text"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(116)
        self.setAccessibleName(tr("Calibration"))
        theme_notifier().changed.connect(self.update)

    def set_calibration(self, shown: Calibration | None, decides: str = "text") -> None:
        """Show one; ``decides``: what a decision is about, "text", "word" or "token"."""
        self.shown, self.decides = shown, decides
        groups = range(len(shown.counts)) if shown is not None else ()
        said = (self.words(group) for group in groups if shown is not None and shown.counts[group])
        self.setAccessibleDescription("; ".join(said))
        self.update()

    def words(self, group: int) -> str:
        """A group as a sentence."""
        shown = self.shown
        assert shown is not None
        width = 100 / len(shown.counts)
        span = f"{group * width:.0f} – {(group + 1) * width:.0f} %"
        if not shown.counts[group]:
            return tr("Confidence {span}: none", span=span)
        counted = {
            "text": ("{n} text", "{n} texts"),
            "word": ("{n} word", "{n} words"),
            "token": ("{n} token", "{n} tokens"),
        }[self.decides]
        return tr(
            "Confidence {span}: {count}, on average {sure} sure, {right} right",
            span=span,
            count=ntr(*counted, int(shown.counts[group])),
            sure=percent(float(shown.sure[group])),
            right=percent(float(shown.right[group])),
        )

    def plot(self) -> QRectF:
        """Where the bars stand."""
        return QRectF(_LEFT, _TOP, max(1.0, self.width() - _LEFT - _RIGHT), max(1.0, self.height() - _TOP - _BOTTOM))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("small", tabular=True))
        colors, plot, shown = theme(), self.plot(), self.shown
        if shown is None or not shown.total:
            painter.setPen(colors.color("text_muted"))
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(
                QRectF(self.rect()), flags, tr("How sure the network is and how often it is right are compared here.")
            )
            painter.end()
            return
        self._paint_axes(painter, plot)
        wide = plot.width() / len(shown.counts)
        for group, count in enumerate(shown.counts.tolist()):
            if not count:
                continue
            left = plot.left() + group * wide + 1
            right, sure = (plot.bottom() - plot.height() * float(values[group]) for values in (shown.right, shown.sure))
            deep = 0.3 if count < _FEW else 0.85
            below = max(right, sure)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("accent", deep))
            painter.drawRect(QRectF(left, below, wide - 2, max(1.5, plot.bottom() - below)))
            # What is missing to its confidence in another colour; what goes beyond it in a lighter one.
            missing = right > sure
            painter.setBrush(colors.color("danger" if missing else "accent", 0.6 * deep))
            gap = QRectF(left, min(right, sure), wide - 2, abs(right - sure))
            painter.drawRect(gap)
            if missing:  # not by its colour alone
                painter.setBrush(QBrush(colors.color("danger"), Qt.BrushStyle.BDiagPattern))
                painter.drawRect(gap)
        painter.setPen(QPen(colors.color("text_muted"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(plot.bottomLeft(), plot.topRight())
        painter.end()

    def _paint_axes(self, painter: QPainter, plot: QRectF) -> None:
        colors = theme()
        end = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for share in (0.0, 0.5, 1.0):
            y, x = plot.bottom() - share * plot.height(), plot.left() + share * plot.width()
            painter.setPen(QPen(colors.color("grid" if share else "border"), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(colors.color("text_muted"))
            painter.drawText(QRectF(0, y - 8, _LEFT - 6, 16), int(end), f"{100 * share:.0f} %")
            box = QRectF(x - 30, plot.bottom() + 2, 60, 14)
            if share == 1.0:
                box.moveRight(plot.right() + _RIGHT)
            elif share == 0.0:
                box.moveLeft(plot.left())
            sides = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)
            painter.drawText(box, int(sides[round(2 * share)] | Qt.AlignmentFlag.AlignVCenter), f"{100 * share:.0f} %")
        below = QRectF(plot.left(), plot.bottom() + 17, plot.width(), 16)
        painter.drawText(below, int(Qt.AlignmentFlag.AlignCenter), tr("How sure the network was"))

    def sizeHint(self) -> QSize:
        return QSize(320, 210)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            show_tip(event, self.tip(event.pos().x()), self)
            return True
        return super().event(event)

    def tip(self, x: float) -> str:
        """What stands at this place."""
        plot, shown = self.plot(), self.shown
        if shown is None or not shown.total or not plot.left() <= x < plot.right():
            return ""
        return self.words(math.floor((x - plot.left()) / plot.width() * len(shown.counts)))
