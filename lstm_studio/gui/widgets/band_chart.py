"""What tokens cost by how frequent they are."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from lstm_studio.gui.i18n import ntr, number, tr
from lstm_studio.gui.theme import theme
from lstm_studio.gui.widgets.bars import Bars
from lstm_studio.gui.widgets.metrics import shown_metric
from lstm_studio.runs.results_texts import Band

_FEW = 30
"""Bands with fewer tokens are pale: their mean says little."""


class BandChart(Bars):
    """A bar for each band of the vocabulary, the most frequent tokens on the left; above it its mean loss."""

    def __init__(self) -> None:
        self._bands: tuple[Band, ...] = ()
        self._every = 0
        super().__init__(
            tr("Loss by how frequent a token is"), tr("What frequent and rare tokens cost is compared here.")
        )

    def set_bands(self, bands: Sequence[Band], every: int) -> None:
        """Show these; ``every``: tokens of the part."""
        self._bands, self._every = tuple(bands), every
        losses = [band.loss for band in bands]
        captions = [f"{loss:.2f}" if math.isfinite(loss) else "" for loss in losses]
        self.set_bars(losses, [band.tokens < _FEW for band in bands], _top(losses), captions)

    def words(self, bar: int) -> str:
        band = self._bands[bar]
        tokens = ntr("{n} token", "{n} tokens", band.tokens)
        return tr(
            "Tokens {first} to {last} by frequency: mean loss {loss}, {tokens} ({share} %)",
            first=number(band.first),
            last=number(band.last),
            loss=shown_metric("loss", band.loss),
            tokens=tokens,
            share=f"{100 * band.tokens / max(1, self._every):.1f}",
        )

    def paint_axis(self, painter: QPainter, plot: QRectF, wide: float) -> None:
        """Ranks, shorter where there is little room."""
        metrics = painter.fontMetrics()
        painter.setPen(theme().color("text_muted"))
        labels = [f"{number(band.first)} – {number(band.last)}" for band in self._bands]
        if max(map(metrics.horizontalAdvance, labels)) + 8 > wide:
            labels = [f"≤ {number(band.last)}" for band in self._bands]
        if max(map(metrics.horizontalAdvance, labels)) + 4 > wide:
            labels = [number(band.last) for band in self._bands]
        for bar, label in enumerate(labels):
            box = QRectF(plot.left() + bar * wide, plot.bottom() + 2, wide, self.height() - plot.bottom() - 2)
            shown = metrics.elidedText(label, Qt.TextElideMode.ElideRight, int(wide))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), shown)


def _top(losses: Sequence[float]) -> float:
    """The next round figure above all bars."""
    most = max((loss for loss in losses if math.isfinite(loss)), default=0.0)
    return next(
        (top for top in (1.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 16.0) if most <= top), 20.0 * math.ceil(most / 20)
    )
