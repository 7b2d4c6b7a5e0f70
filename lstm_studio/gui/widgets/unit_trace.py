"""One unit over the text: its gates on the left, its states on the right, and its arithmetic at one token."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QTransform
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.gates import GateKind, kinds
from lstm_studio.gui.widgets.linked_view import LinkedView
from lstm_studio.gui.widgets.raster import nice_limit
from lstm_studio.gui.widgets.token_axis import TokenAxis

_LEFT, _RIGHT, _TOP, _GAP = 42.0, 22.0, 8.0, 24.0
_DENSE = 5.0
"""Pixels a token below which lines are thin."""


class UnitTrace(QWidget):
    """Follows the zoom and the cursor of the heatmaps above it."""

    def __init__(self, view: LinkedView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._axis = TokenAxis((), font("small"), level=True)
        self._curves: dict[str, np.ndarray] = {}
        self._drawn: dict[str, tuple[np.ndarray, np.ndarray, list[QLineF]]] = {}
        self._limit = 1.0
        self.unit: int | None = None
        """Which is shown."""
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Trace of the chosen unit"))
        view.range_changed.connect(self.update)
        view.cursor_changed.connect(self.update)
        theme_notifier().changed.connect(self.update)

    def set_unit(self, tokens: Sequence[str], values: Mapping[str, np.ndarray], unit: int | None) -> None:
        """Show unit number ``unit`` of arrays [T, H]; None clears."""
        self.unit = unit
        self._axis = TokenAxis(tokens, font("small"), level=True)
        self._drawn = {}
        self._curves = {} if unit is None else {key: array[:, unit] for key, array in values.items()}
        states = [np.abs(curve[np.isfinite(curve)]) for key, curve in self._curves.items() if _signed(key)]
        self._limit = nice_limit(max((float(state.max()) for state in states if state.size), default=1.0))
        self.setAccessibleDescription(self._words())
        self.update()

    def _words(self) -> str:
        """Where each gate and state of the unit begins, ends, and how far it goes."""
        if self.unit is None or not self._curves:
            return tr("No unit is chosen.")
        said = []
        for kind in kinds(self._curves):
            values = self._curves[kind.key]
            finite = values[np.isfinite(values)]
            if finite.size:
                low, high, last = (_figure(float(value)) for value in (finite.min(), finite.max(), finite[-1]))
                title = tr(kind.title)
                said.append(
                    tr("{curve}: from {low} to {high}, at the end {last}", curve=title, low=low, high=high, last=last)
                )
        return tr("Unit {unit}", unit=self.unit) + ". " + "; ".join(said)

    def sizeHint(self) -> QSize:
        return QSize(600, 110)

    def minimumSizeHint(self) -> QSize:
        return QSize(300, 84)

    # -- painting -------------------------------------------------------------------------------------------

    def _panels(self) -> list[tuple[list[GateKind], float, float, QRectF]]:
        """Kinds, lowest and highest value, and place of each panel."""
        groups = [
            ([kind for kind in kinds(self._curves) if not kind.signed], 0.0, 1.0),
            ([kind for kind in kinds(self._curves) if kind.signed], -self._limit, self._limit),
        ]
        groups = [group for group in groups if group[0]]
        if not groups:
            return []
        width = (self.width() - _GAP * (len(groups) - 1)) / len(groups)
        inner = width - _LEFT - _RIGHT
        below = self._axis.height(self._view.x0, self._view.x1, inner)
        height = max(20.0, self.height() - _TOP - below)
        return [
            (*group, QRectF(index * (width + _GAP) + _LEFT, _TOP, inner, height)) for index, group in enumerate(groups)
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._view.tokens:
            for group, low, high, area in self._panels():
                self._paint_frame(painter, area, low, high)
                self._paint_curves(painter, area, group, low, high)
        painter.end()

    def _paint_frame(self, painter: QPainter, area: QRectF, low: float, high: float) -> None:
        colours, view = theme(), self._view
        metrics = QFontMetricsF(font("small", tabular=True))
        painter.setFont(font("small", tabular=True))
        for value in (low, (low + high) / 2, high):
            y = area.bottom() - (value - low) / (high - low) * area.height()
            painter.setPen(QPen(colours.color("border_strong" if value == 0 and low < 0 else "grid"), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(colours.color("text_muted"))
            box = QRectF(area.left() - _LEFT, y - metrics.height() / 2, _LEFT - 6, metrics.height())
            painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), _figure(value))
        marked = view.cursor[0] if view.cursor else None
        if marked is not None and view.x0 <= marked + 0.5 <= view.x1:
            cell = area.width() / (view.x1 - view.x0)
            band = QRectF(area.left() + (marked - view.x0) * cell, area.top(), cell, area.height())
            painter.fillRect(band.intersected(area), colours.color("surface_raised"))
        below = QRectF(area.left(), area.bottom() + 1, area.width(), self.height() - area.bottom())
        self._axis.paint(
            painter, below, view.x0, view.x1, colours.color("text_muted"),
            marked=marked, marked_color=colours.color("text"),
        )  # fmt: skip

    def _paint_curves(self, painter: QPainter, area: QRectF, group: list[GateKind], low: float, high: float) -> None:
        view = self._view
        first, last = max(0, math.floor(view.x0) - 1), min(view.tokens, math.ceil(view.x1) + 1)
        cell, tall = area.width() / (view.x1 - view.x0), area.height() / (high - low)
        ends: list[tuple[float, str, QColor]] = []
        for kind in group:
            color = theme().gate(kind.key)
            known, values, lines = self._line(kind.key, low, high)
            start, stop = np.searchsorted(known, (first, last)).tolist()
            if start == stop:
                continue
            x = area.left() + (known[start:stop] + 0.5 - view.x0) * cell
            y = area.bottom() - (values[start:stop] - low) * tall
            painter.save()
            painter.setClipRect(area.adjusted(-2, -4, 2, 4))
            # Piece by piece: one line of hundreds of turns and more than a pixel's width is fifty times as slow; so are
            # round ends, ten times.
            pen = QPen(color, 2 if cell >= _DENSE else 1, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap)
            pen.setCosmetic(True)
            painter.setPen(pen)
            if cell >= _DENSE:
                points = [QPointF(*point) for point in zip(x.tolist(), y.tolist(), strict=True)]
                painter.drawLines([QLineF(*ends_of) for ends_of in itertools.pairwise(points)])
                if cell >= 10:
                    painter.setPen(QPen(color, 5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
                    painter.drawPoints(points)
            else:
                painter.setTransform(
                    QTransform(cell, 0, 0, -tall, area.left() - view.x0 * cell, area.bottom() + low * tall), True
                )
                painter.drawLines(lines[start : stop - 1])
            painter.restore()
            visible = int(np.count_nonzero(x <= area.right() + 1))
            ends.append((float(y[visible - 1]), kind.key, color))
        self._paint_letters(painter, area, ends)

    def _line(self, key: str, low: float, high: float) -> tuple[np.ndarray, np.ndarray, list[QLineF]]:
        """Tokens at which a curve is known, its values there, and what joins them: by tokens and values, so that it
        serves for every zoom."""
        if key not in self._drawn:
            curve = self._curves[key]
            known = np.flatnonzero(np.isfinite(curve))
            values = np.clip(curve[known].astype(np.float64), low, high)
            points = zip((known + 0.5).tolist(), values.tolist(), strict=True)
            lines = [QLineF(*one, *other) for one, other in itertools.pairwise(points)]
            self._drawn[key] = known, values, lines
        return self._drawn[key]

    @staticmethod
    def _paint_letters(painter: QPainter, area: QRectF, ends: list[tuple[float, str, QColor]]) -> None:
        """Each curve's letter at its end, pushed apart where they would cover each other."""
        face = font("small", bold=True)
        painter.setFont(face)
        line = QFontMetricsF(face).height() * 0.9
        ends.sort(key=lambda end: end[0])
        y = -math.inf
        places: list[tuple[float, str, QColor]] = []
        for at, letter, color in ends:
            y = max(at, y + line)
            places.append((y, letter, color))
        over = (places[-1][0] - area.bottom()) if places else 0.0
        for at, letter, color in places:
            shifted = at - max(0.0, over)
            painter.setPen(color)
            box = QRectF(area.right() + 6, shifted - line / 2, _RIGHT - 6, line)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), letter)

    # -- mouse ----------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        view = self._view
        for _, _, _, area in self._panels():
            if area.left() <= event.position().x() <= area.right():
                token = int(view.x0 + (event.position().x() - area.left()) / area.width() * (view.x1 - view.x0))
                row = view.cursor[1] if view.cursor else 0
                view.set_cursor((min(max(token, 0), view.tokens - 1), min(row, view.units - 1)))
                return

    def leaveEvent(self, event: QEvent) -> None:
        self._view.set_cursor(None)


