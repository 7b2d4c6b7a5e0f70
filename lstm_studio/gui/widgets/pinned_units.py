"""Units that are kept in sight: their traces below each other, the chosen one on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import S1, font
from lstm_studio.gui.widgets.basic import IconButton, Label, LinkButton, Muted, describe, empty, reachable
from lstm_studio.gui.widgets.linked_view import LinkedView
from lstm_studio.gui.widgets.time_chart import constant_words
from lstm_studio.gui.widgets.unit_trace import UnitTrace

_TALL = 104


class PinnedUnits(QWidget):
    """Which units are pinned is told by whoever shows them; clicks ask."""

    pin_asked = Signal(int)
    """The unit is to be pinned, or no longer."""
    unit_asked = Signal(int)

    def __init__(self, view: LinkedView) -> None:
        super().__init__()
        self._view = view
        self._shown: tuple[int, ...] = ()
        self._pins: tuple[int, ...] = ()
        self._traces: dict[int, tuple[UnitTrace, Label]] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._list = QWidget()
        self._list.setObjectName("content")
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(S1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._list)
        reachable(area, tr("Traces of units"))
        column.addWidget(area)

    @property
    def units(self) -> tuple[int, ...]:
        """Those whose traces are shown, from the top."""
        return self._shown

    def set_units(
        self,
        tokens: Sequence[str],
        values: Mapping[str, np.ndarray],
        chosen: int | None,
        pins: Sequence[int],
        constants: np.ndarray | None,
    ) -> None:
        """Show traces.

        Args:
            tokens: [T].
            values: Gates and states [T, H].
            chosen: The unit that is looked at; it stands on top unless it is pinned.
            pins: In the order in which they were pinned.
            constants: Time constants [H], where the cell has some.
        """
        loose = () if chosen is None or chosen in pins else (chosen,)
        shown = (*loose, *pins)
        if (shown, tuple(pins)) != (self._shown, self._pins):
            self._shown, self._pins = shown, tuple(pins)
            self._build()
        for unit, (trace, title) in self._traces.items():
            trace.set_unit(tokens, values, unit)
            kept = "" if constants is None else tr("time constant {time}", time=constant_words(float(constants[unit])))
            title.setText(f"{tr('Unit {n}', n=unit)}   {kept}".rstrip())

    def _build(self) -> None:
        empty(self._column)
        self._traces = {}
        for unit in self._shown:
            pinned = unit in self._pins
            block = QWidget()
            column = QVBoxLayout(block)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(0)
            head = QHBoxLayout()
            title = Label("", "small", tabular=True)
            title.setFont(font("small", bold=True, tabular=True))
            head.addWidget(title, 1)
            if pinned:
                head.addWidget(
                    IconButton("close", tr("Unpin unit {n}", n=unit), tr("Takes its trace away."),
                               callback=partial(self.pin_asked.emit, unit))
                )  # fmt: skip
            else:
                pin = LinkButton(tr("Pin"), "plus", callback=partial(self.pin_asked.emit, unit))
                describe(pin, pin.text(), tr("Its trace stays here while other units are looked at."), "Ctrl+Shift+P")
                head.addWidget(pin)
            trace = UnitTrace(self._view)
            trace.setFixedHeight(_TALL)
            column.addLayout(head)
            column.addWidget(trace)
            self._column.addWidget(block)
            self._traces[unit] = (trace, title)
        if not self._shown:
            self._column.addWidget(Muted(tr("Click a point on the left to see what the unit does over the text.")))
        self._column.addStretch(1)
