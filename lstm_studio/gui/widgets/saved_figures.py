"""How charts of figures are saved: bars, histograms, tables of confusions; see ``saved_plots`` for all others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme
from lstm_studio.gui.widgets.band_chart import BandChart
from lstm_studio.gui.widgets.bars import Bars
from lstm_studio.gui.widgets.class_balance import _Bars as ClassBars
from lstm_studio.gui.widgets.confusion_table import ConfusionTable, shade
from lstm_studio.gui.widgets.length_chart import LengthChart
from lstm_studio.gui.widgets.length_histogram import LengthHistogram
from lstm_studio.gui.widgets.probability_bars import ProbabilityBars
from lstm_studio.gui.widgets.saveable import Arrays, Saved, painter_of
from lstm_studio.gui.widgets.token_axis import visible_token


def _bars(bars: Bars) -> Saved | None:
    if not bars._heights:
        return None

    def numbers() -> Arrays:
        if isinstance(bars, LengthChart) and bars._shown is not None:
            own = bars._shown
            edges = np.array(own.edges, float)
            scores, counts = np.array(own.scores, float), np.array(own.counts, np.int64)
            return {"from_tokens": edges[:-1], "to_tokens": edges[1:] - 1, "chrf": scores, "texts": counts}
        if isinstance(bars, BandChart):
            names = ("first", "last", "tokens", "loss")
            return {name: np.array([getattr(band, name) for band in bars._bands]) for name in names}
        return {"bar": np.arange(1, len(bars._heights) + 1), "height": np.array(bars._heights, float)}

    return Saved(bars.accessibleName(), bars.size(), painter_of(bars), numbers)


def _lengths(chart: LengthHistogram) -> Saved | None:
    if not len(chart._counts):
        return None

    def numbers() -> Arrays:
        edges = np.asarray(chart._edges)
        return {"from_tokens": edges[:-1], "below_tokens": edges[1:], "count": np.asarray(chart._counts)}

    return Saved(chart.accessibleName(), chart.size(), painter_of(chart), numbers)


def _classes(bars: ClassBars) -> Saved | None:
    if not bars.classes:
        return None

    def numbers() -> Arrays:
        names, counts = zip(*bars.classes, strict=True)
        return {"class": np.array(names, np.str_), "count": np.array(counts, np.int64)}

    return Saved(tr("Classes"), bars.size(), painter_of(bars), numbers)


def _probabilities(bars: ProbabilityBars) -> Saved | None:
    if not bars._rows:
        return None

    def numbers() -> Arrays:
        names, shares = zip(*bars._rows, strict=True)
        return {"class": np.array(names, np.str_), "probability": np.array(shares, float)}

    return Saved(bars.accessibleName(), bars.size(), painter_of(bars), numbers)


def _confusion(table: ConfusionTable) -> Saved | None:
    model = table.table.counts
    names, counts, shares = list(model.names), model.counts, model.shares
    if not names:
        return None
    metrics = QFontMetricsF(font("small", bold=True))
    side = min(180.0, max(map(metrics.horizontalAdvance, map(visible_token, names))) + 16)
    wide = max(44.0, min(96.0, max(map(metrics.horizontalAdvance, map(visible_token, names))) + 12))
    upright, high = len(names) > 8, 30.0
    wide = 44.0 if upright else wide
    above = side if upright else 26.0

    def paint(painter: QPainter) -> None:
        painter.setFont(font("small"))
        painter.setPen(theme().color("text_muted"))
        painter.drawText(QPointF(side, 12), table.across_words)
        painter.translate(0, 20)
        for place, name in enumerate(names):
            shown = metrics.elidedText(visible_token(name), Qt.TextElideMode.ElideRight, side - 12)
            painter.setPen(theme().color("text_muted"))
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, above + place * high, side - 8, high), int(right), shown)
            painter.save()
            if upright:
                painter.translate(side + place * wide, above)
                painter.rotate(-90)
                left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
                painter.drawText(QRectF(6, 0, above, wide), int(left), shown)
            else:
                level = metrics.elidedText(visible_token(name), Qt.TextElideMode.ElideRight, wide - 4)
                box = QRectF(side + place * wide, 0, wide, above)
                painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), level)
            painter.restore()
        for row in range(len(names)):
            for column in range(len(names)):
                box = QRectF(side + column * wide, above + row * high, wide, high).adjusted(1, 1, -1, -1)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(shade(float(shares[row, column]), row == column))
                painter.drawRoundedRect(box, 4, 4)
                count = int(counts[row, column])
                painter.setPen(theme().color("text" if count else "text_muted"))
                painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), f"{count:,}" if count else "·")

    def numbers() -> Arrays:
        return {"classes": np.array(names, np.str_), "confusion": counts}

    def columns() -> Arrays:
        return {table.down_words: np.array(names, np.str_), **dict(zip(names, counts.T, strict=True))}

    size = QSize(int(side + len(names) * wide) + 2, int(20 + above + len(names) * high) + 2)
    return Saved(tr("What was read as what"), size, paint, numbers, columns)


FIGURES: tuple[tuple[type[QWidget], Callable[[Any], Saved | None]], ...] = (
    (Bars, _bars),
    (LengthHistogram, _lengths),
    (ClassBars, _classes),
    (ProbabilityBars, _probabilities),
    (ConfusionTable, _confusion),
)
"""Types of widgets, and what is saved of them."""
