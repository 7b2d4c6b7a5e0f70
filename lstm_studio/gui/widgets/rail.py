"""The rail of pages on the left."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QToolButton, QVBoxLayout

from lstm_studio.gui import icons
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.pages import PageInfo
from lstm_studio.gui.tab_order import one_stop
from lstm_studio.gui.theme import S1, font
from lstm_studio.gui.widgets.basic import describe

WIDTH = 80
_TALL, _LOW, _ICON = 54, 44, 34
"""Heights of a button: with air, with none, and without its word, for windows of ever less height."""


class RailButton(QToolButton):
    """An icon above a short word; the icon takes the accent while its page is in front."""

    def __init__(self, icon: str, words: str, tooltip: str, key: str, checkable: bool = True) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setText(words)
        self.setCheckable(checkable)
        self.setFont(font("small"))
        self.set_height(_TALL)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard with the page
        describe(self, words, tooltip, key)
        self._quiet, self._chosen = icons.icon(icon, "text_muted"), icons.icon(icon, "accent")
        self.setIcon(self._quiet)
        self.toggled.connect(self._mark)

    def set_height(self, height: int) -> None:
        """One of the three heights."""
        bare = height == _ICON
        style = Qt.ToolButtonStyle.ToolButtonIconOnly if bare else Qt.ToolButtonStyle.ToolButtonTextUnderIcon
        self.setToolButtonStyle(style)
        side = 22 if height == _TALL else 18
        self.setIconSize(QSize(side, side))
        self.setFixedSize(WIDTH - 16, height)

    def _mark(self, chosen: bool) -> None:
        picture: QIcon = self._chosen if chosen else self._quiet
        self.setIcon(picture)


class Rail(QFrame):
    """One button a page; help and settings at the foot."""

    chosen = Signal(str)
    help_asked = Signal()
    settings_asked = Signal()

    def __init__(self, pages: Sequence[PageInfo]) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setFixedWidth(WIDTH)
        self.setAccessibleName(tr("Pages"))
        column = QVBoxLayout(self)
        column.setContentsMargins(S1, S1 + 4, S1 - 1, S1)
        column.setSpacing(4)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._group.idToggled.connect(lambda _, on: one_stop(self._group) if on else None)
        self.buttons: dict[str, RailButton] = {}
        for page in pages:
            button = RailButton(page.icon, tr(page.title), tr(page.question), page.key)
            button.clicked.connect(lambda _=False, name=page.name: self.chosen.emit(name))
            self._group.addButton(button)
            self.buttons[page.name] = button
            column.addWidget(button)
        column.addStretch(1)
        self.help = RailButton(
            "help", tr("Help"), tr("Keys, pages, and what this program is"), "Shift+F1", checkable=False
        )
        self.help.clicked.connect(self.help_asked)
        self.settings = RailButton(
            "settings", tr("Settings"), tr("Language, colours, threads and folders"), "Ctrl+,", checkable=False
        )
        self.settings.clicked.connect(self.settings_asked)
        column.addWidget(self.help)
        column.addWidget(self.settings)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        buttons = [*self.buttons.values(), self.help, self.settings]
        around = (len(buttons) + 1) * 4 + 2 * S1 + 4
        room = (event.size().height() - around) // len(buttons)
        height = _TALL if room >= _TALL else _LOW if room >= _LOW else _ICON
        for button in buttons:
            if button.height() != height:
                button.set_height(height)

    def set_current(self, name: str) -> None:
        """Mark the page in front."""
        self.buttons[name].setChecked(True)
