"""Data: open texts, see how they were read, which column is what, and whether they are healthy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedWidget, QWidget

from lstm_studio.data.handmade_copy import why_not
from lstm_studio.data.places import is_corpus
from lstm_studio.gui.help_pages import mark
from lstm_studio.gui.i18n import error_text, tr
from lstm_studio.gui.opening import ask_files, open_files
from lstm_studio.gui.pages.base import Page
from lstm_studio.gui.theme import S1
from lstm_studio.gui.widgets.basic import Banner, Button, LinkButton, describe, set_enabled, tidy
from lstm_studio.gui.widgets.drop_overlay import DropOverlay
from lstm_studio.gui.widgets.loading_strip import LoadingStrip
from lstm_studio.gui.widgets.start_panel import StartPanel

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.gui.widgets.corpora_panel import CorporaPanel
    from lstm_studio.gui.widgets.data_workbench import DataWorkbench
    from lstm_studio.gui.widgets.hand_editor import HandEditor

START, WORK, HAND, CORPORA = 0, 1, 2, 3
Panel = TypeVar("Panel", bound=QWidget)


class DataPage(Page):
    """Start panel, workbench and the sets written by hand take turns; a file can be dropped on any of them.

    Each is built when it is first needed, or ahead when nothing else happens.
    """

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
        self.start = StartPanel(self.ask_file, self.ask_folder, self.show_hand)
        self.start.sample_asked.connect(self._open_sample)
        self.start.recent_asked.connect(self.open_path)
        self.start.corpora_asked.connect(self.show_corpora)
        self._work: DataWorkbench | None = None
        self._hand: HandEditor | None = None
        self._corpora: CorporaPanel | None = None
        self.stack = QStackedWidget()
        self.stack.addWidget(self.start)
        for _ in (WORK, HAND, CORPORA):
            self.stack.addWidget(QWidget())
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
        self.browse = Button(tr("Corpora"), "table", self.show_corpora)
        describe(self.browse, tr("Corpora"), tr("Data sets of NLTK, each downloaded when you ask for it."))
        self.write_own = Button(tr("Write your own"), "type", self.show_hand)
        describe(
            self.write_own,
            tr("Write your own"),
            tr("Write or paste a small data set here, and come back to those you wrote."),
        )
        self.edit_copy = Button(tr("Edit a copy"), "rename", self._edit_copy)
        self.back = LinkButton("", "chevron_left", self._leave)
        self._bar_buttons = (self.open_file, self.open_folder, self.browse, self.samples, self.write_own)
        for button in (*self._bar_buttons, self.edit_copy):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.back)
        return row

    # -- panels that are built when they are needed ------------------------------------------------------------

    @property
    def work(self) -> DataWorkbench:
        """The opened file: its rows, settings and health."""
        if self._work is None:
            from lstm_studio.gui.widgets.data_workbench import DataWorkbench

            self._work = self._put(WORK, DataWorkbench(self.session))
            mark(self._work.health, "data.health")
            self._work.set_busy(self.session.loading is not None)
        return self._work

    @property
    def hand(self) -> HandEditor:
        """The sets that are written by hand."""
        if self._hand is None:
            from lstm_studio.gui.widgets.hand_editor import HandEditor

            self._hand = self._put(HAND, HandEditor(self.session))
            self._hand.left.connect(self._leave)
            mark(self._hand, "data.by-hand")
        return self._hand

    @property
    def corpora(self) -> CorporaPanel:
        """The corpora of NLTK."""
        if self._corpora is None:
            from lstm_studio.gui.widgets.corpora_panel import CorporaPanel

            self._corpora = self._put(CORPORA, CorporaPanel(self.session))
            mark(self._corpora, "data.corpora")
        return self._corpora

    def _put(self, place: int, panel: Panel) -> Panel:
        """Into the stack, for the empty widget there."""
        empty = self.stack.widget(place)
        assert empty is not None
        self.stack.insertWidget(place, panel)
        if self.stack.currentWidget() is empty:
            self.stack.setCurrentIndex(place)
        self.stack.removeWidget(empty)
        empty.deleteLater()
        tidy(panel)
        return panel

    def build_ahead(self) -> bool:
        for name in ("work", "hand", "corpora"):
            if getattr(self, f"_{name}") is None:
                getattr(self, name)
                return True
        return False

    # -- which panel ----------------------------------------------------------------------------------------

    def show_start(self) -> None:
        """Samples and recent files."""
        self.start.set_recent(self.session.settings.recent)
        self._turn_to(START)

    def show_corpora(self) -> None:
        """The corpora of NLTK."""
        self._turn_to(CORPORA)

    def show_hand(self) -> None:
        """The sets that are written by hand."""
        self._turn_to(HAND)
        self.hand.start()

    def _edit_copy(self) -> None:
        if self.session.dataset is not None:
            self._turn_to(HAND)
            self.hand.edit_copy(self.session.dataset)

    def _name_edit(self) -> None:
        """The opened file as a set to be edited; its own set where it was made from one."""
        dataset = self.session.dataset
        self.edit_copy.setVisible(dataset is not None and self.stack.currentIndex() == WORK)
        if dataset is not None:
            own = self.hand.files.owner(dataset.path) is not None
            words = tr("Edit the set") if own else tr("Edit a copy")
            self.edit_copy.setText(words)
            about = (
                tr("Changes the set that these rows were made from.")
                if own
                else tr("Opens the rows as a set of your own, to be changed by hand; the file stays as it is.")
            )
            describe(self.edit_copy, words, about)
            why = "" if own else why_not(dataset.table, dataset.data)
            set_enabled(self.edit_copy, not why, tr(why), about)

    def _leave(self) -> None:
        if self.session.dataset is not None:
            self._turn_to(WORK)
        else:
            self.show_start()

    def _turn_to(self, panel: int) -> None:
        if panel != START:
            getattr(self, {WORK: "work", HAND: "hand", CORPORA: "corpora"}[panel])  # built if need be
        self.stack.setCurrentIndex(panel)
        dataset = self.session.dataset
        for button in self._bar_buttons:
            button.setVisible(dataset is not None)
        self.back.setVisible(panel != WORK and (dataset is not None or panel == CORPORA))
        if dataset is not None:
            title = dataset.title if len(dataset.title) <= 40 else dataset.title[:39] + "…"
            words = tr("Back to {name}", name=title)
            self.back.setText(words)
            describe(self.back, words, tr("Shows the open file again."))
        else:
            self.back.setText(tr("Back"))
            describe(self.back, tr("Back"), tr("Shows samples and files opened lately again."))
        self._name_edit()

    @Slot()
    def _dataset_changed(self) -> None:
        if self.session.dataset is None:
            self.show_start()
        else:
            self.banner.hide()
            self._forget_notice()
            self._turn_to(WORK)

    @Slot()
    def _loading_changed(self) -> None:
        session = self.session
        self.loading.show_loading(session.loading)
        error = session.load_error
        if error is not None:
            from lstm_studio.gui.widgets.health_panel import breakable

            again = tr("Open another file")
            self.banner.show_message("error", breakable(error_text(error)), again, self.ask_file)
            self.banner.show()
            if self._work is not None:
                self._work.refresh()  # what was asked for is not what is open
        elif session.loading is not None:
            self.banner.hide()
        if self._work is not None:
            self._work.set_busy(session.loading is not None)

    @Slot(object)
    def _noticed(self, notice: Any) -> None:
        """The page itself says why a file could not be read; once is enough."""
        if notice.key == "load" and self.isVisible() and self.session.load_error is not None:
            QTimer.singleShot(0, self, self._forget_notice)

    def _forget_notice(self) -> None:
        """What the window says of a file, above every page, has become needless."""
        notices = getattr(self.window(), "notices", None)
        if notices is not None:
            notices.clear("load")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.session.load_error is not None:
            self._forget_notice()

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
        recent = [path for path in self.session.settings.recent if not is_corpus(path)]
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
