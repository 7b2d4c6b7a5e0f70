"""Where a set is written: its title, the table, the labels, and what is still missing."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from lstm_studio.data.handmade import HandSet
from lstm_studio.data.handmade_kinds import HAND_KINDS
from lstm_studio.data.kinds import KINDS
from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.theme import S1, S2
from lstm_studio.gui.widgets.basic import (
    Button,
    Card,
    IconButton,
    Label,
    Muted,
    PrimaryButton,
    SegmentedControl,
    describe,
    line,
    set_enabled,
)
from lstm_studio.gui.widgets.hand_labels import HandLabels
from lstm_studio.gui.widgets.hand_marks import HandMarks
from lstm_studio.gui.widgets.hand_model import HandModel, Shown
from lstm_studio.gui.widgets.hand_table import HandTable

_SIDE = 268
_COUNT = 30
"""Milliseconds after a change until figures are new; for large sets more."""
_MARKS = 92
_HOW = {
    "label": (
        "Write or paste one text a row. Tab goes on to its label: type it, or give it with a figure or its first "
        "letter. Enter goes to the next row."
    ),
    "tags": (
        "Write or paste one sentence a row. F2 in the second column goes to its words: choose some with Shift and the "
        "arrow keys or the mouse, then press the figure of their type."
    ),
    "text": "Write or paste one pair a row: Tab goes on to the second text, Enter to the next pair.",
}


class HandDesk(QWidget):
    """Shows one HandSet. Everything that is done to it goes through the set, which remembers it for undo."""

    edited = Signal()
    refused = Signal(object)
    """A StudioError: something cannot be done to the set."""
    kind_chosen = Signal(str)
    title_typed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.content: HandSet | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S1)
        column.addLayout(self._head())
        column.addLayout(self._about())
        middle = QHBoxLayout()
        middle.setSpacing(S2)
        middle.addWidget(self._rows(), 1)
        self.labels = HandLabels(lambda: self.table.setFocus(Qt.FocusReason.OtherFocusReason))
        self.labels.setFixedWidth(_SIDE)
        middle.addWidget(self.labels)
        column.addLayout(middle, 1)
        column.addLayout(self._foot())
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.refresh)
        self.table.row_changed.connect(lambda _: self._show_marks())
        self.table.marks_asked.connect(self.marks.setFocus)
        self.table.left.connect(self._leave_table)
        self.labels.list.chosen.connect(lambda name: self._show(name=name))

    # -- parts ----------------------------------------------------------------------------------------------

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(S1)
        self.sets = Button(tr("My sets"), "chevron_left")
        describe(self.sets, tr("My sets"), tr("Shows all sets that you have written, and begins another."), "Alt+Up")
        self.title = QLineEdit()
        self.title.setMaxLength(60)
        self.title.setMinimumWidth(160)
        self.title.setMaximumWidth(280)
        describe(self.title, tr("Name of the set"), tr("What the set is called, and its file."))
        self.title.editingFinished.connect(self._title_edited)
        self.saved = Muted("", wrap=False)
        self.undo = IconButton("undo", tr("Undo"), "", "Ctrl+Z", self._undo)
        self.redo = IconButton("redo", tr("Redo"), "", "Ctrl+Shift+Z", self._redo)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Find"))
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(240)
        describe(self.search, tr("Find"), tr("Shows only rows that hold these words; Enter goes to them."), "Ctrl+F")
        self.search.textChanged.connect(lambda words: self._show(words=words.strip()))
        self.search.returnPressed.connect(lambda: self.table.setFocus(Qt.FocusReason.OtherFocusReason))
        before: tuple[QWidget, ...] = (self.sets, self.title, self.saved)
        behind: tuple[QWidget, ...] = (self.search, self.undo, self.redo)
        for widget in before:
            row.addWidget(widget)
        row.addStretch(1)
        for widget in behind:
            row.addWidget(widget)
        return row

    def _about(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(S2)
        self.how = Muted("")
        self.kinds = SegmentedControl(
            [(task, tr(kind.says), tr(kind.title)) for task, kind in HAND_KINDS.items()], name=tr("What is written")
        )
        self.kinds.changed.connect(lambda task: self.kind_chosen.emit(task))
        row.addWidget(self.kinds)
        row.addWidget(self.how, 1)
        return row

    def _rows(self) -> Card:
        card = Card()
        self.table = HandTable()
        self.table.setMinimumHeight(150)
        card.body.addWidget(self.table, 1)
        self.marks_line = line()
        self.marks = HandMarks()
        self.marks.setObjectName("content")
        self.marks.mark_asked.connect(self._mark)
        self.marks.row_asked.connect(self._next_sentence)
        self.marks.left.connect(lambda: self.table.setFocus(Qt.FocusReason.OtherFocusReason))
        self.marks_area = QScrollArea()
        self.marks_area.setWidgetResizable(True)
        self.marks_area.setFrameShape(QFrame.Shape.NoFrame)
        self.marks_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.marks_area.setFixedHeight(_MARKS)
        self.marks_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.marks_area.setWidget(self.marks)
        card.body.addWidget(self.marks_line)
        card.body.addWidget(self.marks_area)
        return card

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(S1)
        self.count = Label("", tone="muted", wrap=True)
        row.addWidget(self.count, 1)
        self.back = Button(tr("Back"), "chevron_left")
        describe(self.back, tr("Back"), tr("Leaves the set; all of it is kept."))
        self.export = Button(tr("Save as a file"), "save")
        describe(
            self.export, tr("Save as a file"), tr("Writes the rows into a file of your own: CSV, or words in columns."),
            "Ctrl+Shift+S",
        )  # fmt: skip
        self.use = PrimaryButton(tr("Use these texts"), "arrow_right")
        describe(
            self.use, tr("Use these texts"), tr("Opens the complete rows as a data set to train on."), "Ctrl+Return"
        )
        for button in (self.back, self.export, self.use):
            button.setMinimumHeight(36)
            row.addWidget(button)
        return row

    # -- content --------------------------------------------------------------------------------------------

    def show_set(self, content: HandSet) -> None:
        """Show another set."""
        model = self.table.hand
        if model is not None:
            model.forget()
        self.content = content
        self.search.blockSignals(True)
        self.search.clear()
        self.search.blockSignals(False)
        self.labels.list.blockSignals(True)
        self.labels.list.show_all()
        self.labels.list.blockSignals(False)
        fresh = HandModel(content)
        self.table.set_hand(fresh)
        fresh.edited.connect(self._soon)
        fresh.edited.connect(self._show_undo)
        fresh.refused.connect(self.refused)
        fresh.edited.connect(self.edited)
        self.title.setText(content.title)
        self.title.setCursorPosition(0)
        kind = content.kind
        self.kinds.set_value(kind.task)
        place = kind.labelled
        self.how.setText(tr(_HOW[kind.columns[place].holds if place is not None else "text"]))
        self.labels.setVisible(place is not None)
        self.marks_area.setVisible(kind.marks)
        self.marks_line.setVisible(kind.marks)
        self.refresh()

    def _soon(self) -> None:
        """Large sets are counted when the person pauses."""
        rows = len(self.content.rows) if self.content is not None else 0
        self._timer.start(_COUNT + rows // 50)

    def refresh(self) -> None:
        """Figures, labels, what can be undone and what is missing."""
        self._timer.stop()
        content = self.content
        if content is None:
            return
        kind, rows = content.kind, content.complete_rows()
        self.labels.show_set(content)
        self._show_marks()
        self.kinds.setVisible(not content.rows and not content.classes)
        self._show_undo()
        counted = ntr(*KINDS[kind.task].counted, len(rows))
        if kind.names is not None:
            words = [tr("{rows} with {names}.", rows=counted, names=ntr(*kind.names, len(content.counts())))]
        else:
            words = [tr("{rows} so far.", rows=counted)]
        if left := sum(map(any, content.rows)) - len(rows):
            one = "{n} row is not complete and stays out."
            words.append(ntr(one, "{n} rows are not complete and stay out.", left))
        lacks = content.lacks()
        self.count.setText(" ".join([*words, tr(lacks)] if lacks else words))
        set_enabled(self.use, not lacks, tr(lacks))
        set_enabled(self.export, bool(content.rows), tr("There are no rows yet."))

    def _show_undo(self) -> None:
        if (content := self.content) is None:
            return
        undo, redo = tr("Undo: {what}", what=tr(content.undoable)), tr("Redo: {what}", what=tr(content.redoable))
        set_enabled(self.undo, bool(content.undoable), tr("Nothing was changed yet."), undo + _key("Ctrl+Z"))
        set_enabled(self.redo, bool(content.redoable), tr("Nothing was undone."), redo + _key("Ctrl+Shift+Z"))

    def show_rows(self) -> None:
        """All rows as they were typed."""
        self.search.clear()
        self.labels.list.show_all()
        self.table.show_rows(Shown())

    def _show(self, **what: str | None) -> None:
        if (model := self.table.hand) is not None:
            now = model.shown
            values = {"words": now.words, "name": now.name, **what}
            self.table.show_rows(Shown(str(values["words"] or ""), values["name"], now.sort, now.descending))

    def _leave_table(self) -> None:
        """Escape shows all rows again; then it leaves the table."""
        model = self.table.hand
        if model is not None and (model.shown.words or model.shown.name is not None):
            self.show_rows()
        else:
            self.use.setFocus(Qt.FocusReason.OtherFocusReason)
            if not self.use.hasFocus():
                self.back.setFocus(Qt.FocusReason.OtherFocusReason)

    def _title_edited(self) -> None:
        if self.content is not None and self.title.text().strip() != self.content.title:
            self.title_typed.emit(self.title.text().strip())

    def _undo(self) -> None:
        if self.content is not None:
            self.content.undo()

    def _redo(self) -> None:
        if self.content is not None:
            self.content.redo()

    # -- marks ----------------------------------------------------------------------------------------------

    def _show_marks(self) -> None:
        content, model = self.content, self.table.hand
        if content is not None and content.kind.marks and model is not None:
            self.marks.show_row(content, model.row_of(self.table.currentIndex().row()))

    def _mark(self, start: int, end: int, type: str) -> None:
        content, model = self.content, self.table.hand
        if content is not None and model is not None:
            row = model.row_of(self.table.currentIndex().row())
            if row < len(content.rows):
                content.mark(row, start, end, type)
                self._show_marks()

    def _next_sentence(self, by: int) -> None:
        model, here = self.table.hand, self.table.currentIndex()
        if model is not None:
            place = max(0, min(here.row() + by, model.rowCount() - 2))
            self.table.go_to(place, here.column())


def _key(key: str) -> str:
    return f" ({QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)})"
