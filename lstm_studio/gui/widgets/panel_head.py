"""The head of a panel that takes the place of the list of runs: the way back, a title, and which one is shown."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QComboBox, QHBoxLayout

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import S1
from lstm_studio.gui.widgets.basic import Button, LinkButton, Title, describe


class PanelHead(QHBoxLayout):
    """``which`` chooses among what was made before; the panel's own buttons follow at the end.

    Args:
        title: Of the panel.
        back: What the way back says of what goes on.
        closed: Called for it.
        which: What there is to choose from: name, and a sentence.
        chosen: Called with the place of the one that was chosen.
    """

    def __init__(
        self, title: str, back: str, closed: Callable[[], object], which: tuple[str, str], chosen: Callable[[int], None]
    ) -> None:
        super().__init__()
        self.setSpacing(S1)
        link = LinkButton(tr("All runs"), "chevron_left", closed)
        describe(link, link.text(), back)
        self.addWidget(link)
        self.addWidget(Title(title))
        self.addStretch(1)
        self.which = QComboBox()
        self.which.setMinimumWidth(200)
        describe(self.which, *which)
        self.which.activated.connect(chosen)
        self.addWidget(self.which)

    def add_forget(self, about: str, forget: Callable[[], object]) -> Button:
        """A button that takes the one that is shown from the list."""
        button = Button(tr("Forget"), "trash", forget)
        describe(button, button.text(), about)
        self.addWidget(button)
        return button
