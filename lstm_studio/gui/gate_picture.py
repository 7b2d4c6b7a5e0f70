"""Gates and states of one text as a picture: one panel each, units by tokens, with its scale beside it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QBuffer, QIODevice, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QGuiApplication, QImage, QPainter, QPen

from lstm_studio.errors import StudioError
from lstm_studio.gui.theme import Theme, families
from lstm_studio.gui.widgets.gates import GateKind, kinds
from lstm_studio.gui.widgets.token_axis import shown_piece
from lstm_studio.inspection.order import layer_order
from lstm_studio.runs.files import replacing, writing_output

if TYPE_CHECKING:
    from lstm_studio.inspection.trace import TextTrace
    from lstm_studio.training.events import LayerGates

SCALE = 2
"""Pixels per unit of the drawing, so that the picture is sharp in print and on dense screens."""
MARGIN, GAP, TITLE, BAR = 32, 32, 28, 64
CELL = (22, 64)
HEIGHT = (180, 420)
WIDEST = 16_000
_application: QGuiApplication | None = None


def render(
    trace: TextTrace,
    path: str | Path,
    *,
    layer: str | None = None,
    order: str = "similarity",
    dark: bool = False,
) -> None:
    """Draw the panels of one layer and direction, or of all, and save them as PNG. Needs no screen.

    Args:
        trace: What ``Predictor.trace`` returned.
        path: The picture.
        layer: "layer0.forward" and so on; all when None.
        order: Of the units: "number", "activity", "similarity" or "memory"; see ``inspection.order``.
        dark: The dark palette.

    Raises:
        StudioError: no such layer, a text too long to draw, or the file cannot be written.
    """
    path = Path(path)
    _ensure_application()
    image = draw(trace, layer=layer, order=order, theme=Theme("dark" if dark else "light"))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    with writing_output(path), replacing(path, "wb") as file:
        file.write(buffer.data().data())


def draw(trace: TextTrace, *, layer: str | None = None, order: str = "similarity", theme: Theme) -> QImage:
    """The picture itself."""
    plan = GatePicture(trace, layer=layer, order=order)
    image = QImage(int(plan.width * SCALE), int(plan.height * SCALE), QImage.Format.Format_RGB32)
    image.fill(theme.color("surface"))
    image.setDotsPerMeterX(7559)
    image.setDotsPerMeterY(7559)
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    painter.scale(SCALE, SCALE)
    try:
        plan.paint(painter, theme)
    finally:
        painter.end()
    return image


class GatePicture:
    """The panels laid out, ``width`` by ``height`` units; arguments as of ``render``.

    Raises:
        StudioError: no such layer, or a text too long to draw.
    """

    def __init__(self, trace: TextTrace, *, layer: str | None = None, order: str = "similarity") -> None:
        layers = [trace.layer(layer)] if layer is not None else list(trace.layers)
        texts = [trace.tokens_of(entry) for entry in layers]
        steps = max(map(len, texts), default=1)
        self._trace, self._fonts = trace, _Fonts()
        small = self._fonts.small_width
        longest = max((small(shown_piece(token)[:24]) for text in texts for token in text), default=0.0)
        self._cell = min(max(CELL[0], 760 / steps), CELL[1])
        self._upright = longest + 8 > self._cell
        self._labels = min(longest, 140.0) + 12 if self._upright else 24.0
        columns = 3 if self._cell * steps <= 520 else 2 if self._cell * steps <= 800 else 1
        self._panel = self._cell * steps + BAR
        self._sheets = [_Sheet(entry, order, columns) for entry in layers]
        whole = MARGIN * 2 + columns * self._panel + (columns - 1) * GAP
        self.width = max(whole, 720)  # never narrower than the head needs
        self.height = MARGIN * 2 + 72 + sum(sheet.height(self._labels) for sheet in self._sheets)
        if whole * SCALE > WIDEST or self.height * SCALE > WIDEST * 2:
            raise StudioError(
                f"A text of {steps:,} tokens is too long for a picture",
                todo="Save the numbers as .npz, or choose a shorter text or one layer",
            )

    def paint(self, painter: QPainter, theme: Theme) -> None:
        """Everything, from (0, 0) on, on whatever ground there is."""
        _head(painter, self._trace, self._fonts, theme, self.width - 2 * MARGIN)
        top = float(MARGIN + 72)
        for sheet in self._sheets:
            sheet.paint(
                painter, self._trace, self._fonts, theme, top, self._cell, self._panel, self._labels, self._upright
            )
            top += sheet.height(self._labels)


class _Fonts:
    def __init__(self) -> None:
        self.small, self.body, self.title = QFont(), QFont(), QFont()
        for face, size in ((self.small, 12), (self.body, 14), (self.title, 18)):
            face.setFamilies(families())
            face.setPixelSize(size)
        self.title.setWeight(QFont.Weight.DemiBold)
        self.body.setWeight(QFont.Weight.Medium)
        self._metrics = QFontMetricsF(self.small)

    def small_width(self, text: str) -> float:
        return self._metrics.horizontalAdvance(text)


class _Sheet:
    """The panels of one layer and direction, in rows."""

    def __init__(self, gates: LayerGates, order: str, columns: int) -> None:
        self.gates = gates
        self.kinds = kinds(gates.values)
        values = gates.values["h"]
        self.order: np.ndarray = layer_order(gates.values, order)  # type: ignore[arg-type]
        self.panel = float(min(max(HEIGHT[0], values.shape[1] * 2), HEIGHT[1]))
        self.columns = columns
        self.rows = -(-len(self.kinds) // columns)

    def height(self, labels: float) -> float:
        return 40 + self.rows * (TITLE + self.panel + labels + GAP / 2)

    def paint(
        self,
        painter: QPainter,
        trace: TextTrace,
        fonts: _Fonts,
        theme: Theme,
        top: float,
        cell: float,
        width: float,
        labels: float,
        upright: bool,
    ) -> None:
        units = self.gates.values["h"].shape[1]
        direction = "read forward" if self.gates.direction == "forward" else "read backward"
        if self.gates.part == "decoder":
            direction = "writes"
        painter.setFont(fonts.body)
        painter.setPen(theme.color("text"))
        words = f"Layer {self.gates.layer + 1}, {direction} · {units} units"
        painter.drawText(QRectF(MARGIN, top, 4000, 24), Qt.AlignmentFlag.AlignVCenter, words)
        for place, kind in enumerate(self.kinds):
            row, column = divmod(place, self.columns)
            left = MARGIN + column * (width + GAP)
            above = top + 40 + row * (TITLE + self.panel + labels + GAP / 2)
            self._panel(painter, trace, kind, fonts, theme, left, above, cell, labels, upright)

    def _panel(
        self,
        painter: QPainter,
        trace: TextTrace,
        kind: GateKind,
        fonts: _Fonts,
        theme: Theme,
        left: float,
        top: float,
        cell: float,
        labels: float,
        upright: bool,
    ) -> None:
        painter.setFont(fonts.body)
        painter.setPen(theme.gate(kind.key))
        painter.drawText(QRectF(left, top, 400, TITLE), Qt.AlignmentFlag.AlignVCenter, f"{kind.title}  {kind.key}")
        values = self.gates.values[kind.key][:, self.order]
        place = QRectF(left, top + TITLE, cell * len(values), self.panel)
        limit = max(float(np.abs(values).max(initial=0.0)), 1e-3) if kind.signed else 1.0
        if kind.key in "gn":
            limit = 1.0  # what tanh gives fills its range; c and h may be small and still tell something
        shares = (values / limit + 1) / 2 if kind.signed else values
        table = theme.diverging() if kind.signed else theme.sequential()
        painter.drawImage(place, _colours(shares.T, table))
        painter.setPen(QPen(theme.color("border"), 1))
        painter.drawRect(place)
        tokens = trace.tokens_of(self.gates)
        known = trace.known if self.gates.part == "" else (True,) * len(tokens)
        _tokens(painter, tokens, known, fonts, theme, place, cell, labels, upright)
        _scale(painter, place, table, kind.signed, limit, fonts, theme)


def _head(painter: QPainter, trace: TextTrace, fonts: _Fonts, theme: Theme, width: float) -> None:
    painter.setFont(fonts.title)
    painter.setPen(theme.color("text"))
    text = " ".join(trace.text.split())
    shown = QFontMetricsF(fonts.title).elidedText(text, Qt.TextElideMode.ElideRight, width)
    painter.drawText(QRectF(MARGIN, MARGIN, width, 28), Qt.AlignmentFlag.AlignVCenter, shown)
    painter.setFont(fonts.small)
    painter.setPen(theme.color("text_muted"))
    words = trace.verdict
    if trace.probabilities is not None:
        ranked = sorted(zip(trace.classes, trace.probabilities.tolist(), strict=True), key=lambda pair: -pair[1])[:4]
        words = " · ".join(f"{name} {100 * p:.1f} %" for name, p in ranked)
    shown = QFontMetricsF(fonts.small).elidedText(words, Qt.TextElideMode.ElideRight, width)
    painter.drawText(QRectF(MARGIN, MARGIN + 30, width, 20), Qt.AlignmentFlag.AlignVCenter, shown)


def _tokens(
    painter: QPainter,
    tokens: Sequence[str],
    known: Sequence[bool],
    fonts: _Fonts,
    theme: Theme,
    place: QRectF,
    cell: float,
    labels: float,
    upright: bool,
) -> None:
    painter.setFont(fonts.small)
    metrics = QFontMetricsF(fonts.small)
    for step, (token, familiar) in enumerate(zip(tokens, known, strict=True)):
        painter.setPen(theme.color("text" if familiar else "warning"))
        left = place.left() + step * cell
        room = labels - 12 if upright else cell - 4
        shown = metrics.elidedText(shown_piece(token), Qt.TextElideMode.ElideRight, max(room, 12))
        if upright:
            painter.save()
            painter.translate(left + cell / 2, place.bottom() + 6)
            painter.rotate(90)
            box = QRectF(0, -cell / 2, labels, cell)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
            painter.restore()
        else:
            painter.drawText(QRectF(left, place.bottom() + 4, cell, 18), Qt.AlignmentFlag.AlignCenter, shown)


def _scale(
    painter: QPainter, place: QRectF, table: np.ndarray, signed: bool, limit: float, fonts: _Fonts, theme: Theme
) -> None:
    bar = QRectF(place.right() + 10, place.top(), 8, place.height())
    painter.drawImage(bar, _colours(np.linspace(1, 0, 256)[:, None], table))
    painter.setPen(QPen(theme.color("border"), 1))
    painter.drawRect(bar)
    painter.setFont(fonts.small)
    painter.setPen(theme.color("text_muted"))
    marks = [(0.0, f"{limit:.2g}"), (0.5, "0"), (1.0, f"−{limit:.2g}")] if signed else [(0.0, "1"), (1.0, "0")]
    for at, words in marks:
        middle = bar.top() + at * bar.height()
        middle = min(max(middle, bar.top() + 7), bar.bottom() - 7)
        painter.drawText(QRectF(bar.right() + 4, middle - 9, 44, 18), Qt.AlignmentFlag.AlignVCenter, words)


def _colours(shares: np.ndarray, table: np.ndarray) -> QImage:
    """Shares 0..1 [rows, columns] as an image of as many pixels."""
    numbers = np.clip(np.nan_to_num(shares) * 255 + 0.5, 0, 255).astype(np.uint8)
    pixels = np.ascontiguousarray(table[numbers])
    rows, columns = numbers.shape
    image = QImage(pixels.data, columns, rows, columns * 4, QImage.Format.Format_RGBA8888)
    return image.copy()


def _ensure_application() -> None:
    """Fonts need an application object; without a window there is none yet, and on Linux no screen is needed."""
    global _application
    if QGuiApplication.instance() is not None:
        return
    before: Any = os.environ.get("QT_QPA_PLATFORM")
    if sys.platform.startswith("linux"):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    try:
        _application = QGuiApplication(["lstm-studio"])
    finally:
        if sys.platform.startswith("linux"):
            if before is None:
                del os.environ["QT_QPA_PLATFORM"]
            else:
                os.environ["QT_QPA_PLATFORM"] = before
    face = _application.font()
    face.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    _application.setFont(face)
