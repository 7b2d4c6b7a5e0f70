"""The learning-rate range test: the loss over ever higher rates, and the rate that is suggested."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtWidgets import QWidget

from lstm_studio.config import RunConfig
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.jobs import Progress
from lstm_studio.gui.widgets.axes import Axis, plain
from lstm_studio.gui.widgets.curves import CurveChart, CurveSpec
from lstm_studio.gui.widgets.find_dialog import FindDialog

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.training.range_test import RangeTest

_CURVES = (
    CurveSpec("each", "Loss of each batch", "plot_train", "faint"),
    CurveSpec("smooth", "Loss, smoothed", "plot_train"),
    CurveSpec("best", "Suggested", "plot_best", "star"),
)


class _RateAxis(Axis):
    """Powers of ten, at decades."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        return [(1.0, [float(n) for n in range(math.ceil(low), math.floor(high) + 1)])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [rate_words(10.0**value) for value in values]


class RateChart(CurveChart):
    """Loss over the logarithm of the learning rate."""

    def __init__(self) -> None:
        super().__init__(tr("Loss by learning rate"), _CURVES)
        self._item.setAxisItems({"bottom": _RateAxis("bottom")})
        self._item.getAxis("bottom").setHeight(22)
        self._restyle()

    def unit_words(self) -> str:
        """What stands at the end of the axis."""
        return tr("learning rate")

    def place_words(self, place: float) -> str:
        """A place on the axis."""
        return tr("learning rate {rate}", rate=rate_words(10.0**place))

    def best_words(self, value: str, place: float) -> str:
        """The mark."""
        return tr("{rate} is suggested", rate=rate_words(10.0**place))


class FindRate(FindDialog):
    """Tries rates from 0.000001 up, on a copy of the network."""

    field = "training.learning_rate"
    wide = 720

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(
            session,
            tr("Find a learning rate"),
            tr(
                "The rate rises a little at each step, on a copy of the network that is thrown away afterwards: first "
                "nothing moves, then the loss falls, and at last it runs away."
            ),
            parent,
        )

    def _picture(self) -> QWidget:
        self.chart = RateChart()
        self.chart.setMinimumHeight(300)
        self.chart.set_hint(tr("The loss at each rate will be drawn here."))
        self._rates: list[float] = []
        self._losses: list[float] = []
        return self.chart

    def _measure(self, config: RunConfig, progress: Progress) -> RangeTest:
        from lstm_studio.data.places import cache_folder
        from lstm_studio.training.range_test import find_rate

        return find_rate(config, progress, cache=cache_folder() / "prepared", told=self._came.append)

    def _clear(self) -> None:
        from lstm_studio.training.range_test import FIRST, LAST

        self._rates, self._losses = [], []
        self.chart.set_extent(math.log10(FIRST), math.log10(LAST))
        self.chart.set_best(None)
        self._draw(np.empty(0))

    def _show_some(self, came: list[Any]) -> None:
        from lstm_studio.training.range_test import smooth

        self._rates += [math.log10(point.rate) for point in came]
        self._losses += [point.loss for point in came]
        self._draw(smooth(np.array(self._rates), np.array(self._losses)))

    def _draw(self, smoothed: np.ndarray) -> None:
        rates = np.array(self._rates)
        self.chart.set_data("each", rates, np.array(self._losses))
        self.chart.set_data("smooth", rates, smoothed)
        self.chart.update_curves()

    def _show(self, found: RangeTest) -> str:
        self.suggestion = found.suggestion
        if found.suggestion is None:
            return tr("The loss fell at no rate that was tried: look at the texts and their labels first.")
        place = math.log10(found.suggestion)
        self.chart.set_best((place, float(np.interp(place, np.log10(found.rates), found.smoothed))))
        self.chart.update_curves()
        now = tr("The setting is now {rate}.", rate=rate_words(self.session.config.training.learning_rate))
        if found.steepest is None:
            few = tr(
                "So few steps taught the network nothing yet. From {rate} on the loss rises; a tenth of that is safe.",
                rate=rate_words(found.rises or found.suggestion),
            )
            return f"{few} {now}"
        fastest = tr("The loss falls fastest at about {rate}.", rate=rate_words(found.steepest))
        if found.diverged is None:
            beyond = tr("It did not run away at any rate that was tried.")
        else:
            words = "At {rate} it has run away; what is suggested stays ten times below."
            beyond = tr(words, rate=rate_words(found.diverged))
        return f"{fastest} {beyond} {now}"

    def _named(self, value: float) -> str:
        return rate_words(value)


def rate_words(rate: float) -> str:
    """Two figures: 0.0032, 1e-06."""
    return f"{rate:.2g}" if math.isfinite(rate) else plain(rate)
