"""Gradient through time and what speaks for an answer, in the real page; their parts with mouse and keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication

from lstm_studio.gui import theme
from lstm_studio.gui.main_window import MainWindow
from lstm_studio.gui.session import Session
from lstm_studio.gui.widgets.answer_choice import AnswerChoice, answer_name
from lstm_studio.gui.widgets.flow_chart import Curve, FlowChart, size_words
from lstm_studio.gui.widgets.flow_map import FlowMap
from lstm_studio.gui.widgets.flow_words import by_moment, course
from lstm_studio.gui.widgets.gradient_view import GradientView
from lstm_studio.gui.widgets.phrase_bars import Part, PhraseBars, signed
from lstm_studio.gui.widgets.phrase_words import PhraseWords
from lstm_studio.gui.widgets.why_view import WhyView
from lstm_studio.training.events import GateSnapshot, LayerFlow
from tests.gui.test_inspect_page import read
from tests.gui.test_inspect_written import trace
from tests.gui.test_train_page import WAIT, open_texts

FIRST_PAGE = "inspect"


@pytest.mark.slow
def test_from_a_run_in_training_to_a_twin_beside_it(
    page: Any,
    session: Session,
    window: MainWindow,
    qtbot: Any,
    tmp_path: Path,
) -> None:
    open_texts(session, tmp_path, qtbot, **{"training.epochs": 4000, "training.probe_seconds": 0.02})
    assert session.start_training()
    active = session.active
    qtbot.waitUntil(lambda: active is not None and len(active.history.snapshots) > 2, timeout=WAIT)
    window.show_page("inspect")
    read(page, "the film was good", qtbot)
    page.views.choose("gradient")
    view = page.views.view
    assert isinstance(view, GradientView)
    qtbot.waitUntil(lambda: view.flow is not None, timeout=WAIT)
    assert not view.partner.train.isEnabled(), "one run at a time"
    view.when.buttons[1].click()
    shots = view._shots()
    assert all(isinstance(shot, GateSnapshot) and shot.flow for shot in shots)
    assert view.map._maps["h"].shape[0] >= 2
    assert set(view.map._maps) == {"h", "c"}
    assert "One row for each moment" in view.said.text()
    page.grab()
    session.stop()
    qtbot.waitUntil(lambda: not session.training, timeout=WAIT)
    lstm = session.selected_run

    view.when.buttons[0].click()
    read(page, "the film was good", qtbot)
    qtbot.waitUntil(lambda: view.flow is not None and view.partner.train.isEnabled(), timeout=WAIT)
    asked: list[int] = []
    view.token_asked.connect(asked.append)
    view._pointed(-1)
    assert asked == [view.flow.layers[0].answer - 1]
    assert "−1 · h" in view.status.full_text()
    assert "log-odds of" in view.said.text()
    view.scale.buttons[1].click()
    own = view.chart._curves[0]
    assert own.values[-own.first] == pytest.approx(1.0), "as a share of what it is at the answer"

    session.select_run(lstm)
    view.partner.train.click()
    qtbot.waitUntil(lambda: session.training and session.selected_run not in (None, lstm), timeout=WAIT)
    qtbot.waitUntil(lambda: session.active is not None and session.active.epoch >= 2, timeout=WAIT)
    session.stop()
    qtbot.waitUntil(lambda: not session.training, timeout=WAIT)
    assert session.active is not None
    assert session.active.config.model.cell == "rnn"
    window.show_page("inspect")
    session.select_run(lstm)
    read(page, "the film was bad", qtbot)
    qtbot.waitUntil(lambda: view.beside is not None, timeout=WAIT)
    assert view.beside.cell == "rnn"
    assert [curve.dashed for curve in view.chart._curves] == [False, False, True]
    assert view.partner.partner is not None
    assert view.partner.partner.twin
    assert "Beside it (RNN)" in view.said.text()
    theme.choose("dark")
    page.grab()
    theme.choose("light")

    page.views.choose("why")
    why = page.views.view
    assert isinstance(why, WhyView)
    qtbot.waitUntil(lambda: why.found is not None, timeout=WAIT)
    assert "gap 0.00" in why.sum.text()
    assert why.answer.classes.count() == 3
    why.method.buttons[1].click()
    qtbot.waitUntil(lambda: why.found is not None and why.found.method == "occlusion", timeout=WAIT)
    start, end = (why.words._places[n].center().toPoint() for n in (1, 3))
    qtbot.mousePress(why.words, Qt.MouseButton.LeftButton, pos=start)
    move(why.words, end)
    qtbot.mouseRelease(why.words, Qt.MouseButton.LeftButton, pos=end)
    qtbot.waitUntil(lambda: why.phrase is not None, timeout=WAIT)
    assert (why.phrase.start, why.phrase.end) == (1, 4)
    assert why.phrase_title.text() == "“\u2068film was bad\u2069”"
    assert "make up the log-odds" in why.phrase_said.text()
    page.grab()
    page.text.setPlainText("  ")
    page._ask()
    assert page.views.on_gates, "nothing is to be seen of no text"


def move(widget: Any, to: QPoint) -> None:
    """A move with the button held, which qtbot cannot make on every platform."""
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent

    where = QPointF(to)
    left = Qt.MouseButton.LeftButton
    kind = QEvent.Type.MouseMove
    QApplication.sendEvent(
        widget,
        QMouseEvent(kind, where, widget.mapToGlobal(where), left, left, Qt.KeyboardModifier.NoModifier),
    )


def test_words_are_chosen_with_keys_and_clicks(qtbot: Any) -> None:
    words = PhraseWords()
    qtbot.addWidget(words)
    words.resize(200, 300)
    words.show()
    words.set_words("▁one two three four five six".split(), [False] * 6, [0.1, -0.4, 0, 0.2, 0, 0.3])
    assert words._tokens[0] == "one"
    picked: list[int] = []
    phrases: list[Any] = []
    words.picked.connect(picked.append)
    words.phrase_chosen.connect(phrases.append)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Return):
        qtbot.keyClick(words, key)
    qtbot.keyClick(words, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(words, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert (picked, phrases) == ([1], [(1, 3), (1, 4)])
    words.set_answer(2)
    words.grab()
    qtbot.keyClick(words, Qt.Key.Key_Escape)
    assert phrases[-1] is None
    qtbot.mouseClick(words, Qt.MouseButton.LeftButton, pos=words._places[4].center().toPoint())
    assert picked[-1] == 4
    words.set_words(["other"], [False], None)
    assert words.answer is None


def test_curves_and_maps_of_all_kinds_are_drawn_and_told(qtbot: Any) -> None:
    chart = FlowChart()
    qtbot.addWidget(chart)
    chart.resize(500, 260)
    chart.set_curves((), (), 0)
    chart.grab()
    values = np.array([0.0, 1e-30, 1e-3, 2.0, 0.0])
    chart.set_curves(
        [Curve("h", "h", -3, values), Curve("c", "c", -1, np.array([np.nan, 3.0]), dashed=True)], list("abcde"), -3
    )
    assert chart._y[1] - chart._y[0] < 20, "what is very small does not squeeze the rest"
    chart.set_cursor(-1)
    chart.grab()
    pointed: list[Any] = []
    chart.step_pointed.connect(pointed.append)
    move(chart, chart._plot().center().toPoint())
    assert pointed == [-1]
    chart.set_curves([Curve("h", "h", 0, np.zeros(1))], ["a"], 0)
    chart.grab()

    picture = FlowMap()
    qtbot.addWidget(picture)
    picture.resize(500, 260)
    picture.set_rows((), {}, 0)
    picture.grab()
    rows = np.array([[np.nan, 1e-6, 0.1], [1e-3, 0.0, 1.0]])
    picture.set_rows((10, 1200), {"h": rows, "c": rows}, -2)
    picture.grab()
    area = picture._areas()["h"]
    told = picture.words_at(QPointF(area.right() - 2, area.bottom() - 2))
    assert told == "After 1,200 training steps: ∂L/∂h 1 at +0 steps from the answer"
    assert picture.words_at(QPointF(area.left() + 2, area.top() + 2)) == ""


def test_words_for_what_becomes_of_a_gradient() -> None:
    def layer(*h: float, backward: bool = False, answer: int = 2) -> LayerFlow:
        return LayerFlow(0, "backward" if backward else "forward", np.array(h), None, answer)

    assert course(layer(0.001, 0.1, 1.0)) == "Over 2 steps that of h falls to 1/1,000."
    assert course(layer(2.5, 0.1, 1.0), "RNN") == "Beside it (RNN) that of h grows 2.5 times."
    assert course(layer(1.0, 0.0, 0.0, backward=True, answer=0)) == "Over 2 steps that of h vanishes altogether."
    assert course(layer(1.0, answer=0)) == ""
    assert "stays" in course(layer(1.05, 1.0, answer=1))
    maps, first = by_moment([layer(1.0, 2.0, 3.0), layer(4.0, answer=0)], lambda values, answer: values)
    assert first == -2
    np.testing.assert_array_equal(maps["h"], [[1, 2, 3], [np.nan, np.nan, 4]])
    assert [size_words(value) for value in (0.0, 3e-7, 0.25, 12345.0)] == ["0", "3e−7", "0.25", "1e4"]
    assert [signed(value) for value in (1.2, -0.35, 0.0121, -1e-9)] == ["+1.20", "−0.35", "+0.012", "0.00"]


def test_answers_of_every_kind_can_be_chosen(qtbot: Any) -> None:
    choice = AnswerChoice()
    qtbot.addWidget(choice)
    written = trace()
    choice.set_trace(written)
    assert (choice.word, choice.label, choice.by_token) == (None, None, False)
    assert choice.words.count() == 4
    heard: list[int] = []
    choice.changed.connect(lambda: heard.append(1))
    choice.pick(2)
    choice.pick(7)
    assert (choice.word, heard) == (2, [1])
    choice.set_trace(written)
    assert choice.word == 2
    assert answer_name("O", written) == "\u2068O\u2069"
    choice.set_trace(None)
    bars = PhraseBars()
    qtbot.addWidget(bars)
    bars.resize(300, 100)
    bars.grab()
    bars.set_parts([Part("a", -0.5, strong=True)])
    bars.grab()
    bars.set_parts([Part("a", 0.0), Part("b", 0.0, inner=True)])
    bars.grab()
