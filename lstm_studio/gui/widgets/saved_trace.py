"""How the gates of one text are saved: all panels of a layer on a sheet of their own, with room for every token."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import theme
from lstm_studio.gui.widgets.saveable import Arrays, Saved

if TYPE_CHECKING:
    from lstm_studio.inspection.trace import TextTrace
    from lstm_studio.training.events import LayerGates


def saved_trace(trace: TextTrace, layer: LayerGates, order: str) -> Saved:
    """Pictures and CSV hold the chosen layer, npz everything that is known of the text.

    Args:
        trace: The text.
        layer: One of its layers.
        order: Of the units in the picture; see ``gate_picture.render``.

    Raises:
        StudioError: the text is too long to draw.
    """
    from lstm_studio.gui.gate_picture import GatePicture

    plan = GatePicture(trace, layer=layer.name, order=order)

    def paint(painter: QPainter) -> None:
        plan.paint(painter, theme())

    def numbers() -> Arrays:
        from lstm_studio.runs.export import arrays

        return arrays(trace)

    def columns() -> Arrays:
        tokens = {tr("token"): np.array(trace.tokens_of(layer), np.str_)}
        return {**tokens, **{name: np.asarray(values, np.float32) for name, values in layer.values.items()}}

    size = QSize(math.ceil(plan.width), math.ceil(plan.height))
    return Saved(tr("Gates of {layer}", layer=layer.name), size, paint, numbers, columns)
