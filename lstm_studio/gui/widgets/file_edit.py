"""A setting that names a file: a button that asks for one, and a cross that goes without."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QSizePolicy, QWidget

from lstm_studio.data.places import name_of
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.widgets.basic import Button, IconButton, describe


class FileEdit(QWidget):
    """Stands in a form as an editor does.

    Args:
        title: What the file is, for the dialog.
        without: What it is like without one, e.g. "none".
    """

    edited = Signal(object)
    """The path as text, or None."""

    def __init__(self, title: str, without: str) -> None:
        super().__init__()
        self._title, self._without = title, without
        self._path: str | None = None
        self._idle = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self.button = Button("", "open", self.choose)
        self.button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.button.setMinimumWidth(80)
        self.clear = IconButton(
            "close", tr("Without {title}", title=title), tr("Goes on without this file."), callback=self._leave_out
        )
        self.clear.setFixedSize(28, 28)
        row.addWidget(self.button, 1)
        row.addWidget(self.clear)
        self.setFocusProxy(self.button)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_path(None)

    def set_path(self, path: str | None) -> None:
        """Show a path, or none; nothing is emitted."""
        self._path = path
        self.clear.setVisible(bool(path))
        self._show()

    def set_idle(self, why: str) -> None:
        """Offer nothing, since a file would have no effect; one that is named can be taken back. Empty: offer it."""
        self._idle = why
        self.button.setEnabled(not why)
        self._show()

    def choose(self) -> None:
        """Ask for a file."""
        folder = str(Path(self._path).parent) if self._path else ""
        name, _ = QFileDialog.getOpenFileName(self, self._title, folder)
        if name:
            self.set_path(name)
            self.edited.emit(name)

    def _leave_out(self) -> None:
        self.set_path(None)
        self.edited.emit(None)

    def _show(self) -> None:
        name = name_of(self._path) if self._path else tr("Choose…")
        room = max(40, self.button.width() - 44)
        self.button.setText(self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, room))
        tip = self._idle or self._path or self._without
        describe(self.button, f"{self._title}: {name if self._path else self._without}", tip)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show()
