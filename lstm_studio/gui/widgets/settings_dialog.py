"""Language, colours, threads, device and folders; each is checked, and takes effect, at once."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from lstm_studio.data import corpora
from lstm_studio.gui import text_size, theme
from lstm_studio.gui.folders import folders
from lstm_studio.gui.help_pages import help_key
from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.session import Session
from lstm_studio.gui.settings import writable
from lstm_studio.gui.theme import S1, S2, S3
from lstm_studio.gui.widgets.basic import (
    Button,
    Card,
    ElidedLabel,
    IconButton,
    Label,
    LinkButton,
    Muted,
    PrimaryButton,
    SegmentedControl,
    Title,
    describe,
    set_enabled,
    tidy,
)
from lstm_studio.gui.widgets.dialog_body import DialogBody, fit
from lstm_studio.gui.widgets.trackers_card import TrackersCard

DEVICES = (("auto", "Automatic"), ("cpu", "CPU"), ("cuda", "NVIDIA GPU"), ("mps", "Apple GPU"))
LANGUAGES = (("system", "As the system"), ("en", "English"), ("zh_CN", "简体中文"))


class SettingsDialog(QDialog):
    """There is no OK and no Cancel: what is chosen holds."""

    restart_asked = Signal()
    """The program is to close and to start once more."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._language_before = session.settings.language
        self.setWindowTitle(tr("Settings"))
        help_key(self, "start.settings")
        column = QVBoxLayout(self)
        column.setContentsMargins(S3, S3, S3, S3)
        column.setSpacing(S2)
        column.addWidget(Title(tr("Settings")))
        body = DialogBody(tr("Settings"))
        body.box.setSpacing(S2)
        self.trackers = TrackersCard(session)
        for card in (self._appearance(), self._computing(), self._storage(), self._corpora(), self.trackers):
            body.box.addWidget(card)
        column.addWidget(body, 1)
        row = QHBoxLayout()
        row.addStretch(1)
        self.close_button = PrimaryButton(tr("Close"), callback=self.accept)
        self.close_button.setAccessibleDescription(tr("Closes this window; what was chosen holds."))
        row.addWidget(self.close_button)
        column.addLayout(row)
        tidy(self)
        fit(self, 600)
        self.finished.connect(self._finished)

    def _form(self, title: str) -> tuple[Card, QFormLayout]:
        card = Card(title)
        form = QFormLayout()
        form.setHorizontalSpacing(S3)
        form.setVerticalSpacing(S2 - 4)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        card.body.addLayout(form)
        return card, form

    def _appearance(self) -> Card:
        settings = self.session.settings
        card, form = self._form(tr("Appearance"))
        self.language = QComboBox()
        for value, words in LANGUAGES:
            self.language.addItem(tr(words), value)
        self.language.setCurrentIndex(self.language.findData(settings.language))
        self.language.setMinimumWidth(220)
        self.language.activated.connect(self._set_language)
        describe(self.language, tr("Language"), tr("The language of the window; it is built again when this closes"))
        self.theme = SegmentedControl(
            (
                ("system", tr("As the system"), tr("Light or dark as the system says, also when it changes")),
                ("light", tr("Light"), tr("Dark words on a bright page")),
                ("dark", tr("Dark"), tr("Bright words on a dark page")),
            ),
            settings.theme,
            tr("Colours"),
        )
        self.theme.changed.connect(self._set_theme)
        form.addRow(_label(tr("Language")), self.language)
        form.addRow(_label(tr("Colours")), self.theme)
        form.addRow(_label(tr("Text size")), self._text_size())
        return card

    def _text_size(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(S1)
        self.percent = QComboBox()
        kept = self.session.settings.text_size
        for percent in sorted({*text_size.SIZES, kept}):
            self.percent.addItem(f"{percent} %", percent)
        self.percent.setCurrentIndex(self.percent.findData(kept))
        self.percent.activated.connect(self._set_text_size)
        describe(self.percent, tr("Text size"), tr("Words, controls and pictures grow alike, from the next start on"))
        self.restart = LinkButton(tr("Start again now"), "refresh", self._restart)
        describe(
            self.restart, self.restart.text(), tr("Closes the program and opens it in the new size, where you left it.")
        )
        row.addWidget(self.percent)
        row.addWidget(self.restart)
        row.addStretch(1)
        self._show_restart()
        return row

    def _computing(self) -> Card:
        card, form = self._form(tr("Computing"))
        cores = os.cpu_count() or 1
        self.threads = QSpinBox()
        self.threads.setRange(0, cores)
        self.threads.setSpecialValueText(tr("Automatic"))
        self.threads.setValue(min(cores, self.session.settings.threads or 0))
        self.threads.setMinimumWidth(120)
        self.threads.valueChanged.connect(self._set_threads)
        describe(self.threads, tr("Threads"), tr("Processor cores that training may use, unless the run itself says"))
        form.addRow(_label(tr("Threads")), self.threads)
        self.device = QComboBox()
        for value, words in DEVICES:
            self.device.addItem(tr(words), value)
        self.device.setCurrentIndex(self.device.findData(self.session.settings.device))
        self.device.setMinimumWidth(220)
        self.device.activated.connect(self._set_device)
        describe(self.device, tr("Device"), tr("What trains where a run does not say it itself; checked at once"))
        form.addRow(_label(tr("Device")), self.device)
        self.device_error = Label("", tone="danger", wrap=True)
        self.device_error.hide()
        card.body.addWidget(self.device_error)
        words = ntr("This machine has {n} core.", "This machine has {n} cores.", cores)
        note = tr("Automatic leaves one to the window, so that it stays quick.")
        card.body.addWidget(Muted(f"{words} {note}"))
        return card

    def _storage(self) -> Card:
        card = Card(tr("Folders"))
        self.data, data = _place(folders().data)
        self.data_usual = Button(tr("Usual folder"), callback=lambda: self._keep_data(""))
        describe(
            self.data_usual, tr("Usual data folder"), tr("Keeps new data where this system keeps it for programs.")
        )
        self.data_usual.setVisible(bool(self.session.settings.data_folder))
        self.change_data = Button(tr("Change…"), callback=self._choose_data)
        words = tr("Keep new samples, written sets and runs in another folder; what there is stays where it is")
        describe(self.change_data, tr("Change the data folder"), words)
        data.addWidget(self.data_usual)
        data.addWidget(self.change_data)
        self.folder, runs = _place(self.session.settings.runs)
        self.change = Button(tr("Change…"), callback=self._choose_folder)
        words = tr("Keep new runs in another folder; the old ones stay where they are")
        describe(self.change, tr("Change the folder of runs"), words)
        runs.addWidget(self.change)
        runs.addWidget(
            IconButton("folder", tr("Open the folder"), tr("Show the runs in the file manager"), callback=self._reveal)
        )
        for title, row in ((tr("Data"), data), (tr("Runs"), runs)):
            holder = QHBoxLayout()
            holder.addWidget(_label(title))
            holder.addSpacing(S3)
            holder.addLayout(row, 1)
            card.body.addLayout(holder)
        self.folder_error = Label("", tone="danger", wrap=True)
        self.folder_error.hide()
        card.body.addWidget(self.folder_error)
        return card

    def _corpora(self) -> Card:
        card = Card(tr("Corpora"))
        row = QHBoxLayout()
        row.setSpacing(S1)
        self.corpora_folder = ElidedLabel(str(corpora.folder()), Qt.TextElideMode.ElideMiddle)
        self.corpora_folder.setMinimumSize(QSize(220, 24))
        row.addWidget(self.corpora_folder, 1)
        self.corpora_usual = Button(tr("Usual folder"), callback=lambda: self._keep_corpora(""))
        describe(
            self.corpora_usual,
            tr("Usual folder"),
            tr("Keeps corpora where NLTK_DATA says, or with the program's other data."),
        )
        self.corpora_usual.setVisible(bool(self.session.settings.corpora_folder))
        row.addWidget(self.corpora_usual)
        change = Button(tr("Change…"), callback=self._choose_corpora_folder)
        describe(
            change,
            tr("Change the folder of corpora"),
            tr("Keep corpora in another folder; those that are in the old one stay there"),
        )
        row.addWidget(change)
        holder = QHBoxLayout()
        holder.addWidget(_label(tr("Folder")))
        holder.addSpacing(S3)
        holder.addLayout(row, 1)
        card.body.addLayout(holder)
        self.corpora_error = Label("", tone="danger", wrap=True)
        self.corpora_error.hide()
        card.body.addWidget(self.corpora_error)
        self.mirror = QLineEdit(self.session.settings.corpora_mirror)
        self.mirror.setPlaceholderText(tr("NLTK's own server"))
        self.mirror.setClearButtonEnabled(True)
        self.mirror.editingFinished.connect(self._set_mirror)
        describe(
            self.mirror,
            tr("Mirror"),
            tr("Address of an index.xml from which corpora are downloaded, where NLTK's own cannot be reached"),
        )
        place = QHBoxLayout()
        place.addWidget(_label(tr("Mirror")))
        place.addSpacing(S3)
        place.addWidget(self.mirror, 1)
        card.body.addLayout(place)
        self.mirror_error = Label("", tone="danger", wrap=True)
        self.mirror_error.hide()
        card.body.addWidget(self.mirror_error)
        return card

    def _choose_corpora_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, tr("Folder for corpora"), str(corpora.folder()))
        if name:
            self._keep_corpora(name)

    def _keep_corpora(self, folder: str) -> None:
        why = writable(folder) if folder else ""
        self.corpora_error.setText(why)
        self.corpora_error.setVisible(bool(why))
        if why:
            return
        self.session.corpora.set_place(folder=folder)
        self.corpora_folder.setText(str(corpora.folder()))
        self.corpora_usual.setVisible(bool(folder))

    def _set_mirror(self) -> None:
        text = self.mirror.text().strip()
        good = not text or text.startswith(("http://", "https://"))
        words = tr("An address begins with https://, as in {example}.", example="https://example.org/nltk/index.xml")
        self.mirror_error.setText("" if good else words)
        self.mirror_error.setVisible(not good)
        if good and text != self.session.settings.corpora_mirror:
            self.session.corpora.set_place(mirror=text)

    def _set_language(self, index: int) -> None:
        self.session.settings.language = self.language.itemData(index)
        self.session.save_soon()

    def _set_text_size(self, index: int) -> None:
        self.session.settings.text_size = self.percent.itemData(index)
        self.session.save_soon()
        self._show_restart()

    def _show_restart(self) -> None:
        self.restart.setVisible(self.session.settings.text_size != text_size.now())
        why = tr("A run is training: the new size holds when you next start the program.")
        set_enabled(self.restart, not self.session.training, why)

    def _restart(self) -> None:
        self.accept()
        self.restart_asked.emit()

    def _set_theme(self, value: str) -> None:
        self.session.settings.theme = value  # type: ignore[assignment]  # validated on assignment
        theme.choose(self.session.settings.theme)
        self.session.save_soon()

    def _set_threads(self, value: int) -> None:
        self.session.settings.threads = value or None
        self.session.save_soon()
        self.session.config_changed.emit()

    def _set_device(self, index: int) -> None:
        self.session.places.set_device(self.device.itemData(index), self._device_checked)

    def _device_checked(self, why: str) -> None:
        self.device_error.setText(why)
        self.device_error.setVisible(bool(why))
        self.device.setCurrentIndex(self.device.findData(self.session.settings.device))

    def _choose_data(self) -> None:
        name = QFileDialog.getExistingDirectory(self, tr("Folder for data"), str(folders().data))
        if name:
            self._keep_data(name)

    def _keep_data(self, folder: str) -> None:
        self._complain(self.session.places.set_data_folder(folder))
        self.data.setText(str(folders().data))
        self.data_usual.setVisible(bool(self.session.settings.data_folder))
        self.folder.setText(str(self.session.settings.runs))

    def _choose_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, tr("Folder for runs"), str(self.session.settings.runs))
        if name:
            self._keep_runs(name)

    def _keep_runs(self, folder: str) -> None:
        why = writable(folder)
        self._complain(why)
        if not why:
            self.session.set_runs_folder(folder)
            self.folder.setText(folder)

    def _complain(self, why: str) -> None:
        self.folder_error.setText(why)
        self.folder_error.setVisible(bool(why))

    def _reveal(self) -> None:
        folder = Path(self.session.settings.runs)
        why = writable(folder)
        self._complain(why)
        if why:
            return
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def _finished(self) -> None:
        if self.session.settings.language != self._language_before:
            self.session.language_changed.emit()


def _place(folder: Path) -> tuple[ElidedLabel, QHBoxLayout]:
    """A folder as a line, and the row in which its buttons are to stand."""
    label = ElidedLabel(str(folder), Qt.TextElideMode.ElideMiddle)
    label.setMinimumSize(QSize(220, 24))
    row = QHBoxLayout()
    row.setSpacing(S1)
    row.addWidget(label, 1)
    return label, row


def _label(text: str) -> Label:
    label = Label(text, tone="muted")
    label.setMinimumWidth(96)
    return label
