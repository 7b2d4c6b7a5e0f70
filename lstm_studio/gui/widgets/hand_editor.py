"""Write a small data set by hand: the shelf of one's own sets, and the desk at which one is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from lstm_studio.data.handmade import HandSet
from lstm_studio.data.handmade_files import HandFiles, SetInfo, write_file
from lstm_studio.data.handmade_kinds import HAND_KINDS
from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.gui.folders import folders
from lstm_studio.gui.i18n import error_text, tr
from lstm_studio.gui.jobs import Progress
from lstm_studio.gui.theme import S1
from lstm_studio.gui.widgets.basic import Banner, set_enabled
from lstm_studio.gui.widgets.hand_desk import HandDesk
from lstm_studio.gui.widgets.hand_paste import HandPaste
from lstm_studio.gui.widgets.hand_saver import HandSaver
from lstm_studio.gui.widgets.hand_shelf import HandShelf

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.gui.session_types import Dataset


class HandEditor(QWidget):
    """A set is kept as it is typed, and opened like any file when it is used."""

    left = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.files = HandFiles(folders().sets)
        self.saver = HandSaver(self.files, session.jobs, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S1)
        self.banner = Banner("info", "", closable=True)
        self.banner.hide()
        column.addWidget(self.banner)
        self.shelf, self.desk = HandShelf(), HandDesk()
        self.stack = QStackedWidget()
        for face in (self.shelf, self.desk):
            self.stack.addWidget(face)
        column.addWidget(self.stack, 1)
        self.pasting = HandPaste(self)
        self._connect()

    def _connect(self) -> None:
        desk, shelf, saver = self.desk, self.shelf, self.saver
        desk.table.pasted.connect(self.pasting.paste)
        desk.table.too_long.connect(self.pasting.refuse)
        desk.labels.added.connect(lambda name: self._try(lambda content: content.add_class(name)))
        desk.labels.list.renamed.connect(lambda old, new: self._try(lambda content: content.rename_class(old, new)))
        desk.labels.list.removed.connect(lambda name: self._try(lambda content: content.remove_class(name)))
        desk.edited.connect(self._edited)
        desk.refused.connect(self.say_error)
        desk.kind_chosen.connect(self.begin)
        desk.title_typed.connect(self._rename_open)
        desk.sets.clicked.connect(self.show_shelf)
        desk.back.clicked.connect(self.left)
        desk.export.clicked.connect(self.export)
        desk.use.clicked.connect(self.use)
        shelf.opened.connect(self.open_set)
        shelf.renamed.connect(self._rename)
        shelf.deleted.connect(self._delete)
        shelf.begun.connect(self.begin)
        saver.kept.connect(lambda: desk.saved.setText(tr("Kept")))
        saver.failed.connect(self.say_error)

    @property
    def content(self) -> HandSet | None:
        """The set on the desk."""
        return self.desk.content

    # -- which face -----------------------------------------------------------------------------------------

    def start(self) -> None:
        """Go on with the set on the desk; else show the sets there are, or begin the first one."""
        if self.content is not None:
            self._to_desk()
            return

        def done(sets: list[SetInfo]) -> None:
            if sets:
                self.shelf.show_sets(sets)
                self._to_shelf()
            else:
                self.begin(next(iter(HAND_KINDS)))

        self.session.jobs.start(lambda progress: self.files.sets(), done=done, channel="hand-sets")

    @Slot()
    def show_shelf(self, chosen: Path | None = None) -> None:
        """All sets, the one on the desk chosen."""
        self.saver.flush()
        wanted = chosen or self.saver.path

        def done(sets: list[SetInfo]) -> None:
            self.shelf.show_sets(sets, wanted)
            self._to_shelf()

        self.session.jobs.start(lambda progress: self.files.sets(), done=done, channel="hand-sets")

    def _to_shelf(self) -> None:
        self.stack.setCurrentWidget(self.shelf)
        self.shelf.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _to_desk(self) -> None:
        self.stack.setCurrentWidget(self.desk)
        self.desk.table.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(str)
    def begin(self, task: str) -> None:
        """An empty set; it becomes a file with the first thing that is written."""
        self.saver.flush()  # the title that it has is taken then
        self._show_set(HandSet(HAND_KINDS[task], self.files.free_title(tr("My texts"))))

    @Slot(object)
    def open_set(self, path: Path) -> None:
        """Take a set of the shelf."""
        self.saver.flush()
        self.session.jobs.start(
            lambda progress: self.files.load(path), done=self._show_set, failed=self.failed, channel="hand-open"
        )

    def edit_copy(self, dataset: Dataset) -> None:
        """The rows of an opened file as a set of one's own; of a file made from a set that set itself."""
        path, table, data = dataset.path, dataset.table, dataset.data
        self.saver.flush()

        def work(progress: Progress) -> HandSet:
            from lstm_studio.data.handmade_copy import copy_of

            own = self.files.owner(path)
            if own is not None:
                return self.files.load(own)
            made = copy_of(table, data, self.files.free_title(path.stem), progress)
            self.files.save(made.title, made.kind, made.rows, made.classes)
            return made

        self.busy(tr("Reading the rows"))
        self.session.jobs.start(work, done=self._show_set, failed=self.failed, channel="hand-open")

    def _show_set(self, content: HandSet) -> None:
        self.banner.hide()
        self.saver.follow(content)
        self.desk.show_set(content)
        self.desk.saved.setText(tr("Kept as you type"))
        self._to_desk()

    # -- what is done to the set ----------------------------------------------------------------------------

    def _try(self, change: Callable[[HandSet], object]) -> None:
        content = self.content
        if content is not None:
            try:
                change(content)
            except StudioError as error:
                self.say_error(error)

    @Slot()
    def _edited(self) -> None:
        self.desk.saved.setText(tr("Changed"))
        if self.banner.button.text() == tr("Undo"):
            why = tr("Something else was changed since; Ctrl+Z takes that back first.")
            set_enabled(self.banner.button, False, why)
        self.saver.soon()

    # -- what is done with the set --------------------------------------------------------------------------

    @Slot()
    def use(self) -> None:
        """Open the complete rows as a data set."""
        self.desk.table.commit()
        self.desk.refresh()
        content = self.content
        if content is not None and self.desk.use.isEnabled():
            self.saver.flush()
            self.session.open_written(self.files, content.title, content.kind, content.complete_rows())

    @Slot()
    def export(self) -> None:
        """Write the rows into a file that the person chooses."""
        self.desk.table.commit()
        content = self.content
        if content is None:
            return
        suffix = content.kind.suffix
        start = str(Path.home() / f"{content.title}{suffix}")
        name, _ = QFileDialog.getSaveFileName(self, tr("Save as a file"), start, f"*{suffix}")
        if name:
            self.write_to(Path(name))

    def write_to(self, path: Path) -> None:
        """Write the rows into a file: all of them as CSV, complete sentences as words in columns."""
        content = self.content
        assert content is not None
        kind, rows = content.kind, list(content.rows)
        self.session.jobs.start(
            lambda progress: write_file(path, kind, rows),
            done=lambda path: self.say("success", tr("Saved as {file}.", file=path.name)),
            failed=self.failed,
            channel="hand-export",
        )

    @Slot(str)
    def _rename_open(self, title: str) -> None:
        try:
            self.desk.title.setText(self.saver.rename(title))
        except StudioError as error:
            self.say_error(error)

    @Slot(object, str)
    def _rename(self, path: Path, title: str) -> None:
        """Call a set of the shelf otherwise."""
        try:
            if path == self.saver.path:
                self.saver.rename(title)
                new = self.saver.path
                self.desk.title.setText(self.content.title if self.content is not None else "")
            else:
                new = self.files.rename(path, title)
        except StudioError as error:
            self.say_error(error)
            new = path
        self.show_shelf(new)
        self.say("info", tr("The set is called {title} now.", title=new.stem if new else title), tr("Undo"),
                  lambda: self._rename(new, path.stem) if new else None)  # fmt: skip

    @Slot(object)
    def _delete(self, path: Path) -> None:
        """Take a set away; it can be had back."""
        if not path.exists():  # it has another name meanwhile
            self.show_shelf()
            return
        if path == self.saver.path:
            self.saver.follow(None)
            self.desk.content = None
        try:
            gone = self.files.delete(path)
        except StudioError as error:
            self.say_error(error)
            return

        def back() -> None:
            try:
                self.show_shelf(self.files.restore(gone))
                self.banner.hide()
            except StudioError as error:
                self.say_error(error)

        self.show_shelf()
        self.say("info", tr("{title} is deleted.", title=path.stem), tr("Undo"), back)

    # -- words ----------------------------------------------------------------------------------------------

    def busy(self, words: str) -> None:
        """Say what is being done; it can be cancelled."""
        self.say("info", words, tr("Cancel"), self._cancel)

    def _cancel(self) -> None:
        self.session.jobs.cancel("hand-open")
        self.banner.hide()

    @Slot(object)
    def failed(self, error: Exception) -> None:
        """A job has ended in an error."""
        self.banner.hide()
        if isinstance(error, StudioError):
            self.say_error(error)
        elif not isinstance(error, Cancelled):
            raise error

    @Slot(object)
    def say_error(self, error: StudioError) -> None:
        """Say what cannot be done, and why."""
        self.say("error", error_text(error))

    def say(self, severity: str, text: str, action: str = "", callback: Callable[[], object] | None = None) -> None:
        """A sentence above the set, with at most one thing to do about it."""
        self.banner.button.setEnabled(True)
        self.banner.show_message(severity, text, action, callback)
        self.banner.show()

    # -- leaving --------------------------------------------------------------------------------------------

    def hideEvent(self, event: QHideEvent) -> None:
        self.desk.table.commit()
        self.saver.flush()
        super().hideEvent(event)
