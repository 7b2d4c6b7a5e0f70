"""Starts the window: application, theme, words, one place for errors; torch is loaded only after the first paint."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDeadlineTimer, QEventLoop, QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication

from lstm_studio.gui import accessible, i18n, icons, text_size, theme
from lstm_studio.gui.folders import glimpse
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.main_window import MainWindow
from lstm_studio.gui.pages import PAGES
from lstm_studio.version import __version__

if TYPE_CHECKING:
    from lstm_studio.gui.settings import Settings

SWITCH_SECONDS = 0.0005
"""How long another thread may keep the interpreter while the window waits for it."""
WARM_UP_DELAY = 300
PAINT_WAIT = 500
"""Milliseconds after which the program goes on although the system has not had the window painted."""


def prepare_process() -> None:
    """What keeps the window quick beside a training thread. Before torch is loaded."""
    # As GOMP_SPINCOUNT, which the package sets, for the other library of threads: the window needs the core.
    os.environ.setdefault("KMP_BLOCKTIME", "0")
    sys.setswitchinterval(SWITCH_SECONDS)


def make_application(arguments: list[str] | None = None) -> QApplication:
    """The one QApplication, named and dressed."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(arguments or ["lstm-studio"])
    app.setApplicationName("lstm-studio")
    app.setApplicationDisplayName("LSTM Studio")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("lstm-studio")
    app.setWindowIcon(icons.app_icon())
    accessible.install()
    return app


class Studio(QObject):
    """Holds session and window together, and puts another window in place when the language changes."""

    pages_loaded = Signal()

    def __init__(self, settings: Settings, frame: MainWindow | None = None) -> None:
        """``frame`` is a window that is on the screen already, in the settings' colours and language."""
        from lstm_studio.gui.session import Session

        super().__init__()
        self.pages_loaded.connect(self._build_ahead)
        self.settings = settings
        self.begin_again = False
        """Whether the program starts once more when it has ended."""
        if frame is None:
            theme.choose(settings.theme)
            i18n.set_language(settings.language)
        self.session = Session(settings, self)
        self.window = self._make_window(frame)

    def _make_window(self, frame: MainWindow | None = None) -> MainWindow:
        window = frame or MainWindow(self.session)
        if frame is not None:
            frame.begin(self.session)
        window.rebuild_asked.connect(self.rebuild)
        window.restart_asked.connect(self.restart)
        return window

    @Slot()
    def restart(self) -> None:
        """Close, and start once more: another text size is one for the whole process."""
        self.begin_again = not self.session.training
        QTimer.singleShot(0, self.window.close)

    @Slot()
    def rebuild(self) -> None:
        """Build the window again in the settings' language; the session, and a run in it, go on."""
        # Later: the signal came from a dialog of the window that is about to go.
        QTimer.singleShot(0, self._rebuild)

    @Slot()
    def _rebuild(self) -> None:
        old = self.window
        i18n.set_language(self.settings.language)
        self.window = self._make_window()
        self.window.setGeometry(old.geometry())
        self.window.setWindowState(old.windowState())
        self.window.show()
        if old.tour is not None:
            self.window.show_tour(old.tour.place)
        old.retire()

    @Slot()
    def _build_ahead(self) -> None:
        self.window.build_ahead()

    def warm_up(self) -> None:
        """Load what the pages and the first run need on a thread of its own, so that nobody waits for it."""
        threading.Thread(target=_load_ahead, args=(self.pages_loaded.emit,), name="warm-up", daemon=True).start()

    @Slot(str)
    def show_bug(self, report: str) -> None:
        """Keep a report and show it; a second one while the dialog is open is only kept."""
        from lstm_studio.gui import crash
        from lstm_studio.gui.widgets.report_dialog import show_report

        path = crash.write_report(report)
        show_report(report, path, self.window if self.window.isVisible() else None)


def _load_ahead(pages_loaded: Callable[[], object]) -> None:
    for page in PAGES:
        # A page that cannot be loaded says so when it is opened.
        with contextlib.suppress(ImportError):
            importlib.import_module(page.module)
    with contextlib.suppress(RuntimeError):  # the window may be gone by now
        pages_loaded()
    try:
        import torch  # noqa: F401

        import lstm_studio.runs.predictor
        import lstm_studio.training.loop  # noqa: F401
    except ImportError as error:
        from lstm_studio.gui.notify import Notice, hub

        words = tr("PyTorch cannot be loaded: {why}. Training is not possible.", why=error)
        if sys.platform == "win32":
            words += " " + tr("Install the Microsoft Visual C++ runtime (vc_redist.x64.exe) and start again.")
        hub().say(Notice("error", words, key="torch"))
    except RuntimeError:  # Python ends, since the window was closed at once, and lets nothing more begin
        if threading.main_thread().is_alive():
            raise
    # The half million objects that are there for good need not be looked at by every full collection, which halts
    # the window for as long as it takes.
    gc.freeze()


def run(file: Path | None = None) -> int:
    """Show the window and stay until it is closed.

    Args:
        file: Opened at once; a dataset, or a run folder.

    Returns:
        The exit status.
    """
    prepare_process()
    text_size.apply(glimpse().text_size)
    app = make_application(sys.argv[:1])
    frame = _first_paint(app)
    if not frame.isVisible():
        return 0

    from lstm_studio.gui import crash
    from lstm_studio.gui import settings as settings_module
    from lstm_studio.gui.notify import Notice

    settings, complaint = settings_module.load()
    complaint = complaint or settings_module.use_folder(settings)
    crashed = crash.mark_running()
    studio = Studio(settings, frame)
    undo = crash.install(studio.show_bug)
    if complaint:
        studio.session.notice.emit(Notice("warning", complaint, key="settings"))
    if crashed is not None:
        _tell_of_crash(studio, crashed)
    if file is None:
        studio.session.restore()
        if not settings.toured and not settings.recent:
            studio.window.show_tour()
    else:
        studio.session.restore(open_data=False)
        studio.window.open_path(Path(file))
    QTimer.singleShot(WARM_UP_DELAY, studio.warm_up)
    heartbeat = _obey_interrupt(app)
    try:
        status = app.exec()
    finally:
        heartbeat.stop()
        studio.session.close()
        undo()
        crash.unmark_running()
    if studio.begin_again:
        text_size.again()
    return int(status)


def _first_paint(app: QApplication) -> MainWindow:
    """The window's frame, on the screen; nothing that it does not need has been loaded yet."""
    known = glimpse()
    theme.choose(known.theme)
    i18n.set_language(known.language)
    frame = MainWindow(geometry=known.geometry)
    frame.show()
    deadline = QDeadlineTimer(PAINT_WAIT)
    while not frame.painted and frame.isVisible() and not deadline.hasExpired():
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, deadline)
    return frame


def _tell_of_crash(studio: Studio, report: Path) -> None:
    from lstm_studio.gui.notify import Notice

    def show() -> None:
        from lstm_studio.gui.widgets.report_dialog import show_report

        show_report(report.read_text(encoding="utf-8", errors="replace"), report, studio.window)

    words = tr("LSTM Studio ended unexpectedly last time. A run that was training can be resumed on the Runs page.")
    studio.session.notice.emit(Notice("warning", words, tr("Show the report"), show, key="crash"))


def _obey_interrupt(app: QApplication) -> QTimer:
    """Ctrl+C in the terminal closes the window. Python sees a signal only when Python runs, hence the timer."""
    timer = QTimer(app)
    timer.setInterval(250)
    timer.timeout.connect(lambda: None)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, lambda *_: app.quit())
        timer.start()
    return timer
