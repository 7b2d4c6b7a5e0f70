"""The frame: pages, keys, header, run bar, closing, dropping, settings, language, no torch before the first paint."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPointF, QSize, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

from lstm_studio.gui import app, folders, i18n, settings, text_size, theme
from lstm_studio.gui.main_window import FIRST, MainWindow
from lstm_studio.gui.notify import Notice, hub
from lstm_studio.gui.pages import PAGES
from lstm_studio.gui.session import Session
from lstm_studio.gui.settings import Settings
from lstm_studio.gui.widgets.basic import Banner
from lstm_studio.gui.widgets.help_dialog import HelpDialog
from lstm_studio.gui.widgets.question import Question
from lstm_studio.gui.widgets.settings_dialog import SettingsDialog

from .conftest import settle

SMALL = {
    "model.hidden_size": 4,
    "model.embedding_size": 4,
    "training.epochs": 500,
    "training.batch_size": 16,
    "training.threads": 1,
}


def train(session: Session, qtbot) -> None:
    """A run that goes on for long."""
    session.open_sample("sentiment-contrast", rows=200)
    qtbot.waitUntil(lambda: session.dataset is not None and session.dataset.health is not None, timeout=20_000)
    session.change(**SMALL)
    assert session.start_training()
    qtbot.waitUntil(lambda: session.active is not None and session.active.step > 2, timeout=60_000)


def answer(words: str) -> None:
    """Press a button of the dialog that opens next."""

    def press() -> None:
        box = QApplication.activeModalWidget()
        if not isinstance(box, Question):
            QTimer.singleShot(20, press)
            return
        next(button for button in (box.yes, box.no) if button.text() == words).click()

    QTimer.singleShot(20, press)


def test_the_window_is_built_without_torch() -> None:
    code = (
        "import sys; from PySide6.QtWidgets import QApplication; app = QApplication([]);"
        "from lstm_studio.gui import theme; theme.choose('light');"
        "from lstm_studio.gui.session import Session; from lstm_studio.gui.main_window import MainWindow;"
        "from lstm_studio.gui.pages import PAGES; from lstm_studio.gui import app as module;"
        "session = Session(); window = MainWindow(session); window.show();"
        "[window.show_page(page.name) for page in PAGES]; app.processEvents();"
        "print([name for name in ('torch',) if name in sys.modules]); session.close()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr


def test_pages_come_when_they_are_chosen(window: MainWindow, session: Session, qtbot) -> None:
    assert window.current_page == "data"
    assert set(window.pages) == {"data"}
    for page in PAGES:
        window.rail.buttons[page.name].click()
        assert window.current_page == page.name
        assert window.rail.buttons[page.name].isChecked()
    assert session.settings.page == "runs"
    session.page_requested.emit("model")
    assert window.current_page == "model"
    window.show_page("no such page")
    assert window.current_page == "model"


def test_keys_reach_every_page(window: MainWindow, qtbot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    for number, page in enumerate(PAGES):
        qtbot.keyClick(window, Qt.Key(Qt.Key.Key_1 + number), Qt.KeyboardModifier.ControlModifier)
        assert window.current_page == page.name
    qtbot.keyClick(window, Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier)
    assert window.current_page == "data"


def test_a_key_leads_from_part_to_part(window: MainWindow, session: Session, qtbot) -> None:
    session.notice.emit(Notice("warning", "Something is odd."))
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.rail.buttons["data"].setFocus()
    for part in (window.notices, window.stack, window.rail):
        qtbot.keyClick(window, Qt.Key.Key_F6)
        assert part.isAncestorOf(window.focusWidget()), part
    qtbot.keyClick(window, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert window.stack.isAncestorOf(window.focusWidget())
    window.notices.clear()


def test_a_file_that_cannot_be_read_is_told_once(window: MainWindow, session: Session, tmp_path: Path, qtbot) -> None:
    """Above every page but Data, which says it itself, and no longer than until another file is open."""
    bad, good = tmp_path / "bad.csv", tmp_path / "good.csv"
    bad.write_bytes(bytes(range(256)) * 20)
    good.write_text("text,label\n" + "a good film,1\na bad film,0\n" * 20, encoding="utf-8")

    def told() -> int:
        return len([one for one in window.notices.findChildren(Banner) if one.isVisible()])

    for leave in ("data", "good"):
        window.show_page("runs")
        session.load_error = None
        session.open_file(bad)
        qtbot.waitUntil(lambda: told() == 1, timeout=10000)
        if leave == "data":
            window.show_page("data")
        else:
            session.open_file(good)
        qtbot.waitUntil(lambda: told() == 0, timeout=10000)
    qtbot.waitUntil(lambda: session.loading is None and session.health_progress is None, timeout=10000)


def test_every_control_of_the_frame_has_name_tooltip(window: MainWindow, session: Session, qtbot) -> None:
    for part in (window.rail, window.header, window.runbar):
        for button in part.findChildren(QAbstractButton):
            assert button.accessibleName(), button
            assert button.toolTip(), button.accessibleName()


@pytest.mark.usefixtures("measuring")
def test_the_header_says_what_is_open(window: MainWindow, session: Session, qtbot, tmp_path: Path) -> None:
    assert "No file" in window.header.what.full_text()
    session.open_sample("sentiment-contrast", rows=200)
    qtbot.waitUntil(lambda: session.dataset is not None and session.dataset.health is not None, timeout=20_000)
    assert "200 texts" in window.header.what.full_text()
    assert "Sentiment" in window.header.what.full_text()
    assert session.dataset is not None
    assert window.windowTitle().startswith(session.dataset.title)


def test_dropping_a_file_opens_it(window: MainWindow, session: Session, qtbot, tmp_path: Path) -> None:
    path = tmp_path / "drop.tsv"
    path.write_text("text\tlabel\n" + "good film\tyes\nbad film\tno\n" * 10, encoding="utf-8")
    window.show_page("runs")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(400, 400),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        QEvent.Type.Drop,
    )
    window.dropEvent(event)
    assert event.isAccepted()
    assert window.current_page == "data"
    qtbot.waitUntil(lambda: session.dataset is not None)
    assert session.dataset is not None
    assert session.dataset.title == "drop.tsv"


def test_the_run_bar_lives_with_the_run(window: MainWindow, session: Session, qtbot) -> None:
    assert window.runbar.isHidden()
    train(session, qtbot)
    assert window.current_page == "train"
    bar = window.runbar
    assert bar.isVisible()
    qtbot.waitUntil(lambda: "Epoch" in bar.epoch.text() and "loss" in bar.loss.text())
    bar.pause.click()
    qtbot.waitUntil(lambda: bar.left.text() == "Paused")
    assert bar.pause.text() == "Resume"
    assert "Paused" in window.header.run.text()
    bar.pause.click()
    qtbot.waitUntil(lambda: bar.pause.text() == "Pause" and session.active.state == "running")
    bar.stop.click()
    qtbot.waitUntil(lambda: not session.training, timeout=30_000)
    assert bar.isHidden()


def test_discarding_asks_first(window: MainWindow, session: Session, qtbot) -> None:
    train(session, qtbot)
    answer("Keep training")
    window.runbar.discard.trigger()
    assert session.active.state == "running"
    answer("Discard")
    window.runbar.discard.trigger()
    qtbot.waitUntil(lambda: not session.training, timeout=30_000)
    assert session.active.finished.reason == "cancelled"


def test_closing_while_training_asks_and_keeps(window: MainWindow, session: Session, qtbot) -> None:
    train(session, qtbot)
    answer("Keep training")
    assert not window.close()
    qtbot.wait(150)
    assert window.isVisible()
    assert session.training
    answer("Stop and close")
    assert not window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=30_000)
    assert session.active.finished.reason == "stopped"
    assert session.store.summary(session.active.path).has_weights
    loaded, _ = settings.load()
    assert loaded.run == str(session.active.path)


def test_notices_stand_above_the_page(window: MainWindow, session: Session) -> None:
    session.notice.emit(Notice("warning", "Careful."))
    hub().say(Notice("error", "Broken."))
    assert window.notices.texts() == ["Careful.", "Broken."]
    assert window.notices.isVisible()


def test_small_windows_clip_nothing(window: MainWindow, session: Session, qtbot) -> None:
    train(session, qtbot)
    window.resize(1024, 640)
    settle(QApplication.instance())
    assert (window.width(), window.height()) == (1024, 640)
    for button in (*window.rail.buttons.values(), window.rail.help, window.rail.settings, window.runbar.stop):
        corner = button.mapTo(window, button.rect().bottomRight())
        assert window.rect().contains(corner), button.accessibleName()
    session.stop()
    qtbot.waitUntil(lambda: not session.training, timeout=30_000)


def test_settings_take_effect_at_once(session: Session, qtbot, heard) -> None:
    heard.on(session.language_changed)
    dialog = SettingsDialog(session)
    qtbot.addWidget(dialog)
    dialog.theme.buttons[2].click()
    assert theme.theme().dark
    assert session.settings.theme == "dark"
    dialog.theme.buttons[1].click()
    assert not theme.theme().dark
    dialog.threads.setValue(1)
    assert session.settings.threads == 1
    dialog.threads.setValue(0)
    assert session.settings.threads is None
    dialog.language.setCurrentIndex(2)
    dialog.language.activated.emit(2)
    assert session.settings.language == "zh_CN"
    assert heard.got == []
    dialog.accept()
    assert len(heard.got) == 1


def test_help_names_all_pages_and_keys(qtbot) -> None:
    dialog = HelpDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    for page in PAGES:
        assert page.title in words
        assert page.key in words
    assert "F9" in words
    dialog.close()


def test_building_pages_shows_no_window_but_their_own(qapp: QApplication, session: Session, qtbot) -> None:
    window = MainWindow(session)
    window.show()
    qtbot.waitUntil(window.isActiveWindow)
    others: list[object] = []
    qapp.focusWindowChanged.connect(others.append)
    for info in PAGES:
        window.show_page(info.name)
    page = window.page("data")
    while page.build_ahead():
        pass
    settle(qapp)
    qapp.focusWindowChanged.disconnect(others.append)
    window.close()
    window.deleteLater()
    assert others == []


def test_a_frame_is_there_before_the_session_and_is_filled_later(qapp: QApplication, session: Session, qtbot) -> None:
    frame = MainWindow()
    frame.show()
    qtbot.waitUntil(lambda: frame.painted)
    assert frame.rail.buttons["data"].isVisible()
    frame.begin(session)
    settle(qapp)
    assert frame.page("data").isVisible()
    assert frame.header.isVisible()
    frame.close()
    frame.deleteLater()


def test_a_damaged_or_odd_settings_file_gives_the_usual_first_paint(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("LSTM_STUDIO_HOME", str(tmp_path))
    assert folders.glimpse() == folders.Glimpse()
    folders.settings_file().parent.mkdir(parents=True)
    for text in ("[]", "{", "\x00", '{"theme": "pink", "language": 3}', '{"geometry": null}', "[" * 100_000):
        folders.settings_file().write_text(text, encoding="utf-8")
        found = folders.glimpse()
        assert (found.theme, found.language) == ("system", "system")
        window = MainWindow(geometry=found.geometry)
        window.close()
        window.deleteLater()
    folders.settings_file().write_text('{"theme": "dark", "language": "zh_CN", "x": 1}', encoding="utf-8")
    assert folders.glimpse() == folders.Glimpse("zh_CN", "dark", "")


def test_another_language_builds_the_window_again(qapp: QApplication, qtbot) -> None:
    studio = app.Studio(Settings(language="en", theme="light", page="model"))
    first = studio.window
    first.resize(1100, 700)
    first.show()
    studio.settings.language = "zh_CN"
    studio.session.language_changed.emit()
    qtbot.waitUntil(lambda: studio.window is not first)
    settle(qapp)
    assert studio.window.rail.buttons["data"].text() == "数据"
    assert studio.window.current_page == "model"
    assert studio.window.size().width() == 1100
    assert studio.window.isVisible()
    studio.window.close()
    studio.session.close()
    i18n.set_language("en")
    studio.window.deleteLater()


def test_geometry_and_page_are_found_again(qapp: QApplication, session: Session, qtbot) -> None:
    one = MainWindow(session)
    one.show()
    one.resize(1111, 777)
    one.show_page("runs")
    settle(qapp)
    one.close()
    two = MainWindow(session)
    assert two.current_page == "runs"
    two.show()
    settle(qapp)
    # The offscreen screen is 800 x 800, to which Qt fits a window that it brings back.
    assert two.height() < 777 < FIRST[1]
    two.close()
    session.settings.geometry = "nonsense!"
    three = MainWindow(session)
    assert three.size() == QSize(*FIRST).boundedTo(text_size.room(three))
    for window in (one, two, three):
        window.deleteLater()


@pytest.mark.parametrize("argument", [None, "file"])
def test_the_program_starts_and_ends(qapp: QApplication, qtbot, tmp_path: Path, argument: str | None) -> None:
    path = tmp_path / "given.tsv"
    path.write_text("text\tlabel\n" + "good film\tyes\nbad film\tno\n" * 10, encoding="utf-8")
    seen = []

    def look() -> None:
        window = next(top for top in qapp.topLevelWidgets() if isinstance(top, MainWindow) and top.isVisible())
        if not hasattr(window, "session") or (argument and window.session.dataset is None):
            QTimer.singleShot(20, look)
            return
        seen.append(window.session.dataset.title if window.session.dataset else None)
        window.close()

    QTimer.singleShot(50, look)
    assert app.run(path if argument else None) == 0
    assert seen == ["given.tsv" if argument else None]
    assert not (settings.folders().logs / "running").exists()


def test_pages_are_built_ahead_while_nothing_happens(qapp: QApplication, qtbot) -> None:
    studio = app.Studio(Settings(language="en", theme="light"))
    studio.window.show()
    assert set(studio.window.pages) == {"data"}
    studio.warm_up()
    qtbot.waitUntil(lambda: set(studio.window.pages) == {page.name for page in PAGES}, timeout=30_000)
    assert studio.window.current_page == "data"
    studio.window.close()
    studio.session.close()
    studio.window.deleteLater()
