"""The sweep and the seeds in the real window: ranges, live trials, picking, what is told when Optuna is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from lstm_studio.gui import i18n
from lstm_studio.gui.main_window import MainWindow
from lstm_studio.gui.session import Session
from lstm_studio.gui.widgets import sweep_panel
from lstm_studio.gui.widgets.parallel_axes import ParallelAxes
from lstm_studio.gui.widgets.sweep_fields import RangeRow, SweepFields
from lstm_studio.gui.widgets.sweep_scale import Scale, scale_of_metric
from lstm_studio.gui.widgets.sweep_slices import SweepSlices
from lstm_studio.gui.widgets.sweep_table import FIRST, STATE, SweepModel
from lstm_studio.runs.sweep_config import FieldRange
from lstm_studio.runs.sweep_rows import TrialRow
from tests.gui.test_train_page import WAIT, open_texts

pytest.importorskip("optuna")

FIRST_PAGE = "runs"
SMALL = {"model.hidden_size": 3, "model.embedding_size": 3, "model.bidirectional": False, "training.epochs": 2}
RATE = "training.learning_rate"


def rows() -> list[TrialRow]:
    """Made-up trials."""
    return [
        TrialRow(n, state, {RATE: rate}, value, 2, 1.0, f"run-{n}")
        for n, (state, rate, value) in enumerate(
            [("done", 0.01, 0.5), ("done", 0.05, 0.7), ("pruned", 0.09, 0.6), ("failed", 0.02, None)]
        )
    ]


def scales() -> list[Scale]:
    """Of the made-up trials."""
    return [
        Scale(RATE, "Learning rate", 0.0, 0.1, False, (("0", 0.0), ("0.1", 1.0))),
        scale_of_metric("accuracy", rows()),
    ]


def test_a_button_turns_a_value_into_a_range_and_says_what_is_wrong(session: Session, qtbot: Any) -> None:
    fields = SweepFields()
    qtbot.addWidget(fields)
    fields.set_base(session.config)
    row: RangeRow = fields.rows[RATE]
    assert not row.varied
    row.button.click()
    assert fields.ranges() == {RATE: FieldRange(low=0.0002, high=0.02, log=True)}
    assert row.low is not None
    row.low.lineEdit().setText("-1")
    row.low._flush()
    assert fields.wrong() == "Learning rate must be more than 0, not -1.0"
    row.low.lineEdit().setText("many")
    row.low._flush()
    assert "must be a number" in fields.wrong()
    row.button.click()
    assert not fields.wrong()
    fields.rows["model.cell"].button.click()
    boxes = fields.rows["model.cell"].boxes
    boxes[0][1].setChecked(False)
    assert fields.ranges()["model.cell"].choices == ("gru", "rnn")
    boxes[1][1].setChecked(False)
    assert "two different choices" in fields.wrong()
    assert fields.rows["training.momentum"].isHidden(), "it has no effect with Adam"
    fields.rows["training.optimizer"].button.click()
    fields.set_base(session.config)
    assert not fields.rows["training.momentum"].isHidden(), "one of the trials may use it"


def test_a_brush_picks_trials(qtbot: Any) -> None:
    axes = ParallelAxes()
    qtbot.addWidget(axes)
    axes.resize(400, 220)
    axes.show()
    picked: list[Any] = []
    axes.picked.connect(picked.append)
    axes.set_trials(scales(), rows(), "accuracy")
    assert picked[-1] is None
    x = round(axes.across(0))
    QTest.mousePress(axes, Qt.MouseButton.LeftButton, pos=QPoint(x, round(axes.up(0.3))))
    axes.brush(0, (0.3, 1.0))
    assert picked[-1] == {1, 2}
    QTest.mouseRelease(axes, Qt.MouseButton.LeftButton, pos=QPoint(x, round(axes.up(1.0))))
    axes._axis = 1
    QTest.keyClick(axes, Qt.Key.Key_Down)
    assert picked[-1] == {1}, "0.7 alone is near the top"
    QTest.keyClick(axes, Qt.Key.Key_Escape)
    assert picked[-1] is None
    at = axes.points(axes.rows[0])
    found = axes.trial_at(QPointF((at[0].x() + at[1].x()) / 2, (at[0].y() + at[1].y()) / 2))
    assert found is not None
    assert found.number == 0
    axes.grab()


def test_slices_and_table_show_what_there_is(qtbot: Any) -> None:
    slices = SweepSlices()
    qtbot.addWidget(slices)
    slices.resize(400, 200)
    slices.set_trials(scales(), rows(), "accuracy", {RATE: 1.0})
    assert slices.accessibleDescription() == "Learning rate: 100 %"
    dot = slices.dot(0, slices.rows[1])
    assert dot is not None
    assert slices.trial_at(dot) == (0, slices.rows[1])
    slices.grab()
    model = SweepModel()
    fields = {RATE: next(option for option in _options() if option.name == "learning_rate")}
    model.set_rows(rows(), fields, "accuracy", 1)
    assert [row.number for row in model.rows] == [3, 2, 1, 0]
    assert [model.words(model.rows[1], column) for column in (STATE, 2, FIRST)] == ["Pruned", "60.0 %", "0.09"]
    model.sort(2, Qt.SortOrder.DescendingOrder)
    assert [row.number for row in model.rows] == [1, 2, 0, 3]


def _options() -> Any:
    from lstm_studio.config import TrainingConfig
    from lstm_studio.config.describe import options

    return options(TrainingConfig)


def test_a_sweep_trains_in_the_window(window: MainWindow, session: Session, qtbot: Any, tmp_path: Path) -> None:
    open_texts(session, tmp_path, qtbot, **SMALL)
    window.show_page("model")
    window.page("model").sweep.click()
    panel = window.page("runs")._panels["sweep"]
    assert panel.isVisible()
    qtbot.waitUntil(lambda: panel._base is not None, timeout=WAIT)
    assert panel.setup.start.toolTip() == "Vary at least one setting: press the plus beside it."
    panel.setup.fields.rows[RATE].button.click()
    panel.setup.runs.setValue(2)
    assert panel.setup.cost.text() == "2 trials · 1 setting is varied"
    panel.setup.start.click()
    room = session.sweeps
    qtbot.waitUntil(lambda: room.sweep is not None and not room.working and not room.opening, timeout=4 * WAIT)
    qtbot.waitUntil(lambda: [row.state for row in room.rows] == ["done", "done"], timeout=WAIT)
    names = sorted(run.name for run in session.store.list())
    assert [name.partition(", ")[2] for name in names] == ["trial 1", "trial 2"]
    assert panel.results.words.text().startswith("2 of 2 trials are over")
    assert "all trials are done" in window.notices.texts()[-1]
    panel.results.table.selectRow(0)
    assert panel.open_run.isEnabled()
    assert panel.results.axes.marked == 1
    panel.results.which.buttons[1].click()
    assert "Four trials" in panel.results.caption.text()
    panel.setup.runs.setValue(4)
    panel.more.click()
    qtbot.waitUntil(lambda: session.active is not None and session.active.living and room.working, timeout=4 * WAIT)
    panel.halt.click()
    qtbot.waitUntil(lambda: not session.training and room._trial is None and session.jobs.busy == 0, timeout=4 * WAIT)
    qtbot.waitUntil(lambda: "running" not in [row.state for row in room.rows], timeout=WAIT)
    assert not room.working
    i18n.set_language("zh_CN")
    panel._show_rows()
    assert "个试验中已结束" in panel.results.words.text()
    i18n.set_language("en")
    panel.closed.emit()
    assert panel.isHidden()


def test_without_optuna_one_line_says_how_to_get_it(
    window: MainWindow, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_panel, "available", lambda: False)
    page = window.page("runs")
    next(button for button in page._empty.buttons if button.text() == "Sweep").click()
    panel = page._panels["sweep"]
    assert panel.setup.missing.text() == "Sweeps need Optuna: pip install 'lstm-studio[sweeps]'"
    assert not panel.setup.start.isEnabled()


def test_five_seeds_with_one_click(window: MainWindow, session: Session, qtbot: Any, tmp_path: Path) -> None:
    open_texts(session, tmp_path, qtbot, **{**SMALL, "training.epochs": 1})
    window.show_page("model")
    window.page("model").seeds.click()
    panel = window.page("runs")._panels["seeds"]
    qtbot.waitUntil(lambda: not session.seeds.working, timeout=4 * WAIT)
    assert panel.isVisible()
    lab = session.seeds.lab
    assert lab is not None
    assert [trial.state for trial in lab.trials] == ["done"] * 5
    assert panel.mean.text().startswith("Accuracy")
    assert "±" in panel.mean.text()
    assert [row.variant.title for row in panel.table.model.rows] == ["These settings", *(f"Seed {n}" for n in range(5))]
