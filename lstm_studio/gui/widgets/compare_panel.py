"""Two or more runs beside each other: figures first, then the settings in which they differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QScrollArea, QVBoxLayout, QWidget

from lstm_studio.config import describe as describe_config
from lstm_studio.gui.i18n import duration, number, tr
from lstm_studio.gui.theme import S1, S2
from lstm_studio.gui.widgets.basic import Card, ElidedLabel, Label, Muted, empty, reachable
from lstm_studio.gui.widgets.metrics import best_place, metric_title
from lstm_studio.gui.widgets.runs_table import metric_value

if TYPE_CHECKING:
    from lstm_studio.config import RunConfig
    from lstm_studio.runs.store import RunSummary

MOST = 3


class ComparePanel(Card):
    """Empty until it is given runs."""

    def __init__(self) -> None:
        super().__init__(tr("Comparison"))
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        reachable(area, tr("Comparison"))
        self.setMinimumWidth(340)
        self._inside = QWidget()
        column = QVBoxLayout(self._inside)
        column.setContentsMargins(0, 0, S1, 0)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(S2)
        self._grid.setVerticalSpacing(S1)
        column.addLayout(self._grid)
        column.addStretch(1)
        area.setWidget(self._inside)
        self._inside.setObjectName("content")
        self.body.addWidget(area)

    def show_runs(
        self,
        runs: Sequence[RunSummary],
        configs: Sequence[RunConfig],
        differences: Sequence[tuple[str, str, list[Any]]],
    ) -> None:
        """Figures of each run, and what was set differently. ``configs`` and ``runs`` go together."""
        empty(self._grid)
        for column, run in enumerate(runs, 1):
            name = ElidedLabel(run.name)
            name.setToolTip(run.name)
            self._grid.addWidget(name, 0, column)
            self._grid.setColumnStretch(column, 2)
        self._grid.setColumnStretch(0, 2)
        metrics = list(dict.fromkeys(name for run in runs for name in run.info.best if not name.startswith("test_")))
        for metric in metrics:
            values = [run.info.best.get(metric) for run in runs]
            shown = [metric_value(metric, value) for value in values]
            self._line(metric_title(metric), shown, best_place(metric, values))
        self._line(tr("Best epoch"), [str(run.info.best_epoch or "–") for run in runs])
        self._line(tr("Time in training"), [duration(run.info.seconds) for run in runs])
        self._line(tr("Parameters"), [number(run.info.parameters) for run in runs])
        head = Muted(tr("Settings that differ") if differences else tr("All settings are the same."))
        self._grid.addWidget(head, self._grid.rowCount(), 0, 1, len(runs) + 1)
        for section, field, values in differences:
            title, shown = _option(configs, section, field, values)
            self._line(title, shown)

    def _line(self, title: str, values: Sequence[str], best: int | None = None) -> None:
        row = self._grid.rowCount()
        label = Label(title, tone="muted", wrap=True)
        self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        for column, value in enumerate(values):
            words = f"{value}\u00a0★" if column == best else value
            cell = Label(words, tabular=True, wrap=True)
            cell.setAccessibleName(f"{title}: {words}")
            self._grid.addWidget(cell, row, column + 1, Qt.AlignmentFlag.AlignTop)


def _option(configs: Sequence[RunConfig], section: str, field: str, values: list[Any]) -> tuple[str, list[str]]:
    for config in configs:
        owner = getattr(config, section, None)
        if owner is None:
            continue
        for option in describe_config.options(type(owner)):
            if option.name == field:
                return tr(option.title), [_shown(option, value) for value in values]
    return field, [str(value) for value in values]


def _shown(option: describe_config.OptionInfo, value: Any) -> str:
    if value is None:
        return tr(option.automatic) if option.automatic else "–"
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if option.kind == "choice":
        return tr(option.label(value))
    return f"{value:g}" if isinstance(value, float) else str(value)
