"""The figures of this moment: time left, epoch, loss, metric, learning rate, gradient norm, words a second."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from lstm_studio.gui.i18n import compact, duration, number, tr
from lstm_studio.gui.session import ActiveRun, History
from lstm_studio.gui.theme import S1, S2
from lstm_studio.gui.widgets.axes import plain
from lstm_studio.gui.widgets.basic import Muted, Stat
from lstm_studio.gui.widgets.metrics import main_metric, metric_title, shown_metric

_STEPS = 25


class NowPanel(QWidget):
    """Figures stand in two columns and keep their places."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S1)
        self.left = Stat(tr("Time left"), tooltip=tr("At the speed of the last half minute, validation included."),
                         size="headline")  # fmt: skip
        column.addWidget(self.left)
        grid = QGridLayout()
        grid.setHorizontalSpacing(S2)
        grid.setVerticalSpacing(S1 + 4)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self.epoch = Stat(tr("Epoch"), tooltip=tr("Passes over the training texts, the present one included."))
        self.step = Stat(tr("Step"), tooltip=tr("Batches read so far; the weights moved once at each."))
        self.loss = Stat(tr("Training loss"), tooltip=tr("Mean over the last batches; lower is better."))
        self.score = Stat(tr("Validation"), tooltip=tr("On the validation texts, after the last full epoch."))
        self.rate = Stat(tr("Learning rate"), tooltip=tr("How far the weights move at each step, now."))
        self.norm = Stat(
            tr("Gradient norm"), tooltip=tr("Length of the gradient before it is clipped; spikes mean odd batches.")
        )
        self.speed = Stat(tr("Words a second"), tooltip=tr("How fast the network reads; padding is not counted."))
        self.best = Stat(tr("Best epoch"), tooltip=tr("The epoch whose weights are kept."))
        stats = (self.epoch, self.step, self.loss, self.score, self.rate, self.norm, self.speed, self.best)
        for index, stat in enumerate(stats):
            grid.addWidget(stat, index // 2, index % 2)
        column.addLayout(grid)
        self.words = Muted("")
        column.addWidget(self.words)
        self.words.hide()

    def refresh(self, history: History | None, active: ActiveRun | None) -> None:
        """Show the latest figures; ``active`` is None for a saved run."""
        self.left.setVisible(active is not None and active.living)
        if history is None:
            for stat in (self.epoch, self.step, self.loss, self.score, self.rate, self.norm, self.speed, self.best):
                stat.set_value("–")
            return
        if active is not None:
            self._show_time(active)
        epochs = history.epochs
        last = max(1, active.epoch) if active is not None and active.started else (epochs[-1].epoch if epochs else 0)
        total = (
            active.epochs if active is not None else (history.started.config.training.epochs if history.started else 0)
        )
        self.epoch.set_value(tr("{n} of {all}", n=last, all=total) if total else str(last or "–"))
        steps = history.steps
        self.step.set_value(number(steps[-1]) if len(steps) else "–")
        self.loss.set_value(_recent(history.losses, plain))
        self.rate.set_value(f"{history.learning_rates[-1]:.2g}" if len(steps) else "–")
        self.norm.set_value(_recent(history.gradient_norms, lambda value: f"{value:.3g}"))
        self.speed.set_value(_recent(history.tokens_per_second, compact))
        if epochs:
            name = main_metric(epochs[-1])
            self.score.title.setText(metric_title(name))
            self.score.setAccessibleName(metric_title(name))
            self.score.set_value(shown_metric(name, epochs[-1].metrics.get(name, float("nan"))))
        else:
            self.score.title.setText(tr("Validation"))
            self.score.set_value("–")
        best = history.best
        self.best.set_value(str(best.epoch) if best is not None else "–")

    def _show_time(self, active: ActiveRun) -> None:
        seconds = active.seconds_left()
        state = active.state
        if state in ("paused", "pausing"):
            text = tr("Paused")
        elif state == "stopping":
            text = tr("Stopping")
        elif active.started is None:
            text = tr("Preparing")
        else:
            text = duration(seconds) if seconds is not None else tr("Measuring")
        self.left.set_value(text)


def _recent(values: np.ndarray, words: Callable[[float], str]) -> str:
    """The mean of the last finite values, so that the figure can be read while it changes."""
    part = values[-_STEPS:]
    part = part[np.isfinite(part)]
    return words(float(part.mean())) if part.size else "–"
