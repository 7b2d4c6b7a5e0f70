"""Where things are kept: data and runs, corpora and where those come from. A folder holds once it can be written to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QLineEdit

from lstm_studio.data import corpora
from lstm_studio.gui.folders import folders
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.widgets.basic import Button, Card, IconButton, describe
from lstm_studio.gui.widgets.setting_rows import Complaint, FolderLine, named

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session


class FoldersCard(Card):
    """Data and runs."""

    def __init__(self, session: Session) -> None:
        super().__init__(tr("Folders"))
        self.session = session
        self.usual = Button(tr("Usual folder"), callback=lambda: self.keep_data(""))
        describe(self.usual, tr("Usual data folder"), tr("Keeps new data where this system keeps it for programs."))
        change_data = Button(tr("Change…"), callback=self._choose_data)
        words = tr("Keep new samples, written sets and runs in another folder; what there is stays where it is")
        describe(change_data, tr("Change the data folder"), words)
        change = Button(tr("Change…"), callback=self._choose_runs)
        words = tr("Keep new runs in another folder; the old ones stay where they are")
        describe(change, tr("Change the folder of runs"), words)
        reveal = IconButton(
            "folder", tr("Open the folder"), tr("Show the runs in the file manager"), callback=self._reveal
        )
        self.data = FolderLine("", self.usual, change_data)
        self.runs = FolderLine("", change, reveal)
        self.body.addLayout(named(tr("Data"), self.data))
        self.body.addLayout(named(tr("Runs"), self.runs))
        self.wrong = Complaint()
        self.body.addWidget(self.wrong)
        self._told("")

    def keep_data(self, folder: str) -> None:
        """Keep data there from now on; "" is the usual folder."""
        self.session.places.set_data_folder(folder, self._told)

    def keep_runs(self, folder: str) -> None:
        """Keep runs there from now on."""
        self.session.places.set_runs_folder(folder, self._told)

    def _told(self, why: str) -> None:
        self.wrong.say(why)
        settings = self.session.settings
        self.data.folder.setText(str(folders().data))
        self.usual.setVisible(bool(settings.data_folder))
        self.runs.folder.setText(str(settings.runs))

    def _choose_data(self) -> None:
        name = QFileDialog.getExistingDirectory(self, tr("Folder for data"), str(folders().data))
        if name:
            self.keep_data(name)

    def _choose_runs(self) -> None:
        name = QFileDialog.getExistingDirectory(self, tr("Folder for runs"), str(self.session.settings.runs))
        if name:
            self.keep_runs(name)

    def _reveal(self) -> None:
        folder = Path(self.session.settings.runs)

        def found(why: str) -> None:
            self.wrong.say(why)
            if not why:
                QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

        self.session.places.check(folder, found)


class CorporaCard(Card):
    """Where corpora are kept, and the mirror that they come from."""

    def __init__(self, session: Session) -> None:
        super().__init__(tr("Corpora"))
        self.session = session
        self.usual = Button(tr("Usual folder"), callback=lambda: self.keep(""))
        words = tr("Keeps corpora where NLTK_DATA says, or with the program's other data.")
        describe(self.usual, tr("Usual folder"), words)
        change = Button(tr("Change…"), callback=self._choose)
        words = tr("Keep corpora in another folder; those that are in the old one stay there")
        describe(change, tr("Change the folder of corpora"), words)
        self.place = FolderLine("", self.usual, change)
        self.body.addLayout(named(tr("Folder"), self.place))
        self.wrong = Complaint()
        self.body.addWidget(self.wrong)
        self.mirror = QLineEdit(session.settings.corpora_mirror)
        self.mirror.setPlaceholderText(tr("NLTK's own server"))
        self.mirror.setClearButtonEnabled(True)
        self.mirror.editingFinished.connect(self._set_mirror)
        words = tr("Address of an index.xml from which corpora are downloaded, where NLTK's own cannot be reached")
        describe(self.mirror, tr("Mirror"), words)
        self.body.addLayout(named(tr("Mirror"), self.mirror))
        self.no_mirror = Complaint()
        self.body.addWidget(self.no_mirror)
        self._show()

    def keep(self, folder: str) -> None:
        """Keep corpora there from now on; "" is the usual folder."""

        def found(why: str) -> None:
            if not why:
                self.session.corpora.set_place(folder=folder)
            self.wrong.say(why)
            self._show()

        self.session.places.check(folder, found)

    def _show(self) -> None:
        self.place.folder.setText(str(corpora.folder()))
        self.usual.setVisible(bool(self.session.settings.corpora_folder))

    def _choose(self) -> None:
        name = QFileDialog.getExistingDirectory(self, tr("Folder for corpora"), str(corpora.folder()))
        if name:
            self.keep(name)

    def _set_mirror(self) -> None:
        text = self.mirror.text().strip()
        good = not text or text.startswith(("http://", "https://"))
        words = tr("An address begins with https://, as in {example}.", example="https://example.org/nltk/index.xml")
        self.no_mirror.say("" if good else words)
        if good and text != self.session.settings.corpora_mirror:
            self.session.corpora.set_place(mirror=text)
