"""What the tour's pictures show besides the window."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QDialog, QMenu

from lstm_studio.gui.main_window import MainWindow
from lstm_studio.gui.tour.hands import Hands

FIRST_PAGE = "runs"


def test_dialogs_and_menus_are_seen_over_the_window(window: MainWindow, qtbot: Any) -> None:
    hands = Hands.__new__(Hands)  # the test's window in the place of one of its own
    hands.studio = SimpleNamespace(window=window)  # type: ignore[assignment]
    plain = hands._seen().toImage()
    assert plain == window.grab().toImage()
    menu = QMenu(window)
    menu.addAction("Open")
    menu.setStyleSheet("background: #00ff00")
    menu.popup(window.mapToGlobal(QPoint(40, 50)))
    place = window.mapFromGlobal(menu.mapToGlobal(menu.rect().center()))
    shown = hands._seen().toImage()
    assert shown.pixelColor(place + QPoint(menu.width() // 2 - 6, 0)).name() == "#00ff00"
    assert shown.pixelColor(2, 2) == plain.pixelColor(2, 2)
    menu.close()
    dialog = QDialog(window)
    dialog.resize(200, 100)
    dialog.setStyleSheet("background: #ff0000")
    dialog.show()
    shown = hands._seen().toImage()
    assert shown.pixelColor(window.rect().center()).name() == "#ff0000"
    assert shown.pixelColor(2, 2).lightness() < plain.pixelColor(2, 2).lightness(), "the window stands back"
    dialog.close()
