"""What every page is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from lstm_studio.gui.theme import S2, S3

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session


class Page(QWidget):
    """One page of the window. It talks to the session only, and builds itself from the session's state.

    ``layout_`` is the page's outer column, on the grid. ``on_shown`` is called each time the page comes to the
    front, ``focus_first`` when the keyboard should land on the page's main control.
    """

    name = ""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.setObjectName("page")
        self.layout_ = QVBoxLayout(self)
        self.layout_.setContentsMargins(S3, S2, S3, S3)
        self.layout_.setSpacing(S2)

    def on_shown(self) -> None:
        """The page has come to the front."""

    def on_hidden(self) -> None:
        """Another page has come to the front; a page may stop drawing what nobody sees."""

    def build_ahead(self) -> bool:
        """Build a part that was not needed yet, while nothing else happens; False if there is none left."""
        return False
