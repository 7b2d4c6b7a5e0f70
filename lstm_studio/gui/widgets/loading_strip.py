"""A file on its way in: its name, how far it is, and a way out."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QProgressBar

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.session_types import Loading
from lstm_studio.gui.theme import S2
from lstm_studio.gui.widgets.basic import Button, Callback, Card, ElidedLabel, Muted, describe


class LoadingStrip(Card):
    """Hidden while nothing is read."""

    def __init__(self, cancel: Callback) -> None:
        super().__init__()
        row = QHBoxLayout()
        row.setSpacing(S2)
        self.file = ElidedLabel()
        self.words = Muted("", wrap=False)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setMinimumWidth(240)
        self.bar.setAccessibleName(tr("Progress of reading"))
        self.cancel = Button(tr("Cancel"), "cancel", cancel)
        describe(self.cancel, tr("Cancel"), tr("Stops reading; what was open before stays open."), "Esc")
        row.addWidget(self.file, 2)
        row.addWidget(self.words, 1)
        row.addWidget(self.bar, 2)
        row.addWidget(self.cancel)
        self.body.addLayout(row)
        self.hide()

    def show_loading(self, loading: Loading | None) -> None:
        """Follow a file, or nothing."""
        self.setVisible(loading is not None)
        if loading is None:
            return
        self.file.setText(tr("Reading {file}", file=loading.title))
        self.words.setText(tr(loading.words) if loading.words else "")
        self.bar.setRange(0, 0 if loading.fraction < 0 else 1000)
        self.bar.setValue(int(1000 * max(0.0, loading.fraction)))
