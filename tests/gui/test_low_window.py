"""The smallest window: pages scroll instead of lying over each other, and nothing that matters is cut off."""

from __future__ import annotations

from html import unescape
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSize
from PySide6.QtWidgets import QApplication, QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from lstm_studio.gui import i18n, text_size
from lstm_studio.gui.main_window import MINIMUM, MainWindow
from lstm_studio.gui.pages import PAGES
from lstm_studio.gui.session import Session
from lstm_studio.gui.widgets.corpora_table import HERE, LICENCE
from lstm_studio.gui.widgets.examples_filter import ExamplesFilter
from lstm_studio.gui.widgets.page_place import LEAST, PagePlace

from .test_asides import OWN, dialog_of


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


def test_a_long_name_of_a_run_leaves_the_others_their_room(
    window: MainWindow, session: Session, texts_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "second try on Monday & with dropout 0.5, " * 4
    monkeypatch.setattr(type(session), "run_name", lambda *_: name)
    session.select_run(texts_run)
    header = window.header
    for width in (1280, 1024):
        window.resize(width, 700)
        QApplication.processEvents()
        assert "…" in header.run.text()
        assert name.strip() in unescape(header.run.toolTip())
        assert header.run.width() < 0.35 * header.width()
        assert header.file.text() == "LSTM Studio"
    assert name in header.run.accessibleName()


SMALL = QSize(624, 360)
"""What a screen of 1280 x 800 pixels at 200 % leaves for a window, in units."""


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_size, "room", lambda _: SMALL)


@pytest.mark.usefixtures("small")
def test_a_small_screen_holds_the_window_and_every_page_can_be_scrolled(session: Session, qtbot: QtBot) -> None:
    window = MainWindow(session)
    window.show()
    assert window.size() == SMALL
    for size in (SMALL, QSize(800, 560)):
        window.resize(size)
        for info in PAGES:
            window.show_page(info.name)
            qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=20_000)
            place, page = window._places[info.name], window.page(info.name)
            qtbot.waitUntil(lambda place=place: place.room.width() >= place.viewport().width())  # type: ignore[misc]
            assert page.width() >= page.minimumSizeHint().width(), info.name
            assert place.horizontalScrollBar().maximum() >= page.width() - place.viewport().width(), info.name
            assert place.verticalScrollBar().maximum() >= page.height() - place.viewport().height(), info.name
        for button in (*window.rail.buttons.values(), window.rail.help, window.rail.settings):
            assert window.rail.rect().contains(button.geometry()), button.text()
    window.close()
    window.deleteLater()


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_dialog_fits_on_a_small_screen(language: str, session: Session, window: MainWindow) -> None:
    i18n.set_language(language)
    for name in OWN:
        dialog = dialog_of(name, session, window)
        dialog.show()
        QApplication.processEvents()
        needed = dialog.minimumSizeHint().expandedTo(dialog.minimumSize())
        assert needed.boundedTo(SMALL) == needed, f"{name} needs {needed}"
        assert dialog.size().boundedTo(SMALL) == dialog.size(), f"{name} has {dialog.size()}"
        for button in dialog.findChildren(QPushButton):
            inside = [area for area in dialog.findChildren(QScrollArea) if area.isAncestorOf(button)]
            place = button.geometry().translated(button.parentWidget().mapTo(dialog, QPoint(0, 0)))
            assert inside or not button.isVisible() or dialog.rect().contains(place), f"{name}: {button.text()}"
        dialog.close()
        dialog.deleteLater()
