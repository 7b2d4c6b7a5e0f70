"""The equations in use, typeset: one block a gate, in the gate's colour, linked with the drawing of the cell."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFont,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from lstm_studio.config import ModelConfig
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.gates import kinds
from lstm_studio.gui.widgets.math_text import MathText
from lstm_studio.nn.equations import Equation, Term, equations

_MARGIN, _TOP, _GAP = 12.0, 5.0, 6.0
_INDENT = 22.0
_TITLE = 17.0
_LINE = 1.5


@dataclass(frozen=True)
class _Placed:
    text: str
    role: str
    x: float
    line: int


@dataclass(frozen=True)
class _Block:
    equation: Equation
    top: float
    height: float
    parts: tuple[_Placed, ...]


class EquationsView(QWidget):
    """Grows as tall as its equations. Pointing at one, or walking with the arrow keys, picks it."""

    picked = Signal(str)
    """The gate whose equation is pointed at, or ""."""

    def __init__(self, config: ModelConfig | None = None) -> None:
        super().__init__()
        self._equations: list[Equation] = []
        self._blocks: list[_Block] = []
        self._part = ""
        self._width = 0.0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(tr("Equations in use"))
        theme_notifier().changed.connect(self.update)
        self.set_config(config or ModelConfig())

    def set_config(self, config: ModelConfig, writes: bool = False) -> None:
        """Show the equations of a configuration; ``writes``: of a network that writes texts."""
        found = equations(config, writes)
        if found != self._equations:
            self._equations = found
            self.setAccessibleDescription("; ".join(equation.text for equation in found))
            if self._part not in [equation.gate for equation in found]:
                self._part = ""
            self._lay_out(self.width())
            self.update()

    def set_part(self, part: str) -> None:
        """Make one equation stand out; "" shows all alike."""
        if part != self._part:
            self._part = part
            self.update()

    @property
    def part(self) -> str:
        """The equation that stands out."""
        return self._part

    def texts(self) -> list[str]:
        """The equations as plain text."""
        return [equation.text for equation in self._equations]

    # -- layout ---------------------------------------------------------------------------------------------

    @staticmethod
    def _math() -> MathText:
        return MathText(font("body"))

    def _lay_out(self, width: float) -> None:
        self._width = width
        math = self._math()
        self._blocks = []
        top = 0.0
        for equation in self._equations:
            parts = self._flow(equation, math, max(120.0, width - 2 * _MARGIN))
            lines = 1 + max((part.line for part in parts), default=0)
            height = 2 * _TOP + _TITLE + lines * math.height * _LINE
            self._blocks.append(_Block(equation, top, height, tuple(parts)))
            top += height + _GAP
        needed = round(max(0.0, top - _GAP))
        if needed != self.minimumHeight():
            self.setMinimumHeight(needed)
            self.updateGeometry()

    def _flow(self, equation: Equation, math: MathText, width: float) -> list[_Placed]:
        """Break after the width is used up, before an operator if there is one."""
        own = _role(equation.gate)
        placed: list[_Placed] = []
        x, line = 0.0, 0
        for text, role in [(equation.left, own), (" = ", "text"), *(_words(term, own) for term in equation.terms)]:
            needed = math.width(text.rstrip())
            if x + needed > width and x > _INDENT and text.strip() != ")":
                x, line = _INDENT, line + 1
                text = text.lstrip()
            placed.append(_Placed(text, role, x, line))
            x += math.width(text)
        return placed

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self.width() != self._width:
            self._lay_out(self.width())

    def sizeHint(self) -> QSize:
        return QSize(320, self.minimumHeight())

    # -- pointing -------------------------------------------------------------------------------------------

    def part_at(self, position: QPointF) -> str:
        """The gate whose equation is under a point."""
        for block in self._blocks:
            if block.top - _GAP / 2 <= position.y() < block.top + block.height + _GAP / 2:
                return block.equation.gate
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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps: dict[int, int] = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        step = steps.get(event.key())
        if step is None:
            super().keyPressEvent(event)
            return
        names = [block.equation.gate for block in self._blocks]
        at = names.index(self._part) if self._part in names else (-1 if step > 0 else 0)
        self._pick(names[(at + step) % len(names)])

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            part = self.part_at(QPointF(event.pos()))
            if part:
                QToolTip.showText(event.globalPos(), tr(kinds([part])[0].help), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    # -- painting -------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        math, colors = self._math(), theme()
        small = QFont(font("small"))
        for block in self._blocks:
            gate = block.equation.gate
            role = _role(gate)
            shown = not self._part or self._part == gate
            if self._part == gate:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colors.color(role, 0.13))
                painter.drawRoundedRect(QRectF(0, block.top, self.width(), block.height), 8, 8)
            fade = 1.0 if shown else 0.38
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color(role, fade))
            painter.drawRoundedRect(QRectF(0, block.top + _TOP, 3, block.height - 2 * _TOP), 1.5, 1.5)
            painter.setFont(small)
            painter.setPen(colors.color("text_muted", fade))
            title = QRectF(_MARGIN, block.top + _TOP - 1, self.width() - 2 * _MARGIN, _TITLE)
            painter.drawText(title, Qt.AlignmentFlag.AlignVCenter, tr(kinds([gate])[0].title))
            first = block.top + _TOP + _TITLE + math.ascent + 1
            for part in block.parts:
                baseline = first + part.line * math.height * _LINE
                math.draw(painter, _MARGIN + part.x, baseline, part.text, colors.color(part.role, fade))
        if self.hasFocus():
            painter.setPen(QPen(colors.color("focus"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        painter.end()


def _role(gate: str) -> str:
    return kinds([gate])[0].role


def _words(term: Term, own: str) -> tuple[str, str]:
    """A term's text and the role of its colour: other gates and the memory keep theirs, weights are plain."""
    if term.kind in ("gate", "state", "memory"):
        return term.text, _role(term.gate) if term.gate else own
    if term.kind == "function":
        return term.text, own
    return term.text, "text"
