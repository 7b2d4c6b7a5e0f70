"""The clamps that are on, one a line: a click takes one in hand, the cross takes it away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.theme import S1, theme
from lstm_studio.gui.widgets.basic import IconButton, describe, empty
from lstm_studio.gui.widgets.token_axis import quoted
from lstm_studio.inspection.clamps import Clamp

if TYPE_CHECKING:
    from lstm_studio.inspection.trace import TextTrace
    from lstm_studio.training.events import LayerGates

_LINE = 32
_LINES = 4


class _Line(QToolButton):
    """Words from the left, shortened where they do not fit."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = words
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedHeight(_LINE - 2)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)  # the ground; there is no text of its own
        painter = QPainter(self)
        painter.setPen(theme().color("accent" if self.isChecked() else "text"))
        area = self.rect().adjusted(S1, 0, -S1, 0)
        shown = self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)
        painter.end()


class ClampList(QScrollArea):
    """At most four lines are in sight."""

    chosen = Signal(int)
    removed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        content = QWidget()
        content.setObjectName("content")
        self._lines = QVBoxLayout(content)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(2)
        self.setWidget(content)
        self.buttons: list[QToolButton] = []
        self.crosses: list[IconButton] = []
        self._shown: object = None
        self.set_clamps([], None, ())

    def set_clamps(self, clamps: Sequence[Clamp], active: int | None, tokens: Sequence[str]) -> None:
        """Show these; ``active`` is in hand; ``tokens`` are those of the layer that is looked at."""
        shown = (tuple(clamps), tuple(tokens))
        if shown != self._shown:
            self._shown = shown
            self._build(clamps, tokens)
        for place, button in enumerate(self.buttons):
            button.setChecked(place == active)

    def _build(self, clamps: Sequence[Clamp], tokens: Sequence[str]) -> None:
        empty(self._lines)
        self.buttons, self.crosses = [], []
        for place, clamp in enumerate(clamps):
            words = clamp_words(clamp, tokens)
            line = QWidget()
            row = QHBoxLayout(line)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(S1 // 2)
            button = _Line(words)
            describe(button, words, tr("{clamp}. What is chosen above changes this clamp.", clamp=words))
            button.clicked.connect(lambda _=False, place=place: self.chosen.emit(place))
            cross = IconButton(
                "close", tr("Remove"), tr("Removes this clamp."),
                callback=partial(self.removed.emit, place),
            )  # fmt: skip
            row.addWidget(button, 1)
            row.addWidget(cross)
            line.setFixedHeight(_LINE)
            self._lines.addWidget(line)
            self.buttons.append(button)
            self.crosses.append(cross)
        self._lines.addStretch(1)
        self.setFixedHeight(min(_LINES, max(1, len(clamps))) * (_LINE + 2))


def clamp_words(clamp: Clamp, tokens: Sequence[str] = ()) -> str:
    """ "f = 1 · units 3–7 · “not good”"."""
    value = f"{clamp.value:.2f}".rstrip("0").rstrip(".").replace("-", "−")
    parts = [f"{clamp.gate} = {value or '0'}"]
    if clamp.units is None:
        parts.append(tr("all units"))
    elif len(clamp.units) == 1:
        parts.append(tr("unit {n}", n=clamp.units[0]))
    else:
        parts.append(ntr("{n} unit", "{n} units", len(clamp.units)))
    if clamp.tokens is None:
        parts.append(tr("all tokens"))
    else:
        first, last = clamp.tokens
        named = quoted(tokens[first]) if first < len(tokens) else str(first + 1)
        parts.append(f"“{named}”" if last == first + 1 else tr("tokens {first} to {last}", first=first + 1, last=last))
    if clamp.part == "decoder":
        parts.append(tr("writes"))
    if clamp.layer:
        parts.append(tr("Layer {n}", n=clamp.layer + 1).lower())
    if clamp.direction == "backward":
        parts.append(tr("Backward").lower())
    return " · ".join(parts)


def fitting(clamps: Sequence[Clamp], trace: TextTrace) -> list[Clamp]:
    """Those that another text or network has a place for, as far as it has."""
    found = []
    for clamp in clamps:
        own = next(
            (
                layer
                for layer in trace.layers
                if (layer.part, layer.layer, layer.direction) == (clamp.part, clamp.layer, clamp.direction)
            ),
            None,
        )
        if own is None or clamp.gate not in own.values:
            continue
        steps, units = own.values[clamp.gate].shape
        if clamp.units is not None and max(clamp.units) >= units:
            continue
        if clamp.tokens is not None:
            if clamp.tokens[0] >= steps:
                continue
            clamp = replace(clamp, tokens=(clamp.tokens[0], min(clamp.tokens[1], steps)))
        found.append(clamp)
    return found


def same_layer(trace: TextTrace, layer: LayerGates) -> LayerGates | None:
    """The layer of that place in another trace."""
    where = (layer.part, layer.layer, layer.direction)
    return next((own for own in trace.layers if (own.part, own.layer, own.direction) == where), None)
