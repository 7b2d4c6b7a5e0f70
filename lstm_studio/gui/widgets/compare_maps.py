"""One gate of two networks over the same text: a heatmap of each, and of the difference where both fit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import S1, S2
from lstm_studio.gui.widgets.basic import Chip, ElidedLabel, Label
from lstm_studio.gui.widgets.color_bar import ColorBar
from lstm_studio.gui.widgets.gate_panel import limit_of
from lstm_studio.gui.widgets.gates import GateKind
from lstm_studio.gui.widgets.heatmap import Heatmap
from lstm_studio.gui.widgets.linked_view import LinkedView
from lstm_studio.gui.widgets.token_axis import quoted


class MapTitle(QWidget):
    """A letter, what the map shows, and its scale."""

    def __init__(self, letter: str, words: str, signed: bool) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S1)
        self.words = ElidedLabel(words)
        self.value = Label("", "small", tabular=True)
        self.bar = ColorBar(signed)
        if letter:
            row.addWidget(Chip(letter, "accent"))
        row.addWidget(self.words, 1)
        row.addWidget(self.value)
        row.addWidget(self.bar)


class CompareMaps(QWidget):
    """Two or three heatmaps side by side. They zoom and point together if texts and sizes are the same."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S1)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(S2)
        self._grid.setVerticalSpacing(S1)
        self._grid.setRowStretch(1, 1)
        column.addLayout(self._grid, 1)
        self.status = ElidedLabel(size="small", tone="small")
        column.addWidget(self.status)
        self.maps: list[Heatmap] = []
        self.titles: list[MapTitle] = []
        self._tokens: tuple[str, ...] = ()
        self._names: tuple[str, str] = ("", "")
        self._built: tuple[object, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def differing(self) -> bool:
        """Whether the difference is shown."""
        return len(self.maps) == 3

    def set_values(
        self,
        kind: GateKind,
        names: tuple[str, str],
        tokens: tuple[Sequence[str], Sequence[str]],
        values: tuple[np.ndarray, np.ndarray],
    ) -> None:
        """Show a gate.

        Args:
            kind: Which.
            names: Of the two runs.
            tokens: What each layer runs over.
            values: float [T, H] of each.
        """
        same = tuple(tokens[0]) == tuple(tokens[1]) and values[0].shape == values[1].shape
        self._build(kind, names, same)
        self._tokens = tuple(tokens[0])
        limit = max(map(limit_of, values)) if kind.signed else 1.0
        for number in (0, 1):
            self._fill(number, tokens[number], values[number], -limit if kind.signed else 0.0, limit)
        if same:
            difference = values[1] - values[0]
            limit = limit_of(difference)
            self._fill(2, tokens[0], difference, -limit, limit)
        self._point()

    def clear(self) -> None:
        """Nothing to show."""
        for map_ in self.maps:
            map_.set_values(None)
        self.status.setText("")

    def _fill(self, number: int, tokens: Sequence[str], values: np.ndarray, low: float, high: float) -> None:
        map_ = self.maps[number]
        map_.view.set_extent(len(tokens), values.shape[1])
        map_.set_limits(low, high)
        self.titles[number].bar.set_limits(low, high)
        map_.set_tokens(tokens)
        map_.set_values(values)

    def _build(self, kind: GateKind, names: tuple[str, str], same: bool) -> None:
        if self._built == (kind, names, same):
            return
        self._built, self._names = (kind, names, same), names
        for old in (*self.maps, *self.titles):
            self._grid.removeWidget(old)
            old.hide()
            old.deleteLater()
        # The difference has the hue of its gate, and the scale of a state.
        other = GateKind(kind.key, "Difference", "What B is above or below A.", kind.role, True)
        view = LinkedView(self)
        views = (view, view, view) if same else (view, LinkedView(self))
        titles = [("A", names[0]), ("B", names[1]), ("", tr("Difference, B less A"))][: len(views)]
        self.maps, self.titles = [], []
        for number, (own, (letter, words)) in enumerate(zip(views, titles, strict=True)):
            which = kind if number < 2 else other
            self.titles.append(MapTitle(letter, words, which.signed))
            self.maps.append(Heatmap(which, own, self))
            self._grid.addWidget(self.titles[-1], 0, number)
            self._grid.addWidget(self.maps[-1], 1, number)
            self.maps[-1].set_labels(tokens=True, units=number == 0 or not same)
            self.maps[-1].setToolTip("")
        for number in range(3):
            self._grid.setColumnStretch(number, 1 if number < len(self.maps) else 0)
        for own in dict.fromkeys(views):
            own.cursor_changed.connect(self._point)

    def _point(self) -> None:
        """Values under the cursor."""
        words = ""
        for title, map_ in zip(self.titles, self.maps, strict=True):
            cursor = map_.view.cursor
            value = map_.value_at(*cursor) if cursor is not None else None
            shown = "" if value is None else f"{value:+.2f}" if map_.kind.signed else f"{value:.2f}"
            title.value.setText(shown.replace("-", "−"))
            if cursor is not None and cursor[0] < len(map_._tokens):
                words = tr(
                    "“{token}” · token {n} of {all} · unit {unit}",
                    token=quoted(map_._tokens[cursor[0]]),
                    n=cursor[0] + 1,
                    all=len(map_._tokens),
                    unit=map_.unit_at(cursor[1]),
                )
        self.status.setText(words)

    def sizeHint(self) -> QSize:
        return QSize(840, 260)
