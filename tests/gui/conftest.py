"""A session and a window in a home of their own; threads and timers that are left behind fail the test."""

from __future__ import annotations

import gc
import os
import re
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent

if sys.platform.startswith("linux"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from lstm_studio.config import RunConfig
from lstm_studio.gui import crash, i18n, notify, theme
from lstm_studio.gui.main_window import MainWindow
from lstm_studio.gui.session import Session
from lstm_studio.gui.session_model import EstimateRoom


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    """Arguments of the one application."""
    return ["lstm-studio"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for settings, samples and runs."""
    folder = tmp_path / "home"
    monkeypatch.setenv("LSTM_STUDIO_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def _clean_desk(qapp: QApplication, home: Path, request: pytest.FixtureRequest) -> Iterator[None]:
    """Light theme, English, a fresh hub; afterwards no thread and no running timer may be left."""
    notify._hub = None
    if theme.theme().name != "light" or not qapp.styleSheet():
        theme.choose("light")
    i18n.set_language("en")
    before = set(threading.enumerate())
    yield
    settle(qapp)
    left = [thread.name for thread in threading.enumerate() if thread not in before and _ours(thread)]
    assert not left, f"threads were left behind: {left}"
    assert not [top for top in qapp.topLevelWidgets() if top.isVisible()], "windows were left open"
    for top in qapp.topLevelWidgets():
        if top.parentWidget() is None:
            top.deleteLater()  # what is left would be styled again with each theme that later tests choose
    settle(qapp)


def _ours(thread: threading.Thread) -> bool:
    return thread.is_alive() and (thread.name.startswith("job-") or "QThread" in type(thread).__name__)


def settle(app: QCoreApplication) -> None:
    """Let pending deletions and mail happen."""
    for _ in range(3):
        app.processEvents()
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture(scope="session")
def _texts_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from lstm_studio.runs.start import start
    from tests.gui.test_train_page import SMALL, write_texts

    folder = tmp_path_factory.mktemp("texts")
    config = RunConfig().replace(**{"data.path": str(write_texts(folder / "texts.csv")), **SMALL, "training.epochs": 2})
    start(config, lambda event: None, folder=folder / "run", cache=folder / "cache")
    return folder / "run"


@pytest.fixture
def texts_run(_texts_run: Path, tmp_path: Path) -> Path:
    """A finished run of the texts that ``open_texts`` opens: a copy of one that is trained once."""
    return Path(shutil.copytree(_texts_run, tmp_path / "texts_run"))


@pytest.fixture
def measuring() -> None:
    """For tests that are about how fast this machine trains: it is measured after each change of the settings."""


@pytest.fixture(autouse=True)
def _no_measuring(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests need not share the machine with it."""
    if "measuring" not in request.fixturenames:
        monkeypatch.setattr(EstimateRoom, "_measure", lambda self: None)


@pytest.fixture
def session(qapp: QApplication) -> Iterator[Session]:
    """A session with nothing in it; a run that lives at the end is stopped and waited for."""
    made = Session()
    yield made
    made.close()
    assert made._runs.threads == 0
    assert not [timer for timer in made.findChildren(QTimer) if timer.isActive()], "timers were left running"
    made.deleteLater()
    settle(qapp)
    gc.collect()


@pytest.fixture
def window(session: Session, qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[MainWindow]:
    """The real window, shown, at 1280 x 800, with the page that was left last: the module's ``FIRST_PAGE``, or Data."""
    session.settings.page = getattr(request.module, "FIRST_PAGE", "data")
    made = MainWindow(session)
    made.resize(1280, 800)
    made.show()
    settle(qapp)
    yield made
    if session.training:
        session._runs.close()
    made.close()
    made.deleteLater()
    settle(qapp)


@pytest.fixture
def page(window: MainWindow, qapp: QApplication, request: pytest.FixtureRequest) -> Any:
    """The module's ``FIRST_PAGE`` in the real window, or Data."""
    name = getattr(request.module, "FIRST_PAGE", "data")
    window.show_page(name)
    qapp.processEvents()
    return window.page(name)


def grab(widget: QWidget, path: str | Path) -> None:
    """Save a picture of a widget."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    assert widget.grab().save(str(path))


class Heard(QObject):
    """Collects what signals say: ``heard.on(session.notice)``, then ``heard.got``."""

    def __init__(self) -> None:
        super().__init__()
        self.got: list[Any] = []

    def on(self, signal: Any) -> Heard:
        """Listen to a signal too."""
        signal.connect(lambda *values: self.got.append(values[0] if len(values) == 1 else values))
        return self


@pytest.fixture
def heard() -> Heard:
    """An ear."""
    return Heard()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Qt's warnings fail a test, but for what a platform says of itself."""
    ignored = [re.escape(part) for part in crash.HARMLESS]
    for item in items:
        if HERE in item.path.parents and item.get_closest_marker("qt_log_ignore") is None:
            item.add_marker(pytest.mark.qt_log_ignore(*ignored, extend=True))
