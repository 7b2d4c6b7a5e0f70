"""The tour of the first start: where it points, its keys, that it is shown once, and that it is in nobody's way."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lstm_studio.gui import app, i18n
from lstm_studio.gui.main_window import MainWindow
from lstm_studio.gui.session import Session
from lstm_studio.gui.settings import Settings, load
from lstm_studio.gui.widgets.help_dialog import HelpDialog
from lstm_studio.gui.widgets.page_tour import STOPS

from .reading import clipped


def inside(window: MainWindow) -> QRect:
    assert window.tour is not None
    return QRect(window.tour.mapTo(window, QPoint(0, 0)), window.tour.size())


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_it_points_at_every_page_and_fits(language: str, session: Session, qtbot: QtBot) -> None:
    i18n.set_language(language)
    window = MainWindow(session)
    window.resize(1024, 640)
    window.show()
    window.show_tour()
    assert window.tour is not None
    tour, seen = window.tour, []
    for number in range(len(STOPS)):
        QApplication.processEvents()
        seen.append(tour.stop.page)
        button = window.rail.help if tour.stop.page == "help" else window.rail.buttons[tour.stop.page]
        assert tour.outline.geometry().contains(QRect(button.mapTo(window, QPoint(0, 0)), button.size()))
        assert window.rect().contains(inside(window))
        assert not inside(window).intersects(QRect(window.rail.mapTo(window, QPoint(0, 0)), window.rail.size()))
        assert not clipped(tour)
        assert tour.back.isEnabled() == (number > 0)
        tour.next.click()
    assert seen == [stop.page for stop in STOPS]
    assert window.tour is None
    assert session.settings.toured
    window.close()
    window.deleteLater()


def test_keys_move_it_and_whoever_goes_on_alone_is_left_alone(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.show_tour()
    tour = window.tour
    assert tour is not None
    for key, place in ((Qt.Key.Key_Right, 1), (Qt.Key.Key_Right, 2), (Qt.Key.Key_Left, 1)):
        qtbot.keyClick(tour.next, key)
        assert tour.place == place
    qtbot.keyClick(window, Qt.Key.Key_PageDown, Qt.KeyboardModifier.AltModifier)
    assert tour.place == 2
    window.rail.buttons["model"].click()
    assert window.current_page == "model"
    assert window.tour is None
    window.show_tour()
    assert window.tour is not None
    qtbot.keyClick(window.tour.next, Qt.Key.Key_Escape)
    assert window.tour is None
    dialog = HelpDialog(window)
    dialog.tour_asked.connect(window.show_tour)
    dialog.tour.click()
    assert window.tour is not None
    assert window.tour.place == 0


def test_it_is_shown_at_the_first_start_and_never_again(qapp: QApplication, qtbot: QtBot) -> None:
    seen = []

    def look() -> None:
        window = next(top for top in qapp.topLevelWidgets() if isinstance(top, MainWindow) and top.isVisible())
        if not hasattr(window, "session"):
            QTimer.singleShot(20, look)
            return
        seen.append(window.tour is not None)
        if window.tour is not None:
            window.tour.skip.click()
        window.close()

    for _ in range(2):
        QTimer.singleShot(100, look)
        app.run()
    assert seen == [True, False]
    assert load()[0].toured


def test_another_language_takes_it_along(qapp: QApplication, qtbot: QtBot) -> None:
    studio = app.Studio(Settings(language="en", theme="light"))
    first = studio.window
    first.show()
    first.show_tour(3)
    studio.settings.language = "zh_CN"
    studio.session.language_changed.emit()
    qtbot.waitUntil(lambda: studio.window is not first)
    assert studio.window.tour is not None
    assert studio.window.tour.place == 3
    assert studio.window.tour.head.text() == "查看内部"
    assert not studio.settings.toured
    studio.window.close()
    studio.session.close()
    studio.window.deleteLater()
