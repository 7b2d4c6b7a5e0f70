"""The cell, drawn: gates, operations, memory rail and peepholes of the present configuration."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from lstm_studio.config import ModelConfig
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.cell_scene import GATE_HALF, HEIGHT, OPERATION_HALF, WIDTH, Node, Scene, Wire, scene
from lstm_studio.gui.widgets.gates import kinds, variant_words
from lstm_studio.gui.widgets.math_text import MathText
from lstm_studio.nn.equations import equations

_FADED = 0.22
_CORNER = 9.0
_LARGEST = 1.45
_WIDTHS = {"plain": 1.8, "thin": 1.4, "thick": 4.2}


class CellDrawing(QWidget):
    """Vector drawing that scales with the widget. Pointing at a gate, or walking with the arrow keys, picks it."""

    picked = Signal(str)
    """The equation that is pointed at: i, f, ..., or "" for none."""

    def __init__(self, config: ModelConfig | None = None) -> None:
        super().__init__()
        self._config = config or ModelConfig()
        self._scene: Scene = scene(self._config)
        self._part = ""
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 150)
        self._name()
        theme_notifier().changed.connect(self.update)

    # -- what it shows --------------------------------------------------------------------------------------

    def set_config(self, config: ModelConfig) -> None:
        """Draw another cell."""
        if config != self._config:
            self._config = config
            self._scene = scene(config)
            if self._part not in self.parts():
                self.set_part("")
            self._name()
            self.update()

    def set_part(self, part: str) -> None:
        """Make one gate and its lines stand out; "" shows all alike."""
        if part != self._part:
            self._part = part
            self.update()

    @property
    def part(self) -> str:
        """What stands out."""
        return self._part

    def parts(self) -> list[str]:
        """Everything that can be picked, in the order in which it is shown elsewhere."""
        return [kind.key for kind in kinds(equation.gate for equation in equations(self._config))]

    def shown(self) -> Scene:
        """What is drawn."""
        return self._scene

    def _name(self) -> None:
        cells = {"lstm": tr("LSTM cell"), "gru": tr("GRU cell"), "rnn": tr("Plain recurrent cell")}
        peepholes = {
            "none": tr("no peepholes"),
            "diagonal": tr("diagonal peepholes"),
            "full": tr("full peepholes"),
        }
        name = cells[self._config.cell]
        if self._config.cell == "lstm":
            name = f"{name}, {peepholes[self._config.peephole]}"
            if self._config.variant != "none":
                name = f"{name}, {variant_words(self._config.variant)}"
        self.setAccessibleName(name)
        self.setAccessibleDescription(tr("Drawing of the cell; the arrow keys walk from gate to gate."))

    def sizeHint(self) -> QSize:
        return QSize(round(WIDTH), round(HEIGHT))

    # -- pointing -------------------------------------------------------------------------------------------

    def _transform(self) -> tuple[float, float, float]:
        scale = min(self.width() / WIDTH, self.height() / HEIGHT, _LARGEST)
        return scale, (self.width() - WIDTH * scale) / 2, (self.height() - HEIGHT * scale) / 2

    def part_at(self, position: QPointF) -> str:
        """The gate or state under a point of the widget."""
        scale, left, top = self._transform()
        x, y = (position.x() - left) / scale, (position.y() - top) / scale
        nearest, best = "", 26.0
        for node in self._scene.nodes:
            if node.kind == "tap":
                continue
            distance = math.hypot(node.x - x, node.y - y)
            name = self._own_part(node)
            if name and distance < best:
                nearest, best = name, distance
        return nearest

    def _own_part(self, node: Node) -> str:
        if node.kind == "gate":
            return node.text
        if node.text in ("c[t]", "h[t]"):
            return node.text[0]
        if node.kind == "operation":
            for state in "ch":
                if node.role == f"gate_{state}" and state in node.parts and state in self.parts():
                    return state
        return ""

    def _pick(self, part: str) -> None:
        if part != self._part:
            self.set_part(part)
            self.picked.emit(part)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pick(self.part_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._pick("")
        super().leaveEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._pick("")
        super().focusOutEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps: dict[int, int] = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}
        step = steps.get(event.key())
        if step is None:
            if event.key() == Qt.Key.Key_Escape and self._part:
                self._pick("")
                return
            super().keyPressEvent(event)
            return
        names = self.parts()
        at = names.index(self._part) if self._part in names else (-1 if step > 0 else 0)
        self._pick(names[(at + step) % len(names)])

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            part = self.part_at(QPointF(event.pos()))
            if part:
                kind = kinds(part)[0]
                QToolTip.showText(event.globalPos(), f"{tr(kind.title)} {part}: {tr(kind.help)}", self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    # -- painting -------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale, left, top = self._transform()
        painter.translate(left, top)
        painter.scale(scale, scale)
        colors = theme()
        box = QRectF(*self._scene.box)
        painter.setPen(QPen(colors.color("border"), 1.2))
        painter.setBrush(colors.color("background"))
        painter.drawRoundedRect(box, 16, 16)
        # Peepholes lie lowest, and every later line cuts a gap into those it crosses.
        order = sorted(self._scene.wires, key=lambda wire: (wire.style == "plain", self._stands_out(wire.parts)))
        for wire in order:
            self._wire(painter, wire)
        for node in self._scene.nodes:
            self._node(painter, node)
        if self.hasFocus():
            painter.resetTransform()
            painter.setPen(QPen(colors.color("focus"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        painter.end()

    def _stands_out(self, parts: frozenset[str]) -> bool:
        return not self._part or self._part in parts

    def _ink(self, role: str, parts: frozenset[str], alpha: float = 1.0) -> QColor:
        return theme().color(role, alpha if self._stands_out(parts) else alpha * _FADED)

    def _wire(self, painter: QPainter, wire: Wire) -> None:
        path = rounded(wire.points)
        width = _WIDTHS[wire.style] + (0.7 if self._part and self._part in wire.parts else 0)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if wire.style == "plain":
            halo = QPen(theme().color("background"), width + 5)
            halo.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(halo)
            painter.drawPath(_shortened(wire.points))
        color = self._ink(wire.role, wire.parts)
        pen = QPen(color, width)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        if wire.style == "thin":
            pen.setDashPattern([0.1, 2.6])
            pen.setWidthF(width + 0.7)
        painter.setPen(pen)
        painter.drawPath(path)
        if wire.arrow:
            self._arrow(painter, wire, color)

    def _arrow(self, painter: QPainter, wire: Wire, color: QColor) -> None:
        (x0, y0), (x1, y1) = wire.points[-2:]
        length = math.hypot(x1 - x0, y1 - y0) or 1.0
        dx, dy = (x1 - x0) / length, (y1 - y0) / length
        size = 7.5 if wire.style == "thick" else 5.5
        head = QPainterPath(QPointF(x1, y1))
        head.lineTo(x1 - size * dx - 0.62 * size * dy, y1 - size * dy + 0.62 * size * dx)
        head.lineTo(x1 - size * dx + 0.62 * size * dy, y1 - size * dy - 0.62 * size * dx)
        head.closeSubpath()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("background"))
        painter.drawPath(head)
        painter.setBrush(color)
        painter.drawPath(head)

    def _node(self, painter: QPainter, node: Node) -> None:
        colors = theme()
        ink = self._ink(node.role, node.parts)
        at = QPointF(node.x, node.y)
        if node.kind == "tap":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("background"))
            painter.drawEllipse(at, 3.6, 3.6)
            painter.setBrush(ink)
            painter.drawEllipse(at, 3.6, 3.6)
        elif node.kind == "gate":
            self._gate(painter, node, ink)
        elif node.kind == "operation":
            self._operation(painter, node, ink)
        else:
            self._port(painter, node, ink)

    def _gate(self, painter: QPainter, node: Node, ink: QColor) -> None:
        rect = QRectF(node.x - GATE_HALF, node.y - GATE_HALF, 2 * GATE_HALF, 2 * GATE_HALF)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("surface"))
        painter.drawRoundedRect(rect, 10, 10)
        picked = self._part == node.text
        fill = QColor(ink)
        fill.setAlphaF(ink.alphaF() * (0.3 if picked else 0.13))
        painter.setBrush(fill)
        painter.setPen(QPen(ink, 2.4 if picked else 1.8))
        painter.drawRoundedRect(rect, 10, 10)
        letters = MathText(font("title"))
        letters.draw_centred(painter, node.x, node.y - 4, node.text, ink)
        small = font("small")
        small.setPixelSize(11)
        painter.setFont(small)
        painter.setPen(ink)
        below = QRectF(rect.x(), rect.bottom() - 16, rect.width(), 13)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, node.mark)

    def _operation(self, painter: QPainter, node: Node, ink: QColor) -> None:
        half = OPERATION_HALF
        painter.setPen(Qt.PenStyle.NoPen)
        wide = 16.0 if node.text == "tanh" else half
        rect = QRectF(node.x - wide, node.y - half, 2 * wide, 2 * half)
        painter.setBrush(theme().color("surface"))
        painter.drawRoundedRect(rect, half, half)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(ink, 1.6))
        painter.drawRoundedRect(rect, half, half)
        pen = QPen(ink, 1.8)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        arm = 4.6
        if node.text == "×":
            arm *= 0.78
            painter.drawLine(QPointF(node.x - arm, node.y - arm), QPointF(node.x + arm, node.y + arm))
            painter.drawLine(QPointF(node.x - arm, node.y + arm), QPointF(node.x + arm, node.y - arm))
        elif node.text == "+":
            painter.drawLine(QPointF(node.x - arm, node.y), QPointF(node.x + arm, node.y))
            painter.drawLine(QPointF(node.x, node.y - arm), QPointF(node.x, node.y + arm))
        else:
            small = font("small")
            small.setPixelSize(11)
            painter.setFont(small)
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, node.text)

    def _port(self, painter: QPainter, node: Node, ink: QColor) -> None:
        text = MathText(font("body", bold=True))
        if node.text == "x[t]":
            text.draw(painter, node.x + 10, node.y - 1, node.text, ink)
            return
        # Names stand above the ends of their lines.
        width = text.width(node.text)
        x = min(max(2.0, node.x - width / 2), WIDTH - width - 2)
        text.draw(painter, x, node.y - 11, node.text, ink)


def rounded(points: tuple[tuple[float, float], ...]) -> QPainterPath:
    """A path along points whose corners are rounded."""
    path = QPainterPath(QPointF(*points[0]))
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        first, second = _towards(corner, before, _CORNER), _towards(corner, after, _CORNER)
        path.lineTo(first)
        path.quadTo(QPointF(*corner), second)
    path.lineTo(QPointF(*points[-1]))
    return path


def _towards(start: tuple[float, float], to: tuple[float, float], distance: float) -> QPointF:
    length = math.hypot(to[0] - start[0], to[1] - start[1]) or 1.0
    share = min(0.5, distance / length)
    return QPointF(start[0] + (to[0] - start[0]) * share, start[1] + (to[1] - start[1]) * share)


def _shortened(points: tuple[tuple[float, float], ...]) -> QPainterPath:
    """The path without its first and last few units, where it meets other lines on purpose."""
    cut = list(points)
    first, last = _towards(points[0], points[1], 6.0), _towards(points[-1], points[-2], 6.0)
    cut[0], cut[-1] = (first.x(), first.y()), (last.x(), last.y())
    return rounded(tuple(cut))