def arithmetic(
    values: Mapping[str, np.ndarray], unit: int, token: int, backward: bool = False, *, carried: bool = False
) -> str:
    """How the unit's states came about at one token, as rich text in the gates' hues; empty if there is no formula.

    LSTM: c = f c' + i g, h = o tanh(c), less what a variant leaves out. GRU: h = (1 - z) n + z h'. A prime is the step
    before in reading order; where the layer starts from a state that was ``carried`` over from elsewhere, the first
    one follows from the equation.
    """
    before = token + 1 if backward else token - 1

    def earlier(key: str, kept: float, added: float) -> float:
        if carried and before < 0 and abs(kept) > 1e-6:
            return (at(key) - added) / kept
        return at(key, before)

    def at(key: str, when: int = token) -> float:
        array = values[key]
        return float(array[when, unit]) if 0 <= when < len(array) else 0.0

    def say(key: str, value: float) -> str:
        return f'<span style="color:{theme().gate(key).name()}">{value:.2f}</span>'.replace("-", "−")

    def name(key: str, prime: str = "") -> str:
        return f'<span style="color:{theme().gate(key).name()}"><b>{key}</b>{prime}</span>'

    if {"g", "c", "h"} <= set(values):  # a gate that a variant lacks is 1
        keep, take, show = (at(key) if key in values else 1.0 for key in "fio")
        last = earlier("c", keep, take * at("g"))
        linear = not np.allclose(values["h"], values.get("o", 1.0) * np.tanh(values["c"]), atol=1e-3)
        shown, squashed = (name("c"), at("c")) if linear else (f"tanh({name('c')})", math.tanh(at("c")))

        def times(key: str, told: str) -> str:
            return f"{told}·" if key in values else ""

        return (
            f"{name('c')} = {times('f', name('f'))}{name('c', '′')} + {times('i', name('i'))}{name('g')} = "
            f"{times('f', say('f', keep))}{say('c', last)} + {times('i', say('i', take))}{say('g', at('g'))} = "
            f"{say('c', at('c'))}&nbsp;&nbsp;&nbsp;&nbsp;{name('h')} = {times('o', name('o'))}{shown} = "
            f"{times('o', say('o', show))}{squashed:.2f} = {say('h', at('h'))}"
        ).replace("·-", "·−")
    if {"z", "n", "h"} <= set(values):
        last = earlier("h", at("z"), (1 - at("z")) * at("n"))
        return (
            f"{name('h')} = (1 − {name('z')})·{name('n')} + {name('z')}·{name('h', '′')} = "
            f"{1 - at('z'):.2f}·{say('n', at('n'))} + {say('z', at('z'))}·{say('h', last)} = "
            f"{say('h', at('h'))}"
        )
    return ""


def _signed(key: str) -> bool:
    return kinds([key])[0].signed


def _figure(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".").replace("-", "−") or "0"
