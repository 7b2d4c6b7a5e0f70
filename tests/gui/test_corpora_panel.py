"""Corpora in the window: found, fetched, stopped, opened with their parts, removed; where they lie is a setting."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from lstm_studio.data import corpora
from lstm_studio.data.corpora_catalogue import CATALOGUE
from lstm_studio.data.places import is_there
from lstm_studio.gui import i18n
from lstm_studio.gui import settings as settings_module
from lstm_studio.gui.main_window import MainWindow
from lstm_studio.gui.pages.data import CORPORA, WORK, DataPage
from lstm_studio.gui.session import Session
from lstm_studio.gui.widgets.corpora_panel import CorporaPanel
from lstm_studio.gui.widgets.corpora_table import HERE, LANGUAGE, ROWS, TITLE
from lstm_studio.gui.widgets.settings_dialog import SettingsDialog
from tests.data.corpora_server import SMALL, Corpora, serve_small, serving


@pytest.fixture
def server(session: Session) -> Iterator[Corpora]:
    """One with small corpora, which the settings name as the mirror."""
    with serving() as made:
        serve_small(made, SMALL)
        session.settings.corpora_mirror = made.url
        yield made


def page_of(window: MainWindow) -> DataPage:
    return window.findChildren(DataPage)[0]


def cell(panel: CorporaPanel, name: str, column: int) -> str:
    row = next(row for row, corpus in enumerate(CATALOGUE) if corpus.name == name)
    return str(panel.table.corpora.index(row, column).data())


def test_a_corpus_is_fetched_opened_and_removed(
    server: Corpora, window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    page = page_of(window)
    page.start.corpora.click()
    panel = page.corpora
    assert page.stack.currentIndex() == CORPORA
    assert page.back.isVisible()
    qtbot.waitUntil(lambda: len(session.corpora.known) == len(CATALOGUE))
    panel.table.choose("qc")
    assert cell(panel, "qc", ROWS) == "5,952"
    assert panel.download.isVisible()
    assert not panel.open.isVisible()
    qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    assert session.corpora.fetching is not None
    assert panel.bar.isVisible()
    panel.table.choose("brown")
    assert not panel.download.isEnabled()
    panel.table.choose("qc")
    qtbot.waitUntil(lambda: cell(panel, "qc", HERE) == "Is here", timeout=20_000)
    assert cell(panel, "qc", ROWS) == "70", "it was counted"
    assert panel.open.isVisible()
    panel.open.click()
    qtbot.waitUntil(lambda: session.dataset is not None and session.dataset.health is not None)
    assert page.stack.currentIndex() == WORK
    dataset = session.dataset
    assert dataset is not None
    assert (dataset.title, dataset.rows, dataset.data.test) == ("qc (train)", 60, "nltk:qc/test")
    assert session.settings.recent[0] == "nltk:qc/train"
    assert "--data nltk:qc/train" in session.training_command()
    assert "data.test=nltk:qc/test" in session.training_command()
    page.show_corpora()
    panel.remove.click()
    qtbot.waitUntil(lambda: cell(panel, "qc", HERE) == "")
    assert not is_there("nltk:qc/train")
    session.restore()  # what is not here any more is not opened
    assert session.loading is None


def test_what_fails_is_said_at_the_corpus_and_a_download_can_be_stopped(
    server: Corpora, window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    page = page_of(window)
    page.show_corpora()
    panel = page.corpora
    panel.table.choose("brown")
    panel.download.click()
    qtbot.waitUntil(lambda: panel.banner.isVisible())
    assert "does not have this corpus" in panel.banner.label.text()
    panel.table.choose("reuters")
    assert not panel.banner.isVisible()

    def slowly(handler: Any) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            for _ in range(500):
                handler.wfile.write(b"0")
                handler.wfile.flush()
                time.sleep(0.01)
        except OSError:
            pass

    server.pages["/corpora/reuters.zip"] = slowly
    panel.download.click()
    qtbot.waitUntil(lambda: panel.progress_words.text().startswith("Downloading reuters"))
    panel.cancel.click()
    assert panel.download.isVisible()
    assert not panel.bar.isVisible()
    qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=5000)
    assert not panel.banner.isVisible()
    assert not list((corpora.folder() / "corpora").iterdir())


def test_in_chinese_every_cell_is(session: Session, qtbot: QtBot) -> None:
    i18n.set_language("zh_CN")
    panel = CorporaPanel(session)
    qtbot.addWidget(panel)
    known = i18n.load_catalogue("zh_CN")
    for corpus in CATALOGUE:
        assert {corpus.title, corpus.help, corpus.kind, corpus.licence} <= known.keys(), corpus.name
        for column in (TITLE, LANGUAGE):
            text = cell(panel, corpus.name, column)
            assert not text.isascii(), text
    assert cell(panel, "comtrans-de-en", LANGUAGE) == "德语, 英语"


def test_folder_and_mirror_are_settings(session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = SettingsDialog(session)
    qtbot.addWidget(dialog)
    assert dialog.corpora.place.folder.full_text() == str(corpora.folder())
    dialog.corpora.mirror.setText("example.org")
    dialog.corpora.mirror.editingFinished.emit()
    assert "begins with https://" in dialog.corpora.no_mirror.text()
    assert session.settings.corpora_mirror == ""
    dialog.corpora.mirror.setText("https://example.org/nltk")
    dialog.corpora.mirror.editingFinished.emit()
    assert corpora.chosen().mirror == "https://example.org/nltk"
    usual = corpora.folder()
    dialog.corpora.keep(str(tmp_path))
    qtbot.waitUntil(lambda: session.jobs.busy == 0)
    assert corpora.folder() == tmp_path
    assert settings_module.load()[0].corpora_folder == str(tmp_path)
    dialog.corpora.usual.click()
    assert corpora.folder() == usual
    qtbot.waitUntil(lambda: session.jobs.busy == 0)
