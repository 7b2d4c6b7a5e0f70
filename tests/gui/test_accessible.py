"""What assistive technology is told, the Tab key, the ring of the focus, and text of twice the size, page by page."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QLabel,
    QLineEdit,
    QScrollArea,
    QWidget,
)
from pytestqt.qtbot import QtBot

from lstm_studio.gui import accessible, i18n, tab_order, text_size, theme
from lstm_studio.gui.folders import glimpse, settings_file
from lstm_studio.gui.main_window import MainWindow
from lstm_studio.gui.session import Session
from lstm_studio.gui.settings import save
from lstm_studio.gui.widgets.basic import Chip, ElidedLabel, SegmentedControl
from lstm_studio.gui.widgets.class_marks import GLYPHS, glyph
from lstm_studio.gui.widgets.gates import kinds
from lstm_studio.gui.widgets.heatmap import Heatmap
from lstm_studio.gui.widgets.help_dialog import HelpDialog
from lstm_studio.gui.widgets.linked_view import LinkedView
from lstm_studio.gui.widgets.settings_dialog import SettingsDialog

Role = QAccessible.Role
Way = Callable[[MainWindow, Session, QtBot], Iterator[tuple[str, QWidget]]]
SLOW = pytest.mark.slow


@pytest.fixture(autouse=True)
def _listening() -> Iterator[None]:
    accessible.install()
    QAccessible.setActive(True)
    yield
    QAccessible.setActive(False)


def settle(session: Session, qtbot: QtBot, least: int = 60) -> None:
    qtbot.wait(least)
    qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=20000)
    qtbot.wait(60)


def glance(window: MainWindow, session: Session, qtbot: QtBot) -> Iterator[tuple[str, QWidget]]:
    """The pages that need no answer of a network, and the dialogs."""
    for name in ("data", "model", "train", "runs"):
        window.show_page(name)
        settle(session, qtbot)
        yield name, window
    for dialog in (SettingsDialog(session, window), HelpDialog(window)):
        dialog.show()
        QApplication.processEvents()
        yield type(dialog).__name__, dialog
        dialog.close()


def walk(window: MainWindow, session: Session, qtbot: QtBot) -> Iterator[tuple[str, QWidget]]:
    """All pages with a trained run and its data, each way to look inside, the dialogs."""
    yield from glance(window, session, qtbot)
    window.page("data").show_start()  # type: ignore[attr-defined]
    window.show_page("data")
    settle(session, qtbot)
    yield "start", window
    window.show_page("inspect")
    inspect = window.page("inspect")
    inspect.text.setPlainText("good film plot bad")  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: inspect.trace is not None, timeout=20000)  # type: ignore[attr-defined]
    for view in inspect.views.offered:  # type: ignore[attr-defined]
        inspect.views.choose(view)  # type: ignore[attr-defined]
        settle(session, qtbot)
        yield view, window
    for button in inspect.mode.buttons[1:]:  # type: ignore[attr-defined]
        button.click()
        settle(session, qtbot)
        yield button.text(), window
    window.show_page("predict")
    settle(session, qtbot)
    yield "predict", window


def seen(root: QWidget) -> list[QWidget]:
    return [widget for widget in root.findChildren(QWidget) if widget.isVisible()]


def untold(root: QWidget) -> list[str]:
    """Controls without a name or a description of their own."""
    found = []
    for widget in seen(root):
        if widget.focusPolicy() == Qt.FocusPolicy.NoFocus or widget.focusProxy() is not None:
            continue
        if isinstance(widget, QLineEdit) and widget.objectName() == "qt_spinbox_lineedit":
            continue  # told by the box
        told = QAccessible.queryAccessibleInterface(widget)
        name, words = (told.text(part).strip() for part in (QAccessible.Text.Name, QAccessible.Text.Description))
        plain = isinstance(widget, QLabel)  # its words are its name
        if not name or (not plain and (not words or words == name)):
            found.append(f"{type(widget).__name__} {name!r} {words!r}")
        if told.role() in (Role.NoRole, Role.Client) and not isinstance(widget, QScrollArea):
            found.append(f"{type(widget).__name__} {name!r} has no role")
    return found


def clipped(root: QWidget) -> list[str]:
    """Buttons and labels with less room than their words need."""
    found = []
    for widget in seen(root):
        if isinstance(widget, QScrollArea) and widget.horizontalScrollBar().isHidden():
            inside, room = widget.widget().width(), widget.viewport().width()
            found += [f"{type(widget).__name__} {inside} in {room}"] if inside > room else []
        words = widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""
        if not words or "…" in words or isinstance(widget, ElidedLabel | Chip):
            continue
        tall = widget.fontMetrics().height()
        if isinstance(widget, QLabel) and widget.wordWrap():
            short = widget.height() + 2 < min(widget.heightForWidth(widget.width()), widget.maximumHeight())
        else:
            wide = widget.minimumSizeHint().width() if isinstance(widget, QLabel) else _words_of(widget)
            short = widget.width() + 1 < wide or widget.height() + 1 < tall
        if short:
            found.append(f"{type(widget).__name__} {words[:40]!r} {widget.width()} x {widget.height()}")
    return found


def _words_of(button: QWidget) -> int:
    return button.fontMetrics().horizontalAdvance(button.text()) + 4  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("language", "way"),
    [("zh_CN", glance), pytest.param("en", walk, marks=SLOW), pytest.param("zh_CN", walk, marks=SLOW)],
    ids=["glance", "en", "zh_CN"],
)
def test_everything_has_a_name_and_room_at_twice_the_size(
    language: str, way: Way, session: Session, texts_run: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A window of 1920 x 1080 pixels has 960 x 540 units at 200 %."""
    monkeypatch.setattr(text_size, "_now", 200)
    i18n.set_language(language)
    window = MainWindow(session)
    window.resize(960, 540)
    window.show()
    settle(session, qtbot)
    missing, narrow = untold(window), clipped(window)  # nothing is open yet
    session.select_run(texts_run)
    session.open_sample("sentiment-contrast", rows=120)
    qtbot.waitUntil(lambda: session.dataset is not None and session.dataset.health is not None, timeout=20000)
    for name, root in way(window, session, qtbot):
        missing += [f"{name}: {what}" for what in untold(root)]
        narrow += [f"{name}: {what}" for what in clipped(root)]
        if not isinstance(root, QDialog):
            narrow += _round(window, name)
    window.close()
    window.deleteLater()
    assert not missing
    assert not narrow


