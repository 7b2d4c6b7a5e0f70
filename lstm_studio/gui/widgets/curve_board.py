"""The charts of a run: loss on the left, a figure of one's choice on the right, one row of tools for both."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QSlider, QStackedWidget, QWidget

from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.session import History
from lstm_studio.gui.theme import S1, S2, S3
from lstm_studio.gui.widgets.axes import percent
from lstm_studio.gui.widgets.basic import Card, EmptyState, IconButton, Label, SegmentedControl, describe
from lstm_studio.gui.widgets.curves import CurveChart, CurveSpec
from lstm_studio.gui.widgets.metrics import is_share, main_metric, metric_title, shown_metric
from lstm_studio.gui.widgets.series import Smoother

_RAW = CurveSpec("raw", "Each batch", "plot_train", "faint")
_LINE = CurveSpec("line", "Training", "plot_train")
_CHECK = CurveSpec("check", "Validation", "plot_validation", "points")
_TRAIN_LOSS = CurveSpec("line", "Training loss", "plot_train")
_CHECK_LOSS = CurveSpec("check", "Validation loss", "plot_validation", "points")
_BEST = CurveSpec("best", "", "plot_best", "star")
_MOST_SMOOTH = 0.999
_BETWEEN = 25
"""Milliseconds between the first chart and the second, where they are not drawn at once."""


def _weight(place: int) -> float:
    """Slider 0..100 -> smoothing weight: 0, 0.5 at a third, 0.9 at two thirds, 0.999 at the end."""
    return 0.0 if place <= 0 else 1.0 - 10.0 ** (-3.0 * place / 100)


class CurveBoard(Card):
    """Fed with a History; draws when told to, and only what is visible."""

    settings_changed = Signal(dict)

    def __init__(self, noted: dict[str, object] | None = None) -> None:
        super().__init__()
        self.setAccessibleName(tr("Curves"))
        noted = noted or {}
        self._history: History | None = None
        self._over = False
        self._smoothers = {"loss": Smoother(), "norm": Smoother()}
        self._score = ""
        self._fed = -1
        self.loss = CurveChart(tr("Loss over the steps"), [_RAW, _TRAIN_LOSS, _CHECK_LOSS, _BEST])
        self.score = CurveChart(
            tr("Validation figure over the steps"), [_CHECK, _BEST], shown=percent, axis=_short_percent
        )
        self.rate = CurveChart(tr("Learning rate over the steps"), [_LINE], shown=lambda value: f"{value:.3g}",
                               axis=lambda value, _: f"{value:.2g}")  # fmt: skip
        self.norm = CurveChart(tr("Gradient norm over the steps"), [_RAW, _LINE])
        self.charts = (self.loss, self.score, self.rate, self.norm)
        for chart in self.charts:
            chart.set_epochs(self._epoch_words)
            chart.zoomed.connect(self._zoomed)
        self.score.set_hint(tr("A point after each epoch"))
        self._build_tools(noted)
        self.place = QWidget()
        grid = QGridLayout(self.place)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(S3)
        grid.setVerticalSpacing(4)
        self.which = SegmentedControl(
            [
                ("score", tr("Validation"), tr("How well it does on texts that it does not learn from.")),
                ("rate", tr("Learning rate"), tr("How far the weights moved at each step.")),
                ("norm", tr("Gradient norm"), tr("How strongly each batch pulled at the weights, before clipping.")),
            ],
            noted.get("chart", "score"),
            tr("Second chart"),
        )
        self.which.changed.connect(self._choose)
        self.second = QStackedWidget()
        for chart in (self.score, self.rate, self.norm):
            self.second.addWidget(chart)
        grid.addLayout(self._tool_row, 0, 0)
        grid.addWidget(self.which, 0, 1, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(self.loss, 1, 0)
        grid.addWidget(self.second, 1, 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(1, 1)
        self.stack = QStackedWidget()
        self.empty = EmptyState(
            "train",
            tr("The loss will fall here"),
            tr("The loss step by step and, after each epoch, how well it does on validation texts, the best marked."),
        )
        self.stack.addWidget(self.place)
        self.stack.addWidget(self.empty)
        self.body.addWidget(self.stack, 1)
        self._choose(self.which.value())
        self._apply()
        self.set_history(None)

    def _build_tools(self, noted: dict[str, object]) -> None:
        self.smooth = QSlider(Qt.Orientation.Horizontal)
        self.smooth.setRange(0, 100)
        self.smooth.setFixedWidth(56)
        place = noted.get("smoothing", 67)
        self.smooth.setValue(place if isinstance(place, int) else 67)
        describe(self.smooth, tr("Smoothing"), tr("How much the bold line averages over neighbouring batches."))
        self.smooth_label = Label(tr("Smoothing"), "small", "small")
        self.log = QCheckBox(tr("Log scale"))
        describe(self.log, tr("Log scale"), tr("Gives every halving the same height, so that small losses show."))
        self.outliers = QCheckBox(tr("Ignore outliers"))
        describe(
            self.outliers, tr("Ignore outliers"), tr("Leaves the highest and lowest hundredth out of the axis's range.")
        )
        self.log.setChecked(bool(noted.get("log", False)))
        self.outliers.setChecked(bool(noted.get("outliers", False)))
        self.reset = IconButton(
            "zoom_reset", tr("Show all steps"), tr("Ends zooming and follows the run again."), callback=self._reset
        )
        self.tools = (self.smooth_label, self.smooth, self.log, self.outliers, self.reset)
        self._tool_row = QHBoxLayout()
        self._tool_row.setSpacing(S1)
        for tool in self.tools:
            self._tool_row.addWidget(tool)
        self._tool_row.insertSpacing(2, S1)
        self._tool_row.insertStretch(self._tool_row.count() - 1, 1)
        self.reset.hide()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_BETWEEN)
        self._rest.timeout.connect(self._draw_second)
        self.smooth.valueChanged.connect(self._apply)
        self.log.toggled.connect(self._apply)
        self.outliers.toggled.connect(self._apply)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, the slider goes without its name, which its tooltip says too; where there is
        less, no room is kept for the button that ends zooming, and words are shorter."""
        super().resizeEvent(event)
        room = (event.size().width() - 2 * S2 - S3) // 2
        self.outliers.setText(tr("Ignore outliers"))
        needed = [tool.sizeHint().width() + S1 for tool in self.tools]
        self.smooth_label.setVisible(sum(needed) + S1 <= room)
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(sum(needed[1:]) + S1 <= room)
        self.reset.setSizePolicy(policy)
        if sum(needed[1:4]) + S1 > room:
            self.outliers.setText(tr("No outliers"))

    # -- content --------------------------------------------------------------------------------------------

    def set_history(self, history: History | None, spread: bool = False) -> None:
        """Another run, or none; ``spread`` as of ``refresh``."""
        if history is not self._history:
            self._history = history
            self._fed, self._score, self._over = -1, "", False
            self.which.buttons[0].setText(tr("Validation"))
            for smoother in self._smoothers.values():
                smoother.restart()
            for chart in self.charts:
                chart.reset()
        self.refresh(spread)

    def refresh(self, spread: bool = False) -> None:
        """Take what the history holds by now, and draw it if it can be seen.

        Args:
            spread: Draw the second chart a moment later, so that the window has time for other things in between.
        """
        history = self._history
        there = history is not None and (len(history.steps) > 0 or bool(history.epochs))
        self.stack.setCurrentIndex(0 if there else 1)
        if history is None or not there:
            return
        if not self.isVisible():
            return
        steps = history.steps
        over = history.ended is not None
        if over and not self._over:
            for chart in self.charts:
                chart.fit_closely()
        self._over = over
        last = float(steps[-1]) if len(steps) else 1.0
        for chart in (self.loss, self.rate, self.norm):
            chart.set_extent(0.0, last)
        at = np.array([epoch.step for epoch in history.epochs], float)
        self.loss.set_data("raw", steps, history.losses)
        self.loss.set_data("line", steps, self._smoothers["loss"].extend(history.losses))
        self.loss.set_data("check", at, np.array([epoch.validation_loss for epoch in history.epochs], float))
        best = history.best
        self.loss.set_best((best.step, best.validation_loss) if best is not None else None)
        if self.second.currentWidget() is self.score:
            self._feed_score(history, at)
        elif self.second.currentWidget() is self.rate:
            self.rate.set_data("line", steps, history.learning_rates)
        else:
            self.norm.set_data("raw", steps, history.gradient_norms)
            self.norm.set_data("line", steps, self._smoothers["norm"].extend(history.gradient_norms))
        self.loss.update_curves()
        if spread:
            self._rest.start()
        else:
            self._draw_second()

    @Slot()
    def _draw_second(self) -> None:
        self._rest.stop()
        {"score": self.score, "rate": self.rate, "norm": self.norm}[self.which.value()].update_curves()

    def _feed_score(self, history: History, at: np.ndarray) -> None:
        """New points come with epochs only: between them nothing is drawn."""
        each = history.started.steps_per_epoch if history.started is not None else 0
        last = float(history.steps[-1]) if len(history.steps) else 1.0
        self.score.set_extent(0.0, math.ceil(last / each) * each if each else last)
        if len(at) == self._fed:
            return
        self._fed = len(at)
        if history.epochs:
            name = main_metric(history.epochs[-1])
            if name != self._score:
                self._score = name
                self.which.buttons[0].setText(metric_title(name))
                self.score.set_format(
                    lambda value: shown_metric(name, value), _short_percent if is_share(name) else None
                )
        values = [epoch.metrics.get(self._score, np.nan) for epoch in history.epochs]
        self.score.set_data("check", at, np.array(values, float))
        best = history.best
        self.score.set_best((best.step, best.metrics.get(self._score, np.nan)) if best is not None else None)

    def _epoch_words(self, step: float) -> str:
        if self._history is None or self._history.started is None or not self._history.started.steps_per_epoch:
            return ""
        return tr("epoch {n}", n=int((step - 1) // self._history.started.steps_per_epoch) + 1)

    # -- tools ----------------------------------------------------------------------------------------------

    def _choose(self, name: str) -> None:
        self.second.setCurrentWidget({"score": self.score, "rate": self.rate, "norm": self.norm}[name])
        self.refresh()
        self._say_settings()

    def _apply(self) -> None:
        weight = min(_weight(self.smooth.value()), _MOST_SMOOTH)
        batches = max(1, round(1 / (1 - weight)))
        self.smooth.setToolTip(
            tr("How much the bold line averages over neighbouring batches.")
            + " "
            + ntr("Now: about {n} batch.", "Now: about {n} batches.", batches)
        )
        for smoother in self._smoothers.values():
            if smoother.weight != weight:
                smoother.restart(weight)
        for chart in self.charts:
            chart.set_logarithmic(self.log.isChecked() and chart is not self.score)
            chart.set_ignore_outliers(self.outliers.isChecked())
        self.refresh()
        self._say_settings()

    def _say_settings(self) -> None:
        self.settings_changed.emit(
            {
                "smoothing": self.smooth.value(),
                "log": self.log.isChecked(),
                "outliers": self.outliers.isChecked(),
                "chart": self.which.value(),
            }
        )

    def _zoomed(self) -> None:
        self.reset.setVisible(any(chart.is_zoomed for chart in self.charts))

    def _reset(self) -> None:
        for chart in self.charts:
            chart.reset()


def _short_percent(value: float, spacing: float) -> str:
    places = max(0, math.ceil(-math.log10(100 * spacing) - 1e-9)) if spacing > 0 else 0
    return f"{100 * value:.{places}f} %"
