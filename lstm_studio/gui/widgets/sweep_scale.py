"""Where the values of a varied setting, or of the watched figure, lie on an axis; and the colours of trials."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtGui import QColor

from lstm_studio.config.describe import OptionInfo
from lstm_studio.data.figures import figure
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import theme
from lstm_studio.gui.widgets.metrics import metric_title, shown_metric
from lstm_studio.gui.widgets.sweep_fields import value_words
from lstm_studio.runs.sweep_config import FieldRange
from lstm_studio.runs.sweep_rows import TrialRow


@dataclass(frozen=True)
class Scale:
    """An axis.

    Attributes:
        name: Dotted name of a setting; "" for the watched figure.
        title: Over the axis.
        low, high: Its ends; of choices 0 and their number less one.
        log: Whether places go by the logarithm.
        marks: (value in words, place from 0 to 1).
    """

    name: str
    title: str
    low: float
    high: float
    log: bool
    marks: tuple[tuple[str, float], ...]
    choices: tuple[Any, ...] = ()

    def place(self, value: Any) -> float | None:
        """From 0 to 1; None where there is no such value."""
        if self.choices:
            found = next((n for n, one in enumerate(self.choices) if one == value and type(one) is type(value)), None)
            return None if found is None else (found + 0.5) / len(self.choices)
        if not isinstance(value, (int, float)) or not math.isfinite(value):
            return None
        low, high, at = float(self.low), float(self.high), float(value)
        if self.log:
            if at <= 0:
                return None
            low, high, at = math.log(low), math.log(high), math.log(at)
        return 0.5 if high <= low else min(1.0, max(0.0, (at - low) / (high - low)))


def scale_of(name: str, option: OptionInfo, tried: FieldRange) -> Scale:
    """The axis of a setting: all that is tried."""
    if tried.choices is not None:
        many = len(tried.choices)
        marks = tuple((value_words(option, value), (n + 0.5) / many) for n, value in enumerate(tried.choices))
        return Scale(name, tr(option.title), 0, many - 1, False, marks, tuple(tried.choices))
    low, high = float(tried.low or 0), float(tried.high or 0)
    marks = ((value_words(option, tried.low), 0.0), (value_words(option, tried.high), 1.0))
    return Scale(name, tr(option.title), low, high, tried.log, marks)


def scale_of_metric(metric: str, rows: Sequence[TrialRow]) -> Scale:
    """The axis of the watched figure: from the worst to the best trial."""
    values = [row.value for row in rows if row.value is not None and math.isfinite(row.value)]
    low, high = min(values, default=0.0), max(values, default=1.0)
    marks: tuple[tuple[str, float], ...] = ((shown_metric(metric, low), 0.0), (shown_metric(metric, high), 1.0))
    if high <= low:
        marks = ((shown_metric(metric, low), 0.5),)
    return Scale("", metric_title(metric), low, high, False, marks)


def goodness(scale: Scale, metric: str, value: float | None) -> float | None:
    """From 0, the worst trial, to 1, the best one."""
    place = scale.place(value) if value is not None else None
    return place if place is None or figure(metric).higher_is_better else 1.0 - place


def colour(good: float) -> QColor:
    """The better, the further from the page: dark on light, bright on dark."""
    ramp = theme().sequential()
    at = 0.3 + 0.65 * good if theme().dark else 0.72 - 0.62 * good
    red, green, blue = (int(part) for part in ramp[round(255 * at)][:3])
    return QColor(red, green, blue)
