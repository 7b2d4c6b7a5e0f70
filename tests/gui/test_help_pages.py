"""F1 opens the page of the handbook that belongs to what has the focus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QApplication, QWidget

from lstm_studio.gui import help_pages, i18n
from lstm_studio.gui.forms import FieldRow
from lstm_studio.gui.main_window import MainWindow
from lstm_studio.gui.notify import Notice, hub
from lstm_studio.gui.pages import PAGES
from lstm_studio.gui.widgets.help_dialog import HelpDialog
from lstm_studio.gui.widgets.inspect_modes import MODES
from lstm_studio.gui.widgets.inspect_views import VIEWS
from lstm_studio.gui.widgets.settings_dialog import SettingsDialog
from tests.docs.pages import DOCS, generated, places

FIRST_PAGE = "model"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses that were to be opened in a browser."""
    found: list[str] = []

    def open_url(url: QUrl) -> bool:
        found.append(url.toLocalFile())
        return True

    monkeypatch.setattr(help_pages.QDesktopServices, "openUrl", open_url)
    return found


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A handbook as it is built, in small."""
    for folder in ("en", "zh"):
        (tmp_path / "help" / folder).mkdir(parents=True)
    settings = '<section id="data-lowercase"><section id="data-tagging-lowercase"><section id="model-hidden-size">'
    for name, text in (("model", "m"), ("settings", settings), ("inspection", '<h2 id="why">')):
        (tmp_path / "help" / "en" / f"{name}.html").write_text(text, encoding="utf-8")
    (tmp_path / "help" / "zh" / "model.html").write_text("模型", encoding="utf-8")
    monkeypatch.setattr(help_pages, "roots", lambda: (tmp_path / "help", tmp_path / "no-docs"))
    return tmp_path / "help"


@pytest.mark.parametrize("help_id", help_pages.HELP)
def test_every_id_is_a_place_in_the_handbook(help_id: str) -> None:
    wanted = help_pages.HELP[help_id]
    assert not wanted.place or wanted.place in places(DOCS / f"{wanted.page}.md")
    chinese = DOCS / "zh" / f"{wanted.page}.md"
    assert not wanted.place or not chinese.exists() or wanted.place in places(chinese)


def test_every_setting_has_its_place() -> None:
    for folder in (DOCS, DOCS / "zh"):
        known = places(folder / "settings.md")
        for name in generated().every_setting():
            section, *task, field = name.split(".")
            found = help_pages.places_of(f"setting:{section}.{field}", task[0] if task else "")
            assert found[0] in known


def test_pages_views_and_modes_have_ids(window: MainWindow) -> None:
    assert {info.name for info in PAGES} <= help_pages.HELP.keys()
    assert {f"inspect.{kind.name}" for kind in (*VIEWS, *MODES)} <= help_pages.HELP.keys()
    for info in PAGES:
        window.show_page(info.name)
        for widget in window.page(info.name).findChildren(QWidget):
            found = widget.property(help_pages.PROPERTY)
            assert found is None or found in help_pages.HELP or found.startswith(help_pages.SETTING), found


def test_f1_follows_the_focus(window: MainWindow, page: Any, qtbot, built: Path, opened: list[str], home: Path) -> None:
    window.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_F1)
    assert opened == [str(built / "en" / "model.html")]
    row = next(row for row in page.findChildren(FieldRow) if row.dotted == "model.hidden_size")
    row.editor.setFocus()
    qtbot.waitUntil(lambda: help_pages.help_of(QApplication.focusWidget()) == "setting:model.hidden_size")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_F1)
    # What stands behind # in an address is lost on the way to a browser: a page in between leads there.
    between = Path(opened[1])
    assert home in between.parents
    assert f"{(built / 'en' / 'settings.html').as_uri()}#model-hidden-size" in between.read_text(encoding="utf-8")


def test_a_tasks_own_declaration_comes_first(built: Path) -> None:
    page = built / "en" / "settings.html"
    assert help_pages.find("setting:data.lowercase", "tagging") == (page, "data-tagging-lowercase")
    assert help_pages.find("setting:data.lowercase", "translation") == (page, "data-lowercase")
    assert help_pages.find("setting:data.header", "tagging") == (page, "")


def test_chinese_pages_come_first_in_a_chinese_window(built: Path) -> None:
    i18n.set_language("zh_CN")
    assert help_pages.find("model") == (built / "zh" / "model.html", "")
    assert help_pages.find("inspect.why") == (built / "en" / "inspection.html", "why")


def test_without_a_handbook_there_are_its_sources_or_a_sentence(
    built: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch, qtbot
) -> None:
    said: list[Notice] = []
    hub().notice.connect(said.append)
    assert not help_pages.open_help("runs")
    assert "not part of this installation" in said[-1].text
    monkeypatch.setattr(help_pages, "roots", lambda: (built, DOCS))
    assert help_pages.open_help("runs")
    assert opened == [str(DOCS / "runs.md")]
    monkeypatch.setattr(help_pages.QDesktopServices, "openUrl", lambda url: False)
    assert not help_pages.open_help("model")
    assert str(built / "en" / "model.html") in said[-1].text


def test_dialogs_and_the_rail(window: MainWindow, qtbot, built: Path, opened: list[str]) -> None:
    (built / "en" / "start.html").write_text("s", encoding="utf-8")
    for dialog in (HelpDialog(window), SettingsDialog(window.session, window)):
        dialog.open()
        dialog.activateWindow()
        qtbot.waitUntil(lambda shown=dialog: QApplication.activeWindow() is shown)
        qtbot.keyClick(dialog, Qt.Key.Key_F1)
        if isinstance(dialog, HelpDialog):
            dialog.handbook.click()
        dialog.close()
    assert opened == [str(built / "en" / "start.html")] * 3
    asked: list[bool] = []
    window.rail.help_asked.connect(lambda: asked.append(True))
    window.rail.help_asked.disconnect(window.show_help)
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    window.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_F1, Qt.KeyboardModifier.ShiftModifier)
    assert asked == [True]
