"""The window: rail, header, page, run bar, and the sentences that the program has to say."""

from __future__ import annotations

import base64
import importlib
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QContextMenuEvent,
    QDragEnterEvent,
    QDropEvent,
    QKeySequence,
    QPaintEvent,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from lstm_studio.gui import icons, tab_order, text_size
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.pages import PAGES, PageInfo
from lstm_studio.gui.widgets.basic import EmptyState, tidy
from lstm_studio.gui.widgets.page_place import PagePlace
from lstm_studio.gui.widgets.rail import Rail, RailButton

if TYPE_CHECKING:
    from lstm_studio.gui.notify import Notice
    from lstm_studio.gui.pages.base import Page
    from lstm_studio.gui.session import Session
    from lstm_studio.gui.widgets.page_tour import PageTour

MINIMUM = (1024, 640)
FIRST = (1280, 800)
AHEAD_PAUSE = 250
"""Milliseconds between two pages that are built before anybody asks for them."""


class MainWindow(QMainWindow):
    """Built from the session's state; after a change of language another one takes its place.

    Without a session it is a frame with the rail, which is on the screen before what pages need is loaded; ``begin``
    fills it.
    """

    rebuild_asked = Signal()
    restart_asked = Signal()
    session: Session

    def __init__(self, session: Session | None = None, geometry: str = "") -> None:
        super().__init__()
        self.painted = False
        self.setObjectName("window")
        self.setWindowTitle("LSTM Studio")
        self.setWindowIcon(icons.app_icon())
        self.setMinimumSize(QSize(*text_size.least(MINIMUM)).boundedTo(text_size.room(self)))
        self.setAcceptDrops(True)
        self.pages: dict[str, Page | None] = {}
        self._begun = False
        self._current: Page | None = None
        self._leaving = False
        self.tour: PageTour | None = None
        self.rail = Rail(PAGES)
        self.stack = QStackedWidget()
        self._places = {info.name: PagePlace() for info in PAGES}
        for place in self._places.values():
            self.stack.addWidget(place)
        self._column = QVBoxLayout()
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.stack, 1)
        middle = QWidget()
        row = QHBoxLayout(middle)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addLayout(self._column, 1)
        self.setCentralWidget(middle)
        self.resize(self._first_size())
        if text_size.now() > 100:
            self.resize(self.size().boundedTo(self.screen().availableSize()))
        if session is not None:
            geometry = session.settings.geometry
        if geometry and not self._restore_geometry(geometry) and session is not None:
            session.settings.geometry = ""
        if session is not None:
            self.begin(session)

    def _first_size(self) -> QSize:
        """What fits on the screen with the system's frame around it."""
        return QSize(*FIRST).boundedTo(text_size.room(self))

    def begin(self, session: Session) -> None:
        """Fill the frame and show the page that was in front last time."""
        from lstm_studio.gui.widgets.header import Header
        from lstm_studio.gui.widgets.notices import Notices
        from lstm_studio.gui.widgets.runbar import RunBar
        from lstm_studio.gui.widgets.save_menu import SaveAnywhere

        self.session = session
        self._begun = True
        self.header = Header(session)
        self.notices = Notices()
        self.runbar = RunBar(session)
        self._column.insertWidget(0, self.header)
        self._column.insertWidget(1, self.notices)
        self._column.addWidget(self.runbar)
        self.saving = SaveAnywhere(session, self)
        self._connect()
        name = session.settings.page if session.settings.page in self._places else PAGES[0].name
        self.show_page(name)

    def _connect(self) -> None:
        session = self.session
        self.rail.chosen.connect(self.show_page)
        self.rail.help_asked.connect(self.show_help)
        self.rail.settings_asked.connect(self.show_settings)
        self.runbar.discard_asked.connect(self.ask_discard)
        session.page_requested.connect(self.show_page)
        session.notice.connect(self._notice)
        session.run_changed.connect(self._run_changed)
        session.dataset_changed.connect(self._title)
        session.language_changed.connect(self.rebuild_asked)
        for key, function in (
            ("Ctrl+O", self.ask_file),
            ("Ctrl+S", self.saving.save_page),
            ("F1", self.open_help),
            ("Ctrl+Q", self.close),
            ("Ctrl+Tab", lambda: self._step_page(1)),
            ("Ctrl+Shift+Tab", lambda: self._step_page(-1)),
            ("F6", lambda: self._step_part(1)),
            ("Shift+F6", lambda: self._step_part(-1)),
        ):
            QShortcut(QKeySequence(key), self).activated.connect(function)
        self._title()

    # -- pages ----------------------------------------------------------------------------------------------

    @Slot(str)
    def show_page(self, name: str) -> None:
        """Bring a page to the front; it is built when it is first shown."""
        if name not in self._places:
            return
        page = self._build(name)
        if self._current is not None and self._current is not page:
            self._current.on_hidden()
            if self.tour is not None:  # whoever finds the way alone is not held up
                self.tour.finish()
        self._current = page
        self.stack.setCurrentWidget(self._places[name])
        self.rail.set_current(name)
        if self.session.settings.page != name:
            self.session.settings.page = name
            self.session.save_soon()
        if page is not None:
            page.on_shown()
            tidy(page)

    @property
    def current_page(self) -> str:
        """Name of the page in front."""
        return PAGES[self.stack.currentIndex()].name

    def page(self, name: str) -> Page:
        """A page, built if need be."""
        page = self._build(name)
        assert page is not None, f"there is no page {name}"
        return page

    def _build(self, name: str) -> Page | None:
        if name not in self.pages:
            info = next(info for info in PAGES if info.name == name)
            page = self._make(info)
            self.pages[name] = page
            if page is not None:
                from lstm_studio.gui import help_pages

                help_pages.mark(page, name)
            self._places[name].box.addWidget(page or EmptyState(info.icon, tr(info.title), tr(info.question)))
        return self.pages[name]

    def _make(self, info: PageInfo) -> Page | None:
        if importlib.util.find_spec(info.module) is None:
            return None
        # In its place from the start: a page that moves there when it is whole has all its widgets styled again.
        return getattr(importlib.import_module(info.module), info.cls)(self.session, self._places[info.name].room)

    def build_ahead(self) -> None:
        """Build what was not shown yet, a part or a page at a time, while nothing else happens."""
        if self._leaving or not self.isVisible():
            return
        if not self.session.training and self.session.loading is None:
            missing = [info for info in PAGES if info.name not in self.pages and info.module in sys.modules]
            if not (self._current is not None and self._current.build_ahead()):
                if not missing:
                    return
                self._build(missing[0].name)
        QTimer.singleShot(AHEAD_PAUSE, self, self.build_ahead)

    def _step_page(self, by: int) -> None:
        self.show_page(PAGES[(self.stack.currentIndex() + by) % len(PAGES)].name)

    def _step_part(self, by: int) -> None:
        """Give the focus to the rail, the header, what is being said, the page, the run bar; by keys, it is far from
        one to the next through all that is on a page."""
        parts = [self.rail, self.header, self.notices, self.stack, self.runbar]
        there = [(part, stops) for part in parts if part.isVisible() and (stops := tab_order.stops(part))]
        focus = self.focusWidget()
        now = next((n for n, (part, _) in enumerate(there) if focus is not None and part.isAncestorOf(focus)), -by)
        reason = Qt.FocusReason.TabFocusReason if by > 0 else Qt.FocusReason.BacktabFocusReason
        there[(now + by) % len(there)][1][0].setFocus(reason)

    # -- words ----------------------------------------------------------------------------------------------

    @Slot(object)
    def _notice(self, notice: Notice) -> None:
        self.notices.say(notice)

    @Slot()
    def _title(self) -> None:
        dataset = self.session.dataset
        self.setWindowTitle(f"{dataset.title} – LSTM Studio" if dataset is not None else "LSTM Studio")

    @Slot()
    def _run_changed(self) -> None:
        if self._leaving and not self.session.training:
            self.close()

    # -- files ----------------------------------------------------------------------------------------------

    def ask_file(self) -> None:
        """Let the person choose a file to open."""
        from lstm_studio.gui.opening import ask_files

        self.open_files(ask_files(self, self.session))

    def open_files(self, names: Sequence[str]) -> None:
        """Open what was chosen, dropped or given: one file, two that belong together, or a run folder."""
        from lstm_studio.gui.opening import open_files

        if names:
            self.show_page(open_files(self.session, names))

    def open_path(self, path: Path) -> None:
        """Open one file or folder."""
        self.open_files([str(path)])

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._begun and any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        names = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if names:
            event.acceptProposedAction()
            self.open_files(names)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if not self._begun or not self.saving.offer_at(event):
            super().contextMenuEvent(event)

    # -- dialogs --------------------------------------------------------------------------------------------

    @Slot()
    def show_settings(self) -> None:
        """Language, colours, threads, folders."""
        from lstm_studio.gui.widgets.settings_dialog import SettingsDialog

        dialog = SettingsDialog(self.session, self)
        dialog.restart_asked.connect(self.restart_asked)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.exec()

    @Slot()
    def show_help(self) -> None:
        """What this is, the pages and the keys."""
        from lstm_studio.gui.widgets.help_dialog import HelpDialog

        dialog = HelpDialog(self)
        dialog.tour_asked.connect(self.show_tour)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.exec()

    @Slot()
    def show_tour(self, place: int = 0) -> None:
        """Say at each button of the rail what its page is for; how far it had come is ``tour.place``."""
        from lstm_studio.gui.widgets.page_tour import PageTour

        if self.tour is None:
            self.tour = PageTour(self, place)
            self.tour.ended.connect(self._tour_ended)

    @Slot()
    def _tour_ended(self) -> None:
        tour, self.tour = self.tour, None
        if tour is not None:
            tour.outline.deleteLater()
            tour.deleteLater()
        self.session.settings.toured = True
        self.session.save_soon()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def open_help(self) -> None:
        """The handbook at what has the focus."""
        from lstm_studio.gui import help_pages

        found = help_pages.help_of(self.focusWidget()) or self.current_page
        help_pages.open_help(found, self.session.config.task)

    @Slot()
    def ask_discard(self) -> None:
        """Discarding a run is the one thing that cannot be undone, so it is asked for."""
        from lstm_studio.gui.widgets.question import Question

        lost = tr("Everything that it has learned is lost. Stop it instead to keep its best weights.")
        yes = (tr("Discard"), tr("Ends the run and deletes what it has learned."))
        no = (tr("Keep training"), tr("The run goes on as if nothing had been asked."))
        box = Question(tr("Discard this run?"), lost, yes, no, danger=True, parent=self)
        discard = box.exec()
        box.deleteLater()
        if discard:
            self.session.cancel()

    # -- coming and going -----------------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._begun:
            return
        session = self.session
        if session.training:
            event.ignore()
            if not self._leaving:
                # The dialog opens after this event, so that nothing nests inside a close.
                QTimer.singleShot(0, self._ask_leave)
            return
        self._remember_geometry()
        session.save()
        event.accept()

    @Slot()
    def _ask_leave(self) -> None:
        if not self.session.training:
            self.close()
            return
        from lstm_studio.gui.widgets.question import Question

        kept = tr("Its best weights and its last state are kept either way: you can use it, or resume it, next time.")
        yes = (tr("Stop and close"), tr("End the run and keep the best weights"))
        no = (tr("Keep training"), tr("The run goes on as if nothing had been asked."))
        box = Question(tr("A run is still training"), kept, yes, no, parent=self)
        leave = box.exec()
        box.deleteLater()
        if leave:
            self.leave()

    def leave(self) -> None:
        """Stop the run, keep it, and close as soon as it is on disk; the window stays live meanwhile."""
        self._leaving = True
        self.session.stop()
        self._run_changed()

    def retire(self) -> None:
        """Go without a question: another window has taken this one's place."""
        self.hide()
        self.deleteLater()

    def _remember_geometry(self) -> None:
        self.session.settings.geometry = base64.b64encode(self.saveGeometry().data()).decode("ascii")

    def _restore_geometry(self, text: str) -> bool:
        try:
            return self.restoreGeometry(QByteArray(base64.b64decode(text)))
        except ValueError:
            return False

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.painted = True

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous() and isinstance(self.focusWidget(), RailButton | None):
            # No ring around the rail before somebody uses the Tab key.
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def focusNextPrevChild(self, forward: bool) -> bool:
        return tab_order.step(self, forward) or super().focusNextPrevChild(forward)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange and self._current is not None:
            hidden = bool(self.windowState() & Qt.WindowState.WindowMinimized)
            (self._current.on_hidden if hidden else self._current.on_shown)()
