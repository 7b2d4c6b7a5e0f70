"""The line of the Inspect page shows one line, and titles of columns keep apart."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtGui import QFontMetricsF

from lstm_studio.gui.session import Session
from lstm_studio.gui.theme import font
from lstm_studio.gui.widgets import ranked_units
from lstm_studio.gui.widgets.inspect_text import TextLine


def test_nothing_of_a_second_line_is_seen(session: Session, qtbot: Any) -> None:
    line = TextLine(session)
    qtbot.addWidget(line)
    line.text.setPlainText("# Juno and the Silver Key\nOnce there lived")
    for _ in range(2):
        line.show()
        edit = line.text
        second = edit.document().findBlockByNumber(1)
        top = edit.blockBoundingGeometry(second).translated(edit.contentOffset()).top()
        assert edit.viewport().height() <= top + 1
        first = edit.document().findBlockByNumber(0)
        bottom = edit.blockBoundingGeometry(first).translated(edit.contentOffset()).bottom()
        assert edit.viewport().height() >= bottom - 1, "the first one is seen whole"
        line.hide()


@pytest.mark.parametrize("figure", ["F1", "Right tokens", "Bits per character"])
def test_titles_of_columns_keep_apart(figure: str, qtbot: Any) -> None:
    title = QFontMetricsF(font("small")).horizontalAdvance(f"{figure}, points")
    assert title <= ranked_units._last_column(figure)
