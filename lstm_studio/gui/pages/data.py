"""Data: open texts, see how they were read, which column is what, and whether they are healthy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedWidget, QWidget

from lstm_studio.errors import StudioError
from lstm_studio.gui.i18n import error_text, tr
from lstm_studio.gui.opening import ask_files, open_files
from lstm_studio.gui.pages.base import Page
from lstm_studio.gui.theme import S1
from lstm_studio.gui.widgets.basic import Banner, Button, LinkButton, describe
from lstm_studio.gui.widgets.data_workbench import DataWorkbench
from lstm_studio.gui.widgets.drop_overlay import DropOverlay
from lstm_studio.gui.widgets.health_panel import breakable
from lstm_studio.gui.widgets.loading_strip import LoadingStrip
from lstm_studio.gui.widgets.start_panel import StartPanel
from lstm_studio.gui.widgets.type_panel import TypePanel

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session

START, WORK, TYPE = 0, 1, 2


class DataPage(Page):
    """Start panel, workbench and typing panel take turns; a file can be dropped on any of them."""

    name = "data"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.setAcceptDrops(True)
        self.layout_.addLayout(self._bar())
        self.loading = LoadingStrip(session.cancel_loading)
        self.layout_.addWidget(self.loading)
        self.banner = Banner("error", "", closable=True)
        self.banner.hide()
        self.layout_.addWidget(self.banner)
        self.start = StartPanel(self.ask_file, self.ask_folder, self.show_typing)
        self.start.sample_asked.connect(self._open_sample)
        self.start.recent_asked.connect(self.open_path)
        self.work = DataWorkbench(session)
        self.typing = TypePanel()
        self.typing.accepted.connect(self._use_typed)
        self.typing.left.connect(self._leave)
        self.stack = QStackedWidget()
        for panel in (self.start, self.work, self.typing):
            self.stack.addWidget(panel)
        self.layout_.addWidget(self.stack, 1)
        self.overlay = DropOverlay(self)
        session.loading_changed.connect(self._loading_changed)
        session.dataset_changed.connect(self._dataset_changed)
        session.notice.connect(self._noticed)
        self._dataset_changed()
        self._loading_changed()

    def _bar(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(S1)
        self.open_file = Button(tr("Open file"), "open", self.ask_file)
        describe(
            self.open_file, tr("Open file"), tr("Choose a file, or two texts with lines that belong together (Ctrl+O)")
        )
        self.open_folder = Button(tr("Open folder"), "folder", self.ask_folder)
        describe(
            self.open_folder,
            tr("Open folder"),
            tr("Choose a folder of .txt files, or with a sub-folder of them for each label, or with parallel files."),
        )
        self.samples = Button(tr("Samples"), "sample", self.show_start)
        describe(self.samples, tr("Samples"), tr("Data sets that come with the program, and files opened lately."))
        self.type_own = Button(tr("Type your own"), "type", self.show_typing)
        describe(self.type_own, tr("Type your own"), tr("Type or paste a few texts with their labels."))
        self.back = LinkButton("", "chevron_left", self._leave)
        self._bar_buttons = (self.open_file, self.open_folder, self.samples, self.type_own)
        for button in self._bar_buttons:
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.back)
        return row

    # -- which panel ----------------------------------------------------------------------------------------

    def show_start(self) -> None:
        """Samples and recent files."""
        self.start.set_recent(self.session.settings.recent)
        self._turn_to(START)

    def show_typing(self) -> None:
        """The panel to type texts into."""
        self._turn_to(TYPE)
        self.typing.edit.setFocus()

    def _leave(self) -> None:
        if self.session.dataset is not None:
            self._turn_to(WORK)
        else:
            self.show_start()

    def _turn_to(self, panel: int) -> None:
        self.stack.setCurrentIndex(panel)
        dataset = self.session.dataset
        for button in self._bar_buttons:
            button.setVisible(dataset is not None)
        self.back.setVisible(dataset is not None and panel != WORK)
        if dataset is not None:
            title = dataset.title if len(dataset.title) <= 40 else dataset.title[:39] + "…"
            words = tr("Back to {name}", name=title)
            self.back.setText(words)
            describe(self.back, words, tr("Shows the open file again."))

    @Slot()
    def _dataset_changed(self) -> None:
        if self.session.dataset is None:
            self.show_start()
        else:
            self.banner.hide()
            self._turn_to(WORK)

    @Slot()
    def _loading_changed(self) -> None:
        session = self.session
        self.loading.show_loading(session.loading)
        error = session.load_error
        if error is not None:
            again = tr("Open another file")
            self.banner.show_message("error", breakable(error_text(error)), again, self.ask_file)
            self.banner.show()
            self.work.refresh()  # what was asked for is not what is open
        elif session.loading is not None:
            self.banner.hide()
        self.work.set_busy(session.loading is not None)

    @Slot(object)
    def _noticed(self, notice: Any) -> None:
        """The page itself says why a file could not be read; once is enough."""
        notices = getattr(self.window(), "notices", None)
        if notice.key == "load" and self.isVisible() and self.session.load_error is not None and notices is not None:
            QTimer.singleShot(0, self, lambda: notices.clear("load"))

    # -- opening --------------------------------------------------------------------------------------------

    def ask_file(self) -> None:
        """Let the person choose a file."""
        self.open_paths(ask_files(self, self.session))

    def ask_folder(self) -> None:
        """Let the person choose a folder of texts."""
        name = QFileDialog.getExistingDirectory(self, tr("Open a folder"), self._folder())
        if name:
            self.open_path(name)

    def _folder(self) -> str:
        recent = self.session.settings.recent
        return str(Path(recent[0]).parent) if recent else ""

    def open_paths(self, names: Sequence[str]) -> None:
        """Open what was chosen or dropped: one file, or two texts with lines that belong together."""
        if names and (page := open_files(self.session, names)) != self.name:
            self.session.page_requested.emit(page)

    @Slot(str)
    def open_path(self, name: str) -> None:
        """Open a dataset; a run folder is looked at instead."""
        self.open_paths([name])

    @Slot(str, dict)
    def _open_sample(self, name: str, values: dict[str, Any]) -> None:
        self.session.open_sample(name, **values)

    @Slot(str)
    def _use_typed(self, text: str) -> None:
        try:
            self.session.open_text(text)
        except StudioError as error:
            self.banner.show_message("error", error_text(error))
            self.banner.show()

    # -- dropping -------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            self.overlay.appear()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.overlay.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self.overlay.hide()
        names = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if names:
            event.acceptProposedAction()
            self.open_paths(names)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.overlay.setGeometry(self.rect())
