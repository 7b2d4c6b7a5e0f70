"""A step, painted: equations with their numbers below, what each part adds as a bar, and the result."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetricsF, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.gates import kinds
from lstm_studio.gui.widgets.math_text import MathText
from lstm_studio.gui.widgets.raster import nice_limit
from lstm_studio.gui.widgets.saveable import Saved
from lstm_studio.gui.widgets.step_lines import ROLES, Cell, Line
from lstm_studio.gui.widgets.tips import show_tip

_TOP, _LEAST, _LEAST_OF_THREE, _MOST = 20.0, 52.0, 72.0, 112.0
_PAD = 12.0
_BAR, _METER = 12.0, 56.0
_LEAST_BARS, _MOST_BARS = 96.0, 640.0
_GAP = 24.0


class StepView(QWidget):
    """Arrow keys step through the text and through the units."""

    stepped = Signal(int)
    """So many tokens to the right."""
    unit_stepped = Signal(int)
    ended = Signal(int)
    """To the first token (-1) or the last (1)."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[Line] = []
        self._limit = 1.0
        self._tips: list[tuple[QRectF, str]] = []
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("One step in numbers"))
        theme_notifier().changed.connect(self.update)

    def set_lines(self, lines: Sequence[Line], reach: float = 1.0) -> None:
        """Show equations; bars end at the round number above ``reach``."""
        self._lines, self._limit = list(lines), nice_limit(reach)
        self.setAccessibleDescription("; ".join(line.words for line in self._lines))
        self.setMinimumHeight(self.minimumSizeHint().height())
        self.updateGeometry()
        self.update()

    def texts(self) -> list[str]:
        """The numbers of each equation as they are written."""
        return [line.numbers for line in self._lines]

    def saveable(self) -> Saved | None:
        """The picture, and each equation's parts, sum and result."""
        if not self._lines or self._lines[0].value is None:
            return None

        def numbers() -> dict[str, np.ndarray]:
            rows = [
                (line.gate, name, value)
                for line in self._lines
                for name, value in (
                    *((bar.source, bar.value) for bar in line.bars), ("sum", line.total), ("value", line.value)
                )
                if value is not None
            ]  # fmt: skip
            gates, parts, values = zip(*rows, strict=True)
            return {"gate": np.array(gates), "part": np.array(parts), "value": np.array(values, np.float64)}

        return Saved(tr("One step in numbers"), self.size(), self._paint, numbers)

    def sizeHint(self) -> QSize:
        return QSize(760, math.ceil(_TOP + 64 * len(self._lines)))

    def minimumSizeHint(self) -> QSize:
        least = _LEAST_OF_THREE if any(line.below for line in self._lines) else _LEAST
        return QSize(480, math.ceil(_TOP + least * len(self._lines)))

    # -- painting -------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._tips = []
        if self._lines:
            self._paint(painter)
        if self.hasFocus():
            painter.setPen(QPen(theme().color("focus"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        painter.end()

    def _paint(self, painter: QPainter) -> None:
        math_text, metrics = MathText(font("body")), QFontMetricsF(font("body", tabular=True))
        titles = [tr(kinds([line.gate])[0].title) for line in self._lines]
        named = max(QFontMetricsF(font("small")).horizontalAdvance(title) for title in titles) + _PAD + _GAP
        left = max(math_text.width(line.cells[0].symbol) for line in self._lines)
        ends = named + left + max(_long(line, math_text, metrics) for line in self._lines)
        bars = QRectF(ends + _GAP, 0, self.width() - ends - 2 * _GAP - _METER - _PAD, self.height())
        bars.setWidth(min(_MOST_BARS, bars.width()))
        tall = min(_MOST, (self.height() - _TOP) / len(self._lines))
        roomy = bars.width() >= _LEAST_BARS
        if roomy:
            self._paint_scale(painter, bars, _TOP + tall * len(self._lines))
        for place, (line, title) in enumerate(zip(self._lines, titles, strict=True)):
            top = _TOP + place * tall
            self._paint_title(painter, line, title, top, tall)
            self._paint_terms(painter, line, named, left, top + tall / 2, math_text, metrics)
            if roomy and line.bars:
                self._paint_bars(painter, line, bars, top + tall / 2)
            if line.value is not None and self.width() - ends > _METER + _GAP:
                x = bars.right() + _GAP if roomy else ends + _GAP
                self._paint_meter(painter, line, QRectF(x, top + tall / 2 - 4, _METER, 8))

    def _paint_title(self, painter: QPainter, line: Line, title: str, top: float, tall: float) -> None:
        color = theme().gate(line.gate)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRoundedRect(QRectF(2, top + 6, 3, tall - 12), 1.5, 1.5)
        painter.setFont(font("small"))
        painter.setPen(theme().color("text_muted"))
        box = QRectF(_PAD, top, self.width(), tall)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), title)
        self._tips.append((QRectF(0, top, 90, tall), tr(kinds([line.gate])[0].help)))

    def _paint_terms(
        self,
        painter: QPainter,
        line: Line,
        x: float,
        left: float,
        middle: float,
        terms: MathText,
        metrics: QFontMetricsF,
    ) -> None:
        """Symbols above the middle, numbers below it, each under its symbol."""
        colors = theme()
        filled = line.value is not None
        above = middle - 5 if filled else middle + metrics.xHeight() / 2
        below = middle + metrics.ascent() + 3
        if line.below:  # three lines
            above, below = above - metrics.height() / 2, below - metrics.height() / 2
        figures = font("body", tabular=True)
        terms.draw(painter, x + left - terms.width(line.cells[0].symbol), above, line.cells[0].symbol,
                   colors.color(line.cells[0].role))  # fmt: skip
        x += left
        start = x
        for cell in line.cells[1:]:
            wide = _wide(cell, terms, metrics)
            fade = 1.0 if filled else 0.6
            terms.draw(painter, x + (wide - terms.width(cell.symbol)) / 2, above, cell.symbol,
                       colors.color(cell.role, fade))  # fmt: skip
            painter.setFont(figures)
            painter.setPen(colors.color(_number_role(cell)))
            shift = (wide - metrics.horizontalAdvance(cell.number)) / 2
            painter.drawText(QPointF(x + shift, below), cell.number)
            if cell.tip:
                self._tips.append((QRectF(x, middle - 24, wide, 48), cell.tip))
            x += wide
        rest, _, result = line.tail.rpartition(" ")
        if line.below:
            x, below = start, below + metrics.height() + 2
        painter.setFont(figures)
        painter.setPen(colors.color("text_muted"))
        painter.drawText(QPointF(x, below), f"{rest} ")
        x += metrics.horizontalAdvance(f"{rest} ")
        painter.setPen(colors.gate(line.gate))
        strong = font("body", tabular=True, bold=True)
        painter.setFont(strong)
        painter.drawText(QPointF(x, below), result)

    def _paint_scale(self, painter: QPainter, area: QRectF, bottom: float) -> None:
        colors = theme()
        painter.setFont(font("small", tabular=True))
        metrics = QFontMetricsF(painter.font())
        for value, flag in ((-self._limit, "left"), (0.0, "middle"), (self._limit, "right")):
            x = self._x(area, value)
            painter.setPen(QPen(colors.color("border_strong" if not value else "grid"), 1))
            painter.drawLine(QPointF(x, _TOP), QPointF(x, bottom))
            painter.setPen(colors.color("text_muted"))
            words = f"{value:g}".replace("-", "−")
            wide = metrics.horizontalAdvance(words)
            shift = {"left": 0.0, "middle": wide / 2, "right": wide}[flag]
            painter.drawText(QPointF(x - shift, _TOP - 6), words)

    def _x(self, area: QRectF, value: float) -> float:
        share = max(-1.0, min(1.0, value / self._limit)) if math.isfinite(value) else 0.0
        return area.center().x() + share * area.width() / 2

    def _paint_bars(self, painter: QPainter, line: Line, area: QRectF, middle: float) -> None:
        """Parts that push up to the right of zero, those that push down to the left; a tick where they end up."""
        colors = theme()
        up = down = 0.0
        for bar in line.bars:
            if not math.isfinite(bar.value):
                continue
            start = up if bar.value > 0 else down
            if bar.value > 0:
                up += bar.value
            else:
                down += bar.value
            one, other = sorted((self._x(area, start), self._x(area, start + bar.value)))
            box = QRectF(one, middle - _BAR / 2, max(other - one, 0.5), _BAR)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color(ROLES[bar.source]))
            painter.drawRect(box.adjusted(0.5 if box.width() > 3 else 0, 0, 0, 0))
            self._tips.append((box.adjusted(-1, -6, 1, 6), bar.tip))
        if line.total is not None:
            x = self._x(area, line.total)
            painter.setPen(QPen(colors.color("surface"), 4))
            painter.drawLine(QPointF(x, middle - _BAR / 2 - 4), QPointF(x, middle + _BAR / 2 + 4))
            painter.setPen(QPen(colors.color("text"), 2))
            painter.drawLine(QPointF(x, middle - _BAR / 2 - 4), QPointF(x, middle + _BAR / 2 + 4))

    def _paint_meter(self, painter: QPainter, line: Line, box: QRectF) -> None:
        """The result from 0 to 1, or around 0."""
        colors, kind = theme(), kinds([line.gate])[0]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.color("grid"))
        painter.drawRoundedRect(box, 4, 4)
        assert line.value is not None
        if not math.isfinite(line.value):
            return
        painter.setBrush(colors.gate(line.gate))
        value = max(-1.0, min(1.0, line.value))
        if kind.signed:
            one, other = sorted((0.0, value * box.width() / 2))
            filled = QRectF(box.center().x() + one, box.top(), max(1.0, other - one), box.height())
        else:
            filled = QRectF(box.left(), box.top(), max(1.0, value * box.width()), box.height())
        painter.drawRoundedRect(filled, min(4.0, filled.width() / 2), 4)
        if kind.signed:
            painter.setPen(QPen(colors.color("text_muted"), 1))
            painter.drawLine(QPointF(box.center().x(), box.top() - 2), QPointF(box.center().x(), box.bottom() + 2))

    # -- mouse and keys -------------------------------------------------------------------------------------

    def tip_at(self, position: QPointF) -> str:
        """What stands at a point."""
        return next((tip for box, tip in reversed(self._tips) if box.contains(position)), "")

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            show_tip(event, self.tip_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        units = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -10, Qt.Key.Key_PageDown: 10}
        ends = {Qt.Key.Key_Home: -1, Qt.Key.Key_End: 1}
        key = Qt.Key(event.key())
        if key in moves:
            self.stepped.emit(moves[key])
        elif key in units:
            self.unit_stepped.emit(units[key])
        elif key in ends:
            self.ended.emit(ends[key])
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()


def _wide(cell: Cell, terms: MathText, metrics: QFontMetricsF) -> float:
    return max(terms.width(cell.symbol), metrics.horizontalAdvance(cell.number))


def _long(line: Line, terms: MathText, metrics: QFontMetricsF) -> float:
    """Behind the left side."""
    cells = sum(_wide(cell, terms, metrics) for cell in line.cells[1:])
    tail = metrics.horizontalAdvance(line.tail)
    return max(cells, tail) if line.below else cells + tail


def _number_role(cell: Cell) -> str:
    if cell.source:
        return "text_muted" if cell.source == "b" else ROLES[cell.source]
    return cell.role if cell.role.startswith("gate") else "text_muted"
