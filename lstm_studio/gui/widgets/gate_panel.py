"""Gates and states of one layer side by side: heatmaps that zoom, pan and point together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from lstm_studio.gui.i18n import ntr, number, tr
from lstm_studio.gui.theme import S1, font, theme, theme_notifier
from lstm_studio.gui.widgets.basic import ElidedLabel, IconButton, Label
from lstm_studio.gui.widgets.color_bar import ColorBar
from lstm_studio.gui.widgets.gates import LSTM_KEYS, GateKind, kinds
from lstm_studio.gui.widgets.heatmap import RIGHT, Heatmap
from lstm_studio.gui.widgets.linked_view import LinkedView
from lstm_studio.gui.widgets.raster import nice_limit, robust_limit
from lstm_studio.gui.widgets.saveable import render_widget
from lstm_studio.gui.widgets.token_axis import quoted
from lstm_studio.gui.widgets.verdict_band import HEIGHT, VerdictBand
from lstm_studio.gui.widgets.verdicts import Verdicts
from lstm_studio.training.events import LayerGates

_TITLE = 24
_GAP = 12
_NARROWEST_CELL = 9
_FLAT = 380
_NARROW = 240
_TINY = 170


def limit_of(values: np.ndarray) -> float:
    """A round symmetric limit for a signed state: where 98 % of the values end, from a sample of a large array."""
    flat = values.ravel()
    return nice_limit(robust_limit(flat[:: max(1, flat.size // 50_000)], 0.98))


class GateTitle(QWidget):
    """Letter and name of a gate in its hue, the value under the cursor, the scale."""

    def __init__(self, kind: GateKind, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = kind
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S1)
        self.name = ElidedLabel(tr(kind.title))
        self.letter = Label(kind.key)
        self.letter.setFont(font("body", bold=True))
        self.value = Label("", "small", tabular=True)
        self.bar = ColorBar(kind.signed)
        row.addWidget(self.letter)
        row.addWidget(self.name, 1)
        row.addWidget(self.value)
        row.addWidget(self.bar)
        self.setToolTip(tr(kind.help))
        theme_notifier().changed.connect(self._recolour)
        self._recolour()

    def _recolour(self) -> None:
        hue = theme().gate(self.kind.key).name()
        for label in (self.letter, self.name):
            label.setStyleSheet(f"color: {hue};")

    def paint_title(self, painter: QPainter, area: QRect) -> None:
        """The title for a picture; its labels themselves follow the style sheet."""
        x, flags = area.left(), int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        painter.setPen(theme().gate(self.kind.key))
        for face, words in ((self.letter.font(), self.kind.key), (self.name.font(), self.name.text())):
            painter.setFont(face)
            painter.drawText(QRect(x, area.top(), area.width(), area.height()), flags, words)
            x += painter.fontMetrics().horizontalAdvance(words) + S1
        if self.bar.isVisibleTo(self):
            render_widget(self.bar, painter, area.topLeft() + self.bar.pos())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.bar.setVisible(self.width() >= _NARROW)
        self.name.setFont(font("small" if self.width() < _TINY else "body"))
        super().resizeEvent(event)


class GateGrid(QWidget):
    """Up to six heatmaps, all equally large: in one row in a flat place if the text is short, else in rows of three."""

    changed = Signal()
    """Other things can be seen: values, range, cursor or chosen unit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = LinkedView(self)
        self.tokens: list[str] = []
        self.layer: LayerGates | None = None
        self.order: np.ndarray | None = None
        self._titles: list[GateTitle] = []
        self.maps: list[Heatmap] = []
        self.verdicts: Verdicts | None = None
        self._bands: list[VerdictBand] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._build(LSTM_KEYS)
        self.view.cursor_changed.connect(self._show_values)
        self.view.range_changed.connect(self.changed)
        self.view.chosen_changed.connect(self.changed)

    def set_gates(
        self,
        tokens: Sequence[str],
        layer: LayerGates | None,
        order: np.ndarray | None = None,
        limits: Mapping[str, float] | None = None,
    ) -> None:
        """Show one layer and direction over ``tokens``; None clears.

        Args:
            tokens: T words or characters.
            layer: Its arrays are [T, H].
            order: Unit numbers from the top row down.
            limits: Ends of the signed scales by key; measured on the values when left out.
        """
        same_text = list(tokens) == self.tokens
        self.tokens, self.layer, self.order = list(tokens), layer, order
        if layer is not None and {map_.kind.key for map_ in self.maps} != set(layer.values):
            self._build(tuple(layer.values))
        units = next(iter(layer.values.values())).shape[1] if layer is not None and layer.values else 0
        self.view.set_extent(len(self.tokens), units)
        for title, map_ in zip(self._titles, self.maps, strict=True):
            values = layer.values.get(map_.kind.key) if layer is not None else None
            if values is not None and map_.kind.signed:
                limit = limits[map_.kind.key] if limits and map_.kind.key in limits else limit_of(values)
                map_.set_limits(-limit, limit)
                title.bar.set_limits(-limit, limit)
            map_.set_tokens(self.tokens)
            map_.set_values(values, order)
        if not same_text:
            self._arrange()
        self._show_values()

    def set_verdicts(self, verdicts: Verdicts | None) -> None:
        """What the network says at each token, as a band below each column of heatmaps; None: no bands."""
        there = self.verdicts is not None
        self.verdicts = verdicts
        for band in self._bands:
            band.set_verdicts(verdicts)
        if there != (verdicts is not None):
            self._arrange()
        self.changed.emit()

    def cell_words(self) -> str:
        """What is under the cursor, or how much is shown."""
        if self.layer is None:
            return ""
        if self.view.cursor is None:
            return self._extent_words()
        token, row = self.view.cursor
        words = tr(
            "“{token}” · token {n} of {all} · unit {unit}",
            token=quoted(self.tokens[token]),
            n=token + 1,
            all=len(self.tokens),
            unit=self.maps[0].unit_at(row),
        )
        told = self.verdicts is not None and token < len(self.verdicts)
        return f"{words} · {self.verdicts.words(token)}" if told and self.verdicts is not None else words

    def _extent_words(self) -> str:
        parts = [ntr("{n} unit", "{n} units", self.view.units), ntr("{n} token", "{n} tokens", self.view.tokens)]
        grouped = self.maps[0].units_per_pixel_row() if self.maps else 1
        if grouped > 1:
            parts.append(tr("{n} units a line (mean)", n=number(grouped)))
        return " · ".join(parts)

    def to_image(self, heading: str = "", scale: float = 2.0) -> QImage:
        """The picture as it stands, ``scale`` times as sharp, on the surface's colour."""
        margin, top = 16, 40 if heading else 16
        image = QImage(
            QSize(math.ceil((self.width() + 2 * margin) * scale), math.ceil((self.height() + top + margin) * scale)),
            QImage.Format.Format_RGB32,
        )
        image.setDevicePixelRatio(scale)
        image.fill(theme().color("surface"))
        painter = QPainter(image)
        if heading:
            painter.setFont(font("body", bold=True))
            painter.setPen(theme().color("text"))
            area = QRect(margin, 8, self.width(), 28)
            text = painter.fontMetrics().elidedText(heading, Qt.TextElideMode.ElideRight, area.width())
            painter.drawText(area, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)
        painter.translate(margin, top)
        self.paint_gates(painter)
        painter.end()
        return image

    def paint_gates(self, painter: QPainter) -> None:
        """The picture as it stands, on whatever ground there is; names and figures in the colours of ``theme()``."""
        for title, map_ in zip(self._titles, self.maps, strict=True):
            title.paint_title(painter, title.geometry())
            render_widget(map_, painter, map_.pos())
        for band in self._bands:
            if band.isVisibleTo(self):
                render_widget(band, painter, band.pos())

    # -- inside ---------------------------------------------------------------------------------------------

    def _build(self, keys: Sequence[str]) -> None:
        for old in (*self._titles, *self.maps):
            old.hide()
            old.deleteLater()
        self._titles = [GateTitle(kind, self) for kind in kinds(keys)]
        self.maps = [Heatmap(kind, self.view, self) for kind in kinds(keys)]
        for title, map_ in zip(self._titles, self.maps, strict=True):
            title.show()
            map_.setToolTip("")
            map_.show()
        self._arrange()

    def columns(self) -> int:
        """Heatmaps in a row: all of them for a short text in a flat place."""
        count = len(self.maps)
        if count <= 3:
            return max(1, count)
        few = 2 if count == 4 else 3
        wide = (self.width() / count) / max(1, len(self.tokens)) >= _NARROWEST_CELL
        flat = self.height() < _FLAT and self.width() >= count * 120
        return count if wide and flat else few

    def _arrange(self) -> None:
        if not self.maps:
            return
        columns = self.columns()
        rows = math.ceil(len(self.maps) / columns)
        for index, map_ in enumerate(self.maps):
            last = index + columns >= len(self.maps)
            map_.set_labels(tokens=last, units=index % columns == 0)
        bottom = self.maps[0]
        left = math.ceil(bottom.left_margin())
        width = max(40, (self.width() - left - (columns - 1) * _GAP - RIGHT) // columns)
        labels = math.ceil(self.maps[-1].axis_height(width))
        band = HEIGHT + 4 if self.verdicts is not None else 0
        self._fit_bands(min(columns, len(self.maps)))
        height = max(24, (self.height() - labels - band - rows * _TITLE - (rows - 1) * S1) // rows)
        for index, (title, map_) in enumerate(zip(self._titles, self.maps, strict=True)):
            row, column = divmod(index, columns)
            x = left + column * (width + _GAP)
            y = row * (height + _TITLE + S1)
            title.setGeometry(x, y, width, _TITLE)
            margin = left if column == 0 else 1
            extra = labels if index + columns >= len(self.maps) else 1
            map_.setGeometry(x - margin, y + _TITLE, width + margin + RIGHT, height + extra)
            if band and index + columns >= len(self.maps):
                self._bands[column].setGeometry(x, y + _TITLE + height + extra + 2, width, HEIGHT)

    def _fit_bands(self, columns: int) -> None:
        """A band a column, where there is something to say."""
        while len(self._bands) < columns:
            self._bands.append(VerdictBand(self.view, self))
            self._bands[-1].set_verdicts(self.verdicts)
        for place, band in enumerate(self._bands):
            band.setVisible(self.verdicts is not None and place < columns)

    def _show_values(self) -> None:
        cursor = self.view.cursor
        for title, map_ in zip(self._titles, self.maps, strict=True):
            value = map_.value_at(*cursor) if cursor else None
            title.value.setText(_value_words(value, map_.kind.signed))
        self.changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()
        self.changed.emit()

    def sizeHint(self) -> QSize:
        return QSize(840, 300)

    def minimumSizeHint(self) -> QSize:
        return QSize(420, 180)


class GateStatus(QWidget):
    """The line below a grid: what is under the cursor, and a way back from zooming."""

    def __init__(self, grid: GateGrid, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = grid
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S1)
        self.label = ElidedLabel(size="small", tone="small")
        self.reset = IconButton(
            "zoom_reset", tr("Show everything"), tr("Ends zooming: all tokens and units are shown."),
            callback=grid.view.reset,
        )  # fmt: skip
        row.addWidget(self.label, 1)
        row.addWidget(self.reset)
        grid.changed.connect(self.refresh)
        self.setFixedHeight(28)
        self.refresh()

    def refresh(self) -> None:
        """Follow the grid."""
        self.label.setText(self._grid.cell_words())
        self.reset.setVisible(not self._grid.view.whole)


def _value_words(value: float | None, signed: bool) -> str:
    if value is None or math.isnan(value):
        return ""
    return f"{value:+.2f}".replace("-", "−") if signed else f"{value:.2f}"
