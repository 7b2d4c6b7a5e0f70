"""A chart of curves over the training steps: live, quick with hundreds of thousands of points, read with a cursor."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHideEvent, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from lstm_studio.gui.i18n import number, tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.axes import Axis, AxisFormat, Format, Grid, nearest, plain, settled
from lstm_studio.gui.widgets.basic import ElidedLabel, Label
from lstm_studio.gui.widgets.dots import Dots
from lstm_studio.gui.widgets.series import Extremes, thin_evenly, thin_extremes, value_range, visible

_SAMPLE = 5_000


@dataclass(frozen=True)
class CurveSpec:
    """One curve. ``style``: "faint" (every value, thin), "line", or "points" (few values, joined and marked)."""

    key: str
    title: str
    role: str
    style: str = "line"


@dataclass
class _Curve:
    spec: CurveSpec
    item: pg.PlotDataItem
    x: np.ndarray = field(default_factory=lambda: np.empty(0))
    y: np.ndarray = field(default_factory=lambda: np.empty(0))
    extremes: Extremes = field(default_factory=Extremes)
    dots: Dots | None = None


class _Plot(pg.PlotWidget):
    """Takes arrow keys and tells when the pointer has left."""

    key_pressed = Signal(QKeyEvent)
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()
        self.key_pressed.emit(event)
        if not event.isAccepted():
            QWidget.keyPressEvent(self, event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.left.emit()

    def sizeHint(self) -> QSize:
        return QSize(320, 180)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 80)


class _Swatch(QWidget):
    """The look of a curve beside its name."""

    def __init__(self, spec: CurveSpec) -> None:
        super().__init__()
        self._spec = spec
        self.setFixedSize(14, 14)
        theme_notifier().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = theme().color(self._spec.role)
        if self._spec.style == "star":
            painter.setFont(font("body"))
            painter.setPen(color)
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), "★")
        else:
            painter.setPen(QPen(color, 2))
            painter.drawLine(QPointF(1, 7), QPointF(13, 7))
            if self._spec.style == "points":
                painter.setBrush(color)
                painter.drawEllipse(QPointF(7, 7), 2.5, 2.5)
        painter.end()


class Legend(QWidget):
    """Swatch, name and figure of every curve: the latest, or the one at the cursor. The figures keep their places."""

    def __init__(self, specs: Sequence[CurveSpec], widest: str = "0.0000") -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self.values: dict[str, Label] = {}
        for spec in specs:
            if spec.style == "faint":
                continue
            value = Label("–", "small", tabular=True)
            value.setMinimumWidth(value.fontMetrics().horizontalAdvance(widest))
            self.values[spec.key] = value
            row.addWidget(_Swatch(spec))
            if spec.title:
                row.addWidget(ElidedLabel(tr(spec.title), size="small", tone="small"))
            row.addWidget(value)
            row.addSpacing(4)
        row.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_value(self, key: str, text: str) -> None:
        """Another figure."""
        if self.values[key].text() != text:
            self.values[key].setText(text)


def _mixed(color: QColor, ground: QColor, share: float) -> QColor:
    """What a colour that lets the ground through looks like, as one that does not."""
    parts = ((color.redF(), ground.redF()), (color.greenF(), ground.greenF()), (color.blueF(), ground.blueF()))
    return QColor.fromRgbF(*(share * one + (1 - share) * other for one, other in parts))


class CurveChart(QWidget):
    """Curves over steps with zoom, pan and a cursor. ``update_curves`` after data came in draws what is visible."""

    zoomed = Signal(bool)
    """Whether the person has moved the view away from all of the data."""

    def __init__(
        self, name: str, specs: Sequence[CurveSpec], *, shown: Format = plain, axis: AxisFormat | None = None,
        legend: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        self._shown = shown
        self._log = self._ignore = False
        self._manual = False
        self._dirty = True
        self._extent: tuple[float, float] | None = None
        self._hint_text = ""
        self._ranges: dict[str, tuple[float, float]] = {}
        self._written: tuple[str, ...] = ()
        self._epoch_of: Callable[[float], str] | None = None
        self._best: tuple[float, float] | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.legend = Legend(specs)
        column.addWidget(self.legend)
        if not legend:
            self.legend.hide()
        self.plot = _Plot(
            axisItems={"bottom": Axis("bottom"), "left": Axis("left", axis)}, background=None, enableMenu=False
        )
        self.plot.setFrameShape(_Plot.Shape.NoFrame)
        self.plot.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.plot.setAccessibleName(name)
        column.addWidget(self.plot, 1)
        self._item: pg.PlotItem = self.plot.getPlotItem()
        self._box: pg.ViewBox = self._item.getViewBox()
        self._prepare()
        self.curves: dict[str, _Curve] = {}
        for spec in specs:
            if spec.style != "star":
                item = pg.PlotDataItem(connect="finite", skipFiniteCheck=False)
                self._item.addItem(item, ignoreBounds=True)
                self.curves[spec.key] = curve = _Curve(spec, item)
                if spec.style == "points":
                    curve.dots = Dots(6)
                    self._item.addItem(curve.dots, ignoreBounds=True)
        self._restyle()
        theme_notifier().changed.connect(self._restyle)

    def _prepare(self) -> None:
        self._item.hideButtons()
        self._item.setContentsMargins(0, 4, 4, 0)
        self._item.getAxis("left").setWidth(46)
        self._item.getAxis("bottom").setHeight(22)
        self._box.disableAutoRange()
        self._box.setDefaultPadding(0)
        self._box.sigRangeChangedManually.connect(self._moved_by_hand)
        self._box.sigXRangeChanged.connect(self._range_changed)
        self._line = pg.InfiniteLine(angle=90, movable=False)
        self._best_line = pg.InfiniteLine(angle=90, movable=False)
        self._best_mark = pg.ScatterPlotItem(size=14, symbol="star")
        self._dots = pg.ScatterPlotItem(size=8)
        for z, item in ((-10, self._best_line), (20, self._best_mark), (30, self._line), (31, self._dots)):
            item.setZValue(z)
            item.setVisible(False)
            if z < 30:  # what marks the best epoch seldom moves
                item.setCacheMode(item.CacheMode.DeviceCoordinateCache)
            self._item.addItem(item, ignoreBounds=True)
        self._grid = Grid(self._item.getAxis("left"), self._box)
        self._item.addItem(self._grid, ignoreBounds=True)
        self._place = pg.TextItem()
        self._place.setFont(font("small", tabular=True))
        self._place.setZValue(40)
        self._place.setVisible(False)
        self._item.addItem(self._place, ignoreBounds=True)
        self._hint, self._unit = pg.LabelItem(), pg.LabelItem()
        for label, at in ((self._hint, (0.5, 0.5)), (self._unit, (1, 1))):
            label.setParentItem(self._box)
            label.anchor(itemPos=at, parentPos=at, offset=(0, 0))
        self._cursor: float | None = None
        self.plot.scene().sigMouseMoved.connect(self._pointer_moved)
        self.plot.left.connect(lambda: self.set_cursor(None))
        self.plot.key_pressed.connect(self._key)
        self.plot.scene().sigMouseClicked.connect(self._clicked)

    # -- what is shown --------------------------------------------------------------------------------------

    def set_data(self, key: str, x: np.ndarray, y: np.ndarray) -> None:
        """All points of a curve, x ascending. Nothing is drawn before ``update_curves``."""
        curve = self.curves[key]
        curve.x, curve.y = x, y
        self._dirty = True

    def set_best(self, best: tuple[float, float] | None) -> None:
        """Mark the best epoch at (step, value)."""
        if best != self._best:
            self._best = best
            self._dirty = True

    def set_extent(self, first: float, last: float) -> None:
        """Steps to show when nothing is zoomed, beyond what the curves cover."""
        if (first, last) != self._extent:
            self._extent = (first, last)
            self._dirty = True

    def set_hint(self, text: str) -> None:
        """What stands in the frame while there are no points."""
        self._hint_text = text
        self._write_labels()

    def _write_labels(self) -> None:
        color = theme().hex("text_muted")
        empty = not any(len(curve.x) for curve in self.curves.values())
        written = (self._hint_text if empty else "", "" if empty else self.unit_words(), color)
        if written != self._written:
            self._written = written
            self._hint.setText(written[0], color=color, size="12px")
            self._unit.setText(written[1], color=color, size="11px")

    def set_epochs(self, words: Callable[[float], str] | None) -> None:
        """How to say which epoch a step belongs to."""
        self._epoch_of = words

    def set_format(self, shown: Format, axis: AxisFormat | None) -> None:
        """How figures are written beside the names and along the axis."""
        self._shown = shown
        left = self._item.getAxis("left")
        left.shown = axis
        left.picture = None
        left.update()
        self._show_figures()

    def set_logarithmic(self, on: bool) -> None:
        """Draw the values on a logarithmic scale; those not above zero are left out."""
        if on != self._log:
            self._log = on
            self._item.setLogMode(x=False, y=on)
            self._redraw()

    def set_ignore_outliers(self, on: bool) -> None:
        """Let the axis leave out the lowest and highest hundredth of each curve."""
        if on != self._ignore:
            self._ignore = on
            self._redraw()

    def reset(self) -> None:
        """Show all of the data again, and keep following it."""
        self._set_manual(False)
        self._redraw()

    def fit_closely(self) -> None:
        """Nothing more will come: keep no room for it. A view that the person chose stays."""
        self._ranges.clear()
        self._dirty = True

    @property
    def is_zoomed(self) -> bool:
        """Whether the person chose the visible part."""
        return self._manual

    def update_curves(self) -> None:
        """Draw what came in since; nothing happens while the chart is hidden."""
        if self._dirty and self.isVisible():
            self._draw()

    def unit_words(self) -> str:
        """What is counted along the axis below."""
        return tr("steps")

    def place_words(self, place: float) -> str:
        """A place on the axis below."""
        return tr("step {n}", n=number(place))

    def best_words(self, value: str, place: float) -> str:
        """The marked place."""
        return tr("best {value} at step {n}", value=value, n=number(place))

    # -- drawing --------------------------------------------------------------------------------------------

    def _redraw(self) -> None:
        self._dirty = True
        self._ranges.clear()
        self.update_curves()

    def _draw(self) -> None:
        self._dirty = False
        if self.devicePixelRatioF() != self._ratio:  # on another screen
            self._restyle()
            return
        if not self._manual:
            self._fit()
        else:
            self._ranges.clear()
        self._box.prepareForPaint()  # left to the painting, a new range would ask for a second one
        low, high = self._box.viewRange()[0]
        pixels = max(50, int(self._box.width()))
        for curve in self.curves.values():
            part = visible(curve.x, low, high)
            thin = thin_extremes if curve.spec.style == "faint" else thin_evenly
            x, y = thin(curve.x[part], curve.y[part], pixels)
            if self._log:
                y = np.where(y > 0, y, np.nan)
            curve.item.setData(x, y)
            if curve.dots is not None:
                curve.dots.set_data(x, np.log10(y) if self._log else y)
        self._write_labels()
        self._place_best()
        self._show_figures()

    def _fit(self) -> None:
        ends = [(curve.x[0], curve.x[-1]) for curve in self.curves.values() if len(curve.x)]
        ends += [self._extent] if self._extent is not None else []
        low, high = (min(a for a, _ in ends), max(b for _, b in ends)) if ends else (0.0, 1.0)
        low, high = self._settle("x", low, high, 0.12, both_ends=False)
        margin = 0.01 * max(high - low, 1.0)
        self._box.setXRange(low - margin, high + margin, padding=0)
        if self._ignore:
            samples = [curve.y[:: max(1, len(curve.y) // _SAMPLE)] for curve in self.curves.values()]
        else:  # a sample may miss a spike
            samples = [curve.extremes.of(curve.x, curve.y, above_zero=self._log) for curve in self.curves.values()]
        values = value_range(samples, ignore_outliers=self._ignore, logarithmic=self._log)
        bottom, top = values if values else (0.1, 1.0)
        if self._log:
            bottom, top = math.log10(bottom), math.log10(top)
        bottom, top = self._settle("y", bottom, top, 0.06)
        margin = 0.06 * (top - bottom) or 0.05 * max(abs(top), 0.1)
        self._box.setYRange(bottom - margin, top + margin, padding=0)
        if values is None:  # an empty frame: what comes next need not fit into it
            self._ranges.clear()

    def _settle(
        self, axis: str, low: float, high: float, room: float, *, both_ends: bool = True
    ) -> tuple[float, float]:
        """The range of the data, or the one from before while that does; margins, which change with it, come on top."""
        self._ranges[axis] = settled(self._ranges.get(axis), low, high, room, both_ends=both_ends)
        return self._ranges[axis]

    def _place_best(self) -> None:
        best = self._best
        shown = best is not None and math.isfinite(best[1]) and (not self._log or best[1] > 0)
        self._best_mark.setVisible(shown)
        self._best_line.setVisible(shown)
        if best is not None and shown:
            self._best_mark.setData([best[0]], [math.log10(best[1]) if self._log else best[1]])
            self._best_line.setValue(best[0])

    def _range_changed(self) -> None:
        if self._manual:
            self._redraw()

    def _moved_by_hand(self) -> None:
        self._set_manual(True)
        self._redraw()

    def _set_manual(self, on: bool) -> None:
        if on != self._manual:
            self._manual = on
            self.zoomed.emit(on)

    def _restyle(self) -> None:
        colours = theme()
        self._ratio = ratio = self.devicePixelRatioF()  # the pens' widths count dots
        self.plot.setBackground(colours.color("surface"))
        for name in ("left", "bottom"):
            axis = self._item.getAxis(name)
            axis.setPen(pg.mkPen(colours.color("border")))
            axis.setTextPen(pg.mkPen(colours.color("text_muted")))
        self._grid.update()
        for curve in self.curves.values():
            color = colours.color(curve.spec.role)
            # Piece by piece: a path of many turns takes Qt ten times as long where it is wide or lets things through.
            curve.item.curve.setSegmentedLineMode("on")
            if curve.spec.style == "faint":
                curve.item.setPen(pg.mkPen(_mixed(color, colours.color("surface"), 0.28), width=ratio))
                continue
            curve.item.setPen(pg.mkPen(color, width=2 * ratio))
            curve.item.opts["antialias"] = True
            if curve.dots is not None:
                curve.dots.set_look(color, ratio)
        best = colours.color("plot_best")
        self._best_mark.setBrush(pg.mkBrush(best))
        self._best_mark.setPen(pg.mkPen(colours.color("surface"), width=1))
        self._best_line.setPen(pg.mkPen(best, width=ratio, style=Qt.PenStyle.DashLine))
        self._line.setPen(pg.mkPen(colours.color("text_muted"), width=ratio))
        self._place.setColor(colours.color("text"))
        self._place.fill = pg.mkBrush(colours.color("surface"))
        self._write_labels()
        self._dots.setPen(pg.mkPen(colours.color("surface"), width=1))
        self._redraw()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._redraw()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._cursor = None

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._redraw()

    # -- cursor ---------------------------------------------------------------------------------------------

    def set_cursor(self, step: float | None) -> None:
        """Read all curves at a step; None goes back to the latest figures."""
        if step != self._cursor:
            self._cursor = step
            self._show_figures()

    def figures(self) -> dict[str, tuple[float, float]]:
        """Key -> (step, value) of every curve at the cursor, or its last point."""
        found = {}
        for key, curve in self.curves.items():
            if not len(curve.x):
                continue
            index = len(curve.x) - 1 if self._cursor is None else nearest(curve.x, self._cursor)
            found[key] = (float(curve.x[index]), float(curve.y[index]))
        return found

    def _show_figures(self) -> None:
        figures = self.figures()
        for key in self.legend.values:
            if key == "best":
                self.legend.set_value(key, self._shown(self._best[1]) if self._best else "–")
            else:
                self.legend.set_value(key, self._shown(figures[key][1]) if key in figures else "–")
        on = self._cursor is not None and bool(figures)
        self._line.setVisible(on)
        self._dots.setVisible(on)
        if not on or self._cursor is None:
            self._place.setVisible(False)
            self._describe("")
            return
        longest = max(self.curves.values(), key=lambda curve: len(curve.x))
        step = float(longest.x[nearest(longest.x, self._cursor)])
        self._line.setValue(step)
        points = [
            (x, math.log10(y) if self._log else y, self.curves[key].spec)
            for key, (x, y) in figures.items()
            if math.isfinite(y) and (y > 0 or not self._log) and self.curves[key].spec.style != "faint"
        ]
        self._dots.setData(
            [x for x, _, _ in points],
            [y for _, y, _ in points],
            brush=[pg.mkBrush(theme().color(spec.role)) for _, _, spec in points],
        )
        words = self.place_words(step)
        if self._epoch_of is not None:
            words = f"{words} · {self._epoch_of(step)}"
        (low, high), (_, top) = self._box.viewRange()
        self._place.setText(words)
        self._place.setAnchor((1.05, 0) if step > (low + high) / 2 else (-0.05, 0))
        self._place.setPos(step, top)
        self._place.setVisible(True)
        self._describe(words)

    def _describe(self, place: str) -> None:
        """What the curves say at a place, or at their end if ``place`` is empty, for who does not see them."""
        found = {key: point for key, point in self.figures().items() if self.curves[key].spec.style != "faint"}
        if not found:
            words = self._hint_text or tr("Nothing is shown yet.")
        else:
            said = [f"{tr(self.curves[key].spec.title)} {self._shown(y)}" for key, (_, y) in found.items()]
            place = place or self.place_words(max(x for x, _ in found.values()))
            words = ", ".join([place, *said])
            if self._best is not None and math.isfinite(self._best[1]):
                words += "; " + self.best_words(self._shown(self._best[1]), self._best[0])
            words += ". " + tr("The arrow keys read the curves step by step.")
        if words != self.plot.accessibleDescription():
            self.plot.setAccessibleDescription(words)

    def _pointer_moved(self, position: QPointF) -> None:
        inside = self._box.sceneBoundingRect().contains(position)
        self.set_cursor(self._box.mapSceneToView(position).x() if inside else None)

    def _clicked(self, event: object) -> None:
        if getattr(event, "double", lambda: False)():
            self.reset()

    def _key(self, event: QKeyEvent) -> None:
        low, high = self._box.viewRange()[0]
        step = (high - low) / 100 * (10 if event.modifiers() & Qt.KeyboardModifier.ControlModifier else 1)
        middle = self._cursor if self._cursor is not None else (low + high) / 2
        key = Qt.Key(event.key())
        moves = {Qt.Key.Key_Left: middle - step, Qt.Key.Key_Right: middle + step}
        if key in moves:
            self.set_cursor(min(max(moves[key], low), high))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.set_cursor(low if key == Qt.Key.Key_Home else high)
        elif key == Qt.Key.Key_Escape and self._cursor is not None:
            self.set_cursor(None)
        elif event.text() in ("+", "=", "-"):
            factor = 1.5 if event.text() == "-" else 1 / 1.5
            self._set_manual(True)
            self._box.setXRange(middle - (middle - low) * factor, middle + (high - middle) * factor, padding=0)
        elif event.text() == "0":
            self.reset()
        else:
            return
        event.accept()
