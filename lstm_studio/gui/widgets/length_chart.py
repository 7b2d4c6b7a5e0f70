"""How well texts are written, by the length of their sources."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from lstm_studio.gui.i18n import ntr, number, tr
from lstm_studio.gui.theme import theme
from lstm_studio.gui.widgets.bars import Bars
from lstm_studio.gui.widgets.metrics import shown_metric
from lstm_studio.runs.results_written import ByLength

_FEW = 5
"""Groups with fewer texts are pale: their mean says little."""


class LengthChart(Bars):
    """A bar for each group of lengths; the edges between them are written below."""

    def __init__(self) -> None:
        self._shown: ByLength | None = None
        super().__init__(
            tr("chrF by length of the source"), tr("Long and short sources are compared here once texts were written.")
        )

    def set_lengths(self, lengths: ByLength | None) -> None:
        """Show these; None for nothing."""
        self._shown = lengths
        scores, counts = (lengths.scores, lengths.counts) if lengths is not None else ((), ())
        self.set_bars(scores, [count < _FEW for count in counts], _top(scores))

    def words(self, bar: int) -> str:
        shown = self._shown
        assert shown is not None
        low, high = shown.edges[bar], shown.edges[bar + 1] - 1
        span = number(low) if high <= low else f"{number(low)} – {number(high)}"
        texts = ntr("{n} text", "{n} texts", shown.counts[bar])
        tokens = tr("{n} tokens", n=span)
        score = shown_metric("chrf", shown.scores[bar])
        return tr("{tokens}: chrF {score}, {texts}", tokens=tokens, score=score, texts=texts)

    def paint_axis(self, painter: QPainter, plot: QRectF, wide: float) -> None:
        """Edges, as many as there is room for; the last one says what they are."""
        shown = self._shown
        assert shown is not None
        painter.setPen(theme().color("text_muted"))
        metrics = painter.fontMetrics()
        last = tr("{n} tokens", n=number(shown.edges[-1] - 1))
        end = self.width() - metrics.horizontalAdvance(last)
        painter.drawText(QPointF(end, self.height() - 4), last)
        reached = 0.0
        for place, edge in enumerate(shown.edges[:-1]):
            words = number(edge)
            long = metrics.horizontalAdvance(words)
            left = plot.left() + place * wide - (long / 2 if place else 0)
            if left >= reached and left + long + 10 <= end:
                painter.drawText(QPointF(left, self.height() - 4), words)
                reached = left + long + 8


def _top(scores: tuple[float, ...]) -> float:
    """The next round figure above all bars."""
    most = max((score for score in scores if math.isfinite(score)), default=0.0)
    return next((top for top in (10.0, 20.0, 40.0, 60.0, 80.0) if most <= top), 100.0)
