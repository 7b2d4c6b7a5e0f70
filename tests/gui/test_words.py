"""Every page, dialog, menu and state in both languages: nothing English in Chinese, nothing clipped in either."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from lstm_studio.gui import i18n
from lstm_studio.gui.main_window import MainWindow
from lstm_studio.gui.pages import PAGES
from lstm_studio.gui.session import Session
from lstm_studio.gui.widgets.help_dialog import HelpDialog
from lstm_studio.gui.widgets.settings_dialog import SettingsDialog

from .reading import clipped, left_in_english

SLOW = pytest.mark.slow


def settle(session: Session, qtbot: QtBot) -> None:
    for _ in range(2):  # what has come may be asked about once more
        qtbot.wait(30)
        qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=60_000)
    qtbot.wait(20)


def words_of(session: Session, *more: str) -> set[str]:
    """Words of the opened data and of the run: they stand in the window as they are."""
    texts = list(more)
    dataset = session.dataset
    if dataset is not None:
        texts += [dataset.title, str(dataset.path), *dataset.table.columns]
        texts += [str(cell) for row in dataset.table.rows(0, 400) for cell in row]
    return {word.lower() for text in texts for word in re.findall(r"[A-Za-z][A-Za-z'’]*", text)}


def empty_window(window: MainWindow, session: Session, qtbot: QtBot) -> Iterator[tuple[str, QWidget]]:
    """Nothing was opened yet."""
    for info in PAGES:
        window.show_page(info.name)
        settle(session, qtbot)
        yield f"empty {info.name}", window
    for dialog in (SettingsDialog(session, window), HelpDialog(window)):
        dialog.show()
        QApplication.processEvents()
        yield type(dialog).__name__, dialog
        dialog.close()
        dialog.deleteLater()


def loaded_window(window: MainWindow, session: Session, qtbot: QtBot) -> Iterator[tuple[str, QWidget]]:
    """A file is open, nothing is trained."""
    for name in ("data", "model", "train"):
        window.show_page(name)
        settle(session, qtbot)
        yield f"loaded {name}", window


def trained_window(window: MainWindow, session: Session, qtbot: QtBot) -> Iterator[tuple[str, QWidget]]:
    """With a run that has ended."""
    for info in PAGES:
        window.show_page(info.name)
        settle(session, qtbot)
        yield f"trained {info.name}", window


def inside(window: MainWindow, session: Session, qtbot: QtBot) -> Iterator[tuple[str, QWidget]]:
    """Every way to look into the network, and an answer."""
    window.show_page("inspect")
    page = window.page("inspect")
    page.text.setPlainText("good film plot bad")  # type: ignore[attr-defined]
    settle(session, qtbot)
    for view in page.views.offered:  # type: ignore[attr-defined]
        page.views.choose(view)  # type: ignore[attr-defined]
        settle(session, qtbot)
        yield f"view {view}", window
    for button in page.mode.buttons[1:]:  # type: ignore[attr-defined]
        button.click()
        settle(session, qtbot)
        yield f"mode {button.text()}", window


def read(parts: Iterator[tuple[str, QWidget]], data: set[str]) -> list[str]:
    """What is wrong in what is shown, each thing once."""
    found: dict[str, str] = {}
    for name, root in parts:
        for what in clipped(root) | (left_in_english(root, data) if i18n.language() == "zh_CN" else set()):
            found.setdefault(what, name)
    return [f"{name}: {what}" for what, name in found.items()]


@pytest.fixture(params=["zh_CN", pytest.param("en", marks=SLOW)])
def speaking(request: pytest.FixtureRequest, session: Session, qtbot: QtBot) -> Iterator[MainWindow]:
    """A window in each language."""
    i18n.set_language(request.param)
    window = MainWindow(session)
    window.resize(1280, 800)
    window.show()
    yield window
    window.close()
    window.deleteLater()


def open_sample(session: Session, qtbot: QtBot) -> None:
    session.open_sample("sentiment-contrast", rows=120)
    qtbot.waitUntil(lambda: session.dataset is not None and session.dataset.health is not None, timeout=20_000)


def test_pages_and_dialogs_speak_the_language_and_clip_nothing(
    speaking: MainWindow, session: Session, qtbot: QtBot
) -> None:
    wrong = read(empty_window(speaking, session, qtbot), set())
    open_sample(session, qtbot)
    wrong += read(loaded_window(speaking, session, qtbot), words_of(session))
    assert not wrong, "\n".join(wrong)


@SLOW
def test_a_trained_network_is_spoken_of_in_the_language(
    speaking: MainWindow, session: Session, texts_run: Path, qtbot: QtBot
) -> None:
    open_sample(session, qtbot)
    session.select_run(texts_run)
    data = words_of(session, "run yes no good film plot bad its turns and")
    wrong = read(trained_window(speaking, session, qtbot), data)
    wrong += read(inside(speaking, session, qtbot), data)
    assert not wrong, "\n".join(wrong)


@SLOW
@pytest.mark.parametrize("sample", ["requests", "roles", "german-english", "tales"])
def test_every_task_is_spoken_of_in_the_language(
    sample: str, speaking: MainWindow, session: Session, qtbot: QtBot
) -> None:
    session.open_sample(sample, rows=400)
    qtbot.waitUntil(lambda: session.dataset is not None and session.dataset.health is not None, timeout=90_000)
    wrong = read(loaded_window(speaking, session, qtbot), words_of(session))
    assert not wrong, "\n".join(wrong)
