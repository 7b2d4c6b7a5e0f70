"""How often each unit's gate stands open or shut: a point a unit, as Karpathy, Johnson & Fei-Fei (2016) plot it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.gates import kinds
from lstm_studio.gui.widgets.saveable import Saved
from lstm_studio.gui.widgets.tips import show_tip
from lstm_studio.inspection.memory import Saturation

_TITLE, _AXIS, _LEFT = 20.0, 18.0, 28.0
_DOT, _REACH = 3.0, 12.0


class SaturationChart(QWidget):
    """x: share of tokens at which the gate is below 0.1, y: above 0.9. A click chooses the unit."""

    unit_asked = Signal(int)

    def __init__(self, gate: str) -> None:
        super().__init__()
        self.gate = gate
        self._found: Saturation | None = None
        self._unit: int | None = None
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Saturation: {gate}", gate=self._title))
        theme_notifier().changed.connect(self.update)

    @property
    def _title(self) -> str:
        return tr(kinds([self.gate])[0].title)

    def set_saturation(self, found: Saturation | None, unit: int | None = None) -> None:
        """Show all units, and one of them marked."""
        self._found, self._unit = found, unit
        self.setAccessibleDescription(self.summary())
        self.update()

    def summary(self) -> str:
        """The mean shares, in words."""
        if self._found is None or not self._found.tokens:
            return ""
        return tr(
            "On average shut at {left} % and open at {right} % of the tokens.",
            left=f"{100 * self._found.left.mean():.0f}",
            right=f"{100 * self._found.right.mean():.0f}",
        )

    def sizeHint(self) -> QSize:
        return QSize(180, 180)

    def minimumSizeHint(self) -> QSize:
        return QSize(110, 110)

    def saveable(self) -> Saved | None:
        """The picture and the shares of each unit."""
        found = self._found
        if found is None or not found.tokens:
            return None
        return Saved(
            tr("Saturation: {gate}", gate=self._title),
            self.size(),
            self._paint,
            lambda: {"unit": np.arange(len(found.left)), "below_0.1": found.left, "above_0.9": found.right},
            note=self.summary(),
        )

    # -- geometry -------------------------------------------------------------------------------------------

    def plot(self) -> QRectF:
        """A square."""
        side = max(20.0, min(self.width() - _LEFT - 8, self.height() - _TITLE - _AXIS))
        return QRectF(_LEFT, _TITLE, side, side)

    def place_of(self, unit: int) -> QPointF:
        """Where a unit's point is."""
        assert self._found is not None
        area = self.plot()
        return QPointF(
            area.left() + float(self._found.left[unit]) * area.width(),
            area.bottom() - float(self._found.right[unit]) * area.height(),
        )

    def units_at(self, position: QPointF) -> list[int]:
        """Units near a point, the nearest first; those that lie on one another by number."""
        if self._found is None:
            return []
        area = self.plot()
        dx = area.left() + self._found.left * area.width() - position.x()
        dy = area.bottom() - self._found.right * area.height() - position.y()
        far = np.round(np.hypot(dx, dy), 3)
        near = np.flatnonzero(far <= _REACH)
        near = near[np.argsort(far[near], kind="stable")]
        return [int(unit) for unit in near if far[unit] == far[near[0]]]

    # -- painting -------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint(painter)
        painter.end()

    def _paint(self, painter: QPainter) -> None:
        colors, area = theme(), self.plot()
        painter.setFont(font("small", bold=True))
        painter.setPen(colors.gate(self.gate))
        painter.drawText(QRectF(area.left(), 0, self.width() - area.left(), _TITLE), self._title)
        self._paint_frame(painter, area)
        if self._found is not None and self._found.tokens:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color(kinds([self.gate])[0].role, 0.45))
            for unit in range(len(self._found.left)):
                painter.drawEllipse(self.place_of(unit), _DOT, _DOT)
            if self._unit is not None and self._unit < len(self._found.left):
                painter.setBrush(colors.gate(self.gate))
                painter.setPen(QPen(colors.color("text"), 1.5))
                painter.drawEllipse(self.place_of(self._unit), _DOT + 2, _DOT + 2)

    def _paint_frame(self, painter: QPainter, area: QRectF) -> None:
        colors = theme()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.color("surface_raised"))  # both shares together cannot pass 1
        painter.drawPolygon(QPolygonF([area.topLeft(), area.topRight(), area.bottomRight()]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colors.color("border"), 1))
        painter.drawRect(area)
        painter.setFont(font("small", tabular=True))
        metrics = QFontMetricsF(painter.font())
        painter.setPen(colors.color("text_muted"))
        for share in (0.0, 0.5, 1.0):
            y = area.bottom() - share * area.height()
            box = QRectF(0, y - metrics.height() / 2, _LEFT - 5, metrics.height())
            painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), f"{share:g}")
        left, right = f"{tr('share below 0.1')} →", "1"
        if metrics.horizontalAdvance(left) > area.width() - 20:
            left = "< 0.1 →"
        below = QRectF(area.left() + 8, area.bottom() + 1, area.width() - 8, _AXIS)
        painter.drawText(below, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), left)
        painter.drawText(below, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), right)
        # Where no point can be.
        words = f"↑ {tr('share above 0.9')}"
        if metrics.horizontalAdvance(words) > area.width() - 20:
            words = "↑ > 0.9"
        box = QRectF(area.left(), area.top() + 3, area.width() - 6, metrics.height())
        painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop), words)

    # -- mouse ----------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self.units_at(event.position())
        if found:  # of points that lie on one another each click takes the next
            now = found.index(self._unit) + 1 if self._unit in found else 0
            self.unit_asked.emit(found[now % len(found)])

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            show_tip(event, self.words(self.units_at(QPointF(event.pos()))), self)
            return True
        return super().event(event)

    def words(self, units: list[int]) -> str:
        """Some units that have one place, in a sentence; without units what all is about."""
        if self._found is None:
            return ""
        if not units:
            return f"{tr(kinds([self.gate])[0].help)} {self.summary()}"
        named = ", ".join(str(unit) for unit in units[:8]) + (" …" if len(units) > 8 else "")
        return tr(
            "Unit {units}: below 0.1 at {left} % of the tokens, above 0.9 at {right} %.",
            units=named,
            left=f"{100 * self._found.left[units[0]]:.0f}",
            right=f"{100 * self._found.right[units[0]]:.0f}",
        )
