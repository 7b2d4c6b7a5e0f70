"""Which other programs are told of every run that the window trains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QLineEdit

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.widgets.basic import Button, Card, Muted, describe
from lstm_studio.gui.widgets.setting_rows import Complaint, FolderLine, named

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session


class TrackersCard(Card):
    """A folder for TensorBoard, an address and an experiment for MLflow; each takes effect with the next run."""

    def __init__(self, session: Session) -> None:
        super().__init__(tr("Trackers"))
        self.session = session
        self.body.addWidget(Muted(tr("Programs that are told of every run, besides the list of runs here.")))
        self.off = Button(tr("Turn off"), callback=lambda: self._set_folder(""))
        describe(self.off, tr("Turn off TensorBoard"), tr("Writes no event files any more; those that are there stay."))
        choose = Button(tr("Choose…"), callback=self._choose)
        describe(choose, tr("Choose a folder for TensorBoard"), tr("Writes event files there, a folder for each run."))
        self.place = FolderLine("", self.off, choose)
        self.body.addLayout(named("TensorBoard", self.place))
        self.address = QLineEdit(session.settings.mlflow)
        self.address.setPlaceholderText("http://localhost:5000")
        self.address.setClearButtonEnabled(True)
        self.address.editingFinished.connect(self._set_address)
        describe(self.address, tr("Address of MLflow"), tr("Address of a server; empty: none is told."))
        self.body.addLayout(named("MLflow", self.address))
        self.experiment = QLineEdit(session.settings.experiment)
        self.experiment.setPlaceholderText("LSTM Studio")
        self.experiment.editingFinished.connect(self._set_experiment)
        describe(self.experiment, tr("Experiment"), tr("The experiment in MLflow under which runs stand."))
        self.body.addLayout(named(tr("Experiment"), self.experiment))
        self.wrong = Complaint()
        self.body.addWidget(self.wrong)
        self._show_folder()

    def _show_folder(self) -> None:
        folder = self.session.settings.tensorboard
        self.place.folder.setText(folder or tr("Nothing is written"))
        self.off.setVisible(bool(folder))

    def _choose(self) -> None:
        name = QFileDialog.getExistingDirectory(
            self, tr("Folder for TensorBoard"), self.session.settings.tensorboard or str(self.session.settings.runs)
        )
        if name:
            self._set_folder(name)

    def _set_folder(self, folder: str) -> None:
        self.session.settings.tensorboard = folder
        self.session.save_soon()
        self._show_folder()

    def _set_address(self) -> None:
        text = self.address.text().strip()
        good = not text or "://" in text or text == "databricks"
        words = tr("An address begins with https://, as in {example}.", example="https://example.org:5000")
        self.wrong.say("" if good else words)
        if good and text != self.session.settings.mlflow:
            self.session.settings.mlflow = text
            self.session.save_soon()

    def _set_experiment(self) -> None:
        self.session.settings.experiment = self.experiment.text().strip()
        self.session.save_soon()
