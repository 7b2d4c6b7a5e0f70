"""The smallest window: pages scroll instead of lying over each other, and nothing that matters is cut off."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from lstm_studio.gui.main_window import MINIMUM, MainWindow
from lstm_studio.gui.session import Session
from lstm_studio.gui.widgets.corpora_table import HERE, LICENCE
from lstm_studio.gui.widgets.examples_filter import ExamplesFilter
from lstm_studio.gui.widgets.page_place import LEAST, PagePlace


def test_a_page_has_the_height_that_it_needs(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    window.resize(*MINIMUM)
    for name in ("data", "model", "train", "inspect"):
        window.show_page(name)
        place = window._places[name]
        assert isinstance(place, PagePlace)
        qtbot.waitUntil(lambda place=place: place.room.width() == place.viewport().width())  # type: ignore[misc]
        page = window.page(name)
        assert page.width() == place.viewport().width(), "never sideways"
        assert page.height() >= min(LEAST, page.minimumSizeHint().height())
    page = window.page("data")
    page.setMinimumHeight(620)
    window.show_page("data")
    place = window._places["data"]
    qtbot.waitUntil(lambda: place.verticalScrollBar().maximum() > 0)
    assert page.height() == 620
    page.setMinimumHeight(0)
    qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=20000)


def test_whether_a_corpus_is_here_is_always_seen(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    window.resize(*MINIMUM)
    page = window.page("data")
    page.show_corpora()  # type: ignore[attr-defined]
    table = page.corpora.table  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: table.isColumnHidden(LICENCE))
    assert table.columnViewportPosition(HERE) + table.columnWidth(HERE) <= table.viewport().width()
    qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=20000)


def test_a_filter_of_examples_takes_two_lines_where_it_must(qtbot: QtBot) -> None:
    place = QWidget()
    qtbot.addWidget(place)
    place.resize(1000, 200)
    made = ExamplesFilter()
    made.setParent(place)
    place.show()
    for width, lines in ((480, 2), (900, 1), (480, 2)):
        made.resize(width, 90)
        qtbot.waitUntil(lambda lines=lines: (made.truth.y() > made.search.y() + 20) == (lines == 2))  # type: ignore[misc]
        assert made.answers.width() >= made.answers.sizeHint().width(), "its words cannot be cut"
