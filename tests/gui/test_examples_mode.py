"""The tables of examples, and two runs beside each other, on real networks in the real window."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from lstm_studio.gui import theme
from lstm_studio.gui.main_window import MainWindow
from lstm_studio.gui.pages.inspect import InspectPage
from lstm_studio.gui.session import Session
from lstm_studio.gui.widgets.calibration_chart import CalibrationChart
from lstm_studio.gui.widgets.compare_mode import CompareMode
from lstm_studio.gui.widgets.compare_words import marked_difference
from lstm_studio.gui.widgets.examples_mode import ExamplesMode
from lstm_studio.gui.widgets.network_choice import EpochChoice
from lstm_studio.inspection.examples import calibration
from lstm_studio.inspection.paired import mcnemar
from lstm_studio.runs.predictor import Predictor
from lstm_studio.training import kept
from tests.gui.conftest import settle
from tests.gui.test_train_page import WAIT, open_texts, train


@pytest.fixture
def page(window: MainWindow, session: Session, tmp_path: Path, qtbot: Any) -> InspectPage:
    open_texts(session, tmp_path, qtbot, **{"training.epochs": 2})
    train(session, qtbot)
    window.show_page("inspect")
    made = window.page("inspect")
    assert isinstance(made, InspectPage)
    return made


def show(page: InspectPage, name: str) -> Any:
    page.mode.set_value(name)
    page._mode_chosen(name)
    return page.many(name) if name != "text" else page


def listed(mode: ExamplesMode, qtbot: Any, count: int) -> None:
    qtbot.waitUntil(lambda: mode.table.model.rowCount() == count, timeout=WAIT)


def test_all_examples_in_a_table(page: InspectPage, qtbot: Any, qapp: QApplication) -> None:
    mode = show(page, "examples")
    assert isinstance(mode, ExamplesMode)
    listed(mode, qtbot, 16)
    examples = mode.examples
    assert examples is not None
    assert "Examples" in mode.help() or mode.about.text()
    assert mode.table.model.headerData(2, Qt.Orientation.Horizontal) == "Read as"
    loss = examples.loss[mode.rows]
    assert (np.diff(loss) <= 0).all(), "the worst first"
    assert mode.loading.isHidden()

    # sort, search, right and wrong, truth and answer
    qtbot.keyClick(mode.table.view, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: examples.texts[mode.rows[0]] == min(examples.texts), timeout=WAIT)
    word = examples.texts[int(mode.rows[0])].split()[-1]
    mode.filter.search.setText(word)
    qtbot.waitUntil(lambda: mode.table.model.rowCount() < 16, timeout=WAIT)
    assert all(word in examples.texts[row] for row in mode.rows)
    mode.filter.search.clear()
    listed(mode, qtbot, 16)
    right = int(examples.right.sum())
    mode.filter.answers.buttons[2].click()
    listed(mode, qtbot, right)
    assert mode.bar.value.value.text() == ("100.0 %" if right else "–")
    mode.show_all()
    listed(mode, qtbot, 16)
    mode.filter.truth.setCurrentIndex(1)
    mode.filter.truth.activated.emit(1)
    listed(mode, qtbot, 8)
    mode.show_all()
    listed(mode, qtbot, 16)

    # a group
    mode.slice_table._pick(0)
    listed(mode, qtbot, 8)
    assert mode.filter.chip.isVisible()
    assert mode.filter.chip.text() == examples.classes[0]
    mode.filter.chip.click()
    listed(mode, qtbot, 16)
    mode.by.buttons[-1].click()
    qtbot.waitUntil(mode.confusion.isVisible, timeout=WAIT)
    counts = mode.confusion.table.counts.counts
    assert (counts.sum(), counts.trace()) == (16, right)
    cell = (0, 0) if counts[0, 0] else (0, 1)
    for expected in (int(counts[cell]), 16):  # once more lets go
        mode.confusion.table.setCurrentIndex(mode.confusion.table.counts.index(*cell))
        qtbot.keyClick(mode.confusion.table, Qt.Key.Key_Return)
        listed(mode, qtbot, expected)
        assert mode.filter.cell_chip.isHidden() == (expected == 16)
    for button in mode.by.buttons[1:-1]:
        button.click()
        qtbot.waitUntil(lambda: sum(one.count for one in mode.slice_table.slices.rows) == 16, timeout=WAIT)
    theme.choose("dark")
    mode.grab()
    theme.choose("light")

    # nothing is read again, and a double click opens
    job = mode._job
    mode.look()
    assert mode._job is job is None
    text = examples.texts[int(mode.rows[0])]
    mode.table.view.setCurrentIndex(mode.table.model.index(0, 0))
    qtbot.keyClick(mode.table.view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.text.toPlainText() == text and page.mode.value() == "text", timeout=WAIT)
    qtbot.waitUntil(lambda: page.trace is not None and page.trace.text == text, timeout=WAIT)

    # reading is cancelled; data that are gone are a sentence
    mode.reader._kept.clear()
    mode._show(None)
    show(page, "examples")
    mode._stop()
    assert mode.empty.buttons[0].isVisible()
    Path(page.session.config.data.path).unlink()
    mode.empty.buttons[0].click()
    qtbot.waitUntil(lambda: mode.empty.title.text() == "The examples cannot be read", timeout=WAIT)
    assert "texts.csv" in mode.empty.text.text()
    settle(qapp)


def test_a_network_in_training_answers_too(window: MainWindow, session: Session, tmp_path: Path, qtbot: Any) -> None:
    open_texts(session, tmp_path, qtbot, **{"training.epochs": 5000})
    assert session.start_training()
    qtbot.waitUntil(lambda: session.active is not None and session.active.epoch > 1, timeout=WAIT)
    window.show_page("inspect")
    page = window.page("inspect")
    assert isinstance(page, InspectPage)
    mode = show(page, "examples")
    listed(mode, qtbot, 16)
    first = mode.examples
    qtbot.waitUntil(mode.bar.again.isVisible, timeout=WAIT)
    mode.bar.again.click()
    qtbot.waitUntil(lambda: mode.examples is not first, timeout=WAIT)
    session.stop()
    qtbot.waitUntil(lambda: not session.training, timeout=WAIT)


def pick(box: EpochChoice, epoch: int) -> None:
    box.choose(epoch)
    box.box.activated.emit(box.box.currentIndex())


def test_two_runs_or_epochs_side_by_side(page: InspectPage, session: Session, window: MainWindow, qtbot: Any) -> None:
    mode = show(page, "compare")
    assert isinstance(mode, CompareMode)
    first = session.selected_run
    assert first is not None

    # one run: its best weights beside its first epoch
    qtbot.waitUntil(lambda: mode.second.currentData() == first, timeout=WAIT)
    words = [mode.second_epoch.box.itemText(place) for place in range(mode.second_epoch.box.count())]
    assert words[0] == "Best weights"
    assert [word.removesuffix(" ★") for word in words[1:]] == ["Epoch 1", "Epoch 2"]
    assert (mode.first_epoch.epoch, mode.second_epoch.epoch) == (None, 1)
    mode.text.line.text.setPlainText("the film was good")
    pick(mode.first_epoch, 2)
    qtbot.waitUntil(lambda: all(trace is not None for trace in mode.text.traces), timeout=WAIT)
    assert mode.text.sides[0].name.full_text().startswith("Epoch 2")
    for place, trace in enumerate(mode.text.traces):
        own = Predictor(first, epoch=2 - place).trace("the film was good")
        np.testing.assert_allclose(trace.probabilities, own.probabilities, rtol=1e-6)
    assert "the same network at two times" in mode.text.note.text()
    mode.what.buttons[1].click()
    qtbot.waitUntil(lambda: mode.examples.paired is not None, timeout=WAIT)
    assert len(mode.examples.paired) == 16
    assert not np.array_equal(mode.examples.paired.one.loss, mode.examples.paired.other.loss)
    mode.what.buttons[0].click()
    pick(mode.first_epoch, 1)
    assert mode.empty.title.text() == "A and B are the same network"
    shutil.rmtree(first / kept.FOLDER)
    session.runs_changed.emit()
    qtbot.waitUntil(lambda: mode.empty.title.text().startswith("There is no second run"), timeout=WAIT)
    session.change(**{"model.cell": "gru", "training.epochs": 1, "training.keep_epochs": "none"})
    train(session, qtbot)
    second = session.selected_run
    assert second is not None
    assert second != first
    window.show_page("inspect")
    show(page, "text")
    mode = show(page, "compare")
    qtbot.waitUntil(lambda: mode.second.currentData() == first, timeout=WAIT)

    # one text: answers, gates, difference
    mode.text.line.text.setPlainText("the film was good")
    mode.text.ask()
    qtbot.waitUntil(lambda: all(trace is not None for trace in mode.text.traces), timeout=WAIT)
    assert "They differ most about" in mode.text.difference.text()
    one, other = mode.text.traces
    assert one is not None
    assert other is not None
    assert mode.text.maps.differing
    shown = mode.text.maps.maps[2]
    own, others = (next(layer for layer in trace.layers if layer.name == "layer0.forward") for trace in (one, other))
    assert shown.value_at(1, 2) == pytest.approx(float(others.values["h"][1, 2] - own.values["h"][1, 2]))
    shown.view.set_cursor((1, 2))
    assert "token 2 of 4" in mode.text.maps.status.full_text()
    mode.text.line.text.setPlainText("  ")
    mode.text.ask()
    assert mode.text.traces == [None, None]

    # all examples
    mode.what.buttons[1].click()
    qtbot.waitUntil(lambda: mode.examples.paired is not None, timeout=WAIT)
    paired = mode.examples.paired
    assert paired is not None
    assert len(paired) == 16
    counts = [paired.count(outcome) for outcome in ("both", "first", "second", "neither")]
    assert sum(counts) == 16
    assert paired.p == mcnemar(counts[1], counts[2])
    for outcome, count in zip(("both", "first", "second", "neither"), counts, strict=True):
        mode.examples.counts.buttons[outcome].click()
        assert mode.examples.table.pairs.rowCount() == count
    most = ("both", "first", "second", "neither")[int(np.argmax(counts))]
    mode.examples.counts.buttons[most].click()
    text = mode.examples.table.pairs.text(0, 0)
    mode.grab()
    qtbot.keyClick(mode.examples.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.mode.value() == "text" and page.text.toPlainText() == text, timeout=WAIT)

    # a run of another task
    strange = Path(shutil.copytree(first, first.parent / "strange"))
    info = json.loads((strange / "run.json").read_text(encoding="utf-8"))
    (strange / "run.json").write_text(json.dumps({**info, "task": "tagging", "name": "strange"}), encoding="utf-8")
    mode = show(page, "compare")
    qtbot.waitUntil(lambda: mode.second.count() == 2, timeout=WAIT)
    assert mode.second.currentData() == first
    mode.second.setCurrentIndex(1)
    mode.second.activated.emit(1)
    assert mode.empty.isVisible()
    assert "have nothing in common" in mode.empty.text.text()
    assert not mode.what.isVisible()


def test_a_calibration_tells_each_group(qtbot: Any) -> None:
    chart = CalibrationChart()
    qtbot.addWidget(chart)
    chart.resize(320, 200)
    chart.grab()
    chart.set_calibration(calibration(np.array([0.95, 0.97, 0.2]), np.array([True, False, True])), "word")
    plot = chart.plot()
    assert "2 words, on average 96.0 % sure, 50.0 % right" in chart.tip(plot.right() - 2)
    assert chart.tip(plot.left() - 5) == ""
    assert "none" in chart.tip(plot.left() + 2)
    chart.grab()


def test_what_only_one_writes_is_underlined() -> None:
    assert marked_difference("a <b> cat", "a <b> cat") == "a &lt;b&gt; cat"
    assert "underline" in marked_difference("a red cat", "a blue cat")
    assert marked_difference("  ", "a") == "Nothing was written"
