"""Corpora of NLTK: a table of them, and of the chosen one what it is, with the one step that is next."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFormLayout, QFrame, QHBoxLayout, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from lstm_studio.data.corpora_catalogue import Corpus
from lstm_studio.data.kinds import KINDS
from lstm_studio.data.places import corpus_path
from lstm_studio.gui.i18n import error_text, number, size, tr
from lstm_studio.gui.session import Session
from lstm_studio.gui.theme import S1, S2
from lstm_studio.gui.widgets.basic import (
    Banner,
    Button,
    Card,
    Label,
    Muted,
    PrimaryButton,
    describe,
    set_enabled,
)
from lstm_studio.gui.widgets.corpora_table import CorporaTable, language
from lstm_studio.gui.widgets.health_panel import breakable

_DETAIL_LEAST, _DETAIL_MOST = 348, 520
_PARTS = {"train": "To learn from", "validation": "To check with", "test": "To test on"}


class CorporaPanel(QWidget):
    """``opened`` follows when the chosen corpus is being opened."""

    opened = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session, self.room = session, session.corpora
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S2)
        self.about = Muted(
            tr(
                "Texts that others collected and labelled, downloaded from NLTK when you ask for one. Mind the licence "
                "of each."
            ),
        )
        column.addWidget(self.about)
        row = QHBoxLayout()
        row.setSpacing(S2)
        column.addLayout(row, 1)
        board = Card(tr("Corpora"))
        self.table = CorporaTable()
        self.table.selectionModel().currentRowChanged.connect(self._chosen)
        self.table.doubleClicked.connect(self.next_step)
        board.body.addWidget(self.table, 1)
        row.addWidget(board, 5)
        row.addWidget(self._detail(), 2)
        self.room.changed.connect(self.refresh)
        self.refresh()

    # -- building -------------------------------------------------------------------------------------------

    def _detail(self) -> QWidget:
        self.detail = Card(" ")
        self.detail.setMinimumWidth(_DETAIL_LEAST)
        self.detail.setMaximumWidth(_DETAIL_MOST)
        self.detail.title.setWordWrap(True)
        self.detail.header.setStretchFactor(self.detail.title, 1)
        self.help = Label("", wrap=True)
        self.form = QFormLayout()
        self.form.setContentsMargins(0, 0, 0, 0)
        self.form.setHorizontalSpacing(S2)
        self.form.setVerticalSpacing(S1 - 2)
        self.form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.facts = QWidget()
        self.facts.setLayout(self.form)
        inner = QWidget()
        inner.setObjectName("content")
        words = QVBoxLayout(inner)
        words.setContentsMargins(0, 0, S1, 0)
        words.setSpacing(S2)
        words.addWidget(self.help)
        words.addWidget(self.facts)
        words.addStretch(1)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(inner)
        self.detail.body.addWidget(self.area, 1)
        self.banner = Banner("error", "", closable=True)
        self.banner.closed.connect(self._forget_error)
        self.detail.body.addWidget(self.banner)
        self.progress_words = Muted("")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Progress of the download"))
        self.detail.body.addWidget(self.progress_words)
        self.detail.body.addWidget(self.bar)
        buttons = QHBoxLayout()
        buttons.setSpacing(S1)
        self.remove = Button(tr("Remove"), "trash", self._remove)
        self.cancel = Button(tr("Cancel"), "cancel", self.room.cancel)
        describe(self.cancel, tr("Cancel"), tr("Stops the download; nothing half is kept."))
        self.download = PrimaryButton(tr("Download"), "save", callback=self._download)
        self.open = PrimaryButton(tr("Open"), "open", callback=self._open)
        describe(self.open, tr("Open"), tr("Opens it as your data, with its own parts to check with and to test on."))
        buttons.addWidget(self.remove)
        buttons.addStretch(1)
        for button in (self.cancel, self.download, self.open):
            buttons.addWidget(button)
        self.detail.body.addLayout(buttons)
        return self.detail

    # -- showing --------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.room.look()
        self.table.setFocus()

    @Slot()
    def _chosen(self) -> None:
        self.refresh()
        self.area.verticalScrollBar().setValue(0)

    @Slot()
    def refresh(self) -> None:
        """Show what is known of all, and of the chosen one."""
        fetching = self.room.fetching
        self.table.corpora.show(self.room.known, fetching.corpus.name if fetching is not None else "")
        corpus = self.table.chosen()
        here = self.table.corpora.is_here(corpus)
        own = fetching is not None and fetching.corpus.name == corpus.name
        self.detail.set_title(tr(corpus.title))
        self.help.setText(tr(corpus.help))
        self._show_facts(corpus)
        error = self.room.error
        self.banner.setVisible(error is not None and error[0] == corpus.name)
        if error is not None:
            self.banner.show_message("error", breakable(error_text(error[1])))
        self.progress_words.setVisible(own)
        self.bar.setVisible(own)
        if fetching is not None and own:
            self.progress_words.setText(
                tr(fetching.words) if fetching.words else tr("Asking the server of the corpora")
            )
            self.bar.setRange(0, 0 if fetching.fraction < 0 else 1000)
            self.bar.setValue(int(1000 * max(0.0, fetching.fraction)))
        self.cancel.setVisible(own)
        self.download.setVisible(not here and not own)
        self.open.setVisible(here and not own)
        self.remove.setVisible(here and not own)
        what = tr("Downloads {size}; it can be stopped at any time.", size=size(corpus.size))
        describe(self.download, tr("Download {name}", name=tr(corpus.title)), what)
        set_enabled(self.download, fetching is None, tr("Another corpus is on its way; one comes at a time."), what)
        removing = tr("Deletes {packages} from this computer.", packages=", ".join(corpus.packages))
        describe(self.remove, tr("Remove {name}", name=tr(corpus.title)), removing)

    def _show_facts(self, corpus: Corpus) -> None:
        while self.form.rowCount():
            self.form.removeRow(0)
        known = self.room.known.get(corpus.name)
        facts = [
            (tr("Task"), tr(KINDS[corpus.task].title)),
            (tr("Labels"), tr(corpus.kind)),
            (tr("Language"), language(corpus)),
        ]
        for part, rows in corpus.parts.items():
            facts.append((tr(_PARTS[part]), "—" if rows is None else number(rows)))
        facts += [
            (tr("Licence"), tr(corpus.licence)),
            (tr("Terms"), corpus.terms),
            (tr("Page"), corpus.page),
            (tr("Path"), corpus_path(corpus.name)),
            (tr("Folder"), known.place if known is not None else ""),
        ]
        for name, value in facts:
            if not value or (name == tr("Terms") and value == corpus.licence):
                continue
            label = Label(name, tone="muted")
            label.setMinimumWidth(84)
            label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            words = Label(breakable(value), wrap=True)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            words.setAccessibleName(f"{name}: {value}")
            words.setAccessibleDescription(tr("Can be selected and copied."))
            self.form.addRow(label, words)

    # -- acting ---------------------------------------------------------------------------------------------

    @Slot()
    def next_step(self) -> None:
        """Open the chosen corpus if it is here, else fetch it."""
        if self.table.corpora.is_here(self.table.chosen()):
            self._open()
        else:
            self._download()

    def _download(self) -> None:
        self.room.download(self.table.chosen())

    def _open(self) -> None:
        self.room.open(self.table.chosen())
        self.opened.emit()

    def _remove(self) -> None:
        self.room.remove(self.table.chosen())

    def _forget_error(self) -> None:
        self.room.error = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.next_step()
        else:
            super().keyPressEvent(event)
