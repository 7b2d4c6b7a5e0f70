"""Which other programs are told of every run that the window trains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import S1, S3
from lstm_studio.gui.widgets.basic import Button, Card, ElidedLabel, Label, Muted, describe

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session

_LABEL = 96


class TrackersCard(Card):
    """A folder for TensorBoard, an address and an experiment for MLflow; each takes effect with the next run."""

    def __init__(self, session: Session) -> None:
        super().__init__(tr("Trackers"))
        self.session = session
        self.body.addWidget(Muted(tr("Programs that are told of every run, besides the list of runs here.")))
        self.folder = ElidedLabel()
        self.folder.setMinimumSize(QSize(220, 24))
        self.off = Button(tr("Turn off"), callback=lambda: self._set_folder(""))
        describe(self.off, tr("Turn off TensorBoard"), tr("Writes no event files any more; those that are there stay."))
        choose = Button(tr("Choose…"), callback=self._choose)
        describe(choose, tr("Choose a folder for TensorBoard"), tr("Writes event files there, a folder for each run."))
        row = QHBoxLayout()
        row.setSpacing(S1)
        row.addWidget(self.folder, 1)
        row.addWidget(self.off)
        row.addWidget(choose)
        self._add("TensorBoard", row)
        self.address = QLineEdit(session.settings.mlflow)
        self.address.setPlaceholderText("http://localhost:5000")
        self.address.setClearButtonEnabled(True)
        self.address.editingFinished.connect(self._set_address)
        describe(self.address, tr("Address of MLflow"), tr("Address of a server; empty: none is told."))
        self._add("MLflow", self.address)
        self.experiment = QLineEdit(session.settings.experiment)
        self.experiment.setPlaceholderText("LSTM Studio")
        self.experiment.editingFinished.connect(self._set_experiment)
        describe(self.experiment, tr("Experiment"), tr("The experiment in MLflow under which runs stand."))
        self._add(tr("Experiment"), self.experiment)
        self.wrong = Label("", tone="danger", wrap=True)
        self.wrong.hide()
        self.body.addWidget(self.wrong)
        self._show_folder()

    def _add(self, name: str, what: QWidget | QHBoxLayout) -> None:
        row = QHBoxLayout()
        label = Label(name, tone="muted")
        label.setMinimumWidth(_LABEL)
        row.addWidget(label)
        row.addSpacing(S3)
        if isinstance(what, QWidget):
            row.addWidget(what, 1)
        else:
            row.addLayout(what, 1)
        self.body.addLayout(row)

    def _show_folder(self) -> None:
        folder = self.session.settings.tensorboard
        self.folder.setText(folder or tr("Nothing is written"))
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
        self.wrong.setText("" if good else words)
        self.wrong.setVisible(not good)
        if good and text != self.session.settings.mlflow:
            self.session.settings.mlflow = text
            self.session.save_soon()

    def _set_experiment(self) -> None:
        self.session.settings.experiment = self.experiment.text().strip()
        self.session.save_soon()
