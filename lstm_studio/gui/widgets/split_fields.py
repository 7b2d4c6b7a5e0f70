"""Files of their own for validation and test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.widgets.basic import Button, IconButton, Muted, describe

_EDGES = 26
"""Pixels of a button around its text."""


class FileField(QWidget):
    """A button that names a file, or says what happens without one."""

    chosen = Signal(object)
    """The path as text, or None."""

    def __init__(self, title: str, without: str, tooltip: str, start: Callable[[], str]) -> None:
        super().__init__()
        self._title, self._without, self._tooltip, self._start = title, without, tooltip, start
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        head = Muted(title, wrap=False)
        head.setMinimumHeight(22)
        column.addWidget(head)
        row = QHBoxLayout()
        row.setSpacing(2)
        self.button = Button("", None, self.choose)
        self.button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.button.setMinimumWidth(110)
        head.setBuddy(self.button)
        self.clear = IconButton(
            "close", tr("Without {title}", title=title), without, callback=lambda: self.chosen.emit(None)
        )
        self.clear.setFixedSize(28, 28)
        row.addWidget(self.button, 1)
        row.addWidget(self.clear)
        column.addLayout(row)
        column.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.set_path(None)

    def set_path(self, path: str | None, *, clear: bool = True) -> None:
        """Show a path, or none; with ``clear`` it can be taken away."""
        self._name = name = Path(path).name if path else tr("Choose…")
        shown = f"{self._tooltip} {path}" if path else f"{self._tooltip} {self._without}"
        describe(self.button, f"{self._title}: {name}", shown)
        self.clear.setVisible(bool(path) and clear)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As much of the name as the button holds beside the other one."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
        room = max(self.button.width(), self.button.minimumWidth()) - _EDGES
        self.button.setText(self.fontMetrics().elidedText(self._name, Qt.TextElideMode.ElideMiddle, room))

    def choose(self) -> None:
        """Ask for a file."""
        name, _ = QFileDialog.getOpenFileName(self, self._title, self._start())
        if name:
            self.chosen.emit(name)
