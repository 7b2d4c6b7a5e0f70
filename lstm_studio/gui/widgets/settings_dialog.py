"""Language, colours, threads, device and folders; each is checked, and takes effect, at once."""

from __future__ import annotations

import os

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from lstm_studio.gui import text_size, theme
from lstm_studio.gui.help_pages import help_key
from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.session import Session
from lstm_studio.gui.theme import S1, S2, S3
from lstm_studio.gui.widgets.basic import (
    Card,
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
from lstm_studio.gui.widgets.folders_cards import CorporaCard, FoldersCard
from lstm_studio.gui.widgets.setting_rows import Complaint, name
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
        self.folders, self.corpora, self.trackers = FoldersCard(session), CorporaCard(session), TrackersCard(session)
        for card in (self._appearance(), self._computing(), self.folders, self.corpora, self.trackers):
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
        form.addRow(name(tr("Language")), self.language)
        form.addRow(name(tr("Colours")), self.theme)
        form.addRow(name(tr("Text size")), self._text_size())
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
        form.addRow(name(tr("Threads")), self.threads)
        self.device = QComboBox()
        for value, words in DEVICES:
            self.device.addItem(tr(words), value)
        self.device.setCurrentIndex(self.device.findData(self.session.settings.device))
        self.device.setMinimumWidth(220)
        self.device.activated.connect(self._set_device)
        describe(self.device, tr("Device"), tr("What trains where a run does not say it itself; checked at once"))
        form.addRow(name(tr("Device")), self.device)
        self.device_error = Complaint()
        card.body.addWidget(self.device_error)
        words = ntr("This machine has {n} core.", "This machine has {n} cores.", cores)
        note = tr("Automatic leaves one to the window, so that it stays quick.")
        card.body.addWidget(Muted(f"{words} {note}"))
        return card

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
        self.device_error.say(why)
        self.device.setCurrentIndex(self.device.findData(self.session.settings.device))

    def _finished(self) -> None:
        if self.session.settings.language != self._language_before:
            self.session.language_changed.emit()
