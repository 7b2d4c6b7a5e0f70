"""The guided lesson walks through the page and leaves it as it was."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt

from lstm_studio.gui.session import Session
from lstm_studio.gui.widgets.inspect_views import GATES
from lstm_studio.gui.widgets.lesson_steps import MOST, STEPS, moment_of, steps_for
from lstm_studio.inspection.trace import TextTrace
from lstm_studio.training.events import LayerGates
from tests.gui.test_inspect_page import read, trained  # noqa: F401
from tests.gui.test_train_page import WAIT

FIRST_PAGE = "inspect"


def test_it_walks_through_the_page_and_forgets_itself(trained: Any, session: Session, qtbot: Any) -> None:  # noqa: F811
    page = trained
    read(page, "the film was good", qtbot)
    page.grid.view.choose(4)
    lesson = page.lesson
    assert page.teach.isVisible()
    assert not lesson.isVisible()
    page.teach.click()
    qtbot.waitUntil(lambda: lesson._moment is not None, timeout=WAIT)
    names = []
    while lesson.running:
        step = lesson.step
        names.append(step.name)
        assert lesson.head.text()
        assert len(lesson.said.text()) > 40
        assert page.views.switch.value() == step.view
        assert f"Step {len(names)} of" in lesson.number.text()
        assert lesson.outline.isVisible()
        assert page.rect().contains(lesson.outline.geometry())
        if step.pointed:
            assert page.grid.view.cursor[0] == lesson._moment.token
        lesson.next.click()
        if len(names) == 3:
            lesson.back.click()
            assert lesson.step.name == "unit"
            lesson.next.click()
    assert names == [step.name for step in steps_for(page.views.offered)]
    assert names[:3] == ["words", "gates", "unit"]
    assert names[-1] == "turn"
    assert not lesson.isVisible()
    assert not lesson.outline.isVisible()
    assert page.text.toPlainText() == "the film was good"
    assert page.views.switch.value() == GATES
    assert page.grid.view.chosen == 4
    page.teach.click()
    qtbot.keyClick(lesson.next, Qt.Key.Key_Escape)
    assert not lesson.running
    page.teach.click()
    session.select_run(None)
    assert not lesson.running, "another run is another lesson"


def test_steps_and_the_moment() -> None:
    assert len(STEPS) <= MOST
    assert [step.name for step in steps_for(())] == ["words", "gates", "unit", "turn"]
    assert "anatomy" in [step.name for step in steps_for(("anatomy", "whatif"))]
    c = np.zeros((3, 4), np.float32)
    c[2, 1] = -2.0
    layer = LayerGates(0, "forward", {"c": c, "h": c})
    said = np.array([[0.5, 0.5], [0.6, 0.4], [0.1, 0.9]], np.float32)
    trace = TextTrace(
        text="a b c", tokens=("a", "b", "c"), known=(True,) * 3, layers=(layer,), classes=("x", "y"),
        probabilities=said[-1], prefix_probabilities=said,
    )  # fmt: skip
    moment = moment_of(trace, layer)
    assert (moment.token, moment.unit, moment.word) == (2, 1, "c")
    for step in STEPS:
        assert step.title()
        assert "{" not in step.text(moment, gated=False) + step.text(moment, gated=True)
