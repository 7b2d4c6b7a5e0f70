"""What the program is, what the pages are for, and all keys."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from lstm_studio.gui import icons
from lstm_studio.gui.help_pages import FIRST, help_key, open_help
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.pages import PAGES
from lstm_studio.gui.theme import S1, S2, S3, font, theme
from lstm_studio.gui.widgets.basic import Button, Card, IconLabel, Label, Muted, PrimaryButton, Title, describe
from lstm_studio.gui.widgets.dialog_body import DialogBody, fit
from lstm_studio.version import __version__

KEYS: tuple[tuple[str, str], ...] = (
    ("Ctrl+O", "Open a file"),
    ("Ctrl+Tab", "Next page"),
    ("Ctrl+Shift+Tab", "Previous page"),
    ("F6", "Next part of the window; Shift for the previous one"),
    ("F9", "Pause or resume the run"),
    ("Shift+F9", "Stop the run and keep the best weights"),
    ("Ctrl+S", "Save what is shown; so does a right click on it"),
    ("Ctrl+,", "Settings"),
    ("F1", "The handbook, at what has the focus"),
    ("Shift+F1", "This help"),
    ("Ctrl+Q", "Close the window"),
)


class HelpDialog(QDialog):
    """Opened by the rail, or by Shift+F1."""

    tour_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Help"))
        column = QVBoxLayout(self)
        column.setContentsMargins(S3, S3, S3, S3)
        column.setSpacing(S2)
        head = QHBoxLayout()
        head.setSpacing(S2)
        logo = QLabel()
        logo.setPixmap(icons.app_icon().pixmap(48, 48))
        head.addWidget(logo)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Title("LSTM Studio"))
        words.addWidget(Muted(tr("Version {version} · MIT licence", version=__version__), wrap=False))
        head.addLayout(words, 1)
        column.addLayout(head)
        column.addWidget(
            Label(
                tr("Load text, train an LSTM, watch its gates open and close, understand what it learned, and use it."),
                wrap=True,
            )
        )
        both = QHBoxLayout()
        both.setSpacing(S2)
        both.addWidget(self._pages(), 5)
        both.addWidget(self._keys(), 6)
        body = DialogBody(tr("Help"))
        body.box.addLayout(both)
        column.addWidget(body, 1)
        row = QHBoxLayout()
        row.setSpacing(S1)
        self.handbook = Button(tr("Open the handbook"), "help", lambda: open_help(FIRST))
        describe(self.handbook, self.handbook.text(), tr("Opens it in the browser; no network is needed."))
        row.addWidget(self.handbook)
        self.tour = Button(tr("Show the tour"), "info", self._tour)
        describe(self.tour, self.tour.text(), tr("Points at the pages one after the other and says what they are for."))
        row.addWidget(self.tour)
        row.addStretch(1)
        help_key(self, FIRST)
        close = PrimaryButton(tr("Close"), callback=self.accept)
        close.setAccessibleDescription(tr("Closes this window."))
        row.addWidget(close)
        column.addLayout(row)
        fit(self, 880)

    def _tour(self) -> None:
        self.accept()
        self.tour_asked.emit()

    def _pages(self) -> Card:
        card = Card(tr("Pages"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(S2 - 4)
        grid.setVerticalSpacing(S1)
        grid.setColumnStretch(1, 1)
        for row, page in enumerate(PAGES):
            grid.addWidget(IconLabel(page.icon, 20), row, 0, Qt.AlignmentFlag.AlignTop)
            text = QVBoxLayout()
            text.setSpacing(0)
            text.addWidget(Label(tr(page.title)))
            text.addWidget(Muted(tr(page.question), wrap=False))
            grid.addLayout(text, row, 1)
            grid.addWidget(_key(page.key), row, 2, Qt.AlignmentFlag.AlignTop)
        card.body.addLayout(grid)
        card.body.addStretch(1)
        return card

    def _keys(self) -> Card:
        card = Card(tr("Keys"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(S2)
        grid.setVerticalSpacing(S1 + 4)
        grid.setColumnStretch(0, 1)
        for row, (key, words) in enumerate(KEYS):
            grid.addWidget(Label(tr(words)), row, 0)
            grid.addWidget(_key(key), row, 1)
        card.body.addLayout(grid)
        card.body.addStretch(1)
        return card


def _key(key: str) -> QLabel:
    label = QLabel(QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText))
    label.setFont(font("small"))
    label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    label.setStyleSheet(f"color: {theme().hex('text_muted')};")
    return label
