"""What the tour does as a person would: it opens pages, clicks, types, waits, and takes pictures."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PySide6.QtGui import QPixmap
    from PySide6.QtWidgets import QAbstractButton, QWidget

    from lstm_studio.gui.session import Session

SMALL, LARGE = (1280, 800), (1920, 1080)
PATIENCE = 600.0
"""Seconds that anything may take."""


class Hands:
    """The window, and the hands and eyes of who takes the tour.

    Args:
        out: Folder for the pictures.
    """

    def __init__(self, out: Path) -> None:
        from lstm_studio.gui import app, crash, settings

        self.out = out
        self.number = 0
        self.app = app.make_application(["lstm-studio"])
        self.studio = app.Studio(settings.Settings(language="en", theme="light", threads=1))
        self.reports: list[str] = []
        self._undo = crash.install(self.reports.append)
        self.studio.window.resize(*SMALL)
        self.studio.window.show()

    @property
    def session(self) -> Session:
        """What the window shows."""
        return self.studio.session

    def page(self, name: str) -> Any:
        """A page of the window."""
        return self.studio.window.page(name)

    def retire(self) -> None:
        """Close everything."""
        self.session.close()
        self.studio.window.retire()
        self.breathe(0.1)
        self._undo()

    def show(self, name: str) -> None:
        """Open a page."""
        self.studio.window.show_page(name)
        self.breathe(0.5)

    def click(self, words: str, page: str) -> None:
        """Click the button with these words on a page."""
        from PySide6.QtWidgets import QAbstractButton

        buttons: list[QAbstractButton] = self.studio.window.page(page).findChildren(QAbstractButton)
        for button in buttons:
            if words in (button.text(), button.accessibleName()) and button.isVisible():
                assert button.isEnabled(), f"{words} is disabled: {button.toolTip()}"
                button.click()
                self.breathe(0.1)
                return
        raise AssertionError(f"there is no button {words!r} on the page {page}")

    def type(self, page: str, words: str) -> None:
        """Write into the first field of a page that takes writing."""
        from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

        place = self.studio.window.page(page)
        fields: list[QWidget] = [*place.findChildren(QPlainTextEdit), *place.findChildren(QLineEdit)]
        field = next(f for f in fields if f.isVisible() and not f.isReadOnly())  # type: ignore[attr-defined]
        if isinstance(field, QPlainTextEdit):
            field.setPlainText(words)
        else:
            assert isinstance(field, QLineEdit)
            field.setText(words)
            field.editingFinished.emit()
        self.breathe(0.9)

    def keys(self, table: QWidget, *keys: str) -> None:
        """Press keys in a table that is written in: what is typed goes to the open cell where there is one.

        Args:
            table: Where the cells are.
            keys: Names of keys ("Return", "F2"), and texts that are typed letter by letter.
        """
        from PySide6.QtCore import QCoreApplication, QEvent, Qt
        from PySide6.QtGui import QKeyEvent
        from PySide6.QtWidgets import QWidget

        for key in keys:
            named: int | None = getattr(Qt.Key, f"Key_{key}", None) if len(key) > 1 else None
            for letter in [""] if named is not None else key:
                cells = [cell for cell in table.findChildren(QWidget, "cell") if cell.isVisible()]
                unnamed: int = getattr(Qt.Key, f"Key_{letter.upper()}", Qt.Key.Key_unknown)
                code = unnamed if named is None else named
                for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                    event = QKeyEvent(kind, code, Qt.KeyboardModifier.NoModifier, letter)
                    QCoreApplication.sendEvent(cells[-1] if cells else table, event)
            self.breathe(0.01)

    def wait(self, test: Callable[[], bool], what: str) -> None:
        """Let the window live until something is so."""
        limit = time.monotonic() + PATIENCE
        while not test():
            if time.monotonic() > limit:
                raise TimeoutError(f"waited {PATIENCE:.0f} s for {what}")
            self.breathe(0.02)

    def breathe(self, seconds: float) -> None:
        """Let the window live for a while."""
        limit = time.monotonic() + seconds
        while True:
            self.app.processEvents()
            if time.monotonic() >= limit:
                return
            time.sleep(0.004)

    def settle(self, least: float = 0.3, most: float = 8.0) -> None:
        """Let the window live until nothing is computed any more, at least and at most so many seconds."""
        self.breathe(least)
        limit = time.monotonic() + most
        while self.session.jobs.busy and time.monotonic() < limit:
            self.breathe(0.05)
        self.breathe(0.15)

    def picture(self, name: str, both: bool = True) -> None:
        """Save what the window shows, in the light look, and in the dark one too if ``both``.

        A dialog or a menu that is open is shown over the window.
        """
        from lstm_studio.gui import theme

        self.number += 1
        for look in ("light", "dark") if both else ("light",):
            if theme.theme().name != look:
                theme.choose(look)
            self.breathe(0.25)
            path = self.out / f"{self.number:02d}-{name}-{look}.png"
            assert self._seen().save(str(path)), f"{path} could not be written"
        if theme.theme().name != "light":
            theme.choose("light")
            self.breathe(0.05)

    def _seen(self) -> QPixmap:
        """The window as a person sees it: a dialog before its middle, a menu where it is."""
        from PySide6.QtCore import QPoint, QRect
        from PySide6.QtGui import QColor, QPainter
        from PySide6.QtWidgets import QDialog, QMenu

        window = self.studio.window
        shown = window.grab()
        painter = QPainter(shown)
        for kind in (QDialog, QMenu):
            for above in window.findChildren(kind):
                if not above.isVisible() or not above.isWindow():
                    continue
                place = window.mapFromGlobal(above.mapToGlobal(QPoint()))
                if kind is QDialog:
                    place = window.rect().center() - above.rect().center()
                    painter.fillRect(window.rect(), QColor(0, 0, 0, 90))
                painter.drawPixmap(place, above.grab())
                painter.setPen(window.palette().mid().color())
                painter.drawRect(QRect(place, above.size()).adjusted(-1, -1, 0, 0))
        painter.end()
        return shown