def _round(window: MainWindow, name: str) -> list[str]:
    """The Tab key goes round through all stops, and leaves each."""
    stops = tab_order.stops(window)
    window.setFocus()
    for stop in stops:
        QTest.keyClick(window.focusWidget() or window, Qt.Key.Key_Tab)
        if window.focusWidget() is not stop:
            return [f"{name}: Tab led to {window.focusWidget()} instead of {stop.accessibleName()!r}"]
    QTest.keyClick(window.focusWidget() or window, Qt.Key.Key_Tab)
    return [] if window.focusWidget() is stops[0] else [f"{name}: a trap"]


@pytest.mark.parametrize("look", ["light", pytest.param("dark", marks=SLOW)])
def test_the_focus_is_seen(look: str, window: MainWindow, session: Session, texts_run: Path, qtbot: QtBot) -> None:
    theme.choose(look)  # type: ignore[arg-type]
    session.select_run(texts_run)
    done: set[tuple[str, str]] = set()
    unseen = []
    for name in ("data", "model", "inspect", "predict", "runs"):
        window.show_page(name)
        settle(session, qtbot)
        for stop in tab_order.stops(window):
            kind = (type(stop).__name__, stop.objectName())
            if kind in done or stop.visibleRegion().isEmpty():
                continue
            done.add(kind)
            window.setFocus()
            before = _picture(window, stop)
            stop.setFocus(Qt.FocusReason.TabFocusReason)
            QApplication.processEvents()
            if (np.abs(_picture(window, stop) - before).max(2) > 30).sum() < 20:
                unseen.append(f"{name}: {kind} {stop.accessibleName()!r}")
    theme.choose("light")
    assert len(done) > 8
    assert not unseen


def _picture(window: QWidget, of: QWidget) -> np.ndarray:
    place = QRect(of.mapTo(window, QPoint(0, 0)), of.size()).adjusted(-4, -4, 4, 4).intersected(window.rect())
    image = window.grab(place).toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return pixels[:, : image.width(), :3].astype(int)


def test_a_heatmap_tells_what_it_shows_and_the_cell_under_the_cursor(qtbot: QtBot) -> None:
    view = LinkedView()
    made = Heatmap(kinds(["f"])[0], view)
    qtbot.addWidget(made)
    view.set_extent(3, 2)
    made.set_tokens(["a", "good", "film"])
    made.set_values(np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]))
    told = QAccessible.queryAccessibleInterface(made)
    assert told.role() == Role.Graphic
    assert "2 by 3" in told.text(QAccessible.Text.Description)
    assert "0.10 to 0.60" in told.text(QAccessible.Text.Description)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    view.set_cursor((0, 0))
    made.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(made, Qt.Key.Key_Right)
    assert "token 2 of 3, unit 0, forget gate 0.30" in told.text(QAccessible.Text.Description)
    QTest.keyClick(made, Qt.Key.Key_Escape)
    assert view.cursor is None
    assert "2 by 3" in told.text(QAccessible.Text.Description)


def test_of_a_choice_the_chosen_one_is_the_stop_and_arrows_lead_on(qtbot: QtBot) -> None:
    made = SegmentedControl([(k, str(k)) for k in range(3)], 1, "Number")
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    assert tab_order.stops(made) == [made.buttons[1]]
    made.buttons[1].setFocus()
    QTest.keyClick(made.buttons[1], Qt.Key.Key_Right)
    assert made.value() == 2
    assert tab_order.stops(made) == [made.buttons[2]]


def test_each_class_has_a_shape_of_its_own() -> None:
    assert len(set(GLYPHS)) == 8
    assert glyph(8) == glyph(0)


def test_the_text_size_is_kept_and_read_before_the_window(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_size, "_now", 100)
    dialog = SettingsDialog(session)
    assert dialog.restart.isHidden()
    dialog.percent.setCurrentIndex(dialog.percent.findData(200))
    dialog.percent.activated.emit(dialog.percent.currentIndex())
    assert not dialog.restart.isHidden()
    save(session.settings)
    assert glimpse().text_size == 200
    dialog.deleteLater()
    settings_file().write_text('{"text_size": 900}', encoding="utf-8")
    assert glimpse().text_size == 100
    monkeypatch.setenv("QT_SCALE_FACTOR", "1.5")
    text_size.apply(200)
    assert os.environ["QT_SCALE_FACTOR"] == "3"
    assert text_size.least((1024, 640)) == (512, 320)
    started = []
    monkeypatch.setattr(text_size.QProcess, "startDetached", lambda *words: started.append(words) or True)
    assert text_size.again(["program", "file"])
    assert started == [("program", ["file"])]
    assert os.environ["QT_SCALE_FACTOR"] == "1.5"
    assert text_size.command()
