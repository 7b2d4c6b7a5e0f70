"""One gate several times side by side: as it was, as it is, and the difference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import S1, font, theme, theme_notifier
from lstm_studio.gui.widgets.basic import ElidedLabel, Label, Muted
from lstm_studio.gui.widgets.color_bar import ColorBar
from lstm_studio.gui.widgets.gate_panel import limit_of
from lstm_studio.gui.widgets.gates import GateKind, kinds
from lstm_studio.gui.widgets.heatmap import Heatmap
from lstm_studio.gui.widgets.linked_view import LinkedView
from lstm_studio.gui.widgets.select_heatmap import SelectHeatmap
from lstm_studio.gui.widgets.token_axis import quoted

_TITLE = 24
_NARROW = 225
"""Pixels below which a title has no room for its scale."""


class MapTitle(QWidget):
    """Letter and name in the gate's hue, the value under the cursor, the scale."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._kind = kinds(["f"])[0]
        self.setFixedHeight(_TITLE)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S1)
        self.letter = Label()
        self.letter.setFont(font("body", bold=True))
        self.name = ElidedLabel(name)
        self.value = Label("", "small", tabular=True)
        self.bars = [ColorBar(False), ColorBar(True)]
        row.addWidget(self.letter)
        row.addWidget(self.name, 1)
        row.addWidget(self.value)
        for bar in self.bars:
            row.addWidget(bar)
        theme_notifier().changed.connect(self._recolour)
        self.set_kind(self._kind, 0.0, 1.0)

    def set_kind(self, kind: GateKind, low: float, high: float) -> None:
        """Of another gate, with another scale."""
        self._kind = kind
        self.letter.setText(kind.key)
        self.bars[kind.signed].set_limits(low, high)
        self._fit()
        self._recolour()

    def show_value(self, value: float | None) -> None:
        """What is under the cursor."""
        known = value is not None and math.isfinite(value)
        words = f"{value:{'+' if self._kind.signed else ''}.2f}".replace("-", "−") if known else ""
        self.value.setText(words)

    def _recolour(self) -> None:
        self.letter.setStyleSheet(f"color: {theme().gate(self._kind.key).name()};")

    def _fit(self) -> None:
        for signed, bar in enumerate(self.bars):
            bar.setVisible(bool(signed) == self._kind.signed and self.width() >= _NARROW)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


class MapRow(QWidget):
    """Heatmaps that zoom and point together; the last one shows a difference, around zero.

    Args:
        titles: Of each.
        hint: What stands in place of a difference while there is none.
        pick: Whether cells can be picked in the first; it is then a ``SelectHeatmap``.
    """

    def __init__(self, titles: Sequence[str], hint: str, *, pick: bool = False) -> None:
        super().__init__()
        self.view = LinkedView(self)
        self._labels: tuple[str, ...] = ()
        kind = kinds(["f"])[0]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S1 // 2)
        self._row = row = QHBoxLayout()
        row.setSpacing(S1)
        self._titles = [MapTitle(words) for words in titles]
        self.maps: list[Heatmap] = []
        self._columns: list[QVBoxLayout] = []
        for place, title in enumerate(self._titles):
            map_ = SelectHeatmap(kind, self.view) if pick and not place else Heatmap(kind, self.view)
            map_.set_labels(tokens=True, units=not place)
            self.maps.append(map_)
            own = QVBoxLayout()
            own.setSpacing(0)
            own.addWidget(title)
            own.addWidget(map_, 1)
            row.addLayout(own, 1)
            self._columns.append(own)
        self.hint = Muted(hint)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        own.addWidget(self.hint, 1)
        column.addLayout(row, 1)
        self.status = ElidedLabel(size="small", tone="small")
        column.addWidget(self.status)
        self.view.cursor_changed.connect(self._point)

    def set_maps(
        self,
        gate: str,
        labels: Sequence[str],
        values: Sequence[np.ndarray | None],
        own_labels: Sequence[Sequence[str]] = (),
    ) -> None:
        """Show a gate.

        Args:
            gate: Its letter.
            labels: What the N columns are.
            values: Arrays [N, H], the last one a difference; None for one that there is not.
            own_labels: What stands below the first maps instead.
        """
        kind = kinds([gate])[0]
        self._labels = tuple(labels)
        shapes = [array.shape for array in values if array is not None]
        self.view.set_extent(*(shapes[0] if shapes else (0, 0)))
        plain = [array for array in values[:-1] if array is not None]
        limit = max((limit_of(array) for array in plain), default=1.0) if kind.signed else 1.0
        for place, (title, map_, array) in enumerate(zip(self._titles, self.maps, values, strict=True)):
            last = place == len(self.maps) - 1
            own: GateKind = replace(kind, signed=True) if last else kind
            most = limit
            if last:
                most = max(0.01, limit_of(array)) if array is not None else 1.0  # less than that is no change
            low = -most if own.signed else 0.0
            title.set_kind(own, low, most)
            map_.kind = own
            map_.set_limits(low, most)
            map_.set_tokens(own_labels[place] if place < len(own_labels) else self._labels)
            map_.set_values(array)
            map_.setVisible(array is not None)
            title.setVisible(array is not None)
        self.hint.setVisible(values[-1] is None)
        self._share()
        self._point()

    def _share(self) -> None:
        """Equally wide pictures; the first one has the numbers of the units beside it."""
        left, gaps = math.ceil(self.maps[0].left_margin()), S1 * (len(self.maps) - 1)
        wide = max(40, (self.width() - left - gaps) // len(self.maps))
        for place in range(len(self.maps)):
            self._row.setStretch(place, wide if place else wide + left)
        # Labels may be level below one and slanted below another: the pictures end at the same height all the same.
        tall = [map_.axis_height(wide) for map_ in self.maps]
        for own, height in zip(self._columns, tall, strict=True):
            own.setContentsMargins(0, 0, 0, math.ceil(max(tall) - height))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share()

    def _point(self) -> None:
        cursor = self.view.cursor
        for title, map_ in zip(self._titles, self.maps, strict=True):
            title.show_value(map_.value_at(*cursor) if cursor else None)
        if cursor is None or cursor[0] >= len(self._labels):
            self.status.setText("")
            return
        self.status.setText(
            tr(
                "“{token}” · token {n} of {all} · unit {unit}",
                token=quoted(self._labels[cursor[0]]),
                n=cursor[0] + 1,
                all=len(self._labels),
                unit=self.maps[0].unit_at(cursor[1]),
            )
        )
